/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json_pointer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <CUnit/Basic.h>
#include <jansson.h>

void secmgr_test_json_pointer(void);

#define CHECK_CASE(good, sentence) CU_assertImplementation((good), __LINE__, (sentence), __FILE__, "", CU_FALSE)

/* The answers of one question; both texts lie in memory of exactly their size, so that AddressSanitizer sees a step beyond. */
static char found[2 * SECMGR_JSON_POINTER_VALUE_MAX];
static struct secmgr_slice found_text;

static char *copy_of(struct secmgr_slice text)
{
	char *copy = calloc(1, text.length ? text.length : 1);

	CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
	if(text.length > 0)
		memcpy(copy, text.at, text.length);
	return copy;
}

static bool read_slices(struct secmgr_slice json, struct secmgr_slice pointer)
{
	struct secmgr_writer writer = secmgr_writer_into(found, sizeof(found));
	char *json_copy = copy_of(json), *pointer_copy = copy_of(pointer);
	bool good = secmgr_json_pointer_read((struct secmgr_slice){json_copy, json.length},
			(struct secmgr_slice){pointer_copy, pointer.length}, &writer);

	free(json_copy);
	free(pointer_copy);
	found_text = secmgr_writer_text(&writer);
	return good;
}

/* `expected` NULL: there is no such value. */
static bool gives(const char *json, const char *pointer, const char *expected)
{
	bool good = read_slices(secmgr_slice_of(json), secmgr_slice_of(pointer));

	return expected != NULL ? good && secmgr_slice_equals(found_text, secmgr_slice_of(expected)) : !good;
}

struct question
{
	const char *pointer, *value; /* NULL: none */
};

static void check(const char *json, const struct question *questions, size_t count)
{
	for(size_t i = 0; i < count; i++)
		CHECK_CASE(gives(json, questions[i].pointer, questions[i].value), questions[i].pointer);
}

#define CHECK_ALL(json, questions) check((json), (questions), sizeof(questions) / sizeof((questions)[0]))

/* RFC 6901 section 5. */
#define RFC_6901                                                                                              \
	"{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,\"i\\\\j\":5,\"k\\\"l\":6,\" " \
	"\":7,\"m~n\":8}"

static void the_examples_of_rfc_6901_come_out(void)
{
	static const struct question questions[] = {
			{"", RFC_6901},
			{"/foo", "[\"bar\",\"baz\"]"},
			{"/foo/0", "bar"},
			{"/", "0"},
			{"/a~1b", "1"},
			{"/c%d", "2"},
			{"/e^f", "3"},
			{"/g|h", "4"},
			{"/i\\j", "5"},
			{"/k\"l", "6"},
			{"/ ", "7"},
			{"/m~0n", "8"},
	};

	CHECK_ALL(RFC_6901, questions);
}

static void what_is_no_pointer_or_points_to_nothing_gives_nothing(void)
{
	static const struct question questions[] = {
			{"foo", NULL},
			{"foo/0", NULL},
			{"#/foo", NULL}, /* the form for URIs (RFC 6901 section 6) is another one */
			{" /foo", NULL},
			{"/foo ", NULL},
			{"/FOO", NULL},
			{"/fo", NULL},
			{"/fooo", NULL},
			{"/bar", NULL},
			{"//", NULL}, /* into a number */
			{"/foo/", NULL},
			{"/foo//", NULL},
			{"/foo/0/", NULL}, /* into a string */
			{"/foo/0/0", NULL},
			{"/a/b", NULL},
			{"/c%25d", NULL},
			{"/m~n", NULL},
			{"/m~", NULL},
			{"/~", NULL},
			{"/m~2n", NULL},
			{"/m~00n", NULL},
			{"/m~01n", NULL},
			{"/a~b", NULL},
	};

	CHECK_ALL(RFC_6901, questions);
}

static void an_index_is_digits_without_a_leading_zero(void)
{
	static const struct question questions[] = {
			{"/0", "a"},
			{"/1", "b"},
			{"/10", "k"},
			{"/11", NULL},
			{"/-", NULL}, /* the element after the last one */
			{"/00", NULL},
			{"/01", NULL},
			{"/010", NULL},
			{"/+1", NULL},
			{"/-1", NULL},
			{"/ 1", NULL},
			{"/1 ", NULL},
			{"/1.0", NULL},
			{"/1e0", NULL},
			{"/0x1", NULL},
			{"/~01", NULL},
			{"/4294967296", NULL}, /* 2^32, and what would be 1 again after it */
			{"/4294967297", NULL},
			{"/18446744073709551617", NULL},
			{"/999999999", NULL},
			{"/99999999999999999999999999999999999999999", NULL},
			{"/length", NULL},
	};

	CHECK_ALL("[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\",\"k\"]", questions);
}

static void an_escaped_tilde_does_not_make_another_escape(void)
{
	static const struct question questions[] = {
			{"/~01", "tilde one"}, /* RFC 6901 section 4 */
			{"/~1", "slash"},
			{"/~0", "tilde"},
			{"/~1~1", "two slashes"},
			{"/~0~1/~1~0", "nested"},
			{"/0", "zero"},
			{"/01", "zero one"},
	};

	CHECK_ALL("{\"~1\":\"tilde one\",\"/\":\"slash\",\"~\":\"tilde\",\"//\":\"two slashes\",\"~/\":{\"/~\":\"nested\"},"
			  "\"0\":\"zero\",\"01\":\"zero one\"}",
			questions);
}

static void values_of_every_type_are_shown(void)
{
	static const struct question questions[] = {
			{"/text", "say \"hi\" to /\\"},
			{"/none", ""},
			{"/utf8", "Zo\xc3\xab"},
			{"/number", "-12"},
			{"/large", "9223372036854775807"},
			{"/tenth", "0.1"},
			{"/price", "19.99"},
			{"/true", "true"},
			{"/false", "false"},
			{"/null", NULL},
			{"/null/x", NULL},
			{"/object", "{\"b\":{},\"a\":[null,\"\\\"\",0.1]}"}, /* in its own order */
			{"/object/a", "[null,\"\\\"\",0.1]"},
			{"/object/a/0", NULL},
			{"/object/b", "{}"},
			{"/object/b/", NULL},
			{"/empty", "[]"},
			{"/empty/0", NULL},
			{"/twice/x/x", "1"},
	};

	CHECK_ALL("{ \"text\": \"say \\\"hi\\\" to \\/\\\\\", \"none\": \"\", \"utf8\": \"Zo\\u00eb\", \"number\": -12, "
			  "\"large\": 9223372036854775807, \"tenth\": 0.1, \"price\": 19.99, \"true\": true, \"false\": false, "
			  "\"null\": null, \"object\": { \"b\": {}, \"a\": [ null, \"\\\"\", 0.1 ] }, \"empty\": [], "
			  "\"twice\": {\"x\": {\"x\": 1}} }",
			questions);
}

static void what_is_no_json_gives_nothing(void)
{
	static const char *const texts[] = {"", " ", "{", "}", "{\"a\":1", "{\"a\":1}}", "{\"a\":1} x", "{a:1}", "{'a':1}",
			"{\"a\":1,}", "{\"a\":01}", "{\"a\":\"\xff\"}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\u0000\"}",
			"{\"\\u0000\":2,\"a\":1}", "{\"a\":1,\"a\":2}", "{\"a\":1e999}", "1", "\"a\"", "null", "NaN"};

	for(size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		CHECK_CASE(gives(texts[i], "/a", NULL), texts[i]);
		CHECK_CASE(gives(texts[i], "", NULL), texts[i]);
	}
	CU_ASSERT_FALSE(read_slices(SECMGR_SLICE("{\"a\":1}\0"), SECMGR_SLICE("/a")));
	CU_ASSERT_FALSE(secmgr_json_pointer_read((struct secmgr_slice){NULL, 0}, SECMGR_SLICE(""), &(struct secmgr_writer){0}));
}

/* Else a pointer would find a value under a name that is not its own. */
static void a_nul_does_not_end_a_name(void)
{
	CU_ASSERT_TRUE(read_slices(SECMGR_SLICE("{\"a\":1,\"\":2}"), SECMGR_SLICE("/a")));
	CU_ASSERT_FALSE(read_slices(SECMGR_SLICE("{\"a\":1,\"\":2}"), SECMGR_SLICE("/a\0")));
	CU_ASSERT_FALSE(read_slices(SECMGR_SLICE("{\"a\":1,\"\":2}"), SECMGR_SLICE("/a\0b")));
	CU_ASSERT_FALSE(read_slices(SECMGR_SLICE("{\"a\":1,\"\":2}"), SECMGR_SLICE("/\0")));
	CU_ASSERT_FALSE(read_slices(SECMGR_SLICE("[\"a\"]"), SECMGR_SLICE("/0\0")));
}

static void a_pointer_is_read_up_to_its_bound(void)
{
	char pointer[SECMGR_JSON_POINTER_MAX + 1], json[SECMGR_JSON_POINTER_MAX + 8];
	int written;

	memset(pointer, 'x', sizeof(pointer));
	pointer[0] = '/';
	for(int length = SECMGR_JSON_POINTER_MAX - 1; length <= SECMGR_JSON_POINTER_MAX + 1; length++) {
		written = snprintf(json, sizeof(json), "{\"%.*s\":1}", length - 1, pointer + 1);
		CU_ASSERT_EQUAL(read_slices((struct secmgr_slice){json, (size_t)written},
								(struct secmgr_slice){pointer, (size_t)length}),
				length <= SECMGR_JSON_POINTER_MAX);
	}
}

static void a_pointer_of_slashes_alone_goes_down_and_ends(void)
{
	char pointer[SECMGR_JSON_POINTER_MAX], json[2048];
	size_t length = 0;

	memset(pointer, '/', sizeof(pointer));
	for(size_t depth = 0; depth < sizeof(pointer); depth++)
		length += (size_t)snprintf(json + length, sizeof(json) - length, "{\"\":");
	length += (size_t)snprintf(json + length, sizeof(json) - length, "\"deep\"");
	for(size_t depth = 0; depth < sizeof(pointer); depth++)
		length += (size_t)snprintf(json + length, sizeof(json) - length, "}");
	CU_ASSERT_TRUE(read_slices((struct secmgr_slice){json, length}, (struct secmgr_slice){pointer, sizeof(pointer)}));
	CU_ASSERT_TRUE(secmgr_slice_equals(found_text, SECMGR_SLICE("deep")));
	CU_ASSERT_TRUE(gives("{\"\":{}}", "//", NULL));
	CU_ASSERT_FALSE(read_slices(SECMGR_SLICE("{\"\":{}}"), (struct secmgr_slice){pointer, sizeof(pointer)}));
}

/* Jansson's own bound: the stack is a SIP worker's. */
static void a_text_of_a_million_brackets_gives_nothing(void)
{
	const size_t size = 1000000;
	char *json = malloc(size);

	CU_ASSERT_PTR_NOT_NULL_FATAL(json);
	memset(json, '[', size);
	CU_ASSERT_FALSE(read_slices((struct secmgr_slice){json, size}, SECMGR_SLICE("")));
	free(json);
}

static bool fits_into(const char *pointer, size_t size)
{
	const struct secmgr_slice json = SECMGR_SLICE("{\"text\":\"12345\",\"list\":[1,2]}");
	char *room = malloc(size ? size : 1);
	struct secmgr_writer writer = secmgr_writer_into(room, size);
	bool good;

	CU_ASSERT_PTR_NOT_NULL_FATAL(room);
	good = secmgr_json_pointer_read(json, secmgr_slice_of(pointer), &writer);
	free(room);
	return good;
}

static void a_value_fits_whole_or_not_at_all(void)
{
	CU_ASSERT_TRUE(fits_into("/text", 5));
	CU_ASSERT_FALSE(fits_into("/text", 4));
	CU_ASSERT_FALSE(fits_into("/text", 0));
	CU_ASSERT_TRUE(fits_into("/list", 5));
	CU_ASSERT_FALSE(fits_into("/list", 4));
}

static void a_value_is_shown_up_to_its_bound(void)
{
	static char json[SECMGR_JSON_POINTER_VALUE_MAX + 8];

	for(size_t length = SECMGR_JSON_POINTER_VALUE_MAX - 1; length <= SECMGR_JSON_POINTER_VALUE_MAX + 1; length++) {
		memset(json, 'x', sizeof(json));
		memcpy(json, "[\"", 2);
		memcpy(json + length - 2, "\"]", 2);
		CU_ASSERT_EQUAL(read_slices((struct secmgr_slice){json, length}, SECMGR_SLICE("")),
				length <= SECMGR_JSON_POINTER_VALUE_MAX);
	}
}

static long allocations_left; /* below 0: without end */

static void *failing_malloc(size_t size)
{
	if(allocations_left == 0)
		return NULL;
	allocations_left--;
	return malloc(size);
}

static void without_memory_there_is_no_value_and_nothing_is_lost(void)
{
	json_malloc_t usual_malloc;
	json_free_t usual_free;
	long needed = 0;

	json_get_alloc_funcs(&usual_malloc, &usual_free);
	json_set_alloc_funcs(failing_malloc, free);
	for(bool good = false; !good && needed < 1000; needed++) {
		allocations_left = needed;
		good = read_slices(SECMGR_SLICE(RFC_6901), SECMGR_SLICE("/foo"));
		CU_ASSERT_TRUE(!good || secmgr_slice_equals(found_text, SECMGR_SLICE("[\"bar\",\"baz\"]")));
	}
	json_set_alloc_funcs(usual_malloc, usual_free);
	CU_ASSERT(needed > 20 && needed < 1000);
}

void secmgr_test_json_pointer(void)
{
	CU_pSuite suite = CU_add_suite("json_pointer", NULL, NULL);

	CU_ADD_TEST(suite, the_examples_of_rfc_6901_come_out);
	CU_ADD_TEST(suite, what_is_no_pointer_or_points_to_nothing_gives_nothing);
	CU_ADD_TEST(suite, an_index_is_digits_without_a_leading_zero);
	CU_ADD_TEST(suite, an_escaped_tilde_does_not_make_another_escape);
	CU_ADD_TEST(suite, values_of_every_type_are_shown);
	CU_ADD_TEST(suite, what_is_no_json_gives_nothing);
	CU_ADD_TEST(suite, a_nul_does_not_end_a_name);
	CU_ADD_TEST(suite, a_pointer_is_read_up_to_its_bound);
	CU_ADD_TEST(suite, a_pointer_of_slashes_alone_goes_down_and_ends);
	CU_ADD_TEST(suite, a_text_of_a_million_brackets_gives_nothing);
	CU_ADD_TEST(suite, a_value_fits_whole_or_not_at_all);
	CU_ADD_TEST(suite, a_value_is_shown_up_to_its_bound);
	CU_ADD_TEST(suite, without_memory_there_is_no_value_and_nothing_is_lost);
}
