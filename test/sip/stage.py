# SPDX-License-Identifier: GPL-2.0-or-later
"""The stage of most scenarios: a proxy with secmgr over UDP, TCP and TLS, a credential service, and a callee.

    with Stage(parameters=['algorithms=SHA-256']) as stage, stage.phone('tls') as phone:
        phone.call()

A Stage uses a FakeService, which counts; service='real' starts cfg/credential-service.cfg over an SQLite database.
"""

import contextlib
import os
import subprocess
import tempfile

from .fake_service import FakeService
from .kamailio import MODULE, ROOT, Kamailio, certificate, tcp_answers
from .phone import Callee, Phone
from .scenario import Failed, wait_until
from .transport import LOOPBACK, free_port

PREAMBLE = '''#!KAMAILIO
listen=udp:127.0.0.1:{port}
listen=tcp:127.0.0.1:{port}
listen=tls:127.0.0.1:{tls_port}
enable_tls=yes
children=2
tcp_children=2
tcp_connection_lifetime=600
tcp_max_connections=512
tcp_rd_buf_size=65536
auto_aliases=no
dns=no
rev_dns=no
log_stderror=yes
debug=2
{globals}
loadmodule "tls.so"
loadmodule "ctl.so"
loadmodule "kex.so"
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "textops.so"
loadmodule "siputils.so"
{modules}
loadmodule "{module}"
modparam("ctl", "binrpc", "unix:@DIRECTORY@/ctl")
modparam("tls", "certificate", "{certificate}")
modparam("tls", "private_key", "{key}")
modparam("tls", "verify_certificate", 0)
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tm", "fr_timer", 5000)
modparam("tm", "auto_inv_100_reason", "Trying")
{parameters}
'''

ROUTES = '''
request_route {
    if (is_method("OPTIONS")) {
        sl_send_reply("200", "OK");
        exit;
    }
    if (is_method("CANCEL")) {
        if (t_check_trans()) t_relay();
        exit;
    }
    if (has_totag()) {
        if (loose_route()) {
            t_relay();
        } else if (is_method("ACK") && t_check_trans()) {
            t_relay();
        } else if (!is_method("ACK")) {
            sl_send_reply("404", "Not Here");
        }
        exit;
    }
    secmgr_authorize("$fd", "ALLOWED");
}
'''

ALLOWED = '''
route[ALLOWED] {
    if (is_method("REGISTER")) {
        send_reply("200", "OK");
        exit;
    }
    record_route();
    $ru = "sip:bob@127.0.0.1:CALLEE";
    t_relay();
}
'''

VERDICTS = ('allowed', 'challenged', 'stale', 'wrong_credentials', 'unknown_user', 'suspended_user', 'replayed',
            'malformed', 'weak_algorithm', 'identity_mismatch', 'parameter_refused', 'locked', 'exempt',
            'service_unavailable', 'internal_fault')

RESUMES_IN_OWN_GROUP = 'async_workers_group="name=secmgr;workers=1;nonblock=0;usleep=0"'


def modparam(text):
    """'algorithms=MD5' -> a modparam line of secmgr; a number becomes an integer."""
    name, _, value = text.partition('=')
    number = value.lstrip('-').isdigit() and name not in ('service_url',)
    return f'modparam("secmgr", "{name}", {value if number else chr(34) + value + chr(34)})'


class Stage:
    """parameters: 'name=value' for secmgr. routes, allowed: parts of the script; CALLEE in them is the callee's port.

    others: more FakeServices, the endpoints to which lookups go when the first one fails, in their order.
    """

    def __init__(self, parameters=(), routes=ROUTES, allowed=ALLOWED, extra='', modules=(), more=(),
                 global_lines=(RESUMES_IN_OWN_GROUP,), service='fake', callee=None, arguments=(), others=()):
        self.port = free_port()
        self.tls_port = free_port()
        self.record = None
        self.closing = contextlib.ExitStack()
        self.service = FakeService() if service == 'fake' else RealService() if service == 'real' else service
        self.others = list(others)
        self.callee = callee or Callee()
        self.parameters = [*(f'service_url={service.url}' for service in (self.service, *self.others)), *parameters]
        self.routes = routes + allowed + extra
        self.modules = modules
        self.more = more
        self.global_lines = global_lines
        self.arguments = arguments
        self.directory = tempfile.TemporaryDirectory(prefix='secmgr-stage-')
        self.proxy = None

    def configuration(self):
        paths = certificate(self.directory.name)
        text = PREAMBLE.format(globals='\n'.join(self.global_lines), port=self.port, tls_port=self.tls_port,
                               modules='\n'.join(f'loadmodule "{name}.so"' for name in self.modules), module=MODULE,
                               certificate=paths[0], key=paths[1],
                               parameters='\n'.join([*map(modparam, self.parameters), *self.more]))
        return text + self.routes.replace('CALLEE', str(self.callee.port))

    def __enter__(self):
        with contextlib.ExitStack() as closing:
            closing.enter_context(self.directory)
            for service in (self.service, *self.others):
                closing.enter_context(service)
                if isinstance(service, FakeService):
                    service.add('alice')
            closing.enter_context(self.callee)
            self.proxy = Kamailio(self.configuration(), arguments=self.arguments)
            closing.enter_context(self.proxy)
            self.closing = closing.pop_all()
        return self

    def __exit__(self, *error):
        return self.closing.__exit__(*error)

    def phone(self, transport='udp', **options):
        return Phone(self.tls_port if transport == 'tls' else self.port, transport, **options)

    def message(self, user='alice', password='wonderland', transport='tcp'):
        """The final reply to an authorized MESSAGE of this subscriber."""
        with self.phone(transport, user=user, password=password) as phone:
            return phone.authorized('MESSAGE').reply

    def begin(self, phone, method='MESSAGE'):
        """An authorized request, sent but not waited for."""
        request, challenge = phone.challenged(method)
        return phone.send(phone.answer(request, challenge)[0])

    @contextlib.contextmanager
    def counts(self, **wanted):
        """What is done inside makes these counters grow by exactly this much, and no other verdict's."""
        before = self.proxy.counters()
        yield

        def grown():
            now = self.proxy.counters()
            return {name: now[name] - before[name] for name in now
                    if name in wanted or name in VERDICTS and now[name] != before[name]}
        try:
            wait_until(lambda: grown() == wanted, '', deadline_s=2)
        except Failed:
            raise Failed(f'the counters should grow by {wanted}, but grew by {grown()}') from None


class RealService:
    """cfg/credential-service.cfg over a new SQLite database, filled by cfg/subscribers."""

    def __init__(self, subscribers=(('alice', 'example.org', 'wonderland'), ('bob', 'example.org', 'builder')),
                 defines=None):
        self.port = free_port()
        self.subscribers = subscribers
        self.defines = defines or {}
        self.directory = tempfile.TemporaryDirectory(prefix='secmgr-service-')
        self.database = os.path.join(self.directory.name, 'subscribers.db')
        self.server = None

    @property
    def url(self):
        return f'http://{LOOPBACK}:{self.port}'

    @property
    def database_url(self):
        return f'sqlite:///{self.database}'

    def tool(self, *words, password=None):
        """Runs cfg/subscribers; a password goes in by standard input, as an operator's would."""
        done = subprocess.run([os.path.join(ROOT, 'cfg', 'subscribers'), self.database, *words], check=False, text=True,
                              input=(password or '') + '\n', stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=20)
        if done.returncode:
            raise AssertionError(f"cfg/subscribers {' '.join(words)}: {done.stdout.strip()}")
        return done.stdout

    def add(self, user, realm, password, *more):
        return self.tool('add', f'{user}@{realm}', *more, password=password)

    def __enter__(self):
        return self.start()

    def __exit__(self, *error):
        self.server.__exit__(*error)
        self.directory.cleanup()

    def start(self):
        self.tool('init')
        for user, realm, password in self.subscribers:
            self.add(user, realm, password)
        self.server = Kamailio(path=os.path.join(ROOT, 'cfg', 'credential-service.cfg'), name='credential-service',
                               defines={'LISTEN': f'tcp:{LOOPBACK}:{self.port}', 'DBURL': self.database_url,
                                        'WORKERS': 2} | self.defines,
                               ready=lambda: tcp_answers(self.port))
        self.server.start()
        return self
