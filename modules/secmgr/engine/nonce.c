/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nonce.h"

#include <string.h>

#include <openssl/crypto.h>

#include "config.h"
#include "digest.h"

#define VERSION 1
#define VERSION_AT 0
#define OFFER_AT 1
#define ISSUED_AT 2
#define ISSUED_BYTES 6
#define INSTANCE_AT 8
#define INSTANCE_BYTES 4
#define RANDOM_AT 12
#define MAC_AT 20
#define MAC_BYTES 16
#define BINARY_BYTES 36

#define ALGORITHM_BITS SECMGR_ALGORITHM_COUNT
#define ALGORITHMS_ALL ((1u << ALGORITHM_BITS) - 1)
#define QOPS_ALL (SECMGR_QOP_OFFERS_AUTH | SECMGR_QOP_OFFERS_AUTH_INT)

_Static_assert(MAC_AT + MAC_BYTES == BINARY_BYTES, "the MAC ends the nonce");
_Static_assert(BINARY_BYTES % 3 == 0 && BINARY_BYTES / 3 * 4 == SECMGR_NONCE_CHARS, "base64url leaves no unused bits");
_Static_assert((QOPS_ALL << ALGORITHM_BITS) <= UINT8_MAX, "the offer is one byte");

#define SCOPE_BYTES_MAX (2 + SECMGR_REALM_MAX + 2 + SECMGR_NONCE_BINDING_MAX)

static void write_number(uint8_t *at, size_t bytes, uint64_t number)
{
	for(size_t i = bytes; i-- > 0; number >>= 8)
		at[i] = (uint8_t)number;
}

static uint64_t read_number(const uint8_t *at, size_t bytes)
{
	uint64_t number = 0;

	for(size_t i = 0; i < bytes; i++)
		number = number << 8 | at[i];
	return number;
}

static void write_base64url(const uint8_t binary[BINARY_BYTES], char text[SECMGR_NONCE_CHARS])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	for(size_t group = 0; group < BINARY_BYTES / 3; group++) {
		uint64_t bits = read_number(binary + 3 * group, 3);

		for(size_t i = 4; i-- > 0; bits >>= 6)
			text[4 * group + i] = digits[bits & 0x3f];
	}
}

static int base64url_digit(char byte)
{
	if(byte >= 'A' && byte <= 'Z')
		return byte - 'A';
	if(byte >= 'a' && byte <= 'z')
		return byte - 'a' + 26;
	if(byte >= '0' && byte <= '9')
		return byte - '0' + 52;
	if(byte == '-')
		return 62;
	return byte == '_' ? 63 : -1;
}

static bool read_base64url(struct secmgr_slice text, uint8_t binary[BINARY_BYTES])
{
	if(text.length != SECMGR_NONCE_CHARS)
		return false;
	for(size_t group = 0; group < BINARY_BYTES / 3; group++) {
		uint32_t bits = 0;

		for(size_t i = 0; i < 4; i++) {
			int digit = base64url_digit(text.at[4 * group + i]);

			if(digit < 0)
				return false;
			bits = bits << 6 | (uint32_t)digit;
		}
		write_number(binary + 3 * group, 3, bits);
	}
	return true;
}

/* The length in front keeps ("ab", "c") and ("a", "bc") apart. */
static void add_with_length(struct secmgr_writer *writer, struct secmgr_slice text)
{
	uint8_t length[2];

	write_number(length, sizeof(length), text.length);
	secmgr_writer_add(writer, (struct secmgr_slice){(const char *)length, sizeof(length)});
	secmgr_writer_add(writer, text);
}

static bool compute_mac(const uint8_t key[SECMGR_NONCE_KEY_BYTES], const struct secmgr_nonce_scope *scope,
		const uint8_t binary[BINARY_BYTES], uint8_t mac[SECMGR_HMAC_BYTES])
{
	char message[MAC_AT + SCOPE_BYTES_MAX];
	struct secmgr_writer writer = secmgr_writer_into(message, sizeof(message));

	if(scope->realm.length > SECMGR_REALM_MAX || scope->binding.length > SECMGR_NONCE_BINDING_MAX)
		return false;
	secmgr_writer_add(&writer, (struct secmgr_slice){(const char *)binary, MAC_AT});
	add_with_length(&writer, scope->realm);
	add_with_length(&writer, scope->binding);
	return !writer.overrun
		   && secmgr_digest_hmac((struct secmgr_slice){(const char *)key, SECMGR_NONCE_KEY_BYTES},
				   secmgr_writer_text(&writer), mac);
}

static bool fits_the_format(const struct secmgr_nonce *nonce)
{
	return nonce->algorithms <= ALGORITHMS_ALL && nonce->qops <= QOPS_ALL
		   && nonce->issued_ms >> (8 * ISSUED_BYTES) == 0;
}

static void pack(const struct secmgr_nonce *nonce, uint8_t slot, uint8_t binary[BINARY_BYTES])
{
	binary[VERSION_AT] = (uint8_t)(VERSION << 4 | slot);
	binary[OFFER_AT] = (uint8_t)(nonce->qops << ALGORITHM_BITS | nonce->algorithms);
	write_number(binary + ISSUED_AT, ISSUED_BYTES, nonce->issued_ms);
	write_number(binary + INSTANCE_AT, INSTANCE_BYTES, nonce->instance);
	memcpy(binary + RANDOM_AT, nonce->random, SECMGR_NONCE_RANDOM_BYTES);
}

static void unpack(const uint8_t binary[BINARY_BYTES], struct secmgr_nonce *nonce)
{
	nonce->qops = (uint8_t)(binary[OFFER_AT] >> ALGORITHM_BITS);
	nonce->algorithms = (uint8_t)(binary[OFFER_AT] & ALGORITHMS_ALL);
	nonce->issued_ms = read_number(binary + ISSUED_AT, ISSUED_BYTES);
	nonce->instance = (uint32_t)read_number(binary + INSTANCE_AT, INSTANCE_BYTES);
	memcpy(nonce->random, binary + RANDOM_AT, SECMGR_NONCE_RANDOM_BYTES);
}

bool secmgr_nonce_write(const struct secmgr_nonce_keys *keys, const struct secmgr_nonce_scope *scope,
		const struct secmgr_nonce *nonce, char text[SECMGR_NONCE_CHARS])
{
	uint8_t binary[BINARY_BYTES];
	uint8_t mac[SECMGR_HMAC_BYTES];

	if(keys->current > 1 || !keys->present[keys->current] || !fits_the_format(nonce))
		return false;
	pack(nonce, keys->current, binary);
	if(!compute_mac(keys->key[keys->current], scope, binary, mac))
		return false;
	memcpy(binary + MAC_AT, mac, MAC_BYTES);
	write_base64url(binary, text);
	return true;
}

static bool is_made_with(const struct secmgr_nonce_keys *keys, unsigned slot, const struct secmgr_nonce_scope *scope,
		const uint8_t binary[BINARY_BYTES])
{
	uint8_t mac[SECMGR_HMAC_BYTES];
	bool same;

	if(!keys->present[slot] || !compute_mac(keys->key[slot], scope, binary, mac))
		return false;
	same = CRYPTO_memcmp(mac, binary + MAC_AT, MAC_BYTES) == 0;
	/* Of a forged nonce this is the MAC that would have made it genuine. */
	OPENSSL_cleanse(mac, sizeof(mac));
	return same;
}

/* The slot is where its maker had the key. A proxy that was started later may have it in the other one. */
static bool is_genuine(const struct secmgr_nonce_keys *keys, const struct secmgr_nonce_scope *scope,
		const uint8_t binary[BINARY_BYTES])
{
	unsigned slot = binary[VERSION_AT] & 0x0fu;

	if(binary[VERSION_AT] >> 4 != VERSION || slot > 1)
		return false;
	return is_made_with(keys, slot, scope, binary) || is_made_with(keys, 1 - slot, scope, binary);
}

enum secmgr_nonce_result secmgr_nonce_read(const struct secmgr_nonce_keys *keys, const struct secmgr_nonce_scope *scope,
		struct secmgr_slice text, uint32_t instance, uint64_t now_ms, uint64_t lifetime_ms, struct secmgr_nonce *nonce)
{
	uint8_t binary[BINARY_BYTES];

	if(!read_base64url(text, binary) || !is_genuine(keys, scope, binary))
		return SECMGR_NONCE_FORGED;
	unpack(binary, nonce);
	if(nonce->instance != instance)
		return SECMGR_NONCE_OF_ANOTHER_INSTANCE;
	if(nonce->issued_ms > now_ms || now_ms - nonce->issued_ms >= lifetime_ms)
		return SECMGR_NONCE_VALID_BUT_STALE;
	return SECMGR_NONCE_VALID;
}

void secmgr_nonce_keys_rotate(struct secmgr_nonce_keys *keys, const uint8_t key[SECMGR_NONCE_KEY_BYTES])
{
	uint8_t next = keys->current == 0 && keys->present[0] ? 1 : 0;

	OPENSSL_cleanse(keys->key[next], SECMGR_NONCE_KEY_BYTES);
	memcpy(keys->key[next], key, SECMGR_NONCE_KEY_BYTES);
	keys->present[next] = true;
	keys->current = next;
}
