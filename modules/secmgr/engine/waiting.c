/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waiting.h"

#include <string.h>

#define NOBODY UINT32_MAX

enum lookup_state
{
	LOOKUP_RESERVED,  /* nobody has committed yet: not to be asked */
	LOOKUP_UNDER_WAY, /* queued or being asked */
	LOOKUP_ANSWERED,
};

struct list
{
	uint32_t first, last; /* `last` means something only where `first` is not NOBODY */
};

/* In use while a waiter refers to it, or as a refresh until the answer: there are never more lookups in use than
 * waiters and refreshes. */
struct lookup
{
	uint8_t state;
	bool failed;
	bool is_refresh;
	uint16_t username_length, realm_length;
	uint32_t next; /* in its bucket, or of the free ones */
	uint32_t next_queued;
	struct list waiters; /* the committed ones, in the order in which they came */
	uint32_t references; /* of reserved and committed ones, and a refresh's own */
	uint64_t hash;
	uint64_t deadline_ms;
	char username[SECMGR_USERNAME_MAX];
	char realm[SECMGR_REALM_MAX];
	struct secmgr_credential answer;
};

struct waiter
{
	uint32_t lookup;
	uint32_t next; /* of its lookup, of the answered ones, or of the free ones */
	struct secmgr_continuation continuation;
};

struct secmgr_waiting
{
	uint32_t slots;
	uint32_t free_lookup, free_waiter;
	uint32_t refreshes_left;
	uint32_t requests, lookups_open;
	struct list queue, answered;
	size_t buckets_at, lookups_at, waiters_at; /* offsets from the start: no pointers in shared memory */
};

static size_t aligned(size_t bytes)
{
	return (bytes + 15u) & ~(size_t)15u;
}

static uint32_t *bucket_of(struct secmgr_waiting *waiting, uint64_t hash)
{
	return (uint32_t *)(void *)((char *)waiting + waiting->buckets_at) + hash % waiting->slots;
}

static struct lookup *lookup_at(struct secmgr_waiting *waiting, uint32_t number)
{
	return (struct lookup *)(void *)((char *)waiting + waiting->lookups_at) + number;
}

static struct waiter *waiter_at(struct secmgr_waiting *waiting, uint32_t number)
{
	return (struct waiter *)(void *)((char *)waiting + waiting->waiters_at) + number;
}

static size_t refreshes_max(size_t slots)
{
	return (slots + 7) / 8;
}

size_t secmgr_waiting_lookups_max(size_t slots)
{
	return slots + refreshes_max(slots);
}

size_t secmgr_waiting_memory(size_t slots)
{
	size_t lookups = secmgr_waiting_lookups_max(slots);

	return aligned(sizeof(struct secmgr_waiting)) + aligned(slots * sizeof(uint32_t))
		   + aligned(lookups * sizeof(struct lookup)) + aligned(slots * sizeof(struct waiter));
}

static void init_lookups(struct secmgr_waiting *waiting, uint32_t count)
{
	waiting->free_lookup = NOBODY;
	for(uint32_t number = count; number-- > 0;) {
		memset(lookup_at(waiting, number), 0, sizeof(struct lookup));
		lookup_at(waiting, number)->next = waiting->free_lookup;
		waiting->free_lookup = number;
	}
}

static void init_waiters(struct secmgr_waiting *waiting, uint32_t count)
{
	waiting->free_waiter = NOBODY;
	for(uint32_t number = count; number-- > 0;) {
		waiter_at(waiting, number)->next = waiting->free_waiter;
		waiting->free_waiter = number;
	}
}

struct secmgr_waiting *secmgr_waiting_init(void *memory, size_t slots)
{
	struct secmgr_waiting *waiting = memory;

	memset(waiting, 0, sizeof(*waiting));
	waiting->slots = (uint32_t)slots;
	waiting->refreshes_left = (uint32_t)refreshes_max(slots);
	waiting->buckets_at = aligned(sizeof(*waiting));
	waiting->lookups_at = waiting->buckets_at + aligned(slots * sizeof(uint32_t));
	waiting->waiters_at = waiting->lookups_at + aligned(secmgr_waiting_lookups_max(slots) * sizeof(struct lookup));
	waiting->queue = waiting->answered = (struct list){NOBODY, NOBODY};
	for(uint32_t number = 0; number < waiting->slots; number++)
		bucket_of(waiting, number)[0] = NOBODY;
	init_lookups(waiting, (uint32_t)secmgr_waiting_lookups_max(slots));
	init_waiters(waiting, waiting->slots);
	return waiting;
}

static bool is_about(const struct lookup *lookup, const struct secmgr_subscriber_key *key, uint64_t hash)
{
	const struct secmgr_slice username = {lookup->username, lookup->username_length};
	const struct secmgr_slice realm = {lookup->realm, lookup->realm_length};

	return lookup->hash == hash && secmgr_slice_equals(username, key->username)
		   && secmgr_slice_equals_ignoring_case(realm, key->realm);
}

static uint32_t find_open(struct secmgr_waiting *waiting, const struct secmgr_subscriber_key *key, uint64_t hash)
{
	uint32_t number = *bucket_of(waiting, hash);

	while(number != NOBODY && !is_about(lookup_at(waiting, number), key, hash))
		number = lookup_at(waiting, number)->next;
	return number;
}

static uint32_t open_lookup(struct secmgr_waiting *waiting, const struct secmgr_subscriber_key *key, uint64_t hash,
		uint64_t deadline_ms)
{
	uint32_t number = waiting->free_lookup;
	uint32_t *bucket = bucket_of(waiting, hash);
	struct lookup *lookup = lookup_at(waiting, number);

	waiting->free_lookup = lookup->next;
	lookup->state = LOOKUP_RESERVED;
	lookup->failed = true; /* until the service has said something */
	lookup->is_refresh = false;
	lookup->username_length = (uint16_t)key->username.length;
	lookup->realm_length = (uint16_t)key->realm.length;
	memcpy(lookup->username, key->username.at, key->username.length);
	memcpy(lookup->realm, key->realm.at, key->realm.length);
	lookup->hash = hash;
	lookup->deadline_ms = deadline_ms;
	lookup->waiters = (struct list){NOBODY, NOBODY};
	lookup->references = 0;
	lookup->next = *bucket;
	*bucket = number;
	waiting->lookups_open++;
	return number;
}

/* Nobody joins it any more. */
static void close_lookup(struct secmgr_waiting *waiting, uint32_t number)
{
	struct lookup *lookup = lookup_at(waiting, number);
	uint32_t *link = bucket_of(waiting, lookup->hash);

	while(*link != number)
		link = &lookup_at(waiting, *link)->next;
	*link = lookup->next;
	waiting->lookups_open--;
}

static void free_lookup(struct secmgr_waiting *waiting, uint32_t number)
{
	struct lookup *lookup = lookup_at(waiting, number);

	secmgr_credential_wipe(&lookup->answer);
	lookup->next = waiting->free_lookup;
	waiting->free_lookup = number;
}

static void free_waiter(struct secmgr_waiting *waiting, uint32_t number)
{
	waiter_at(waiting, number)->next = waiting->free_waiter;
	waiting->free_waiter = number;
	waiting->requests--;
}

/* The last one that refers to a lookup takes the answer with it. A lookup under way is a refresh, or has a committed
 * waiter, who stays until the answer: the last one was reserved or is answered. */
static void stop_referring(struct secmgr_waiting *waiting, uint32_t number)
{
	struct lookup *lookup = lookup_at(waiting, number);

	if(--lookup->references > 0)
		return;
	if(lookup->state == LOOKUP_RESERVED)
		close_lookup(waiting, number);
	free_lookup(waiting, number);
}

static void drop_waiter(struct secmgr_waiting *waiting, uint32_t waiter)
{
	uint32_t number = waiter_at(waiting, waiter)->lookup;

	free_waiter(waiting, waiter);
	stop_referring(waiting, number);
}

static void append_waiters(struct secmgr_waiting *waiting, struct list *list, struct list more)
{
	if(more.first == NOBODY)
		return;
	if(list->first == NOBODY)
		list->first = more.first;
	else
		waiter_at(waiting, list->last)->next = more.first;
	list->last = more.last;
}

static void queue_lookup(struct secmgr_waiting *waiting, uint32_t number)
{
	struct list *queue = &waiting->queue;

	lookup_at(waiting, number)->state = LOOKUP_UNDER_WAY;
	lookup_at(waiting, number)->next_queued = NOBODY;
	if(queue->first == NOBODY)
		queue->first = number;
	else
		lookup_at(waiting, queue->last)->next_queued = number;
	queue->last = number;
}

static bool is_within_bounds(const struct secmgr_subscriber_key *key)
{
	return key->username.length <= SECMGR_USERNAME_MAX && key->realm.length <= SECMGR_REALM_MAX;
}

bool secmgr_waiting_reserve(struct secmgr_waiting *waiting, const struct secmgr_subscriber_key *key, uint64_t hash,
		uint64_t deadline_ms, uint32_t *waiter)
{
	uint32_t number;

	if(!is_within_bounds(key) || waiting->free_waiter == NOBODY)
		return false;
	number = find_open(waiting, key, hash);
	if(number == NOBODY)
		number = open_lookup(waiting, key, hash, deadline_ms);
	*waiter = waiting->free_waiter;
	waiting->free_waiter = waiter_at(waiting, *waiter)->next;
	waiting->requests++;
	waiter_at(waiting, *waiter)->lookup = number;
	lookup_at(waiting, number)->references++;
	return true;
}

void secmgr_waiting_commit(
		struct secmgr_waiting *waiting, uint32_t waiter, const struct secmgr_continuation *continuation)
{
	struct waiter *committed = waiter_at(waiting, waiter);
	struct lookup *lookup = lookup_at(waiting, committed->lookup);
	const bool answered = lookup->state == LOOKUP_ANSWERED;

	committed->continuation = *continuation;
	committed->next = NOBODY;
	append_waiters(waiting, answered ? &waiting->answered : &lookup->waiters, (struct list){waiter, waiter});
	if(lookup->state == LOOKUP_RESERVED)
		queue_lookup(waiting, committed->lookup);
}

void secmgr_waiting_release(struct secmgr_waiting *waiting, uint32_t waiter)
{
	drop_waiter(waiting, waiter);
}

bool secmgr_waiting_refresh(
		struct secmgr_waiting *waiting, const struct secmgr_subscriber_key *key, uint64_t hash, uint64_t deadline_ms)
{
	uint32_t number;

	if(!is_within_bounds(key) || waiting->refreshes_left == 0 || find_open(waiting, key, hash) != NOBODY)
		return false;
	waiting->refreshes_left--;
	number = open_lookup(waiting, key, hash, deadline_ms);
	lookup_at(waiting, number)->is_refresh = true;
	lookup_at(waiting, number)->references = 1;
	queue_lookup(waiting, number);
	return true;
}

bool secmgr_waiting_next_lookup(struct secmgr_waiting *waiting, struct secmgr_lookup *lookup)
{
	uint32_t number = waiting->queue.first;
	struct lookup *first;

	if(number == NOBODY)
		return false;
	first = lookup_at(waiting, number);
	waiting->queue.first = first->next_queued;
	lookup->number = number;
	lookup->key.username = (struct secmgr_slice){first->username, first->username_length};
	lookup->key.realm = (struct secmgr_slice){first->realm, first->realm_length};
	lookup->hash = first->hash;
	lookup->deadline_ms = first->deadline_ms;
	return true;
}

struct secmgr_waiters secmgr_waiting_waiters(struct secmgr_waiting *waiting, uint32_t lookup)
{
	return (struct secmgr_waiters){lookup, lookup_at(waiting, lookup)->waiters.first, 0};
}

bool secmgr_waiting_next_waiter(
		struct secmgr_waiting *waiting, struct secmgr_waiters *waiters, struct secmgr_continuation *continuation)
{
	const struct waiter *waiter;

	if(waiters->next == NOBODY)
		return false;
	waiter = waiter_at(waiting, waiters->next);
	*continuation = waiter->continuation;
	waiters->next = waiter->next;
	waiters->seen++;
	return true;
}

/* The references tell whom the walk has not seen: who is only reserved, and who came after it had passed. */
bool secmgr_waiting_drop(struct secmgr_waiting *waiting, const struct secmgr_waiters *waiters)
{
	const struct lookup *lookup = lookup_at(waiting, waiters->lookup);
	uint32_t waiter = lookup->waiters.first;

	if(lookup->is_refresh || lookup->references != waiters->seen)
		return false;
	close_lookup(waiting, waiters->lookup);
	while(waiter != NOBODY) {
		uint32_t next = waiter_at(waiting, waiter)->next;

		drop_waiter(waiting, waiter);
		waiter = next;
	}
	return true;
}

void secmgr_waiting_answer(struct secmgr_waiting *waiting, uint32_t number, const struct secmgr_credential *credential)
{
	struct lookup *lookup = lookup_at(waiting, number);

	close_lookup(waiting, number);
	lookup->state = LOOKUP_ANSWERED;
	lookup->failed = credential == NULL;
	if(credential != NULL)
		lookup->answer = *credential;
	append_waiters(waiting, &waiting->answered, lookup->waiters);
	if(!lookup->is_refresh)
		return;
	waiting->refreshes_left++;
	stop_referring(waiting, number);
}

bool secmgr_waiting_next_answered(
		struct secmgr_waiting *waiting, uint32_t *waiter, struct secmgr_continuation *continuation)
{
	*waiter = waiting->answered.first;
	if(*waiter == NOBODY)
		return false;
	waiting->answered.first = waiter_at(waiting, *waiter)->next;
	*continuation = waiter_at(waiting, *waiter)->continuation;
	return true;
}

bool secmgr_waiting_take(struct secmgr_waiting *waiting, uint32_t waiter, struct secmgr_credential *credential)
{
	const struct lookup *lookup = lookup_at(waiting, waiter_at(waiting, waiter)->lookup);
	const bool answered = !lookup->failed;

	if(answered)
		*credential = lookup->answer;
	drop_waiter(waiting, waiter);
	return answered;
}

size_t secmgr_waiting_requests(const struct secmgr_waiting *waiting)
{
	return waiting->requests;
}

size_t secmgr_waiting_lookups(const struct secmgr_waiting *waiting)
{
	return waiting->lookups_open;
}
