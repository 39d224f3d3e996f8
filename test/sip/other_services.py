# SPDX-License-Identifier: GPL-2.0-or-later
"""Stand-ins for services that were there before secmgr, each strict about how it is asked:

    CGRateS     AttributeS behind JSON-RPC over HTTP: AttributeSv1.ProcessEvent adds the attributes of a profile that
                matches the event, NOT_FOUND when none does
    Homestead   Clearwater's: the digest of a private identity, with its realm but without its name
    HSS         TS 29.562, Nhss_imsUEAuthentication, generate-sip-auth-data
    Directory   nobody's: whatever a test makes of it

What is asked in another way is answered as the original does, and kept in `wrong`.
"""

import contextlib
import json
import re
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import digest
from .transport import LOOPBACK, free_port


class Asked:
    def __init__(self, method, path, headers, body):
        self.method = method
        self.path = path
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.body = body

    def json(self):
        """A body that is no JSON, or says it is none, is nobody's question."""
        if self.headers.get('content-type') != 'application/json':
            return None
        try:
            return json.loads(self.body, object_pairs_hook=without_twins)
        except ValueError:
            return None


def without_twins(pairs):
    if len(dict(pairs)) != len(pairs):
        raise ValueError('one key twice')
    return dict(pairs)


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def serve(self):
        body = self.rfile.read(int(self.headers.get('Content-Length', '0')))
        asked = Asked(self.command, self.path, self.headers, body)
        service = self.server.service
        with service.lock:
            service.asked.append(asked)
            status, answer = service.broken or service.answer(asked)
        text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = serve

    def log_message(self, *_):
        pass


class Service:
    """Subscribers are added with their passwords. broken: (status, body) for all, in place of an answer."""

    def __init__(self):
        self.port = free_port()
        self.passwords = {}
        self.asked = []
        self.wrong = []
        self.broken = None
        self.lock = threading.Lock()
        self.server = None

    @property
    def url(self):
        return f'http://{LOOPBACK}:{self.port}'

    def add(self, user, realm='example.org', password='wonderland'):
        self.passwords[(user, realm)] = password

    def __enter__(self):
        self.server = ThreadingHTTPServer((LOOPBACK, self.port), Handler)
        self.server.daemon_threads = True
        self.server.service = self
        threading.Thread(target=self.server.serve_forever, kwargs={'poll_interval': 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @contextlib.contextmanager
    def says(self, status, body):
        self.broken = (status, body)
        yield
        self.broken = None

    def refuse(self, asked, status, answer):
        self.wrong.append(asked)
        return status, answer


class CGRateS(Service):
    """The attribute profiles put the password into the event's field `Password`."""

    def answer(self, asked):
        call = asked.json() if (asked.method, asked.path) == ('POST', '/jsonrpc') else None
        if call is None:
            return self.refuse(asked, 404, b'404 page not found\n')
        event = call['params'][0]['Event'] if self.is_call(call) else None
        if event is None:
            return self.refuse(asked, 200, {'id': call.get('id'), 'result': None,
                                            'error': f"rpc: can't find service {call.get('method')}"})
        tenant = call['params'][0]['Tenant']
        password = self.passwords.get((event['Account'], tenant))
        if password is None:
            return 200, {'id': call['id'], 'result': None, 'error': 'NOT_FOUND'}
        return 200, {'id': call['id'], 'error': None, 'result': {
            'MatchedProfiles': [f"{tenant}:ATTR_{event['Account']}"], 'AlteredFields': ['*req.Password'],
            'Tenant': tenant, 'ID': '', 'Time': None, 'Event': event | {'Password': password}, 'APIOpts': {}}}

    @staticmethod
    def is_call(call):
        return (call.get('method') == 'AttributeSv1.ProcessEvent' and 'id' in call and len(call.get('params', [])) == 1
                and set(call['params'][0]) == {'Tenant', 'Event'} and set(call['params'][0]['Event']) == {'Account'})


class Homestead(Service):
    def answer(self, asked):
        found = re.fullmatch(r'/impi/([^/?]+)/av/digest', asked.path)
        if asked.method != 'GET' or not found:
            return self.refuse(asked, 404, b'')
        private_id = urllib.parse.unquote(found.group(1))
        for (user, realm), password in self.passwords.items():
            if user == private_id:
                return 200, {'digest': {'ha1': digest.ha1('MD5', user, realm, password), 'qop': 'auth', 'realm': realm}}
        return 404, b''


class HSS(Service):
    def answer(self, asked):
        found = re.fullmatch(r'/nhss-ims-ueau/v1/([^/?]+)/security-information/generate-sip-auth-data', asked.path)
        request = asked.json() if asked.method == 'POST' and found else None
        if request is None or not request.get('cscfServerName', '').startswith('sip:') \
                or request.get('sipAuthenticationScheme') != 'DIGEST-HTTP':
            return self.refuse(asked, 400, {'status': 400, 'cause': 'MANDATORY_IE_INCORRECT'})
        impi = urllib.parse.unquote(found.group(1))
        for (user, realm), password in self.passwords.items():
            if user == impi:
                return 200, {'impi': impi, 'digestAuth': {
                    'digestRealm': realm, 'digestAlgorithm': 'MD5', 'digestQop': 'AUTH',
                    'ha1': digest.ha1('MD5', user, realm, password)}}
        return 404, {'status': 404, 'cause': 'USER_NOT_FOUND'}


class Directory(Service):
    """decide(asked) -> (status, body)."""

    def __init__(self, decide):
        super().__init__()
        self.answer = decide


def profile(text):
    """The modparam line of a profile, in ticks, as its body has quotes."""
    return f"modparam('secmgr', 'service_profile', '{text}')"
