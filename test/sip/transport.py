# SPDX-License-Identifier: GPL-2.0-or-later
"""Client sockets on loopback: UDP, TCP and TLS. Each message sent or received is written down with its time."""

import os
import random
import socket
import ssl
import struct
import threading
import time

LOOPBACK = '127.0.0.1'


class NoAnswer(AssertionError):
    """Nothing came before the deadline."""


claims = []


class Record:
    """What went over the wires, in order: (time, 'sent' or 'received', who, peer's port, bytes)."""

    def __init__(self):
        self.entries = []
        self.lock = threading.Lock()

    def note(self, direction, who, peer, data):
        with self.lock:
            self.entries.append((time.monotonic(), direction, who, peer, data))


def free_port():
    """A loopback port that is free for UDP and TCP, below the range from which outgoing connections take theirs.

    It need not be bound at once: a socket in the abstract namespace claims its number for as long as this scenario
    lives, so that no other picks it.
    """
    first, _, last = os.environ.get('SECMGR_TEST_PORTS', '15000-31999').partition('-')
    for _ in range(1000):
        port = random.randint(int(first), int(last))
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f'\0secmgr-test-port-{port}')
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                with socket.socket(socket.AF_INET, kind) as probe:
                    probe.bind((LOOPBACK, port))
            claims.append(claim)
            return port
        except OSError:
            claim.close()
    raise OSError('no free loopback port found')


def reset_on_close(sock):
    """Closes without TIME_WAIT, so that thousands of connections do not use up the ports."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))


class Framer:
    """Cuts a byte stream into SIP messages by Content-Length (RFC 3261 18.3)."""

    def __init__(self):
        self.buffer = b''

    def feed(self, data):
        self.buffer += data

    def next(self):
        self.buffer = self.buffer.lstrip(b'\r\n')
        head, found, _ = self.buffer.partition(b'\r\n\r\n')
        if not found:
            return None
        length = 0
        for line in head.split(b'\r\n')[1:]:
            name, _, value = line.partition(b':')
            if name.strip().lower() in (b'content-length', b'l'):
                length = int(value)
        end = len(head) + 4 + length
        if len(self.buffer) < end:
            return None
        message, self.buffer = self.buffer[:end], self.buffer[end:]
        return message


class Connection:
    """One socket to one server. receive() gives whole messages."""

    def __init__(self, transport, port, record=None, who='phone', source=LOOPBACK):
        self.transport = transport.lower()
        self.record = record or Record()
        self.who = who
        self.port = port
        self.framer = Framer()
        kind = socket.SOCK_DGRAM if self.transport == 'udp' else socket.SOCK_STREAM
        self.socket = socket.socket(socket.AF_INET, kind)
        self.socket.settimeout(10)
        self.socket.bind((source, 0))
        self.socket.connect((LOOPBACK, port))
        if self.transport != 'udp':
            reset_on_close(self.socket)
        if self.transport == 'tls':
            self.socket = anybody().wrap_socket(self.socket, server_hostname='localhost')
        self.local_address, self.local_port = self.socket.getsockname()[:2]

    def send(self, data):
        self.record.note('sent', self.who, self.port, data)
        self.socket.sendall(data)

    def receive(self, timeout_s):
        """The next whole message, or None when none came in time or the peer closed."""
        end = time.monotonic() + timeout_s
        while True:
            message = self.framer.next() if self.transport != 'udp' else None
            if message is None:
                data = self.read(end - time.monotonic())
                if data is None:
                    return None
                if self.transport != 'udp':
                    self.framer.feed(data)
                    continue
                message = data
            self.record.note('received', self.who, self.port, message)
            return message

    def read(self, timeout_s):
        self.socket.settimeout(max(timeout_s, 0.0001))
        try:
            return self.socket.recv(65535) or None
        except (TimeoutError, ssl.SSLWantReadError, BlockingIOError, ConnectionResetError, ConnectionRefusedError):
            return None

    def close(self):
        self.socket.close()


def anybody():
    """A TLS client that trusts any server: the tests make a new certificate for each run."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
