/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE /* memrchr */
#include "secmgr_rpc.h"

#include <string.h>

#include "secmgr_breakers.h"
#include "secmgr_cache.h"
#include "secmgr_core.h"
#include "secmgr_nonces.h"
#include "secmgr_params.h"
#include "secmgr_queue.h"
#include "secmgr_system.h"

#define LIST_DEFAULT 100
#define HA1_NAMES_MAX 64

static const char *status_word(uint8_t subscriber)
{
	switch(subscriber) {
		case SECMGR_SUBSCRIBER_ACTIVE:
			return "active";
		case SECMGR_SUBSCRIBER_SUSPENDED:
			return "suspended";
		default:
			return "unknown";
	}
}

static void write_ha1_names(uint8_t present, char text[HA1_NAMES_MAX])
{
	struct secmgr_writer writer = secmgr_writer_into(text, HA1_NAMES_MAX - 1);

	for(unsigned hash = 0; hash < SECMGR_HASH_COUNT; hash++) {
		if(!(present & (1u << hash)))
			continue;
		if(writer.length > 0)
			secmgr_writer_add_char(&writer, ',');
		secmgr_writer_add_text(&writer, secmgr_hash_name((enum secmgr_hash)hash));
	}
	text[writer.length] = '\0';
}

static void show_status(rpc_t *rpc, void *context)
{
	void *answer;

	if(rpc->add(context, "{", &answer) < 0)
		return;
	rpc->struct_add(answer, "sdddddd", "service", secmgr_breakers_service_is_up() ? "up" : "down", "suspended",
			(int)secmgr_queue_requests(), "queue_length", (int)secmgr_queue_lookups(), "queue_size",
			secmgr_params->service_queue, "cache_entries", (int)secmgr_cache_entries(), "cache_size",
			secmgr_params->cache_entries, "cache_kbytes", (int)(secmgr_cache_bytes() / 1024));
}

static void show_endpoints(rpc_t *rpc, void *context)
{
	for(size_t endpoint = 0; endpoint < secmgr_params->endpoint_count; endpoint++) {
		const struct secmgr_breaker breaker = secmgr_breakers_show(endpoint);
		void *entry;

		if(rpc->add(context, "{", &entry) < 0)
			return;
		rpc->struct_add(entry, "ssdd", "endpoint", secmgr_params->endpoints[endpoint].shown, "breaker",
				secmgr_breaker_state_name(&breaker), "failures_in_a_row", (int)breaker.failures_in_a_row, "left_ms",
				(int)secmgr_breaker_left_ms(&breaker, secmgr_system_monotonic_ms()));
	}
}

static void show_entry(rpc_t *rpc, void *entry, struct secmgr_cache_view *view)
{
	char ha1_names[HA1_NAMES_MAX];
	str username = {view->username, view->username_length};
	str realm = {view->realm, view->realm_length};

	write_ha1_names(view->ha1_present, ha1_names);
	rpc->struct_add(entry, "SSssddd", "user", &username, "realm", &realm, "status", status_word(view->subscriber),
			"ha1", ha1_names, "age_s", (int)(view->age_ms / 1000), "fresh_for_s", (int)(view->fresh_for_ms / 1000),
			"usable_for_s", (int)(view->usable_for_ms / 1000));
}

static void list_cache(rpc_t *rpc, void *context)
{
	struct secmgr_cache_view view;
	size_t cursor = 0;
	int most = LIST_DEFAULT;

	if(rpc->scan(context, "*d", &most) > 0 && most < 1) {
		rpc->fault(context, 400, "secmgr.cache_list [number]: the number of entries to show, at least 1");
		return;
	}
	for(int shown = 0; shown < most && secmgr_cache_next(&cursor, &view); shown++) {
		void *entry;

		if(rpc->add(context, "{", &entry) < 0)
			return;
		show_entry(rpc, entry, &view);
	}
}

/* "user@realm": a realm holds no '@', a user may. */
static bool read_subscriber(const str *text, struct secmgr_subscriber_key *key)
{
	const char *at = memrchr(text->s, '@', (size_t)text->len);

	if(at == NULL || at == text->s || at == text->s + text->len - 1)
		return false;
	key->username = (struct secmgr_slice){text->s, (size_t)(at - text->s)};
	key->realm = (struct secmgr_slice){at + 1, (size_t)(text->s + text->len - at - 1)};
	return key->username.length <= SECMGR_USERNAME_MAX && key->realm.length <= SECMGR_REALM_MAX;
}

static void get_cache(rpc_t *rpc, void *context)
{
	struct secmgr_subscriber_key key;
	struct secmgr_cache_view view;
	str text;
	void *entry;

	if(rpc->scan(context, ".S", &text) < 1 || !read_subscriber(&text, &key)) {
		rpc->fault(context, 400, "secmgr.cache_get user@realm");
		return;
	}
	if(!secmgr_cache_view(&key, &view)) {
		rpc->fault(context, 404, "%.*s is not in the cache", text.len, text.s);
		return;
	}
	if(rpc->add(context, "{", &entry) >= 0)
		show_entry(rpc, entry, &view);
}

static void flush_cache(rpc_t *rpc, void *context)
{
	struct secmgr_subscriber_key key;
	size_t forgotten;
	void *answer;
	str text;

	if(rpc->scan(context, "*.S", &text) < 1) {
		forgotten = secmgr_cache_flush();
	} else if(read_subscriber(&text, &key)) {
		forgotten = secmgr_cache_forget(&key) ? 1 : 0;
	} else {
		rpc->fault(context, 400, "secmgr.cache_flush [user@realm]");
		return;
	}
	if(rpc->add(context, "{", &answer) >= 0)
		rpc->struct_add(answer, "d", "forgotten", (int)forgotten);
}

static void rotate_nonce_keys(rpc_t *rpc, void *context)
{
	void *answer;

	if(secmgr_nonces_rotate_keys(secmgr_params) != 0) {
		rpc->fault(context, 500, "the keys stay as they were: the log says why");
		return;
	}
	if(rpc->add(context, "{", &answer) >= 0)
		rpc->struct_add(answer, "s", "key",
				secmgr_params->nonce_key_file != NULL ? "read from nonce_key_file"
													  : "drawn, the previous one stays good");
}

static const char *status_doc[] = {"The credential service, who waits for it, and the cache.", NULL};
static const char *service_doc[] = {"The endpoints of the credential service, in order, and their breakers.", NULL};
static const char *list_doc[] = {"The subscribers in the cache, without secrets: [number of entries, 100]", NULL};
static const char *get_doc[] = {"One subscriber of the cache, without secrets: user@realm", NULL};
static const char *flush_doc[] = {"Forgets one subscriber, or all: [user@realm]", NULL};

static const char *rotate_doc[] = {"A new nonce key: nonce_key_file is read again, or a key is drawn.", NULL};

rpc_export_t secmgr_rpc_exports[] = {
		{"secmgr.status", show_status, status_doc, 0},
		{"secmgr.service", show_endpoints, service_doc, RET_ARRAY},
		{"secmgr.cache_list", list_cache, list_doc, RET_ARRAY},
		{"secmgr.cache_get", get_cache, get_doc, 0},
		{"secmgr.cache_flush", flush_cache, flush_doc, 0},
		{"secmgr.nonce_rotate", rotate_nonce_keys, rotate_doc, 0},
		{NULL, NULL, NULL, 0},
};
