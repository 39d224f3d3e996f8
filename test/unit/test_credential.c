/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "credential.h"

#include <string.h>

#include <CUnit/Basic.h>

void secmgr_test_credential(void);

static void zeroed_memory_allows_nobody(void)
{
	static const struct secmgr_credential credential;

	CU_ASSERT_EQUAL(credential.subscriber, SECMGR_SUBSCRIBER_UNKNOWN);
	for(unsigned hash = 0; hash < SECMGR_HASH_COUNT; hash++)
		CU_ASSERT_FALSE(secmgr_credential_has(&credential, (enum secmgr_hash)hash));
	CU_ASSERT_EQUAL(secmgr_credential_identities(&credential).length, 0);
	CU_ASSERT_EQUAL(secmgr_credential_policy(&credential).length, 0);
	CU_ASSERT_EQUAL(secmgr_credential_attributes(&credential).length, 0);
}

static void a_credential_has_the_ha1_it_was_given_and_no_other(void)
{
	static struct secmgr_credential credential;

	for(unsigned given = 0; given < SECMGR_HASH_COUNT; given++) {
		credential.ha1_present = (uint8_t)(1u << given);
		for(unsigned asked = 0; asked < SECMGR_HASH_COUNT; asked++)
			CU_ASSERT_EQUAL(secmgr_credential_has(&credential, (enum secmgr_hash)asked), asked == given);
	}
}

static void a_hash_that_does_not_exist_is_not_there(void)
{
	static struct secmgr_credential credential = {.ha1_present = 0xff};

	CU_ASSERT_FALSE(secmgr_credential_has(&credential, SECMGR_HASH_COUNT));
}

static void the_texts_come_back_as_they_were_set(void)
{
	static struct secmgr_credential credential;
	const struct secmgr_slice identities = SECMGR_SLICE("sip:alice@example.org\ntel:+358501234567");
	const struct secmgr_slice attributes = SECMGR_SLICE("{\"tier\":\"gold\"}");

	CU_ASSERT_TRUE(secmgr_credential_set_texts(&credential, identities, SECMGR_SLICE("trunk"), attributes));
	CU_ASSERT_TRUE(secmgr_slice_equals(secmgr_credential_identities(&credential), identities));
	CU_ASSERT_TRUE(secmgr_slice_equals(secmgr_credential_policy(&credential), SECMGR_SLICE("trunk")));
	CU_ASSERT_TRUE(secmgr_slice_equals(secmgr_credential_attributes(&credential), attributes));
}

static void an_empty_text_leaves_its_neighbours_alone(void)
{
	static struct secmgr_credential credential;
	const struct secmgr_slice none = {NULL, 0};

	CU_ASSERT_TRUE(secmgr_credential_set_texts(&credential, none, SECMGR_SLICE("trunk"), none));
	CU_ASSERT_EQUAL(secmgr_credential_identities(&credential).length, 0);
	CU_ASSERT_TRUE(secmgr_slice_equals(secmgr_credential_policy(&credential), SECMGR_SLICE("trunk")));
	CU_ASSERT_EQUAL(secmgr_credential_attributes(&credential).length, 0);
}

static bool set_texts_of(struct secmgr_credential *credential, size_t identities, size_t policy, size_t attributes)
{
	static const char filling[SECMGR_CREDENTIAL_TEXT_MAX + 1];

	return secmgr_credential_set_texts(credential, (struct secmgr_slice){filling, identities},
			(struct secmgr_slice){filling, policy}, (struct secmgr_slice){filling, attributes});
}

static void texts_fill_the_room_to_the_last_byte_and_not_beyond(void)
{
	static struct secmgr_credential credential;
	const size_t room = SECMGR_CREDENTIAL_TEXT_MAX;

	CU_ASSERT_TRUE(set_texts_of(&credential, room, 0, 0));
	CU_ASSERT_TRUE(set_texts_of(&credential, room - 20, 10, 10));
	CU_ASSERT_EQUAL(secmgr_credential_attributes(&credential).length, 10);
	CU_ASSERT_FALSE(set_texts_of(&credential, room + 1, 0, 0));
	CU_ASSERT_FALSE(set_texts_of(&credential, room - 20, 10, 11));
}

static void texts_that_do_not_fit_leave_no_text_at_all(void)
{
	static struct secmgr_credential credential;

	CU_ASSERT_TRUE(set_texts_of(&credential, 5, 6, 7));
	CU_ASSERT_FALSE(set_texts_of(&credential, 5, 6, SECMGR_CREDENTIAL_TEXT_MAX));
	CU_ASSERT_EQUAL(secmgr_credential_identities(&credential).length, 0);
	CU_ASSERT_EQUAL(secmgr_credential_policy(&credential).length, 0);
	CU_ASSERT_EQUAL(secmgr_credential_attributes(&credential).length, 0);
}

static void a_wiped_credential_keeps_no_byte(void)
{
	static const struct secmgr_credential zeroes;
	static struct secmgr_credential credential;

	memset(&credential, 0xa5, sizeof(credential));
	secmgr_credential_wipe(&credential);
	CU_ASSERT_EQUAL(memcmp(&credential, &zeroes, sizeof(credential)), 0);
}

void secmgr_test_credential(void)
{
	CU_pSuite suite = CU_add_suite("credential", NULL, NULL);

	CU_ADD_TEST(suite, zeroed_memory_allows_nobody);
	CU_ADD_TEST(suite, a_credential_has_the_ha1_it_was_given_and_no_other);
	CU_ADD_TEST(suite, a_hash_that_does_not_exist_is_not_there);
	CU_ADD_TEST(suite, the_texts_come_back_as_they_were_set);
	CU_ADD_TEST(suite, an_empty_text_leaves_its_neighbours_alone);
	CU_ADD_TEST(suite, texts_fill_the_room_to_the_last_byte_and_not_beyond);
	CU_ADD_TEST(suite, texts_that_do_not_fit_leave_no_text_at_all);
	CU_ADD_TEST(suite, a_wiped_credential_keeps_no_byte);
}
