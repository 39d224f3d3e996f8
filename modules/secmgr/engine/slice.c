/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "slice.h"

#include <string.h>

#define NUMBER_DIGITS_MAX 9

struct secmgr_slice secmgr_slice_of(const char *terminated)
{
	return (struct secmgr_slice){terminated, terminated ? strlen(terminated) : 0};
}

bool secmgr_slice_equals(struct secmgr_slice a, struct secmgr_slice b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

/* ASCII alone: a locale must not decide which realms are the same. */
static char lower(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

bool secmgr_slice_equals_ignoring_case(struct secmgr_slice a, struct secmgr_slice b)
{
	if(a.length != b.length)
		return false;
	for(size_t i = 0; i < a.length; i++)
		if(lower(a.at[i]) != lower(b.at[i]))
			return false;
	return true;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

struct secmgr_slice secmgr_slice_trim(struct secmgr_slice text)
{
	while(text.length > 0 && is_blank(text.at[0])) {
		text.at++;
		text.length--;
	}
	while(text.length > 0 && is_blank(text.at[text.length - 1]))
		text.length--;
	return text;
}

bool secmgr_slice_has_control_bytes(struct secmgr_slice text)
{
	for(size_t i = 0; i < text.length; i++)
		if((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f)
			return true;
	return false;
}

struct secmgr_slice secmgr_slice_cut(struct secmgr_slice *rest, char separator)
{
	struct secmgr_slice part = *rest;
	const char *end = rest->length > 0 ? memchr(rest->at, separator, rest->length) : NULL;

	if(!end) {
		*rest = (struct secmgr_slice){NULL, 0};
		return part;
	}
	part.length = (size_t)(end - part.at);
	rest->at = end + 1;
	rest->length -= part.length + 1;
	return part;
}

bool secmgr_slice_to_number(struct secmgr_slice text, uint32_t *number)
{
	uint32_t value = 0;

	if(text.length == 0 || text.length > NUMBER_DIGITS_MAX)
		return false;
	for(size_t i = 0; i < text.length; i++) {
		if(text.at[i] < '0' || text.at[i] > '9')
			return false;
		value = value * 10 + (uint32_t)(text.at[i] - '0');
	}
	*number = value;
	return true;
}

struct secmgr_writer secmgr_writer_into(char *buffer, size_t size)
{
	return (struct secmgr_writer){.at = buffer, .size = size};
}

/* A text goes in whole or not at all, and nothing follows one that did not: half a header field must not look like a
 * shorter one. */
void secmgr_writer_add(struct secmgr_writer *writer, struct secmgr_slice text)
{
	if(writer->overrun || text.length > writer->size - writer->length) {
		writer->overrun = true;
		return;
	}
	if(text.length > 0)
		memcpy(writer->at + writer->length, text.at, text.length);
	writer->length += text.length;
}

void secmgr_writer_add_text(struct secmgr_writer *writer, const char *terminated)
{
	secmgr_writer_add(writer, secmgr_slice_of(terminated));
}

void secmgr_writer_add_char(struct secmgr_writer *writer, char byte)
{
	secmgr_writer_add(writer, (struct secmgr_slice){&byte, 1});
}

void secmgr_writer_add_number(struct secmgr_writer *writer, uint64_t number)
{
	char digits[20]; /* of 2^64 - 1 */
	size_t first = sizeof(digits);

	do {
		digits[--first] = (char)('0' + number % 10);
		number /= 10;
	} while(number > 0);
	secmgr_writer_add(writer, (struct secmgr_slice){digits + first, sizeof(digits) - first});
}

struct secmgr_slice secmgr_writer_text(const struct secmgr_writer *writer)
{
	return (struct secmgr_slice){writer->at, writer->length};
}

void secmgr_hex_write(const uint8_t *bytes, size_t count, char *hex)
{
	static const char digits[] = "0123456789abcdef";

	for(size_t i = 0; i < count; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 0x0f];
	}
}

static int hex_digit(char byte)
{
	if(byte >= '0' && byte <= '9')
		return byte - '0';
	byte = lower(byte);
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

bool secmgr_hex_read(struct secmgr_slice hex, uint8_t *bytes, size_t count)
{
	if(hex.length % 2 != 0 || hex.length / 2 != count)
		return false;
	for(size_t i = 0; i < count; i++) {
		int high = hex_digit(hex.at[2 * i]);
		int low = hex_digit(hex.at[2 * i + 1]);

		if(high < 0 || low < 0)
			return false;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}
