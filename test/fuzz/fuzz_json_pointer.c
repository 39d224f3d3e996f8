/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a pointer, a line end, and a JSON text: what is shown lies within its bounds, is the same a second time, and
 * without room for its last byte it is not shown.
 */
#include "json_pointer.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool read_into(char *room, size_t size, struct secmgr_slice json, struct secmgr_slice pointer, size_t *length)
{
	struct secmgr_writer writer = secmgr_writer_into(room, size);
	bool found = secmgr_json_pointer_read(json, pointer, &writer);

	*length = writer.length;
	return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char first[SECMGR_JSON_POINTER_VALUE_MAX], second[SECMGR_JSON_POINTER_VALUE_MAX];
	struct secmgr_slice json = {(const char *)data, size};
	struct secmgr_slice pointer = secmgr_slice_cut(&json, '\n');
	size_t length, again;

	if(!read_into(first, sizeof(first), json, pointer, &length))
		return 0;
	if(length > sizeof(first) || pointer.length > SECMGR_JSON_POINTER_MAX || (pointer.length > 0 && pointer.at[0] != '/'))
		abort();
	if(!read_into(second, length, json, pointer, &again) || again != length || memcmp(first, second, length) != 0)
		abort();
	if(length > 0 && read_into(second, length - 1, json, pointer, &again))
		abort();
	return 0;
}
