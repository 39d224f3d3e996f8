/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "profile.h"

#include <string.h>

#include <CUnit/Basic.h>

#include "config.h"

void secmgr_test_profile(void);

#define CHECK_CASE(good, sentence) CU_assertImplementation((good), __LINE__, (sentence), __FILE__, "", CU_FALSE)

static struct secmgr_slice base, unix_path;
static const char *why;

static bool read_endpoint(const char *text)
{
	why = NULL;
	return secmgr_profile_read_endpoint(secmgr_slice_of(text), &base, &unix_path, &why);
}

static void a_service_url_becomes_its_base(void)
{
	static const struct
	{
		const char *text, *base;
	} urls[] = {
			{"http://127.0.0.1:8080", "http://127.0.0.1:8080"},
			{"http://127.0.0.1:8080/", "http://127.0.0.1:8080"},
			{"https://credentials.example.org/a/b//", "https://credentials.example.org/a/b"},
			{"HTTPS://Credentials.Example.ORG", "HTTPS://Credentials.Example.ORG"},
			{"http://[::1]:8080/v2", "http://[::1]:8080/v2"},
			{"http://[2001:db8::1]", "http://[2001:db8::1]"},
			{"http://my_host-1.local:65535", "http://my_host-1.local:65535"},
			{"http://h/a%20b/~x;y=z,(1)!$&'*+:@.", "http://h/a%20b/~x;y=z,(1)!$&'*+:@."},
			{"http://h/...", "http://h/..."},
	};

	for(size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		CHECK_CASE(read_endpoint(urls[i].text), urls[i].text);
		CHECK_CASE(secmgr_slice_equals(base, secmgr_slice_of(urls[i].base)), urls[i].text);
		CHECK_CASE(unix_path.length == 0, urls[i].text);
	}
}

static void what_is_no_service_url_is_refused_with_a_reason(void)
{
	static const char *const texts[] = {
			"",
			"h",
			"http:",
			"http:/",
			"http://",
			"http:///",
			"http:///path",
			"https://",
			"127.0.0.1:8080",
			"//h",
			"ftp://h",
			"file:///etc/passwd",
			"httpx://h",
			" http://h",
			"http://h ",
			"http://h h",
			"http://h\n",
			"http://h\r\nX: y",
			"http://h/\x7f",
			"http://h/\xc3\xa4",
			"http://h\xc3\xa4",
			"http://h?a=b",
			"http://h/?a=b",
			"http://h/#f",
			"http://h#f",
			"http://u@h",
			"http://u:p@h/",
			"http://h:",
			"http://h:0",
			"http://h:65536",
			"http://h:80a",
			"http://h:-1",
			"http://:80",
			"http://h:80:80",
			"http://h:1234567890",
			"http://[::1",
			"http://::1",
			"http://[::1]80",
			"http://[::1]:",
			"http://[]",
			"http://[::g]",
			"http://h]",
			"http://h/a//b",
			"http://h//a",
			"http://h/.",
			"http://h/..",
			"http://h/a/../b",
			"http://h/./b",
			"http://h/%",
			"http://h/%2",
			"http://h/%2g",
			"http://h/%%41",
			"http://h/a\\b",
			"http://h\\@i/",
			"http://h/<",
			"http://h/a b",
			"http://h/\"",
			"http://%68/",
			"http://h/{x}",
	};

	for(size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		CHECK_CASE(!read_endpoint(texts[i]), texts[i]);
		CHECK_CASE(why != NULL && base.length == 0 && unix_path.length == 0, texts[i]);
	}
}

static void a_byte_of_zero_is_refused_wherever_it_stands(void)
{
	static const char url[] = "http://h:80/path", path[] = "unix:/path";
	char text[sizeof(url)];

	for(size_t i = 0; i < sizeof(url) - 1; i++) {
		memcpy(text, url, sizeof(url));
		text[i] = '\0';
		CU_ASSERT_FALSE(
				secmgr_profile_read_endpoint((struct secmgr_slice){text, sizeof(url) - 1}, &base, &unix_path, &why));
	}
	for(size_t i = 0; i < sizeof(path) - 1; i++) {
		memcpy(text, path, sizeof(path));
		text[i] = '\0';
		CU_ASSERT_FALSE(
				secmgr_profile_read_endpoint((struct secmgr_slice){text, sizeof(path) - 1}, &base, &unix_path, &why));
	}
}

static void a_unix_socket_is_named_by_an_absolute_path(void)
{
	char text[200] = "unix:/";

	CU_ASSERT_TRUE(read_endpoint("unix:/run/credentials.sock"));
	CU_ASSERT_TRUE(secmgr_slice_equals(base, SECMGR_SLICE("http://localhost")));
	CU_ASSERT_TRUE(secmgr_slice_equals(unix_path, SECMGR_SLICE("/run/credentials.sock")));
	CU_ASSERT_FALSE(read_endpoint("unix:"));
	CU_ASSERT_FALSE(read_endpoint("unix:/"));
	CU_ASSERT_FALSE(read_endpoint("unix:relative.sock"));
	CU_ASSERT_FALSE(read_endpoint("unix:/a\nb"));
	memset(text + 6, 'x', 106);
	CU_ASSERT_TRUE(read_endpoint(text));
	text[112] = 'x';
	CU_ASSERT_FALSE(read_endpoint(text));
}

static void a_question_is_a_path_of_two_names(void)
{
	char url[SECMGR_SERVICE_URL_MAX];

	CU_ASSERT_TRUE(secmgr_profile_write_url(
			SECMGR_SLICE("http://h"), SECMGR_SLICE("example.org"), SECMGR_SLICE("alice"), url));
	CU_ASSERT_STRING_EQUAL(url, "http://h/v1/realms/example.org/subscribers/alice");
}

static void a_name_cannot_leave_its_place(void)
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
			{"a?b=c", "a%3Fb%3Dc"},
			{"a#b", "a%23b"},
			{"a%2fb", "a%252fb"},
			{"a\\b", "a%5Cb"},
			{"a b", "a%20b"},
			{"a\r\nHost: x", "a%0D%0AHost%3A%20x"},
			{"a@b:c;d", "a%40b%3Ac%3Bd"},
			{"\x7f\x01", "%7F%01"},
			{"\xc3\xa4\xff", "%C3%A4%FF"},
			{"{x}[0]<>\"'()", "%7Bx%7D%5B0%5D%3C%3E%22%27%28%29"},
	};
	char url[SECMGR_SERVICE_URL_MAX], expected[SECMGR_SERVICE_URL_MAX];

	for(size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct secmgr_slice name = secmgr_slice_of(names[i].name);
		struct secmgr_writer writer = secmgr_writer_into(expected, sizeof(expected));

		secmgr_writer_add_text(&writer, "http://h/v1/realms/");
		secmgr_writer_add_text(&writer, names[i].escaped);
		secmgr_writer_add_text(&writer, "/subscribers/");
		secmgr_writer_add_text(&writer, names[i].escaped);
		secmgr_writer_add_char(&writer, '\0');
		CHECK_CASE(secmgr_profile_write_url(SECMGR_SLICE("http://h"), name, name, url), names[i].name);
		CHECK_CASE(strcmp(url, expected) == 0, names[i].name);
	}
}

static void every_byte_of_a_name_is_itself_or_escaped(void)
{
	char url[SECMGR_SERVICE_URL_MAX];

	for(unsigned value = 0; value < 256; value++) {
		char byte = (char)value;
		const char *tail;
		unsigned decoded;

		CU_ASSERT_TRUE_FATAL(secmgr_profile_write_url(
				SECMGR_SLICE("http://h"), SECMGR_SLICE("r"), (struct secmgr_slice){&byte, 1}, url));
		tail = url + strlen("http://h/v1/realms/r/subscribers/");
		decoded = (unsigned char)tail[0];
		if(tail[0] == '%') {
			uint8_t hex;

			CU_ASSERT_TRUE(secmgr_hex_read((struct secmgr_slice){tail + 1, 2}, &hex, 1));
			decoded = hex;
		}
		CU_ASSERT_EQUAL(decoded, value);
		CU_ASSERT_EQUAL(strlen(tail), tail[0] == '%' ? 3 : 1);
		CU_ASSERT_PTR_NULL(strpbrk(tail, "/?#\\:@& "));
	}
}

static void an_empty_name_is_not_asked_about(void)
{
	char url[SECMGR_SERVICE_URL_MAX];

	CU_ASSERT_FALSE(secmgr_profile_write_url(SECMGR_SLICE("http://h"), SECMGR_SLICE(""), SECMGR_SLICE("alice"), url));
	CU_ASSERT_FALSE(secmgr_profile_write_url(SECMGR_SLICE("http://h"), SECMGR_SLICE("r"), SECMGR_SLICE(""), url));
}

static void the_longest_names_fit_behind_the_longest_base(void)
{
	char text[SECMGR_SERVICE_URL_MAX] = "http://h/", url[SECMGR_SERVICE_URL_MAX],
		 name[SECMGR_REALM_MAX + SECMGR_USERNAME_MAX];
	size_t length = strlen(text);

	memset(name, '/', sizeof(name));
	while(text[length] = 'x', read_endpoint(text))
		length++;
	text[length] = '\0';
	CU_ASSERT_TRUE_FATAL(read_endpoint(text));
	CU_ASSERT_TRUE(length > 1000);
	CU_ASSERT_TRUE(secmgr_profile_write_url(base, (struct secmgr_slice){name, SECMGR_REALM_MAX},
			(struct secmgr_slice){name, SECMGR_USERNAME_MAX}, url));
	CU_ASSERT_EQUAL(strlen(url), SECMGR_SERVICE_URL_MAX - 1);
	CU_ASSERT_FALSE(secmgr_profile_write_url(base, (struct secmgr_slice){name, SECMGR_REALM_MAX},
			(struct secmgr_slice){name, SECMGR_USERNAME_MAX + 1}, url));
}

void secmgr_test_profile(void)
{
	CU_pSuite suite = CU_add_suite("profile", NULL, NULL);

	CU_ADD_TEST(suite, a_service_url_becomes_its_base);
	CU_ADD_TEST(suite, what_is_no_service_url_is_refused_with_a_reason);
	CU_ADD_TEST(suite, a_byte_of_zero_is_refused_wherever_it_stands);
	CU_ADD_TEST(suite, a_unix_socket_is_named_by_an_absolute_path);
	CU_ADD_TEST(suite, a_question_is_a_path_of_two_names);
	CU_ADD_TEST(suite, a_name_cannot_leave_its_place);
	CU_ADD_TEST(suite, every_byte_of_a_name_is_itself_or_escaped);
	CU_ADD_TEST(suite, an_empty_name_is_not_asked_about);
	CU_ADD_TEST(suite, the_longest_names_fit_behind_the_longest_base);
}
