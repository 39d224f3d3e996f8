/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is shared of nonces: the keys, with the flow's other settings, and the counts of the nonces in use.
 */
#ifndef SECMGR_NONCES_H
#define SECMGR_NONCES_H

#include "secmgr_params.h"

#include "engine/flow.h"
#include "engine/nonce_count.h"

size_t secmgr_nonces_memory(const struct secmgr_params *configured);
/* `memory` is that of the region. -1 after saying why. */
int secmgr_nonces_init(const struct secmgr_params *configured, void *memory);

/* Milliseconds since 1970 as this proxy counts them: the wall clock at its start and what has passed since. A clock
 * that is set while calls are up makes no nonce old or young. */
uint64_t secmgr_nonces_time_ms(void);

/* The flow's settings with the keys of this moment, good while one request is in hand. */
const struct secmgr_flow_settings *secmgr_nonces_flow_settings(void);
/* Reads nonce_key_file again, or draws a new key where there is none; nonces under the key that was current stay good.
 * -1 after saying why, and nothing is changed. */
int secmgr_nonces_rotate_keys(const struct secmgr_params *configured);

enum secmgr_nonce_count_result secmgr_nonces_use_count(
		const struct secmgr_nonce *nonce, uint32_t nc, uint64_t fingerprint, uint64_t now_ms);
/* A keyed hash of the bytes of a request and of where it came from: tells a retransmission from a replay. Never 0. */
uint64_t secmgr_nonces_fingerprint(struct secmgr_slice message, struct secmgr_slice source);

#endif
