/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secmgr_request.h"

#include <string.h>

#include "../../core/data_lump.h"
#include "../../core/parser/hf.h"
#include "../../core/parser/parse_content.h"

#include "secmgr_params.h"

static bool is_credentials(const struct hdr_field *field)
{
	return field->type == HDR_AUTHORIZATION_T || field->type == HDR_PROXYAUTH_T;
}

static void gather_values(sip_msg_t *msg, struct secmgr_request *request)
{
	struct secmgr_flow_request *flow = &request->flow;

	for(const struct hdr_field *field = msg->headers; field != NULL; field = field->next) {
		if(!is_credentials(field))
			continue;
		if(field->type == HDR_PROXYAUTH_T)
			request->proxy_values |= 1u << flow->value_count;
		flow->values[flow->value_count++] = secmgr_slice_trim(secmgr_slice_of_str(&field->body));
		if(flow->value_count > SECMGR_CREDENTIALS_HEADERS_MAX)
			return;
	}
}

/* What Content-Length says is the body; over UDP a datagram may hold more, over TCP the stream's next message begins
 * there. */
struct secmgr_slice secmgr_request_body(sip_msg_t *msg)
{
	struct secmgr_slice body = {get_body(msg), 0};

	if(body.at == NULL)
		return (struct secmgr_slice){"", 0};
	body.length = (size_t)(msg->buf + msg->len - body.at);
	if(msg->content_length != NULL && get_content_length(msg) >= 0 && (size_t)get_content_length(msg) < body.length)
		body.length = (size_t)get_content_length(msg);
	return body;
}

static void take_source(const sip_msg_t *msg, struct secmgr_request *request)
{
	size_t length = msg->rcv.src_ip.len <= 16 ? msg->rcv.src_ip.len : 16;

	memcpy(request->source_bytes, msg->rcv.src_ip.u.addr, length);
	memcpy(request->source_bytes + length, &msg->rcv.src_port, sizeof(msg->rcv.src_port));
	request->source = (struct secmgr_slice){request->source_bytes, length + sizeof(msg->rcv.src_port)};
}

bool secmgr_request_is_exempt(const sip_msg_t *msg)
{
	return msg->first_line.u.request.method_value == METHOD_ACK
		   || msg->first_line.u.request.method_value == METHOD_CANCEL;
}

enum secmgr_challenge_kind secmgr_request_challenge_kind(const sip_msg_t *msg)
{
	return msg->first_line.u.request.method_value == METHOD_REGISTER ? SECMGR_CHALLENGE_WWW : SECMGR_CHALLENGE_PROXY;
}

bool secmgr_request_read(sip_msg_t *msg, struct secmgr_request *request)
{
	memset(request, 0, sizeof(*request));
	if(parse_headers(msg, HDR_EOH_F, 0) < 0)
		return false;
	request->flow.exempt = secmgr_request_is_exempt(msg);
	request->flow.method = secmgr_slice_of_str(&msg->first_line.u.request.method);
	request->flow.uri = secmgr_slice_of_str(&msg->first_line.u.request.uri);
	request->flow.body = secmgr_request_body(msg);
	gather_values(msg, request);
	request->flow.binding = secmgr_request_binding(msg);
	take_source(msg, request);
	return true;
}

struct secmgr_slice secmgr_request_user_agent(sip_msg_t *msg)
{
	if(parse_headers(msg, HDR_USERAGENT_F, 0) < 0 || msg->user_agent == NULL)
		return (struct secmgr_slice){"", 0};
	return secmgr_slice_trim(secmgr_slice_of_str(&msg->user_agent->body));
}

struct secmgr_slice secmgr_request_binding(const sip_msg_t *msg)
{
	if(!secmgr_params->nonce_bind_source)
		return (struct secmgr_slice){"", 0};
	return (struct secmgr_slice){(const char *)msg->rcv.src_ip.u.addr, msg->rcv.src_ip.len};
}

void secmgr_request_remove_credentials(sip_msg_t *msg, struct secmgr_slice realm, size_t verified)
{
	size_t index = 0;

	for(const struct hdr_field *field = msg->headers; field != NULL; field = field->next) {
		struct secmgr_slice value = secmgr_slice_trim(secmgr_slice_of_str(&field->body));

		if(!is_credentials(field))
			continue;
		if(index++ != verified && !secmgr_digest_credentials_are_of_realm(value, realm))
			continue;
		if(del_lump(msg, (int)(field->name.s - msg->buf), field->len, 0) == NULL)
			LM_ERR("our credentials cannot be taken out of a request: out of private memory\n");
	}
}
