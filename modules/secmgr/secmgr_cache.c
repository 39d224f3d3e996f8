/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secmgr_cache.h"

#include "../../core/locking.h"

#include "secmgr_core.h"
#include "secmgr_region.h"
#include "secmgr_system.h"

#include "engine/siphash.h"

#define SHARDS 16

struct shared
{
	uint8_t hash_secret[SECMGR_SIPHASH_KEY_BYTES];
	gen_lock_t locks[SHARDS];
	uint32_t generations[SHARDS]; /* raised by each flush */
};

/* Set before the fork, the same in every process. */
static struct
{
	struct shared *shared;
	struct secmgr_credential_cache *shards[SHARDS];
	size_t bytes;
} self;

static size_t shard_entries(const struct secmgr_params *configured)
{
	return ((size_t)configured->cache_entries + SHARDS - 1) / SHARDS;
}

static size_t shard_bytes(const struct secmgr_params *configured)
{
	return secmgr_region_aligned(secmgr_credential_cache_memory(shard_entries(configured)));
}

size_t secmgr_cache_memory(const struct secmgr_params *configured)
{
	return secmgr_region_aligned(sizeof(struct shared)) + SHARDS * shard_bytes(configured);
}

int secmgr_cache_init(const struct secmgr_params *configured, void *memory)
{
	char *next = (char *)memory + secmgr_region_aligned(sizeof(struct shared));

	self.shared = memory;
	self.bytes = SHARDS * shard_bytes(configured);
	for(unsigned shard = 0; shard < SHARDS; shard++) {
		lock_init(&self.shared->locks[shard]);
		self.shards[shard] = secmgr_credential_cache_init(next, shard_entries(configured));
		next += shard_bytes(configured);
	}
	if(secmgr_system_random(self.shared->hash_secret, sizeof(self.shared->hash_secret)))
		return 0;
	LM_ERR("the kernel gives no random bytes\n");
	return -1;
}

uint64_t secmgr_cache_hash(const struct secmgr_subscriber_key *key)
{
	return secmgr_subscriber_key_hash(key, self.shared->hash_secret);
}

/* The low bits choose the bucket within a shard and a waiting table: these choose the shard and the table. */
static unsigned shard_of(uint64_t hash)
{
	return (unsigned)(hash >> 56) % SHARDS;
}

enum secmgr_cache_result secmgr_cache_get(
		const struct secmgr_subscriber_key *key, uint64_t hash, struct secmgr_credential *credential)
{
	unsigned shard = shard_of(hash);
	enum secmgr_cache_result result;

	lock_get(&self.shared->locks[shard]);
	result = secmgr_credential_cache_get(self.shards[shard], key, hash, secmgr_system_monotonic_ms(), credential);
	lock_release(&self.shared->locks[shard]);
	return result;
}

bool secmgr_cache_get_stale(
		const struct secmgr_subscriber_key *key, uint64_t hash, struct secmgr_credential *credential)
{
	unsigned shard = shard_of(hash);
	bool found;

	lock_get(&self.shared->locks[shard]);
	found = secmgr_credential_cache_get_stale(
			self.shards[shard], key, hash, secmgr_system_monotonic_ms(), credential);
	lock_release(&self.shared->locks[shard]);
	return found;
}

uint32_t secmgr_cache_generation(uint64_t hash)
{
	return __atomic_load_n(&self.shared->generations[shard_of(hash)], __ATOMIC_ACQUIRE);
}

void secmgr_cache_put(const struct secmgr_subscriber_key *key, uint64_t hash, uint32_t generation,
		const struct secmgr_credential *credential, struct secmgr_slice etag, const struct secmgr_lifetimes *lifetimes)
{
	unsigned shard = shard_of(hash);

	lock_get(&self.shared->locks[shard]);
	if(generation == self.shared->generations[shard])
		(void)secmgr_credential_cache_put(
				self.shards[shard], key, hash, credential, etag, lifetimes, secmgr_system_monotonic_ms());
	lock_release(&self.shared->locks[shard]);
}

size_t secmgr_cache_etag(const struct secmgr_subscriber_key *key, uint64_t hash, char etag[SECMGR_ETAG_MAX])
{
	unsigned shard = shard_of(hash);
	size_t length;

	lock_get(&self.shared->locks[shard]);
	length = secmgr_credential_cache_etag(self.shards[shard], key, hash, etag);
	lock_release(&self.shared->locks[shard]);
	return length;
}

bool secmgr_cache_renew(const struct secmgr_subscriber_key *key, uint64_t hash, struct secmgr_slice etag,
		const struct secmgr_lifetimes *lifetimes, struct secmgr_credential *credential)
{
	unsigned shard = shard_of(hash);
	bool renewed;

	lock_get(&self.shared->locks[shard]);
	renewed = secmgr_credential_cache_renew(
			self.shards[shard], key, hash, etag, lifetimes, secmgr_system_monotonic_ms(), credential);
	lock_release(&self.shared->locks[shard]);
	return renewed;
}

bool secmgr_cache_recheck_is_due(const struct secmgr_subscriber_key *key, uint64_t hash)
{
	unsigned shard = shard_of(hash);
	bool due;

	lock_get(&self.shared->locks[shard]);
	due = secmgr_credential_cache_recheck_is_due(self.shards[shard], key, hash, secmgr_system_monotonic_ms(),
			(uint64_t)secmgr_params->recheck_s * 1000u);
	lock_release(&self.shared->locks[shard]);
	return due;
}

bool secmgr_cache_forget(const struct secmgr_subscriber_key *key)
{
	uint64_t hash = secmgr_cache_hash(key);
	unsigned shard = shard_of(hash);
	bool was_there;

	lock_get(&self.shared->locks[shard]);
	self.shared->generations[shard]++;
	was_there = secmgr_credential_cache_forget(self.shards[shard], key, hash);
	lock_release(&self.shared->locks[shard]);
	return was_there;
}

size_t secmgr_cache_flush(void)
{
	size_t forgotten = 0;

	for(unsigned shard = 0; shard < SHARDS; shard++) {
		lock_get(&self.shared->locks[shard]);
		self.shared->generations[shard]++;
		forgotten += secmgr_credential_cache_flush(self.shards[shard]);
		lock_release(&self.shared->locks[shard]);
	}
	return forgotten;
}

size_t secmgr_cache_entries(void)
{
	size_t entries = 0;

	for(unsigned shard = 0; shard < SHARDS; shard++) {
		lock_get(&self.shared->locks[shard]);
		entries += secmgr_credential_cache_entries(self.shards[shard]);
		lock_release(&self.shared->locks[shard]);
	}
	return entries;
}

size_t secmgr_cache_bytes(void)
{
	return self.bytes;
}

bool secmgr_cache_view(const struct secmgr_subscriber_key *key, struct secmgr_cache_view *view)
{
	uint64_t hash = secmgr_cache_hash(key);
	unsigned shard = shard_of(hash);
	bool is_there;

	lock_get(&self.shared->locks[shard]);
	is_there = secmgr_credential_cache_view(self.shards[shard], key, hash, secmgr_system_monotonic_ms(), view);
	lock_release(&self.shared->locks[shard]);
	return is_there;
}

/* The cursor is the shard's number and the cursor within it, side by side. */
bool secmgr_cache_next(size_t *cursor, struct secmgr_cache_view *view)
{
	size_t shard = *cursor % SHARDS;
	size_t within = *cursor / SHARDS;
	bool found = false;

	while(!found) {
		lock_get(&self.shared->locks[shard]);
		found = secmgr_credential_cache_next(self.shards[shard], secmgr_system_monotonic_ms(), &within, view);
		lock_release(&self.shared->locks[shard]);
		if(found)
			break;
		if(++shard == SHARDS)
			return false;
		within = 0;
	}
	*cursor = within * SHARDS + shard;
	return true;
}
