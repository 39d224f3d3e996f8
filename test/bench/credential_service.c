/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A subscriber credential service that is as slow as one likes, for the bench and the soak. It speaks
 * doc/credential-service.yaml over HTTP/1.1 with keep-alive, knows every subscriber by one password, except those whose
 * name begins with "nobody", and answers each request after the same delay, or never. One process, epoll.
 *
 * Ends by SIGTERM, and then prints how many requests it was asked as one JSON object.
 */
#define _GNU_SOURCE /* accept4 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>

#define CONNECTIONS_MAX 4096
#define REQUEST_MAX 4096
#define NAME_SIZE 128
#define ANSWER_MAX 2048
#define EVENTS_MAX 256

struct connection
{
	uint32_t use; /* counts the connections that had this number, so that no late answer reaches another one */
	size_t received;
	char request[REQUEST_MAX];
};

/* An answer that is due. The delay is the same for all: they come due in the order in which they were asked for. */
struct answer
{
	int64_t due_us;
	int connection;
	uint32_t use;
	char realm[NAME_SIZE + 1];
	char user[NAME_SIZE + 1];
};

static struct connection *connections;
static struct answer waiting[CONNECTIONS_MAX]; /* a ring: one connection asks one thing at a time */
static size_t first_waiting, waiting_count;
static int poller, listener;
static int64_t delay_us;
static bool never_answers;
static const char *password = "wonderland", *cache_control = "max-age=3600";
static uint64_t requests, open_now, open_most;

static int64_t now_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void fail(const char *what)
{
	fprintf(stderr, "credential_service: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void watch(int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if(epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0)
		fail("epoll_ctl");
}

static void hash(const EVP_MD *md, const struct answer *answer, char hex[2 * EVP_MAX_MD_SIZE + 1])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	char text[3 * NAME_SIZE];
	unsigned size = 0;
	int length = snprintf(text, sizeof(text), "%s:%s:%s", answer->user, answer->realm, password);

	if(length < 0 || (size_t)length >= sizeof(text) || !EVP_Digest(text, (size_t)length, digest, &size, md, NULL))
		fail("digest");
	for(unsigned at = 0; at < size; at++)
		snprintf(hex + 2 * at, 3, "%02x", digest[at]);
}

static int write_record(const struct answer *answer, char body[ANSWER_MAX])
{
	char md5[2 * EVP_MAX_MD_SIZE + 1], sha256[2 * EVP_MAX_MD_SIZE + 1];

	hash(EVP_md5(), answer, md5);
	hash(EVP_sha256(), answer, sha256);
	return snprintf(body, ANSWER_MAX,
			"{\"username\":\"%s\",\"realm\":\"%s\",\"ha1\":{\"MD5\":\"%s\",\"SHA-256\":\"%s\"},\"status\":\"active\"}",
			answer->user, answer->realm, md5, sha256);
}

static void send_answer(const struct answer *answer)
{
	bool known = strncmp(answer->user, "nobody", strlen("nobody")) != 0;
	char body[ANSWER_MAX] = "", message[2 * ANSWER_MAX];
	int body_length = known ? write_record(answer, body) : 0;
	int length = snprintf(message, sizeof(message),
			"HTTP/1.1 %s\r\nContent-Type: application/json\r\nCache-Control: %s\r\nContent-Length: %d\r\n\r\n%s",
			known ? "200 OK" : "404 Not Found", cache_control, body_length, body);

	if(length < 0 || send(answer->connection, message, (size_t)length, MSG_NOSIGNAL | MSG_DONTWAIT) != length)
		shutdown(answer->connection, SHUT_RDWR);
}

static void send_due_answers(void)
{
	while(waiting_count > 0 && waiting[first_waiting].due_us <= now_us()) {
		const struct answer *answer = &waiting[first_waiting];

		first_waiting = (first_waiting + 1) % CONNECTIONS_MAX;
		waiting_count--;
		if(connections[answer->connection].use == answer->use)
			send_answer(answer);
	}
}

static void hang_up(int fd)
{
	connections[fd].use++;
	connections[fd].received = 0;
	open_now--;
	close(fd);
}

/* False: not a request that is understood. */
static bool take_request(int fd)
{
	struct answer *answer = &waiting[(first_waiting + waiting_count) % CONNECTIONS_MAX];

	requests++;
	if(never_answers)
		return true;
	if(waiting_count == CONNECTIONS_MAX
			|| sscanf(connections[fd].request, "GET /v1/realms/%128[^/ ]/subscribers/%128[^/ ] HTTP/1.1", answer->realm,
					   answer->user) != 2)
		return false;
	answer->connection = fd;
	answer->use = connections[fd].use;
	answer->due_us = now_us() + delay_us;
	waiting_count++;
	return true;
}

static void receive(int fd)
{
	struct connection *connection = &connections[fd];
	size_t room = REQUEST_MAX - 1 - connection->received;
	ssize_t count = recv(fd, connection->request + connection->received, room, MSG_DONTWAIT);

	if(count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if(count <= 0) {
		hang_up(fd);
		return;
	}
	connection->received += (size_t)count;
	connection->request[connection->received] = '\0';
	if(strstr(connection->request, "\r\n\r\n") == NULL)
		return;
	connection->received = 0;
	if(!take_request(fd))
		hang_up(fd);
}

static void accept_all(void)
{
	for(;;) {
		int on = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if(fd < 0)
			return;
		if(fd >= CONNECTIONS_MAX) {
			close(fd);
			continue;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		watch(fd);
		if(++open_now > open_most)
			open_most = open_now;
	}
}

static void listen_on(int port)
{
	struct sockaddr_in own = {.sin_family = AF_INET};
	int on = 1;

	own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	own.sin_port = htons((uint16_t)port);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if(listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0
			|| bind(listener, (void *)&own, sizeof(own)) < 0 || listen(listener, 4096) < 0)
		fail("listen");
	watch(listener);
}

static int watch_for_the_end(void)
{
	sigset_t signals;
	int fd = -1;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	if(sigprocmask(SIG_BLOCK, &signals, NULL) == 0)
		fd = signalfd(-1, &signals, SFD_CLOEXEC);
	if(fd < 0)
		fail("signalfd");
	watch(fd);
	return fd;
}

/* Rounded up: an answer is never early. */
static int wait_ms(void)
{
	int64_t wait_us;

	if(waiting_count == 0)
		return -1;
	wait_us = waiting[first_waiting].due_us - now_us();
	return wait_us <= 0 ? 0 : (int)((wait_us + 999) / 1000);
}

static void run(int end)
{
	struct epoll_event events[EVENTS_MAX];

	for(;;) {
		int count = epoll_wait(poller, events, EVENTS_MAX, wait_ms());

		for(int at = 0; at < count; at++) {
			if(events[at].data.fd == end)
				return;
			if(events[at].data.fd == listener)
				accept_all();
			else
				receive(events[at].data.fd);
		}
		send_due_answers();
	}
}

static const char usage[] =
	"usage: credential_service --port N [--delay-ms N | --never] [--password text] [--cache-control value]\n";

static const struct option names[] = {
		{"port", required_argument, NULL, 'p'},
		{"delay-ms", required_argument, NULL, 'd'},
		{"never", no_argument, NULL, 'n'},
		{"password", required_argument, NULL, 'w'},
		{"cache-control", required_argument, NULL, 'c'},
		{NULL, 0, NULL, 0},
};

static int number(const char *text)
{
	char *end;
	long value = strtol(text, &end, 10);

	if(*text != '\0' && *end == '\0' && value >= 0 && value <= 3600000)
		return (int)value;
	fprintf(stderr, "credential_service: %s is not a number\n", text);
	exit(2);
}

int main(int argc, char **argv)
{
	struct rlimit files = {CONNECTIONS_MAX, CONNECTIONS_MAX};
	int option, port = 0;

	while((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch(option) {
			case 'p': port = number(optarg); break;
			case 'd': delay_us = number(optarg) * 1000LL; break;
			case 'n': never_answers = true; break;
			case 'w': password = optarg; break;
			case 'c': cache_control = optarg; break;
			default: fputs(usage, stderr); return 2;
		}
	}
	if(port == 0) {
		fputs(usage, stderr);
		return 2;
	}
	setrlimit(RLIMIT_NOFILE, &files);
	connections = calloc(CONNECTIONS_MAX, sizeof(*connections));
	poller = epoll_create1(EPOLL_CLOEXEC);
	if(connections == NULL || poller < 0)
		fail("start");
	listen_on(port);
	run(watch_for_the_end());
	printf("{\"requests\": %" PRIu64 ", \"connections\": %" PRIu64 "}\n", requests, open_most);
	free(connections);
	return 0;
}
