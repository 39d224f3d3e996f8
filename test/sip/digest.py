# SPDX-License-Identifier: GPL-2.0-or-later
"""Digest from the client's side: RFC 2617, 7616 and 8760, with every part open to tampering."""

import hashlib
import secrets

from .message import split_outside_quotes

HASHES = {
    'MD5': hashlib.md5,
    'SHA-256': hashlib.sha256,
    'SHA-512-256': lambda data: hashlib.new('sha512_256', data),
}
ALGORITHMS = tuple(HASHES) + tuple(name + '-sess' for name in HASHES)
QUOTED = ('username', 'realm', 'nonce', 'uri', 'response', 'cnonce', 'opaque')


def digest(algorithm, text):
    data = text if isinstance(text, bytes) else text.encode()
    return HASHES[algorithm.removesuffix('-sess')](data).hexdigest()


def ha1(algorithm, username, realm, password):
    """What a subscriber database holds: H(username:realm:password)."""
    return digest(algorithm, f'{username}:{realm}:{password}')


def response(algorithm, ha1, nonce, method, uri, qop=None, nc=None, cnonce=None, body=b''):
    """The request-digest; method '' makes it the rspauth of a reply (RFC 7616 3.5)."""
    if algorithm.endswith('-sess'):
        ha1 = digest(algorithm, f'{ha1}:{nonce}:{cnonce}')
    a2 = f'{method}:{uri}'
    if qop == 'auth-int':
        a2 += ':' + digest(algorithm, body)
    middle = f'{nonce}:{nc}:{cnonce}:{qop}' if qop else nonce
    return digest(algorithm, f'{ha1}:{middle}:{digest(algorithm, a2)}')


def parameters(text):
    """name=value, name="value" -> a list of (name, value) in order."""
    found = []
    for part in split_outside_quotes(text):
        name, _, value = part.partition('=')
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] == '"':
            value = value[1:-1]
        found.append((name.strip().lower(), value))
    return found


class Challenge:
    """One WWW-Authenticate or Proxy-Authenticate header."""

    def __init__(self, header, value):
        self.header = header
        self.value = value
        self.scheme, _, rest = value.strip().partition(' ')
        self.parameters = dict(parameters(rest))

    def __getitem__(self, name):
        return self.parameters[name]

    def get(self, name, default=None):
        return self.parameters.get(name, default)

    @property
    def algorithm(self):
        return self.get('algorithm', 'MD5')

    @property
    def qop(self):
        return [word.strip() for word in self.get('qop', '').split(',') if word.strip()]

    @property
    def stale(self):
        return self.get('stale', '').lower() == 'true'

    @property
    def answered_in(self):
        return 'Proxy-Authorization' if self.header.lower().startswith('proxy') else 'Authorization'


def challenges(reply):
    """The Digest challenges of a reply, in order."""
    found = [Challenge(name, value) for name, value in reply.headers
             if name.lower() in ('www-authenticate', 'proxy-authenticate')]
    return [challenge for challenge in found if challenge.scheme.lower() == 'digest']


class Credentials:
    """The parts of an Authorization header, in order: [name, value] with the value as written, quotes and all."""

    def __init__(self, header, pairs=()):
        self.header = header
        self.scheme = 'Digest'
        self.parts = [[name, f'"{value}"' if name in QUOTED else value] for name, value in pairs]

    def __str__(self):
        return self.scheme + ' ' + ', '.join(f'{name}={value}' if value is not None else name
                                             for name, value in self.parts)

    def get(self, name):
        """The value without its quotes."""
        for key, value in self.parts:
            if key.lower() == name:
                return value.strip('"')
        return None

    def set(self, name, value):
        """Replaces a part's value, quoted where that is the rule."""
        return self.write(name, f'"{value}"' if name in QUOTED else value)

    def write(self, name, value):
        """Replaces a part's value by exactly this text; adds the part when there is none."""
        for part in self.parts:
            if part[0].lower() == name:
                part[1] = value
                return self
        self.parts.append([name, value])
        return self

    def remove(self, name):
        self.parts = [part for part in self.parts if part[0].lower() != name]
        return self

    def duplicate(self, name):
        self.parts += [list(part) for part in self.parts if part[0].lower() == name]
        return self


def answer(challenge, username, password, method, uri, body=b'', nc=1, cnonce=None, qop=None, algorithm=None):
    """The credentials that answer a challenge. qop: None takes auth if offered, else what is; '' leaves it out."""
    algorithm = algorithm or challenge.algorithm
    if qop is None:
        qop = 'auth' if 'auth' in challenge.qop else (challenge.qop or [''])[0]
    cnonce = cnonce or secrets.token_hex(8)
    count = f'{nc:08x}'
    secret = ha1(algorithm, username, challenge['realm'], password)
    pairs = [('username', username), ('realm', challenge['realm']), ('nonce', challenge['nonce']), ('uri', uri),
             ('response', response(algorithm, secret, challenge['nonce'], method, uri, qop, count, cnonce, body))]
    if challenge.get('algorithm') or algorithm != 'MD5':
        pairs.append(('algorithm', algorithm))
    if qop:
        pairs += [('qop', qop), ('nc', count)]
    if qop or algorithm.endswith('-sess'):
        pairs.append(('cnonce', cnonce))
    if challenge.get('opaque') is not None:
        pairs.append(('opaque', challenge['opaque']))
    return Credentials(challenge.answered_in, pairs)


def rspauth(credentials, username, password, body=b''):
    """What Authentication-Info must carry when the server knows the secret too."""
    algorithm = credentials.get('algorithm') or 'MD5'
    secret = ha1(algorithm, username, credentials.get('realm'), password)
    return response(algorithm, secret, credentials.get('nonce'), '', credentials.get('uri'), credentials.get('qop'),
                    credentials.get('nc'), credentials.get('cnonce'), body)
