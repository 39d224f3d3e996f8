/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "endpoint_breaker.h"

#define REMEMBERED_BITS ((1u << SECMGR_BREAKER_REMEMBERED) - 1)

static void close_it(struct secmgr_breaker *breaker)
{
	breaker->state = SECMGR_BREAKER_IS_CLOSED;
	breaker->open_ms = breaker->first_open_ms;
	breaker->failures = 0;
	breaker->failures_in_a_row = 0;
	breaker->probe_is_under_way = false;
	breaker->until_ms = 0;
}

static void open_it(struct secmgr_breaker *breaker, uint64_t now_ms)
{
	breaker->state = SECMGR_BREAKER_IS_OPEN;
	breaker->probe_is_under_way = false;
	breaker->until_ms = now_ms + breaker->open_ms;
}

static void double_open_time(struct secmgr_breaker *breaker)
{
	uint32_t most = SECMGR_BREAKER_OPEN_MAX_MS;

	if(most < breaker->first_open_ms)
		most = breaker->first_open_ms;
	breaker->open_ms = breaker->open_ms > most / 2 ? most : 2 * breaker->open_ms;
}

void secmgr_breaker_init(struct secmgr_breaker *breaker, uint32_t first_open_ms, uint32_t probe_ms)
{
	breaker->first_open_ms = first_open_ms;
	breaker->probe_ms = probe_ms;
	close_it(breaker);
}

static bool is_waiting(const struct secmgr_breaker *breaker)
{
	return breaker->state == SECMGR_BREAKER_IS_OPEN || breaker->probe_is_under_way;
}

uint64_t secmgr_breaker_left_ms(const struct secmgr_breaker *breaker, uint64_t now_ms)
{
	return is_waiting(breaker) && now_ms < breaker->until_ms ? breaker->until_ms - now_ms : 0;
}

bool secmgr_breaker_would_permit(const struct secmgr_breaker *breaker, uint64_t now_ms)
{
	return secmgr_breaker_left_ms(breaker, now_ms) == 0;
}

enum secmgr_breaker_permission secmgr_breaker_ask(struct secmgr_breaker *breaker, uint64_t now_ms)
{
	if(breaker->state == SECMGR_BREAKER_IS_CLOSED)
		return SECMGR_BREAKER_PERMITS;
	if(!secmgr_breaker_would_permit(breaker, now_ms))
		return SECMGR_BREAKER_REFUSES;
	breaker->state = SECMGR_BREAKER_IS_HALF_OPEN;
	breaker->probe_is_under_way = true;
	breaker->until_ms = now_ms + breaker->probe_ms;
	return SECMGR_BREAKER_PERMITS_A_PROBE;
}

static bool has_failed_too_often(const struct secmgr_breaker *breaker)
{
	return breaker->failures_in_a_row >= SECMGR_BREAKER_FAILURES_IN_A_ROW
		   || __builtin_popcount(breaker->failures) >= SECMGR_BREAKER_FAILURES_REMEMBERED;
}

static enum secmgr_breaker_change report_while_closed(
		struct secmgr_breaker *breaker, enum secmgr_breaker_result result, uint64_t now_ms)
{
	bool failed = result == SECMGR_BREAKER_FAILED;

	if(result == SECMGR_BREAKER_LEARNED_NOTHING)
		return SECMGR_BREAKER_DID_NOT_CHANGE;
	breaker->failures = ((breaker->failures << 1) | failed) & REMEMBERED_BITS;
	breaker->failures_in_a_row = failed ? (uint8_t)(breaker->failures_in_a_row + 1) : 0;
	if(!has_failed_too_often(breaker))
		return SECMGR_BREAKER_DID_NOT_CHANGE;
	open_it(breaker, now_ms);
	return SECMGR_BREAKER_OPENED;
}

static enum secmgr_breaker_change report_probe(
		struct secmgr_breaker *breaker, enum secmgr_breaker_result result, uint64_t now_ms)
{
	switch(result) {
		case SECMGR_BREAKER_SUCCEEDED:
			close_it(breaker);
			return SECMGR_BREAKER_CLOSED;
		case SECMGR_BREAKER_FAILED:
			double_open_time(breaker);
			open_it(breaker, now_ms);
			break;
		case SECMGR_BREAKER_LEARNED_NOTHING:
			breaker->probe_is_under_way = false;
			break;
	}
	return SECMGR_BREAKER_DID_NOT_CHANGE;
}

enum secmgr_breaker_change secmgr_breaker_report(struct secmgr_breaker *breaker,
		enum secmgr_breaker_permission permission, enum secmgr_breaker_result result, uint64_t now_ms)
{
	if(permission == SECMGR_BREAKER_REFUSES)
		return SECMGR_BREAKER_DID_NOT_CHANGE;
	if(breaker->state == SECMGR_BREAKER_IS_CLOSED)
		return report_while_closed(breaker, result, now_ms);
	if(breaker->state == SECMGR_BREAKER_IS_HALF_OPEN && permission == SECMGR_BREAKER_PERMITS_A_PROBE)
		return report_probe(breaker, result, now_ms);
	return SECMGR_BREAKER_DID_NOT_CHANGE;
}

const char *secmgr_breaker_state_name(const struct secmgr_breaker *breaker)
{
	switch(breaker->state) {
		case SECMGR_BREAKER_IS_CLOSED:
			return "closed";
		case SECMGR_BREAKER_IS_OPEN:
			return "open";
		default:
			return "half-open";
	}
}
