/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a request presents: the strict reading of Authorization and Proxy-Authorization (RFC 3261 section 25.1,
 * RFC 7616 section 3.4).
 *
 *     Digest username="alice", realm="example.org", nonce="...", uri="sip:bob@example.org",
 *         response="...", algorithm=SHA-256, qop=auth, nc=00000001, cnonce="..."
 *
 * Duplicates, control bytes, unbalanced quotes, overlong values and a bad nc are malformed, not guessed at. Quoted
 * pairs are decoded, for a digest is over the value and not over its spelling; username* (RFC 8187) is read.
 * A field of another scheme or of another realm is somebody else's and is passed over.
 *
 * Where the grammar and the phones differ:
 *   - algorithm and qop may stand in quotes, as RFC 2617 printed qop and many phones send it; the quotes must hold one
 *     token. nc may not: RFC 2617 and RFC 7616 agree that it is bare, and so phones send it.
 *   - nc or cnonce without qop is not malformed but an answer without qop, which the caller refuses with a new
 *     challenge: it is what is left when qop is lost on the way, or cut out by somebody who wants the weaker digest of
 *     RFC 2069. Without qop the nc is under no digest, so it is not given out.
 *   - An empty nonce together with an empty response presents nothing: so an IMS phone names itself in its first
 *     REGISTER (3GPP TS 24.229 section 5.1.1.2), and is to be challenged.
 *
 * Depends on: slice, algorithm, config.
 */
#ifndef SECMGR_ENGINE_DIGEST_CREDENTIALS_H
#define SECMGR_ENGINE_DIGEST_CREDENTIALS_H

#include "algorithm.h"
#include "config.h"
#include "slice.h"

enum secmgr_credentials_result
{
	SECMGR_CREDENTIALS_MALFORMED,
	SECMGR_CREDENTIALS_ABSENT, /* nothing for this realm */
	SECMGR_CREDENTIALS_PRESENT
};

/* The slices point into the header field's text, or into `decoded` where a value had to be decoded: the struct must
 * not be copied. */
struct secmgr_digest_credentials
{
	struct secmgr_slice username, realm, nonce, uri, cnonce;
	struct secmgr_slice nc_text; /* the eight digits as sent; empty without qop */
	struct secmgr_slice algorithm_name; /* as sent; empty when absent, which means MD5 */
	bool algorithm_known;
	enum secmgr_algorithm algorithm;
	bool qop_known;			    /* false: a word other than auth and auth-int was sent */
	enum secmgr_qop qop;
	uint32_t nc; /* 0 without qop */
	size_t response_length;
	uint8_t response[SECMGR_HASH_BYTES_MAX];
	bool userhash;
	size_t header; /* which of the fields given to _choose this is */
	size_t decoded_length;
	char decoded[SECMGR_CREDENTIALS_HEADER_MAX];
};

/* Reads one header field value, without its name; folds in it (CRLF and a blank) count as blanks. ABSENT: another
 * scheme than Digest, no realm, or nothing presented. On MALFORMED `why` says what is wrong ("nc is not eight hex
 * digits"), else it is NULL. `realm` is set whenever it can be told, whatever the result; realm.at is NULL when it
 * cannot, as when it is there twice. Nothing else in the struct is to be used unless PRESENT. */
__attribute__((warn_unused_result)) enum secmgr_credentials_result secmgr_digest_credentials_read(
		struct secmgr_slice value, struct secmgr_digest_credentials *credentials, const char **why);

/* Of all the (Proxy-)Authorization field values of a request, the one for `realm` (compared exactly) to verify: the
 * one whose algorithm is the strongest known one, or an unknown one where there is nothing else. MALFORMED: a malformed
 * one that is ours or whose realm cannot be told, two of our realm with one algorithm, or more than
 * SECMGR_CREDENTIALS_HEADERS_MAX fields. */
__attribute__((warn_unused_result)) enum secmgr_credentials_result secmgr_digest_credentials_choose(
		const struct secmgr_slice *values, size_t count, struct secmgr_slice realm,
		struct secmgr_digest_credentials *credentials, const char **why);

/* True when this field value is Digest credentials of `realm`, well-formed enough to tell: such fields are removed
 * before a request is relayed. */
bool secmgr_digest_credentials_are_of_realm(struct secmgr_slice value, struct secmgr_slice realm);

#endif
