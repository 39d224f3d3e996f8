/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Texts with placeholders, of which a question to the credential service is made: {base}, {realm} and {username}.
 *
 *     {base}/subscribers/{username}?realm={realm}     URL: names are percent-encoded (RFC 3986 section 2.1)
 *     {"user": "{username}"}                          JSON: escaped within its string (RFC 8259 section 7)
 *     X-Realm: {realm}                                FIELD: a name of other bytes than a token's and '@' is refused
 *
 * A name comes from a stranger: whatever it is made of, it cannot leave its place. The text around it is the
 * operator's and checked once, at start.
 *
 * Depends on: the engine's slice and config, Jansson.
 */
#ifndef SECMGR_SERVICE_TEMPLATE_H
#define SECMGR_SERVICE_TEMPLATE_H

#include "../engine/slice.h"

enum secmgr_template
{
	SECMGR_TEMPLATE_URL, /* {base} is its beginning */
	SECMGR_TEMPLATE_JSON,
	SECMGR_TEMPLATE_FIELD /* the value of a header field */
};

struct secmgr_template_values
{
	struct secmgr_slice base, realm, username;
};

/* Can it be filled in? False with `why`, a constant, and `unknown` the placeholder that is none, or empty. */
__attribute__((warn_unused_result)) bool secmgr_template_check(
		enum secmgr_template kind, struct secmgr_slice text, struct secmgr_slice *unknown, const char **why);
extern const char *const secmgr_template_placeholders[]; /* their names, NULL at the end */

/* How long it can become for names within their bounds, without its {base}. */
size_t secmgr_template_longest(enum secmgr_template kind, struct secmgr_slice text);

/* Fills in a sound text. False, with nothing to be used in `writer`, when it does not fit or a name cannot be said in
 * this kind of text (JSON: it is not UTF-8, or has a NUL). */
__attribute__((warn_unused_result)) bool secmgr_template_write(enum secmgr_template kind, struct secmgr_slice text,
		const struct secmgr_template_values *values, struct secmgr_writer *writer);

#endif
