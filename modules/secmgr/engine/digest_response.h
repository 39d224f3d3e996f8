/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arithmetic of digest: response and rspauth (RFC 7616 sections 3.4.1 to 3.4.3 and 3.5, RFC 8760).
 *
 * Compares are constant-time, and an HA1 that nobody has stands in for an unknown subscriber, so that his refusal costs
 * the same work as a wrong password's.
 *
 * Depends on: digest (and its _init), digest_credentials, algorithm, libcrypto.
 */
#ifndef SECMGR_ENGINE_DIGEST_RESPONSE_H
#define SECMGR_ENGINE_DIGEST_RESPONSE_H

#include "algorithm.h"
#include "digest_credentials.h"
#include "slice.h"

enum secmgr_response_result
{
	SECMGR_RESPONSE_FAULT, /* libcrypto failed */
	SECMGR_RESPONSE_WRONG,
	SECMGR_RESPONSE_RIGHT
};

/* Compares the response of `credentials` with the one that `ha1` (of the hash of credentials->algorithm) gives for
 * this method and body; the body counts for auth-int alone. Constant-time in the secret. A response of another length
 * is WRONG after the same work; an algorithm or qop that is not known is WRONG at once. */
__attribute__((warn_unused_result)) enum secmgr_response_result secmgr_digest_response_verify(
		const struct secmgr_digest_credentials *credentials, const uint8_t *ha1, struct secmgr_slice method,
		struct secmgr_slice body);

/* The same work with a random-looking HA1 (drawn at init by the caller's `bytes`): always WRONG or FAULT. */
__attribute__((warn_unused_result)) enum secmgr_response_result secmgr_digest_response_verify_unknown(
		const struct secmgr_digest_credentials *credentials, const uint8_t bytes[SECMGR_HASH_BYTES_MAX],
		struct secmgr_slice method, struct secmgr_slice body);

/* rspauth (RFC 7616 section 3.5): the response without a method; `body` is the answer's. Hex without NUL into `hex`,
 * which holds 2 * SECMGR_HASH_BYTES_MAX; returns the number of characters, 0 when libcrypto failed. */
__attribute__((warn_unused_result)) size_t secmgr_digest_rspauth(const struct secmgr_digest_credentials *credentials,
		const uint8_t *ha1, struct secmgr_slice body, char *hex);

#endif
