/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secmgr_suspend.h"

#include <string.h>

#include "../../core/async_task.h"
#include "../../core/globals.h"
#include "../../core/pt.h"
#include "../../core/route_struct.h"
#include "../tm/tm_load.h"

#include "secmgr_params.h"
#include "secmgr_system.h"

#define TRANSACTION_BYTES 16384u
#define COPIES_OF_A_REQUEST 4u

/* What an async worker is handed, in shared memory. */
struct job
{
	async_task_t task; /* first: the async worker frees it */
	struct secmgr_place place;
	struct secmgr_continuation continuation;
};

/* What the process that continues a transaction knows while tm calls it back. */
static struct
{
	const struct secmgr_continuation *continuation;
	const struct secmgr_credential *credential;
} now;

static struct tm_binds tm;
static tm_xapi_t tmx;
static secmgr_resumed_f when_resumed;

static int resume(sip_msg_t *msg, char *unused1, char *unused2)
{
	(void)unused1;
	(void)unused2;
	when_resumed(msg, now.continuation, now.credential);
	return 0;
}

/* The route that tm runs: one action that calls `resume`, made by hand because the verdict comes before the
 * operator's route. */
static ksr_cmd_export_t resume_command = {.name = "secmgr_resume", .function = resume};
static struct action resume_action = {
		.type = MODULE0_T,
		.count = 2,
		.val = {{.type = MODEXP_ST, .u = {.data = &resume_command}}, {.type = NUMBER_ST, .u = {.number = 0}}},
};

int secmgr_suspend_init(secmgr_resumed_f resumed)
{
	static char file[] = "secmgr";

	resume_action.cfile = file;
	when_resumed = resumed;
	if(!async_task_workers_active())
		LM_WARN("there are no async workers: requests that waited go on in the HTTP process and hold it up: "
			"write async_workers_group=\"name=secmgr;workers=4\"\n");
	if(load_tm_api(&tm) == 0 && tm_load_xapi(&tmx) == 0)
		return 0;
	LM_ERR("the module tm has to be loaded before secmgr\n");
	return -1;
}

static bool has_transaction(void)
{
	struct cell *transaction = tm.t_gett();

	return transaction != NULL && transaction != T_UNDEFINED;
}

static enum secmgr_suspension make_transaction(sip_msg_t *msg)
{
	int made;

	if(has_transaction())
		return SECMGR_SUSPENSION_WAITS;
	made = tm.t_newtran(msg);
	if(made > 0)
		return SECMGR_SUSPENSION_WAITS;
	if(made == 0)
		return SECMGR_SUSPENSION_ABSORBED;
	LM_ERR("no transaction can be made for a request that has to wait (%d)\n", made);
	return SECMGR_SUSPENSION_FAILED;
}

/* A request that waits costs a transaction before anything is proved: whoever has one genuine nonce can make us keep
 * his requests. A quarter of the shared memory is left to those who need not wait. What tm keeps of a request is a
 * few times its size. */
static bool memory_is_short(const sip_msg_t *msg)
{
	unsigned long available = shm_available();
	unsigned long needed = TRANSACTION_BYTES + COPIES_OF_A_REQUEST * (unsigned long)msg->len;

	return available < needed + shm_mem_size / 4;
}

static enum secmgr_suspension suspend(sip_msg_t *msg, struct secmgr_continuation *continuation)
{
	enum secmgr_suspension made = make_transaction(msg);
	int suspended;

	if(made != SECMGR_SUSPENSION_WAITS)
		return made;
	suspended = tm.t_suspend(msg, &continuation->transaction_index, &continuation->transaction_label);
	if(suspended == 0)
		return SECMGR_SUSPENSION_WAITS;
	if(suspended > 0)
		return SECMGR_SUSPENSION_ABSORBED;
	LM_ERR("a transaction cannot be suspended (%d)\n", suspended);
	return SECMGR_SUSPENSION_FAILED;
}

enum secmgr_suspension secmgr_suspend_request(
		sip_msg_t *msg, const struct secmgr_subscriber_key *key, uint64_t hash, int32_t route, uint16_t purpose)
{
	struct secmgr_continuation continuation = {
			.route = route, .purpose = purpose, .realm_length = (uint16_t)key->realm.length};
	uint64_t deadline_ms = secmgr_system_monotonic_ms() + (uint64_t)secmgr_params->service_timeout_ms;
	struct secmgr_place place;
	enum secmgr_suspension suspension;

	if(!has_transaction() && memory_is_short(msg))
		return SECMGR_SUSPENSION_MEMORY_IS_SHORT;
	if(!secmgr_queue_reserve(key, hash, deadline_ms, &place))
		return SECMGR_SUSPENSION_QUEUE_FULL;
	memcpy(continuation.realm, key->realm.at, key->realm.length);
	suspension = suspend(msg, &continuation);
	if(suspension == SECMGR_SUSPENSION_WAITS)
		secmgr_queue_commit(place, &continuation);
	else
		secmgr_queue_release(place);
	return suspension;
}

bool secmgr_suspend_is_gone(const struct secmgr_continuation *continuation)
{
	struct cell *transaction = NULL;
	bool gone;

	if(tm.t_lookup_ident(&transaction, continuation->transaction_index, continuation->transaction_label) < 0)
		return true;
	gone = (transaction->flags & T_CANCELED) != 0 || transaction->uas.status >= 200;
	tm.unref_cell(transaction);
	tm.t_sett(T_UNDEFINED, T_BR_UNDEFINED);
	return gone;
}

/* The answer is taken first, so that its place is given back even when the transaction is gone. */
static void go_on(struct secmgr_place place, const struct secmgr_continuation *continuation)
{
	static struct secmgr_credential credential;
	bool answered = secmgr_queue_take(place, &credential);

	now.continuation = continuation;
	now.credential = answered ? &credential : NULL;
	/* Cancelled, or timed out while it waited: tm has answered it. */
	if(secmgr_suspend_is_gone(continuation)
			|| tm.t_continue(continuation->transaction_index, continuation->transaction_label, &resume_action) != 0)
		LM_DBG("a request was gone before its credential came\n");
	now.credential = NULL;
	secmgr_credential_wipe(&credential);
}

static void run_job(void *parameter)
{
	struct job *job = parameter;

	secmgr_queue_job_is_taken(job->place.worker);
	go_on(job->place, &job->continuation);
}

/* Kamailio 5.6 has no question "is there a group of this name", and drops a task for a group that is not there: the
 * processes' names are asked instead. */
static bool has_own_group(void)
{
	static bool known;

	for(int process = 0; !known && process < get_max_procs(); process++)
		known = strcmp(pt[process].desc, "Async Task Worker - secmgr") == 0;
	return known;
}

static int push_task(async_task_t *task)
{
	static str group = str_init("secmgr");

	if(has_own_group())
		return async_task_group_push(&group, task);
	return async_task_workers_active() ? async_task_push(task) : -1;
}

void secmgr_suspend_wake(struct secmgr_place place, const struct secmgr_continuation *continuation)
{
	struct job *job = shm_malloc(sizeof(*job));

	if(job != NULL) {
		*job = (struct job){{run_job, job}, place, *continuation};
		secmgr_queue_job_starts(place.worker);
		if(push_task(&job->task) == 0)
			return;
		secmgr_queue_job_is_taken(place.worker);
		shm_free(job);
	}
	go_on(place, continuation);
}

bool secmgr_suspend_absorbs(sip_msg_t *msg)
{
	return !has_transaction() && tmx.t_check_trans(msg) == 0;
}
