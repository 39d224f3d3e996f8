/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where nonce keys come from: a file shared by the proxies of a cluster, or the kernel's randomness at start.
 *
 * The file holds 64 hex digits a line, the current key first, then the previous one if there is one, and may be
 * readable by its owner alone.
 */
#ifndef SECMGR_KEYS_H
#define SECMGR_KEYS_H

#include "engine/nonce.h"

/* 0, or -1 after saying why: `path` may be NULL, then one key is drawn. */
int secmgr_keys_load(const char *path, struct secmgr_nonce_keys *keys);

#endif
