/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "credential_service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <CUnit/Basic.h>

#include "digest.h"
#include "failing_memory.h"
#include "http_server.h"

void secmgr_test_credential_service(void);

#define CHECK_CASE(good, sentence) CU_assertImplementation((good), __LINE__, (sentence), __FILE__, "", CU_FALSE)

#define ENOUGH_MS 60000
#define SHORT_MS 60
#define STEPS_MAX 100000
#define TTL_S 300
#define NEGATIVE_TTL_S 30

#define MD5 "00112233445566778899aabbccddeeff"
#define RECORD "{\"username\":\"alice\",\"realm\":\"example.org\",\"ha1\":{\"MD5\":\"" MD5 "\"},\"policy\":\"trunk\"}"

struct asker
{
	unsigned answered;
	struct secmgr_service_answer answer;
	char why[256], etag[80];
};

static struct http_server server, others[2]; /* the endpoints in their order; those not opened are all zero */
static struct secmgr_credential_service *service;
static struct secmgr_service_settings settings;
static struct secmgr_profile profile;
static struct asker askers[20];
static char base_url[64], other_urls[2][64];

/* The breakers as the caller has them: what they say, and what they were told. */
static struct
{
	enum secmgr_breaker_permission permission;
	unsigned permitted, reported;
	struct secmgr_service_report last;
	bool has_words;
} breakers[3];

static void note_answer(void *context, const struct secmgr_service_answer *answer)
{
	struct asker *asker = context;

	asker->answered++;
	asker->answer = *answer;
	if(answer->why) {
		snprintf(asker->why, sizeof(asker->why), "%s", answer->why);
		asker->answer.why = asker->why;
	}
	snprintf(asker->etag, sizeof(asker->etag), "%.*s", (int)answer->etag.length, answer->etag.at);
}

static int start_libraries(void)
{
	return secmgr_digest_init() && secmgr_credential_service_use_wiping_memory() ? 0 : 1;
}

static int stop_libraries(void)
{
	secmgr_digest_destroy();
	return 0;
}

static void use_profile(const char *text)
{
	char wrong[SECMGR_PROFILE_WHY_MAX];

	if(!secmgr_profile_read(secmgr_slice_of(text), &profile, wrong))
		CHECK_CASE(false, wrong);
}

static void open_service(void)
{
	service = secmgr_credential_service_create(&settings);
	CU_ASSERT_PTR_NOT_NULL_FATAL(service);
}

static void open_both(void)
{
	use_profile("native");
	http_server_listen(&server, NULL);
	snprintf(base_url, sizeof(base_url), "http://127.0.0.1:%u/base", server.port);
	settings = (struct secmgr_service_settings){
			.endpoints = {{.base_url = base_url}},
			.endpoint_count = 1,
			.profile = &profile,
			.timeout_ms = ENOUGH_MS,
			.ttl_s = TTL_S,
			.negative_ttl_s = NEGATIVE_TTL_S,
			.http = {.connect_timeout_ms = ENOUGH_MS, .connections = 4, .body_max = 65536},
			.answered = note_answer,
	};
	memset(askers, 0, sizeof(askers));
	open_service();
}

static void close_both(void)
{
	secmgr_credential_service_destroy(service);
	http_server_close(&server);
	for(size_t i = 0; i < 2; i++)
		if(others[i].port)
			http_server_close(&others[i]);
	memset(others, 0, sizeof(others));
}

static enum secmgr_breaker_permission may_ask(size_t endpoint)
{
	breakers[endpoint].permitted += breakers[endpoint].permission != SECMGR_BREAKER_REFUSES;
	return breakers[endpoint].permission;
}

static bool would_permit(size_t endpoint)
{
	return breakers[endpoint].permission != SECMGR_BREAKER_REFUSES;
}

static void note_report(const struct secmgr_service_report *report)
{
	breakers[report->endpoint].reported++;
	breakers[report->endpoint].last = *report;
	breakers[report->endpoint].has_words = report->why && report->why[0];
}

static void forget_reports(void)
{
	memset(breakers, 0, sizeof(breakers));
	for(size_t i = 0; i < 3; i++)
		breakers[i].permission = SECMGR_BREAKER_PERMITS;
}

/* Three endpoints with their breakers. */
static void open_all(void)
{
	open_both();
	secmgr_credential_service_destroy(service);
	for(size_t i = 0; i < 2; i++) {
		http_server_listen(&others[i], NULL);
		snprintf(other_urls[i], sizeof(other_urls[i]), "http://127.0.0.1:%u", others[i].port);
		settings.endpoints[i + 1].base_url = other_urls[i];
	}
	settings.endpoint_count = 3;
	settings.may_ask = may_ask;
	settings.would_permit = would_permit;
	settings.report = note_report;
	forget_reports();
	open_service();
}

static void run(void)
{
	unsigned steps = 0;

	while(secmgr_credential_service_under_way(service) > 0 && steps++ < STEPS_MAX) {
		secmgr_credential_service_wait(service, -1, 1);
		http_server_step(&server);
		for(size_t i = 0; i < 2; i++)
			if(others[i].port)
				http_server_step(&others[i]);
	}
	CU_ASSERT_EQUAL(secmgr_credential_service_under_way(service), 0);
}

static bool start(struct secmgr_slice username, struct secmgr_slice realm, long left_ms, struct asker *asker)
{
	const struct secmgr_service_question question = {.username = username, .realm = realm, .left_ms = left_ms};

	return secmgr_credential_service_ask(service, &question, asker);
}

static const struct secmgr_service_answer *ask_about(const char *username, long left_ms)
{
	memset(&askers[0], 0, sizeof(askers[0]));
	CU_ASSERT_TRUE_FATAL(start(secmgr_slice_of(username), SECMGR_SLICE("example.org"), left_ms, &askers[0]));
	run();
	CU_ASSERT_EQUAL(askers[0].answered, 1);
	return &askers[0].answer;
}

static const struct secmgr_service_answer *ask(void)
{
	return ask_about("alice", ENOUGH_MS);
}

/* With this status, header fields (each with its line end) and body. */
static const struct secmgr_service_answer *ask_for(const char *status, const char *fields, const char *body)
{
	static char reply[4096];

	snprintf(
			reply, sizeof(reply), "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n%s", status, fields, strlen(body), body);
	server.reply = (struct http_reply){.bytes = reply};
	return ask();
}

static bool allows_nobody(const struct secmgr_credential *credential)
{
	return credential->subscriber == SECMGR_SUBSCRIBER_UNKNOWN && credential->ha1_present == 0;
}

static bool is_fault(const struct secmgr_service_answer *answer)
{
	return answer->outcome == SECMGR_SERVICE_FAULT && answer->why && answer->why[0] && !answer->lifetimes.keep
		   && allows_nobody(&answer->credential);
}

static void a_subscriber_is_known_with_his_credential(void)
{
	const struct secmgr_service_answer *answer;

	open_both();
	answer = ask_for("200 OK", "", RECORD);
	CU_ASSERT_EQUAL(answer->outcome, SECMGR_SERVICE_KNOWN);
	CU_ASSERT_EQUAL(answer->status, 200);
	CU_ASSERT_PTR_NULL(answer->why);
	CU_ASSERT_EQUAL(answer->lifetimes.fresh_s, TTL_S);
	CU_ASSERT_EQUAL(answer->credential.subscriber, SECMGR_SUBSCRIBER_ACTIVE);
	CU_ASSERT_TRUE(secmgr_credential_has(&answer->credential, SECMGR_HASH_MD5));
	CU_ASSERT_TRUE(secmgr_slice_equals(secmgr_credential_policy(&answer->credential), SECMGR_SLICE("trunk")));
	close_both();
}

static void the_question_is_below_the_service_url(void)
{
	open_both();
	(void)ask_for("404 Not Found", "", "");
	CU_ASSERT_PTR_NOT_NULL(
			strstr(server.last_request, "GET /base/v1/realms/example.org/subscribers/alice HTTP/1.1\r\n"));
	(void)ask_about("../a b?c#d", ENOUGH_MS);
	CU_ASSERT_PTR_NOT_NULL(
			strstr(server.last_request, "GET /base/v1/realms/example.org/subscribers/..%2Fa%20b%3Fc%23d HTTP/1.1\r\n"));
	(void)ask_about("..", ENOUGH_MS);
	CU_ASSERT_PTR_NOT_NULL(
			strstr(server.last_request, "GET /base/v1/realms/example.org/subscribers/%2E%2E HTTP/1.1\r\n"));
	close_both();
}

static void the_service_says_how_long_a_record_is_fresh(void)
{
	static const struct
	{
		const char *fields;
		uint32_t lifetime_s;
	} answers[] = {
			{"", TTL_S},
			{"Cache-Control: max-age=7200\r\n", 7200},
			{"cache-control: max-age=60\r\nage: 20\r\n", 40},
			{"Cache-Control: no-store\r\n", 0},
			{"Cache-Control: max-age=60\r\nVary: *\r\n", 0},
			{"Cache-Control: max-age=99999999\r\n", 86400},
	};

	open_both();
	for(size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		const struct secmgr_service_answer *answer = ask_for("200 OK", answers[i].fields, RECORD);

		CHECK_CASE(answer->outcome == SECMGR_SERVICE_KNOWN, answers[i].fields);
		CHECK_CASE(answer->lifetimes.fresh_s == answers[i].lifetime_s, answers[i].fields);
	}
	close_both();
}

static void an_unknown_subscriber_is_unknown_for_a_short_time(void)
{
	static const struct
	{
		const char *status, *fields;
		uint32_t lifetime_s;
	} answers[] = {
			{"404 Not Found", "", NEGATIVE_TTL_S},
			{"410 Gone", "", NEGATIVE_TTL_S},
			{"404 Not Found", "Cache-Control: max-age=10\r\n", 10},
			{"404 Not Found", "Cache-Control: max-age=86400\r\n", NEGATIVE_TTL_S},
			{"404 Not Found", "Cache-Control: no-store\r\n", 0},
	};

	open_both();
	for(size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		const struct secmgr_service_answer *answer = ask_for(answers[i].status, answers[i].fields, RECORD);

		CHECK_CASE(answer->outcome == SECMGR_SERVICE_UNKNOWN, answers[i].fields);
		CHECK_CASE(answer->lifetimes.fresh_s == answers[i].lifetime_s, answers[i].fields);
		CHECK_CASE(allows_nobody(&answer->credential), answers[i].fields);
	}
	close_both();
}

static void an_unknown_subscriber_is_not_kept_where_the_configuration_forbids_it(void)
{
	open_both();
	secmgr_credential_service_destroy(service);
	settings.negative_ttl_s = 0;
	settings.stale_if_error_s = 3600;
	open_service();
	CU_ASSERT_FALSE(ask_for("404 Not Found", "Cache-Control: max-age=60\r\n", "")->lifetimes.keep);
	CU_ASSERT_TRUE(ask_for("200 OK", "Cache-Control: max-age=60\r\n", RECORD)->lifetimes.keep);
	CU_ASSERT_EQUAL(askers[0].answer.lifetimes.stale_if_error_s, 3600);
	close_both();
}

static void every_other_status_is_a_fault(void)
{
	static const char *const statuses[] = {"201 Created", "202 Accepted", "203 Other", "206 Partial", "300 Choices",
			"301 Moved", "302 Found", "307 Temporary", "400 Bad", "401 Who", "403 No", "405 No", "407 Proxy",
			"408 Late", "409 Conflict", "429 Slow", "500 Oops", "502 Bad", "503 Busy", "504 Late", "999 What"};

	open_both();
	for(size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		const struct secmgr_service_answer *answer =
				ask_for(statuses[i], "Location: /elsewhere\r\nCache-Control: max-age=60\r\n", RECORD);

		CHECK_CASE(is_fault(answer), statuses[i]);
		CHECK_CASE(answer->status == strtol(statuses[i], NULL, 10), statuses[i]);
	}
	server.reply = (struct http_reply){.bytes = "HTTP/1.1 204 No Content\r\n\r\n"};
	CU_ASSERT_TRUE(is_fault(ask()));
	server.reply = (struct http_reply){.bytes = "HTTP/1.1 304 Not Modified\r\n\r\n"};
	CU_ASSERT_TRUE(is_fault(ask()));
	close_both();
}

static void a_record_that_is_wrong_is_a_fault(void)
{
	static const char *const records[] = {
			"",
			"<html></html>",
			"{\"username\":\"bob\",\"realm\":\"example.org\",\"ha1\":{\"MD5\":\"" MD5 "\"}}",
			"{\"username\":\"alice\",\"realm\":\"example.com\",\"ha1\":{\"MD5\":\"" MD5 "\"}}",
			"{\"username\":\"alice\",\"realm\":\"example.org\",\"ha1\":{\"MD5\":\"" MD5 MD5 "\"}}",
	};

	open_both();
	for(size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		const struct secmgr_service_answer *answer = ask_for("200 OK", "", records[i]);

		CHECK_CASE(is_fault(answer) && answer->status == 200, records[i]);
	}
	close_both();
}

static void a_404_cut_at_any_byte_is_no_unknown_subscriber(void)
{
	static const char reply[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}";

	open_both();
	for(size_t length = 1; length < sizeof(reply) - 1; length++) {
		server.reply = (struct http_reply){.bytes = reply, .length = length, .hang_up = true};
		CU_ASSERT_TRUE(is_fault(ask()));
	}
	close_both();
}

/* To whoever asks: the record of the name in the path. */
static struct http_reply answer_by_name(struct http_server *asked, const char *request)
{
	static char replies[HTTP_SERVER_CONNECTIONS * 4][512];
	const char *name = strstr(request, "/subscribers/") + strlen("/subscribers/");
	char *reply = replies[asked->requests % (HTTP_SERVER_CONNECTIONS * 4)], body[256];

	snprintf(body, sizeof(body), "{\"username\":\"%.*s\",\"realm\":\"example.org\",\"ha1\":{\"MD5\":\"" MD5 "\"}}",
			(int)strcspn(name, " "), name);
	snprintf(reply, sizeof(replies[0]), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
	return (struct http_reply){.bytes = reply, .byte_by_byte = asked->requests % 2 == 0};
}

static void many_questions_at_once_get_their_own_answers(void)
{
	const unsigned count = sizeof(askers) / sizeof(askers[0]);

	open_both();
	server.answer = answer_by_name;
	for(unsigned i = 0; i < count; i++) {
		char username[16];

		snprintf(username, sizeof(username), "user%u", i);
		CU_ASSERT_TRUE(start(secmgr_slice_of(username), SECMGR_SLICE("example.org"), ENOUGH_MS, &askers[i]));
	}
	CU_ASSERT_EQUAL(secmgr_credential_service_under_way(service), count);
	run();
	for(unsigned i = 0; i < count; i++) {
		CU_ASSERT_EQUAL(askers[i].answered, 1);
		CU_ASSERT_EQUAL(askers[i].answer.outcome, SECMGR_SERVICE_KNOWN);
	}
	CU_ASSERT_EQUAL(server.requests, count);
	CU_ASSERT_TRUE(server.open_at_most <= 4);
	close_both();
}

static void the_shorter_of_both_deadlines_counts(void)
{
	open_both();
	CU_ASSERT_TRUE(is_fault(ask_about("alice", SHORT_MS)));
	CU_ASSERT_EQUAL(askers[0].answer.status, 0);
	CU_ASSERT_TRUE(is_fault(ask_about("alice", 0)));
	CU_ASSERT_TRUE(is_fault(ask_about("alice", -5)));
	secmgr_credential_service_destroy(service);
	settings.timeout_ms = SHORT_MS;
	open_service();
	CU_ASSERT_TRUE(is_fault(ask_about("alice", 100 * ENOUGH_MS)));
	close_both();
}

static void a_service_that_is_not_there_is_a_fault(void)
{
	open_both();
	close(server.listener);
	server.listener = dup(0);
	CU_ASSERT_TRUE(is_fault(ask()));
	CU_ASSERT_EQUAL(askers[0].answer.status, 0);
	close_both();
}

static void names_without_bounds_are_not_asked_about(void)
{
	char name[SECMGR_USERNAME_MAX + SECMGR_REALM_MAX];
	struct secmgr_slice longest = {name, SECMGR_USERNAME_MAX}, longer = {name, SECMGR_USERNAME_MAX + 1},
						longer_realm = {name, SECMGR_REALM_MAX + 1}, realm = SECMGR_SLICE("example.org");

	memset(name, '/', sizeof(name));
	open_both();
	CU_ASSERT_FALSE(start(longer, realm, ENOUGH_MS, &askers[0]));
	CU_ASSERT_FALSE(start(SECMGR_SLICE("alice"), longer_realm, ENOUGH_MS, &askers[0]));
	CU_ASSERT_TRUE(start(longest, (struct secmgr_slice){name, SECMGR_REALM_MAX}, ENOUGH_MS, &askers[0]));
	CU_ASSERT_EQUAL(secmgr_credential_service_under_way(service), 1);
	close_both();
	CU_ASSERT_EQUAL(askers[0].answered, 0);
}

/* "a:b" is the name of nobody where names are tokens. */
static void a_name_that_the_profile_cannot_say_is_nobodys(void)
{
	open_both();
	CU_ASSERT_EQUAL(ask_about("", ENOUGH_MS)->outcome, SECMGR_SERVICE_UNKNOWN);
	use_profile("name=own;url={base}/x;header=X-User: {username};username=unchecked;realm=unchecked;ha1_md5=/h");
	CU_ASSERT_EQUAL(ask_about("a:b\r\nX: y", ENOUGH_MS)->outcome, SECMGR_SERVICE_UNKNOWN);
	CU_ASSERT_PTR_NULL(askers[0].answer.why);
	CU_ASSERT_FALSE(askers[0].answer.lifetimes.keep);
	CU_ASSERT_TRUE(allows_nobody(&askers[0].answer.credential));
	CU_ASSERT_EQUAL(server.requests, 0);
	close_both();
}

static void a_profile_with_a_body_is_posted(void)
{
	open_both();
	use_profile("name=own;url={base}/rpc?r={realm};header=X-User: {username};body={\"u\":\"{username}\"};"
				"username=/u;realm=unchecked;password=/p;known=201;unknown=202;unknown_if=/e:gone");
	(void)ask_for("201 Created", "ETag: \"1\"\r\n", "{\"u\":\"alice\",\"p\":\"wonderland\"}");
	CU_ASSERT_EQUAL(askers[0].answer.outcome, SECMGR_SERVICE_KNOWN);
	CU_ASSERT_EQUAL(askers[0].answer.credential.ha1_present, (1u << SECMGR_HASH_COUNT) - 1);
	CU_ASSERT_STRING_EQUAL(askers[0].etag, "");
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "POST /base/rpc?r=example.org HTTP/1.1\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "\r\nX-User: alice\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "\r\nContent-Type: application/json\r\n"));
	CU_ASSERT_EQUAL(ask_for("201 Created", "", "{\"e\":\"gone\"}")->outcome, SECMGR_SERVICE_UNKNOWN);
	CU_ASSERT_EQUAL(askers[0].answer.lifetimes.fresh_s, NEGATIVE_TTL_S);
	CU_ASSERT_EQUAL(ask_for("202 Accepted", "", "x")->outcome, SECMGR_SERVICE_UNKNOWN);
	CU_ASSERT_TRUE(is_fault(ask_for("201 Created", "", "{\"e\":\"broken\"}")));
	CU_ASSERT_TRUE(is_fault(ask_for("200 OK", "", "{\"u\":\"alice\",\"p\":\"wonderland\"}")));
	CU_ASSERT_STRING_EQUAL(askers[0].why, "the HTTP status means nothing in the service_profile");
	CU_ASSERT_TRUE(is_fault(ask_for("404 Not Found", "", "")));
	close_both();
}

static void an_etag_is_not_asked_with_in_a_post(void)
{
	const struct secmgr_service_question question = {.username = SECMGR_SLICE("alice"),
			.realm = SECMGR_SLICE("example.org"), .etag = SECMGR_SLICE("\"1\""), .left_ms = ENOUGH_MS};

	open_both();
	use_profile("cgrates");
	server.reply = (struct http_reply){.bytes = "HTTP/1.1 304 Not Modified\r\n\r\n"};
	CU_ASSERT_TRUE(secmgr_credential_service_ask(service, &question, &askers[0]));
	run();
	CU_ASSERT_TRUE(is_fault(&askers[0].answer));
	CU_ASSERT_PTR_NULL(strstr(server.last_request, "If-None-Match"));
	close_both();
}

static void a_side_car_is_asked_through_its_socket_with_the_token(void)
{
	char directory[] = "/tmp/secmgr-test-XXXXXX", path[64];

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/socket", directory);
	open_both();
	close_both();
	http_server_listen(&server, path);
	settings.endpoints[0].base_url = "http://localhost";
	settings.endpoints[0].unix_path = path;
	settings.bearer = "secret-token";
	open_service();
	CU_ASSERT_EQUAL(ask_for("200 OK", "", RECORD)->outcome, SECMGR_SERVICE_KNOWN);
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "GET /v1/realms/example.org/subscribers/alice HTTP/1.1\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "\r\nAuthorization: Bearer secret-token\r\n"));
	close_both();
	unlink(path);
	rmdir(directory);
}

#define TEXT_OF(body) "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" body
#define WITH_HA1(ha1) TEXT_OF("{\"username\":\"alice\",\"realm\":\"example.org\",\"ha1\":" ha1 "}")
#define NINE_DEEP "[[[[[[[[["
#define GOOD_REPLY TEXT_OF(RECORD)

/* Each with what it says of the endpoint: a service that lies about one subscriber is not down. */
static const struct
{
	struct http_reply reply;
	enum secmgr_breaker_result result;
} lies[] = {
		{{.bytes = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"}, SECMGR_BREAKER_FAILED},
		{{.bytes = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: 9\r\n\r\n"}, SECMGR_BREAKER_FAILED},
		{{.bytes = "HTTP/1.1 599 What\r\nContent-Length: 0\r\n\r\n"}, SECMGR_BREAKER_FAILED},
		{{.bytes = "HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n"}, SECMGR_BREAKER_FAILED},
		{{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" RECORD, .hang_up = true}, SECMGR_BREAKER_FAILED},
		{{.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"use", .hang_up = true},
				SECMGR_BREAKER_FAILED},
		{{.bytes = "SSH-2.0-OpenSSH_9.2\r\n", .hang_up = true}, SECMGR_BREAKER_FAILED},
		{{.bytes = "H", .hang_up = true}, SECMGR_BREAKER_FAILED},
		{{.bytes = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"}, SECMGR_BREAKER_FAILED},
		{{.bytes = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60,\r\n no-store\r\n\r\n" RECORD, .hang_up = true},
				SECMGR_BREAKER_FAILED},
		{{.bytes = "HTTP/1.1 200 OK\r\n\r\n", .endless = "x"}, SECMGR_BREAKER_SUCCEEDED},
		{{.bytes = "HTTP/1.1 200 OK\r\n", .endless = "X: y\r\n"}, SECMGR_BREAKER_SUCCEEDED},
		{{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n", .endless = " "}, SECMGR_BREAKER_SUCCEEDED},
		{{.bytes = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"},
				SECMGR_BREAKER_SUCCEEDED},
		{{.bytes = "HTTP/1.1 401 Who\r\nContent-Length: 0\r\n\r\n"}, SECMGR_BREAKER_SUCCEEDED},
		{{.bytes = "HTTP/1.1 204 No Content\r\n\r\n"}, SECMGR_BREAKER_SUCCEEDED},
		{{.bytes = "HTTP/1.1 206 Partial\r\nContent-Length: 2\r\n\r\n{}"}, SECMGR_BREAKER_SUCCEEDED},
		{{.bytes = "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n"}, SECMGR_BREAKER_SUCCEEDED},
		{{.bytes = TEXT_OF(""), .hang_up = true}, SECMGR_BREAKER_SUCCEEDED},
		{{.bytes = TEXT_OF("null"), .hang_up = true}, SECMGR_BREAKER_SUCCEEDED},
		{{.bytes = TEXT_OF(NINE_DEEP NINE_DEEP NINE_DEEP), .hang_up = true}, SECMGR_BREAKER_SUCCEEDED},
		{{.bytes = TEXT_OF(RECORD RECORD), .hang_up = true}, SECMGR_BREAKER_SUCCEEDED},
		{{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" RECORD}, SECMGR_BREAKER_SUCCEEDED},
		{{.bytes = TEXT_OF("{\"username\":\"bob\",\"realm\":\"example.org\",\"ha1\":{\"MD5\":\"" MD5 "\"}}"),
				 .hang_up = true},
				SECMGR_BREAKER_SUCCEEDED},
		{{.bytes = TEXT_OF("{\"username\":\"alice\",\"realm\":\"example.com\",\"ha1\":{\"MD5\":\"" MD5 "\"}}"),
				 .hang_up = true},
				SECMGR_BREAKER_SUCCEEDED},
		{{.bytes = TEXT_OF("{\"username\":\"bob\",\"username\":\"alice\",\"realm\":\"example.org\",\"ha1\":{\"MD5\":\"" MD5
						   "\"}}"),
				 .hang_up = true},
				SECMGR_BREAKER_SUCCEEDED},
		{{.bytes = WITH_HA1("{}"), .hang_up = true}, SECMGR_BREAKER_SUCCEEDED},
		{{.bytes = WITH_HA1("\"" MD5 "\""), .hang_up = true}, SECMGR_BREAKER_SUCCEEDED},
		{{.bytes = WITH_HA1("{\"MD5\":42}"), .hang_up = true}, SECMGR_BREAKER_SUCCEEDED},
		{{.bytes = WITH_HA1("{\"MD5\":\"\"}"), .hang_up = true}, SECMGR_BREAKER_SUCCEEDED},
		{{.bytes = WITH_HA1("{\"MD5\":\"" MD5 "00\"}"), .hang_up = true}, SECMGR_BREAKER_SUCCEEDED},
		{{.bytes = WITH_HA1("{\"MD5\":\"zz112233445566778899aabbccddeeff\"}"), .hang_up = true},
				SECMGR_BREAKER_SUCCEEDED},
		{{.bytes = WITH_HA1("{\"SHA-256\":\"" MD5 "\"}"), .hang_up = true}, SECMGR_BREAKER_SUCCEEDED},
};

#define LIES (sizeof(lies) / sizeof(lies[0]))

static void every_lie_is_a_fault_that_leaves_nothing_behind(void)
{
	for(size_t i = 0; i < LIES; i++) {
		open_both();
		server.reply = lies[i].reply;
		CHECK_CASE(is_fault(ask()), lies[i].reply.bytes);
		CHECK_CASE(!strstr(askers[0].why, MD5) && !strchr(askers[0].why, '\n'), lies[i].reply.bytes);
		server.reply = (struct http_reply){.bytes = GOOD_REPLY, .hang_up = true};
		CHECK_CASE(ask()->outcome == SECMGR_SERVICE_KNOWN, lies[i].reply.bytes);
		close_both();
	}
}

static void every_fault_goes_on_to_the_next_endpoint_once(void)
{
	for(size_t i = 0; i < LIES; i++) {
		open_all();
		server.reply = lies[i].reply;
		others[0].reply = (struct http_reply){.bytes = GOOD_REPLY, .hang_up = true};
		CHECK_CASE(ask()->outcome == SECMGR_SERVICE_KNOWN, lies[i].reply.bytes);
		CHECK_CASE(askers[0].answer.endpoint == 1 && askers[0].answer.status == 200, lies[i].reply.bytes);
		CHECK_CASE(server.requests == 1 && others[0].requests == 1 && others[1].accepted == 0, lies[i].reply.bytes);
		CHECK_CASE(breakers[0].reported == 1 && breakers[0].last.result == lies[i].result, lies[i].reply.bytes);
		CHECK_CASE(breakers[0].has_words, lies[i].reply.bytes);
		CHECK_CASE(breakers[1].reported == 1 && breakers[1].last.result == SECMGR_BREAKER_SUCCEEDED
						   && !breakers[1].last.why,
				lies[i].reply.bytes);
		CHECK_CASE(breakers[2].permitted == 0 && breakers[2].reported == 0, lies[i].reply.bytes);
		close_both();
	}
}

static void an_answer_hung_up_at_each_byte_goes_on_to_the_next_endpoint(void)
{
	static const char reply[] = "HTTP/1.1 404 Not Found\r\nCache-Control: max-age=9\r\nContent-Length: 2\r\n\r\n{}";

	for(size_t length = 1; length < sizeof(reply) - 1; length++) {
		open_all();
		server.reply = (struct http_reply){.bytes = reply, .length = length, .hang_up = true};
		others[0].reply = (struct http_reply){.bytes = GOOD_REPLY, .hang_up = true};
		CU_ASSERT_EQUAL(ask()->outcome, SECMGR_SERVICE_KNOWN);
		CU_ASSERT_EQUAL(askers[0].answer.lifetimes.fresh_s, TTL_S); /* nothing of the first answer is in the second */
		CU_ASSERT_EQUAL(breakers[0].last.result, SECMGR_BREAKER_FAILED);
		close_both();
	}
}

static void an_unknown_subscriber_is_not_asked_about_elsewhere(void)
{
	open_all();
	CU_ASSERT_EQUAL(ask_for("404 Not Found", "", "")->outcome, SECMGR_SERVICE_UNKNOWN);
	CU_ASSERT_EQUAL(others[0].accepted, 0);
	CU_ASSERT_EQUAL(breakers[0].last.result, SECMGR_BREAKER_SUCCEEDED);
	close_both();
}

static void a_service_that_fails_everywhere_is_asked_everywhere_once(void)
{
	open_all();
	close(server.listener);
	server.listener = dup(0);
	others[0].reply = (struct http_reply){.bytes = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"};
	others[1].reply = (struct http_reply){.bytes = "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"};
	CU_ASSERT_TRUE(is_fault(ask()));
	CU_ASSERT_EQUAL(askers[0].answer.endpoint, 2);
	CU_ASSERT_EQUAL(askers[0].answer.status, 403);
	CU_ASSERT_TRUE(others[0].requests == 1 && others[1].requests == 1);
	CU_ASSERT_EQUAL(breakers[0].last.result, SECMGR_BREAKER_FAILED);
	CU_ASSERT_EQUAL(breakers[1].last.result, SECMGR_BREAKER_FAILED);
	CU_ASSERT_EQUAL(breakers[2].last.result, SECMGR_BREAKER_SUCCEEDED);
	close_both();
}

/* The first two never answer: had either of them all the time, there would be none for the last. */
static void an_endpoint_that_hangs_leaves_time_for_the_others(void)
{
	open_all();
	secmgr_credential_service_destroy(service);
	settings.timeout_ms = 20 * SHORT_MS;
	open_service();
	others[1].reply = (struct http_reply){.bytes = GOOD_REPLY, .hang_up = true};
	CU_ASSERT_EQUAL(ask()->outcome, SECMGR_SERVICE_KNOWN);
	CU_ASSERT_EQUAL(askers[0].answer.endpoint, 2);
	CU_ASSERT_EQUAL(breakers[0].last.result, SECMGR_BREAKER_FAILED);
	CU_ASSERT_EQUAL(breakers[1].last.result, SECMGR_BREAKER_FAILED);
	close_both();
}

static void an_endpoint_that_drips_is_as_one_that_hangs(void)
{
	open_all();
	secmgr_credential_service_destroy(service);
	settings.timeout_ms = 20 * SHORT_MS;
	open_service();
	server.reply = (struct http_reply){
			.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", .endless = " ", .byte_by_byte = true};
	others[0].reply = (struct http_reply){.bytes = GOOD_REPLY, .hang_up = true};
	CU_ASSERT_EQUAL(ask()->outcome, SECMGR_SERVICE_KNOWN);
	CU_ASSERT_EQUAL(askers[0].answer.endpoint, 1);
	CU_ASSERT_EQUAL(breakers[0].last.result, SECMGR_BREAKER_FAILED);
	close_both();
}

static void a_lookup_that_came_late_says_nothing_of_the_endpoint(void)
{
	open_all();
	CU_ASSERT_TRUE(is_fault(ask_about("alice", SHORT_MS)));
	CU_ASSERT_EQUAL(breakers[0].reported, 1);
	CU_ASSERT_EQUAL(breakers[0].last.result, SECMGR_BREAKER_LEARNED_NOTHING);
	close_both();
}

static void an_endpoint_whose_breaker_is_open_is_passed_over(void)
{
	open_all();
	breakers[0].permission = SECMGR_BREAKER_REFUSES;
	breakers[1].permission = SECMGR_BREAKER_PERMITS_A_PROBE;
	others[0].reply = (struct http_reply){.bytes = GOOD_REPLY, .hang_up = true};
	CU_ASSERT_EQUAL(ask()->outcome, SECMGR_SERVICE_KNOWN);
	CU_ASSERT_EQUAL(server.accepted, 0);
	CU_ASSERT_EQUAL(breakers[0].reported, 0);
	CU_ASSERT_EQUAL(breakers[1].last.permission, SECMGR_BREAKER_PERMITS_A_PROBE);
	CU_ASSERT_EQUAL(breakers[1].last.result, SECMGR_BREAKER_SUCCEEDED);
	close_both();
}

static void nobody_waits_when_all_breakers_are_open(void)
{
	open_all();
	for(size_t i = 0; i < 3; i++)
		breakers[i].permission = SECMGR_BREAKER_REFUSES;
	CU_ASSERT_TRUE(start(SECMGR_SLICE("alice"), SECMGR_SLICE("example.org"), ENOUGH_MS, &askers[0]));
	CU_ASSERT_EQUAL(askers[0].answered, 1);
	CU_ASSERT_TRUE(is_fault(&askers[0].answer));
	CU_ASSERT_STRING_EQUAL(askers[0].why, "all endpoints' breakers are open");
	CU_ASSERT_EQUAL(secmgr_credential_service_under_way(service), 0);
	for(size_t i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(breakers[i].reported, 0);
	close_both();
}

/* With the breakers' real rules in between: a dead endpoint is asked five times, and then left alone. */
static struct secmgr_breaker real_breakers[3];

static enum secmgr_breaker_permission ask_breaker(size_t endpoint)
{
	return secmgr_breaker_ask(&real_breakers[endpoint], 1000);
}

static bool look_at_breaker(size_t endpoint)
{
	return secmgr_breaker_would_permit(&real_breakers[endpoint], 1000);
}

static void tell_breaker(const struct secmgr_service_report *report)
{
	(void)secmgr_breaker_report(&real_breakers[report->endpoint], report->permission, report->result, 1000);
}

static void a_dead_endpoint_is_left_alone_after_five_lookups(void)
{
	open_all();
	secmgr_credential_service_destroy(service);
	settings.may_ask = ask_breaker;
	settings.would_permit = look_at_breaker;
	settings.report = tell_breaker;
	for(size_t i = 0; i < 3; i++)
		secmgr_breaker_init(&real_breakers[i], 5000, 3000);
	open_service();
	server.reply = (struct http_reply){.bytes = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"};
	others[0].reply = (struct http_reply){.bytes = GOOD_REPLY, .hang_up = true};
	for(unsigned i = 0; i < 12; i++)
		CU_ASSERT_EQUAL(ask()->outcome, SECMGR_SERVICE_KNOWN);
	CU_ASSERT_EQUAL(server.requests, SECMGR_BREAKER_FAILURES_IN_A_ROW);
	CU_ASSERT_EQUAL(others[0].requests, 12);
	close_both();
}

static void a_token_that_was_renewed_goes_with_the_next_try(void)
{
	static char token[16] = "old-token";

	open_all();
	secmgr_credential_service_destroy(service);
	settings.bearer = token;
	open_service();
	CU_ASSERT_EQUAL(ask_for("404 Not Found", "", "")->outcome, SECMGR_SERVICE_UNKNOWN);
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "\r\nAuthorization: Bearer old-token\r\n"));
	memcpy(token, "new-token", sizeof("new-token"));
	CU_ASSERT_EQUAL(ask_for("404 Not Found", "", "")->outcome, SECMGR_SERVICE_UNKNOWN);
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "\r\nAuthorization: Bearer new-token\r\n"));
	close_both();
}

static const struct secmgr_service_answer *ask_with_etag(const char *etag, const char *reply)
{
	const struct secmgr_service_question question = {.username = SECMGR_SLICE("alice"),
			.realm = SECMGR_SLICE("example.org"),
			.etag = secmgr_slice_of(etag),
			.left_ms = ENOUGH_MS};

	server.reply = (struct http_reply){.bytes = reply, .hang_up = true};
	memset(&askers[0], 0, sizeof(askers[0]));
	CU_ASSERT_TRUE_FATAL(secmgr_credential_service_ask(service, &question, &askers[0]));
	run();
	CU_ASSERT_EQUAL(askers[0].answered, 1);
	return &askers[0].answer;
}

static void a_record_that_did_not_change_is_not_sent_again(void)
{
	static const char not_modified[] =
			"HTTP/1.1 304 Not Modified\r\nCache-Control: max-age=77\r\nETag: \"2-gzip\"\r\n\r\n";

	open_both();
	CU_ASSERT_EQUAL(ask_with_etag("W/\"2\"", not_modified)->outcome, SECMGR_SERVICE_NOT_MODIFIED);
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "\r\nIf-None-Match: W/\"2\"\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "\r\nAccept: application/json\r\n"));
	CU_ASSERT_EQUAL(askers[0].answer.status, 304);
	CU_ASSERT_PTR_NULL(askers[0].answer.why);
	CU_ASSERT_STRING_EQUAL(askers[0].etag, "W/\"2\"");
	CU_ASSERT_EQUAL(askers[0].answer.lifetimes.fresh_s, 77);
	CU_ASSERT_TRUE(askers[0].answer.lifetimes.keep);
	CU_ASSERT_TRUE(allows_nobody(&askers[0].answer.credential));
	close_both();
}

static void a_304_that_nobody_asked_for_is_a_fault(void)
{
	static const char not_modified[] = "HTTP/1.1 304 Not Modified\r\nCache-Control: max-age=77\r\n\r\n";
	static const char *const etags[] = {"", "2", "*", "\"2", "\"2\"\r\nX-Evil: 1", "\"2\", \"3\""};

	open_both();
	for(size_t i = 0; i < sizeof(etags) / sizeof(etags[0]); i++) {
		CHECK_CASE(is_fault(ask_with_etag(etags[i], not_modified)), etags[i]);
		CHECK_CASE(askers[0].answer.status == 304, etags[i]);
		CHECK_CASE(!strstr(server.last_request, "If-None-Match"), etags[i]);
		CHECK_CASE(!strstr(server.last_request, "X-Evil"), etags[i]);
	}
	close_both();
}

static void a_new_record_comes_with_its_own_tag(void)
{
	static const struct
	{
		const char *fields, *etag;
	} answers[] = {
			{"ETag: \"3\"\r\n", "\"3\""},
			{"etag: W/\"3\"\r\n", "W/\"3\""},
			{"", ""},
			{"ETag: 3\r\n", ""},
			{"ETag: \"3\"\r\nETag: \"4\"\r\n", ""},
			{"ETag: \"0123456789012345678901234567890123456789012345678901234567890123456789\"\r\n", ""},
	};
	char reply[512];

	open_both();
	for(size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		snprintf(reply, sizeof(reply), "HTTP/1.1 200 OK\r\n%sContent-Length: %zu\r\n\r\n%s", answers[i].fields,
				strlen(RECORD), RECORD);
		CHECK_CASE(ask_with_etag("\"2\"", reply)->outcome == SECMGR_SERVICE_KNOWN, answers[i].fields);
		CHECK_CASE(strcmp(askers[0].etag, answers[i].etag) == 0, answers[i].fields);
	}
	CU_ASSERT_EQUAL(ask_with_etag("\"2\"", "HTTP/1.1 404 Not Found\r\nETag: \"3\"\r\nContent-Length: 0\r\n\r\n")->outcome,
			SECMGR_SERVICE_UNKNOWN);
	CU_ASSERT_STRING_EQUAL(askers[0].etag, "");
	close_both();
}

static void the_next_endpoint_is_asked_with_the_same_tag_and_answers_with_its_own(void)
{
	open_all();
	others[0].reply = (struct http_reply){.bytes = GOOD_REPLY, .hang_up = true};
	(void)ask_with_etag("\"2\"", "HTTP/1.1 200 OK\r\nETag: \"3\"\r\nCache-Control: max-age=1\r\n\r\n{}");
	CU_ASSERT_EQUAL(askers[0].answer.outcome, SECMGR_SERVICE_KNOWN);
	CU_ASSERT_PTR_NOT_NULL(strstr(others[0].last_request, "\r\nIf-None-Match: \"2\"\r\n"));
	CU_ASSERT_STRING_EQUAL(askers[0].etag, "");
	CU_ASSERT_EQUAL(askers[0].answer.lifetimes.fresh_s, TTL_S);
	close_both();
}

static void a_service_without_endpoints_or_with_too_many_is_none(void)
{
	open_both();
	settings.endpoint_count = 0;
	CU_ASSERT_PTR_NULL(secmgr_credential_service_create(&settings));
	settings.endpoint_count = SECMGR_SERVICE_ENDPOINTS_MAX + 1;
	CU_ASSERT_PTR_NULL(secmgr_credential_service_create(&settings));
	close_both();
}

static bool ask_without_memory(long nth)
{
	bool started = false;

	memset(askers, 0, sizeof(askers));
	forget_reports();
	failing_memory_fail_at(nth);
	service = secmgr_credential_service_create(&settings);
	if(service) {
		started = start(SECMGR_SLICE("alice"), SECMGR_SLICE("example.org"), ENOUGH_MS, &askers[0]);
		run();
		secmgr_credential_service_destroy(service);
	}
	failing_memory_fail_at(-1);
	CU_ASSERT_EQUAL(askers[0].answered, started);
	CU_ASSERT_EQUAL(breakers[0].permitted, breakers[0].reported);
	CU_ASSERT_NOT_EQUAL(askers[0].answer.outcome, SECMGR_SERVICE_UNKNOWN);
	CU_ASSERT_TRUE(!started || askers[0].answer.outcome == SECMGR_SERVICE_KNOWN || is_fault(&askers[0].answer));
	return started && askers[0].answer.outcome == SECMGR_SERVICE_KNOWN;
}

static void no_memory_is_a_fault_and_never_an_unknown_subscriber(void)
{
	unsigned known = 0, failed = 0;

	open_both();
	(void)ask_for("200 OK", "", RECORD);
	secmgr_credential_service_destroy(service);
	settings.may_ask = may_ask;
	settings.would_permit = would_permit;
	settings.report = note_report;
	for(long nth = 0; known < 50 && nth < 2000; nth++) {
		bool good = ask_without_memory(nth);

		known = good ? known + 1 : 0;
		failed += !good;
		for(unsigned i = 0; i < 3; i++)
			http_server_step(&server);
	}
	CU_ASSERT_EQUAL(known, 50);
	CU_ASSERT_TRUE(failed > 20);
	http_server_close(&server);
}

void secmgr_test_credential_service(void)
{
	CU_pSuite suite = CU_add_suite("credential_service", start_libraries, stop_libraries);

	CU_ADD_TEST(suite, a_subscriber_is_known_with_his_credential);
	CU_ADD_TEST(suite, the_question_is_below_the_service_url);
	CU_ADD_TEST(suite, the_service_says_how_long_a_record_is_fresh);
	CU_ADD_TEST(suite, an_unknown_subscriber_is_unknown_for_a_short_time);
	CU_ADD_TEST(suite, an_unknown_subscriber_is_not_kept_where_the_configuration_forbids_it);
	CU_ADD_TEST(suite, every_other_status_is_a_fault);
	CU_ADD_TEST(suite, a_record_that_is_wrong_is_a_fault);
	CU_ADD_TEST(suite, a_404_cut_at_any_byte_is_no_unknown_subscriber);
	CU_ADD_TEST(suite, many_questions_at_once_get_their_own_answers);
	CU_ADD_TEST(suite, the_shorter_of_both_deadlines_counts);
	CU_ADD_TEST(suite, a_service_that_is_not_there_is_a_fault);
	CU_ADD_TEST(suite, names_without_bounds_are_not_asked_about);
	CU_ADD_TEST(suite, a_name_that_the_profile_cannot_say_is_nobodys);
	CU_ADD_TEST(suite, a_profile_with_a_body_is_posted);
	CU_ADD_TEST(suite, an_etag_is_not_asked_with_in_a_post);
	CU_ADD_TEST(suite, a_side_car_is_asked_through_its_socket_with_the_token);
	CU_ADD_TEST(suite, every_lie_is_a_fault_that_leaves_nothing_behind);
	CU_ADD_TEST(suite, every_fault_goes_on_to_the_next_endpoint_once);
	CU_ADD_TEST(suite, an_answer_hung_up_at_each_byte_goes_on_to_the_next_endpoint);
	CU_ADD_TEST(suite, an_unknown_subscriber_is_not_asked_about_elsewhere);
	CU_ADD_TEST(suite, a_service_that_fails_everywhere_is_asked_everywhere_once);
	CU_ADD_TEST(suite, an_endpoint_that_hangs_leaves_time_for_the_others);
	CU_ADD_TEST(suite, an_endpoint_that_drips_is_as_one_that_hangs);
	CU_ADD_TEST(suite, a_lookup_that_came_late_says_nothing_of_the_endpoint);
	CU_ADD_TEST(suite, an_endpoint_whose_breaker_is_open_is_passed_over);
	CU_ADD_TEST(suite, nobody_waits_when_all_breakers_are_open);
	CU_ADD_TEST(suite, a_dead_endpoint_is_left_alone_after_five_lookups);
	CU_ADD_TEST(suite, a_token_that_was_renewed_goes_with_the_next_try);
	CU_ADD_TEST(suite, a_record_that_did_not_change_is_not_sent_again);
	CU_ADD_TEST(suite, a_304_that_nobody_asked_for_is_a_fault);
	CU_ADD_TEST(suite, a_new_record_comes_with_its_own_tag);
	CU_ADD_TEST(suite, the_next_endpoint_is_asked_with_the_same_tag_and_answers_with_its_own);
	CU_ADD_TEST(suite, a_service_without_endpoints_or_with_too_many_is_none);
	CU_ADD_TEST(suite, no_memory_is_a_fault_and_never_an_unknown_subscriber);
}
