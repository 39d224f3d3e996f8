/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "siphash.h"

#include <CUnit/Basic.h>

void secmgr_test_siphash(void);

/* The paper's appendix A (15 bytes) and its authors' reference vectors: key 00 01 ... 0f, message 00 01 ...; their
 * eight bytes are the hash, the least significant first. */
static const struct
{
	size_t length;
	uint64_t hash;
} vectors[] = {
		{0, UINT64_C(0x726fdb47dd0e0e31)},
		{1, UINT64_C(0x74f839c593dc67fd)},
		{7, UINT64_C(0xab0200f58b01d137)},
		{8, UINT64_C(0x93f5f5799a932462)},
		{9, UINT64_C(0x9e0082df0ba9e4b0)},
		{15, UINT64_C(0xa129ca6149be45e5)},
		{16, UINT64_C(0x3f2acc7f57c29bdb)},
		{63, UINT64_C(0x958a324ceb064572)},
};

static struct secmgr_siphash started(void)
{
	uint8_t key[SECMGR_SIPHASH_KEY_BYTES];

	for(uint8_t i = 0; i < sizeof(key); i++)
		key[i] = i;
	return secmgr_siphash_start(key);
}

static void the_published_vectors_come_out(void)
{
	uint8_t message[64];

	for(uint8_t i = 0; i < sizeof(message); i++)
		message[i] = i;
	for(size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct secmgr_siphash siphash = started();

		secmgr_siphash_add(&siphash, message, vectors[i].length);
		CU_ASSERT_EQUAL(secmgr_siphash_end(&siphash), vectors[i].hash);
	}
}

static void it_does_not_matter_how_the_message_is_cut(void)
{
	static const char message[] = "a message that is longer than a few blocks";

	for(size_t cut = 0; cut <= sizeof(message); cut++) {
		struct secmgr_siphash whole = started(), parts = started();

		secmgr_siphash_add(&whole, message, sizeof(message));
		secmgr_siphash_add(&parts, message, cut);
		secmgr_siphash_add(&parts, message + cut, sizeof(message) - cut);
		CU_ASSERT_EQUAL(secmgr_siphash_end(&whole), secmgr_siphash_end(&parts));
	}
}

static void every_bit_of_the_key_matters(void)
{
	uint8_t key[SECMGR_SIPHASH_KEY_BYTES] = {0};
	struct secmgr_siphash siphash = secmgr_siphash_start(key);
	uint64_t hash = secmgr_siphash_end(&siphash);

	for(unsigned bit = 0; bit < 8 * sizeof(key); bit++) {
		key[bit / 8] = (uint8_t)(1u << bit % 8);
		siphash = secmgr_siphash_start(key);
		CU_ASSERT_NOT_EQUAL(secmgr_siphash_end(&siphash), hash);
		key[bit / 8] = 0;
	}
}

void secmgr_test_siphash(void)
{
	CU_pSuite suite = CU_add_suite("siphash", NULL, NULL);

	CU_ADD_TEST(suite, the_published_vectors_come_out);
	CU_ADD_TEST(suite, it_does_not_matter_how_the_message_is_cut);
	CU_ADD_TEST(suite, every_bit_of_the_key_matters);
}
