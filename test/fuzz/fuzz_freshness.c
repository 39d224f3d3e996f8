/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as header fields, one a line: whatever they say, an answer is never fresh for longer than a day or the
 * configured time, and one more field that forbids it ends its use.
 */
#include "freshness.h"

#include <stdlib.h>

#define DEFAULT_S 300
#define STALE_IF_ERROR_S 3600

static bool is_beyond_its_bounds(struct secmgr_lifetimes lifetimes)
{
	return lifetimes.fresh_s > SECMGR_FRESHNESS_MAX_S || lifetimes.stale_while_revalidate_s > SECMGR_FRESHNESS_MAX_S
		   || lifetimes.stale_if_error_s > STALE_IF_ERROR_S;
}

static bool is_usable_when_stale(struct secmgr_lifetimes lifetimes)
{
	return lifetimes.stale_while_revalidate_s > 0 || lifetimes.stale_if_error_s > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct secmgr_slice rest = {(const char *)data, size};
	struct secmgr_freshness freshness = {0};

	while(rest.length > 0) {
		struct secmgr_slice value = secmgr_slice_cut(&rest, '\n');
		struct secmgr_slice name = secmgr_slice_cut(&value, ':');

		secmgr_freshness_take_field(&freshness, name, value);
	}
	if(is_beyond_its_bounds(secmgr_freshness_lifetimes(&freshness, DEFAULT_S, STALE_IF_ERROR_S)))
		abort();
	secmgr_freshness_take_field(&freshness, SECMGR_SLICE("Cache-Control"), SECMGR_SLICE("must-revalidate"));
	if(is_usable_when_stale(secmgr_freshness_lifetimes(&freshness, DEFAULT_S, STALE_IF_ERROR_S)))
		abort();
	secmgr_freshness_take_field(&freshness, SECMGR_SLICE("Cache-Control"), SECMGR_SLICE("no-store"));
	if(secmgr_freshness_lifetimes(&freshness, DEFAULT_S, STALE_IF_ERROR_S).keep)
		abort();
	return 0;
}
