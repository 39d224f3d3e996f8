/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <CUnit/CUnit.h>

#include <string.h>

#include "verdict.h"

static void zeroed_memory_says_internal_fault(void)
{
	enum secmgr_verdict verdict;

	memset(&verdict, 0, sizeof(verdict));
	CU_ASSERT_STRING_EQUAL(secmgr_verdict_word(verdict), "internal_fault");
	CU_ASSERT_EQUAL(secmgr_verdict_code(verdict), 500);
}

static void what_is_no_verdict_is_an_internal_fault(void)
{
	static const int values[] = {SECMGR_VERDICT_COUNT, SECMGR_VERDICT_COUNT + 1, 1000, -1};

	for(size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		CU_ASSERT_STRING_EQUAL(secmgr_verdict_word((enum secmgr_verdict)values[i]), "internal_fault");
		CU_ASSERT_EQUAL(secmgr_verdict_code((enum secmgr_verdict)values[i]), 500);
	}
}

static void each_verdict_has_its_word_and_code(void)
{
	static const struct
	{
		enum secmgr_verdict verdict;
		const char *word;
		int code;
	} cases[SECMGR_VERDICT_COUNT] = {
			{SECMGR_VERDICT_INTERNAL_FAULT, "internal_fault", 500},
			{SECMGR_VERDICT_ALLOWED, "allowed", 200},
			{SECMGR_VERDICT_CHALLENGED, "challenged", 407},
			{SECMGR_VERDICT_STALE, "stale", 407},
			{SECMGR_VERDICT_WRONG_CREDENTIALS, "wrong_credentials", 407},
			{SECMGR_VERDICT_UNKNOWN_USER, "unknown_user", 407},
			{SECMGR_VERDICT_SUSPENDED_USER, "suspended_user", 403},
			{SECMGR_VERDICT_REPLAYED, "replayed", 407},
			{SECMGR_VERDICT_MALFORMED, "malformed", 400},
			{SECMGR_VERDICT_WEAK_ALGORITHM, "weak_algorithm", 407},
			{SECMGR_VERDICT_IDENTITY_MISMATCH, "identity_mismatch", 403},
			{SECMGR_VERDICT_PARAMETER_REFUSED, "parameter_refused", 403},
			{SECMGR_VERDICT_LOCKED, "locked", 403},
			{SECMGR_VERDICT_EXEMPT, "exempt", 200},
			{SECMGR_VERDICT_SERVICE_UNAVAILABLE, "service_unavailable", 503},
	};

	for(unsigned i = 0; i < SECMGR_VERDICT_COUNT; i++) {
		CU_ASSERT_EQUAL((unsigned)cases[i].verdict, i);
		CU_ASSERT_STRING_EQUAL(secmgr_verdict_word(cases[i].verdict), cases[i].word);
		CU_ASSERT_EQUAL(secmgr_verdict_code(cases[i].verdict), cases[i].code);
	}
}

static void every_verdict_has_a_sentence_of_its_own(void)
{
	for(unsigned i = 0; i < SECMGR_VERDICT_COUNT; i++) {
		CU_ASSERT_TRUE(strlen(secmgr_verdict_sentence((enum secmgr_verdict)i)) > 0);
		for(unsigned j = 0; j < i; j++)
			CU_ASSERT_STRING_NOT_EQUAL(
					secmgr_verdict_sentence((enum secmgr_verdict)i), secmgr_verdict_sentence((enum secmgr_verdict)j));
	}
}

static void an_unknown_user_is_answered_like_a_wrong_password(void)
{
	CU_ASSERT_EQUAL(
			secmgr_verdict_code(SECMGR_VERDICT_UNKNOWN_USER), secmgr_verdict_code(SECMGR_VERDICT_WRONG_CREDENTIALS));
}

void secmgr_test_verdict(void)
{
	CU_pSuite suite = CU_add_suite("verdict", NULL, NULL);

	CU_ADD_TEST(suite, zeroed_memory_says_internal_fault);
	CU_ADD_TEST(suite, what_is_no_verdict_is_an_internal_fault);
	CU_ADD_TEST(suite, each_verdict_has_its_word_and_code);
	CU_ADD_TEST(suite, every_verdict_has_a_sentence_of_its_own);
	CU_ADD_TEST(suite, an_unknown_user_is_answered_like_a_wrong_password);
}
