/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The breakers of the credential service's endpoints, which all HTTP processes share: what one has learned
 * saves the others the trying.
 */
#ifndef SECMGR_BREAKERS_H
#define SECMGR_BREAKERS_H

#include "secmgr_params.h"

#include "service/endpoint_breaker.h"

size_t secmgr_breakers_memory(const struct secmgr_params *configured);
/* `memory` is that of the region. */
int secmgr_breakers_init(const struct secmgr_params *configured, void *memory);

/* As endpoint_breaker's functions of these names, under the lock. */
enum secmgr_breaker_permission secmgr_breakers_ask(size_t endpoint);
bool secmgr_breakers_would_permit(size_t endpoint);
struct secmgr_breaker secmgr_breakers_show(size_t endpoint); /* a copy */

/* What a report has changed. */
struct secmgr_breakers_news
{
	enum secmgr_breaker_change endpoint;
	bool service_went_down; /* no endpoint's breaker is closed any more */
	bool service_came_up;
};
struct secmgr_breakers_news secmgr_breakers_report(
		size_t endpoint, enum secmgr_breaker_permission permission, enum secmgr_breaker_result result);

/* As the script was told last: down until an endpoint has answered again. */
bool secmgr_breakers_service_is_up(void);
/* No endpoint may be asked now, not even with a probe. */
bool secmgr_breakers_service_is_down(void);
/* Until one may be asked again, as far as is known. */
uint64_t secmgr_breakers_left_ms(void);

#endif
