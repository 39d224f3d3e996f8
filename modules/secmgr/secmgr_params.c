/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secmgr_params.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../core/timer_ticks.h"

#include "service/endpoint.h"

#define OPERATORS_RULES_MAX 32

/* name, default, least, most, unit or meaning */
#define NUMBERS(X)                                                                          \
	X(service_timeout_ms, 2000, 50, 30000, "milliseconds that one lookup may take in all") \
	X(service_connect_timeout_ms, 500, 10, 30000, "milliseconds that a connect may take")  \
	X(service_open_s, 5, 1, 60, "seconds for which a failing endpoint is left alone at first") \
	X(service_workers, 1, 1, 32, "HTTP processes")                                         \
	X(service_queue, 4096, 1, 1000000, "requests that may wait for the credential service") \
	X(service_connections, 100, 1, 4096, "connections of an HTTP process to one endpoint")            \
	X(nonce_lifetime_s, 300, 5, 86400, "seconds for which a nonce is fresh")               \
	X(replay_windows, 65536, 16, 16777216, "nonces in use whose counts are tracked")       \
	X(cache_entries, 65536, 16, 16777216, "subscribers in the credential cache")           \
	X(cache_ttl_s, 300, 0, 86400, "seconds, 0 to cache nothing that the service does not allow") \
	X(cache_negative_ttl_s, 30, 0, 86400, "seconds, 0 to cache no unknown subscriber")     \
	X(cache_stale_if_error_s, 3600, 0, 86400, "seconds, 0 to use nothing stale while the service is down") \
	X(recheck_s, 10, 1, 86400, "seconds between two wrong responses that ask the service about one subscriber") \
	X(keep_credentials, 0, 0, 1, "0 or 1")                                                 \
	X(authentication_info, 1, 0, 1, "0 or 1")

#define TEXTS(X)      \
	X(service_url)    \
	X(service_profile) \
	X(service_ca_file) \
	X(service_cert_file) \
	X(service_key_file) \
	X(service_token_file) \
	X(algorithms)     \
	X(qop)            \
	X(offer)          \
	X(nonce_key_file) \
	X(nonce_bind)     \
	X(event_callback)

#define NUMBER_DEFAULT(name, preset, least, most, meaning) .name = (preset),
static struct secmgr_params params = {
	NUMBERS(NUMBER_DEFAULT)
	.offer = {2, {SECMGR_ALGORITHM_SHA_256, SECMGR_ALGORITHM_MD5}, SECMGR_QOP_OFFERS_AUTH},
};

const struct secmgr_params *const secmgr_params = &params;

/* Offer rules in the operator's words, until `algorithms` is known. */
static char *offer_texts[OPERATORS_RULES_MAX];
static size_t offer_text_count;

static char *copy(struct secmgr_slice text)
{
	char *copied = pkg_malloc(text.length + 1);

	if(copied == NULL) {
		PKG_MEM_ERROR;
		return NULL;
	}
	memcpy(copied, text.at, text.length);
	copied[text.length] = '\0';
	return copied;
}

static int take_number(
		const char *name, int *number, int least, int most, const char *meaning, modparam_t type, void *value)
{
	uint32_t read = 0;

	if(PARAM_TYPE_MASK(type) == PARAM_INT) {
		long given = (long)value;

		if(given >= least && given <= most) {
			*number = (int)given;
			return 0;
		}
		LM_ERR("%s: %ld is out of range: write %d to %d (%s)\n", name, given, least, most, meaning);
		return -1;
	}
	if(secmgr_slice_to_number(secmgr_slice_of(value), &read) && read <= (uint32_t)most)
		return take_number(name, number, least, most, meaning, PARAM_INT, (void *)(uintptr_t)read);
	LM_ERR("%s: \"%s\" is not a number from %d to %d (%s)\n", name, (char *)value, least, most, meaning);
	return -1;
}

/* How much of a URL may be shown: what stands before an '@' does not. */
static int shown_of(struct secmgr_slice url)
{
	if(memchr(url.at, '@', url.length) == NULL)
		return (int)url.length;
	return (int)secmgr_slice_cut(&url, ':').length;
}

static bool is_listed(const char *base_url, const char *unix_path)
{
	for(size_t index = 0; index < params.endpoint_count; index++) {
		const struct secmgr_params_endpoint *listed = &params.endpoints[index];

		if(strcmp(listed->base_url, base_url) == 0
				&& strcmp(listed->unix_path != NULL ? listed->unix_path : "", unix_path != NULL ? unix_path : "") == 0)
			return true;
	}
	return false;
}

static int add_endpoint(
		const char *name, struct secmgr_slice base, struct secmgr_slice unix_path, struct secmgr_slice text)
{
	struct secmgr_params_endpoint *endpoint = &params.endpoints[params.endpoint_count];

	endpoint->base_url = copy(base);
	endpoint->unix_path = unix_path.length > 0 ? copy(unix_path) : NULL;
	endpoint->shown = copy(text);
	if(endpoint->base_url == NULL || endpoint->shown == NULL || (unix_path.length > 0 && endpoint->unix_path == NULL))
		return -1;
	if(is_listed(endpoint->base_url, endpoint->unix_path)) {
		LM_ERR("%s: \"%s\" is there twice: write each endpoint once\n", name, endpoint->shown);
		return -1;
	}
	params.endpoint_count++;
	return 0;
}

static int take_service_url(const char *name, struct secmgr_slice text)
{
	struct secmgr_slice base, unix_path;
	const char *why = NULL;

	if(params.endpoint_count == SECMGR_ENDPOINTS_MAX) {
		LM_ERR("%s: \"%.*s\" is one too many: write at most %d\n", name, shown_of(text), text.at, SECMGR_ENDPOINTS_MAX);
		return -1;
	}
	if(!secmgr_endpoint_read(text, &base, &unix_path, &why)) {
		/* Somebody may have written a password into it. */
		LM_ERR("%s: \"%.*s\": %s\n", name, shown_of(text), text.at, why);
		return -1;
	}
	return add_endpoint(name, base, unix_path, text);
}

static int take_event_callback(const char *name, struct secmgr_slice text)
{
	params.event_callback = copy(text);
	if(text.length > 0 && params.event_callback != NULL)
		return 0;
	LM_ERR("%s: write the name of a KEMI function\n", name);
	return -1;
}

static int take_service_profile(const char *name, struct secmgr_slice text)
{
	char why[SECMGR_PROFILE_WHY_MAX];

	if(params.service_profile.parts[SECMGR_PROFILE_NAME].length > 0) {
		LM_ERR("%s is there twice: write one profile, for all endpoints\n", name);
		return -1;
	}
	if(secmgr_profile_read(text, &params.service_profile, why))
		return 0;
	LM_ERR("%s: %s\n", name, why);
	return -1;
}

static int take_file(const char *name, char **file, struct secmgr_slice text)
{
	char *path = copy(text);

	if(path == NULL)
		return -1;
	if(access(path, R_OK) != 0) {
		LM_ERR("%s: \"%s\" cannot be read: write the path of a file that Kamailio's user may read\n", name, path);
		pkg_free(path);
		return -1;
	}
	*file = path;
	return 0;
}

static int take_service_ca_file(const char *name, struct secmgr_slice text)
{
	return take_file(name, &params.service_ca_file, text);
}

static int take_service_cert_file(const char *name, struct secmgr_slice text)
{
	return take_file(name, &params.service_cert_file, text);
}

static int take_service_key_file(const char *name, struct secmgr_slice text)
{
	return take_file(name, &params.service_key_file, text);
}

static int take_service_token_file(const char *name, struct secmgr_slice text)
{
	return take_file(name, &params.service_token_file, text);
}

static int take_nonce_key_file(const char *name, struct secmgr_slice text)
{
	return take_file(name, &params.nonce_key_file, text);
}

static int take_algorithms(const char *name, struct secmgr_slice text)
{
	struct secmgr_slice wrong;

	if(secmgr_offer_read_algorithms(text, &params.offer, &wrong))
		return 0;
	LM_ERR("%s: \"%.*s\" cannot stand there: write a list of MD5, SHA-256, SHA-512-256 and their -sess forms, each "
		   "once\n",
			name, (int)wrong.length, wrong.at);
	return -1;
}

static int take_qop(const char *name, struct secmgr_slice text)
{
	struct secmgr_slice wrong;

	if(secmgr_offer_read_qops(text, &params.offer, &wrong))
		return 0;
	LM_ERR("%s: \"%.*s\" cannot stand there: write auth, auth-int or auth,auth-int\n", name, (int)wrong.length,
			wrong.at);
	return -1;
}

static int take_offer(const char *name, struct secmgr_slice text)
{
	if(offer_text_count == OPERATORS_RULES_MAX) {
		LM_ERR("%s: there are more than %d: join some with | in their regular expressions\n", name,
				OPERATORS_RULES_MAX);
		return -1;
	}
	offer_texts[offer_text_count] = copy(text);
	return offer_texts[offer_text_count++] != NULL ? 0 : -1;
}

static int take_nonce_bind(const char *name, struct secmgr_slice text)
{
	params.nonce_bind_source = secmgr_slice_equals(text, SECMGR_SLICE("source"));
	if(params.nonce_bind_source || secmgr_slice_equals(text, SECMGR_SLICE("none")))
		return 0;
	LM_ERR("%s: \"%.*s\" is not known: write source or none\n", name, (int)text.length, text.at);
	return -1;
}

#define TAKE_NUMBER(name, preset, least, most, meaning)                          \
	static int set_##name(modparam_t type, void *value)                          \
	{                                                                            \
		return take_number(#name, &params.name, least, most, meaning, type, value); \
	}
NUMBERS(TAKE_NUMBER)

#define TAKE_TEXT(name)                                                                                      \
	static int set_##name(modparam_t type, void *value)                                                      \
	{                                                                                                        \
		if(PARAM_TYPE_MASK(type) == PARAM_INT) {                                                             \
			LM_ERR(#name ": %ld is a number: write a text in quotes\n", (long)value);                        \
			return -1;                                                                                       \
		}                                                                                                    \
		return take_##name(#name, secmgr_slice_of(value));                                                   \
	}
TEXTS(TAKE_TEXT)

#define EXPORT_NUMBER(name, preset, least, most, meaning) EXPORT_TEXT(name)
#define EXPORT_TEXT(name)                                    \
	{#name, PARAM_INT | PARAM_USE_FUNC, (void *)set_##name}, \
			{#name, PARAM_STRING | PARAM_USE_FUNC, (void *)set_##name},
param_export_t secmgr_params_exports[] = {NUMBERS(EXPORT_NUMBER) TEXTS(EXPORT_TEXT){NULL, 0, NULL}};

/* `text` stays whole for the message; cuts "user_agent=regex;algorithms=list" at the last ";algorithms=", for a regex
 * may hold a ';'. */
static bool cut_offer(const char *text, struct secmgr_slice *user_agent, struct secmgr_slice *algorithms)
{
	static const char first[] = "user_agent=", second[] = ";algorithms=";
	const char *found = NULL, *next = text;

	if(strncmp(text, first, sizeof(first) - 1) != 0)
		return false;
	while((next = strstr(next, second)) != NULL)
		found = next++;
	if(found == NULL)
		return false;
	*user_agent = (struct secmgr_slice){text + sizeof(first) - 1, (size_t)(found - text) - (sizeof(first) - 1)};
	*algorithms = secmgr_slice_of(found + sizeof(second) - 1);
	return true;
}

static int compile_rule(struct secmgr_slice user_agent, uint8_t algorithms)
{
	char *pattern = copy(user_agent);
	bool compiled;

	if(pattern == NULL)
		return -1;
	compiled = secmgr_offer_rule_compile(&params.offer_rules[params.offer_rule_count], pattern, algorithms);
	if(compiled)
		params.offer_rule_count++;
	else
		LM_ERR("offer: \"%s\" is not a regular expression: write an extended one, without back-references\n", pattern);
	pkg_free(pattern);
	return compiled ? 0 : -1;
}

static int add_operators_rule(const char *text)
{
	struct secmgr_slice user_agent, algorithms, wrong;
	struct secmgr_offer offer = {0};

	if(!cut_offer(text, &user_agent, &algorithms)) {
		LM_ERR("offer: \"%s\" is not a rule: write user_agent=regular expression;algorithms=list\n", text);
		return -1;
	}
	if(!secmgr_offer_read_algorithms(algorithms, &offer, &wrong)) {
		LM_ERR("offer: \"%.*s\" cannot stand in \"%s\": write algorithms of RFC 8760\n", (int)wrong.length, wrong.at,
				text);
		return -1;
	}
	if(secmgr_offer_set(&offer) & ~secmgr_offer_set(&params.offer)) {
		LM_ERR("offer: \"%s\" offers what algorithms does not list: add it there, or leave it out here\n", text);
		return -1;
	}
	return compile_rule(user_agent, secmgr_offer_set(&offer));
}

/* The built-in rules come last: the operator knows his phones better. */
static int add_known_clients(void)
{
	for(const struct secmgr_known_client *client = secmgr_known_clients; client->user_agent != NULL; client++) {
		if(params.offer_rule_count == SECMGR_OFFER_RULES_MAX) {
			LM_ERR("offer: there are more rules than %d with the built-in ones\n", SECMGR_OFFER_RULES_MAX);
			return -1;
		}
		if(compile_rule(secmgr_slice_of(client->user_agent), client->algorithms) != 0)
			return -1;
	}
	return 0;
}

static int check_profile(void)
{
	if(params.service_profile.parts[SECMGR_PROFILE_NAME].length > 0)
		return 0;
	return take_service_profile("service_profile", SECMGR_SLICE("native"));
}

static int check_service(void)
{
	if(params.endpoint_count == 0) {
		LM_ERR("service_url is not set: write modparam(\"secmgr\", \"service_url\", \"http://127.0.0.1:8080\")\n");
		return -1;
	}
	if((params.service_cert_file == NULL) != (params.service_key_file == NULL)) {
		LM_ERR("%s is not set: service_cert_file and service_key_file go together\n",
				params.service_cert_file == NULL ? "service_cert_file" : "service_key_file");
		return -1;
	}
	if(params.service_connect_timeout_ms > params.service_timeout_ms) {
		LM_ERR("service_connect_timeout_ms: %d is above service_timeout_ms: write at most %d\n",
				params.service_connect_timeout_ms, params.service_timeout_ms);
		return -1;
	}
	return 0;
}

int secmgr_params_check(void)
{
	if(check_profile() != 0 || check_service() != 0)
		return -1;
	for(size_t index = 0; index < offer_text_count; index++)
		if(add_operators_rule(offer_texts[index]) != 0)
			return -1;
	return add_known_clients();
}

static int check_file(const char *name, const char *path)
{
	if(path == NULL || access(path, R_OK) == 0)
		return 0;
	LM_ERR("%s: \"%s\" cannot be read by the user that Kamailio runs as: chown it to that user\n", name, path);
	return -1;
}

int secmgr_params_check_files(void)
{
	if(check_file("service_ca_file", params.service_ca_file) != 0
			|| check_file("service_cert_file", params.service_cert_file) != 0
			|| check_file("service_key_file", params.service_key_file) != 0
			|| check_file("service_token_file", params.service_token_file) != 0)
		return -1;
	return check_file("nonce_key_file", params.nonce_key_file);
}

int secmgr_params_check_fr_timer(void)
{
	modparam_t type;
	sr_module_t *tm = find_module_by_name("tm");
	const int *ticks = tm != NULL ? find_param_export(tm, "fr_timer", PARAM_INT, &type) : NULL;
	unsigned fr_timer_ms = ticks != NULL ? (unsigned)TICKS_TO_MS((ticks_t)*ticks) : 0;

	if(ticks == NULL || (unsigned)params.service_timeout_ms < fr_timer_ms)
		return 0;
	LM_ERR("service_timeout_ms: %d is not below tm's fr_timer (%u ms), which would answer 408 first: "
		   "write at most %u, or a longer fr_timer\n",
			params.service_timeout_ms, fr_timer_ms, fr_timer_ms / 2);
	return -1;
}

void secmgr_params_destroy(void)
{
	for(size_t index = 0; index < params.offer_rule_count; index++)
		secmgr_offer_rule_free(&params.offer_rules[index]);
	params.offer_rule_count = 0;
}
