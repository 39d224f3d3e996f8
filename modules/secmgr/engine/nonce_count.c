/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nonce_count.h"

#include <string.h>

#define WINDOW_BITS 64
#define WINDOWS_OF_A_BUCKET 16

/* Free while `highest` is 0: no nonce count is. */
struct window
{
	uint64_t issued_ms;
	uint64_t fingerprint; /* of the request that was accepted last */
	uint64_t accepted_ms; /* when that was */
	uint64_t used;	      /* bit i: the count highest - i was used */
	uint8_t random[SECMGR_NONCE_RANDOM_BYTES];
	uint32_t instance;
	uint32_t highest;
};

struct bucket
{
	uint64_t dropped_up_to_ms; /* issue time of the newest nonce that was dropped here */
	struct window windows[WINDOWS_OF_A_BUCKET];
};

struct secmgr_nonce_count_table
{
	size_t count;
	struct bucket buckets[];
};

static size_t buckets_for(size_t windows)
{
	return windows == 0 ? 1 : (windows - 1) / WINDOWS_OF_A_BUCKET + 1;
}

size_t secmgr_nonce_count_memory(size_t windows)
{
	return sizeof(struct secmgr_nonce_count_table) + buckets_for(windows) * sizeof(struct bucket);
}

struct secmgr_nonce_count_table *secmgr_nonce_count_init(void *memory, size_t windows)
{
	struct secmgr_nonce_count_table *table = memory;

	memset(memory, 0, secmgr_nonce_count_memory(windows));
	table->count = buckets_for(windows);
	return table;
}

size_t secmgr_nonce_count_buckets(const struct secmgr_nonce_count_table *table)
{
	return table->count;
}

/* The random bits are ours and under the MAC: nobody can choose nonces that meet in one bucket. */
size_t secmgr_nonce_count_bucket(const struct secmgr_nonce_count_table *table, const struct secmgr_nonce *nonce)
{
	uint64_t random;

	memcpy(&random, nonce->random, sizeof(random));
	return (size_t)(random % table->count);
}

static bool is_of(const struct window *window, const struct secmgr_nonce *nonce)
{
	return window->highest != 0 && window->issued_ms == nonce->issued_ms && window->instance == nonce->instance
		   && memcmp(window->random, nonce->random, sizeof(window->random)) == 0;
}

static struct window *find(struct bucket *bucket, const struct secmgr_nonce *nonce)
{
	for(size_t i = 0; i < WINDOWS_OF_A_BUCKET; i++)
		if(is_of(&bucket->windows[i], nonce))
			return &bucket->windows[i];
	return NULL;
}

/* A free window, else the one of the oldest nonce: where any has expired, that one has. */
static struct window *make_room(struct bucket *bucket)
{
	struct window *oldest = &bucket->windows[0];

	for(size_t i = 0; i < WINDOWS_OF_A_BUCKET; i++) {
		if(bucket->windows[i].highest == 0)
			return &bucket->windows[i];
		if(bucket->windows[i].issued_ms < oldest->issued_ms)
			oldest = &bucket->windows[i];
	}
	if(oldest->issued_ms > bucket->dropped_up_to_ms)
		bucket->dropped_up_to_ms = oldest->issued_ms;
	return oldest;
}

static enum secmgr_nonce_count_result enter(struct bucket *bucket, const struct secmgr_nonce *nonce, uint32_t nc,
		uint64_t fingerprint, uint64_t now_ms)
{
	struct window *window;

	if(nonce->issued_ms <= bucket->dropped_up_to_ms)
		return SECMGR_NONCE_COUNT_FORGOTTEN;
	window = make_room(bucket);
	*window = (struct window){
			.issued_ms = nonce->issued_ms,
			.fingerprint = fingerprint,
			.accepted_ms = now_ms,
			.used = 1,
			.instance = nonce->instance,
			.highest = nc,
	};
	memcpy(window->random, nonce->random, sizeof(window->random));
	return SECMGR_NONCE_COUNT_FRESH;
}

static void slide(struct window *window, uint32_t nc)
{
	uint32_t steps = nc - window->highest;

	window->used = steps < WINDOW_BITS ? window->used << steps : 0;
	window->highest = nc;
}

/* Another process may have read the clock before the request was accepted: `now_ms` may be the earlier one. */
static bool is_retransmission(const struct window *window, uint64_t fingerprint, uint64_t now_ms)
{
	return window->fingerprint == fingerprint && now_ms < window->accepted_ms + SECMGR_RETRANSMISSION_MS;
}

static enum secmgr_nonce_count_result use(struct window *window, uint32_t nc, uint64_t fingerprint, uint64_t now_ms)
{
	uint64_t bit;

	if(nc > window->highest)
		slide(window, nc);
	if(window->highest - nc >= WINDOW_BITS)
		return SECMGR_NONCE_COUNT_REPLAYED;
	bit = UINT64_C(1) << (window->highest - nc);
	if(window->used & bit)
		return is_retransmission(window, fingerprint, now_ms) ? SECMGR_NONCE_COUNT_RETRANSMITTED
								      : SECMGR_NONCE_COUNT_REPLAYED;
	window->used |= bit;
	window->fingerprint = fingerprint;
	window->accepted_ms = now_ms;
	return SECMGR_NONCE_COUNT_FRESH;
}

static bool has_expired(const struct secmgr_nonce *nonce, uint64_t now_ms, uint64_t lifetime_ms)
{
	return now_ms >= nonce->issued_ms && now_ms - nonce->issued_ms >= lifetime_ms;
}

enum secmgr_nonce_count_result secmgr_nonce_count_use(struct secmgr_nonce_count_table *table,
		const struct secmgr_nonce *nonce, uint32_t nc, uint64_t fingerprint, uint64_t now_ms, uint64_t lifetime_ms)
{
	struct bucket *bucket = &table->buckets[secmgr_nonce_count_bucket(table, nonce)];
	struct window *window = find(bucket, nonce);

	if(nc == 0)
		return SECMGR_NONCE_COUNT_REPLAYED;
	if(has_expired(nonce, now_ms, lifetime_ms))
		return SECMGR_NONCE_COUNT_FORGOTTEN;
	return window ? use(window, nc, fingerprint, now_ms) : enter(bucket, nonce, nc, fingerprint, now_ms);
}
