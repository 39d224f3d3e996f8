/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as service_url, realm and user name, a line each: what becomes of them is a URL below the service_url, with
 * two names in their places.
 */
#include "profile.h"

#include <stdlib.h>
#include <string.h>

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
		   && strncmp(path, "/v1/realms/", 11) == 0 && strstr(path, "/subscribers/") && count_of(path, '/') == 5
		   && !strpbrk(path, "?#\\@: \r\n\"<>") && !strstr(path, "/../") && !strstr(path, "/./");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct secmgr_slice username = {(const char *)data, size};
	struct secmgr_slice endpoint = secmgr_slice_cut(&username, '\n');
	struct secmgr_slice realm = secmgr_slice_cut(&username, '\n');
	struct secmgr_slice base, unix_path;
	char url[SECMGR_SERVICE_URL_MAX];
	const char *why = NULL;

	if(!secmgr_profile_read_endpoint(endpoint, &base, &unix_path, &why)) {
		if(!why)
			abort();
		base = SECMGR_SLICE("http://localhost");
	}
	if(secmgr_profile_write_url(base, realm, username, url) && !is_below(url, base))
		abort();
	return 0;
}
