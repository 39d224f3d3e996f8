/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <CUnit/CUnit.h>

#include <string.h>

#include "slice.h"

static bool is(struct secmgr_slice text, const char *expected)
{
	return secmgr_slice_equals(text, secmgr_slice_of(expected));
}

static void equal_texts_are_equal_byte_for_byte(void)
{
	CU_ASSERT_TRUE(is(SECMGR_SLICE("alice"), "alice"));
	CU_ASSERT_FALSE(is(SECMGR_SLICE("alice"), "Alice"));
	CU_ASSERT_FALSE(is(SECMGR_SLICE("alice"), "alic"));
	CU_ASSERT_FALSE(is(SECMGR_SLICE("alice\0x"), "alice"));
	CU_ASSERT_TRUE(secmgr_slice_equals((struct secmgr_slice){NULL, 0}, SECMGR_SLICE("")));
	CU_ASSERT_EQUAL(secmgr_slice_of(NULL).length, 0);
}

static void case_is_ignored_in_ascii_alone(void)
{
	CU_ASSERT_TRUE(secmgr_slice_equals_ignoring_case(SECMGR_SLICE("Sha-256-SESS"), SECMGR_SLICE("SHA-256-sess")));
	CU_ASSERT_FALSE(secmgr_slice_equals_ignoring_case(SECMGR_SLICE("[ab"), SECMGR_SLICE("{ab")));
	CU_ASSERT_FALSE(secmgr_slice_equals_ignoring_case(SECMGR_SLICE("@"), SECMGR_SLICE("`")));
	CU_ASSERT_FALSE(secmgr_slice_equals_ignoring_case(SECMGR_SLICE("\xc3\x84"), SECMGR_SLICE("\xc3\xa4")));
	CU_ASSERT_FALSE(secmgr_slice_equals_ignoring_case(SECMGR_SLICE("ab"), SECMGR_SLICE("abc")));
	CU_ASSERT_TRUE(secmgr_slice_equals_ignoring_case((struct secmgr_slice){NULL, 0}, SECMGR_SLICE("")));
}

static void trimming_takes_spaces_and_tabs_at_both_ends(void)
{
	CU_ASSERT_TRUE(is(secmgr_slice_trim(SECMGR_SLICE(" \t a b\t ")), "a b"));
	CU_ASSERT_TRUE(is(secmgr_slice_trim(SECMGR_SLICE(" \t ")), ""));
	CU_ASSERT_TRUE(is(secmgr_slice_trim(SECMGR_SLICE("")), ""));
	CU_ASSERT_TRUE(is(secmgr_slice_trim(SECMGR_SLICE("a\r\n")), "a\r\n"));
	CU_ASSERT_EQUAL(secmgr_slice_trim((struct secmgr_slice){NULL, 0}).length, 0);
}

static void control_bytes_are_those_below_space_and_delete(void)
{
	for(int byte = 0; byte <= 0xff; byte++) {
		char text[3] = {'a', (char)byte, 'b'};
		bool expected = byte < 0x20 || byte == 0x7f;

		CU_ASSERT_EQUAL(secmgr_slice_has_control_bytes((struct secmgr_slice){text, sizeof(text)}), expected);
	}
	CU_ASSERT_FALSE(secmgr_slice_has_control_bytes(SECMGR_SLICE("")));
}

static void a_list_is_cut_into_its_parts_and_an_empty_last_part_is_seen(void)
{
	struct secmgr_slice rest = SECMGR_SLICE("a,,bc,");

	CU_ASSERT_TRUE(is(secmgr_slice_cut(&rest, ','), "a"));
	CU_ASSERT_TRUE(is(secmgr_slice_cut(&rest, ','), ""));
	CU_ASSERT_TRUE(is(secmgr_slice_cut(&rest, ','), "bc"));
	CU_ASSERT_PTR_NOT_NULL(rest.at);
	CU_ASSERT_TRUE(is(secmgr_slice_cut(&rest, ','), ""));
	CU_ASSERT_PTR_NULL(rest.at);
	CU_ASSERT_EQUAL(rest.length, 0);
	CU_ASSERT_TRUE(is(secmgr_slice_cut(&rest, ','), ""));
	CU_ASSERT_PTR_NULL(rest.at);
}

static void a_number_is_one_to_nine_digits_and_nothing_else(void)
{
	static const struct
	{
		const char *text;
		bool good;
		uint32_t number;
	} cases[] = {
			{"0", true, 0},
			{"007", true, 7},
			{"999999999", true, 999999999},
			{"1000000000", false, 0},
			{"", false, 0},
			{"-1", false, 0},
			{"+1", false, 0},
			{" 1", false, 0},
			{"1 ", false, 0},
			{"1a", false, 0},
			{"/", false, 0},
			{":", false, 0},
	};

	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t number = 4711;

		CU_ASSERT_EQUAL(secmgr_slice_to_number(secmgr_slice_of(cases[i].text), &number), cases[i].good);
		CU_ASSERT_EQUAL(number, cases[i].good ? cases[i].number : 4711);
	}
}

static void a_writer_writes_what_fits(void)
{
	char buffer[32];
	struct secmgr_writer writer = secmgr_writer_into(buffer, sizeof(buffer));

	secmgr_writer_add(&writer, SECMGR_SLICE("nc="));
	secmgr_writer_add_number(&writer, 0);
	secmgr_writer_add_char(&writer, ' ');
	secmgr_writer_add_number(&writer, UINT64_MAX);
	secmgr_writer_add_text(&writer, "!");
	secmgr_writer_add(&writer, (struct secmgr_slice){NULL, 0});
	CU_ASSERT_FALSE(writer.overrun);
	CU_ASSERT_TRUE(is(secmgr_writer_text(&writer), "nc=0 18446744073709551615!"));
}

static void a_writer_can_be_filled_to_its_last_byte(void)
{
	char buffer[4] = "####";
	struct secmgr_writer writer = secmgr_writer_into(buffer, 3);

	secmgr_writer_add_text(&writer, "abc");
	CU_ASSERT_FALSE(writer.overrun);
	CU_ASSERT_TRUE(is(secmgr_writer_text(&writer), "abc"));
	CU_ASSERT_EQUAL(buffer[3], '#');
}

static void a_writer_never_writes_a_part_or_past_an_overrun(void)
{
	char buffer[4] = "####";
	struct secmgr_writer writer = secmgr_writer_into(buffer, 3);

	secmgr_writer_add_text(&writer, "ab");
	secmgr_writer_add_text(&writer, "cd");
	CU_ASSERT_TRUE(writer.overrun);
	secmgr_writer_add_char(&writer, 'c');
	secmgr_writer_add_number(&writer, 1);
	CU_ASSERT_TRUE(writer.overrun);
	CU_ASSERT_TRUE(is(secmgr_writer_text(&writer), "ab"));
	CU_ASSERT_EQUAL(memcmp(buffer, "ab##", 4), 0);
}

static void a_writer_without_room_overruns_at_once(void)
{
	struct secmgr_writer writer = secmgr_writer_into(NULL, 0);

	secmgr_writer_add_text(&writer, "");
	CU_ASSERT_FALSE(writer.overrun);
	secmgr_writer_add_char(&writer, 'a');
	CU_ASSERT_TRUE(writer.overrun);
}

static void hex_is_written_in_lower_case_and_read_back_in_any(void)
{
	static const uint8_t bytes[] = {0x00, 0x0f, 0xa9, 0xff};
	uint8_t read[4];
	char hex[8];

	secmgr_hex_write(bytes, sizeof(bytes), hex);
	CU_ASSERT_EQUAL(memcmp(hex, "000fa9ff", 8), 0);
	CU_ASSERT_TRUE(secmgr_hex_read((struct secmgr_slice){hex, 8}, read, 4));
	CU_ASSERT_EQUAL(memcmp(read, bytes, 4), 0);
	CU_ASSERT_TRUE(secmgr_hex_read(SECMGR_SLICE("000Fa9fF"), read, 4));
	CU_ASSERT_EQUAL(memcmp(read, bytes, 4), 0);
}

static void hex_of_another_length_or_with_other_characters_is_refused(void)
{
	uint8_t read[4];

	CU_ASSERT_FALSE(secmgr_hex_read(SECMGR_SLICE("000fa9f"), read, 4));
	CU_ASSERT_FALSE(secmgr_hex_read(SECMGR_SLICE("000fa9ff0"), read, 4));
	CU_ASSERT_FALSE(secmgr_hex_read(SECMGR_SLICE("000fa9ff00"), read, 4));
	CU_ASSERT_FALSE(secmgr_hex_read(SECMGR_SLICE(""), read, 4));
	for(int byte = 0; byte <= 0xff; byte++) {
		char text[2] = {(char)byte, '0'};
		bool digit = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');

		CU_ASSERT_EQUAL(secmgr_hex_read((struct secmgr_slice){text, 2}, read, 1), digit);
	}
}

void secmgr_test_slice(void)
{
	CU_pSuite suite = CU_add_suite("slice", NULL, NULL);

	CU_ADD_TEST(suite, equal_texts_are_equal_byte_for_byte);
	CU_ADD_TEST(suite, case_is_ignored_in_ascii_alone);
	CU_ADD_TEST(suite, trimming_takes_spaces_and_tabs_at_both_ends);
	CU_ADD_TEST(suite, control_bytes_are_those_below_space_and_delete);
	CU_ADD_TEST(suite, a_list_is_cut_into_its_parts_and_an_empty_last_part_is_seen);
	CU_ADD_TEST(suite, a_number_is_one_to_nine_digits_and_nothing_else);
	CU_ADD_TEST(suite, a_writer_writes_what_fits);
	CU_ADD_TEST(suite, a_writer_can_be_filled_to_its_last_byte);
	CU_ADD_TEST(suite, a_writer_never_writes_a_part_or_past_an_overrun);
	CU_ADD_TEST(suite, a_writer_without_room_overruns_at_once);
	CU_ADD_TEST(suite, hex_is_written_in_lower_case_and_read_back_in_any);
	CU_ADD_TEST(suite, hex_of_another_length_or_with_other_characters_is_refused);
}
