/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secmgr_region.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "secmgr_breakers.h"
#include "secmgr_cache.h"
#include "secmgr_core.h"
#include "secmgr_nonces.h"
#include "secmgr_queue.h"

static const struct
{
	size_t (*memory)(const struct secmgr_params *configured);
	int (*init)(const struct secmgr_params *configured, void *memory);
} tenants[] = {
		{secmgr_nonces_memory, secmgr_nonces_init},
		{secmgr_cache_memory, secmgr_cache_init},
		{secmgr_queue_memory, secmgr_queue_init},
		{secmgr_breakers_memory, secmgr_breakers_init},
};
#define TENANTS (sizeof(tenants) / sizeof(tenants[0]))

static void *region;
static size_t region_bytes;

static int map(size_t bytes)
{
	region = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if(region == MAP_FAILED) {
		region = NULL;
		LM_ERR("no %zu bytes of memory for the tables: lower cache_entries, service_queue or replay_windows\n", bytes);
		return -1;
	}
	region_bytes = bytes;
	if(madvise(region, bytes, MADV_DONTDUMP) != 0)
		LM_WARN("the tables cannot be kept out of core dumps: %s\n", strerror(errno));
	if(mlock(region, bytes) != 0)
		LM_WARN("the tables may be swapped to disk: raise the memlock limit to %zu kB (%s)\n", bytes / 1024 + 1,
				strerror(errno));
	return 0;
}

int secmgr_region_init(const struct secmgr_params *configured)
{
	size_t bytes = 0;
	char *next;

	for(size_t tenant = 0; tenant < TENANTS; tenant++)
		bytes += secmgr_region_aligned(tenants[tenant].memory(configured));
	if(map(bytes) != 0)
		return -1;
	next = region;
	for(size_t tenant = 0; tenant < TENANTS; tenant++) {
		if(tenants[tenant].init(configured, next) != 0)
			return -1;
		next += secmgr_region_aligned(tenants[tenant].memory(configured));
	}
	return 0;
}

void secmgr_region_destroy(void)
{
	if(region == NULL)
		return;
	munmap(region, region_bytes);
	region = NULL;
}
