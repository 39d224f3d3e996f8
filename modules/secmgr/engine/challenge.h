/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Challenges: which algorithms a client is offered, and the header fields that offer them (RFC 3261 section 20.27,
 * RFC 7616 section 3.3, RFC 8760 section 2.3: one field for each algorithm, strongest first).
 *
 * Offer rules name clients by their User-Agent, because half of the phones break on several challenges. The first
 * rule that matches decides; the operator's come before the built-in ones, which never offer more than `algorithms`
 * does.
 *
 * Depends on: algorithm, config, slice, libc's regex.
 */
#ifndef SECMGR_ENGINE_CHALLENGE_H
#define SECMGR_ENGINE_CHALLENGE_H

#include <regex.h>

#include "algorithm.h"
#include "config.h"
#include "slice.h"

struct secmgr_offer_rule
{
	regex_t user_agent; /* extended, any case, REG_NOSUB */
	uint8_t algorithms; /* set */
};

/* Makes a rule of an extended regular expression. False, and nothing to free, when it does not compile or has a
 * back-reference (\1): the text it is matched with is an attacker's, and the time must not be. The memory is the
 * operator's to mind: libc keeps every state that a text has led a rule to, which for `.*a.{14}b` are very many. */
__attribute__((warn_unused_result)) bool secmgr_offer_rule_compile(
		struct secmgr_offer_rule *rule, const char *pattern, uint8_t algorithms);
void secmgr_offer_rule_free(struct secmgr_offer_rule *rule);

/* A client known to break on what it does not know, and what it can take. */
struct secmgr_known_client
{
	const char *user_agent; /* extended regular expression, any case */
	uint8_t algorithms;
};

extern const struct secmgr_known_client secmgr_known_clients[]; /* ends with a NULL user_agent */

/* What this client is offered: what of `configured` its rule names, or all of it when its rule names none of it or it
 * has no rule. A rule cannot add what the operator does not offer. No User-Agent (an empty slice) matches only a rule
 * that matches empty text; of a long one SECMGR_USER_AGENT_MAX bytes are looked at. */
struct secmgr_offer secmgr_challenge_offer(const struct secmgr_offer *configured, const struct secmgr_offer_rule *rules,
		size_t count, struct secmgr_slice user_agent);

enum secmgr_challenge_kind
{
	SECMGR_CHALLENGE_PROXY, /* 407, Proxy-Authenticate */
	SECMGR_CHALLENGE_WWW	/* 401, WWW-Authenticate */
};

/* A realm that can stand in a challenge: 1 to SECMGR_REALM_MAX bytes, no control bytes, quotes, backslashes or bytes
 * above 0x7e. */
bool secmgr_challenge_realm_is_sound(struct secmgr_slice realm);

/* One header field with its line end: `Proxy-Authenticate: Digest realm="...", nonce="...", qop="auth",
 * algorithm=SHA-256\r\n`, and `stale=true` at its end where asked. False when it does not fit (SECMGR_CHALLENGE_MAX
 * always does), when the realm is not sound or the nonce could not stand between quotes, or when no qop is offered;
 * the writer's text is then not to be used. */
__attribute__((warn_unused_result)) bool secmgr_challenge_write(struct secmgr_writer *writer,
		enum secmgr_challenge_kind kind, struct secmgr_slice realm, struct secmgr_slice nonce,
		enum secmgr_algorithm algorithm, uint8_t qops, bool stale);

#endif
