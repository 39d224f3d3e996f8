/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "challenge.h"

#include <string.h>

#define MD5_ALONE (1u << SECMGR_ALGORITHM_MD5)
#define SHA_256_AND_MD5 (MD5_ALONE | 1u << SECMGR_ALGORITHM_SHA_256)

const struct secmgr_known_client secmgr_known_clients[] = {
		/* "Linphonec/5.1.65": gives up when SHA-512-256 is among the challenges */
		{"linphone|belle-sip", SHA_256_AND_MD5},
		/* These know MD5 alone and give up at the first challenge that is none. */
		{"^sipp", MD5_ALONE},		       /* scenarios that name themselves; sipp's own send no User-Agent */
		{"^sipsak", MD5_ALONE},		       /* "sipsak 0.9.8.1" */
		{"^baresip", MD5_ALONE},	       /* "baresip v1.0.0 (x86_64/linux)" */
		{"sofia-sip|mod_sofia", MD5_ALONE},    /* "x sofia-sip/1.12.11", "FreeSWITCH-mod_sofia/1.10.10" */
		{"^kamailio \\(", MD5_ALONE},	       /* "kamailio (5.6.3 (x86_64/linux))", the uac module's requests */
		{NULL, 0},
};

/* glibc matches back-references by trying all ways, which an attacker's User-Agent can make very many. */
static bool has_back_reference(const char *pattern)
{
	for(bool escaped = false; *pattern; pattern++) {
		if(escaped && *pattern >= '1' && *pattern <= '9')
			return true;
		escaped = !escaped && *pattern == '\\';
	}
	return false;
}

bool secmgr_offer_rule_compile(struct secmgr_offer_rule *rule, const char *pattern, uint8_t algorithms)
{
	rule->algorithms = algorithms;
	return !has_back_reference(pattern)
		   && regcomp(&rule->user_agent, pattern, REG_EXTENDED | REG_ICASE | REG_NOSUB) == 0;
}

void secmgr_offer_rule_free(struct secmgr_offer_rule *rule)
{
	regfree(&rule->user_agent);
}

struct secmgr_offer secmgr_challenge_offer(const struct secmgr_offer *configured, const struct secmgr_offer_rule *rules,
		size_t count, struct secmgr_slice user_agent)
{
	char text[SECMGR_USER_AGENT_MAX + 1] = "";
	size_t length = user_agent.length < SECMGR_USER_AGENT_MAX ? user_agent.length : SECMGR_USER_AGENT_MAX;

	if(user_agent.length > 0)
		memcpy(text, user_agent.at, length);
	for(size_t i = 0; i < count; i++)
		if(regexec(&rules[i].user_agent, text, 0, NULL, 0) == 0)
			return secmgr_offer_limit(configured, rules[i].algorithms);
	return *configured;
}

/* What may stand between quotes as it is: anything else could end the value and begin a field of an attacker's. */
static bool needs_no_quoting(struct secmgr_slice text)
{
	for(size_t i = 0; i < text.length; i++)
		if(text.at[i] < 0x20 || text.at[i] > 0x7e || text.at[i] == '"' || text.at[i] == '\\')
			return false;
	return text.length > 0;
}

bool secmgr_challenge_realm_is_sound(struct secmgr_slice realm)
{
	return realm.length <= SECMGR_REALM_MAX && needs_no_quoting(realm);
}

static const char *qop_list(uint8_t qops)
{
	switch(qops) {
		case SECMGR_QOP_OFFERS_AUTH:
			return "auth";
		case SECMGR_QOP_OFFERS_AUTH_INT:
			return "auth-int";
		case SECMGR_QOP_OFFERS_AUTH | SECMGR_QOP_OFFERS_AUTH_INT:
			return "auth,auth-int";
		default:
			return NULL;
	}
}

static const char *field_name(enum secmgr_challenge_kind kind)
{
	return kind == SECMGR_CHALLENGE_WWW ? "WWW-Authenticate" : "Proxy-Authenticate";
}

bool secmgr_challenge_write(struct secmgr_writer *writer, enum secmgr_challenge_kind kind, struct secmgr_slice realm,
		struct secmgr_slice nonce, enum secmgr_algorithm algorithm, uint8_t qops, bool stale)
{
	if(!secmgr_challenge_realm_is_sound(realm) || !needs_no_quoting(nonce) || !qop_list(qops))
		return false;
	secmgr_writer_add_text(writer, field_name(kind));
	secmgr_writer_add_text(writer, ": Digest realm=\"");
	secmgr_writer_add(writer, realm);
	secmgr_writer_add_text(writer, "\", nonce=\"");
	secmgr_writer_add(writer, nonce);
	secmgr_writer_add_text(writer, "\", qop=\"");
	secmgr_writer_add_text(writer, qop_list(qops));
	secmgr_writer_add_text(writer, "\", algorithm=");
	secmgr_writer_add_text(writer, secmgr_algorithm_name(algorithm));
	secmgr_writer_add_text(writer, stale ? ", stale=true\r\n" : "\r\n");
	return !writer->overrun;
}
