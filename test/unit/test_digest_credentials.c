/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <CUnit/CUnit.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest_credentials.h"

#define ABSENT SECMGR_CREDENTIALS_ABSENT
#define MALFORMED SECMGR_CREDENTIALS_MALFORMED
#define PRESENT SECMGR_CREDENTIALS_PRESENT

#define CHECK(condition, sentence) \
	CU_assertImplementation((condition), __LINE__, (sentence), __FILE__, __func__, CU_FALSE)
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define HEX_32 "01234567890123456789012345678901"
#define HEX_64 HEX_32 HEX_32

static const char base[] = "Digest username=\"alice\", realm=\"example.org\", nonce=\"dGhlIG5vbmNl\", "
						   "uri=\"sip:bob@example.org\", response=\"" HEX_32 "\", algorithm=MD5, "
						   "cnonce=\"0a4f113b\", opaque=\"5ccc\", qop=auth, nc=00000001";

static struct secmgr_digest_credentials credentials;
static const char *why;

/* `text` with the first `from` replaced by `to`, in memory of exactly its length, so that AddressSanitizer sees one
 * byte too many being read. */
static struct secmgr_slice replaced(const char *text, const char *from, const char *to)
{
	const char *found = strstr(text, from);
	size_t before = (size_t)(found - text), length = strlen(text) - strlen(from) + strlen(to);
	char *changed = malloc(length > 0 ? length : 1);

	memcpy(changed, text, before);
	memcpy(changed + before, to, strlen(to));
	memcpy(changed + before + strlen(to), found + strlen(from), length - before - strlen(to));
	return (struct secmgr_slice){changed, length};
}

static struct secmgr_slice copied(const char *text)
{
	return replaced(text, "", "");
}

static bool is(struct secmgr_slice text, const char *expected)
{
	return secmgr_slice_equals(text, secmgr_slice_of(expected));
}

static void every_value_is_read(void)
{
	struct secmgr_slice text = copied(base);

	CU_ASSERT_EQUAL_FATAL(secmgr_digest_credentials_read(text, &credentials, &why), PRESENT);
	CU_ASSERT_PTR_NULL(why);
	CU_ASSERT_TRUE(is(credentials.username, "alice"));
	CU_ASSERT_TRUE(is(credentials.realm, "example.org"));
	CU_ASSERT_TRUE(is(credentials.nonce, "dGhlIG5vbmNl"));
	CU_ASSERT_TRUE(is(credentials.uri, "sip:bob@example.org"));
	CU_ASSERT_TRUE(is(credentials.cnonce, "0a4f113b"));
	CU_ASSERT_TRUE(is(credentials.nc_text, "00000001"));
	CU_ASSERT_TRUE(is(credentials.algorithm_name, "MD5"));
	CU_ASSERT_TRUE(credentials.algorithm_known);
	CU_ASSERT_EQUAL(credentials.algorithm, SECMGR_ALGORITHM_MD5);
	CU_ASSERT_TRUE(credentials.qop_known);
	CU_ASSERT_EQUAL(credentials.qop, SECMGR_QOP_AUTH);
	CU_ASSERT_EQUAL(credentials.nc, 1);
	CU_ASSERT_EQUAL(credentials.response_length, 16);
	CU_ASSERT_EQUAL(credentials.response[1], 0x23);
	CU_ASSERT_FALSE(credentials.userhash);
	free((void *)text.at);
}

/* Each case is the base with one thing changed. */
struct change
{
	const char *sentence;
	const char *from, *to;
	enum secmgr_credentials_result result;
	const char *why;
};

static void check_changes(const struct change *changes, size_t count)
{
	for(size_t i = 0; i < count; i++) {
		struct secmgr_slice text = replaced(base, changes[i].from, changes[i].to);
		enum secmgr_credentials_result result = secmgr_digest_credentials_read(text, &credentials, &why);

		CHECK(result == changes[i].result, changes[i].sentence);
		CHECK(changes[i].why ? why && strcmp(why, changes[i].why) == 0 : why == NULL, changes[i].sentence);
		if(why && changes[i].why && strcmp(why, changes[i].why) != 0)
			fprintf(stderr, "%s: %s\n", changes[i].sentence, why);
		free((void *)text.at);
	}
}

static void what_is_left_out_or_empty_is_missing(void)
{
	static const struct change changes[] = {
			{"no username", "username=\"alice\", ", "", MALFORMED, "username is missing"},
			{"an empty username", "\"alice\"", "\"\"", MALFORMED, "username is missing"},
			{"no nonce", "nonce=\"dGhlIG5vbmNl\", ", "", MALFORMED, "nonce is missing"},
			{"an empty nonce with a response", "\"dGhlIG5vbmNl\"", "\"\"", MALFORMED, "nonce is missing"},
			{"no uri", "uri=\"sip:bob@example.org\", ", "", MALFORMED, "uri is missing"},
			{"an empty uri", "\"sip:bob@example.org\"", "\"\"", MALFORMED, "uri is missing"},
			{"no response", "response=\"" HEX_32 "\", ", "", MALFORMED, "response is missing"},
			{"an empty response to a nonce", "\"" HEX_32 "\"", "\"\"", MALFORMED, "response is missing"},
			{"qop without nc", ", nc=00000001", "", MALFORMED, "nc is missing"},
			{"qop without cnonce", "cnonce=\"0a4f113b\", ", "", MALFORMED, "cnonce is missing"},
			{"qop with an empty cnonce", "\"0a4f113b\"", "\"\"", MALFORMED, "cnonce is missing"},
			{"no realm is nobody's", "realm=\"example.org\", ", "", ABSENT, NULL},
			{"an empty realm is nobody's", "\"example.org\"", "\"\"", ABSENT, NULL},
			{"no opaque", "opaque=\"5ccc\", ", "", PRESENT, NULL},
			{"an empty opaque", "\"5ccc\"", "\"\"", PRESENT, NULL},
			{"no algorithm means MD5", "algorithm=MD5, ", "", PRESENT, NULL},
	};

	check_changes(changes, COUNT(changes));
}

static void duplicates_are_malformed(void)
{
	static const struct change changes[] = {
			{"username twice", "nc=", "username=\"alice\", nc=", MALFORMED, "username is there twice"},
			{"nonce twice in another case", "nc=", "NONCE=\"x\", nc=", MALFORMED, "nonce is there twice"},
			{"uri twice", "nc=", "uri=\"sip:x\", nc=", MALFORMED, "uri is there twice"},
			{"response twice", "nc=", "response=\"\", nc=", MALFORMED, "response is there twice"},
			{"algorithm twice", "nc=", "algorithm=MD5, nc=", MALFORMED, "algorithm is there twice"},
			{"cnonce twice", "nc=", "cnonce=\"0a4f113b\", nc=", MALFORMED, "cnonce is there twice"},
			{"opaque twice", "nc=", "opaque=\"5ccc\", nc=", MALFORMED, "opaque is there twice"},
			{"qop twice", "nc=", "qop=auth, nc=", MALFORMED, "qop is there twice"},
			{"nc twice", "nc=", "nc=00000001, nc=", MALFORMED, "nc is there twice"},
			{"realm twice", "nc=", "Realm=\"example.org\", nc=", MALFORMED, "realm is there twice"},
			{"userhash twice", "nc=", "userhash=false, userhash=false, nc=", MALFORMED, "userhash is there twice"},
			{"an unknown one twice", "nc=", "x=1, y=2, X=3, nc=", MALFORMED, "a parameter is there twice"},
			{"username and username*", "nc=", "username*=UTF-8''alice, nc=", MALFORMED,
					"username and username* are both there"},
			{"unknown ones once", "nc=", "x=1, y=\"2\", xy=3, nc=", PRESENT, NULL},
	};

	check_changes(changes, COUNT(changes));
}

static void the_grammar_is_kept_to_the_letter(void)
{
	static const struct change changes[] = {
			{"Digest in any case", "Digest", "dIGEST", PRESENT, NULL},
			{"white space before the scheme", "Digest ", " \t Digest \t ", PRESENT, NULL},
			{"names in any case", "username", "UserName", PRESENT, NULL},
			{"a fold after the scheme", "Digest ", "Digest\r\n ", PRESENT, NULL},
			{"folds around comma and equals sign", "\", realm=", "\"\r\n\t, \r\n  realm \r\n = \r\n ", PRESENT, NULL},
			{"white space at the end", "nc=00000001", "nc=00000001 \t", PRESENT, NULL},
			{"no white space at all", ", realm", ",realm", PRESENT, NULL},
			{"a fold at the end", "nc=00000001", "nc=00000001\r\n ", PRESENT, NULL},
			{"a line end without a fold", "nc=00000001", "nc=00000001\r\n", MALFORMED,
					"something stands between a value and the next comma"},
			{"a fold of a bare line feed", ", realm", ",\n realm", MALFORMED, "a parameter has no name"},
			{"two folds in one white space", ", realm", ",\r\n \r\n realm", MALFORMED, "a parameter has no name"},
			{"a fold inside quotes", "\"alice\"", "\"ali\r\n ce\"", MALFORMED, "a quoted string has a control byte"},
			{"a tab inside quotes", "\"alice\"", "\"ali\tce\"", MALFORMED, "a quoted string has a control byte"},
			{"an escaped control byte", "\"alice\"", "\"ali\\\nce\"", MALFORMED, "a quoted string has a control byte"},
			{"a delete byte", "\"alice\"", "\"ali\177ce\"", MALFORMED, "a quoted string has a control byte"},
			{"no scheme's white space", "Digest ", "Digest,", MALFORMED, "no white space after Digest"},
			{"a trailing comma", "nc=00000001", "nc=00000001,", MALFORMED, "a parameter has no name"},
			{"a trailing comma and a space", "nc=00000001", "nc=00000001, ", MALFORMED, "a parameter has no name"},
			{"a leading comma", "Digest ", "Digest , ", MALFORMED, "a parameter has no name"},
			{"two commas", ", realm", ",, realm", MALFORMED, "a parameter has no name"},
			{"a semicolon for a comma", "\", realm", "\"; realm", MALFORMED,
					"something stands between a value and the next comma"},
			{"no comma", "\", realm", "\" realm", MALFORMED, "something stands between a value and the next comma"},
			{"garbage after a quoted value", "\"alice\"", "\"alice\"x", MALFORMED,
					"something stands between a value and the next comma"},
			{"garbage after a token", "algorithm=MD5", "algorithm=MD5 x", MALFORMED,
					"something stands between a value and the next comma"},
			{"a name without a value", "opaque=\"5ccc\"", "opaque", MALFORMED, "a parameter has no value"},
			{"a name with an empty value", "opaque=\"5ccc\"", "opaque=", MALFORMED, "a parameter has no value"},
			{"a value without a name", "opaque=\"5ccc\"", "=\"5ccc\"", MALFORMED, "a parameter has no name"},
			{"two equals signs", "opaque=\"5ccc\"", "opaque==\"5ccc\"", MALFORMED, "a parameter has no value"},
			{"a quote that never closes", "\"5ccc\"", "\"5ccc", MALFORMED, "a quoted string does not end"},
			{"a last quote that never closes", "nc=00000001", "nc=00000001, x=\"", MALFORMED,
					"a quoted string does not end"},
			{"a backslash at the very end", "nc=00000001", "nc=00000001, x=\"\\", MALFORMED,
					"a quoted string does not end"},
			{"an escaped closing quote", "nc=00000001", "nc=00000001, x=\"\\\"", MALFORMED,
					"a quoted string does not end"},
			{"a second scheme", "nc=00000001", "nc=00000001, Digest username=\"bob\"", MALFORMED,
					"a parameter has no value"},
	};

	check_changes(changes, COUNT(changes));
}

static void each_parameter_keeps_its_form(void)
{
	static const struct change changes[] = {
			{"username as a token", "\"alice\"", "alice", MALFORMED, "username is not in the form it must have"},
			{"realm as a token", "\"example.org\"", "example.org", MALFORMED, "realm is not in the form it must have"},
			{"nonce as a token", "\"dGhlIG5vbmNl\"", "dGhlIG5vbmNl", MALFORMED,
					"nonce is not in the form it must have"},
			{"response as a token", "\"" HEX_32 "\"", HEX_32, MALFORMED, "response is not in the form it must have"},
			{"cnonce as a token", "\"0a4f113b\"", "0a4f113b", MALFORMED, "cnonce is not in the form it must have"},
			{"opaque as a token", "\"5ccc\"", "5ccc", MALFORMED, "opaque is not in the form it must have"},
			{"uri in angle brackets", "\"sip:bob@example.org\"", "<sip:bob@example.org>", MALFORMED,
					"a parameter has no value"},
			{"nc in quotes", "00000001", "\"00000001\"", MALFORMED, "nc is not in the form it must have"},
			{"qop in quotes", "qop=auth", "qop=\"auth\"", PRESENT, NULL},
			{"algorithm in quotes", "algorithm=MD5", "algorithm=\"MD5\"", PRESENT, NULL},
			{"both qops in quotes", "qop=auth", "qop=\"auth,auth-int\"", MALFORMED,
					"qop is not in the form it must have"},
			{"an empty qop", "qop=auth", "qop=\"\"", MALFORMED, "qop is not in the form it must have"},
			{"a quoted pair in qop", "qop=auth", "qop=\"au\\th\"", MALFORMED, "qop is not in the form it must have"},
			{"a space in algorithm", "algorithm=MD5", "algorithm=\"MD5 \"", MALFORMED,
					"algorithm is not in the form it must have"},
			{"userhash=false", "nc=", "userhash=false, nc=", PRESENT, NULL},
			{"userhash=TRUE", "nc=", "userhash=TRUE, nc=", PRESENT, NULL},
			{"userhash=1", "nc=", "userhash=1, nc=", MALFORMED, "userhash is neither true nor false"},
			{"userhash in quotes", "nc=", "userhash=\"true\", nc=", MALFORMED,
					"userhash is not in the form it must have"},
			{"username* in quotes", "username=\"alice\"", "username*=\"UTF-8''alice\"", MALFORMED,
					"username* is not in the form it must have"},
	};

	check_changes(changes, COUNT(changes));
}

static void nc_is_eight_hex_digits_and_not_0(void)
{
	static const struct change changes[] = {
			{"seven digits", "00000001", "0000001", MALFORMED, "nc is not eight hex digits"},
			{"nine digits", "00000001", "000000001", MALFORMED, "nc is not eight hex digits"},
			{"a digit that is none", "00000001", "0000000g", MALFORMED, "nc is not eight hex digits"},
			{"a sign", "00000001", "+0000001", MALFORMED, "nc is not eight hex digits"},
			{"a prefix", "00000001", "0x000001", MALFORMED, "nc is not eight hex digits"},
			{"zero", "00000001", "00000000", MALFORMED, "nc is 0"},
			{"a bad one without qop", "qop=auth, nc=00000001", "nc=1", MALFORMED, "nc is not eight hex digits"},
			{"digits in either case", "00000001", "0000aBcD", PRESENT, NULL},
	};
	struct secmgr_slice text = replaced(base, "00000001", "fFfffffe");

	check_changes(changes, COUNT(changes));
	CU_ASSERT_EQUAL(secmgr_digest_credentials_read(text, &credentials, &why), PRESENT);
	CU_ASSERT_EQUAL(credentials.nc, 0xfffffffe);
	CU_ASSERT_TRUE(is(credentials.nc_text, "fFfffffe"));
	free((void *)text.at);
}

static void response_is_hex_of_its_algorithms_length(void)
{
	static const struct change changes[] = {
			{"33 digits", HEX_32, HEX_32 "0", MALFORMED, "response is not hex of its algorithm's length"},
			{"31 digits", HEX_32, "0123456789012345678901234567890", MALFORMED,
					"response is not hex of its algorithm's length"},
			{"64 digits for MD5", HEX_32, HEX_64, MALFORMED, "response is not hex of its algorithm's length"},
			{"64 digits without algorithm", HEX_32 "\", algorithm=MD5", HEX_64 "\"", MALFORMED,
					"response is not hex of its algorithm's length"},
			{"32 digits for SHA-256", "algorithm=MD5", "algorithm=SHA-256", MALFORMED,
					"response is not hex of its algorithm's length"},
			{"32 digits for an unknown one", "algorithm=MD5", "algorithm=AKAv1-MD5", PRESENT, NULL},
			{"64 digits for an unknown one", HEX_32 "\", algorithm=MD5", HEX_64 "\", algorithm=SHA3", PRESENT, NULL},
			{"30 digits for an unknown one", HEX_32 "\", algorithm=MD5",
					"012345678901234567890123456789\", algorithm=X", MALFORMED,
					"response is not hex of its algorithm's length"},
			{"34 digits for an unknown one", HEX_32 "\", algorithm=MD5", HEX_32 "01\", algorithm=X", MALFORMED,
					"response is not hex of its algorithm's length"},
			{"66 digits for an unknown one", HEX_32 "\", algorithm=MD5", HEX_64 "00\", algorithm=SHA3", MALFORMED,
					"response is not hex of its algorithm's length"},
			{"64 digits for SHA-512-256-sess", HEX_32 "\", algorithm=MD5", HEX_64 "\", algorithm=sha-512-256-SESS",
					PRESENT, NULL},
			{"upper case", HEX_32, "0123456789ABCDEF0123456789ABCDEF", PRESENT, NULL},
			{"a digit that is none", HEX_32, "0123456789ABCDEFG123456789ABCDEF", MALFORMED,
					"response is not hex of its algorithm's length"},
	};

	check_changes(changes, COUNT(changes));
}

static void bytes_above_ascii_are_utf_8(void)
{
	static const struct change changes[] = {
			{"two bytes", "alice", "J\xc3\xa4s\xc3\xb8n", PRESENT, NULL},
			{"three and four bytes", "alice", "\xe2\x82\xac\xf0\x9f\x98\x80", PRESENT, NULL},
			{"the last code point", "alice", "\xf4\x8f\xbf\xbf", PRESENT, NULL},
			{"around the surrogates", "alice", "\xed\x9f\xbf\xee\x80\x80", PRESENT, NULL},
			{"Latin-1", "alice", "J\xe4s\xf8n", MALFORMED, "a quoted string is not UTF-8"},
			{"an overlong slash", "alice", "\xc0\xaf", MALFORMED, "a quoted string is not UTF-8"},
			{"an overlong slash in three", "alice", "\xe0\x80\xaf", MALFORMED, "a quoted string is not UTF-8"},
			{"an overlong slash in four", "alice", "\xf0\x80\x80\xaf", MALFORMED, "a quoted string is not UTF-8"},
			{"a surrogate", "alice", "\xed\xa0\x80", MALFORMED, "a quoted string is not UTF-8"},
			{"above the last code point", "alice", "\xf4\x90\x80\x80", MALFORMED, "a quoted string is not UTF-8"},
			{"a lone continuation", "alice", "\x80", MALFORMED, "a quoted string is not UTF-8"},
			{"a sequence cut short", "alice", "\xe2\x82", MALFORMED, "a quoted string is not UTF-8"},
			{"a sequence cut by a quoted pair", "alice", "\xc3\\\xa4", MALFORMED,
					"a backslash stands before a byte that is not ASCII"},
			{"a byte that starts nothing", "alice", "\xff", MALFORMED, "a quoted string is not UTF-8"},
			{"in an unknown parameter", "nc=", "x=\"\xff\", nc=", MALFORMED, "a quoted string is not UTF-8"},
	};

	check_changes(changes, COUNT(changes));
}

static void read_changed(const char *from, const char *to, struct secmgr_slice *text)
{
	*text = replaced(base, from, to);
	CU_ASSERT_EQUAL(secmgr_digest_credentials_read(*text, &credentials, &why), PRESENT);
}

static void quoted_pairs_are_decoded(void)
{
	struct secmgr_slice text;

	read_changed("alice\", realm=\"example.org", "a\\\"l\\\\i\\ce\", realm=\"ex\\ample.\\org", &text);
	CU_ASSERT_TRUE(is(credentials.username, "a\"l\\ice"));
	CU_ASSERT_TRUE(is(credentials.realm, "example.org"));
	CU_ASSERT_TRUE(is(credentials.nonce, "dGhlIG5vbmNl"));
	free((void *)text.at);
}

static void an_extended_username_is_decoded(void)
{
	static const struct
	{
		const char *text, *username; /* NULL: malformed */
	} cases[] = {
			{"UTF-8''J%C3%A4s%c3%b8n%20Doe", "J\xc3\xa4s\xc3\xb8n Doe"},
			{"utf-8'en'alice", "alice"},
			{"Utf-8'de-DE'%22%5c", "\"\\"},
			{"UTF-8''%E2%82%AC!#$&+-.^_`|~", "\xe2\x82\xac!#$&+-.^_`|~"},
			{"UTF-8''", NULL},
			{"UTF-8'alice", NULL},
			{"alice", NULL},
			{"''alice", NULL},
			{"ISO-8859-1''J%E4s%F8n", NULL},
			{"UTF-8''J%E4s", NULL},
			{"UTF-8''a%00b", NULL},
			{"UTF-8''a%0Ab", NULL},
			{"UTF-8''a%7f", NULL},
			{"UTF-8''%C0%AF", NULL},
			{"UTF-8''a%2", NULL},
			{"UTF-8''a%", NULL},
			{"UTF-8''a%G0", NULL},
			{"UTF-8''a'b", NULL},
			{"UTF-8'e_n'alice", NULL},
			{"UTF-8''a*b", NULL},
			{"UTF-8''a(b", NULL},
	};

	for(size_t i = 0; i < COUNT(cases); i++) {
		char parameter[80];
		struct secmgr_slice text;
		enum secmgr_credentials_result result;

		snprintf(parameter, sizeof(parameter), "UserName*=%s", cases[i].text);
		text = replaced(base, "username=\"alice\"", parameter);
		result = secmgr_digest_credentials_read(text, &credentials, &why);
		CHECK(result == (cases[i].username ? PRESENT : MALFORMED), cases[i].text);
		CHECK(!cases[i].username || is(credentials.username, cases[i].username), cases[i].text);
		free((void *)text.at);
	}
}

static void a_lost_qop_is_an_answer_without_qop_and_gives_out_no_nc(void)
{
	struct secmgr_slice text;

	read_changed("qop=auth, ", "", &text);
	CU_ASSERT_TRUE(credentials.qop_known);
	CU_ASSERT_EQUAL(credentials.qop, SECMGR_QOP_NONE);
	CU_ASSERT_EQUAL(credentials.nc, 0);
	CU_ASSERT_EQUAL(credentials.nc_text.length, 0);
	free((void *)text.at);
	read_changed("cnonce=\"0a4f113b\", opaque=\"5ccc\", qop=auth, nc=00000001", "opaque=\"5ccc\"", &text);
	CU_ASSERT_EQUAL(credentials.qop, SECMGR_QOP_NONE);
	free((void *)text.at);
}

static void an_unknown_qop_or_algorithm_is_not_taken_for_a_known_one(void)
{
	struct secmgr_slice text;

	read_changed("qop=auth", "qop=auth-int", &text);
	CU_ASSERT_TRUE(credentials.qop_known);
	CU_ASSERT_EQUAL(credentials.qop, SECMGR_QOP_AUTH_INT);
	free((void *)text.at);
	read_changed("qop=auth", "qop=auth-conf", &text);
	CU_ASSERT_FALSE(credentials.qop_known);
	CU_ASSERT_EQUAL(credentials.qop, SECMGR_QOP_NONE);
	free((void *)text.at);
	read_changed("qop=auth", "qop=AUTH", &text);
	CU_ASSERT_FALSE(credentials.qop_known);
	free((void *)text.at);
	read_changed("algorithm=MD5", "algorithm=MD5x", &text);
	CU_ASSERT_FALSE(credentials.algorithm_known);
	CU_ASSERT_TRUE(is(credentials.algorithm_name, "MD5x"));
	free((void *)text.at);
	read_changed("algorithm=MD5, ", "", &text);
	CU_ASSERT_TRUE(credentials.algorithm_known);
	CU_ASSERT_EQUAL(credentials.algorithm, SECMGR_ALGORITHM_MD5);
	CU_ASSERT_EQUAL(credentials.algorithm_name.length, 0);
	free((void *)text.at);
}

static void another_scheme_is_somebody_elses(void)
{
	static const char *const values[] = {"", " ", "Basic YWxpY2U6cHc=", "Bearer abc.def", "DigestX username=\"a\"",
			"\"Digest\" username=\"a\"", ", Digest username=\"a\"", "Diges"};

	for(size_t i = 0; i < COUNT(values); i++) {
		struct secmgr_slice text = copied(values[i]);

		CHECK(secmgr_digest_credentials_read(text, &credentials, &why) == ABSENT, values[i]);
		free((void *)text.at);
	}
	CU_ASSERT_EQUAL(secmgr_digest_credentials_read((struct secmgr_slice){NULL, 0}, &credentials, &why), ABSENT);
}

static void a_bare_digest_is_malformed(void)
{
	CU_ASSERT_EQUAL(secmgr_digest_credentials_read(SECMGR_SLICE("Digest"), &credentials, &why), MALFORMED);
	CU_ASSERT_EQUAL(secmgr_digest_credentials_read(SECMGR_SLICE("Digest "), &credentials, &why), MALFORMED);
}

static void a_first_register_of_ims_presents_nothing(void)
{
	struct secmgr_slice text = copied("Digest username=\"alice@ims.example.org\",realm=\"ims.example.org\","
									  "uri=\"sip:ims.example.org\",nonce=\"\",response=\"\"");

	CU_ASSERT_EQUAL(secmgr_digest_credentials_read(text, &credentials, &why), ABSENT);
	CU_ASSERT_TRUE(secmgr_digest_credentials_are_of_realm(text, SECMGR_SLICE("ims.example.org")));
	free((void *)text.at);
}

/* `length` bytes 'x' where the base has `from`. */
static enum secmgr_credentials_result read_with_length(const char *from, size_t length)
{
	char *long_text = calloc(1, length + 1);
	struct secmgr_slice text;
	enum secmgr_credentials_result result;

	memset(long_text, 'x', length);
	text = replaced(base, from, long_text);
	result = secmgr_digest_credentials_read(text, &credentials, &why);
	free((void *)text.at);
	free(long_text);
	return result;
}

static void values_at_their_bound_are_read_and_above_it_malformed(void)
{
	static const struct
	{
		const char *value;
		size_t bound;
		const char *why;
	} cases[] = {
			{"alice", SECMGR_USERNAME_MAX, "username is too long"},
			{"example.org", SECMGR_REALM_MAX, "realm is too long"},
			{"0a4f113b", SECMGR_CNONCE_MAX, "cnonce is too long"},
			{"sip:bob@example.org", SECMGR_DIGEST_URI_MAX, "uri is too long"},
			{"5ccc", SECMGR_CREDENTIALS_HEADER_MAX - (sizeof(base) - 1 - 4), "the header field is too long"},
			{"dGhlIG5vbmNl", SECMGR_CREDENTIALS_HEADER_MAX - (sizeof(base) - 1 - 12), "the header field is too long"},
	};

	for(size_t i = 0; i < COUNT(cases); i++) {
		CHECK(read_with_length(cases[i].value, cases[i].bound - 1) == PRESENT, cases[i].why);
		CHECK(read_with_length(cases[i].value, cases[i].bound) == PRESENT, cases[i].why);
		CHECK(read_with_length(cases[i].value, cases[i].bound + 1) == MALFORMED, cases[i].why);
		CHECK(why && strcmp(why, cases[i].why) == 0, cases[i].why);
	}
}

static void the_bound_of_a_value_is_that_of_what_it_decodes_to(void)
{
	char pairs[2 * SECMGR_USERNAME_MAX + 3] = "", escapes[3 * SECMGR_USERNAME_MAX + 40] = "username*=UTF-8''";
	struct secmgr_slice text;

	for(size_t i = 0; i < SECMGR_USERNAME_MAX; i++) {
		strcat(pairs, "\\\"");
		strcat(escapes, "%41");
	}
	read_changed("alice", pairs, &text);
	CU_ASSERT_EQUAL(credentials.username.length, SECMGR_USERNAME_MAX);
	free((void *)text.at);
	read_changed("username=\"alice\"", escapes, &text);
	CU_ASSERT_EQUAL(credentials.username.length, SECMGR_USERNAME_MAX);
	free((void *)text.at);
	text = replaced(base, "alice", strcat(pairs, "x"));
	CU_ASSERT_EQUAL(secmgr_digest_credentials_read(text, &credentials, &why), MALFORMED);
	free((void *)text.at);
	text = replaced(base, "username=\"alice\"", strcat(escapes, "x"));
	CU_ASSERT_EQUAL(secmgr_digest_credentials_read(text, &credentials, &why), MALFORMED);
	CU_ASSERT_STRING_EQUAL(why, "username* is too long");
	free((void *)text.at);
}

static void as_many_parameters_as_allowed_are_read_and_one_more_is_malformed(void)
{
	static const size_t in_base = 10, max = SECMGR_CREDENTIALS_PARAMETERS_MAX;

	for(size_t extra = max - in_base; extra <= max - in_base + 2; extra++) {
		char parameters[1024] = "";
		struct secmgr_slice text;

		for(size_t i = 0; i < extra; i++)
			snprintf(parameters + strlen(parameters), sizeof(parameters) - strlen(parameters), "x%zu=1, ", i);
		strcat(parameters, "nc=");
		text = replaced(base, "nc=", parameters);
		CU_ASSERT_EQUAL(
				secmgr_digest_credentials_read(text, &credentials, &why), extra + in_base <= max ? PRESENT : MALFORMED);
		free((void *)text.at);
	}
}

static void a_realm_is_told_even_where_the_rest_is_malformed(void)
{
	static const struct
	{
		const char *sentence;
		const char *from, *to;
		bool told;
	} cases[] = {
			{"a bad nc", "00000001", "1", true},
			{"a missing nonce", "nonce=\"dGhlIG5vbmNl\", ", "", true},
			{"garbage after it", "algorithm=MD5", "algorithm=MD5 x", true},
			{"a duplicate before it", "Digest ", "Digest username=\"bob\", ", true},
			{"garbage before it", "\"alice\"", "\"alice\"x", false},
			{"itself twice", "nc=", "realm=\"example.org\", nc=", false},
			{"itself as a token", "\"example.org\"", "example.org", false},
	};

	for(size_t i = 0; i < COUNT(cases); i++) {
		struct secmgr_slice text = replaced(base, cases[i].from, cases[i].to);

		CHECK(secmgr_digest_credentials_read(text, &credentials, &why) == MALFORMED, cases[i].sentence);
		CHECK(why != NULL, cases[i].sentence);
		CHECK(cases[i].told ? is(credentials.realm, "example.org") : credentials.realm.at == NULL, cases[i].sentence);
		CHECK(secmgr_digest_credentials_are_of_realm(text, SECMGR_SLICE("example.org")) == cases[i].told,
				cases[i].sentence);
		free((void *)text.at);
	}
}

/* A tab is white space between tokens, and has its cases above. */
static void control_bytes_are_malformed_wherever_they_stand(void)
{
	for(size_t position = sizeof("Digest"); position < sizeof(base) - 1; position++)
		for(int byte = 0; byte <= 0x7f; byte = byte == 0x1f ? 0x7f : byte + 1) {
			struct secmgr_slice text = copied(base);

			((char *)text.at)[position] = (char)byte;
			CHECK(byte == '\t' || secmgr_digest_credentials_read(text, &credentials, &why) == MALFORMED,
					base + position);
			free((void *)text.at);
		}
}

struct field
{
	const char *value;
	size_t offset; /* of the slice in the struct */
};

#define FIELD(value, member)                                      \
	{                                                             \
		value, offsetof(struct secmgr_digest_credentials, member) \
	}

static const struct field fields[] = {
		FIELD("alice", username),
		FIELD("example.org", realm),
		FIELD("dGhlIG5vbmNl", nonce),
		FIELD("sip:bob@example.org", uri),
		FIELD("0a4f113b", cnonce),
		FIELD("00000001", nc_text),
};

static bool reads_as(const struct field *field)
{
	struct secmgr_slice value;

	memcpy(&value, (const char *)&credentials + field->offset, sizeof(value));
	return is(value, field->value);
}

static bool stands_in(const char *value, size_t position)
{
	size_t start = (size_t)(strstr(base, value) - base);

	return position >= start && position < start + strlen(value);
}

static void no_tampered_value_reads_as_the_original(void)
{
	for(size_t position = 0; position < sizeof(base) - 1; position++)
		for(int byte = 0; byte <= 0xff; byte++) {
			struct secmgr_slice text = copied(base);
			bool present;

			((char *)text.at)[position] = (char)byte;
			present = secmgr_digest_credentials_read(text, &credentials, &why) == PRESENT;
			for(size_t i = 0; present && (char)byte != base[position] && i < COUNT(fields); i++)
				if(stands_in(fields[i].value, position) && reads_as(&fields[i]))
					CHECK(false, base + position);
			if(present && (char)byte != base[position] && stands_in(HEX_32, position)) {
				char hex[32];

				secmgr_hex_write(credentials.response, 16, hex);
				CHECK(memcmp(hex, HEX_32, 32) != 0, base + position);
			}
			free((void *)text.at);
		}
}

static void a_text_that_ends_too_soon_is_never_read_as_the_whole(void)
{
	for(size_t length = 0; length < sizeof(base) - 1; length++) {
		struct secmgr_slice text = copied(base);
		char *cut = malloc(length > 0 ? length : 1);
		enum secmgr_credentials_result result;

		memcpy(cut, text.at, length);
		result = secmgr_digest_credentials_read((struct secmgr_slice){cut, length}, &credentials, &why);
		CHECK(length < strlen("Digest") ? result == ABSENT : result != PRESENT || credentials.qop == SECMGR_QOP_NONE,
				base + length);
		free(cut);
		free((void *)text.at);
	}
}

/* In the order and with the blanks and quotes of each client; nonces and responses are made up. */
static void headers_of_real_clients_are_read(void)
{
	static const struct
	{
		const char *client, *value;
		enum secmgr_algorithm algorithm;
		enum secmgr_qop qop;
	} cases[] = {
			{"sipp",
					"Digest username=\"alice\",realm=\"example.org\",cnonce=\"6b8b4567\",nc=00000001,qop=auth,"
					"uri=\"sip:127.0.0.1:5060\",nonce=\"bm9uY2U\",response=\"" HEX_32 "\",algorithm=MD5",
					SECMGR_ALGORITHM_MD5, SECMGR_QOP_AUTH},
			{"an older sipp",
					"Digest username=\"alice\",realm=\"example.org\",cnonce=\"6b8b4567\",nc=00000001,qop=\"auth\","
					"uri=\"sip:*9000@example.org\",nonce=\"c7903793-a86b\",response=\"" HEX_32 "\",algorithm=MD5",
					SECMGR_ALGORITHM_MD5, SECMGR_QOP_AUTH},
			{"linphone",
					"Digest realm=\"example.org\", nonce=\"bm9uY2U\", algorithm=SHA-256, username=\"alice\",  "
					"uri=\"sip:example.org\", response=\"" HEX_64 "\", cnonce=\"WZ~xYtW0a6kOvd2f\", nc=00000001, "
					"qop=auth",
					SECMGR_ALGORITHM_SHA_256, SECMGR_QOP_AUTH},
			{"baresip",
					"Digest username=\"alice\", realm=\"example.org\", nonce=\"bm9uY2U\", uri=\"sip:example.org\", "
					"response=\"" HEX_32 "\", cnonce=\"9a1bde64a2ac5ef6\", qop=auth, nc=00000001, algorithm=MD5",
					SECMGR_ALGORITHM_MD5, SECMGR_QOP_AUTH},
			{"sipsak",
					"Digest username=\"alice\", uri=\"sip:example.org\", algorithm=MD5, realm=\"example.org\", "
					"nonce=\"bm9uY2U\", qop=auth, nc=00000001, cnonce=\"2f6ca3c1\", response=\"" HEX_32 "\"",
					SECMGR_ALGORITHM_MD5, SECMGR_QOP_AUTH},
			{"twinkle",
					"Digest username=\"alice\",realm=\"example.org\",nonce=\"bm9uY2U\",uri=\"sip:example.org\","
					"response=\"" HEX_32 "\",algorithm=MD5,cnonce=\"bb9ebbb1aa\",qop=auth-int,nc=00000001",
					SECMGR_ALGORITHM_MD5, SECMGR_QOP_AUTH_INT},
			{"JsSIP",
					"Digest algorithm=MD5, username=\"alice\", realm=\"example.org\", nonce=\"bm9uY2U\", "
					"uri=\"sip:example.org\", response=\"" HEX_32 "\", qop=auth, cnonce=\"n5uldz1rmczv\", nc=00000001",
					SECMGR_ALGORITHM_MD5, SECMGR_QOP_AUTH},
			{"Asterisk",
					"Digest username=\"alice\", realm=\"example.org\", nonce=\"bm9uY2U\", "
					"uri=\"sip:bob@example.org:5060\", response=\"" HEX_32 "\", algorithm=MD5, "
					"cnonce=\"6b7ad3ee9d2f4cbd98e5\", opaque=\"\", qop=auth, nc=00000001",
					SECMGR_ALGORITHM_MD5, SECMGR_QOP_AUTH},
			{"a client of RFC 2069",
					"Digest username=\"alice\", realm=\"example.org\", nonce=\"bm9uY2U\", uri=\"sip:example.org\", "
					"response=\"" HEX_32 "\"",
					SECMGR_ALGORITHM_MD5, SECMGR_QOP_NONE},
	};

	for(size_t i = 0; i < COUNT(cases); i++) {
		struct secmgr_slice text = copied(cases[i].value);

		CHECK(secmgr_digest_credentials_read(text, &credentials, &why) == PRESENT, cases[i].client);
		CHECK(is(credentials.username, "alice") && is(credentials.realm, "example.org"), cases[i].client);
		CHECK(credentials.algorithm == cases[i].algorithm && credentials.qop == cases[i].qop, cases[i].client);
		free((void *)text.at);
	}
}

#define CREDENTIALS(realm, algorithm, response)                                                                        \
	"Digest username=\"alice\", realm=\"" realm "\", nonce=\"bm9uY2U\", uri=\"sip:example.org\", response=\"" response \
	"\", qop=auth, nc=00000001, cnonce=\"c\"" algorithm

#define OURS_MD5 CREDENTIALS("example.org", "", HEX_32)
#define OURS_MD5_NAMED CREDENTIALS("example.org", ", algorithm=md5", HEX_32)
#define OURS_SHA_256 CREDENTIALS("example.org", ", algorithm=SHA-256", HEX_64)
#define OURS_UNKNOWN CREDENTIALS("example.org", ", algorithm=SHA3-256", HEX_64)
#define OURS_UNKNOWN_TOO CREDENTIALS("example.org", ", algorithm=\"sha3-256\"", HEX_64)
#define OURS_MALFORMED CREDENTIALS("example.org", ", algorithm=SHA-256", HEX_32)
#define OURS_EMPTY "Digest username=\"alice\", realm=\"example.org\", nonce=\"\", uri=\"sip:x\", response=\"\""
#define THEIRS CREDENTIALS("Example.org", "", HEX_32)
#define THEIRS_MALFORMED CREDENTIALS("example.com", ", nc=00000001", HEX_32)
#define NOBODYS_MALFORMED "Digest username=\"alice\" x, realm=\"example.com\""
#define BEARER "Bearer abc"

static void the_field_to_verify_is_the_strongest_of_ours(void)
{
	static const struct
	{
		const char *sentence;
		const char *values[4];
		enum secmgr_credentials_result result;
		size_t header;
	} cases[] = {
			{"no field at all", {NULL}, ABSENT, 0},
			{"one of ours", {OURS_MD5}, PRESENT, 0},
			{"another realm's", {THEIRS}, ABSENT, 0},
			{"another scheme's", {BEARER}, ABSENT, 0},
			{"another realm's malformed one", {THEIRS_MALFORMED}, ABSENT, 0},
			{"ours among others", {THEIRS, BEARER, OURS_MD5, THEIRS_MALFORMED}, PRESENT, 2},
			{"the stronger one first", {OURS_SHA_256, OURS_MD5}, PRESENT, 0},
			{"the stronger one last", {OURS_MD5, OURS_SHA_256}, PRESENT, 1},
			{"a known one before an unknown one", {OURS_UNKNOWN, OURS_MD5, THEIRS}, PRESENT, 1},
			{"a known one first", {OURS_MD5, OURS_UNKNOWN}, PRESENT, 0},
			{"an unknown one where there is nothing else", {THEIRS, OURS_UNKNOWN, THEIRS}, PRESENT, 1},
			{"two of one algorithm", {OURS_SHA_256, OURS_MD5, OURS_SHA_256}, MALFORMED, 0},
			{"MD5 by name and by default", {OURS_MD5, OURS_MD5_NAMED}, MALFORMED, 0},
			{"two of one unknown algorithm", {OURS_UNKNOWN, OURS_MD5, OURS_UNKNOWN_TOO}, MALFORMED, 0},
			{"a malformed one beside a good one", {OURS_MD5, OURS_MALFORMED}, MALFORMED, 0},
			{"a malformed one of nobody knows whom", {OURS_MD5, NOBODYS_MALFORMED}, MALFORMED, 0},
			{"one that presents nothing", {OURS_EMPTY}, ABSENT, 0},
			{"one that presents nothing beside a good one", {OURS_EMPTY, OURS_MD5, OURS_EMPTY}, PRESENT, 1},
	};

	for(size_t i = 0; i < COUNT(cases); i++) {
		struct secmgr_slice values[4];
		size_t count = 0;
		enum secmgr_credentials_result result;

		for(; count < 4 && cases[i].values[count]; count++)
			values[count] = secmgr_slice_of(cases[i].values[count]);
		result = secmgr_digest_credentials_choose(values, count, SECMGR_SLICE("example.org"), &credentials, &why);
		CHECK(result == cases[i].result, cases[i].sentence);
		CHECK((why != NULL) == (result == MALFORMED), cases[i].sentence);
		CHECK(result != PRESENT || credentials.header == cases[i].header, cases[i].sentence);
		CHECK(result != PRESENT || is(credentials.realm, "example.org"), cases[i].sentence);
	}
}

static void the_chosen_values_are_those_of_the_chosen_field(void)
{
	struct secmgr_slice values[2] = {
			SECMGR_SLICE("Digest username=\"al\\ice\", realm=\"r\", nonce=\"n\", uri=\"u\", algorithm=SHA-256, "
						 "response=\"" HEX_64 "\""),
			SECMGR_SLICE("Digest username=\"\\b\\o\\b\", realm=\"r\", nonce=\"n\", uri=\"u\", "
						 "response=\"" HEX_32 "\""),
	};

	CU_ASSERT_EQUAL(secmgr_digest_credentials_choose(values, 2, SECMGR_SLICE("r"), &credentials, &why), PRESENT);
	CU_ASSERT_TRUE(is(credentials.username, "alice"));
	CU_ASSERT_EQUAL(credentials.response_length, 32);
}

static void sixteen_fields_are_read_and_seventeen_are_malformed(void)
{
	struct secmgr_slice values[SECMGR_CREDENTIALS_HEADERS_MAX + 1];

	for(size_t i = 0; i < COUNT(values); i++)
		values[i] = SECMGR_SLICE(BEARER);
	values[SECMGR_CREDENTIALS_HEADERS_MAX - 1] = SECMGR_SLICE(OURS_MD5);
	CU_ASSERT_EQUAL(secmgr_digest_credentials_choose(
							values, SECMGR_CREDENTIALS_HEADERS_MAX, SECMGR_SLICE("example.org"), &credentials, &why),
			PRESENT);
	CU_ASSERT_EQUAL(secmgr_digest_credentials_choose(values, SECMGR_CREDENTIALS_HEADERS_MAX + 1,
							SECMGR_SLICE("example.org"), &credentials, &why),
			MALFORMED);
}

static void only_fields_of_the_realm_are_taken_out_of_a_request(void)
{
	CU_ASSERT_TRUE(secmgr_digest_credentials_are_of_realm(SECMGR_SLICE(OURS_MD5), SECMGR_SLICE("example.org")));
	CU_ASSERT_TRUE(secmgr_digest_credentials_are_of_realm(SECMGR_SLICE(OURS_MALFORMED), SECMGR_SLICE("example.org")));
	CU_ASSERT_FALSE(secmgr_digest_credentials_are_of_realm(SECMGR_SLICE(THEIRS), SECMGR_SLICE("example.org")));
	CU_ASSERT_FALSE(secmgr_digest_credentials_are_of_realm(SECMGR_SLICE(BEARER), SECMGR_SLICE("example.org")));
	CU_ASSERT_FALSE(secmgr_digest_credentials_are_of_realm(SECMGR_SLICE(BEARER), SECMGR_SLICE("")));
}

void secmgr_test_digest_credentials(void)
{
	CU_pSuite suite = CU_add_suite("digest_credentials", NULL, NULL);

	CU_ADD_TEST(suite, every_value_is_read);
	CU_ADD_TEST(suite, what_is_left_out_or_empty_is_missing);
	CU_ADD_TEST(suite, duplicates_are_malformed);
	CU_ADD_TEST(suite, the_grammar_is_kept_to_the_letter);
	CU_ADD_TEST(suite, each_parameter_keeps_its_form);
	CU_ADD_TEST(suite, nc_is_eight_hex_digits_and_not_0);
	CU_ADD_TEST(suite, response_is_hex_of_its_algorithms_length);
	CU_ADD_TEST(suite, bytes_above_ascii_are_utf_8);
	CU_ADD_TEST(suite, quoted_pairs_are_decoded);
	CU_ADD_TEST(suite, an_extended_username_is_decoded);
	CU_ADD_TEST(suite, a_lost_qop_is_an_answer_without_qop_and_gives_out_no_nc);
	CU_ADD_TEST(suite, an_unknown_qop_or_algorithm_is_not_taken_for_a_known_one);
	CU_ADD_TEST(suite, another_scheme_is_somebody_elses);
	CU_ADD_TEST(suite, a_bare_digest_is_malformed);
	CU_ADD_TEST(suite, a_first_register_of_ims_presents_nothing);
	CU_ADD_TEST(suite, values_at_their_bound_are_read_and_above_it_malformed);
	CU_ADD_TEST(suite, the_bound_of_a_value_is_that_of_what_it_decodes_to);
	CU_ADD_TEST(suite, as_many_parameters_as_allowed_are_read_and_one_more_is_malformed);
	CU_ADD_TEST(suite, a_realm_is_told_even_where_the_rest_is_malformed);
	CU_ADD_TEST(suite, control_bytes_are_malformed_wherever_they_stand);
	CU_ADD_TEST(suite, no_tampered_value_reads_as_the_original);
	CU_ADD_TEST(suite, a_text_that_ends_too_soon_is_never_read_as_the_whole);
	CU_ADD_TEST(suite, headers_of_real_clients_are_read);
	CU_ADD_TEST(suite, the_field_to_verify_is_the_strongest_of_ours);
	CU_ADD_TEST(suite, the_chosen_values_are_those_of_the_chosen_field);
	CU_ADD_TEST(suite, sixteen_fields_are_read_and_seventeen_are_malformed);
	CU_ADD_TEST(suite, only_fields_of_the_realm_are_taken_out_of_a_request);
}
