/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who waits for whose credential: the lookups under way and the suspended requests behind them.
 *
 * A table of fixed size in shared memory, one for each HTTP process; the caller holds its lock around every call.
 * Requests that wait for the same subscriber share one lookup (single flight). A SIP worker reserves before it suspends
 * its transaction, so that a full table is known while the request can still be answered at once:
 *
 *     SIP worker    reserve --> suspend --> commit                 (or release, when the suspension failed)
 *     HTTP process  next_lookup --> ask the service --> answer --> next_answered: one for each waiting request
 *     resuming      take: the answer, copied out; the last one wipes it
 *
 * A request that commits when its lookup is already answered is handed out by next_answered at once. One that joins an
 * open lookup gets the deadline of who opened it: it waits no longer than it would have alone.
 *
 * A refresh is a lookup that nobody waits for; who comes while it is under way joins it. Refreshes have places of their
 * own, so that they never take one from a request.
 *
 * Depends on: credential, credential_cache (the key), config.
 */
#ifndef SECMGR_ENGINE_WAITING_H
#define SECMGR_ENGINE_WAITING_H

#include "config.h"
#include "credential.h"
#include "credential_cache.h"

struct secmgr_waiting;

/* What brings a suspended request back; only the caller reads it. */
struct secmgr_continuation
{
	uint32_t transaction_index, transaction_label;
	int32_t route;
	uint16_t purpose;
	uint16_t realm_length;
	char realm[SECMGR_REALM_MAX]; /* as the script wrote it: requests that share a lookup may differ in its case */
};

struct secmgr_lookup
{
	uint32_t number;
	struct secmgr_subscriber_key key; /* points into the table: valid until the lookup is answered */
	uint64_t hash;
	uint64_t deadline_ms;
};

size_t secmgr_waiting_memory(size_t slots);
/* Lookups are numbered from 0 to below this. */
size_t secmgr_waiting_lookups_max(size_t slots);
struct secmgr_waiting *secmgr_waiting_init(void *memory, size_t slots);

/* Takes a place for one request. False when all are taken, or the key is above its bounds. */
__attribute__((warn_unused_result)) bool secmgr_waiting_reserve(struct secmgr_waiting *waiting,
		const struct secmgr_subscriber_key *key, uint64_t hash, uint64_t deadline_ms, uint32_t *waiter);
/* The request is suspended: from now on it will be handed out by _next_answered. The HTTP process has to be woken. */
void secmgr_waiting_commit(
		struct secmgr_waiting *waiting, uint32_t waiter, const struct secmgr_continuation *continuation);
/* The request was not suspended after all. */
void secmgr_waiting_release(struct secmgr_waiting *waiting, uint32_t waiter);

/* Queues a lookup that nobody waits for; the HTTP process has to be woken. False when one for this subscriber is open
 * already, or when there are as many refreshes as there may be: one for eight requests. */
__attribute__((warn_unused_result)) bool secmgr_waiting_refresh(
		struct secmgr_waiting *waiting, const struct secmgr_subscriber_key *key, uint64_t hash, uint64_t deadline_ms);

/* The oldest lookup that is not asked yet; false when there is none. */
__attribute__((warn_unused_result)) bool secmgr_waiting_next_lookup(
		struct secmgr_waiting *waiting, struct secmgr_lookup *lookup);

/* A walk over the requests that wait for a lookup which _next_lookup has handed out and which is not answered. The lock
 * need not be held between two steps. */
struct secmgr_waiters
{
	uint32_t lookup, next, seen;
};
struct secmgr_waiters secmgr_waiting_waiters(struct secmgr_waiting *waiting, uint32_t lookup);
__attribute__((warn_unused_result)) bool secmgr_waiting_next_waiter(
		struct secmgr_waiting *waiting, struct secmgr_waiters *waiters, struct secmgr_continuation *continuation);
/* All that the walk has seen are gone (cancelled, timed out): the lookup is forgotten with them, unasked. False, and
 * nothing is done, when it is a refresh, or when somebody waits or is about to wait whom the walk has not seen. */
__attribute__((warn_unused_result)) bool secmgr_waiting_drop(
		struct secmgr_waiting *waiting, const struct secmgr_waiters *waiters);

/* What the service said; `credential` is NULL for a fault. Later requests for that subscriber start a new lookup. */
void secmgr_waiting_answer(struct secmgr_waiting *waiting, uint32_t lookup, const struct secmgr_credential *credential);
/* One request whose lookup is answered, to be resumed; each is handed out once, those of one subscriber in order. */
__attribute__((warn_unused_result)) bool secmgr_waiting_next_answered(
		struct secmgr_waiting *waiting, uint32_t *waiter, struct secmgr_continuation *continuation);
/* Copies the answer out and gives the place back. False: the service failed. The caller wipes `credential`. */
__attribute__((warn_unused_result)) bool secmgr_waiting_take(
		struct secmgr_waiting *waiting, uint32_t waiter, struct secmgr_credential *credential);

size_t secmgr_waiting_requests(const struct secmgr_waiting *waiting); /* places taken */
size_t secmgr_waiting_lookups(const struct secmgr_waiting *waiting);  /* lookups that are not answered yet */

#endif
