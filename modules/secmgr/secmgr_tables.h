/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's tables in shared memory, and the locks around them: nonce keys, nonce counts, the credential cache, and who waits for which
 * lookup. Everything that is secret lives in one region that is kept out of core dumps and, where the system allows it, out of swap.
 *
 * The waiting tables are also the hand-over to the HTTP processes: a commit writes an eventfd, which never blocks.
 */
#ifndef SECMGR_TABLES_H
#define SECMGR_TABLES_H

#include "secmgr_core.h"
#include "secmgr_params.h"

#include "engine/credential_cache.h"
#include "engine/flow.h"
#include "engine/nonce_count.h"
#include "engine/waiting.h"

#include "service/endpoint_breaker.h"

/* Before the fork. -1 after saying why. */
int secmgr_tables_init(const struct secmgr_params *configured);
void secmgr_tables_destroy(void);

/* Milliseconds since 1970 as this proxy counts them: the wall clock at its start and what has passed since. A clock that is set
 * while calls are up makes no nonce old or young. */
uint64_t secmgr_tables_time_ms(void);

/* The flow's settings with the keys of this moment, good while one request is in hand. */
const struct secmgr_flow_settings *secmgr_tables_flow_settings(void);
/* Reads nonce_key_file again, or draws a new key where there is none; nonces under the key that was current stay good. -1 after
 * saying why, and nothing is changed. */
int secmgr_tables_rotate_nonce_keys(const struct secmgr_params *configured);

enum secmgr_nonce_count_result secmgr_tables_use_nonce_count(
		const struct secmgr_nonce *nonce, uint32_t nc, uint64_t fingerprint, uint64_t now_ms);
/* A keyed hash of the bytes of a request and of where it came from: tells a retransmission from a replay. Never 0. */
uint64_t secmgr_tables_fingerprint(struct secmgr_slice message, struct secmgr_slice source);

uint64_t secmgr_tables_hash(const struct secmgr_subscriber_key *key);
enum secmgr_cache_result secmgr_tables_cache_get(
		const struct secmgr_subscriber_key *key, uint64_t hash, struct secmgr_credential *credential);
void secmgr_tables_cache_put(const struct secmgr_subscriber_key *key, uint64_t hash,
		const struct secmgr_credential *credential, struct secmgr_slice etag, const struct secmgr_lifetimes *lifetimes);
/* Whether the service is to be asked again before a wrong response counts: once in recheck_s for a subscriber. */
bool secmgr_tables_recheck_is_due(const struct secmgr_subscriber_key *key, uint64_t hash);
bool secmgr_tables_cache_forget(const struct secmgr_subscriber_key *key);
size_t secmgr_tables_cache_flush(void);
size_t secmgr_tables_cache_entries(void);
size_t secmgr_tables_cache_bytes(void);
bool secmgr_tables_cache_view(const struct secmgr_subscriber_key *key, struct secmgr_cache_view *view);
/* Walks all shards, from *cursor = 0; false at the end. */
bool secmgr_tables_cache_next(size_t *cursor, struct secmgr_cache_view *view);

/* For when the service gives no usable answer; true when there was something, to be counted as stale. */
bool secmgr_tables_cache_get_stale(
		const struct secmgr_subscriber_key *key, uint64_t hash, struct secmgr_credential *credential);
size_t secmgr_tables_cache_etag(const struct secmgr_subscriber_key *key, uint64_t hash, char etag[SECMGR_ETAG_MAX]);
bool secmgr_tables_cache_renew(const struct secmgr_subscriber_key *key, uint64_t hash, struct secmgr_slice etag,
		const struct secmgr_lifetimes *lifetimes, struct secmgr_credential *credential);

/* The breakers of the endpoints, which all HTTP processes share. */
enum secmgr_breaker_permission secmgr_tables_breaker_ask(size_t endpoint);
bool secmgr_tables_breaker_would_permit(size_t endpoint);
struct secmgr_breaker secmgr_tables_breaker(size_t endpoint); /* a copy, to be shown */

/* What a report has changed. */
struct secmgr_tables_news
{
	enum secmgr_breaker_change endpoint;
	bool service_went_down; /* no endpoint's breaker is closed any more */
	bool service_came_up;
};
struct secmgr_tables_news secmgr_tables_breaker_report(
		size_t endpoint, enum secmgr_breaker_permission permission, enum secmgr_breaker_result result);
/* No endpoint may be asked now. */
bool secmgr_tables_service_is_down(void);
/* Until one may be asked again, as far as is known. */
uint64_t secmgr_tables_service_left_ms(void);

/* A place in one of the waiting tables. */
struct secmgr_place
{
	uint32_t worker, waiter;
};

bool secmgr_tables_reserve(const struct secmgr_subscriber_key *key, uint64_t hash, uint64_t deadline_ms, struct secmgr_place *place);
void secmgr_tables_commit(struct secmgr_place place, const struct secmgr_continuation *continuation);
void secmgr_tables_release(struct secmgr_place place);
/* A lookup that nobody waits for, unless there is one for this subscriber already. */
void secmgr_tables_refresh(const struct secmgr_subscriber_key *key, uint64_t hash, uint64_t deadline_ms);
bool secmgr_tables_take(struct secmgr_place place, struct secmgr_credential *credential);

/* For the HTTP process number `worker`. */
int secmgr_tables_wakeup(uint32_t worker); /* its eventfd */
void secmgr_tables_wakeup_seen(uint32_t worker);
size_t secmgr_tables_lookups_max(void); /* their numbers are below it */
bool secmgr_tables_next_lookup(uint32_t worker, struct secmgr_lookup *lookup);
void secmgr_tables_answer(uint32_t worker, uint32_t lookup, const struct secmgr_credential *credential);
/* Forgets a lookup that is not asked yet when nobody waits for it any more: `is_gone` judges those who waited, without a lock held. */
bool secmgr_tables_drop_lookup(
		uint32_t worker, uint32_t lookup, bool (*is_gone)(const struct secmgr_continuation *continuation));
/* Requests that were handed to an async worker and that none has taken up yet. There is room for some: what is beyond stays in the table,
 * where it holds up nobody, for a full socket to the async workers would stop the HTTP process. */
bool secmgr_tables_job_may_start(uint32_t worker);
void secmgr_tables_job_starts(uint32_t worker);
void secmgr_tables_job_is_taken(uint32_t worker); /* wakes the HTTP process when it may have waited for that */
bool secmgr_tables_next_answered(uint32_t worker, struct secmgr_place *place, struct secmgr_continuation *continuation);
size_t secmgr_tables_waiting_requests(void);
size_t secmgr_tables_waiting_lookups(void);

#endif
