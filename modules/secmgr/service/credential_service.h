/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The credential service as the proxy sees it: ask about a subscriber, get one answer. The only file of this room that
 * knows the others.
 *
 *     ask --> profile (URL) --> http_client --> freshness (header fields) --> credential_record (body) --> answer
 *
 * Depends on: profile, http_client, freshness, credential_record.
 */
#ifndef SECMGR_SERVICE_CREDENTIAL_SERVICE_H
#define SECMGR_SERVICE_CREDENTIAL_SERVICE_H

#include "../engine/config.h"
#include "../engine/credential.h"
#include "http_client.h"

enum secmgr_service_outcome
{
	SECMGR_SERVICE_FAULT,	/* no usable answer: dead, late, or lying */
	SECMGR_SERVICE_UNKNOWN, /* no such subscriber: 404 or 410 */
	SECMGR_SERVICE_KNOWN
};

struct secmgr_service_answer
{
	enum secmgr_service_outcome outcome;
	long status;	 /* HTTP's, 0 when there was none */
	const char *why; /* of a fault, in words an operator can act on: ours or libcurl's, one line, nothing of the body.
			  * Valid until `answered` returns */
	/* How it may be cached; a fault not at all. UNKNOWN: never fresh for longer than negative_ttl_s. */
	struct secmgr_lifetimes lifetimes;
	/* KNOWN: filled; UNKNOWN: its subscriber is UNKNOWN. Wiped after `answered` returns. */
	struct secmgr_credential credential;
};

struct secmgr_service_settings
{
	const char *base_url;  /* no trailing slash */
	const char *unix_path; /* or NULL */
	const char *bearer;	   /* or NULL */
	long timeout_ms;
	uint32_t ttl_s;
	uint32_t negative_ttl_s; /* 0: unknown subscribers are not cached */
	uint32_t stale_if_error_s; /* 0: nothing stale is used */
	struct secmgr_http_settings http;
	/* Called exactly once for each ask that returned true, from within _wait. */
	void (*answered)(void *asker, const struct secmgr_service_answer *answer);
};

struct secmgr_credential_service;

/* For the whole process, before _create: libcurl started; what it and Jansson free is wiped. False when libcurl
 * cannot start. */
__attribute__((warn_unused_result)) bool secmgr_credential_service_use_wiping_memory(void);

/* The strings of `settings` are the caller's and outlive the service. NULL: no memory. */
struct secmgr_credential_service *secmgr_credential_service_create(const struct secmgr_service_settings *settings);
/* What is under way is dropped: `answered` is not called for it. */
void secmgr_credential_service_destroy(struct secmgr_credential_service *service);
/* The names are copied. `left_ms` is what is left of the lookup's deadline. False: no memory, or a name that is
 * empty or above its bound; nothing will come. */
__attribute__((warn_unused_result)) bool secmgr_credential_service_ask(struct secmgr_credential_service *service,
		struct secmgr_slice username, struct secmgr_slice realm, long left_ms, void *asker);
void secmgr_credential_service_wait(struct secmgr_credential_service *service, int fd, int wait_ms);
size_t secmgr_credential_service_under_way(const struct secmgr_credential_service *service);

#endif
