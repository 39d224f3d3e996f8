/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "failing_memory.h"

#include <stdatomic.h>
#include <stddef.h>

/* The names are the linker's. */
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

/* Counted down by each allocation, in libcurl's threads, too; below 0 none fails. */
static atomic_long until_failure = -1;

void failing_memory_fail_at(long nth)
{
	until_failure = nth;
}

void *__wrap_malloc(size_t size)
{
	if(until_failure >= 0 && until_failure-- == 0)
		return NULL;
	return __real_malloc(size);
}
