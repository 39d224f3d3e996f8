/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The module's face to Kamailio: what it exports, and the order in which it starts and stops.
 */
#include "secmgr_core.h"

#include "../../core/kemi.h"
#include "../../core/rpc_lookup.h"

#include "secmgr_outcome.h"
#include "secmgr_params.h"
#include "secmgr_pv.h"
#include "secmgr_receive.h"
#include "secmgr_region.h"
#include "secmgr_reply.h"
#include "secmgr_rpc.h"
#include "secmgr_stats.h"
#include "secmgr_worker.h"

#include "engine/digest.h"

MODULE_VERSION

static int start(void)
{
	if(secmgr_params_check() != 0 || secmgr_outcome_init() != 0 || secmgr_reply_init() != 0
			|| secmgr_receive_init() != 0)
		return -1;
	if(!secmgr_digest_fetch()) {
		LM_ERR("libcrypto has not all of MD5, SHA-256 and SHA-512-256\n");
		return -1;
	}
	if(secmgr_region_init(secmgr_params) != 0 || secmgr_stats_init() != 0)
		return -1;
	if(rpc_register_array(secmgr_rpc_exports) != 0) {
		LM_ERR("the RPC commands cannot be registered\n");
		return -1;
	}
	secmgr_worker_register();
	return 0;
}

static int start_process(int rank)
{
	switch(rank) {
		case PROC_INIT:
			return secmgr_params_check_files() == 0 ? secmgr_params_check_fr_timer() : -1;
		case PROC_MAIN:
			return secmgr_worker_fork();
		default:
			return secmgr_digest_init() ? 0 : -1;
	}
}

static void stop(void)
{
	secmgr_region_destroy();
	secmgr_digest_destroy();
	secmgr_params_destroy();
}

static cmd_export_t functions[] = {
		{"secmgr_authorize", secmgr_receive_w_authorize, 2, secmgr_receive_fixup_realm_and_route, NULL, REQUEST_ROUTE},
		{"secmgr_verify", secmgr_receive_w_verify, 2, secmgr_receive_fixup_realm_and_route, NULL, REQUEST_ROUTE},
		{"secmgr_challenge", secmgr_receive_w_challenge, 1, secmgr_receive_fixup_challenge, NULL,
				REQUEST_ROUTE | FAILURE_ROUTE},
		{"secmgr_challenge", secmgr_receive_w_challenge, 2, secmgr_receive_fixup_challenge, NULL,
				REQUEST_ROUTE | FAILURE_ROUTE},
		{"secmgr_reject", secmgr_receive_w_reject, 0, NULL, NULL, REQUEST_ROUTE | FAILURE_ROUTE},
		{NULL, NULL, 0, NULL, NULL, 0},
};

static sr_kemi_t kemi_functions[] = {
		{str_init("secmgr"), str_init("authorize"), SR_KEMIP_INT, secmgr_receive_ki_authorize,
				{SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("secmgr"), str_init("verify"), SR_KEMIP_INT, secmgr_receive_ki_verify,
				{SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("secmgr"), str_init("challenge"), SR_KEMIP_INT, secmgr_receive_ki_challenge,
				{SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("secmgr"), str_init("challenge_as"), SR_KEMIP_INT, secmgr_receive_ki_challenge_as,
				{SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("secmgr"), str_init("reject"), SR_KEMIP_INT, secmgr_receive_ki_reject,
				{SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{{NULL, 0}, {NULL, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}},
};

static pv_export_t variables[] = {
		{str_init("secmgr"), PVT_OTHER, secmgr_pv_get, secmgr_pv_set, secmgr_pv_parse_name, NULL, NULL, 0},
		{{NULL, 0}, 0, NULL, NULL, NULL, NULL, NULL, 0},
};

struct module_exports exports = {
		.name = "secmgr",
		.dlflags = DEFAULT_DLFLAGS,
		.cmds = functions,
		.params = secmgr_params_exports,
		.pv_items = variables,
		.init_mod_f = start,
		.init_child_f = start_process,
		.destroy_mod_f = stop,
};

int mod_register(char *path, int *dlflags, void *unused1, void *unused2)
{
	(void)path;
	(void)dlflags;
	(void)unused1;
	(void)unused2;
	return sr_kemi_modules_add(kemi_functions) == 0 ? 0 : -1;
}
