# SPDX-License-Identifier: GPL-2.0-or-later
"""A credential service that can misbehave: a threaded HTTP server on a bare socket, answering from a table.

    service.add('alice', 'example.org', 'wonderland')
    service.fault = Answer(hang=True)             every lookup hangs from now on
    service.answers['carol'] = Answer(status=500) this subscriber's lookups only
    service.lookups                               what was asked, in order

The real service, cfg/credential-service.cfg, is used wherever nothing has to go wrong.
"""

import json
import os
import re
import socket
import socketserver
import threading
import time
import urllib.parse

from . import digest
from .transport import LOOPBACK, free_port, reset_on_close


class Answer:
    """What a lookup gets. raw: these bytes instead of an HTTP response; close: end the connection after it.

    delay_s, hang: it comes later, or never. held: a threading.Event, and it comes when that is set. etag: sent with it,
    and a lookup whose If-None-Match names it gets 304. drip_s: it comes byte by byte, so far apart. endless: these
    bytes follow it again and again for as long as anybody takes them.
    """

    def __init__(self, status=200, body=b'', headers=(), delay_s=0, hang=False, close=False, raw=None, held=None,
                 etag=None, drip_s=0, endless=b''):
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.headers = list(headers)
        self.delay_s = delay_s
        self.hang = hang
        self.close = close
        self.raw = raw
        self.held = held
        self.etag = etag
        self.drip_s = drip_s
        self.endless = endless
        if etag:
            self.headers.append(('ETag', etag))

    def to(self, lookup):
        """This answer, or the 304 that says that it has not changed."""
        if self.etag and lookup.headers.get('if-none-match') == self.etag:
            return Answer(304, headers=self.headers, delay_s=self.delay_s, hang=self.hang, held=self.held)
        return self

    def wait(self, stopped):
        """False when the service was stopped first."""
        if self.held:
            while not self.held.wait(0.01):
                if stopped.is_set():
                    return False
        if self.hang or self.delay_s:
            return not stopped.wait(None if self.hang else self.delay_s)
        return True

    def pieces(self, stopped):
        """The bytes as they are sent."""
        whole = bytes(self)
        if not self.drip_s:
            yield whole
        for byte in whole if self.drip_s else b'':
            yield bytes([byte])
            if stopped.wait(self.drip_s):
                return
        while self.endless and not stopped.is_set():
            yield self.endless

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
    """One request as it came, on which of the connections, and the status that it got."""

    def __init__(self, method, path, headers, connection=None):
        self.time = time.monotonic()
        self.connection = connection
        self.status = None
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
        lookup = Lookup(method, path, headers, id(self))
        answer = self.server.service.decide(lookup)
        stopped = self.server.service.stopped
        if not answer.wait(stopped):
            return False
        try:
            for piece in answer.pieces(stopped):
                self.request.sendall(piece)
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
    """tls: an ssl.SSLContext for HTTPS. path: a unix socket instead of a port. host: another address than loopback's.

    stop() makes it refuse connections, start() has it back at the same place.
    """

    def __init__(self, port=None, tls=None, path=None, host=LOOPBACK):
        self.host = host
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
        return f'unix:{self.path}' if self.path else f"http{'s' if self.tls else ''}://{self.host}:{self.port}"

    def add(self, user, realm='example.org', password='wonderland', headers=(), etag=None, held=None, **more):
        self.answers[user] = Answer(body=record(user, realm, password, **more), headers=headers, etag=etag, held=held)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.stopped = threading.Event()
        if self.path and os.path.exists(self.path):
            os.unlink(self.path)
        self.server = UnixServer(self.path, Handler) if self.path else Server((self.host, self.port), Handler)
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
        answer = (self.fault or self.answers.get(lookup.user, Answer(404))).to(lookup)
        lookup.status = answer.status
        return answer

    def asked(self, user=None):
        """The lookups that came, in order, for one subscriber or for all."""
        with self.lock:
            return [lookup for lookup in self.lookups if user in (None, lookup.user)]

    def count(self, user=None):
        return len(self.asked(user))
