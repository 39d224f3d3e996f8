/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "digest_response.h"

#include <openssl/crypto.h>

#include "digest.h"

#define PARTS_MAX 6
#define HEX_MAX (2 * SECMGR_HASH_BYTES_MAX)

/* The texts whose digest is wanted, with a colon between them: H(a:b:c). */
struct parts
{
	size_t count;
	struct secmgr_slice part[PARTS_MAX];
};

static void add(struct parts *parts, struct secmgr_slice part)
{
	parts->part[parts->count++] = part;
}

/* The digest as digests use each other's: in hex. `hex` holds HEX_MAX characters. */
static bool compute_hex(enum secmgr_hash hash, const struct parts *parts, char *hex)
{
	uint8_t digest[SECMGR_HASH_BYTES_MAX];
	bool good = secmgr_digest_compute(hash, parts->part, parts->count, digest);

	if(good)
		secmgr_hex_write(digest, secmgr_hash_bytes(hash), hex);
	OPENSSL_cleanse(digest, sizeof(digest));
	return good;
}

static struct secmgr_slice hex_slice(const char *hex, enum secmgr_hash hash)
{
	return (struct secmgr_slice){hex, 2 * secmgr_hash_bytes(hash)};
}

/* RFC 7616 section 3.4.2. The inner HA1 of -sess is in hex, as RFC 2617's own code has it and phones do it. */
static bool hex_of_ha1(const struct secmgr_digest_credentials *credentials, const uint8_t *ha1, char *hex)
{
	enum secmgr_hash hash = secmgr_algorithm_hash(credentials->algorithm);
	const struct parts session = {3, {hex_slice(hex, hash), credentials->nonce, credentials->cnonce}};

	secmgr_hex_write(ha1, secmgr_hash_bytes(hash), hex);
	return !secmgr_algorithm_is_session(credentials->algorithm) || compute_hex(hash, &session, hex);
}

/* RFC 7616 section 3.4.3. */
static bool hex_of_ha2(const struct secmgr_digest_credentials *credentials, struct secmgr_slice method,
		struct secmgr_slice body, char *hex)
{
	enum secmgr_hash hash = secmgr_algorithm_hash(credentials->algorithm);
	const bool integrity = credentials->qop == SECMGR_QOP_AUTH_INT;
	const struct parts entity = {1, {body}};
	char hex_of_body[HEX_MAX];
	const struct parts a2 = {integrity ? 3 : 2, {method, credentials->uri, hex_slice(hex_of_body, hash)}};

	if(integrity && !compute_hex(hash, &entity, hex_of_body))
		return false;
	return compute_hex(hash, &a2, hex);
}

/* RFC 7616 section 3.4.1; without qop RFC 2069. */
static bool compute_response(const struct secmgr_digest_credentials *credentials, const uint8_t *ha1,
		struct secmgr_slice method, struct secmgr_slice body, uint8_t *response)
{
	enum secmgr_hash hash = secmgr_algorithm_hash(credentials->algorithm);
	char hex_ha1[HEX_MAX], hex_ha2[HEX_MAX];
	struct parts parts = {2, {hex_slice(hex_ha1, hash), credentials->nonce}};
	bool good;

	if(credentials->qop != SECMGR_QOP_NONE) {
		add(&parts, credentials->nc_text);
		add(&parts, credentials->cnonce);
		add(&parts, secmgr_slice_of(secmgr_qop_name(credentials->qop)));
	}
	add(&parts, hex_slice(hex_ha2, hash));
	good = hex_of_ha1(credentials, ha1, hex_ha1) && hex_of_ha2(credentials, method, body, hex_ha2)
		   && secmgr_digest_compute(hash, parts.part, parts.count, response);
	OPENSSL_cleanse(hex_ha1, sizeof(hex_ha1));
	return good;
}

enum secmgr_response_result secmgr_digest_response_verify(const struct secmgr_digest_credentials *credentials,
		const uint8_t *ha1, struct secmgr_slice method, struct secmgr_slice body)
{
	uint8_t right[SECMGR_HASH_BYTES_MAX];
	enum secmgr_response_result result = SECMGR_RESPONSE_FAULT;

	if(!credentials->algorithm_known || !credentials->qop_known)
		return SECMGR_RESPONSE_WRONG;
	if(compute_response(credentials, ha1, method, body, right)) {
		size_t length = secmgr_hash_bytes(secmgr_algorithm_hash(credentials->algorithm));
		int difference = CRYPTO_memcmp(credentials->response, right, length);

		result = credentials->response_length == length && difference == 0 ? SECMGR_RESPONSE_RIGHT
										   : SECMGR_RESPONSE_WRONG;
	}
	OPENSSL_cleanse(right, sizeof(right));
	return result;
}

enum secmgr_response_result secmgr_digest_response_verify_unknown(const struct secmgr_digest_credentials *credentials,
		const uint8_t bytes[SECMGR_HASH_BYTES_MAX], struct secmgr_slice method, struct secmgr_slice body)
{
	enum secmgr_response_result result = secmgr_digest_response_verify(credentials, bytes, method, body);

	return result == SECMGR_RESPONSE_FAULT ? SECMGR_RESPONSE_FAULT : SECMGR_RESPONSE_WRONG;
}

size_t secmgr_digest_rspauth(const struct secmgr_digest_credentials *credentials, const uint8_t *ha1,
		struct secmgr_slice body, char *hex)
{
	uint8_t rspauth[SECMGR_HASH_BYTES_MAX];
	size_t length;

	if(!credentials->algorithm_known || !credentials->qop_known
			|| !compute_response(credentials, ha1, SECMGR_SLICE(""), body, rspauth))
		return 0;
	length = secmgr_hash_bytes(secmgr_algorithm_hash(credentials->algorithm));
	secmgr_hex_write(rspauth, length, hex);
	return 2 * length;
}
