/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The limits that hold everywhere. A peer that goes beyond one is malformed or at fault, never guessed at.
 */
#ifndef SECMGR_ENGINE_CONFIG_H
#define SECMGR_ENGINE_CONFIG_H

#define SECMGR_USERNAME_MAX 128
#define SECMGR_REALM_MAX 128
#define SECMGR_CNONCE_MAX 128
#define SECMGR_DIGEST_URI_MAX 512
#define SECMGR_CREDENTIALS_HEADER_MAX 4096
#define SECMGR_CREDENTIALS_HEADERS_MAX 16 /* Authorization and Proxy-Authorization fields of one request */
#define SECMGR_CREDENTIALS_PARAMETERS_MAX 32 /* in one of these fields */
#define SECMGR_USER_AGENT_MAX 128	  /* how much of a User-Agent the offer rules look at */
#define SECMGR_ETAG_MAX 64 /* of an answer that is to be revalidated; a longer one is not kept */
#define SECMGR_CHALLENGE_MAX 512	  /* one header field with its name, without the line end */

#endif
