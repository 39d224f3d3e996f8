/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nonce: stateless and keyed. What the proxy must remember of a challenge travels in it, under a MAC.
 *
 *      0       1       2                       8           12                      20                    36
 *     +-------+-------+-----------------------+-----------+-----------------------+---------------------+
 *     |ver|key| offer | issued, ms since 1970 | instance  |     random            | HMAC-SHA-256, first |
 *     +-------+-------+-----------------------+-----------+-----------------------+---128 bits----------+
 *
 *     ver|key   high nibble 1, low nibble the slot its maker had the key in, 0 or 1: which key to try first
 *     offer     low six bits the set of algorithms offered, high two bits the set of qops
 *     instance  32 bits drawn when this proxy started
 *     the HMAC  is over the first 20 bytes, the realm and the binding, each with its length in front
 *
 * 36 bytes are 48 characters of base64url with no unused bits: every nonce has one spelling. All integers are
 * big-endian. The offer stands in the clear part so that an answer can be judged by what was really offered, even
 * when the script or the User-Agent rules would offer something else by now; the MAC keeps it from being changed.
 *
 * Time is the caller's, and must not run backwards while an instance lives (wall-clock time at start plus what a
 * monotonic clock has counted since): a clock that is set back would make nonces that are in use look like nonces of
 * the future.
 *
 * Depends on: digest (and its _init), slice, algorithm, config, libcrypto.
 */
#ifndef SECMGR_ENGINE_NONCE_H
#define SECMGR_ENGINE_NONCE_H

#include "algorithm.h"
#include "slice.h"

#define SECMGR_NONCE_CHARS 48
#define SECMGR_NONCE_KEY_BYTES 32
#define SECMGR_NONCE_RANDOM_BYTES 8
#define SECMGR_NONCE_BINDING_MAX 64 /* an address in any spelling */

struct secmgr_nonce_keys
{
	uint8_t current; /* the slot new nonces are made with: 0 or 1 */
	bool present[2];
	uint8_t key[2][SECMGR_NONCE_KEY_BYTES];
};

struct secmgr_nonce
{
	uint64_t issued_ms;
	uint32_t instance;
	uint8_t random[SECMGR_NONCE_RANDOM_BYTES];
	uint8_t algorithms; /* set, bit (1 << enum secmgr_algorithm) */
	uint8_t qops;	    /* set, SECMGR_QOP_OFFERS_* */
};

/* Where a nonce is good: in this realm, and from this source where the operator binds it (else an empty slice). */
struct secmgr_nonce_scope
{
	struct secmgr_slice realm;
	struct secmgr_slice binding;
};

enum secmgr_nonce_result
{
	SECMGR_NONCE_FORGED, /* not ours, tampered with, of another scope, or not base64url */
	SECMGR_NONCE_OF_ANOTHER_INSTANCE,
	SECMGR_NONCE_VALID_BUT_STALE, /* as old as its lifetime or older, or issued in the future */
	SECMGR_NONCE_VALID
};

/* Writes the 48 characters, no NUL. The caller has filled all of `nonce`: time and randomness are his. False when
 * libcrypto failed, no key is present, or a value is beyond what the format or the scope holds. */
__attribute__((warn_unused_result)) bool secmgr_nonce_write(const struct secmgr_nonce_keys *keys,
		const struct secmgr_nonce_scope *scope, const struct secmgr_nonce *nonce, char text[SECMGR_NONCE_CHARS]);

/* `nonce` is filled when the result is not FORGED. The MAC is checked before anything else is believed, in constant
 * time. When libcrypto failed the result is FORGED. */
__attribute__((warn_unused_result)) enum secmgr_nonce_result secmgr_nonce_read(const struct secmgr_nonce_keys *keys,
		const struct secmgr_nonce_scope *scope, struct secmgr_slice text, uint32_t instance, uint64_t now_ms,
		uint64_t lifetime_ms, struct secmgr_nonce *nonce);

/* Puts `key` into the other slot and makes it current; the key that was current stays good, an older one is wiped.
 * The first key of zeroed memory goes into slot 0. The caller holds the lock of `keys`. */
void secmgr_nonce_keys_rotate(struct secmgr_nonce_keys *keys, const uint8_t key[SECMGR_NONCE_KEY_BYTES]);

#endif
