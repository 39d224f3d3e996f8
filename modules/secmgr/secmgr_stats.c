/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secmgr_stats.h"

#include "secmgr_core.h"

#include "../../core/counters.h"

#include "secmgr_breakers.h"
#include "secmgr_cache.h"
#include "secmgr_queue.h"

static stat_var *verdicts[SECMGR_VERDICT_COUNT];
static stat_var *stats[SECMGR_STAT_COUNT];

static unsigned long cache_entries(void)
{
	return secmgr_cache_entries();
}

static unsigned long queue_length(void)
{
	return secmgr_queue_lookups();
}

static unsigned long suspended(void)
{
	return secmgr_queue_requests();
}

static unsigned long service_up(void)
{
	return secmgr_breakers_service_is_up() ? 1 : 0;
}

#define EXPORT_VERDICT(upper, lower, code, sentence) {#lower, 0, &verdicts[SECMGR_VERDICT_##upper]},
#define EXPORT_STAT(upper, lower) {#lower, 0, &stats[SECMGR_STAT_##upper]},
#define EXPORT_GAUGE(name) {#name, STAT_IS_FUNC, (stat_var **)(void *)name},
static stat_export_t exports[] = {SECMGR_VERDICTS(EXPORT_VERDICT) SECMGR_STATS(EXPORT_STAT) EXPORT_GAUGE(cache_entries)
				EXPORT_GAUGE(queue_length) EXPORT_GAUGE(suspended) EXPORT_GAUGE(service_up){NULL, 0, NULL}};

int secmgr_stats_init(void)
{
	static char group[] = "secmgr";

	if(register_module_stats(group, exports) == 0)
		return 0;
	LM_ERR("the statistics cannot be registered\n");
	return -1;
}

void secmgr_stats_count(enum secmgr_stat stat)
{
	update_stat(stats[stat], 1);
}

void secmgr_stats_count_verdict(enum secmgr_verdict verdict)
{
	update_stat(verdicts[verdict], 1);
}
