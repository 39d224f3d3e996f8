/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip_uri.h"

#include <string.h>

#define PORT_MAX 65535

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_hex_digit(char byte)
{
	return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

static bool is_host_char(char byte)
{
	/* '_' is in no hostname of RFC 3261, but in the names of many private networks. */
	return is_digit(byte) || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '-' || byte == '.'
		   || byte == '_';
}

static bool is_ipv6_char(char byte)
{
	return is_hex_digit(byte) || byte == ':' || byte == '.';
}

static bool is_visual_separator(char byte) /* RFC 3966 section 5.1.1 */
{
	return byte == '-' || byte == '.' || byte == '(' || byte == ')';
}

static bool is_local_digit(char byte)
{
	return is_hex_digit(byte) || byte == '*' || byte == '#';
}

/* Bytes that stand in no URI: they would be read otherwise by whoever reads this text next. */
static bool has_only_uri_bytes(struct secmgr_slice text)
{
	for(size_t i = 0; i < text.length; i++)
		if(text.at[i] <= ' ' || text.at[i] >= 0x7f || text.at[i] == '<' || text.at[i] == '>' || text.at[i] == '"')
			return false;
	return true;
}

static bool has_only_sound_escapes(struct secmgr_slice text)
{
	for(size_t i = 0; i < text.length; i++)
		if(text.at[i] == '%' && (text.length - i < 3 || !is_hex_digit(text.at[i + 1]) || !is_hex_digit(text.at[i + 2])))
			return false;
	return true;
}

static struct secmgr_slice take(struct secmgr_slice *rest, bool (*is_part)(char))
{
	struct secmgr_slice taken = {rest->at, 0};

	while(rest->length > 0 && is_part(rest->at[0])) {
		rest->at++;
		rest->length--;
		taken.length++;
	}
	return taken;
}

static bool read_scheme(struct secmgr_slice *rest, enum secmgr_sip_uri_scheme *scheme)
{
	static const struct secmgr_slice names[] = {
			[SECMGR_SIP_URI_SIP] = {"sip", 3},
			[SECMGR_SIP_URI_SIPS] = {"sips", 4},
			[SECMGR_SIP_URI_TEL] = {"tel", 3},
	};
	struct secmgr_slice name = secmgr_slice_cut(rest, ':');

	for(unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if(rest->at && secmgr_slice_equals_ignoring_case(name, names[i])) {
			*scheme = (enum secmgr_sip_uri_scheme)i;
			return true;
		}
	return false;
}

/* user[:password]@, where user may hold ';', '?' and '/'. An '@' can stand nowhere else in a SIP URI: with a second one
 * two readers could find two hosts. */
static bool read_user(struct secmgr_slice *rest, struct secmgr_slice *user)
{
	struct secmgr_slice after = *rest;
	struct secmgr_slice password = secmgr_slice_cut(&after, '@');

	if(!after.at)
		return true;
	*rest = after;
	*user = secmgr_slice_cut(&password, ':');
	return user->length > 0 && (!password.at || !memchr(password.at, ':', password.length))
		   && (after.length == 0 || !memchr(after.at, '@', after.length));
}

static bool read_host(struct secmgr_slice *rest, struct secmgr_slice *host)
{
	if(rest->length == 0 || rest->at[0] != '[') {
		*host = take(rest, is_host_char);
		return host->length > 0;
	}
	*host = (struct secmgr_slice){rest->at++, 0};
	rest->length--;
	host->length = take(rest, is_ipv6_char).length + 2;
	if(rest->length == 0 || rest->at[0] != ']')
		return false;
	rest->at++;
	rest->length--;
	return memchr(host->at, ':', host->length) != NULL;
}

static bool read_port(struct secmgr_slice *rest, uint16_t *port)
{
	uint32_t number;

	if(rest->length == 0 || rest->at[0] != ':')
		return true;
	rest->at++;
	rest->length--;
	if(!secmgr_slice_to_number(take(rest, is_digit), &number) || number == 0 || number > PORT_MAX)
		return false;
	*port = (uint16_t)number;
	return true;
}

static bool is_number_char(char byte)
{
	return is_local_digit(byte) || is_visual_separator(byte);
}

static bool is_global_number_char(char byte)
{
	return is_digit(byte) || is_visual_separator(byte);
}

static bool has_any(struct secmgr_slice text, bool (*is_it)(char))
{
	for(size_t i = 0; i < text.length; i++)
		if(is_it(text.at[i]))
			return true;
	return false;
}

static bool read_telephone_number(struct secmgr_slice *rest, struct secmgr_slice *user)
{
	struct secmgr_slice number = *rest;
	bool global = rest->length > 0 && rest->at[0] == '+';

	if(global) {
		rest->at++;
		rest->length--;
	}
	number.length = take(rest, global ? is_global_number_char : is_number_char).length + (global ? 1 : 0);
	*user = number;
	return has_any(number, global ? is_digit : is_local_digit) && (rest->length == 0 || rest->at[0] == ';');
}

bool secmgr_sip_uri_read(struct secmgr_slice text, struct secmgr_sip_uri *uri)
{
	struct secmgr_slice rest = text;

	*uri = (struct secmgr_sip_uri){.port = 0};
	if(!has_only_uri_bytes(text) || !has_only_sound_escapes(text) || !read_scheme(&rest, &uri->scheme))
		return false;
	if(uri->scheme == SECMGR_SIP_URI_TEL)
		return read_telephone_number(&rest, &uri->user);
	return read_user(&rest, &uri->user) && read_host(&rest, &uri->host) && read_port(&rest, &uri->port)
		   && (rest.length == 0 || rest.at[0] == ';' || rest.at[0] == '?');
}

/* The next byte of an escaped text, -1 at its end. */
static int next_unescaped(struct secmgr_slice *rest)
{
	uint8_t byte;
	size_t length = 1;

	if(rest->length == 0)
		return -1;
	byte = (uint8_t)rest->at[0];
	if(byte == '%' && rest->length >= 3 && secmgr_hex_read((struct secmgr_slice){rest->at + 1, 2}, &byte, 1))
		length = 3;
	rest->at += length;
	rest->length -= length;
	return byte;
}

/* RFC 3261 section 19.1.4 tells an escaped ';' from a bare one, but they name the same user, and no subscriber may be
 * refused because something on the way escapes more than it must. */
static bool same_user(struct secmgr_slice a, struct secmgr_slice b)
{
	int byte;

	do {
		byte = next_unescaped(&a);
		if(byte != next_unescaped(&b))
			return false;
	} while(byte >= 0);
	return true;
}

/* The next digit of a telephone number, whose letters have no case (RFC 3966 section 4); -1 at its end. */
static int next_digit(struct secmgr_slice *rest)
{
	take(rest, is_visual_separator);
	if(rest->length == 0)
		return -1;
	rest->length--;
	return *rest->at >= 'A' && *rest->at <= 'F' ? *rest->at++ - 'A' + 'a' : *rest->at++;
}

static bool same_number(struct secmgr_slice a, struct secmgr_slice b)
{
	int digit;

	do {
		digit = next_digit(&a);
		if(digit != next_digit(&b))
			return false;
	} while(digit >= 0);
	return true;
}

bool secmgr_sip_uri_same_target(const struct secmgr_sip_uri *a, const struct secmgr_sip_uri *b)
{
	if(a->scheme != b->scheme)
		return false;
	if(a->scheme == SECMGR_SIP_URI_TEL)
		return same_number(a->user, b->user);
	return same_user(a->user, b->user) && secmgr_slice_equals_ignoring_case(a->host, b->host) && a->port == b->port;
}

bool secmgr_sip_uri_user_is(const struct secmgr_sip_uri *uri, struct secmgr_slice name)
{
	struct secmgr_slice user = uri->user;

	if(user.length == 0)
		return false;
	for(size_t i = 0; i < name.length; i++)
		if(next_unescaped(&user) != (uint8_t)name.at[i])
			return false;
	return user.length == 0;
}
