/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nonce_count.h"

#include <stdlib.h>
#include <string.h>

#include <CUnit/Basic.h>

void secmgr_test_nonce_count(void);

#define CHECK_CASE(good, sentence) CU_assertImplementation((good), __LINE__, (sentence), __FILE__, "", CU_FALSE)

#define NOW_MS UINT64_C(1700000000000)
#define LIFETIME_MS UINT64_C(300000)
#define WINDOWS_OF_A_BUCKET 16

/* The results, moved up by one: what is not written in a table is the end of it. */
enum
{
	END,
	REPLAYED = SECMGR_NONCE_COUNT_REPLAYED + 1,
	FORGOTTEN = SECMGR_NONCE_COUNT_FORGOTTEN + 1,
	RETRANSMITTED = SECMGR_NONCE_COUNT_RETRANSMITTED + 1,
	FRESH = SECMGR_NONCE_COUNT_FRESH + 1
};

static struct secmgr_nonce_count_table *new_table(size_t windows)
{
	void *memory = malloc(secmgr_nonce_count_memory(windows));

	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	memset(memory, 0xa5, secmgr_nonce_count_memory(windows));
	return secmgr_nonce_count_init(memory, windows);
}

/* A nonce of its own for each number, issued `age_ms` ago. */
static struct secmgr_nonce nonce_of(uint64_t number, uint64_t age_ms)
{
	struct secmgr_nonce nonce = {.issued_ms = NOW_MS - age_ms, .instance = 1};

	memcpy(nonce.random, &number, sizeof(number));
	return nonce;
}

static int use_at(struct secmgr_nonce_count_table *table, struct secmgr_nonce nonce, uint32_t nc, uint64_t fingerprint,
		uint64_t now_ms)
{
	return 1 + (int)secmgr_nonce_count_use(table, &nonce, nc, fingerprint, now_ms, LIFETIME_MS);
}

static int use_once(
		struct secmgr_nonce_count_table *table, struct secmgr_nonce nonce, uint32_t nc, uint64_t fingerprint)
{
	return use_at(table, nonce, nc, fingerprint, NOW_MS);
}

#define STEPS_MAX 12

/* Every request of a scenario is another one (its fingerprint is its place) unless it repeats an earlier one. */
struct step
{
	uint32_t nc;
	int result;
	int same_as; /* the step it repeats, counted from 1 */
};

static const struct
{
	const char *sentence;
	struct step steps[STEPS_MAX];
} scenarios[] = {
		{"1: a count of 0 is never good", {{0, REPLAYED, 0}, {1, FRESH, 0}, {0, REPLAYED, 0}}},
		{"2: the first count may be 1", {{1, FRESH, 0}, {1, REPLAYED, 0}}},
		{"3: the first count may be any", {{4711, FRESH, 0}, {4711, REPLAYED, 0}}},
		{"4: counts go up one by one",
				{{1, FRESH, 0}, {2, FRESH, 0}, {3, FRESH, 0}, {2, REPLAYED, 0}, {3, REPLAYED, 0}}},
		{"5: counts may be left out and come later",
				{{1, FRESH, 0}, {4, FRESH, 0}, {3, FRESH, 0}, {2, FRESH, 0}, {3, REPLAYED, 0}, {2, REPLAYED, 0}}},
		{"6: a later first count leaves the earlier ones of its window good",
				{{10, FRESH, 0}, {1, FRESH, 0}, {9, FRESH, 0}, {1, REPLAYED, 0}}},
		{"7: the window holds highest-63", {{64, FRESH, 0}, {1, FRESH, 0}, {1, REPLAYED, 0}}},
		{"8: the window does not hold highest-64", {{65, FRESH, 0}, {1, REPLAYED, 0}, {2, FRESH, 0}}},
		{"9: a step of 63 keeps what was used", {{1, FRESH, 0}, {64, FRESH, 0}, {1, REPLAYED, 0}, {2, FRESH, 0}}},
		{"10: a step of 64 leaves the lowest behind",
				{{1, FRESH, 0}, {65, FRESH, 0}, {1, REPLAYED, 0}, {2, FRESH, 0}, {65, REPLAYED, 0}}},
		{"11: a step of 65 leaves all behind",
				{{1, FRESH, 0}, {66, FRESH, 0}, {2, REPLAYED, 0}, {3, FRESH, 0}, {66, REPLAYED, 0}}},
		{"12: the window slides over what was used",
				{{63, FRESH, 0}, {64, FRESH, 0}, {126, FRESH, 0}, {63, REPLAYED, 0}, {64, REPLAYED, 0},
						{65, FRESH, 0}, {127, FRESH, 0}, {63, REPLAYED, 0}, {64, REPLAYED, 0},
						{128, FRESH, 0}, {64, REPLAYED, 0}}},
		{"13: a jump to the top leaves all behind",
				{{1, FRESH, 0}, {UINT32_MAX, FRESH, 0}, {UINT32_MAX, REPLAYED, 0}, {1, REPLAYED, 0},
						{UINT32_MAX - 63, FRESH, 0}, {UINT32_MAX - 64, REPLAYED, 0}, {UINT32_MAX - 63, REPLAYED, 0}}},
		{"14: after the top nothing wraps around",
				{{UINT32_MAX - 1, FRESH, 0}, {UINT32_MAX, FRESH, 0}, {0, REPLAYED, 0}, {1, REPLAYED, 0},
						{63, REPLAYED, 0}}},
		{"15: a jump of 2^31 is a jump forward",
				{{5, FRESH, 0}, {UINT32_C(0x80000005), FRESH, 0}, {5, REPLAYED, 0}, {UINT32_C(0x80000004), FRESH, 0}}},
		{"16: a jump of 2^32-2 is a jump forward", {{1, FRESH, 0}, {UINT32_MAX, FRESH, 0}, {2, REPLAYED, 0}}},
		{"17: steps of 32 and 64 are not confused with steps of 0",
				{{1, FRESH, 0}, {33, FRESH, 0}, {97, FRESH, 0}, {33, REPLAYED, 0}, {34, FRESH, 0}, {97, REPLAYED, 0}}},
		{"18: the last accepted request again is a retransmission, as often as it comes",
				{{1, FRESH, 0}, {1, RETRANSMITTED, 1}, {1, RETRANSMITTED, 1}, {1, REPLAYED, 0}, {1, RETRANSMITTED, 1}}},
		{"19: a request before the last accepted one is a replay",
				{{1, FRESH, 0}, {2, FRESH, 0}, {1, REPLAYED, 1}, {2, RETRANSMITTED, 2}}},
		{"20: a late count is the last accepted one too",
				{{5, FRESH, 0}, {3, FRESH, 0}, {3, RETRANSMITTED, 2}, {5, REPLAYED, 1}}},
		{"21: a refused request does not become the last accepted one",
				{{1, FRESH, 0}, {1, REPLAYED, 0}, {1, REPLAYED, 2}, {1, RETRANSMITTED, 1}}},
		{"22: the last accepted request with another count is another request",
				{{1, FRESH, 0}, {2, FRESH, 1}, {2, RETRANSMITTED, 1}}},
		{"23: a count below the window is a replay even with the last fingerprint",
				{{1, FRESH, 0}, {100, FRESH, 1}, {1, REPLAYED, 1}}},
		{"24: highest-64 is not taken for highest", {{65, FRESH, 0}, {1, REPLAYED, 1}, {65, RETRANSMITTED, 1}}},
};

static bool runs_as_written(const struct step *steps)
{
	struct secmgr_nonce_count_table *table = new_table(WINDOWS_OF_A_BUCKET);
	bool good = true;

	for(int i = 0; i < STEPS_MAX && steps[i].result != END; i++) {
		uint64_t fingerprint = (uint64_t)(steps[i].same_as ? steps[i].same_as : i + 1);

		good &= use_once(table, nonce_of(1, 0), steps[i].nc, fingerprint) == steps[i].result;
	}
	free(table);
	return good;
}

static void every_replay_is_found(void)
{
	for(size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		CHECK_CASE(runs_as_written(scenarios[i].steps), scenarios[i].sentence);
}

/* A plain list of what was used is the oracle for a long random walk. */
static void a_long_walk_agrees_with_a_plain_list(void)
{
	enum
	{
		RANGE = 400
	};
	struct secmgr_nonce_count_table *table = new_table(WINDOWS_OF_A_BUCKET);
	bool used[RANGE + 1] = {false};
	uint32_t highest = 0, seed = 1;
	unsigned wrong = 0;

	for(uint64_t i = 1; i <= 20000; i++) {
		uint32_t nc;
		bool fresh;

		seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
		nc = highest / 2 + (seed >> 16) % (highest / 2 + 3) + 1;
		nc = nc > RANGE ? RANGE : nc;
		fresh = !used[nc] && (nc > highest || highest - nc < 64);
		wrong += use_once(table, nonce_of(1, 0), nc, i) != (fresh ? FRESH : REPLAYED);
		used[nc] |= fresh;
		highest = nc > highest ? nc : highest;
	}
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT_EQUAL(highest, RANGE);
	free(table);
}

static void the_same_bytes_are_a_retransmission_for_64_t1_and_a_replay_later(void)
{
	struct secmgr_nonce_count_table *table = new_table(WINDOWS_OF_A_BUCKET);
	const struct secmgr_nonce nonce = nonce_of(1, 0);

	CU_ASSERT_EQUAL(use_at(table, nonce, 1, 7, NOW_MS), FRESH);
	CU_ASSERT_EQUAL(use_at(table, nonce, 1, 7, NOW_MS + 31999), RETRANSMITTED);
	CU_ASSERT_EQUAL(use_at(table, nonce, 1, 7, NOW_MS + 32000), REPLAYED);
	CU_ASSERT_EQUAL(use_at(table, nonce, 1, 7, NOW_MS + LIFETIME_MS - 1), REPLAYED);
	free(table);
}

/* Else who has heard a request could keep it alive by sending it every 31 s. */
static void a_retransmission_does_not_make_the_time_longer(void)
{
	struct secmgr_nonce_count_table *table = new_table(WINDOWS_OF_A_BUCKET);
	const struct secmgr_nonce nonce = nonce_of(1, 0);

	CU_ASSERT_EQUAL(use_at(table, nonce, 1, 7, NOW_MS), FRESH);
	CU_ASSERT_EQUAL(use_at(table, nonce, 1, 7, NOW_MS + 31000), RETRANSMITTED);
	CU_ASSERT_EQUAL(use_at(table, nonce, 1, 8, NOW_MS + 31500), REPLAYED);
	CU_ASSERT_EQUAL(use_at(table, nonce, 1, 7, NOW_MS + 32000), REPLAYED);
	CU_ASSERT_EQUAL(use_at(table, nonce, 1, 7, NOW_MS + 62000), REPLAYED);
	free(table);
}

static void every_accepted_request_has_its_own_64_t1(void)
{
	struct secmgr_nonce_count_table *table = new_table(WINDOWS_OF_A_BUCKET);
	const struct secmgr_nonce nonce = nonce_of(1, 0);

	CU_ASSERT_EQUAL(use_at(table, nonce, 5, 7, NOW_MS), FRESH);
	CU_ASSERT_EQUAL(use_at(table, nonce, 6, 8, NOW_MS + 31000), FRESH);
	CU_ASSERT_EQUAL(use_at(table, nonce, 6, 8, NOW_MS + 62999), RETRANSMITTED);
	CU_ASSERT_EQUAL(use_at(table, nonce, 6, 8, NOW_MS + 63000), REPLAYED);
	CU_ASSERT_EQUAL(use_at(table, nonce, 4, 9, NOW_MS + 100000), FRESH); /* late, and still within the window */
	CU_ASSERT_EQUAL(use_at(table, nonce, 4, 9, NOW_MS + 131999), RETRANSMITTED);
	CU_ASSERT_EQUAL(use_at(table, nonce, 4, 9, NOW_MS + 132000), REPLAYED);
	free(table);
}

/* Two processes, one lock: the one that enters second may have looked at the clock first. */
static void an_earlier_reading_of_the_clock_is_a_retransmission_too(void)
{
	struct secmgr_nonce_count_table *table = new_table(WINDOWS_OF_A_BUCKET);
	const struct secmgr_nonce nonce = nonce_of(1, 10);

	CU_ASSERT_EQUAL(use_at(table, nonce, 1, 7, NOW_MS), FRESH);
	CU_ASSERT_EQUAL(use_at(table, nonce, 1, 7, NOW_MS - 1), RETRANSMITTED);
	CU_ASSERT_EQUAL(use_at(table, nonce, 1, 8, NOW_MS - 1), REPLAYED);
	free(table);
}

static void every_nonce_has_a_window_of_its_own(void)
{
	struct secmgr_nonce_count_table *table = new_table(WINDOWS_OF_A_BUCKET);
	struct secmgr_nonce other_time = nonce_of(1, 1), other_instance = nonce_of(1, 0);

	other_instance.instance = 2;
	CU_ASSERT_EQUAL(use_once(table, nonce_of(1, 0), 1, 1), FRESH);
	CU_ASSERT_EQUAL(use_once(table, nonce_of(2, 0), 1, 1), FRESH);
	CU_ASSERT_EQUAL(use_once(table, other_time, 1, 1), FRESH);
	CU_ASSERT_EQUAL(use_once(table, other_instance, 1, 1), FRESH);
	CU_ASSERT_EQUAL(use_once(table, nonce_of(1, 0), 1, 2), REPLAYED);
	free(table);
}

/* Fills the only bucket with nonces 1 to 16, issued 100, 99, ... 85 ms ago. */
static void fill(struct secmgr_nonce_count_table *table)
{
	for(uint64_t number = 1; number <= WINDOWS_OF_A_BUCKET; number++)
		CU_ASSERT_EQUAL(use_once(table, nonce_of(number, 101 - number), 1, 1), FRESH);
}

static void a_full_bucket_drops_its_oldest_nonce_and_no_other(void)
{
	struct secmgr_nonce_count_table *table = new_table(WINDOWS_OF_A_BUCKET);

	fill(table);
	CU_ASSERT_EQUAL(use_once(table, nonce_of(17, 0), 1, 1), FRESH);
	for(uint64_t number = 2; number <= WINDOWS_OF_A_BUCKET; number++)
		CU_ASSERT_EQUAL(use_once(table, nonce_of(number, 101 - number), 1, 2), REPLAYED);
	CU_ASSERT_EQUAL(use_once(table, nonce_of(17, 0), 1, 2), REPLAYED);
	free(table);
}

static void a_dropped_nonce_is_forgotten_and_never_fresh_again(void)
{
	struct secmgr_nonce_count_table *table = new_table(WINDOWS_OF_A_BUCKET);

	fill(table);
	CU_ASSERT_EQUAL(use_once(table, nonce_of(17, 0), 1, 1), FRESH);
	CU_ASSERT_EQUAL(use_once(table, nonce_of(1, 100), 1, 1), FORGOTTEN);
	CU_ASSERT_EQUAL(use_once(table, nonce_of(1, 100), 2, 1), FORGOTTEN);
	free(table);
}

static void as_old_as_a_dropped_nonce_is_forgotten_and_newer_is_not(void)
{
	struct secmgr_nonce_count_table *table = new_table(WINDOWS_OF_A_BUCKET);

	fill(table);
	CU_ASSERT_EQUAL(use_once(table, nonce_of(17, 0), 1, 1), FRESH);
	CU_ASSERT_EQUAL(use_once(table, nonce_of(18, 101), 1, 1), FORGOTTEN);
	CU_ASSERT_EQUAL(use_once(table, nonce_of(18, 100), 1, 1), FORGOTTEN);
	CU_ASSERT_EQUAL(use_once(table, nonce_of(18, 99), 1, 1), FRESH);
	free(table);
}

/* What comes late into a full bucket may itself be older than all that is there, and still must not be used twice. */
static void a_latecomer_is_counted_too(void)
{
	struct secmgr_nonce_count_table *table = new_table(WINDOWS_OF_A_BUCKET);

	fill(table);
	CU_ASSERT_EQUAL(use_once(table, nonce_of(17, 5000), 1, 1), FRESH);
	CU_ASSERT_EQUAL(use_once(table, nonce_of(17, 5000), 1, 2), REPLAYED);
	CU_ASSERT_EQUAL(use_once(table, nonce_of(17, 5000), 2, 2), FRESH);
	CU_ASSERT_EQUAL(use_once(table, nonce_of(1, 100), 2, 1), FORGOTTEN);
	/* dropping the latecomer brings back none of those that were dropped before it */
	CU_ASSERT_EQUAL(use_once(table, nonce_of(18, 0), 1, 1), FRESH);
	CU_ASSERT_EQUAL(use_once(table, nonce_of(17, 5000), 1, 2), FORGOTTEN);
	CU_ASSERT_EQUAL(use_once(table, nonce_of(1, 100), 2, 1), FORGOTTEN);
	free(table);
}

static void a_fresh_nonce_always_finds_room(void)
{
	struct secmgr_nonce_count_table *table = new_table(WINDOWS_OF_A_BUCKET);
	unsigned refused = 0, replayed = 0;

	for(uint64_t number = 1; number <= 10000; number++) {
		refused += use_once(table, nonce_of(number, 20000 - number), 1, 1) != FRESH;
		replayed += use_once(table, nonce_of(number, 20000 - number), 1, 2) == FRESH;
	}
	CU_ASSERT_EQUAL(refused, 0);
	CU_ASSERT_EQUAL(replayed, 0);
	for(uint64_t number = 1; number <= 10000; number++)
		replayed += use_once(table, nonce_of(number, 20000 - number), 1, 3) == FRESH;
	CU_ASSERT_EQUAL(replayed, 0);
	free(table);
}

static void expired_nonces_make_room_and_shut_nobody_out(void)
{
	struct secmgr_nonce_count_table *table = new_table(WINDOWS_OF_A_BUCKET);
	const uint64_t later_ms = NOW_MS + LIFETIME_MS;
	struct secmgr_nonce just_good = nonce_of(40, 0);

	fill(table);
	just_good.issued_ms = NOW_MS + 1;
	for(uint64_t number = 17; number <= 32; number++) {
		struct secmgr_nonce nonce = nonce_of(number, 0);

		nonce.issued_ms = later_ms;
		CU_ASSERT_EQUAL(secmgr_nonce_count_use(table, &nonce, 1, 1, later_ms, LIFETIME_MS), SECMGR_NONCE_COUNT_FRESH);
	}
	CU_ASSERT_EQUAL(
			secmgr_nonce_count_use(table, &just_good, 1, 1, later_ms, LIFETIME_MS), SECMGR_NONCE_COUNT_FRESH);
	free(table);
}

static void a_nonce_that_expired_while_its_request_waited_is_forgotten(void)
{
	struct secmgr_nonce_count_table *table = new_table(WINDOWS_OF_A_BUCKET);
	const struct secmgr_nonce nonce = nonce_of(1, 0);

	CU_ASSERT_EQUAL(secmgr_nonce_count_use(table, &nonce, 1, 1, NOW_MS + LIFETIME_MS - 1, LIFETIME_MS),
			SECMGR_NONCE_COUNT_FRESH);
	CU_ASSERT_EQUAL(secmgr_nonce_count_use(table, &nonce, 2, 1, NOW_MS + LIFETIME_MS, LIFETIME_MS),
			SECMGR_NONCE_COUNT_FORGOTTEN);
	CU_ASSERT_EQUAL(secmgr_nonce_count_use(table, &nonce, 2, 1, UINT64_MAX, LIFETIME_MS), SECMGR_NONCE_COUNT_FORGOTTEN);
	free(table);
}

/* One process read the clock before another one reused the window of the nonce, which had expired meanwhile. */
static void an_old_reading_of_the_clock_brings_no_nonce_back(void)
{
	struct secmgr_nonce_count_table *table = new_table(WINDOWS_OF_A_BUCKET);
	const uint64_t later_ms = NOW_MS + LIFETIME_MS;
	struct secmgr_nonce newer = nonce_of(17, 0);

	fill(table);
	newer.issued_ms = later_ms;
	CU_ASSERT_EQUAL(secmgr_nonce_count_use(table, &newer, 1, 1, later_ms, LIFETIME_MS), SECMGR_NONCE_COUNT_FRESH);
	CU_ASSERT_EQUAL(use_once(table, nonce_of(1, 100), 1, 1), FORGOTTEN);
	free(table);
}

static void a_table_is_whole_buckets_and_never_empty(void)
{
	static const struct
	{
		size_t windows, buckets;
	} cases[] = {{0, 1}, {1, 1}, {16, 1}, {17, 2}, {32, 2}, {65536, 4096}};

	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct secmgr_nonce_count_table *table = new_table(cases[i].windows);

		CU_ASSERT_EQUAL(secmgr_nonce_count_buckets(table), cases[i].buckets);
		free(table);
	}
}

static void every_bucket_is_reached_and_none_is_beyond(void)
{
	struct secmgr_nonce_count_table *table = new_table(100);
	size_t buckets = secmgr_nonce_count_buckets(table);
	bool reached[7] = {false};

	CU_ASSERT_EQUAL_FATAL(buckets, 7);
	for(uint64_t i = 0; i < 1000; i++) {
		const struct secmgr_nonce nonce = nonce_of(i * UINT64_C(0x9e3779b97f4a7c15), 0);
		size_t bucket = secmgr_nonce_count_bucket(table, &nonce);

		CU_ASSERT_FATAL(bucket < buckets);
		reached[bucket] = true;
	}
	for(size_t i = 0; i < buckets; i++)
		CU_ASSERT_TRUE(reached[i]);
	free(table);
}

/* The first number from `number` on whose nonce lives in `bucket`. */
static uint64_t number_in(const struct secmgr_nonce_count_table *table, size_t bucket, uint64_t number)
{
	struct secmgr_nonce nonce = nonce_of(number, 0);

	while(secmgr_nonce_count_bucket(table, &nonce) != bucket)
		nonce = nonce_of(++number, 0);
	return number;
}

static void a_full_bucket_is_nothing_to_the_others(void)
{
	struct secmgr_nonce_count_table *table = new_table(2 * WINDOWS_OF_A_BUCKET);
	uint64_t number = 0;

	for(uint64_t i = 0; i <= WINDOWS_OF_A_BUCKET; i++) {
		number = number_in(table, 0, number + 1);
		CU_ASSERT_EQUAL(use_once(table, nonce_of(number, 1000 - i), 1, 1), FRESH);
	}
	CU_ASSERT_EQUAL(use_once(table, nonce_of(number_in(table, 0, number + 1), 2000), 1, 1), FORGOTTEN);
	CU_ASSERT_EQUAL(use_once(table, nonce_of(number_in(table, 1, 0), 2000), 1, 1), FRESH);
	free(table);
}

void secmgr_test_nonce_count(void)
{
	CU_pSuite suite = CU_add_suite("nonce_count", NULL, NULL);

	CU_ADD_TEST(suite, every_replay_is_found);
	CU_ADD_TEST(suite, a_long_walk_agrees_with_a_plain_list);
	CU_ADD_TEST(suite, the_same_bytes_are_a_retransmission_for_64_t1_and_a_replay_later);
	CU_ADD_TEST(suite, a_retransmission_does_not_make_the_time_longer);
	CU_ADD_TEST(suite, every_accepted_request_has_its_own_64_t1);
	CU_ADD_TEST(suite, an_earlier_reading_of_the_clock_is_a_retransmission_too);
	CU_ADD_TEST(suite, every_nonce_has_a_window_of_its_own);
	CU_ADD_TEST(suite, a_full_bucket_drops_its_oldest_nonce_and_no_other);
	CU_ADD_TEST(suite, a_dropped_nonce_is_forgotten_and_never_fresh_again);
	CU_ADD_TEST(suite, as_old_as_a_dropped_nonce_is_forgotten_and_newer_is_not);
	CU_ADD_TEST(suite, a_latecomer_is_counted_too);
	CU_ADD_TEST(suite, a_fresh_nonce_always_finds_room);
	CU_ADD_TEST(suite, expired_nonces_make_room_and_shut_nobody_out);
	CU_ADD_TEST(suite, a_nonce_that_expired_while_its_request_waited_is_forgotten);
	CU_ADD_TEST(suite, an_old_reading_of_the_clock_brings_no_nonce_back);
	CU_ADD_TEST(suite, a_table_is_whole_buckets_and_never_empty);
	CU_ADD_TEST(suite, every_bucket_is_reached_and_none_is_beyond);
	CU_ADD_TEST(suite, a_full_bucket_is_nothing_to_the_others);
}
