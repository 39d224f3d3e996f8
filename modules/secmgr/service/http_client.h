/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTTP, many exchanges at once in one process that never waits for one of them: libcurl's multi interface.
 *
 * http and https only, no redirects, TLS verification on, kept-alive connections, HTTP/2 over TLS where the server
 * speaks it (many exchanges then share a connection). Header and body are bounded, a compressed body as it is when it
 * is inflated. Names are resolved in threads of libcurl's, which nothing here waits for. secmgr_http_client_wait also
 * wakes when the caller's own descriptor becomes readable (the queue's eventfd). Sockets are watched by epoll, so that
 * an answer costs the same however many others are awaited.
 *
 * Depends on: libcurl, the engine's slice. Not thread-safe: one client belongs to one process.
 */
#ifndef SECMGR_SERVICE_HTTP_CLIENT_H
#define SECMGR_SERVICE_HTTP_CLIENT_H

#include "../engine/slice.h"

struct secmgr_http_client;

/* Where to ask and how. The strings are the caller's and outlive the client; NULL means none. */
struct secmgr_http_settings
{
	long connect_timeout_ms;
	long connections; /* to one endpoint */
	long endpoints;	  /* how many there are: for so many connections are kept alive */
	size_t body_max;
	const char *ca_file, *certificate_file, *key_file;
};

enum secmgr_http_outcome
{
	SECMGR_HTTP_ANSWERED,	   /* `status`, `fields` were seen and `body` is whole */
	SECMGR_HTTP_NOT_CONNECTED, /* refused, unreachable, TLS not trusted */
	SECMGR_HTTP_TIMED_OUT,
	SECMGR_HTTP_NO_FREE_CONNECTION, /* for all of its time: says nothing of the server */
	SECMGR_HTTP_TOO_LARGE, /* body or headers above their bound */
	SECMGR_HTTP_BROKEN,	   /* hung up, truncated, not HTTP */
	SECMGR_HTTP_OUT_OF_MEMORY
};

/* What is asked, copied by _start. */
struct secmgr_http_request
{
	const char *url;
	const char *unix_path; /* NULL: TCP */
	const char *bearer;	   /* NULL: none */
	/* "Name: value", ended by NULL; or NULL. Accept, and Content-Type with a body, say application/json where they are
	 * not among them. */
	const char *const *fields;
	const char *body; /* of a POST; NULL: a GET */
	long deadline_ms; /* from now */
};

struct secmgr_http_answer
{
	enum secmgr_http_outcome outcome;
	const char *why; /* words for the log, one line without anything of the body; valid until `done` returns */
	long status;
	bool was_sent;	 /* some of the request may have reached the server */
	long elapsed_ms; /* since _start */
	struct secmgr_slice body;
};

struct secmgr_http_handler
{
	/* Each header field of the final answer; it must not call the client. May be NULL. */
	void (*field)(void *asker, struct secmgr_slice name, struct secmgr_slice value);
	/* Exactly once for each _start that returned true; it may call _start. */
	void (*done)(void *asker, const struct secmgr_http_answer *answer);
};

/* For the whole process: curl_global_init, and libcurl wipes what it frees. False when libcurl cannot start. */
__attribute__((warn_unused_result)) bool secmgr_http_client_use_wiping_memory(void);

/* NULL when libcurl has no memory. The caller has called the above (or curl_global_init). */
struct secmgr_http_client *secmgr_http_client_create(
		const struct secmgr_http_settings *settings, const struct secmgr_http_handler *handler);
/* Ends what is under way without calling `done`. */
void secmgr_http_client_destroy(struct secmgr_http_client *client);

/* False when it could not be started: no memory, or control bytes in a field or the token. `done` is not called. A
 * connection that the server closed while it was idle is replaced by libcurl; otherwise nothing is sent twice. */
__attribute__((warn_unused_result)) bool secmgr_http_client_start(
		struct secmgr_http_client *client, const struct secmgr_http_request *request, void *asker);

/* Waits at most `wait_ms` (less while something is under way) for traffic or for `fd` to be readable, moves all
 * exchanges on and calls `done` for those that ended. `fd` may be -1. It is watched from one call to the next: who
 * closes it, waits without it (-1) before giving another of the same number. */
void secmgr_http_client_wait(struct secmgr_http_client *client, int fd, int wait_ms);
size_t secmgr_http_client_under_way(const struct secmgr_http_client *client);
/* False: what is started now would stand in line for a connection to the endpoint that is asked most. */
bool secmgr_http_client_has_room(const struct secmgr_http_client *client);

#endif
