# SPDX-License-Identifier: GPL-2.0-or-later
"""SIP messages as they are on the wire: an ordered list of header lines and a body of bytes.

Nothing is normalised. A test that wants two Call-IDs or a broken Via gets them; a received message keeps its raw bytes.
"""

import copy
import re

COMPACT = {
    'a': 'accept-contact', 'b': 'referred-by', 'c': 'content-type', 'e': 'content-encoding', 'f': 'from',
    'i': 'call-id', 'k': 'supported', 'l': 'content-length', 'm': 'contact', 'o': 'event', 'r': 'refer-to',
    's': 'subject', 't': 'to', 'u': 'allow-events', 'v': 'via', 'x': 'session-expires',
}


def canonical(name):
    """The one spelling under which a header's name is compared."""
    name = name.strip().lower()
    return COMPACT.get(name, name)


def split_outside_quotes(text, separator=','):
    """Splits where the separator is neither in a quoted string nor in <>."""
    parts, start, quoted, angle, escaped = [], 0, False, False, False
    for index, char in enumerate(text):
        if escaped:
            escaped = False
        elif quoted:
            escaped = char == '\\'
            quoted = char != '"'
        elif char == '"':
            quoted = True
        elif char in '<>':
            angle = char == '<'
        elif char == separator and not angle:
            parts.append(text[start:index].strip())
            start = index + 1
    parts.append(text[start:].strip())
    return [part for part in parts if part]


class Malformed(Exception):
    """Bytes that are no SIP message."""


class Message:
    """A request or a reply. `headers` is a list of [name, value]: order and duplicates are kept."""

    def __init__(self, first_line, headers=(), body=b''):
        self.first_line = first_line
        self.headers = [list(header) for header in headers]
        self.body = body
        self.raw = None

    @classmethod
    def request(cls, method, uri, headers=(), body=b''):
        return cls(f'{method} {uri} SIP/2.0', headers, body)

    @classmethod
    def parse(cls, raw):
        head, found, body = raw.partition(b'\r\n\r\n')
        if not found:
            raise Malformed('no empty line after the headers')
        lines = re.sub(r'\r\n[ \t]+', ' ', head.decode('utf-8', 'surrogateescape')).split('\r\n')
        message = cls(lines[0], body=body)
        for line in lines[1:]:
            name, colon, value = line.partition(':')
            if not colon:
                raise Malformed(f'a header line without a colon: {line!r}')
            message.headers.append([name.strip(), value.strip()])
        if 'SIP/2.0' not in message.first_line:
            raise Malformed(f'not a SIP start line: {message.first_line!r}')
        message.raw = raw
        return message

    def __bytes__(self):
        lines = [self.first_line] + [f'{name}: {value}' for name, value in self.headers]
        if not self.has('Content-Length'):
            lines.append(f'Content-Length: {len(self.body)}')
        return ('\r\n'.join(lines) + '\r\n\r\n').encode('utf-8', 'surrogateescape') + self.body

    def __str__(self):
        return bytes(self).decode('utf-8', 'replace')

    def copy(self):
        return copy.deepcopy(self)

    # What the first line says

    @property
    def is_request(self):
        return not self.first_line.startswith('SIP/2.0 ')

    @property
    def method(self):
        """A request's method; a reply's is the one in its CSeq."""
        return self.first_line.split(' ')[0] if self.is_request else self.get('CSeq').split()[1]

    @property
    def uri(self):
        return self.first_line.split(' ')[1]

    @property
    def status(self):
        return None if self.is_request else int(self.first_line.split(' ')[1])

    @property
    def reason(self):
        return None if self.is_request else self.first_line.split(' ', 2)[2]

    # Headers

    def all(self, name):
        """The values of every header of this name, in order, in either form of the name."""
        return [value for key, value in self.headers if canonical(key) == canonical(name)]

    def each(self, name):
        """Like all(), with the values of one line that are separated by commas taken apart (Via, Route, Contact...)."""
        return [part for value in self.all(name) for part in split_outside_quotes(value)]

    def get(self, name, default=None):
        values = self.all(name)
        return values[0] if values else default

    def has(self, name):
        return bool(self.all(name))

    def add(self, name, value):
        self.headers.append([name, value])
        return self

    def insert(self, name, value):
        """Before all others, as a Via is."""
        self.headers.insert(0, [name, value])
        return self

    def remove(self, name):
        self.headers = [header for header in self.headers if canonical(header[0]) != canonical(name)]
        return self

    def set(self, name, value):
        """Replaces the first header of this name and removes the others; adds it when there is none."""
        for index, (key, _) in enumerate(self.headers):
            if canonical(key) == canonical(name):
                rest = [header for header in self.headers[index + 1:] if canonical(header[0]) != canonical(name)]
                self.headers = self.headers[:index] + [[key, value]] + rest
                return self
        return self.add(name, value)

    # What a transaction and a dialog need

    @property
    def branch(self):
        return parameter(self.each('Via')[0], 'branch')

    @property
    def cseq(self):
        return int(self.get('CSeq').split()[0])

    def tag(self, name):
        return parameter(self.get(name, ''), 'tag')

    def reply(self, status, reason, headers=(), body=b'', to_tag=None):
        """The reply to this request, with what RFC 3261 8.2.6 copies."""
        reply = Message(f'SIP/2.0 {status} {reason}', body=body)
        for name in ('Via', 'From', 'To', 'Call-ID', 'CSeq'):
            reply.headers += [[name, value] for value in self.all(name)]
        if to_tag and not self.tag('To'):
            reply.set('To', f"{self.get('To')};tag={to_tag}")
        reply.headers += [list(header) for header in headers]
        return reply


def parameter(value, name):
    """A ;name=value parameter of a header's value, outside the <>."""
    outside = re.sub(r'"(\\.|[^"\\])*"|<[^>]*>', '', value)
    found = re.search(r';\s*' + re.escape(name) + r'\s*=\s*([^;,\s]+)', outside, re.I)
    return found.group(1) if found else None


def address(value):
    """The URI in a name-addr or addr-spec."""
    found = re.search(r'<([^>]*)>', re.sub(r'^\s*"(\\.|[^"\\])*"', '', value))
    return found.group(1) if found else value.split(';')[0].strip()
