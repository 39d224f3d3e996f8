/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The input is two URIs with a line feed between them. What is read lies within the text, is complete and names its own
 * target; sameness does not depend on the order.
 */
#include <stdlib.h>

#include "sip_uri.h"

#define REQUIRE(condition) \
	do {                   \
		if(!(condition))   \
			abort();       \
	} while(0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_part_of(struct secmgr_slice part, struct secmgr_slice text)
{
	uintptr_t at = (uintptr_t)part.at, from = (uintptr_t)text.at;

	REQUIRE(part.length == 0 || (at >= from && at - from <= text.length && part.length <= text.length - (at - from)));
	REQUIRE(!secmgr_slice_has_control_bytes(part));
}

static bool read_one(struct secmgr_slice text, struct secmgr_sip_uri *uri)
{
	if(!secmgr_sip_uri_read(text, uri))
		return false;
	require_part_of(uri->user, text);
	require_part_of(uri->host, text);
	REQUIRE(uri->scheme == SECMGR_SIP_URI_TEL ? uri->user.length > 0 && uri->host.length == 0 && uri->port == 0
											  : uri->host.length > 0);
	REQUIRE(secmgr_sip_uri_same_target(uri, uri));
	REQUIRE(!secmgr_sip_uri_user_is(uri, SECMGR_SLICE("")));
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct secmgr_slice rest = {(const char *)data, size};
	struct secmgr_slice first = secmgr_slice_cut(&rest, '\n');
	struct secmgr_sip_uri a, b;
	bool first_is_good = read_one(first, &a), second_is_good = read_one(rest, &b);

	if(!first_is_good || !second_is_good)
		return 0;
	REQUIRE(secmgr_sip_uri_same_target(&a, &b) == secmgr_sip_uri_same_target(&b, &a));
	if(secmgr_sip_uri_same_target(&a, &b))
		REQUIRE(secmgr_sip_uri_user_is(&a, a.user) == secmgr_sip_uri_user_is(&b, a.user)
				|| a.scheme == SECMGR_SIP_URI_TEL);
	return 0;
}
