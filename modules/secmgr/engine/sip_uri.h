/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIP, SIPS and tel URIs as far as authentication looks at them (RFC 3261 section 19.1, RFC 3966): scheme, user,
 * host and port; what follows a ';' or '?' is set aside. Nothing is copied: the slices point into the text.
 *
 * Depends on: slice.
 */
#ifndef SECMGR_ENGINE_SIP_URI_H
#define SECMGR_ENGINE_SIP_URI_H

#include "slice.h"

enum secmgr_sip_uri_scheme
{
	SECMGR_SIP_URI_SIP,
	SECMGR_SIP_URI_SIPS,
	SECMGR_SIP_URI_TEL
};

struct secmgr_sip_uri
{
	enum secmgr_sip_uri_scheme scheme;
	struct secmgr_slice user; /* still escaped, without the password; the number of a tel URI */
	struct secmgr_slice host; /* with its brackets where it is an IPv6 reference; empty for tel */
	uint16_t port;		  /* 0 when absent */
};

/* False when the text is not such a URI: no host, a bad port, unbalanced brackets, a bad escape, a second '@', bytes
 * that stand in no URI (control bytes, spaces, quotes, angle brackets, above 0x7e). `uri` is then not to be used. */
__attribute__((warn_unused_result)) bool secmgr_sip_uri_read(struct secmgr_slice text, struct secmgr_sip_uri *uri);

/* Scheme, user (unescaped, case kept; visual separators of a tel number aside), host (any case) and port are equal.
 * As in RFC 3261 section 19.1.4 an absent port is not the default port. */
bool secmgr_sip_uri_same_target(const struct secmgr_sip_uri *a, const struct secmgr_sip_uri *b);

/* The user unescaped equals `name`, byte for byte. */
bool secmgr_sip_uri_user_is(const struct secmgr_sip_uri *uri, struct secmgr_slice name);

#endif
