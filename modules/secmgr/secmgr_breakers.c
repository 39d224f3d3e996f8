/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secmgr_breakers.h"

#include "../../core/locking.h"

#include "secmgr_system.h"

/* Set before the fork. */
static struct shared
{
	gen_lock_t lock;
	bool service_is_down;
	struct secmgr_breaker breakers[SECMGR_ENDPOINTS_MAX];
} *shared;

size_t secmgr_breakers_memory(const struct secmgr_params *configured)
{
	(void)configured;
	return sizeof(*shared);
}

int secmgr_breakers_init(const struct secmgr_params *configured, void *memory)
{
	shared = memory;
	lock_init(&shared->lock);
	for(size_t endpoint = 0; endpoint < configured->endpoint_count; endpoint++)
		secmgr_breaker_init(&shared->breakers[endpoint], (uint32_t)configured->service_open_s * 1000u,
				2u * (uint32_t)configured->service_timeout_ms);
	return 0;
}

struct secmgr_breaker secmgr_breakers_show(size_t endpoint)
{
	struct secmgr_breaker copy;

	lock_get(&shared->lock);
	copy = shared->breakers[endpoint];
	lock_release(&shared->lock);
	return copy;
}

enum secmgr_breaker_permission secmgr_breakers_ask(size_t endpoint)
{
	enum secmgr_breaker_permission permission;

	lock_get(&shared->lock);
	permission = secmgr_breaker_ask(&shared->breakers[endpoint], secmgr_system_monotonic_ms());
	lock_release(&shared->lock);
	return permission;
}

bool secmgr_breakers_would_permit(size_t endpoint)
{
	struct secmgr_breaker breaker = secmgr_breakers_show(endpoint);

	return secmgr_breaker_would_permit(&breaker, secmgr_system_monotonic_ms());
}

/* Its lock is held. */
static bool any_breaker_is_closed(void)
{
	for(size_t endpoint = 0; endpoint < secmgr_params->endpoint_count; endpoint++)
		if(shared->breakers[endpoint].state == SECMGR_BREAKER_IS_CLOSED)
			return true;
	return false;
}

struct secmgr_breakers_news secmgr_breakers_report(
		size_t endpoint, enum secmgr_breaker_permission permission, enum secmgr_breaker_result result)
{
	struct secmgr_breakers_news news = {0};
	bool is_down;

	lock_get(&shared->lock);
	news.endpoint = secmgr_breaker_report(
			&shared->breakers[endpoint], permission, result, secmgr_system_monotonic_ms());
	is_down = !any_breaker_is_closed();
	news.service_went_down = is_down && !shared->service_is_down;
	news.service_came_up = !is_down && shared->service_is_down;
	shared->service_is_down = is_down;
	lock_release(&shared->lock);
	return news;
}

bool secmgr_breakers_service_is_up(void)
{
	return !__atomic_load_n(&shared->service_is_down, __ATOMIC_RELAXED);
}

bool secmgr_breakers_service_is_down(void)
{
	/* Read without the lock on the way of every request: it is only a hint, and the breakers are asked again. */
	if(secmgr_breakers_service_is_up())
		return false;
	for(size_t endpoint = 0; endpoint < secmgr_params->endpoint_count; endpoint++)
		if(secmgr_breakers_would_permit(endpoint))
			return false;
	return true;
}

uint64_t secmgr_breakers_left_ms(void)
{
	uint64_t least = UINT64_MAX;

	for(size_t endpoint = 0; endpoint < secmgr_params->endpoint_count; endpoint++) {
		struct secmgr_breaker breaker = secmgr_breakers_show(endpoint);
		uint64_t left = secmgr_breaker_left_ms(&breaker, secmgr_system_monotonic_ms());

		if(left < least)
			least = left;
	}
	return least;
}
