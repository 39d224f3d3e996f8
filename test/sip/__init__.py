# SPDX-License-Identifier: GPL-2.0-or-later
"""The tests' own SIP: messages, digest, transports, phones, and the servers they talk to.

It shares no line with the module under test, and it is itself checked against the published digest vectors
(scenario the-tests-own-client-is-right). Python's standard library is all it needs.
"""
