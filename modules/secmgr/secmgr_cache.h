/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The credential cache: the engine's, in shards with a lock each.
 *
 * A key's hash names its shard and its bucket; who looks a subscriber up more than once computes it once.
 */
#ifndef SECMGR_CACHE_H
#define SECMGR_CACHE_H

#include "secmgr_params.h"

#include "engine/credential_cache.h"

size_t secmgr_cache_memory(const struct secmgr_params *configured);
/* `memory` is that of the region. -1 after saying why. */
int secmgr_cache_init(const struct secmgr_params *configured, void *memory);

uint64_t secmgr_cache_hash(const struct secmgr_subscriber_key *key);

/* As the engine's functions of these names, under the shard's lock. */
enum secmgr_cache_result secmgr_cache_get(
		const struct secmgr_subscriber_key *key, uint64_t hash, struct secmgr_credential *credential);
bool secmgr_cache_get_stale(
		const struct secmgr_subscriber_key *key, uint64_t hash, struct secmgr_credential *credential);
/* What is asked now is known by this number: after a flush the answer is out of date, and is not put. */
uint32_t secmgr_cache_generation(uint64_t hash);
void secmgr_cache_put(const struct secmgr_subscriber_key *key, uint64_t hash, uint32_t generation,
		const struct secmgr_credential *credential, struct secmgr_slice etag, const struct secmgr_lifetimes *lifetimes);
size_t secmgr_cache_etag(const struct secmgr_subscriber_key *key, uint64_t hash, char etag[SECMGR_ETAG_MAX]);
bool secmgr_cache_renew(const struct secmgr_subscriber_key *key, uint64_t hash, struct secmgr_slice etag,
		const struct secmgr_lifetimes *lifetimes, struct secmgr_credential *credential);
/* Whether the service is to be asked again before a wrong response counts: once in recheck_s for a subscriber. */
bool secmgr_cache_recheck_is_due(const struct secmgr_subscriber_key *key, uint64_t hash);

bool secmgr_cache_forget(const struct secmgr_subscriber_key *key);
size_t secmgr_cache_flush(void);
size_t secmgr_cache_entries(void);
size_t secmgr_cache_bytes(void);
bool secmgr_cache_view(const struct secmgr_subscriber_key *key, struct secmgr_cache_view *view);
/* Walks all shards, from *cursor = 0; false at the end. */
bool secmgr_cache_next(size_t *cursor, struct secmgr_cache_view *view);

#endif
