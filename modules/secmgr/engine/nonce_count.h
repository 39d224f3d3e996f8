/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nonce counts (RFC 7616 section 3.4, nc): a sliding window of 64 for each nonce in use, in a table of fixed size.
 *
 * A nonce enters with its first success. The table is made of buckets of 16 windows; a nonce lives in the bucket that
 * its random bits name. A full bucket drops the window of its oldest nonce, which has expired where any has, and
 * remembers that nonce's issue time: a nonce as old as that or older which is not in the bucket may have been used
 * before, so it is refused as stale, which costs its phone one round trip. The check is never skipped, and a fresh
 * nonce always finds room.
 *
 * The window also remembers the request it last accepted, so that a retransmission is not a replay: the same bytes from
 * the same address while the sender may still be retransmitting, which is for 64*T1 (RFC 3261 section 17.1). Later they
 * are a replay, and a retransmission does not make the time longer. The fingerprint is the caller's hash over the whole
 * message and its source address, under a key, so that nobody can make two requests that share one.
 *
 * The caller gives the memory and holds the bucket's lock (secmgr_nonce_count_bucket) around _use.
 *
 * Depends on: nonce.
 */
#ifndef SECMGR_ENGINE_NONCE_COUNT_H
#define SECMGR_ENGINE_NONCE_COUNT_H

#include "nonce.h"

#define SECMGR_RETRANSMISSION_MS 32000 /* 64*T1 */

enum secmgr_nonce_count_result
{
	SECMGR_NONCE_COUNT_REPLAYED,
	SECMGR_NONCE_COUNT_FORGOTTEN, /* the nonce is as old as one that was dropped: stale */
	SECMGR_NONCE_COUNT_RETRANSMITTED,
	SECMGR_NONCE_COUNT_FRESH
};

struct secmgr_nonce_count_table;

/* `windows` is rounded up to whole buckets. */
size_t secmgr_nonce_count_memory(size_t windows);
/* Makes a table in `memory` of that size, aligned for any type. */
struct secmgr_nonce_count_table *secmgr_nonce_count_init(void *memory, size_t windows);
size_t secmgr_nonce_count_buckets(const struct secmgr_nonce_count_table *table);
size_t secmgr_nonce_count_bucket(const struct secmgr_nonce_count_table *table, const struct secmgr_nonce *nonce);
/* Uses up `nc` of this nonce; called when the response was right. A nonce issued `lifetime_ms` before `now_ms` has
 * expired since it was read, and is FORGOTTEN. A count of 0 is REPLAYED. */
__attribute__((warn_unused_result)) enum secmgr_nonce_count_result secmgr_nonce_count_use(
		struct secmgr_nonce_count_table *table, const struct secmgr_nonce *nonce, uint32_t nc, uint64_t fingerprint,
		uint64_t now_ms, uint64_t lifetime_ms);

#endif
