/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the engine is given because it may not take it: time and randomness.
 *
 * Randomness is the kernel's: in Kamailio 5.6 all TCP workers draw the same values from the core's generator, and with
 * tls.so loaded from OpenSSL's too.
 */
#ifndef SECMGR_SYSTEM_H
#define SECMGR_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Milliseconds since 1970: for what outlives this proxy or leaves it. */
uint64_t secmgr_system_time_ms(void);
/* Milliseconds since some moment in the past, never set back: for deadlines and freshness. */
uint64_t secmgr_system_monotonic_ms(void);

/* False when the kernel gives none: what needed them must not go on. */
__attribute__((warn_unused_result)) bool secmgr_system_random(void *bytes, size_t count);

#endif
