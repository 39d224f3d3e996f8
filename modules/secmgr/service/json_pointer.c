/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json_pointer.h"

#include <float.h>

#include <jansson.h>

/* So many digits of a number come out as they went in: 0.1 is not 0.10000000000000001. */
#define AS_COMPACT_JSON (JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(DBL_DIG))

/* "~1" is '/', "~0" is '~', and no other '~' may stand in a token (RFC 6901 section 4). A NUL would cut the name
 * short. */
static bool unescape(struct secmgr_slice token, struct secmgr_writer *key)
{
	for(size_t index = 0; index < token.length; index++) {
		char byte = token.at[index];

		if(byte == '\0')
			return false;
		if(byte == '~') {
			if(++index == token.length || (token.at[index] != '0' && token.at[index] != '1'))
				return false;
			byte = token.at[index] == '0' ? '~' : '/';
		}
		secmgr_writer_add_char(key, byte);
	}
	return !key->overrun;
}

/* An index has no leading zero. */
static json_t *step_into_array(const json_t *array, struct secmgr_slice token)
{
	uint32_t index;

	if((token.length > 1 && token.at[0] == '0') || !secmgr_slice_to_number(token, &index))
		return NULL;
	return json_array_get(array, index);
}

static json_t *step_into(const json_t *value, struct secmgr_slice token)
{
	char buffer[SECMGR_JSON_POINTER_MAX + 1];
	struct secmgr_writer key = secmgr_writer_into(buffer, SECMGR_JSON_POINTER_MAX);

	if(json_is_array(value))
		return step_into_array(value, token);
	if(!json_is_object(value) || !unescape(token, &key))
		return NULL;
	buffer[key.length] = '\0';
	return json_object_get(value, buffer);
}

bool secmgr_json_pointer_is_sound(struct secmgr_slice pointer)
{
	char buffer[SECMGR_JSON_POINTER_MAX];
	struct secmgr_writer key = secmgr_writer_into(buffer, sizeof(buffer));

	return pointer.length == 0 || (pointer.at[0] == '/' && unescape(pointer, &key));
}

const json_t *secmgr_json_pointer_follow(const json_t *value, struct secmgr_slice pointer)
{
	if(pointer.length == 0)
		return value;
	if(pointer.at[0] != '/')
		return NULL;
	(void)secmgr_slice_cut(&pointer, '/');
	while(value != NULL && pointer.at != NULL)
		value = step_into(value, secmgr_slice_cut(&pointer, '/'));
	return value;
}

static bool write_value(const json_t *value, struct secmgr_writer *writer)
{
	char text[SECMGR_JSON_POINTER_VALUE_MAX];
	size_t length;

	if(value == NULL || json_is_null(value))
		return false;
	if(json_is_string(value)) {
		secmgr_writer_add(writer, (struct secmgr_slice){json_string_value(value), json_string_length(value)});
		return !writer->overrun;
	}
	length = json_dumpb(value, text, sizeof(text), AS_COMPACT_JSON);
	if(length == 0 || length > sizeof(text))
		return false;
	secmgr_writer_add(writer, (struct secmgr_slice){text, length});
	return !writer->overrun;
}

bool secmgr_json_pointer_read(struct secmgr_slice json, struct secmgr_slice pointer, struct secmgr_writer *writer)
{
	json_t *root;
	bool found;

	if(pointer.length > SECMGR_JSON_POINTER_MAX)
		return false;
	root = json_loadb(json.at, json.length, JSON_REJECT_DUPLICATES, NULL);
	found = root != NULL && write_value(secmgr_json_pointer_follow(root, pointer), writer);
	json_decref(root);
	return found;
}
