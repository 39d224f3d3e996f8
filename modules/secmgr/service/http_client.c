/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http_client.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <sys/epoll.h>
#include <unistd.h>

#include <curl/curl.h>
#include <openssl/crypto.h>

#include "wiping_memory.h"

#define BODY_FIRST_BYTES 4096
#define HEADER_BYTES_MAX 16384
#define HEADER_FIELDS_MAX 100
#define IDLE_EXCHANGES_MAX 64
#define SWEEP_MS 20 /* how often, at most, those are sought whose deadline libcurl does not keep */
#define TIMER_ROUNDING_MS 2 /* its clock and ours are cut to a whole one */
#define EVENTS_AT_ONCE 128
#define NEVER UINT64_MAX
#define DNS_CACHE_S 60
/* What one connection is given at once: without multiplexing one exchange, and the next follows without a pause. */
#define EXCHANGES_IN_TURN 2
#define STREAMS_MAX 100

/* Where in the answer's header libcurl is: one line comes after another, of interim answers too. */
enum header_part
{
	HEADER_STATUS_LINE,
	HEADER_INTERIM_FIELDS, /* of a 1xx: nobody's business */
	HEADER_FIELDS,
	HEADER_IS_WHOLE /* what comes now are trailers, which nobody needs */
};

/* One question. It keeps its easy handle and its first buffer for the next one. */
struct exchange
{
	struct secmgr_http_client *client;
	struct exchange *next, **link; /* among those under way, or idle */
	void *asker;
	CURL *easy;
	struct curl_slist *fields; /* NULL: the client's */
	char *body;
	size_t body_length, body_size;
	size_t header_bytes, header_fields;
	enum header_part part;
	enum secmgr_http_outcome fault; /* when a callback ended it; ANSWERED: none did */
	const char *fault_words;
	uint64_t started_ms, overdue_ms; /* on the monotonic clock */
	char words[CURL_ERROR_SIZE];
};

struct secmgr_http_client
{
	struct secmgr_http_settings settings;
	struct secmgr_http_handler handler;
	CURLM *multi;
	struct curl_slist *fields;
	struct exchange *under_way, *idle;
	size_t under_way_count, idle_count;
	int epoll;	   /* of libcurl's sockets and of the caller's descriptor */
	int caller_fd; /* -1: none */
	bool is_blind; /* some socket is not watched, and nobody knows whose */
	uint64_t libcurl_due_ms, next_sweep_ms; /* on the monotonic clock */
	bool multiplexes; /* so the last answer came */
};

bool secmgr_http_client_use_wiping_memory(void)
{
	return curl_global_init_mem(CURL_GLOBAL_DEFAULT, secmgr_wiping_malloc, secmgr_wiping_free, secmgr_wiping_realloc,
				   secmgr_wiping_strdup, secmgr_wiping_calloc)
		   == CURLE_OK;
}

static uint64_t earlier(uint64_t one, uint64_t other)
{
	return one < other ? one : other;
}

static void put_in_list(struct exchange **list, struct exchange *exchange)
{
	exchange->next = *list;
	exchange->link = list;
	if(*list)
		(*list)->link = &exchange->next;
	*list = exchange;
}

static void take_from_list(struct exchange *exchange)
{
	*exchange->link = exchange->next;
	if(exchange->next)
		exchange->next->link = exchange->link;
}

/* Ends the transfer from within a callback of libcurl. */
static size_t give_up(struct exchange *exchange, enum secmgr_http_outcome fault, const char *words)
{
	exchange->fault = fault;
	exchange->fault_words = words;
	return 0;
}

static bool grow_body(struct exchange *exchange, size_t needed)
{
	size_t size = exchange->body_size ? exchange->body_size : BODY_FIRST_BYTES;
	char *body;

	while(size < needed)
		size *= 2;
	body = secmgr_wiping_realloc(exchange->body, size);
	if(!body)
		return false;
	exchange->body = body;
	exchange->body_size = size;
	return true;
}

static size_t take_body(char *bytes, size_t one, size_t count, void *context)
{
	struct exchange *exchange = context;

	(void)one;
	if(count > exchange->client->settings.body_max - exchange->body_length)
		return give_up(exchange, SECMGR_HTTP_TOO_LARGE, "the body is too large");
	if(exchange->body_length + count > exchange->body_size && !grow_body(exchange, exchange->body_length + count))
		return give_up(exchange, SECMGR_HTTP_OUT_OF_MEMORY, "no memory for the body");
	memcpy(exchange->body + exchange->body_length, bytes, count);
	exchange->body_length += count;
	return count;
}

static bool is_interim(struct secmgr_slice status_line)
{
	secmgr_slice_cut(&status_line, ' ');
	return status_line.length > 0 && status_line.at[0] == '1';
}

static struct secmgr_slice without_line_end(const char *line, size_t length)
{
	while(length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r'))
		length--;
	return (struct secmgr_slice){line, length};
}

/* A folded field could hide a no-store from who reads line by line (RFC 9112 section 5.2), and so could a space in
 * front of the colon (section 5.1). */
static bool take_field(struct exchange *exchange, struct secmgr_slice line)
{
	struct secmgr_slice value = line;
	struct secmgr_slice name = secmgr_slice_cut(&value, ':');

	if(name.length == 0 || name.length == line.length || memchr(name.at, ' ', name.length)
			|| memchr(name.at, '\t', name.length))
		return false;
	if(exchange->part == HEADER_FIELDS && exchange->client->handler.field)
		exchange->client->handler.field(exchange->asker, name, secmgr_slice_trim(value));
	return true;
}

static bool take_line(struct exchange *exchange, struct secmgr_slice line)
{
	if(exchange->part == HEADER_STATUS_LINE)
		exchange->part = is_interim(line) ? HEADER_INTERIM_FIELDS : HEADER_FIELDS;
	else if(line.length > 0)
		return take_field(exchange, line);
	else
		exchange->part = exchange->part == HEADER_INTERIM_FIELDS ? HEADER_STATUS_LINE : HEADER_IS_WHOLE;
	return true;
}

static size_t take_header(char *bytes, size_t one, size_t count, void *context)
{
	struct exchange *exchange = context;

	(void)one;
	exchange->header_bytes += count;
	exchange->header_fields++;
	if(exchange->header_bytes > HEADER_BYTES_MAX || exchange->header_fields > HEADER_FIELDS_MAX)
		return give_up(exchange, SECMGR_HTTP_TOO_LARGE, "the header is too large");
	if(!take_line(exchange, without_line_end(bytes, count)))
		return give_up(exchange, SECMGR_HTTP_BROKEN, "a header field is folded or has no name");
	return count;
}

static bool set_text(CURL *easy, CURLoption option, const char *text)
{
	return !text || curl_easy_setopt(easy, option, text) == CURLE_OK;
}

static bool set_number(CURL *easy, CURLoption option, long number)
{
	return curl_easy_setopt(easy, option, number) == CURLE_OK;
}

/* A credential service is neither a file nor a mail box, whatever a URL says. */
static bool set_protocols(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	return set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	return set_number(easy, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
}

/* The environment's proxy and the user's .netrc are not the operator's configuration. */
static bool set_surroundings(CURL *easy)
{
	return set_protocols(easy) && set_text(easy, CURLOPT_PROXY, "")
		   && set_number(easy, CURLOPT_NETRC, CURL_NETRC_IGNORED) && set_number(easy, CURLOPT_NOSIGNAL, 1)
		   && set_number(easy, CURLOPT_FOLLOWLOCATION, 0) && set_number(easy, CURLOPT_PATH_AS_IS, 1)
		   && set_number(easy, CURLOPT_TCP_NODELAY, 1) && set_number(easy, CURLOPT_TCP_KEEPALIVE, 1);
}

/* A question that ends while its name is being resolved would wait for the resolver's thread, and all others with it,
 * for as long as the system's resolver tries. */
static bool set_resolver(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075700
	if(!set_number(easy, CURLOPT_QUICK_EXIT, 1))
		return false;
#endif
	return set_number(easy, CURLOPT_DNS_CACHE_TIMEOUT, DNS_CACHE_S);
}

static bool set_tls(CURL *easy, const struct secmgr_http_settings *settings)
{
	return set_number(easy, CURLOPT_SSL_VERIFYPEER, 1) && set_number(easy, CURLOPT_SSL_VERIFYHOST, 2)
		   && set_number(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
		   && set_text(easy, CURLOPT_CAINFO, settings->ca_file)
		   && set_text(easy, CURLOPT_SSLCERT, settings->certificate_file)
		   && set_text(easy, CURLOPT_SSLKEY, settings->key_file);
}

static bool set_callbacks(CURL *easy, struct exchange *exchange)
{
	return curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange) == CURLE_OK
		   && curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->words) == CURLE_OK
		   && curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK
		   && curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange) == CURLE_OK
		   && curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK
		   && curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange) == CURLE_OK;
}

/* What is the same for every question. */
static bool set_up(struct exchange *exchange)
{
	const struct secmgr_http_client *client = exchange->client;
	CURL *easy = exchange->easy;

	return set_surroundings(easy) && set_resolver(easy) && set_tls(easy, &client->settings)
		   && set_callbacks(easy, exchange)
		   && set_number(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER)
		   && set_number(easy, CURLOPT_CONNECTTIMEOUT_MS, client->settings.connect_timeout_ms)
		   && curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)client->settings.body_max) == CURLE_OK
		   && set_text(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
}

/* A line end in a field would begin another one. libcurl leaves out a field without a value. */
static bool is_field(const char *field)
{
	struct secmgr_slice value = secmgr_slice_of(field);
	struct secmgr_slice name = secmgr_slice_cut(&value, ':');

	return name.length > 0 && secmgr_slice_trim(value).length > 0
		   && !secmgr_slice_has_control_bytes(secmgr_slice_of(field));
}

static bool has_field(const char *const *fields, struct secmgr_slice name)
{
	for(; fields && *fields; fields++) {
		struct secmgr_slice value = secmgr_slice_of(*fields);

		if(secmgr_slice_equals_ignoring_case(secmgr_slice_cut(&value, ':'), name))
			return true;
	}
	return false;
}

static bool add_field(struct exchange *exchange, const char *field)
{
	struct curl_slist *longer = is_field(field) ? curl_slist_append(exchange->fields, field) : NULL;

	if(longer)
		exchange->fields = longer;
	return longer;
}

static bool make_fields(struct exchange *exchange, const struct secmgr_http_request *request)
{
	if(!has_field(request->fields, SECMGR_SLICE("Accept")) && !add_field(exchange, "Accept: application/json"))
		return false;
	if(request->body && !has_field(request->fields, SECMGR_SLICE("Content-Type"))
			&& !add_field(exchange, "Content-Type: application/json"))
		return false;
	for(const char *const *field = request->fields; field && *field; field++)
		if(!add_field(exchange, *field))
			return false;
	return true;
}

static bool set_fields(struct exchange *exchange, const struct secmgr_http_request *request)
{
	struct curl_slist *fields = exchange->client->fields;

	if(request->fields || request->body) {
		if(!make_fields(exchange, request))
			return false;
		fields = exchange->fields;
	}
	return curl_easy_setopt(exchange->easy, CURLOPT_HTTPHEADER, fields) == CURLE_OK;
}

static bool set_method(CURL *easy, const char *body)
{
	if(!body)
		return set_number(easy, CURLOPT_HTTPGET, 1);
	return set_number(easy, CURLOPT_POST, 1)
		   && curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(body)) == CURLE_OK
		   && curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, body) == CURLE_OK;
}

/* Over TLS the handshake tells whether a server multiplexes, and it is worth waiting for. In the clear only its first
 * answer would, and all would stand behind one that hangs. */
static bool set_version(CURL *easy, const char *url)
{
	bool is_tls = strncasecmp(url, "https:", 6) == 0;

	return set_number(easy, CURLOPT_HTTP_VERSION, is_tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1)
		   && set_number(easy, CURLOPT_PIPEWAIT, is_tls);
}

static bool set_bearer(CURL *easy, const char *bearer)
{
	return (!bearer || !secmgr_slice_has_control_bytes(secmgr_slice_of(bearer)))
		   && curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, bearer) == CURLE_OK;
}

static bool set_question(struct exchange *exchange, const struct secmgr_http_request *request, long deadline_ms)
{
	CURL *easy = exchange->easy;

	return curl_easy_setopt(easy, CURLOPT_URL, request->url) == CURLE_OK
		   && curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request->unix_path) == CURLE_OK
		   && set_bearer(easy, request->bearer) && set_version(easy, request->url) && set_method(easy, request->body)
		   && set_fields(exchange, request) && set_number(easy, CURLOPT_TIMEOUT_MS, deadline_ms);
}

static void free_exchange(struct exchange *exchange)
{
	curl_easy_cleanup(exchange->easy);
	curl_slist_free_all(exchange->fields);
	secmgr_wiping_free(exchange->body);
	secmgr_wiping_free(exchange);
}

static struct exchange *make_exchange(struct secmgr_http_client *client)
{
	struct exchange *exchange = secmgr_wiping_calloc(1, sizeof(*exchange));

	if(!exchange)
		return NULL;
	exchange->client = client;
	exchange->easy = curl_easy_init();
	if(exchange->easy && set_up(exchange))
		return exchange;
	free_exchange(exchange);
	return NULL;
}

static struct exchange *take_idle(struct secmgr_http_client *client)
{
	struct exchange *exchange = client->idle;

	if(!exchange)
		return make_exchange(client);
	take_from_list(exchange);
	client->idle_count--;
	return exchange;
}

/* Only those with a small buffer are kept: one flood of large answers must not hold memory for ever. */
static void put_idle(struct exchange *exchange)
{
	struct secmgr_http_client *client = exchange->client;

	if(client->idle_count >= IDLE_EXCHANGES_MAX || exchange->body_size > BODY_FIRST_BYTES) {
		free_exchange(exchange);
		return;
	}
	OPENSSL_cleanse(exchange->body, exchange->body_length);
	curl_easy_setopt(exchange->easy, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(exchange->fields);
	exchange->fields = NULL;
	exchange->body_length = exchange->header_bytes = exchange->header_fields = 0;
	exchange->part = HEADER_STATUS_LINE;
	exchange->fault = SECMGR_HTTP_ANSWERED;
	exchange->words[0] = '\0';
	put_in_list(&client->idle, exchange);
	client->idle_count++;
}

static uint64_t monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool watch(const struct secmgr_http_client *client, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	return epoll_ctl(client->epoll, EPOLL_CTL_MOD, fd, &event) == 0
		   || (errno == ENOENT && epoll_ctl(client->epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

/* The kernel forgets what was closed, so that it may be gone already. */
static void unwatch(const struct secmgr_http_client *client, int fd)
{
	epoll_ctl(client->epoll, EPOLL_CTL_DEL, fd, NULL);
}

/* libcurl tells what it waits for. A failure told to it would end every question, now and later. */
static int note_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *of_socket)
{
	struct secmgr_http_client *client = context;
	uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0U) | (what & CURL_POLL_OUT ? EPOLLOUT : 0U);

	(void)easy;
	(void)of_socket;
	if(what == CURL_POLL_REMOVE || events == 0)
		unwatch(client, fd);
	else if(!watch(client, fd, events))
		client->is_blind = true;
	return 0;
}

/* libcurl rounds down, and asked less than a millisecond early it takes its timer for done, but not the deadline for
 * passed: better late. */
static int note_timer(CURLM *multi, long timeout_ms, void *context)
{
	struct secmgr_http_client *client = context;

	(void)multi;
	if(timeout_ms < 0)
		client->libcurl_due_ms = NEVER;
	else
		client->libcurl_due_ms = monotonic_ms() + (timeout_ms > 0 ? (uint64_t)timeout_ms + TIMER_ROUNDING_MS : 0);
	return 0;
}

static bool set_up_callbacks(struct secmgr_http_client *client)
{
	CURLM *multi = client->multi;

	return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, note_socket) == CURLM_OK
		   && curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, client) == CURLM_OK
		   && curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, note_timer) == CURLM_OK
		   && curl_multi_setopt(multi, CURLMOPT_TIMERDATA, client) == CURLM_OK;
}

static bool set_up_multi(CURLM *multi, const struct secmgr_http_settings *settings)
{
	long kept_alive = settings->connections * (settings->endpoints > 1 ? settings->endpoints : 1);

	return multi && curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, settings->connections) == CURLM_OK
		   && curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, kept_alive) == CURLM_OK
		   && curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX) == CURLM_OK
		   && curl_multi_setopt(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, (long)STREAMS_MAX) == CURLM_OK;
}

struct secmgr_http_client *secmgr_http_client_create(
		const struct secmgr_http_settings *settings, const struct secmgr_http_handler *handler)
{
	struct secmgr_http_client *client = secmgr_wiping_calloc(1, sizeof(*client));

	if(!client)
		return NULL;
	client->settings = *settings;
	client->handler = *handler;
	client->caller_fd = -1;
	client->libcurl_due_ms = client->next_sweep_ms = NEVER;
	client->epoll = epoll_create1(EPOLL_CLOEXEC);
	client->multi = curl_multi_init();
	client->fields = curl_slist_append(NULL, "Accept: application/json");
	if(client->epoll >= 0 && client->fields && set_up_multi(client->multi, settings) && set_up_callbacks(client))
		return client;
	secmgr_http_client_destroy(client);
	return NULL;
}

void secmgr_http_client_destroy(struct secmgr_http_client *client)
{
	while(client->under_way) {
		struct exchange *exchange = client->under_way;

		curl_multi_remove_handle(client->multi, exchange->easy);
		take_from_list(exchange);
		free_exchange(exchange);
	}
	while(client->idle) {
		struct exchange *exchange = client->idle;

		take_from_list(exchange);
		free_exchange(exchange);
	}
	curl_multi_cleanup(client->multi);
	if(client->epoll >= 0)
		close(client->epoll);
	curl_slist_free_all(client->fields);
	secmgr_wiping_free(client);
}

bool secmgr_http_client_start(
		struct secmgr_http_client *client, const struct secmgr_http_request *request, void *asker)
{
	struct exchange *exchange = take_idle(client);
	long deadline_ms = request->deadline_ms < 1 ? 1 : request->deadline_ms; /* 0 would be none to libcurl */

	if(!exchange)
		return false;
	exchange->asker = asker;
	exchange->started_ms = monotonic_ms();
	exchange->overdue_ms = exchange->started_ms + (uint64_t)deadline_ms + SWEEP_MS;
	if(!set_question(exchange, request, deadline_ms)
			|| curl_multi_add_handle(client->multi, exchange->easy) != CURLM_OK) {
		free_exchange(exchange);
		return false;
	}
	put_in_list(&client->under_way, exchange);
	client->under_way_count++;
	client->next_sweep_ms = earlier(client->next_sweep_ms, exchange->overdue_ms);
	return true;
}

static enum secmgr_http_outcome outcome_of(const struct exchange *exchange, CURLcode result)
{
	if(exchange->fault != SECMGR_HTTP_ANSWERED)
		return exchange->fault;
	switch(result) {
		case CURLE_OK:
			return SECMGR_HTTP_ANSWERED;
		case CURLE_OPERATION_TIMEDOUT:
			return SECMGR_HTTP_TIMED_OUT;
		case CURLE_FILESIZE_EXCEEDED:
			return SECMGR_HTTP_TOO_LARGE;
		case CURLE_OUT_OF_MEMORY:
			return SECMGR_HTTP_OUT_OF_MEMORY;
		case CURLE_COULDNT_RESOLVE_HOST:
		case CURLE_COULDNT_CONNECT:
		case CURLE_SSL_CONNECT_ERROR:
		case CURLE_SSL_CERTPROBLEM:
		case CURLE_SSL_CIPHER:
		case CURLE_SSL_CACERT_BADFILE:
		case CURLE_PEER_FAILED_VERIFICATION:
			return SECMGR_HTTP_NOT_CONNECTED;
		default:
			return SECMGR_HTTP_BROKEN;
	}
}

/* libcurl may quote a certificate's names: they shall not draw lines in a log. */
static const char *words_of(struct exchange *exchange, CURLcode result)
{
	if(exchange->fault != SECMGR_HTTP_ANSWERED)
		return exchange->fault_words;
	if(result == CURLE_OK || exchange->words[0] == '\0')
		return curl_easy_strerror(result);
	for(char *byte = exchange->words; *byte; byte++)
		if((unsigned char)*byte < 0x20 || (unsigned char)*byte > 0x7e)
			*byte = '?';
	return exchange->words;
}

/* To libcurl a header that ends with the connection is an answer without a body: half a 404 would be an unknown
 * subscriber. */
static CURLcode result_of(const struct exchange *exchange, CURLcode result)
{
	return result == CURLE_OK && exchange->part != HEADER_IS_WHOLE ? CURLE_PARTIAL_FILE : result;
}

static void read_answer(struct exchange *exchange, CURLcode result, struct secmgr_http_answer *answer)
{
	long sent = 0;

	memset(answer, 0, sizeof(*answer));
	answer->outcome = outcome_of(exchange, result);
	answer->why = words_of(exchange, result);
	answer->elapsed_ms = (long)(monotonic_ms() - exchange->started_ms);
	curl_easy_getinfo(exchange->easy, CURLINFO_REQUEST_SIZE, &sent);
	answer->was_sent = sent > 0;
	/* Of one that waited for another's handshake libcurl says that its name was not found. */
	if(result == CURLE_OPERATION_TIMEDOUT && answer->outcome == SECMGR_HTTP_TIMED_OUT && !answer->was_sent)
		answer->why = "no connection in time (name, TCP or TLS)";
	if(answer->outcome != SECMGR_HTTP_ANSWERED)
		return;
	curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &answer->status);
	answer->body = (struct secmgr_slice){exchange->body, exchange->body_length};
}

static bool was_multiplexed(const struct exchange *exchange)
{
	long version = CURL_HTTP_VERSION_NONE;

	curl_easy_getinfo(exchange->easy, CURLINFO_HTTP_VERSION, &version);
	return version >= CURL_HTTP_VERSION_2_0;
}

static void finish(struct exchange *exchange, CURLcode result)
{
	struct secmgr_http_client *client = exchange->client;
	struct secmgr_http_answer answer;

	read_answer(exchange, result_of(exchange, result), &answer);
	if(answer.outcome == SECMGR_HTTP_ANSWERED)
		client->multiplexes = was_multiplexed(exchange);
	curl_multi_remove_handle(client->multi, exchange->easy);
	take_from_list(exchange);
	client->under_way_count--;
	client->handler.done(exchange->asker, &answer);
	put_idle(exchange);
}

static void finish_those_that_ended(struct secmgr_http_client *client)
{
	CURLMsg *message;
	int left;

	while((message = curl_multi_info_read(client->multi, &left))) {
		struct exchange *exchange = NULL;
		CURLcode result = message->data.result;

		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&exchange);
		finish(exchange, result);
	}
}

static bool has_connection(const struct exchange *exchange)
{
	curl_off_t resolved_us = 0;

	curl_easy_getinfo(exchange->easy, CURLINFO_NAMELOOKUP_TIME_T, &resolved_us);
	return resolved_us > 0;
}

/* libcurl keeps no deadline for a question that waits for a connection: behind a service that hangs it would wait for
 * as long as the one in front. And it forgets that of one that something happened to in its last millisecond. */
static void finish_overdue(struct exchange *exchange)
{
	if(!has_connection(exchange))
		give_up(exchange, SECMGR_HTTP_NO_FREE_CONNECTION, "the deadline passed while waiting for a free connection");
	finish(exchange, CURLE_OPERATION_TIMEDOUT);
}

static void finish_those_overdue(struct secmgr_http_client *client)
{
	uint64_t now_ms = monotonic_ms(), next_ms = NEVER;
	struct exchange *next;

	if(now_ms < client->next_sweep_ms)
		return;
	client->next_sweep_ms = NEVER;
	for(struct exchange *exchange = client->under_way; exchange; exchange = next) {
		next = exchange->next;
		if(now_ms >= exchange->overdue_ms)
			finish_overdue(exchange);
		else
			next_ms = earlier(next_ms, exchange->overdue_ms);
	}
	/* `done` may have started others; and with many, some deadline is always near. */
	client->next_sweep_ms = earlier(client->next_sweep_ms, next_ms);
	if(client->next_sweep_ms < now_ms + SWEEP_MS)
		client->next_sweep_ms = now_ms + SWEEP_MS;
}

/* Without memory to watch a socket, whoever waits for it would wait until its deadline. */
static void finish_all_if_blind(struct secmgr_http_client *client)
{
	struct exchange *next;

	if(!client->is_blind)
		return;
	client->is_blind = false;
	for(struct exchange *exchange = client->under_way; exchange; exchange = next) {
		next = exchange->next;
		give_up(exchange, SECMGR_HTTP_OUT_OF_MEMORY, "no memory to watch the connection");
		finish(exchange, CURLE_OUT_OF_MEMORY);
	}
}

static void watch_caller(struct secmgr_http_client *client, int fd)
{
	if(fd == client->caller_fd)
		return;
	if(client->caller_fd >= 0)
		unwatch(client, client->caller_fd);
	client->caller_fd = fd >= 0 && watch(client, fd, EPOLLIN) ? fd : -1;
}

static int time_to_wait(const struct secmgr_http_client *client, int wait_ms)
{
	uint64_t now_ms = monotonic_ms();
	uint64_t due_ms = earlier(client->libcurl_due_ms, client->next_sweep_ms);

	if(due_ms <= now_ms)
		return 0;
	return due_ms - now_ms < (uint64_t)wait_ms ? (int)(due_ms - now_ms) : wait_ms;
}

/* Of an error or a hang-up alone nothing is said: libcurl then looks for itself. */
static int what_is_ready(uint32_t events)
{
	return (events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0);
}

/* Nothing else may move exchanges on: curl_multi_perform does not tell which sockets they wait for afterwards. */
static void act(struct secmgr_http_client *client, curl_socket_t fd, int ready)
{
	int running;

	if(curl_multi_socket_action(client->multi, fd, ready, &running) != CURLM_OK)
		client->is_blind = true;
}

/* A socket may have been closed, or its number taken by another, since it became ready: libcurl does not mind. */
static void act_on_sockets(struct secmgr_http_client *client, const struct epoll_event *events, int count)
{
	for(int i = 0; i < count; i++)
		if(events[i].data.fd != client->caller_fd)
			act(client, events[i].data.fd, what_is_ready(events[i].events));
}

/* libcurl sets its timer anew. */
static void act_on_time(struct secmgr_http_client *client)
{
	if(monotonic_ms() < client->libcurl_due_ms)
		return;
	client->libcurl_due_ms = NEVER;
	act(client, CURL_SOCKET_TIMEOUT, 0);
}

void secmgr_http_client_wait(struct secmgr_http_client *client, int fd, int wait_ms)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	int count;

	watch_caller(client, fd);
	count = epoll_wait(client->epoll, events, EVENTS_AT_ONCE, time_to_wait(client, wait_ms));
	act_on_sockets(client, events, count);
	act_on_time(client);
	finish_those_that_ended(client);
	finish_those_overdue(client);
	finish_all_if_blind(client);
}

size_t secmgr_http_client_under_way(const struct secmgr_http_client *client)
{
	return client->under_way_count;
}

bool secmgr_http_client_has_room(const struct secmgr_http_client *client)
{
	size_t connections = (size_t)client->settings.connections;

	return client->under_way_count < connections * (client->multiplexes ? STREAMS_MAX : EXCHANGES_IN_TURN);
}
