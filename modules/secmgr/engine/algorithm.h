/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The digest algorithms of RFC 7616 and RFC 8760 and the qualities of protection, as words and as sets.
 *
 * An algorithm is a hash, plain or in its -sess form. Sets of algorithms and of qops are bit sets; an offer is an
 * ordered list, strongest first as RFC 8760 section 2.3 wants it, and its set is what a nonce carries.
 *
 * Depends on: slice.
 */
#ifndef SECMGR_ENGINE_ALGORITHM_H
#define SECMGR_ENGINE_ALGORITHM_H

#include "slice.h"

#define SECMGR_HASH_BYTES_MAX 32

enum secmgr_hash
{
	SECMGR_HASH_MD5,
	SECMGR_HASH_SHA_256,
	SECMGR_HASH_SHA_512_256,
	SECMGR_HASH_COUNT
};

enum secmgr_algorithm /* in order of strength */
{
	SECMGR_ALGORITHM_MD5,
	SECMGR_ALGORITHM_MD5_SESS,
	SECMGR_ALGORITHM_SHA_256,
	SECMGR_ALGORITHM_SHA_256_SESS,
	SECMGR_ALGORITHM_SHA_512_256,
	SECMGR_ALGORITHM_SHA_512_256_SESS,
	SECMGR_ALGORITHM_COUNT
};

enum secmgr_qop
{
	SECMGR_QOP_NONE,
	SECMGR_QOP_AUTH,
	SECMGR_QOP_AUTH_INT
};

#define SECMGR_QOP_OFFERS_AUTH 1u
#define SECMGR_QOP_OFFERS_AUTH_INT 2u

struct secmgr_offer
{
	uint8_t count;
	uint8_t algorithms[SECMGR_ALGORITHM_COUNT]; /* enum secmgr_algorithm, in the order in which they are offered */
	uint8_t qops;				    /* SECMGR_QOP_OFFERS_*, never 0 */
};

enum secmgr_hash secmgr_algorithm_hash(enum secmgr_algorithm algorithm);
bool secmgr_algorithm_is_session(enum secmgr_algorithm algorithm);
const char *secmgr_algorithm_name(enum secmgr_algorithm algorithm); /* as in a challenge: "SHA-512-256-sess" */
bool secmgr_algorithm_find(struct secmgr_slice name, enum secmgr_algorithm *algorithm); /* any case */
const char *secmgr_hash_name(enum secmgr_hash hash);		     /* as in a record: "SHA-512-256" */
size_t secmgr_hash_bytes(enum secmgr_hash hash);		     /* 16 or 32 */
const char *secmgr_qop_name(enum secmgr_qop qop);		     /* "", "auth", "auth-int" */

/* "SHA-256, MD5": false, `wrong` the part at fault and `offer` as it was, when a word is unknown or twice there, or a
 * part is empty. Sets the algorithms alone; the qops are _read_qops's. */
bool secmgr_offer_read_algorithms(struct secmgr_slice list, struct secmgr_offer *offer, struct secmgr_slice *wrong);
/* "auth", "auth-int" or "auth,auth-int". */
bool secmgr_offer_read_qops(struct secmgr_slice list, struct secmgr_offer *offer, struct secmgr_slice *wrong);
uint8_t secmgr_offer_set(const struct secmgr_offer *offer); /* bit (1 << algorithm) for each one offered */
/* What of `offer` is in the set `allowed`, in offer's order; the whole of `offer` when nothing is. */
struct secmgr_offer secmgr_offer_limit(const struct secmgr_offer *offer, uint8_t allowed);
bool secmgr_qops_include(uint8_t qops, enum secmgr_qop qop); /* false for SECMGR_QOP_NONE: it is never offered */

#endif
