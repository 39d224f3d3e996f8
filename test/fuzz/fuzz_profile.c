/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as service_profile, service_url, realm and user name, a line each. What is refused has a reason; what is
 * taken asks below the service_url, with the names in their places, and its body is JSON of the shape that it has for
 * any other name.
 */
#include "profile.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "endpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count_of(const char *text, char byte)
{
	size_t count = 0;

	for(; *text; text++)
		count += *text == byte;
	return count;
}

static bool is_below(const char *url, struct secmgr_slice base)
{
	const char *path = url + base.length;

	return strlen(url) < SECMGR_SERVICE_URL_MAX && strncmp(url, base.at, base.length) == 0
		   && (*path == '/' || *path == '?') && !strpbrk(path, "#\\ \r\n\"<>{}");
}

static bool have_one_shape(const json_t *a, const json_t *b)
{
	if(json_typeof(a) != json_typeof(b) || json_object_size(a) != json_object_size(b)
			|| json_array_size(a) != json_array_size(b))
		return false;
	for(size_t i = 0; i < json_array_size(a); i++)
		if(!have_one_shape(json_array_get(a, i), json_array_get(b, i)))
			return false;
	return true;
}

static bool is_the_other_but_for_names(const char *body, const char *other)
{
	json_t *a = json_loads(body, 0, NULL), *b = json_loads(other, 0, NULL);
	bool same = a && b && have_one_shape(a, b);

	json_decref(a);
	json_decref(b);
	return same;
}

static void check(const struct secmgr_profile *profile, struct secmgr_slice base, struct secmgr_slice realm,
		struct secmgr_slice username)
{
	static struct secmgr_profile_question plain, question;

	if(!secmgr_profile_ask(profile, base, SECMGR_SLICE("x"), SECMGR_SLICE("x"), &plain))
		abort();
	if(!secmgr_profile_ask(profile, base, realm, username, &question))
		return;
	if(!is_below(question.url, base) || count_of(question.url, '/') != count_of(plain.url, '/')
			|| count_of(question.url, '?') != count_of(plain.url, '?')
			|| count_of(question.url, '&') != count_of(plain.url, '&'))
		abort();
	if(question.body && !is_the_other_but_for_names(question.body, plain.body))
		abort();
	for(size_t i = 0; question.fields[i]; i++)
		if(strpbrk(question.fields[i], "\r\n") || !strchr(question.fields[i], ':'))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct secmgr_profile profile;
	struct secmgr_slice username = {(const char *)data, size};
	struct secmgr_slice text = secmgr_slice_cut(&username, '\n');
	struct secmgr_slice endpoint = secmgr_slice_cut(&username, '\n');
	struct secmgr_slice realm = secmgr_slice_cut(&username, '\n');
	struct secmgr_slice base, unix_path;
	char reason[SECMGR_PROFILE_WHY_MAX];
	const char *why = NULL;

	if(!secmgr_endpoint_read(endpoint, &base, &unix_path, &why)) {
		if(!why)
			abort();
		base = SECMGR_SLICE("http://localhost");
	}
	memset(reason, 'x', sizeof(reason));
	if(secmgr_profile_read(text, &profile, reason))
		check(&profile, base, realm, username);
	else if(strnlen(reason, sizeof(reason)) == 0 || strnlen(reason, sizeof(reason)) == sizeof(reason))
		abort();
	return 0;
}
