/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From Kamailio's message to what the engine knows of a request, and the one change that the receiving side makes to
 * it: our credentials are taken out before it goes on.
 */
#ifndef SECMGR_REQUEST_H
#define SECMGR_REQUEST_H

#include "secmgr_core.h"

#include "engine/challenge.h"
#include "engine/flow.h"

struct secmgr_request
{
	struct secmgr_flow_request flow; /* slices point into the message */
	uint32_t proxy_values;		 /* bit i: values[i] came in Proxy-Authorization */
	struct secmgr_slice source;	 /* address and port, for the fingerprint */
	char source_bytes[18];
};

/* Without the realm, which is the caller's. False when the header fields cannot be parsed. */
bool secmgr_request_read(sip_msg_t *msg, struct secmgr_request *request);
/* The body of a request or a reply, without what Content-Length leaves out. */
struct secmgr_slice secmgr_request_body(sip_msg_t *msg);
/* An empty slice when there is none. */
struct secmgr_slice secmgr_request_user_agent(sip_msg_t *msg);
bool secmgr_request_is_exempt(const sip_msg_t *msg);
/* 401 for REGISTER, which is for our own server; 407 for what passes through. */
enum secmgr_challenge_kind secmgr_request_challenge_kind(const sip_msg_t *msg);
/* What the nonces of this source are bound to: its address (the port of a phone behind NAT changes), or nothing
 * unless nonce_bind says so. */
struct secmgr_slice secmgr_request_binding(const sip_msg_t *msg);
/* Removes the (Proxy-)Authorization fields of this realm; other realms' are for others. The one that was verified
 * (values[verified]) is not read again; SECMGR_REQUEST_NONE_VERIFIED where there is none. */
#define SECMGR_REQUEST_NONE_VERIFIED SIZE_MAX
void secmgr_request_remove_credentials(sip_msg_t *msg, struct secmgr_slice realm, size_t verified);

#endif
