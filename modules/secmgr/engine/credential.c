/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "credential.h"

#include <string.h>

#include <openssl/crypto.h>

bool secmgr_credential_has(const struct secmgr_credential *credential, enum secmgr_hash hash)
{
	return (size_t)hash < SECMGR_HASH_COUNT && credential->ha1_present & (1u << hash);
}

static struct secmgr_slice text_at(const struct secmgr_credential *credential, size_t offset, size_t length)
{
	return (struct secmgr_slice){credential->text + offset, length};
}

struct secmgr_slice secmgr_credential_identities(const struct secmgr_credential *credential)
{
	return text_at(credential, 0, credential->identities_length);
}

struct secmgr_slice secmgr_credential_policy(const struct secmgr_credential *credential)
{
	return text_at(credential, credential->identities_length, credential->policy_length);
}

struct secmgr_slice secmgr_credential_attributes(const struct secmgr_credential *credential)
{
	size_t offset = (size_t)credential->identities_length + credential->policy_length;

	return text_at(credential, offset, credential->attributes_length);
}

bool secmgr_credential_set_texts(struct secmgr_credential *credential, struct secmgr_slice identities,
		struct secmgr_slice policy, struct secmgr_slice attributes)
{
	struct secmgr_writer writer = secmgr_writer_into(credential->text, sizeof(credential->text));

	secmgr_writer_add(&writer, identities);
	secmgr_writer_add(&writer, policy);
	secmgr_writer_add(&writer, attributes);
	credential->identities_length = writer.overrun ? 0 : (uint16_t)identities.length;
	credential->policy_length = writer.overrun ? 0 : (uint16_t)policy.length;
	credential->attributes_length = writer.overrun ? 0 : (uint16_t)attributes.length;
	return !writer.overrun;
}

void secmgr_credential_wipe(struct secmgr_credential *credential)
{
	OPENSSL_cleanse(credential, sizeof(*credential));
}
