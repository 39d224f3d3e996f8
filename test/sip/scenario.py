# SPDX-License-Identifier: GPL-2.0-or-later
"""The frame of a scenario: a script of cases, each a sentence that turns out true or not.

    with Scenario() as scenario, Stage() as stage:
        with scenario.case('an INVITE without credentials is challenged'):
            expect(reply.status, 407)

A case that fails does not stop the next one. Outside of cases, and while a stage is torn down, anything that goes wrong
counts as one failed case. The exit code is 0 only when at least one case ran and none failed.
"""

import os
import sys
import time
import traceback


class Failed(AssertionError):
    """An expectation that was not met, in words."""


def expect(actual, wanted, what='the value'):
    if actual != wanted:
        raise Failed(f'{what} should be {wanted!r}, but is {actual!r}')


def expect_true(condition, why):
    if not condition:
        raise Failed(why)


def wait_until(condition, what, deadline_s=10, every_s=0.02):
    """Returns the condition's value as soon as it is true. A deadline passed is a failure; time alone proves nothing."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed(f'waited {deadline_s} s in vain: {what}')
        time.sleep(every_s)


class Case:
    def __init__(self, scenario, sentence):
        self.scenario = scenario
        self.sentence = sentence

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind and not issubclass(kind, Exception):
            return False
        self.scenario.note(self.sentence, error, trace)
        return True


class Scenario:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.started = time.monotonic()

    def case(self, sentence):
        return Case(self, sentence)

    def note(self, sentence, error=None, trace=None):
        if error is None:
            self.passed += 1
            print(f'ok - {sentence}', flush=True)
            return
        self.failed += 1
        print(f'not ok - {sentence} : {describe(error, trace)}', flush=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind and issubclass(kind, Exception):
            self.note('the scenario runs from start to end', error, trace)
        elif kind:
            return False
        if not self.passed + self.failed:
            self.note('the scenario has cases', Failed('none ran'))
        print(f'{self.passed} passed, {self.failed} failed in {time.monotonic() - self.started:.1f} s', flush=True)
        sys.exit(1 if self.failed else 0)


def describe(error, trace):
    """The words of a failure and where it was found, in one line; a bug of the test itself with its whole trace."""
    frames = [f'{os.path.basename(os.path.dirname(frame.filename))}/{os.path.basename(frame.filename)}:{frame.lineno}'
              for frame in traceback.extract_tb(trace)]
    if isinstance(error, (AssertionError, OSError)):
        return f"{error or 'assertion'} ({' < '.join(reversed(frames[-3:]))})"
    return ''.join(traceback.format_exception(type(error), error, trace)).strip()
