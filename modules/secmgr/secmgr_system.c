/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secmgr_system.h"

#include <sys/random.h>
#include <time.h>

static uint64_t read_clock_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

uint64_t secmgr_system_time_ms(void)
{
	return read_clock_ms(CLOCK_REALTIME);
}

uint64_t secmgr_system_monotonic_ms(void)
{
	return read_clock_ms(CLOCK_MONOTONIC);
}

bool secmgr_system_random(void *bytes, size_t count)
{
	return getrandom(bytes, count, 0) == (ssize_t)count;
}
