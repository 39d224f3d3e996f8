/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "siphash.h"

#include <endian.h>
#include <string.h>

#define BLOCK_BYTES 8
#define BLOCK_ROUNDS 2
#define END_ROUNDS 4

static uint64_t rotate(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

static uint64_t read_little_endian(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return le64toh(word);
}

static void mix(uint64_t v[4], unsigned rounds)
{
	while(rounds-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static void take_block(struct secmgr_siphash *siphash, uint64_t block)
{
	siphash->v[3] ^= block;
	mix(siphash->v, BLOCK_ROUNDS);
	siphash->v[0] ^= block;
}

struct secmgr_siphash secmgr_siphash_start(const uint8_t key[SECMGR_SIPHASH_KEY_BYTES])
{
	uint64_t k0 = read_little_endian(key), k1 = read_little_endian(key + BLOCK_BYTES);

	/* The constants are the paper's: "somepseudorandomlygeneratedbytes". */
	return (struct secmgr_siphash){
			.v = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573}};
}

void secmgr_siphash_add_byte(struct secmgr_siphash *siphash, uint8_t byte)
{
	siphash->word |= (uint64_t)byte << (8 * (siphash->length % BLOCK_BYTES));
	siphash->length++;
	if(siphash->length % BLOCK_BYTES == 0) {
		take_block(siphash, siphash->word);
		siphash->word = 0;
	}
}

void secmgr_siphash_add(struct secmgr_siphash *siphash, const void *bytes, size_t count)
{
	const uint8_t *byte = bytes;

	for(; count > 0 && siphash->length % BLOCK_BYTES != 0; count--)
		secmgr_siphash_add_byte(siphash, *byte++);
	for(; count >= BLOCK_BYTES; count -= BLOCK_BYTES, byte += BLOCK_BYTES) {
		take_block(siphash, read_little_endian(byte));
		siphash->length += BLOCK_BYTES;
	}
	for(; count > 0; count--)
		secmgr_siphash_add_byte(siphash, *byte++);
}

uint64_t secmgr_siphash_end(struct secmgr_siphash *siphash)
{
	take_block(siphash, siphash->word | siphash->length << 56);
	siphash->v[2] ^= 0xff;
	mix(siphash->v, END_ROUNDS);
	return siphash->v[0] ^ siphash->v[1] ^ siphash->v[2] ^ siphash->v[3];
}
