/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A server for the tests of the HTTP client, as well or as badly behaved as a test wants it: real sockets on loopback,
 * moved on by the test itself between two steps of the client, so that no thread and no clock has a say in the outcome.
 */
#ifndef SECMGR_TEST_UNIT_HTTP_SERVER_H
#define SECMGR_TEST_UNIT_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_SERVER_CONNECTIONS 16
#define HTTP_SERVER_REQUEST_MAX 8192

/* What one request is answered with. All zero: it is never answered, and the connection stays open. */
struct http_reply
{
	const char *bytes;
	size_t length;		 /* 0: up to the NUL */
	const char *endless; /* goes on with this over and over */
	bool byte_by_byte;	 /* one at each step */
	bool hang_up;		 /* afterwards */
};

struct http_connection
{
	int fd; /* 0: none */
	char request[HTTP_SERVER_REQUEST_MAX];
	size_t request_length;
	bool replying;
	struct http_reply reply;
	size_t sent;
};

struct http_server
{
	int listener;
	unsigned short port;
	/* Called for each request, which is NUL-terminated; NULL: `reply` is the answer to all. */
	struct http_reply (*answer)(struct http_server *server, const char *request);
	struct http_reply reply;
	unsigned accepted, requests, open, open_at_most;
	char last_request[HTTP_SERVER_REQUEST_MAX];
	struct http_connection connections[HTTP_SERVER_CONNECTIONS];
};

void http_server_listen(struct http_server *server, const char *unix_path); /* NULL: on a free port of 127.0.0.1 */
void http_server_step(struct http_server *server);							/* does what can be done at once */
void http_server_close(struct http_server *server);

#endif
