/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is wiped when it is freed. The answers of the credential service hold HA1s, and they pass through
 * buffers of libcurl and Jansson that nobody outside can reach: with these functions as their allocators no copy
 * outlives its use.
 *
 * Depends on: libc, libcrypto (wiping).
 */
#ifndef SECMGR_SERVICE_WIPING_MEMORY_H
#define SECMGR_SERVICE_WIPING_MEMORY_H

#include <stddef.h>

/* As libc's functions of these names; what one of them gave is freed by _free alone. */
void *secmgr_wiping_malloc(size_t size);
void *secmgr_wiping_calloc(size_t count, size_t size);
void *secmgr_wiping_realloc(void *memory, size_t size);
char *secmgr_wiping_strdup(const char *text);
void secmgr_wiping_free(void *memory);

#endif
