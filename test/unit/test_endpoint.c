/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "endpoint.h"

#include <string.h>

#include <CUnit/Basic.h>

void secmgr_test_endpoint(void);

#define CHECK_CASE(good, sentence) CU_assertImplementation((good), __LINE__, (sentence), __FILE__, "", CU_FALSE)

static struct secmgr_slice base, unix_path;
static const char *why;

static bool read_endpoint(const char *text)
{
	why = NULL;
	return secmgr_endpoint_read(secmgr_slice_of(text), &base, &unix_path, &why);
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
				secmgr_endpoint_read((struct secmgr_slice){text, sizeof(url) - 1}, &base, &unix_path, &why));
	}
	for(size_t i = 0; i < sizeof(path) - 1; i++) {
		memcpy(text, path, sizeof(path));
		text[i] = '\0';
		CU_ASSERT_FALSE(
				secmgr_endpoint_read((struct secmgr_slice){text, sizeof(path) - 1}, &base, &unix_path, &why));
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

static void the_longest_url_has_its_bound(void)
{
	char text[2 * SECMGR_ENDPOINT_BASE_MAX] = "http://h/";
	size_t length = strlen(text);

	memset(text + length, 'x', SECMGR_ENDPOINT_BASE_MAX + 1 - length);
	CU_ASSERT_FALSE(read_endpoint(text));
	text[SECMGR_ENDPOINT_BASE_MAX] = '\0';
	CU_ASSERT_TRUE(read_endpoint(text));
}

void secmgr_test_endpoint(void)
{
	CU_pSuite suite = CU_add_suite("endpoint", NULL, NULL);

	CU_ADD_TEST(suite, a_service_url_becomes_its_base);
	CU_ADD_TEST(suite, what_is_no_service_url_is_refused_with_a_reason);
	CU_ADD_TEST(suite, a_byte_of_zero_is_refused_wherever_it_stands);
	CU_ADD_TEST(suite, a_unix_socket_is_named_by_an_absolute_path);
	CU_ADD_TEST(suite, the_longest_url_has_its_bound);
}
