/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A request waits for its credential: its transaction is suspended here and continued when the answer is there.
 *
 * The place in the queue is taken before the transaction is suspended, so that a full queue is known while the
 * request can still be refused, and a suspension never has to be taken back. The continued request runs in an async
 * worker (the group named secmgr where the config has one, else the default group), so that no route ever holds up
 * the HTTP process; without async workers it runs there after all.
 */
#ifndef SECMGR_SUSPEND_H
#define SECMGR_SUSPEND_H

#include "secmgr_core.h"
#include "secmgr_queue.h"

enum secmgr_suspension
{
	SECMGR_SUSPENSION_FAILED, /* said in the log; the request is still to be answered */
	SECMGR_SUSPENSION_QUEUE_FULL,
	SECMGR_SUSPENSION_MEMORY_IS_SHORT, /* a transaction would take what requests that need not wait live on */
	SECMGR_SUSPENSION_ABSORBED, /* a retransmission or a cancelled request: tm has answered */
	SECMGR_SUSPENSION_WAITS
};

/* What is called for a continued request, exactly once; `credential` is NULL when the service failed. */
typedef void (*secmgr_resumed_f)(
		sip_msg_t *msg, const struct secmgr_continuation *continuation, const struct secmgr_credential *credential);

int secmgr_suspend_init(secmgr_resumed_f resumed); /* in mod_init; -1 after saying why */

__attribute__((warn_unused_result)) enum secmgr_suspension secmgr_suspend_request(
		sip_msg_t *msg, const struct secmgr_subscriber_key *key, uint64_t hash, int32_t route, uint16_t purpose);

/* Its transaction was cancelled or has ended: nobody would hear the answer. */
bool secmgr_suspend_is_gone(const struct secmgr_continuation *continuation);

/* In the HTTP process: sends one answered request on its way. */
void secmgr_suspend_wake(struct secmgr_place place, const struct secmgr_continuation *continuation);

/* tm has this request already: it was absorbed as a retransmission, and answered again with what was answered first. */
bool secmgr_suspend_absorbs(sip_msg_t *msg);

#endif
