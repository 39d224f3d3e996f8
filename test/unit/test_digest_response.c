/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "digest_response.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CUnit/Basic.h>

#include "digest.h"
#include "vectors.h"

void secmgr_test_digest_response(void);

#define CHECK_CASE(good, sentence) CU_assertImplementation((good), __LINE__, (sentence), __FILE__, "", CU_FALSE)
#define VECTORS (sizeof(digest_vectors) / sizeof(digest_vectors[0]))

static int start(void)
{
	return secmgr_digest_init() ? 0 : 1;
}

static int stop(void)
{
	secmgr_digest_destroy();
	return 0;
}

static size_t bytes_of(const struct digest_vector *vector)
{
	return secmgr_hash_bytes(secmgr_algorithm_hash(vector->algorithm));
}

/* The request of a vector, as the parser would have read it. */
static void present(const struct digest_vector *vector, struct secmgr_digest_credentials *credentials)
{
	memset(credentials, 0, sizeof(*credentials));
	credentials->username = secmgr_slice_of(vector->username);
	credentials->realm = secmgr_slice_of(vector->realm);
	credentials->nonce = secmgr_slice_of(vector->nonce);
	credentials->uri = secmgr_slice_of(vector->uri);
	credentials->cnonce = secmgr_slice_of(vector->cnonce);
	credentials->nc_text = secmgr_slice_of(vector->nc);
	credentials->algorithm_known = true;
	credentials->algorithm = vector->algorithm;
	credentials->qop_known = true;
	credentials->qop = vector->qop;
	credentials->response_length = bytes_of(vector);
	CU_ASSERT_TRUE(secmgr_hex_read(
			secmgr_slice_of(vector->response), credentials->response, credentials->response_length));
}

static void ha1_of(const struct digest_vector *vector, uint8_t ha1[SECMGR_HASH_BYTES_MAX])
{
	memset(ha1, 0, SECMGR_HASH_BYTES_MAX);
	CU_ASSERT_TRUE(secmgr_hex_read(secmgr_slice_of(vector->ha1), ha1, bytes_of(vector)));
}

static enum secmgr_response_result verify(
		const struct secmgr_digest_credentials *credentials, const struct digest_vector *vector)
{
	uint8_t ha1[SECMGR_HASH_BYTES_MAX];

	ha1_of(vector, ha1);
	return secmgr_digest_response_verify(
			credentials, ha1, secmgr_slice_of(vector->method), secmgr_slice_of(vector->body));
}

static void the_response_of_every_vector_is_right(void)
{
	for(size_t i = 0; i < VECTORS; i++) {
		struct secmgr_digest_credentials credentials;

		present(&digest_vectors[i], &credentials);
		CHECK_CASE(verify(&credentials, &digest_vectors[i]) == SECMGR_RESPONSE_RIGHT, digest_vectors[i].source);
	}
}

static void rspauth_is_that_of_every_vector(void)
{
	for(size_t i = 0; i < VECTORS; i++) {
		const struct digest_vector *vector = &digest_vectors[i];
		struct secmgr_digest_credentials credentials;
		uint8_t ha1[SECMGR_HASH_BYTES_MAX];
		char hex[2 * SECMGR_HASH_BYTES_MAX];
		size_t length;

		present(vector, &credentials);
		ha1_of(vector, ha1);
		length = secmgr_digest_rspauth(&credentials, ha1, secmgr_slice_of(vector->body), hex);
		CHECK_CASE(secmgr_slice_equals((struct secmgr_slice){hex, length}, secmgr_slice_of(vector->rspauth)),
				vector->source);
	}
}

static const struct digest_vector *vector_of(enum secmgr_algorithm algorithm, enum secmgr_qop qop)
{
	for(size_t i = 0; i < VECTORS; i++)
		if(digest_vectors[i].algorithm == algorithm && digest_vectors[i].qop == qop)
			return &digest_vectors[i];
	CU_FAIL("no such vector");
	return &digest_vectors[0];
}

static void every_bit_of_a_response_counts(void)
{
	for(unsigned algorithm = 0; algorithm < SECMGR_ALGORITHM_COUNT; algorithm++) {
		const struct digest_vector *vector = vector_of((enum secmgr_algorithm)algorithm, SECMGR_QOP_AUTH);
		struct secmgr_digest_credentials credentials;

		present(vector, &credentials);
		for(size_t bit = 0; bit < 8 * bytes_of(vector); bit++) {
			credentials.response[bit / 8] ^= (uint8_t)(1u << bit % 8);
			CU_ASSERT_EQUAL(verify(&credentials, vector), SECMGR_RESPONSE_WRONG);
			credentials.response[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		CU_ASSERT_EQUAL(verify(&credentials, vector), SECMGR_RESPONSE_RIGHT);
	}
}

static void a_response_of_another_length_is_wrong_however_it_begins(void)
{
	const struct digest_vector *md5 = vector_of(SECMGR_ALGORITHM_MD5, SECMGR_QOP_AUTH);
	const struct digest_vector *sha = vector_of(SECMGR_ALGORITHM_SHA_256, SECMGR_QOP_AUTH);
	struct secmgr_digest_credentials credentials;

	present(md5, &credentials);
	credentials.response_length = 32;
	CU_ASSERT_EQUAL(verify(&credentials, md5), SECMGR_RESPONSE_WRONG);
	credentials.response_length = 0;
	CU_ASSERT_EQUAL(verify(&credentials, md5), SECMGR_RESPONSE_WRONG);
	present(sha, &credentials);
	credentials.response_length = 16;
	CU_ASSERT_EQUAL(verify(&credentials, sha), SECMGR_RESPONSE_WRONG);
}

/* One thing of a right request is changed at a time. */
enum tampering
{
	NONCE,
	URI,
	NC,
	CNONCE,
	QOP,
	ALGORITHM,
	METHOD,
	BODY,
	HA1,
	USERNAME
};

static const struct
{
	const char *sentence;
	enum tampering what;
	enum secmgr_algorithm algorithm;
	enum secmgr_qop qop;
	enum secmgr_response_result result;
} tamperings[] = {
		{"another nonce is refused", NONCE, SECMGR_ALGORITHM_SHA_256, SECMGR_QOP_AUTH, SECMGR_RESPONSE_WRONG},
		{"another uri is refused", URI, SECMGR_ALGORITHM_SHA_256, SECMGR_QOP_AUTH, SECMGR_RESPONSE_WRONG},
		{"another nc is refused", NC, SECMGR_ALGORITHM_SHA_256, SECMGR_QOP_AUTH, SECMGR_RESPONSE_WRONG},
		{"another cnonce is refused", CNONCE, SECMGR_ALGORITHM_SHA_256, SECMGR_QOP_AUTH, SECMGR_RESPONSE_WRONG},
		{"auth is not auth-int", QOP, SECMGR_ALGORITHM_SHA_256, SECMGR_QOP_AUTH, SECMGR_RESPONSE_WRONG},
		{"auth-int is not auth", QOP, SECMGR_ALGORITHM_SHA_256, SECMGR_QOP_AUTH_INT, SECMGR_RESPONSE_WRONG},
		{"a plain form is no -sess form", ALGORITHM, SECMGR_ALGORITHM_SHA_256, SECMGR_QOP_AUTH, SECMGR_RESPONSE_WRONG},
		{"a -sess form is no plain form", ALGORITHM, SECMGR_ALGORITHM_MD5_SESS, SECMGR_QOP_AUTH, SECMGR_RESPONSE_WRONG},
		{"SHA-512-256 is not SHA-256", ALGORITHM, SECMGR_ALGORITHM_SHA_512_256, SECMGR_QOP_AUTH, SECMGR_RESPONSE_WRONG},
		{"another method is refused", METHOD, SECMGR_ALGORITHM_SHA_256, SECMGR_QOP_AUTH, SECMGR_RESPONSE_WRONG},
		{"another body is refused under auth-int", BODY, SECMGR_ALGORITHM_SHA_256, SECMGR_QOP_AUTH_INT,
				SECMGR_RESPONSE_WRONG},
		{"another body is nothing to auth", BODY, SECMGR_ALGORITHM_SHA_256, SECMGR_QOP_AUTH, SECMGR_RESPONSE_RIGHT},
		{"another password is refused", HA1, SECMGR_ALGORITHM_SHA_256, SECMGR_QOP_AUTH, SECMGR_RESPONSE_WRONG},
		{"another password is refused in a session", HA1, SECMGR_ALGORITHM_MD5_SESS, SECMGR_QOP_AUTH,
				SECMGR_RESPONSE_WRONG},
		{"without qop another nonce is refused", NONCE, SECMGR_ALGORITHM_MD5, SECMGR_QOP_NONE, SECMGR_RESPONSE_WRONG},
		{"without qop nc is nothing", NC, SECMGR_ALGORITHM_MD5, SECMGR_QOP_NONE, SECMGR_RESPONSE_RIGHT},
		{"the name counts through the stored HA1 alone", USERNAME, SECMGR_ALGORITHM_MD5, SECMGR_QOP_AUTH,
				SECMGR_RESPONSE_RIGHT},
		{"the name counts through the stored HA1 alone in a session too", USERNAME, SECMGR_ALGORITHM_MD5_SESS,
				SECMGR_QOP_AUTH, SECMGR_RESPONSE_RIGHT},
};

static enum secmgr_algorithm another_algorithm(enum secmgr_algorithm algorithm)
{
	switch(algorithm) {
		case SECMGR_ALGORITHM_SHA_256:
			return SECMGR_ALGORITHM_SHA_256_SESS;
		case SECMGR_ALGORITHM_SHA_512_256:
			return SECMGR_ALGORITHM_SHA_256;
		default:
			return SECMGR_ALGORITHM_MD5;
	}
}

static enum secmgr_response_result verify_tampered(enum tampering what, const struct digest_vector *vector)
{
	const struct secmgr_slice other = SECMGR_SLICE("something else");
	struct secmgr_slice method = secmgr_slice_of(vector->method), body = secmgr_slice_of(vector->body);
	struct secmgr_digest_credentials credentials;
	uint8_t ha1[SECMGR_HASH_BYTES_MAX];

	present(vector, &credentials);
	ha1_of(vector, ha1);
	switch(what) {
		case NONCE:
			credentials.nonce = other;
			break;
		case URI:
			credentials.uri = other;
			break;
		case NC:
			credentials.nc_text = SECMGR_SLICE("0000ffff");
			break;
		case CNONCE:
			credentials.cnonce = other;
			break;
		case QOP:
			credentials.qop = vector->qop == SECMGR_QOP_AUTH ? SECMGR_QOP_AUTH_INT : SECMGR_QOP_AUTH;
			break;
		case ALGORITHM:
			credentials.algorithm = another_algorithm(vector->algorithm);
			break;
		case METHOD:
			method = other;
			break;
		case BODY:
			body = other;
			break;
		case HA1:
			ha1[0] ^= 1;
			break;
		case USERNAME:
			credentials.username = other;
			break;
	}
	return secmgr_digest_response_verify(&credentials, ha1, method, body);
}

static void every_part_of_a_request_counts_where_it_should(void)
{
	for(size_t i = 0; i < sizeof(tamperings) / sizeof(tamperings[0]); i++)
		CHECK_CASE(verify_tampered(tamperings[i].what, vector_of(tamperings[i].algorithm, tamperings[i].qop))
						   == tamperings[i].result,
				tamperings[i].sentence);
}

static void the_response_that_rfc_7616_misprints_is_refused(void)
{
	const struct digest_vector *vector = vector_of(SECMGR_ALGORITHM_SHA_512_256, SECMGR_QOP_AUTH);
	struct secmgr_digest_credentials credentials;

	present(vector, &credentials);
	CU_ASSERT_TRUE(secmgr_hex_read(
			SECMGR_SLICE(RESPONSE_AS_PRINTED), credentials.response, credentials.response_length));
	CU_ASSERT_EQUAL(verify(&credentials, vector), SECMGR_RESPONSE_WRONG);
}

/* nc is hashed as it was sent: a phone that writes it in capitals hashes it in capitals. */
static void a_count_in_capitals_is_not_one_in_small_letters(void)
{
	const struct digest_vector *vector = &digest_vectors[VECTORS - 1];
	struct secmgr_digest_credentials credentials;

	CU_ASSERT_STRING_EQUAL(vector->nc, "0000002a");
	present(vector, &credentials);
	credentials.nc_text = SECMGR_SLICE("0000002A");
	CU_ASSERT_EQUAL(verify(&credentials, vector), SECMGR_RESPONSE_WRONG);
}

static void what_is_not_known_is_never_right(void)
{
	const struct digest_vector *vector = &digest_vectors[0];
	struct secmgr_digest_credentials credentials;
	uint8_t ha1[SECMGR_HASH_BYTES_MAX];
	char hex[2 * SECMGR_HASH_BYTES_MAX];

	ha1_of(vector, ha1);
	present(vector, &credentials);
	credentials.algorithm_known = false;
	CU_ASSERT_EQUAL(verify(&credentials, vector), SECMGR_RESPONSE_WRONG);
	CU_ASSERT_EQUAL(secmgr_digest_rspauth(&credentials, ha1, SECMGR_SLICE(""), hex), 0);
	present(vector, &credentials);
	credentials.qop_known = false;
	CU_ASSERT_EQUAL(verify(&credentials, vector), SECMGR_RESPONSE_WRONG);
	CU_ASSERT_EQUAL(secmgr_digest_rspauth(&credentials, ha1, SECMGR_SLICE(""), hex), 0);
}

static void an_unknown_subscriber_is_refused_whatever_he_answers(void)
{
	for(size_t i = 0; i < VECTORS; i++) {
		const struct digest_vector *vector = &digest_vectors[i];
		struct secmgr_digest_credentials credentials;
		uint8_t ha1[SECMGR_HASH_BYTES_MAX];

		present(vector, &credentials);
		ha1_of(vector, ha1); /* even one who has guessed the bytes */
		CHECK_CASE(secmgr_digest_response_verify_unknown(&credentials, ha1, secmgr_slice_of(vector->method),
						   secmgr_slice_of(vector->body))
						   == SECMGR_RESPONSE_WRONG,
				vector->source);
	}
}

static void all_may_be_empty(void)
{
	static struct secmgr_digest_credentials credentials = {
			.algorithm_known = true, .algorithm = SECMGR_ALGORITHM_SHA_256_SESS, .qop_known = true,
			.qop = SECMGR_QOP_AUTH_INT, .response_length = 32};
	const struct secmgr_slice nothing = {NULL, 0};
	uint8_t ha1[SECMGR_HASH_BYTES_MAX];

	CU_ASSERT_TRUE(secmgr_digest_ha1(SECMGR_HASH_SHA_256, nothing, nothing, nothing, ha1));
	CU_ASSERT_EQUAL(secmgr_digest_response_verify(&credentials, ha1, nothing, nothing), SECMGR_RESPONSE_WRONG);
}

static void without_its_digests_nothing_is_right(void)
{
	struct secmgr_digest_credentials credentials;
	uint8_t ha1[SECMGR_HASH_BYTES_MAX];
	char hex[2 * SECMGR_HASH_BYTES_MAX];

	ha1_of(&digest_vectors[0], ha1);
	present(&digest_vectors[0], &credentials);
	secmgr_digest_destroy();
	CU_ASSERT_EQUAL(verify(&credentials, &digest_vectors[0]), SECMGR_RESPONSE_FAULT);
	CU_ASSERT_EQUAL(secmgr_digest_response_verify_unknown(&credentials, ha1, SECMGR_SLICE("GET"), SECMGR_SLICE("")),
			SECMGR_RESPONSE_FAULT);
	CU_ASSERT_EQUAL(secmgr_digest_rspauth(&credentials, ha1, SECMGR_SLICE(""), hex), 0);
	CU_ASSERT_TRUE(secmgr_digest_init());
	CU_ASSERT_EQUAL(verify(&credentials, &digest_vectors[0]), SECMGR_RESPONSE_RIGHT);
}

/* Kamailio's workers are forked after the digests were fetched. */
static void a_forked_worker_computes_what_its_parent_does(void)
{
	struct secmgr_digest_credentials credentials;
	int status = 1;
	pid_t child;

	present(&digest_vectors[0], &credentials);
	child = fork();
	if(child == 0)
		_exit(verify(&credentials, &digest_vectors[0]) == SECMGR_RESPONSE_RIGHT ? 0 : 1);
	CU_ASSERT_EQUAL(verify(&credentials, &digest_vectors[0]), SECMGR_RESPONSE_RIGHT);
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

void secmgr_test_digest_response(void)
{
	CU_pSuite suite = CU_add_suite("digest_response", start, stop);

	CU_ADD_TEST(suite, the_response_of_every_vector_is_right);
	CU_ADD_TEST(suite, rspauth_is_that_of_every_vector);
	CU_ADD_TEST(suite, every_bit_of_a_response_counts);
	CU_ADD_TEST(suite, a_response_of_another_length_is_wrong_however_it_begins);
	CU_ADD_TEST(suite, every_part_of_a_request_counts_where_it_should);
	CU_ADD_TEST(suite, the_response_that_rfc_7616_misprints_is_refused);
	CU_ADD_TEST(suite, a_count_in_capitals_is_not_one_in_small_letters);
	CU_ADD_TEST(suite, what_is_not_known_is_never_right);
	CU_ADD_TEST(suite, an_unknown_subscriber_is_refused_whatever_he_answers);
	CU_ADD_TEST(suite, all_may_be_empty);
	CU_ADD_TEST(suite, without_its_digests_nothing_is_right);
	CU_ADD_TEST(suite, a_forked_worker_computes_what_its_parent_does);
}
