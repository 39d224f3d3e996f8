/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "endpoint_breaker.h"

#include <stddef.h>
#include <string.h>

#include <CUnit/Basic.h>

void secmgr_test_endpoint_breaker(void);

#define CHECK_CASE(good, sentence) CU_assertImplementation((good), __LINE__, (sentence), __FILE__, "", CU_FALSE)

#define OPEN_MS 5000u
#define PROBE_MS 3000u
#define START_MS 1000000u

static struct secmgr_breaker breaker;
static uint64_t now_ms;

static void begin(void)
{
	memset(&breaker, 0xff, sizeof(breaker));
	secmgr_breaker_init(&breaker, OPEN_MS, PROBE_MS);
	now_ms = START_MS;
}

static bool is(const char *state)
{
	return strcmp(secmgr_breaker_state_name(&breaker), state) == 0;
}

static enum secmgr_breaker_permission ask(void)
{
	return secmgr_breaker_ask(&breaker, now_ms);
}

static enum secmgr_breaker_change report(enum secmgr_breaker_permission permission, enum secmgr_breaker_result result)
{
	return secmgr_breaker_report(&breaker, permission, result, now_ms);
}

/* Asked and reported at once, one for each letter: 's'uccess, 'f'ailure, 'n'othing learned. The last change. */
static enum secmgr_breaker_change see(const char *results)
{
	enum secmgr_breaker_change change = SECMGR_BREAKER_DID_NOT_CHANGE;

	for(; *results; results++)
		change = report(ask(), *results == 's'	 ? SECMGR_BREAKER_SUCCEEDED
							   : *results == 'f' ? SECMGR_BREAKER_FAILED
												 : SECMGR_BREAKER_LEARNED_NOTHING);
	return change;
}

static void begin_open(void)
{
	begin();
	CU_ASSERT_EQUAL(see("fffff"), SECMGR_BREAKER_OPENED);
}

/* With the probe under way. */
static void begin_half_open(void)
{
	begin_open();
	now_ms += OPEN_MS;
	CU_ASSERT_EQUAL(ask(), SECMGR_BREAKER_PERMITS_A_PROBE);
}

static void a_new_breaker_is_closed_and_permits(void)
{
	begin();
	CU_ASSERT_TRUE(is("closed"));
	CU_ASSERT_EQUAL(ask(), SECMGR_BREAKER_PERMITS);
	CU_ASSERT_TRUE(secmgr_breaker_would_permit(&breaker, now_ms));
	CU_ASSERT_EQUAL(secmgr_breaker_left_ms(&breaker, now_ms), 0);
}

static void too_many_failures_open_it(void)
{
	static const struct
	{
		const char *results, *state;
	} cases[] = {
			{"ffff", "closed"},
			{"fffff", "open"},
			{"ffffsffff", "closed"},
			{"ffffsfffff", "open"},
			{"ffffnf", "open"},
			{"nnnnnnnnnn", "closed"},
			{"fsfsfsfsfsfsfsfsfs", "closed"},
			{"fsfsfsfsfsfsfsfsfsf", "open"},
			{"ffffsffffsf", "closed"},
			{"ffffsffffsff", "open"},
			{"ssssssssssssssssssssffffsffffsff", "open"},
			/* the tenth failure comes when the first is 20 results ago, and no longer counts */
			{"fssfsfsfsfsfsfsfsfssf", "closed"},
			{"fssfsfsfsfsfsfsfsfsf", "open"},
			{"fssfssfssfssfssfssfssfssfssfssfssfssfss", "closed"},
	};

	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin();
		see(cases[i].results);
		CHECK_CASE(is(cases[i].state), cases[i].results);
	}
}

static void it_says_once_that_it_opened(void)
{
	begin();
	CU_ASSERT_EQUAL(see("ffff"), SECMGR_BREAKER_DID_NOT_CHANGE);
	CU_ASSERT_EQUAL(see("f"), SECMGR_BREAKER_OPENED);
	for(unsigned i = 0; i < 30; i++)
		CU_ASSERT_EQUAL(report(SECMGR_BREAKER_PERMITS, SECMGR_BREAKER_FAILED), SECMGR_BREAKER_DID_NOT_CHANGE);
}

static void it_stays_open_for_its_time_to_the_millisecond(void)
{
	begin_open();
	CU_ASSERT_EQUAL(secmgr_breaker_left_ms(&breaker, now_ms), OPEN_MS);
	CU_ASSERT_EQUAL(ask(), SECMGR_BREAKER_REFUSES);
	now_ms += OPEN_MS - 1;
	CU_ASSERT_EQUAL(secmgr_breaker_left_ms(&breaker, now_ms), 1);
	CU_ASSERT_FALSE(secmgr_breaker_would_permit(&breaker, now_ms));
	CU_ASSERT_EQUAL(ask(), SECMGR_BREAKER_REFUSES);
	now_ms += 1;
	CU_ASSERT_EQUAL(secmgr_breaker_left_ms(&breaker, now_ms), 0);
	CU_ASSERT_TRUE(secmgr_breaker_would_permit(&breaker, now_ms));
	CU_ASSERT_TRUE(is("open"));
	CU_ASSERT_EQUAL(ask(), SECMGR_BREAKER_PERMITS_A_PROBE);
	CU_ASSERT_TRUE(is("half-open"));
}

static void one_probe_goes_through_at_a_time(void)
{
	begin_half_open();
	for(unsigned i = 0; i < 100; i++)
		CU_ASSERT_EQUAL(ask(), SECMGR_BREAKER_REFUSES);
	CU_ASSERT_EQUAL(secmgr_breaker_left_ms(&breaker, now_ms), PROBE_MS);
}

static void a_probe_that_succeeds_closes_it(void)
{
	begin_half_open();
	CU_ASSERT_EQUAL(report(SECMGR_BREAKER_PERMITS_A_PROBE, SECMGR_BREAKER_SUCCEEDED), SECMGR_BREAKER_CLOSED);
	CU_ASSERT_TRUE(is("closed"));
	CU_ASSERT_EQUAL(ask(), SECMGR_BREAKER_PERMITS);
	CU_ASSERT_EQUAL(see("ffff"), SECMGR_BREAKER_DID_NOT_CHANGE); /* what was before is forgotten */
	CU_ASSERT_EQUAL(see("f"), SECMGR_BREAKER_OPENED);
}

static void a_probe_that_fails_opens_it_for_twice_as_long(void)
{
	static const uint64_t open_ms[] = {10000, 20000, 40000, 60000, 60000};

	begin_open();
	now_ms += OPEN_MS;
	for(size_t i = 0; i < sizeof(open_ms) / sizeof(open_ms[0]); i++) {
		CU_ASSERT_EQUAL(see("f"), SECMGR_BREAKER_DID_NOT_CHANGE);
		CU_ASSERT_TRUE(is("open"));
		CU_ASSERT_EQUAL(secmgr_breaker_left_ms(&breaker, now_ms), open_ms[i]);
		now_ms += open_ms[i];
	}
	CU_ASSERT_EQUAL(see("s"), SECMGR_BREAKER_CLOSED);
	see("fffff");
	CU_ASSERT_EQUAL(secmgr_breaker_left_ms(&breaker, now_ms), OPEN_MS);
}

static void an_operators_longer_time_is_kept(void)
{
	begin();
	secmgr_breaker_init(&breaker, 600000, PROBE_MS);
	see("fffff");
	now_ms += 600000;
	see("f");
	CU_ASSERT_EQUAL(secmgr_breaker_left_ms(&breaker, now_ms), 600000);
}

static void a_probe_that_learned_nothing_makes_room_for_the_next(void)
{
	begin_half_open();
	CU_ASSERT_EQUAL(
			report(SECMGR_BREAKER_PERMITS_A_PROBE, SECMGR_BREAKER_LEARNED_NOTHING), SECMGR_BREAKER_DID_NOT_CHANGE);
	CU_ASSERT_TRUE(is("half-open"));
	CU_ASSERT_EQUAL(secmgr_breaker_left_ms(&breaker, now_ms), 0);
	CU_ASSERT_EQUAL(ask(), SECMGR_BREAKER_PERMITS_A_PROBE);
	CU_ASSERT_EQUAL(ask(), SECMGR_BREAKER_REFUSES);
}

static void a_probe_that_never_reports_is_given_up(void)
{
	begin_half_open();
	now_ms += PROBE_MS - 1;
	CU_ASSERT_EQUAL(ask(), SECMGR_BREAKER_REFUSES);
	now_ms += 1;
	CU_ASSERT_EQUAL(ask(), SECMGR_BREAKER_PERMITS_A_PROBE);
	CU_ASSERT_EQUAL(ask(), SECMGR_BREAKER_REFUSES);
	CU_ASSERT_EQUAL(report(SECMGR_BREAKER_PERMITS_A_PROBE, SECMGR_BREAKER_SUCCEEDED), SECMGR_BREAKER_CLOSED);
}

/* What was asked while it was closed, and is reported when it is not. */
static void late_reports_of_calls_before_it_opened_change_nothing(void)
{
	for(int result = SECMGR_BREAKER_LEARNED_NOTHING; result <= SECMGR_BREAKER_FAILED; result++) {
		begin_open();
		now_ms += 100;
		CU_ASSERT_EQUAL(report(SECMGR_BREAKER_PERMITS, (enum secmgr_breaker_result)result), SECMGR_BREAKER_DID_NOT_CHANGE);
		CU_ASSERT_TRUE(is("open"));
		CU_ASSERT_EQUAL(secmgr_breaker_left_ms(&breaker, now_ms), OPEN_MS - 100);
		begin_half_open();
		CU_ASSERT_EQUAL(report(SECMGR_BREAKER_PERMITS, (enum secmgr_breaker_result)result), SECMGR_BREAKER_DID_NOT_CHANGE);
		CU_ASSERT_TRUE(is("half-open"));
		CU_ASSERT_EQUAL(ask(), SECMGR_BREAKER_REFUSES);
	}
}

/* Each state with each event; the state afterwards and what is said. */
static void every_state_meets_every_event(void)
{
	static void (*const begins[])(void) = {begin, begin_open, begin_half_open};
	static const char *const names[] = {"closed", "open", "half-open"};
	static const enum secmgr_breaker_permission permissions[] = {
			SECMGR_BREAKER_REFUSES, SECMGR_BREAKER_PERMITS, SECMGR_BREAKER_PERMITS_A_PROBE};
	static const enum secmgr_breaker_result results[] = {
			SECMGR_BREAKER_LEARNED_NOTHING, SECMGR_BREAKER_SUCCEEDED, SECMGR_BREAKER_FAILED};

	for(size_t state = 0; state < 3; state++)
		for(size_t permission = 0; permission < 3; permission++)
			for(size_t result = 0; result < 3; result++) {
				bool judges_probe = state == 2 && permission == 2;
				const char *expected = judges_probe && result == 1	 ? "closed"
									   : judges_probe && result == 2 ? "open"
																	 : names[state];
				enum secmgr_breaker_change change;

				begins[state]();
				change = report(permissions[permission], results[result]);
				CHECK_CASE(is(expected), names[state]);
				CHECK_CASE((change == SECMGR_BREAKER_CLOSED) == (judges_probe && result == 1), names[state]);
				CHECK_CASE(change != SECMGR_BREAKER_OPENED, names[state]);
			}
	begin();
	CU_ASSERT_EQUAL(ask(), SECMGR_BREAKER_PERMITS);
	begin_open();
	CU_ASSERT_EQUAL(ask(), SECMGR_BREAKER_REFUSES);
	begin_half_open();
	CU_ASSERT_EQUAL(ask(), SECMGR_BREAKER_REFUSES);
}

/* Reported after the breaker closed again, it is one result among others. */
static void a_probe_that_is_late_counts_as_any_other(void)
{
	begin_half_open();
	now_ms += PROBE_MS;
	CU_ASSERT_EQUAL(see("s"), SECMGR_BREAKER_CLOSED);
	CU_ASSERT_EQUAL(report(SECMGR_BREAKER_PERMITS_A_PROBE, SECMGR_BREAKER_FAILED), SECMGR_BREAKER_DID_NOT_CHANGE);
	CU_ASSERT_EQUAL(see("ffff"), SECMGR_BREAKER_OPENED);
}

void secmgr_test_endpoint_breaker(void)
{
	CU_pSuite suite = CU_add_suite("endpoint_breaker", NULL, NULL);

	CU_ADD_TEST(suite, a_new_breaker_is_closed_and_permits);
	CU_ADD_TEST(suite, too_many_failures_open_it);
	CU_ADD_TEST(suite, it_says_once_that_it_opened);
	CU_ADD_TEST(suite, it_stays_open_for_its_time_to_the_millisecond);
	CU_ADD_TEST(suite, one_probe_goes_through_at_a_time);
	CU_ADD_TEST(suite, a_probe_that_succeeds_closes_it);
	CU_ADD_TEST(suite, a_probe_that_fails_opens_it_for_twice_as_long);
	CU_ADD_TEST(suite, an_operators_longer_time_is_kept);
	CU_ADD_TEST(suite, a_probe_that_learned_nothing_makes_room_for_the_next);
	CU_ADD_TEST(suite, a_probe_that_never_reports_is_given_up);
	CU_ADD_TEST(suite, late_reports_of_calls_before_it_opened_change_nothing);
	CU_ADD_TEST(suite, every_state_meets_every_event);
	CU_ADD_TEST(suite, a_probe_that_is_late_counts_as_any_other);
}
