/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hashes that digest is made of (RFC 7616 section 3.4.1): H(a:b:c), and of those the HA1; and the HMAC that nonces
 * are under. A leaf, because a password that the credential service gives is turned into HA1s before anything else
 * sees it.
 *
 * They are libcrypto's, fetched once at start.
 *
 * Depends on: slice, algorithm, libcrypto.
 */
#ifndef SECMGR_ENGINE_DIGEST_H
#define SECMGR_ENGINE_DIGEST_H

#include "algorithm.h"
#include "slice.h"

/* Fetches the hashes; false, and nothing to give back, when libcrypto has not all three (MD5 may be missing in FIPS
 * mode). Called before the processes are forked that compute: what libcrypto remembers of it may lie in memory that
 * processes share (Kamailio's tls.so sees to that), where fetching at once would be a race. */
__attribute__((warn_unused_result)) bool secmgr_digest_fetch(void);
/* Makes what this process computes in, and fetches if that was not done before. Called in each process that computes,
 * after its fork, for the same reason: a context from before the fork would be everybody's. False as above. Another
 * call in one process changes nothing. One thread of a process computes at a time. */
__attribute__((warn_unused_result)) bool secmgr_digest_init(void);
void secmgr_digest_destroy(void);

/* The hash of `count` texts with a colon between them; `digest` has room for secmgr_hash_bytes(hash). */
__attribute__((warn_unused_result)) bool secmgr_digest_compute(
		enum secmgr_hash hash, const struct secmgr_slice *parts, size_t count, uint8_t *digest);
/* H(username:realm:password); libcrypto keeps no trace of it. */
__attribute__((warn_unused_result)) bool secmgr_digest_ha1(enum secmgr_hash hash, struct secmgr_slice username,
		struct secmgr_slice realm, struct secmgr_slice password, uint8_t *ha1);

#define SECMGR_HMAC_KEY_MAX 64 /* SHA-256's block */
#define SECMGR_HMAC_BYTES 32

/* HMAC-SHA-256 (RFC 2104); false when libcrypto failed, or for a key that is longer than SECMGR_HMAC_KEY_MAX. Nothing
 * of the key is kept from call to call, in libcrypto or here: another key is honoured at once. */
__attribute__((warn_unused_result)) bool secmgr_digest_hmac(
		struct secmgr_slice key, struct secmgr_slice message, uint8_t mac[SECMGR_HMAC_BYTES]);

#endif
