/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an operator types: kamcmd secmgr.status, secmgr.service, secmgr.cache_list, secmgr.cache_get,
 * secmgr.cache_flush, secmgr.nonce_rotate. No answer holds a secret.
 */
#ifndef SECMGR_RPC_H
#define SECMGR_RPC_H

#include "../../core/rpc.h"

extern rpc_export_t secmgr_rpc_exports[];

#endif
