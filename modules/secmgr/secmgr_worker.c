/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secmgr_worker.h"

#include <stdlib.h>
#include <sys/resource.h>

#include "../../core/cfg/cfg_struct.h"
#include "../../core/pt.h"

#include "secmgr_breakers.h"
#include "secmgr_cache.h"
#include "secmgr_core.h"
#include "secmgr_events.h"
#include "secmgr_params.h"
#include "secmgr_queue.h"
#include "secmgr_stats.h"
#include "secmgr_suspend.h"
#include "secmgr_system.h"

#include "service/credential_record.h"
#include "service/credential_service.h"
#include "service/token_file.h"

#define IDLE_WAIT_MS 1000
#define SECONDS_BETWEEN_FAULTS_SAID 5
#define OTHER_FILES 128u /* sockets, pipes, the log: what a process of Kamailio has open anyway */

/* A lookup that the service is being asked about. */
struct asked
{
	struct secmgr_lookup lookup;
	uint32_t generation; /* the cache's, when it was asked */
};

/* This process's own. */
static struct
{
	uint32_t number;
	struct secmgr_credential_service *service;
	struct secmgr_token_file token;
	struct asked *asked; /* by lookup number */
	uint64_t fault_said_ms;
	unsigned faults_unsaid;
	struct secmgr_breakers_news news; /* what the script is still to be told */
} self;

void secmgr_worker_register(void)
{
	register_procs(secmgr_params->service_workers);
	cfg_register_child(secmgr_params->service_workers);
}

/* A dead service fails every lookup: one line says how many. */
static void say_fault(const char *where, long status, const char *why)
{
	uint64_t now_ms = secmgr_system_monotonic_ms();

	if(self.fault_said_ms != 0 && now_ms - self.fault_said_ms < SECONDS_BETWEEN_FAULTS_SAID * 1000u) {
		self.faults_unsaid++;
		return;
	}
	LM_ERR("the credential service %s gave no usable answer (HTTP status %ld): %s; %u more since the last such line\n",
			where, status, why, self.faults_unsaid);
	self.fault_said_ms = now_ms;
	self.faults_unsaid = 0;
}

/* The last word that is remembered stands while the service cannot be asked, for as long as it may. */
static void fail(const struct secmgr_lookup *lookup)
{
	struct secmgr_credential stale;
	bool found = secmgr_cache_get_stale(&lookup->key, lookup->hash, &stale);

	secmgr_stats_count(SECMGR_STAT_FETCHES_FAILED);
	if(found)
		secmgr_stats_count(SECMGR_STAT_CACHE_STALE);
	secmgr_queue_answer(self.number, lookup->number, found ? &stale : NULL);
	secmgr_credential_wipe(&stale);
}

static void ask(const struct secmgr_lookup *lookup, bool conditionally);

/* The entry may have gone while the service was asked about it: then the whole record is asked for. */
static void renew(const struct secmgr_lookup *lookup, const struct secmgr_service_answer *answer)
{
	struct secmgr_credential renewed;

	if(secmgr_cache_renew(&lookup->key, lookup->hash, answer->etag, &answer->lifetimes, &renewed)) {
		secmgr_stats_count(SECMGR_STAT_FETCHES_OK);
		secmgr_queue_answer(self.number, lookup->number, &renewed);
	} else {
		ask(lookup, false);
	}
	secmgr_credential_wipe(&renewed);
}

/* The cache first: who comes after the lookup is closed finds it there. */
static void remember(const struct secmgr_lookup *lookup, const struct secmgr_service_answer *answer)
{
	secmgr_stats_count(answer->outcome == SECMGR_SERVICE_KNOWN ? SECMGR_STAT_FETCHES_OK : SECMGR_STAT_FETCHES_UNKNOWN);
	secmgr_cache_put(&lookup->key, lookup->hash, self.asked[lookup->number].generation, &answer->credential,
			answer->etag, &answer->lifetimes);
	secmgr_queue_answer(self.number, lookup->number, &answer->credential);
}

static void answered(void *asker, const struct secmgr_service_answer *answer)
{
	const struct secmgr_lookup *lookup = asker;

	switch(answer->outcome) {
		case SECMGR_SERVICE_KNOWN:
		case SECMGR_SERVICE_UNKNOWN:
			remember(lookup, answer);
			break;
		case SECMGR_SERVICE_NOT_MODIFIED:
			renew(lookup, answer);
			break;
		case SECMGR_SERVICE_FAULT: /* each try at an endpoint has been reported */
			fail(lookup);
			break;
	}
}

static void say_change(size_t endpoint, enum secmgr_breaker_change change, const char *why)
{
	const struct secmgr_breaker breaker = secmgr_breakers_show(endpoint);
	const char *where = secmgr_params->endpoints[endpoint].shown;

	if(change == SECMGR_BREAKER_OPENED)
		LM_WARN("the credential service %s fails (%s): it is left alone for %u s\n", where, why,
				breaker.open_ms / 1000);
	else if(change == SECMGR_BREAKER_CLOSED)
		LM_NOTICE("the credential service %s answers again\n", where);
}

static void report(const struct secmgr_service_report *reported)
{
	const struct secmgr_breakers_news news =
			secmgr_breakers_report(reported->endpoint, reported->permission, reported->result);

	if(news.endpoint != SECMGR_BREAKER_DID_NOT_CHANGE)
		say_change(reported->endpoint, news.endpoint, reported->why);
	else if(reported->why != NULL)
		say_fault(secmgr_params->endpoints[reported->endpoint].shown, reported->status, reported->why);
	/* Down and up again before the script was told: it need not know. */
	if(news.service_went_down == self.news.service_came_up && news.service_came_up == self.news.service_went_down)
		self.news.service_went_down = self.news.service_came_up = false;
	else if(news.service_went_down || news.service_came_up)
		self.news = news;
}

static void tell_script(void)
{
	const struct secmgr_breakers_news news = self.news;

	self.news = (struct secmgr_breakers_news){0};
	if(news.service_went_down)
		secmgr_events_raise(SECMGR_EVENT_ROUTE_SERVICE_DOWN);
	if(news.service_came_up)
		secmgr_events_raise(SECMGR_EVENT_ROUTE_SERVICE_UP);
}

static void ask(const struct secmgr_lookup *lookup, bool conditionally)
{
	uint64_t now_ms = secmgr_system_monotonic_ms();
	char etag[SECMGR_ETAG_MAX];
	struct asked *asked = &self.asked[lookup->number];
	struct secmgr_service_question question = {.etag = {etag, 0}};

	asked->lookup = *lookup;
	asked->generation = secmgr_cache_generation(lookup->hash);
	if(asked->lookup.deadline_ms <= now_ms) {
		say_fault("queue", 0, "the lookup waited in it until its deadline had passed");
		fail(&asked->lookup);
		return;
	}
	question.username = asked->lookup.key.username;
	question.realm = asked->lookup.key.realm;
	question.left_ms = (long)(asked->lookup.deadline_ms - now_ms);
	if(conditionally)
		question.etag.length = secmgr_cache_etag(&asked->lookup.key, asked->lookup.hash, etag);
	if(secmgr_credential_service_ask(self.service, &question, &asked->lookup))
		return;
	say_fault("client", 0, "out of memory, or a name that cannot be asked for");
	fail(&asked->lookup);
}

static void ask_waiting(void)
{
	struct secmgr_lookup lookup;

	while(secmgr_credential_service_has_room(self.service) && secmgr_queue_next_lookup(self.number, &lookup))
		if(!secmgr_queue_drop_lookup(self.number, lookup.number, secmgr_suspend_is_gone))
			ask(&lookup, true);
}

static void wake_answered(void)
{
	struct secmgr_place place;
	struct secmgr_continuation continuation;

	while(secmgr_queue_job_may_start(self.number)
			&& secmgr_queue_next_answered(self.number, &place, &continuation))
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

/* Connections are opened as they are needed: the limit would be met under load, when it hurts most. */
static void check_open_files(void)
{
	size_t connections = (size_t)secmgr_params->service_connections * secmgr_params->endpoint_count;
	struct rlimit limit;

	if(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < connections + OTHER_FILES)
		LM_WARN("service_connections: %zu connections are more than the %lu files that a process may open: write "
			"open_files_limit=%zu\n",
				connections, (unsigned long)limit.rlim_cur, connections + OTHER_FILES);
}

static bool start_service(void)
{
	struct secmgr_service_settings settings = {
			.endpoint_count = secmgr_params->endpoint_count,
			.profile = &secmgr_params->service_profile,
			.bearer = secmgr_params->service_token_file != NULL ? self.token.token : NULL,
			.timeout_ms = secmgr_params->service_timeout_ms,
			.ttl_s = (uint32_t)secmgr_params->cache_ttl_s,
			.negative_ttl_s = (uint32_t)secmgr_params->cache_negative_ttl_s,
			.stale_if_error_s = (uint32_t)secmgr_params->cache_stale_if_error_s,
			.http = {
					.connect_timeout_ms = secmgr_params->service_connect_timeout_ms,
					.connections = secmgr_params->service_connections,
					.body_max = SECMGR_RECORD_BYTES_MAX,
					.ca_file = secmgr_params->service_ca_file,
					.certificate_file = secmgr_params->service_cert_file,
					.key_file = secmgr_params->service_key_file,
			},
			.may_ask = secmgr_breakers_ask,
			.would_permit = secmgr_breakers_would_permit,
			.report = report,
			.answered = answered,
	};

	for(size_t endpoint = 0; endpoint < settings.endpoint_count; endpoint++)
		settings.endpoints[endpoint] = (struct secmgr_service_endpoint){
				secmgr_params->endpoints[endpoint].base_url, secmgr_params->endpoints[endpoint].unix_path};

	check_open_files();
	if(settings.bearer != NULL && !start_token())
		return false;
	/* libc's memory: a large queue is more than what Kamailio sets aside for a process. */
	self.asked = calloc(secmgr_queue_lookups_max(), sizeof(*self.asked));
	if(self.asked == NULL)
		return false;
	if(secmgr_credential_service_use_wiping_memory())
		self.service = secmgr_credential_service_create(&settings);
	return self.service != NULL;
}

static void run(void)
{
	for(;;) {
		cfg_update();
		secmgr_queue_wakeup_seen(self.number);
		look_at_token();
		ask_waiting();
		wake_answered();
		tell_script();
		secmgr_credential_service_wait(self.service, secmgr_queue_wakeup(self.number), IDLE_WAIT_MS);
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
			LM_CRIT("an HTTP process cannot start: no memory, libcurl failed, or service_token_file is empty\n");
			return -1;
		}
		run();
	}
	return 0;
}
