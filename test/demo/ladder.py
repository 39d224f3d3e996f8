# SPDX-License-Identifier: GPL-2.0-or-later
"""Draws recorded messages as a ladder in plain text: one arrow for each message, and beneath it what matters in it."""

import re
import sys
import textwrap

from sip.message import Malformed, Message, split_outside_quotes

COLUMNS = {'alice': 11, 'proxy': 50, 'service': 70, 'bob': 90}
FIRST, WIDTH = 11, 93
SHOWN = ('WWW-Authenticate', 'Proxy-Authenticate', 'Authorization', 'Proxy-Authorization',
         'Authentication-Info', 'Proxy-Authentication-Info', 'Retry-After')
UNREMARKABLE = ('realm', 'uri', 'cnonce', 'opaque', 'qop')


def colour(code, text):
    return f'\033[{code}m{text}\033[0m' if sys.stdout.isatty() else text


class Arrow:
    """One message: who sent it to whom, when, and its words."""

    def __init__(self, time, direction, who, _peer, data):
        self.time = time
        self.source, self.target = (who, 'proxy') if (direction == 'sent') else ('proxy', who)
        self.data = data
        self.message = None
        try:
            self.message = Message.parse(data)
            self.label = self.message.method if self.message.is_request else \
                f"{self.message.status} {self.message.reason.split(' -- ')[0]}"
        except (Malformed, UnicodeDecodeError):
            self.label = self.http_label(data.split(b'\r\n', 1)[0].decode('latin-1'))

    @staticmethod
    def http_label(first_line):
        return first_line.split(' ', 1)[1] if first_line.startswith('HTTP/') else first_line.split(' ')[0]

    @property
    def key(self):
        return f"{self.source} {self.label.split(' ')[0]}"

    def details(self):
        """The header lines worth reading, shortened."""
        if self.message is None:
            return http_details(self.data)
        return [f'{name}: {shorten(value)}' for name, value in self.message.headers if name in SHOWN]


def http_details(data):
    head, _, body = data.partition(b'\r\n\r\n')
    lines = head.decode('latin-1').split('\r\n')
    if not lines[0].startswith('HTTP/'):
        return [lines[0]]
    kept = [line for line in lines[1:] if line.lower().startswith('cache-control')]
    return kept + ([hide(body.decode('utf-8', 'replace'))] if body else [])


def hide(text):
    """No HA1 is shown: it is as good as the password."""
    return re.sub(r'"[0-9a-f]{32,}"', '"...hidden..."', text).replace(',"', ', "')


def shorten(value):
    """Without the parts that explain nothing here. Long values keep their ends: enough to see which are the same."""
    parts = split_outside_quotes(value)
    kept = [part for part in parts if part.split('=')[0] not in UNREMARKABLE]
    value = ', '.join(kept + (['...'] if len(kept) < len(parts) else []))
    return re.sub(r'"([^"]{20,})"', lambda found: f'"{found.group(1)[:8]}...{found.group(1)[-4:]}"', value)


def head():
    line = [' '] * WIDTH
    for party, column in COLUMNS.items():
        start = column - len(party) // 2
        line[start:start + len(party)] = party
    return colour('1', ''.join(line).rstrip())


def draw(arrow, started):
    """The line of one message: its time, the lifelines, and the arrow with its label."""
    line = [' '] * WIDTH
    for column in COLUMNS.values():
        line[column] = '|'
    a, b = COLUMNS[arrow.source], COLUMNS[arrow.target]
    left, right = min(a, b), max(a, b)
    room = right - left - 1
    label = f' {arrow.label[:room - 5]} '
    body = label.center(room, '-')
    line[left + 1:right] = body[:-1] + '>' if a < b else '<' + body[1:]
    line[:9] = f'{(arrow.time - started) * 1000:6.1f} ms'
    return ''.join(line).rstrip()


def show(arrows, sentences):
    """sentences: {'who word': [sentence, ...]}: the first message of this kind gets the first sentence, and so on."""
    left = {key: list(value if isinstance(value, list) else [value]) for key, value in sentences.items()}
    print(head())
    for arrow in arrows:
        print(draw(arrow, arrows[0].time))
        for detail in arrow.details():
            write(detail, '2')
        if left.get(arrow.key):
            write(left[arrow.key].pop(0), '36')


def write(text, code):
    for line in textwrap.wrap(text, WIDTH, initial_indent=' ' * (FIRST + 2),
                              subsequent_indent=' ' * (FIRST + 4), break_on_hyphens=False):
        print(colour(code, line))
