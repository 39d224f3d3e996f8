/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long an answer may be used without asking again (RFC 9111 sections 4.2 and 5.2): Cache-Control's max-age less
 * the answer's Age, no-store and no-cache obeyed, else the configured time. A service cannot ask for more than a day.
 * Vary: * is no-store.
 *
 * Depends on: the engine's slice.
 */
#ifndef SECMGR_SERVICE_FRESHNESS_H
#define SECMGR_SERVICE_FRESHNESS_H

#include "../engine/slice.h"

#define SECMGR_FRESHNESS_MAX_S 86400u

struct secmgr_freshness
{
	bool has_max_age;
	bool no_store; /* nothing may be kept */
	uint32_t max_age_s;
	uint32_t age_s;
};

/* Takes in one response header field (name in any case); others than Cache-Control, Age and Vary are passed over.
 * Call for each, starting from a zeroed struct. What cannot be understood makes the answer less fresh, never more
 * (max-age twice: the smaller). */
void secmgr_freshness_take_field(
		struct secmgr_freshness *freshness, struct secmgr_slice name, struct secmgr_slice value);

/* Seconds from now for which it is fresh: 0 is "ask again next time". */
uint32_t secmgr_freshness_lifetime_s(const struct secmgr_freshness *freshness, uint32_t default_s);

#endif
