/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flow.h"

#include <string.h>

#include "digest_response.h"
#include "sip_uri.h"

struct step
{
	enum secmgr_action action;
	enum secmgr_state next;
	enum secmgr_verdict verdict;
	bool as_it_stood; /* the verdict is the one before */
};

#define CHALLENGE(word) {SECMGR_ACTION_CHALLENGE, SECMGR_STATE_OVER, SECMGR_VERDICT_##word, false}
#define REFUSE(word) {SECMGR_ACTION_REFUSE, SECMGR_STATE_OVER, SECMGR_VERDICT_##word, false}
#define PASS(word) {SECMGR_ACTION_LET_PASS, SECMGR_STATE_OVER, SECMGR_VERDICT_##word, false}
#define FORGET {SECMGR_ACTION_FORGET, SECMGR_STATE_OVER, SECMGR_VERDICT_INTERNAL_FAULT, false}
#define DO(work, state) {SECMGR_ACTION_##work, SECMGR_STATE_##state, SECMGR_VERDICT_INTERNAL_FAULT, false}
/* The verdict stands unless the service says something else. */
#define RECHECK(word) {SECMGR_ACTION_RECHECK, SECMGR_STATE_RECHECKING, SECMGR_VERDICT_##word, false}
#define AS_IT_STOOD(work, state) {SECMGR_ACTION_##work, SECMGR_STATE_##state, SECMGR_VERDICT_INTERNAL_FAULT, true}

/* A cell that is not written here is all zero: refuse, internal_fault. */
static const struct step table[SECMGR_STATE_COUNT][SECMGR_EVENT_COUNT] = {
	[SECMGR_STATE_IDLE] = {
		[SECMGR_EVENT_METHOD_IS_EXEMPT] = PASS(EXEMPT),
		[SECMGR_EVENT_CREDENTIALS_ABSENT] = CHALLENGE(CHALLENGED),
		[SECMGR_EVENT_CREDENTIALS_MALFORMED] = REFUSE(MALFORMED),
		[SECMGR_EVENT_CREDENTIALS_PRESENT] = DO(CHECK_NONCE, WAIT_AUTH_INVITE),
	},
	[SECMGR_STATE_WAIT_AUTH_INVITE] = {
		[SECMGR_EVENT_NONCE_FORGED] = CHALLENGE(CHALLENGED),
		[SECMGR_EVENT_NONCE_STALE] = CHALLENGE(STALE),
		[SECMGR_EVENT_NOT_WHAT_WAS_OFFERED] = CHALLENGE(CHALLENGED),
		[SECMGR_EVENT_URI_MISMATCH] = REFUSE(MALFORMED),
		[SECMGR_EVENT_NONCE_VALID] = DO(LOOK_UP, LOOKING_UP),
	},
	[SECMGR_STATE_LOOKING_UP] = {
		[SECMGR_EVENT_CREDENTIAL_CACHED] = DO(VERIFY, VERIFYING_CACHED),
		[SECMGR_EVENT_CREDENTIAL_MISSING] = DO(ASK_SERVICE, WAIT_CREDENTIAL),
	},
	[SECMGR_STATE_WAIT_CREDENTIAL] = {
		[SECMGR_EVENT_CREDENTIAL_ARRIVED] = DO(VERIFY, VERIFYING),
		[SECMGR_EVENT_SERVICE_FAILED] = REFUSE(SERVICE_UNAVAILABLE),
		[SECMGR_EVENT_REQUEST_GONE] = FORGET,
	},
	[SECMGR_STATE_VERIFYING_CACHED] = {
		[SECMGR_EVENT_RESPONSE_WRONG] = RECHECK(WRONG_CREDENTIALS),
		[SECMGR_EVENT_SUBSCRIBER_UNKNOWN] = RECHECK(UNKNOWN_USER),
		[SECMGR_EVENT_HA1_MISSING] = CHALLENGE(CHALLENGED),
		[SECMGR_EVENT_RESPONSE_RIGHT] = DO(COUNT_NONCE, COUNTING),
	},
	[SECMGR_STATE_RECHECKING] = {
		[SECMGR_EVENT_RECHECK_IS_DUE] = AS_IT_STOOD(ASK_SERVICE, WAIT_RECHECK),
		[SECMGR_EVENT_RECHECK_IS_NOT_DUE] = AS_IT_STOOD(CHALLENGE, OVER),
	},
	[SECMGR_STATE_WAIT_RECHECK] = {
		[SECMGR_EVENT_CREDENTIAL_ARRIVED] = DO(VERIFY, VERIFYING),
		[SECMGR_EVENT_SERVICE_FAILED] = AS_IT_STOOD(CHALLENGE, OVER),
		[SECMGR_EVENT_REQUEST_GONE] = FORGET,
	},
	[SECMGR_STATE_VERIFYING] = {
		[SECMGR_EVENT_RESPONSE_WRONG] = CHALLENGE(WRONG_CREDENTIALS),
		[SECMGR_EVENT_SUBSCRIBER_UNKNOWN] = CHALLENGE(UNKNOWN_USER),
		[SECMGR_EVENT_HA1_MISSING] = CHALLENGE(CHALLENGED),
		[SECMGR_EVENT_RESPONSE_RIGHT] = DO(COUNT_NONCE, COUNTING),
	},
	[SECMGR_STATE_COUNTING] = {
		[SECMGR_EVENT_COUNT_REPLAYED] = CHALLENGE(REPLAYED),
		[SECMGR_EVENT_COUNT_FORGOTTEN] = CHALLENGE(STALE),
		[SECMGR_EVENT_COUNT_FRESH] = PASS(ALLOWED),
		[SECMGR_EVENT_COUNT_FRESH_BUT_SUSPENDED] = REFUSE(SUSPENDED_USER),
		[SECMGR_EVENT_REQUEST_GONE] = FORGET,
	},
};

static enum secmgr_event read_credentials(struct secmgr_flow *flow)
{
	const struct secmgr_flow_request *request = flow->request;

	if(request->exempt)
		return SECMGR_EVENT_METHOD_IS_EXEMPT;
	switch(secmgr_digest_credentials_choose(
			request->values, request->value_count, request->realm, &flow->presented, &flow->why)) {
		case SECMGR_CREDENTIALS_PRESENT:
			return SECMGR_EVENT_CREDENTIALS_PRESENT;
		case SECMGR_CREDENTIALS_ABSENT:
			return SECMGR_EVENT_CREDENTIALS_ABSENT;
		case SECMGR_CREDENTIALS_MALFORMED:
			break;
	}
	return SECMGR_EVENT_CREDENTIALS_MALFORMED;
}

/* Downgrade protection: the nonce remembers what was offered, and nothing else is an answer to it. */
static bool answers_the_offer(struct secmgr_flow *flow)
{
	const struct secmgr_digest_credentials *presented = &flow->presented;

	flow->why = "the algorithm was not offered";
	if(!presented->algorithm_known
			|| !(flow->nonce.algorithms & flow->settings->algorithms & (1u << presented->algorithm)))
		return false;
	flow->why = "the qop was not offered";
	return presented->qop_known && secmgr_qops_include(flow->nonce.qops, presented->qop);
}

/* A URI that is neither sip, sips nor tel (urn:service:sos) has to be repeated to the letter. */
static bool is_for_this_request(struct secmgr_flow *flow)
{
	struct secmgr_sip_uri presented, requested;

	flow->why = "the digest uri is not the Request-URI";
	if(secmgr_slice_equals(flow->presented.uri, flow->request->uri))
		return true;
	return secmgr_sip_uri_read(flow->presented.uri, &presented) && secmgr_sip_uri_read(flow->request->uri, &requested)
		   && secmgr_sip_uri_same_target(&presented, &requested);
}

static enum secmgr_event judge_nonce(struct secmgr_flow *flow, enum secmgr_nonce_result result)
{
	switch(result) {
		case SECMGR_NONCE_VALID:
			break;
		case SECMGR_NONCE_VALID_BUT_STALE:
			flow->why = "the nonce is too old";
			return SECMGR_EVENT_NONCE_STALE;
		case SECMGR_NONCE_OF_ANOTHER_INSTANCE:
			flow->why = "the nonce is of another proxy, or from before a restart";
			return SECMGR_EVENT_NONCE_STALE;
		case SECMGR_NONCE_FORGED:
			flow->why = "the nonce is not ours";
			return SECMGR_EVENT_NONCE_FORGED;
	}
	if(!answers_the_offer(flow))
		return SECMGR_EVENT_NOT_WHAT_WAS_OFFERED;
	if(!is_for_this_request(flow))
		return SECMGR_EVENT_URI_MISMATCH;
	flow->why = NULL;
	return SECMGR_EVENT_NONCE_VALID;
}

static enum secmgr_event check_nonce(struct secmgr_flow *flow, uint64_t now_ms)
{
	const struct secmgr_nonce_scope scope = {flow->request->realm, flow->request->binding};

	return judge_nonce(flow, secmgr_nonce_read(&flow->settings->keys, &scope, flow->presented.nonce,
					    flow->settings->instance, now_ms, flow->settings->nonce_lifetime_ms, &flow->nonce));
}

/* Which algorithms a subscriber can answer with: those whose hash has an HA1. */
static uint8_t algorithms_with_ha1(const struct secmgr_credential *credential)
{
	unsigned set = 0;

	for(unsigned algorithm = 0; algorithm < SECMGR_ALGORITHM_COUNT; algorithm++)
		if(secmgr_credential_has(credential, secmgr_algorithm_hash((enum secmgr_algorithm)algorithm)))
			set |= 1u << algorithm;
	return (uint8_t)set;
}

static enum secmgr_event verify_unknown(struct secmgr_flow *flow)
{
	return secmgr_digest_response_verify_unknown(
				   &flow->presented, flow->settings->unknown_ha1, flow->request->method, flow->request->body)
						   == SECMGR_RESPONSE_WRONG
				   ? SECMGR_EVENT_SUBSCRIBER_UNKNOWN
				   : SECMGR_EVENT_FAULT;
}

static enum secmgr_event verify(struct secmgr_flow *flow)
{
	const struct secmgr_credential *credential = flow->credential;
	enum secmgr_hash hash = secmgr_algorithm_hash(flow->presented.algorithm);

	if(credential == NULL)
		return SECMGR_EVENT_FAULT;
	if(credential->subscriber == SECMGR_SUBSCRIBER_UNKNOWN)
		return verify_unknown(flow);
	if(!secmgr_credential_has(credential, hash)) {
		flow->why = "the subscriber has no HA1 for this algorithm";
		flow->answerable = algorithms_with_ha1(credential);
		return SECMGR_EVENT_HA1_MISSING;
	}
	switch(secmgr_digest_response_verify(
			&flow->presented, credential->ha1[hash], flow->request->method, flow->request->body)) {
		case SECMGR_RESPONSE_RIGHT:
			return SECMGR_EVENT_RESPONSE_RIGHT;
		case SECMGR_RESPONSE_WRONG:
			return SECMGR_EVENT_RESPONSE_WRONG;
		case SECMGR_RESPONSE_FAULT:
			break;
	}
	return SECMGR_EVENT_FAULT;
}

/* What is no state or no event is a fault like a cell that nobody wrote, not a look beyond the table. */
static struct step find(enum secmgr_state state, enum secmgr_event event)
{
	if((unsigned)state < SECMGR_STATE_COUNT && (unsigned)event < SECMGR_EVENT_COUNT)
		return table[state][event];
	return (struct step)REFUSE(INTERNAL_FAULT);
}

static enum secmgr_action step(struct secmgr_flow *flow, enum secmgr_event event)
{
	const struct step taken = find(flow->state, event);

	flow->state = taken.action == SECMGR_ACTION_REFUSE ? SECMGR_STATE_OVER : taken.next;
	if(!taken.as_it_stood)
		flow->verdict = taken.verdict;
	flow->stale = taken.verdict == SECMGR_VERDICT_STALE || taken.verdict == SECMGR_VERDICT_REPLAYED;
	return taken.action;
}

static void start(struct secmgr_flow *flow, const struct secmgr_flow_settings *settings,
		const struct secmgr_flow_request *request)
{
	memset(flow, 0, offsetof(struct secmgr_flow, presented));
	flow->settings = settings;
	flow->request = request;
	flow->state = SECMGR_STATE_IDLE;
}

enum secmgr_action secmgr_flow_begin(struct secmgr_flow *flow, const struct secmgr_flow_settings *settings,
		const struct secmgr_flow_request *request, uint64_t now_ms)
{
	enum secmgr_action action;

	start(flow, settings, request);
	action = step(flow, read_credentials(flow));
	if(action == SECMGR_ACTION_CHECK_NONCE)
		action = step(flow, check_nonce(flow, now_ms));
	return action;
}

enum secmgr_action secmgr_flow_resume(struct secmgr_flow *flow, const struct secmgr_flow_settings *settings,
		const struct secmgr_flow_request *request, uint64_t now_ms, enum secmgr_verdict stood)
{
	enum secmgr_action action = secmgr_flow_begin(flow, settings, request, now_ms);

	if(action != SECMGR_ACTION_LOOK_UP)
		return action;
	if(stood != SECMGR_VERDICT_WRONG_CREDENTIALS && stood != SECMGR_VERDICT_UNKNOWN_USER)
		return step(flow, SECMGR_EVENT_CREDENTIAL_MISSING);
	flow->state = SECMGR_STATE_RECHECKING;
	flow->verdict = stood;
	return step(flow, SECMGR_EVENT_RECHECK_IS_DUE);
}

enum secmgr_action secmgr_flow_event(struct secmgr_flow *flow, enum secmgr_event event)
{
	enum secmgr_action action = step(flow, event);

	return action == SECMGR_ACTION_VERIFY ? step(flow, verify(flow)) : action;
}

enum secmgr_event secmgr_flow_counted(const struct secmgr_flow *flow, enum secmgr_nonce_count_result result)
{
	if(flow->credential == NULL)
		return SECMGR_EVENT_FAULT;
	switch(result) {
		case SECMGR_NONCE_COUNT_FRESH:
		case SECMGR_NONCE_COUNT_RETRANSMITTED:
			return flow->credential->subscriber == SECMGR_SUBSCRIBER_ACTIVE ? SECMGR_EVENT_COUNT_FRESH
											: SECMGR_EVENT_COUNT_FRESH_BUT_SUSPENDED;
		case SECMGR_NONCE_COUNT_FORGOTTEN:
			return SECMGR_EVENT_COUNT_FORGOTTEN;
		case SECMGR_NONCE_COUNT_REPLAYED:
			break;
	}
	return SECMGR_EVENT_COUNT_REPLAYED;
}
