/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "digest.h"

#include <string.h>

#include <CUnit/Basic.h>

#include "vectors.h"

void secmgr_test_digest(void);

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

static bool ha1_is_right(const struct digest_vector *vector)
{
	enum secmgr_hash hash = secmgr_algorithm_hash(vector->algorithm);
	uint8_t expected[SECMGR_HASH_BYTES_MAX] = {0}, ha1[SECMGR_HASH_BYTES_MAX] = {0};

	return secmgr_hex_read(secmgr_slice_of(vector->ha1), expected, secmgr_hash_bytes(hash))
		   && secmgr_digest_ha1(hash, secmgr_slice_of(vector->username), secmgr_slice_of(vector->realm),
				   secmgr_slice_of(vector->password), ha1)
		   && memcmp(ha1, expected, sizeof(ha1)) == 0;
}

static void ha1_is_that_of_every_vector(void)
{
	for(size_t i = 0; i < VECTORS; i++)
		CHECK_CASE(ha1_is_right(&digest_vectors[i]), digest_vectors[i].source);
}

/* RFC 1321 appendix A.5, FIPS 180-4's examples. */
static void the_published_values_come_out(void)
{
	static const struct
	{
		enum secmgr_hash hash;
		const char *text, *hex;
	} values[] = {
			{SECMGR_HASH_MD5, "", "d41d8cd98f00b204e9800998ecf8427e"},
			{SECMGR_HASH_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72"},
			{SECMGR_HASH_SHA_256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
			{SECMGR_HASH_SHA_512_256, "abc", "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"},
	};

	for(size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct secmgr_slice text = secmgr_slice_of(values[i].text);
		uint8_t digest[SECMGR_HASH_BYTES_MAX], expected[SECMGR_HASH_BYTES_MAX];
		size_t bytes = secmgr_hash_bytes(values[i].hash);

		CU_ASSERT_TRUE(secmgr_hex_read(secmgr_slice_of(values[i].hex), expected, bytes));
		CU_ASSERT_TRUE(secmgr_digest_compute(values[i].hash, &text, 1, digest));
		CHECK_CASE(memcmp(digest, expected, bytes) == 0, values[i].text);
	}
}

static void between_two_texts_stands_a_colon(void)
{
	const struct secmgr_slice parts[] = {SECMGR_SLICE("a"), SECMGR_SLICE(""), SECMGR_SLICE("b:c")};
	const struct secmgr_slice whole = SECMGR_SLICE("a::b:c");
	uint8_t of_parts[SECMGR_HASH_BYTES_MAX] = {0}, of_whole[SECMGR_HASH_BYTES_MAX] = {0};

	CU_ASSERT_TRUE(secmgr_digest_compute(SECMGR_HASH_SHA_256, parts, 3, of_parts));
	CU_ASSERT_TRUE(secmgr_digest_compute(SECMGR_HASH_SHA_256, &whole, 1, of_whole));
	CU_ASSERT_EQUAL(memcmp(of_parts, of_whole, sizeof(of_whole)), 0);
}

/* RFC 4231 sections 4.2 to 4.5. */
static void the_published_hmacs_come_out(void)
{
	static const struct
	{
		const char *key, *message, *hex;
	} values[] = {
			{"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
					"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
			{"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
					"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
			{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
					"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
					"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
			{"0102030405060708090a0b0c0d0e0f10111213141516171819",
					"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
					"82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
	};

	for(size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct secmgr_slice key_hex = secmgr_slice_of(values[i].key), message_hex = secmgr_slice_of(values[i].message);
		uint8_t key[64], message[64], expected[SECMGR_HMAC_BYTES], mac[SECMGR_HMAC_BYTES] = {0};

		CU_ASSERT_TRUE_FATAL(secmgr_hex_read(key_hex, key, key_hex.length / 2)
					     && secmgr_hex_read(message_hex, message, message_hex.length / 2)
					     && secmgr_hex_read(secmgr_slice_of(values[i].hex), expected, sizeof(expected)));
		CU_ASSERT_TRUE(secmgr_digest_hmac((struct secmgr_slice){(const char *)key, key_hex.length / 2},
				(struct secmgr_slice){(const char *)message, message_hex.length / 2}, mac));
		CHECK_CASE(memcmp(mac, expected, sizeof(mac)) == 0, values[i].key);
	}
}

static void a_key_may_fill_a_block_and_no_more(void)
{
	static const char key[SECMGR_HMAC_KEY_MAX + 1];
	uint8_t mac[SECMGR_HMAC_BYTES];

	CU_ASSERT_TRUE(secmgr_digest_hmac((struct secmgr_slice){key, sizeof(key) - 1}, SECMGR_SLICE("a"), mac));
	CU_ASSERT_FALSE(secmgr_digest_hmac((struct secmgr_slice){key, sizeof(key)}, SECMGR_SLICE("a"), mac));
}

static void initialising_twice_is_initialising_once(void)
{
	CU_ASSERT_TRUE(secmgr_digest_init());
	CU_ASSERT_TRUE(ha1_is_right(&digest_vectors[0]));
}

static void without_libcryptos_hashes_nothing_is_computed(void)
{
	uint8_t digest[SECMGR_HASH_BYTES_MAX];
	const struct secmgr_slice text = SECMGR_SLICE("a");

	secmgr_digest_destroy();
	CU_ASSERT_FALSE(secmgr_digest_compute(SECMGR_HASH_MD5, &text, 1, digest));
	CU_ASSERT_FALSE(secmgr_digest_ha1(SECMGR_HASH_MD5, text, text, text, digest));
	CU_ASSERT_FALSE(secmgr_digest_hmac(text, text, digest));
	CU_ASSERT_TRUE(secmgr_digest_init());
	CU_ASSERT_TRUE(ha1_is_right(&digest_vectors[0]));
}

void secmgr_test_digest(void)
{
	CU_pSuite suite = CU_add_suite("digest", start, stop);

	CU_ADD_TEST(suite, ha1_is_that_of_every_vector);
	CU_ADD_TEST(suite, the_published_values_come_out);
	CU_ADD_TEST(suite, between_two_texts_stands_a_colon);
	CU_ADD_TEST(suite, the_published_hmacs_come_out);
	CU_ADD_TEST(suite, a_key_may_fill_a_block_and_no_more);
	CU_ADD_TEST(suite, initialising_twice_is_initialising_once);
	CU_ADD_TEST(suite, without_libcryptos_hashes_nothing_is_computed);
}
