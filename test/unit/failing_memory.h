/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the tests show that every allocation may fail. The linker puts this in front of malloc for all that the tests
 * are linked from (--wrap in the Makefile here), so that the product needs no hook: wiping memory, and through it
 * libcurl's and Jansson's, comes from there.
 */
#ifndef SECMGR_TEST_UNIT_FAILING_MEMORY_H
#define SECMGR_TEST_UNIT_FAILING_MEMORY_H

/* From now on the `nth` allocation fails (0: the next), once. Negative: none. */
void failing_memory_fail_at(long nth);

#endif
