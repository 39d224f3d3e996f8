/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long an answer may be used, and how long after that it is better than none (RFC 9111 sections 4.2 and 5.2,
 * RFC 5861):
 *
 *     | fresh: max-age less Age, else the configured time | then stale-while-revalidate, and stale-if-error --> |
 *
 * no-store and Vary: * forbid to keep it. no-cache and must-revalidate forbid its use while it is stale, no-cache its
 * use while it is fresh too: it is only kept to be revalidated. What is said to shared caches alone (s-maxage,
 * proxy-revalidate, private) is passed over: this cache is the private one of its only client, the proxy. A service
 * cannot ask for more than a day of anything.
 *
 * Depends on: the engine's slice and credential (its lifetimes).
 */
#ifndef SECMGR_SERVICE_FRESHNESS_H
#define SECMGR_SERVICE_FRESHNESS_H

#include "../engine/credential.h"
#include "../engine/slice.h"

#define SECMGR_FRESHNESS_MAX_S 86400u

/* A directive's argument; of several the smallest. */
struct secmgr_freshness_seconds
{
	bool is_given;
	uint32_t least;
};

struct secmgr_freshness
{
	bool no_store, no_cache, must_revalidate;
	struct secmgr_freshness_seconds max_age, stale_while_revalidate, stale_if_error;
	uint32_t age_s;
};

/* Takes in one response header field (name in any case); others than Cache-Control, Age and Vary are passed over.
 * Call for each, starting from a zeroed struct. What cannot be understood makes the answer less usable, never more: a
 * directive given twice counts as the stricter one, a number that is none as 0, and a Cache-Control that is not a list
 * of directives as no-store, for that may be what it hides. */
void secmgr_freshness_take_field(
		struct secmgr_freshness *freshness, struct secmgr_slice name, struct secmgr_slice value);

/* What the fields taken in come to. `default_s` is for an answer without max-age; `stale_if_error_s` for one without
 * stale-if-error, and the most that it may ask for: 0 turns it off. An answer that is kept for 0 seconds by the
 * configuration alone (a `default_s` of 0) is not used when it is stale either, unless it asks for that. */
struct secmgr_lifetimes secmgr_freshness_lifetimes(
		const struct secmgr_freshness *freshness, uint32_t default_s, uint32_t stale_if_error_s);

#endif
