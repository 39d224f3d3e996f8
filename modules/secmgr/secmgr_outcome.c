/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secmgr_outcome.h"

#include <string.h>

#include "../../core/script_cb.h"

#include "secmgr_params.h"
#include "secmgr_request.h"

static struct secmgr_outcome current;

/* Before each script: tm numbers the message of a failure route like the one before it, which may have been somebody
 * else's. */
static int forget(sip_msg_t *msg, unsigned flags, void *unused)
{
	(void)msg;
	(void)flags;
	(void)unused;
	memset(&current, 0, sizeof(current));
	return 1;
}

int secmgr_outcome_init(void)
{
	if(register_script_cb(forget, PRE_SCRIPT_CB | REQUEST_CB | FAILURE_CB | ONREPLY_CB, NULL) == 0)
		return 0;
	LM_ERR("no script callback can be registered\n");
	return -1;
}

struct secmgr_outcome *secmgr_outcome_of(const sip_msg_t *msg)
{
	if(current.message_id != msg->id || current.message_pid != msg->pid) {
		memset(&current, 0, sizeof(current));
		current.message_id = msg->id;
		current.message_pid = msg->pid;
	}
	return &current;
}

static void take_names(struct secmgr_outcome *outcome, const struct secmgr_flow *flow)
{
	const struct secmgr_digest_credentials *presented = &flow->presented;

	if(presented->username.length > sizeof(outcome->user) || flow->nonce.issued_ms == 0)
		return;
	memcpy(outcome->user, presented->username.at, presented->username.length);
	outcome->user_length = presented->username.length;
	if(presented->algorithm_known)
		outcome->algorithm = secmgr_algorithm_name(presented->algorithm);
}

static void take_subscriber(struct secmgr_outcome *outcome, const struct secmgr_credential *credential)
{
	outcome->subscriber.subscriber = credential->subscriber;
	(void)secmgr_credential_set_texts(&outcome->subscriber, secmgr_credential_identities(credential),
			secmgr_credential_policy(credential), secmgr_credential_attributes(credential));
}

/* What the service said of a subscriber is shown only to one who has proved to be that subscriber. */
static bool has_proved_itself(enum secmgr_verdict verdict)
{
	return verdict == SECMGR_VERDICT_ALLOWED || verdict == SECMGR_VERDICT_SUSPENDED_USER;
}

void secmgr_outcome_decide(struct secmgr_outcome *outcome, const struct secmgr_flow *flow)
{
	outcome->decided = true;
	outcome->verdict = flow->verdict;
	outcome->why = flow->why;
	outcome->stale = flow->stale;
	outcome->answerable = flow->answerable;
	outcome->user_length = 0;
	outcome->algorithm = NULL;
	take_names(outcome, flow);
	memset(&outcome->subscriber, 0, sizeof(outcome->subscriber));
	if(flow->credential != NULL && has_proved_itself(flow->verdict))
		take_subscriber(outcome, flow->credential);
}

static struct secmgr_offer wanted_offer(const struct secmgr_outcome *outcome, sip_msg_t *msg)
{
	if(outcome->wanted_algorithms != 0)
		return secmgr_offer_limit(&secmgr_params->offer, outcome->wanted_algorithms);
	return secmgr_challenge_offer(&secmgr_params->offer, secmgr_params->offer_rules, secmgr_params->offer_rule_count,
			secmgr_request_user_agent(msg));
}

struct secmgr_offer secmgr_outcome_offer(const struct secmgr_outcome *outcome, sip_msg_t *msg)
{
	const struct secmgr_offer wanted = wanted_offer(outcome, msg);

	return secmgr_offer_limit(&wanted, outcome->answerable);
}

const char *secmgr_outcome_reason(const struct secmgr_outcome *outcome)
{
	return outcome->why != NULL ? outcome->why : secmgr_verdict_sentence(outcome->verdict);
}

int secmgr_outcome_code(const struct secmgr_outcome *outcome)
{
	int code = secmgr_verdict_code(outcome->verdict);

	return code == 407 && outcome->kind == SECMGR_CHALLENGE_WWW ? 401 : code;
}
