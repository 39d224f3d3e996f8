/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one region of memory that all processes share: nonces, credential cache, queue, breakers, each with its locks.
 *
 * It is our own rather than Kamailio's shared memory, whose contents a core dump or an RPC may show: it is kept out of
 * core dumps and, where the system allows it, out of swap.
 */
#ifndef SECMGR_REGION_H
#define SECMGR_REGION_H

#include "secmgr_params.h"

/* Before the fork: maps it and starts what lives in it. -1 after saying why. */
int secmgr_region_init(const struct secmgr_params *configured);
void secmgr_region_destroy(void);

/* Rounded up so that what follows begins on a cache line of its own. */
static inline size_t secmgr_region_aligned(size_t bytes)
{
	return (bytes + 63u) & ~(size_t)63u;
}

#endif
