/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The HTTP processes: they take lookups off the waiting tables, ask the credential service, fill the cache and wake
 * who waits.
 */
#ifndef SECMGR_WORKER_H
#define SECMGR_WORKER_H

void secmgr_worker_register(void); /* in mod_init: reserves the processes */
int secmgr_worker_fork(void);	  /* in the main process's child_init; -1 after saying why */

#endif
