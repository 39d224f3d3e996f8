/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shape of a credential service's questions. The native one (doc/credential-service.yaml):
 *
 *     GET {service_url}/v1/realms/{realm}/subscribers/{username}
 *
 * Whatever a caller put into a name is percent-encoded, so that it cannot leave its place in the path.
 *
 * Depends on: the engine's slice and config.
 */
#ifndef SECMGR_SERVICE_PROFILE_H
#define SECMGR_SERVICE_PROFILE_H

#include "../engine/slice.h"

#define SECMGR_SERVICE_URL_MAX 2048

/* Checks a service_url: http or https, a host, no query, no fragment, no userinfo, no control bytes; or
 * unix:/absolute/path. What passes leaves room for every question about names within their bounds. False, and `why`
 * in a few words that say what to write instead. `base` becomes the URL without a trailing slash, and for unix:
 * "http://localhost" with `unix_path` set. They point into `text` or to constants. */
__attribute__((warn_unused_result)) bool secmgr_profile_read_endpoint(
		struct secmgr_slice text, struct secmgr_slice *base, struct secmgr_slice *unix_path, const char **why);

/* The NUL-terminated URL of one question; false when it does not fit or a name is empty. "." and ".." are encoded
 * too. */
__attribute__((warn_unused_result)) bool secmgr_profile_write_url(struct secmgr_slice base, struct secmgr_slice realm,
		struct secmgr_slice username, char url[SECMGR_SERVICE_URL_MAX]);

#endif
