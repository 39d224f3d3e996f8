/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "credential_service.h"

#include <string.h>

#include <openssl/crypto.h>

#include "credential_record.h"
#include "entity_tag.h"
#include "freshness.h"
#include "wiping_memory.h"

#define HTTP_NOT_MODIFIED 304
#define HTTP_TOO_MANY_REQUESTS 429
#define HTTP_INTERNAL_SERVER_ERROR 500

#define IF_NONE_MATCH "If-None-Match: "

struct secmgr_credential_service
{
	struct secmgr_service_settings settings;
	struct secmgr_http_client *http;
	struct question *questions; /* under way */
};

/* One lookup, over all of its tries. */
struct question
{
	struct secmgr_credential_service *service;
	struct question *next, **link;
	void *asker;
	long left_ms;		  /* when the present try began */
	size_t next_endpoint; /* those before it were tried, or refused by their breakers */
	/* The present try. */
	size_t endpoint;
	enum secmgr_breaker_permission permission;
	long try_ms;
	struct secmgr_freshness freshness;
	struct secmgr_entity_tag etag;
	/* What is asked. */
	size_t username_length, realm_length, condition_length;
	char username[SECMGR_USERNAME_MAX];
	char realm[SECMGR_REALM_MAX];
	char condition[sizeof(IF_NONE_MATCH) + SECMGR_ETAG_MAX]; /* a header field, NUL-terminated; or empty */
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

static struct secmgr_slice username_of(const struct question *question)
{
	return (struct secmgr_slice){question->username, question->username_length};
}

static struct secmgr_slice realm_of(const struct question *question)
{
	return (struct secmgr_slice){question->realm, question->realm_length};
}

/* Empty: the question is without. */
static struct secmgr_slice asked_etag_of(const struct question *question)
{
	size_t name_length = sizeof(IF_NONE_MATCH) - 1;

	if(question->condition_length == 0)
		return SECMGR_SLICE("");
	return (struct secmgr_slice){question->condition + name_length, question->condition_length - name_length};
}

static bool is_post(const struct question *question)
{
	return secmgr_profile_text(question->service->settings.profile, SECMGR_PROFILE_BODY).length > 0;
}

static struct secmgr_lifetimes lifetimes_of(const struct question *question, uint32_t default_s)
{
	return secmgr_freshness_lifetimes(
			&question->freshness, default_s, question->service->settings.stale_if_error_s);
}

/* An ETag of a POST's answer is of no use: the next one cannot be conditional (RFC 9110 section 13.1.2). */
static void take_known(const struct question *question, struct secmgr_service_answer *answer)
{
	answer->outcome = SECMGR_SERVICE_KNOWN;
	answer->lifetimes = lifetimes_of(question, question->service->settings.ttl_s);
	if(!is_post(question))
		answer->etag = secmgr_entity_tag_text(&question->etag);
}

/* Whatever ETag comes with it: some servers compress, and then do not agree with themselves about it. */
static void take_not_modified(const struct question *question, struct secmgr_service_answer *answer)
{
	answer->outcome = SECMGR_SERVICE_NOT_MODIFIED;
	answer->lifetimes = lifetimes_of(question, question->service->settings.ttl_s);
	answer->etag = asked_etag_of(question);
}

/* A service may shorten the time for which a name is held to be unknown, never make a subscriber it adds wait
 * longer. */
static void take_unknown(const struct question *question, struct secmgr_service_answer *answer)
{
	uint32_t negative_ttl_s = question->service->settings.negative_ttl_s;

	answer->outcome = SECMGR_SERVICE_UNKNOWN;
	answer->lifetimes = lifetimes_of(question, negative_ttl_s);
	answer->lifetimes.fresh_s = smaller(answer->lifetimes.fresh_s, negative_ttl_s);
	answer->lifetimes.keep = answer->lifetimes.keep && negative_ttl_s > 0;
}

/* The body's media type is not asked for: the record is read strictly whatever it is called. */
static void take_record(const struct question *question, struct secmgr_slice body, struct secmgr_service_answer *answer)
{
	switch(secmgr_credential_record_read(question->service->settings.profile, body, username_of(question),
			realm_of(question), &answer->credential, &answer->why)) {
		case SECMGR_RECORD_IS_SOUND:
			take_known(question, answer);
			break;
		case SECMGR_RECORD_SAYS_UNKNOWN:
			take_unknown(question, answer);
			break;
		case SECMGR_RECORD_IS_FAULTY:
			break;
	}
}

static void take_status(
		const struct question *question, const struct secmgr_http_answer *http, struct secmgr_service_answer *answer)
{
	if(http->status == HTTP_NOT_MODIFIED) {
		if(question->condition_length > 0)
			take_not_modified(question, answer);
		else
			answer->why = "the HTTP status is 304, but If-None-Match was not sent";
		return;
	}
	switch(secmgr_profile_judge(question->service->settings.profile, http->status)) {
		case SECMGR_PROFILE_MEANS_RECORD:
			take_record(question, http->body, answer);
			break;
		case SECMGR_PROFILE_MEANS_UNKNOWN:
			take_unknown(question, answer);
			break;
		case SECMGR_PROFILE_MEANS_FAULT:
			answer->why = "the HTTP status means nothing in the service_profile";
			break;
	}
}

static void take_answer(
		const struct question *question, const struct secmgr_http_answer *http, struct secmgr_service_answer *answer)
{
	memset(answer, 0, sizeof(*answer));
	answer->endpoint = question->endpoint;
	answer->status = http->status;
	if(http->outcome == SECMGR_HTTP_ANSWERED)
		take_status(question, http, answer);
	else
		answer->why = http->why;
	if(answer->outcome != SECMGR_SERVICE_FAULT)
		answer->why = NULL;
}

static void take_field(void *asker, struct secmgr_slice name, struct secmgr_slice value)
{
	struct question *question = asker;

	secmgr_freshness_take_field(&question->freshness, name, value);
	secmgr_entity_tag_take_field(&question->etag, name, value);
}

/* A lookup that spent its time in a queue, or at other endpoints, gives too little to judge by. */
static bool had_time_to_answer(const struct question *question)
{
	const struct secmgr_service_settings *settings = &question->service->settings;

	return question->try_ms >= settings->timeout_ms / (long)settings->endpoint_count / 2;
}

/* What the try says of the endpoint's health. One subscriber's bad record, too large a one included, does not make it
 * a bad endpoint. */
static enum secmgr_breaker_result result_of(const struct question *question, const struct secmgr_http_answer *http)
{
	switch(http->outcome) {
		case SECMGR_HTTP_ANSWERED:
			return http->status >= HTTP_INTERNAL_SERVER_ERROR || http->status == HTTP_TOO_MANY_REQUESTS
						   ? SECMGR_BREAKER_FAILED
						   : SECMGR_BREAKER_SUCCEEDED;
		case SECMGR_HTTP_TOO_LARGE:
			return SECMGR_BREAKER_SUCCEEDED;
		case SECMGR_HTTP_TIMED_OUT:
			return had_time_to_answer(question) ? SECMGR_BREAKER_FAILED : SECMGR_BREAKER_LEARNED_NOTHING;
		case SECMGR_HTTP_NOT_CONNECTED:
		case SECMGR_HTTP_BROKEN:
			return SECMGR_BREAKER_FAILED;
		case SECMGR_HTTP_NO_FREE_CONNECTION:
		case SECMGR_HTTP_OUT_OF_MEMORY:
			break;
	}
	return SECMGR_BREAKER_LEARNED_NOTHING;
}

static void report(const struct question *question, enum secmgr_breaker_result result, long status, const char *why)
{
	const struct secmgr_service_report tried = {.endpoint = question->endpoint,
			.permission = question->permission,
			.result = result,
			.status = status,
			.why = why};

	if(question->service->settings.report)
		question->service->settings.report(&tried);
}

/* The next one in order that may be asked. */
static bool choose_endpoint(struct question *question)
{
	const struct secmgr_service_settings *settings = &question->service->settings;

	while(question->next_endpoint < settings->endpoint_count) {
		question->endpoint = question->next_endpoint++;
		question->permission = settings->may_ask ? settings->may_ask(question->endpoint) : SECMGR_BREAKER_PERMITS;
		if(question->permission != SECMGR_BREAKER_REFUSES)
			return true;
	}
	return false;
}

/* An equal part of what is left for the chosen endpoint and each that may still have to be asked after it. */
static long share_of_time(const struct question *question)
{
	const struct secmgr_service_settings *settings = &question->service->settings;
	long tries = 1;

	for(size_t endpoint = question->next_endpoint; endpoint < settings->endpoint_count; endpoint++)
		tries += !settings->would_permit || settings->would_permit(endpoint);
	return question->left_ms / tries;
}

static bool can_be_said(const struct question *question)
{
	struct secmgr_profile_question said;

	return secmgr_profile_ask(question->service->settings.profile, SECMGR_SLICE(""), realm_of(question),
			username_of(question), &said);
}

static void gather_fields(const struct question *question, const struct secmgr_profile_question *said,
		const char *fields[SECMGR_PROFILE_HEADERS_MAX + 2])
{
	size_t count = 0;

	for(; said->fields[count]; count++)
		fields[count] = said->fields[count];
	if(question->condition_length > 0)
		fields[count++] = question->condition;
	fields[count] = NULL;
}

static bool start_try(struct question *question)
{
	const struct secmgr_service_settings *settings = &question->service->settings;
	const struct secmgr_service_endpoint *endpoint = &settings->endpoints[question->endpoint];
	const char *fields[SECMGR_PROFILE_HEADERS_MAX + 2];
	struct secmgr_profile_question said;
	struct secmgr_http_request request = {
			.url = said.url, .unix_path = endpoint->unix_path, .bearer = settings->bearer};

	question->try_ms = share_of_time(question);
	memset(&question->freshness, 0, sizeof(question->freshness));
	memset(&question->etag, 0, sizeof(question->etag));
	if(!secmgr_profile_ask(settings->profile, secmgr_slice_of(endpoint->base_url), realm_of(question),
			   username_of(question), &said))
		return false;
	gather_fields(question, &said, fields);
	request.fields = fields[0] ? fields : NULL;
	request.body = said.body;
	request.deadline_ms = question->try_ms;
	return secmgr_http_client_start(question->service->http, &request, question);
}

enum attempt
{
	ATTEMPT_IS_UNDER_WAY,
	ATTEMPT_IS_NOT_PERMITTED, /* anywhere */
	ATTEMPT_CANNOT_BE_MADE
};

static enum attempt attempt_next(struct question *question)
{
	if(!choose_endpoint(question))
		return ATTEMPT_IS_NOT_PERMITTED;
	if(start_try(question))
		return ATTEMPT_IS_UNDER_WAY;
	report(question, SECMGR_BREAKER_LEARNED_NOTHING, 0, "out of memory, or the URL is too long");
	return ATTEMPT_CANNOT_BE_MADE;
}

static void deliver(struct question *question, const struct secmgr_service_answer *answer)
{
	take_from_list(question);
	question->service->settings.answered(question->asker, answer);
	secmgr_wiping_free(question);
}

static void done(void *asker, const struct secmgr_http_answer *http)
{
	struct question *question = asker;
	struct secmgr_service_answer answer;

	take_answer(question, http, &answer);
	report(question, result_of(question, http), answer.status, answer.why);
	question->left_ms -= http->elapsed_ms;
	if(answer.outcome != SECMGR_SERVICE_FAULT || question->left_ms <= 0
			|| attempt_next(question) != ATTEMPT_IS_UNDER_WAY)
		deliver(question, &answer);
	OPENSSL_cleanse(&answer, sizeof(answer));
}

struct secmgr_credential_service *secmgr_credential_service_create(const struct secmgr_service_settings *settings)
{
	static const struct secmgr_http_handler handler = {.field = take_field, .done = done};
	struct secmgr_credential_service *service;

	if(settings->endpoint_count < 1 || settings->endpoint_count > SECMGR_SERVICE_ENDPOINTS_MAX)
		return NULL;
	service = secmgr_wiping_calloc(1, sizeof(*service));
	if(!service)
		return NULL;
	service->settings = *settings;
	service->settings.http.endpoints = (long)settings->endpoint_count;
	service->http = secmgr_http_client_create(&service->settings.http, &handler);
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

static void set_condition(struct question *question, struct secmgr_slice etag)
{
	struct secmgr_writer writer = secmgr_writer_into(question->condition, sizeof(question->condition) - 1);

	if(is_post(question) || !secmgr_entity_tag_is_sound(etag))
		return;
	secmgr_writer_add_text(&writer, IF_NONE_MATCH);
	secmgr_writer_add(&writer, etag);
	question->condition_length = writer.length;
}

static struct question *make_question(
		struct secmgr_credential_service *service, const struct secmgr_service_question *asked, void *asker)
{
	long timeout_ms = service->settings.timeout_ms;
	struct question *question;

	if(asked->username.length > SECMGR_USERNAME_MAX || asked->realm.length > SECMGR_REALM_MAX)
		return NULL;
	question = secmgr_wiping_calloc(1, sizeof(*question));
	if(!question)
		return NULL;
	question->service = service;
	question->asker = asker;
	question->left_ms = asked->left_ms < timeout_ms ? asked->left_ms : timeout_ms;
	question->username_length = asked->username.length;
	question->realm_length = asked->realm.length;
	memcpy(question->username, asked->username.at, asked->username.length);
	memcpy(question->realm, asked->realm.at, asked->realm.length);
	set_condition(question, asked->etag);
	return question;
}

bool secmgr_credential_service_ask(
		struct secmgr_credential_service *service, const struct secmgr_service_question *asked, void *asker)
{
	static const struct secmgr_service_answer refused = {
			.outcome = SECMGR_SERVICE_FAULT, .why = "all endpoints' breakers are open"};
	static const struct secmgr_service_answer unknown = {.outcome = SECMGR_SERVICE_UNKNOWN};
	struct question *question = make_question(service, asked, asker);

	if(!question)
		return false;
	put_in_list(question);
	if(!can_be_said(question)) {
		deliver(question, &unknown);
		return true;
	}
	switch(attempt_next(question)) {
		case ATTEMPT_IS_UNDER_WAY:
			return true;
		case ATTEMPT_IS_NOT_PERMITTED:
			deliver(question, &refused);
			return true;
		case ATTEMPT_CANNOT_BE_MADE:
			break;
	}
	take_from_list(question);
	secmgr_wiping_free(question);
	return false;
}

void secmgr_credential_service_wait(struct secmgr_credential_service *service, int fd, int wait_ms)
{
	secmgr_http_client_wait(service->http, fd, wait_ms);
}

size_t secmgr_credential_service_under_way(const struct secmgr_credential_service *service)
{
	return secmgr_http_client_under_way(service->http);
}

bool secmgr_credential_service_has_room(const struct secmgr_credential_service *service)
{
	return secmgr_http_client_has_room(service->http);
}
