/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Outcomes put on the wire: challenges, refusals, and the proof that we know the password too (Authentication-Info).
 *
 * Where a transaction exists tm answers, else the answer is stateless and nothing is remembered of it.
 */
#ifndef SECMGR_REPLY_H
#define SECMGR_REPLY_H

#include "secmgr_core.h"
#include "secmgr_outcome.h"

int secmgr_reply_init(void); /* in mod_init; -1 after saying why */
/* Answers the request with what was decided: challenge, or code and reason. 0, or -1 after saying why it could not. */
int secmgr_reply_outcome(sip_msg_t *msg, const struct secmgr_outcome *outcome);
/* Prepares (Proxy-)Authentication-Info for the 2xx of this request, whoever sends it (RFC 7616 section 3.5, RFC
 * 7615). `proxy`: the credentials came in Proxy-Authorization. The flow has allowed the request and still holds its
 * credential. */
void secmgr_reply_prove(sip_msg_t *msg, struct secmgr_flow *flow, bool proxy);

#endif
