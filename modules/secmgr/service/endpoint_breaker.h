/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A circuit breaker: one endpoint of the credential service that fails is left alone for a while, so that neither the
 * callers wait for it nor it drowns in questions while it comes back.
 *
 *               5 failures in a row, or 10 of the last 20
 *      CLOSED --------------------------------------------> OPEN <---------------+
 *        ^                                                   | open time is over | the probe failed:
 *        |            the probe succeeded                    v                   | open for twice as long,
 *        +----------------------------------------------- HALF-OPEN -------------+ at most a minute
 *
 * While half open, one question at a time goes through, the probe. What was asked before a breaker opened and is
 * reported afterwards changes nothing: it tells of a time that has been judged. Only a probe ends the open time.
 *
 * Everything is in the struct, which may be shared by processes under the caller's lock, and the caller tells the
 * time: milliseconds of a clock that all of them share and that only goes forward.
 *
 * Depends on: libc.
 */
#ifndef SECMGR_SERVICE_ENDPOINT_BREAKER_H
#define SECMGR_SERVICE_ENDPOINT_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#define SECMGR_BREAKER_FAILURES_IN_A_ROW 5
#define SECMGR_BREAKER_REMEMBERED 20
#define SECMGR_BREAKER_FAILURES_REMEMBERED (SECMGR_BREAKER_REMEMBERED / 2)
#define SECMGR_BREAKER_OPEN_MAX_MS 60000u

enum secmgr_breaker_state
{
	SECMGR_BREAKER_IS_CLOSED,
	SECMGR_BREAKER_IS_OPEN,
	SECMGR_BREAKER_IS_HALF_OPEN
};

enum secmgr_breaker_permission
{
	SECMGR_BREAKER_REFUSES,
	SECMGR_BREAKER_PERMITS,
	SECMGR_BREAKER_PERMITS_A_PROBE
};

/* What became of a question that was permitted. */
enum secmgr_breaker_result
{
	SECMGR_BREAKER_LEARNED_NOTHING, /* it was never sent, or had no time for an answer */
	SECMGR_BREAKER_SUCCEEDED,
	SECMGR_BREAKER_FAILED
};

/* For who tells others: a probe that fails changes nothing, the endpoint is as unusable as before. */
enum secmgr_breaker_change
{
	SECMGR_BREAKER_DID_NOT_CHANGE,
	SECMGR_BREAKER_OPENED,
	SECMGR_BREAKER_CLOSED
};

struct secmgr_breaker
{
	uint64_t until_ms; /* open: until then; half open: when the probe is given up */
	uint32_t first_open_ms, open_ms;
	uint32_t probe_ms;
	uint32_t failures; /* the last results, a bit for each failure, the latest lowest */
	uint8_t failures_in_a_row;
	uint8_t state; /* enum secmgr_breaker_state */
	bool probe_is_under_way;
};

/* Closed. It will be open for `first_open_ms`, then for twice as long each time, up to a minute (or `first_open_ms`, if
 * that is more). A probe that is not reported within `probe_ms` is given up: who sent it may have died. */
void secmgr_breaker_init(struct secmgr_breaker *breaker, uint32_t first_open_ms, uint32_t probe_ms);

/* May the endpoint be asked? Each permission is reported, with itself. */
__attribute__((warn_unused_result)) enum secmgr_breaker_permission secmgr_breaker_ask(
		struct secmgr_breaker *breaker, uint64_t now_ms);
enum secmgr_breaker_change secmgr_breaker_report(struct secmgr_breaker *breaker,
		enum secmgr_breaker_permission permission, enum secmgr_breaker_result result, uint64_t now_ms);

/* Would it be permitted now? Nothing changes by this question. */
bool secmgr_breaker_would_permit(const struct secmgr_breaker *breaker, uint64_t now_ms);
/* Milliseconds until then, as far as is known; 0: now. */
uint64_t secmgr_breaker_left_ms(const struct secmgr_breaker *breaker, uint64_t now_ms);
/* "closed", "open" or "half-open". */
const char *secmgr_breaker_state_name(const struct secmgr_breaker *breaker);

#endif
