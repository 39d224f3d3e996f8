/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <CUnit/CUnit.h>

#include <string.h>

#include "algorithm.h"

static bool is(struct secmgr_slice text, const char *expected)
{
	return secmgr_slice_equals(text, secmgr_slice_of(expected));
}

static void each_algorithm_has_its_name_hash_and_session_form(void)
{
	static const struct
	{
		enum secmgr_algorithm algorithm;
		const char *name;
		enum secmgr_hash hash;
		bool session;
	} cases[SECMGR_ALGORITHM_COUNT] = {
			{SECMGR_ALGORITHM_MD5, "MD5", SECMGR_HASH_MD5, false},
			{SECMGR_ALGORITHM_MD5_SESS, "MD5-sess", SECMGR_HASH_MD5, true},
			{SECMGR_ALGORITHM_SHA_256, "SHA-256", SECMGR_HASH_SHA_256, false},
			{SECMGR_ALGORITHM_SHA_256_SESS, "SHA-256-sess", SECMGR_HASH_SHA_256, true},
			{SECMGR_ALGORITHM_SHA_512_256, "SHA-512-256", SECMGR_HASH_SHA_512_256, false},
			{SECMGR_ALGORITHM_SHA_512_256_SESS, "SHA-512-256-sess", SECMGR_HASH_SHA_512_256, true},
	};

	for(unsigned i = 0; i < SECMGR_ALGORITHM_COUNT; i++) {
		enum secmgr_algorithm found = SECMGR_ALGORITHM_COUNT;

		CU_ASSERT_EQUAL((unsigned)cases[i].algorithm, i);
		CU_ASSERT_STRING_EQUAL(secmgr_algorithm_name(cases[i].algorithm), cases[i].name);
		CU_ASSERT_EQUAL(secmgr_algorithm_hash(cases[i].algorithm), cases[i].hash);
		CU_ASSERT_EQUAL(secmgr_algorithm_is_session(cases[i].algorithm), cases[i].session);
		CU_ASSERT_TRUE(secmgr_algorithm_find(secmgr_slice_of(cases[i].name), &found));
		CU_ASSERT_EQUAL(found, cases[i].algorithm);
	}
}

static void an_algorithm_is_found_in_any_case(void)
{
	enum secmgr_algorithm found;

	CU_ASSERT_TRUE(secmgr_algorithm_find(SECMGR_SLICE("md5"), &found));
	CU_ASSERT_EQUAL(found, SECMGR_ALGORITHM_MD5);
	CU_ASSERT_TRUE(secmgr_algorithm_find(SECMGR_SLICE("Sha-512-256-SESS"), &found));
	CU_ASSERT_EQUAL(found, SECMGR_ALGORITHM_SHA_512_256_SESS);
}

static void what_is_no_algorithm_is_not_found(void)
{
	static const char *const names[] = {
			"", "MD", "MD5 ", "MD5-", "MD5-ses", "SHA256", "SHA-512", "SHA-1", "AKAv1-MD5", "MD5-sess-sess"};
	enum secmgr_algorithm found = SECMGR_ALGORITHM_COUNT;

	for(size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		CU_ASSERT_FALSE(secmgr_algorithm_find(secmgr_slice_of(names[i]), &found));
	CU_ASSERT_EQUAL(found, SECMGR_ALGORITHM_COUNT);
}

static void each_hash_has_its_name_and_length(void)
{
	CU_ASSERT_STRING_EQUAL(secmgr_hash_name(SECMGR_HASH_MD5), "MD5");
	CU_ASSERT_STRING_EQUAL(secmgr_hash_name(SECMGR_HASH_SHA_256), "SHA-256");
	CU_ASSERT_STRING_EQUAL(secmgr_hash_name(SECMGR_HASH_SHA_512_256), "SHA-512-256");
	CU_ASSERT_EQUAL(secmgr_hash_bytes(SECMGR_HASH_MD5), 16);
	CU_ASSERT_EQUAL(secmgr_hash_bytes(SECMGR_HASH_SHA_256), 32);
	CU_ASSERT_EQUAL(secmgr_hash_bytes(SECMGR_HASH_SHA_512_256), 32);
}

static void an_offer_keeps_the_order_of_its_list(void)
{
	struct secmgr_offer offer = {.qops = SECMGR_QOP_OFFERS_AUTH};
	struct secmgr_slice wrong;

	CU_ASSERT_TRUE(secmgr_offer_read_algorithms(SECMGR_SLICE("sha-256, MD5 ,\tSHA-512-256"), &offer, &wrong));
	CU_ASSERT_EQUAL(offer.count, 3);
	CU_ASSERT_EQUAL(offer.algorithms[0], SECMGR_ALGORITHM_SHA_256);
	CU_ASSERT_EQUAL(offer.algorithms[1], SECMGR_ALGORITHM_MD5);
	CU_ASSERT_EQUAL(offer.algorithms[2], SECMGR_ALGORITHM_SHA_512_256);
	CU_ASSERT_EQUAL(offer.qops, SECMGR_QOP_OFFERS_AUTH);
	CU_ASSERT_EQUAL(secmgr_offer_set(&offer), 0x15);
}

static void all_algorithms_can_be_offered_at_once(void)
{
	struct secmgr_offer offer = {.qops = SECMGR_QOP_OFFERS_AUTH};
	struct secmgr_slice wrong;

	CU_ASSERT_TRUE(secmgr_offer_read_algorithms(
			SECMGR_SLICE("SHA-512-256-sess,SHA-512-256,SHA-256-sess,SHA-256,MD5-sess,MD5"), &offer, &wrong));
	CU_ASSERT_EQUAL(offer.count, SECMGR_ALGORITHM_COUNT);
	CU_ASSERT_EQUAL(secmgr_offer_set(&offer), 0x3f);
}

static void a_wrong_list_of_algorithms_is_refused_with_the_part_at_fault(void)
{
	static const struct
	{
		const char *list, *wrong;
	} cases[] = {
			{"", ""},
			{"  ", ""},
			{"SHA-1", "SHA-1"},
			{"MD5, SHA256", "SHA256"},
			{"MD5,", ""},
			{",MD5", ""},
			{"MD5,,SHA-256", ""},
			{"MD5,SHA-256,md5", "md5"},
			{"MD5 SHA-256", "MD5 SHA-256"},
			{"MD5,MD5-sess,SHA-256,SHA-256-sess,SHA-512-256,SHA-512-256-sess,MD5", "MD5"},
	};

	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct secmgr_offer offer = {.count = 1, .algorithms = {SECMGR_ALGORITHM_SHA_256}, .qops = 1};
		struct secmgr_slice wrong = SECMGR_SLICE("untouched");

		CU_ASSERT_FALSE(secmgr_offer_read_algorithms(secmgr_slice_of(cases[i].list), &offer, &wrong));
		CU_ASSERT_TRUE(is(wrong, cases[i].wrong));
		CU_ASSERT_EQUAL(secmgr_offer_set(&offer), 1u << SECMGR_ALGORITHM_SHA_256);
	}
}

static void qops_are_auth_or_auth_int_or_both(void)
{
	static const struct
	{
		const char *list;
		uint8_t qops; /* 0: refused */
	} cases[] = {
			{"auth", SECMGR_QOP_OFFERS_AUTH},
			{"auth-int", SECMGR_QOP_OFFERS_AUTH_INT},
			{"auth,auth-int", SECMGR_QOP_OFFERS_AUTH | SECMGR_QOP_OFFERS_AUTH_INT},
			{" auth-int , auth ", SECMGR_QOP_OFFERS_AUTH | SECMGR_QOP_OFFERS_AUTH_INT},
			{"", 0},
			{"none", 0},
			{"auth,", 0},
			{"auth,auth", 0},
			{"auth-int,auth,auth-int", 0},
			{"auth-conf", 0},
	};

	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct secmgr_offer offer = {.count = 0};
		struct secmgr_slice wrong;
		bool good = secmgr_offer_read_qops(secmgr_slice_of(cases[i].list), &offer, &wrong);

		CU_ASSERT_EQUAL(good, cases[i].qops != 0);
		CU_ASSERT_EQUAL(offer.qops, cases[i].qops);
	}
}

static void a_limit_keeps_the_order_of_the_offer(void)
{
	struct secmgr_offer offer = {.qops = SECMGR_QOP_OFFERS_AUTH_INT};
	struct secmgr_offer limited;
	struct secmgr_slice wrong;

	CU_ASSERT_TRUE(secmgr_offer_read_algorithms(SECMGR_SLICE("SHA-512-256,SHA-256,MD5"), &offer, &wrong));
	limited = secmgr_offer_limit(&offer, 1u << SECMGR_ALGORITHM_MD5 | 1u << SECMGR_ALGORITHM_SHA_256);
	CU_ASSERT_EQUAL(limited.count, 2);
	CU_ASSERT_EQUAL(limited.algorithms[0], SECMGR_ALGORITHM_SHA_256);
	CU_ASSERT_EQUAL(limited.algorithms[1], SECMGR_ALGORITHM_MD5);
	CU_ASSERT_EQUAL(limited.qops, SECMGR_QOP_OFFERS_AUTH_INT);
}

static void a_limit_that_leaves_nothing_leaves_the_whole_offer(void)
{
	struct secmgr_offer offer = {
			.count = 1, .algorithms = {SECMGR_ALGORITHM_SHA_512_256}, .qops = SECMGR_QOP_OFFERS_AUTH};
	struct secmgr_offer limited = secmgr_offer_limit(&offer, 1u << SECMGR_ALGORITHM_MD5);

	CU_ASSERT_EQUAL(secmgr_offer_set(&limited), 1u << SECMGR_ALGORITHM_SHA_512_256);
	limited = secmgr_offer_limit(&offer, 0);
	CU_ASSERT_EQUAL(secmgr_offer_set(&limited), 1u << SECMGR_ALGORITHM_SHA_512_256);
}

static void a_qop_that_was_not_offered_is_not_included_and_none_never_is(void)
{
	for(uint8_t qops = 0; qops <= 3; qops++) {
		CU_ASSERT_EQUAL(secmgr_qops_include(qops, SECMGR_QOP_AUTH), (qops & SECMGR_QOP_OFFERS_AUTH) != 0);
		CU_ASSERT_EQUAL(secmgr_qops_include(qops, SECMGR_QOP_AUTH_INT), (qops & SECMGR_QOP_OFFERS_AUTH_INT) != 0);
		CU_ASSERT_FALSE(secmgr_qops_include(qops, SECMGR_QOP_NONE));
	}
	CU_ASSERT_STRING_EQUAL(secmgr_qop_name(SECMGR_QOP_NONE), "");
	CU_ASSERT_STRING_EQUAL(secmgr_qop_name(SECMGR_QOP_AUTH), "auth");
	CU_ASSERT_STRING_EQUAL(secmgr_qop_name(SECMGR_QOP_AUTH_INT), "auth-int");
}

void secmgr_test_algorithm(void)
{
	CU_pSuite suite = CU_add_suite("algorithm", NULL, NULL);

	CU_ADD_TEST(suite, each_algorithm_has_its_name_hash_and_session_form);
	CU_ADD_TEST(suite, an_algorithm_is_found_in_any_case);
	CU_ADD_TEST(suite, what_is_no_algorithm_is_not_found);
	CU_ADD_TEST(suite, each_hash_has_its_name_and_length);
	CU_ADD_TEST(suite, an_offer_keeps_the_order_of_its_list);
	CU_ADD_TEST(suite, all_algorithms_can_be_offered_at_once);
	CU_ADD_TEST(suite, a_wrong_list_of_algorithms_is_refused_with_the_part_at_fault);
	CU_ADD_TEST(suite, qops_are_auth_or_auth_int_or_both);
	CU_ADD_TEST(suite, a_limit_keeps_the_order_of_the_offer);
	CU_ADD_TEST(suite, a_limit_that_leaves_nothing_leaves_the_whole_offer);
	CU_ADD_TEST(suite, a_qop_that_was_not_offered_is_not_included_and_none_never_is);
}
