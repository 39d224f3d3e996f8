/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as header fields, one a line: whatever they say, an answer is never fresh for longer than a day or the
 * configured time, and one more field that forbids it ends its freshness.
 */
#include "freshness.h"

#include <stdlib.h>

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
	if(secmgr_freshness_lifetime_s(&freshness, 300) > SECMGR_FRESHNESS_MAX_S)
		abort();
	secmgr_freshness_take_field(&freshness, SECMGR_SLICE("Cache-Control"), SECMGR_SLICE("no-store"));
	if(secmgr_freshness_lifetime_s(&freshness, 300) != 0)
		abort();
	return 0;
}
