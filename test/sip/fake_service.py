# SPDX-License-Identifier: GPL-2.0-or-later
"""A credential service that can misbehave: a threaded HTTP server on a bare socket, answering from a table.

    service.add('alice', 'example.org', 'wonderland')
    service.fault = Answer(hang=True)             every lookup hangs from now on
    service.answers['carol'] = Answer(status=500) this subscriber's lookups only
    service.lookups                               what was asked, in order

The real service, cfg/credential-service.cfg, is used wherever nothing has to go wrong.
"""

import json
import re
import socket
import socketserver
import threading
import time
import urllib.parse

from . import digest
from .transport import LOOPBACK, free_port, reset_on_close


class Answer:
    """What a lookup gets. raw: these bytes instead of an HTTP response; close: end the connection after it."""

    def __init__(self, status=200, body=b'', headers=(), delay_s=0, hang=False, close=False, raw=None):
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.headers = list(headers)
        self.delay_s = delay_s
        self.hang = hang
        self.close = close
        self.raw = raw

    def __bytes__(self):
        if self.raw is not None:
            return self.raw
        lines = [f'HTTP/1.1 {self.status} Answer', 'Content-Type: application/json']
        lines += [f'{name}: {value}' for name, value in self.headers]
        if self.status not in (204, 304) and not any(name.lower() == 'content-length' for name, _ in self.headers):
            lines.append(f'Content-Length: {len(self.body)}')
        return '\r\n'.join(lines).encode() + b'\r\n\r\n' + self.body


def record(user, realm, password, algorithms=tuple(digest.HASHES), **more):
    """A subscriber as the contract wants it."""
    ha1 = {algorithm: digest.ha1(algorithm, user, realm, password) for algorithm in algorithms}
    return {'username': user, 'realm': realm, 'ha1': ha1, 'status': 'active'} | more


class Lookup:
    def __init__(self, method, path, headers):
        self.time = time.monotonic()
        self.method = method
        self.path = path
        self.headers = headers
        found = re.fullmatch(r'/v1/realms/([^/]+)/subscribers/([^/?]+)', path)
        self.realm, self.user = map(urllib.parse.unquote, found.groups()) if found else (None, None)


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        service = self.server.service
        if not service.path:
            reset_on_close(self.request)
        if service.tls:
            try:
                self.request = service.tls.wrap_socket(self.request, server_side=True)
            except OSError:
                return
        service.connections.append(self.request)
        buffer = b''
        while True:
            while b'\r\n\r\n' not in buffer:
                data = self.receive()
                if not data:
                    return
                buffer += data
            head, _, buffer = buffer.partition(b'\r\n\r\n')
            if not self.answer(head.decode('latin-1').split('\r\n')):
                return

    def receive(self):
        try:
            return self.request.recv(65535)
        except OSError:
            return b''

    def answer(self, lines):
        method, path, _ = lines[0].split(' ')
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(':') for line in lines[1:])}
        lookup = Lookup(method, path, headers)
        answer = self.server.service.decide(lookup)
        stopped = self.server.service.stopped
        if answer.hang or answer.delay_s:
            if stopped.wait(None if answer.hang else answer.delay_s):
                return False
        try:
            self.request.sendall(bytes(answer))
        except OSError:
            return False
        return not answer.close


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


class UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


class FakeService:
    """tls: an ssl.SSLContext for HTTPS. path: a unix socket instead of a port."""

    def __init__(self, port=None, tls=None, path=None):
        self.tls = tls
        self.path = path
        self.port = port or free_port()
        self.answers = {}
        self.fault = None
        self.lookups = []
        self.connections = []
        self.lock = threading.Lock()
        self.stopped = threading.Event()
        self.server = None

    @property
    def url(self):
        return f'unix:{self.path}' if self.path else f"http{'s' if self.tls else ''}://{LOOPBACK}:{self.port}"

    def add(self, user, realm='example.org', password='wonderland', headers=(), **more):
        self.answers[user] = Answer(body=record(user, realm, password, **more), headers=headers)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.stopped.clear()
        self.server = UnixServer(self.path, Handler) if self.path else Server((LOOPBACK, self.port), Handler)
        self.server.service = self
        threading.Thread(target=self.server.serve_forever, kwargs={'poll_interval': 0.02}, daemon=True).start()
        return self

    def stop(self):
        """Refuses new connections and ends those that are open."""
        self.stopped.set()
        self.server.shutdown()
        self.server.server_close()
        for connection in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.connections.clear()

    def decide(self, lookup):
        with self.lock:
            self.lookups.append(lookup)
        return self.fault or self.answers.get(lookup.user, Answer(404))

    def count(self, user=None):
        """How many lookups came, for one subscriber or for all."""
        with self.lock:
            return sum(1 for lookup in self.lookups if user in (None, lookup.user))
