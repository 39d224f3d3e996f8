/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "credential_service.h"

#include <string.h>

#include <openssl/crypto.h>

#include "credential_record.h"
#include "freshness.h"
#include "profile.h"
#include "wiping_memory.h"

#define HTTP_OK 200
#define HTTP_NOT_FOUND 404
#define HTTP_GONE 410

struct secmgr_credential_service
{
	struct secmgr_service_settings settings;
	struct secmgr_http_client *http;
	struct question *questions; /* under way */
};

struct question
{
	struct secmgr_credential_service *service;
	struct question *next, **link;
	void *asker;
	struct secmgr_freshness freshness;
	size_t username_length, realm_length;
	char username[SECMGR_USERNAME_MAX];
	char realm[SECMGR_REALM_MAX];
};

bool secmgr_credential_service_use_wiping_memory(void)
{
	secmgr_credential_record_use_wiping_memory();
	return secmgr_http_client_use_wiping_memory();
}

static void put_in_list(struct question *question)
{
	struct question **list = &question->service->questions;

	question->next = *list;
	question->link = list;
	if(*list)
		(*list)->link = &question->next;
	*list = question;
}

static void take_from_list(struct question *question)
{
	*question->link = question->next;
	if(question->next)
		question->next->link = question->link;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static struct secmgr_lifetimes lifetimes_of(const struct question *question, uint32_t default_s)
{
	return secmgr_freshness_lifetimes(
			&question->freshness, default_s, question->service->settings.stale_if_error_s);
}

static void take_record(const struct question *question, struct secmgr_slice body, struct secmgr_service_answer *answer)
{
	struct secmgr_slice username = {question->username, question->username_length};
	struct secmgr_slice realm = {question->realm, question->realm_length};

	if(!secmgr_credential_record_decode(body, username, realm, &answer->credential, &answer->why))
		return;
	answer->outcome = SECMGR_SERVICE_KNOWN;
	answer->why = NULL;
	answer->lifetimes = lifetimes_of(question, question->service->settings.ttl_s);
}

/* A service may shorten the time for which a name is held to be unknown, never make a subscriber it adds wait longer. */
static void take_unknown(const struct question *question, struct secmgr_service_answer *answer)
{
	uint32_t negative_ttl_s = question->service->settings.negative_ttl_s;

	answer->outcome = SECMGR_SERVICE_UNKNOWN;
	answer->lifetimes = lifetimes_of(question, negative_ttl_s);
	answer->lifetimes.fresh_s = smaller(answer->lifetimes.fresh_s, negative_ttl_s);
	answer->lifetimes.keep = answer->lifetimes.keep && negative_ttl_s > 0;
}

/* The body's media type is not asked for: the record is read strictly whatever it is called. */
static void take_answer(
		const struct question *question, const struct secmgr_http_answer *http, struct secmgr_service_answer *answer)
{
	answer->status = http->status;
	if(http->outcome != SECMGR_HTTP_ANSWERED)
		answer->why = http->why;
	else if(http->status == HTTP_OK)
		take_record(question, http->body, answer);
	else if(http->status == HTTP_NOT_FOUND || http->status == HTTP_GONE)
		take_unknown(question, answer);
	else
		answer->why = "the HTTP status is none of 200, 404 and 410";
}

static void take_field(void *asker, struct secmgr_slice name, struct secmgr_slice value)
{
	struct question *question = asker;

	secmgr_freshness_take_field(&question->freshness, name, value);
}

static void done(void *asker, const struct secmgr_http_answer *http)
{
	struct question *question = asker;
	struct secmgr_service_answer answer;

	take_from_list(question);
	memset(&answer, 0, sizeof(answer));
	take_answer(question, http, &answer);
	question->service->settings.answered(question->asker, &answer);
	OPENSSL_cleanse(&answer, sizeof(answer));
	secmgr_wiping_free(question);
}

struct secmgr_credential_service *secmgr_credential_service_create(const struct secmgr_service_settings *settings)
{
	static const struct secmgr_http_handler handler = {.field = take_field, .done = done};
	struct secmgr_credential_service *service = secmgr_wiping_calloc(1, sizeof(*service));

	if(!service)
		return NULL;
	service->settings = *settings;
	service->http = secmgr_http_client_create(&settings->http, &handler);
	if(service->http)
		return service;
	secmgr_wiping_free(service);
	return NULL;
}

void secmgr_credential_service_destroy(struct secmgr_credential_service *service)
{
	secmgr_http_client_destroy(service->http);
	while(service->questions) {
		struct question *question = service->questions;

		service->questions = question->next;
		secmgr_wiping_free(question);
	}
	secmgr_wiping_free(service);
}

static struct question *make_question(
		struct secmgr_credential_service *service, struct secmgr_slice username, struct secmgr_slice realm, void *asker)
{
	struct question *question;

	if(username.length > SECMGR_USERNAME_MAX || realm.length > SECMGR_REALM_MAX)
		return NULL;
	question = secmgr_wiping_calloc(1, sizeof(*question));
	if(!question)
		return NULL;
	question->service = service;
	question->asker = asker;
	question->username_length = username.length;
	question->realm_length = realm.length;
	memcpy(question->username, username.at, username.length);
	memcpy(question->realm, realm.at, realm.length);
	return question;
}

static bool start(struct question *question, struct secmgr_slice username, struct secmgr_slice realm, long left_ms)
{
	const struct secmgr_service_settings *settings = &question->service->settings;
	long deadline_ms = left_ms < settings->timeout_ms ? left_ms : settings->timeout_ms;
	char url[SECMGR_SERVICE_URL_MAX];

	const struct secmgr_http_request request = {.url = url,
			.unix_path = settings->unix_path,
			.bearer = settings->bearer,
			.deadline_ms = deadline_ms};

	return secmgr_profile_write_url(secmgr_slice_of(settings->base_url), realm, username, url)
		   && secmgr_http_client_start(question->service->http, &request, question);
}

bool secmgr_credential_service_ask(struct secmgr_credential_service *service, struct secmgr_slice username,
		struct secmgr_slice realm, long left_ms, void *asker)
{
	struct question *question = make_question(service, username, realm, asker);

	if(!question)
		return false;
	if(!start(question, username, realm, left_ms)) {
		secmgr_wiping_free(question);
		return false;
	}
	put_in_list(question);
	return true;
}

void secmgr_credential_service_wait(struct secmgr_credential_service *service, int fd, int wait_ms)
{
	secmgr_http_client_wait(service->http, fd, wait_ms);
}

size_t secmgr_credential_service_under_way(const struct secmgr_credential_service *service)
{
	return secmgr_http_client_under_way(service->http);
}
