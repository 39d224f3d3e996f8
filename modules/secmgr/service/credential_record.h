/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record: the JSON answer of the credential service, strictly read into a credential. Where in it what stands is
 * the profile's to say (doc/profiles.md).
 *
 * The service may lie: the user name (exactly) and the realm (any case) must be echoed unless the profile says that no
 * answer has them, at least one HA1 of the right length or a password must be there, and size, depth, duplicate keys
 * and types are checked. What is wrong is a fault of the service, never a refusal of the user. A password becomes HA1s
 * at once and is wiped.
 *
 * Jansson's parser keeps copies of the text in buffers of its own. The process that decodes makes Jansson use wiping
 * memory at its start, so that no secret stays behind in them.
 *
 * Depends on: Jansson, wiping_memory, json_pointer, profile, the engine's credential and digest (and its _init).
 */
#ifndef SECMGR_SERVICE_CREDENTIAL_RECORD_H
#define SECMGR_SERVICE_CREDENTIAL_RECORD_H

#include "../engine/credential.h"
#include "../engine/slice.h"
#include "profile.h"

#define SECMGR_RECORD_BYTES_MAX 65536
#define SECMGR_PASSWORD_MAX 256

/* For the whole process: before its first use of Jansson. */
void secmgr_credential_record_use_wiping_memory(void);

enum secmgr_record
{
	SECMGR_RECORD_IS_FAULTY,
	SECMGR_RECORD_SAYS_UNKNOWN, /* there is no such subscriber: the profile's unknown_if */
	SECMGR_RECORD_IS_SOUND
};

/* `credential` is filled (ACTIVE or SUSPENDED) by a sound record, else wiped. `why` names what is faulty ("the HA1 for
 * MD5 is not 32 hex digits"): a constant that never holds what the service sent. */
__attribute__((warn_unused_result)) enum secmgr_record secmgr_credential_record_read(
		const struct secmgr_profile *profile, struct secmgr_slice json, struct secmgr_slice username,
		struct secmgr_slice realm, struct secmgr_credential *credential, const char **why);

#endif
