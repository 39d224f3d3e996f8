/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was decided about the request that this process has in hand: kept for secmgr_reject and $secmgr(...), never a
 * secret. One for each process; it is forgotten when the process turns to another message, and in failure and reply
 * routes, which may run in another process.
 */
#ifndef SECMGR_OUTCOME_H
#define SECMGR_OUTCOME_H

#include "secmgr_core.h"

#include "engine/challenge.h"
#include "engine/flow.h"

struct secmgr_outcome
{
	unsigned message_id;
	int message_pid;
	bool decided; /* a verdict was reached for this request */
	enum secmgr_verdict verdict;
	const char *why; /* a constant, or NULL */
	enum secmgr_challenge_kind kind;
	bool stale;
	uint8_t answerable;	  /* set that limits a challenge; 0: nothing does */
	uint8_t wanted_algorithms; /* set by the script through $secmgr(offer); 0: not set */
	const char *algorithm;	  /* name of the one that the client answered with, or NULL */
	size_t user_length, realm_length;
	char user[SECMGR_USERNAME_MAX];
	char realm[SECMGR_REALM_MAX];
	struct secmgr_credential subscriber; /* its texts alone: the HA1s are not kept */
};

int secmgr_outcome_init(void); /* in mod_init; -1 after saying why */
/* The outcome of this message, empty when nothing was decided yet. */
struct secmgr_outcome *secmgr_outcome_of(const sip_msg_t *msg);
/* Takes over what the flow has found. */
void secmgr_outcome_decide(struct secmgr_outcome *outcome, const struct secmgr_flow *flow);
/* What a challenge offers: what the script wants, else what the offer rules say of the User-Agent; of that, what can
 * be answered with. The rules are searched each time, so this is for those who are challenged. */
struct secmgr_offer secmgr_outcome_offer(const struct secmgr_outcome *outcome, sip_msg_t *msg);
/* The words for $secmgr(reason) and the log. */
const char *secmgr_outcome_reason(const struct secmgr_outcome *outcome);
/* The SIP code that the outcome is answered with; 401 for a challenge of our own server. */
int secmgr_outcome_code(const struct secmgr_outcome *outcome);

#endif
