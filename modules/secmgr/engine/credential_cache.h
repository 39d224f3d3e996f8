/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The credential cache: one shard of it. What the credential service said about a subscriber, for as long as it said.
 *
 *     put ------------------------------- fresh_s ----------------------------> stale_while_revalidate_s -->
 *     | HIT                          | last tenth: HIT, and one caller is told | HIT, and one is told       | EXPIRED
 *                                    | to refresh                              | ---- stale_if_error_s ---> | or MISS
 *
 * An EXPIRED entry is given out by _get_stale when the service gives no usable answer. Beyond all of that an entry is a
 * MISS, but its ETag still serves to revalidate it (RFC 9110 section 13.1.2), until its place is needed. Unknown names
 * are remembered like others, but never refreshed ahead: nobody's call is faster for it, and a flood of them would be
 * a flood of lookups.
 *
 * A shard is one block of memory of fixed size, cut into cells of SECMGR_CREDENTIAL_CACHE_CELL_BYTES. An entry without
 * long texts takes one cell; longer texts go on in further cells, chained by index. There are no pointers in it, so it
 * lives in shared memory and could move. When no cell is free the clock hand takes the first entry that has not been
 * used since it last passed, or that is of no use any more. An evicted, replaced or flushed entry is wiped.
 *
 * The caller gives memory and time and holds the shard's lock around every call. Times are monotonic milliseconds: a
 * clock that is set neither revives nor kills an entry.
 *
 * Depends on: credential, slice, siphash, config, libcrypto (wiping).
 */
#ifndef SECMGR_ENGINE_CREDENTIAL_CACHE_H
#define SECMGR_ENGINE_CREDENTIAL_CACHE_H

#include "config.h"
#include "credential.h"
#include "slice.h"

#define SECMGR_CREDENTIAL_CACHE_CELL_BYTES 512
/* How long a refresh is left alone before the next caller is told to start one. */
#define SECMGR_CREDENTIAL_CACHE_REFRESH_RETRY_MS 5000u

struct secmgr_credential_cache;

/* Whose credential: the user name exactly, the realm in any case. */
struct secmgr_subscriber_key
{
	struct secmgr_slice username;
	struct secmgr_slice realm;
};

/* A hash of the key under a secret drawn at start, so that nobody can choose names that meet in one bucket. Any of
 * its bits may also name the shard. */
uint64_t secmgr_subscriber_key_hash(const struct secmgr_subscriber_key *key, const uint8_t secret[16]);

/* The bytes that a shard of `entries` cells takes; 0 when `entries` is 0 or above 2^30. */
size_t secmgr_credential_cache_memory(size_t entries);
/* `memory` is aligned for a uint64_t and need not be zeroed: cells are not touched before they are needed. NULL as
 * above. */
struct secmgr_credential_cache *secmgr_credential_cache_init(void *memory, size_t entries);

enum secmgr_cache_result
{
	SECMGR_CACHE_MISS,
	SECMGR_CACHE_HIT,
	SECMGR_CACHE_HIT_REFRESH_IS_DUE, /* a HIT, whose caller is the one to start a lookup that nobody waits for */
	SECMGR_CACHE_EXPIRED			 /* not given out unless the service cannot be asked: _get_stale */
};

/* A credential that may be used without asking, copied out (the caller wipes it); UNKNOWN and without HA1 unless it is
 * a HIT of either kind. A negative entry is a HIT whose subscriber is UNKNOWN. `hash` is the key's. */
__attribute__((warn_unused_result)) enum secmgr_cache_result secmgr_credential_cache_get(
		struct secmgr_credential_cache *cache, const struct secmgr_subscriber_key *key, uint64_t hash, uint64_t now_ms,
		struct secmgr_credential *credential);

/* For when the service gave no usable answer: the entry as long as it is within any of its times, whatever it says of
 * the subscriber (active, suspended or unknown). False, and UNKNOWN without HA1, when there is none. */
__attribute__((warn_unused_result)) bool secmgr_credential_cache_get_stale(struct secmgr_credential_cache *cache,
		const struct secmgr_subscriber_key *key, uint64_t hash, uint64_t now_ms, struct secmgr_credential *credential);

/* Remembers `credential` for its lifetimes, in place of what was there. `etag` is the field's value as it came, or
 * empty; one above SECMGR_ETAG_MAX is not kept. False when it cannot be held: the key is above its bounds, or the shard
 * has fewer cells than the entry needs; nothing is remembered then. What may not be kept, or could never be used,
 * forgets the subscriber. */
bool secmgr_credential_cache_put(struct secmgr_credential_cache *cache, const struct secmgr_subscriber_key *key,
		uint64_t hash, const struct secmgr_credential *credential, struct secmgr_slice etag,
		const struct secmgr_lifetimes *lifetimes, uint64_t now_ms);

/* The entry's ETag, for If-None-Match. Returns its length; 0: there is none, ask without. */
size_t secmgr_credential_cache_etag(const struct secmgr_credential_cache *cache,
		const struct secmgr_subscriber_key *key, uint64_t hash, char etag[SECMGR_ETAG_MAX]);

/* The service said that what it called `etag` has not changed (304): from now on it has these lifetimes, and is copied
 * out. False, and UNKNOWN without HA1, when the entry is gone or has another ETag by now: ask again without
 * If-None-Match. */
__attribute__((warn_unused_result)) bool secmgr_credential_cache_renew(struct secmgr_credential_cache *cache,
		const struct secmgr_subscriber_key *key, uint64_t hash, struct secmgr_slice etag,
		const struct secmgr_lifetimes *lifetimes, uint64_t now_ms, struct secmgr_credential *credential);

/* Whether the service is to be asked once more before a wrong response counts: at most once in recheck_ms for a
 * subscriber, known or unknown, whatever the service answers. Without an entry there is nothing to count on: true. */
__attribute__((warn_unused_result)) bool secmgr_credential_cache_recheck_is_due(struct secmgr_credential_cache *cache,
		const struct secmgr_subscriber_key *key, uint64_t hash, uint64_t now_ms, uint64_t recheck_ms);

bool secmgr_credential_cache_forget(
		struct secmgr_credential_cache *cache, const struct secmgr_subscriber_key *key, uint64_t hash);
size_t secmgr_credential_cache_flush(struct secmgr_credential_cache *cache); /* returns how many were forgotten */
size_t secmgr_credential_cache_entries(const struct secmgr_credential_cache *cache);

/* What may be shown of an entry: everything but the secrets. */
struct secmgr_cache_view
{
	char username[SECMGR_USERNAME_MAX];
	char realm[SECMGR_REALM_MAX];
	uint16_t username_length, realm_length;
	uint8_t subscriber; /* enum secmgr_subscriber */
	uint8_t ha1_present;
	uint64_t age_ms;
	uint64_t fresh_for_ms;	/* 0: expired */
	uint64_t usable_for_ms; /* should the service be down, too */
};

/* Walks the shard: start with *cursor = 0, false at the end. Entries may come and go between calls. */
bool secmgr_credential_cache_next(
		const struct secmgr_credential_cache *cache, uint64_t now_ms, size_t *cursor, struct secmgr_cache_view *view);
/* One entry, without counting as a use. */
bool secmgr_credential_cache_view(const struct secmgr_credential_cache *cache, const struct secmgr_subscriber_key *key,
		uint64_t hash, uint64_t now_ms, struct secmgr_cache_view *view);

#endif
