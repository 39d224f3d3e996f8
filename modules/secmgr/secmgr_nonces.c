/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secmgr_nonces.h"

#include <openssl/crypto.h>

#include "../../core/locking.h"

#include "secmgr_core.h"
#include "secmgr_keys.h"
#include "secmgr_region.h"
#include "secmgr_system.h"

#include "engine/siphash.h"

#define COUNT_LOCKS 64

struct shared
{
	gen_lock_t rotation_lock;
	uint32_t settings_in_use; /* which of the two */
	struct secmgr_flow_settings settings[2];
	uint8_t fingerprint_secret[SECMGR_SIPHASH_KEY_BYTES];
	gen_lock_t count_locks[COUNT_LOCKS];
};

/* Set before the fork, the same in every process. */
static struct
{
	struct shared *shared;
	struct secmgr_nonce_count_table *counts;
	uint64_t time_at_zero_ms; /* what the wall clock would have said when the monotonic one began */
} self;

size_t secmgr_nonces_memory(const struct secmgr_params *configured)
{
	return secmgr_region_aligned(sizeof(struct shared))
		   + secmgr_nonce_count_memory((size_t)configured->replay_windows);
}

static int init_settings(const struct secmgr_params *configured, struct secmgr_flow_settings *settings)
{
	settings->nonce_lifetime_ms = (uint64_t)configured->nonce_lifetime_s * 1000u;
	settings->algorithms = secmgr_offer_set(&configured->offer);
	if(secmgr_system_random(&settings->instance, sizeof(settings->instance))
			&& secmgr_system_random(settings->unknown_ha1, sizeof(settings->unknown_ha1))
			&& secmgr_system_random(self.shared->fingerprint_secret, sizeof(self.shared->fingerprint_secret)))
		return secmgr_keys_load(configured->nonce_key_file, &settings->keys);
	LM_ERR("the kernel gives no random bytes\n");
	return -1;
}

int secmgr_nonces_init(const struct secmgr_params *configured, void *memory)
{
	char *counts = (char *)memory + secmgr_region_aligned(sizeof(struct shared));

	self.time_at_zero_ms = secmgr_system_time_ms() - secmgr_system_monotonic_ms();
	self.shared = memory;
	self.counts = secmgr_nonce_count_init(counts, (size_t)configured->replay_windows);
	lock_init(&self.shared->rotation_lock);
	for(unsigned index = 0; index < COUNT_LOCKS; index++)
		lock_init(&self.shared->count_locks[index]);
	return init_settings(configured, &self.shared->settings[0]);
}

uint64_t secmgr_nonces_time_ms(void)
{
	return self.time_at_zero_ms + secmgr_system_monotonic_ms();
}

/* Not copied and not locked: the other one is written, then this one is left. */
const struct secmgr_flow_settings *secmgr_nonces_flow_settings(void)
{
	return &self.shared->settings[__atomic_load_n(&self.shared->settings_in_use, __ATOMIC_ACQUIRE)];
}

int secmgr_nonces_rotate_keys(const struct secmgr_params *configured)
{
	struct secmgr_nonce_keys loaded;
	uint32_t other;

	if(secmgr_keys_load(configured->nonce_key_file, &loaded) != 0)
		return -1;
	lock_get(&self.shared->rotation_lock);
	other = 1 - self.shared->settings_in_use;
	self.shared->settings[other] = *secmgr_nonces_flow_settings();
	if(configured->nonce_key_file != NULL)
		self.shared->settings[other].keys = loaded;
	else
		secmgr_nonce_keys_rotate(&self.shared->settings[other].keys, loaded.key[0]);
	__atomic_store_n(&self.shared->settings_in_use, other, __ATOMIC_RELEASE);
	lock_release(&self.shared->rotation_lock);
	OPENSSL_cleanse(&loaded, sizeof(loaded));
	return 0;
}

enum secmgr_nonce_count_result secmgr_nonces_use_count(
		const struct secmgr_nonce *nonce, uint32_t nc, uint64_t fingerprint, uint64_t now_ms)
{
	size_t bucket = secmgr_nonce_count_bucket(self.counts, nonce);
	gen_lock_t *lock = &self.shared->count_locks[bucket % COUNT_LOCKS];
	enum secmgr_nonce_count_result result;

	lock_get(lock);
	result = secmgr_nonce_count_use(
			self.counts, nonce, nc, fingerprint, now_ms, secmgr_nonces_flow_settings()->nonce_lifetime_ms);
	lock_release(lock);
	return result;
}

uint64_t secmgr_nonces_fingerprint(struct secmgr_slice message, struct secmgr_slice source)
{
	struct secmgr_siphash siphash = secmgr_siphash_start(self.shared->fingerprint_secret);
	uint64_t hash;

	secmgr_siphash_add(&siphash, source.at, source.length);
	secmgr_siphash_add(&siphash, message.at, message.length);
	hash = secmgr_siphash_end(&siphash);
	return hash != 0 ? hash : 1;
}
