/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The credential service as the proxy sees it: ask about a subscriber, get one answer. The only file of this room that
 * knows the others.
 *
 *     ask --> breakers --> profile (URL) --> http_client --> freshness, entity_tag (header fields)
 *              ^  ^                                 |               |
 *              |  +-- the next endpoint <-- fault --+               +--> profile (status), credential_record (body)
 *              |                                    |                                  |
 *              +---------------------------- report                                     +--> answer
 *
 * The endpoints are asked in their order, each at most once for one question, those whose breaker is open not at all.
 * Each try gets an equal share of the time that is left, so that one that hangs leaves time for the others. Every
 * fault goes on to the next endpoint, also one that says nothing against this endpoint's health (a bad record, a
 * redirect, an unexpected status).
 *
 * The breakers are shared between processes, so they are asked and told through the caller.
 *
 * Depends on: profile, http_client, freshness, entity_tag, credential_record, endpoint_breaker (its words).
 */
#ifndef SECMGR_SERVICE_CREDENTIAL_SERVICE_H
#define SECMGR_SERVICE_CREDENTIAL_SERVICE_H

#include "../engine/config.h"
#include "../engine/credential.h"
#include "endpoint_breaker.h"
#include "http_client.h"
#include "profile.h"

#define SECMGR_SERVICE_ENDPOINTS_MAX 8

enum secmgr_service_outcome
{
	SECMGR_SERVICE_FAULT,	/* no usable answer: dead, late, or lying */
	SECMGR_SERVICE_UNKNOWN, /* no such subscriber: the profile says how that looks */
	SECMGR_SERVICE_KNOWN,
	SECMGR_SERVICE_NOT_MODIFIED /* 304: the record that the question's ETag names still holds */
};

struct secmgr_service_answer
{
	enum secmgr_service_outcome outcome;
	size_t endpoint; /* that answered, or failed last */
	long status;	 /* HTTP's, 0 when there was none */
	const char *why; /* of a fault, in words an operator can act on: ours or libcurl's, one line, nothing of the body.
			  * Valid until `answered` returns */
	/* How it may be cached; a fault not at all. UNKNOWN: never fresh for longer than negative_ttl_s. */
	struct secmgr_lifetimes lifetimes;
	/* KNOWN: the new one, or empty; NOT_MODIFIED: the one that was asked with. Valid until `answered` returns. */
	struct secmgr_slice etag;
	/* KNOWN: filled; otherwise its subscriber is UNKNOWN. Wiped after `answered` returns. */
	struct secmgr_credential credential;
};

struct secmgr_service_question
{
	struct secmgr_slice username, realm;
	struct secmgr_slice etag; /* of what is cached; empty, or one that is none: ask for the whole record */
	long left_ms;			  /* of the lookup's deadline */
};

struct secmgr_service_endpoint
{
	const char *base_url;  /* no trailing slash */
	const char *unix_path; /* or NULL */
};

/* What came of one try at one endpoint. */
struct secmgr_service_report
{
	size_t endpoint;
	enum secmgr_breaker_permission permission; /* with which it was asked */
	enum secmgr_breaker_result result;
	long status;
	const char *why; /* as an answer's; NULL: it was usable */
};

struct secmgr_service_settings
{
	struct secmgr_service_endpoint endpoints[SECMGR_SERVICE_ENDPOINTS_MAX];
	size_t endpoint_count;
	const struct secmgr_profile *profile;
	const char *bearer; /* or NULL. Read for each try: the caller may write a newer one in its place */
	long timeout_ms;
	uint32_t ttl_s;
	uint32_t negative_ttl_s; /* 0: unknown subscribers are not cached */
	uint32_t stale_if_error_s; /* 0: nothing stale is used */
	struct secmgr_http_settings http; /* its `endpoints` is set by _create */
	/* The endpoint's breaker, for this process: secmgr_breaker_ask, _would_permit and _report under its lock. All
	 * three, or all NULL: always permitted. Each permission is reported exactly once, unless the service is
	 * destroyed. */
	enum secmgr_breaker_permission (*may_ask)(size_t endpoint);
	bool (*would_permit)(size_t endpoint);
	void (*report)(const struct secmgr_service_report *report);
	/* Called exactly once for each ask that returned true: from within _wait, or from within _ask when no endpoint's
	 * breaker lets it be asked, or the profile cannot say a name: nobody has it (UNKNOWN). */
	void (*answered)(void *asker, const struct secmgr_service_answer *answer);
};

struct secmgr_credential_service;

/* For the whole process, before _create: libcurl started; what it and Jansson free is wiped. False when libcurl
 * cannot start. */
__attribute__((warn_unused_result)) bool secmgr_credential_service_use_wiping_memory(void);

/* The profile and the strings of `settings` are the caller's and outlive the service. NULL: no memory, or no endpoint.
 */
struct secmgr_credential_service *secmgr_credential_service_create(const struct secmgr_service_settings *settings);
/* What is under way is dropped: `answered` is not called for it. */
void secmgr_credential_service_destroy(struct secmgr_credential_service *service);
/* The texts are copied. False: no memory, or a name above its bound; nothing will come. */
__attribute__((warn_unused_result)) bool secmgr_credential_service_ask(struct secmgr_credential_service *service,
		const struct secmgr_service_question *question, void *asker);
void secmgr_credential_service_wait(struct secmgr_credential_service *service, int fd, int wait_ms);
size_t secmgr_credential_service_under_way(const struct secmgr_credential_service *service);
/* False: what is asked now would stand in line for a connection. It is better kept where it can still be dropped. */
bool secmgr_credential_service_has_room(const struct secmgr_credential_service *service);

#endif
