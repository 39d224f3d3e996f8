/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secmgr_queue.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../../core/locking.h"

#include "secmgr_core.h"
#include "secmgr_region.h"

/* Of the datagrams that fit into the socket of a group of async workers, some hundred, at most these are ours. */
#define JOBS_MAX 128u

/* One for each HTTP process. */
struct shared
{
	gen_lock_t lock;
	uint32_t jobs; /* handed to async workers and not taken up, changed atomically */
};

/* Set before the fork, the same in every process. */
static struct
{
	struct shared *shared;
	struct secmgr_waiting **waiting;
	int *wakeups;
	uint32_t workers;
	size_t lookups_max;
} self;

static size_t slots(const struct secmgr_params *configured)
{
	size_t workers = (size_t)configured->service_workers;

	return ((size_t)configured->service_queue + workers - 1) / workers;
}

static size_t shared_bytes(const struct secmgr_params *configured)
{
	return secmgr_region_aligned((size_t)configured->service_workers * sizeof(struct shared));
}

static size_t waiting_bytes(const struct secmgr_params *configured)
{
	return secmgr_region_aligned(secmgr_waiting_memory(slots(configured)));
}

size_t secmgr_queue_memory(const struct secmgr_params *configured)
{
	return shared_bytes(configured) + (size_t)configured->service_workers * waiting_bytes(configured);
}

static int open_wakeup(uint32_t worker)
{
	self.wakeups[worker] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if(self.wakeups[worker] >= 0)
		return 0;
	LM_ERR("no eventfd for an HTTP process: %s\n", strerror(errno));
	return -1;
}

int secmgr_queue_init(const struct secmgr_params *configured, void *memory)
{
	char *next = (char *)memory + shared_bytes(configured);

	self.workers = (uint32_t)configured->service_workers;
	self.shared = memory;
	self.waiting = pkg_malloc(self.workers * sizeof(*self.waiting));
	self.wakeups = pkg_malloc(self.workers * sizeof(*self.wakeups));
	if(self.waiting == NULL || self.wakeups == NULL) {
		PKG_MEM_ERROR;
		return -1;
	}
	self.lookups_max = secmgr_waiting_lookups_max(slots(configured));
	for(uint32_t worker = 0; worker < self.workers; worker++) {
		lock_init(&self.shared[worker].lock);
		self.waiting[worker] = secmgr_waiting_init(next, slots(configured));
		next += waiting_bytes(configured);
		if(open_wakeup(worker) != 0)
			return -1;
	}
	return 0;
}

static uint32_t worker_of(uint64_t hash)
{
	return (uint32_t)(hash >> 40) % self.workers;
}

bool secmgr_queue_reserve(
		const struct secmgr_subscriber_key *key, uint64_t hash, uint64_t deadline_ms, struct secmgr_place *place)
{
	uint32_t worker = worker_of(hash);
	bool reserved;

	place->worker = worker;
	lock_get(&self.shared[worker].lock);
	reserved = secmgr_waiting_reserve(self.waiting[worker], key, hash, deadline_ms, &place->waiter);
	lock_release(&self.shared[worker].lock);
	return reserved;
}

static void wake(uint32_t worker)
{
	const uint64_t one = 1;

	/* EAGAIN means that the counter is full, so the process is as awake as it can be. */
	if(write(self.wakeups[worker], &one, sizeof(one)) < 0 && errno != EAGAIN)
		LM_ERR("the HTTP process cannot be woken: %s\n", strerror(errno));
}

void secmgr_queue_refresh(const struct secmgr_subscriber_key *key, uint64_t hash, uint64_t deadline_ms)
{
	uint32_t worker = worker_of(hash);
	bool queued;

	lock_get(&self.shared[worker].lock);
	queued = secmgr_waiting_refresh(self.waiting[worker], key, hash, deadline_ms);
	lock_release(&self.shared[worker].lock);
	if(queued)
		wake(worker);
}

void secmgr_queue_commit(struct secmgr_place place, const struct secmgr_continuation *continuation)
{
	lock_get(&self.shared[place.worker].lock);
	secmgr_waiting_commit(self.waiting[place.worker], place.waiter, continuation);
	lock_release(&self.shared[place.worker].lock);
	wake(place.worker);
}

void secmgr_queue_release(struct secmgr_place place)
{
	lock_get(&self.shared[place.worker].lock);
	secmgr_waiting_release(self.waiting[place.worker], place.waiter);
	lock_release(&self.shared[place.worker].lock);
}

bool secmgr_queue_take(struct secmgr_place place, struct secmgr_credential *credential)
{
	bool answered;

	lock_get(&self.shared[place.worker].lock);
	answered = secmgr_waiting_take(self.waiting[place.worker], place.waiter, credential);
	lock_release(&self.shared[place.worker].lock);
	return answered;
}

int secmgr_queue_wakeup(uint32_t worker)
{
	return self.wakeups[worker];
}

void secmgr_queue_wakeup_seen(uint32_t worker)
{
	uint64_t count;

	if(read(self.wakeups[worker], &count, sizeof(count)) < 0 && errno != EAGAIN)
		LM_ERR("the hand-over's eventfd cannot be read: %s\n", strerror(errno));
}

bool secmgr_queue_job_may_start(uint32_t worker)
{
	uint32_t most = JOBS_MAX / self.workers;

	return __atomic_load_n(&self.shared[worker].jobs, __ATOMIC_RELAXED) < (most > 0 ? most : 1);
}

void secmgr_queue_job_starts(uint32_t worker)
{
	__atomic_add_fetch(&self.shared[worker].jobs, 1, __ATOMIC_RELAXED);
}

void secmgr_queue_job_is_taken(uint32_t worker)
{
	bool was_full = !secmgr_queue_job_may_start(worker);

	__atomic_sub_fetch(&self.shared[worker].jobs, 1, __ATOMIC_RELAXED);
	if(was_full)
		wake(worker);
}

size_t secmgr_queue_lookups_max(void)
{
	return self.lookups_max;
}

bool secmgr_queue_next_lookup(uint32_t worker, struct secmgr_lookup *lookup)
{
	bool found;

	lock_get(&self.shared[worker].lock);
	found = secmgr_waiting_next_lookup(self.waiting[worker], lookup);
	lock_release(&self.shared[worker].lock);
	return found;
}

void secmgr_queue_answer(uint32_t worker, uint32_t lookup, const struct secmgr_credential *credential)
{
	lock_get(&self.shared[worker].lock);
	secmgr_waiting_answer(self.waiting[worker], lookup, credential);
	lock_release(&self.shared[worker].lock);
}

static bool next_waiter(uint32_t worker, struct secmgr_waiters *waiters, struct secmgr_continuation *continuation)
{
	bool found;

	lock_get(&self.shared[worker].lock);
	found = secmgr_waiting_next_waiter(self.waiting[worker], waiters, continuation);
	lock_release(&self.shared[worker].lock);
	return found;
}

bool secmgr_queue_drop_lookup(
		uint32_t worker, uint32_t lookup, bool (*is_gone)(const struct secmgr_continuation *continuation))
{
	struct secmgr_continuation continuation;
	struct secmgr_waiters waiters;
	bool dropped;

	lock_get(&self.shared[worker].lock);
	waiters = secmgr_waiting_waiters(self.waiting[worker], lookup);
	lock_release(&self.shared[worker].lock);
	while(next_waiter(worker, &waiters, &continuation))
		if(!is_gone(&continuation))
			return false;
	lock_get(&self.shared[worker].lock);
	dropped = secmgr_waiting_drop(self.waiting[worker], &waiters);
	lock_release(&self.shared[worker].lock);
	return dropped;
}

bool secmgr_queue_next_answered(
		uint32_t worker, struct secmgr_place *place, struct secmgr_continuation *continuation)
{
	bool found;

	place->worker = worker;
	lock_get(&self.shared[worker].lock);
	found = secmgr_waiting_next_answered(self.waiting[worker], &place->waiter, continuation);
	lock_release(&self.shared[worker].lock);
	return found;
}

static size_t sum_waiting(size_t (*of)(const struct secmgr_waiting *waiting))
{
	size_t sum = 0;

	for(uint32_t worker = 0; worker < self.workers; worker++) {
		lock_get(&self.shared[worker].lock);
		sum += of(self.waiting[worker]);
		lock_release(&self.shared[worker].lock);
	}
	return sum;
}

size_t secmgr_queue_requests(void)
{
	return sum_waiting(secmgr_waiting_requests);
}

size_t secmgr_queue_lookups(void)
{
	return sum_waiting(secmgr_waiting_lookups);
}
