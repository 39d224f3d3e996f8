/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "entity_tag.h"

#include <stddef.h>
#include <string.h>

#include <CUnit/Basic.h>

void secmgr_test_entity_tag(void);

#define CHECK_CASE(good, sentence) CU_assertImplementation((good), __LINE__, (sentence), __FILE__, "", CU_FALSE)

static const struct
{
	const char *text;
	bool is_sound;
} tags[] = {
		{"\"1\"", true},
		{"\"\"", true},
		{"W/\"1\"", true},
		{"W/\"\"", true},
		{"\"!#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\"", true},
		{"", false},
		{"1", false},
		{"*", false},
		{"\"", false},
		{"W/\"", false},
		{"W/", false},
		{"w/\"1\"", false},
		{"W\"1\"", false},
		{"W/W/\"1\"", false},
		{"\"1", false},
		{"1\"", false},
		{"'1'", false},
		{"\"1\" ", false},
		{"\"1\", \"2\"", false},
		{"\"a b\"", false},
		{"\"a\tb\"", false},
		{"\"a\rb\"", false},
		{"\"a\x7f\"", false},
		{"\"\xc3\xa9\"", false},
};

static void a_tag_is_quoted_and_may_be_weak(void)
{
	for(size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		CHECK_CASE(secmgr_entity_tag_is_sound(secmgr_slice_of(tags[i].text)) == tags[i].is_sound, tags[i].text);
}

static void a_tag_is_kept_as_it_came(void)
{
	for(size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		struct secmgr_entity_tag tag = {0};
		struct secmgr_slice value = secmgr_slice_of(tags[i].text);

		if(value.length > 0 && value.at[value.length - 1] == ' ')
			continue;
		secmgr_entity_tag_take_field(&tag, SECMGR_SLICE("eTaG"), value);
		CHECK_CASE(secmgr_slice_equals(secmgr_entity_tag_text(&tag), tags[i].is_sound ? value : SECMGR_SLICE("")),
				tags[i].text);
	}
}

static void a_tag_fills_its_room_and_no_more(void)
{
	char text[SECMGR_ETAG_MAX + 1];
	struct secmgr_entity_tag tag = {0};

	memset(text, 'x', sizeof(text));
	text[0] = text[SECMGR_ETAG_MAX - 1] = '"';
	secmgr_entity_tag_take_field(&tag, SECMGR_SLICE("ETag"), (struct secmgr_slice){text, SECMGR_ETAG_MAX});
	CU_ASSERT_EQUAL(secmgr_entity_tag_text(&tag).length, SECMGR_ETAG_MAX);
	text[SECMGR_ETAG_MAX - 1] = 'x';
	text[SECMGR_ETAG_MAX] = '"';
	memset(&tag, 0, sizeof(tag));
	secmgr_entity_tag_take_field(&tag, SECMGR_SLICE("ETag"), (struct secmgr_slice){text, sizeof(text)});
	CU_ASSERT_EQUAL(secmgr_entity_tag_text(&tag).length, 0);
}

static void two_tags_are_none(void)
{
	static const char *const firsts[] = {"\"1\"", "\"2\"", "odd"};

	for(size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
		struct secmgr_entity_tag tag = {0};

		secmgr_entity_tag_take_field(&tag, SECMGR_SLICE("ETag"), secmgr_slice_of(firsts[i]));
		secmgr_entity_tag_take_field(&tag, SECMGR_SLICE("ETag"), SECMGR_SLICE("\"1\""));
		CHECK_CASE(secmgr_entity_tag_text(&tag).length == 0, firsts[i]);
	}
}

static void other_fields_are_passed_over(void)
{
	struct secmgr_entity_tag tag = {0};

	secmgr_entity_tag_take_field(&tag, SECMGR_SLICE("X-ETag"), SECMGR_SLICE("\"1\""));
	secmgr_entity_tag_take_field(&tag, SECMGR_SLICE("ETags"), SECMGR_SLICE("\"1\""));
	secmgr_entity_tag_take_field(&tag, SECMGR_SLICE("ETag"), SECMGR_SLICE(" \"2\"\t"));
	CU_ASSERT_TRUE(secmgr_slice_equals(secmgr_entity_tag_text(&tag), SECMGR_SLICE("\"2\"")));
}

void secmgr_test_entity_tag(void)
{
	CU_pSuite suite = CU_add_suite("entity_tag", NULL, NULL);

	CU_ADD_TEST(suite, a_tag_is_quoted_and_may_be_weak);
	CU_ADD_TEST(suite, a_tag_is_kept_as_it_came);
	CU_ADD_TEST(suite, a_tag_fills_its_room_and_no_more);
	CU_ADD_TEST(suite, two_tags_are_none);
	CU_ADD_TEST(suite, other_fields_are_passed_over);
}
