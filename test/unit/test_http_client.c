/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <CUnit/Basic.h>

#include "dead_resolver.h"
#include "failing_memory.h"
#include "http_server.h"

void secmgr_test_http_client(void);

#define CHECK_CASE(good, sentence) CU_assertImplementation((good), __LINE__, (sentence), __FILE__, "", CU_FALSE)

#define BODY_MAX 65536
#define ENOUGH_MS 60000 /* for what must not be late, on however slow a machine */
#define SHORT_MS 60		/* for what must be late */
#define STEPS_MAX 100000

/* One who asks, and what he was told. */
struct asker
{
	unsigned done;
	enum secmgr_http_outcome outcome;
	bool has_words, was_sent;
	char words[256];
	long status;
	size_t body_length;
	char body[BODY_MAX];
	char fields[1024]; /* "name=value|" of each */
};

static struct http_server server;
static struct secmgr_http_client *client;
static struct asker askers[64];
static struct secmgr_http_settings settings;

static void note_field(void *context, struct secmgr_slice name, struct secmgr_slice value)
{
	struct asker *asker = context;
	size_t length = strlen(asker->fields);

	snprintf(asker->fields + length, sizeof(asker->fields) - length, "%.*s=%.*s|", (int)name.length, name.at,
			(int)value.length, value.at);
}

static void note_answer(void *context, const struct secmgr_http_answer *answer)
{
	struct asker *asker = context;

	asker->done++;
	asker->outcome = answer->outcome;
	asker->has_words = answer->why && answer->why[0];
	asker->was_sent = answer->was_sent;
	snprintf(asker->words, sizeof(asker->words), "%s", answer->why);
	asker->status = answer->status;
	asker->body_length = answer->body.length;
	if(answer->body.length > 0)
		memcpy(asker->body, answer->body.at, answer->body.length);
}

static const struct secmgr_http_handler handler = {.field = note_field, .done = note_answer};

static int start_libcurl(void)
{
	return secmgr_http_client_use_wiping_memory() ? 0 : 1;
}

static void forget_answers(void)
{
	memset(askers, 0, sizeof(askers));
}

static void open_client(long connections)
{
	settings = (struct secmgr_http_settings){
			.connect_timeout_ms = ENOUGH_MS, .connections = connections, .body_max = BODY_MAX};
	client = secmgr_http_client_create(&settings, &handler);
	CU_ASSERT_PTR_NOT_NULL_FATAL(client);
	forget_answers();
}

static void open_both(void)
{
	http_server_listen(&server, NULL);
	open_client(4);
}

static void close_both(void)
{
	secmgr_http_client_destroy(client);
	http_server_close(&server);
}

static bool get_url(const char *url, const char *unix_path, const char *bearer, long deadline_ms, void *asker)
{
	const struct secmgr_http_request request = {
			.url = url, .unix_path = unix_path, .bearer = bearer, .deadline_ms = deadline_ms};

	return secmgr_http_client_start(client, &request, asker);
}

static bool get_with(const char *path, const char *bearer, long deadline_ms, void *asker)
{
	char url[256];

	snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", server.port, path);
	return get_url(url, NULL, bearer, deadline_ms, asker);
}

/* Until all that was asked is answered. */
static void run(void)
{
	unsigned steps = 0;

	while(secmgr_http_client_under_way(client) > 0 && steps++ < STEPS_MAX) {
		secmgr_http_client_wait(client, -1, 1);
		http_server_step(&server);
	}
	CU_ASSERT_EQUAL(secmgr_http_client_under_way(client), 0);
}

static struct asker *ask(long deadline_ms)
{
	memset(&askers[0], 0, sizeof(askers[0]));
	CU_ASSERT_TRUE_FATAL(get_with("/path", NULL, deadline_ms, &askers[0]));
	run();
	CU_ASSERT_EQUAL(askers[0].done, 1);
	return &askers[0];
}

static struct asker *ask_for(const char *reply, bool hang_up)
{
	server.reply = (struct http_reply){.bytes = reply, .hang_up = hang_up};
	return ask(ENOUGH_MS);
}

static bool body_is(const struct asker *asker, const char *text)
{
	return asker->body_length == strlen(text) && memcmp(asker->body, text, asker->body_length) == 0;
}

#define HELLO "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 5\r\nX-Empty:\r\n\r\nhello"

static void an_answer_has_its_status_its_fields_and_its_body(void)
{
	struct asker *asker;

	open_both();
	asker = ask_for(HELLO, false);
	CU_ASSERT_EQUAL(asker->outcome, SECMGR_HTTP_ANSWERED);
	CU_ASSERT_EQUAL(asker->status, 200);
	CU_ASSERT_TRUE(body_is(asker, "hello"));
	CU_ASSERT_STRING_EQUAL(asker->fields, "Cache-Control=max-age=60|Content-Length=5|X-Empty=|");
	close_both();
}

static void a_question_says_what_it_wants_and_no_more(void)
{
	open_both();
	(void)ask_for(HELLO, false);
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "GET /path HTTP/1.1\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "\r\nHost: 127.0.0.1:"));
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "\r\nAccept: application/json\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "\r\nAccept-Encoding: gzip, deflate\r\n"));
	CU_ASSERT_PTR_NULL(strstr(server.last_request, "Upgrade"));
	CU_ASSERT_PTR_NULL(strstr(server.last_request, "Authorization"));
	close_both();
}

static void a_token_goes_with_its_own_question_alone(void)
{
	open_both();
	server.reply.bytes = HELLO;
	CU_ASSERT_TRUE(get_with("/a", "secret-token", ENOUGH_MS, &askers[0]));
	run();
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "\r\nAuthorization: Bearer secret-token\r\n"));
	CU_ASSERT_TRUE(get_with("/b", NULL, ENOUGH_MS, &askers[1]));
	run();
	CU_ASSERT_PTR_NULL(strstr(server.last_request, "Authorization"));
	CU_ASSERT_EQUAL(server.accepted, 1);
	close_both();
}

static void a_path_goes_out_as_it_is_written(void)
{
	open_both();
	server.reply.bytes = HELLO;
	CU_ASSERT_TRUE(get_with("/a/../b/./%2E%2E/..%2Fc", NULL, ENOUGH_MS, &askers[0]));
	run();
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "GET /a/../b/./%2E%2E/..%2Fc HTTP/1.1\r\n"));
	close_both();
}

static void a_connection_is_used_again(void)
{
	open_both();
	for(unsigned i = 0; i < 20; i++)
		CU_ASSERT_TRUE(body_is(ask_for(HELLO, false), "hello"));
	CU_ASSERT_EQUAL(server.requests, 20);
	CU_ASSERT_EQUAL(server.accepted, 1);
	close_both();
}

static void a_connection_that_was_closed_meanwhile_is_replaced(void)
{
	open_both();
	for(unsigned i = 0; i < 5; i++)
		CU_ASSERT_TRUE(body_is(ask_for(HELLO, true), "hello"));
	CU_ASSERT_EQUAL(server.accepted, 5);
	close_both();
}

static void a_body_may_come_in_many_forms(void)
{
	static const struct
	{
		const char *reply, *body;
		long status;
	} replies[] = {
			{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n", "hello", 200},
			{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello", "hello", 200},
			{"HTTP/1.0 200 OK\r\n\r\nhello", "hello", 200},
			{"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "", 404},
			{"HTTP/1.1 204 No Content\r\n\r\n", "", 204},
			{"HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\n{}", "{}", 500},
			{"HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 2\r\n\r\n{}", "{}", 401},
			{"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 2\r\n\r\n{}", "{}", 407},
	};

	open_both();
	for(size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		struct asker *asker = ask_for(replies[i].reply, true);

		CHECK_CASE(asker->outcome == SECMGR_HTTP_ANSWERED, replies[i].reply);
		CHECK_CASE(asker->status == replies[i].status && body_is(asker, replies[i].body), replies[i].reply);
	}
	CU_ASSERT_EQUAL(server.requests, sizeof(replies) / sizeof(replies[0]));
	close_both();
}

static void a_body_is_not_more_than_it_was_said_to_be(void)
{
	open_both();
	CU_ASSERT_TRUE(body_is(ask_for("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhello", false), "hel"));
	CU_ASSERT_TRUE(body_is(ask_for(HELLO, false), "hello"));
	close_both();
}

static void an_answer_cut_at_any_byte_is_broken(void)
{
	static const char *const replies[] = {
			HELLO,
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
	};

	open_both();
	for(size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++)
		for(size_t length = 0; length < strlen(replies[i]) - 2; length++) {
			struct asker *asker;

			/* Without a byte the reply is the test server's silence: a single one is as short as it gets. */
			server.reply = (struct http_reply){.bytes = replies[i], .length = length + 1, .hang_up = true};
			if(length + 1 == strlen(replies[i]))
				break;
			asker = ask(ENOUGH_MS);
			CHECK_CASE(asker->outcome == SECMGR_HTTP_BROKEN && asker->has_words, replies[i]);
			CHECK_CASE(asker->status == 0 && asker->body_length == 0, replies[i]);
		}
	close_both();
}

static void what_breaks_http_is_broken(void)
{
	static const char *const replies[] = {
			"SSH-2.0-OpenSSH_9.2\r\n",
			"hello",
			"\r\n",
			"HTTP/1.1\r\n\r\n",
			"HTTP/1.1 20 OK\r\n\r\n",
			"HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 0\r\n\r\n",
			"HTTP/1.1 200 OK\r\nCache-Control: max-age=60,\r\n no-store\r\nContent-Length: 0\r\n\r\n",
			"HTTP/1.1 200 OK\r\nCache-Control : no-store\r\nContent-Length: 0\r\n\r\n",
			"HTTP/1.1 200 OK\r\nCache-Control\t: no-store\r\nContent-Length: 0\r\n\r\n",
			"HTTP/1.1 200 OK\r\n: nameless\r\nContent-Length: 0\r\n\r\n",
			"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello",
			"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello",
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
	};

	open_both();
	for(size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		struct asker *asker = ask_for(replies[i], true);

		CHECK_CASE(asker->outcome == SECMGR_HTTP_BROKEN && asker->has_words, replies[i]);
		CHECK_CASE(asker->body_length == 0, replies[i]);
	}
	close_both();
}

static void an_answer_may_come_byte_by_byte(void)
{
	open_both();
	server.reply = (struct http_reply){.bytes = HELLO, .byte_by_byte = true};
	CU_ASSERT_TRUE(body_is(ask(ENOUGH_MS), "hello"));
	CU_ASSERT_STRING_EQUAL(askers[0].fields, "Cache-Control=max-age=60|Content-Length=5|X-Empty=|");
	close_both();
}

static void an_answer_that_never_ends_is_too_late(void)
{
	open_both();
	server.reply = (struct http_reply){
			.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", .endless = "x", .byte_by_byte = true};
	CU_ASSERT_EQUAL(ask(SHORT_MS)->outcome, SECMGR_HTTP_TIMED_OUT);
	CU_ASSERT_TRUE(askers[0].has_words);
	CU_ASSERT_EQUAL(askers[0].body_length, 0);
	server.reply = (struct http_reply){.bytes = NULL};
	CU_ASSERT_EQUAL(ask(SHORT_MS)->outcome, SECMGR_HTTP_TIMED_OUT);
	server.reply = (struct http_reply){.bytes = HELLO, .length = sizeof(HELLO) - 2};
	CU_ASSERT_EQUAL(ask(SHORT_MS)->outcome, SECMGR_HTTP_TIMED_OUT);
	CU_ASSERT_TRUE(body_is(ask_for(HELLO, false), "hello"));
	close_both();
}

static void no_time_left_is_no_time_and_not_for_ever(void)
{
	open_both();
	CU_ASSERT_EQUAL(ask(0)->outcome, SECMGR_HTTP_TIMED_OUT);
	CU_ASSERT_EQUAL(ask(-1)->outcome, SECMGR_HTTP_TIMED_OUT);
	close_both();
}

/* The reply as a Content-Length, as one chunk and as all until the end. */
static enum secmgr_http_outcome ask_for_body_of(size_t length, int form)
{
	static const char *const heads[] = {"Content-Length: %zu\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n%zx\r\n",
			"X-Length: %zu\r\nConnection: close\r\n\r\n"};
	size_t size = length + 256, at;
	char *reply = malloc(size);
	enum secmgr_http_outcome outcome;

	CU_ASSERT_PTR_NOT_NULL_FATAL(reply);
	at = (size_t)snprintf(reply, size, "HTTP/1.1 200 OK\r\n");
	at += (size_t)snprintf(reply + at, size - at, heads[form], length);
	memset(reply + at, 'x', length);
	at += length;
	at += (size_t)snprintf(reply + at, size - at, "%s", form == 1 ? "\r\n0\r\n\r\n" : "");
	server.reply = (struct http_reply){.bytes = reply, .length = at, .hang_up = true};
	outcome = ask(ENOUGH_MS)->outcome;
	free(reply);
	return outcome;
}

static void a_body_is_read_up_to_its_bound_and_no_further(void)
{
	open_both();
	for(int form = 0; form < 3; form++) {
		CU_ASSERT_EQUAL(ask_for_body_of(BODY_MAX, form), SECMGR_HTTP_ANSWERED);
		CU_ASSERT_EQUAL(askers[0].body_length, BODY_MAX);
		CU_ASSERT_EQUAL(ask_for_body_of(BODY_MAX + 1, form), SECMGR_HTTP_TOO_LARGE);
		CU_ASSERT_TRUE(askers[0].has_words);
		CU_ASSERT_EQUAL(askers[0].body_length, 0);
		http_server_step(&server);
		CU_ASSERT_EQUAL(ask_for_body_of(10 * 1024 * 1024, form), SECMGR_HTTP_TOO_LARGE);
		http_server_step(&server);
	}
	close_both();
}

static void an_endless_answer_is_too_large(void)
{
	static const struct http_reply replies[] = {
			{.bytes = "HTTP/1.1 200 OK\r\n\r\n", .endless = "x"},
			{.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .endless = "3\r\nabc\r\n"},
			{.bytes = "HTTP/1.1 200 OK\r\n", .endless = "X-More: of this\r\n"},
			{.bytes = "HTTP/1.1 200 OK\r\n", .endless = "X: \r\n"},
			{.bytes = "HTTP/1.1 100 Continue\r\n\r\n", .endless = "HTTP/1.1 100 Continue\r\n\r\n"},
			{.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", .endless = "X-More: of this\r\n"},
	};

	open_both();
	for(size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		server.reply = replies[i];
		CHECK_CASE(ask(ENOUGH_MS)->outcome == SECMGR_HTTP_TOO_LARGE, replies[i].endless);
		http_server_step(&server);
	}
	/* One line without an end: libcurl itself gives up. */
	server.reply = (struct http_reply){.bytes = "HTTP/1.1 200 OK\r\nX: ", .endless = "x"};
	CU_ASSERT_NOT_EQUAL(ask(ENOUGH_MS)->outcome, SECMGR_HTTP_ANSWERED);
	close_both();
}

static void a_redirect_is_not_followed(void)
{
	open_both();
	CU_ASSERT_EQUAL(
			ask_for("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", false)->status, 302);
	CU_ASSERT_EQUAL(askers[0].outcome, SECMGR_HTTP_ANSWERED);
	CU_ASSERT_EQUAL(server.requests, 1);
	close_both();
}

static void the_fields_of_interim_answers_and_trailers_are_nobodys_business(void)
{
	static const struct
	{
		const char *reply, *fields;
	} replies[] = {
			{"HTTP/1.1 100 Continue\r\nCache-Control: max-age=9\r\n\r\n" HELLO,
					"Cache-Control=max-age=60|Content-Length=5|X-Empty=|"},
			{"HTTP/1.1 103 Early Hints\r\nCache-Control: no-store\r\n\r\nHTTP/1.1 102 Processing\r\nAge: "
			 "1\r\n\r\n" HELLO,
					"Cache-Control=max-age=60|Content-Length=5|X-Empty=|"},
			{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: "
			 "Cache-Control\r\n\r\n5\r\nhello\r\n0\r\nCache-Control: max-age=9\r\n\r\n",
					"Transfer-Encoding=chunked|Trailer=Cache-Control|"},
	};

	open_both();
	for(size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		CHECK_CASE(body_is(ask_for(replies[i].reply, false), "hello"), replies[i].reply);
		CHECK_CASE(askers[0].status == 200, replies[i].reply);
		CHECK_CASE(strcmp(askers[0].fields, replies[i].fields) == 0, replies[i].reply);
	}
	close_both();
}

static void nobody_there_is_not_connected(void)
{
	open_both();
	close(server.listener);
	server.listener = dup(0);
	CU_ASSERT_EQUAL(ask(ENOUGH_MS)->outcome, SECMGR_HTTP_NOT_CONNECTED);
	CU_ASSERT_TRUE(askers[0].has_words);
	close_both();
}

static void a_server_without_tls_is_not_connected_over_https(void)
{
	char url[64];

	open_both();
	server.reply = (struct http_reply){.bytes = HELLO, .hang_up = true};
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/", server.port);
	CU_ASSERT_TRUE(get_url(url, NULL, NULL, SHORT_MS, &askers[0]));
	run();
	CU_ASSERT_NOT_EQUAL(askers[0].outcome, SECMGR_HTTP_ANSWERED);
	CU_ASSERT_EQUAL(server.requests, 0);
	close_both();
}

static void a_question_may_have_fields_and_a_body(void)
{
	static const char *const fields[] = {"X-Tenant: blue", "accept: application/problem+json", NULL};
	struct secmgr_http_request request = {.body = "{\"a\":1}", .fields = fields, .deadline_ms = ENOUGH_MS};
	char url[64];

	open_both();
	server.reply = (struct http_reply){.bytes = HELLO, .hang_up = true};
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/rpc", server.port);
	request.url = url;
	CU_ASSERT_TRUE(secmgr_http_client_start(client, &request, &askers[0]));
	run();
	CU_ASSERT_TRUE(body_is(&askers[0], "hello"));
	CU_ASSERT_TRUE(askers[0].was_sent);
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "POST /rpc HTTP/1.1\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "\r\nX-Tenant: blue\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "\r\naccept: application/problem+json\r\n"));
	CU_ASSERT_PTR_NULL(strstr(server.last_request, "Accept: "));
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "\r\nContent-Type: application/json\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "\r\nContent-Length: 7\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "\r\n\r\n{\"a\":1}"));
	CU_ASSERT_PTR_NULL(strstr(server.last_request, "Expect:"));
	close_both();
}

static void nothing_of_a_question_sticks_to_the_next_one(void)
{
	static const char *const fields[] = {"X-Tenant: blue", "If-None-Match: \"1\"", NULL};
	struct secmgr_http_request request = {.body = "", .fields = fields, .deadline_ms = ENOUGH_MS};
	char url[64];

	open_both();
	server.reply.bytes = HELLO;
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", server.port);
	request.url = url;
	CU_ASSERT_TRUE(secmgr_http_client_start(client, &request, &askers[0]));
	run();
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "POST / HTTP/1.1\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "\r\nContent-Length: 0\r\n"));
	(void)ask_for(HELLO, false);
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "GET /path HTTP/1.1\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "\r\nAccept: application/json\r\n"));
	CU_ASSERT_PTR_NULL(strstr(server.last_request, "X-Tenant"));
	CU_ASSERT_PTR_NULL(strstr(server.last_request, "If-None-Match"));
	CU_ASSERT_PTR_NULL(strstr(server.last_request, "Content-"));
	CU_ASSERT_EQUAL(server.accepted, 1);
	close_both();
}

static void nobody_smuggles_a_field_in(void)
{
	static const char *const fields[] = {"X: 1\r\nX-Evil: 2", "X: 1\n", "X\r: 1", "X: \x7f", "no colon", ": nameless",
			"X:", "X: \t "};
	static const char *const tokens[] = {"token\r\nX-Evil: 2", "token\n", "\r", "to\tken"};

	open_both();
	server.reply.bytes = HELLO;
	for(size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const char *const one[] = {fields[i], NULL};
		const struct secmgr_http_request request = {
				.url = "http://127.0.0.1:1/", .fields = one, .deadline_ms = ENOUGH_MS};

		CHECK_CASE(!secmgr_http_client_start(client, &request, &askers[0]), fields[i]);
	}
	for(size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++)
		CHECK_CASE(!get_with("/", tokens[i], ENOUGH_MS, &askers[0]), tokens[i]);
	CU_ASSERT_EQUAL(secmgr_http_client_under_way(client), 0);
	CU_ASSERT_TRUE(body_is(ask_for(HELLO, false), "hello"));
	CU_ASSERT_PTR_NULL(strstr(server.last_request, "X-Evil"));
	close_both();
}

/* `head` and the bytes of a compressed body; to the end of the connection. */
static struct asker *ask_for_bytes(const char *head, const char *bytes, size_t count)
{
	static char reply[BODY_MAX];
	int length = snprintf(reply, sizeof(reply), "HTTP/1.1 200 OK\r\n%s\r\n", head);

	memcpy(reply + length, bytes, count);
	server.reply = (struct http_reply){.bytes = reply, .length = (size_t)length + count, .hang_up = true};
	return ask(ENOUGH_MS);
}

#define GZIP_HEADER "\x1f\x8b\x08\0\0\0\0\0\x02\x03"
#define GZIP_HELLO GZIP_HEADER "\xcb\x48\xcd\xc9\xc9\x07\0\x86\xa6\x10\x36\x05\0\0\0"
#define ZLIB_HELLO "\x78\x9c\xcb\x48\xcd\xc9\xc9\x07\0\x06\x2c\x02\x15"
/* The start of a block in which each two bits that are 0 stand for 258 times an 'x'. */
#define GZIP_BOMB GZIP_HEADER "\xec\xc1\x01\x01\0\0\0\x80\x90\xdb\xcd\xef\x08\x0a"

static void a_compressed_answer_is_inflated(void)
{
	open_both();
	CU_ASSERT_TRUE(body_is(ask_for_bytes("Content-Encoding: gzip\r\n", GZIP_HELLO, sizeof(GZIP_HELLO) - 1), "hello"));
	CU_ASSERT_TRUE(body_is(ask_for_bytes("Content-Encoding: x-gzip\r\n", GZIP_HELLO, sizeof(GZIP_HELLO) - 1), "hello"));
	CU_ASSERT_TRUE(
			body_is(ask_for_bytes("Content-Encoding: deflate\r\n", ZLIB_HELLO, sizeof(ZLIB_HELLO) - 1), "hello"));
	CU_ASSERT_TRUE(body_is(ask_for_bytes("Content-Encoding: identity\r\n", "hello", 5), "hello"));
	close_both();
}

static void a_compressed_answer_that_is_wrong_is_broken(void)
{
	char changed[] = GZIP_HELLO;

	open_both();
	for(size_t length = 1; length < sizeof(GZIP_HELLO) - 1; length++)
		CU_ASSERT_EQUAL(
				ask_for_bytes("Content-Encoding: gzip\r\nContent-Length: 25\r\n", GZIP_HELLO, length)->outcome,
				SECMGR_HTTP_BROKEN);
	changed[sizeof(GZIP_HELLO) - 6] ^= 1;
	CU_ASSERT_EQUAL(
			ask_for_bytes("Content-Encoding: gzip\r\n", changed, sizeof(changed) - 1)->outcome, SECMGR_HTTP_BROKEN);
	CU_ASSERT_EQUAL(ask_for_bytes("Content-Encoding: gzip\r\n", "hello", 5)->outcome, SECMGR_HTTP_BROKEN);
	CU_ASSERT_EQUAL(ask_for_bytes("Content-Encoding: deflate\r\n", "hello", 5)->outcome, SECMGR_HTTP_BROKEN);
	CU_ASSERT_EQUAL(ask_for_bytes("Content-Encoding: rot13\r\n", "uryyb", 5)->outcome, SECMGR_HTTP_BROKEN);
	close_both();
}

/* 10 KB that would become 10 MB. */
static void a_body_is_bounded_as_it_is_when_inflated(void)
{
	static const char bomb[10240] = GZIP_BOMB;
	static const char *const heads[] = {
			"Content-Encoding: gzip\r\n", "Content-Encoding: gzip\r\nContent-Length: 10240\r\n"};

	open_both();
	for(size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		CHECK_CASE(ask_for_bytes(heads[i], bomb, sizeof(bomb))->outcome == SECMGR_HTTP_TOO_LARGE, heads[i]);
		CU_ASSERT_EQUAL(askers[0].body_length, 0);
		http_server_step(&server);
	}
	close_both();
}

static void only_http_is_spoken(void)
{
	static const char *const urls[] = {"file:///etc/hostname", "ftp://127.0.0.1/", "gopher://127.0.0.1/",
			"dict://127.0.0.1/", "telnet://127.0.0.1/", ""};

	open_both();
	for(size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		forget_answers();
		if(get_url(urls[i], NULL, NULL, ENOUGH_MS, &askers[0])) {
			run();
			CHECK_CASE(askers[0].done == 1 && askers[0].outcome == SECMGR_HTTP_BROKEN, urls[i]);
		}
	}
	close_both();
}

static void the_environments_proxy_is_not_used(void)
{
	open_both();
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("all_proxy", "http://127.0.0.1:1", 1);
	CU_ASSERT_TRUE(body_is(ask_for(HELLO, false), "hello"));
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	close_both();
}

static void a_question_goes_through_a_unix_socket(void)
{
	char directory[] = "/tmp/secmgr-test-XXXXXX", path[64];

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/socket", directory);
	http_server_listen(&server, path);
	open_client(4);
	server.reply.bytes = HELLO;
	for(unsigned i = 0; i < 3; i++) {
		CU_ASSERT_TRUE(get_url("http://localhost/unix", path, NULL, ENOUGH_MS, &askers[i]));
		run();
		CU_ASSERT_TRUE(body_is(&askers[i], "hello"));
	}
	CU_ASSERT_EQUAL(server.accepted, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(server.last_request, "\r\nHost: localhost\r\n"));
	close_both();
	unlink(path);
	rmdir(directory);
}

static void a_unix_socket_does_not_stick_to_the_next_question(void)
{
	open_both();
	CU_ASSERT_TRUE(
			get_url("http://localhost/", "/nonexistent/socket", NULL, ENOUGH_MS, &askers[1]));
	run();
	CU_ASSERT_EQUAL(askers[1].outcome, SECMGR_HTTP_NOT_CONNECTED);
	CU_ASSERT_TRUE(body_is(ask_for(HELLO, false), "hello"));
	close_both();
}

static void questions_beyond_the_connections_wait_for_one(void)
{
	const unsigned count = sizeof(askers) / sizeof(askers[0]);

	http_server_listen(&server, NULL);
	open_client(3);
	server.reply.bytes = HELLO;
	for(unsigned i = 0; i < count; i++)
		CU_ASSERT_TRUE(get_with("/many", NULL, ENOUGH_MS, &askers[i]));
	CU_ASSERT_EQUAL(secmgr_http_client_under_way(client), count);
	run();
	for(unsigned i = 0; i < count; i++)
		CU_ASSERT_TRUE(askers[i].done == 1 && body_is(&askers[i], "hello"));
	CU_ASSERT_EQUAL(server.requests, count);
	CU_ASSERT_TRUE(server.open_at_most <= 3);
	close_both();
}

/* The one in front has all the time of the world: those behind it end by their own deadlines, or not at all. */
static void a_question_behind_one_that_hangs_keeps_its_deadline(void)
{
	http_server_listen(&server, NULL);
	open_client(1);
	CU_ASSERT_TRUE(get_with("/hangs", NULL, 10 * ENOUGH_MS, &askers[0]));
	while(server.requests == 0) {
		secmgr_http_client_wait(client, -1, 1);
		http_server_step(&server);
	}
	for(unsigned i = 1; i <= 5; i++)
		CU_ASSERT_TRUE(get_with("/behind", NULL, SHORT_MS, &askers[i]));
	for(unsigned steps = 0; secmgr_http_client_under_way(client) > 1 && steps < STEPS_MAX; steps++) {
		secmgr_http_client_wait(client, -1, 60000);
		http_server_step(&server);
	}
	CU_ASSERT_EQUAL(askers[0].done, 0);
	for(unsigned i = 1; i <= 5; i++) {
		CU_ASSERT_EQUAL(askers[i].done, 1);
		CU_ASSERT_EQUAL(askers[i].outcome, SECMGR_HTTP_NO_FREE_CONNECTION);
		CU_ASSERT_TRUE(askers[i].has_words && !askers[i].was_sent);
	}
	CU_ASSERT_EQUAL(server.requests, 1);
	close_both();
}

static struct http_reply hang_unless_asked_for_one(struct http_server *asked, const char *request)
{
	(void)asked;
	return (struct http_reply){.bytes = strncmp(request, "GET /one ", 9) == 0 ? HELLO : NULL};
}

static void ask_many(const char *path, unsigned count, struct asker *asker)
{
	for(unsigned i = 0; i < count; i++)
		CU_ASSERT_TRUE(get_with(path, NULL, ENOUGH_MS, asker));
}

static void run_until_done(const struct asker *asker, unsigned count)
{
	for(unsigned steps = 0; asker->done < count && steps < STEPS_MAX; steps++) {
		secmgr_http_client_wait(client, -1, 1);
		http_server_step(&server);
	}
	CU_ASSERT_EQUAL(asker->done, count);
}

/* All connections but one hang: what goes through the last one goes on, however many wait. */
static void a_thousand_questions_pass_by_those_that_hang(void)
{
	const unsigned hanging = HTTP_SERVER_CONNECTIONS - 1, many = 1000;

	http_server_listen(&server, NULL);
	open_client(HTTP_SERVER_CONNECTIONS);
	server.answer = hang_unless_asked_for_one;
	ask_many("/hangs", hanging, &askers[0]);
	ask_many("/one", many, &askers[1]);
	CU_ASSERT_EQUAL(secmgr_http_client_under_way(client), hanging + many);
	run_until_done(&askers[1], many);
	CU_ASSERT_EQUAL(askers[0].done, 0);
	CU_ASSERT_TRUE(body_is(&askers[1], "hello"));
	CU_ASSERT_EQUAL(secmgr_http_client_under_way(client), hanging);
	CU_ASSERT_EQUAL(server.accepted, HTTP_SERVER_CONNECTIONS);
	close_both();
}

/* Its socket's number is that of one that libcurl has closed: it is watched all the same. */
static void a_thousand_connections_that_end_leave_nothing_unwatched(void)
{
	open_both();
	server.reply = (struct http_reply){.bytes = HELLO, .hang_up = true};
	ask_many("/closed", 1000, &askers[0]);
	run_until_done(&askers[0], 1000);
	CU_ASSERT_EQUAL(server.accepted, 1000);
	close_both();
}

static void a_thousand_questions_to_a_silent_server_end_in_time(void)
{
	http_server_listen(&server, NULL);
	open_client(HTTP_SERVER_CONNECTIONS);
	for(unsigned i = 0; i < 1000; i++)
		CU_ASSERT_TRUE(get_with("/never", NULL, SHORT_MS, &askers[0]));
	run_until_done(&askers[0], 1000);
	CU_ASSERT_EQUAL(secmgr_http_client_under_way(client), 0);
	CU_ASSERT_NOT_EQUAL(askers[0].outcome, SECMGR_HTTP_ANSWERED);
	close_both();
}

static void another_descriptor_takes_the_place_of_the_former(void)
{
	int former[2], ends[2];

	open_both();
	CU_ASSERT_EQUAL_FATAL(pipe(former), 0);
	CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
	CU_ASSERT_EQUAL(write(ends[1], "x", 1), 1);
	secmgr_http_client_wait(client, former[0], 0);
	secmgr_http_client_wait(client, ends[0], 24 * 3600 * 1000);
	secmgr_http_client_wait(client, -1, 0);
	secmgr_http_client_wait(client, ends[0], 24 * 3600 * 1000);
	for(unsigned i = 0; i < 2; i++) {
		close(former[i]);
		close(ends[i]);
	}
	close_both();
}

/* The resolver's thread hangs on; the question, and those beside it, do not. */
static void a_dead_resolver_is_not_waited_for(void)
{
	open_both();
	dead_resolver_die();
	CU_ASSERT_TRUE(get_url("http://service.example/", NULL, NULL, SHORT_MS, &askers[0]));
	for(unsigned steps = 0; !dead_resolver_is_asked() && steps < STEPS_MAX; steps++)
		secmgr_http_client_wait(client, -1, 1);
	server.reply.bytes = HELLO;
	CU_ASSERT_TRUE(get_with("/beside", NULL, ENOUGH_MS, &askers[1]));
	run();
	CU_ASSERT_TRUE(body_is(&askers[1], "hello"));
	CU_ASSERT_EQUAL(askers[0].done, 1);
	CU_ASSERT_EQUAL(askers[0].outcome, SECMGR_HTTP_TIMED_OUT);
	CU_ASSERT_FALSE(askers[0].was_sent);
	CU_ASSERT_STRING_EQUAL(askers[0].words, "no connection in time (name, TCP or TLS)");
	CU_ASSERT_TRUE(dead_resolver_is_asked());
	dead_resolver_come_back();
	close_both();
}

static void a_name_that_does_not_exist_is_not_connected(void)
{
	open_both();
	CU_ASSERT_TRUE(get_url("http://service.example/", NULL, NULL, ENOUGH_MS, &askers[0]));
	run();
	CU_ASSERT_EQUAL(askers[0].outcome, SECMGR_HTTP_NOT_CONNECTED);
	CU_ASSERT_FALSE(askers[0].was_sent);
	close_both();
}

static void a_question_that_was_sent_says_so_when_it_fails(void)
{
	open_both();
	server.reply = (struct http_reply){.bytes = NULL};
	CU_ASSERT_EQUAL(ask(SHORT_MS)->outcome, SECMGR_HTTP_TIMED_OUT);
	CU_ASSERT_TRUE(askers[0].was_sent);
	CU_ASSERT_TRUE(ask_for("x", true)->was_sent);
	close_both();
}

static void there_is_room_for_what_connections_can_take_in_turn(void)
{
	http_server_listen(&server, NULL);
	open_client(2);
	server.reply.bytes = HELLO;
	for(unsigned i = 0; i < 4; i++) {
		CU_ASSERT_TRUE(secmgr_http_client_has_room(client));
		CU_ASSERT_TRUE(get_with("/", NULL, ENOUGH_MS, &askers[i]));
	}
	CU_ASSERT_FALSE(secmgr_http_client_has_room(client));
	run();
	CU_ASSERT_TRUE(secmgr_http_client_has_room(client));
	close_both();
}

static void the_callers_descriptor_ends_the_wait(void)
{
	int ends[2];

	open_both();
	CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
	CU_ASSERT_EQUAL(write(ends[1], "x", 1), 1);
	secmgr_http_client_wait(client, ends[0], 24 * 3600 * 1000);
	CU_ASSERT_EQUAL(secmgr_http_client_under_way(client), 0);
	close(ends[0]);
	close(ends[1]);
	close_both();
}

static void ask_again(void *context, const struct secmgr_http_answer *answer)
{
	unsigned *left = context;

	CU_ASSERT_EQUAL(answer->outcome, SECMGR_HTTP_ANSWERED);
	if(*left > 0) {
		--*left;
		CU_ASSERT_TRUE(get_with("/again", NULL, ENOUGH_MS, context));
	}
}

static void an_answer_may_lead_to_the_next_question(void)
{
	static const struct secmgr_http_handler again = {.field = NULL, .done = ask_again};
	unsigned left = 10;

	open_both();
	secmgr_http_client_destroy(client);
	client = secmgr_http_client_create(&settings, &again);
	CU_ASSERT_PTR_NOT_NULL_FATAL(client);
	server.reply.bytes = HELLO;
	CU_ASSERT_TRUE(get_with("/first", NULL, ENOUGH_MS, &left));
	run();
	CU_ASSERT_EQUAL(left, 0);
	CU_ASSERT_EQUAL(server.requests, 11);
	close_both();
}

static void a_client_that_ends_tells_nobody(void)
{
	open_both();
	for(unsigned i = 0; i < 10; i++)
		CU_ASSERT_TRUE(get_with("/never", NULL, ENOUGH_MS, &askers[i]));
	for(unsigned i = 0; i < 5; i++) {
		secmgr_http_client_wait(client, -1, 1);
		http_server_step(&server);
	}
	close_both();
	for(unsigned i = 0; i < 10; i++)
		CU_ASSERT_EQUAL(askers[i].done, 0);
}

/* What one question comes to when the `nth` allocation fails: an answer, a fault or a refusal to start, and no leak. */
static bool ask_without_memory(long nth)
{
	bool started = false;

	forget_answers();
	failing_memory_fail_at(nth);
	client = secmgr_http_client_create(&settings, &handler);
	if(client) {
		started = get_with("/path", "token", ENOUGH_MS, &askers[0]);
		run();
		secmgr_http_client_destroy(client);
	}
	failing_memory_fail_at(-1);
	CU_ASSERT_EQUAL(askers[0].done, started);
	CU_ASSERT_TRUE(!started || askers[0].outcome != SECMGR_HTTP_ANSWERED || askers[0].body_length == 20000);
	return started && askers[0].outcome == SECMGR_HTTP_ANSWERED;
}

static void no_memory_is_a_clean_fault_wherever_it_runs_out(void)
{
	static char reply[20100];
	unsigned answered = 0, failed = 0;

	snprintf(reply, sizeof(reply), "HTTP/1.1 200 OK\r\nContent-Length: 20000\r\nAge: 1\r\n\r\n%020000d", 0);
	http_server_listen(&server, NULL);
	open_client(4);
	secmgr_http_client_destroy(client);
	server.reply.bytes = reply;
	/* Many allocations can be done without, so one answer is not the end: it is when none is left to fail. */
	for(long nth = 0; answered < 50 && nth < 2000; nth++) {
		bool good = ask_without_memory(nth);

		answered = good ? answered + 1 : 0;
		failed += !good;
		for(unsigned i = 0; i < 3; i++)
			http_server_step(&server);
	}
	CU_ASSERT_EQUAL(answered, 50);
	CU_ASSERT_TRUE(failed > 20);
	http_server_close(&server);
}

void secmgr_test_http_client(void)
{
	CU_pSuite suite = CU_add_suite("http_client", start_libcurl, NULL);

	CU_ADD_TEST(suite, an_answer_has_its_status_its_fields_and_its_body);
	CU_ADD_TEST(suite, a_question_says_what_it_wants_and_no_more);
	CU_ADD_TEST(suite, a_token_goes_with_its_own_question_alone);
	CU_ADD_TEST(suite, a_path_goes_out_as_it_is_written);
	CU_ADD_TEST(suite, a_question_may_have_fields_and_a_body);
	CU_ADD_TEST(suite, nothing_of_a_question_sticks_to_the_next_one);
	CU_ADD_TEST(suite, nobody_smuggles_a_field_in);
	CU_ADD_TEST(suite, a_compressed_answer_is_inflated);
	CU_ADD_TEST(suite, a_compressed_answer_that_is_wrong_is_broken);
	CU_ADD_TEST(suite, a_body_is_bounded_as_it_is_when_inflated);
	CU_ADD_TEST(suite, a_connection_is_used_again);
	CU_ADD_TEST(suite, a_connection_that_was_closed_meanwhile_is_replaced);
	CU_ADD_TEST(suite, a_body_may_come_in_many_forms);
	CU_ADD_TEST(suite, a_body_is_not_more_than_it_was_said_to_be);
	CU_ADD_TEST(suite, an_answer_cut_at_any_byte_is_broken);
	CU_ADD_TEST(suite, what_breaks_http_is_broken);
	CU_ADD_TEST(suite, an_answer_may_come_byte_by_byte);
	CU_ADD_TEST(suite, an_answer_that_never_ends_is_too_late);
	CU_ADD_TEST(suite, no_time_left_is_no_time_and_not_for_ever);
	CU_ADD_TEST(suite, a_body_is_read_up_to_its_bound_and_no_further);
	CU_ADD_TEST(suite, an_endless_answer_is_too_large);
	CU_ADD_TEST(suite, a_redirect_is_not_followed);
	CU_ADD_TEST(suite, the_fields_of_interim_answers_and_trailers_are_nobodys_business);
	CU_ADD_TEST(suite, nobody_there_is_not_connected);
	CU_ADD_TEST(suite, a_server_without_tls_is_not_connected_over_https);
	CU_ADD_TEST(suite, only_http_is_spoken);
	CU_ADD_TEST(suite, the_environments_proxy_is_not_used);
	CU_ADD_TEST(suite, a_question_goes_through_a_unix_socket);
	CU_ADD_TEST(suite, a_unix_socket_does_not_stick_to_the_next_question);
	CU_ADD_TEST(suite, questions_beyond_the_connections_wait_for_one);
	CU_ADD_TEST(suite, a_question_behind_one_that_hangs_keeps_its_deadline);
	CU_ADD_TEST(suite, a_thousand_questions_pass_by_those_that_hang);
	CU_ADD_TEST(suite, a_thousand_connections_that_end_leave_nothing_unwatched);
	CU_ADD_TEST(suite, a_thousand_questions_to_a_silent_server_end_in_time);
	CU_ADD_TEST(suite, another_descriptor_takes_the_place_of_the_former);
	CU_ADD_TEST(suite, a_dead_resolver_is_not_waited_for);
	CU_ADD_TEST(suite, a_name_that_does_not_exist_is_not_connected);
	CU_ADD_TEST(suite, a_question_that_was_sent_says_so_when_it_fails);
	CU_ADD_TEST(suite, there_is_room_for_what_connections_can_take_in_turn);
	CU_ADD_TEST(suite, the_callers_descriptor_ends_the_wait);
	CU_ADD_TEST(suite, an_answer_may_lead_to_the_next_question);
	CU_ADD_TEST(suite, a_client_that_ends_tells_nobody);
	CU_ADD_TEST(suite, no_memory_is_a_clean_fault_wherever_it_runs_out);
}
