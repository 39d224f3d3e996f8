/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flow.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <CUnit/Basic.h>
#include <openssl/evp.h>

#include "challenge.h"
#include "digest.h"
#include "digest_response.h"

void secmgr_test_flow(void);

#define CHECK_CASE(good, sentence) CU_assertImplementation((good), __LINE__, (sentence), __FILE__, "", CU_FALSE)
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#define NOW_MS UINT64_C(1700000000000)
#define LIFETIME_MS UINT64_C(300000)
#define INSTANCE 4711
#define HEADER_MAX 2048
#define HEX_MAX (2 * SECMGR_HASH_BYTES_MAX + 1)
#define WINDOWS 16 /* one bucket */

/* Who answers the challenge, and with what: the tests' own client, with its own arithmetic. */
struct client
{
	const char *username, *realm, *password, *uri, *nc, *cnonce;
	const char *method, *body; /* what it signs */
	const char *qop;		   /* NULL: an answer as in RFC 2069 */
	enum secmgr_algorithm algorithm;
	const char *algorithm_name; /* NULL: the algorithm's own */
	const uint8_t *ha1;			/* NULL: the password's */
};

/* A proxy, its one subscriber and one request. A case changes what it is about before the nonce is issued. */
struct world
{
	struct secmgr_flow_settings settings;
	struct secmgr_nonce_keys issuing_keys;
	struct secmgr_nonce issued;
	const char *issued_for_realm, *issued_for_binding;
	int flipped_character; /* of the nonce; -1: none */
	struct client client;
	const char *header; /* instead of the client's; "" is none at all */
	const char *other_header;
	size_t header_count; /* 0: as many as there are */

	struct secmgr_flow_request request;
	struct secmgr_credential credential;
	struct secmgr_credential at_service; /* where it has changed since it was cached */
	bool cached, changed, recheck_is_due, no_credential, service_fails, gone_while_waiting;
	void (*while_waiting)(struct world *world);
	uint64_t now_ms, fingerprint;
	struct secmgr_nonce_count_table *counts;

	struct secmgr_flow flow;
	unsigned looked_up, rechecked, asked; /* how often the subscriber was */
	char nonce_text[SECMGR_NONCE_CHARS + 1];
	char header_text[HEADER_MAX];
};

static struct world world;

__attribute__((format(printf, 3, 4))) static void hash_hex(
		enum secmgr_hash hash, char hex[HEX_MAX], const char *format, ...)
{
	static const char *const names[] = {"MD5", "SHA256", "SHA512-256"};
	char text[HEADER_MAX];
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	va_list arguments;
	int written;

	va_start(arguments, format);
	written = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	CU_ASSERT_FATAL(written >= 0 && (size_t)written < sizeof(text));
	CU_ASSERT_FATAL(EVP_Digest(text, (size_t)written, digest, &length, EVP_get_digestbyname(names[hash]), NULL));
	for(unsigned i = 0; i < length; i++)
		(void)snprintf(hex + 2 * (size_t)i, 3, "%02x", digest[i]);
}

/* RFC 7616 section 3.4. */
static void sign(const struct client *client, const char *nonce, char response[HEX_MAX])
{
	const enum secmgr_hash hash = secmgr_algorithm_hash(client->algorithm);
	const bool integrity = client->qop != NULL && strcmp(client->qop, "auth-int") == 0;
	char ha1[HEX_MAX] = "", ha2[HEX_MAX], entity[HEX_MAX];

	if(client->ha1 != NULL)
		secmgr_hex_write(client->ha1, secmgr_hash_bytes(hash), ha1);
	else
		hash_hex(hash, ha1, "%s:%s:%s", client->username, client->realm, client->password);
	if(secmgr_algorithm_is_session(client->algorithm))
		hash_hex(hash, ha1, "%s:%s:%s", ha1, nonce, client->cnonce);
	hash_hex(hash, entity, "%s", client->body);
	if(integrity)
		hash_hex(hash, ha2, "%s:%s:%s", client->method, client->uri, entity);
	else
		hash_hex(hash, ha2, "%s:%s", client->method, client->uri);
	if(client->qop != NULL)
		hash_hex(hash, response, "%s:%s:%s:%s:%s:%s", ha1, nonce, client->nc, client->cnonce, client->qop, ha2);
	else
		hash_hex(hash, response, "%s:%s:%s", ha1, nonce, ha2);
}

static void write_header(const struct client *client, const char *nonce, char text[HEADER_MAX])
{
	char response[HEX_MAX], quality[HEADER_MAX / 2] = "";

	sign(client, nonce, response);
	if(client->qop != NULL)
		(void)snprintf(
				quality, sizeof(quality), ", qop=%s, nc=%s, cnonce=\"%s\"", client->qop, client->nc, client->cnonce);
	(void)snprintf(text, HEADER_MAX,
			"Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", response=\"%s\", algorithm=%s%s",
			client->username, client->realm, nonce, client->uri, response,
			client->algorithm_name != NULL ? client->algorithm_name : secmgr_algorithm_name(client->algorithm),
			quality);
}

static void issue_nonce(void)
{
	const struct secmgr_nonce_scope scope = {
			secmgr_slice_of(world.issued_for_realm), secmgr_slice_of(world.issued_for_binding)};

	CU_ASSERT_TRUE_FATAL(secmgr_nonce_write(&world.issuing_keys, &scope, &world.issued, world.nonce_text));
	if(world.flipped_character >= 0)
		world.nonce_text[world.flipped_character] = world.nonce_text[world.flipped_character] == 'A' ? 'B' : 'A';
}

static void add_value(const char *text)
{
	if(text != NULL && text[0] != '\0')
		world.request.values[world.request.value_count++] = secmgr_slice_of(text);
}

/* The client has the challenge, and sends its request again with credentials. */
static void answer_the_challenge(void)
{
	issue_nonce();
	write_header(&world.client, world.nonce_text, world.header_text);
	world.request.value_count = 0;
	add_value(world.header != NULL ? world.header : world.header_text);
	add_value(world.other_header);
	if(world.header_count != 0)
		world.request.value_count = world.header_count;
}

static void give_ha1(enum secmgr_hash hash)
{
	CU_ASSERT_TRUE_FATAL(secmgr_digest_ha1(hash, SECMGR_SLICE("alice"), SECMGR_SLICE("example.org"),
			SECMGR_SLICE("open sesame"), world.credential.ha1[hash]));
	world.credential.ha1_present |= (uint8_t)(1u << hash);
}

static void give_offer(const char *algorithms, uint8_t qops)
{
	struct secmgr_offer offer = {.qops = qops};
	struct secmgr_slice wrong;

	CU_ASSERT_TRUE_FATAL(secmgr_offer_read_algorithms(secmgr_slice_of(algorithms), &offer, &wrong));
	world.issued.algorithms = secmgr_offer_set(&offer);
	world.issued.qops = qops;
	world.settings.algorithms = world.issued.algorithms;
}

static void begin_the_world(void)
{
	struct secmgr_nonce_count_table *counts = world.counts;
	const uint8_t key[SECMGR_NONCE_KEY_BYTES] = {1, 2, 3};

	memset(&world, 0, sizeof(world));
	world.counts = secmgr_nonce_count_init(counts, WINDOWS);
	secmgr_nonce_keys_rotate(&world.settings.keys, key);
	world.issuing_keys = world.settings.keys;
	world.settings.instance = INSTANCE;
	world.settings.nonce_lifetime_ms = LIFETIME_MS;
	memset(world.settings.unknown_ha1, 0x5a, sizeof(world.settings.unknown_ha1));
	world.issued = (struct secmgr_nonce){.issued_ms = NOW_MS, .instance = INSTANCE, .random = {9, 8, 7}};
	world.issued_for_realm = "example.org";
	world.issued_for_binding = "";
	world.flipped_character = -1;
	give_offer("SHA-256,MD5", SECMGR_QOP_OFFERS_AUTH);
	world.client = (struct client){.username = "alice",
			.realm = "example.org",
			.password = "open sesame",
			.uri = "sip:bob@example.org",
			.nc = "00000001",
			.cnonce = "0a4f113b",
			.method = "INVITE",
			.body = "v=0\r\n",
			.qop = "auth",
			.algorithm = SECMGR_ALGORITHM_SHA_256};
	world.request.method = SECMGR_SLICE("INVITE");
	world.request.uri = SECMGR_SLICE("sip:bob@example.org");
	world.request.body = SECMGR_SLICE("v=0\r\n");
	world.request.realm = SECMGR_SLICE("example.org");
	world.credential.subscriber = SECMGR_SUBSCRIBER_ACTIVE;
	give_ha1(SECMGR_HASH_MD5);
	give_ha1(SECMGR_HASH_SHA_256);
	give_ha1(SECMGR_HASH_SHA_512_256);
	world.cached = true;
	world.now_ms = NOW_MS + 1000;
	world.fingerprint = 1;
}

static enum secmgr_event look_up(void)
{
	world.looked_up++;
	if(!world.cached)
		return SECMGR_EVENT_CREDENTIAL_MISSING;
	if(!world.no_credential)
		world.flow.credential = &world.credential;
	return SECMGR_EVENT_CREDENTIAL_CACHED;
}

static enum secmgr_event recheck(void)
{
	world.rechecked++;
	return world.recheck_is_due ? SECMGR_EVENT_RECHECK_IS_DUE : SECMGR_EVENT_RECHECK_IS_NOT_DUE;
}

static bool waits_for_what_stood(enum secmgr_verdict stood)
{
	if(world.rechecked > 0)
		return world.flow.state == SECMGR_STATE_WAIT_RECHECK && world.flow.verdict == stood;
	return world.flow.state == SECMGR_STATE_WAIT_CREDENTIAL && stood == SECMGR_VERDICT_INTERNAL_FAULT;
}

/* The request waits, and is taken up again in a process that knows nothing of it but its bytes and the verdict that
 * stood. */
static enum secmgr_action wait_for_the_service(void)
{
	const enum secmgr_verdict stood = world.flow.verdict;
	enum secmgr_action action;

	world.asked++;
	CU_ASSERT_TRUE(waits_for_what_stood(stood));
	if(world.gone_while_waiting)
		return secmgr_flow_event(&world.flow, SECMGR_EVENT_REQUEST_GONE);
	if(world.while_waiting != NULL)
		world.while_waiting(&world);
	memset(&world.flow, 0xa5, sizeof(world.flow));
	action = secmgr_flow_resume(&world.flow, &world.settings, &world.request, world.now_ms, stood);
	if(action != SECMGR_ACTION_ASK_SERVICE)
		return action;
	CU_ASSERT_TRUE(waits_for_what_stood(stood));
	if(world.service_fails)
		return secmgr_flow_event(&world.flow, SECMGR_EVENT_SERVICE_FAILED);
	if(!world.no_credential)
		world.flow.credential = world.changed ? &world.at_service : &world.credential;
	return secmgr_flow_event(&world.flow, SECMGR_EVENT_CREDENTIAL_ARRIVED);
}

static enum secmgr_event count_nonce(void)
{
	return secmgr_flow_counted(
			&world.flow, secmgr_nonce_count_use(world.counts, &world.flow.nonce, world.flow.presented.nc,
								 world.fingerprint, world.now_ms, LIFETIME_MS));
}

/* One request from its beginning to its verdict; the flow's memory is whatever was there before. */
static enum secmgr_action send_request(void)
{
	enum secmgr_action action;

	memset(&world.flow, 0xa5, sizeof(world.flow));
	action = secmgr_flow_begin(&world.flow, &world.settings, &world.request, world.now_ms);
	if(action == SECMGR_ACTION_LOOK_UP)
		action = secmgr_flow_event(&world.flow, look_up());
	if(action == SECMGR_ACTION_RECHECK)
		action = secmgr_flow_event(&world.flow, recheck());
	if(action == SECMGR_ACTION_ASK_SERVICE)
		action = wait_for_the_service();
	if(action == SECMGR_ACTION_COUNT_NONCE)
		action = secmgr_flow_event(&world.flow, count_nonce());
	return action;
}

static enum secmgr_action send_answer(void)
{
	answer_the_challenge();
	return send_request();
}

static bool ends_with(enum secmgr_action action, enum secmgr_action expected, enum secmgr_verdict verdict)
{
	const bool stale = verdict == SECMGR_VERDICT_STALE || verdict == SECMGR_VERDICT_REPLAYED;

	return action == expected && world.flow.verdict == verdict && world.flow.state == SECMGR_STATE_OVER
		   && world.flow.stale == stale;
}

#define ENDS(action, expected, word) ends_with((action), SECMGR_ACTION_##expected, SECMGR_VERDICT_##word)

/* The table as it should be, apart from the one in the code. VERIFY is performed at once: of it the next step is seen,
 * which for the right response is COUNT_NONCE. Every pair that is not here is a fault. */
struct pair
{
	enum secmgr_state state;
	enum secmgr_event event;
	enum secmgr_action action;
	enum secmgr_verdict verdict;
	enum secmgr_state next;
};

#define PAIR(state, event, action, verdict, next)                                                     \
	{                                                                                                 \
		SECMGR_STATE_##state, SECMGR_EVENT_##event, SECMGR_ACTION_##action, SECMGR_VERDICT_##verdict, \
				SECMGR_STATE_##next                                                                   \
	}

/* The verdict before the event; one that stands nowhere in the table. */
#define SECMGR_VERDICT_STOOD SECMGR_VERDICT_LOCKED

static const struct pair pairs[] = {
		PAIR(IDLE, METHOD_IS_EXEMPT, LET_PASS, EXEMPT, OVER),
		PAIR(IDLE, CREDENTIALS_ABSENT, CHALLENGE, CHALLENGED, OVER),
		PAIR(IDLE, CREDENTIALS_MALFORMED, REFUSE, MALFORMED, OVER),
		PAIR(IDLE, CREDENTIALS_PRESENT, CHECK_NONCE, INTERNAL_FAULT, WAIT_AUTH_INVITE),

		PAIR(WAIT_AUTH_INVITE, NONCE_FORGED, CHALLENGE, CHALLENGED, OVER),
		PAIR(WAIT_AUTH_INVITE, NONCE_STALE, CHALLENGE, STALE, OVER),
		PAIR(WAIT_AUTH_INVITE, NOT_WHAT_WAS_OFFERED, CHALLENGE, CHALLENGED, OVER),
		PAIR(WAIT_AUTH_INVITE, URI_MISMATCH, REFUSE, MALFORMED, OVER),
		PAIR(WAIT_AUTH_INVITE, NONCE_VALID, LOOK_UP, INTERNAL_FAULT, LOOKING_UP),

		PAIR(LOOKING_UP, CREDENTIAL_CACHED, COUNT_NONCE, INTERNAL_FAULT, COUNTING),
		PAIR(LOOKING_UP, CREDENTIAL_MISSING, ASK_SERVICE, INTERNAL_FAULT, WAIT_CREDENTIAL),

		PAIR(WAIT_CREDENTIAL, CREDENTIAL_ARRIVED, COUNT_NONCE, INTERNAL_FAULT, COUNTING),
		PAIR(WAIT_CREDENTIAL, SERVICE_FAILED, REFUSE, SERVICE_UNAVAILABLE, OVER),
		PAIR(WAIT_CREDENTIAL, REQUEST_GONE, FORGET, INTERNAL_FAULT, OVER),

		PAIR(VERIFYING_CACHED, RESPONSE_WRONG, RECHECK, WRONG_CREDENTIALS, RECHECKING),
		PAIR(VERIFYING_CACHED, SUBSCRIBER_UNKNOWN, RECHECK, UNKNOWN_USER, RECHECKING),
		PAIR(VERIFYING_CACHED, HA1_MISSING, CHALLENGE, CHALLENGED, OVER),
		PAIR(VERIFYING_CACHED, RESPONSE_RIGHT, COUNT_NONCE, INTERNAL_FAULT, COUNTING),

		PAIR(RECHECKING, RECHECK_IS_DUE, ASK_SERVICE, STOOD, WAIT_RECHECK),
		PAIR(RECHECKING, RECHECK_IS_NOT_DUE, CHALLENGE, STOOD, OVER),

		PAIR(WAIT_RECHECK, CREDENTIAL_ARRIVED, COUNT_NONCE, INTERNAL_FAULT, COUNTING),
		PAIR(WAIT_RECHECK, SERVICE_FAILED, CHALLENGE, STOOD, OVER),
		PAIR(WAIT_RECHECK, REQUEST_GONE, FORGET, INTERNAL_FAULT, OVER),

		PAIR(VERIFYING, RESPONSE_WRONG, CHALLENGE, WRONG_CREDENTIALS, OVER),
		PAIR(VERIFYING, SUBSCRIBER_UNKNOWN, CHALLENGE, UNKNOWN_USER, OVER),
		PAIR(VERIFYING, HA1_MISSING, CHALLENGE, CHALLENGED, OVER),
		PAIR(VERIFYING, RESPONSE_RIGHT, COUNT_NONCE, INTERNAL_FAULT, COUNTING),

		PAIR(COUNTING, COUNT_REPLAYED, CHALLENGE, REPLAYED, OVER),
		PAIR(COUNTING, COUNT_FORGOTTEN, CHALLENGE, STALE, OVER),
		PAIR(COUNTING, COUNT_FRESH, LET_PASS, ALLOWED, OVER),
		PAIR(COUNTING, COUNT_FRESH_BUT_SUSPENDED, REFUSE, SUSPENDED_USER, OVER),
		PAIR(COUNTING, REQUEST_GONE, FORGET, INTERNAL_FAULT, OVER),
};

static struct pair expected_of(enum secmgr_state state, enum secmgr_event event)
{
	for(size_t i = 0; i < COUNT_OF(pairs); i++)
		if(pairs[i].state == state && pairs[i].event == event)
			return pairs[i];
	return (struct pair){state, event, SECMGR_ACTION_REFUSE, SECMGR_VERDICT_INTERNAL_FAULT, SECMGR_STATE_OVER};
}

/* A flow whose request has the right response, put into any state. */
static enum secmgr_action event_in(
		enum secmgr_state state, enum secmgr_event event, const struct secmgr_credential *credential)
{
	CU_ASSERT_EQUAL(
			secmgr_flow_begin(&world.flow, &world.settings, &world.request, world.now_ms), SECMGR_ACTION_LOOK_UP);
	world.flow.state = state;
	world.flow.verdict = SECMGR_VERDICT_STOOD;
	world.flow.credential = credential;
	return secmgr_flow_event(&world.flow, event);
}

static void every_pair_of_state_and_event_does_what_is_written_and_nothing_else(void)
{
	begin_the_world();
	answer_the_challenge();
	for(unsigned state = 0; state < SECMGR_STATE_COUNT; state++)
		for(unsigned event = 0; event < SECMGR_EVENT_COUNT; event++) {
			const struct pair expected = expected_of((enum secmgr_state)state, (enum secmgr_event)event);
			enum secmgr_action action = event_in(expected.state, expected.event, &world.credential);
			char sentence[64];

			(void)snprintf(sentence, sizeof(sentence), "state %u, event %u", state, event);
			CHECK_CASE(action == expected.action && world.flow.verdict == expected.verdict
							   && world.flow.state == expected.next,
					sentence);
			CHECK_CASE(world.flow.stale
							   == (expected.verdict == SECMGR_VERDICT_STALE
									   || expected.verdict == SECMGR_VERDICT_REPLAYED),
					sentence);
		}
}

static void what_is_no_state_or_no_event_is_a_fault(void)
{
	static const unsigned beyond[] = {1000, 0x7fffffff, 0x80000000, 0xffffffff};

	begin_the_world();
	answer_the_challenge();
	CU_ASSERT_TRUE(
			ENDS(event_in(SECMGR_STATE_COUNT, SECMGR_EVENT_COUNT_FRESH, &world.credential), REFUSE, INTERNAL_FAULT));
	CU_ASSERT_TRUE(
			ENDS(event_in(SECMGR_STATE_COUNTING, SECMGR_EVENT_COUNT, &world.credential), REFUSE, INTERNAL_FAULT));
	for(size_t i = 0; i < COUNT_OF(beyond); i++) {
		for(unsigned event = 0; event < SECMGR_EVENT_COUNT; event++)
			CU_ASSERT_TRUE(ENDS(event_in((enum secmgr_state)beyond[i], (enum secmgr_event)event, &world.credential),
					REFUSE, INTERNAL_FAULT));
		for(unsigned state = 0; state < SECMGR_STATE_COUNT; state++)
			CU_ASSERT_TRUE(ENDS(event_in((enum secmgr_state)state, (enum secmgr_event)beyond[i], &world.credential),
					REFUSE, INTERNAL_FAULT));
	}
}

/* Whatever the credential is. What is over stays over, for COUNT_FRESH too. */
static void only_a_fresh_count_and_an_exempt_method_let_a_request_pass(void)
{
	static const struct secmgr_credential nobody;
	struct secmgr_credential suspended, odd;

	begin_the_world();
	answer_the_challenge();
	suspended = odd = world.credential;
	suspended.subscriber = SECMGR_SUBSCRIBER_SUSPENDED;
	odd.subscriber = 200;
	const struct secmgr_credential *const credentials[] = {NULL, &nobody, &suspended, &odd, &world.credential};

	for(size_t i = 0; i < COUNT_OF(credentials); i++)
		for(unsigned state = 0; state < SECMGR_STATE_COUNT; state++)
			for(unsigned event = 0; event < SECMGR_EVENT_COUNT; event++) {
				const bool passes = (state == SECMGR_STATE_IDLE && event == SECMGR_EVENT_METHOD_IS_EXEMPT)
									|| (state == SECMGR_STATE_COUNTING && event == SECMGR_EVENT_COUNT_FRESH);
				const enum secmgr_action action =
						event_in((enum secmgr_state)state, (enum secmgr_event)event, credentials[i]);

				CU_ASSERT_EQUAL(action == SECMGR_ACTION_LET_PASS, passes);
				CU_ASSERT_EQUAL(
						world.flow.verdict == SECMGR_VERDICT_ALLOWED || world.flow.verdict == SECMGR_VERDICT_EXEMPT,
						passes);
			}
}

static void every_result_of_counting_is_an_event_and_only_an_active_subscriber_is_fresh(void)
{
	static const struct
	{
		enum secmgr_nonce_count_result result;
		uint8_t subscriber;
		enum secmgr_event event;
	} cases[] = {
			{SECMGR_NONCE_COUNT_FRESH, SECMGR_SUBSCRIBER_ACTIVE, SECMGR_EVENT_COUNT_FRESH},
			{SECMGR_NONCE_COUNT_FRESH, SECMGR_SUBSCRIBER_SUSPENDED, SECMGR_EVENT_COUNT_FRESH_BUT_SUSPENDED},
			{SECMGR_NONCE_COUNT_FRESH, SECMGR_SUBSCRIBER_UNKNOWN, SECMGR_EVENT_COUNT_FRESH_BUT_SUSPENDED},
			{SECMGR_NONCE_COUNT_FRESH, 200, SECMGR_EVENT_COUNT_FRESH_BUT_SUSPENDED},
			{SECMGR_NONCE_COUNT_RETRANSMITTED, SECMGR_SUBSCRIBER_ACTIVE, SECMGR_EVENT_COUNT_FRESH},
			{SECMGR_NONCE_COUNT_RETRANSMITTED, SECMGR_SUBSCRIBER_SUSPENDED, SECMGR_EVENT_COUNT_FRESH_BUT_SUSPENDED},
			{SECMGR_NONCE_COUNT_FORGOTTEN, SECMGR_SUBSCRIBER_ACTIVE, SECMGR_EVENT_COUNT_FORGOTTEN},
			{SECMGR_NONCE_COUNT_REPLAYED, SECMGR_SUBSCRIBER_ACTIVE, SECMGR_EVENT_COUNT_REPLAYED},
			{(enum secmgr_nonce_count_result)200, SECMGR_SUBSCRIBER_ACTIVE, SECMGR_EVENT_COUNT_REPLAYED},
	};

	begin_the_world();
	world.flow.credential = &world.credential;
	for(size_t i = 0; i < COUNT_OF(cases); i++) {
		world.credential.subscriber = cases[i].subscriber;
		CU_ASSERT_EQUAL(secmgr_flow_counted(&world.flow, cases[i].result), cases[i].event);
	}
	world.flow.credential = NULL;
	CU_ASSERT_EQUAL(secmgr_flow_counted(&world.flow, SECMGR_NONCE_COUNT_FRESH), SECMGR_EVENT_FAULT);
}

/* What each case changes; its name is the sentence that is shown when it fails. */

static void all_is_right(struct world *w)
{
	(void)w;
}

static void all_is_right_and_the_service_is_asked(struct world *w)
{
	w->cached = false;
}

static void the_method_is_exempt_whatever_it_carries(struct world *w)
{
	w->request.exempt = true;
	w->header = "Digest nonsense";
}

static void there_are_no_credentials(struct world *w)
{
	w->header = "";
}

static void the_scheme_is_not_digest(struct world *w)
{
	w->header = "Bearer eyJhbGciOi";
}

static void the_credentials_are_of_another_realm(struct world *w)
{
	w->client.realm = "example.net";
}

static void the_realm_is_in_another_case(struct world *w)
{
	w->client.realm = "EXAMPLE.ORG";
}

static void credentials_of_another_realm_are_there_too(struct world *w)
{
	w->other_header = "Digest username=\"alice\", realm=\"example.net\", nonce=\"n\", uri=\"sip:x\", "
					  "response=\"00000000000000000000000000000000\"";
}

static void the_weaker_one_of_two_credentials_is_wrong(struct world *w)
{
	w->other_header = "Digest username=\"alice\", realm=\"example.org\", nonce=\"n\", uri=\"sip:bob@example.org\", "
					  "response=\"00000000000000000000000000000000\", algorithm=MD5";
}

static void the_stronger_one_of_two_credentials_is_wrong(struct world *w)
{
	w->client.algorithm = SECMGR_ALGORITHM_MD5;
	w->other_header =
			"Digest username=\"alice\", realm=\"example.org\", nonce=\"n\", uri=\"sip:bob@example.org\", "
			"response=\"0000000000000000000000000000000000000000000000000000000000000000\", algorithm=SHA-256";
}

static void two_credentials_have_one_algorithm(struct world *w)
{
	w->other_header = w->header_text;
}

static void the_credentials_are_malformed(struct world *w)
{
	w->client.nc = "1";
}

static void the_nonce_count_is_zero(struct world *w)
{
	w->client.nc = "00000000";
}

static void there_are_too_many_header_fields(struct world *w)
{
	w->header_count = SECMGR_CREDENTIALS_HEADERS_MAX + 1;
}

static void the_password_is_wrong(struct world *w)
{
	w->client.password = "open sesame ";
}

static void the_password_is_wrong_and_the_service_is_asked(struct world *w)
{
	w->client.password = "";
	w->cached = false;
}

static void the_username_is_in_another_case(struct world *w)
{
	w->client.username = "Alice";
}

static void another_method_was_signed(struct world *w)
{
	w->client.method = "REGISTER";
}

static void the_subscriber_is_unknown(struct world *w)
{
	memset(&w->credential, 0, sizeof(w->credential));
	w->credential.subscriber = SECMGR_SUBSCRIBER_UNKNOWN;
}

static void the_subscriber_is_unknown_and_the_service_is_asked(struct world *w)
{
	the_subscriber_is_unknown(w);
	w->cached = false;
}

/* Who knows an unknown subscriber's stand-in for an HA1 is still unknown. */
static void the_subscriber_is_unknown_and_the_stand_in_is_guessed(struct world *w)
{
	the_subscriber_is_unknown(w);
	w->client.ha1 = w->settings.unknown_ha1;
}

static void the_subscriber_is_unknown_although_there_is_an_ha1(struct world *w)
{
	w->credential.subscriber = SECMGR_SUBSCRIBER_UNKNOWN;
}

static void the_subscriber_is_suspended(struct world *w)
{
	w->credential.subscriber = SECMGR_SUBSCRIBER_SUSPENDED;
}

/* Suspension is told to him who knows the password, and to nobody else. */
static void the_subscriber_is_suspended_and_the_password_wrong(struct world *w)
{
	w->credential.subscriber = SECMGR_SUBSCRIBER_SUSPENDED;
	w->client.password = "guess";
}

static void the_subscriber_is_of_no_known_kind(struct world *w)
{
	w->credential.subscriber = 200;
}

static void there_is_no_ha1_for_the_algorithm(struct world *w)
{
	w->credential.ha1_present = 1u << SECMGR_HASH_MD5;
}

static const uint8_t zeroes[SECMGR_HASH_BYTES_MAX];

static void the_credential_is_zeroed_and_so_is_the_ha1_of_the_answer(struct world *w)
{
	memset(&w->credential, 0, sizeof(w->credential));
	w->client.ha1 = zeroes;
}

static void an_active_credential_has_no_ha1_and_the_answer_is_made_with_zeroes(struct world *w)
{
	memset(&w->credential, 0, sizeof(w->credential));
	w->credential.subscriber = SECMGR_SUBSCRIBER_ACTIVE;
	w->client.ha1 = zeroes;
}

static void the_credential_was_forgotten_to_be_set(struct world *w)
{
	w->no_credential = true;
}

static void the_credential_was_forgotten_to_be_set_when_it_arrived(struct world *w)
{
	w->no_credential = true;
	w->cached = false;
}

static void the_algorithm_was_not_offered(struct world *w)
{
	w->client.algorithm = SECMGR_ALGORITHM_SHA_512_256;
}

static void the_session_form_was_not_offered(struct world *w)
{
	w->client.algorithm = SECMGR_ALGORITHM_SHA_256_SESS;
}

/* The downgrade: the nonce says that this client was offered SHA-256 alone. */
static void the_algorithm_is_weaker_than_what_was_offered(struct world *w)
{
	w->client.algorithm = SECMGR_ALGORITHM_MD5;
	w->issued.algorithms = 1u << SECMGR_ALGORITHM_SHA_256;
}

static void the_algorithm_is_not_offered_any_more(struct world *w)
{
	w->settings.algorithms = 1u << SECMGR_ALGORITHM_MD5;
}

static void the_algorithm_is_unknown(struct world *w)
{
	w->client.algorithm_name = "SHA-1";
}

static void the_qop_is_missing(struct world *w)
{
	w->client.qop = NULL;
}

static void the_qop_was_not_offered(struct world *w)
{
	w->client.qop = "auth-int";
}

static void the_qop_is_weaker_than_what_was_offered(struct world *w)
{
	w->issued.qops = SECMGR_QOP_OFFERS_AUTH_INT;
}

static void the_qop_is_unknown(struct world *w)
{
	w->client.qop = "auth-conf";
}

static void the_uri_has_another_scheme(struct world *w)
{
	w->client.uri = "sips:bob@example.org";
}

static void the_uri_has_another_user(struct world *w)
{
	w->client.uri = "sip:carol@example.org";
}

static void the_uri_has_the_user_in_another_case(struct world *w)
{
	w->client.uri = "sip:Bob@example.org";
}

static void the_uri_has_no_user(struct world *w)
{
	w->client.uri = "sip:example.org";
}

static void the_uri_has_another_host(struct world *w)
{
	w->client.uri = "sip:bob@example.com";
}

static void the_uri_has_a_port_more(struct world *w)
{
	w->client.uri = "sip:bob@example.org:5060";
}

static void the_uri_has_another_port(struct world *w)
{
	w->client.uri = "sip:bob@example.org:5061";
	w->request.uri = SECMGR_SLICE("sip:bob@example.org:5060");
}

static void the_uri_is_none(struct world *w)
{
	w->client.uri = "*";
}

static void the_uri_differs_in_its_parameters(struct world *w)
{
	w->client.uri = "sip:bob@example.org;transport=tcp?subject=x";
	w->request.uri = SECMGR_SLICE("sip:bob@example.org;user=phone");
}

static void the_uri_differs_in_the_case_of_its_host(struct world *w)
{
	w->client.uri = "sip:bob@EXAMPLE.org";
}

static void a_urn_is_repeated_to_the_letter(struct world *w)
{
	w->client.uri = "urn:service:sos";
	w->request.uri = SECMGR_SLICE("urn:service:sos");
}

static void a_urn_is_repeated_in_another_case(struct world *w)
{
	w->client.uri = "urn:service:SOS";
	w->request.uri = SECMGR_SLICE("urn:service:sos");
}

static void the_uri_is_a_longer_urn(struct world *w)
{
	w->client.uri = "urn:service:sos.police";
	w->request.uri = SECMGR_SLICE("urn:service:sos");
}

static void the_request_is_for_a_urn_and_the_uri_a_sip_one(struct world *w)
{
	w->request.uri = SECMGR_SLICE("urn:service:sos");
}

static void the_nonce_is_one_ms_below_its_lifetime(struct world *w)
{
	w->now_ms = NOW_MS + LIFETIME_MS - 1;
}

static void the_nonce_is_as_old_as_its_lifetime(struct world *w)
{
	w->now_ms = NOW_MS + LIFETIME_MS;
}

static void the_nonce_is_of_the_future(struct world *w)
{
	w->now_ms = NOW_MS - 1;
}

static void the_nonce_is_of_another_instance(struct world *w)
{
	w->issued.instance = INSTANCE + 1;
}

static void the_nonce_has_another_first_character(struct world *w)
{
	w->flipped_character = 0;
}

static void the_nonce_has_another_offer(struct world *w)
{
	w->flipped_character = 2;
}

static void the_nonce_has_another_time(struct world *w)
{
	w->flipped_character = 5;
}

static void the_nonce_has_another_last_character(struct world *w)
{
	w->flipped_character = SECMGR_NONCE_CHARS - 1;
}

static void the_nonce_was_issued_for_another_realm(struct world *w)
{
	w->issued_for_realm = "example.net";
}

static void the_nonce_was_issued_to_another_source(struct world *w)
{
	w->issued_for_binding = "192.0.2.1";
	w->request.binding = SECMGR_SLICE("192.0.2.2");
}

static void the_nonce_comes_from_where_it_was_issued_to(struct world *w)
{
	w->issued_for_binding = "192.0.2.1";
	w->request.binding = SECMGR_SLICE("192.0.2.1");
}

static void the_nonce_is_under_a_key_of_somebody_else(struct world *w)
{
	w->issuing_keys.key[w->issuing_keys.current][0] ^= 1;
}

static void the_service_fails(struct world *w)
{
	w->cached = false;
	w->service_fails = true;
}

static void the_request_is_gone_while_it_waits(struct world *w)
{
	w->cached = false;
	w->gone_while_waiting = true;
}

static void rotate_keys(struct world *w)
{
	const uint8_t key[SECMGR_NONCE_KEY_BYTES] = {4, 5, 6};

	secmgr_nonce_keys_rotate(&w->settings.keys, key);
}

static void rotate_keys_twice(struct world *w)
{
	rotate_keys(w);
	rotate_keys(w);
}

static void let_the_nonce_expire(struct world *w)
{
	w->now_ms = NOW_MS + LIFETIME_MS;
}

static void let_the_header_be_lost(struct world *w)
{
	w->request.value_count = 0;
}

static void the_key_is_rotated_while_the_request_waits(struct world *w)
{
	w->cached = false;
	w->while_waiting = rotate_keys;
}

static void the_key_is_rotated_twice_while_the_request_waits(struct world *w)
{
	w->cached = false;
	w->while_waiting = rotate_keys_twice;
}

static void the_nonce_expires_while_the_request_waits(struct world *w)
{
	w->cached = false;
	w->while_waiting = let_the_nonce_expire;
}

static void the_script_removes_the_credentials_while_the_request_waits(struct world *w)
{
	w->cached = false;
	w->while_waiting = let_the_header_be_lost;
}

static const struct run
{
	const char *sentence;
	void (*change)(struct world *world);
	enum secmgr_action action;
	enum secmgr_verdict verdict;
	unsigned looked_up;
} runs[] = {
#define RUN(change, action, verdict)                                         \
	{                                                                        \
#change, change, SECMGR_ACTION_##action, SECMGR_VERDICT_##verdict, 1 \
	}
/* Nobody is looked up before the nonce is known to be ours and answered with what was offered: a stranger cannot load
 * the service. */
#define EARLY(change, action, verdict)                                       \
	{                                                                        \
#change, change, SECMGR_ACTION_##action, SECMGR_VERDICT_##verdict, 0 \
	}
		RUN(all_is_right, LET_PASS, ALLOWED),
		RUN(all_is_right_and_the_service_is_asked, LET_PASS, ALLOWED),

		EARLY(the_method_is_exempt_whatever_it_carries, LET_PASS, EXEMPT),
		EARLY(there_are_no_credentials, CHALLENGE, CHALLENGED),
		EARLY(the_scheme_is_not_digest, CHALLENGE, CHALLENGED),
		EARLY(the_credentials_are_of_another_realm, CHALLENGE, CHALLENGED),
		EARLY(the_realm_is_in_another_case, CHALLENGE, CHALLENGED),
		RUN(credentials_of_another_realm_are_there_too, LET_PASS, ALLOWED),
		RUN(the_weaker_one_of_two_credentials_is_wrong, LET_PASS, ALLOWED),
		EARLY(the_stronger_one_of_two_credentials_is_wrong, CHALLENGE, CHALLENGED),
		EARLY(two_credentials_have_one_algorithm, REFUSE, MALFORMED),
		EARLY(the_credentials_are_malformed, REFUSE, MALFORMED),
		EARLY(the_nonce_count_is_zero, REFUSE, MALFORMED),
		EARLY(there_are_too_many_header_fields, REFUSE, MALFORMED),

		RUN(the_password_is_wrong, CHALLENGE, WRONG_CREDENTIALS),
		RUN(the_password_is_wrong_and_the_service_is_asked, CHALLENGE, WRONG_CREDENTIALS),
		RUN(the_username_is_in_another_case, CHALLENGE, WRONG_CREDENTIALS),
		RUN(another_method_was_signed, CHALLENGE, WRONG_CREDENTIALS),
		RUN(the_subscriber_is_unknown, CHALLENGE, UNKNOWN_USER),
		RUN(the_subscriber_is_unknown_and_the_service_is_asked, CHALLENGE, UNKNOWN_USER),
		RUN(the_subscriber_is_unknown_and_the_stand_in_is_guessed, CHALLENGE, UNKNOWN_USER),
		RUN(the_subscriber_is_unknown_although_there_is_an_ha1, CHALLENGE, UNKNOWN_USER),
		RUN(the_subscriber_is_suspended, REFUSE, SUSPENDED_USER),
		RUN(the_subscriber_is_suspended_and_the_password_wrong, CHALLENGE, WRONG_CREDENTIALS),
		RUN(the_subscriber_is_of_no_known_kind, REFUSE, SUSPENDED_USER),
		RUN(there_is_no_ha1_for_the_algorithm, CHALLENGE, CHALLENGED),
		RUN(the_credential_is_zeroed_and_so_is_the_ha1_of_the_answer, CHALLENGE, UNKNOWN_USER),
		RUN(an_active_credential_has_no_ha1_and_the_answer_is_made_with_zeroes, CHALLENGE, CHALLENGED),
		RUN(the_credential_was_forgotten_to_be_set, REFUSE, INTERNAL_FAULT),
		RUN(the_credential_was_forgotten_to_be_set_when_it_arrived, REFUSE, INTERNAL_FAULT),

		EARLY(the_algorithm_was_not_offered, CHALLENGE, CHALLENGED),
		EARLY(the_session_form_was_not_offered, CHALLENGE, CHALLENGED),
		EARLY(the_algorithm_is_weaker_than_what_was_offered, CHALLENGE, CHALLENGED),
		EARLY(the_algorithm_is_not_offered_any_more, CHALLENGE, CHALLENGED),
		EARLY(the_algorithm_is_unknown, CHALLENGE, CHALLENGED),
		EARLY(the_qop_is_missing, CHALLENGE, CHALLENGED),
		EARLY(the_qop_was_not_offered, CHALLENGE, CHALLENGED),
		EARLY(the_qop_is_weaker_than_what_was_offered, CHALLENGE, CHALLENGED),
		EARLY(the_qop_is_unknown, CHALLENGE, CHALLENGED),

		EARLY(the_uri_has_another_scheme, REFUSE, MALFORMED),
		EARLY(the_uri_has_another_user, REFUSE, MALFORMED),
		EARLY(the_uri_has_the_user_in_another_case, REFUSE, MALFORMED),
		EARLY(the_uri_has_no_user, REFUSE, MALFORMED),
		EARLY(the_uri_has_another_host, REFUSE, MALFORMED),
		EARLY(the_uri_has_a_port_more, REFUSE, MALFORMED),
		EARLY(the_uri_has_another_port, REFUSE, MALFORMED),
		EARLY(the_uri_is_none, REFUSE, MALFORMED),
		RUN(the_uri_differs_in_its_parameters, LET_PASS, ALLOWED),
		RUN(the_uri_differs_in_the_case_of_its_host, LET_PASS, ALLOWED),
		RUN(a_urn_is_repeated_to_the_letter, LET_PASS, ALLOWED),
		EARLY(a_urn_is_repeated_in_another_case, REFUSE, MALFORMED),
		EARLY(the_uri_is_a_longer_urn, REFUSE, MALFORMED),
		EARLY(the_request_is_for_a_urn_and_the_uri_a_sip_one, REFUSE, MALFORMED),

		RUN(the_nonce_is_one_ms_below_its_lifetime, LET_PASS, ALLOWED),
		EARLY(the_nonce_is_as_old_as_its_lifetime, CHALLENGE, STALE),
		EARLY(the_nonce_is_of_the_future, CHALLENGE, STALE),
		EARLY(the_nonce_is_of_another_instance, CHALLENGE, STALE),
		EARLY(the_nonce_has_another_first_character, CHALLENGE, CHALLENGED),
		EARLY(the_nonce_has_another_offer, CHALLENGE, CHALLENGED),
		EARLY(the_nonce_has_another_time, CHALLENGE, CHALLENGED),
		EARLY(the_nonce_has_another_last_character, CHALLENGE, CHALLENGED),
		EARLY(the_nonce_was_issued_for_another_realm, CHALLENGE, CHALLENGED),
		EARLY(the_nonce_was_issued_to_another_source, CHALLENGE, CHALLENGED),
		RUN(the_nonce_comes_from_where_it_was_issued_to, LET_PASS, ALLOWED),
		EARLY(the_nonce_is_under_a_key_of_somebody_else, CHALLENGE, CHALLENGED),

		RUN(the_service_fails, REFUSE, SERVICE_UNAVAILABLE),
		RUN(the_request_is_gone_while_it_waits, FORGET, INTERNAL_FAULT),
		RUN(the_key_is_rotated_while_the_request_waits, LET_PASS, ALLOWED),
		RUN(the_key_is_rotated_twice_while_the_request_waits, CHALLENGE, CHALLENGED),
		RUN(the_nonce_expires_while_the_request_waits, CHALLENGE, STALE),
		RUN(the_script_removes_the_credentials_while_the_request_waits, CHALLENGE, CHALLENGED),
#undef RUN
#undef EARLY
};

/* Asking the service again changes nothing where it says what it said before. */
static void every_request_ends_as_it_should(void)
{
	for(size_t i = 0; i < 2 * COUNT_OF(runs); i++) {
		const struct run *run = &runs[i / 2];

		begin_the_world();
		world.recheck_is_due = i % 2;
		run->change(&world);
		CHECK_CASE(ends_with(send_answer(), run->action, run->verdict), run->sentence);
		CHECK_CASE(world.looked_up == run->looked_up, run->sentence);
		CHECK_CASE(run->verdict != SECMGR_VERDICT_INTERNAL_FAULT || world.flow.why == NULL, run->sentence);
	}
}

/* What the service says now, where it is not what is cached. */

static void change_at_service(struct world *w)
{
	w->at_service = w->credential;
	w->changed = true;
}

static void the_password_has_been_changed(struct world *w)
{
	change_at_service(w);
	memset(w->credential.ha1, 0x11, sizeof(w->credential.ha1));
}

static void the_password_has_been_changed_and_the_subscriber_suspended(struct world *w)
{
	the_password_has_been_changed(w);
	w->at_service.subscriber = SECMGR_SUBSCRIBER_SUSPENDED;
}

static void the_subscriber_has_been_added(struct world *w)
{
	change_at_service(w);
	the_subscriber_is_unknown(w);
}

static void the_subscriber_has_been_removed(struct world *w)
{
	change_at_service(w);
	memset(&w->at_service, 0, sizeof(w->at_service));
	w->client.password = "guess";
}

static void the_new_password_has_no_ha1_for_the_algorithm(struct world *w)
{
	the_password_has_been_changed(w);
	w->at_service.ha1_present = 1u << SECMGR_HASH_MD5;
}

/* A right response against the cache needs no second opinion: its word holds until it is no longer fresh. */
static void the_password_has_been_changed_and_the_old_one_is_used(struct world *w)
{
	change_at_service(w);
	memset(w->at_service.ha1, 0x11, sizeof(w->at_service.ha1));
}

static void the_password_has_been_changed_and_the_service_fails(struct world *w)
{
	the_password_has_been_changed(w);
	w->service_fails = true;
}

static void the_subscriber_has_been_added_and_the_service_fails(struct world *w)
{
	the_subscriber_has_been_added(w);
	w->service_fails = true;
}

static void the_password_has_been_changed_and_the_request_is_gone(struct world *w)
{
	the_password_has_been_changed(w);
	w->gone_while_waiting = true;
}

static void the_password_has_been_changed_and_the_nonce_expires(struct world *w)
{
	the_password_has_been_changed(w);
	w->while_waiting = let_the_nonce_expire;
}

static void the_password_has_been_changed_and_the_credential_is_forgotten_to_be_set(struct world *w)
{
	the_password_has_been_changed(w);
	w->no_credential = true;
}

static const struct recheck
{
	const char *sentence;
	void (*change)(struct world *world);
	bool is_due;
	unsigned rechecked, asked;
	enum secmgr_action action;
	enum secmgr_verdict verdict;
} rechecks[] = {
#define CASE(change, is_due, rechecked, asked, action, verdict)                                        \
	{                                                                                                  \
#change, change, is_due, rechecked, asked, SECMGR_ACTION_##action, SECMGR_VERDICT_##verdict        \
	}
#define DUE(change, action, verdict) CASE(change, true, 1, 1, action, verdict)
#define NOT_DUE(change, action, verdict) CASE(change, false, 1, 0, action, verdict)
		DUE(the_password_is_wrong, CHALLENGE, WRONG_CREDENTIALS),
		NOT_DUE(the_password_is_wrong, CHALLENGE, WRONG_CREDENTIALS),
		DUE(the_subscriber_is_unknown, CHALLENGE, UNKNOWN_USER),
		NOT_DUE(the_subscriber_is_unknown, CHALLENGE, UNKNOWN_USER),
		DUE(the_password_has_been_changed, LET_PASS, ALLOWED),
		NOT_DUE(the_password_has_been_changed, CHALLENGE, WRONG_CREDENTIALS),
		DUE(the_password_has_been_changed_and_the_subscriber_suspended, REFUSE, SUSPENDED_USER),
		DUE(the_subscriber_has_been_added, LET_PASS, ALLOWED),
		NOT_DUE(the_subscriber_has_been_added, CHALLENGE, UNKNOWN_USER),
		DUE(the_subscriber_has_been_removed, CHALLENGE, UNKNOWN_USER),
		NOT_DUE(the_subscriber_has_been_removed, CHALLENGE, WRONG_CREDENTIALS),
		DUE(the_new_password_has_no_ha1_for_the_algorithm, CHALLENGE, CHALLENGED),
		DUE(the_password_has_been_changed_and_the_service_fails, CHALLENGE, WRONG_CREDENTIALS),
		DUE(the_subscriber_has_been_added_and_the_service_fails, CHALLENGE, UNKNOWN_USER),
		DUE(the_password_has_been_changed_and_the_request_is_gone, FORGET, INTERNAL_FAULT),
		DUE(the_password_has_been_changed_and_the_nonce_expires, CHALLENGE, STALE),
		CASE(the_password_has_been_changed_and_the_old_one_is_used, true, 0, 0, LET_PASS, ALLOWED),
		CASE(all_is_right, true, 0, 0, LET_PASS, ALLOWED),
		CASE(the_subscriber_is_suspended, true, 0, 0, REFUSE, SUSPENDED_USER),
		CASE(there_is_no_ha1_for_the_algorithm, true, 0, 0, CHALLENGE, CHALLENGED),
		/* What the service has just said is the last word. */
		CASE(the_password_is_wrong_and_the_service_is_asked, true, 0, 1, CHALLENGE, WRONG_CREDENTIALS),
		CASE(the_subscriber_is_unknown_and_the_service_is_asked, true, 0, 1, CHALLENGE, UNKNOWN_USER),
		CASE(the_service_fails, true, 0, 1, REFUSE, SERVICE_UNAVAILABLE),
		CASE(the_password_has_been_changed_and_the_credential_is_forgotten_to_be_set, true, 0, 0, REFUSE,
				INTERNAL_FAULT),
#undef NOT_DUE
#undef DUE
#undef CASE
};

static void a_wrong_response_against_the_cache_asks_the_service_before_it_counts(void)
{
	for(size_t i = 0; i < COUNT_OF(rechecks); i++) {
		const struct recheck *expected = &rechecks[i];

		begin_the_world();
		world.recheck_is_due = expected->is_due;
		expected->change(&world);
		CHECK_CASE(ends_with(send_answer(), expected->action, expected->verdict), expected->sentence);
		CHECK_CASE(world.rechecked == expected->rechecked, expected->sentence);
		CHECK_CASE(world.asked == expected->asked, expected->sentence);
	}
}

/* However wrong the verdict is that a continuation carries: at most it is refused as it was, or judged anew. */
static void no_verdict_that_stood_lets_a_request_pass(void)
{
	for(unsigned stood = 0; stood < 256; stood++) {
		const bool is_recheck = stood == SECMGR_VERDICT_WRONG_CREDENTIALS || stood == SECMGR_VERDICT_UNKNOWN_USER;

		begin_the_world();
		answer_the_challenge();
		CU_ASSERT_EQUAL(secmgr_flow_resume(&world.flow, &world.settings, &world.request, world.now_ms,
								(enum secmgr_verdict)stood),
				SECMGR_ACTION_ASK_SERVICE);
		CU_ASSERT_EQUAL(world.flow.state, is_recheck ? SECMGR_STATE_WAIT_RECHECK : SECMGR_STATE_WAIT_CREDENTIAL);
		CU_ASSERT_TRUE(ends_with(secmgr_flow_event(&world.flow, SECMGR_EVENT_SERVICE_FAILED),
				is_recheck ? SECMGR_ACTION_CHALLENGE : SECMGR_ACTION_REFUSE,
				is_recheck ? (enum secmgr_verdict)stood : SECMGR_VERDICT_SERVICE_UNAVAILABLE));
	}
}

/* The same refusal, whoever it is: nothing of what is answered may tell who exists. */
static void unknown_users_and_wrong_passwords_are_challenged_alike(void)
{
	begin_the_world();
	the_password_is_wrong(&world);
	CU_ASSERT_TRUE(ENDS(send_answer(), CHALLENGE, WRONG_CREDENTIALS));
	CU_ASSERT_EQUAL(world.flow.answerable, 0);
	begin_the_world();
	the_subscriber_is_unknown(&world);
	CU_ASSERT_TRUE(ENDS(send_answer(), CHALLENGE, UNKNOWN_USER));
	CU_ASSERT_EQUAL(world.flow.answerable, 0);
	CU_ASSERT_EQUAL(
			secmgr_verdict_code(SECMGR_VERDICT_UNKNOWN_USER), secmgr_verdict_code(SECMGR_VERDICT_WRONG_CREDENTIALS));
}

static void every_algorithm_is_let_pass_with_every_qop_and_body(void)
{
	static const char *const qops[] = {"auth", "auth-int"};
	static const char *const bodies[] = {"", "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n"};

	for(unsigned variant = 0; variant < SECMGR_ALGORITHM_COUNT * 4; variant++) {
		begin_the_world();
		give_offer("SHA-512-256,SHA-512-256-sess,SHA-256,SHA-256-sess,MD5,MD5-sess",
				SECMGR_QOP_OFFERS_AUTH | SECMGR_QOP_OFFERS_AUTH_INT);
		world.client.algorithm = (enum secmgr_algorithm)(variant / 4);
		world.client.qop = qops[variant / 2 % 2];
		world.client.body = bodies[variant % 2];
		world.request.body = secmgr_slice_of(bodies[variant % 2]);
		CHECK_CASE(ENDS(send_answer(), LET_PASS, ALLOWED), secmgr_algorithm_name(world.client.algorithm));
	}
}

static void a_changed_body_is_wrong_under_auth_int_and_nothing_to_auth(void)
{
	static const char *const bodies[] = {"", "v=0", "v=0\r\n\r\n", "v=1\r\n"};

	for(size_t i = 0; i < COUNT_OF(bodies); i++) {
		begin_the_world();
		world.request.body = secmgr_slice_of(bodies[i]);
		CHECK_CASE(ENDS(send_answer(), LET_PASS, ALLOWED), bodies[i]);
		begin_the_world();
		give_offer("SHA-256", SECMGR_QOP_OFFERS_AUTH_INT);
		world.client.qop = "auth-int";
		world.request.body = secmgr_slice_of(bodies[i]);
		CHECK_CASE(ENDS(send_answer(), CHALLENGE, WRONG_CREDENTIALS), bodies[i]);
	}
}

static void every_character_of_the_nonce_counts(void)
{
	for(int character = 0; character < SECMGR_NONCE_CHARS; character++) {
		begin_the_world();
		world.flipped_character = character;
		CU_ASSERT_TRUE(ENDS(send_answer(), CHALLENGE, CHALLENGED));
	}
}

/* Only what the subscriber can answer with is offered the second time. */
static void a_missing_ha1_limits_the_offer(void)
{
	begin_the_world();
	give_offer("SHA-512-256,SHA-256,MD5,MD5-sess", SECMGR_QOP_OFFERS_AUTH);
	there_is_no_ha1_for_the_algorithm(&world);
	CU_ASSERT_TRUE(ENDS(send_answer(), CHALLENGE, CHALLENGED));
	CU_ASSERT_EQUAL(world.flow.answerable, 1u << SECMGR_ALGORITHM_MD5 | 1u << SECMGR_ALGORITHM_MD5_SESS);
	CU_ASSERT_STRING_EQUAL(world.flow.why, "the subscriber has no HA1 for this algorithm");

	world.client.algorithm = SECMGR_ALGORITHM_MD5;
	CU_ASSERT_TRUE(ENDS(send_answer(), LET_PASS, ALLOWED));
}

static void without_any_ha1_the_offer_stays_whole(void)
{
	begin_the_world();
	world.credential.ha1_present = 0;
	CU_ASSERT_TRUE(ENDS(send_answer(), CHALLENGE, CHALLENGED));
	CU_ASSERT_EQUAL(world.flow.answerable, 0);
}

static void the_same_count_in_another_request_is_a_replay(void)
{
	begin_the_world();
	CU_ASSERT_TRUE(ENDS(send_answer(), LET_PASS, ALLOWED));
	world.fingerprint = 2;
	CU_ASSERT_TRUE(ENDS(send_answer(), CHALLENGE, REPLAYED));
	world.client.nc = "00000002";
	CU_ASSERT_TRUE(ENDS(send_answer(), LET_PASS, ALLOWED));
	world.client.nc = "00000001";
	world.fingerprint = 1;
	CU_ASSERT_TRUE(ENDS(send_answer(), CHALLENGE, REPLAYED));
}

static void a_retransmission_passes_for_64_t1(void)
{
	begin_the_world();
	CU_ASSERT_TRUE(ENDS(send_answer(), LET_PASS, ALLOWED));
	world.now_ms += SECMGR_RETRANSMISSION_MS - 1;
	CU_ASSERT_TRUE(ENDS(send_request(), LET_PASS, ALLOWED));
	world.now_ms++;
	CU_ASSERT_TRUE(ENDS(send_request(), CHALLENGE, REPLAYED));
}

/* The retransmission of somebody who was suspended meanwhile. */
static void a_retransmission_is_judged_by_the_credential_of_today(void)
{
	begin_the_world();
	CU_ASSERT_TRUE(ENDS(send_answer(), LET_PASS, ALLOWED));
	world.credential.subscriber = SECMGR_SUBSCRIBER_SUSPENDED;
	CU_ASSERT_TRUE(ENDS(send_request(), REFUSE, SUSPENDED_USER));
}

static void a_right_response_uses_its_count_up_whatever_the_verdict(void)
{
	begin_the_world();
	the_subscriber_is_suspended(&world);
	CU_ASSERT_TRUE(ENDS(send_answer(), REFUSE, SUSPENDED_USER));
	world.credential.subscriber = SECMGR_SUBSCRIBER_ACTIVE;
	world.fingerprint = 2;
	CU_ASSERT_TRUE(ENDS(send_answer(), CHALLENGE, REPLAYED));
}

/* Else anybody who sees a nonce could use up its owner's counts. */
static void a_wrong_response_uses_no_count_up(void)
{
	begin_the_world();
	world.client.password = "guess";
	CU_ASSERT_TRUE(ENDS(send_answer(), CHALLENGE, WRONG_CREDENTIALS));
	world.client.password = "open sesame";
	CU_ASSERT_TRUE(ENDS(send_answer(), LET_PASS, ALLOWED));
}

static void a_nonce_whose_window_was_dropped_is_stale(void)
{
	begin_the_world();
	CU_ASSERT_TRUE(ENDS(send_answer(), LET_PASS, ALLOWED));
	for(uint8_t newer = 1; newer <= WINDOWS; newer++) {
		struct secmgr_nonce nonce = {.issued_ms = NOW_MS + newer, .instance = INSTANCE, .random = {newer}};

		CU_ASSERT_EQUAL(secmgr_nonce_count_use(world.counts, &nonce, 1, 9, world.now_ms, LIFETIME_MS),
				SECMGR_NONCE_COUNT_FRESH);
	}
	world.client.nc = "00000002";
	CU_ASSERT_TRUE(ENDS(send_answer(), CHALLENGE, STALE));
}

static void the_retransmission_that_its_transaction_absorbs_is_forgotten(void)
{
	begin_the_world();
	answer_the_challenge();
	CU_ASSERT_EQUAL(event_in(SECMGR_STATE_VERIFYING, SECMGR_EVENT_RESPONSE_RIGHT, &world.credential),
			SECMGR_ACTION_COUNT_NONCE);
	CU_ASSERT_TRUE(ENDS(secmgr_flow_event(&world.flow, SECMGR_EVENT_REQUEST_GONE), FORGET, INTERNAL_FAULT));
}

static void an_event_too_many_never_lets_pass(void)
{
	begin_the_world();
	CU_ASSERT_TRUE(ENDS(send_answer(), LET_PASS, ALLOWED));
	for(unsigned event = 0; event < SECMGR_EVENT_COUNT; event++)
		CU_ASSERT_TRUE(ENDS(secmgr_flow_event(&world.flow, (enum secmgr_event)event), REFUSE, INTERNAL_FAULT));
}

static void resuming_what_never_waited_judges_it_anew(void)
{
	begin_the_world();
	there_are_no_credentials(&world);
	answer_the_challenge();
	CU_ASSERT_TRUE(ENDS(
			secmgr_flow_resume(
					&world.flow, &world.settings, &world.request, world.now_ms, SECMGR_VERDICT_INTERNAL_FAULT),
			CHALLENGE, CHALLENGED));
	CU_ASSERT_TRUE(ENDS(secmgr_flow_resume(&world.flow, &world.settings, &world.request, world.now_ms,
								SECMGR_VERDICT_WRONG_CREDENTIALS),
			CHALLENGE, CHALLENGED));
}

static void the_reason_is_told_in_words(void)
{
	static const struct
	{
		void (*change)(struct world *world);
		const char *why;
	} cases[] = {
			{the_credentials_are_malformed, "nc is not eight hex digits"},
			{the_algorithm_was_not_offered, "the algorithm was not offered"},
			{the_qop_is_missing, "the qop was not offered"},
			{the_uri_has_another_user, "the digest uri is not the Request-URI"},
			{the_nonce_is_as_old_as_its_lifetime, "the nonce is too old"},
			{the_nonce_is_of_another_instance, "the nonce is of another proxy, or from before a restart"},
			{the_nonce_has_another_time, "the nonce is not ours"},
	};

	for(size_t i = 0; i < COUNT_OF(cases); i++) {
		begin_the_world();
		cases[i].change(&world);
		(void)send_answer();
		CU_ASSERT_PTR_NOT_NULL_FATAL(world.flow.why);
		CU_ASSERT_STRING_EQUAL(world.flow.why, cases[i].why);
	}
	begin_the_world();
	(void)send_answer();
	CU_ASSERT_PTR_NULL(world.flow.why);
}

static void the_header_field_that_was_verified_is_told(void)
{
	begin_the_world();
	the_weaker_one_of_two_credentials_is_wrong(&world);
	CU_ASSERT_TRUE(ENDS(send_answer(), LET_PASS, ALLOWED));
	CU_ASSERT_EQUAL(world.flow.presented.header, 0);
}

static enum secmgr_action verify_without_digests(void)
{
	enum secmgr_action action;

	CU_ASSERT_EQUAL(secmgr_flow_begin(&world.flow, &world.settings, &world.request, world.now_ms), SECMGR_ACTION_LOOK_UP);
	secmgr_digest_destroy();
	action = secmgr_flow_event(&world.flow, look_up());
	CU_ASSERT_TRUE_FATAL(secmgr_digest_init());
	return action;
}

/* libcrypto that gives no digests, as MD5 in FIPS mode, lets nobody pass. */
static void without_digests_every_response_is_a_fault(void)
{
	begin_the_world();
	answer_the_challenge();
	CU_ASSERT_TRUE(ENDS(verify_without_digests(), REFUSE, INTERNAL_FAULT));
	memset(&world.credential, 0, sizeof(world.credential));
	CU_ASSERT_TRUE(ENDS(verify_without_digests(), REFUSE, INTERNAL_FAULT));
}

static void without_digests_no_nonce_is_believed(void)
{
	begin_the_world();
	answer_the_challenge();
	secmgr_digest_destroy();
	CU_ASSERT_TRUE(ENDS(send_request(), CHALLENGE, CHALLENGED));
	CU_ASSERT_TRUE_FATAL(secmgr_digest_init());
	CU_ASSERT_TRUE(ENDS(send_request(), LET_PASS, ALLOWED));
}

static int start(void)
{
	world.counts = malloc(secmgr_nonce_count_memory(WINDOWS));
	return world.counts != NULL && secmgr_digest_init() ? 0 : 1;
}

static int stop(void)
{
	free(world.counts);
	world.counts = NULL;
	secmgr_digest_destroy();
	return 0;
}

void secmgr_test_flow(void)
{
	CU_pSuite suite = CU_add_suite("flow", start, stop);

	CU_ADD_TEST(suite, every_pair_of_state_and_event_does_what_is_written_and_nothing_else);
	CU_ADD_TEST(suite, what_is_no_state_or_no_event_is_a_fault);
	CU_ADD_TEST(suite, only_a_fresh_count_and_an_exempt_method_let_a_request_pass);
	CU_ADD_TEST(suite, every_result_of_counting_is_an_event_and_only_an_active_subscriber_is_fresh);
	CU_ADD_TEST(suite, every_request_ends_as_it_should);
	CU_ADD_TEST(suite, a_wrong_response_against_the_cache_asks_the_service_before_it_counts);
	CU_ADD_TEST(suite, no_verdict_that_stood_lets_a_request_pass);
	CU_ADD_TEST(suite, unknown_users_and_wrong_passwords_are_challenged_alike);
	CU_ADD_TEST(suite, every_algorithm_is_let_pass_with_every_qop_and_body);
	CU_ADD_TEST(suite, a_changed_body_is_wrong_under_auth_int_and_nothing_to_auth);
	CU_ADD_TEST(suite, every_character_of_the_nonce_counts);
	CU_ADD_TEST(suite, a_missing_ha1_limits_the_offer);
	CU_ADD_TEST(suite, without_any_ha1_the_offer_stays_whole);
	CU_ADD_TEST(suite, the_same_count_in_another_request_is_a_replay);
	CU_ADD_TEST(suite, a_retransmission_passes_for_64_t1);
	CU_ADD_TEST(suite, a_retransmission_is_judged_by_the_credential_of_today);
	CU_ADD_TEST(suite, a_right_response_uses_its_count_up_whatever_the_verdict);
	CU_ADD_TEST(suite, a_wrong_response_uses_no_count_up);
	CU_ADD_TEST(suite, a_nonce_whose_window_was_dropped_is_stale);
	CU_ADD_TEST(suite, the_retransmission_that_its_transaction_absorbs_is_forgotten);
	CU_ADD_TEST(suite, an_event_too_many_never_lets_pass);
	CU_ADD_TEST(suite, resuming_what_never_waited_judges_it_anew);
	CU_ADD_TEST(suite, the_reason_is_told_in_words);
	CU_ADD_TEST(suite, the_header_field_that_was_verified_is_told);
	CU_ADD_TEST(suite, without_digests_every_response_is_a_fault);
	CU_ADD_TEST(suite, without_digests_no_nonce_is_believed);
}
