/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secmgr_events.h"

#include "secmgr_core.h"

#include "../../core/action.h"
#include "../../core/fmsg.h"
#include "../../core/kemi.h"
#include "../../core/route.h"

#include "secmgr_params.h"

static str names[] = {
		[SECMGR_EVENT_ROUTE_SERVICE_DOWN] = str_init("secmgr:service-down"),
		[SECMGR_EVENT_ROUTE_SERVICE_UP] = str_init("secmgr:service-up"),
};

static void run_route(int route, sip_msg_t *msg)
{
	struct run_act_ctx context;

	init_run_actions_ctx(&context);
	(void)run_top_route(event_rt.rlist[route], msg, &context);
}

static void call_function(sr_kemi_eng_t *engine, sip_msg_t *msg, str *name)
{
	str function = {secmgr_params->event_callback, (int)strlen(secmgr_params->event_callback)};

	(void)sr_kemi_route(engine, msg, EVENT_ROUTE, &function, name);
}

void secmgr_events_raise(enum secmgr_event_route event)
{
	str *name = &names[event];
	int route = route_lookup(&event_rt, name->s);
	sr_kemi_eng_t *engine = sr_kemi_eng_get();
	sip_msg_t *msg = faked_msg_get_next();
	int before = get_route_type();

	set_route_type(EVENT_ROUTE);
	if(route >= 0 && event_rt.rlist[route] != NULL)
		run_route(route, msg);
	else if(engine != NULL && secmgr_params->event_callback != NULL)
		call_function(engine, msg, name);
	set_route_type(before);
}
