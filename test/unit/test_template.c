/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "template.h"

#include <stdio.h>
#include <string.h>

#include <CUnit/Basic.h>
#include <jansson.h>

#include "config.h"

void secmgr_test_template(void);

#define CHECK_CASE(good, sentence) CU_assertImplementation((good), __LINE__, (sentence), __FILE__, "", CU_FALSE)

static char written[8192];
static struct secmgr_writer writer;

static bool write_name(enum secmgr_template kind, const char *text, struct secmgr_slice name)
{
	const struct secmgr_template_values values = {SECMGR_SLICE("http://h"), name, name};
	bool good;

	writer = secmgr_writer_into(written, sizeof(written) - 1);
	good = secmgr_template_write(kind, secmgr_slice_of(text), &values, &writer);
	written[writer.length] = '\0';
	return good;
}

static bool becomes(enum secmgr_template kind, const char *text, const char *name, const char *expected)
{
	return write_name(kind, text, secmgr_slice_of(name)) && strcmp(written, expected) == 0;
}

static bool is_sound(enum secmgr_template kind, const char *text)
{
	struct secmgr_slice unknown;
	const char *why = NULL;
	bool sound = secmgr_template_check(kind, secmgr_slice_of(text), &unknown, &why);

	CHECK_CASE(sound || why != NULL, text);
	return sound;
}

static void a_name_cannot_leave_its_place_in_a_url(void)
{
	static const struct
	{
		const char *name, *escaped;
	} names[] = {
			{"alice", "alice"},
			{"A-z0._~9", "A-z0._~9"},
			{"+358501234567", "%2B358501234567"},
			{".", "%2E"},
			{"..", "%2E%2E"},
			{"...", "..."},
			{"../admin", "..%2Fadmin"},
			{"a/b", "a%2Fb"},
			{"a?b=c&d", "a%3Fb%3Dc%26d"},
			{"a#b", "a%23b"},
			{"a%2fb", "a%252fb"},
			{"a\\b", "a%5Cb"},
			{"a b", "a%20b"},
			{"a\r\nHost: x", "a%0D%0AHost%3A%20x"},
			{"a@b:c;d", "a%40b%3Ac%3Bd"},
			{"\x7f\x01", "%7F%01"},
			{"\xc3\xa4\xff", "%C3%A4%FF"},
			{"{x}[0]<>\"'()", "%7Bx%7D%5B0%5D%3C%3E%22%27%28%29"},
			{"{base}{realm}", "%7Bbase%7D%7Brealm%7D"},
	};
	char expected[512];

	for(size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(expected, sizeof(expected), "http://h/u/%s?r=%s&x", names[i].escaped, names[i].escaped);
		CHECK_CASE(becomes(SECMGR_TEMPLATE_URL, "{base}/u/{username}?r={realm}&x", names[i].name, expected),
				names[i].name);
	}
}

static void a_name_cannot_leave_its_string_in_json(void)
{
	static const struct
	{
		const char *name, *escaped;
	} names[] = {
			{"alice", "alice"},
			{"a\"b", "a\\u0022b"},
			{"a\\b", "a\\u005Cb"},
			{"\",\"Tenant\":\"x", "\\u0022,\\u0022Tenant\\u0022:\\u0022x"},
			{"a\n\x01\x7f", "a\\u000A\\u0001\\u007F"},
			{"{username}}]", "{username}}]"},
			{"a/b", "a/b"},
			{"\xc3\xa4\xe6\x97\xa5\xf0\x9f\x98\x80", "\xc3\xa4\xe6\x97\xa5\xf0\x9f\x98\x80"},
	};
	char expected[512];

	for(size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(expected, sizeof(expected), "[{\"u\":\"%s\"}]", names[i].escaped);
		CHECK_CASE(becomes(SECMGR_TEMPLATE_JSON, "[{\"u\":\"{username}\"}]", names[i].name, expected), names[i].name);
	}
}

static void every_name_is_itself_again_when_json_is_read(void)
{
	for(unsigned first = 1; first < 0x80; first++)
		for(unsigned second = 1; second < 0x80; second++) {
			char name[] = {(char)first, (char)second};
			json_t *json;

			CU_ASSERT_TRUE_FATAL(write_name(
					SECMGR_TEMPLATE_JSON, "[\"{username}\"]", (struct secmgr_slice){name, sizeof(name)}));
			json = json_loads(written, 0, NULL);
			CU_ASSERT_TRUE(secmgr_slice_equals(secmgr_slice_of(json_string_value(json_array_get(json, 0))),
					(struct secmgr_slice){name, sizeof(name)}));
			json_decref(json);
		}
}

/* RFC 3629 section 4: what JSON cannot hold, nobody can be called at a service that speaks it. */
static void a_name_that_is_not_utf_8_is_not_said_in_json(void)
{
	static const char *const names[] = {"\xff", "a\x80", "\xc3", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf",
			"\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe6\x97",
			"\xe6\x97\x41", "\xf0\x9f\x98", "\xc3\xa4\xa4"};
	static const char *const good[] = {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
			"\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};

	for(size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		CHECK_CASE(!write_name(SECMGR_TEMPLATE_JSON, "[\"{realm}\"]", secmgr_slice_of(names[i])), "not UTF-8");
	for(size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK_CASE(write_name(SECMGR_TEMPLATE_JSON, "[\"{realm}\"]", secmgr_slice_of(good[i])), "UTF-8");
	CU_ASSERT_FALSE(write_name(SECMGR_TEMPLATE_JSON, "[\"{realm}\"]", (struct secmgr_slice){"a\0b", 3}));
}

static void a_name_in_a_header_field_is_a_token_or_nothing(void)
{
	for(unsigned value = 0; value < 256; value++) {
		char byte = (char)value;
		bool fits = strchr("!#$%&'*+-.^_`|~@0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", byte);

		CU_ASSERT_EQUAL(write_name(SECMGR_TEMPLATE_FIELD, "X-User: {username}", (struct secmgr_slice){&byte, 1}),
				fits && byte != '\0');
	}
	CU_ASSERT_TRUE(becomes(SECMGR_TEMPLATE_FIELD, "X: <{realm}>", "example.org", "X: <example.org>"));
	CU_ASSERT_FALSE(write_name(SECMGR_TEMPLATE_FIELD, "X: {realm}", SECMGR_SLICE("a\r\nY: b")));
}

static void a_sound_text_is_taken(void)
{
	static const char *const urls[] = {"{base}/", "{base}?u={username}", "{base}/a/{realm}/{username}",
			"{base}/{username}.json", "{base}/%2Fa!$&'()*+,;=:@/", "{base}//x", "{base}/a.{realm}"};
	static const char *const bodies[] = {"{}", "[]", "{\"a\\\":\":\"{username}@{realm}\\\":\"}",
			"[\"{realm}\",{\"a\":1}]", "{\"a\":{\"b\":[1,null]}}",
			"{ \"a\" : \"x{username}\" }"};
	static const char *const fields[] = {"X: y", "X: {realm}", "X: a \"b\"; c={username}", "X: {", "X: {}"};

	for(size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		CHECK_CASE(is_sound(SECMGR_TEMPLATE_URL, urls[i]), urls[i]);
	for(size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		CHECK_CASE(is_sound(SECMGR_TEMPLATE_JSON, bodies[i]), bodies[i]);
	for(size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		CHECK_CASE(is_sound(SECMGR_TEMPLATE_FIELD, fields[i]), fields[i]);
}

static void what_is_not_sound_is_refused_with_a_reason(void)
{
	static const char *const urls[] = {"", "/a", "http://h/{username}", "{base}", "{base}x", "{base}.evil.org/",
			"{base}@evil.org/", "{base}:8080/", "{base}/{base}", "/{base}", "{realm}/{base}", "{base}/a b", "{base}/#a",
			"{base}/%", "{base}/%2", "{base}/%2g", "{base}/{}", "{base}/{user name}", "{base}/{etag}", "{base}/\xc3\xa4",
			"{base}/.", "{base}/..", "{base}/../x", "{base}/a/./{realm}", "{base}/.{username}", "{base}/{username}.",
			"{base}/{realm}.{username}", "{base}/x{", "{base}/\\", "{base}/{USERNAME}"};
	static const char *const bodies[] = {"", "{", "\"{username}\"", "{username}", "{\"a\":{username}}",
			"{\"a\":\"{user}\"}", "{\"a\":\"{base}\"}", "{\"a\":1,\"a\":2}", "{'a':1}", "{\"{realm}\":1}",
			"{\"a\":{\"{realm} \\\" \" : 1}}", "{\"a\":\"\xff\"}",
			"a={username}"};
	static const char *const fields[] = {"X: {base}", "X: {password}", "X: \x7f", "X: \xc3\xa4", "X: a\r\nY: b"};

	for(size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		CHECK_CASE(!is_sound(SECMGR_TEMPLATE_URL, urls[i]), urls[i]);
	for(size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		CHECK_CASE(!is_sound(SECMGR_TEMPLATE_JSON, bodies[i]), bodies[i]);
	for(size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		CHECK_CASE(!is_sound(SECMGR_TEMPLATE_FIELD, fields[i]), fields[i]);
}

static void an_unknown_placeholder_is_named(void)
{
	struct secmgr_slice unknown;
	const char *why;

	CU_ASSERT_FALSE(secmgr_template_check(
			SECMGR_TEMPLATE_URL, SECMGR_SLICE("{base}/{realm}/{usr}/{x}"), &unknown, &why));
	CU_ASSERT_TRUE(secmgr_slice_equals(unknown, SECMGR_SLICE("usr")));
	CU_ASSERT_FALSE(secmgr_template_check(SECMGR_TEMPLATE_URL, SECMGR_SLICE("{base}/ "), &unknown, &why));
	CU_ASSERT_EQUAL(unknown.length, 0);
}

static void the_longest_names_make_the_longest_text(void)
{
	static const struct
	{
		enum secmgr_template kind;
		const char *text;
		char longest;
	} cases[] = {
			{SECMGR_TEMPLATE_URL, "{base}/v1/{realm}?{username}", '/'},
			{SECMGR_TEMPLATE_JSON, "{\"a\":\"{realm}{username}{realm}\"}", '"'},
			{SECMGR_TEMPLATE_FIELD, "X: {realm} {username}", 'x'},
	};
	char name[SECMGR_REALM_MAX];

	_Static_assert(SECMGR_REALM_MAX == SECMGR_USERNAME_MAX, "one name is the longest realm and the longest user name");
	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t base = cases[i].kind == SECMGR_TEMPLATE_URL ? strlen("http://h") : 0;

		memset(name, cases[i].longest, sizeof(name));
		CU_ASSERT_TRUE(write_name(cases[i].kind, cases[i].text, (struct secmgr_slice){name, sizeof(name)}));
		CHECK_CASE(writer.length
						   == base + secmgr_template_longest(cases[i].kind, secmgr_slice_of(cases[i].text)),
				cases[i].text);
	}
}

static void what_does_not_fit_is_not_used(void)
{
	const struct secmgr_template_values values = {
			SECMGR_SLICE("http://h"), SECMGR_SLICE("r"), SECMGR_SLICE("alice")};
	struct secmgr_slice text = SECMGR_SLICE("{base}/{username}");
	char small[14];

	for(size_t size = 0; size <= sizeof(small); size++) {
		writer = secmgr_writer_into(small, size);
		CU_ASSERT_EQUAL(secmgr_template_write(SECMGR_TEMPLATE_URL, text, &values, &writer), size == 14);
	}
}

void secmgr_test_template(void)
{
	CU_pSuite suite = CU_add_suite("template", NULL, NULL);

	CU_ADD_TEST(suite, a_name_cannot_leave_its_place_in_a_url);
	CU_ADD_TEST(suite, a_name_cannot_leave_its_string_in_json);
	CU_ADD_TEST(suite, every_name_is_itself_again_when_json_is_read);
	CU_ADD_TEST(suite, a_name_that_is_not_utf_8_is_not_said_in_json);
	CU_ADD_TEST(suite, a_name_in_a_header_field_is_a_token_or_nothing);
	CU_ADD_TEST(suite, a_sound_text_is_taken);
	CU_ADD_TEST(suite, what_is_not_sound_is_refused_with_a_reason);
	CU_ADD_TEST(suite, an_unknown_placeholder_is_named);
	CU_ADD_TEST(suite, the_longest_names_make_the_longest_text);
	CU_ADD_TEST(suite, what_does_not_fit_is_not_used);
}
