/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "freshness.h"

#include <stdint.h>

#include <CUnit/Basic.h>

void secmgr_test_freshness(void);

#define CHECK_CASE(good, sentence) CU_assertImplementation((good), __LINE__, (sentence), __FILE__, "", CU_FALSE)
#define DEFAULT_S 300
#define STALE_IF_ERROR_S 3600
#define FIELDS_MAX 4

struct answer
{
	const char *sentence;
	struct
	{
		const char *name, *value;
	} fields[FIELDS_MAX];
	uint32_t lifetime_s;
};

static struct secmgr_lifetimes lifetimes_of(const struct answer *answer)
{
	struct secmgr_freshness freshness = {0};

	for(unsigned i = 0; i < FIELDS_MAX && answer->fields[i].name; i++)
		secmgr_freshness_take_field(
				&freshness, secmgr_slice_of(answer->fields[i].name), secmgr_slice_of(answer->fields[i].value));
	return secmgr_freshness_lifetimes(&freshness, DEFAULT_S, STALE_IF_ERROR_S);
}

static void check(const struct answer *answers, size_t count)
{
	for(size_t i = 0; i < count; i++)
		CHECK_CASE(lifetimes_of(&answers[i]).fresh_s == answers[i].lifetime_s, answers[i].sentence);
}

#define CHECK_ALL(answers) check(answers, sizeof(answers) / sizeof(answers[0]))
#define CC "Cache-Control"

static void the_service_says_how_long_its_answer_may_be_used(void)
{
	static const struct answer answers[] = {
			{"nothing is said: the configured time", {{NULL, NULL}}, DEFAULT_S},
			{"max-age", {{CC, "max-age=60"}}, 60},
			{"above the configured time", {{CC, "max-age=7200"}}, 7200},
			{"zero", {{CC, "max-age=0"}}, 0},
			{"in any case", {{"cache-CONTROL", "Max-Age=60"}}, 60},
			{"among others", {{CC, "private, max-age=60 , must-revalidate"}}, 60},
			{"empty elements of the list", {{CC, ",, max-age=60,,"}}, 60},
			{"blanks around it", {{CC, " \t max-age=60\t"}}, 60},
			{"quoted, which a sender should not do", {{CC, "max-age=\"60\""}}, 60},
			{"leading zeroes", {{CC, "max-age=0060"}}, 60},
			{"a day is all it may ask for", {{CC, "max-age=86400"}}, 86400},
			{"a day and a second is a day", {{CC, "max-age=86401"}}, 86400},
			{"2^32 + 60 does not wrap", {{CC, "max-age=4294967356"}}, 86400},
			{"a number of forty digits", {{CC, "max-age=9999999999999999999999999999999999999999"}}, 86400},
			{"another field of that value", {{"X-Cache-Control", "max-age=60"}}, DEFAULT_S},
			{"another directive that ends the same", {{CC, "s-max-age=60"}}, DEFAULT_S},
			{"another directive that begins the same", {{CC, "max-ages=60"}}, DEFAULT_S},
			{"for shared caches, which this is not", {{CC, "s-maxage=60"}}, DEFAULT_S},
			{"max-age within a quoted string is text", {{CC, "note=\"a, max-age=60\""}}, DEFAULT_S},
			{"a quoted pair does not end the string", {{CC, "note=\"a\\\", max-age=60\""}}, DEFAULT_S},
			{"an empty field", {{CC, ""}}, DEFAULT_S},
	};

	CHECK_ALL(answers);
}

static void check_forbidden(const struct answer *answers, size_t count, bool may_be_kept)
{
	for(size_t i = 0; i < count; i++) {
		struct secmgr_lifetimes lifetimes = lifetimes_of(&answers[i]);

		CHECK_CASE(lifetimes.keep == may_be_kept, answers[i].sentence);
		CHECK_CASE(lifetimes.fresh_s == 0, answers[i].sentence);
		CHECK_CASE(lifetimes.stale_while_revalidate_s == 0, answers[i].sentence);
		CHECK_CASE(lifetimes.stale_if_error_s == 0, answers[i].sentence);
	}
}

#define CHECK_ALL_FORBIDDEN(answers, may_be_kept) \
	check_forbidden(answers, sizeof(answers) / sizeof(answers[0]), may_be_kept)
#define STALE "stale-while-revalidate=60, stale-if-error=60"

static void an_answer_that_must_not_be_kept_is_not(void)
{
	static const struct answer answers[] = {
			{"no-store", {{CC, "no-store"}}, 0},
			{"no-store beside a max-age", {{CC, "max-age=60, no-store"}}, 0},
			{"in another field", {{CC, "max-age=60"}, {CC, "NO-STORE"}}, 0},
			{"with an argument it should not have", {{CC, "max-age=60, no-store=1"}}, 0},
			{"beside what is to be used while stale", {{CC, "max-age=60, no-store, " STALE}}, 0},
			{"Vary: *", {{CC, "max-age=60"}, {"Vary", "*"}}, 0},
			{"Vary: * among others", {{CC, "max-age=60"}, {"vary", "Accept , *"}}, 0},
			{"semicolons for commas", {{CC, "no-store; max-age=60"}}, 0},
			{"blanks around the equals sign", {{CC, "max-age = 60"}}, 0},
			{"a quote that is left open", {{CC, "max-age=60, note=\"a"}}, 0},
			{"a quote that hides a no-store", {{CC, "max-age=60, note=\"a, no-store"}}, 0},
			{"a name that is no token", {{CC, "max-age=60, @=1"}}, 0},
			{"no name", {{CC, "max-age=60, =1"}}, 0},
	};

	CHECK_ALL_FORBIDDEN(answers, false);
}

static void an_answer_that_must_be_revalidated_is_kept_for_that_alone(void)
{
	static const struct answer answers[] = {
			{"no-cache", {{CC, "no-cache"}}, 0},
			{"beside a max-age", {{CC, "no-cache, max-age=60"}}, 0},
			{"beside what is to be used while stale", {{CC, STALE}, {CC, "no-cache"}}, 0},
			{"for one field", {{CC, "max-age=60, no-cache=\"Set-Cookie, Foo\""}}, 0},
			{"must-revalidate, and no longer fresh", {{CC, "max-age=0, must-revalidate, " STALE}}, 0},
			{"of an unknown age", {{CC, "max-age=60, " STALE}, {"Age", "young"}}, 0},
	};

	CHECK_ALL_FORBIDDEN(answers, true);
}

static void another_vary_does_no_harm(void)
{
	static const struct answer answers[] = {
			{"another Vary", {{CC, "max-age=60"}, {"Vary", "Accept, Authorization"}}, 60},
	};

	CHECK_ALL(answers);
}

struct stale_answer
{
	struct answer answer;
	uint32_t stale_while_revalidate_s, stale_if_error_s;
};

static void what_is_no_longer_fresh_may_be_better_than_nothing(void)
{
	static const struct stale_answer answers[] = {
			{{"nothing is said", {{NULL, NULL}}, DEFAULT_S}, 0, STALE_IF_ERROR_S},
			{{"max-age", {{CC, "max-age=60"}}, 60}, 0, STALE_IF_ERROR_S},
			{{"max-age=0", {{CC, "max-age=0"}}, 0}, 0, STALE_IF_ERROR_S},
			{{"both", {{CC, "max-age=60, stale-while-revalidate=30, stale-if-error=600"}}, 60}, 30, 600},
			{{"in any case", {{CC, "Stale-While-Revalidate=30, STALE-IF-ERROR=600"}}, DEFAULT_S}, 30, 600},
			{{"quoted", {{CC, "stale-while-revalidate=\"30\", stale-if-error=\"600\""}}, DEFAULT_S}, 30, 600},
			{{"in two fields", {{CC, "stale-while-revalidate=30"}, {CC, "stale-if-error=600"}}, DEFAULT_S}, 30, 600},
			{{"forbidden by itself", {{CC, "stale-if-error=0"}}, DEFAULT_S}, 0, 0},
			{{"as much as is configured", {{CC, "stale-if-error=3600"}}, DEFAULT_S}, 0, 3600},
			{{"more than is configured", {{CC, "stale-if-error=3601"}}, DEFAULT_S}, 0, 3600},
			{{"a day", {{CC, "stale-while-revalidate=86400"}}, DEFAULT_S}, 86400, STALE_IF_ERROR_S},
			{{"above a day", {{CC, "stale-while-revalidate=86401"}}, DEFAULT_S}, 86400, STALE_IF_ERROR_S},
			{{"above 2^32", {{CC, "stale-while-revalidate=4294967297"}}, DEFAULT_S}, 86400, STALE_IF_ERROR_S},
			{{"twice: the smaller", {{CC, "stale-while-revalidate=9, stale-while-revalidate=5"}}, DEFAULT_S}, 5,
					STALE_IF_ERROR_S},
			{{"twice, the smaller first", {{CC, "stale-if-error=5"}, {CC, "stale-if-error=9"}}, DEFAULT_S}, 0, 5},
			{{"no number", {{CC, "stale-while-revalidate=soon, stale-if-error=later"}}, DEFAULT_S}, 0, 0},
			{{"no argument", {{CC, "stale-while-revalidate, stale-if-error"}}, DEFAULT_S}, 0, 0},
			{{"one bad, one good", {{CC, "stale-if-error=60, stale-if-error=-1"}}, DEFAULT_S}, 0, 0},
			{{"must-revalidate", {{CC, "max-age=60, must-revalidate"}}, 60}, 0, 0},
			{{"must-revalidate beside both", {{CC, STALE}, {CC, "Must-Revalidate=1"}}, DEFAULT_S}, 0, 0},
			{{"to shared caches alone", {{CC, "proxy-revalidate, s-maxage=1, private"}}, DEFAULT_S}, 0,
					STALE_IF_ERROR_S},
			{{"younger than its life", {{CC, "max-age=60, " STALE}, {"Age", "60"}}, 0}, 60, 60},
			{{"older than its life", {{CC, "max-age=60, " STALE}, {"Age", "100"}}, 0}, 20, 20},
			{{"older than all of it", {{CC, "max-age=60, " STALE}, {"Age", "120"}}, 0}, 0, 0},
			{{"within a quoted string", {{CC, "note=\"stale-if-error=5, stale-while-revalidate=5\""}}, DEFAULT_S}, 0,
					STALE_IF_ERROR_S},
	};

	for(size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct secmgr_lifetimes lifetimes = lifetimes_of(&answers[i].answer);

		CHECK_CASE(lifetimes.keep, answers[i].answer.sentence);
		CHECK_CASE(lifetimes.fresh_s == answers[i].answer.lifetime_s, answers[i].answer.sentence);
		CHECK_CASE(lifetimes.stale_while_revalidate_s == answers[i].stale_while_revalidate_s,
				answers[i].answer.sentence);
		CHECK_CASE(lifetimes.stale_if_error_s == answers[i].stale_if_error_s, answers[i].answer.sentence);
	}
}

static void stale_if_error_can_be_turned_off(void)
{
	struct secmgr_freshness freshness = {0};

	secmgr_freshness_take_field(&freshness, SECMGR_SLICE(CC), SECMGR_SLICE("max-age=60, " STALE));
	CU_ASSERT_EQUAL(secmgr_freshness_lifetimes(&freshness, DEFAULT_S, 0).stale_if_error_s, 0);
	CU_ASSERT_EQUAL(secmgr_freshness_lifetimes(&freshness, DEFAULT_S, 0).stale_while_revalidate_s, 60);
}

static void stale_if_error_alone_is_held_to_a_day(void)
{
	struct secmgr_freshness freshness = {0};

	secmgr_freshness_take_field(&freshness, SECMGR_SLICE(CC), SECMGR_SLICE("stale-if-error=99999"));
	CU_ASSERT_EQUAL(secmgr_freshness_lifetimes(&freshness, DEFAULT_S, 1000000).stale_if_error_s, 86400);
}

static void what_is_not_cached_by_configuration_is_not_used_stale_unless_the_service_says_so(void)
{
	struct secmgr_freshness silent = {0}, asking = {0}, aged = {0};

	CU_ASSERT_EQUAL(secmgr_freshness_lifetimes(&silent, 0, STALE_IF_ERROR_S).fresh_s, 0);
	CU_ASSERT_EQUAL(secmgr_freshness_lifetimes(&silent, 0, STALE_IF_ERROR_S).stale_if_error_s, 0);
	secmgr_freshness_take_field(&asking, SECMGR_SLICE(CC), SECMGR_SLICE("stale-if-error=60"));
	CU_ASSERT_EQUAL(secmgr_freshness_lifetimes(&asking, 0, STALE_IF_ERROR_S).stale_if_error_s, 60);
	secmgr_freshness_take_field(&aged, SECMGR_SLICE(CC), SECMGR_SLICE("max-age=60"));
	CU_ASSERT_EQUAL(secmgr_freshness_lifetimes(&aged, 0, STALE_IF_ERROR_S).stale_if_error_s, STALE_IF_ERROR_S);
}

static void the_time_it_spent_in_other_caches_is_taken_off(void)
{
	static const struct answer answers[] = {
			{"Age", {{CC, "max-age=60"}, {"Age", "20"}}, 40},
			{"Age before Cache-Control", {{"Age", "20"}, {CC, "max-age=60"}}, 40},
			{"as old as it may be", {{CC, "max-age=60"}, {"Age", "60"}}, 0},
			{"older than it may be", {{CC, "max-age=60"}, {"Age", "61"}}, 0},
			{"a day of what is left is all it may ask for", {{CC, "max-age=172800"}, {"Age", "60"}}, 86400},
			{"off the configured time too", {{"Age", "20"}}, DEFAULT_S - 20},
			{"twice: the greater", {{CC, "max-age=60"}, {"Age", "30"}, {"Age", "20"}}, 30},
			{"above 2^32", {{CC, "max-age=60"}, {"Age", "4294967296"}}, 0},
			{"not a number", {{CC, "max-age=60"}, {"Age", "young"}}, 0},
			{"negative", {{CC, "max-age=60"}, {"Age", "-1"}}, 0},
			{"empty", {{CC, "max-age=60"}, {"Age", ""}}, 0},
	};

	CHECK_ALL(answers);
}

static void what_cannot_be_understood_makes_it_less_fresh(void)
{
	static const struct answer answers[] = {
			{"max-age twice: the smaller", {{CC, "max-age=60, max-age=30"}}, 30},
			{"max-age twice, the smaller first", {{CC, "max-age=30"}, {CC, "max-age=60"}}, 30},
			{"no number", {{CC, "max-age=soon"}}, 0},
			{"no argument", {{CC, "max-age"}}, 0},
			{"an empty argument", {{CC, "max-age="}}, 0},
			{"negative", {{CC, "max-age=-60"}}, 0},
			{"signed", {{CC, "max-age=+60"}}, 0},
			{"a fraction", {{CC, "max-age=6.5"}}, 0},
			{"half a quoted number", {{CC, "max-age=\"60"}}, 0},
			{"one bad, one good", {{CC, "max-age=soon, max-age=60"}}, 0},
	};

	CHECK_ALL(answers);
}

static void a_byte_of_zero_in_a_field_is_only_a_byte(void)
{
	struct secmgr_freshness freshness = {0};

	secmgr_freshness_take_field(&freshness, SECMGR_SLICE(CC), SECMGR_SLICE("max-age=60\0, max-age=99"));
	CU_ASSERT_EQUAL(secmgr_freshness_lifetimes(&freshness, DEFAULT_S, STALE_IF_ERROR_S).fresh_s, 0);
}

static void the_configured_time_may_be_longer_than_a_day(void)
{
	struct secmgr_freshness freshness = {0};

	CU_ASSERT_EQUAL(secmgr_freshness_lifetimes(&freshness, 2 * SECMGR_FRESHNESS_MAX_S, 0).fresh_s,
			2 * SECMGR_FRESHNESS_MAX_S);
}

void secmgr_test_freshness(void)
{
	CU_pSuite suite = CU_add_suite("freshness", NULL, NULL);

	CU_ADD_TEST(suite, the_service_says_how_long_its_answer_may_be_used);
	CU_ADD_TEST(suite, an_answer_that_must_not_be_kept_is_not);
	CU_ADD_TEST(suite, an_answer_that_must_be_revalidated_is_kept_for_that_alone);
	CU_ADD_TEST(suite, another_vary_does_no_harm);
	CU_ADD_TEST(suite, what_is_no_longer_fresh_may_be_better_than_nothing);
	CU_ADD_TEST(suite, stale_if_error_can_be_turned_off);
	CU_ADD_TEST(suite, stale_if_error_alone_is_held_to_a_day);
	CU_ADD_TEST(suite, what_is_not_cached_by_configuration_is_not_used_stale_unless_the_service_says_so);
	CU_ADD_TEST(suite, the_time_it_spent_in_other_caches_is_taken_off);
	CU_ADD_TEST(suite, what_cannot_be_understood_makes_it_less_fresh);
	CU_ADD_TEST(suite, a_byte_of_zero_in_a_field_is_only_a_byte);
	CU_ADD_TEST(suite, the_configured_time_may_be_longer_than_a_day);
}
