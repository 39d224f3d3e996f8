/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secmgr_receive.h"

#include <string.h>

#include "../../core/action.h"
#include "../../core/kemi.h"
#include "../../core/mod_fix.h"
#include "../../core/route.h"

#include "secmgr_breakers.h"
#include "secmgr_cache.h"
#include "secmgr_nonces.h"
#include "secmgr_outcome.h"
#include "secmgr_params.h"
#include "secmgr_queue.h"
#include "secmgr_reply.h"
#include "secmgr_request.h"
#include "secmgr_stats.h"
#include "secmgr_suspend.h"
#include "secmgr_system.h"

/* What a continuation remembers besides its route: which function it was, the verdict that stands unless the service
 * says something else, and what the script had put into $secmgr(offer). */
enum purpose
{
	PURPOSE_AUTHORIZE, /* the route runs for who is allowed; the rest is answered */
	PURPOSE_VERIFY	   /* the route always runs and decides */
};
#define PURPOSE_BITS 1
#define VERDICT_BITS 7
_Static_assert(SECMGR_VERDICT_COUNT <= 1u << VERDICT_BITS, "a continuation remembers any verdict");

/* One request in this process's hands. Static: it holds decoded credentials, and no request is handled inside another
 * one's handling but in its own route, which comes last. */
struct visit
{
	sip_msg_t *msg;
	enum purpose purpose;
	bool credentials_removed;
	int32_t route; /* of main_rt; below 0: minus the number of a KEMI function's name */
	struct secmgr_request request;
	struct secmgr_flow flow;
	struct secmgr_credential cached;
	struct secmgr_outcome *outcome;
	char realm[SECMGR_REALM_MAX];
};

static struct visit visit;

static void run_route(sip_msg_t *msg, int32_t route)
{
	static str event = str_init("secmgr");
	struct run_act_ctx context;

	if(route < 0) {
		(void)sr_kemi_route(sr_kemi_eng_get(), msg, get_route_type(), sr_kemi_cbname_lookup_idx(-route), &event);
		return;
	}
	init_run_actions_ctx(&context);
	(void)run_actions(&context, main_rt.rlist[route], msg);
}

/* The realm may be the request's own word ($fd): what cannot stand in a challenge is refused here. */
static bool take_realm(struct secmgr_outcome *outcome, const str *realm)
{
	struct secmgr_slice text = secmgr_slice_of_str(realm);

	outcome->realm_length = 0;
	if(!secmgr_challenge_realm_is_sound(text))
		return false;
	memcpy(outcome->realm, text.at, text.length);
	outcome->realm_length = text.length;
	return true;
}

static void refuse_unread(struct secmgr_outcome *outcome, const char *why)
{
	outcome->decided = true;
	outcome->verdict = SECMGR_VERDICT_MALFORMED;
	outcome->why = why;
}

/* False: the request cannot even be read, and the outcome says so. */
static bool enter(sip_msg_t *msg, const str *realm)
{
	struct secmgr_outcome *outcome = secmgr_outcome_of(msg);

	visit.msg = msg;
	visit.outcome = outcome;
	outcome->kind = secmgr_request_challenge_kind(msg);
	visit.request.flow.realm = (struct secmgr_slice){"", 0};
	if(!take_realm(outcome, realm) && !secmgr_request_is_exempt(msg)) {
		refuse_unread(outcome, "the realm cannot stand in a challenge");
		return false;
	}
	if(!secmgr_request_read(msg, &visit.request)) {
		refuse_unread(outcome, "the header fields cannot be parsed");
		return false;
	}
	memcpy(visit.realm, outcome->realm, outcome->realm_length);
	visit.request.flow.realm = (struct secmgr_slice){visit.realm, outcome->realm_length};
	return true;
}

static void log_outcome(const struct secmgr_outcome *outcome)
{
	LM_DBG("%s: %s\n", secmgr_verdict_word(outcome->verdict), secmgr_outcome_reason(outcome));
	if(outcome->verdict == SECMGR_VERDICT_INTERNAL_FAULT)
		LM_ERR("internal fault: %s\n", secmgr_outcome_reason(outcome));
}

static bool is_for_the_route(void)
{
	return visit.purpose == PURPOSE_VERIFY || visit.outcome->verdict == SECMGR_VERDICT_ALLOWED
		   || visit.outcome->verdict == SECMGR_VERDICT_EXEMPT;
}

static bool came_by_proxy_authorization(void)
{
	return (visit.request.proxy_values >> visit.flow.presented.header) & 1u;
}

/* Before a request is suspended too, not only when it goes on: tm keeps the changes that were made until then,
 * whatever another module that suspends it again does to later ones. */
static void remove_credentials(size_t verified)
{
	if(visit.credentials_removed || visit.request.flow.exempt || secmgr_params->keep_credentials)
		return;
	visit.credentials_removed = true;
	secmgr_request_remove_credentials(visit.msg, visit.request.flow.realm, verified);
}

/* Last: from here on the visit may be another one's. */
static void leave(void)
{
	sip_msg_t *msg = visit.msg;
	int32_t route = visit.route;

	secmgr_stats_count_verdict(visit.outcome->verdict);
	log_outcome(visit.outcome);
	if(!is_for_the_route()) {
		if(!secmgr_request_is_exempt(msg))
			(void)secmgr_reply_outcome(msg, visit.outcome);
		return;
	}
	remove_credentials(visit.outcome->verdict == SECMGR_VERDICT_ALLOWED ? visit.flow.presented.header
									    : SECMGR_REQUEST_NONE_VERIFIED);
	run_route(msg, route);
}

static enum secmgr_event look_up(const struct secmgr_subscriber_key *key, uint64_t hash)
{
	enum secmgr_cache_result found = secmgr_cache_get(key, hash, &visit.cached);

	if(found == SECMGR_CACHE_HIT_REFRESH_IS_DUE)
		secmgr_queue_refresh(key, hash, secmgr_system_monotonic_ms() + (uint64_t)secmgr_params->service_timeout_ms);
	if(found == SECMGR_CACHE_HIT || found == SECMGR_CACHE_HIT_REFRESH_IS_DUE) {
		secmgr_stats_count(SECMGR_STAT_CACHE_HITS);
		visit.flow.credential = &visit.cached;
		return SECMGR_EVENT_CREDENTIAL_CACHED;
	}
	/* Nobody can be asked now: the last word stands for as long as it may, and nothing has to wait for that. */
	if(found == SECMGR_CACHE_EXPIRED && secmgr_breakers_service_is_down()
			&& secmgr_cache_get_stale(key, hash, &visit.cached)) {
		secmgr_stats_count(SECMGR_STAT_CACHE_STALE);
		visit.flow.credential = &visit.cached;
		return SECMGR_EVENT_CREDENTIAL_CACHED;
	}
	secmgr_stats_count(SECMGR_STAT_CACHE_MISSES);
	return SECMGR_EVENT_CREDENTIAL_MISSING;
}

/* A service that cannot be asked does not use up the subscriber's turn. */
static enum secmgr_event recheck(const struct secmgr_subscriber_key *key, uint64_t hash)
{
	if(!secmgr_breakers_service_is_down() && secmgr_cache_recheck_is_due(key, hash))
		return SECMGR_EVENT_RECHECK_IS_DUE;
	return SECMGR_EVENT_RECHECK_IS_NOT_DUE;
}

/* False: the request waits, and nothing is to be done now. */
static bool ask_service(const struct secmgr_subscriber_key *key, uint64_t hash, enum secmgr_event *event)
{
	uint16_t purpose = (uint16_t)((unsigned)visit.purpose | (unsigned)visit.flow.verdict << PURPOSE_BITS
								  | (unsigned)visit.outcome->wanted_algorithms << (PURPOSE_BITS + VERDICT_BITS));

	if(secmgr_breakers_service_is_down()) {
		visit.flow.why = "no endpoint of the credential service may be asked";
		*event = SECMGR_EVENT_SERVICE_FAILED;
		return true;
	}
	*event = SECMGR_EVENT_FAULT;
	remove_credentials(SECMGR_REQUEST_NONE_VERIFIED);
	switch(secmgr_suspend_request(visit.msg, key, hash, visit.route, purpose)) {
		case SECMGR_SUSPENSION_WAITS:
			return false;
		case SECMGR_SUSPENSION_ABSORBED:
			*event = SECMGR_EVENT_REQUEST_GONE;
			break;
		case SECMGR_SUSPENSION_MEMORY_IS_SHORT:
			secmgr_stats_count(SECMGR_STAT_FETCHES_REFUSED);
			visit.flow.why = "too little shared memory for a request that has to wait";
			*event = SECMGR_EVENT_SERVICE_FAILED;
			break;
		case SECMGR_SUSPENSION_QUEUE_FULL:
			secmgr_stats_count(SECMGR_STAT_FETCHES_REFUSED);
			visit.flow.why = "too many requests wait for the credential service";
			*event = SECMGR_EVENT_SERVICE_FAILED;
			break;
		case SECMGR_SUSPENSION_FAILED:
			break;
	}
	return true;
}

/* A replay whose transaction is still there is a late retransmission: tm has answered it. */
static enum secmgr_event count_nonce(void)
{
	const struct secmgr_slice message = {visit.msg->buf, (size_t)visit.msg->len};
	enum secmgr_nonce_count_result result = secmgr_nonces_use_count(&visit.flow.nonce, visit.flow.presented.nc,
			secmgr_nonces_fingerprint(message, visit.request.source), secmgr_nonces_time_ms());

	if(result == SECMGR_NONCE_COUNT_REPLAYED && secmgr_suspend_absorbs(visit.msg))
		return SECMGR_EVENT_REQUEST_GONE;
	return secmgr_flow_counted(&visit.flow, result);
}

/* Performs actions until there is a verdict. False: there is nothing to answer, now or ever. */
static bool perform(enum secmgr_action action)
{
	struct secmgr_subscriber_key key = {visit.flow.presented.username, visit.request.flow.realm};
	uint64_t hash = 0;
	enum secmgr_event event = SECMGR_EVENT_FAULT;

	for(;; action = secmgr_flow_event(&visit.flow, event)) {
		switch(action) {
			case SECMGR_ACTION_LOOK_UP:
				key.username = visit.flow.presented.username;
				hash = secmgr_cache_hash(&key);
				event = look_up(&key, hash);
				break;
			case SECMGR_ACTION_ASK_SERVICE:
				if(!ask_service(&key, hash, &event))
					return false;
				break;
			case SECMGR_ACTION_RECHECK:
				event = recheck(&key, hash);
				break;
			case SECMGR_ACTION_COUNT_NONCE:
				event = count_nonce();
				break;
			case SECMGR_ACTION_FORGET:
				return false;
			case SECMGR_ACTION_LET_PASS:
			case SECMGR_ACTION_CHALLENGE:
			case SECMGR_ACTION_REFUSE:
				return true;
			case SECMGR_ACTION_CHECK_NONCE:
			case SECMGR_ACTION_VERIFY:
				event = SECMGR_EVENT_FAULT;
				break;
		}
	}
}

static void decide(void)
{
	secmgr_outcome_decide(visit.outcome, &visit.flow);
	if(visit.flow.verdict == SECMGR_VERDICT_ALLOWED)
		secmgr_reply_prove(visit.msg, &visit.flow, came_by_proxy_authorization());
	secmgr_credential_wipe(&visit.cached);
}

/* Always ends the script: the request goes on in its route, has been answered, or waits. */
static int receive(sip_msg_t *msg, const str *realm, int32_t route, enum purpose purpose)
{
	enum secmgr_action action;

	if(msg->first_line.type != SIP_REQUEST || !is_route_type(REQUEST_ROUTE | FAILURE_ROUTE)) {
		LM_ERR("secmgr_authorize and secmgr_verify are for requests, in request routes\n");
		return 0;
	}
	visit.purpose = purpose;
	visit.credentials_removed = false;
	visit.route = route;
	if(enter(msg, realm)) {
		action = secmgr_flow_begin(
				&visit.flow, secmgr_nonces_flow_settings(), &visit.request.flow, secmgr_nonces_time_ms());
		if(!perform(action)) {
			secmgr_credential_wipe(&visit.cached);
			return 0;
		}
		decide();
	}
	leave();
	return 0;
}

/* The suspended request is back, in another process. */
static void resumed(
		sip_msg_t *msg, const struct secmgr_continuation *continuation, const struct secmgr_credential *credential)
{
	unsigned remembered = continuation->purpose;
	enum secmgr_verdict stood = (enum secmgr_verdict)(remembered >> PURPOSE_BITS & ((1u << VERDICT_BITS) - 1));
	str realm = {(char *)(uintptr_t)continuation->realm, continuation->realm_length};
	enum secmgr_action action;

	visit.purpose = (enum purpose)(remembered & ((1u << PURPOSE_BITS) - 1));
	visit.credentials_removed = true;
	visit.route = continuation->route;
	secmgr_outcome_of(msg)->wanted_algorithms = (uint8_t)(remembered >> (PURPOSE_BITS + VERDICT_BITS));
	if(enter(msg, &realm)) {
		action = secmgr_flow_resume(
				&visit.flow, secmgr_nonces_flow_settings(), &visit.request.flow, secmgr_nonces_time_ms(), stood);
		visit.flow.credential = credential;
		if(action == SECMGR_ACTION_ASK_SERVICE)
			action = secmgr_flow_event(
					&visit.flow, credential != NULL ? SECMGR_EVENT_CREDENTIAL_ARRIVED : SECMGR_EVENT_SERVICE_FAILED);
		if(!perform(action))
			return;
		decide();
	}
	leave();
}

int secmgr_receive_init(void)
{
	return secmgr_suspend_init(resumed);
}

/* A pseudo-variable without a value becomes the text "<null>": the From of a tel URI has no domain. */
static bool get_realm(sip_msg_t *msg, char *parameter, str *realm)
{
	return get_str_fparam(realm, msg, (fparam_t *)(void *)parameter) == 0
		   && !secmgr_slice_equals(secmgr_slice_of_str(realm), SECMGR_SLICE("<null>"));
}

static int receive_fixed_up(sip_msg_t *msg, char *realm, char *route, enum purpose purpose)
{
	str text;

	if(!get_realm(msg, realm, &text))
		text = (str){"", 0};
	return receive(msg, &text, (int32_t)(long)(void *)route, purpose);
}

int secmgr_receive_w_authorize(sip_msg_t *msg, char *realm, char *route)
{
	return receive_fixed_up(msg, realm, route, PURPOSE_AUTHORIZE);
}

int secmgr_receive_w_verify(sip_msg_t *msg, char *realm, char *route)
{
	return receive_fixed_up(msg, realm, route, PURPOSE_VERIFY);
}

/* Nothing here can end a KEMI script. What it is told is never a yes: the function that it named goes on, and it
 * returns. */
static int receive_by_name(sip_msg_t *msg, str *realm, str *function, enum purpose purpose)
{
	int number = sr_kemi_cbname_lookup_name(function);

	if(number > 0)
		(void)receive(msg, realm, -number, purpose);
	else
		LM_ERR("function %.*s cannot be remembered: too many names\n", function->len, function->s);
	return -1;
}

int secmgr_receive_ki_authorize(sip_msg_t *msg, str *realm, str *function)
{
	return receive_by_name(msg, realm, function, PURPOSE_AUTHORIZE);
}

int secmgr_receive_ki_verify(sip_msg_t *msg, str *realm, str *function)
{
	return receive_by_name(msg, realm, function, PURPOSE_VERIFY);
}

static int challenge(sip_msg_t *msg, const str *realm, enum secmgr_challenge_kind kind)
{
	struct secmgr_outcome *outcome = secmgr_outcome_of(msg);

	outcome->decided = true;
	outcome->kind = kind;
	outcome->why = NULL;
	outcome->stale = false;
	outcome->verdict = SECMGR_VERDICT_EXEMPT;
	if(secmgr_request_is_exempt(msg))
		return -1;
	outcome->verdict = SECMGR_VERDICT_CHALLENGED;
	outcome->answerable = 0;
	if(!take_realm(outcome, realm))
		refuse_unread(outcome, "the realm cannot stand in a challenge");
	secmgr_stats_count_verdict(outcome->verdict);
	return secmgr_reply_outcome(msg, outcome) == 0 ? 1 : -1;
}

static bool read_kind(struct secmgr_slice text, enum secmgr_challenge_kind *kind)
{
	*kind = secmgr_slice_equals(text, SECMGR_SLICE("www")) ? SECMGR_CHALLENGE_WWW : SECMGR_CHALLENGE_PROXY;
	if(*kind == SECMGR_CHALLENGE_WWW || secmgr_slice_equals(text, SECMGR_SLICE("proxy")))
		return true;
	LM_ERR("secmgr_challenge: \"%.*s\" is not a kind of challenge: write www or proxy\n", (int)text.length, text.at);
	return false;
}

int secmgr_receive_ki_challenge(sip_msg_t *msg, str *realm)
{
	return challenge(msg, realm, secmgr_request_challenge_kind(msg));
}

int secmgr_receive_ki_challenge_as(sip_msg_t *msg, str *realm, str *text)
{
	enum secmgr_challenge_kind kind;

	return read_kind(secmgr_slice_of_str(text), &kind) ? challenge(msg, realm, kind) : -1;
}

int secmgr_receive_w_challenge(sip_msg_t *msg, char *realm, char *kind)
{
	str text;

	if(!get_realm(msg, realm, &text))
		text = (str){"", 0};
	if(kind == NULL)
		return secmgr_receive_ki_challenge(msg, &text);
	return challenge(msg, &text, (enum secmgr_challenge_kind)((long)(void *)kind - 1));
}

int secmgr_receive_ki_reject(sip_msg_t *msg)
{
	const struct secmgr_outcome *outcome = secmgr_outcome_of(msg);

	if(outcome->decided && outcome->verdict != SECMGR_VERDICT_ALLOWED && outcome->verdict != SECMGR_VERDICT_EXEMPT)
		return secmgr_reply_outcome(msg, outcome) == 0 ? 1 : -1;
	LM_ERR("secmgr_reject: nothing was refused for this request\n");
	return -1;
}

int secmgr_receive_w_reject(sip_msg_t *msg, char *unused1, char *unused2)
{
	(void)unused1;
	(void)unused2;
	return secmgr_receive_ki_reject(msg);
}

static int fixup_route(void **parameter)
{
	char *name = *parameter;
	int route = route_lookup(&main_rt, name);

	if(route < 0 || main_rt.rlist[route] == NULL) {
		LM_ERR("route[%s] is not in the config: write the name of a route that goes on with an allowed request\n",
				name);
		return E_CFG;
	}
	*parameter = (void *)(long)route;
	return 0;
}

int secmgr_receive_fixup_realm_and_route(void **parameter, int number)
{
	return number == 1 ? fixup_spve_null(parameter, 1) : fixup_route(parameter);
}

/* A kind is kept as its number plus one, for no second argument is NULL. */
int secmgr_receive_fixup_challenge(void **parameter, int number)
{
	enum secmgr_challenge_kind kind;

	if(number == 1)
		return fixup_spve_null(parameter, 1);
	if(!read_kind(secmgr_slice_of(*parameter), &kind))
		return E_CFG;
	*parameter = (void *)((long)kind + 1);
	return 0;
}
