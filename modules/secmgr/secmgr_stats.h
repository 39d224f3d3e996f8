/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The statistics group `secmgr`: a counter for each verdict, what the cache and the credential service did, and gauges.
 * kamcmd stats.get_statistics secmgr:
 */
#ifndef SECMGR_STATS_H
#define SECMGR_STATS_H

#include "engine/verdict.h"

#define SECMGR_STATS(X)                                                        \
	X(CACHE_HITS, cache_hits)			/* a credential was there and fresh */     \
	X(CACHE_MISSES, cache_misses)		/* it was not: the service was to be asked */ \
	X(CACHE_STALE, cache_stale)			/* an expired one stood in for the service */ \
	X(FETCHES_OK, fetches_ok)			/* the service knew the subscriber */      \
	X(FETCHES_UNKNOWN, fetches_unknown) /* it did not */                           \
	X(FETCHES_FAILED, fetches_failed)	/* it gave no usable answer */             \
	X(FETCHES_REFUSED, fetches_refused) /* the queue was full */

#define SECMGR_STAT_ENUM(upper, lower) SECMGR_STAT_##upper,
enum secmgr_stat
{
	SECMGR_STATS(SECMGR_STAT_ENUM) SECMGR_STAT_COUNT
};
#undef SECMGR_STAT_ENUM

int secmgr_stats_init(void); /* in mod_init; -1 after saying why */
void secmgr_stats_count(enum secmgr_stat stat);
void secmgr_stats_count_verdict(enum secmgr_verdict verdict);

#endif
