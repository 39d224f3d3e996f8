/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "credential_service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <CUnit/Basic.h>

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
	char why[256];
};

static struct http_server server;
static struct secmgr_credential_service *service;
static struct secmgr_service_settings settings;
static struct asker askers[20];
static char base_url[64];

static void note_answer(void *context, const struct secmgr_service_answer *answer)
{
	struct asker *asker = context;

	asker->answered++;
	asker->answer = *answer;
	if(answer->why) {
		snprintf(asker->why, sizeof(asker->why), "%s", answer->why);
		asker->answer.why = asker->why;
	}
}

static int start_libraries(void)
{
	return secmgr_credential_service_use_wiping_memory() ? 0 : 1;
}

static void open_service(void)
{
	service = secmgr_credential_service_create(&settings);
	CU_ASSERT_PTR_NOT_NULL_FATAL(service);
}

static void open_both(void)
{
	http_server_listen(&server, NULL);
	snprintf(base_url, sizeof(base_url), "http://127.0.0.1:%u/base", server.port);
	settings = (struct secmgr_service_settings){
			.endpoints = {{.base_url = base_url}},
			.endpoint_count = 1,
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
}

static void run(void)
{
	unsigned steps = 0;

	while(secmgr_credential_service_under_way(service) > 0 && steps++ < STEPS_MAX) {
		secmgr_credential_service_wait(service, -1, 1);
		http_server_step(&server);
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
	CU_ASSERT_FALSE(start(SECMGR_SLICE(""), realm, ENOUGH_MS, &askers[0]));
	CU_ASSERT_FALSE(
			start(SECMGR_SLICE("alice"), SECMGR_SLICE(""), ENOUGH_MS, &askers[0]));
	CU_ASSERT_TRUE(start(longest, (struct secmgr_slice){name, SECMGR_REALM_MAX}, ENOUGH_MS, &askers[0]));
	CU_ASSERT_EQUAL(secmgr_credential_service_under_way(service), 1);
	close_both();
	CU_ASSERT_EQUAL(askers[0].answered, 0);
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

static bool ask_without_memory(long nth)
{
	bool started = false;

	memset(askers, 0, sizeof(askers));
	failing_memory_fail_at(nth);
	service = secmgr_credential_service_create(&settings);
	if(service) {
		started = start(SECMGR_SLICE("alice"), SECMGR_SLICE("example.org"), ENOUGH_MS, &askers[0]);
		run();
		secmgr_credential_service_destroy(service);
	}
	failing_memory_fail_at(-1);
	CU_ASSERT_EQUAL(askers[0].answered, started);
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
	CU_pSuite suite = CU_add_suite("credential_service", start_libraries, NULL);

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
	CU_ADD_TEST(suite, a_side_car_is_asked_through_its_socket_with_the_token);
	CU_ADD_TEST(suite, no_memory_is_a_fault_and_never_an_unknown_subscriber);
}
