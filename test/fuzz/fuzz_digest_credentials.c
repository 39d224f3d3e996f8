/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The input is one header field value, and, cut at line feeds, the several ones of a request for the realm example.org.
 * Whatever it is: values lie within the text or the struct, what is PRESENT is complete and within its bounds, and a
 * fault has a reason.
 */
#include <stdlib.h>

#include "digest_credentials.h"

#define REQUIRE(condition) \
	do {                   \
		if(!(condition))   \
			abort();       \
	} while(0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool lies_within(struct secmgr_slice value, const char *start, size_t length)
{
	uintptr_t at = (uintptr_t)value.at, from = (uintptr_t)start;

	return at >= from && at - from <= length && value.length <= length - (at - from);
}

static void require_sound_place(
		struct secmgr_slice value, struct secmgr_slice text, const struct secmgr_digest_credentials *credentials)
{
	REQUIRE((!value.at && value.length == 0) || lies_within(value, text.at, text.length)
			|| lies_within(value, credentials->decoded, credentials->decoded_length));
	REQUIRE(!secmgr_slice_has_control_bytes(value));
}

static void require_sound_places(struct secmgr_slice text, const struct secmgr_digest_credentials *credentials)
{
	require_sound_place(credentials->username, text, credentials);
	require_sound_place(credentials->realm, text, credentials);
	require_sound_place(credentials->nonce, text, credentials);
	require_sound_place(credentials->uri, text, credentials);
	require_sound_place(credentials->cnonce, text, credentials);
	require_sound_place(credentials->nc_text, text, credentials);
	REQUIRE(credentials->algorithm_name.length == 0 || lies_within(credentials->algorithm_name, text.at, text.length));
	REQUIRE(credentials->decoded_length <= text.length);
}

static void require_in_bounds(struct secmgr_slice value, size_t length_max)
{
	REQUIRE(value.length > 0 && value.length <= length_max);
}

static void require_complete(struct secmgr_slice text, const struct secmgr_digest_credentials *credentials)
{
	uint8_t nc[4];

	REQUIRE(text.length <= SECMGR_CREDENTIALS_HEADER_MAX);
	require_in_bounds(credentials->username, SECMGR_USERNAME_MAX);
	require_in_bounds(credentials->realm, SECMGR_REALM_MAX);
	require_in_bounds(credentials->nonce, SECMGR_CREDENTIALS_HEADER_MAX);
	require_in_bounds(credentials->uri, SECMGR_DIGEST_URI_MAX);
	REQUIRE(credentials->cnonce.length <= SECMGR_CNONCE_MAX);
	REQUIRE(credentials->response_length == 16 || credentials->response_length == 32);
	REQUIRE(!credentials->algorithm_known
			|| credentials->response_length == secmgr_hash_bytes(secmgr_algorithm_hash(credentials->algorithm)));
	REQUIRE(credentials->qop_known || credentials->qop == SECMGR_QOP_NONE);
	if(credentials->qop_known && credentials->qop == SECMGR_QOP_NONE) {
		REQUIRE(credentials->nc == 0 && credentials->nc_text.length == 0);
		return;
	}
	REQUIRE(credentials->cnonce.length > 0 && credentials->nc > 0);
	REQUIRE(secmgr_hex_read(credentials->nc_text, nc, sizeof(nc)));
}

static enum secmgr_credentials_result read_one(struct secmgr_slice text, struct secmgr_slice realm)
{
	static struct secmgr_digest_credentials credentials;
	const char *why;
	enum secmgr_credentials_result result = secmgr_digest_credentials_read(text, &credentials, &why);

	REQUIRE((result == SECMGR_CREDENTIALS_MALFORMED) == (why != NULL));
	require_sound_places(text, &credentials);
	if(result == SECMGR_CREDENTIALS_PRESENT)
		require_complete(text, &credentials);
	REQUIRE(secmgr_digest_credentials_are_of_realm(text, realm)
			== (credentials.realm.at && secmgr_slice_equals(credentials.realm, realm)));
	return result;
}

static void choose_one(struct secmgr_slice text, struct secmgr_slice realm)
{
	static struct secmgr_digest_credentials credentials;
	struct secmgr_slice values[SECMGR_CREDENTIALS_HEADERS_MAX + 1];
	size_t count = 0;
	const char *why;
	enum secmgr_credentials_result result;

	while(text.at && count <= SECMGR_CREDENTIALS_HEADERS_MAX)
		values[count++] = secmgr_slice_cut(&text, '\n');
	result = secmgr_digest_credentials_choose(values, count, realm, &credentials, &why);
	REQUIRE((result == SECMGR_CREDENTIALS_MALFORMED) == (why != NULL));
	if(result != SECMGR_CREDENTIALS_PRESENT)
		return;
	REQUIRE(credentials.header < count && secmgr_slice_equals(credentials.realm, realm));
	require_sound_places(values[credentials.header], &credentials);
	require_complete(values[credentials.header], &credentials);
	REQUIRE(read_one(values[credentials.header], realm) == SECMGR_CREDENTIALS_PRESENT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct secmgr_slice text = {(const char *)data, size}, realm = SECMGR_SLICE("example.org");
	enum secmgr_credentials_result result = read_one(text, realm);

	(void)result;
	choose_one(text, realm);
	return 0;
}
