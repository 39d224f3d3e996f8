/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "challenge.h"

#include <string.h>

#include <CUnit/Basic.h>

#include "nonce.h"

void secmgr_test_challenge(void);

#define CHECK_CASE(good, sentence) CU_assertImplementation((good), __LINE__, (sentence), __FILE__, "", CU_FALSE)
#define KNOWN_MAX 32
#define MD5_ALONE (1u << SECMGR_ALGORITHM_MD5)

static struct secmgr_offer_rule known[KNOWN_MAX];
static size_t known_count;

static int compile_known_clients(void)
{
	for(const struct secmgr_known_client *client = secmgr_known_clients; client->user_agent; client++)
		if(known_count == KNOWN_MAX
				|| !secmgr_offer_rule_compile(&known[known_count++], client->user_agent, client->algorithms))
			return 1;
	return 0;
}

static int free_known_clients(void)
{
	while(known_count > 0)
		secmgr_offer_rule_free(&known[--known_count]);
	return 0;
}

static struct secmgr_offer offer_of(const char *algorithms)
{
	struct secmgr_offer offer = {.qops = SECMGR_QOP_OFFERS_AUTH};
	struct secmgr_slice wrong;

	CU_ASSERT_TRUE_FATAL(secmgr_offer_read_algorithms(secmgr_slice_of(algorithms), &offer, &wrong));
	return offer;
}

static bool offers(const struct secmgr_offer *offer, const char *algorithms)
{
	struct secmgr_offer expected = offer_of(algorithms);

	return offer->count == expected.count && offer->qops == expected.qops
		   && memcmp(offer->algorithms, expected.algorithms, expected.count) == 0;
}

static bool is_offered(const char *configured, const char *user_agent, const char *algorithms)
{
	const struct secmgr_offer all = offer_of(configured);
	const struct secmgr_offer offer =
			secmgr_challenge_offer(&all, known, known_count, secmgr_slice_of(user_agent));

	return offers(&offer, algorithms);
}

/* User-Agents as they came over the wire from the clients of Debian 12, unless it says otherwise. */
static const struct
{
	const char *user_agent, *of_two, *of_three;
} clients[] = {
		{"sipsak 0.9.8.1", "MD5", "MD5"},
		{"baresip v1.0.0 (x86_64/linux)", "MD5", "MD5"},
		{"Linphonec/5.1.65", "SHA-256,MD5", "SHA-256,MD5"},
		{"LinphoneAndroid/5.2.0 (Pixel) LinphoneSDK/5.3.0", "SHA-256,MD5", "SHA-256,MD5"},
		{"sofia-sip/1.12.11", "MD5", "MD5"},
		{"softphone/0.1 sofia-sip/1.12.11", "MD5", "MD5"},	 /* how an application prepends its own name */
		{"FreeSWITCH-mod_sofia/1.10.10-release", "MD5", "MD5"}, /* the default of its configuration */
		{"kamailio (5.6.3 (x86_64/linux))", "MD5", "MD5"},
		{"SIPp/3.6.1", "MD5", "MD5"}, /* a scenario's own; sipp sends none by itself */
		{"SIPSAK 1.0", "MD5", "MD5"}, /* any case */
		{"Twinkle/1.10.2", "SHA-256,MD5", "SHA-512-256,SHA-256,MD5"},
		{"Net::SIP::Simple", "SHA-256,MD5", "SHA-512-256,SHA-256,MD5"},
		{"JsSIP 3.10.1", "SHA-256,MD5", "SHA-512-256,SHA-256,MD5"},
		{"my baresip", "SHA-256,MD5", "SHA-512-256,SHA-256,MD5"},
		{"kamailio-like phone", "SHA-256,MD5", "SHA-512-256,SHA-256,MD5"},
		{"", "SHA-256,MD5", "SHA-512-256,SHA-256,MD5"},
};

static void clients_known_to_break_are_offered_what_they_can_take(void)
{
	for(size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
		CHECK_CASE(is_offered("SHA-256,MD5", clients[i].user_agent, clients[i].of_two), clients[i].user_agent);
		CHECK_CASE(is_offered("SHA-512-256,SHA-256,MD5", clients[i].user_agent, clients[i].of_three),
				clients[i].user_agent);
	}
}

static void no_user_agent_brings_in_what_is_not_configured(void)
{
	for(size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++)
		CHECK_CASE(is_offered("SHA-256", clients[i].user_agent, "SHA-256"), clients[i].user_agent);
}

static void the_first_rule_that_matches_decides(void)
{
	const struct secmgr_offer configured = offer_of("SHA-512-256,SHA-256,MD5");
	struct secmgr_offer_rule rules[2];
	struct secmgr_offer offer;

	CU_ASSERT_TRUE_FATAL(secmgr_offer_rule_compile(&rules[0], "acme [0-9]+", 1u << SECMGR_ALGORITHM_SHA_256));
	CU_ASSERT_TRUE_FATAL(secmgr_offer_rule_compile(&rules[1], "acme", MD5_ALONE));
	offer = secmgr_challenge_offer(&configured, rules, 2, SECMGR_SLICE("ACME 7"));
	CU_ASSERT_TRUE(offers(&offer, "SHA-256"));
	offer = secmgr_challenge_offer(&configured, rules, 2, SECMGR_SLICE("acme x"));
	CU_ASSERT_TRUE(offers(&offer, "MD5"));
	offer = secmgr_challenge_offer(&configured, rules, 2, SECMGR_SLICE("other"));
	CU_ASSERT_TRUE(offers(&offer, "SHA-512-256,SHA-256,MD5"));
	offer = secmgr_challenge_offer(&configured, NULL, 0, SECMGR_SLICE("acme 7"));
	CU_ASSERT_TRUE(offers(&offer, "SHA-512-256,SHA-256,MD5"));
	secmgr_offer_rule_free(&rules[0]);
	secmgr_offer_rule_free(&rules[1]);
}

static void no_user_agent_is_matched_by_a_rule_for_nothing(void)
{
	const struct secmgr_offer configured = offer_of("SHA-256,MD5");
	const struct secmgr_slice nothing = {NULL, 0};
	struct secmgr_offer_rule rule;
	struct secmgr_offer offer;

	CU_ASSERT_TRUE_FATAL(secmgr_offer_rule_compile(&rule, "^$", MD5_ALONE));
	offer = secmgr_challenge_offer(&configured, &rule, 1, nothing);
	CU_ASSERT_TRUE(offers(&offer, "MD5"));
	offer = secmgr_challenge_offer(&configured, &rule, 1, SECMGR_SLICE("x"));
	CU_ASSERT_TRUE(offers(&offer, "SHA-256,MD5"));
	secmgr_offer_rule_free(&rule);
}

static void of_a_long_user_agent_the_beginning_counts(void)
{
	static char text[SECMGR_USER_AGENT_MAX + 2];
	const struct secmgr_offer configured = offer_of("SHA-256,MD5");
	struct secmgr_offer_rule rule;
	struct secmgr_offer offer;

	CU_ASSERT_TRUE_FATAL(secmgr_offer_rule_compile(&rule, "z", MD5_ALONE));
	memset(text, 'a', sizeof(text));
	text[SECMGR_USER_AGENT_MAX - 1] = 'z';
	offer = secmgr_challenge_offer(&configured, &rule, 1, (struct secmgr_slice){text, sizeof(text)});
	CU_ASSERT_TRUE(offers(&offer, "MD5"));
	text[SECMGR_USER_AGENT_MAX - 1] = 'a';
	text[SECMGR_USER_AGENT_MAX] = 'z';
	offer = secmgr_challenge_offer(&configured, &rule, 1, (struct secmgr_slice){text, sizeof(text)});
	CU_ASSERT_TRUE(offers(&offer, "SHA-256,MD5"));
	secmgr_offer_rule_free(&rule);
}

static void rules_that_an_attacker_could_make_slow_are_not_made(void)
{
	static const struct
	{
		const char *sentence, *pattern;
		bool made;
	} cases[] = {
			{"a back-reference is refused", "(a*)*\\1", false},
			{"a back-reference after an escaped backslash is refused", "(a)\\\\\\1", false},
			{"an escaped backslash before a digit is none", "a\\\\1", true},
			{"an escaped dot is none", "acme\\.2", true},
			{"what does not compile is refused", "(acme", false},
			{"a trailing backslash is refused", "acme\\", false},
			{"a plain name is good", "acme", true},
	};

	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct secmgr_offer_rule rule;
		bool made = secmgr_offer_rule_compile(&rule, cases[i].pattern, MD5_ALONE);

		CHECK_CASE(made == cases[i].made, cases[i].sentence);
		if(made)
			secmgr_offer_rule_free(&rule);
	}
}

static const struct secmgr_slice realm = SECMGR_SLICE("example.org");
static const struct secmgr_slice nonce = SECMGR_SLICE("EEUBi8_laHverb7vAQIDBAUGBwj4Pyu_a4q1SlS1Pzwe4pV3");

static const struct
{
	const char *sentence;
	enum secmgr_challenge_kind kind;
	enum secmgr_algorithm algorithm;
	uint8_t qops;
	bool stale;
	const char *field;
} fields[] = {
		{"a proxy asks with Proxy-Authenticate", SECMGR_CHALLENGE_PROXY, SECMGR_ALGORITHM_SHA_256,
				SECMGR_QOP_OFFERS_AUTH, false,
				"Proxy-Authenticate: Digest realm=\"example.org\", "
				"nonce=\"EEUBi8_laHverb7vAQIDBAUGBwj4Pyu_a4q1SlS1Pzwe4pV3\", qop=\"auth\", algorithm=SHA-256\r\n"},
		{"a registrar asks with WWW-Authenticate", SECMGR_CHALLENGE_WWW, SECMGR_ALGORITHM_MD5, SECMGR_QOP_OFFERS_AUTH,
				false,
				"WWW-Authenticate: Digest realm=\"example.org\", "
				"nonce=\"EEUBi8_laHverb7vAQIDBAUGBwj4Pyu_a4q1SlS1Pzwe4pV3\", qop=\"auth\", algorithm=MD5\r\n"},
		{"stale stands last", SECMGR_CHALLENGE_PROXY, SECMGR_ALGORITHM_MD5, SECMGR_QOP_OFFERS_AUTH, true,
				"Proxy-Authenticate: Digest realm=\"example.org\", "
				"nonce=\"EEUBi8_laHverb7vAQIDBAUGBwj4Pyu_a4q1SlS1Pzwe4pV3\", qop=\"auth\", algorithm=MD5, "
				"stale=true\r\n"},
		{"both qops stand in one pair of quotes", SECMGR_CHALLENGE_PROXY, SECMGR_ALGORITHM_SHA_512_256,
				SECMGR_QOP_OFFERS_AUTH | SECMGR_QOP_OFFERS_AUTH_INT, false,
				"Proxy-Authenticate: Digest realm=\"example.org\", "
				"nonce=\"EEUBi8_laHverb7vAQIDBAUGBwj4Pyu_a4q1SlS1Pzwe4pV3\", qop=\"auth,auth-int\", "
				"algorithm=SHA-512-256\r\n"},
		{"auth-int may stand alone", SECMGR_CHALLENGE_PROXY, SECMGR_ALGORITHM_MD5_SESS, SECMGR_QOP_OFFERS_AUTH_INT,
				false,
				"Proxy-Authenticate: Digest realm=\"example.org\", "
				"nonce=\"EEUBi8_laHverb7vAQIDBAUGBwj4Pyu_a4q1SlS1Pzwe4pV3\", qop=\"auth-int\", "
				"algorithm=MD5-sess\r\n"},
};

static void a_challenge_is_spelt_as_phones_read_it(void)
{
	for(size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		char buffer[SECMGR_CHALLENGE_MAX + 2];
		struct secmgr_writer writer = secmgr_writer_into(buffer, sizeof(buffer));

		CHECK_CASE(secmgr_challenge_write(&writer, fields[i].kind, realm, nonce, fields[i].algorithm, fields[i].qops,
						   fields[i].stale)
						   && secmgr_slice_equals(secmgr_writer_text(&writer), secmgr_slice_of(fields[i].field)),
				fields[i].sentence);
	}
}

static void the_longest_challenge_fits(void)
{
	char name[SECMGR_REALM_MAX], text[SECMGR_NONCE_CHARS], buffer[SECMGR_CHALLENGE_MAX + 2];
	struct secmgr_writer writer = secmgr_writer_into(buffer, sizeof(buffer));

	memset(name, 'r', sizeof(name));
	memset(text, 'n', sizeof(text));
	CU_ASSERT_TRUE(secmgr_challenge_write(&writer, SECMGR_CHALLENGE_PROXY, (struct secmgr_slice){name, sizeof(name)},
			(struct secmgr_slice){text, sizeof(text)}, SECMGR_ALGORITHM_SHA_512_256_SESS,
			SECMGR_QOP_OFFERS_AUTH | SECMGR_QOP_OFFERS_AUTH_INT, true));
}

static void a_challenge_that_does_not_fit_is_refused_at_every_length(void)
{
	const size_t whole = strlen(fields[2].field);
	char buffer[SECMGR_CHALLENGE_MAX];

	for(size_t size = 0; size <= whole; size++) {
		struct secmgr_writer writer = secmgr_writer_into(buffer, size);

		CU_ASSERT_EQUAL(secmgr_challenge_write(&writer, SECMGR_CHALLENGE_PROXY, realm, nonce, SECMGR_ALGORITHM_MD5,
								SECMGR_QOP_OFFERS_AUTH, true),
				size == whole);
	}
}

static void several_challenges_stand_one_after_another(void)
{
	char buffer[2 * SECMGR_CHALLENGE_MAX];
	struct secmgr_writer writer = secmgr_writer_into(buffer, sizeof(buffer));

	for(size_t i = 0; i < 2; i++)
		CU_ASSERT_TRUE(secmgr_challenge_write(
				&writer, fields[i].kind, realm, nonce, fields[i].algorithm, fields[i].qops, fields[i].stale));
	CU_ASSERT_EQUAL(writer.length, strlen(fields[0].field) + strlen(fields[1].field));
}

static bool can_be_written(struct secmgr_slice of_realm, struct secmgr_slice of_nonce, uint8_t qops)
{
	char buffer[SECMGR_CHALLENGE_MAX];
	struct secmgr_writer writer = secmgr_writer_into(buffer, sizeof(buffer));

	return secmgr_challenge_write(
			&writer, SECMGR_CHALLENGE_PROXY, of_realm, of_nonce, SECMGR_ALGORITHM_MD5, qops, false);
}

static void a_realm_that_could_end_its_quotes_is_unsound(void)
{
	static const struct
	{
		const char *sentence;
		struct secmgr_slice realm;
		bool sound;
	} cases[] = {
			{"a domain is sound", SECMGR_SLICE("example.org"), true},
			{"spaces are sound", SECMGR_SLICE("Example's realm (1)"), true},
			{"one letter is sound", SECMGR_SLICE("x"), true},
			{"nothing is not", SECMGR_SLICE(""), false},
			{"a quote is not", SECMGR_SLICE("a\"b"), false},
			{"a backslash is not", SECMGR_SLICE("a\\b"), false},
			{"a line end is not", SECMGR_SLICE("a\r\nVia: x"), false},
			{"a NUL is not", SECMGR_SLICE("a\0b"), false},
			{"a tab is not", SECMGR_SLICE("a\tb"), false},
			{"DEL is not", SECMGR_SLICE("a\x7f"), false},
			{"UTF-8 is not", SECMGR_SLICE("caf\xc3\xa9"), false},
	};

	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_CASE(secmgr_challenge_realm_is_sound(cases[i].realm) == cases[i].sound, cases[i].sentence);
		CHECK_CASE(can_be_written(cases[i].realm, nonce, SECMGR_QOP_OFFERS_AUTH) == cases[i].sound, cases[i].sentence);
	}
}

static void a_realm_is_sound_up_to_its_bound(void)
{
	char name[SECMGR_REALM_MAX + 1];

	memset(name, 'r', sizeof(name));
	CU_ASSERT_TRUE(secmgr_challenge_realm_is_sound((struct secmgr_slice){name, SECMGR_REALM_MAX}));
	CU_ASSERT_FALSE(secmgr_challenge_realm_is_sound((struct secmgr_slice){name, SECMGR_REALM_MAX + 1}));
}

static void nothing_is_written_of_what_cannot_be_right(void)
{
	CU_ASSERT_FALSE(can_be_written(realm, SECMGR_SLICE(""), SECMGR_QOP_OFFERS_AUTH));
	CU_ASSERT_FALSE(can_be_written(realm, SECMGR_SLICE("a\"b"), SECMGR_QOP_OFFERS_AUTH));
	CU_ASSERT_FALSE(can_be_written(realm, nonce, 0));
	CU_ASSERT_FALSE(can_be_written(realm, nonce, 4));
}

void secmgr_test_challenge(void)
{
	CU_pSuite offer = CU_add_suite("challenge: the offer", compile_known_clients, free_known_clients);
	CU_pSuite field = CU_add_suite("challenge: the header field", NULL, NULL);

	CU_ADD_TEST(offer, clients_known_to_break_are_offered_what_they_can_take);
	CU_ADD_TEST(offer, no_user_agent_brings_in_what_is_not_configured);
	CU_ADD_TEST(offer, the_first_rule_that_matches_decides);
	CU_ADD_TEST(offer, no_user_agent_is_matched_by_a_rule_for_nothing);
	CU_ADD_TEST(offer, of_a_long_user_agent_the_beginning_counts);
	CU_ADD_TEST(offer, rules_that_an_attacker_could_make_slow_are_not_made);
	CU_ADD_TEST(field, a_challenge_is_spelt_as_phones_read_it);
	CU_ADD_TEST(field, the_longest_challenge_fits);
	CU_ADD_TEST(field, a_challenge_that_does_not_fit_is_refused_at_every_length);
	CU_ADD_TEST(field, several_challenges_stand_one_after_another);
	CU_ADD_TEST(field, a_realm_that_could_end_its_quotes_is_unsound);
	CU_ADD_TEST(field, a_realm_is_sound_up_to_its_bound);
	CU_ADD_TEST(field, nothing_is_written_of_what_cannot_be_right);
}
