/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waiting.h"

#include <stdlib.h>
#include <string.h>

#include <CUnit/Basic.h>

void secmgr_test_waiting(void);

#define SLOTS 8
#define HASH 77
#define DEADLINE_MS 5000
#define SECRET 0xc7 /* every byte of an HA1: found again wherever it was copied to */

/* A table in memory of exactly its size, which is not zeroed before. */
static struct secmgr_waiting *new_table(size_t slots)
{
	void *memory = malloc(secmgr_waiting_memory(slots));

	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	memset(memory, 0xa5, secmgr_waiting_memory(slots));
	return secmgr_waiting_init(memory, slots);
}

static bool holds_a_secret(const struct secmgr_waiting *table, size_t slots)
{
	const uint8_t *memory = (const uint8_t *)table;
	uint8_t secret[8];

	memset(secret, SECRET, sizeof(secret));
	for(size_t at = 0; at + sizeof(secret) <= secmgr_waiting_memory(slots); at++)
		if(memcmp(memory + at, secret, sizeof(secret)) == 0)
			return true;
	return false;
}

static struct secmgr_subscriber_key key_of(const char *username, const char *realm)
{
	return (struct secmgr_subscriber_key){secmgr_slice_of(username), secmgr_slice_of(realm)};
}

static struct secmgr_subscriber_key alice(void)
{
	return key_of("alice", "example.org");
}

static struct secmgr_subscriber_key bob(void)
{
	return key_of("bob", "example.org");
}

/* Different ones are told apart by `tag`. */
static struct secmgr_credential credential_of(uint16_t tag)
{
	struct secmgr_credential credential;

	memset(&credential, 0, sizeof(credential));
	credential.subscriber = SECMGR_SUBSCRIBER_ACTIVE;
	credential.ha1_present = 1u << SECMGR_HASH_SHA_256;
	memset(credential.ha1, SECRET, sizeof(credential.ha1));
	credential.identities_length = tag;
	return credential;
}

static uint32_t reserve(struct secmgr_waiting *table, struct secmgr_subscriber_key key)
{
	uint32_t waiter = UINT32_MAX;

	CU_ASSERT_TRUE_FATAL(secmgr_waiting_reserve(table, &key, HASH, DEADLINE_MS, &waiter));
	return waiter;
}

static bool has_room(struct secmgr_waiting *table, struct secmgr_subscriber_key key)
{
	uint32_t waiter;
	bool reserved = secmgr_waiting_reserve(table, &key, HASH, DEADLINE_MS, &waiter);

	if(reserved)
		secmgr_waiting_release(table, waiter);
	return reserved;
}

static void commit(struct secmgr_waiting *table, uint32_t waiter)
{
	const struct secmgr_continuation continuation = {.transaction_index = 1000 + waiter};

	secmgr_waiting_commit(table, waiter, &continuation);
}

static uint32_t next_lookup(struct secmgr_waiting *table)
{
	struct secmgr_lookup lookup;

	CU_ASSERT_TRUE_FATAL(secmgr_waiting_next_lookup(table, &lookup));
	return lookup.number;
}

static bool nothing_is_to_be_asked(struct secmgr_waiting *table)
{
	struct secmgr_lookup lookup;

	return !secmgr_waiting_next_lookup(table, &lookup);
}

static void answer(struct secmgr_waiting *table, uint32_t lookup, uint16_t tag)
{
	const struct secmgr_credential credential = credential_of(tag);

	secmgr_waiting_answer(table, lookup, &credential);
}

static bool next_is(struct secmgr_waiting *table, uint32_t expected)
{
	struct secmgr_continuation continuation;
	uint32_t waiter;

	return secmgr_waiting_next_answered(table, &waiter, &continuation) && waiter == expected
		   && continuation.transaction_index == 1000 + expected;
}

static bool nobody_is_answered(struct secmgr_waiting *table)
{
	struct secmgr_continuation continuation;
	uint32_t waiter;

	return !secmgr_waiting_next_answered(table, &waiter, &continuation);
}

static bool takes(struct secmgr_waiting *table, uint32_t waiter, uint16_t tag)
{
	const struct secmgr_credential expected = credential_of(tag);
	struct secmgr_credential credential;

	memset(&credential, 0, sizeof(credential));
	return secmgr_waiting_take(table, waiter, &credential) && memcmp(&credential, &expected, sizeof(expected)) == 0;
}

static bool counts_are(const struct secmgr_waiting *table, size_t requests, size_t lookups)
{
	return secmgr_waiting_requests(table) == requests && secmgr_waiting_lookups(table) == lookups;
}

/* As at the start: nothing is under way, all places are free, and no secret has stayed. */
static void check_empty_and_free(struct secmgr_waiting *table)
{
	uint32_t waiters[SLOTS];

	CU_ASSERT_TRUE(counts_are(table, 0, 0));
	CU_ASSERT_TRUE(nothing_is_to_be_asked(table));
	CU_ASSERT_TRUE(nobody_is_answered(table));
	CU_ASSERT_FALSE(holds_a_secret(table, SLOTS));
	for(size_t i = 0; i < SLOTS; i++)
		waiters[i] = reserve(table, key_of((const char[]){(char)('a' + i), '\0'}, "example.org"));
	CU_ASSERT_TRUE(counts_are(table, SLOTS, SLOTS));
	CU_ASSERT_FALSE(has_room(table, alice()));
	for(size_t i = 0; i < SLOTS; i++)
		secmgr_waiting_release(table, waiters[i]);
	CU_ASSERT_TRUE(counts_are(table, 0, 0));
	free(table);
}

static void a_request_is_asked_for_answered_and_resumed(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	const struct secmgr_subscriber_key key = alice();
	const struct secmgr_continuation suspended = {1, 2, -3, 4, 11, "Example.ORG"};
	struct secmgr_continuation continuation;
	struct secmgr_lookup lookup;
	uint32_t waiter, answered;

	CU_ASSERT_TRUE_FATAL(secmgr_waiting_reserve(table, &key, HASH, DEADLINE_MS, &waiter));
	secmgr_waiting_commit(table, waiter, &suspended);
	CU_ASSERT_TRUE(counts_are(table, 1, 1));
	CU_ASSERT_TRUE_FATAL(secmgr_waiting_next_lookup(table, &lookup));
	CU_ASSERT_TRUE(secmgr_slice_equals(lookup.key.username, SECMGR_SLICE("alice")));
	CU_ASSERT_TRUE(secmgr_slice_equals(lookup.key.realm, SECMGR_SLICE("example.org")));
	CU_ASSERT_EQUAL(lookup.hash, HASH);
	CU_ASSERT_EQUAL(lookup.deadline_ms, DEADLINE_MS);
	CU_ASSERT_TRUE(nothing_is_to_be_asked(table));
	CU_ASSERT_TRUE(nobody_is_answered(table));
	answer(table, lookup.number, 1);
	CU_ASSERT_TRUE(counts_are(table, 1, 0));
	CU_ASSERT_TRUE_FATAL(secmgr_waiting_next_answered(table, &answered, &continuation));
	CU_ASSERT_EQUAL(answered, waiter);
	CU_ASSERT_EQUAL(memcmp(&continuation, &suspended, sizeof(suspended)), 0);
	CU_ASSERT_TRUE(nobody_is_answered(table));
	CU_ASSERT_TRUE(takes(table, waiter, 1));
	check_empty_and_free(table);
}

/* The key's text may be gone when the lookup is made: it is the request's. */
static void the_key_is_a_copy(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	char username[] = "alice", realm[] = "example.org";
	struct secmgr_lookup lookup;
	uint32_t waiter = reserve(table, key_of(username, realm));

	memset(username, 'x', sizeof(username));
	memset(realm, 'x', sizeof(realm));
	commit(table, waiter);
	CU_ASSERT_TRUE_FATAL(secmgr_waiting_next_lookup(table, &lookup));
	CU_ASSERT_TRUE(secmgr_slice_equals(lookup.key.username, SECMGR_SLICE("alice")));
	CU_ASSERT_TRUE(secmgr_slice_equals(lookup.key.realm, SECMGR_SLICE("example.org")));
	free(table);
}

static void nothing_is_asked_before_somebody_is_suspended(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	uint32_t waiter = reserve(table, alice());

	CU_ASSERT_TRUE(counts_are(table, 1, 1));
	CU_ASSERT_TRUE(nothing_is_to_be_asked(table));
	secmgr_waiting_release(table, waiter);
	CU_ASSERT_TRUE(nothing_is_to_be_asked(table));
	check_empty_and_free(table);
}

static void requests_for_one_subscriber_share_one_lookup_and_come_back_in_order(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	uint32_t waiters[SLOTS], lookup = 0;

	for(size_t i = 0; i < SLOTS; i++) {
		waiters[i] = reserve(table, alice());
		commit(table, waiters[i]);
		if(i == SLOTS / 2)
			lookup = next_lookup(table); /* the rest join a lookup that is under way */
	}
	CU_ASSERT_TRUE(counts_are(table, SLOTS, 1));
	CU_ASSERT_TRUE(nothing_is_to_be_asked(table));
	answer(table, lookup, 7);
	CU_ASSERT_TRUE(counts_are(table, SLOTS, 0));
	for(size_t i = 0; i < SLOTS; i++)
		CU_ASSERT_TRUE(next_is(table, waiters[i]));
	CU_ASSERT_TRUE(nobody_is_answered(table));
	for(size_t i = 0; i < SLOTS; i++)
		CU_ASSERT_TRUE(takes(table, waiters[i], 7));
	check_empty_and_free(table);
}

static bool share_a_lookup(
		struct secmgr_subscriber_key first, struct secmgr_subscriber_key second, uint64_t second_hash)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	uint32_t waiter;
	size_t lookups;

	(void)reserve(table, first);
	CU_ASSERT_TRUE(secmgr_waiting_reserve(table, &second, second_hash, DEADLINE_MS, &waiter));
	lookups = secmgr_waiting_lookups(table);
	free(table);
	return lookups == 1;
}

/* Who got another one's answer would be verified with another one's password. */
static void only_the_same_subscriber_shares_a_lookup(void)
{
	CU_ASSERT_TRUE(share_a_lookup(alice(), alice(), HASH));
	CU_ASSERT_TRUE(share_a_lookup(alice(), key_of("alice", "EXAMPLE.org"), HASH));
	CU_ASSERT_FALSE(share_a_lookup(alice(), bob(), HASH));
	CU_ASSERT_FALSE(share_a_lookup(alice(), key_of("Alice", "example.org"), HASH));
	CU_ASSERT_FALSE(share_a_lookup(alice(), key_of("alic", "example.org"), HASH));
	CU_ASSERT_FALSE(share_a_lookup(alice(), key_of("alicee", "example.org"), HASH));
	CU_ASSERT_FALSE(share_a_lookup(alice(), key_of("", "example.org"), HASH));
	CU_ASSERT_FALSE(share_a_lookup(alice(), key_of("alice", "example.net"), HASH));
	CU_ASSERT_FALSE(share_a_lookup(alice(), key_of("alice", "example.or"), HASH));
	CU_ASSERT_FALSE(share_a_lookup(alice(), key_of("alice", ""), HASH));
	CU_ASSERT_FALSE(share_a_lookup(key_of("ab", "c"), key_of("a", "bc"), HASH));
	CU_ASSERT_FALSE(share_a_lookup(alice(), bob(), HASH + SLOTS));
}

static void names_that_meet_in_one_bucket_get_their_own_answers(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	uint32_t a = reserve(table, alice()), b = reserve(table, bob()), lookup_a, lookup_b;

	commit(table, b);
	commit(table, a);
	CU_ASSERT_TRUE(counts_are(table, 2, 2));
	lookup_b = next_lookup(table); /* asked in the order in which they were suspended */
	lookup_a = next_lookup(table);
	answer(table, lookup_a, 1);
	answer(table, lookup_b, 2);
	CU_ASSERT_TRUE(next_is(table, a));
	CU_ASSERT_TRUE(next_is(table, b));
	CU_ASSERT_TRUE(takes(table, b, 2));
	CU_ASSERT_TRUE(takes(table, a, 1));
	check_empty_and_free(table);
}

static void who_comes_after_the_answer_starts_a_new_lookup(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	uint32_t early = reserve(table, alice()), late;

	commit(table, early);
	answer(table, next_lookup(table), 1);
	late = reserve(table, alice());
	commit(table, late);
	CU_ASSERT_TRUE(counts_are(table, 2, 1));
	answer(table, next_lookup(table), 2);
	CU_ASSERT_TRUE(next_is(table, early));
	CU_ASSERT_TRUE(next_is(table, late));
	CU_ASSERT_TRUE(takes(table, late, 2));
	CU_ASSERT_TRUE(takes(table, early, 1));
	check_empty_and_free(table);
}

/* The order in which an opener and one that joined it may be released, committed and answered, one test for each. */

static void the_opener_is_released_before_the_joined_one_commits(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	uint32_t opener = reserve(table, alice()), joined = reserve(table, alice());

	secmgr_waiting_release(table, opener);
	CU_ASSERT_TRUE(counts_are(table, 1, 1));
	CU_ASSERT_TRUE(nothing_is_to_be_asked(table));
	commit(table, joined);
	answer(table, next_lookup(table), 1);
	CU_ASSERT_TRUE(next_is(table, joined));
	CU_ASSERT_TRUE(nobody_is_answered(table));
	CU_ASSERT_TRUE(takes(table, joined, 1));
	check_empty_and_free(table);
}

static void the_opener_is_released_while_the_lookup_is_queued(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	uint32_t opener = reserve(table, alice()), joined = reserve(table, alice());

	commit(table, joined);
	secmgr_waiting_release(table, opener);
	CU_ASSERT_TRUE(counts_are(table, 1, 1));
	answer(table, next_lookup(table), 1);
	CU_ASSERT_TRUE(next_is(table, joined));
	CU_ASSERT_TRUE(takes(table, joined, 1));
	check_empty_and_free(table);
}

static void the_opener_is_released_while_the_service_is_asked(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	uint32_t opener = reserve(table, alice()), joined = reserve(table, alice()), lookup;

	commit(table, joined);
	lookup = next_lookup(table);
	secmgr_waiting_release(table, opener);
	answer(table, lookup, 1);
	CU_ASSERT_TRUE(next_is(table, joined));
	CU_ASSERT_TRUE(takes(table, joined, 1));
	check_empty_and_free(table);
}

static void one_is_released_after_the_answer_and_the_other_still_gets_it(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	uint32_t opener = reserve(table, alice()), joined = reserve(table, alice());

	commit(table, joined);
	answer(table, next_lookup(table), 1);
	secmgr_waiting_release(table, opener);
	CU_ASSERT_TRUE(counts_are(table, 1, 0));
	CU_ASSERT_TRUE(holds_a_secret(table, SLOTS));
	CU_ASSERT_TRUE(next_is(table, joined));
	CU_ASSERT_TRUE(takes(table, joined, 1));
	check_empty_and_free(table);
}

static void the_last_one_is_released_and_takes_the_answer_with_it(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	uint32_t opener = reserve(table, alice()), joined = reserve(table, alice());

	commit(table, opener);
	answer(table, next_lookup(table), 1);
	CU_ASSERT_TRUE(next_is(table, opener));
	CU_ASSERT_TRUE(takes(table, opener, 1));
	CU_ASSERT_TRUE(holds_a_secret(table, SLOTS));
	secmgr_waiting_release(table, joined);
	check_empty_and_free(table);
}

static void one_that_commits_after_the_answer_is_handed_out_at_once(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	uint32_t opener = reserve(table, alice()), joined = reserve(table, alice());

	commit(table, opener);
	answer(table, next_lookup(table), 1);
	commit(table, joined);
	CU_ASSERT_TRUE(nothing_is_to_be_asked(table));
	CU_ASSERT_TRUE(next_is(table, opener));
	CU_ASSERT_TRUE(next_is(table, joined));
	CU_ASSERT_TRUE(takes(table, opener, 1));
	CU_ASSERT_TRUE(takes(table, joined, 1));
	check_empty_and_free(table);
}

static void one_that_commits_after_the_others_have_taken_the_answer_gets_it_too(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	uint32_t opener = reserve(table, alice()), joined = reserve(table, alice());

	commit(table, opener);
	answer(table, next_lookup(table), 1);
	CU_ASSERT_TRUE(next_is(table, opener));
	CU_ASSERT_TRUE(takes(table, opener, 1));
	CU_ASSERT_TRUE(nobody_is_answered(table));
	commit(table, joined);
	CU_ASSERT_TRUE(counts_are(table, 1, 0));
	CU_ASSERT_TRUE(next_is(table, joined));
	CU_ASSERT_TRUE(takes(table, joined, 1));
	check_empty_and_free(table);
}

static void an_answer_is_wiped_by_the_last_one_that_takes_it(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	uint32_t first = reserve(table, alice()), last = reserve(table, alice());

	commit(table, first);
	commit(table, last);
	CU_ASSERT_FALSE(holds_a_secret(table, SLOTS));
	answer(table, next_lookup(table), 1);
	CU_ASSERT_TRUE(next_is(table, first));
	CU_ASSERT_TRUE(next_is(table, last));
	CU_ASSERT_TRUE(takes(table, first, 1));
	CU_ASSERT_TRUE(holds_a_secret(table, SLOTS));
	CU_ASSERT_TRUE(takes(table, last, 1));
	CU_ASSERT_FALSE(holds_a_secret(table, SLOTS));
	check_empty_and_free(table);
}

/* Nor is what the place was used for before. */
static void a_fault_of_the_service_is_no_answer(void)
{
	struct secmgr_waiting *table = new_table(1);
	struct secmgr_credential credential, untouched;
	uint32_t waiter = reserve(table, alice());

	commit(table, waiter);
	answer(table, next_lookup(table), 1);
	CU_ASSERT_TRUE(next_is(table, waiter));
	CU_ASSERT_TRUE(takes(table, waiter, 1));
	waiter = reserve(table, alice());
	commit(table, waiter);
	secmgr_waiting_answer(table, next_lookup(table), NULL);
	CU_ASSERT_TRUE(next_is(table, waiter));
	memset(&credential, 0x11, sizeof(credential));
	untouched = credential;
	CU_ASSERT_FALSE(secmgr_waiting_take(table, waiter, &credential));
	CU_ASSERT_EQUAL(memcmp(&credential, &untouched, sizeof(credential)), 0);
	CU_ASSERT_TRUE(counts_are(table, 0, 0));
	free(table);
}

static void lookups_are_asked_in_the_order_in_which_their_first_request_was_suspended(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	static const char *const names[] = {"d", "a", "c", "b"};
	uint32_t waiters[4];
	struct secmgr_lookup lookup;

	for(size_t i = 0; i < 4; i++)
		waiters[i] = reserve(table, key_of(names[3 - i], "example.org"));
	for(size_t i = 0; i < 4; i++)
		commit(table, waiters[3 - i]);
	for(size_t i = 0; i < 4; i++) {
		CU_ASSERT_TRUE_FATAL(secmgr_waiting_next_lookup(table, &lookup));
		CU_ASSERT_TRUE(secmgr_slice_equals(lookup.key.username, secmgr_slice_of(names[i])));
	}
	free(table);
}

/* Else a stream of requests could keep a lookup from ever ending. */
static void the_deadline_is_that_of_the_request_that_opened_the_lookup(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	const struct secmgr_subscriber_key a = alice(), b = bob();
	struct secmgr_lookup lookup;
	uint32_t opener, joined, other;

	CU_ASSERT_TRUE_FATAL(secmgr_waiting_reserve(table, &a, HASH, 1000, &opener));
	CU_ASSERT_TRUE_FATAL(secmgr_waiting_reserve(table, &a, HASH, 2000, &joined));
	CU_ASSERT_TRUE_FATAL(secmgr_waiting_reserve(table, &b, HASH, UINT64_MAX, &other));
	commit(table, joined);
	commit(table, opener);
	commit(table, other);
	CU_ASSERT_TRUE_FATAL(secmgr_waiting_next_lookup(table, &lookup));
	CU_ASSERT_EQUAL(lookup.deadline_ms, 1000);
	CU_ASSERT_TRUE_FATAL(secmgr_waiting_next_lookup(table, &lookup));
	CU_ASSERT_EQUAL(lookup.deadline_ms, UINT64_MAX);
	free(table);
}

/* Known while the request can still be answered at once, also for one that would only join. */
static void a_full_table_refuses_and_is_none_the_worse_for_it(void)
{
	struct secmgr_waiting *table = new_table(2);
	uint32_t a = reserve(table, alice()), b = reserve(table, bob());

	CU_ASSERT_FALSE(has_room(table, key_of("carol", "example.org")));
	CU_ASSERT_FALSE(has_room(table, alice()));
	CU_ASSERT_TRUE(counts_are(table, 2, 2));
	commit(table, a);
	secmgr_waiting_release(table, b);
	CU_ASSERT_TRUE(counts_are(table, 1, 1));
	CU_ASSERT_TRUE(has_room(table, alice()));
	CU_ASSERT_TRUE(has_room(table, bob()));
	b = reserve(table, alice());
	CU_ASSERT_FALSE(has_room(table, alice()));
	commit(table, b);
	answer(table, next_lookup(table), 1);
	CU_ASSERT_FALSE(has_room(table, bob())); /* a place is taken until the request is resumed */
	CU_ASSERT_TRUE(next_is(table, a));
	CU_ASSERT_FALSE(has_room(table, bob()));
	CU_ASSERT_TRUE(takes(table, a, 1));
	CU_ASSERT_TRUE(has_room(table, bob()));
	CU_ASSERT_TRUE(next_is(table, b));
	CU_ASSERT_TRUE(takes(table, b, 1));
	CU_ASSERT_TRUE(counts_are(table, 0, 0));
	free(table);
}

static void a_table_without_places_refuses_everybody(void)
{
	struct secmgr_waiting *table = new_table(0);

	CU_ASSERT_FALSE(has_room(table, alice()));
	CU_ASSERT_TRUE(nothing_is_to_be_asked(table));
	CU_ASSERT_TRUE(nobody_is_answered(table));
	CU_ASSERT_TRUE(counts_are(table, 0, 0));
	free(table);
}

static void names_are_kept_up_to_their_bounds_and_refused_above(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	char text[SECMGR_USERNAME_MAX + SECMGR_REALM_MAX];
	const struct secmgr_slice longest_username = {text, SECMGR_USERNAME_MAX}, longest_realm = {text, SECMGR_REALM_MAX};
	const struct secmgr_slice a = SECMGR_SLICE("a");
	struct secmgr_lookup lookup;

	memset(text, 'u', sizeof(text));
	CU_ASSERT_FALSE(has_room(table, (struct secmgr_subscriber_key){{text, SECMGR_USERNAME_MAX + 1}, a}));
	CU_ASSERT_FALSE(has_room(table, (struct secmgr_subscriber_key){a, {text, SECMGR_REALM_MAX + 1}}));
	CU_ASSERT_FALSE(has_room(table, (struct secmgr_subscriber_key){{text, SIZE_MAX}, a}));
	CU_ASSERT_FALSE(has_room(table, (struct secmgr_subscriber_key){a, {text, 65536 + 1}}));
	CU_ASSERT_TRUE(counts_are(table, 0, 0));
	commit(table, reserve(table, (struct secmgr_subscriber_key){longest_username, longest_realm}));
	CU_ASSERT_TRUE_FATAL(secmgr_waiting_next_lookup(table, &lookup));
	CU_ASSERT_TRUE(secmgr_slice_equals(lookup.key.username, longest_username));
	CU_ASSERT_TRUE(secmgr_slice_equals(lookup.key.realm, longest_realm));
	free(table);
}

/* There are no pointers in it: another process may see it elsewhere. */
static void the_table_may_be_seen_at_another_address(void)
{
	struct secmgr_waiting *table = new_table(SLOTS), *elsewhere = malloc(secmgr_waiting_memory(SLOTS));
	uint32_t waiter = reserve(table, alice());

	CU_ASSERT_PTR_NOT_NULL_FATAL(elsewhere);
	commit(table, waiter);
	memcpy(elsewhere, table, secmgr_waiting_memory(SLOTS));
	memset(table, 0, secmgr_waiting_memory(SLOTS));
	free(table);
	answer(elsewhere, next_lookup(elsewhere), 1);
	CU_ASSERT_TRUE(next_is(elsewhere, waiter));
	CU_ASSERT_TRUE(takes(elsewhere, waiter, 1));
	check_empty_and_free(elsewhere);
}

static bool refresh(struct secmgr_waiting *table, struct secmgr_subscriber_key key)
{
	return secmgr_waiting_refresh(table, &key, HASH, DEADLINE_MS);
}

/* Whether the rest of the walk meets exactly these, in this order; `last` is UINT32_MAX when there is only one. */
static bool walk_meets(struct secmgr_waiting *table, struct secmgr_waiters *walk, uint32_t first, uint32_t last)
{
	struct secmgr_continuation continuation;

	if(!secmgr_waiting_next_waiter(table, walk, &continuation) || continuation.transaction_index != 1000 + first)
		return false;
	if(last != UINT32_MAX
			&& (!secmgr_waiting_next_waiter(table, walk, &continuation)
					|| continuation.transaction_index != 1000 + last))
		return false;
	return !secmgr_waiting_next_waiter(table, walk, &continuation);
}

static void a_refresh_is_asked_though_nobody_waits(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	struct secmgr_lookup lookup;

	CU_ASSERT_TRUE(refresh(table, alice()));
	CU_ASSERT_TRUE(counts_are(table, 0, 1));
	CU_ASSERT_TRUE_FATAL(secmgr_waiting_next_lookup(table, &lookup));
	CU_ASSERT_TRUE(secmgr_slice_equals(lookup.key.username, SECMGR_SLICE("alice")));
	CU_ASSERT_TRUE(secmgr_slice_equals(lookup.key.realm, SECMGR_SLICE("example.org")));
	CU_ASSERT_EQUAL(lookup.hash, HASH);
	CU_ASSERT_EQUAL(lookup.deadline_ms, DEADLINE_MS);
	CU_ASSERT_TRUE(nothing_is_to_be_asked(table));
	answer(table, lookup.number, 1);
	CU_ASSERT_TRUE(nobody_is_answered(table));
	CU_ASSERT_TRUE(refresh(table, alice()));
	secmgr_waiting_answer(table, next_lookup(table), NULL);
	check_empty_and_free(table);
}

static void only_one_lookup_for_a_subscriber_is_open_refresh_or_not(void)
{
	struct secmgr_waiting *table = new_table(64);
	uint32_t a = reserve(table, alice());

	CU_ASSERT_FALSE(refresh(table, alice()));
	commit(table, a);
	CU_ASSERT_FALSE(refresh(table, alice()));
	CU_ASSERT_TRUE(refresh(table, bob()));
	CU_ASSERT_FALSE(refresh(table, bob()));
	CU_ASSERT_TRUE(counts_are(table, 1, 2));
	answer(table, next_lookup(table), 1);
	CU_ASSERT_TRUE(refresh(table, alice())); /* the answer is there, if not yet taken: it would be another one */
	CU_ASSERT_TRUE(next_is(table, a));
	CU_ASSERT_TRUE(takes(table, a, 1));
	answer(table, next_lookup(table), 2);
	answer(table, next_lookup(table), 3);
	CU_ASSERT_TRUE(counts_are(table, 0, 0));
	CU_ASSERT_FALSE(holds_a_secret(table, 64));
	free(table);
}

static void requests_join_a_refresh_and_get_its_answer(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	uint32_t a, b, c, lookup;

	CU_ASSERT_TRUE(refresh(table, alice()));
	a = reserve(table, alice());
	commit(table, a);
	lookup = next_lookup(table);
	b = reserve(table, alice());
	c = reserve(table, alice());
	commit(table, b);
	CU_ASSERT_TRUE(nothing_is_to_be_asked(table));
	CU_ASSERT_TRUE(counts_are(table, 3, 1));
	answer(table, lookup, 1);
	CU_ASSERT_TRUE(next_is(table, a) && next_is(table, b));
	commit(table, c);
	CU_ASSERT_TRUE(next_is(table, c));
	CU_ASSERT_TRUE(takes(table, a, 1) && takes(table, b, 1));
	CU_ASSERT_TRUE(holds_a_secret(table, SLOTS));
	CU_ASSERT_TRUE(takes(table, c, 1));
	check_empty_and_free(table);
}

static void who_joined_a_refresh_is_released_and_it_is_asked_all_the_same(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);

	CU_ASSERT_TRUE(refresh(table, alice()));
	secmgr_waiting_release(table, reserve(table, alice()));
	CU_ASSERT_TRUE(counts_are(table, 0, 1));
	answer(table, next_lookup(table), 1);
	check_empty_and_free(table);
}

static void refreshes_never_take_a_place_from_a_request(void)
{
	struct secmgr_waiting *table = new_table(16);
	uint32_t waiters[16], lookup;

	CU_ASSERT_EQUAL(secmgr_waiting_lookups_max(16), 18);
	CU_ASSERT_TRUE(refresh(table, alice()));
	CU_ASSERT_TRUE(refresh(table, bob()));
	CU_ASSERT_FALSE(refresh(table, key_of("carol", "example.org")));
	for(size_t i = 0; i < 16; i++) {
		waiters[i] = reserve(table, key_of((const char[]){(char)('a' + i), '\0'}, "example.org"));
		commit(table, waiters[i]);
	}
	CU_ASSERT_TRUE(counts_are(table, 16, 18));
	for(size_t i = 0; i < 18; i++) {
		lookup = next_lookup(table);
		CU_ASSERT_TRUE(lookup < secmgr_waiting_lookups_max(16));
		answer(table, lookup, 1);
	}
	for(size_t i = 0; i < 16; i++)
		CU_ASSERT_TRUE(next_is(table, waiters[i]) && takes(table, waiters[i], 1));
	CU_ASSERT_TRUE(refresh(table, alice()));
	CU_ASSERT_TRUE(refresh(table, bob()));
	free(table);
	table = new_table(0);
	CU_ASSERT_FALSE(refresh(table, alice()));
	free(table);
	table = new_table(1);
	CU_ASSERT_TRUE(refresh(table, alice()));
	CU_ASSERT_FALSE(refresh(table, bob()));
	free(table);
}

static void a_name_above_its_bounds_is_not_refreshed(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	char text[SECMGR_USERNAME_MAX + SECMGR_REALM_MAX];
	const struct secmgr_slice a = SECMGR_SLICE("a");

	memset(text, 'u', sizeof(text));
	CU_ASSERT_FALSE(refresh(table, (struct secmgr_subscriber_key){{text, SECMGR_USERNAME_MAX + 1}, a}));
	CU_ASSERT_FALSE(refresh(table, (struct secmgr_subscriber_key){a, {text, SECMGR_REALM_MAX + 1}}));
	CU_ASSERT_TRUE(counts_are(table, 0, 0));
	CU_ASSERT_TRUE(refresh(table, (struct secmgr_subscriber_key){{text, SECMGR_USERNAME_MAX}, a}));
	free(table);
}

static void a_lookup_whose_requests_are_gone_is_dropped_with_them(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	uint32_t a = reserve(table, alice()), b = reserve(table, alice()), lookup;
	struct secmgr_waiters walk;

	commit(table, b);
	commit(table, a);
	lookup = next_lookup(table);
	walk = secmgr_waiting_waiters(table, lookup);
	CU_ASSERT_FALSE(secmgr_waiting_drop(table, &walk)); /* none of them was seen */
	CU_ASSERT_TRUE(walk_meets(table, &walk, b, a));
	CU_ASSERT_TRUE(counts_are(table, 2, 1));
	CU_ASSERT_TRUE(secmgr_waiting_drop(table, &walk));
	check_empty_and_free(table);
}

static void a_lookup_is_not_dropped_while_somebody_waits_who_was_not_seen(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	uint32_t a = reserve(table, alice()), b, c, lookup;
	struct secmgr_continuation continuation;
	struct secmgr_waiters walk;

	commit(table, a);
	lookup = next_lookup(table);
	walk = secmgr_waiting_waiters(table, lookup);
	CU_ASSERT_TRUE(walk_meets(table, &walk, a, UINT32_MAX));
	b = reserve(table, alice());
	CU_ASSERT_FALSE(secmgr_waiting_drop(table, &walk)); /* about to wait */
	commit(table, b);
	CU_ASSERT_FALSE(secmgr_waiting_drop(table, &walk)); /* came when the walk was over */
	walk = secmgr_waiting_waiters(table, lookup);
	CU_ASSERT_TRUE(secmgr_waiting_next_waiter(table, &walk, &continuation));
	CU_ASSERT_FALSE(secmgr_waiting_drop(table, &walk)); /* half seen */
	c = reserve(table, alice());
	commit(table, c);
	CU_ASSERT_TRUE(walk_meets(table, &walk, b, c)); /* came while it was not */
	secmgr_waiting_release(table, reserve(table, alice()));
	CU_ASSERT_TRUE(secmgr_waiting_drop(table, &walk));
	check_empty_and_free(table);
}

static void a_refresh_is_never_dropped(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	uint32_t a, lookup;
	struct secmgr_waiters walk;

	CU_ASSERT_TRUE(refresh(table, alice()));
	lookup = next_lookup(table);
	walk = secmgr_waiting_waiters(table, lookup);
	CU_ASSERT_FALSE(secmgr_waiting_drop(table, &walk));
	a = reserve(table, alice());
	commit(table, a);
	walk = secmgr_waiting_waiters(table, lookup);
	CU_ASSERT_TRUE(walk_meets(table, &walk, a, UINT32_MAX));
	CU_ASSERT_FALSE(secmgr_waiting_drop(table, &walk));
	answer(table, lookup, 1);
	CU_ASSERT_TRUE(next_is(table, a) && takes(table, a, 1));
	check_empty_and_free(table);
}

static void a_dropped_subscriber_is_asked_for_anew(void)
{
	struct secmgr_waiting *table = new_table(SLOTS);
	uint32_t a = reserve(table, alice()), b = reserve(table, bob());
	struct secmgr_waiters walk;

	commit(table, a);
	commit(table, b);
	walk = secmgr_waiting_waiters(table, next_lookup(table));
	CU_ASSERT_TRUE(walk_meets(table, &walk, a, UINT32_MAX));
	CU_ASSERT_TRUE(secmgr_waiting_drop(table, &walk));
	CU_ASSERT_TRUE(counts_are(table, 1, 1));
	a = reserve(table, alice());
	commit(table, a);
	answer(table, next_lookup(table), 2);
	answer(table, next_lookup(table), 1);
	CU_ASSERT_TRUE(next_is(table, b) && takes(table, b, 2));
	CU_ASSERT_TRUE(next_is(table, a) && takes(table, a, 1));
	check_empty_and_free(table);
}

/*
 * A long random run beside a plain model of it: flights (lookups with all that joined them) and the places of the table;
 * at most one flight is a refresh, as there may be in a table of this size.
 * Every answer has the number of its flight, so that a request that gets another one's is seen.
 */
enum
{
	STEPS = 60000,
	NAMES = 5
};

struct flight
{
	unsigned name;
	enum
	{
		OPEN,
		QUEUED,
		ASKED,
		ANSWERED
	} phase;
	bool failed;
	uint32_t lookup;
	size_t committed_count;
	uint32_t committed[SLOTS];
};

static struct
{
	struct secmgr_waiting *table;
	uint32_t seed;
	struct flight flights[STEPS];
	size_t flight_count;
	struct
	{
		enum
		{
			FREE,
			RESERVED,
			COMMITTED,
			HANDED_OUT
		} phase;
		size_t flight;
	} places[SLOTS];
	bool refreshing;
	size_t refresh;						/* the flight */
	size_t queue[STEPS], queued, asked; /* flights, in order */
	uint32_t answered[STEPS];			/* places, in order */
	size_t answered_count, handed_out;
	unsigned wrong, full, joined, failed, refreshed, dropped;
} model;

static uint32_t below(uint32_t limit)
{
	model.seed = model.seed * UINT32_C(1664525) + UINT32_C(1013904223);
	return (model.seed >> 16) % limit;
}

/* The first two have one hash, the third and fourth one bucket. */
static uint64_t hash_of(unsigned name)
{
	return name < 2 ? 5 : 1000 + (uint64_t)name / 4 + SLOTS * (uint64_t)name;
}

static struct secmgr_subscriber_key model_key(unsigned name)
{
	static const char *const usernames[NAMES] = {"alice", "bob", "carol", "dave", "Alice"};

	return key_of(usernames[name], below(2) ? "example.org" : "EXAMPLE.ORG");
}

/* A place in that phase, or SLOTS. */
static uint32_t any_place_in(int phase)
{
	uint32_t start = below(SLOTS);

	for(uint32_t i = 0; i < SLOTS; i++)
		if((int)model.places[(start + i) % SLOTS].phase == phase)
			return (start + i) % SLOTS;
	return SLOTS;
}

static size_t open_flight_of(unsigned name)
{
	if(model.refreshing && model.flights[model.refresh].name == name)
		return model.refresh;
	for(size_t place = 0; place < SLOTS; place++) {
		size_t flight = model.places[place].flight;

		if(model.places[place].phase != FREE && model.flights[flight].name == name
				&& model.flights[flight].phase != ANSWERED)
			return flight;
	}
	return model.flight_count;
}

static void model_reserve(void)
{
	const unsigned name = below(NAMES);
	const struct secmgr_subscriber_key key = model_key(name);
	const bool room = any_place_in(FREE) != SLOTS;
	const size_t flight = open_flight_of(name);
	uint32_t waiter = SLOTS;
	const bool reserved = secmgr_waiting_reserve(model.table, &key, hash_of(name), flight, &waiter);

	model.wrong += reserved != room;
	model.full += !room;
	if(!reserved)
		return;
	CU_ASSERT_FATAL(waiter < SLOTS);
	model.wrong += model.places[waiter].phase != FREE;
	model.joined += flight < model.flight_count;
	if(flight == model.flight_count)
		model.flights[model.flight_count++] = (struct flight){.name = name, .phase = OPEN};
	model.places[waiter].phase = RESERVED;
	model.places[waiter].flight = flight;
}

static void model_commit(void)
{
	const uint32_t place = any_place_in(RESERVED);
	struct flight *flight;

	if(place == SLOTS)
		return;
	flight = &model.flights[model.places[place].flight];
	commit(model.table, place);
	model.places[place].phase = COMMITTED;
	if(flight->phase == ANSWERED) {
		model.answered[model.answered_count++] = place;
		return;
	}
	flight->committed[flight->committed_count++] = place;
	if(flight->phase != OPEN)
		return;
	flight->phase = QUEUED;
	model.queue[model.queued++] = model.places[place].flight;
}

static void model_release(void)
{
	const uint32_t place = any_place_in(RESERVED);

	if(place == SLOTS)
		return;
	secmgr_waiting_release(model.table, place);
	model.places[place].phase = FREE;
}

static void model_next_lookup(void)
{
	struct secmgr_lookup lookup;
	const bool found = secmgr_waiting_next_lookup(model.table, &lookup);
	struct secmgr_subscriber_key key;
	struct flight *flight;

	model.wrong += found != (model.asked < model.queued);
	if(!found || model.asked == model.queued)
		return;
	flight = &model.flights[model.queue[model.asked]];
	key = model_key(flight->name);
	model.wrong += !secmgr_slice_equals(lookup.key.username, key.username)
				   || !secmgr_slice_equals_ignoring_case(lookup.key.realm, key.realm)
				   || lookup.hash != hash_of(flight->name) || lookup.deadline_ms != model.queue[model.asked];
	flight->lookup = lookup.number;
	flight->phase = ASKED;
	model.asked++;
}

static uint16_t tag_of(size_t flight)
{
	return (uint16_t)(flight % 60000);
}

static void model_refresh(void)
{
	const unsigned name = below(NAMES);
	const struct secmgr_subscriber_key key = model_key(name);
	const bool possible = !model.refreshing && open_flight_of(name) == model.flight_count;

	model.wrong += secmgr_waiting_refresh(model.table, &key, hash_of(name), model.flight_count) != possible;
	if(!possible)
		return;
	model.refreshing = true;
	model.refreshed++;
	model.refresh = model.flight_count;
	model.queue[model.queued++] = model.flight_count;
	model.flights[model.flight_count++] = (struct flight){.name = name, .phase = QUEUED};
}

/* A flight whose lookup is being asked, or flight_count. */
static size_t any_flight_being_asked(void)
{
	const uint32_t start = below(SLOTS);

	if(model.refreshing && model.flights[model.refresh].phase == ASKED && below(4) == 0)
		return model.refresh;
	for(uint32_t i = 0; i < SLOTS; i++) {
		const uint32_t place = (start + i) % SLOTS;

		if(model.places[place].phase != FREE && model.flights[model.places[place].flight].phase == ASKED)
			return model.places[place].flight;
	}
	return model.flight_count;
}

static void model_answer(void)
{
	const size_t number = any_flight_being_asked();
	struct flight *flight = &model.flights[number];

	if(number == model.flight_count)
		return;
	flight->phase = ANSWERED;
	flight->failed = below(4) == 0;
	model.failed += flight->failed;
	if(flight->failed)
		secmgr_waiting_answer(model.table, flight->lookup, NULL);
	else
		answer(model.table, flight->lookup, tag_of(number));
	for(size_t j = 0; j < flight->committed_count; j++)
		model.answered[model.answered_count++] = flight->committed[j];
	if(model.refreshing && model.refresh == number)
		model.refreshing = false;
}

static size_t places_of(size_t flight)
{
	size_t count = 0;

	for(size_t place = 0; place < SLOTS; place++)
		count += model.places[place].phase != FREE && model.places[place].flight == flight;
	return count;
}

/* The walk meets all that are committed; whoever else has a place keeps the lookup from being dropped. */
static void model_drop(void)
{
	const size_t number = any_flight_being_asked();
	struct flight *flight = &model.flights[number];
	struct secmgr_continuation continuation;
	struct secmgr_waiters walk;
	size_t met = 0;
	bool possible;

	if(number == model.flight_count)
		return;
	walk = secmgr_waiting_waiters(model.table, flight->lookup);
	for(; secmgr_waiting_next_waiter(model.table, &walk, &continuation); met++)
		model.wrong += met >= flight->committed_count
					   || continuation.transaction_index != 1000 + flight->committed[met];
	model.wrong += met != flight->committed_count;
	possible = places_of(number) == flight->committed_count && !(model.refreshing && model.refresh == number);
	model.wrong += secmgr_waiting_drop(model.table, &walk) != possible;
	if(!possible)
		return;
	flight->phase = ANSWERED;
	model.dropped++;
	for(size_t i = 0; i < flight->committed_count; i++)
		model.places[flight->committed[i]].phase = FREE;
}

static void model_next_answered(void)
{
	struct secmgr_continuation continuation;
	uint32_t waiter;
	const bool found = secmgr_waiting_next_answered(model.table, &waiter, &continuation);

	model.wrong += found != (model.handed_out < model.answered_count);
	if(!found || model.handed_out == model.answered_count)
		return;
	CU_ASSERT_FATAL(waiter < SLOTS);
	model.wrong += waiter != model.answered[model.handed_out++] || model.places[waiter].phase != COMMITTED
				   || continuation.transaction_index != 1000 + waiter;
	model.places[waiter].phase = HANDED_OUT;
}

static void model_take(void)
{
	const uint32_t place = any_place_in(HANDED_OUT);
	struct secmgr_credential credential;

	if(place == SLOTS)
		return;
	if(model.flights[model.places[place].flight].failed)
		model.wrong += secmgr_waiting_take(model.table, place, &credential);
	else
		model.wrong += !takes(model.table, place, tag_of(model.places[place].flight));
	model.places[place].phase = FREE;
}

static bool model_counts_agree(void)
{
	size_t requests = 0, lookups = 0;

	for(unsigned name = 0; name < NAMES; name++)
		lookups += open_flight_of(name) != model.flight_count;
	for(size_t place = 0; place < SLOTS; place++)
		requests += model.places[place].phase != FREE;
	return counts_are(model.table, requests, lookups);
}

static void a_long_random_run_agrees_with_a_plain_model(void)
{
	static void (*const moves[])(void) = {model_reserve, model_reserve, model_commit, model_commit, model_release,
			model_refresh, model_drop, model_next_lookup, model_answer, model_next_answered, model_next_answered, model_take, model_take};
	const uint32_t move_count = sizeof(moves) / sizeof(moves[0]);

	memset(&model, 0, sizeof(model));
	model.table = new_table(SLOTS);
	model.seed = 20261;
	for(unsigned step = 0; step < STEPS; step++) {
		moves[below(move_count)]();
		model.wrong += !model_counts_agree();
	}
	for(unsigned step = 0; step < 10 * SLOTS; step++) { /* no more requests: the rest comes to its end */
		model_commit();
		model_next_lookup();
		model_answer();
		model_next_answered();
		model_take();
	}
	CU_ASSERT_EQUAL(model.wrong, 0);
	CU_ASSERT_EQUAL(model.handed_out, model.answered_count);
	CU_ASSERT(model.full > 100 && model.joined > 1000 && model.failed > 100 && model.answered_count > 1000);
	CU_ASSERT(model.refreshed > 100 && model.dropped > 100);
	check_empty_and_free(model.table);
}

void secmgr_test_waiting(void)
{
	CU_pSuite suite = CU_add_suite("waiting", NULL, NULL);

	CU_ADD_TEST(suite, a_request_is_asked_for_answered_and_resumed);
	CU_ADD_TEST(suite, the_key_is_a_copy);
	CU_ADD_TEST(suite, nothing_is_asked_before_somebody_is_suspended);
	CU_ADD_TEST(suite, requests_for_one_subscriber_share_one_lookup_and_come_back_in_order);
	CU_ADD_TEST(suite, only_the_same_subscriber_shares_a_lookup);
	CU_ADD_TEST(suite, names_that_meet_in_one_bucket_get_their_own_answers);
	CU_ADD_TEST(suite, who_comes_after_the_answer_starts_a_new_lookup);
	CU_ADD_TEST(suite, the_opener_is_released_before_the_joined_one_commits);
	CU_ADD_TEST(suite, the_opener_is_released_while_the_lookup_is_queued);
	CU_ADD_TEST(suite, the_opener_is_released_while_the_service_is_asked);
	CU_ADD_TEST(suite, one_is_released_after_the_answer_and_the_other_still_gets_it);
	CU_ADD_TEST(suite, the_last_one_is_released_and_takes_the_answer_with_it);
	CU_ADD_TEST(suite, one_that_commits_after_the_answer_is_handed_out_at_once);
	CU_ADD_TEST(suite, one_that_commits_after_the_others_have_taken_the_answer_gets_it_too);
	CU_ADD_TEST(suite, an_answer_is_wiped_by_the_last_one_that_takes_it);
	CU_ADD_TEST(suite, a_fault_of_the_service_is_no_answer);
	CU_ADD_TEST(suite, lookups_are_asked_in_the_order_in_which_their_first_request_was_suspended);
	CU_ADD_TEST(suite, the_deadline_is_that_of_the_request_that_opened_the_lookup);
	CU_ADD_TEST(suite, a_full_table_refuses_and_is_none_the_worse_for_it);
	CU_ADD_TEST(suite, a_table_without_places_refuses_everybody);
	CU_ADD_TEST(suite, names_are_kept_up_to_their_bounds_and_refused_above);
	CU_ADD_TEST(suite, the_table_may_be_seen_at_another_address);
	CU_ADD_TEST(suite, a_refresh_is_asked_though_nobody_waits);
	CU_ADD_TEST(suite, only_one_lookup_for_a_subscriber_is_open_refresh_or_not);
	CU_ADD_TEST(suite, requests_join_a_refresh_and_get_its_answer);
	CU_ADD_TEST(suite, who_joined_a_refresh_is_released_and_it_is_asked_all_the_same);
	CU_ADD_TEST(suite, refreshes_never_take_a_place_from_a_request);
	CU_ADD_TEST(suite, a_name_above_its_bounds_is_not_refreshed);
	CU_ADD_TEST(suite, a_lookup_whose_requests_are_gone_is_dropped_with_them);
	CU_ADD_TEST(suite, a_lookup_is_not_dropped_while_somebody_waits_who_was_not_seen);
	CU_ADD_TEST(suite, a_refresh_is_never_dropped);
	CU_ADD_TEST(suite, a_dropped_subscriber_is_asked_for_anew);
	CU_ADD_TEST(suite, a_long_random_run_agrees_with_a_plain_model);
}
