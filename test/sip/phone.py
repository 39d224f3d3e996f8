# SPDX-License-Identifier: GPL-2.0-or-later
"""Phones: a caller that a test drives step by step, and a callee that answers by itself in a thread.

    phone = Phone(port, 'udp', user='alice', password='secret', domain='example.org')
    exchange = phone.authorized('REGISTER')        the challenge is answered
    call = phone.call('sip:bob@example.org')       INVITE, 407, INVITE, 200, ACK
    call.hang_up()

The caller runs in the test's own thread and retransmits nothing by itself: loopback does not lose datagrams, and a test
that wants a retransmission sends the same bytes again.
"""

import heapq
import itertools
import secrets
import selectors
import socket
import threading
import time

from . import digest
from .message import Malformed, Message, address
from .transport import LOOPBACK, Connection, Framer, NoAnswer, Record, free_port

OFFER = (b'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n'
         b'm=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n')


class Transaction:
    """A request that was sent, and the replies to it."""

    def __init__(self, phone, request):
        self.phone = phone
        self.request = request
        self.replies = []
        self.sent = time.monotonic()
        self.answered = None

    @property
    def final(self):
        return next((reply for reply in self.replies if reply.status >= 200), None)

    def wait(self, timeout_s=8):
        """The final reply."""
        return self.wait_for(lambda: self.final, timeout_s, 'a final reply')

    def wait_provisional(self, status=100, timeout_s=8):
        return self.wait_for(lambda: next((reply for reply in self.replies if reply.status == status), None),
                             timeout_s, f'a {status}')

    def wait_for(self, condition, timeout_s, what):
        end = time.monotonic() + timeout_s
        while not condition():
            if not self.phone.pump(end - time.monotonic()):
                came = ', '.join(str(reply.status) for reply in self.replies) or 'nothing'
                raise NoAnswer(f'{self.request.method} over {self.phone.transport} got {came} in {timeout_s} s,'
                               f' but not {what}')
        return condition()

    @property
    def took_s(self):
        return self.answered - self.sent


class Exchange:
    """A request, its challenge, and the request again with credentials."""

    def __init__(self, request, challenge, credentials=None, second=None, reply=None):
        self.request = request
        self.challenge = challenge
        self.credentials = credentials
        self.second = second
        self.reply = reply if reply is not None else challenge

    @property
    def status(self):
        return self.reply.status


class Phone:
    """The caller. `algorithms` are those it can answer: it takes the topmost challenge that it understands (RFC 8760)."""

    def __init__(self, port, transport='udp', user='alice', password='wonderland', domain='example.org',
                 algorithms=digest.ALGORITHMS, user_agent='secmgr-test', record=None, name='phone', source=LOOPBACK):
        self.connection = Connection(transport, port, record, name, source)
        self.transport = transport.lower()
        self.user = user
        self.password = password
        self.domain = domain
        self.algorithms = algorithms
        self.user_agent = user_agent
        self.transactions = {}
        self.requests = []
        self.last_challenge = None
        self.nonce_count = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.connection.close()

    # Making requests

    @property
    def address_of_record(self):
        return f'sip:{self.user}@{self.domain}'

    @property
    def contact(self):
        return f'<sip:{self.user}@{self.connection.local_address}:{self.connection.local_port};transport={self.transport}>'

    def via(self):
        return (f'SIP/2.0/{self.transport.upper()} {self.connection.local_address}:{self.connection.local_port}'
                f';rport;branch=z9hG4bK{secrets.token_hex(8)}')

    def make(self, method, uri=None, body=None, content_type=None, headers=()):
        """A new request outside of a dialog. REGISTER goes to the domain and is for oneself."""
        registering = method == 'REGISTER'
        uri = uri or (f'sip:{self.domain}' if registering else f'sip:bob@{self.domain}')
        body = OFFER if body is None and method == 'INVITE' else body or b''
        message = Message.request(method, uri, body=body)
        message.add('Via', self.via())
        message.add('Max-Forwards', '70')
        message.add('From', f'<{self.address_of_record}>;tag={secrets.token_hex(4)}')
        message.add('To', f'<{self.address_of_record if registering else uri}>')
        message.add('Call-ID', secrets.token_hex(10))
        message.add('CSeq', f'{secrets.randbelow(1000) + 1} {method}')
        if method in ('INVITE', 'REGISTER', 'SUBSCRIBE', 'OPTIONS'):
            message.add('Contact', self.contact)
        if method == 'SUBSCRIBE':
            message.add('Event', 'presence')
        if self.user_agent:
            message.add('User-Agent', self.user_agent)
        message.headers += [list(header) for header in headers]
        if body:
            message.add('Content-Type', content_type or ('application/sdp' if method == 'INVITE' else 'text/plain'))
        return message

    def again(self, request):
        """The same request as a new transaction: next CSeq, new branch, without credentials."""
        message = request.copy()
        message.remove('Authorization').remove('Proxy-Authorization')
        message.set('CSeq', f'{request.cseq + 1} {request.method}')
        message.headers[0][1] = self.via()
        return message

    # Answering challenges

    def choose(self, reply, algorithm=None):
        """The topmost challenge that this phone understands, or the one of a given algorithm."""
        offered = digest.challenges(reply)
        for challenge in offered:
            if challenge.algorithm in ((algorithm,) if algorithm else self.algorithms):
                return challenge
        raise AssertionError(f'{reply.first_line}: no challenge that this phone can answer among'
                             f' {[challenge.algorithm for challenge in offered]}')

    def answer(self, request, reply=None, algorithm=None, nc=None, tamper=None, user=None, password=None, digest_uri=None,
               digest_method=None, answer_in=None, **more):
        """The request again, with credentials for the reply's challenge, or for the last one with the next nonce count.

        tamper(credentials) may change them in place, or return what is to be sent instead: a text, or a list of texts,
        one for each header. answer_in is an algorithm that was not asked for. Returns (request, credentials).
        """
        if reply is not None:
            self.last_challenge, self.nonce_count = self.choose(reply, algorithm), 0
        self.nonce_count = self.nonce_count + 1 if nc is None else nc
        second = self.again(request)
        credentials = digest.answer(self.last_challenge, user or self.user, password or self.password,
                                    digest_method or second.method, digest_uri or second.uri, second.body,
                                    self.nonce_count, algorithm=answer_in, **more)
        sent = tamper(credentials) if tamper else None
        values = [str(credentials)] if sent is None or sent is credentials else [sent] if isinstance(sent, str) else sent
        for value in values:
            second.add(credentials.header, value)
        return second, credentials

    # Sending and receiving

    def send(self, request):
        """Sends and returns at once."""
        transaction = Transaction(self, request)
        if request.method != 'ACK':
            self.transactions[(request.branch, request.method)] = transaction
        self.connection.send(bytes(request))
        return transaction

    def ask(self, request, timeout_s=8):
        """Sends and waits for the final reply."""
        return self.send(request).wait(timeout_s)

    def pump(self, timeout_s):
        """Takes one message off the wire. False when none came."""
        raw = self.connection.receive(timeout_s) if timeout_s > 0 else None
        if raw is None:
            return False
        message = Message.parse(raw)
        if message.is_request:
            self.requests.append(message)
            self.connection.send(bytes(message.reply(200, 'OK', to_tag='phone')))
            return True
        transaction = self.transactions.get((message.branch, message.method))
        if transaction:
            transaction.replies.append(message)
            if message.status >= 200:
                transaction.answered = time.monotonic()
                if message.method == 'INVITE' and message.status >= 300:
                    self.connection.send(bytes(self.acknowledge_failure(transaction.request, message)))
        return True

    @staticmethod
    def acknowledge_failure(request, reply):
        """The ACK that belongs to the INVITE's own transaction (RFC 3261 17.1.1.3)."""
        ack = Message.request('ACK', request.uri)
        ack.add('Via', request.get('Via')).add('Max-Forwards', '70')
        ack.add('From', request.get('From')).add('To', reply.get('To')).add('Call-ID', request.get('Call-ID'))
        ack.add('CSeq', f'{request.cseq} ACK')
        for route in request.all('Route'):
            ack.add('Route', route)
        return ack

    def cancel(self, transaction):
        """Sends the CANCEL of a pending INVITE; its own transaction is returned."""
        request = transaction.request
        cancel = Message.request('CANCEL', request.uri)
        cancel.add('Via', request.get('Via')).add('Max-Forwards', '70')
        cancel.add('From', request.get('From')).add('To', request.get('To')).add('Call-ID', request.get('Call-ID'))
        cancel.add('CSeq', f'{request.cseq} CANCEL')
        return self.send(cancel)

    def silent_for(self, seconds):
        """True when nothing at all arrives in this time."""
        return self.connection.receive(seconds) is None

    # Whole exchanges

    def challenged(self, method='INVITE', **parts):
        """A request without credentials and its challenge."""
        request = self.make(method, **parts)
        reply = self.ask(request)
        if reply.status not in (401, 407):
            raise AssertionError(f'{method} should be challenged, but got {reply.status} {reply.reason}')
        return request, reply

    def authorized(self, method='INVITE', change=None, timeout_s=8, uri=None, body=None, headers=(), **answer):
        """Asks, answers the challenge, and returns the Exchange.

        change(request) may alter the second request as a whole; the rest is for answer().
        """
        request, challenge = self.challenged(method, uri=uri, body=body, headers=headers)
        second, credentials = self.answer(request, challenge, **answer)
        if change:
            change(second)
        return Exchange(request, challenge, credentials, second, self.ask(second, timeout_s))

    def call(self, uri=None, **options):
        """A whole call set up: INVITE, challenge, INVITE, 200, ACK."""
        exchange = self.authorized('INVITE', uri=uri, **options)
        if exchange.reply.status != 200:
            raise AssertionError(f'the call should be answered, but got {exchange.reply.first_line}')
        call = Call(self, exchange)
        call.acknowledge()
        return call


class Call:
    """The caller's half of a dialog."""

    def __init__(self, phone, exchange):
        self.phone = phone
        self.exchange = exchange
        self.invite = exchange.second or exchange.request
        self.reply = exchange.reply
        self.cseq = self.invite.cseq

    def request(self, method, cseq=None, body=b'', headers=()):
        """A request inside the dialog (RFC 3261 12.2.1.1)."""
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        message = Message.request(method, address(self.reply.get('Contact')), body=body)
        message.add('Via', self.phone.via()).add('Max-Forwards', '70')
        for route in reversed(self.reply.each('Record-Route')):
            message.add('Route', route)
        message.add('From', self.invite.get('From')).add('To', self.reply.get('To'))
        message.add('Call-ID', self.invite.get('Call-ID')).add('CSeq', f'{cseq} {method}')
        if self.phone.user_agent:
            message.add('User-Agent', self.phone.user_agent)
        message.headers += [list(header) for header in headers]
        return message

    def acknowledge(self):
        self.phone.send(self.request('ACK', self.invite.cseq))

    def hang_up(self):
        """BYE, answering a challenge if there is one. Returns the last reply."""
        bye = self.request('BYE')
        reply = self.phone.ask(bye)
        if reply.status in (401, 407):
            second, _ = self.phone.answer(bye, reply)
            self.cseq = second.cseq
            reply = self.phone.ask(second)
        return reply


class Callee(threading.Thread):
    """A phone that answers by itself, on UDP and TCP: 180 and 200 for INVITE, 200 for the rest.

    `answers` maps a method to a status, or to None for silence; `answer_after_s` is how long it rings. What it received
    is in `received`, as messages.
    """

    def __init__(self, port=None, user='bob', record=None, name='callee', answer_after_s=0, answers=None):
        super().__init__(name=name, daemon=True)
        self.port = port or free_port()
        self.user = user
        self.record = record or Record()
        self.answer_after_s = answer_after_s
        self.answers = {'INVITE': 200} | (answers or {})
        self.received = []
        self.pending = []
        self.ringing = {}
        self.order = itertools.count()
        self.selector = selectors.DefaultSelector()
        self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.datagrams.bind((LOOPBACK, self.port))
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((LOOPBACK, self.port))
        self.listener.listen()
        self.wake_reader, self.wake_writer = socket.socketpair()
        self.streams = {}
        for sock in (self.datagrams, self.listener, self.wake_reader):
            self.selector.register(sock, selectors.EVENT_READ)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.wake_writer.send(b'.')
        self.join(5)
        for sock in (self.datagrams, self.listener, self.wake_reader, self.wake_writer, *self.streams):
            sock.close()

    @property
    def uri(self):
        return f'sip:{self.user}@{LOOPBACK}:{self.port}'

    def got(self, method):
        """The requests of this method that came, in order."""
        return [message for message in list(self.received) if message.method == method]

    def run(self):
        while True:
            wait_s = max(self.pending[0][0] - time.monotonic(), 0) if self.pending else None
            for key, _ in self.selector.select(wait_s):
                if key.fileobj is self.wake_reader:
                    return
                self.read(key.fileobj)
            while self.pending and self.pending[0][0] <= time.monotonic():
                heapq.heappop(self.pending)[2]()

    def read(self, sock):
        if sock is self.listener:
            stream, _ = sock.accept()
            self.streams[stream] = Framer()
            self.selector.register(stream, selectors.EVENT_READ)
        elif sock is self.datagrams:
            data, peer = sock.recvfrom(65535)
            self.take(data, peer[1], lambda reply: sock.sendto(reply, peer))
        else:
            self.read_stream(sock)

    def read_stream(self, sock):
        data = sock.recv(65535)
        if not data:
            self.selector.unregister(sock)
            self.streams.pop(sock)
            sock.close()
            return
        self.streams[sock].feed(data)
        while (message := self.streams[sock].next()) is not None:
            self.take(message, sock.getpeername()[1], sock.sendall)

    def take(self, data, peer, send):
        try:
            message = Message.parse(data)
        except Malformed:
            return
        self.record.note('received', self.name, peer, data)
        self.received.append(message)
        if message.is_request and message.method != 'ACK':
            self.answer(message, peer, send)

    def answer(self, request, peer, send):
        status = self.answers.get(request.method, 200)
        if status is None:
            return
        if request.method == 'INVITE':
            self.answer_invite(request, status, peer, send)
            return
        if request.method == 'CANCEL':
            self.give(request, 200, peer, send)
            invite = self.ringing.pop(request.branch, None)
            if invite:
                self.give(invite, 487, peer, send)
            return
        self.give(request, status, peer, send)

    def answer_invite(self, request, status, peer, send):
        """A re-INVITE is answered without ringing."""
        self.ringing[request.branch] = request
        if not request.tag('To'):
            self.give(request, 180, peer, send)

        def pick_up():
            if self.ringing.pop(request.branch, None):
                self.give(request, status, peer, send)
        heapq.heappush(self.pending, (time.monotonic() + self.answer_after_s, next(self.order), pick_up))

    def give(self, request, status, peer, send):
        words = {180: 'Ringing', 200: 'OK', 486: 'Busy Here', 487: 'Request Terminated'}
        headers = [['Record-Route', value] for value in request.all('Record-Route')]
        headers.append(['Contact', f'<{self.uri}>'])
        body = b''
        if request.method == 'INVITE' and status == 200:
            headers.append(['Content-Type', 'application/sdp'])
            body = OFFER
        reply = bytes(request.reply(status, words.get(status, 'Answer'), headers, body, to_tag='callee'))
        self.record.note('sent', self.name, peer, reply)
        try:
            send(reply)
        except OSError:
            pass
