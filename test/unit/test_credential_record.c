/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "credential_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <CUnit/Basic.h>

#include "failing_memory.h"

#include "digest.h"
#include "wiping_memory.h"

void secmgr_test_credential_record(void);

#define CHECK_CASE(good, sentence) CU_assertImplementation((good), __LINE__, (sentence), __FILE__, "", CU_FALSE)

#define MD5 "00112233445566778899aabbccddeeff"
#define SHA MD5 MD5
#define NAMES "\"username\":\"alice\",\"realm\":\"example.org\""
#define HA1 "\"ha1\":{\"MD5\":\"" MD5 "\"}"
#define RECORD(rest) "{" NAMES "," HA1 rest "}"

static struct secmgr_credential credential;
static const char *why;
static struct secmgr_profile profile;

static void use_profile(const char *text)
{
	char wrong[SECMGR_PROFILE_WHY_MAX];

	if(!secmgr_profile_read(secmgr_slice_of(text), &profile, wrong))
		CHECK_CASE(false, wrong);
}

/* From memory of exactly that size, so that AddressSanitizer sees a step beyond; not from malloc, which is the
 * decoder's to fail. */
static enum secmgr_record read_slice(struct secmgr_slice json)
{
	char *copy = calloc(1, json.length ? json.length : 1);
	enum secmgr_record result;

	CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
	memcpy(copy, json.at, json.length);
	why = NULL;
	memset(&credential, 0xff, sizeof(credential));
	result = secmgr_credential_record_read(&profile, (struct secmgr_slice){copy, json.length}, SECMGR_SLICE("alice"),
			SECMGR_SLICE("example.org"), &credential, &why);
	free(copy);
	return result;
}

static bool decode_slice(struct secmgr_slice json)
{
	return read_slice(json) == SECMGR_RECORD_IS_SOUND;
}

static bool decode(const char *json)
{
	return decode_slice(secmgr_slice_of(json));
}

static bool is_wiped(void)
{
	static const struct secmgr_credential nothing;

	return memcmp(&credential, &nothing, sizeof(nothing)) == 0;
}

static bool is_fault(const char *json, const char *words)
{
	return !decode(json) && is_wiped() && why && strcmp(why, words) == 0;
}

static void a_whole_record_becomes_a_credential(void)
{
	static const uint8_t md5[16] = {
			0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};

	CU_ASSERT_TRUE(
			decode("{" NAMES ",\"ha1\":{\"MD5\":\"" MD5 "\",\"SHA-256\":\"" SHA "\",\"SHA-512-256\":\"" SHA "\"},"
				   "\"status\":\"active\",\"identities\":[\"sip:alice@example.org\",\"tel:+358501234567\"],"
				   "\"policy\":\"trunk\",\"attributes\":{\"b\": [1, 0.1, null, true], \"a\": {\"c\": \"\xc3\xa4\"}}}"));
	CU_ASSERT_EQUAL(credential.subscriber, SECMGR_SUBSCRIBER_ACTIVE);
	for(unsigned hash = 0; hash < SECMGR_HASH_COUNT; hash++)
		CU_ASSERT_TRUE(secmgr_credential_has(&credential, (enum secmgr_hash)hash));
	CU_ASSERT_EQUAL(memcmp(credential.ha1[SECMGR_HASH_MD5], md5, 16), 0);
	CU_ASSERT_EQUAL(memcmp(credential.ha1[SECMGR_HASH_SHA_256], md5, 16), 0);
	CU_ASSERT_EQUAL(memcmp(credential.ha1[SECMGR_HASH_SHA_512_256] + 16, md5, 16), 0);
	CU_ASSERT_TRUE(secmgr_slice_equals(
			secmgr_credential_identities(&credential), SECMGR_SLICE("sip:alice@example.org\ntel:+358501234567")));
	CU_ASSERT_TRUE(secmgr_slice_equals(secmgr_credential_policy(&credential), SECMGR_SLICE("trunk")));
	CU_ASSERT_TRUE(secmgr_slice_equals(secmgr_credential_attributes(&credential),
			SECMGR_SLICE("{\"b\":[1,0.1,null,true],\"a\":{\"c\":\"\xc3\xa4\"}}")));
}

static void the_least_record_is_enough(void)
{
	CU_ASSERT_TRUE(decode(RECORD("")));
	CU_ASSERT_EQUAL(credential.subscriber, SECMGR_SUBSCRIBER_ACTIVE);
	CU_ASSERT_EQUAL(credential.ha1_present, 1u << SECMGR_HASH_MD5);
	CU_ASSERT_EQUAL(secmgr_credential_identities(&credential).length, 0);
	CU_ASSERT_EQUAL(secmgr_credential_policy(&credential).length, 0);
	CU_ASSERT_EQUAL(secmgr_credential_attributes(&credential).length, 0);
}

static void what_is_well_formed_is_taken(void)
{
	static const char *const records[] = {
			RECORD(",\"status\":\"active\""),
			RECORD(",\"identities\":[]"),
			RECORD(",\"attributes\":{}"),
			RECORD(",\"something\":{\"new\":[1]}"),
			" \t\r\n" RECORD("") "\n",
			"{" NAMES ",\"ha1\":{\"SHA-256\":\"" SHA "\"}}",
			"{" NAMES ",\"ha1\":{\"SHA-512-256\":\"" SHA "\"}}",
			"{" NAMES ",\"ha1\":{\"SHA3-512\":7,\"MD5\":\"" MD5 "\"}}",
			"{" NAMES ",\"ha1\":{\"MD5\":\"00112233445566778899AABBCCDDEEFF\"}}",
			"{\"username\":\"\\u0061lice\",\"realm\":\"EXAMPLE.Org\"," HA1 "}",
			RECORD(",\"attributes\":{\"deep\":[[[[[[[[[[[[[[]]]]]]]]]]]]]]}"),
			RECORD(",\"attributes\":{\"text\":\"[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[[\"}"),
	};

	for(size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++)
		CHECK_CASE(decode(records[i]), records[i]);
}

static void a_suspended_subscriber_is_known_but_not_active(void)
{
	CU_ASSERT_TRUE(decode(RECORD(",\"status\":\"suspended\"")));
	CU_ASSERT_EQUAL(credential.subscriber, SECMGR_SUBSCRIBER_SUSPENDED);
}

#define NOT_JSON "the record is not JSON"
#define WRONG_USERNAME "username is not the one that was asked for"
#define WRONG_REALM "realm is not the one that was asked for"
#define WRONG_SHAPE "something else stands where the profile has an object"
#define NO_HA1 "there is no HA1, neither for MD5 nor for SHA-256 nor for SHA-512-256"
#define WRONG_MD5 "the HA1 for MD5 is not 32 hex digits"
#define WRONG_STATUS "status is neither active nor suspended"
#define WRONG_IDENTITY "identities has an entry that is not text of one line"
#define WRONG_POLICY "policy is not text of one line"
#define TWICE "an object of the record has one key twice"

static void every_lie_of_a_service_is_its_fault_and_has_a_name(void)
{
	static const struct
	{
		const char *json, *words;
	} lies[] = {
			{"", "the record is empty"},
			{" ", NOT_JSON},
			{"{", NOT_JSON},
			{"<html></html>", NOT_JSON},
			{"{\"username\":alice}", NOT_JSON},
			{"{'username':'alice'}", NOT_JSON},
			{RECORD("") "x", NOT_JSON},
			{RECORD("") RECORD(""), NOT_JSON},
			{RECORD(","), NOT_JSON},
			{"\xef\xbb\xbf" RECORD(""), NOT_JSON},
			{RECORD(",\"attributes\":{\"n\":1e999}"), NOT_JSON},
			{RECORD(",\"attributes\":{\"n\":99999999999999999999}"), NOT_JSON},
			{RECORD(",\"policy\":\"a\\u0000b\""), NOT_JSON},
			{RECORD(",\"policy\":\"a\nb\""), NOT_JSON},
			{RECORD(",\"policy\":\"\\ud800\""), NOT_JSON},
			{RECORD(",\"policy\":\"\xff\""), "the record is not UTF-8"},
			{RECORD(",\"policy\":\"\xc0\xaf\""), "the record is not UTF-8"},
			{"null", NOT_JSON},
			{"\"alice\"", NOT_JSON},
			{"[]", "the record is not an object"},
			{"[" RECORD("") "]", "the record is not an object"},
			{"{}", WRONG_USERNAME},
			{"{\"username\":\"bob\",\"realm\":\"example.org\"," HA1 "}", WRONG_USERNAME},
			{"{\"username\":\"Alice\",\"realm\":\"example.org\"," HA1 "}", WRONG_USERNAME},
			{"{\"username\":\"alice \",\"realm\":\"example.org\"," HA1 "}", WRONG_USERNAME},
			{"{\"username\":null,\"realm\":\"example.org\"," HA1 "}", WRONG_USERNAME},
			{"{\"username\":[\"alice\"],\"realm\":\"example.org\"," HA1 "}", WRONG_USERNAME},
			{"{\"realm\":\"example.org\"," HA1 "}", WRONG_USERNAME},
			{"{\"username\":\"alice\",\"realm\":\"example.com\"," HA1 "}", WRONG_REALM},
			{"{\"username\":\"alice\",\"realm\":7," HA1 "}", WRONG_REALM},
			{"{\"username\":\"alice\"," HA1 "}", WRONG_REALM},
			{"{" NAMES ",\"username\":\"bob\"," HA1 "}", TWICE},
			{"{" NAMES ",\"ha1\":{\"MD5\":\"" MD5 "\",\"MD5\":\"" MD5 "\"}}", TWICE},
			{RECORD(",\"attributes\":{\"a\":1,\"a\":2}"), TWICE},
			{RECORD(",\"status\":\"active\",\"stat\\u0075s\":\"suspended\""), TWICE},
			{"{" NAMES "}", NO_HA1},
			{"{" NAMES ",\"ha1\":null}", WRONG_SHAPE},
			{"{" NAMES ",\"ha1\":\"" MD5 "\"}", WRONG_SHAPE},
			{"{" NAMES ",\"ha1\":[\"" MD5 "\"]}", NO_HA1},
			{"{" NAMES ",\"ha1\":{}}", NO_HA1},
			{"{" NAMES ",\"ha1\":{\"md5\":\"" MD5 "\"}}", NO_HA1},
			{"{" NAMES ",\"ha1\":{\"MD5\":null}}", WRONG_MD5},
			{"{" NAMES ",\"ha1\":{\"MD5\":\"\"}}", WRONG_MD5},
			{"{" NAMES ",\"ha1\":{\"MD5\":\"" MD5 "0\"}}", WRONG_MD5},
			{"{" NAMES ",\"ha1\":{\"MD5\":\"" MD5 "00\"}}", WRONG_MD5},
			{"{" NAMES ",\"ha1\":{\"MD5\":\"0011223344556677889900112233445\"}}", WRONG_MD5},
			{"{" NAMES ",\"ha1\":{\"MD5\":\"0011223344556677889900112233445g\"}}", WRONG_MD5},
			{"{" NAMES ",\"ha1\":{\"MD5\":\" 011223344556677889900112233445f\"}}", WRONG_MD5},
			{"{" NAMES ",\"ha1\":{\"MD5\":\"" SHA "\"}}", WRONG_MD5},
			{"{" NAMES ",\"ha1\":{\"MD5\":\"" MD5 "\",\"SHA-256\":\"" MD5 "\"}}", "the HA1 for SHA-256 is not 64 hex digits"},
			{"{" NAMES ",\"ha1\":{\"MD5\":\"" MD5 "\",\"SHA-512-256\":7}}", "the HA1 for SHA-512-256 is not 64 hex digits"},
			{RECORD(",\"status\":\"Active\""), WRONG_STATUS},
			{RECORD(",\"status\":\"\""), WRONG_STATUS},
			{RECORD(",\"status\":\"deleted\""), WRONG_STATUS},
			{RECORD(",\"status\":null"), WRONG_STATUS},
			{RECORD(",\"status\":true"), WRONG_STATUS},
			{RECORD(",\"identities\":\"sip:alice@example.org\""), "identities is not an array"},
			{RECORD(",\"identities\":{\"0\":\"sip:alice@example.org\"}"), "identities is not an array"},
			{RECORD(",\"identities\":null"), "identities is not an array"},
			{RECORD(",\"identities\":[7]"), WRONG_IDENTITY},
			{RECORD(",\"identities\":[\"sip:a@b\",\"\"]"), WRONG_IDENTITY},
			{RECORD(",\"identities\":[\"sip:a@b\\nsip:c@d\"]"), WRONG_IDENTITY},
			{RECORD(",\"identities\":[\"sip:a@b\\u007f\"]"), WRONG_IDENTITY},
			{RECORD(",\"identities\":[[\"sip:a@b\"]]"), WRONG_IDENTITY},
			{RECORD(",\"policy\":7"), WRONG_POLICY},
			{RECORD(",\"policy\":\"\""), WRONG_POLICY},
			{RECORD(",\"policy\":\"a\\tb\""), WRONG_POLICY},
			{RECORD(",\"attributes\":[]"), "attributes is not an object"},
			{RECORD(",\"attributes\":\"{}\""), "attributes is not an object"},
			{RECORD(",\"attributes\":null"), "attributes is not an object"},
			{RECORD(",\"attributes\":{\"deep\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}"),
					"the record is nested more than 16 deep"},
	};

	for(size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++)
		CHECK_CASE(is_fault(lies[i].json, lies[i].words), lies[i].json);
}

static void a_record_cut_anywhere_is_a_fault(void)
{
	static const char whole[] =
			RECORD(",\"status\":\"active\",\"identities\":[\"sip:a@b\"],\"attributes\":{\"a\":\"b\"}");

	for(size_t length = 0; length < sizeof(whole) - 1; length++) {
		CU_ASSERT_FALSE(decode_slice((struct secmgr_slice){whole, length}));
		CU_ASSERT_TRUE(is_wiped());
	}
	CU_ASSERT_TRUE(decode(whole));
}

/* Another byte anywhere is noticed, or it changes nothing that says who the subscriber is. */
static void no_changed_byte_makes_another_subscriber(void)
{
	char json[] = RECORD("");
	static const uint8_t flips[] = {0x01, 0x20, 0x80, 0xff};

	for(size_t i = 0; i < sizeof(json) - 1; i++)
		for(size_t flip = 0; flip < sizeof(flips); flip++) {
			json[i] = (char)(json[i] ^ flips[flip]);
			if(decode_slice((struct secmgr_slice){json, sizeof(json) - 1}))
				CU_ASSERT_EQUAL(credential.ha1_present, 1u << SECMGR_HASH_MD5)
			else
				CU_ASSERT_TRUE(is_wiped());
			json[i] = (char)(json[i] ^ flips[flip]);
		}
}

static void a_byte_of_zero_anywhere_is_a_fault(void)
{
	static const char whole[] = RECORD("");
	char json[sizeof(whole)];

	for(size_t i = 0; i < sizeof(whole) - 1; i++) {
		memcpy(json, whole, sizeof(whole));
		json[i] = '\0';
		CU_ASSERT_FALSE(decode_slice((struct secmgr_slice){json, sizeof(json) - 1}));
	}
	CU_ASSERT_FALSE(decode_slice((struct secmgr_slice){whole, sizeof(whole)}));
}

/* The record with `count` times `filler` between `before` and `after`. */
static bool decode_filled(const char *before, const char *filler, size_t count, const char *after)
{
	size_t size = strlen(before) + count * strlen(filler) + strlen(after) + 1, length = 0;
	char *json = malloc(size);
	bool sound;

	CU_ASSERT_PTR_NOT_NULL_FATAL(json);
	length += (size_t)snprintf(json, size, "%s", before);
	while(count-- > 0)
		length += (size_t)snprintf(json + length, size - length, "%s", filler);
	snprintf(json + length, size - length, "%s", after);
	sound = decode(json);
	free(json);
	return sound;
}

#define UP_TO(rest) "{" NAMES "," HA1 "," rest

static void a_record_is_read_up_to_its_size_and_no_further(void)
{
	size_t room = SECMGR_RECORD_BYTES_MAX - strlen(RECORD(""));

	CU_ASSERT_TRUE(decode_filled(RECORD(""), " ", room, ""));
	CU_ASSERT_FALSE(decode_filled(RECORD(""), " ", room + 1, ""));
	CU_ASSERT_STRING_EQUAL(why, "the record is larger than 65536 bytes");
	CU_ASSERT_FALSE(decode_filled("", "[", SECMGR_RECORD_BYTES_MAX, ""));
	CU_ASSERT_STRING_EQUAL(why, "the record is nested more than 16 deep");
}

static void the_texts_fill_their_room_and_no_more(void)
{
	CU_ASSERT_TRUE(decode_filled(UP_TO("\"identities\":[\""), "x", SECMGR_CREDENTIAL_TEXT_MAX, "\"]}"));
	CU_ASSERT_EQUAL(credential.identities_length, SECMGR_CREDENTIAL_TEXT_MAX);
	CU_ASSERT_FALSE(decode_filled(UP_TO("\"identities\":[\""), "x", SECMGR_CREDENTIAL_TEXT_MAX + 1, "\"]}"));
	CU_ASSERT_STRING_EQUAL(why, "identities are larger than 2048 bytes");
	CU_ASSERT_FALSE(decode_filled(UP_TO("\"identities\":["), "\"x\",", SECMGR_CREDENTIAL_TEXT_MAX / 2, "\"x\"]}"));

	CU_ASSERT_TRUE(decode_filled(UP_TO("\"attributes\":{\"a\":\""), "x", SECMGR_CREDENTIAL_TEXT_MAX - 8, "\"}}"));
	CU_ASSERT_EQUAL(credential.attributes_length, SECMGR_CREDENTIAL_TEXT_MAX);
	CU_ASSERT_FALSE(decode_filled(UP_TO("\"attributes\":{\"a\":\""), "x", SECMGR_CREDENTIAL_TEXT_MAX - 7, "\"}}"));
	CU_ASSERT_STRING_EQUAL(why, "attributes are larger than 2048 bytes");

	CU_ASSERT_FALSE(decode_filled(UP_TO("\"policy\":\""), "x", SECMGR_CREDENTIAL_TEXT_MAX + 1, "\"}"));
	CU_ASSERT_STRING_EQUAL(why, "identities, policy and attributes are together larger than 2048 bytes");
	CU_ASSERT_TRUE(is_wiped());
}

static void no_memory_is_a_fault_wherever_it_runs_out(void)
{
	static const char json[] = RECORD(",\"status\":\"active\",\"identities\":[\"sip:alice@example.org\",\"tel:+1\"],"
									  "\"policy\":\"trunk\",\"attributes\":{\"a\":[1,{\"b\":0.5}],\"c\":\"d\"}");
	long nth = 0;

	secmgr_credential_record_use_wiping_memory();
	do {
		failing_memory_fail_at(nth);
	} while(!decode(json) && is_wiped() && why && ++nth < 1000);
	failing_memory_fail_at(-1);
	CU_ASSERT_TRUE(nth > 10 && nth < 1000);
	CU_ASSERT_EQUAL(credential.ha1_present, 1u << SECMGR_HASH_MD5);
	CU_ASSERT_TRUE(secmgr_slice_equals(
			secmgr_credential_attributes(&credential), SECMGR_SLICE("{\"a\":[1,{\"b\":0.5}],\"c\":\"d\"}")));
}

#define AS_HOMESTEAD "{\"digest\":{\"ha1\":\"" MD5 "\",\"qop\":\"auth\",\"realm\":\"example.org\"}}"
#define AS_3GPP(impi, rest)                                                                                            \
	"{\"impi\":\"" impi "\",\"digestAuth\":{\"digestRealm\":\"example.org\",\"digestAlgorithm\":\"MD5\","      \
	"\"digestQop\":\"AUTH\",\"ha1\":\"" MD5 "\"" rest "}}"
#define AS_CGRATES(account, secret)                                                                                    \
	"{\"id\":1,\"result\":{\"MatchedProfiles\":[\"example.org:ATTR_ALICE\"],\"AlteredFields\":[\"*req.Password\"],"   \
	"\"Tenant\":\"example.org\",\"ID\":\"\",\"Time\":null,\"Event\":{\"Account\":" account secret "},"            \
	"\"APIOpts\":{}},\"error\":null}"

static void every_built_in_profile_reads_what_its_service_says(void)
{
	static const struct
	{
		const char *profile, *json;
	} answers[] = {
			{"native", RECORD("")},
			{"3gpp", AS_3GPP("alice", "")},
			{"homestead", AS_HOMESTEAD},
			{"cgrates", AS_CGRATES("\"alice\"", ",\"Password\":\"wonderland\"")},
	};

	for(size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		use_profile(answers[i].profile);
		CHECK_CASE(decode(answers[i].json), answers[i].profile);
		CHECK_CASE(credential.subscriber == SECMGR_SUBSCRIBER_ACTIVE, answers[i].profile);
		CHECK_CASE(secmgr_credential_has(&credential, SECMGR_HASH_MD5), answers[i].profile);
		CHECK_CASE(!decode(i == 0 ? AS_HOMESTEAD : RECORD("")) && is_wiped(), answers[i].profile);
	}
}

/* MD5("alice:example.org:wonderland") and so on, computed with another program. */
static void a_password_becomes_the_three_ha1s(void)
{
	static const char *const expected[SECMGR_HASH_COUNT] = {
			[SECMGR_HASH_MD5] = "72f86f2053703faa0f521ce71cfe6f59",
			[SECMGR_HASH_SHA_256] = "f0c3ae808cef897043f79de49549776f1f58cb7c5364e03ab40abac620459848",
			[SECMGR_HASH_SHA_512_256] = "52ac102973c0a18fde2ae49bf754f079ddd48b85c6d51db1fec750f48652f04e",
	};

	use_profile("cgrates");
	CU_ASSERT_TRUE(decode(AS_CGRATES("\"alice\"", ",\"Password\":\"wonderland\"")));
	CU_ASSERT_EQUAL(credential.ha1_present, (1u << SECMGR_HASH_COUNT) - 1);
	for(unsigned hash = 0; hash < SECMGR_HASH_COUNT; hash++) {
		uint8_t ha1[SECMGR_HASH_BYTES_MAX];
		size_t bytes = secmgr_hash_bytes((enum secmgr_hash)hash);

		CU_ASSERT_TRUE(secmgr_hex_read(secmgr_slice_of(expected[hash]), ha1, bytes));
		CHECK_CASE(memcmp(credential.ha1[hash], ha1, bytes) == 0, expected[hash]);
	}
	CU_ASSERT_EQUAL(secmgr_credential_attributes(&credential).length, 0);
}

#define A_LONG_PASSWORD                                                                                                \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"  \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"  \
	"0123456789abcdef0123456789abcdef"

static void a_password_that_is_none_lets_nobody_in(void)
{
	static const struct
	{
		const char *json, *words;
	} lies[] = {
			{AS_CGRATES("\"alice\"", ""), "there is no password"},
			{AS_CGRATES("\"alice\"", ",\"Password\":\"\""), "the password is not text of one line"},
			{AS_CGRATES("\"alice\"", ",\"Password\":null"), "the password is not text of one line"},
			{AS_CGRATES("\"alice\"", ",\"Password\":1234"), "the password is not text of one line"},
			{AS_CGRATES("\"alice\"", ",\"Password\":[\"wonderland\"]"), "the password is not text of one line"},
			{AS_CGRATES("\"alice\"", ",\"Password\":\"a\\nb\""), "the password is not text of one line"},
			{AS_CGRATES("\"alice\"", ",\"Password\":\"" A_LONG_PASSWORD "x\""), "the password is longer than 256 bytes"},
			{AS_CGRATES("\"bob\"", ",\"Password\":\"wonderland\""), WRONG_USERNAME},
			{AS_CGRATES("7", ",\"Password\":\"wonderland\""), WRONG_USERNAME},
	};

	use_profile("cgrates");
	CU_ASSERT_TRUE(decode(AS_CGRATES("\"alice\"", ",\"Password\":\"" A_LONG_PASSWORD "\"")));
	for(size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++)
		CHECK_CASE(is_fault(lies[i].json, lies[i].words), lies[i].json);
}

static void without_libcryptos_hashes_a_password_is_a_fault(void)
{
	use_profile("cgrates");
	secmgr_digest_destroy();
	CU_ASSERT_TRUE(is_fault(
			AS_CGRATES("\"alice\"", ",\"Password\":\"wonderland\""), "libcrypto cannot hash the password"));
	CU_ASSERT_TRUE(secmgr_digest_init());
}

static void a_word_says_that_there_is_no_such_subscriber(void)
{
	static const struct
	{
		const char *unknown_if, *json;
		bool is_unknown;
	} answers[] = {
			{"/error:NOT_FOUND", "{\"id\":1,\"result\":null,\"error\":\"NOT_FOUND\"}", true},
			{"/error:NOT_FOUND", "{\"id\":1,\"result\":null,\"error\":\"NOT_FOUND \"}", false},
			{"/error:NOT_FOUND", "{\"id\":1,\"result\":null,\"error\":\"not_found\"}", false},
			{"/error:NOT_FOUND", "{\"id\":1,\"result\":null,\"error\":[\"NOT_FOUND\"]}", false},
			{"/error:NOT_FOUND", "{\"id\":1,\"result\":null,\"error\":\"SERVER_ERROR: connection lost\"}", false},
			{"/error:NOT_FOUND", "{\"error\":\"NOT_FOUND\"," NAMES "," HA1 "}", true},
			{"/e/code:404", "{\"e\":{\"code\":404}}", true},
			{"/e/code:404", "{\"e\":{\"code\":\"404\"}}", true},
			{"/e/code:404", "{\"e\":{\"code\":404.0}}", false},
			{"/e/code:-2", "{\"e\":{\"code\":-2}}", true},
			{"/found:false", "{\"found\":false}", true},
			{"/found:false", "{\"found\":true}", false},
			{"/user:null", "{\"user\":null}", true},
			{"/user:null", "{}", false},
			{"/why:no: really", "{\"why\":\"no: really\"}", true},
	};

	for(size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		char text[256];

		snprintf(text, sizeof(text),
				"name=x;url={base}/x;username=/username;realm=/realm;ha1_md5=/ha1/MD5;unknown_if=%s", answers[i].unknown_if);
		use_profile(text);
		CHECK_CASE(read_slice(secmgr_slice_of(answers[i].json))
						   == (answers[i].is_unknown ? SECMGR_RECORD_SAYS_UNKNOWN : SECMGR_RECORD_IS_FAULTY),
				answers[i].json);
		CHECK_CASE(is_wiped(), answers[i].json);
	}
}

static void a_status_may_be_any_word_that_the_profile_knows(void)
{
	static const struct
	{
		const char *status;
		enum secmgr_subscriber subscriber; /* UNKNOWN: a fault */
	} cases[] = {
			{"", SECMGR_SUBSCRIBER_ACTIVE},
			{",\"on\":true", SECMGR_SUBSCRIBER_ACTIVE},
			{",\"on\":1", SECMGR_SUBSCRIBER_ACTIVE},
			{",\"on\":\"yes\"", SECMGR_SUBSCRIBER_ACTIVE},
			{",\"on\":false", SECMGR_SUBSCRIBER_SUSPENDED},
			{",\"on\":0", SECMGR_SUBSCRIBER_SUSPENDED},
			{",\"on\":null", SECMGR_SUBSCRIBER_UNKNOWN},
			{",\"on\":2", SECMGR_SUBSCRIBER_UNKNOWN},
			{",\"on\":\"active\"", SECMGR_SUBSCRIBER_UNKNOWN},
			{",\"on\":\"\"", SECMGR_SUBSCRIBER_UNKNOWN},
			{",\"on\":[true]", SECMGR_SUBSCRIBER_UNKNOWN},
			{",\"on\":1.0", SECMGR_SUBSCRIBER_UNKNOWN},
	};

	use_profile("name=x;url={base}/x;username=/username;realm=/realm;ha1_md5=/ha1/MD5;"
				"status=/on;active=true,1, yes;suspended=false,0");
	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char json[512];

		snprintf(json, sizeof(json), "{" NAMES "," HA1 "%s}", cases[i].status);
		CHECK_CASE(decode(json) == (cases[i].subscriber != SECMGR_SUBSCRIBER_UNKNOWN), cases[i].status);
		CHECK_CASE(credential.subscriber == cases[i].subscriber, cases[i].status);
	}
}

/* A suspended subscriber must not become active because what tells of it has another shape. */
static void what_stands_in_the_way_of_a_field_is_a_fault(void)
{
	static const char *const ways[] = {"null", "7", "\"suspended\"", "true"};

	use_profile("name=x;url={base}/x;username=/username;realm=/realm;ha1_md5=/ha1/MD5;status=/state/of/it");
	CU_ASSERT_TRUE(decode(RECORD("")));
	CU_ASSERT_TRUE(decode(RECORD(",\"state\":{}")));
	CU_ASSERT_TRUE(decode(RECORD(",\"state\":{\"of\":{\"it\":\"active\"}}")));
	for(size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		char json[512];

		snprintf(json, sizeof(json), "{" NAMES "," HA1 ",\"state\":%s}", ways[i]);
		CHECK_CASE(is_fault(json, WRONG_SHAPE), ways[i]);
		snprintf(json, sizeof(json), "{" NAMES "," HA1 ",\"state\":{\"of\":%s}}", ways[i]);
		CHECK_CASE(is_fault(json, WRONG_SHAPE), ways[i]);
	}
}

static void what_a_profile_leaves_unchecked_is_not_looked_for(void)
{
	use_profile("name=x;url={base}/x;username=unchecked;realm=unchecked;ha1_md5=/ha1/MD5");
	CU_ASSERT_TRUE(decode("{" HA1 "}"));
	CU_ASSERT_TRUE(decode("{\"username\":\"bob\",\"realm\":7," HA1 "}"));
	use_profile("homestead");
	CU_ASSERT_TRUE(decode("{\"digest\":{\"ha1\":\"" MD5 "\",\"realm\":\"EXAMPLE.org\"}}"));
	CU_ASSERT_TRUE(is_fault("{\"digest\":{\"ha1\":\"" MD5 "\",\"realm\":\"example.com\"}}", WRONG_REALM));
	CU_ASSERT_TRUE(is_fault("{\"digest\":{\"ha1\":\"" MD5 "\"}}", WRONG_REALM));
	CU_ASSERT_TRUE(is_fault("{\"aka\":{\"challenge\":\"" MD5 "\",\"response\":\"" MD5 "\"}}", WRONG_REALM));
}

static void a_field_is_found_wherever_its_pointer_says(void)
{
	use_profile("name=x;url={base}/x;username=/0/a~1b;realm=/0/a~0b;ha1_sha256=/1/;;;identities=/2;policy=/0/;"
				"attributes=/3/x/y");
	CU_ASSERT_FALSE(decode("[{\"a/b\":\"alice\"}]"));
	use_profile("name=x;url={base}/x;username=/u/0/a~1b;realm=/u/0/a~0b;ha1_sha256=/u/1/;;;identities=/u/2;"
				"policy=/u/0/;attributes=/u/3/x");
	CU_ASSERT_TRUE(decode("{\"u\":[{\"a/b\":\"alice\",\"a~b\":\"example.org\",\"\":\"p\"},{\";\":\"" SHA
						  "\"},[\"sip:a@b\"],{\"x\":{\"y\":1}}]}"));
	CU_ASSERT_EQUAL(credential.ha1_present, 1u << SECMGR_HASH_SHA_256);
	CU_ASSERT_TRUE(secmgr_slice_equals(secmgr_credential_identities(&credential), SECMGR_SLICE("sip:a@b")));
	CU_ASSERT_TRUE(secmgr_slice_equals(secmgr_credential_policy(&credential), SECMGR_SLICE("p")));
	CU_ASSERT_TRUE(secmgr_slice_equals(secmgr_credential_attributes(&credential), SECMGR_SLICE("{\"y\":1}")));
}

static int start(void)
{
	return secmgr_digest_init() ? 0 : 1;
}

static int stop(void)
{
	secmgr_digest_destroy();
	return 0;
}

static void with_the_native_profile(void)
{
	use_profile("native");
}

void secmgr_test_credential_record(void)
{
	CU_pSuite suite = CU_add_suite_with_setup_and_teardown(
			"credential_record", start, stop, with_the_native_profile, NULL);

	CU_ADD_TEST(suite, a_whole_record_becomes_a_credential);
	CU_ADD_TEST(suite, the_least_record_is_enough);
	CU_ADD_TEST(suite, what_is_well_formed_is_taken);
	CU_ADD_TEST(suite, a_suspended_subscriber_is_known_but_not_active);
	CU_ADD_TEST(suite, every_lie_of_a_service_is_its_fault_and_has_a_name);
	CU_ADD_TEST(suite, a_record_cut_anywhere_is_a_fault);
	CU_ADD_TEST(suite, no_changed_byte_makes_another_subscriber);
	CU_ADD_TEST(suite, a_byte_of_zero_anywhere_is_a_fault);
	CU_ADD_TEST(suite, a_record_is_read_up_to_its_size_and_no_further);
	CU_ADD_TEST(suite, the_texts_fill_their_room_and_no_more);
	CU_ADD_TEST(suite, no_memory_is_a_fault_wherever_it_runs_out);
	CU_ADD_TEST(suite, every_built_in_profile_reads_what_its_service_says);
	CU_ADD_TEST(suite, a_password_becomes_the_three_ha1s);
	CU_ADD_TEST(suite, a_password_that_is_none_lets_nobody_in);
	CU_ADD_TEST(suite, without_libcryptos_hashes_a_password_is_a_fault);
	CU_ADD_TEST(suite, a_word_says_that_there_is_no_such_subscriber);
	CU_ADD_TEST(suite, a_status_may_be_any_word_that_the_profile_knows);
	CU_ADD_TEST(suite, what_stands_in_the_way_of_a_field_is_a_fault);
	CU_ADD_TEST(suite, what_a_profile_leaves_unchecked_is_not_looked_for);
	CU_ADD_TEST(suite, a_field_is_found_wherever_its_pointer_says);
}
