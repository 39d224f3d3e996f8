# SPDX-License-Identifier: GPL-2.0-or-later
"""Starts a Kamailio in a directory of its own, asks it through kamcmd, stops it by its pid, and reads what it logged.

A Kamailio that does not end with 0, or logged CRITICAL, BUG or a sanitizer's report, fails the scenario.

Another Kamailio than the installed one is tested by putting it in front of PATH, and a module built with sanitizers by
loading their library first. What Kamailio's own allocators hand out is seen by them only where Kamailio was configured
with MEMPKG=sys:

    make KAMAILIO_SRC=/usr/src/kamailio && PATH=/opt/kamailio/sbin:$PATH test/integration/run-all
    make build/secmgr.so CFLAGS='-O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer'
    SECMGR_PRELOAD=$(gcc -print-file-name=libasan.so) test/integration/run-all
"""

import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile

from .scenario import Failed, wait_until
from .transport import LOOPBACK

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MODULE = os.environ.get('SECMGR_MODULE', os.path.join(ROOT, 'build', 'secmgr.so'))
TROUBLE = re.compile(r'CRITICAL|\bBUG\b|AddressSanitizer|LeakSanitizer|runtime error:|exited by a signal|core was')
# Every stop of a Kamailio with TCP says this, as the processes do not end in one order.
USUAL_AT_THE_END = r'receive_fd\(\): EOF on'
# With tls.so of Kamailio 5.6 all processes share one OpenSSL error queue, which TCP receivers that serve TLS spoil for
# each other, secmgr loaded or not. In any other process the same line is a fault.
USUAL_IN_TCP_RECEIVERS = r'freeing already freed pointer .* from tls: tls_init\.c|tls_h_read_f\(\): IO error \(0\) Success'
ENDS_WITH_PARENT = 1


def program(name):
    """Its path: the sbin folders are not in everybody's PATH."""
    found = shutil.which(name, path=os.environ.get('PATH', '') + ':/usr/sbin:/usr/local/sbin')
    if not found:
        raise Failed(f'{name} is not installed')
    return found


def end_with_parent():
    """Even a test that is killed leaves no server behind."""
    ctypes.CDLL(None).prctl(ENDS_WITH_PARENT, signal.SIGTERM)


class DidNotStart(AssertionError):
    """The server ended instead of coming up; str() is what it said."""


class Kamailio:
    """One server. The text of its configuration is given, or the path of a configuration file.

    defines: values for `-A name=value`. ready: a condition; without one, the server is up when kamcmd answers.
    """

    def __init__(self, text=None, path=None, defines=None, name='proxy', children=None, arguments=(), ready=None,
                 memory=('-m', '64', '-M', '8')):
        self.name = name
        self.folder = tempfile.TemporaryDirectory(prefix=f'secmgr-{name}-')
        self.directory = self.folder.name
        self.path = path
        if text is not None:
            self.path = os.path.join(self.directory, 'kamailio.cfg')
            with open(self.path, 'w', encoding='utf-8') as file:
                file.write(text.replace('@DIRECTORY@', self.directory))
        self.control = os.path.join(self.directory, 'ctl')
        self.log_path = os.path.join(self.directory, 'log')
        self.ready = ready or self.answers
        self.process = None
        self.tcp_receivers = []
        self.command = [program('kamailio'), '-DD', '-E', '-f', self.path, '-P', os.path.join(self.directory, 'pid'),
                        '-Y', self.directory, '-w', self.directory, *memory, *arguments]
        if children:
            self.command += ['-n', str(children)]
        for key, value in (defines or {}).items():
            self.command += ['-A', key if value is None else f'{key}={value}']

    def __enter__(self):
        try:
            return self.start()
        except AssertionError:
            self.folder.cleanup()
            raise

    def __exit__(self, kind, *_):
        try:
            self.stop()
            if kind is None:
                self.check_log()
        finally:
            self.folder.cleanup()

    def environment(self):
        preload = os.environ.get('SECMGR_PRELOAD')
        return os.environ | ({'LD_PRELOAD': preload} if preload else {})

    def start(self, deadline_s=20):
        with open(self.log_path, 'ab') as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True, preexec_fn=end_with_parent, env=self.environment())
        try:
            wait_until(lambda: self.process.poll() is not None or self.ready(), f'{self.name} comes up', deadline_s)
            if self.process.poll() is not None:
                raise DidNotStart(self.first_errors())
        except AssertionError:
            self.stop()
            raise
        return self

    def stop(self):
        """SIGTERM to the main process, which ends its children; to all of them again, since a child that was just
        being forked loses its signal; SIGKILL when even that does not help.
        """
        if self.process is None or self.process.returncode is not None:
            return
        self.tcp_receivers = self.pids_of('tcp receiver')
        self.process.terminate()
        for _ in range(50):
            try:
                self.process.wait(0.3)
                return
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGTERM)
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def restart(self):
        self.stop()
        self.check_log()
        return self.start()

    # What it says

    def log(self):
        with open(self.log_path, encoding='utf-8', errors='replace') as file:
            return file.read()

    def errors(self):
        return [line for line in self.log().splitlines() if re.search(r'ERROR|CRITICAL|ALERT|\bBUG\b', line)]

    def first_errors(self):
        return '\n'.join(self.errors()[:3] or self.log().splitlines()[-3:]) or 'it ended without a word'

    def check_log(self):
        if self.process.returncode != 0:
            raise Failed(f'{self.name} ended with {self.process.returncode}: {self.first_errors()}')
        for line in self.log().splitlines():
            if TROUBLE.search(line) and not re.search(USUAL_AT_THE_END, line) and not self.is_tls_s_own(line):
                raise Failed(f'{self.name} logged: {line}')

    def is_tls_s_own(self, line):
        logged_by = re.match(r'\s*\d+\((\d+)\)', line)
        return bool(re.search(USUAL_IN_TCP_RECEIVERS, line) and logged_by
                    and logged_by.group(1) in self.tcp_receivers)

    # What it answers

    def pids_of(self, description):
        """The pids of those whose description begins so, as texts; none when it does not answer."""
        try:
            lines = self.kamcmd('core.ps').split('\n')
        except (AssertionError, OSError, subprocess.SubprocessError):
            return []
        return [pid.strip() for pid, words in zip(lines, lines[1:]) if words.strip().startswith(description)]

    def kamcmd(self, *words):
        """The text of an RPC's answer."""
        done = subprocess.run([program('kamcmd'), '-s', f'unix:{self.control}', *map(str, words)], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
        if done.returncode or done.stdout.startswith('error:'):
            raise Failed(f'kamcmd {" ".join(map(str, words))}: {done.stdout.strip()}')
        return done.stdout

    def rpc(self, *words):
        """The same, the scalar members of the answer as a dict of texts."""
        return dict(re.findall(r'^\s*([\w.-]+): ?(.*?)\s*$', self.kamcmd(*words), re.M))

    def counter(self, name, group='secmgr'):
        """One number of the module's statistics."""
        counters = self.counters(group)
        if name not in counters:
            raise Failed(f'no statistic {group}:{name}')
        return counters[name]

    def counters(self, group='secmgr'):
        answer = self.kamcmd('stats.get_statistics', f'{group}:')
        return {name: int(value) for name, value in re.findall(rf'{group}:(\S+) = (\d+)', answer)}

    def answers(self):
        """True when the control socket answers."""
        if not os.path.exists(self.control):
            return False
        try:
            return bool(self.kamcmd('core.version'))
        except AssertionError:
            return False


def tcp_answers(port):
    try:
        with socket.create_connection((LOOPBACK, port), 1):
            return True
    except OSError:
        return False


def certificate(directory, name='cert', names='DNS:localhost,IP:127.0.0.1'):
    """A throw-away certificate for TLS that vouches for itself: (certificate path, key path)."""
    paths = os.path.join(directory, f'{name}.pem'), os.path.join(directory, f'{name}.key.pem')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
                    '-days', '2', '-subj', f'/CN={name}', '-addext', f'subjectAltName={names}',
                    '-out', paths[0], '-keyout', paths[1]], check=True, stderr=subprocess.DEVNULL)
    return paths
