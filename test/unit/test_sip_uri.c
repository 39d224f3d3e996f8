/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <CUnit/CUnit.h>

#include <stdlib.h>
#include <string.h>

#include "sip_uri.h"

#define CHECK(condition, sentence) \
	CU_assertImplementation((condition), __LINE__, (sentence), __FILE__, __func__, CU_FALSE)
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define SIP SECMGR_SIP_URI_SIP
#define SIPS SECMGR_SIP_URI_SIPS
#define TEL SECMGR_SIP_URI_TEL

static bool is(struct secmgr_slice text, const char *expected)
{
	return secmgr_slice_equals(text, secmgr_slice_of(expected));
}

/* In memory of exactly its length, so that AddressSanitizer sees one byte too many being read. */
static struct secmgr_slice copied(const char *text)
{
	size_t length = strlen(text);
	char *copy = malloc(length > 0 ? length : 1);

	memcpy(copy, text, length);
	return (struct secmgr_slice){copy, length};
}

static void a_uri_is_taken_apart(void)
{
	static const struct
	{
		const char *text;
		enum secmgr_sip_uri_scheme scheme;
		const char *user, *host;
		uint16_t port;
	} cases[] = {
			{"sip:alice@atlanta.com", SIP, "alice", "atlanta.com", 0},
			{"sip:alice:secretword@atlanta.com;transport=tcp", SIP, "alice", "atlanta.com", 0},
			{"sips:alice@atlanta.com?subject=project%20x&priority=urgent", SIPS, "alice", "atlanta.com", 0},
			{"sip:+1-212-555-1212:1234@gateway.com;user=phone", SIP, "+1-212-555-1212", "gateway.com", 0},
			{"sips:1212@gateway.com", SIPS, "1212", "gateway.com", 0},
			{"sip:alice@192.0.2.4", SIP, "alice", "192.0.2.4", 0},
			{"sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com", SIP, "", "atlanta.com", 0},
			{"sip:alice;day=tuesday@atlanta.com", SIP, "alice;day=tuesday", "atlanta.com", 0},
			{"SIP:example.org:5060", SIP, "", "example.org", 5060},
			{"SipS:a@example.org:65535;lr", SIPS, "a", "example.org", 65535},
			{"sip:a@example.org:1?x=y", SIP, "a", "example.org", 1},
			{"sip:alice%40home@example.org", SIP, "alice%40home", "example.org", 0},
			{"sip:a?b/c;d=e@example.org", SIP, "a?b/c;d=e", "example.org", 0},
			{"sip:[2001:db8::10]", SIP, "", "[2001:db8::10]", 0},
			{"sip:a@[2001:db8::10]:5070;transport=udp", SIP, "a", "[2001:db8::10]", 5070},
			{"sip:a@[::ffff:192.0.2.10]", SIP, "a", "[::ffff:192.0.2.10]", 0},
			{"sip:#31#5551212@example.org", SIP, "#31#5551212", "example.org", 0},
			{"sip:a:@example.org", SIP, "a", "example.org", 0},
			{"sip:a@my_host.local.", SIP, "a", "my_host.local.", 0},
			/* RFC 4475 sections 3.1.1.2, 3.1.1.3, 3.1.1.4, 3.1.1.9 */
			{"sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
			 "@example.com",
					SIP, "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*", "example.com", 0},
			{"sip:sips%3Auser%40example.com@example.net", SIP, "sips%3Auser%40example.com", "example.net", 0},
			{"sip:null-%00-null@example.com", SIP, "null-%00-null", "example.com", 0},
			{"sip:user;par=u%40example.net@example.com", SIP, "user;par=u%40example.net", "example.com", 0},
			{"tel:+358-555-1234567", TEL, "+358-555-1234567", "", 0},
			{"TEL:7042;phone-context=example.com", TEL, "7042", "", 0},
			{"tel:*21#;phone-context=+358", TEL, "*21#", "", 0},
			{"tel:(555)CAFE;phone-context=+1", TEL, "(555)CAFE", "", 0},
	};

	for(size_t i = 0; i < COUNT(cases); i++) {
		struct secmgr_slice text = copied(cases[i].text);
		struct secmgr_sip_uri uri;

		CHECK(secmgr_sip_uri_read(text, &uri), cases[i].text);
		CHECK(uri.scheme == cases[i].scheme, cases[i].text);
		CHECK(is(uri.user, cases[i].user), cases[i].text);
		CHECK(is(uri.host, cases[i].host), cases[i].text);
		CHECK(uri.port == cases[i].port, cases[i].text);
		free((void *)text.at);
	}
}

static void what_is_no_uri_is_refused(void)
{
	static const char *const texts[] = {"", "sip", "sip:", "sips:", "tel:", ":", "alice@example.org", "example.org",
			"mailto:alice@example.org", "http://example.org", "sip :a@example.org", " sip:a@example.org",
			"sip:a@example.org ", "sip:a b@example.org", "sip:a@exam ple.org", "sip:a@example.org; lr",
			"<sip:a@example.org>", "sip:a@example.org>", "sip:\"a\"@example.org", "sip:a\t@example.org",
			"sip:a@example.org\r\n", "sip:a\177@example.org", "sip:j\xc3\xbcrgen@example.org",
			/* no host, no user, two of them */
			"sip:a@", "sip:@example.org", "sip::pw@example.org", "sip:a@;lr", "sip:;lr", "sip:a@b@example.org",
			"sip:a@evil.example;x=@example.org", "sip:a@example.org?x=b@c", "sip:a:b:c@example.org",
			/* ports */
			"sip:example.org:", "sip:example.org:0", "sip:example.org:65536", "sip:example.org:5060x",
			"sip:example.org:+5060", "sip:example.org:-1", "sip:example.org:4294972356", "sip:example.org:5060:5061",
			"sip:example.org:;lr",
			/* hosts */
			"sip:a@exam/ple.org", "sip:a@exa%6Dple.org", "sip:[2001:db8::1", "sip:2001:db8::1]", "sip:2001:db8::1",
			"sip:[]", "sip:[2001:db8::1]]", "sip:[[2001:db8::1]]", "sip:[2001:db8::g]", "sip:[abc]",
			"sip:[2001:db8::1]x", "sip:[fe80::1%25eth0]", "sip:a@[2001:db8::1]5060",
			/* escapes */
			"sip:a%@example.org", "sip:a%4@example.org", "sip:a%4g@example.org", "sip:a@example.org;x=%",
			"sip:a@example.org?x=%4", "sip:a@example.org;x=%zz",
			/* telephone numbers */
			"tel:+", "tel:-", "tel:+-", "tel:()", "tel:+358A", "tel:+*21", "tel:12 34", "tel:12x", "tel:;x=y",
			"tel:12?x=y", "tel:12@example.org", "tel:++12", "tel:1+2", "tel:%31"};

	for(size_t i = 0; i < COUNT(texts); i++) {
		struct secmgr_slice text = copied(texts[i]);
		struct secmgr_sip_uri uri;

		CHECK(!secmgr_sip_uri_read(text, &uri), texts[i]);
		free((void *)text.at);
	}
}

static void a_nul_byte_is_refused_wherever_it_stands(void)
{
	static const char whole[] = "sip:alice@example.org:5060;lr";

	for(size_t i = 0; i < sizeof(whole) - 1; i++) {
		struct secmgr_slice text = copied(whole);
		struct secmgr_sip_uri uri;

		((char *)text.at)[i] = '\0';
		CHECK(!secmgr_sip_uri_read(text, &uri), whole + i);
		free((void *)text.at);
	}
}

static bool same(const char *a, const char *b)
{
	struct secmgr_sip_uri first, second;

	CHECK(secmgr_sip_uri_read(secmgr_slice_of(a), &first), a);
	CHECK(secmgr_sip_uri_read(secmgr_slice_of(b), &second), b);
	CHECK(secmgr_sip_uri_same_target(&first, &second) == secmgr_sip_uri_same_target(&second, &first), a);
	return secmgr_sip_uri_same_target(&first, &second);
}

static void uris_of_one_target_are_equal(void)
{
	static const char *const pairs[][2] = {
			/* RFC 3261 section 19.1.4 */
			{"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"},
			{"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"},
			{"sip:carol@chicago.com", "sip:carol@chicago.com;security=on"},
			{"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
					"sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com"},
			/* parameters and headers are set aside, and so is a password */
			{"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"},
			{"sip:alice:one@atlanta.com", "sip:alice@atlanta.com"},
			{"sip:a%3bb@example.org", "sip:a%3Bb@example.org"},
			{"sip:a%3Bb@example.org", "sip:a;b@example.org"},
			{"sip:[2001:DB8::1]:5060", "SIP:[2001:db8::1]:5060"},
			{"tel:+1-(212).555-1212", "TEL:+12125551212;isub=1"},
			{"tel:555CAFE;phone-context=+1", "tel:555-cafe;phone-context=+1"},
	};

	for(size_t i = 0; i < COUNT(pairs); i++)
		CHECK(same(pairs[i][0], pairs[i][1]), pairs[i][0]);
}

static void uris_of_two_targets_differ(void)
{
	static const char *const pairs[][2] = {
			/* RFC 3261 section 19.1.4 */
			{"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"},
			{"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"},
			{"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"},
			{"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"},
			{"sip:bob@biloxi.com", "sips:bob@biloxi.com"},
			{"sip:bob@biloxi.com", "sip:biloxi.com"},
			{"sip:bob@biloxi.com", "sip:bobby@biloxi.com"},
			{"sip:bob@biloxi.com", "sip:bob%00@biloxi.com"},
			{"sip:bob@biloxi.com", "sip:bob@biloxi.com."},
			{"sip:bob@biloxi.com", "sip:bob@biloxi.co"},
			{"sip:a%2561@example.org", "sip:a%61@example.org"},
			{"sip:+1-212@example.org", "sip:+1212@example.org"},
			{"sip:+12125551212@example.org;user=phone", "tel:+12125551212"},
			{"tel:+12125551212", "tel:12125551212"},
			{"tel:+12125551212", "tel:+1212555121"},
			{"tel:*21", "tel:#21"},
	};

	for(size_t i = 0; i < COUNT(pairs); i++)
		CHECK(!same(pairs[i][0], pairs[i][1]), pairs[i][0]);
}

static bool user_is(const char *text, struct secmgr_slice name)
{
	struct secmgr_sip_uri uri;

	CHECK(secmgr_sip_uri_read(secmgr_slice_of(text), &uri), text);
	return secmgr_sip_uri_user_is(&uri, name);
}

static void the_user_is_compared_unescaped_and_byte_for_byte(void)
{
	CU_ASSERT_TRUE(user_is("sip:alice@example.org", SECMGR_SLICE("alice")));
	CU_ASSERT_TRUE(user_is("sip:%61l%69ce@example.org", SECMGR_SLICE("alice")));
	CU_ASSERT_TRUE(user_is("sip:alice%40home@example.org", SECMGR_SLICE("alice@home")));
	CU_ASSERT_TRUE(user_is("sip:J%C3%BCrgen@example.org", SECMGR_SLICE("J\xc3\xbcrgen")));
	CU_ASSERT_TRUE(user_is("sip:alice:pw@example.org", SECMGR_SLICE("alice")));
	CU_ASSERT_TRUE(user_is("tel:+358555", SECMGR_SLICE("+358555")));
	CU_ASSERT_FALSE(user_is("sip:alice@example.org", SECMGR_SLICE("Alice")));
	CU_ASSERT_FALSE(user_is("sip:alice@example.org", SECMGR_SLICE("alic")));
	CU_ASSERT_FALSE(user_is("sip:alice@example.org", SECMGR_SLICE("alice2")));
	CU_ASSERT_FALSE(user_is("sip:alice%00@example.org", SECMGR_SLICE("alice")));
	CU_ASSERT_FALSE(user_is("sip:%2561@example.org", SECMGR_SLICE("a")));
	CU_ASSERT_TRUE(user_is("sip:%2561@example.org", SECMGR_SLICE("%61")));
	CU_ASSERT_FALSE(user_is("sip:alice@example.org", SECMGR_SLICE("")));
}

static void a_uri_without_user_is_nobodys(void)
{
	CU_ASSERT_FALSE(user_is("sip:example.org", SECMGR_SLICE("")));
	CU_ASSERT_FALSE(user_is("sip:example.org", SECMGR_SLICE("example.org")));
}

static void a_uri_that_ends_too_soon_is_refused_or_another(void)
{
	static const char whole[] = "sip:alice@example.org:5060";
	struct secmgr_sip_uri uri, cut;

	CU_ASSERT_TRUE(secmgr_sip_uri_read(SECMGR_SLICE(whole), &uri));
	for(size_t length = 0; length < sizeof(whole) - 1; length++) {
		char *text = malloc(length > 0 ? length : 1);

		memcpy(text, whole, length);
		if(secmgr_sip_uri_read((struct secmgr_slice){text, length}, &cut))
			CHECK(!secmgr_sip_uri_same_target(&uri, &cut), whole + length);
		free(text);
	}
}

static void no_tampered_uri_is_the_same_target(void)
{
	static const char whole[] = "sip:alice@example.org:5060";
	struct secmgr_sip_uri uri, tampered;

	CU_ASSERT_TRUE(secmgr_sip_uri_read(SECMGR_SLICE(whole), &uri));
	for(size_t position = 0; position < sizeof(whole) - 1; position++)
		for(int byte = 0; byte <= 0xff; byte++) {
			struct secmgr_slice text = copied(whole);
			bool same_but_for_case = ((byte ^ whole[position]) & ~0x20) == 0
									 && (position < strlen("sip") || position > strlen("sip:alice"));

			((char *)text.at)[position] = (char)byte;
			if(byte != whole[position] && !same_but_for_case && secmgr_sip_uri_read(text, &tampered))
				CHECK(!secmgr_sip_uri_same_target(&uri, &tampered), whole + position);
			free((void *)text.at);
		}
}

void secmgr_test_sip_uri(void)
{
	CU_pSuite suite = CU_add_suite("sip_uri", NULL, NULL);

	CU_ADD_TEST(suite, a_uri_is_taken_apart);
	CU_ADD_TEST(suite, what_is_no_uri_is_refused);
	CU_ADD_TEST(suite, a_nul_byte_is_refused_wherever_it_stands);
	CU_ADD_TEST(suite, uris_of_one_target_are_equal);
	CU_ADD_TEST(suite, uris_of_two_targets_differ);
	CU_ADD_TEST(suite, the_user_is_compared_unescaped_and_byte_for_byte);
	CU_ADD_TEST(suite, a_uri_without_user_is_nobodys);
	CU_ADD_TEST(suite, a_uri_that_ends_too_soon_is_refused_or_another);
	CU_ADD_TEST(suite, no_tampered_uri_is_the_same_target);
}
