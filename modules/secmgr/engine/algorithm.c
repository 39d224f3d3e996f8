/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "algorithm.h"

struct algorithm
{
	const char *name;
	enum secmgr_hash hash;
	bool session;
};

static const struct algorithm algorithms[SECMGR_ALGORITHM_COUNT] = {
		[SECMGR_ALGORITHM_MD5] = {"MD5", SECMGR_HASH_MD5, false},
		[SECMGR_ALGORITHM_MD5_SESS] = {"MD5-sess", SECMGR_HASH_MD5, true},
		[SECMGR_ALGORITHM_SHA_256] = {"SHA-256", SECMGR_HASH_SHA_256, false},
		[SECMGR_ALGORITHM_SHA_256_SESS] = {"SHA-256-sess", SECMGR_HASH_SHA_256, true},
		[SECMGR_ALGORITHM_SHA_512_256] = {"SHA-512-256", SECMGR_HASH_SHA_512_256, false},
		[SECMGR_ALGORITHM_SHA_512_256_SESS] = {"SHA-512-256-sess", SECMGR_HASH_SHA_512_256, true},
};

static const char *const qop_names[] = {
		[SECMGR_QOP_NONE] = "",
		[SECMGR_QOP_AUTH] = "auth",
		[SECMGR_QOP_AUTH_INT] = "auth-int",
};

enum secmgr_hash secmgr_algorithm_hash(enum secmgr_algorithm algorithm)
{
	return algorithms[algorithm].hash;
}

bool secmgr_algorithm_is_session(enum secmgr_algorithm algorithm)
{
	return algorithms[algorithm].session;
}

const char *secmgr_algorithm_name(enum secmgr_algorithm algorithm)
{
	return algorithms[algorithm].name;
}

bool secmgr_algorithm_find(struct secmgr_slice name, enum secmgr_algorithm *algorithm)
{
	for(unsigned i = 0; i < SECMGR_ALGORITHM_COUNT; i++)
		if(secmgr_slice_equals_ignoring_case(name, secmgr_slice_of(algorithms[i].name))) {
			*algorithm = (enum secmgr_algorithm)i;
			return true;
		}
	return false;
}

/* A hash bears the name of its plain algorithm. */
const char *secmgr_hash_name(enum secmgr_hash hash)
{
	static const enum secmgr_algorithm plain[SECMGR_HASH_COUNT] = {
			[SECMGR_HASH_MD5] = SECMGR_ALGORITHM_MD5,
			[SECMGR_HASH_SHA_256] = SECMGR_ALGORITHM_SHA_256,
			[SECMGR_HASH_SHA_512_256] = SECMGR_ALGORITHM_SHA_512_256,
	};

	return secmgr_algorithm_name(plain[hash]);
}

size_t secmgr_hash_bytes(enum secmgr_hash hash)
{
	return hash == SECMGR_HASH_MD5 ? 16 : 32;
}

const char *secmgr_qop_name(enum secmgr_qop qop)
{
	return qop_names[qop];
}

static uint8_t bit(enum secmgr_algorithm algorithm)
{
	return (uint8_t)(1u << algorithm);
}

bool secmgr_offer_read_algorithms(struct secmgr_slice list, struct secmgr_offer *offer, struct secmgr_slice *wrong)
{
	struct secmgr_offer read = {.qops = offer->qops};
	enum secmgr_algorithm algorithm;

	do {
		*wrong = secmgr_slice_trim(secmgr_slice_cut(&list, ','));
		if(!secmgr_algorithm_find(*wrong, &algorithm) || secmgr_offer_set(&read) & bit(algorithm))
			return false;
		read.algorithms[read.count++] = (uint8_t)algorithm;
	} while(list.at);
	*offer = read;
	return true;
}

static uint8_t qop_bit(struct secmgr_slice name)
{
	if(secmgr_slice_equals_ignoring_case(name, SECMGR_SLICE("auth")))
		return SECMGR_QOP_OFFERS_AUTH;
	if(secmgr_slice_equals_ignoring_case(name, SECMGR_SLICE("auth-int")))
		return SECMGR_QOP_OFFERS_AUTH_INT;
	return 0;
}

bool secmgr_offer_read_qops(struct secmgr_slice list, struct secmgr_offer *offer, struct secmgr_slice *wrong)
{
	uint8_t qops = 0;

	do {
		uint8_t qop;

		*wrong = secmgr_slice_trim(secmgr_slice_cut(&list, ','));
		qop = qop_bit(*wrong);
		if(qop == 0 || qops & qop)
			return false;
		qops |= qop;
	} while(list.at);
	offer->qops = qops;
	return true;
}

uint8_t secmgr_offer_set(const struct secmgr_offer *offer)
{
	uint8_t set = 0;

	for(unsigned i = 0; i < offer->count; i++)
		set |= bit((enum secmgr_algorithm)offer->algorithms[i]);
	return set;
}

struct secmgr_offer secmgr_offer_limit(const struct secmgr_offer *offer, uint8_t allowed)
{
	struct secmgr_offer limited = {.qops = offer->qops};

	for(unsigned i = 0; i < offer->count; i++)
		if(bit((enum secmgr_algorithm)offer->algorithms[i]) & allowed)
			limited.algorithms[limited.count++] = offer->algorithms[i];
	return limited.count > 0 ? limited : *offer;
}

bool secmgr_qops_include(uint8_t qops, enum secmgr_qop qop)
{
	switch(qop) {
		case SECMGR_QOP_AUTH:
			return qops & SECMGR_QOP_OFFERS_AUTH;
		case SECMGR_QOP_AUTH_INT:
			return qops & SECMGR_QOP_OFFERS_AUTH_INT;
		default:
			return false;
	}
}
