/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as the answer about alice@example.org, after a byte that chooses the profile: what is taken has an HA1 and
 * texts within their bounds, what is refused leaves nothing behind.
 */
#include "credential_record.h"

#include <stdlib.h>
#include <string.h>

#include "digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const texts[] = {
		"native",
		"3gpp",
		"cgrates",
		"homestead",
		("name=own;url={base}/x;username=unchecked;realm=unchecked;ha1_md5=/a/0;ha1_sha256=/a/1;status=/s;active=1,true;"
		"suspended=0,null;identities=/a/2/i;policy=/p~1~0;attributes=/a/2;unknown_if=/e:1"),
};

#define PROFILES (sizeof(texts) / sizeof(texts[0]))

static const struct secmgr_profile *profile_number(size_t number)
{
	static struct secmgr_profile profiles[PROFILES];
	char why[SECMGR_PROFILE_WHY_MAX];

	if(profiles[number].parts[SECMGR_PROFILE_NAME].length == 0
			&& (!secmgr_digest_init()
					|| !secmgr_profile_read(secmgr_slice_of(texts[number]), &profiles[number], why)))
		abort();
	return &profiles[number];
}

static bool is_sound(const struct secmgr_credential *credential)
{
	size_t length = (size_t)credential->identities_length + credential->policy_length + credential->attributes_length;

	return credential->ha1_present != 0 && credential->ha1_present < 1u << SECMGR_HASH_COUNT
		   && credential->subscriber != SECMGR_SUBSCRIBER_UNKNOWN && length <= SECMGR_CREDENTIAL_TEXT_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct secmgr_credential nothing;
	struct secmgr_credential credential;
	const char *why = NULL;

	if(size == 0)
		return 0;
	memset(&credential, 0xff, sizeof(credential));
	if(secmgr_credential_record_read(profile_number(data[0] % PROFILES),
			   (struct secmgr_slice){(const char *)data + 1, size - 1}, SECMGR_SLICE("alice"),
			   SECMGR_SLICE("example.org"), &credential, &why)
			== SECMGR_RECORD_IS_SOUND) {
		if(!is_sound(&credential))
			abort();
	} else if(!why || memcmp(&credential, &nothing, sizeof(nothing)) != 0) {
		abort();
	}
	return 0;
}
