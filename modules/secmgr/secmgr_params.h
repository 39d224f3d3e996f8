/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The module's parameters, checked once and never changed afterwards.
 *
 * A value that cannot be right stops the start with one line that names the parameter, the value, and what would be
 * right.
 */
#ifndef SECMGR_PARAMS_H
#define SECMGR_PARAMS_H

#include "secmgr_core.h"

#include "engine/challenge.h"
#include "service/profile.h"

#define SECMGR_OFFER_RULES_MAX 64
#define SECMGR_ENDPOINTS_MAX 8

struct secmgr_params_endpoint
{
	char *base_url;	 /* no trailing slash */
	char *unix_path; /* or NULL */
	char *shown;	 /* as the operator wrote it, for people */
};

struct secmgr_params
{
	struct secmgr_params_endpoint endpoints[SECMGR_ENDPOINTS_MAX];
	size_t endpoint_count;
	struct secmgr_profile service_profile;
	char *service_ca_file, *service_cert_file, *service_key_file, *service_token_file;
	int service_timeout_ms, service_connect_timeout_ms;
	int service_open_s;
	int service_workers, service_queue, service_connections;
	struct secmgr_offer offer; /* algorithms and qop */
	struct secmgr_offer_rule offer_rules[SECMGR_OFFER_RULES_MAX];
	size_t offer_rule_count;
	char *event_callback; /* a KEMI function, or NULL */
	char *nonce_key_file; /* NULL: made at start */
	int nonce_lifetime_s;
	bool nonce_bind_source;
	int replay_windows;
	int cache_entries, cache_ttl_s, cache_negative_ttl_s, cache_stale_if_error_s;
	int recheck_s;
	int keep_credentials, authentication_info;
};

extern const struct secmgr_params *const secmgr_params;
extern param_export_t secmgr_params_exports[];

/* What can only be judged when all are read; -1 stops the start. Called from mod_init. */
int secmgr_params_check(void);
/* Files are read again while Kamailio runs, by the user that it runs as; -1 stops the start. Called when root's
 * rights are given up. */
int secmgr_params_check_files(void);
/* The deadline of a lookup has to pass before tm gives the suspended transaction up; -1 stops the start. Called when
 * all modules are initialised. */
int secmgr_params_check_fr_timer(void);
void secmgr_params_destroy(void);

#endif
