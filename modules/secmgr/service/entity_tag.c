/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "entity_tag.h"

#include <string.h>

static struct secmgr_slice without_weakness(struct secmgr_slice text)
{
	if(text.length >= 2 && text.at[0] == 'W' && text.at[1] == '/')
		return (struct secmgr_slice){text.at + 2, text.length - 2};
	return text;
}

/* Bytes above 0x7f are allowed, but nobody needs them, and some servers take them for what they are not. */
static bool is_tag_byte(char byte)
{
	return byte >= 0x21 && byte <= 0x7e && byte != '"';
}

bool secmgr_entity_tag_is_sound(struct secmgr_slice text)
{
	struct secmgr_slice quoted = without_weakness(text);

	if(text.length > SECMGR_ETAG_MAX || quoted.length < 2 || quoted.at[0] != '"' || quoted.at[quoted.length - 1] != '"')
		return false;
	for(size_t i = 1; i < quoted.length - 1; i++)
		if(!is_tag_byte(quoted.at[i]))
			return false;
	return true;
}

void secmgr_entity_tag_take_field(struct secmgr_entity_tag *tag, struct secmgr_slice name, struct secmgr_slice value)
{
	if(!secmgr_slice_equals_ignoring_case(name, SECMGR_SLICE("ETag")))
		return;
	value = secmgr_slice_trim(value);
	tag->length = 0;
	if(!tag->was_seen && secmgr_entity_tag_is_sound(value)) {
		memcpy(tag->text, value.at, value.length);
		tag->length = (uint8_t)value.length;
	}
	tag->was_seen = true;
}

struct secmgr_slice secmgr_entity_tag_text(const struct secmgr_entity_tag *tag)
{
	return (struct secmgr_slice){tag->text, tag->length};
}
