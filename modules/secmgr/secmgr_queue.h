/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who waits for which lookup, and the hand-over between SIP workers and HTTP processes.
 *
 * Each HTTP process has a waiting table of its own (engine/waiting.h), and a subscriber always belongs to one
 * of them. A commit writes that process's eventfd, which never blocks.
 */
#ifndef SECMGR_QUEUE_H
#define SECMGR_QUEUE_H

#include "secmgr_params.h"

#include "engine/waiting.h"

size_t secmgr_queue_memory(const struct secmgr_params *configured);
/* `memory` is that of the region. -1 after saying why. */
int secmgr_queue_init(const struct secmgr_params *configured, void *memory);

/* A place in one of the waiting tables. */
struct secmgr_place
{
	uint32_t worker, waiter;
};

/* As the engine's functions of these names, under the table's lock. */
bool secmgr_queue_reserve(const struct secmgr_subscriber_key *key, uint64_t hash, uint64_t deadline_ms,
		struct secmgr_place *place);
void secmgr_queue_commit(struct secmgr_place place, const struct secmgr_continuation *continuation);
void secmgr_queue_release(struct secmgr_place place);
bool secmgr_queue_take(struct secmgr_place place, struct secmgr_credential *credential);
/* Starts a lookup that nobody waits for, unless one is under way. */
void secmgr_queue_refresh(const struct secmgr_subscriber_key *key, uint64_t hash, uint64_t deadline_ms);

/* For the HTTP process number `worker`. */
int secmgr_queue_wakeup(uint32_t worker); /* its eventfd */
void secmgr_queue_wakeup_seen(uint32_t worker);
size_t secmgr_queue_lookups_max(void); /* their numbers are below it */
bool secmgr_queue_next_lookup(uint32_t worker, struct secmgr_lookup *lookup);
/* Forgets a lookup that is not asked yet when nobody waits for it any more: `is_gone` judges those who waited,
 * without a lock held. */
bool secmgr_queue_drop_lookup(
		uint32_t worker, uint32_t lookup, bool (*is_gone)(const struct secmgr_continuation *continuation));
void secmgr_queue_answer(uint32_t worker, uint32_t lookup, const struct secmgr_credential *credential);
bool secmgr_queue_next_answered(
		uint32_t worker, struct secmgr_place *place, struct secmgr_continuation *continuation);

/* Requests that were handed to an async worker and that none has taken up yet. There is room for some: what is beyond
 * stays in the table, where it holds up nobody, for a full socket to the async workers would stop the HTTP process. */
bool secmgr_queue_job_may_start(uint32_t worker);
void secmgr_queue_job_starts(uint32_t worker);
void secmgr_queue_job_is_taken(uint32_t worker); /* wakes the HTTP process when it may have waited for that */

size_t secmgr_queue_requests(void); /* that wait */
size_t secmgr_queue_lookups(void);  /* that are not answered yet */

#endif
