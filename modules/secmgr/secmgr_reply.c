/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE /* memmem */
#include "secmgr_reply.h"

#include <string.h>

#include "../../core/data_lump.h"
#include "../../core/data_lump_rpl.h"
#include "../../core/events.h"
#include "../sl/sl.h"
#include "../tm/tm_load.h"

#include "secmgr_breakers.h"
#include "secmgr_cache.h"
#include "secmgr_nonces.h"
#include "secmgr_params.h"
#include "secmgr_request.h"
#include "secmgr_system.h"

#include "engine/digest_response.h"

#define PROOF_MAX 768

static sl_api_t sl;
static struct tm_binds tm;

static const struct secmgr_slice proof_names[] = {
		{"\r\nAuthentication-Info: ", 23},
		{"\r\nProxy-Authentication-Info: ", 29},
};

static void cut_field(str *message, char *field, char *headers_end)
{
	char *line_end = memmem(field + 2, (size_t)(headers_end - field), "\r\n", 2);

	if(line_end == NULL)
		return;
	memmove(field, line_end, (size_t)(message->s + message->len - line_end));
	message->len -= (int)(line_end - field);
}

/* A proof is written into the request's reply lumps before anyone knows the answer's code, and may leave in a 2xx
 * alone (RFC 3261 table 2): whatever else goes out is cleaned at the door. `data` is a private copy of what is sent. */
static int keep_proofs_to_2xx(sr_event_param_t *event)
{
	str *message = event->data;
	char *headers_end;

	if(message->len < 12 || memcmp(message->s, "SIP/2.0 ", 8) != 0 || message->s[8] == '2')
		return 0;
	headers_end = memmem(message->s, (size_t)message->len, "\r\n\r\n", 4);
	for(size_t kind = 0; headers_end != NULL && kind < sizeof(proof_names) / sizeof(proof_names[0]); kind++) {
		char *field =
				memmem(message->s, (size_t)(headers_end - message->s), proof_names[kind].at, proof_names[kind].length);

		if(field != NULL)
			cut_field(message, field, headers_end);
	}
	return 0;
}

int secmgr_reply_init(void)
{
	if(sl_load_api(&sl) < 0 || load_tm_api(&tm) < 0) {
		LM_ERR("the modules sl and tm have to be loaded before secmgr\n");
		return -1;
	}
	if(secmgr_params->authentication_info && sr_event_register_cb(SREV_NET_DATA_OUT, keep_proofs_to_2xx) != 0) {
		LM_ERR("too many modules watch what goes out: set authentication_info to 0\n");
		return -1;
	}
	return 0;
}

static int answer(sip_msg_t *msg, int code, const char *reason)
{
	str text = {(char *)(uintptr_t)reason, (int)strlen(reason)};

	if(sl.freply(msg, code, &text) >= 0)
		return 0;
	/* sl and tm have said why where it is not the request's own fault. */
	LM_DBG("%d %s could not be sent\n", code, reason);
	return -1;
}

static bool add_reply_field(sip_msg_t *msg, struct secmgr_slice field)
{
	str text = secmgr_str_of_slice(field);

	if(add_lump_rpl(msg, text.s, text.len, LUMP_RPL_HDR) != NULL)
		return true;
	LM_ERR("out of private memory\n");
	return false;
}

/* One nonce serves all the algorithms of a challenge: it carries the set. */
static bool make_nonce(
		const struct secmgr_nonce_scope *scope, uint8_t algorithms, uint8_t qops, char text[SECMGR_NONCE_CHARS])
{
	const struct secmgr_flow_settings *settings = secmgr_nonces_flow_settings();
	struct secmgr_nonce nonce = {
			.issued_ms = secmgr_nonces_time_ms(),
			.instance = settings->instance,
			.algorithms = algorithms,
			.qops = qops,
	};

	return secmgr_system_random(nonce.random, sizeof(nonce.random))
		   && secmgr_nonce_write(&settings->keys, scope, &nonce, text);
}

static bool add_challenges(sip_msg_t *msg, const struct secmgr_outcome *outcome)
{
	const struct secmgr_nonce_scope scope = {{outcome->realm, outcome->realm_length}, secmgr_request_binding(msg)};
	const struct secmgr_offer offer = secmgr_outcome_offer(outcome, msg);
	char nonce[SECMGR_NONCE_CHARS];
	char buffer[SECMGR_ALGORITHM_COUNT * SECMGR_CHALLENGE_MAX];
	struct secmgr_writer writer = secmgr_writer_into(buffer, sizeof(buffer));

	if(!make_nonce(&scope, secmgr_offer_set(&offer), offer.qops, nonce)) {
		LM_ERR("a nonce cannot be made: libcrypto or the kernel's randomness failed\n");
		return false;
	}
	for(unsigned index = 0; index < offer.count; index++)
		if(!secmgr_challenge_write(&writer, outcome->kind, scope.realm, (struct secmgr_slice){nonce, sizeof(nonce)},
				   (enum secmgr_algorithm)offer.algorithms[index], offer.qops, outcome->stale)) {
			LM_ERR("realm \"%.*s\" cannot stand in a challenge\n", (int)scope.realm.length, scope.realm.at);
			return false;
		}
	return add_reply_field(msg, secmgr_writer_text(&writer));
}

static int challenge(sip_msg_t *msg, const struct secmgr_outcome *outcome)
{
	if(!add_challenges(msg, outcome))
		return answer(msg, 500, "Server Internal Error");
	return secmgr_outcome_code(outcome) == 401 ? answer(msg, 401, "Unauthorized")
						   : answer(msg, 407, "Proxy Authentication Required");
}

static int refuse_malformed(sip_msg_t *msg, const struct secmgr_outcome *outcome)
{
	char reason[160];
	struct secmgr_writer writer = secmgr_writer_into(reason, sizeof(reason) - 1);

	secmgr_writer_add_text(&writer, "Bad Credentials: ");
	secmgr_writer_add_text(&writer, secmgr_outcome_reason(outcome));
	reason[writer.length] = '\0';
	return answer(msg, 400, reason);
}

static int refuse_unavailable(sip_msg_t *msg)
{
	uint64_t left_s = (secmgr_breakers_left_ms() + 999) / 1000;
	char field[32];
	struct secmgr_writer writer = secmgr_writer_into(field, sizeof(field));

	secmgr_writer_add_text(&writer, "Retry-After: ");
	secmgr_writer_add_number(&writer, left_s > 0 ? left_s : 1);
	secmgr_writer_add_text(&writer, "\r\n");
	(void)add_reply_field(msg, secmgr_writer_text(&writer));
	return answer(msg, 503, "Service Unavailable");
}

int secmgr_reply_outcome(sip_msg_t *msg, const struct secmgr_outcome *outcome)
{
	switch(secmgr_outcome_code(outcome)) {
		case 401:
		case 407:
			return challenge(msg, outcome);
		case 400:
			return refuse_malformed(msg, outcome);
		case 403:
			return answer(msg, 403, "Forbidden");
		case 503:
			return refuse_unavailable(msg);
		default:
			return answer(msg, 500, "Server Internal Error");
	}
}

static void add_quoted(struct secmgr_writer *writer, struct secmgr_slice value)
{
	secmgr_writer_add_char(writer, '"');
	for(size_t index = 0; index < value.length; index++) {
		if(value.at[index] == '"' || value.at[index] == '\\')
			secmgr_writer_add_char(writer, '\\');
		secmgr_writer_add_char(writer, value.at[index]);
	}
	secmgr_writer_add_char(writer, '"');
}

/* Past half of its life a nonce is followed by a fresh one, so that phones in use never meet a stale challenge. */
static void add_nextnonce(struct secmgr_writer *writer, sip_msg_t *msg, const struct secmgr_flow *flow)
{
	const struct secmgr_nonce_scope scope = {flow->request->realm, secmgr_request_binding(msg)};
	char nonce[SECMGR_NONCE_CHARS];

	if(secmgr_nonces_time_ms() - flow->nonce.issued_ms < flow->settings->nonce_lifetime_ms / 2)
		return;
	if(!make_nonce(&scope, flow->nonce.algorithms, flow->nonce.qops, nonce))
		return;
	secmgr_writer_add_text(writer, ", nextnonce=");
	add_quoted(writer, (struct secmgr_slice){nonce, sizeof(nonce)});
}

/* What the proof is over: the credentials that were presented, the HA1 that they matched, and for auth-int the body
 * of the 2xx. */
static bool write_proof(struct secmgr_writer *writer, bool proxy, struct secmgr_digest_credentials *presented,
		const struct secmgr_credential *credential, enum secmgr_qop qop, struct secmgr_slice body)
{
	enum secmgr_qop presented_qop = presented->qop;
	char rspauth[2 * SECMGR_HASH_BYTES_MAX];
	size_t length;

	presented->qop = qop;
	length = secmgr_digest_rspauth(
			presented, credential->ha1[secmgr_algorithm_hash(presented->algorithm)], body, rspauth);
	presented->qop = presented_qop;
	secmgr_writer_add_text(writer, proxy ? "Proxy-Authentication-Info: qop=" : "Authentication-Info: qop=");
	secmgr_writer_add_text(writer, secmgr_qop_name(qop));
	secmgr_writer_add_text(writer, ", rspauth=");
	add_quoted(writer, (struct secmgr_slice){rspauth, length});
	secmgr_writer_add_text(writer, ", cnonce=");
	add_quoted(writer, presented->cnonce);
	secmgr_writer_add_text(writer, ", nc=");
	secmgr_writer_add(writer, presented->nc_text);
	return length > 0 && !writer->overrun;
}

/* What tm keeps with a transaction until its 2xx is relayed; no secret is in it. */
struct kept_proof
{
	bool proxy;
	bool over_body; /* auth-int: to be made anew when the body is known */
	uint16_t realm_length;
	uint16_t field_length;
	char texts[]; /* the realm, then the field as made when the request was allowed */
};

/* The credentials still stand in the transaction's copy of the request, and the HA1 in the cache, if it may be
 * cached. */
static bool prove_body(
		struct secmgr_writer *writer, const struct kept_proof *kept, sip_msg_t *msg, struct secmgr_slice body)
{
	static struct secmgr_digest_credentials presented;
	struct secmgr_subscriber_key key = {.realm = {kept->texts, kept->realm_length}};
	struct secmgr_credential credential;
	struct secmgr_request request;
	const char *why;
	bool written = false;

	if(!secmgr_request_read(msg, &request)
			|| secmgr_digest_credentials_choose(
					   request.flow.values, request.flow.value_count, key.realm, &presented, &why)
					   != SECMGR_CREDENTIALS_PRESENT)
		return false;
	key.username = presented.username;
	if(secmgr_cache_get(&key, secmgr_cache_hash(&key), &credential) == SECMGR_CACHE_HIT
			&& secmgr_credential_has(&credential, secmgr_algorithm_hash(presented.algorithm)))
		written = write_proof(writer, kept->proxy, &presented, &credential, SECMGR_QOP_AUTH_INT, body);
	secmgr_writer_add_text(writer, "\r\n");
	secmgr_credential_wipe(&credential);
	return written && !writer->overrun;
}

static void add_to_message(sip_msg_t *msg, struct secmgr_slice field)
{
	char *copied = pkg_malloc(field.length);
	struct lump *end;

	if(copied == NULL) {
		PKG_MEM_ERROR;
		return;
	}
	memcpy(copied, field.at, field.length);
	end = anchor_lump(msg, (int)(msg->unparsed - msg->buf), 0, 0);
	if(end == NULL || insert_new_lump_before(end, copied, (int)field.length, 0) == NULL)
		pkg_free(copied);
}

/* A 2xx that is only relayed is somebody else's message: the field is added on its way through. tm holds the reply
 * lock. */
static void add_to_relayed(struct cell *transaction, int type, struct tmcb_params *parameters)
{
	const struct kept_proof *kept = *parameters->param;
	sip_msg_t *reply = parameters->rpl;
	char buffer[PROOF_MAX];
	struct secmgr_writer writer = secmgr_writer_into(buffer, sizeof(buffer));
	struct secmgr_slice field = {kept->texts + kept->realm_length, kept->field_length};

	(void)transaction;
	(void)type;
	if(reply == NULL || reply == FAKED_REPLY || parameters->code < 200 || parameters->code > 299)
		return;
	if(parse_headers(reply, HDR_EOH_F, 0) < 0)
		return;
	if(kept->over_body && prove_body(&writer, kept, parameters->req, secmgr_request_body(reply)))
		field = secmgr_writer_text(&writer);
	add_to_message(reply, field);
}

static void free_proof(void *proof)
{
	shm_free(proof);
}

/* Called before there is a transaction too: tm keeps the callback for the one that t_relay makes of this message. */
static void follow_relayed(sip_msg_t *msg, const struct secmgr_flow *flow, bool proxy, struct secmgr_slice field)
{
	struct secmgr_slice realm = flow->request->realm;
	struct kept_proof *kept = shm_malloc(sizeof(*kept) + realm.length + field.length);

	if(kept == NULL) {
		SHM_MEM_ERROR;
		return;
	}
	kept->proxy = proxy;
	kept->over_body = flow->presented.qop == SECMGR_QOP_AUTH_INT;
	kept->realm_length = (uint16_t)realm.length;
	kept->field_length = (uint16_t)field.length;
	memcpy(kept->texts, realm.at, realm.length);
	memcpy(kept->texts + realm.length, field.at, field.length);
	if(tm.register_tmcb(msg, NULL, TMCB_RESPONSE_FWDED, add_to_relayed, kept, free_proof) <= 0)
		shm_free(kept);
}

/* The body of an answer that the script or the registrar will write is not known yet: that one is proved with quality
 * auth, which RFC 7616 section 3.5 lets a server say even where the request's was auth-int. */
void secmgr_reply_prove(sip_msg_t *msg, struct secmgr_flow *flow, bool proxy)
{
	char buffer[PROOF_MAX];
	struct secmgr_writer writer = secmgr_writer_into(buffer, sizeof(buffer));
	struct secmgr_slice field;

	if(!secmgr_params->authentication_info)
		return;
	if(!write_proof(&writer, proxy, &flow->presented, flow->credential, SECMGR_QOP_AUTH, (struct secmgr_slice){"", 0}))
		return;
	add_nextnonce(&writer, msg, flow);
	secmgr_writer_add_text(&writer, "\r\n");
	field = secmgr_writer_text(&writer);
	if(!writer.overrun && add_reply_field(msg, field))
		follow_relayed(msg, flow, proxy, field);
}
