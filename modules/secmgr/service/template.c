/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "template.h"

#include <string.h>

#include <jansson.h>

#include "../engine/config.h"

#define PERCENT_ENCODED_BYTES 3 /* %2F */
#define JSON_ESCAPED_BYTES 6	/* \u0000 */

enum placeholder
{
	PLACEHOLDER_BASE,
	PLACEHOLDER_REALM,
	PLACEHOLDER_USERNAME,
	PLACEHOLDER_COUNT /* none of them */
};

const char *const secmgr_template_placeholders[] = {
		[PLACEHOLDER_BASE] = "base",
		[PLACEHOLDER_REALM] = "realm",
		[PLACEHOLDER_USERNAME] = "username",
		[PLACEHOLDER_COUNT] = NULL,
};

/* What comes next in a text: a placeholder's name, or what stands before the next one. */
struct piece
{
	bool is_placeholder;
	struct secmgr_slice text;
};

static bool is_alphanumeric(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
}

static bool is_one_of(char byte, const char *set)
{
	return byte != '\0' && strchr(set, byte);
}

static bool is_unreserved(char byte)
{
	return is_alphanumeric(byte) || is_one_of(byte, "-._~");
}

/* The length of "{name}" at the beginning of `text`, 0 when there is none. JSON's own braces are none: a quote, a
 * blank or a brace follows them. */
static size_t placeholder_at(struct secmgr_slice text)
{
	size_t end = 1;

	if(text.at[0] != '{')
		return 0;
	while(end < text.length && (is_alphanumeric(text.at[end]) || text.at[end] == '_'))
		end++;
	return end > 1 && end < text.length && text.at[end] == '}' ? end + 1 : 0;
}

static struct secmgr_slice take(struct secmgr_slice *rest, size_t length)
{
	struct secmgr_slice taken = {rest->at, length};

	rest->at += length;
	rest->length -= length;
	return taken;
}

static bool next_piece(struct secmgr_slice *rest, struct piece *piece)
{
	size_t length = 0;

	if(rest->length == 0)
		return false;
	length = placeholder_at(*rest);
	piece->is_placeholder = length > 0;
	while(!piece->is_placeholder && length < rest->length
			&& !placeholder_at((struct secmgr_slice){rest->at + length, rest->length - length}))
		length++;
	piece->text = take(rest, length);
	if(piece->is_placeholder)
		piece->text = (struct secmgr_slice){piece->text.at + 1, length - 2};
	return true;
}

static enum placeholder placeholder_named(struct secmgr_slice name)
{
	unsigned placeholder = 0;

	while(placeholder < PLACEHOLDER_COUNT
			&& !secmgr_slice_equals(name, secmgr_slice_of(secmgr_template_placeholders[placeholder])))
		placeholder++;
	return (enum placeholder)placeholder;
}

static bool are_url_bytes(struct secmgr_slice text)
{
	uint8_t byte;

	for(size_t i = 0; i < text.length; i++) {
		if(text.at[i] == '%') {
			if(text.length - i < PERCENT_ENCODED_BYTES
					|| !secmgr_hex_read((struct secmgr_slice){text.at + i + 1, 2}, &byte, 1))
				return false;
			i += 2;
		} else if(!is_unreserved(text.at[i]) && !is_one_of(text.at[i], "!$&'()*+,;=:@/?")) {
			return false;
		}
	}
	return true;
}

static bool are_visible_bytes(struct secmgr_slice text)
{
	for(size_t i = 0; i < text.length; i++)
		if(text.at[i] < ' ' || text.at[i] > '~')
			return false;
	return true;
}

/* A part of the path that is dots and names alone: a name of dots would climb up the path. */
static bool has_climbing_part(struct secmgr_slice url)
{
	struct secmgr_slice path = secmgr_slice_cut(&url, '?');

	while(path.at) {
		struct secmgr_slice part = secmgr_slice_cut(&path, '/');
		struct piece piece;
		size_t dots = 0, others = 0;

		while(next_piece(&part, &piece))
			for(size_t i = 0; !piece.is_placeholder && i < piece.text.length; i++)
				*(piece.text.at[i] == '.' ? &dots : &others) += 1;
		if(dots > 0 && others == 0)
			return true;
	}
	return false;
}

static bool is_sound_url(struct secmgr_slice text, const char **why)
{
	struct secmgr_slice base = SECMGR_SLICE("{base}");

	*why = "must begin with {base}, and a '/' or '?' behind it";
	if(text.length <= base.length || !secmgr_slice_equals((struct secmgr_slice){text.at, base.length}, base)
			|| !is_one_of(text.at[base.length], "/?"))
		return false;
	*why = "has a part of its path that is dots and placeholders alone";
	return !has_climbing_part((struct secmgr_slice){text.at + base.length, text.length - base.length});
}

/* Does the string that goes on here end as a key? */
static bool ends_as_key(struct secmgr_slice json)
{
	size_t i = 0;

	while(i < json.length && json.at[i] != '"')
		i += json.at[i] == '\\' ? 2 : 1;
	for(i++; i < json.length && is_one_of(json.at[i], " \t\r\n");)
		i++;
	return i < json.length && json.at[i] == ':';
}

/* A name as a key could be one that is there already. */
static bool has_named_key(struct secmgr_slice json)
{
	struct piece piece;

	while(next_piece(&json, &piece))
		if(piece.is_placeholder && ends_as_key(json))
			return true;
	return false;
}

/* Where every placeholder is replaced by a letter, it has to be JSON: so each stands within a string. */
static bool is_sound_json(struct secmgr_slice text, const char **why)
{
	const struct secmgr_template_values letters = {{NULL, 0}, SECMGR_SLICE("x"), SECMGR_SLICE("x")};
	char buffer[8192];
	struct secmgr_writer writer = secmgr_writer_into(buffer, sizeof(buffer));
	json_t *json = NULL;
	bool sound;

	*why = "is not JSON, or has a placeholder that is not within quotes";
	if(secmgr_template_write(SECMGR_TEMPLATE_JSON, text, &letters, &writer))
		json = json_loadb(buffer, writer.length, JSON_REJECT_DUPLICATES, NULL);
	sound = json != NULL;
	json_decref(json);
	if(!sound || !has_named_key(text))
		return sound;
	*why = "has a placeholder in a key: write it into a value";
	return false;
}

static bool is_sound_piece(enum secmgr_template kind, const struct piece *piece, bool is_first, const char **why)
{
	if(piece->is_placeholder) {
		*why = "has {base} where it does not belong: it is the beginning of the url";
		return placeholder_named(piece->text) != PLACEHOLDER_BASE || (kind == SECMGR_TEMPLATE_URL && is_first);
	}
	switch(kind) {
		case SECMGR_TEMPLATE_URL:
			*why = "may only have letters, digits, -._~!$&'()*+,;=:@/? and %XX";
			return are_url_bytes(piece->text);
		case SECMGR_TEMPLATE_FIELD:
			*why = "may only have visible ASCII characters and blanks";
			return are_visible_bytes(piece->text);
		default:
			return true;
	}
}

bool secmgr_template_check(
		enum secmgr_template kind, struct secmgr_slice text, struct secmgr_slice *unknown, const char **why)
{
	struct secmgr_slice rest = text;
	struct piece piece;

	*unknown = (struct secmgr_slice){NULL, 0};
	for(bool is_first = true; next_piece(&rest, &piece); is_first = false) {
		if(piece.is_placeholder && placeholder_named(piece.text) == PLACEHOLDER_COUNT) {
			*why = "has an unknown placeholder";
			*unknown = piece.text;
			return false;
		}
		if(!is_sound_piece(kind, &piece, is_first, why))
			return false;
	}
	if(kind == SECMGR_TEMPLATE_URL)
		return is_sound_url(text, why);
	return kind != SECMGR_TEMPLATE_JSON || is_sound_json(text, why);
}

static size_t longest_name(enum secmgr_template kind, enum placeholder placeholder)
{
	static const size_t bytes_for_one[] = {
			[SECMGR_TEMPLATE_URL] = PERCENT_ENCODED_BYTES,
			[SECMGR_TEMPLATE_JSON] = JSON_ESCAPED_BYTES,
			[SECMGR_TEMPLATE_FIELD] = 1,
	};

	if(placeholder == PLACEHOLDER_BASE)
		return 0;
	return bytes_for_one[kind] * (placeholder == PLACEHOLDER_REALM ? SECMGR_REALM_MAX : SECMGR_USERNAME_MAX);
}

size_t secmgr_template_longest(enum secmgr_template kind, struct secmgr_slice text)
{
	struct piece piece;
	size_t length = 0;

	while(next_piece(&text, &piece))
		length += piece.is_placeholder ? longest_name(kind, placeholder_named(piece.text)) : piece.text.length;
	return length;
}

static void add_hex(struct secmgr_writer *writer, const char *prefix, char byte)
{
	char hex[2];

	secmgr_hex_write((const uint8_t *)&byte, 1, hex);
	for(size_t i = 0; i < sizeof(hex); i++)
		if(hex[i] >= 'a')
			hex[i] = (char)(hex[i] - 'a' + 'A');
	secmgr_writer_add_text(writer, prefix);
	secmgr_writer_add(writer, (struct secmgr_slice){hex, sizeof(hex)});
}

/* A name of dots alone is escaped whole: as it is, it would climb up the path. */
static bool add_to_url(struct secmgr_writer *writer, struct secmgr_slice name)
{
	bool dots = secmgr_slice_equals(name, SECMGR_SLICE(".")) || secmgr_slice_equals(name, SECMGR_SLICE(".."));

	for(size_t i = 0; i < name.length; i++)
		if(is_unreserved(name.at[i]) && !dots)
			secmgr_writer_add_char(writer, name.at[i]);
		else
			add_hex(writer, "%", name.at[i]);
	return true;
}

/* How many bytes behind a first byte belong to its character (RFC 3629 section 4), -1 for none that may begin one;
 * `least` and `most` bound the second byte, which keeps out overlong forms and surrogates. */
static int followers_of(uint8_t first, uint8_t *least, uint8_t *most)
{
	*least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	*most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	if(first < 0x80)
		return 0;
	if(first < 0xc2 || first > 0xf4)
		return -1;
	return first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
}

static bool is_utf8(struct secmgr_slice text)
{
	for(size_t i = 0; i < text.length;) {
		uint8_t least, most;
		int followers = followers_of((uint8_t)text.at[i++], &least, &most);

		for(; followers > 0; followers--, least = 0x80, most = 0xbf)
			if(i == text.length || (uint8_t)text.at[i] < least || (uint8_t)text.at[i++] > most)
				return false;
		if(followers < 0)
			return false;
	}
	return true;
}

/* Nobody's name has a NUL, and many who read JSON cut a text there. */
static bool add_to_json(struct secmgr_writer *writer, struct secmgr_slice name)
{
	for(size_t i = 0; i < name.length; i++)
		if(name.at[i] == '"' || name.at[i] == '\\' || (uint8_t)name.at[i] < ' ' || name.at[i] == 0x7f)
			add_hex(writer, "\\u00", name.at[i]);
		else
			secmgr_writer_add_char(writer, name.at[i]);
	return is_utf8(name) && (name.length == 0 || !memchr(name.at, '\0', name.length));
}

static bool add_to_field(struct secmgr_writer *writer, struct secmgr_slice name)
{
	for(size_t i = 0; i < name.length; i++)
		if(!is_alphanumeric(name.at[i]) && !is_one_of(name.at[i], "!#$%&'*+-.^_`|~@"))
			return false;
	secmgr_writer_add(writer, name);
	return true;
}

static bool add_value(enum secmgr_template kind, struct secmgr_writer *writer, struct secmgr_slice name,
		const struct secmgr_template_values *values)
{
	static bool (*const add[])(struct secmgr_writer *writer, struct secmgr_slice name) = {
			[SECMGR_TEMPLATE_URL] = add_to_url,
			[SECMGR_TEMPLATE_JSON] = add_to_json,
			[SECMGR_TEMPLATE_FIELD] = add_to_field,
	};

	switch(placeholder_named(name)) {
		case PLACEHOLDER_BASE:
			secmgr_writer_add(writer, values->base);
			return true;
		case PLACEHOLDER_REALM:
			return add[kind](writer, values->realm);
		case PLACEHOLDER_USERNAME:
			return add[kind](writer, values->username);
		default:
			return false;
	}
}

bool secmgr_template_write(enum secmgr_template kind, struct secmgr_slice text,
		const struct secmgr_template_values *values, struct secmgr_writer *writer)
{
	struct piece piece;

	while(next_piece(&text, &piece))
		if(!piece.is_placeholder)
			secmgr_writer_add(writer, piece.text);
		else if(!add_value(kind, writer, piece.text, values))
			return false;
	return !writer->overrun;
}
