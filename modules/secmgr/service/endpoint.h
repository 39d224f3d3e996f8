/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A service_url: where one endpoint of the credential service is.
 *
 *     http://host, https://host:port/path, http://[2001:db8::1]:8080, unix:/run/credentials.sock
 *
 * Depends on: the engine's slice.
 */
#ifndef SECMGR_SERVICE_ENDPOINT_H
#define SECMGR_SERVICE_ENDPOINT_H

#include "../engine/slice.h"

#define SECMGR_ENDPOINT_BASE_MAX 1024

/* Checks a service_url: http or https, a host, no query, no fragment, no userinfo, no control bytes; or
 * unix:/absolute/path. False, and `why` in a few words that say what to write instead. `base` becomes the URL without a
 * trailing slash, and for unix: "http://localhost" with `unix_path` set. They point into `text` or to constants. */
__attribute__((warn_unused_result)) bool secmgr_endpoint_read(
		struct secmgr_slice text, struct secmgr_slice *base, struct secmgr_slice *unix_path, const char **why);

#endif
