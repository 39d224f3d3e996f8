/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flow: from a request to its verdict, as one table of state x event -> action. The only file of the engine that
 * knows the others.
 *
 *     IDLE --no or unusable credentials--> challenge --> WAIT_AUTH_INVITE      (costs no memory: it lives in the nonce)
 *     IDLE --credentials under a nonce of ours--> WAIT_AUTH_INVITE is over: look the credential up
 *
 *     LOOKING_UP --not cached--> WAIT_CREDENTIAL (suspended) --answer--> VERIFYING --right--> COUNTING --fresh--> allow
 *         |cached                                                         ^   |wrong, unknown
 *         v                                                               |   +--> challenge
 *     VERIFYING_CACHED --right--> COUNTING                                |answer
 *         |wrong, unknown                                                 |
 *         v                                                               |
 *     RECHECKING --due--> WAIT_RECHECK (suspended) -----------------------+
 *         |not due            |service failed
 *         +-------------------+--> challenge: the cached word stands
 *
 * So a changed password works at once, and a new subscriber too, although the cache knows better; how often one
 * subscriber may cause a re-check is the caller's to say, the same for those who exist and those who do not.
 *
 * The caller drives: secmgr_flow_begin gives the first action that needs the world outside (cache, lock, network,
 * wire); the caller performs it and reports with secmgr_flow_event what came of it, until the state is over. What a
 * state does not expect is a fault, and a fault refuses: no cell of the table that nobody wrote can allow a call.
 *
 * Depends on: credential, digest_credentials, digest_response, nonce, nonce_count, sip_uri, verdict.
 */
#ifndef SECMGR_ENGINE_FLOW_H
#define SECMGR_ENGINE_FLOW_H

#include "algorithm.h"
#include "config.h"
#include "credential.h"
#include "digest_credentials.h"
#include "nonce.h"
#include "nonce_count.h"
#include "slice.h"
#include "verdict.h"

enum secmgr_state
{
	SECMGR_STATE_IDLE,
	SECMGR_STATE_WAIT_AUTH_INVITE,
	SECMGR_STATE_LOOKING_UP,
	SECMGR_STATE_WAIT_CREDENTIAL,
	SECMGR_STATE_VERIFYING_CACHED, /* against what is remembered: not the last word */
	SECMGR_STATE_RECHECKING,
	SECMGR_STATE_WAIT_RECHECK,
	SECMGR_STATE_VERIFYING,
	SECMGR_STATE_COUNTING,
	SECMGR_STATE_OVER,
	SECMGR_STATE_COUNT
};

enum secmgr_event
{
	/* what the request brought */
	SECMGR_EVENT_METHOD_IS_EXEMPT,
	SECMGR_EVENT_CREDENTIALS_ABSENT,
	SECMGR_EVENT_CREDENTIALS_MALFORMED,
	SECMGR_EVENT_CREDENTIALS_PRESENT,
	/* what its nonce said */
	SECMGR_EVENT_NONCE_FORGED,
	SECMGR_EVENT_NONCE_STALE,
	SECMGR_EVENT_NOT_WHAT_WAS_OFFERED,
	SECMGR_EVENT_URI_MISMATCH,
	SECMGR_EVENT_NONCE_VALID,
	/* what the cache and the credential service said */
	SECMGR_EVENT_CREDENTIAL_CACHED,
	SECMGR_EVENT_CREDENTIAL_MISSING,
	SECMGR_EVENT_CREDENTIAL_ARRIVED,
	SECMGR_EVENT_SERVICE_FAILED,
	SECMGR_EVENT_RECHECK_IS_DUE,
	SECMGR_EVENT_RECHECK_IS_NOT_DUE, /* the service was asked a moment ago */
	SECMGR_EVENT_REQUEST_GONE, /* cancelled, or a retransmission that its transaction has absorbed */
	/* what the arithmetic said */
	SECMGR_EVENT_RESPONSE_WRONG,
	SECMGR_EVENT_SUBSCRIBER_UNKNOWN,
	SECMGR_EVENT_HA1_MISSING,
	SECMGR_EVENT_RESPONSE_RIGHT,
	/* what the nonce count said of a right response */
	SECMGR_EVENT_COUNT_REPLAYED,
	SECMGR_EVENT_COUNT_FORGOTTEN,
	SECMGR_EVENT_COUNT_FRESH,
	SECMGR_EVENT_COUNT_FRESH_BUT_SUSPENDED,
	SECMGR_EVENT_FAULT,
	SECMGR_EVENT_COUNT
};

enum secmgr_action
{
	SECMGR_ACTION_REFUSE, /* answer with verdict and code */
	/* the engine performs these itself */
	SECMGR_ACTION_CHECK_NONCE,
	SECMGR_ACTION_VERIFY,
	/* the caller performs these */
	SECMGR_ACTION_LOOK_UP, /* CREDENTIAL_CACHED (with flow->credential set) or CREDENTIAL_MISSING */
	/* suspend; later CREDENTIAL_ARRIVED (with flow->credential set) or SERVICE_FAILED; REQUEST_GONE */
	SECMGR_ACTION_ASK_SERVICE,
	SECMGR_ACTION_RECHECK, /* RECHECK_IS_DUE, once in a while for a subscriber, else RECHECK_IS_NOT_DUE */
	/* use the nonce count under its lock: secmgr_flow_counted says the event; REQUEST_GONE */
	SECMGR_ACTION_COUNT_NONCE,
	SECMGR_ACTION_CHALLENGE, /* limited to flow->answerable where that is set; with flow->stale */
	SECMGR_ACTION_LET_PASS,	 /* run the route */
	SECMGR_ACTION_FORGET	 /* nothing is left to answer */
};

/* What is the same for all requests of this proxy. */
struct secmgr_flow_settings
{
	struct secmgr_nonce_keys keys;
	uint32_t instance;
	uint64_t nonce_lifetime_ms;
	uint8_t algorithms;			     /* set: what may be answered with at all */
	uint8_t unknown_ha1[SECMGR_HASH_BYTES_MAX]; /* drawn at start */
};

/* What the caller knows of one request. Slices are the caller's and outlive the flow. */
struct secmgr_flow_request
{
	bool exempt; /* ACK, CANCEL */
	struct secmgr_slice method, uri, body;
	struct secmgr_slice realm;   /* the one that the script asks for */
	struct secmgr_slice binding; /* of the nonce, or empty */
	struct secmgr_slice values[SECMGR_CREDENTIALS_HEADERS_MAX + 1];
	size_t value_count; /* above SECMGR_CREDENTIALS_HEADERS_MAX: too many */
};

struct secmgr_flow
{
	const struct secmgr_flow_settings *settings;
	const struct secmgr_flow_request *request;
	const struct secmgr_credential *credential; /* the caller's, set before CREDENTIAL_CACHED or _ARRIVED */
	enum secmgr_state state;
	enum secmgr_verdict verdict;
	const char *why; /* a few words more than the verdict says, or NULL */
	bool stale;
	uint8_t answerable; /* set: the algorithms that the subscriber has HA1s for; 0 unless that limits the challenge */
	struct secmgr_nonce nonce;
	struct secmgr_digest_credentials presented; /* the strings are for the request's lifetime */
};

/* Starts on a request. `flow` need not be initialised. */
__attribute__((warn_unused_result)) enum secmgr_action secmgr_flow_begin(struct secmgr_flow *flow,
		const struct secmgr_flow_settings *settings, const struct secmgr_flow_request *request, uint64_t now_ms);

/* Starts again on a request that was suspended for ASK_SERVICE, in another process or later; `stood` is flow->verdict
 * as it was then. LOOK_UP is never returned: the action is ASK_SERVICE when all is as it was, and the caller goes on
 * with the event that ended the waiting. */
__attribute__((warn_unused_result)) enum secmgr_action secmgr_flow_resume(struct secmgr_flow *flow,
		const struct secmgr_flow_settings *settings, const struct secmgr_flow_request *request, uint64_t now_ms,
		enum secmgr_verdict stood);

__attribute__((warn_unused_result)) enum secmgr_action secmgr_flow_event(
		struct secmgr_flow *flow, enum secmgr_event event);

/* The event that a nonce count's result is. */
enum secmgr_event secmgr_flow_counted(const struct secmgr_flow *flow, enum secmgr_nonce_count_result result);

#endif
