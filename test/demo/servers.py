# SPDX-License-Identifier: GPL-2.0-or-later
"""The two servers of the demo: the credential service and the proxy, as cfg/ has them."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from sip.kamailio import MODULE, ROOT, Kamailio, program  # noqa: E402
from sip.scenario import Failed  # noqa: E402

REALM = 'example.org'


def check_ready():
    """One sentence for what is missing, rather than a server's log."""
    for name in ('kamailio', 'kamcmd', 'sqlite3', 'openssl'):
        program(name)
    if not os.path.exists(MODULE):
        raise Failed(f'{os.path.relpath(MODULE, ROOT)} is not there: type make first')


def proxy(address, service_url):
    server = Kamailio(path=os.path.join(ROOT, 'cfg', 'proxy.cfg'), name='proxy')
    for name, value in (('ADDRESS', address), ('REALM', f'"{REALM}"'), ('SERVICE_URL', f'"{service_url}"'),
                        ('SECMGR', f'"{MODULE}"'), ('CONTROL', f'"unix:{server.control}"')):
        server.command += ['-A', f'{name}={value}']
    return server
