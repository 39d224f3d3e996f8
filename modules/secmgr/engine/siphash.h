/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a short hash under a key, for tables whose keys a stranger chooses. Who
 * does not know the key cannot find names that meet in one bucket.
 *
 * Depends on: libc.
 */
#ifndef SECMGR_ENGINE_SIPHASH_H
#define SECMGR_ENGINE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#define SECMGR_SIPHASH_KEY_BYTES 16

struct secmgr_siphash
{
	uint64_t v[4];
	uint64_t word; /* the bytes of the block that is not yet full */
	uint64_t length;
};

struct secmgr_siphash secmgr_siphash_start(const uint8_t key[SECMGR_SIPHASH_KEY_BYTES]);
void secmgr_siphash_add_byte(struct secmgr_siphash *siphash, uint8_t byte);
void secmgr_siphash_add(struct secmgr_siphash *siphash, const void *bytes, size_t count);
uint64_t secmgr_siphash_end(struct secmgr_siphash *siphash); /* nothing may be added after it */

#endif
