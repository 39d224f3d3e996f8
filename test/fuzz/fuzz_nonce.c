/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a phone sends back as a nonce: nothing but what the proxy wrote may be believed. The input is tried as the text
 * itself, then as the fields of a nonce of ours, which must be good, and then as damage done to that nonce.
 *
 * The text is tried in a realm in which no nonce is ever written: the fuzzer watches memcmp, learns whole nonces from
 * it and presents them.
 */
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "nonce.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct secmgr_nonce_keys keys = {.current = 1, .present = {true, true}, .key = {{1}, {2}}};
static const struct secmgr_nonce_scope ours = {SECMGR_SLICE("example.org"), SECMGR_SLICE("192.0.2.7")};
static const struct secmgr_nonce_scope elsewhere = {SECMGR_SLICE("example.com"), SECMGR_SLICE("192.0.2.7")};

static void require(bool good)
{
	if(!good)
		abort();
}

static enum secmgr_nonce_result read_text(
		const struct secmgr_nonce_scope *scope, struct secmgr_slice text, const struct secmgr_nonce *expected)
{
	struct secmgr_nonce nonce;

	return secmgr_nonce_read(&keys, scope, text, expected->instance, expected->issued_ms, 1, &nonce);
}

static struct secmgr_nonce nonce_from(const uint8_t *data, size_t size)
{
	uint8_t field[24] = {0};
	struct secmgr_nonce nonce = {0};

	memcpy(field, data, size < sizeof(field) ? size : sizeof(field));
	memcpy(&nonce.issued_ms, field, 6);
	memcpy(&nonce.instance, field + 8, 4);
	memcpy(nonce.random, field + 12, SECMGR_NONCE_RANDOM_BYTES);
	nonce.algorithms = field[20];
	nonce.qops = field[21];
	return nonce;
}

/* Each byte of the damage hits one place. */
static void damage(char text[SECMGR_NONCE_CHARS], const uint8_t *data, size_t size)
{
	for(size_t i = 0; i < size; i++)
		text[i % SECMGR_NONCE_CHARS] = (char)(text[i % SECMGR_NONCE_CHARS] ^ data[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct secmgr_nonce nonce = nonce_from(data, size);
	char text[SECMGR_NONCE_CHARS], damaged[SECMGR_NONCE_CHARS];

	require(secmgr_digest_init());
	require(read_text(&elsewhere, (struct secmgr_slice){(const char *)data, size}, &nonce) == SECMGR_NONCE_FORGED);
	if(!secmgr_nonce_write(&keys, &ours, &nonce, text))
		return 0;
	require(read_text(&ours, (struct secmgr_slice){text, sizeof(text)}, &nonce) == SECMGR_NONCE_VALID);
	memcpy(damaged, text, sizeof(text));
	damage(damaged, data, size);
	if(memcmp(damaged, text, sizeof(text)) != 0)
		require(read_text(&ours, (struct secmgr_slice){damaged, sizeof(damaged)}, &nonce) == SECMGR_NONCE_FORGED);
	return 0;
}
