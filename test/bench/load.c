/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A load of SIP calls over UDP: each is a request, its challenge, the request again with credentials, the final answer
 * and the ACK. Open loop (--rate: calls start on time, however slow the answers are) or closed loop (--at-once).
 *
 * Each caller does what a phone does: it repeats a request after T1 = 500 ms, then at doubled intervals (RFC 3261
 * 17.1), so that a lost datagram is not a lost call; it takes one stale=true; it hangs up when it has waited too long.
 * An answer's time is that of its arrival in the kernel: how busy this process is does not count.
 *
 * Prints one JSON object.
 */
#define _GNU_SOURCE /* memmem, ppoll */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>

#define MESSAGE_MAX 4096
#define VALUE_MAX 512
#define T1_US 500000
#define T2_US 4000000
#define TIMER_STEP_US 10000
#define STATUS_MAX 700
#define REALM "example.org"
#define CALLEE "sip:bob@" REALM
#define NC "00000001"
#define CNONCE "0a4f113b"

enum phase
{
	CALL_WAITS_FOR_A_CHALLENGE,
	CALL_WAITS_FOR_THE_ANSWER,
	CALL_IS_OVER
};

struct call
{
	char *request; /* as sent last, for retransmissions */
	size_t length;
	int64_t started_us;
	int64_t resend_us; /* 0: a provisional answer came, or a final one */
	int64_t interval_us;
	enum phase phase;
	int cseq;
	bool took_stale;
	bool cancelled;
};

struct challenge
{
	const char *answer_with;
	const EVP_MD *md;
	char algorithm[VALUE_MAX];
	char realm[VALUE_MAX];
	char nonce[VALUE_MAX];
	char opaque[VALUE_MAX];
	bool has_qop;
	bool stale;
};

static struct
{
	const char *from;
	int port;
	const char *method;
	const char *user;
	const char *password;
	int64_t rate;
	int64_t at_once;
	size_t calls;
	size_t users;
	size_t first_user;
	int64_t patience_us;
	bool cancel;
} options = {
	.from = "127.0.0.1",
	.method = "INVITE",
	.user = "user",
	.password = "wonderland",
	.at_once = 1,
	.calls = 1,
	.users = SIZE_MAX,
	.patience_us = 32000000, /* timer B, RFC 3261 17.1.1.2 */
};

static int udp;
static int own_port;
static struct call *calls;
static size_t started, oldest, active;
static uint64_t answers[STATUS_MAX], unanswered, retransmissions;
static int64_t *latencies;
static size_t completed;

static int64_t clock_us(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static int64_t now_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

static void fail(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* The message that is being written. */
static char written[MESSAGE_MAX];
static size_t written_length;

__attribute__((format(printf, 1, 2))) static void add(const char *format, ...)
{
	va_list arguments;
	int count;

	va_start(arguments, format);
	count = vsnprintf(written + written_length, sizeof(written) - written_length, format, arguments);
	va_end(arguments);
	if(count < 0 || (size_t)count >= sizeof(written) - written_length) {
		errno = EMSGSIZE;
		fail("a request");
	}
	written_length += (size_t)count;
}

/* A full socket buffer is a lost datagram, as on any network. */
static void send_message(const char *message, size_t length)
{
	if(send(udp, message, length, 0) < 0 && errno != EAGAIN && errno != ENOBUFS && errno != ECONNREFUSED)
		fail("send");
}

static size_t number_of(const struct call *call)
{
	return (size_t)(call - calls);
}

/* Up to and with CSeq; `branch` sets apart the transactions of one call. */
static void write_start(const struct call *call, const char *method, const char *branch, const char *to_tag)
{
	size_t number = number_of(call);

	written_length = 0;
	add("%s " CALLEE " SIP/2.0\r\n", method);
	add("Via: SIP/2.0/UDP %s:%d;rport;branch=z9hG4bK%d-%zu-%d%s\r\n", options.from, own_port, getpid(), number,
			call->cseq, branch);
	add("Max-Forwards: 70\r\n");
	add("From: <sip:%s%zu@" REALM ">;tag=%zu\r\n", options.user, options.first_user + number % options.users, number);
	add("To: <" CALLEE ">%s%s\r\n", *to_tag ? ";tag=" : "", to_tag);
	add("Call-ID: %zu-%d-%d@%s\r\n", number, getpid(), own_port, options.from);
	add("CSeq: %d %s\r\n", call->cseq, method);
}

static void write_end(void)
{
	add("Contact: <sip:load@%s:%d>\r\nUser-Agent: load\r\nContent-Length: 0\r\n\r\n", options.from, own_port);
}

static void send_request(struct call *call)
{
	free(call->request);
	call->request = malloc(written_length);
	if(call->request == NULL)
		fail("malloc");
	memcpy(call->request, written, written_length);
	call->length = written_length;
	call->interval_us = T1_US;
	call->resend_us = now_us() + T1_US;
	send_message(call->request, call->length);
}

static void start_call(void)
{
	struct call *call = &calls[started++];

	active++;
	call->started_us = now_us();
	call->cseq = 1;
	call->phase = CALL_WAITS_FOR_A_CHALLENGE;
	write_start(call, options.method, "", "");
	write_end();
	send_request(call);
}

static void end_call(struct call *call, int status, int64_t arrived_us)
{
	free(call->request);
	call->request = NULL;
	call->phase = CALL_IS_OVER;
	call->resend_us = 0;
	active--;
	if(status == 0)
		unanswered++;
	else
		answers[status]++;
	if(status >= 200 && status < 300)
		latencies[completed++] = arrived_us - call->started_us;
	while(oldest < started && calls[oldest].phase == CALL_IS_OVER)
		oldest++;
}

static void run_timers(int64_t now)
{
	for(size_t number = oldest; number < started; number++) {
		struct call *call = &calls[number];

		if(call->phase == CALL_IS_OVER)
			continue;
		if(now - call->started_us > options.patience_us) {
			end_call(call, 0, 0);
		} else if(call->resend_us != 0 && call->resend_us <= now) {
			send_message(call->request, call->length);
			retransmissions++;
			call->interval_us *= 2;
			if(strcmp(options.method, "INVITE") != 0 && call->interval_us > T2_US)
				call->interval_us = T2_US;
			call->resend_us = now + call->interval_us;
		}
	}
}

/* The value of the header field that begins at or after `*from`; `*from` moves behind it. NULL: there is none. */
static const char *next_header(const char **from, const char *name, size_t *length)
{
	size_t name_length = strlen(name);

	for(const char *line = *from; line != NULL && *line != '\0'; line = strstr(line, "\r\n")) {
		const char *end;

		line += strspn(line, "\r\n");
		if(strncasecmp(line, name, name_length) != 0 || line[name_length] != ':')
			continue;
		line += name_length + 1;
		line += strspn(line, " \t");
		end = strstr(line, "\r\n");
		if(end == NULL)
			return NULL;
		*from = end;
		*length = (size_t)(end - line);
		return line;
	}
	return NULL;
}

static bool read_parameter(const char *field, size_t length, const char *name, char value[VALUE_MAX])
{
	size_t name_length = strlen(name);
	const char *end = field + length;

	value[0] = '\0';
	for(const char *at = field; (size_t)(end - at) > name_length; at++) {
		const char *stop;

		if(strncasecmp(at, name, name_length) != 0 || at[name_length] != '=')
			continue;
		if(at > field && strchr(" ,;", at[-1]) == NULL)
			continue;
		at += name_length + 1;
		stop = *at == '"' ? memchr(at + 1, '"', (size_t)(end - at - 1)) : at + strcspn(at, ",; \r");
		at += *at == '"';
		if(stop == NULL || stop > end || stop - at >= VALUE_MAX)
			return false;
		memcpy(value, at, (size_t)(stop - at));
		value[stop - at] = '\0';
		return true;
	}
	return false;
}

/* The first challenge that can be answered: RFC 8760 2.4. */
static bool read_challenge(const char *reply, int status, struct challenge *challenge)
{
	const char *name = status == 401 ? "WWW-Authenticate" : "Proxy-Authenticate";
	const char *field, *from = reply;
	char value[VALUE_MAX];
	size_t length;

	while((field = next_header(&from, name, &length)) != NULL) {
		if(!read_parameter(field, length, "algorithm", challenge->algorithm))
			snprintf(challenge->algorithm, sizeof(challenge->algorithm), "MD5");
		if(strcasecmp(challenge->algorithm, "SHA-256") == 0)
			challenge->md = EVP_sha256();
		else if(strcasecmp(challenge->algorithm, "MD5") == 0)
			challenge->md = EVP_md5();
		else
			continue;
		challenge->answer_with = status == 401 ? "Authorization" : "Proxy-Authorization";
		challenge->has_qop = read_parameter(field, length, "qop", value);
		challenge->stale = read_parameter(field, length, "stale", value) && strcasecmp(value, "true") == 0;
		read_parameter(field, length, "opaque", challenge->opaque);
		return read_parameter(field, length, "realm", challenge->realm)
			   && read_parameter(field, length, "nonce", challenge->nonce);
	}
	return false;
}

__attribute__((format(printf, 3, 4))) static void hash(
		const EVP_MD *md, char hex[2 * EVP_MAX_MD_SIZE + 1], const char *format, ...)
{
	static char text[4 * VALUE_MAX];
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if(length < 0 || (size_t)length >= sizeof(text) || !EVP_Digest(text, (size_t)length, digest, &size, md, NULL))
		fail("digest");
	for(unsigned at = 0; at < size; at++)
		snprintf(hex + 2 * at, 3, "%02x", digest[at]);
}

/* RFC 7616 3.4 */
static void write_credentials(const struct call *call, const struct challenge *challenge)
{
	char ha1[2 * EVP_MAX_MD_SIZE + 1], ha2[2 * EVP_MAX_MD_SIZE + 1], response[2 * EVP_MAX_MD_SIZE + 1];
	char user[VALUE_MAX];

	snprintf(user, sizeof(user), "%s%zu", options.user, options.first_user + number_of(call) % options.users);
	hash(challenge->md, ha1, "%s:%s:%s", user, challenge->realm, options.password);
	hash(challenge->md, ha2, "%s:%s", options.method, CALLEE);
	if(challenge->has_qop)
		hash(challenge->md, response, "%s:%s:" NC ":" CNONCE ":auth:%s", ha1, challenge->nonce, ha2);
	else
		hash(challenge->md, response, "%s:%s:%s", ha1, challenge->nonce, ha2);
	add("%s: Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"" CALLEE "\", response=\"%s\", algorithm=%s",
			challenge->answer_with, user, challenge->realm, challenge->nonce, response, challenge->algorithm);
	if(challenge->has_qop)
		add(", qop=auth, nc=" NC ", cnonce=\"" CNONCE "\"");
	if(challenge->opaque[0] != '\0')
		add(", opaque=\"%s\"", challenge->opaque);
	add("\r\n");
}

/* ACK for a final answer to an INVITE: a refusal's belongs to its transaction, that of a 2xx is one of its own. */
static void acknowledge(const struct call *call, int status, const char *reply)
{
	const char *from = reply;
	char tag[VALUE_MAX] = "";
	size_t length;
	const char *to = next_header(&from, "To", &length);

	if(strcmp(options.method, "INVITE") != 0)
		return;
	if(to != NULL)
		read_parameter(to, length, "tag", tag);
	write_start(call, "ACK", status < 300 ? "-ack" : "", tag);
	write_end();
	send_message(written, written_length);
}

static void answer_challenge(struct call *call, const struct challenge *challenge)
{
	call->phase = CALL_WAITS_FOR_THE_ANSWER;
	call->cseq++;
	write_start(call, options.method, "", "");
	write_credentials(call, challenge);
	write_end();
	send_request(call);
}

static void take_provisional(struct call *call)
{
	call->resend_us = 0;
	if(!options.cancel || call->cancelled || call->phase != CALL_WAITS_FOR_THE_ANSWER)
		return;
	call->cancelled = true;
	write_start(call, "CANCEL", "", "");
	write_end();
	send_message(written, written_length);
}

static void take_final(struct call *call, int status, const char *reply, int64_t arrived_us)
{
	struct challenge challenge = {0};
	bool may_answer;

	acknowledge(call, status, reply);
	if(call->phase == CALL_IS_OVER)
		return;
	may_answer = (status == 401 || status == 407) && read_challenge(reply, status, &challenge);
	if(may_answer && call->phase == CALL_WAITS_FOR_THE_ANSWER) {
		may_answer = challenge.stale && !call->took_stale;
		call->took_stale = true;
	}
	if(may_answer)
		answer_challenge(call, &challenge);
	else
		end_call(call, status, arrived_us);
}

/* What is not an answer to the last request of one of our calls is passed over. */
static void take_reply(const char *reply, int64_t arrived_us)
{
	const char *from = reply, *value;
	size_t number, length;
	char method[16];
	int status, cseq;

	if(sscanf(reply, "SIP/2.0 %d ", &status) != 1 || status < 100 || status >= STATUS_MAX)
		return;
	value = next_header(&from, "Call-ID", &length);
	if(value == NULL || sscanf(value, "%zu-", &number) != 1 || number >= started)
		return;
	from = reply;
	value = next_header(&from, "CSeq", &length);
	if(value == NULL || sscanf(value, "%d %15[A-Z]", &cseq, method) != 2 || strcmp(method, options.method) != 0)
		return;
	if(cseq != calls[number].cseq)
		return;
	if(status >= 200)
		take_final(&calls[number], status, reply, arrived_us);
	else if(calls[number].phase != CALL_IS_OVER)
		take_provisional(&calls[number]);
}

/* When the datagram arrived, in our clock: the kernel's stamp is in another. */
static int64_t arrival_us(struct msghdr *message)
{
	for(struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
		struct timespec stamp;

		if(part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&stamp, CMSG_DATA(part), sizeof(stamp));
		return now_us() - (clock_us(CLOCK_REALTIME) - ((int64_t)stamp.tv_sec * 1000000 + stamp.tv_nsec / 1000));
	}
	return now_us();
}

static void receive_all(void)
{
	static char buffer[65536];

	for(;;) {
		char control[128];
		struct iovec part = {buffer, sizeof(buffer) - 1};
		struct msghdr message = {
				.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
		ssize_t length = recvmsg(udp, &message, MSG_DONTWAIT);

		if(length < 0 && (errno == ECONNREFUSED || errno == EINTR))
			continue;
		if(length < 0)
			return;
		buffer[length] = '\0';
		take_reply(buffer, arrival_us(&message));
	}
}

static int64_t next_start_us(int64_t begun_us)
{
	if(options.rate == 0 || started == options.calls)
		return INT64_MAX;
	return begun_us + (int64_t)started * 1000000 / options.rate;
}

static void start_due_calls(int64_t begun_us)
{
	if(options.rate == 0) {
		while(started < options.calls && active < (size_t)options.at_once)
			start_call();
		return;
	}
	while(next_start_us(begun_us) <= now_us())
		start_call();
}

static void wait_until(int64_t until_us)
{
	struct pollfd readable = {.fd = udp, .events = POLLIN};
	int64_t wait_us = until_us - now_us();
	struct timespec timeout = {wait_us / 1000000, wait_us % 1000000 * 1000};

	if(wait_us > 0)
		ppoll(&readable, 1, &timeout, NULL);
}

static void run(void)
{
	int64_t begun_us = now_us(), timers_us = begun_us + TIMER_STEP_US;

	while(started < options.calls || active > 0) {
		int64_t start_us;

		start_due_calls(begun_us);
		start_us = next_start_us(begun_us);
		wait_until(start_us < timers_us ? start_us : timers_us);
		receive_all();
		if(now_us() < timers_us)
			continue;
		run_timers(now_us());
		timers_us = now_us() + TIMER_STEP_US;
	}
}

static void open_socket(void)
{
	struct sockaddr_in own = {.sin_family = AF_INET}, proxy = {.sin_family = AF_INET};
	socklen_t size = sizeof(own);
	int on = 1, bytes = 8 << 20;

	proxy.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	proxy.sin_port = htons((uint16_t)options.port);
	udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if(udp < 0 || inet_pton(AF_INET, options.from, &own.sin_addr) != 1 || bind(udp, (void *)&own, sizeof(own)) < 0
			|| getsockname(udp, (void *)&own, &size) < 0 || connect(udp, (void *)&proxy, sizeof(proxy)) < 0)
		fail("a UDP socket");
	own_port = ntohs(own.sin_port);
	setsockopt(udp, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	if(setsockopt(udp, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
		setsockopt(udp, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

static int compare(const void *one, const void *other)
{
	int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;

	return (a > b) - (a < b);
}

/* Of `count` requests, the fastest of which are those completed; the others take for ever: null. */
static void print_percentile(const char *name, size_t percent, size_t count)
{
	size_t rank = count > 0 ? (count - 1) * percent / 100 : 0;

	if(rank < completed)
		printf("\"%s\": %.3f, ", name, (double)latencies[rank] / 1000);
	else
		printf("\"%s\": null, ", name);
}

static void report(double seconds)
{
	const char *comma = "";

	qsort(latencies, completed, sizeof(*latencies), compare);
	printf("{\"offered\": %zu, \"completed\": %zu, ", started, completed);
	printf("\"unanswered\": %" PRIu64 ", \"retransmissions\": %" PRIu64 ", ", unanswered, retransmissions);
	print_percentile("p50_ms", 50, completed);
	print_percentile("p99_ms", 99, completed);
	print_percentile("p99_of_all_ms", 99, started);
	printf("\"seconds\": %.3f, \"answers\": {", seconds);
	for(int status = 0; status < STATUS_MAX; status++) {
		if(answers[status] == 0)
			continue;
		printf("%s\"%d\": %" PRIu64, comma, status, answers[status]);
		comma = ", ";
	}
	printf("}}\n");
}

static const char usage[] =
	"usage: load --port N [--calls N] [--rate calls a second | --at-once N] [--method INVITE]\n"
	"            [--user prefix] [--users N] [--first-user N] [--password text]\n"
	"            [--cancel] [--from address] [--patience-ms N]\n";

static const struct option names[] = {
		{"port", required_argument, NULL, 'p'},
		{"calls", required_argument, NULL, 'c'},
		{"rate", required_argument, NULL, 'r'},
		{"at-once", required_argument, NULL, 'o'},
		{"method", required_argument, NULL, 'm'},
		{"user", required_argument, NULL, 'u'},
		{"users", required_argument, NULL, 'n'},
		{"first-user", required_argument, NULL, 'i'},
		{"password", required_argument, NULL, 'w'},
		{"cancel", no_argument, NULL, 'x'},
		{"from", required_argument, NULL, 'f'},
		{"patience-ms", required_argument, NULL, 't'},
		{NULL, 0, NULL, 0},
};

static int64_t number(const char *text)
{
	char *end;
	long long value = strtoll(text, &end, 10);

	if(*text != '\0' && *end == '\0' && value >= 0 && value < 1000000000)
		return value;
	fprintf(stderr, "load: %s is not a number\n", text);
	exit(2);
}

static void read_options(int argc, char **argv)
{
	int option;

	while((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch(option) {
			case 'p': options.port = (int)number(optarg); break;
			case 'c': options.calls = (size_t)number(optarg); break;
			case 'r': options.rate = number(optarg); break;
			case 'o': options.at_once = number(optarg); break;
			case 'm': options.method = optarg; break;
			case 'u': options.user = optarg; break;
			case 'n': options.users = (size_t)number(optarg); break;
			case 'i': options.first_user = (size_t)number(optarg); break;
			case 'w': options.password = optarg; break;
			case 'x': options.cancel = true; break;
			case 'f': options.from = optarg; break;
			case 't': options.patience_us = number(optarg) * 1000; break;
			default: fputs(usage, stderr); exit(2);
		}
	}
	if(options.port == 0 || options.users == 0 || options.at_once == 0 || optind != argc) {
		fputs(usage, stderr);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	int64_t begun_us;

	read_options(argc, argv);
	calls = calloc(options.calls, sizeof(*calls));
	latencies = calloc(options.calls, sizeof(*latencies));
	if(calls == NULL || latencies == NULL)
		fail("memory");
	open_socket();
	begun_us = now_us();
	run();
	report((double)(now_us() - begun_us) / 1e6);
	free(calls);
	free(latencies);
	close(udp);
	return 0;
}
