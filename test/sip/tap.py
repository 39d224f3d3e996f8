# SPDX-License-Identifier: GPL-2.0-or-later
"""Passes HTTP on between the proxy and the credential service, and writes down what it saw."""

import socket
import threading

from .transport import LOOPBACK, Record, free_port


class Tap:
    def __init__(self, target_port, record=None, who='service'):
        self.port = free_port()
        self.target_port = target_port
        self.record = record or Record()
        self.who = who
        self.listener = socket.create_server((LOOPBACK, self.port))
        self.sockets = [self.listener]

    @property
    def url(self):
        return f'http://{LOOPBACK}:{self.port}'

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        for sock in self.sockets:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection((LOOPBACK, self.target_port))
            self.sockets += [client, server]
            for source, sink, direction in ((client, server, 'received'), (server, client, 'sent')):
                threading.Thread(target=self.pass_on, args=(source, sink, direction), daemon=True).start()

    def pass_on(self, source, sink, direction):
        try:
            while data := source.recv(65535):
                self.record.note(direction, self.who, 'proxy', data)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return
