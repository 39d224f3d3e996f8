/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nonce.h"

#include <string.h>

#include <CUnit/Basic.h>

#include "config.h"
#include "digest.h"

void secmgr_test_nonce(void);

#define CHECK_CASE(good, sentence) CU_assertImplementation((good), __LINE__, (sentence), __FILE__, "", CU_FALSE)

#define ISSUED_MS UINT64_C(1700000000123)
#define LIFETIME_MS UINT64_C(300000)
#define INSTANCE UINT32_C(0xdeadbeef)

static const uint8_t first_key[SECMGR_NONCE_KEY_BYTES] = {1};
static const uint8_t second_key[SECMGR_NONCE_KEY_BYTES] = {2};
static const uint8_t third_key[SECMGR_NONCE_KEY_BYTES] = {3};

static const struct secmgr_nonce sample = {
		.issued_ms = ISSUED_MS,
		.instance = INSTANCE,
		.random = {1, 2, 3, 4, 5, 6, 7, 8},
		.algorithms = 1u << SECMGR_ALGORITHM_SHA_256 | 1u << SECMGR_ALGORITHM_MD5,
		.qops = SECMGR_QOP_OFFERS_AUTH,
};

static const struct secmgr_nonce_scope example = {SECMGR_SLICE("example.org"), SECMGR_SLICE("192.0.2.7")};

static int start(void)
{
	return secmgr_digest_init() ? 0 : 1;
}

static int stop(void)
{
	secmgr_digest_destroy();
	return 0;
}

static struct secmgr_nonce_keys keys_after(const uint8_t *older, const uint8_t *newer)
{
	struct secmgr_nonce_keys keys = {0};

	secmgr_nonce_keys_rotate(&keys, older);
	if(newer)
		secmgr_nonce_keys_rotate(&keys, newer);
	return keys;
}

static struct secmgr_slice slice_of(const char text[SECMGR_NONCE_CHARS])
{
	return (struct secmgr_slice){text, SECMGR_NONCE_CHARS};
}

static void make(const struct secmgr_nonce_keys *keys, char text[SECMGR_NONCE_CHARS])
{
	CU_ASSERT_TRUE(secmgr_nonce_write(keys, &example, &sample, text));
}

static enum secmgr_nonce_result read_at(const struct secmgr_nonce_keys *keys, struct secmgr_slice text, uint64_t now_ms)
{
	struct secmgr_nonce nonce;

	return secmgr_nonce_read(keys, &example, text, INSTANCE, now_ms, LIFETIME_MS, &nonce);
}

static enum secmgr_nonce_result read_now(const struct secmgr_nonce_keys *keys, struct secmgr_slice text)
{
	return read_at(keys, text, ISSUED_MS + 1);
}

static bool are_same(const struct secmgr_nonce *a, const struct secmgr_nonce *b)
{
	return a->issued_ms == b->issued_ms && a->instance == b->instance && a->algorithms == b->algorithms
		   && a->qops == b->qops && memcmp(a->random, b->random, sizeof(a->random)) == 0;
}

static void a_nonce_comes_back_as_it_was_made(void)
{
	const struct secmgr_nonce_keys keys = keys_after(first_key, NULL);
	struct secmgr_nonce nonce = {0};
	char text[SECMGR_NONCE_CHARS];

	make(&keys, text);
	CU_ASSERT_EQUAL(secmgr_nonce_read(&keys, &example, slice_of(text), INSTANCE, ISSUED_MS, LIFETIME_MS, &nonce),
			SECMGR_NONCE_VALID);
	CU_ASSERT_TRUE(are_same(&nonce, &sample));
}

/* Computed with Python's hmac and base64 from the drawing in nonce.h. */
static void a_nonce_looks_as_it_is_drawn(void)
{
	const struct secmgr_nonce_keys keys = keys_after(first_key, NULL);
	char text[SECMGR_NONCE_CHARS];

	make(&keys, text);
	CU_ASSERT_TRUE(
			secmgr_slice_equals(slice_of(text), SECMGR_SLICE("EEUBi8_laHverb7vAQIDBAUGBwirpxibB5wGM0pU5q-2Bd_W")));
}

static void the_extremes_of_every_field_survive(void)
{
	static const struct secmgr_nonce extremes[] = {
			{.algorithms = 0, .qops = 0},
			{.issued_ms = (UINT64_C(1) << 48) - 1,
					.instance = UINT32_MAX,
					.random = {255, 255, 255, 255, 255, 255, 255, 255},
					.algorithms = 0x3f,
					.qops = SECMGR_QOP_OFFERS_AUTH | SECMGR_QOP_OFFERS_AUTH_INT},
	};
	const struct secmgr_nonce_keys keys = keys_after(first_key, NULL);

	for(size_t i = 0; i < sizeof(extremes) / sizeof(extremes[0]); i++) {
		struct secmgr_nonce nonce = {0};
		char text[SECMGR_NONCE_CHARS];

		CU_ASSERT_TRUE(secmgr_nonce_write(&keys, &example, &extremes[i], text));
		CU_ASSERT_EQUAL(secmgr_nonce_read(&keys, &example, slice_of(text), extremes[i].instance,
								extremes[i].issued_ms, 1, &nonce),
				SECMGR_NONCE_VALID);
		CU_ASSERT_TRUE(are_same(&nonce, &extremes[i]));
	}
}

static void what_the_format_cannot_hold_is_not_written(void)
{
	const struct secmgr_nonce_keys keys = keys_after(first_key, NULL);
	struct secmgr_nonce nonce = sample;
	char text[SECMGR_NONCE_CHARS];

	nonce.algorithms = 0x40;
	CU_ASSERT_FALSE(secmgr_nonce_write(&keys, &example, &nonce, text));
	nonce = sample;
	nonce.qops = 4;
	CU_ASSERT_FALSE(secmgr_nonce_write(&keys, &example, &nonce, text));
	nonce = sample;
	nonce.issued_ms = UINT64_C(1) << 48;
	CU_ASSERT_FALSE(secmgr_nonce_write(&keys, &example, &nonce, text));
}

static void without_a_key_nothing_is_written_and_nothing_believed(void)
{
	const struct secmgr_nonce_keys keys = keys_after(first_key, NULL);
	const struct secmgr_nonce_keys none = {0};
	char text[SECMGR_NONCE_CHARS];

	CU_ASSERT_FALSE(secmgr_nonce_write(&none, &example, &sample, text));
	make(&keys, text);
	CU_ASSERT_EQUAL(read_now(&none, slice_of(text)), SECMGR_NONCE_FORGED);
}

static void without_libcryptos_hashes_nothing_is_written_and_nothing_believed(void)
{
	const struct secmgr_nonce_keys keys = keys_after(first_key, NULL);
	char text[SECMGR_NONCE_CHARS];

	make(&keys, text);
	secmgr_digest_destroy();
	CU_ASSERT_EQUAL(read_now(&keys, slice_of(text)), SECMGR_NONCE_FORGED);
	CU_ASSERT_FALSE(secmgr_nonce_write(&keys, &example, &sample, text));
	CU_ASSERT_TRUE(secmgr_digest_init());
	CU_ASSERT_EQUAL(read_now(&keys, slice_of(text)), SECMGR_NONCE_VALID);
}

/* A key of zeroes that stands in an absent slot must not be tried: anybody knows it. */
static void an_absent_slot_is_no_key_of_zeroes(void)
{
	static const uint8_t zeroes[SECMGR_NONCE_KEY_BYTES];
	const struct secmgr_nonce_keys of_attacker = keys_after(zeroes, NULL);
	const struct secmgr_nonce_keys ours = {.current = 1, .present = {false, true}, .key = {{0}, {1}}};
	char text[SECMGR_NONCE_CHARS];

	make(&of_attacker, text);
	CU_ASSERT_EQUAL(read_now(&ours, slice_of(text)), SECMGR_NONCE_FORGED);
}

static void the_age_of_a_nonce_decides(void)
{
	static const struct
	{
		const char *sentence;
		uint64_t now_ms;
		enum secmgr_nonce_result result;
	} cases[] = {
			{"a nonce is good at once", ISSUED_MS, SECMGR_NONCE_VALID},
			{"a nonce is good up to the last millisecond", ISSUED_MS + LIFETIME_MS - 1, SECMGR_NONCE_VALID},
			{"a nonce as old as its lifetime is stale", ISSUED_MS + LIFETIME_MS, SECMGR_NONCE_VALID_BUT_STALE},
			{"an older nonce is stale", ISSUED_MS + LIFETIME_MS + 1, SECMGR_NONCE_VALID_BUT_STALE},
			{"a nonce of a far past is stale", UINT64_MAX, SECMGR_NONCE_VALID_BUT_STALE},
			{"a nonce of the next millisecond is stale", ISSUED_MS - 1, SECMGR_NONCE_VALID_BUT_STALE},
			{"a nonce of a far future is stale", 0, SECMGR_NONCE_VALID_BUT_STALE},
	};
	const struct secmgr_nonce_keys keys = keys_after(first_key, NULL);
	char text[SECMGR_NONCE_CHARS];

	make(&keys, text);
	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_CASE(read_at(&keys, slice_of(text), cases[i].now_ms) == cases[i].result, cases[i].sentence);
}

static void a_lifetime_of_nothing_makes_every_nonce_stale(void)
{
	const struct secmgr_nonce_keys keys = keys_after(first_key, NULL);
	struct secmgr_nonce nonce;
	char text[SECMGR_NONCE_CHARS];

	make(&keys, text);
	CU_ASSERT_EQUAL(secmgr_nonce_read(&keys, &example, slice_of(text), INSTANCE, ISSUED_MS, 0, &nonce),
			SECMGR_NONCE_VALID_BUT_STALE);
}

static void no_lifetime_is_long_enough_for_a_nonce_of_the_future(void)
{
	const struct secmgr_nonce_keys keys = keys_after(first_key, NULL);
	struct secmgr_nonce nonce;
	char text[SECMGR_NONCE_CHARS];

	make(&keys, text);
	CU_ASSERT_EQUAL(secmgr_nonce_read(&keys, &example, slice_of(text), INSTANCE, ISSUED_MS - 2, UINT64_MAX, &nonce),
			SECMGR_NONCE_VALID_BUT_STALE);
}

/* Computed like the one above, with a right MAC. */
static void a_nonce_of_another_version_or_of_no_slot_is_refused(void)
{
	const struct secmgr_nonce_keys keys = keys_after(first_key, second_key);
	static const struct
	{
		const char *sentence;
		struct secmgr_slice text;
		enum secmgr_nonce_result result;
	} cases[] = {
			{"version 1, slot 0 is good", SECMGR_SLICE("EEUBi8_laHverb7vAQIDBAUGBwirpxibB5wGM0pU5q-2Bd_W"),
					SECMGR_NONCE_VALID},
			{"version 0 is refused", SECMGR_SLICE("AEUBi8_laHverb7vAQIDBAUGBwjGmRIh1CNk35Ra5UfHc4QE"),
					SECMGR_NONCE_FORGED},
			{"version 2 is refused", SECMGR_SLICE("IEUBi8_laHverb7vAQIDBAUGBwi27stzEYcjxobamTL_0cqT"),
					SECMGR_NONCE_FORGED},
			{"slot 2 is refused", SECMGR_SLICE("EkUBi8_laHverb7vAQIDBAUGBwja9zOID2lhIIA9c-sxqqEq"),
					SECMGR_NONCE_FORGED},
			{"slot 15 is refused", SECMGR_SLICE("H0UBi8_laHverb7vAQIDBAUGBwiuZqp3fApyl_saglo38UUz"),
					SECMGR_NONCE_FORGED},
	};

	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_CASE(read_now(&keys, cases[i].text) == cases[i].result, cases[i].sentence);
}

static void a_nonce_of_another_instance_is_genuine_but_not_ours(void)
{
	const struct secmgr_nonce_keys keys = keys_after(first_key, NULL);
	struct secmgr_nonce nonce = {0};
	char text[SECMGR_NONCE_CHARS];

	make(&keys, text);
	CU_ASSERT_EQUAL(secmgr_nonce_read(&keys, &example, slice_of(text), INSTANCE + 1, ISSUED_MS, LIFETIME_MS, &nonce),
			SECMGR_NONCE_OF_ANOTHER_INSTANCE);
	CU_ASSERT_EQUAL(nonce.instance, INSTANCE);
}

static void a_nonce_is_good_in_its_own_scope_alone(void)
{
	static const struct
	{
		const char *sentence;
		struct secmgr_nonce_scope scope;
	} cases[] = {
			{"nonce of another realm is refused", {SECMGR_SLICE("example.com"), SECMGR_SLICE("192.0.2.7")}},
			{"the realm counts in its case", {SECMGR_SLICE("Example.org"), SECMGR_SLICE("192.0.2.7")}},
			{"nonce of another source is refused", {SECMGR_SLICE("example.org"), SECMGR_SLICE("192.0.2.8")}},
			{"a bound nonce is refused unbound", {SECMGR_SLICE("example.org"), {NULL, 0}}},
			{"realm and binding do not run on", {SECMGR_SLICE("example.org1"), SECMGR_SLICE("92.0.2.7")}},
			{"realm and binding do not change places", {SECMGR_SLICE("192.0.2.7"), SECMGR_SLICE("example.org")}},
			{"nonce of no realm is refused", {{NULL, 0}, SECMGR_SLICE("192.0.2.7")}},
	};
	const struct secmgr_nonce_keys keys = keys_after(first_key, NULL);
	struct secmgr_nonce nonce;
	char text[SECMGR_NONCE_CHARS];

	make(&keys, text);
	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_CASE(secmgr_nonce_read(&keys, &cases[i].scope, slice_of(text), INSTANCE, ISSUED_MS, LIFETIME_MS, &nonce)
						   == SECMGR_NONCE_FORGED,
				cases[i].sentence);
}

static bool can_be_written_in(struct secmgr_nonce_scope scope)
{
	const struct secmgr_nonce_keys keys = keys_after(first_key, NULL);
	struct secmgr_nonce nonce;
	char text[SECMGR_NONCE_CHARS];

	return secmgr_nonce_write(&keys, &scope, &sample, text)
		   && secmgr_nonce_read(&keys, &scope, slice_of(text), INSTANCE, ISSUED_MS, LIFETIME_MS, &nonce)
					  == SECMGR_NONCE_VALID;
}

static void a_scope_may_be_as_long_as_its_bounds_and_no_longer(void)
{
	static const char filling[SECMGR_REALM_MAX + 1];
	const struct secmgr_slice realm = {filling, SECMGR_REALM_MAX};
	const struct secmgr_slice binding = {filling, SECMGR_NONCE_BINDING_MAX};
	const struct secmgr_slice long_realm = {filling, SECMGR_REALM_MAX + 1};
	const struct secmgr_slice long_binding = {filling, SECMGR_NONCE_BINDING_MAX + 1};

	CU_ASSERT_TRUE(can_be_written_in((struct secmgr_nonce_scope){realm, binding}));
	CU_ASSERT_FALSE(can_be_written_in((struct secmgr_nonce_scope){long_realm, {NULL, 0}}));
	CU_ASSERT_FALSE(can_be_written_in((struct secmgr_nonce_scope){{NULL, 0}, long_binding}));
}

static void every_other_byte_in_every_place_is_refused(void)
{
	const struct secmgr_nonce_keys keys = keys_after(first_key, second_key);
	char text[SECMGR_NONCE_CHARS];
	unsigned believed = 0;

	make(&keys, text);
	for(size_t place = 0; place < SECMGR_NONCE_CHARS; place++) {
		const char right = text[place];

		for(int byte = 0; byte < 256; byte++) {
			text[place] = (char)byte;
			believed += text[place] != right && read_now(&keys, slice_of(text)) != SECMGR_NONCE_FORGED;
		}
		text[place] = right;
	}
	CU_ASSERT_EQUAL(believed, 0);
	CU_ASSERT_EQUAL(read_now(&keys, slice_of(text)), SECMGR_NONCE_VALID);
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void flip_bit(char text[SECMGR_NONCE_CHARS], size_t bit)
{
	size_t value = (size_t)(strchr(digits, text[bit / 6]) - digits);

	text[bit / 6] = digits[value ^ (size_t)1 << (5 - bit % 6)];
}

static void every_bit_that_is_flipped_is_noticed(void)
{
	const struct secmgr_nonce_keys keys = keys_after(first_key, second_key);
	char text[SECMGR_NONCE_CHARS];
	unsigned believed = 0;

	make(&keys, text);
	for(size_t bit = 0; bit < SECMGR_NONCE_CHARS * 6; bit++) {
		flip_bit(text, bit);
		believed += read_now(&keys, slice_of(text)) != SECMGR_NONCE_FORGED;
		flip_bit(text, bit);
	}
	CU_ASSERT_EQUAL(believed, 0);
	CU_ASSERT_EQUAL(read_now(&keys, slice_of(text)), SECMGR_NONCE_VALID);
}

/* Byte 1, bits 8 to 15, is the offer: whoever can add MD5 to it can answer with MD5. */
static void an_offer_cannot_be_weakened(void)
{
	const struct secmgr_nonce_keys keys = keys_after(first_key, NULL);
	struct secmgr_nonce strong = sample, weak = sample;
	char strong_text[SECMGR_NONCE_CHARS], weak_text[SECMGR_NONCE_CHARS];

	strong.algorithms = 1u << SECMGR_ALGORITHM_SHA_256;
	weak.algorithms = 1u << SECMGR_ALGORITHM_SHA_256 | 1u << SECMGR_ALGORITHM_MD5;
	CU_ASSERT_TRUE(secmgr_nonce_write(&keys, &example, &strong, strong_text));
	CU_ASSERT_TRUE(secmgr_nonce_write(&keys, &example, &weak, weak_text));
	/* the clear parts differ in the offer alone: take the weak clear part and the strong MAC */
	memcpy(strong_text, weak_text, 24);
	CU_ASSERT_EQUAL(read_now(&keys, slice_of(strong_text)), SECMGR_NONCE_FORGED);
}

static void a_nonce_of_another_length_is_refused(void)
{
	const struct secmgr_nonce_keys keys = keys_after(first_key, NULL);
	char text[SECMGR_NONCE_CHARS + 4];

	make(&keys, text);
	memcpy(text + SECMGR_NONCE_CHARS, "AAAA", 4);
	for(size_t length = 0; length <= sizeof(text); length++)
		CU_ASSERT_EQUAL(read_now(&keys, (struct secmgr_slice){text, length}),
				length == SECMGR_NONCE_CHARS ? SECMGR_NONCE_VALID : SECMGR_NONCE_FORGED);
	CU_ASSERT_EQUAL(read_now(&keys, (struct secmgr_slice){NULL, 0}), SECMGR_NONCE_FORGED);
}

static void the_other_alphabet_and_padding_are_refused(void)
{
	const struct secmgr_nonce_keys keys = keys_after(first_key, NULL);
	static const char strange[] = "+/= \t\n%\"";
	char text[SECMGR_NONCE_CHARS];

	for(size_t i = 0; i < sizeof(strange); i++) {
		make(&keys, text);
		text[SECMGR_NONCE_CHARS - 1] = strange[i];
		CU_ASSERT_EQUAL(read_now(&keys, slice_of(text)), SECMGR_NONCE_FORGED);
	}
}

static void a_nonce_outlives_one_rotation_and_not_two(void)
{
	struct secmgr_nonce_keys keys = keys_after(first_key, NULL);
	char text[SECMGR_NONCE_CHARS];

	make(&keys, text);
	secmgr_nonce_keys_rotate(&keys, second_key);
	CU_ASSERT_EQUAL(read_now(&keys, slice_of(text)), SECMGR_NONCE_VALID);
	secmgr_nonce_keys_rotate(&keys, third_key);
	CU_ASSERT_EQUAL(read_now(&keys, slice_of(text)), SECMGR_NONCE_FORGED);
}

static bool holds(const struct secmgr_nonce_keys *keys, const uint8_t *key)
{
	return memcmp(keys->key[0], key, SECMGR_NONCE_KEY_BYTES) == 0
		   || memcmp(keys->key[1], key, SECMGR_NONCE_KEY_BYTES) == 0;
}

static void rotation_keeps_two_keys_and_no_trace_of_the_third(void)
{
	struct secmgr_nonce_keys keys = keys_after(first_key, NULL);

	CU_ASSERT_EQUAL(keys.current, 0);
	CU_ASSERT_FALSE(keys.present[1]);
	secmgr_nonce_keys_rotate(&keys, second_key);
	CU_ASSERT_EQUAL(keys.current, 1);
	secmgr_nonce_keys_rotate(&keys, third_key);
	CU_ASSERT_EQUAL(keys.current, 0);
	CU_ASSERT_TRUE(holds(&keys, third_key) && holds(&keys, second_key));
	CU_ASSERT_FALSE(holds(&keys, first_key));
}

static void new_nonces_are_made_with_the_new_key(void)
{
	const struct secmgr_nonce_keys rotated = keys_after(first_key, second_key);
	const struct secmgr_nonce_keys old_alone = keys_after(first_key, NULL);
	const struct secmgr_nonce_keys new_alone = keys_after(second_key, NULL);
	char text[SECMGR_NONCE_CHARS];

	make(&rotated, text);
	CU_ASSERT_EQUAL(read_now(&old_alone, slice_of(text)), SECMGR_NONCE_FORGED);
	CU_ASSERT_EQUAL(read_now(&new_alone, slice_of(text)), SECMGR_NONCE_VALID);
}

/* A proxy that starts between two rotations of its neighbour has the shared keys in other slots. */
static void a_neighbour_with_the_keys_in_other_slots_knows_the_nonce(void)
{
	const struct secmgr_nonce_keys here = keys_after(first_key, second_key);
	const struct secmgr_nonce_keys there = keys_after(second_key, first_key);
	char text[SECMGR_NONCE_CHARS];

	make(&here, text);
	CU_ASSERT_EQUAL(read_now(&there, slice_of(text)), SECMGR_NONCE_VALID);
	make(&there, text);
	CU_ASSERT_EQUAL(read_now(&here, slice_of(text)), SECMGR_NONCE_VALID);
}

static void a_nonce_of_another_key_is_refused(void)
{
	const struct secmgr_nonce_keys ours = keys_after(first_key, second_key);
	const struct secmgr_nonce_keys theirs = keys_after(third_key, NULL);
	char text[SECMGR_NONCE_CHARS];

	make(&theirs, text);
	CU_ASSERT_EQUAL(read_now(&ours, slice_of(text)), SECMGR_NONCE_FORGED);
}

void secmgr_test_nonce(void)
{
	CU_pSuite suite = CU_add_suite("nonce", start, stop);

	CU_ADD_TEST(suite, a_nonce_comes_back_as_it_was_made);
	CU_ADD_TEST(suite, a_nonce_looks_as_it_is_drawn);
	CU_ADD_TEST(suite, the_extremes_of_every_field_survive);
	CU_ADD_TEST(suite, what_the_format_cannot_hold_is_not_written);
	CU_ADD_TEST(suite, without_a_key_nothing_is_written_and_nothing_believed);
	CU_ADD_TEST(suite, without_libcryptos_hashes_nothing_is_written_and_nothing_believed);
	CU_ADD_TEST(suite, an_absent_slot_is_no_key_of_zeroes);
	CU_ADD_TEST(suite, the_age_of_a_nonce_decides);
	CU_ADD_TEST(suite, a_lifetime_of_nothing_makes_every_nonce_stale);
	CU_ADD_TEST(suite, no_lifetime_is_long_enough_for_a_nonce_of_the_future);
	CU_ADD_TEST(suite, a_nonce_of_another_version_or_of_no_slot_is_refused);
	CU_ADD_TEST(suite, a_nonce_of_another_instance_is_genuine_but_not_ours);
	CU_ADD_TEST(suite, a_nonce_is_good_in_its_own_scope_alone);
	CU_ADD_TEST(suite, a_scope_may_be_as_long_as_its_bounds_and_no_longer);
	CU_ADD_TEST(suite, every_other_byte_in_every_place_is_refused);
	CU_ADD_TEST(suite, every_bit_that_is_flipped_is_noticed);
	CU_ADD_TEST(suite, an_offer_cannot_be_weakened);
	CU_ADD_TEST(suite, a_nonce_of_another_length_is_refused);
	CU_ADD_TEST(suite, the_other_alphabet_and_padding_are_refused);
	CU_ADD_TEST(suite, a_nonce_outlives_one_rotation_and_not_two);
	CU_ADD_TEST(suite, rotation_keeps_two_keys_and_no_trace_of_the_third);
	CU_ADD_TEST(suite, new_nonces_are_made_with_the_new_key);
	CU_ADD_TEST(suite, a_neighbour_with_the_keys_in_other_slots_knows_the_nonce);
	CU_ADD_TEST(suite, a_nonce_of_another_key_is_refused);
}
