/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accept4 */
#define _GNU_SOURCE

#include "http_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 64

static void need(bool good, const char *what)
{
	if(good)
		return;
	perror(what);
	abort();
}

static void listen_on_loopback(struct http_server *server)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);

	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	need(server->listener > 0, "socket");
	need(bind(server->listener, (struct sockaddr *)&address, length) == 0, "bind");
	need(getsockname(server->listener, (struct sockaddr *)&address, &length) == 0, "getsockname");
	server->port = ntohs(address.sin_port);
}

static void listen_on_path(struct http_server *server, const char *unix_path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", unix_path);
	unlink(unix_path);
	server->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	need(server->listener > 0, "socket");
	need(bind(server->listener, (struct sockaddr *)&address, sizeof(address)) == 0, unix_path);
}

void http_server_listen(struct http_server *server, const char *unix_path)
{
	memset(server, 0, sizeof(*server));
	if(unix_path)
		listen_on_path(server, unix_path);
	else
		listen_on_loopback(server);
	need(listen(server->listener, BACKLOG) == 0, "listen");
}

static void hang_up(struct http_server *server, struct http_connection *connection)
{
	close(connection->fd);
	memset(connection, 0, sizeof(*connection));
	server->open--;
}

static void accept_one(struct http_server *server, struct http_connection *connection)
{
	int fd = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if(fd < 0)
		return;
	connection->fd = fd;
	server->accepted++;
	server->open++;
	if(server->open > server->open_at_most)
		server->open_at_most = server->open;
}

static void begin_reply(struct http_server *server, struct http_connection *connection)
{
	server->requests++;
	memcpy(server->last_request, connection->request, sizeof(server->last_request));
	connection->reply = server->answer ? server->answer(server, connection->request) : server->reply;
	if(connection->reply.bytes && connection->reply.length == 0)
		connection->reply.length = strlen(connection->reply.bytes);
	connection->replying = true;
	connection->sent = 0;
	connection->request_length = 0;
}

static void take_request(struct http_server *server, struct http_connection *connection)
{
	size_t room = sizeof(connection->request) - 1 - connection->request_length;
	ssize_t got = recv(connection->fd, connection->request + connection->request_length, room, 0);

	if(got == 0) {
		hang_up(server, connection);
		return;
	}
	if(got < 0)
		return;
	connection->request_length += (size_t)got;
	connection->request[connection->request_length] = '\0';
	if(strstr(connection->request, "\r\n\r\n"))
		begin_reply(server, connection);
}

/* What comes next of the reply; an endless one never ends. */
static size_t next_part(const struct http_connection *connection, const char **part)
{
	const struct http_reply *reply = &connection->reply;
	size_t cycle;

	if(connection->sent < reply->length) {
		*part = reply->bytes + connection->sent;
		return reply->length - connection->sent;
	}
	if(!reply->endless)
		return 0;
	cycle = strlen(reply->endless);
	*part = reply->endless + (connection->sent - reply->length) % cycle;
	return cycle - (connection->sent - reply->length) % cycle;
}

static bool is_whole(const struct http_connection *connection)
{
	return connection->reply.bytes && !connection->reply.endless && connection->sent == connection->reply.length;
}

static void send_reply(struct http_server *server, struct http_connection *connection)
{
	const char *part;
	size_t length;

	while((length = next_part(connection, &part)) > 0) {
		ssize_t sent = send(connection->fd, part, connection->reply.byte_by_byte ? 1 : length, MSG_NOSIGNAL);

		if(sent > 0)
			connection->sent += (size_t)sent;
		if(sent <= 0 || connection->reply.byte_by_byte)
			break;
	}
	if(!is_whole(connection))
		return;
	if(connection->reply.hang_up)
		hang_up(server, connection);
	else
		connection->replying = false;
}

/* The client closes what it gave up. */
static bool was_left(const struct http_connection *connection)
{
	char byte;

	return recv(connection->fd, &byte, 1, MSG_PEEK) == 0;
}

static void step_connection(struct http_server *server, struct http_connection *connection)
{
	if(!connection->fd)
		accept_one(server, connection);
	if(connection->fd && !connection->replying)
		take_request(server, connection);
	if(connection->fd && connection->replying)
		send_reply(server, connection);
	if(connection->fd && connection->replying && was_left(connection))
		hang_up(server, connection);
}

void http_server_step(struct http_server *server)
{
	for(size_t i = 0; i < HTTP_SERVER_CONNECTIONS; i++)
		step_connection(server, &server->connections[i]);
}

void http_server_close(struct http_server *server)
{
	for(size_t i = 0; i < HTTP_SERVER_CONNECTIONS; i++)
		if(server->connections[i].fd)
			close(server->connections[i].fd);
	close(server->listener);
}
