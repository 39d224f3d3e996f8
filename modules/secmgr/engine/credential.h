/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A subscriber's credential: what the credential service said, in the shape in which it is cached and verified.
 *
 * HA1 is H(username:realm:password) (RFC 7616 section 3.4.2), kept as bytes. It is a secret: whoever holds a copy
 * wipes it with secmgr_credential_wipe when done. The texts are public: identities (one a line), the policy's name
 * and the attributes as compact JSON, one after another in `text`.
 *
 * Depends on: slice, algorithm, libcrypto (wiping).
 */
#ifndef SECMGR_ENGINE_CREDENTIAL_H
#define SECMGR_ENGINE_CREDENTIAL_H

#include "algorithm.h"
#include "slice.h"

#define SECMGR_CREDENTIAL_TEXT_MAX 2048

/* For how long what the service said may be used. The windows of use while stale begin when it is no longer fresh
 * (RFC 5861); zeroed, it may not be kept. */
struct secmgr_lifetimes
{
	uint32_t fresh_s;
	uint32_t stale_while_revalidate_s; /* used while one lookup in the background renews it */
	uint32_t stale_if_error_s;		   /* used while the service gives no usable answer */
	bool keep;						   /* false: no-store. True with 0 seconds: to be revalidated before use */
};

enum secmgr_subscriber
{
	SECMGR_SUBSCRIBER_UNKNOWN, /* zeroed memory allows nobody */
	SECMGR_SUBSCRIBER_SUSPENDED,
	SECMGR_SUBSCRIBER_ACTIVE
};

struct secmgr_credential
{
	uint8_t subscriber; /* enum secmgr_subscriber */
	uint8_t ha1_present; /* bit (1 << hash) for each HA1 that is there */
	uint16_t identities_length;
	uint16_t policy_length;
	uint16_t attributes_length;
	uint8_t ha1[SECMGR_HASH_COUNT][SECMGR_HASH_BYTES_MAX];
	char text[SECMGR_CREDENTIAL_TEXT_MAX];
};

bool secmgr_credential_has(const struct secmgr_credential *credential, enum secmgr_hash hash);
struct secmgr_slice secmgr_credential_identities(const struct secmgr_credential *credential); /* '\n' between them */
struct secmgr_slice secmgr_credential_policy(const struct secmgr_credential *credential);
struct secmgr_slice secmgr_credential_attributes(const struct secmgr_credential *credential); /* "" or a JSON object */
/* Sets the three texts; false, and no text at all, when they do not fit together. */
bool secmgr_credential_set_texts(struct secmgr_credential *credential, struct secmgr_slice identities,
		struct secmgr_slice policy, struct secmgr_slice attributes);
void secmgr_credential_wipe(struct secmgr_credential *credential);

#endif
