/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secmgr_tables.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "../../core/locking.h"

#include "secmgr_keys.h"
#include "secmgr_system.h"

#include "engine/siphash.h"

#define CACHE_SHARDS 16
#define NONCE_COUNT_LOCKS 64
/* Of the datagrams that fit into the socket of a group of async workers, some hundred, at most these are ours. */
#define JOBS_MAX 128u

struct shared
{
	gen_lock_t rotation_lock;
	uint32_t settings_in_use; /* which of the two */
	gen_lock_t breakers_lock;
	bool service_is_down;
	struct secmgr_breaker breakers[SECMGR_ENDPOINTS_MAX];
	gen_lock_t nonce_count_locks[NONCE_COUNT_LOCKS];
	gen_lock_t cache_locks[CACHE_SHARDS];
	struct
	{
		gen_lock_t lock;
		uint32_t jobs; /* handed to async workers and not taken up, changed atomically */
	} waiting[];
};

/* Set before the fork, the same in every process; what they point to is shared. */
static struct
{
	void *region;
	size_t region_bytes;
	struct shared *shared;
	struct secmgr_flow_settings *settings; /* two: see secmgr_tables_flow_settings */
	uint8_t *hash_secret;
	struct secmgr_nonce_count_table *nonce_counts;
	struct secmgr_credential_cache *shards[CACHE_SHARDS];
	size_t cache_bytes;
	struct secmgr_waiting **waiting;
	int *wakeups;
	uint32_t workers;
	size_t lookups_max;
	uint64_t time_at_zero_ms; /* what the wall clock would have said when the monotonic one began */
} tables;

static size_t aligned(size_t bytes)
{
	return (bytes + 63u) & ~(size_t)63u;
}

static size_t shard_entries(const struct secmgr_params *configured)
{
	return ((size_t)configured->cache_entries + CACHE_SHARDS - 1) / CACHE_SHARDS;
}

static size_t waiting_slots(const struct secmgr_params *configured)
{
	return ((size_t)configured->service_queue + tables.workers - 1) / tables.workers;
}

static size_t shared_bytes(void)
{
	return sizeof(struct shared) + tables.workers * sizeof(tables.shared->waiting[0]);
}

static void *cut(char **next, size_t bytes)
{
	void *piece = *next;

	*next += aligned(bytes);
	return piece;
}

/* A region of its own rather than Kamailio's shared memory, whose contents a core dump or an RPC may show. */
static int map_region(size_t bytes)
{
	tables.region = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if(tables.region == MAP_FAILED) {
		tables.region = NULL;
		LM_ERR("no %zu bytes of memory for the tables: lower cache_entries, service_queue or replay_windows\n", bytes);
		return -1;
	}
	tables.region_bytes = bytes;
	if(madvise(tables.region, bytes, MADV_DONTDUMP) != 0)
		LM_WARN("the tables cannot be kept out of core dumps: %s\n", strerror(errno));
	if(mlock(tables.region, bytes) != 0)
		LM_WARN("the tables may be swapped to disk: raise the memlock limit to %zu kB (%s)\n", bytes / 1024 + 1,
				strerror(errno));
	return 0;
}

static void init_locks(void)
{
	lock_init(&tables.shared->rotation_lock);
	lock_init(&tables.shared->breakers_lock);
	for(unsigned index = 0; index < NONCE_COUNT_LOCKS; index++)
		lock_init(&tables.shared->nonce_count_locks[index]);
	for(unsigned index = 0; index < CACHE_SHARDS; index++)
		lock_init(&tables.shared->cache_locks[index]);
	for(unsigned index = 0; index < tables.workers; index++)
		lock_init(&tables.shared->waiting[index].lock);
}

static int init_settings(const struct secmgr_params *configured)
{
	struct secmgr_flow_settings *settings = tables.settings;

	settings->nonce_lifetime_ms = (uint64_t)configured->nonce_lifetime_s * 1000u;
	settings->algorithms = secmgr_offer_set(&configured->offer);
	if(secmgr_system_random(&settings->instance, sizeof(settings->instance))
			&& secmgr_system_random(settings->unknown_ha1, sizeof(settings->unknown_ha1))
			&& secmgr_system_random(tables.hash_secret, SECMGR_SIPHASH_KEY_BYTES))
		return secmgr_keys_load(configured->nonce_key_file, &settings->keys);
	LM_ERR("the kernel gives no random bytes\n");
	return -1;
}

static void init_breakers(const struct secmgr_params *configured)
{
	for(size_t endpoint = 0; endpoint < configured->endpoint_count; endpoint++)
		secmgr_breaker_init(&tables.shared->breakers[endpoint], (uint32_t)configured->service_open_s * 1000u,
				2u * (uint32_t)configured->service_timeout_ms);
}

static int open_wakeups(void)
{
	for(uint32_t worker = 0; worker < tables.workers; worker++) {
		tables.wakeups[worker] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if(tables.wakeups[worker] < 0) {
			LM_ERR("no eventfd for an HTTP process: %s\n", strerror(errno));
			return -1;
		}
	}
	return 0;
}

int secmgr_tables_init(const struct secmgr_params *configured)
{
	size_t count_bytes = secmgr_nonce_count_memory((size_t)configured->replay_windows);
	size_t shard_bytes = secmgr_credential_cache_memory(shard_entries(configured));
	size_t waiting_bytes;
	char *next;

	tables.time_at_zero_ms = secmgr_system_time_ms() - secmgr_system_monotonic_ms();
	tables.workers = (uint32_t)configured->service_workers;
	tables.waiting = pkg_malloc(tables.workers * sizeof(*tables.waiting));
	tables.wakeups = pkg_malloc(tables.workers * sizeof(*tables.wakeups));
	if(tables.waiting == NULL || tables.wakeups == NULL) {
		PKG_MEM_ERROR;
		return -1;
	}
	waiting_bytes = secmgr_waiting_memory(waiting_slots(configured));
	tables.lookups_max = secmgr_waiting_lookups_max(waiting_slots(configured));
	tables.cache_bytes = CACHE_SHARDS * shard_bytes;
	if(map_region(aligned(shared_bytes()) + aligned(2 * sizeof(*tables.settings)) + aligned(SECMGR_SIPHASH_KEY_BYTES) + aligned(count_bytes)
				  + CACHE_SHARDS * aligned(shard_bytes) + tables.workers * aligned(waiting_bytes))
			!= 0)
		return -1;
	next = tables.region;
	tables.shared = cut(&next, shared_bytes());
	tables.settings = cut(&next, 2 * sizeof(*tables.settings));
	tables.hash_secret = cut(&next, SECMGR_SIPHASH_KEY_BYTES);
	tables.nonce_counts = secmgr_nonce_count_init(cut(&next, count_bytes), (size_t)configured->replay_windows);
	for(unsigned shard = 0; shard < CACHE_SHARDS; shard++)
		tables.shards[shard] = secmgr_credential_cache_init(cut(&next, shard_bytes), shard_entries(configured));
	for(uint32_t worker = 0; worker < tables.workers; worker++)
		tables.waiting[worker] = secmgr_waiting_init(cut(&next, waiting_bytes), waiting_slots(configured));
	init_locks();
	init_breakers(configured);
	return init_settings(configured) == 0 ? open_wakeups() : -1;
}

void secmgr_tables_destroy(void)
{
	if(tables.region == NULL)
		return;
	munmap(tables.region, tables.region_bytes);
	tables.region = NULL;
}

uint64_t secmgr_tables_time_ms(void)
{
	return tables.time_at_zero_ms + secmgr_system_monotonic_ms();
}

/* Not copied and not locked: the other one is written, then this one is left. */
const struct secmgr_flow_settings *secmgr_tables_flow_settings(void)
{
	return &tables.settings[__atomic_load_n(&tables.shared->settings_in_use, __ATOMIC_ACQUIRE)];
}

int secmgr_tables_rotate_nonce_keys(const struct secmgr_params *configured)
{
	struct secmgr_nonce_keys loaded;
	uint32_t other;

	if(secmgr_keys_load(configured->nonce_key_file, &loaded) != 0)
		return -1;
	lock_get(&tables.shared->rotation_lock);
	other = 1 - tables.shared->settings_in_use;
	tables.settings[other] = *secmgr_tables_flow_settings();
	if(configured->nonce_key_file != NULL)
		tables.settings[other].keys = loaded;
	else
		secmgr_nonce_keys_rotate(&tables.settings[other].keys, loaded.key[0]);
	__atomic_store_n(&tables.shared->settings_in_use, other, __ATOMIC_RELEASE);
	lock_release(&tables.shared->rotation_lock);
	OPENSSL_cleanse(&loaded, sizeof(loaded));
	return 0;
}

enum secmgr_nonce_count_result secmgr_tables_use_nonce_count(
		const struct secmgr_nonce *nonce, uint32_t nc, uint64_t fingerprint, uint64_t now_ms)
{
	size_t bucket = secmgr_nonce_count_bucket(tables.nonce_counts, nonce);
	gen_lock_t *lock = &tables.shared->nonce_count_locks[bucket % NONCE_COUNT_LOCKS];
	enum secmgr_nonce_count_result result;

	lock_get(lock);
	result = secmgr_nonce_count_use(
			tables.nonce_counts, nonce, nc, fingerprint, now_ms, tables.settings->nonce_lifetime_ms);
	lock_release(lock);
	return result;
}

uint64_t secmgr_tables_fingerprint(struct secmgr_slice message, struct secmgr_slice source)
{
	struct secmgr_siphash siphash = secmgr_siphash_start(tables.hash_secret);
	uint64_t hash;

	secmgr_siphash_add(&siphash, source.at, source.length);
	secmgr_siphash_add(&siphash, message.at, message.length);
	hash = secmgr_siphash_end(&siphash);
	return hash != 0 ? hash : 1;
}

uint64_t secmgr_tables_hash(const struct secmgr_subscriber_key *key)
{
	return secmgr_subscriber_key_hash(key, tables.hash_secret);
}

/* The low bits choose the bucket within a shard and a waiting table: these choose the shard and the table. */
static unsigned shard_of(uint64_t hash)
{
	return (unsigned)(hash >> 56) % CACHE_SHARDS;
}

static uint32_t worker_of(uint64_t hash)
{
	return (uint32_t)(hash >> 40) % tables.workers;
}

enum secmgr_cache_result secmgr_tables_cache_get(
		const struct secmgr_subscriber_key *key, uint64_t hash, struct secmgr_credential *credential)
{
	unsigned shard = shard_of(hash);
	enum secmgr_cache_result result;

	lock_get(&tables.shared->cache_locks[shard]);
	result = secmgr_credential_cache_get(tables.shards[shard], key, hash, secmgr_system_monotonic_ms(), credential);
	lock_release(&tables.shared->cache_locks[shard]);
	return result;
}

void secmgr_tables_cache_put(const struct secmgr_subscriber_key *key, uint64_t hash,
		const struct secmgr_credential *credential, struct secmgr_slice etag, const struct secmgr_lifetimes *lifetimes)
{
	unsigned shard = shard_of(hash);

	lock_get(&tables.shared->cache_locks[shard]);
	(void)secmgr_credential_cache_put(tables.shards[shard], key, hash, credential, etag, lifetimes,
			secmgr_system_monotonic_ms());
	lock_release(&tables.shared->cache_locks[shard]);
}

bool secmgr_tables_recheck_is_due(const struct secmgr_subscriber_key *key, uint64_t hash)
{
	unsigned shard = shard_of(hash);
	bool due;

	lock_get(&tables.shared->cache_locks[shard]);
	due = secmgr_credential_cache_recheck_is_due(tables.shards[shard], key, hash, secmgr_system_monotonic_ms(),
			(uint64_t)secmgr_params->recheck_s * 1000u);
	lock_release(&tables.shared->cache_locks[shard]);
	return due;
}

bool secmgr_tables_cache_get_stale(
		const struct secmgr_subscriber_key *key, uint64_t hash, struct secmgr_credential *credential)
{
	unsigned shard = shard_of(hash);
	bool found;

	lock_get(&tables.shared->cache_locks[shard]);
	found = secmgr_credential_cache_get_stale(
			tables.shards[shard], key, hash, secmgr_system_monotonic_ms(), credential);
	lock_release(&tables.shared->cache_locks[shard]);
	return found;
}

size_t secmgr_tables_cache_etag(const struct secmgr_subscriber_key *key, uint64_t hash, char etag[SECMGR_ETAG_MAX])
{
	unsigned shard = shard_of(hash);
	size_t length;

	lock_get(&tables.shared->cache_locks[shard]);
	length = secmgr_credential_cache_etag(tables.shards[shard], key, hash, etag);
	lock_release(&tables.shared->cache_locks[shard]);
	return length;
}

bool secmgr_tables_cache_renew(const struct secmgr_subscriber_key *key, uint64_t hash, struct secmgr_slice etag,
		const struct secmgr_lifetimes *lifetimes, struct secmgr_credential *credential)
{
	unsigned shard = shard_of(hash);
	bool renewed;

	lock_get(&tables.shared->cache_locks[shard]);
	renewed = secmgr_credential_cache_renew(
			tables.shards[shard], key, hash, etag, lifetimes, secmgr_system_monotonic_ms(), credential);
	lock_release(&tables.shared->cache_locks[shard]);
	return renewed;
}

bool secmgr_tables_cache_forget(const struct secmgr_subscriber_key *key)
{
	uint64_t hash = secmgr_tables_hash(key);
	unsigned shard = shard_of(hash);
	bool was_there;

	lock_get(&tables.shared->cache_locks[shard]);
	was_there = secmgr_credential_cache_forget(tables.shards[shard], key, hash);
	lock_release(&tables.shared->cache_locks[shard]);
	return was_there;
}

size_t secmgr_tables_cache_flush(void)
{
	size_t forgotten = 0;

	for(unsigned shard = 0; shard < CACHE_SHARDS; shard++) {
		lock_get(&tables.shared->cache_locks[shard]);
		forgotten += secmgr_credential_cache_flush(tables.shards[shard]);
		lock_release(&tables.shared->cache_locks[shard]);
	}
	return forgotten;
}

size_t secmgr_tables_cache_entries(void)
{
	size_t entries = 0;

	for(unsigned shard = 0; shard < CACHE_SHARDS; shard++) {
		lock_get(&tables.shared->cache_locks[shard]);
		entries += secmgr_credential_cache_entries(tables.shards[shard]);
		lock_release(&tables.shared->cache_locks[shard]);
	}
	return entries;
}

size_t secmgr_tables_cache_bytes(void)
{
	return tables.cache_bytes;
}

bool secmgr_tables_cache_view(const struct secmgr_subscriber_key *key, struct secmgr_cache_view *view)
{
	uint64_t hash = secmgr_tables_hash(key);
	unsigned shard = shard_of(hash);
	bool is_there;

	lock_get(&tables.shared->cache_locks[shard]);
	is_there = secmgr_credential_cache_view(tables.shards[shard], key, hash, secmgr_system_monotonic_ms(), view);
	lock_release(&tables.shared->cache_locks[shard]);
	return is_there;
}

/* The cursor is the shard's number and the cursor within it, side by side. */
bool secmgr_tables_cache_next(size_t *cursor, struct secmgr_cache_view *view)
{
	size_t shard = *cursor % CACHE_SHARDS;
	size_t within = *cursor / CACHE_SHARDS;
	bool found = false;

	while(!found) {
		lock_get(&tables.shared->cache_locks[shard]);
		found = secmgr_credential_cache_next(tables.shards[shard], secmgr_system_monotonic_ms(), &within, view);
		lock_release(&tables.shared->cache_locks[shard]);
		if(found)
			break;
		if(++shard == CACHE_SHARDS)
			return false;
		within = 0;
	}
	*cursor = within * CACHE_SHARDS + shard;
	return true;
}

enum secmgr_breaker_permission secmgr_tables_breaker_ask(size_t endpoint)
{
	enum secmgr_breaker_permission permission;

	lock_get(&tables.shared->breakers_lock);
	permission = secmgr_breaker_ask(&tables.shared->breakers[endpoint], secmgr_system_monotonic_ms());
	lock_release(&tables.shared->breakers_lock);
	return permission;
}

bool secmgr_tables_breaker_would_permit(size_t endpoint)
{
	struct secmgr_breaker breaker = secmgr_tables_breaker(endpoint);

	return secmgr_breaker_would_permit(&breaker, secmgr_system_monotonic_ms());
}

struct secmgr_breaker secmgr_tables_breaker(size_t endpoint)
{
	struct secmgr_breaker copy;

	lock_get(&tables.shared->breakers_lock);
	copy = tables.shared->breakers[endpoint];
	lock_release(&tables.shared->breakers_lock);
	return copy;
}

/* Its lock is held. */
static bool any_breaker_is_closed(void)
{
	for(size_t endpoint = 0; endpoint < secmgr_params->endpoint_count; endpoint++)
		if(tables.shared->breakers[endpoint].state == SECMGR_BREAKER_IS_CLOSED)
			return true;
	return false;
}

struct secmgr_tables_news secmgr_tables_breaker_report(
		size_t endpoint, enum secmgr_breaker_permission permission, enum secmgr_breaker_result result)
{
	struct secmgr_tables_news news = {0};
	bool is_down;

	lock_get(&tables.shared->breakers_lock);
	news.endpoint = secmgr_breaker_report(
			&tables.shared->breakers[endpoint], permission, result, secmgr_system_monotonic_ms());
	is_down = !any_breaker_is_closed();
	news.service_went_down = is_down && !tables.shared->service_is_down;
	news.service_came_up = !is_down && tables.shared->service_is_down;
	tables.shared->service_is_down = is_down;
	lock_release(&tables.shared->breakers_lock);
	return news;
}

bool secmgr_tables_service_is_down(void)
{
	/* Read without the lock on the way of every request: it is only a hint, and the breakers are asked again. */
	if(!__atomic_load_n(&tables.shared->service_is_down, __ATOMIC_RELAXED))
		return false;
	for(size_t endpoint = 0; endpoint < secmgr_params->endpoint_count; endpoint++)
		if(secmgr_tables_breaker_would_permit(endpoint))
			return false;
	return true;
}

uint64_t secmgr_tables_service_left_ms(void)
{
	uint64_t least = UINT64_MAX;

	for(size_t endpoint = 0; endpoint < secmgr_params->endpoint_count; endpoint++) {
		struct secmgr_breaker breaker = secmgr_tables_breaker(endpoint);
		uint64_t left = secmgr_breaker_left_ms(&breaker, secmgr_system_monotonic_ms());

		if(left < least)
			least = left;
	}
	return least;
}

bool secmgr_tables_reserve(
		const struct secmgr_subscriber_key *key, uint64_t hash, uint64_t deadline_ms, struct secmgr_place *place)
{
	uint32_t worker = worker_of(hash);
	bool reserved;

	place->worker = worker;
	lock_get(&tables.shared->waiting[worker].lock);
	reserved = secmgr_waiting_reserve(tables.waiting[worker], key, hash, deadline_ms, &place->waiter);
	lock_release(&tables.shared->waiting[worker].lock);
	return reserved;
}

static void wake(uint32_t worker)
{
	const uint64_t one = 1;

	/* EAGAIN means that the counter is full, so the process is as awake as it can be. */
	if(write(tables.wakeups[worker], &one, sizeof(one)) < 0 && errno != EAGAIN)
		LM_ERR("the HTTP process cannot be woken: %s\n", strerror(errno));
}

void secmgr_tables_commit(struct secmgr_place place, const struct secmgr_continuation *continuation)
{
	lock_get(&tables.shared->waiting[place.worker].lock);
	secmgr_waiting_commit(tables.waiting[place.worker], place.waiter, continuation);
	lock_release(&tables.shared->waiting[place.worker].lock);
	wake(place.worker);
}

void secmgr_tables_refresh(const struct secmgr_subscriber_key *key, uint64_t hash, uint64_t deadline_ms)
{
	uint32_t worker = worker_of(hash);
	bool queued;

	lock_get(&tables.shared->waiting[worker].lock);
	queued = secmgr_waiting_refresh(tables.waiting[worker], key, hash, deadline_ms);
	lock_release(&tables.shared->waiting[worker].lock);
	if(queued)
		wake(worker);
}

void secmgr_tables_release(struct secmgr_place place)
{
	lock_get(&tables.shared->waiting[place.worker].lock);
	secmgr_waiting_release(tables.waiting[place.worker], place.waiter);
	lock_release(&tables.shared->waiting[place.worker].lock);
}

bool secmgr_tables_take(struct secmgr_place place, struct secmgr_credential *credential)
{
	bool answered;

	lock_get(&tables.shared->waiting[place.worker].lock);
	answered = secmgr_waiting_take(tables.waiting[place.worker], place.waiter, credential);
	lock_release(&tables.shared->waiting[place.worker].lock);
	return answered;
}

bool secmgr_tables_job_may_start(uint32_t worker)
{
	uint32_t most = JOBS_MAX / tables.workers;

	return __atomic_load_n(&tables.shared->waiting[worker].jobs, __ATOMIC_RELAXED) < (most > 0 ? most : 1);
}

void secmgr_tables_job_starts(uint32_t worker)
{
	__atomic_add_fetch(&tables.shared->waiting[worker].jobs, 1, __ATOMIC_RELAXED);
}

void secmgr_tables_job_is_taken(uint32_t worker)
{
	bool was_full = !secmgr_tables_job_may_start(worker);

	__atomic_sub_fetch(&tables.shared->waiting[worker].jobs, 1, __ATOMIC_RELAXED);
	if(was_full)
		wake(worker);
}

size_t secmgr_tables_lookups_max(void)
{
	return tables.lookups_max;
}

int secmgr_tables_wakeup(uint32_t worker)
{
	return tables.wakeups[worker];
}

void secmgr_tables_wakeup_seen(uint32_t worker)
{
	uint64_t count;

	if(read(tables.wakeups[worker], &count, sizeof(count)) < 0 && errno != EAGAIN)
		LM_ERR("the hand-over's eventfd cannot be read: %s\n", strerror(errno));
}

bool secmgr_tables_next_lookup(uint32_t worker, struct secmgr_lookup *lookup)
{
	bool found;

	lock_get(&tables.shared->waiting[worker].lock);
	found = secmgr_waiting_next_lookup(tables.waiting[worker], lookup);
	lock_release(&tables.shared->waiting[worker].lock);
	return found;
}

void secmgr_tables_answer(uint32_t worker, uint32_t lookup, const struct secmgr_credential *credential)
{
	lock_get(&tables.shared->waiting[worker].lock);
	secmgr_waiting_answer(tables.waiting[worker], lookup, credential);
	lock_release(&tables.shared->waiting[worker].lock);
}

static bool next_waiter(uint32_t worker, struct secmgr_waiters *waiters, struct secmgr_continuation *continuation)
{
	bool found;

	lock_get(&tables.shared->waiting[worker].lock);
	found = secmgr_waiting_next_waiter(tables.waiting[worker], waiters, continuation);
	lock_release(&tables.shared->waiting[worker].lock);
	return found;
}

bool secmgr_tables_drop_lookup(
		uint32_t worker, uint32_t lookup, bool (*is_gone)(const struct secmgr_continuation *continuation))
{
	struct secmgr_continuation continuation;
	struct secmgr_waiters waiters;
	bool dropped;

	lock_get(&tables.shared->waiting[worker].lock);
	waiters = secmgr_waiting_waiters(tables.waiting[worker], lookup);
	lock_release(&tables.shared->waiting[worker].lock);
	while(next_waiter(worker, &waiters, &continuation))
		if(!is_gone(&continuation))
			return false;
	lock_get(&tables.shared->waiting[worker].lock);
	dropped = secmgr_waiting_drop(tables.waiting[worker], &waiters);
	lock_release(&tables.shared->waiting[worker].lock);
	return dropped;
}

bool secmgr_tables_next_answered(
		uint32_t worker, struct secmgr_place *place, struct secmgr_continuation *continuation)
{
	bool found;

	place->worker = worker;
	lock_get(&tables.shared->waiting[worker].lock);
	found = secmgr_waiting_next_answered(tables.waiting[worker], &place->waiter, continuation);
	lock_release(&tables.shared->waiting[worker].lock);
	return found;
}

static size_t sum_waiting(size_t (*of)(const struct secmgr_waiting *waiting))
{
	size_t sum = 0;

	for(uint32_t worker = 0; worker < tables.workers; worker++) {
		lock_get(&tables.shared->waiting[worker].lock);
		sum += of(tables.waiting[worker]);
		lock_release(&tables.shared->waiting[worker].lock);
	}
	return sum;
}

size_t secmgr_tables_waiting_requests(void)
{
	return sum_waiting(secmgr_waiting_requests);
}

size_t secmgr_tables_waiting_lookups(void)
{
	return sum_waiting(secmgr_waiting_lookups);
}
