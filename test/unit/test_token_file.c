/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "token_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <CUnit/Basic.h>

void secmgr_test_token_file(void);

#define CHECK_CASE(good, sentence) CU_assertImplementation((good), __LINE__, (sentence), __FILE__, "", CU_FALSE)

static char directory[] = "/tmp/secmgr-test-XXXXXX";
static char path[64], other_path[64];
static struct secmgr_token_file file;
static const char *why;
static uint64_t now_ms;

static int make_directory(void)
{
	if(!mkdtemp(directory))
		return 1;
	snprintf(path, sizeof(path), "%s/token", directory);
	snprintf(other_path, sizeof(other_path), "%s/token.new", directory);
	return 0;
}

static int remove_directory(void)
{
	unlink(path);
	return rmdir(directory);
}

/* As a careful operator does it: a new file takes the place of the old one. */
static void put(const char *text, size_t length)
{
	FILE *written = fopen(other_path, "w");

	CU_ASSERT_PTR_NOT_NULL_FATAL(written);
	CU_ASSERT_EQUAL(fwrite(text, 1, length, written), length);
	CU_ASSERT_EQUAL(fclose(written), 0);
	CU_ASSERT_EQUAL(rename(other_path, path), 0);
}

static void begin(const char *text)
{
	put(text, strlen(text));
	secmgr_token_file_init(&file, path);
	now_ms = 5000;
	why = NULL;
}

static enum secmgr_token_outcome look(void)
{
	return secmgr_token_file_look(&file, now_ms, &why);
}

static void the_first_look_reads_the_token(void)
{
	begin("secret-token\n");
	CU_ASSERT_STRING_EQUAL(file.token, "");
	CU_ASSERT_EQUAL(look(), SECMGR_TOKEN_IS_NEW);
	CU_ASSERT_STRING_EQUAL(file.token, "secret-token");
}

static void a_new_file_is_seen_after_a_second_and_no_sooner(void)
{
	begin("one");
	CU_ASSERT_EQUAL(look(), SECMGR_TOKEN_IS_NEW);
	put("two", 3);
	now_ms += SECMGR_TOKEN_LOOK_EVERY_MS - 1;
	CU_ASSERT_EQUAL(look(), SECMGR_TOKEN_IS_AS_BEFORE);
	CU_ASSERT_STRING_EQUAL(file.token, "one");
	now_ms += 1;
	CU_ASSERT_EQUAL(look(), SECMGR_TOKEN_IS_NEW);
	CU_ASSERT_STRING_EQUAL(file.token, "two");
	now_ms += SECMGR_TOKEN_LOOK_EVERY_MS;
	CU_ASSERT_EQUAL(look(), SECMGR_TOKEN_IS_AS_BEFORE);
}

static void a_file_that_was_written_to_is_read_again(void)
{
	FILE *written;

	begin("one");
	CU_ASSERT_EQUAL(look(), SECMGR_TOKEN_IS_NEW);
	written = fopen(path, "a");
	CU_ASSERT_PTR_NOT_NULL_FATAL(written);
	CU_ASSERT_TRUE(fputs("-and-more", written) >= 0);
	CU_ASSERT_EQUAL(fclose(written), 0);
	now_ms += SECMGR_TOKEN_LOOK_EVERY_MS;
	CU_ASSERT_EQUAL(look(), SECMGR_TOKEN_IS_NEW);
	CU_ASSERT_STRING_EQUAL(file.token, "one-and-more");
}

static void a_shorter_token_leaves_nothing_of_the_longer_one(void)
{
	begin("a-rather-long-token");
	CU_ASSERT_EQUAL(look(), SECMGR_TOKEN_IS_NEW);
	put("x", 1);
	now_ms += SECMGR_TOKEN_LOOK_EVERY_MS;
	CU_ASSERT_EQUAL(look(), SECMGR_TOKEN_IS_NEW);
	for(size_t i = 1; i < sizeof(file.token); i++)
		CU_ASSERT_EQUAL(file.token[i], '\0');
}

static void line_ends_at_the_end_are_cut(void)
{
	static const char *const texts[] = {"token", "token\n", "token\r\n", "token\n\n\n", "token\r\n\r\n"};

	for(size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		begin(texts[i]);
		CHECK_CASE(look() == SECMGR_TOKEN_IS_NEW && strcmp(file.token, "token") == 0, texts[i]);
	}
}

static void what_cannot_be_a_token_does_not_take_the_place_of_one(void)
{
	static const struct
	{
		const char *bytes;
		size_t length;
		const char *why;
	} cases[] = {
			{"", 0, "it is empty"},
			{"\n", 1, "it is empty"},
			{"\r\n\r\n", 4, "it is empty"},
			{"two words", 9, "a token is one line of visible ASCII characters without blanks"},
			{"one\ntwo", 7, "a token is one line of visible ASCII characters without blanks"},
			{"one\r\nX-Evil: 1\r\n", 16, "a token is one line of visible ASCII characters without blanks"},
			{"nul\0nul", 7, "a token is one line of visible ASCII characters without blanks"},
			{"t\xc3\xb6ken", 6, "a token is one line of visible ASCII characters without blanks"},
			{"\x7f", 1, "a token is one line of visible ASCII characters without blanks"},
	};

	begin("good");
	CU_ASSERT_EQUAL(look(), SECMGR_TOKEN_IS_NEW);
	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put(cases[i].bytes, cases[i].length);
		now_ms += SECMGR_TOKEN_LOOK_EVERY_MS;
		CHECK_CASE(look() == SECMGR_TOKEN_CANNOT_BE_READ, cases[i].bytes);
		CHECK_CASE(strcmp(why, cases[i].why) == 0, cases[i].bytes);
		CU_ASSERT_STRING_EQUAL(file.token, "good");
		put("good", 4);
		now_ms += SECMGR_TOKEN_LOOK_EVERY_MS;
		CU_ASSERT_EQUAL(look(), SECMGR_TOKEN_IS_NEW);
	}
}

static void a_token_fills_its_room_and_no_more(void)
{
	char text[SECMGR_TOKEN_MAX + 100];

	memset(text, 'x', sizeof(text));
	begin("");
	text[SECMGR_TOKEN_MAX] = '\n';
	put(text, SECMGR_TOKEN_MAX + 1);
	CU_ASSERT_EQUAL(look(), SECMGR_TOKEN_IS_NEW);
	CU_ASSERT_EQUAL(strlen(file.token), SECMGR_TOKEN_MAX);
	text[SECMGR_TOKEN_MAX] = 'x';
	for(size_t length = SECMGR_TOKEN_MAX + 1; length <= sizeof(text); length++) {
		begin("");
		put(text, length);
		CU_ASSERT_EQUAL(look(), SECMGR_TOKEN_CANNOT_BE_READ);
		CU_ASSERT_STRING_EQUAL(why, "it is longer than 4096 bytes");
		CU_ASSERT_STRING_EQUAL(file.token, "");
	}
}

static void a_file_that_is_gone_is_said_once_and_comes_back(void)
{
	begin("here");
	CU_ASSERT_EQUAL(look(), SECMGR_TOKEN_IS_NEW);
	CU_ASSERT_EQUAL(rename(path, other_path), 0);
	now_ms += SECMGR_TOKEN_LOOK_EVERY_MS;
	CU_ASSERT_EQUAL(look(), SECMGR_TOKEN_CANNOT_BE_READ);
	CU_ASSERT_STRING_EQUAL(why, "it cannot be opened");
	CU_ASSERT_STRING_EQUAL(file.token, "here");
	now_ms += SECMGR_TOKEN_LOOK_EVERY_MS;
	CU_ASSERT_EQUAL(look(), SECMGR_TOKEN_IS_AS_BEFORE);
	CU_ASSERT_EQUAL(rename(other_path, path), 0);
	now_ms += SECMGR_TOKEN_LOOK_EVERY_MS;
	CU_ASSERT_EQUAL(look(), SECMGR_TOKEN_IS_NEW);
	CU_ASSERT_STRING_EQUAL(file.token, "here");
}

static void a_directory_is_no_token(void)
{
	begin("");
	secmgr_token_file_init(&file, directory);
	CU_ASSERT_EQUAL(look(), SECMGR_TOKEN_CANNOT_BE_READ);
	CU_ASSERT_STRING_EQUAL(why, "it is not a regular file");
}

static void a_token_is_wiped_when_it_is_no_longer_needed(void)
{
	static const struct secmgr_token_file nothing;

	begin("secret-token");
	CU_ASSERT_EQUAL(look(), SECMGR_TOKEN_IS_NEW);
	secmgr_token_file_wipe(&file);
	CU_ASSERT_EQUAL(memcmp(&file, &nothing, sizeof(file)), 0);
}

void secmgr_test_token_file(void)
{
	CU_pSuite suite = CU_add_suite("token_file", make_directory, remove_directory);

	CU_ADD_TEST(suite, the_first_look_reads_the_token);
	CU_ADD_TEST(suite, a_new_file_is_seen_after_a_second_and_no_sooner);
	CU_ADD_TEST(suite, a_file_that_was_written_to_is_read_again);
	CU_ADD_TEST(suite, a_shorter_token_leaves_nothing_of_the_longer_one);
	CU_ADD_TEST(suite, line_ends_at_the_end_are_cut);
	CU_ADD_TEST(suite, what_cannot_be_a_token_does_not_take_the_place_of_one);
	CU_ADD_TEST(suite, a_token_fills_its_room_and_no_more);
	CU_ADD_TEST(suite, a_file_that_is_gone_is_said_once_and_comes_back);
	CU_ADD_TEST(suite, a_directory_is_no_token);
	CU_ADD_TEST(suite, a_token_is_wiped_when_it_is_no_longer_needed);
}
