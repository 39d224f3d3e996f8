/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record: the JSON answer of the credential service, strictly read into a credential (doc/credential-
 * service.yaml).
 *
 * The service may lie: the user name (exactly) and the realm (any case) must be echoed, at least one HA1 of the right
 * length must be there, and size, depth, duplicate keys and types are checked. What is wrong is a fault of the
 * service, never a refusal of the user.
 *
 * Jansson's parser keeps copies of the text in buffers of its own. The process that decodes makes Jansson use wiping
 * memory at its start, so that no HA1 stays behind in them.
 *
 * Depends on: Jansson, wiping_memory, the engine's credential.
 */
#ifndef SECMGR_SERVICE_CREDENTIAL_RECORD_H
#define SECMGR_SERVICE_CREDENTIAL_RECORD_H

#include "../engine/credential.h"
#include "../engine/slice.h"

#define SECMGR_RECORD_BYTES_MAX 65536

/* For the whole process: before its first use of Jansson. */
void secmgr_credential_record_use_wiping_memory(void);

/* True and `credential` filled (ACTIVE or SUSPENDED), or false, `credential` wiped and `why` naming the field
 * ("ha1.MD5 is not 32 hex digits"). `why` is a constant and never holds what the service sent. */
__attribute__((warn_unused_result)) bool secmgr_credential_record_decode(struct secmgr_slice json,
		struct secmgr_slice username, struct secmgr_slice realm, struct secmgr_credential *credential,
		const char **why);

#endif
