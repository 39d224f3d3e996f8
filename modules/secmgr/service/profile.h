/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A profile: how one kind of credential service is asked and how its answers are read (doc/profiles.md). It is a text
 * of the operator's, read once at start; the built-in ones, `native` (doc/credential-service.yaml) among them, are such
 * texts, too.
 *
 *     name=mine;url={base}/users/{username}?realm={realm};username=/name;realm=/domain;ha1_md5=/secrets/md5
 *
 * This file makes the question and says what a status means; credential_record reads the body. Whatever a caller put
 * into a name cannot leave its place (template).
 *
 * Depends on: template, endpoint (its bound), json_pointer, the engine's slice and config.
 */
#ifndef SECMGR_SERVICE_PROFILE_H
#define SECMGR_SERVICE_PROFILE_H

#include "../engine/slice.h"

#define SECMGR_SERVICE_URL_MAX 4096
#define SECMGR_PROFILE_BODY_MAX 8192
#define SECMGR_PROFILE_HEADERS_MAX 8
#define SECMGR_PROFILE_HEADERS_BYTES_MAX 4096
#define SECMGR_PROFILE_STATUSES_MAX 8
#define SECMGR_PROFILE_TEXT_MAX 4096
#define SECMGR_PROFILE_WHY_MAX 256

/* The texts of a profile. A pointer is a JSON pointer into the body of an answer (RFC 6901). */
enum secmgr_profile_part
{
	SECMGR_PROFILE_NAME,
	SECMGR_PROFILE_URL,
	SECMGR_PROFILE_BODY,
	SECMGR_PROFILE_UNKNOWN_IF, /* a pointer; what stands there is the next one's */
	SECMGR_PROFILE_UNKNOWN_WORD,
	SECMGR_PROFILE_USERNAME, /* a pointer, or "unchecked" */
	SECMGR_PROFILE_REALM,	 /* the same */
	SECMGR_PROFILE_HA1_MD5, /* pointers, in the order of enum secmgr_hash */
	SECMGR_PROFILE_HA1_SHA_256,
	SECMGR_PROFILE_HA1_SHA_512_256,
	SECMGR_PROFILE_PASSWORD,
	SECMGR_PROFILE_STATUS,
	SECMGR_PROFILE_ACTIVE, /* words for the status, with commas between them */
	SECMGR_PROFILE_SUSPENDED,
	SECMGR_PROFILE_IDENTITIES,
	SECMGR_PROFILE_POLICY,
	SECMGR_PROFILE_ATTRIBUTES,
	SECMGR_PROFILE_HEADER, /* the first of SECMGR_PROFILE_HEADERS_MAX */
	SECMGR_PROFILE_PARTS = SECMGR_PROFILE_HEADER + SECMGR_PROFILE_HEADERS_MAX
};

struct secmgr_profile_statuses
{
	uint8_t count;
	uint16_t status[SECMGR_PROFILE_STATUSES_MAX];
};

/* No pointers within: it may be copied and shared. */
struct secmgr_profile
{
	struct
	{
		uint16_t offset, length;
	} parts[SECMGR_PROFILE_PARTS];
	uint8_t headers;
	struct secmgr_profile_statuses known, unknown;
	char words[SECMGR_PROFILE_TEXT_MAX];
};

/* A question, ready to be sent. */
struct secmgr_profile_question
{
	char url[SECMGR_SERVICE_URL_MAX];
	const char *body; /* NULL: GET, else POST */
	const char *fields[SECMGR_PROFILE_HEADERS_MAX + 1]; /* "Name: value", NULL at the end */
	char body_text[SECMGR_PROFILE_BODY_MAX];
	char fields_text[SECMGR_PROFILE_HEADERS_BYTES_MAX];
};

enum secmgr_profile_meaning
{
	SECMGR_PROFILE_MEANS_FAULT,
	SECMGR_PROFILE_MEANS_UNKNOWN, /* no such subscriber, whatever the body says */
	SECMGR_PROFILE_MEANS_RECORD   /* the body tells */
};

/* The name of a built-in profile, or a profile's text. False, and `why` a NUL-terminated sentence that says what to
 * write instead, and nothing of a value. */
__attribute__((warn_unused_result)) bool secmgr_profile_read(
		struct secmgr_slice text, struct secmgr_profile *profile, char why[SECMGR_PROFILE_WHY_MAX]);
/* One of its texts, empty when it has none; valid as long as `profile`. */
struct secmgr_slice secmgr_profile_text(const struct secmgr_profile *profile, enum secmgr_profile_part part);
bool secmgr_profile_is_pointer(struct secmgr_slice text); /* and not empty or "unchecked" */

/* `base` is what secmgr_endpoint_read gave. False for names that nobody has at such a service: one that is
 * empty or above its bound, or that a JSON body or a header field cannot hold. `question` holds pointers into itself:
 * it is not copied. */
__attribute__((warn_unused_result)) bool secmgr_profile_ask(const struct secmgr_profile *profile,
		struct secmgr_slice base, struct secmgr_slice realm, struct secmgr_slice username,
		struct secmgr_profile_question *question);
enum secmgr_profile_meaning secmgr_profile_judge(const struct secmgr_profile *profile, long http_status);

#endif
