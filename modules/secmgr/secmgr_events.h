/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the operator's script is told without a request: event_route[secmgr:service-down] when no endpoint of the
 * credential service may be asked any more, and event_route[secmgr:service-up] when one may again. They run in the
 * HTTP process that noticed, once for each change. With KEMI the function that the parameter event_callback names is
 * called with the event's name.
 */
#ifndef SECMGR_EVENTS_H
#define SECMGR_EVENTS_H

enum secmgr_event_route
{
	SECMGR_EVENT_ROUTE_SERVICE_DOWN,
	SECMGR_EVENT_ROUTE_SERVICE_UP
};

void secmgr_events_raise(enum secmgr_event_route event);

#endif
