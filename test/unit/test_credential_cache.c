/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "credential_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <CUnit/Basic.h>

void secmgr_test_credential_cache(void);

#define NOW_MS UINT64_C(1000000)
#define TTL_S 300
#define TTL_MS (UINT64_C(1000) * TTL_S)
#define ETAG "W/\"version 7\""
#define RETRY_MS SECMGR_CREDENTIAL_CACHE_REFRESH_RETRY_MS
#define RECHECK_MS UINT64_C(10000)
#define HA1_BYTE 0xc3 /* stands nowhere else in a shard */

static const struct secmgr_slice no_etag = {"", 0};
static const struct secmgr_lifetimes lifetimes = {.fresh_s = TTL_S, .keep = true};
static const struct secmgr_lifetimes stale_if_error = {.fresh_s = TTL_S, .stale_if_error_s = 3600, .keep = true};
static const struct secmgr_lifetimes refreshed_while_stale = {
		.fresh_s = TTL_S, .stale_while_revalidate_s = 60, .stale_if_error_s = 30, .keep = true};
static const uint8_t secret[16] = "sixteen secrets.";

/* What the tests ask a shard, with the key's hash filled in. */
static struct
{
	struct secmgr_credential_cache *cache;
	unsigned char *memory;
	size_t size;
} shard;

static struct secmgr_subscriber_key key_of(const char *username, const char *realm)
{
	return (struct secmgr_subscriber_key){secmgr_slice_of(username), secmgr_slice_of(realm)};
}

static uint64_t hash_of(struct secmgr_subscriber_key key)
{
	return secmgr_subscriber_key_hash(&key, secret);
}

/* Of exactly the promised size and full of rubbish, so that AddressSanitizer sees every step beyond. */
static void open_shard(size_t entries)
{
	shard.size = secmgr_credential_cache_memory(entries);
	shard.memory = malloc(shard.size);
	CU_ASSERT_PTR_NOT_NULL_FATAL(shard.memory);
	memset(shard.memory, 0xa5, shard.size);
	shard.cache = secmgr_credential_cache_init(shard.memory, entries);
	CU_ASSERT_PTR_NOT_NULL_FATAL(shard.cache);
}

static void close_shard(void)
{
	free(shard.memory);
	shard.memory = NULL;
}

static struct secmgr_credential active(void)
{
	struct secmgr_credential credential;

	memset(&credential, 0, sizeof(credential));
	credential.subscriber = SECMGR_SUBSCRIBER_ACTIVE;
	credential.ha1_present = 1u << SECMGR_HASH_COUNT;
	credential.ha1_present--;
	memset(credential.ha1[SECMGR_HASH_MD5], HA1_BYTE, 16);
	memset(credential.ha1[SECMGR_HASH_SHA_256], HA1_BYTE, 32);
	memset(credential.ha1[SECMGR_HASH_SHA_512_256], HA1_BYTE, 32);
	return credential;
}

/* Of `length` bytes of text whose every byte depends on its place and on `salt`. */
static struct secmgr_credential active_with_text(size_t length, unsigned salt)
{
	struct secmgr_credential credential = active();

	for(size_t i = 0; i < length; i++)
		credential.text[i] = (char)('a' + (i * 7 + i / 26 + salt) % 26);
	credential.identities_length = (uint16_t)(length / 3);
	credential.policy_length = (uint16_t)(length / 5);
	credential.attributes_length = (uint16_t)(length - length / 3 - length / 5);
	return credential;
}

static bool put_at(const char *username, const struct secmgr_credential *credential, const char *etag,
		struct secmgr_lifetimes for_which, uint64_t now_ms)
{
	struct secmgr_subscriber_key key = key_of(username, "example.org");

	return secmgr_credential_cache_put(
			shard.cache, &key, hash_of(key), credential, secmgr_slice_of(etag), &for_which, now_ms);
}

static bool put(const char *username, const struct secmgr_credential *credential)
{
	return put_at(username, credential, "", lifetimes, NOW_MS);
}

static enum secmgr_cache_result get_at(const char *username, uint64_t now_ms, struct secmgr_credential *credential)
{
	struct secmgr_subscriber_key key = key_of(username, "example.org");

	return secmgr_credential_cache_get(shard.cache, &key, hash_of(key), now_ms, credential);
}

static enum secmgr_cache_result get(const char *username)
{
	struct secmgr_credential credential;

	return get_at(username, NOW_MS, &credential);
}

static bool get_stale(const char *username, uint64_t now_ms, struct secmgr_credential *credential)
{
	struct secmgr_subscriber_key key = key_of(username, "example.org");

	return secmgr_credential_cache_get_stale(shard.cache, &key, hash_of(key), now_ms, credential);
}

static bool renew(const char *username, const char *etag, struct secmgr_lifetimes for_which, uint64_t now_ms,
		struct secmgr_credential *credential)
{
	struct secmgr_subscriber_key key = key_of(username, "example.org");

	return secmgr_credential_cache_renew(
			shard.cache, &key, hash_of(key), secmgr_slice_of(etag), &for_which, now_ms, credential);
}

static bool has_etag(const char *username, const char *expected)
{
	struct secmgr_subscriber_key key = key_of(username, "example.org");
	char etag[SECMGR_ETAG_MAX];
	size_t length = secmgr_credential_cache_etag(shard.cache, &key, hash_of(key), etag);

	return secmgr_slice_equals((struct secmgr_slice){etag, length}, secmgr_slice_of(expected));
}

static bool recheck_is_due(const char *username, uint64_t now_ms)
{
	struct secmgr_subscriber_key key = key_of(username, "example.org");

	return secmgr_credential_cache_recheck_is_due(shard.cache, &key, hash_of(key), now_ms, RECHECK_MS);
}

static bool is_nobody(const struct secmgr_credential *credential)
{
	return credential->subscriber == SECMGR_SUBSCRIBER_UNKNOWN && credential->ha1_present == 0
		   && credential->identities_length == 0 && credential->policy_length == 0
		   && credential->attributes_length == 0;
}

static bool forget(const char *username)
{
	struct secmgr_subscriber_key key = key_of(username, "example.org");

	return secmgr_credential_cache_forget(shard.cache, &key, hash_of(key));
}

static bool texts_equal(const struct secmgr_credential *a, const struct secmgr_credential *b)
{
	return secmgr_slice_equals(secmgr_credential_identities(a), secmgr_credential_identities(b))
		   && secmgr_slice_equals(secmgr_credential_policy(a), secmgr_credential_policy(b))
		   && secmgr_slice_equals(secmgr_credential_attributes(a), secmgr_credential_attributes(b));
}

static bool credentials_equal(const struct secmgr_credential *a, const struct secmgr_credential *b)
{
	return a->subscriber == b->subscriber && a->ha1_present == b->ha1_present
		   && memcmp(a->ha1, b->ha1, sizeof(a->ha1)) == 0 && texts_equal(a, b);
}

static size_t bytes_of_ha1s_in_the_shard(void)
{
	size_t count = 0;

	for(size_t i = 0; i + 8 <= shard.size; i++)
		if(memcmp(shard.memory + i, "\xc3\xc3\xc3\xc3\xc3\xc3\xc3\xc3", 8) == 0)
			count++;
	return count;
}

static void what_was_put_comes_out_until_it_is_no_longer_fresh(void)
{
	struct secmgr_credential in = active_with_text(100, 1), out;

	open_shard(4);
	CU_ASSERT_EQUAL(get("alice"), SECMGR_CACHE_MISS);
	CU_ASSERT_TRUE(put("alice", &in));
	CU_ASSERT_EQUAL(get_at("alice", NOW_MS, &out), SECMGR_CACHE_HIT);
	CU_ASSERT_TRUE(credentials_equal(&in, &out));
	CU_ASSERT_EQUAL(get_at("alice", NOW_MS + TTL_MS - 1, &out), SECMGR_CACHE_HIT_REFRESH_IS_DUE);
	CU_ASSERT_TRUE(credentials_equal(&in, &out));
	CU_ASSERT_EQUAL(get_at("alice", NOW_MS + TTL_MS, &out), SECMGR_CACHE_MISS);
	CU_ASSERT_EQUAL(get_at("bob", NOW_MS, &out), SECMGR_CACHE_MISS);
	close_shard();
}

static void a_miss_and_an_expired_entry_allow_nobody(void)
{
	struct secmgr_credential in = active_with_text(100, 1), out;

	open_shard(4);
	CU_ASSERT_TRUE(put_at("alice", &in, ETAG, stale_if_error, NOW_MS));
	memset(&out, 0xff, sizeof(out));
	CU_ASSERT_EQUAL(get_at("alice", NOW_MS + TTL_MS, &out), SECMGR_CACHE_EXPIRED);
	CU_ASSERT_TRUE(is_nobody(&out));
	memset(&out, 0xff, sizeof(out));
	CU_ASSERT_EQUAL(get_at("bob", NOW_MS + TTL_MS, &out), SECMGR_CACHE_MISS);
	CU_ASSERT_TRUE(is_nobody(&out));
	memset(&out, 0xff, sizeof(out));
	CU_ASSERT_FALSE(get_stale("bob", NOW_MS, &out));
	CU_ASSERT_TRUE(is_nobody(&out));
	memset(&out, 0xff, sizeof(out));
	CU_ASSERT_FALSE(renew("bob", ETAG, lifetimes, NOW_MS, &out));
	CU_ASSERT_TRUE(is_nobody(&out));
	memset(&out, 0xff, sizeof(out));
	CU_ASSERT_FALSE(renew("alice", "\"another\"", lifetimes, NOW_MS, &out));
	CU_ASSERT_TRUE(is_nobody(&out));
	close_shard();
}

static void only_the_ha1s_that_are_there_come_out(void)
{
	for(unsigned present = 0; present < 1u << SECMGR_HASH_COUNT; present++) {
		struct secmgr_credential in = active(), out;

		in.ha1_present = (uint8_t)present;
		for(unsigned hash = 0; hash < SECMGR_HASH_COUNT; hash++)
			if(!(present & 1u << hash))
				memset(in.ha1[hash], 0, sizeof(in.ha1[hash]));
		open_shard(1);
		CU_ASSERT_TRUE(put("alice", &in));
		CU_ASSERT_EQUAL(get_at("alice", NOW_MS, &out), SECMGR_CACHE_HIT);
		CU_ASSERT_TRUE(credentials_equal(&in, &out));
		close_shard();
	}
}

static void the_realm_is_the_same_in_any_case_and_the_user_name_is_not(void)
{
	struct secmgr_subscriber_key as_put = key_of("alice", "Example.ORG"), other_case = key_of("alice", "eXAMPLE.org"),
								 other_user = key_of("Alice", "Example.ORG"), longer = key_of("alice", "Example.ORG.");
	struct secmgr_credential in = active(), out;

	open_shard(4);
	CU_ASSERT_TRUE(secmgr_credential_cache_put(shard.cache, &as_put, hash_of(as_put), &in, no_etag, &lifetimes, NOW_MS));
	CU_ASSERT_EQUAL(hash_of(as_put), hash_of(other_case));
	CU_ASSERT_EQUAL(
			secmgr_credential_cache_get(shard.cache, &other_case, hash_of(other_case), NOW_MS, &out), SECMGR_CACHE_HIT);
	/* Under one hash, so that the names themselves are compared. */
	CU_ASSERT_EQUAL(
			secmgr_credential_cache_get(shard.cache, &other_user, hash_of(as_put), NOW_MS, &out), SECMGR_CACHE_MISS);
	CU_ASSERT_EQUAL(
			secmgr_credential_cache_get(shard.cache, &longer, hash_of(as_put), NOW_MS, &out), SECMGR_CACHE_MISS);
	close_shard();
}

static void names_that_read_the_same_in_a_row_are_different_keys(void)
{
	struct secmgr_subscriber_key a = key_of("ab", "c"), b = key_of("a", "bc");
	struct secmgr_credential in = active(), out;

	CU_ASSERT_NOT_EQUAL(hash_of(a), hash_of(b));
	open_shard(4);
	CU_ASSERT_TRUE(secmgr_credential_cache_put(shard.cache, &a, 7, &in, no_etag, &lifetimes, NOW_MS));
	CU_ASSERT_EQUAL(secmgr_credential_cache_get(shard.cache, &b, 7, NOW_MS, &out), SECMGR_CACHE_MISS);
	close_shard();
}

static void the_hash_depends_on_the_secret(void)
{
	static const uint8_t other_secret[16] = "sixteen secrets!";
	struct secmgr_subscriber_key key = key_of("alice", "example.org");

	CU_ASSERT_NOT_EQUAL(secmgr_subscriber_key_hash(&key, secret), secmgr_subscriber_key_hash(&key, other_secret));
}

static void keys_that_share_a_hash_are_kept_apart(void)
{
	struct secmgr_credential in[5], out;
	static const char *const names[] = {"a", "b", "c", "d", "e"};

	open_shard(8);
	for(unsigned i = 0; i < 5; i++) {
		struct secmgr_subscriber_key key = key_of(names[i], "example.org");

		in[i] = active_with_text(10, i);
		CU_ASSERT_TRUE(secmgr_credential_cache_put(shard.cache, &key, 42, &in[i], no_etag, &lifetimes, NOW_MS));
	}
	for(unsigned gone = 0; gone < 5; gone += 2) { /* the last one in, one within, and the first one in */
		struct secmgr_subscriber_key key = key_of(names[gone], "example.org");

		CU_ASSERT_TRUE(secmgr_credential_cache_forget(shard.cache, &key, 42));
	}
	for(unsigned i = 0; i < 5; i++) {
		struct secmgr_subscriber_key key = key_of(names[i], "example.org");

		CU_ASSERT_EQUAL(secmgr_credential_cache_get(shard.cache, &key, 42, NOW_MS, &out),
				i % 2 ? SECMGR_CACHE_HIT : SECMGR_CACHE_MISS);
		CU_ASSERT_TRUE(i % 2 == 0 || credentials_equal(&in[i], &out));
	}
	close_shard();
}

static void an_unknown_name_is_remembered_as_unknown(void)
{
	struct secmgr_credential in, out;

	memset(&in, 0, sizeof(in));
	open_shard(4);
	CU_ASSERT_TRUE(put("nobody", &in));
	memset(&out, 0xff, sizeof(out));
	CU_ASSERT_EQUAL(get_at("nobody", NOW_MS, &out), SECMGR_CACHE_HIT);
	CU_ASSERT_EQUAL(out.subscriber, SECMGR_SUBSCRIBER_UNKNOWN);
	CU_ASSERT_EQUAL(out.ha1_present, 0);
	close_shard();
}

static void texts_of_every_length_come_back(void)
{
	char username[SECMGR_USERNAME_MAX + 1];

	open_shard(6);
	for(size_t length = 0; length <= SECMGR_CREDENTIAL_TEXT_MAX; length++) {
		struct secmgr_credential in = active_with_text(length, (unsigned)length), out;

		snprintf(username, sizeof(username), "%0*d", (int)(1 + length % SECMGR_USERNAME_MAX), 0);
		CU_ASSERT_TRUE(put(username, &in));
		CU_ASSERT_EQUAL(get_at(username, NOW_MS, &out), SECMGR_CACHE_HIT);
		CU_ASSERT_TRUE(credentials_equal(&in, &out));
	}
	close_shard();
}

static void the_longest_key_takes_one_cell(void)
{
	char username[SECMGR_USERNAME_MAX + 2], realm[SECMGR_REALM_MAX + 2];
	struct secmgr_credential in = active(), out;
	struct secmgr_subscriber_key key;

	memset(username, 'u', sizeof(username));
	memset(realm, 'r', sizeof(realm));
	open_shard(1);
	key = (struct secmgr_subscriber_key){{username, SECMGR_USERNAME_MAX}, {realm, SECMGR_REALM_MAX}};
	CU_ASSERT_TRUE(secmgr_credential_cache_put(shard.cache, &key, 1, &in, no_etag, &lifetimes, NOW_MS));
	CU_ASSERT_EQUAL(secmgr_credential_cache_get(shard.cache, &key, 1, NOW_MS, &out), SECMGR_CACHE_HIT);
	key.username.length++;
	CU_ASSERT_FALSE(secmgr_credential_cache_put(shard.cache, &key, 1, &in, no_etag, &lifetimes, NOW_MS));
	CU_ASSERT_EQUAL(secmgr_credential_cache_get(shard.cache, &key, 1, NOW_MS, &out), SECMGR_CACHE_MISS);
	key.username.length--;
	key.realm.length++;
	CU_ASSERT_FALSE(secmgr_credential_cache_put(shard.cache, &key, 1, &in, no_etag, &lifetimes, NOW_MS));
	close_shard();
}

static void the_longest_key_and_etag_take_one_cell(void)
{
	char username[SECMGR_USERNAME_MAX + 1], realm[SECMGR_REALM_MAX + 1], etag[SECMGR_ETAG_MAX + 1];
	char seen[SECMGR_ETAG_MAX];
	struct secmgr_credential in = active(), out;
	struct secmgr_subscriber_key key;
	struct secmgr_slice tag = {etag, SECMGR_ETAG_MAX};

	memset(username, 'u', sizeof(username));
	memset(realm, 'r', sizeof(realm));
	memset(etag, 'e', sizeof(etag));
	open_shard(1);
	key = (struct secmgr_subscriber_key){{username, SECMGR_USERNAME_MAX}, {realm, SECMGR_REALM_MAX}};
	CU_ASSERT_TRUE(secmgr_credential_cache_put(shard.cache, &key, 1, &in, tag, &lifetimes, NOW_MS));
	CU_ASSERT_EQUAL(secmgr_credential_cache_get(shard.cache, &key, 1, NOW_MS, &out), SECMGR_CACHE_HIT);
	CU_ASSERT_TRUE(credentials_equal(&in, &out));
	CU_ASSERT_EQUAL(secmgr_credential_cache_etag(shard.cache, &key, 1, seen), SECMGR_ETAG_MAX);
	CU_ASSERT_EQUAL(memcmp(seen, etag, SECMGR_ETAG_MAX), 0);
	tag.length++;
	CU_ASSERT_TRUE(secmgr_credential_cache_put(shard.cache, &key, 1, &in, tag, &lifetimes, NOW_MS));
	CU_ASSERT_EQUAL(secmgr_credential_cache_get(shard.cache, &key, 1, NOW_MS, &out), SECMGR_CACHE_HIT);
	CU_ASSERT_EQUAL(secmgr_credential_cache_etag(shard.cache, &key, 1, seen), 0);
	close_shard();
}

static void texts_behind_an_etag_of_any_length_come_back(void)
{
	char etag[SECMGR_ETAG_MAX + 1];

	open_shard(5);
	for(unsigned length = 0; length <= SECMGR_ETAG_MAX; length++) {
		struct secmgr_credential in = active_with_text(SECMGR_CREDENTIAL_TEXT_MAX - length, length), out;

		snprintf(etag, sizeof(etag), "%.*s", (int)length,
				"\"etag of which so many characters are taken as the case wants: 64\"");
		CU_ASSERT_TRUE(put_at("alice", &in, etag, lifetimes, NOW_MS));
		CU_ASSERT_EQUAL(get_at("alice", NOW_MS, &out), SECMGR_CACHE_HIT);
		CU_ASSERT_TRUE(credentials_equal(&in, &out));
		CU_ASSERT_TRUE(has_etag("alice", etag));
	}
	close_shard();
}

static void what_is_used_is_refreshed_ahead_by_one_caller(void)
{
	const uint64_t due_ms = NOW_MS + TTL_MS * 9 / 10;
	struct secmgr_credential in = active(), out;

	open_shard(4);
	CU_ASSERT_TRUE(put("alice", &in));
	CU_ASSERT_EQUAL(get_at("alice", due_ms - 1, &out), SECMGR_CACHE_HIT);
	CU_ASSERT_EQUAL(get_at("alice", due_ms, &out), SECMGR_CACHE_HIT_REFRESH_IS_DUE);
	CU_ASSERT_TRUE(credentials_equal(&in, &out));
	for(unsigned caller = 0; caller < 100; caller++)
		CU_ASSERT_EQUAL(get_at("alice", due_ms + caller, &out), SECMGR_CACHE_HIT);
	CU_ASSERT_EQUAL(get_at("alice", due_ms + RETRY_MS - 1, &out), SECMGR_CACHE_HIT);
	CU_ASSERT_EQUAL(get_at("alice", due_ms + RETRY_MS, &out), SECMGR_CACHE_HIT_REFRESH_IS_DUE);
	CU_ASSERT_EQUAL(get_at("alice", due_ms + RETRY_MS, &out), SECMGR_CACHE_HIT);
	CU_ASSERT_TRUE(put_at("alice", &in, "", lifetimes, due_ms));
	CU_ASSERT_EQUAL(get_at("alice", due_ms + TTL_MS * 9 / 10 - 1, &out), SECMGR_CACHE_HIT);
	CU_ASSERT_EQUAL(get_at("alice", due_ms + TTL_MS * 9 / 10, &out), SECMGR_CACHE_HIT_REFRESH_IS_DUE);
	close_shard();
}

static void what_is_stale_serves_while_it_is_refreshed(void)
{
	const uint64_t stale_ms = NOW_MS + TTL_MS;
	struct secmgr_credential in = active(), out;

	open_shard(4);
	CU_ASSERT_TRUE(put_at("alice", &in, "", refreshed_while_stale, NOW_MS));
	CU_ASSERT_EQUAL(get_at("alice", stale_ms, &out), SECMGR_CACHE_HIT_REFRESH_IS_DUE);
	CU_ASSERT_TRUE(credentials_equal(&in, &out));
	CU_ASSERT_EQUAL(get_at("alice", stale_ms + RETRY_MS - 1, &out), SECMGR_CACHE_HIT);
	CU_ASSERT_EQUAL(get_at("alice", stale_ms + 59999, &out), SECMGR_CACHE_HIT_REFRESH_IS_DUE);
	CU_ASSERT_TRUE(get_stale("alice", stale_ms + 59999, &out));
	CU_ASSERT_EQUAL(get_at("alice", stale_ms + 60000, &out), SECMGR_CACHE_MISS);
	CU_ASSERT_FALSE(get_stale("alice", stale_ms + 60000, &out));
	close_shard();
}

static void what_is_fresh_for_no_time_is_refreshed_at_its_first_use(void)
{
	const struct secmgr_lifetimes never_fresh = {.stale_while_revalidate_s = 60, .keep = true};
	struct secmgr_credential in = active(), out;

	open_shard(4);
	CU_ASSERT_TRUE(put_at("alice", &in, "", never_fresh, NOW_MS));
	CU_ASSERT_EQUAL(get_at("alice", NOW_MS, &out), SECMGR_CACHE_HIT_REFRESH_IS_DUE);
	CU_ASSERT_EQUAL(get_at("alice", NOW_MS, &out), SECMGR_CACHE_HIT);
	close_shard();
}

static void unknown_names_are_never_refreshed_ahead(void)
{
	struct secmgr_credential unknown, out;

	memset(&unknown, 0, sizeof(unknown));
	open_shard(4);
	CU_ASSERT_TRUE(put_at("nobody", &unknown, "", refreshed_while_stale, NOW_MS));
	CU_ASSERT_EQUAL(get_at("nobody", NOW_MS + TTL_MS - 1, &out), SECMGR_CACHE_HIT);
	CU_ASSERT_EQUAL(get_at("nobody", NOW_MS + TTL_MS, &out), SECMGR_CACHE_EXPIRED);
	CU_ASSERT_EQUAL(get_at("nobody", NOW_MS + TTL_MS + 30000, &out), SECMGR_CACHE_MISS);
	close_shard();
}

static void whatever_the_service_said_stands_while_it_is_down(void)
{
	for(unsigned subscriber = SECMGR_SUBSCRIBER_UNKNOWN; subscriber <= SECMGR_SUBSCRIBER_ACTIVE; subscriber++) {
		const uint64_t stale_ms = NOW_MS + TTL_MS;
		struct secmgr_credential in = active_with_text(900, subscriber), out;

		in.subscriber = (uint8_t)subscriber;
		open_shard(4);
		CU_ASSERT_TRUE(put_at("alice", &in, "", stale_if_error, NOW_MS));
		CU_ASSERT_TRUE(get_stale("alice", NOW_MS, &out));
		CU_ASSERT_TRUE(credentials_equal(&in, &out));
		CU_ASSERT_EQUAL(get_at("alice", stale_ms, &out), SECMGR_CACHE_EXPIRED);
		CU_ASSERT_TRUE(get_stale("alice", stale_ms, &out));
		CU_ASSERT_TRUE(credentials_equal(&in, &out));
		CU_ASSERT_TRUE(get_stale("alice", stale_ms + 3600 * 1000 - 1, &out));
		CU_ASSERT_EQUAL(get_at("alice", stale_ms + 3600 * 1000, &out), SECMGR_CACHE_MISS);
		CU_ASSERT_FALSE(get_stale("alice", stale_ms + 3600 * 1000, &out));
		CU_ASSERT_TRUE(is_nobody(&out));
		close_shard();
	}
}

static void what_may_not_be_kept_is_forgotten(void)
{
	const struct secmgr_lifetimes no_store = {.fresh_s = TTL_S, .stale_if_error_s = 3600};
	struct secmgr_credential in = active();

	open_shard(4);
	CU_ASSERT_TRUE(put("alice", &in));
	CU_ASSERT_TRUE(put_at("alice", &in, ETAG, no_store, NOW_MS));
	CU_ASSERT_EQUAL(get("alice"), SECMGR_CACHE_MISS);
	CU_ASSERT_EQUAL(secmgr_credential_cache_entries(shard.cache), 0);
	close_shard();
}

static void what_must_be_revalidated_is_kept_for_its_etag_alone(void)
{
	const struct secmgr_lifetimes no_cache = {.keep = true};
	struct secmgr_credential in = active(), out;

	open_shard(4);
	CU_ASSERT_TRUE(put_at("alice", &in, ETAG, no_cache, NOW_MS));
	CU_ASSERT_EQUAL(get_at("alice", NOW_MS, &out), SECMGR_CACHE_MISS);
	CU_ASSERT_FALSE(get_stale("alice", NOW_MS, &out));
	CU_ASSERT_TRUE(has_etag("alice", ETAG));
	CU_ASSERT_TRUE(renew("alice", ETAG, no_cache, NOW_MS, &out));
	CU_ASSERT_TRUE(credentials_equal(&in, &out));
	CU_ASSERT_EQUAL(get_at("alice", NOW_MS, &out), SECMGR_CACHE_MISS);
	CU_ASSERT_TRUE(has_etag("alice", ETAG));
	close_shard();
}

static void a_revalidated_entry_begins_a_new_life(void)
{
	const uint64_t later_ms = NOW_MS + 100 * TTL_MS;
	struct secmgr_credential in = active_with_text(900, 3), out;

	open_shard(4);
	CU_ASSERT_TRUE(put_at("alice", &in, ETAG, lifetimes, NOW_MS));
	CU_ASSERT_EQUAL(get_at("alice", later_ms, &out), SECMGR_CACHE_MISS);
	CU_ASSERT_TRUE(renew("alice", ETAG, stale_if_error, later_ms, &out));
	CU_ASSERT_TRUE(credentials_equal(&in, &out));
	CU_ASSERT_EQUAL(get_at("alice", later_ms + TTL_MS * 9 / 10 - 1, &out), SECMGR_CACHE_HIT);
	CU_ASSERT_TRUE(credentials_equal(&in, &out));
	CU_ASSERT_EQUAL(get_at("alice", later_ms + TTL_MS, &out), SECMGR_CACHE_EXPIRED);
	CU_ASSERT_TRUE(has_etag("alice", ETAG));
	CU_ASSERT_EQUAL(secmgr_credential_cache_entries(shard.cache), 1);
	close_shard();
}

static void a_revalidated_entry_that_may_be_kept_no_longer_is_given_out_once(void)
{
	struct secmgr_credential in = active(), out;

	open_shard(4);
	CU_ASSERT_TRUE(put_at("alice", &in, ETAG, lifetimes, NOW_MS));
	CU_ASSERT_TRUE(renew("alice", ETAG, (struct secmgr_lifetimes){0}, NOW_MS, &out));
	CU_ASSERT_TRUE(credentials_equal(&in, &out));
	CU_ASSERT_EQUAL(get("alice"), SECMGR_CACHE_MISS);
	CU_ASSERT_EQUAL(secmgr_credential_cache_entries(shard.cache), 0);
	close_shard();
}

/* The service said "not changed" of something that is no longer what is cached. */
static void what_has_another_etag_by_now_is_not_revalidated(void)
{
	const uint64_t stale_ms = NOW_MS + TTL_MS;
	struct secmgr_credential in = active(), out;

	open_shard(4);
	CU_ASSERT_TRUE(put_at("alice", &in, ETAG, lifetimes, NOW_MS));
	CU_ASSERT_FALSE(renew("alice", "\"version 7\"", lifetimes, stale_ms, &out));
	CU_ASSERT_FALSE(renew("alice", "W/\"version 7", lifetimes, stale_ms, &out));
	CU_ASSERT_FALSE(renew("alice", "", lifetimes, stale_ms, &out));
	CU_ASSERT_FALSE(renew("bob", ETAG, lifetimes, stale_ms, &out));
	CU_ASSERT_EQUAL(get_at("alice", stale_ms, &out), SECMGR_CACHE_MISS);
	CU_ASSERT_TRUE(put("carol", &in));
	CU_ASSERT_FALSE(renew("carol", "", lifetimes, stale_ms, &out));
	CU_ASSERT_TRUE(is_nobody(&out));
	CU_ASSERT_TRUE(has_etag("carol", ""));
	CU_ASSERT_TRUE(has_etag("bob", ""));
	close_shard();
}

static void the_service_is_asked_again_about_a_wrong_response_once_in_a_while(void)
{
	for(unsigned subscriber = SECMGR_SUBSCRIBER_UNKNOWN; subscriber <= SECMGR_SUBSCRIBER_ACTIVE; subscriber++) {
		struct secmgr_credential in = active(), out;

		in.subscriber = (uint8_t)subscriber;
		open_shard(4);
		CU_ASSERT_TRUE(put_at("alice", &in, ETAG, stale_if_error, NOW_MS));
		CU_ASSERT_TRUE(put("bob", &in));
		CU_ASSERT_TRUE(recheck_is_due("alice", NOW_MS));
		CU_ASSERT_FALSE(recheck_is_due("alice", NOW_MS));
		CU_ASSERT_TRUE(recheck_is_due("bob", NOW_MS));
		CU_ASSERT_FALSE(recheck_is_due("alice", NOW_MS + RECHECK_MS - 1));
		CU_ASSERT_TRUE(put("alice", &in)); /* what the service answered changes nothing of that */
		CU_ASSERT_FALSE(recheck_is_due("alice", NOW_MS + RECHECK_MS - 1));
		CU_ASSERT_TRUE(put_at("alice", &in, ETAG, lifetimes, NOW_MS));
		CU_ASSERT_TRUE(renew("alice", ETAG, lifetimes, NOW_MS, &out));
		CU_ASSERT_FALSE(recheck_is_due("alice", NOW_MS + RECHECK_MS - 1));
		CU_ASSERT_TRUE(recheck_is_due("alice", NOW_MS + RECHECK_MS));
		CU_ASSERT_FALSE(recheck_is_due("alice", NOW_MS + 2 * RECHECK_MS - 1));
		CU_ASSERT_TRUE(recheck_is_due("nobody", NOW_MS));
		CU_ASSERT_TRUE(recheck_is_due("nobody", NOW_MS));
		close_shard();
	}
}

static void what_needs_more_cells_than_there_are_is_refused_and_forgotten(void)
{
	struct secmgr_credential small = active(), large = active_with_text(SECMGR_CREDENTIAL_TEXT_MAX, 0);

	open_shard(2);
	CU_ASSERT_TRUE(put("alice", &small));
	CU_ASSERT_FALSE(put("alice", &large));
	CU_ASSERT_EQUAL(get("alice"), SECMGR_CACHE_MISS);
	CU_ASSERT_EQUAL(secmgr_credential_cache_entries(shard.cache), 0);
	CU_ASSERT_TRUE(put("alice", &small));
	CU_ASSERT_TRUE(put("bob", &small));
	CU_ASSERT_EQUAL(secmgr_credential_cache_entries(shard.cache), 2);
	close_shard();
}

static void texts_beyond_their_room_are_refused(void)
{
	struct secmgr_credential in = active();

	in.identities_length = in.policy_length = in.attributes_length = UINT16_MAX;
	open_shard(16);
	CU_ASSERT_FALSE(put("alice", &in));
	close_shard();
}

static void a_later_answer_takes_the_place_of_the_earlier_one(void)
{
	struct secmgr_credential first = active_with_text(2000, 1), second = active_with_text(30, 2), out;

	second.subscriber = SECMGR_SUBSCRIBER_SUSPENDED;
	open_shard(6);
	CU_ASSERT_TRUE(put("alice", &first));
	CU_ASSERT_TRUE(put("alice", &second));
	CU_ASSERT_EQUAL(get_at("alice", NOW_MS, &out), SECMGR_CACHE_HIT);
	CU_ASSERT_TRUE(credentials_equal(&second, &out));
	CU_ASSERT_EQUAL(secmgr_credential_cache_entries(shard.cache), 1);
	close_shard();
}

static void a_lifetime_of_0_forgets_the_subscriber(void)
{
	struct secmgr_credential in = active();

	open_shard(4);
	CU_ASSERT_TRUE(put("alice", &in));
	CU_ASSERT_TRUE(put_at("alice", &in, "", (struct secmgr_lifetimes){.keep = true}, NOW_MS));
	CU_ASSERT_EQUAL(get("alice"), SECMGR_CACHE_MISS);
	CU_ASSERT_EQUAL(secmgr_credential_cache_entries(shard.cache), 0);
	close_shard();
}

static void a_lifetime_beyond_the_end_of_time_does_not_wrap(void)
{
	const struct secmgr_lifetimes everything = {UINT32_MAX, UINT32_MAX, UINT32_MAX, true};
	struct secmgr_credential in = active(), out;

	open_shard(4);
	CU_ASSERT_TRUE(put_at("alice", &in, "", everything, UINT64_MAX - 2000));
	CU_ASSERT_EQUAL(get_at("alice", NOW_MS, &out), SECMGR_CACHE_HIT);
	CU_ASSERT_EQUAL(get_at("alice", UINT64_MAX - 1, &out), SECMGR_CACHE_HIT);
	CU_ASSERT_TRUE(put_at("alice", &in, "", everything, NOW_MS));
	CU_ASSERT_EQUAL(get_at("alice", NOW_MS + everything.fresh_s * UINT64_C(2000) - 1, &out),
			SECMGR_CACHE_HIT_REFRESH_IS_DUE);
	close_shard();
}

static void a_forgotten_subscriber_is_gone_and_the_others_are_not(void)
{
	struct secmgr_credential in = active();

	open_shard(4);
	CU_ASSERT_TRUE(put("alice", &in));
	CU_ASSERT_TRUE(put("bob", &in));
	CU_ASSERT_TRUE(forget("alice"));
	CU_ASSERT_FALSE(forget("alice"));
	CU_ASSERT_EQUAL(get("alice"), SECMGR_CACHE_MISS);
	CU_ASSERT_EQUAL(get("bob"), SECMGR_CACHE_HIT);
	close_shard();
}

static void a_full_shard_drops_what_was_not_used(void)
{
	struct secmgr_credential in = active();

	open_shard(4);
	CU_ASSERT_TRUE(put("a", &in) && put("b", &in) && put("c", &in) && put("d", &in));
	CU_ASSERT_EQUAL(get("a"), SECMGR_CACHE_HIT);
	CU_ASSERT_EQUAL(get("b"), SECMGR_CACHE_HIT);
	CU_ASSERT_EQUAL(get("d"), SECMGR_CACHE_HIT);
	CU_ASSERT_TRUE(put("e", &in));
	CU_ASSERT_EQUAL(secmgr_credential_cache_entries(shard.cache), 4);
	CU_ASSERT_EQUAL(get("c"), SECMGR_CACHE_MISS);
	CU_ASSERT_EQUAL(get("a"), SECMGR_CACHE_HIT);
	CU_ASSERT_EQUAL(get("b"), SECMGR_CACHE_HIT);
	CU_ASSERT_EQUAL(get("d"), SECMGR_CACHE_HIT);
	CU_ASSERT_EQUAL(get("e"), SECMGR_CACHE_HIT);
	close_shard();
}

static void a_shard_in_which_all_were_used_still_takes_the_next(void)
{
	struct secmgr_credential in = active();

	open_shard(3);
	CU_ASSERT_TRUE(put("a", &in) && put("b", &in) && put("c", &in));
	CU_ASSERT_TRUE(get("a") == SECMGR_CACHE_HIT && get("b") == SECMGR_CACHE_HIT && get("c") == SECMGR_CACHE_HIT);
	CU_ASSERT_TRUE(put("d", &in));
	CU_ASSERT_EQUAL(get("d"), SECMGR_CACHE_HIT);
	CU_ASSERT_EQUAL(secmgr_credential_cache_entries(shard.cache), 3);
	close_shard();
}

static void a_flood_of_unknown_names_drives_out_no_subscriber_who_calls(void)
{
	struct secmgr_credential in = active(), unknown;
	char name[16];

	memset(&unknown, 0, sizeof(unknown));
	open_shard(16);
	for(unsigned i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "caller%u", i);
		CU_ASSERT_TRUE(put(name, &in));
	}
	for(unsigned flood = 0; flood < 1000; flood++) {
		snprintf(name, sizeof(name), "nobody%u", flood);
		CU_ASSERT_TRUE(put(name, &unknown));
		CU_ASSERT_EQUAL(get(name), SECMGR_CACHE_HIT);
		snprintf(name, sizeof(name), "caller%u", flood % 8);
		CU_ASSERT_EQUAL(get(name), SECMGR_CACHE_HIT);
	}
	close_shard();
}

static void what_is_of_no_use_any_more_is_dropped_before_what_is(void)
{
	struct secmgr_credential in = active(), out;

	open_shard(4);
	CU_ASSERT_TRUE(put("a", &in));
	CU_ASSERT_TRUE(put_at("b", &in, "", stale_if_error, NOW_MS));
	CU_ASSERT_TRUE(put_at("c", &in, ETAG, lifetimes, NOW_MS - 2 * TTL_MS));
	CU_ASSERT_TRUE(put("d", &in));
	CU_ASSERT_EQUAL(get("a"), SECMGR_CACHE_HIT);
	CU_ASSERT_EQUAL(get("b"), SECMGR_CACHE_HIT);
	CU_ASSERT_EQUAL(get_at("c", NOW_MS - 2 * TTL_MS, &out), SECMGR_CACHE_HIT);
	CU_ASSERT_EQUAL(get("d"), SECMGR_CACHE_HIT);
	CU_ASSERT_TRUE(put("e", &in));
	CU_ASSERT_TRUE(has_etag("c", ""));
	CU_ASSERT_TRUE(get("a") == SECMGR_CACHE_HIT && get("b") == SECMGR_CACHE_HIT && get("d") == SECMGR_CACHE_HIT);
	CU_ASSERT_EQUAL(get("e"), SECMGR_CACHE_HIT);
	close_shard();
}

static void a_caller_whose_entry_was_replaced_is_no_stranger(void)
{
	struct secmgr_credential in = active();

	open_shard(2);
	CU_ASSERT_TRUE(put("a", &in) && put("b", &in));
	CU_ASSERT_EQUAL(get("a"), SECMGR_CACHE_HIT);
	CU_ASSERT_TRUE(put("a", &in));
	CU_ASSERT_TRUE(put("c", &in));
	CU_ASSERT_EQUAL(get("a"), SECMGR_CACHE_HIT);
	CU_ASSERT_EQUAL(get("b"), SECMGR_CACHE_MISS);
	close_shard();
}

static void a_large_entry_drives_out_as_many_as_it_needs(void)
{
	struct secmgr_credential small = active(), large = active_with_text(SECMGR_CREDENTIAL_TEXT_MAX, 3), out;
	char name[16];

	open_shard(8);
	for(unsigned i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "small%u", i);
		CU_ASSERT_TRUE(put(name, &small));
	}
	CU_ASSERT_TRUE(put("large", &large));
	CU_ASSERT_EQUAL(get_at("large", NOW_MS, &out), SECMGR_CACHE_HIT);
	CU_ASSERT_TRUE(credentials_equal(&large, &out));
	CU_ASSERT_TRUE(secmgr_credential_cache_entries(shard.cache) >= 4);
	close_shard();
}

static void no_ha1_outlives_its_entry(void)
{
	struct secmgr_credential in = active_with_text(700, 0), unknown;

	memset(&unknown, 0, sizeof(unknown));
	open_shard(8);
	memset(shard.memory, 0, shard.size);
	shard.cache = secmgr_credential_cache_init(shard.memory, 8);

	CU_ASSERT_TRUE(put("alice", &in));
	CU_ASSERT_NOT_EQUAL(bytes_of_ha1s_in_the_shard(), 0);
	CU_ASSERT_TRUE(forget("alice"));
	CU_ASSERT_EQUAL(bytes_of_ha1s_in_the_shard(), 0);

	CU_ASSERT_TRUE(put("alice", &in) && put("alice", &unknown));
	CU_ASSERT_EQUAL(bytes_of_ha1s_in_the_shard(), 0);

	CU_ASSERT_TRUE(put("bob", &in) && put("carol", &in));
	CU_ASSERT_EQUAL(secmgr_credential_cache_flush(shard.cache), 3);
	CU_ASSERT_EQUAL(bytes_of_ha1s_in_the_shard(), 0);

	CU_ASSERT_TRUE(put("bob", &in));
	for(unsigned i = 0; i < 8; i++)
		CU_ASSERT_TRUE(put((const char *[]){"a", "b", "c", "d", "e", "f", "g", "h"}[i], &unknown));
	CU_ASSERT_EQUAL(get("bob"), SECMGR_CACHE_MISS);
	CU_ASSERT_EQUAL(bytes_of_ha1s_in_the_shard(), 0);
	close_shard();
}

static void a_flushed_shard_is_as_good_as_new(void)
{
	struct secmgr_credential in = active_with_text(600, 0);

	open_shard(6);
	for(unsigned round = 0; round < 5; round++) {
		CU_ASSERT_TRUE(put("alice", &in) && put("bob", &in));
		CU_ASSERT_EQUAL(get("alice"), SECMGR_CACHE_HIT);
		CU_ASSERT_EQUAL(secmgr_credential_cache_flush(shard.cache), 2);
		CU_ASSERT_EQUAL(secmgr_credential_cache_entries(shard.cache), 0);
		CU_ASSERT_EQUAL(get("alice"), SECMGR_CACHE_MISS);
	}
	CU_ASSERT_EQUAL(secmgr_credential_cache_flush(shard.cache), 0);
	close_shard();
}

static void a_view_shows_all_but_the_secrets(void)
{
	struct secmgr_subscriber_key key = key_of("alice", "example.org"), other = key_of("bob", "example.org");
	struct secmgr_credential in = active();
	struct secmgr_cache_view view;

	in.ha1_present = 1u << SECMGR_HASH_SHA_256;
	open_shard(4);
	CU_ASSERT_TRUE(put("alice", &in));
	CU_ASSERT_FALSE(secmgr_credential_cache_view(shard.cache, &other, hash_of(other), NOW_MS, &view));
	CU_ASSERT_TRUE(secmgr_credential_cache_view(shard.cache, &key, hash_of(key), NOW_MS + 1000, &view));
	CU_ASSERT_EQUAL(view.username_length, 5);
	CU_ASSERT_EQUAL(memcmp(view.username, "alice", 5), 0);
	CU_ASSERT_EQUAL(view.realm_length, 11);
	CU_ASSERT_EQUAL(memcmp(view.realm, "example.org", 11), 0);
	CU_ASSERT_EQUAL(view.subscriber, SECMGR_SUBSCRIBER_ACTIVE);
	CU_ASSERT_EQUAL(view.ha1_present, 1u << SECMGR_HASH_SHA_256);
	CU_ASSERT_EQUAL(view.age_ms, 1000);
	CU_ASSERT_EQUAL(view.fresh_for_ms, TTL_MS - 1000);
	CU_ASSERT_EQUAL(view.usable_for_ms, TTL_MS - 1000);
	CU_ASSERT_TRUE(secmgr_credential_cache_view(shard.cache, &key, hash_of(key), NOW_MS + 2 * TTL_MS, &view));
	CU_ASSERT_EQUAL(view.fresh_for_ms, 0);
	CU_ASSERT_TRUE(secmgr_credential_cache_view(shard.cache, &key, hash_of(key), NOW_MS - 1, &view));
	CU_ASSERT_EQUAL(view.age_ms, 0);
	close_shard();
}

static void looking_at_an_entry_is_no_use_of_it(void)
{
	struct secmgr_subscriber_key key = key_of("a", "example.org");
	struct secmgr_credential in = active();
	struct secmgr_cache_view view;

	open_shard(2);
	CU_ASSERT_TRUE(put("a", &in) && put("b", &in));
	CU_ASSERT_EQUAL(get("b"), SECMGR_CACHE_HIT);
	CU_ASSERT_TRUE(secmgr_credential_cache_view(shard.cache, &key, hash_of(key), NOW_MS, &view));
	CU_ASSERT_TRUE(put("c", &in));
	CU_ASSERT_EQUAL(get("a"), SECMGR_CACHE_MISS);
	CU_ASSERT_EQUAL(get("b"), SECMGR_CACHE_HIT);
	close_shard();
}

static void a_walk_meets_every_entry_once(void)
{
	struct secmgr_credential in = active_with_text(900, 0);
	struct secmgr_cache_view view;
	unsigned met[26] = {0};
	size_t cursor = 0;

	open_shard(100);
	for(char c = 'a'; c <= 'z'; c++)
		CU_ASSERT_TRUE(put((char[]){c, '\0'}, &in));
	for(char c = 'a'; c <= 'z'; c = (char)(c + 2))
		CU_ASSERT_TRUE(forget((char[]){c, '\0'}));
	while(secmgr_credential_cache_next(shard.cache, NOW_MS, &cursor, &view))
		met[view.username[0] - 'a']++;
	for(unsigned i = 0; i < 26; i++)
		CU_ASSERT_EQUAL(met[i], i % 2);
	CU_ASSERT_FALSE(secmgr_credential_cache_next(shard.cache, NOW_MS, &cursor, &view));
	cursor = SIZE_MAX;
	CU_ASSERT_FALSE(secmgr_credential_cache_next(shard.cache, NOW_MS, &cursor, &view));
	close_shard();
}

/* A shard large enough to drop nothing agrees with a plain array after any number of steps. */
static void a_long_walk_agrees_with_a_plain_list(void)
{
	enum
	{
		NAMES = 40
	};
	struct
	{
		bool there;
		struct secmgr_credential credential;
	} *list = calloc(NAMES, sizeof(*list));
	struct secmgr_credential out;
	unsigned state = 1;
	size_t entries = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(list);
	open_shard(NAMES * 6);
	for(unsigned step = 0; step < 20000; step++) {
		char name[16];
		unsigned who;

		state = state * 1664525u + 1013904223u;
		who = state >> 8 & 0xffff;
		who %= NAMES;
		snprintf(name, sizeof(name), "name%u", who);
		if(state >> 30 == 0) {
			CU_ASSERT_EQUAL(forget(name), list[who].there);
			entries -= list[who].there;
			list[who].there = false;
		} else if(state >> 30 == 1) {
			list[who].credential = active_with_text(state % (SECMGR_CREDENTIAL_TEXT_MAX + 1), step);
			CU_ASSERT_TRUE(put(name, &list[who].credential));
			entries += !list[who].there;
			list[who].there = true;
		} else {
			CU_ASSERT_EQUAL(get_at(name, NOW_MS, &out), list[who].there ? SECMGR_CACHE_HIT : SECMGR_CACHE_MISS);
			CU_ASSERT_TRUE(!list[who].there || credentials_equal(&out, &list[who].credential));
		}
		CU_ASSERT_EQUAL(secmgr_credential_cache_entries(shard.cache), entries);
	}
	close_shard();
	free(list);
}

/* What a shard that is too small still has is right, and it never has more than fits. */
static void a_shard_that_is_too_small_forgets_but_never_errs(void)
{
	struct secmgr_credential in, out;
	unsigned state = 7, hits = 0;

	open_shard(20);
	for(unsigned step = 0; step < 20000; step++) {
		char name[16];
		unsigned who;

		state = state * 1664525u + 1013904223u;
		who = (state >> 8 & 0xffff) % 50;
		snprintf(name, sizeof(name), "name%u", who);
		in = active_with_text(who * 40, who);
		if(state >> 31)
			CU_ASSERT_TRUE(put(name, &in));
		if(get_at(name, NOW_MS, &out) == SECMGR_CACHE_HIT) {
			CU_ASSERT_TRUE(credentials_equal(&in, &out));
			hits++;
		}
		CU_ASSERT_TRUE(secmgr_credential_cache_entries(shard.cache) <= 20);
	}
	CU_ASSERT_TRUE(hits > 10000);
	close_shard();
}

/* Nothing is asked of a damaged shard but that it harms nobody: AddressSanitizer is the judge. */
static void damage_neither_crashes_nor_hangs_a_shard(void)
{
	const size_t cells = 24;
	unsigned state = 99;

	for(unsigned round = 0; round < 300; round++) {
		open_shard(cells);
		for(unsigned step = 0; step < 200; step++) {
			size_t damage;
			char name[16];
			struct secmgr_credential in = active_with_text(step * 10, step), out;
			struct secmgr_cache_view view;
			size_t cursor = 0;

			state = state * 1664525u + 1013904223u;
			snprintf(name, sizeof(name), "name%u", state >> 8 & 31);
			if(state >> 31)
				(void)put_at(name, &in, state >> 30 & 1 ? ETAG : "", stale_if_error, NOW_MS);
			(void)get_at(name, NOW_MS, &out);
			(void)get_stale(name, NOW_MS + TTL_MS, &out);
			(void)has_etag(name, ETAG);
			(void)renew(name, ETAG, lifetimes, NOW_MS, &out);
			(void)recheck_is_due(name, NOW_MS);
			if((state & 0x700) == 0)
				(void)forget(name);
			while(secmgr_credential_cache_next(shard.cache, NOW_MS, &cursor, &view))
				CU_ASSERT_TRUE(view.username_length <= SECMGR_USERNAME_MAX);
			/* In the first bytes of a cell, where its indexes and lengths are. */
			damage = shard.size - cells * SECMGR_CREDENTIAL_CACHE_CELL_BYTES;
			damage += (state >> 3) % cells * SECMGR_CREDENTIAL_CACHE_CELL_BYTES + (state >> 16) % 73;
			shard.memory[damage] ^= (unsigned char)(1u << (state >> 13) % 8);
		}
		(void)secmgr_credential_cache_flush(shard.cache);
		CU_ASSERT_TRUE(put("alice", &(struct secmgr_credential){0}));
		CU_ASSERT_EQUAL(get("alice"), SECMGR_CACHE_HIT);
		close_shard();
	}
}

static void damaged_buckets_lead_nowhere(void)
{
	const size_t cells = 24;
	struct secmgr_credential in = active();
	char name[16];

	open_shard(cells);
	for(unsigned i = 0; i < cells; i++) {
		snprintf(name, sizeof(name), "name%u", i);
		CU_ASSERT_TRUE(put(name, &in));
	}
	/* The last of the buckets stand in front of the cells. */
	memset(shard.memory + shard.size - cells * SECMGR_CREDENTIAL_CACHE_CELL_BYTES - 128, 0xee, 96);
	for(unsigned i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "name%u", i);
		(void)get(name);
		(void)forget(name);
		(void)put(name, &in);
	}
	close_shard();
}

static void zeroed_memory_is_an_empty_shard_that_holds_nothing(void)
{
	struct secmgr_credential in = active();

	open_shard(4);
	memset(shard.memory, 0, shard.size);
	CU_ASSERT_EQUAL(get("alice"), SECMGR_CACHE_MISS);
	CU_ASSERT_FALSE(put("alice", &in));
	CU_ASSERT_FALSE(forget("alice"));
	CU_ASSERT_EQUAL(secmgr_credential_cache_flush(shard.cache), 0);
	CU_ASSERT_EQUAL(secmgr_credential_cache_entries(shard.cache), 0);
	close_shard();
}

static void no_shard_is_made_of_nothing_or_of_too_much(void)
{
	char memory[64];

	CU_ASSERT_EQUAL(secmgr_credential_cache_memory(0), 0);
	CU_ASSERT_EQUAL(secmgr_credential_cache_memory(SIZE_MAX), 0);
	CU_ASSERT_PTR_NULL(secmgr_credential_cache_init(memory, 0));
	CU_ASSERT_PTR_NULL(secmgr_credential_cache_init(memory, SIZE_MAX));
}

static void an_entry_costs_its_cell_and_little_more(void)
{
	CU_ASSERT_TRUE(secmgr_credential_cache_memory(65536) <= 65536 * (SECMGR_CREDENTIAL_CACHE_CELL_BYTES + 4) + 128);
}

/* The hash's low bits name the shard in the proxy: within a shard they are all the same. */
static void a_million_entries_of_one_shard_are_all_found(void)
{
	const uint32_t million = 1000000;
	size_t size = secmgr_credential_cache_memory(million);
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct secmgr_credential in = active(), out;
	struct secmgr_credential_cache *cache;
	uint32_t right = 0;

	CU_ASSERT_PTR_NOT_EQUAL_FATAL(memory, MAP_FAILED);
	cache = secmgr_credential_cache_init(memory, million);
	for(uint32_t i = 0; i < million; i++) {
		struct secmgr_subscriber_key key = {{(const char *)&i, sizeof(i)}, SECMGR_SLICE("example.org")};

		memcpy(in.ha1[SECMGR_HASH_MD5], &i, sizeof(i));
		right += secmgr_credential_cache_put(cache, &key, hash_of(key) << 12, &in, no_etag, &lifetimes, NOW_MS);
	}
	CU_ASSERT_EQUAL(right, million);
	CU_ASSERT_EQUAL(secmgr_credential_cache_entries(cache), million);
	right = 0;
	for(uint32_t i = 0; i < million; i++) {
		struct secmgr_subscriber_key key = {{(const char *)&i, sizeof(i)}, SECMGR_SLICE("example.org")};

		right += secmgr_credential_cache_get(cache, &key, hash_of(key) << 12, NOW_MS, &out) == SECMGR_CACHE_HIT
				 && memcmp(out.ha1[SECMGR_HASH_MD5], &i, sizeof(i)) == 0;
	}
	CU_ASSERT_EQUAL(right, million);
	munmap(memory, size);
}

void secmgr_test_credential_cache(void)
{
	CU_pSuite suite = CU_add_suite("credential_cache", NULL, NULL);

	CU_ADD_TEST(suite, what_was_put_comes_out_until_it_is_no_longer_fresh);
	CU_ADD_TEST(suite, a_miss_and_an_expired_entry_allow_nobody);
	CU_ADD_TEST(suite, only_the_ha1s_that_are_there_come_out);
	CU_ADD_TEST(suite, the_realm_is_the_same_in_any_case_and_the_user_name_is_not);
	CU_ADD_TEST(suite, names_that_read_the_same_in_a_row_are_different_keys);
	CU_ADD_TEST(suite, the_hash_depends_on_the_secret);
	CU_ADD_TEST(suite, keys_that_share_a_hash_are_kept_apart);
	CU_ADD_TEST(suite, an_unknown_name_is_remembered_as_unknown);
	CU_ADD_TEST(suite, texts_of_every_length_come_back);
	CU_ADD_TEST(suite, the_longest_key_takes_one_cell);
	CU_ADD_TEST(suite, the_longest_key_and_etag_take_one_cell);
	CU_ADD_TEST(suite, texts_behind_an_etag_of_any_length_come_back);
	CU_ADD_TEST(suite, what_needs_more_cells_than_there_are_is_refused_and_forgotten);
	CU_ADD_TEST(suite, texts_beyond_their_room_are_refused);
	CU_ADD_TEST(suite, a_later_answer_takes_the_place_of_the_earlier_one);
	CU_ADD_TEST(suite, a_lifetime_of_0_forgets_the_subscriber);
	CU_ADD_TEST(suite, a_lifetime_beyond_the_end_of_time_does_not_wrap);
	CU_ADD_TEST(suite, what_is_used_is_refreshed_ahead_by_one_caller);
	CU_ADD_TEST(suite, what_is_stale_serves_while_it_is_refreshed);
	CU_ADD_TEST(suite, what_is_fresh_for_no_time_is_refreshed_at_its_first_use);
	CU_ADD_TEST(suite, unknown_names_are_never_refreshed_ahead);
	CU_ADD_TEST(suite, whatever_the_service_said_stands_while_it_is_down);
	CU_ADD_TEST(suite, what_may_not_be_kept_is_forgotten);
	CU_ADD_TEST(suite, what_must_be_revalidated_is_kept_for_its_etag_alone);
	CU_ADD_TEST(suite, a_revalidated_entry_begins_a_new_life);
	CU_ADD_TEST(suite, a_revalidated_entry_that_may_be_kept_no_longer_is_given_out_once);
	CU_ADD_TEST(suite, what_has_another_etag_by_now_is_not_revalidated);
	CU_ADD_TEST(suite, the_service_is_asked_again_about_a_wrong_response_once_in_a_while);
	CU_ADD_TEST(suite, a_forgotten_subscriber_is_gone_and_the_others_are_not);
	CU_ADD_TEST(suite, a_full_shard_drops_what_was_not_used);
	CU_ADD_TEST(suite, a_shard_in_which_all_were_used_still_takes_the_next);
	CU_ADD_TEST(suite, a_flood_of_unknown_names_drives_out_no_subscriber_who_calls);
	CU_ADD_TEST(suite, what_is_of_no_use_any_more_is_dropped_before_what_is);
	CU_ADD_TEST(suite, a_caller_whose_entry_was_replaced_is_no_stranger);
	CU_ADD_TEST(suite, a_large_entry_drives_out_as_many_as_it_needs);
	CU_ADD_TEST(suite, no_ha1_outlives_its_entry);
	CU_ADD_TEST(suite, a_flushed_shard_is_as_good_as_new);
	CU_ADD_TEST(suite, a_view_shows_all_but_the_secrets);
	CU_ADD_TEST(suite, looking_at_an_entry_is_no_use_of_it);
	CU_ADD_TEST(suite, a_walk_meets_every_entry_once);
	CU_ADD_TEST(suite, a_long_walk_agrees_with_a_plain_list);
	CU_ADD_TEST(suite, a_shard_that_is_too_small_forgets_but_never_errs);
	CU_ADD_TEST(suite, damage_neither_crashes_nor_hangs_a_shard);
	CU_ADD_TEST(suite, damaged_buckets_lead_nowhere);
	CU_ADD_TEST(suite, zeroed_memory_is_an_empty_shard_that_holds_nothing);
	CU_ADD_TEST(suite, no_shard_is_made_of_nothing_or_of_too_much);
	CU_ADD_TEST(suite, an_entry_costs_its_cell_and_little_more);
	CU_ADD_TEST(suite, a_million_entries_of_one_shard_are_all_found);
}
