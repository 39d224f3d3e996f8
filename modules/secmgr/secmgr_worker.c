/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secmgr_worker.h"

#include "../../core/cfg/cfg_struct.h"
#include "../../core/pt.h"

#include "secmgr_core.h"
#include "secmgr_params.h"
#include "secmgr_stats.h"
#include "secmgr_suspend.h"
#include "secmgr_system.h"
#include "secmgr_tables.h"

#include "service/credential_record.h"
#include "service/credential_service.h"
#include "service/token_file.h"

#define IDLE_WAIT_MS 1000
#define SECONDS_BETWEEN_FAULTS_SAID 5

/* This process's own. */
static struct
{
	uint32_t number;
	struct secmgr_credential_service *service;
	struct secmgr_token_file token;
	struct secmgr_lookup *asked; /* by lookup number */
	uint64_t fault_said_ms;
	unsigned faults_unsaid;
} self;

void secmgr_worker_register(void)
{
	register_procs(secmgr_params->service_workers);
	cfg_register_child(secmgr_params->service_workers);
}

/* A dead service fails every lookup: one line says how many. */
static void say_fault(const struct secmgr_service_answer *answer)
{
	uint64_t now_ms = secmgr_system_monotonic_ms();

	if(self.fault_said_ms != 0 && now_ms - self.fault_said_ms < SECONDS_BETWEEN_FAULTS_SAID * 1000u) {
		self.faults_unsaid++;
		return;
	}
	LM_ERR("the credential service %s gave no usable answer (HTTP status %ld): %s; %u more since the last such line\n",
			secmgr_params->service_base_url, answer->status, answer->why, self.faults_unsaid);
	self.fault_said_ms = now_ms;
	self.faults_unsaid = 0;
}

static void fail(uint32_t lookup, const char *why)
{
	const struct secmgr_service_answer answer = {.outcome = SECMGR_SERVICE_FAULT, .why = why};

	say_fault(&answer);
	secmgr_stats_count(SECMGR_STAT_FETCHES_FAILED);
	secmgr_tables_answer(self.number, lookup, NULL);
}

static void answered(void *asker, const struct secmgr_service_answer *answer)
{
	const struct secmgr_lookup *lookup = asker;

	if(answer->outcome == SECMGR_SERVICE_FAULT) {
		say_fault(answer);
		secmgr_stats_count(SECMGR_STAT_FETCHES_FAILED);
		secmgr_tables_answer(self.number, lookup->number, NULL);
		return;
	}
	secmgr_stats_count(answer->outcome == SECMGR_SERVICE_KNOWN ? SECMGR_STAT_FETCHES_OK : SECMGR_STAT_FETCHES_UNKNOWN);
	/* The cache first: who comes after the lookup is closed finds it there. */
	secmgr_tables_cache_put(&lookup->key, lookup->hash, &answer->credential, &answer->lifetimes);
	secmgr_tables_answer(self.number, lookup->number, &answer->credential);
}

static void ask(const struct secmgr_lookup *lookup)
{
	uint64_t now_ms = secmgr_system_monotonic_ms();
	struct secmgr_lookup *asked = &self.asked[lookup->number];
	struct secmgr_service_question question;

	if(lookup->deadline_ms <= now_ms) {
		fail(lookup->number, "the lookup waited in the queue until its deadline had passed");
		return;
	}
	*asked = *lookup;
	question = (struct secmgr_service_question){.username = asked->key.username,
			.realm = asked->key.realm,
			.left_ms = (long)(asked->deadline_ms - now_ms)};
	if(!secmgr_credential_service_ask(self.service, &question, asked))
		fail(lookup->number, "out of memory, or the URL is too long");
}

static void ask_waiting(void)
{
	struct secmgr_lookup lookup;

	while(secmgr_credential_service_has_room(self.service) && secmgr_tables_next_lookup(self.number, &lookup))
		ask(&lookup);
}

static void wake_answered(void)
{
	struct secmgr_place place;
	struct secmgr_continuation continuation;

	while(secmgr_tables_next_answered(self.number, &place, &continuation))
		secmgr_suspend_wake(place, &continuation);
}

static void look_at_token(void)
{
	const char *why = NULL;

	if(secmgr_params->service_token_file != NULL
			&& secmgr_token_file_look(&self.token, secmgr_system_monotonic_ms(), &why) == SECMGR_TOKEN_CANNOT_BE_READ)
		LM_ERR("service_token_file: \"%s\": %s; the token before it stays in use\n", self.token.path, why);
}

static bool start_token(void)
{
	secmgr_token_file_init(&self.token, secmgr_params->service_token_file);
	look_at_token();
	return self.token.token[0] != '\0';
}

static bool start_service(void)
{
	const struct secmgr_service_settings settings = {
			.endpoints = {{secmgr_params->service_base_url, secmgr_params->service_unix_path}},
			.endpoint_count = 1,
			.bearer = secmgr_params->service_token_file != NULL ? self.token.token : NULL,
			.timeout_ms = secmgr_params->service_timeout_ms,
			.ttl_s = (uint32_t)secmgr_params->cache_ttl_s,
			.negative_ttl_s = (uint32_t)secmgr_params->cache_negative_ttl_s,
			.http = {
					.connect_timeout_ms = secmgr_params->service_connect_timeout_ms,
					.connections = secmgr_params->service_connections,
					.body_max = SECMGR_RECORD_BYTES_MAX,
					.ca_file = secmgr_params->service_ca_file,
					.certificate_file = secmgr_params->service_cert_file,
					.key_file = secmgr_params->service_key_file,
			},
			.answered = answered,
	};

	if(settings.bearer != NULL && !start_token())
		return false;
	self.asked = pkg_malloc((size_t)secmgr_params->service_queue * sizeof(*self.asked));
	if(self.asked == NULL) {
		PKG_MEM_ERROR;
		return false;
	}
	if(secmgr_credential_service_use_wiping_memory())
		self.service = secmgr_credential_service_create(&settings);
	return self.service != NULL;
}

static void run(void)
{
	for(;;) {
		cfg_update();
		secmgr_tables_wakeup_seen(self.number);
		look_at_token();
		ask_waiting();
		wake_answered();
		secmgr_credential_service_wait(self.service, secmgr_tables_wakeup(self.number), IDLE_WAIT_MS);
	}
}

int secmgr_worker_fork(void)
{
	for(uint32_t worker = 0; worker < (uint32_t)secmgr_params->service_workers; worker++) {
		static char name[] = "secmgr HTTP";
		int pid = fork_process(PROC_RPC, name, 1);

		if(pid < 0) {
			LM_ERR("an HTTP process cannot be forked\n");
			return -1;
		}
		if(pid > 0)
			continue;
		self.number = worker;
		if(cfg_child_init() != 0 || !start_service()) {
			LM_CRIT("an HTTP process cannot start: no memory, or libcurl failed\n");
			return -1;
		}
		run();
	}
	return 0;
}
