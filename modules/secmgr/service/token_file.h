/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bearer token for the credential service (RFC 6750), from a file that others replace while we run: it is looked
 * at once a second at most and read again when it is another file, or was written to.
 *
 * What cannot be a token (empty, too long, bytes that would end the header field) never takes the place of one that
 * was good. The token is a secret: it stays in the struct, which secmgr_token_file_wipe clears.
 *
 * Depends on: libc, libcrypto (wiping).
 */
#ifndef SECMGR_SERVICE_TOKEN_FILE_H
#define SECMGR_SERVICE_TOKEN_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#define SECMGR_TOKEN_MAX 4096
#define SECMGR_TOKEN_LOOK_EVERY_MS 1000u

struct secmgr_token_file
{
	const char *path; /* the caller's */
	uint64_t next_look_ms;
	struct stat seen; /* the file as it was when it was read */
	bool is_faulty; /* as last looked at */
	char token[SECMGR_TOKEN_MAX + 1]; /* NUL-terminated, without line ends; "" before there is one */
};

enum secmgr_token_outcome
{
	SECMGR_TOKEN_IS_AS_BEFORE,
	SECMGR_TOKEN_IS_NEW,
	SECMGR_TOKEN_CANNOT_BE_READ /* said once, not at each look; the one before stays */
};

void secmgr_token_file_init(struct secmgr_token_file *file, const char *path);
/* Looks at the file if it is time to. `why` is set for CANNOT_BE_READ, a constant. The address of `token` never
 * changes, so who holds it holds the newest. */
__attribute__((warn_unused_result)) enum secmgr_token_outcome secmgr_token_file_look(
		struct secmgr_token_file *file, uint64_t now_ms, const char **why);
void secmgr_token_file_wipe(struct secmgr_token_file *file);

#endif
