/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

/* libcrypto's working memory, one for each hash and process. */
static struct
{
	EVP_MD *digest;
	EVP_MD_CTX *context;
} hashes[SECMGR_HASH_COUNT];

static const char *const libcrypto_names[SECMGR_HASH_COUNT] = {
		[SECMGR_HASH_MD5] = "MD5",
		[SECMGR_HASH_SHA_256] = "SHA2-256",
		[SECMGR_HASH_SHA_512_256] = "SHA2-512/256",
};

bool secmgr_digest_fetch(void)
{
	for(unsigned hash = 0; hash < SECMGR_HASH_COUNT; hash++) {
		if(!hashes[hash].digest)
			hashes[hash].digest = EVP_MD_fetch(NULL, libcrypto_names[hash], NULL);
		if(!hashes[hash].digest) {
			secmgr_digest_destroy();
			return false;
		}
	}
	return true;
}

bool secmgr_digest_init(void)
{
	if(!secmgr_digest_fetch())
		return false;
	for(unsigned hash = 0; hash < SECMGR_HASH_COUNT; hash++) {
		if(!hashes[hash].context)
			hashes[hash].context = EVP_MD_CTX_new();
		if(!hashes[hash].context) {
			secmgr_digest_destroy();
			return false;
		}
	}
	return true;
}

void secmgr_digest_destroy(void)
{
	for(unsigned hash = 0; hash < SECMGR_HASH_COUNT; hash++) {
		EVP_MD_CTX_free(hashes[hash].context);
		EVP_MD_free(hashes[hash].digest);
		hashes[hash].context = NULL;
		hashes[hash].digest = NULL;
	}
}

bool secmgr_digest_compute(enum secmgr_hash hash, const struct secmgr_slice *parts, size_t count, uint8_t *digest)
{
	EVP_MD_CTX *context = hashes[hash].context;
	bool good = context && EVP_DigestInit_ex2(context, hashes[hash].digest, NULL);

	for(size_t i = 0; good && i < count; i++)
		good = (i == 0 || EVP_DigestUpdate(context, ":", 1))
			   && EVP_DigestUpdate(context, parts[i].at, parts[i].length);
	return good && EVP_DigestFinal_ex(context, digest, NULL);
}

bool secmgr_digest_ha1(enum secmgr_hash hash, struct secmgr_slice username, struct secmgr_slice realm,
		struct secmgr_slice password, uint8_t *ha1)
{
	const struct secmgr_slice parts[] = {username, realm, password};
	bool good = secmgr_digest_compute(hash, parts, sizeof(parts) / sizeof(parts[0]), ha1);

	/* The context still knows the result. */
	EVP_MD_CTX_reset(hashes[hash].context);
	return good;
}

/* H(key ^ pad || text), where `pad` fills a block of SHA-256. */
static bool compute_keyed(EVP_MD_CTX *context, struct secmgr_slice key, uint8_t pad, const void *text, size_t length,
		uint8_t digest[SECMGR_HMAC_BYTES])
{
	uint8_t block[SECMGR_HMAC_KEY_MAX];
	bool good;

	for(size_t i = 0; i < sizeof(block); i++)
		block[i] = (uint8_t)((i < key.length ? (uint8_t)key.at[i] : 0) ^ pad);
	good = EVP_DigestInit_ex2(context, hashes[SECMGR_HASH_SHA_256].digest, NULL)
		   && EVP_DigestUpdate(context, block, sizeof(block)) && EVP_DigestUpdate(context, text, length)
		   && EVP_DigestFinal_ex(context, digest, NULL);
	OPENSSL_cleanse(block, sizeof(block));
	return good;
}

/* Not libcrypto's HMAC: the one-shot fetches MAC and hash anew, at three times the cost, and a kept EVP_MAC_CTX keeps
 * the key, in memory that a core dump holds. */
bool secmgr_digest_hmac(struct secmgr_slice key, struct secmgr_slice message, uint8_t mac[SECMGR_HMAC_BYTES])
{
	EVP_MD_CTX *context = hashes[SECMGR_HASH_SHA_256].context;
	uint8_t inner[SECMGR_HMAC_BYTES];
	bool good = context && key.length <= SECMGR_HMAC_KEY_MAX
		    && compute_keyed(context, key, 0x36, message.at, message.length, inner)
		    && compute_keyed(context, key, 0x5c, inner, sizeof(inner), mac);

	OPENSSL_cleanse(inner, sizeof(inner));
	return good;
}
