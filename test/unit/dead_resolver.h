/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A name server that does not answer, without a network: what the tests are linked from, libcurl included, gets this
 * getaddrinfo instead of libc's. Numeric addresses do not come here.
 */
#ifndef SECMGR_TEST_UNIT_DEAD_RESOLVER_H
#define SECMGR_TEST_UNIT_DEAD_RESOLVER_H

#include <stdbool.h>

/* From now on who resolves a name waits until the resolver comes back, and then learns that there is no such name. */
void dead_resolver_die(void);
void dead_resolver_come_back(void); /* returns when nobody waits any more */
bool dead_resolver_is_asked(void);	/* somebody waits */

#endif
