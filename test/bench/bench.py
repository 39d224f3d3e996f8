# SPDX-License-Identifier: GPL-2.0-or-later
"""What the bench and the soak share: the proxy in its several ways, the slow service, the load, and what /proc says."""

import contextlib
import glob
import json
import os
import sqlite3
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from sip import digest  # noqa: E402
from sip.kamailio import MODULE, ROOT, Kamailio, end_with_parent, tcp_answers  # noqa: E402
from sip.scenario import Failed, wait_until  # noqa: E402
from sip.transport import LOOPBACK, free_port  # noqa: E402

TOOLS = os.path.join(ROOT, 'build', 'bench')
REALM, PASSWORD = 'example.org', 'wonderland'
SUBSCRIBERS = 20000  # in the htable and in the database; the credential service knows everybody
TIMEOUT_S = 3        # how long every way waits for the service
WORKERS, CONNECTIONS = 2, 1000  # 1000 lookups a second of 2 s each are 2000 under way


def fill_database(path):
    """The subscriber table as auth_db wants it."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute('CREATE TABLE version (table_name VARCHAR(32), table_version INTEGER)')
        database.execute("INSERT INTO version VALUES ('subscriber', 7)")
        database.execute('CREATE TABLE subscriber (id INTEGER PRIMARY KEY, username VARCHAR(64), domain VARCHAR(64),'
                         ' password VARCHAR(64), ha1 VARCHAR(128), ha1b VARCHAR(128))')
        database.execute('CREATE UNIQUE INDEX account ON subscriber (username, domain)')
        database.executemany(
            'INSERT INTO subscriber (username, domain, ha1) VALUES (?, ?, ?)',
            ((user, REALM, digest.ha1('MD5', user, REALM, PASSWORD))
             for user in (f'user{number}' for number in range(SUBSCRIBERS))))
        database.commit()


class Service:
    """The slow credential service. start() and stop() at will: the port stays its own."""

    def __init__(self, *arguments):
        self.port = free_port()
        self.arguments = arguments
        self.process = None

    @property
    def url(self):
        return f'http://{LOOPBACK}:{self.port}'

    def __enter__(self):
        return self.start(*self.arguments)

    def __exit__(self, *_):
        self.stop()

    def start(self, *arguments):
        command = [os.path.join(TOOLS, 'credential_service'), '--port', str(self.port), *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=end_with_parent)
        wait_until(lambda: self.process.poll() is not None or tcp_answers(self.port), 'the service listens')
        return self

    def stop(self):
        """How many requests it was asked."""
        if self.process is None:
            return 0
        self.process.terminate()
        said, _ = self.process.communicate(timeout=10)
        self.process = None
        return json.loads(said)['requests']


class Proxy(Kamailio):
    """test/bench/proxy.cfg; way: HTABLE, DB, HTTP or SECMGR."""

    def __init__(self, way, service_url, algorithms='MD5', arguments=(), database=None, workers=WORKERS,
                 connections=CONNECTIONS, memory=('-m', '256', '-M', '16')):
        self.port = free_port()
        super().__init__(path=os.path.join(ROOT, 'test', 'bench', 'proxy.cfg'), arguments=arguments, memory=memory)
        for name, value in (('PORT', self.port), ('CONTROL', f'"unix:{self.control}"'), ('SUBSCRIBERS', SUBSCRIBERS),
                            ('DATABASE', f'"sqlite:///{database}"'), ('SERVICE_URL', f'"{service_url}"'),
                            ('SERVICE_CONNECTION', f'"service=>{service_url}"'),
                            ('TIMEOUT_MS', TIMEOUT_S * 1000), ('TIMEOUT_S', TIMEOUT_S), ('CONNECTIONS', connections),
                            ('WORKERS', workers), ('ALGORITHMS', f'"{algorithms}"'), ('SECMGR', f'"{MODULE}"')):
            self.command += ['-A', f'{name}={value}']
        self.command += ['-A', f'WAY_{way}']

    def processes(self):
        """The numbers of all its processes: they are one process group."""
        found = []
        for path in glob.glob('/proc/[0-9]*/stat'):
            with contextlib.suppress(OSError), open(path, encoding='latin-1') as file:
                text = file.read()
                if int(text.rpartition(')')[2].split()[2]) == self.process.pid:
                    found.append(int(text.partition(' ')[0]))
        return sorted(found)

    def cpu_ns(self):
        """Time on a CPU, of all threads of all processes."""
        total = 0
        for process in self.processes():
            for path in glob.glob(f'/proc/{process}/task/*/schedstat'):
                with open(path, encoding='ascii') as file:
                    total += int(file.read().split()[0])
        return total


class Load:
    """A load generator at work. wait() -> what it counted."""

    def __init__(self, port, **options):
        command = [os.path.join(TOOLS, 'load'), '--port', str(port)]
        for name, value in options.items():
            if value is not False:
                command.append('--' + name.replace('_', '-'))
            if not isinstance(value, bool):
                command.append(str(value))
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=end_with_parent)

    def wait(self):
        said, _ = self.process.communicate()
        if self.process.returncode != 0:
            raise Failed(f'the load generator ended with {self.process.returncode}')
        return json.loads(said)


def load(port, **options):
    return Load(port, **options).wait()
