/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "freshness.h"

#include <stdint.h>

#include <CUnit/Basic.h>

void secmgr_test_freshness(void);

#define CHECK_CASE(good, sentence) CU_assertImplementation((good), __LINE__, (sentence), __FILE__, "", CU_FALSE)
#define DEFAULT_S 300
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

static uint32_t lifetime_of(const struct answer *answer)
{
	struct secmgr_freshness freshness = {0};

	for(unsigned i = 0; i < FIELDS_MAX && answer->fields[i].name; i++)
		secmgr_freshness_take_field(
				&freshness, secmgr_slice_of(answer->fields[i].name), secmgr_slice_of(answer->fields[i].value));
	return secmgr_freshness_lifetime_s(&freshness, DEFAULT_S);
}

static void check(const struct answer *answers, size_t count)
{
	for(size_t i = 0; i < count; i++)
		CHECK_CASE(lifetime_of(&answers[i]) == answers[i].lifetime_s, answers[i].sentence);
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

static void an_answer_that_must_not_be_kept_is_not(void)
{
	static const struct answer answers[] = {
			{"no-store", {{CC, "no-store"}}, 0},
			{"no-store beside a max-age", {{CC, "max-age=60, no-store"}}, 0},
			{"in another field", {{CC, "max-age=60"}, {CC, "NO-STORE"}}, 0},
			{"with an argument it should not have", {{CC, "max-age=60, no-store=1"}}, 0},
			{"no-cache", {{CC, "no-cache, max-age=60"}}, 0},
			{"no-cache for one field", {{CC, "max-age=60, no-cache=\"Set-Cookie, Foo\""}}, 0},
			{"Vary: *", {{CC, "max-age=60"}, {"Vary", "*"}}, 0},
			{"Vary: * among others", {{CC, "max-age=60"}, {"vary", "Accept , *"}}, 0},
			{"another Vary", {{CC, "max-age=60"}, {"Vary", "Accept, Authorization"}}, 60},
	};

	CHECK_ALL(answers);
}

static void the_time_it_spent_in_other_caches_is_taken_off(void)
{
	static const struct answer answers[] = {
			{"Age", {{CC, "max-age=60"}, {"Age", "20"}}, 40},
			{"Age before Cache-Control", {{"Age", "20"}, {CC, "max-age=60"}}, 40},
			{"as old as it may be", {{CC, "max-age=60"}, {"Age", "60"}}, 0},
			{"older than it may be", {{CC, "max-age=60"}, {"Age", "61"}}, 0},
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
			{"blanks around the equals sign", {{CC, "max-age = 60"}}, 0},
			{"semicolons for commas", {{CC, "no-store; max-age=60"}}, 0},
			{"a quote that is left open", {{CC, "max-age=60, note=\"a"}}, 0},
			{"a quote that hides a no-store", {{CC, "max-age=60, note=\"a, no-store"}}, 0},
			{"half a quoted number", {{CC, "max-age=\"60"}}, 0},
			{"one bad, one good", {{CC, "max-age=soon, max-age=60"}}, 0},
			{"a name that is no token", {{CC, "max-age=60, @=1"}}, 0},
			{"no name", {{CC, "max-age=60, =1"}}, 0},
	};

	CHECK_ALL(answers);
}

static void a_byte_of_zero_in_a_field_is_only_a_byte(void)
{
	struct secmgr_freshness freshness = {0};

	secmgr_freshness_take_field(&freshness, SECMGR_SLICE(CC), SECMGR_SLICE("max-age=60\0, max-age=99"));
	CU_ASSERT_EQUAL(secmgr_freshness_lifetime_s(&freshness, DEFAULT_S), 0);
}

static void the_configured_time_may_be_longer_than_a_day(void)
{
	struct secmgr_freshness freshness = {0};

	CU_ASSERT_EQUAL(secmgr_freshness_lifetime_s(&freshness, 2 * SECMGR_FRESHNESS_MAX_S), 2 * SECMGR_FRESHNESS_MAX_S);
}

void secmgr_test_freshness(void)
{
	CU_pSuite suite = CU_add_suite("freshness", NULL, NULL);

	CU_ADD_TEST(suite, the_service_says_how_long_its_answer_may_be_used);
	CU_ADD_TEST(suite, an_answer_that_must_not_be_kept_is_not);
	CU_ADD_TEST(suite, the_time_it_spent_in_other_caches_is_taken_off);
	CU_ADD_TEST(suite, what_cannot_be_understood_makes_it_less_fresh);
	CU_ADD_TEST(suite, a_byte_of_zero_in_a_field_is_only_a_byte);
	CU_ADD_TEST(suite, the_configured_time_may_be_longer_than_a_day);
}
