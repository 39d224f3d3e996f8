/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secmgr_pv.h"

#include <string.h>

#include "secmgr_core.h"
#include "secmgr_outcome.h"
#include "secmgr_params.h"

#include "service/json_pointer.h"

#define OFFER_TEXT_MAX 128

typedef int (*show_f)(sip_msg_t *msg, pv_param_t *parameter, pv_value_t *value, const struct secmgr_outcome *outcome);

static int show_slice(sip_msg_t *msg, pv_param_t *parameter, pv_value_t *value, struct secmgr_slice text)
{
	str shown = secmgr_str_of_slice(text);

	return text.length > 0 ? pv_get_strval(msg, parameter, value, &shown) : pv_get_null(msg, parameter, value);
}

static int show_text(sip_msg_t *msg, pv_param_t *parameter, pv_value_t *value, const char *text)
{
	return show_slice(msg, parameter, value, secmgr_slice_of(text != NULL ? text : ""));
}

static int show_verdict(sip_msg_t *msg, pv_param_t *parameter, pv_value_t *value, const struct secmgr_outcome *outcome)
{
	return show_text(msg, parameter, value, outcome->decided ? secmgr_verdict_word(outcome->verdict) : NULL);
}

static int show_reason(sip_msg_t *msg, pv_param_t *parameter, pv_value_t *value, const struct secmgr_outcome *outcome)
{
	return show_text(msg, parameter, value, outcome->decided ? secmgr_outcome_reason(outcome) : NULL);
}

static int show_code(sip_msg_t *msg, pv_param_t *parameter, pv_value_t *value, const struct secmgr_outcome *outcome)
{
	return outcome->decided ? pv_get_sintval(msg, parameter, value, secmgr_outcome_code(outcome))
				: pv_get_null(msg, parameter, value);
}

static int show_user(sip_msg_t *msg, pv_param_t *parameter, pv_value_t *value, const struct secmgr_outcome *outcome)
{
	return show_slice(msg, parameter, value, (struct secmgr_slice){outcome->user, outcome->user_length});
}

static int show_realm(sip_msg_t *msg, pv_param_t *parameter, pv_value_t *value, const struct secmgr_outcome *outcome)
{
	return show_slice(msg, parameter, value, (struct secmgr_slice){outcome->realm, outcome->realm_length});
}

static int show_algorithm(
		sip_msg_t *msg, pv_param_t *parameter, pv_value_t *value, const struct secmgr_outcome *outcome)
{
	return show_text(msg, parameter, value, outcome->algorithm);
}

/* The first of the identities that the service gave; $(...) has the others in attr. */
static int show_identity(sip_msg_t *msg, pv_param_t *parameter, pv_value_t *value, const struct secmgr_outcome *outcome)
{
	struct secmgr_slice identities = secmgr_credential_identities(&outcome->subscriber);

	return show_slice(msg, parameter, value, secmgr_slice_cut(&identities, '\n'));
}

static int show_source(sip_msg_t *msg, pv_param_t *parameter, pv_value_t *value, const struct secmgr_outcome *outcome)
{
	(void)outcome;
	return show_text(msg, parameter, value, ip_addr2a(&msg->rcv.src_ip));
}

static int show_offer(sip_msg_t *msg, pv_param_t *parameter, pv_value_t *value, const struct secmgr_outcome *outcome)
{
	static char text[OFFER_TEXT_MAX];
	struct secmgr_writer writer = secmgr_writer_into(text, sizeof(text));
	const struct secmgr_offer offer = secmgr_outcome_offer(outcome, msg);

	for(unsigned index = 0; index < offer.count; index++) {
		if(index > 0)
			secmgr_writer_add_char(&writer, ',');
		secmgr_writer_add_text(&writer, secmgr_algorithm_name((enum secmgr_algorithm)offer.algorithms[index]));
	}
	return show_slice(msg, parameter, value, secmgr_writer_text(&writer));
}

static int show_attribute(
		sip_msg_t *msg, pv_param_t *parameter, pv_value_t *value, const struct secmgr_outcome *outcome)
{
	static char text[SECMGR_CREDENTIAL_TEXT_MAX];
	struct secmgr_writer writer = secmgr_writer_into(text, sizeof(text));
	struct secmgr_slice pointer = secmgr_slice_of_str(&parameter->pvn.u.isname.name.s);

	if(!secmgr_json_pointer_read(secmgr_credential_attributes(&outcome->subscriber), pointer, &writer))
		return pv_get_null(msg, parameter, value);
	return pv_get_strval(msg, parameter, value, &(str){text, (int)writer.length});
}

static const struct
{
	const char *name;
	show_f show;
} names[] = {
		{"verdict", show_verdict},
		{"reason", show_reason},
		{"code", show_code},
		{"user", show_user},
		{"realm", show_realm},
		{"algorithm", show_algorithm},
		{"identity", show_identity},
		{"source", show_source},
		{"offer", show_offer},
};
#define NAMES (int)(sizeof(names) / sizeof(names[0]))
#define ATTRIBUTE NAMES

static int parse_attribute(pv_spec_p spec, struct secmgr_slice pointer)
{
	if(pointer.length > 0 && pointer.at[0] != '/') {
		LM_ERR("$secmgr(attr=>%.*s): write a JSON pointer, which begins with /\n", (int)pointer.length, pointer.at);
		return -1;
	}
	spec->pvp.pvn.type = ATTRIBUTE;
	spec->pvp.pvn.u.isname.name.s = secmgr_str_of_slice(pointer);
	return 0;
}

int secmgr_pv_parse_name(pv_spec_p spec, str *name)
{
	static const struct secmgr_slice attribute = {"attr=>", 6};
	const struct secmgr_slice text = secmgr_slice_trim(secmgr_slice_of_str(name));

	if(text.length >= attribute.length && memcmp(text.at, attribute.at, attribute.length) == 0)
		return parse_attribute(
				spec, (struct secmgr_slice){text.at + attribute.length, text.length - attribute.length});
	for(int index = 0; index < NAMES; index++) {
		if(!secmgr_slice_equals(text, secmgr_slice_of(names[index].name)))
			continue;
		spec->pvp.pvn.type = index;
		return 0;
	}
	LM_ERR("$secmgr(%.*s) is not there: write verdict, reason, code, user, realm, algorithm, identity, source, offer "
		   "or attr=>/pointer\n",
			(int)text.length, text.at);
	return -1;
}

int secmgr_pv_get(sip_msg_t *msg, pv_param_t *parameter, pv_value_t *value)
{
	const struct secmgr_outcome *outcome = secmgr_outcome_of(msg);

	if(parameter->pvn.type == ATTRIBUTE)
		return show_attribute(msg, parameter, value, outcome);
	return names[parameter->pvn.type].show(msg, parameter, value, outcome);
}

int secmgr_pv_set(sip_msg_t *msg, pv_param_t *parameter, int operation, pv_value_t *value)
{
	struct secmgr_outcome *outcome = secmgr_outcome_of(msg);
	struct secmgr_offer offer = {0};
	struct secmgr_slice wrong;

	(void)operation;
	if(parameter->pvn.type == ATTRIBUTE || names[parameter->pvn.type].show != show_offer) {
		LM_ERR("only $secmgr(offer) can be written\n");
		return -1;
	}
	if(value == NULL || (value->flags & PV_VAL_NULL)) {
		outcome->wanted_algorithms = 0;
		return 0;
	}
	if(!(value->flags & PV_VAL_STR) || !secmgr_offer_read_algorithms(secmgr_slice_of_str(&value->rs), &offer, &wrong)
			|| (secmgr_offer_set(&offer) & ~secmgr_offer_set(&secmgr_params->offer))) {
		LM_ERR("$secmgr(offer) takes a list of what the parameter algorithms lists: it stays as it was\n");
		return -1;
	}
	outcome->wanted_algorithms = secmgr_offer_set(&offer);
	return 0;
}
