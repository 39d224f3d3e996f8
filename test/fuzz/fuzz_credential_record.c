/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as the record of alice@example.org: what is taken has an HA1 and texts within their bounds, what is refused
 * leaves nothing behind.
 */
#include "credential_record.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_sound(const struct secmgr_credential *credential)
{
	size_t texts = (size_t)credential->identities_length + credential->policy_length + credential->attributes_length;

	return credential->ha1_present != 0 && credential->ha1_present < 1u << SECMGR_HASH_COUNT
		   && credential->subscriber != SECMGR_SUBSCRIBER_UNKNOWN && texts <= SECMGR_CREDENTIAL_TEXT_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct secmgr_credential nothing;
	struct secmgr_credential credential;
	const char *why = NULL;

	if(secmgr_credential_record_decode((struct secmgr_slice){(const char *)data, size}, SECMGR_SLICE("alice"),
			   SECMGR_SLICE("example.org"), &credential, &why)) {
		if(!is_sound(&credential))
			abort();
	} else if(!why || memcmp(&credential, &nothing, sizeof(nothing)) != 0) {
		abort();
	}
	return 0;
}
