/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "endpoint.h"

#include <string.h>

#define ESCAPED_BYTES 3
#define UNIX_PATH_MAX_BYTES 107 /* sockaddr_un's, without its NUL */
#define PORT_MAX 65535

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

static bool take_prefix(struct secmgr_slice *text, struct secmgr_slice prefix)
{
	if(text->length < prefix.length
			|| !secmgr_slice_equals_ignoring_case((struct secmgr_slice){text->at, prefix.length}, prefix))
		return false;
	text->at += prefix.length;
	text->length -= prefix.length;
	return true;
}

static bool is_port(struct secmgr_slice text)
{
	uint32_t port;

	return secmgr_slice_to_number(text, &port) && port > 0 && port <= PORT_MAX;
}

static bool is_made_of(struct secmgr_slice text, bool (*fits)(char byte))
{
	for(size_t i = 0; i < text.length; i++)
		if(!fits(text.at[i]))
			return false;
	return text.length > 0;
}

static bool is_name_byte(char byte)
{
	return is_alphanumeric(byte) || is_one_of(byte, "-._");
}

static bool is_ipv6_byte(char byte)
{
	return is_one_of(byte, "0123456789abcdefABCDEF:.");
}

/* host, host:port, [IPv6] or [IPv6]:port */
static bool is_authority(struct secmgr_slice text)
{
	struct secmgr_slice port = text, host;

	if(!take_prefix(&port, SECMGR_SLICE("["))) {
		host = secmgr_slice_cut(&port, ':');
		return is_made_of(host, is_name_byte) && (host.length == text.length || is_port(port));
	}
	host = secmgr_slice_cut(&port, ']');
	if(host.length + 2 > text.length || !is_made_of(host, is_ipv6_byte))
		return false;
	return port.length == 0 || (take_prefix(&port, SECMGR_SLICE(":")) && is_port(port));
}

static bool is_segment(struct secmgr_slice text)
{
	uint8_t byte;

	for(size_t i = 0; i < text.length; i++) {
		if(text.at[i] == '%') {
			if(text.length - i < ESCAPED_BYTES || !secmgr_hex_read((struct secmgr_slice){text.at + i + 1, 2}, &byte, 1))
				return false;
			i += 2;
		} else if(!is_unreserved(text.at[i]) && !is_one_of(text.at[i], "!$&'()*+,;=:@")) {
			return false;
		}
	}
	return text.length > 0 && !secmgr_slice_equals(text, SECMGR_SLICE("."))
		   && !secmgr_slice_equals(text, SECMGR_SLICE(".."));
}

static bool is_path(struct secmgr_slice text)
{
	if(text.length == 0)
		return true;
	if(!take_prefix(&text, SECMGR_SLICE("/")))
		return false;
	do {
		if(!is_segment(secmgr_slice_cut(&text, '/')))
			return false;
	} while(text.length > 0);
	return true;
}

static bool read_unix_path(
		struct secmgr_slice path, struct secmgr_slice *base, struct secmgr_slice *unix_path, const char **why)
{
	*why = "write unix: and an absolute path of at most 107 bytes, as in unix:/run/credentials.sock";
	if(path.length < 2 || path.at[0] != '/' || path.length > UNIX_PATH_MAX_BYTES
			|| secmgr_slice_has_control_bytes(path))
		return false;
	*base = SECMGR_SLICE("http://localhost");
	*unix_path = path;
	return true;
}

static bool has(struct secmgr_slice text, char byte)
{
	return text.length > 0 && memchr(text.at, byte, text.length);
}

static bool read_url(struct secmgr_slice text, struct secmgr_slice rest, struct secmgr_slice *base, const char **why)
{
	const char *slash = rest.length > 0 ? memchr(rest.at, '/', rest.length) : NULL;
	struct secmgr_slice authority = {rest.at, slash ? (size_t)(slash - rest.at) : rest.length};
	struct secmgr_slice path = {rest.at + authority.length, rest.length - authority.length};

	*why = "a query or a fragment has no place in it: write it without '?' and '#'";
	if(has(text, '?') || has(text, '#'))
		return false;
	*why = "a user name or password has no place in it: use service_token_file";
	if(has(authority, '@'))
		return false;
	*why = "after http:// or https:// write a host, and a port from 1 to 65535 behind a colon where it is not the "
		   "default";
	if(!is_authority(authority))
		return false;
	*why = "its path may have letters, digits, -._~!$&'()*+,;=:@ and %XX, and no empty, '.' or '..' part";
	if(!is_path(path))
		return false;
	*why = "it is too long";
	if(text.length > SECMGR_ENDPOINT_BASE_MAX)
		return false;
	*base = text;
	return true;
}

bool secmgr_endpoint_read(
		struct secmgr_slice text, struct secmgr_slice *base, struct secmgr_slice *unix_path, const char **why)
{
	struct secmgr_slice rest = text;

	*base = *unix_path = (struct secmgr_slice){NULL, 0};
	if(take_prefix(&rest, SECMGR_SLICE("unix:")))
		return read_unix_path(rest, base, unix_path, why);
	*why = "write http://host, https://host or unix:/path";
	if(!take_prefix(&rest, SECMGR_SLICE("http://")) && !take_prefix(&rest, SECMGR_SLICE("https://")))
		return false;
	while(rest.length > 0 && rest.at[rest.length - 1] == '/') {
		rest.length--;
		text.length--;
	}
	return read_url(text, rest, base, why);
}
