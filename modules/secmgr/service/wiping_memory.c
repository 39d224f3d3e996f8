/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wiping_memory.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

/* In front of each block stands its size, for free() is not told. */
struct block
{
	size_t size;
	alignas(max_align_t) unsigned char bytes[];
};

static struct block *block_of(void *memory)
{
	return (struct block *)((uintptr_t)memory - offsetof(struct block, bytes));
}

void *secmgr_wiping_malloc(size_t size)
{
	struct block *block;

	if(size > SIZE_MAX - sizeof(struct block))
		return NULL;
	block = malloc(sizeof(struct block) + size);
	if(!block)
		return NULL;
	block->size = size;
	return block->bytes;
}

void *secmgr_wiping_calloc(size_t count, size_t size)
{
	void *memory;

	if(size > 0 && count > SIZE_MAX / size)
		return NULL;
	memory = secmgr_wiping_malloc(count * size);
	return memory ? memset(memory, 0, count * size) : NULL;
}

void *secmgr_wiping_realloc(void *memory, size_t size)
{
	void *larger = secmgr_wiping_malloc(size);

	if(!larger || !memory)
		return larger;
	memcpy(larger, memory, block_of(memory)->size < size ? block_of(memory)->size : size);
	secmgr_wiping_free(memory);
	return larger;
}

char *secmgr_wiping_strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = secmgr_wiping_malloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}

void secmgr_wiping_free(void *memory)
{
	struct block *block;

	if(!memory)
		return;
	block = block_of(memory);
	OPENSSL_cleanse(block, sizeof(struct block) + block->size);
	free(block);
}
