/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "profile.h"

#include <stdio.h>
#include <string.h>

#include <CUnit/Basic.h>

#include "config.h"
#include "credential_record.h"
#include "endpoint.h"
#include "failing_memory.h"

void secmgr_test_profile(void);

#define CHECK_CASE(good, sentence) CU_assertImplementation((good), __LINE__, (sentence), __FILE__, "", CU_FALSE)

static struct secmgr_profile profile;
static struct secmgr_profile_question question;
static char reason[SECMGR_PROFILE_WHY_MAX];

static bool read_profile(const char *text)
{
	memset(reason, 'x', sizeof(reason));
	return secmgr_profile_read(secmgr_slice_of(text), &profile, reason);
}

static bool ask(const char *realm, const char *username)
{
	return secmgr_profile_ask(
			&profile, SECMGR_SLICE("http://h"), secmgr_slice_of(realm), secmgr_slice_of(username), &question);
}

static bool reads(const char *text)
{
	bool good = read_profile(text);

	CHECK_CASE(good, good ? text : reason);
	return good;
}

static void every_built_in_profile_asks_in_its_own_way(void)
{
	static const struct
	{
		const char *name, *url, *body;
	} built_in[] = {
			{"native", "http://h/v1/realms/example.org/subscribers/a%20%22b%22", NULL},
			{"3gpp", "http://h/nhss-ims-ueau/v1/a%20%22b%22/security-information/generate-sip-auth-data",
					"{\"cscfServerName\":\"sip:example.org\",\"sipAuthenticationScheme\":\"DIGEST-HTTP\"}"},
			{"homestead", "http://h/impi/a%20%22b%22/av/digest", NULL},
			{"cgrates", "http://h/jsonrpc",
					"{\"id\":1,\"method\":\"AttributeSv1.ProcessEvent\",\"params\":[{\"Tenant\":\"example.org\","
					"\"Event\":{\"Account\":\"a \\u0022b\\u0022\"}}]}"},
	};

	for(size_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++) {
		CU_ASSERT_TRUE_FATAL(reads(built_in[i].name));
		CHECK_CASE(secmgr_slice_equals(secmgr_profile_text(&profile, SECMGR_PROFILE_NAME),
						   secmgr_slice_of(built_in[i].name)),
				built_in[i].name);
		CU_ASSERT_TRUE_FATAL(ask("example.org", "a \"b\""));
		CU_ASSERT_STRING_EQUAL(question.url, built_in[i].url);
		CHECK_CASE((question.body == NULL) == (built_in[i].body == NULL), built_in[i].name);
		if(question.body && built_in[i].body)
			CU_ASSERT_STRING_EQUAL(question.body, built_in[i].body);
		CU_ASSERT_PTR_NULL(question.fields[0]);
	}
}

#define LEAST "name=mine;url={base}/x;username=/u;realm=/r;ha1_md5=/h"

static void the_least_profile_gets_its_defaults(void)
{
	CU_ASSERT_TRUE_FATAL(reads(LEAST));
	CU_ASSERT_EQUAL(secmgr_profile_judge(&profile, 200), SECMGR_PROFILE_MEANS_RECORD);
	CU_ASSERT_EQUAL(secmgr_profile_judge(&profile, 404), SECMGR_PROFILE_MEANS_UNKNOWN);
	CU_ASSERT_EQUAL(secmgr_profile_judge(&profile, 410), SECMGR_PROFILE_MEANS_UNKNOWN);
	for(long status = -1; status < 700; status++)
		if(status != 200 && status != 404 && status != 410)
			CU_ASSERT_EQUAL(secmgr_profile_judge(&profile, status), SECMGR_PROFILE_MEANS_FAULT);
	CU_ASSERT_TRUE(secmgr_slice_equals(secmgr_profile_text(&profile, SECMGR_PROFILE_ACTIVE), SECMGR_SLICE("active")));
	CU_ASSERT_TRUE(
			secmgr_slice_equals(secmgr_profile_text(&profile, SECMGR_PROFILE_SUSPENDED), SECMGR_SLICE("suspended")));
	CU_ASSERT_EQUAL(secmgr_profile_text(&profile, SECMGR_PROFILE_STATUS).length, 0);
	CU_ASSERT_FALSE(secmgr_profile_is_pointer(secmgr_profile_text(&profile, SECMGR_PROFILE_STATUS)));
}

static void a_profile_says_what_its_statuses_mean(void)
{
	CU_ASSERT_TRUE_FATAL(reads(LEAST ";known=200,201, 299;unknown=204,400,403"));
	CU_ASSERT_EQUAL(secmgr_profile_judge(&profile, 201), SECMGR_PROFILE_MEANS_RECORD);
	CU_ASSERT_EQUAL(secmgr_profile_judge(&profile, 299), SECMGR_PROFILE_MEANS_RECORD);
	CU_ASSERT_EQUAL(secmgr_profile_judge(&profile, 204), SECMGR_PROFILE_MEANS_UNKNOWN);
	CU_ASSERT_EQUAL(secmgr_profile_judge(&profile, 403), SECMGR_PROFILE_MEANS_UNKNOWN);
	CU_ASSERT_EQUAL(secmgr_profile_judge(&profile, 404), SECMGR_PROFILE_MEANS_FAULT);
	CU_ASSERT_TRUE_FATAL(reads(LEAST ";unknown=;unknown_if=/e:1"));
	CU_ASSERT_EQUAL(secmgr_profile_judge(&profile, 404), SECMGR_PROFILE_MEANS_FAULT);
}

static void headers_and_bodies_are_written_for_each_question(void)
{
	CU_ASSERT_TRUE_FATAL(reads(LEAST ";header=X-User: {username};header = X-Key: a;;b=c ;method=POST;"
									 "body={\"a;;b\": \"{username}@{realm}\"}"));
	CU_ASSERT_TRUE_FATAL(ask("example.org", "alice"));
	CU_ASSERT_STRING_EQUAL(question.fields[0], "X-User: alice");
	CU_ASSERT_STRING_EQUAL(question.fields[1], "X-Key: a;b=c");
	CU_ASSERT_PTR_NULL(question.fields[2]);
	CU_ASSERT_STRING_EQUAL(question.body, "{\"a;b\": \"alice@example.org\"}");
	CU_ASSERT_TRUE_FATAL(ask("b", "carol"));
	CU_ASSERT_STRING_EQUAL(question.fields[0], "X-User: carol");
	CU_ASSERT_STRING_EQUAL(question.body, "{\"a;b\": \"carol@b\"}");
}

static void a_name_that_cannot_be_said_is_not_asked_about(void)
{
	char name[SECMGR_USERNAME_MAX + 1];

	memset(name, 'x', sizeof(name));
	CU_ASSERT_TRUE_FATAL(reads("native"));
	CU_ASSERT_FALSE(ask("", "alice"));
	CU_ASSERT_FALSE(ask("r", ""));
	CU_ASSERT_FALSE(secmgr_profile_ask(&profile, SECMGR_SLICE("http://h"), SECMGR_SLICE("r"),
			(struct secmgr_slice){name, sizeof(name)}, &question));
	CU_ASSERT_FALSE(secmgr_profile_ask(&profile, SECMGR_SLICE("http://h"), (struct secmgr_slice){name, sizeof(name)},
			SECMGR_SLICE("alice"), &question));
	CU_ASSERT_TRUE(ask("r", "\xff"));
	CU_ASSERT_TRUE_FATAL(reads("cgrates"));
	CU_ASSERT_FALSE(ask("r", "\xff"));
	CU_ASSERT_FALSE(ask("\xc0\xaf", "alice"));
	CU_ASSERT_TRUE_FATAL(reads(LEAST ";header=X: {username}"));
	CU_ASSERT_FALSE(ask("r", "a\r\nY: b"));
	CU_ASSERT_TRUE(ask("r r", "alice@example.org"));
}

static void a_semicolon_within_a_value_is_doubled(void)
{
	static const struct
	{
		const char *end, *policy;
	} cases[] = {{";policy=/a", "/a"}, {";policy=/a;;", "/a;"}, {";policy=/a;;;;b", "/a;;b"},
			{";policy=/a;;;known=200", "/a;"},
			{" ; policy = /a ; known = 200 ", "/a"}, {";policy=/a=b", "/a=b"}};
	char text[512];

	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), LEAST "%s", cases[i].end);
		CU_ASSERT_TRUE(reads(text));
		CHECK_CASE(secmgr_slice_equals(secmgr_profile_text(&profile, SECMGR_PROFILE_POLICY),
						   secmgr_slice_of(cases[i].policy)),
				text);
	}
}

static void a_profile_outlives_its_text_and_may_be_copied(void)
{
	char text[] = LEAST ";policy=/p;body={\"u\":\"{username}\"}";
	struct secmgr_profile copied;

	CU_ASSERT_TRUE_FATAL(reads(text));
	memset(text, 'x', sizeof(text));
	copied = profile;
	memset(&profile, 0xff, sizeof(profile));
	CU_ASSERT_TRUE(secmgr_slice_equals(secmgr_profile_text(&copied, SECMGR_PROFILE_POLICY), SECMGR_SLICE("/p")));
	CU_ASSERT_TRUE(secmgr_profile_ask(
			&copied, SECMGR_SLICE("http://h"), SECMGR_SLICE("r"), SECMGR_SLICE("alice"), &question));
	CU_ASSERT_STRING_EQUAL(question.body, "{\"u\":\"alice\"}");
}

static void what_is_no_profile_is_refused_in_words(void)
{
	static const struct
	{
		const char *text, *words;
	} wrongs[] = {
			{"", "it has a part that is no key=value: write ;; for a ';' within a value"},
			{"Native", "it is no built-in profile: write native, 3gpp, cgrates, homestead, or one of your own "
					   "(name=...;url=...)"},
			{LEAST ";usernme=/x", "the key \"usernme\" is unknown: did you mean username?"},
			{LEAST ";ha1_sha_256=/x", "the key \"ha1_sha_256\" is unknown: did you mean ha1_sha256?"},
			{LEAST ";headers=X: y", "the key \"headers\" is unknown: did you mean header?"},
			{LEAST ";URL=/x", "the key \"URL\" is unknown: did you mean url?"},
			{LEAST ";pass=/x", "the key \"pass\" is unknown: did you mean password?"},
			{LEAST ";body={\"a\":\"{user}\"}", "the placeholder \"user\" is unknown: did you mean username?"},
			{LEAST ";header=X: {reallm}", "the placeholder \"reallm\" is unknown: did you mean realm?"},
			{LEAST ";", "it has a part that is no key=value: write ;; for a ';' within a value"},
			{LEAST ";header=X: secret; tail=1", "the key \"tail\" is unknown: did you mean name?"},
			{LEAST ";header=X: y;s3cr3t/tail=1", "it has a part that is no key=value: write ;; for a ';' within a value"},
			{LEAST ";header=X: y;s3cr3t", "it has a part that is no key=value: write ;; for a ';' within a value"},
			{LEAST ";=x", "it has a part that is no key=value: write ;; for a ';' within a value"},
			{LEAST ";realm=/x", "realm is there twice"},
			{LEAST ";known=200;known=200", "known is there twice"},
			{LEAST ";policy=/a\nb", "it has control bytes: write it in one line"},
			{"url={base}/x;username=/u;realm=/r;ha1_md5=/h", "name is missing"},
			{"name=x;username=/u;realm=/r;ha1_md5=/h", "url is missing"},
			{"name=x;url={base}/x;realm=/r;ha1_md5=/h",
					"username is missing: write a JSON pointer, or unchecked where no answer has it"},
			{"name=x;url={base}/x;username=/u;ha1_md5=/h",
					"realm is missing: write a JSON pointer, or unchecked where no answer has it"},
			{"name=x;url={base}/x;username=/u;realm=/r",
					"it has no ha1_md5, ha1_sha256, ha1_sha512_256 or password: write where one is"},
			{LEAST ";password=/p", "password and ha1_... exclude each other: leave one out"},
			{"name=;url={base}/x", "name must be 1 to 32 letters, digits, '-', '.' and '_'"},
			{"name=a b;url={base}/x", "name must be 1 to 32 letters, digits, '-', '.' and '_'"},
			{"name=a;url=http://h/x", "url must begin with {base}, and a '/' or '?' behind it"},
			{"name=a;url={base}.evil.org/x", "url must begin with {base}, and a '/' or '?' behind it"},
			{"name=a;url={base}/#", "url may only have letters, digits, -._~!$&'()*+,;=:@/? and %XX"},
			{"name=a;url={base}/.{username}", "url has a part of its path that is dots and placeholders alone"},
			{"name=a;url={base}/{base}", "url has {base} where it does not belong: it is the beginning of the url"},
			{LEAST ";method=PUT", "method must be GET or POST"},
			{LEAST ";method=POST", "method does not fit: POST has a body, GET has none"},
			{LEAST ";method=GET;body={}", "method does not fit: POST has a body, GET has none"},
			{LEAST ";body={\"a\":{username}}", "body is not JSON, or has a placeholder that is not within quotes"},
			{LEAST ";body=", "body is not JSON, or has a placeholder that is not within quotes"},
			{LEAST ";header=X", "header must be \"Name: value\""},
			{LEAST ";header=X:y", "header must be \"Name: value\""},
			{LEAST ";header=X: ", "header must be \"Name: value\""},
			{LEAST ";header=X Y: z", "header must be \"Name: value\""},
			{LEAST ";header=: z", "header must be \"Name: value\""},
			{LEAST ";header=authorization: Bearer x",
					"header is one that the HTTP client sets (for a token there is service_token_file)"},
			{LEAST ";header=Host: x", "header is one that the HTTP client sets (for a token there is service_token_file)"},
			{LEAST ";header=X: \xc3\xa4", "header may only have visible ASCII characters and blanks"},
			{LEAST ";header=A: 1;header=A: 2;header=A: 3;header=A: 4;header=A: 5;header=A: 6;header=A: 7;header=A: 8;"
				   "header=A: 9",
					"header is there more than 8 times"},
			{LEAST ";policy=p", "policy must be a JSON pointer, as in /user/name (RFC 6901), of at most 256 bytes"},
			{LEAST ";policy=", "policy must be a JSON pointer, as in /user/name (RFC 6901), of at most 256 bytes"},
			{LEAST ";policy=/~2", "policy must be a JSON pointer, as in /user/name (RFC 6901), of at most 256 bytes"},
			{LEAST ";policy=unchecked", "policy must be a JSON pointer, as in /user/name (RFC 6901), of at most 256 bytes"},
			{LEAST ";policy=/h", "policy holds the secret: write a pointer beside it"},
			{"name=x;url={base}/x;username=/e/u;realm=/r;password=/e/p;attributes=/e",
					"attributes holds the secret: write a pointer beside it"},
			{"name=x;url={base}/x;username=/e/u;realm=/r;ha1_md5=/e/p/0;identities=/e/p",
					"identities holds the secret: write a pointer beside it"},
			{LEAST ";active=yes", "status is missing: active and suspended are its words"},
			{LEAST ";status=/s;suspended=", "suspended must be a word, or several with commas between them"},
			{LEAST ";known=", "known must be a list of statuses with a body: 200 to 299, but not 204 to 206"},
			{LEAST ";known=204", "known must be a list of statuses with a body: 200 to 299, but not 204 to 206"},
			{LEAST ";known=404", "known must be a list of statuses with a body: 200 to 299, but not 204 to 206"},
			{LEAST ";known=200,200", "known must be a list of statuses with a body: 200 to 299, but not 204 to 206"},
			{LEAST ";unknown=500", "unknown must be a list of statuses: 200 to 299, and 400 to 499 but 401, 407, 408 and 429"},
			{LEAST ";unknown=401", "unknown must be a list of statuses: 200 to 299, and 400 to 499 but 401, 407, 408 and 429"},
			{LEAST ";unknown=304", "unknown must be a list of statuses: 200 to 299, and 400 to 499 but 401, 407, 408 and 429"},
			{LEAST ";unknown=40x", "unknown must be a list of statuses: 200 to 299, and 400 to 499 but 401, 407, 408 and 429"},
			{LEAST ";unknown=400,401,402,403,404,405,406,409,410",
					"unknown must be a list of statuses: 200 to 299, and 400 to 499 but 401, 407, 408 and 429"},
			{LEAST ";unknown=", "unknown is empty: write statuses, or unknown_if"},
			{LEAST ";known=203;unknown=404,203", "unknown has a status that is known, too"},
			{LEAST ";unknown_if=/e", "unknown_if must be a JSON pointer, a colon and a word, as in /error:NOT_FOUND"},
			{LEAST ";unknown_if=/e:", "unknown_if must be a JSON pointer, a colon and a word, as in /error:NOT_FOUND"},
			{LEAST ";unknown_if=e:x",
					"unknown_if must be a JSON pointer, as in /user/name (RFC 6901), of at most 256 bytes"},
			{"name=x;url={base}/{username}{username}{username}{username}{username}{username}{username}{username};"
			 "username=/u;realm=/r;ha1_md5=/h",
					"url may become too long: write each placeholder once"},
	};

	for(size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		CHECK_CASE(!read_profile(wrongs[i].text), wrongs[i].text);
		CHECK_CASE(strcmp(reason, wrongs[i].words) == 0, reason);
	}
}

static void what_is_too_long_is_refused(void)
{
	char text[SECMGR_PROFILE_TEXT_MAX + 100];
	int length = snprintf(text, sizeof(text), LEAST ";header=X: ");

	memset(text + length, 'x', sizeof(text) - (size_t)length);
	text[SECMGR_PROFILE_TEXT_MAX + 50] = '\0';
	CU_ASSERT_FALSE(read_profile(text));
	CU_ASSERT_STRING_EQUAL(reason, "it is longer than 4096 bytes");
	text[SECMGR_PROFILE_TEXT_MAX] = '\0';
	CU_ASSERT_TRUE(reads(text));
	CU_ASSERT_TRUE(ask("r", "alice"));
	length = snprintf(text, sizeof(text), LEAST ";policy=/");
	memset(text + length, 'x', sizeof(text) - (size_t)length);
	text[length + 255] = '\0';
	CU_ASSERT_TRUE(reads(text));
	text[length + 255] = 'x';
	text[length + 256] = '\0';
	CU_ASSERT_FALSE(read_profile(text));
}

static void a_reason_never_shows_a_value(void)
{
	static const char whole[] = LEAST ";header=X-Key: hushhush;status=/state;body={\"key\":\"hushhush\"}";
	char text[sizeof(whole)];

	for(size_t i = 0; i < sizeof(whole) - 1; i++)
		for(const char *byte = ";=/{}:\"\x01x "; *byte; byte++) {
			memcpy(text, whole, sizeof(whole));
			text[i] = *byte;
			if(!read_profile(text))
				CHECK_CASE(!strstr(reason, "hushhush") && strlen(reason) < SECMGR_PROFILE_WHY_MAX, reason);
		}
}

static void no_memory_stops_the_start(void)
{
	char text[] = LEAST ";body={\"u\":\"{username}\"}";

	secmgr_credential_record_use_wiping_memory();
	failing_memory_fail_at(0);
	CU_ASSERT_FALSE(read_profile(text));
	failing_memory_fail_at(-1);
	CU_ASSERT_TRUE(read_profile(text));
}

static void the_longest_names_fit_behind_the_longest_base(void)
{
	char url[SECMGR_ENDPOINT_BASE_MAX] = "http://h/", name[SECMGR_REALM_MAX + SECMGR_USERNAME_MAX];
	struct secmgr_slice base = {url, sizeof(url)};

	memset(url + strlen(url), 'x', sizeof(url) - strlen("http://h/"));
	memset(name, '/', sizeof(name));
	CU_ASSERT_TRUE_FATAL(reads("name=x;url={base}/{realm}{username}{realm}{username}{realm}{username}?{realm};"
							   "body={\"u\":\"{realm}{username}{realm}{username}{realm}{username}{realm}{username}{realm}\"};"
							   "username=/u;realm=/r;ha1_md5=/h"));
	CU_ASSERT_TRUE(secmgr_profile_ask(&profile, base, (struct secmgr_slice){name, SECMGR_REALM_MAX},
			(struct secmgr_slice){name, SECMGR_USERNAME_MAX}, &question));
	CU_ASSERT_TRUE(strlen(question.url) > 3700);
}

void secmgr_test_profile(void)
{
	CU_pSuite suite = CU_add_suite("profile", NULL, NULL);

	CU_ADD_TEST(suite, every_built_in_profile_asks_in_its_own_way);
	CU_ADD_TEST(suite, the_least_profile_gets_its_defaults);
	CU_ADD_TEST(suite, a_profile_says_what_its_statuses_mean);
	CU_ADD_TEST(suite, headers_and_bodies_are_written_for_each_question);
	CU_ADD_TEST(suite, a_name_that_cannot_be_said_is_not_asked_about);
	CU_ADD_TEST(suite, a_semicolon_within_a_value_is_doubled);
	CU_ADD_TEST(suite, a_profile_outlives_its_text_and_may_be_copied);
	CU_ADD_TEST(suite, what_is_no_profile_is_refused_in_words);
	CU_ADD_TEST(suite, what_is_too_long_is_refused);
	CU_ADD_TEST(suite, a_reason_never_shows_a_value);
	CU_ADD_TEST(suite, no_memory_stops_the_start);
	CU_ADD_TEST(suite, the_longest_names_fit_behind_the_longest_base);
}
