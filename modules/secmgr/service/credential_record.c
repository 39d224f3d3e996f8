/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "credential_record.h"

#include <string.h>

#include <jansson.h>
#include <openssl/crypto.h>

#include "wiping_memory.h"

#define DEPTH_MAX 16
/* How many digits a number in the attributes keeps: 0.1 stays 0.1. */
#define NUMBER_DIGITS 15

void secmgr_credential_record_use_wiping_memory(void)
{
	json_set_alloc_funcs(secmgr_wiping_malloc, secmgr_wiping_free);
}

static struct secmgr_slice text_of(const json_t *string)
{
	return (struct secmgr_slice){json_string_value(string), json_string_length(string)};
}

/* Before the parser, which would follow the nesting with its own stack. */
static bool is_too_deep(struct secmgr_slice json)
{
	bool quoted = false;
	size_t depth = 0;

	for(size_t i = 0; i < json.length; i++) {
		char byte = json.at[i];

		if(byte == '"')
			quoted = !quoted;
		else if(quoted && byte == '\\')
			i++;
		else if(!quoted && (byte == '{' || byte == '['))
			depth++;
		else if(!quoted && (byte == '}' || byte == ']') && depth > 0)
			depth--;
		if(depth > DEPTH_MAX)
			return true;
	}
	return false;
}

static const char *words_for(const json_error_t *error)
{
	switch(json_error_code(error)) {
		case json_error_duplicate_key:
			return "an object of the record has one key twice";
		case json_error_invalid_utf8:
			return "the record is not UTF-8";
		case json_error_out_of_memory:
			return "no memory to read the record";
		default:
			return "the record is not JSON";
	}
}

static json_t *parse(struct secmgr_slice json, const char **why)
{
	json_error_t error;
	json_t *record;

	*why = "the record is larger than 65536 bytes";
	if(json.length > SECMGR_RECORD_BYTES_MAX)
		return NULL;
	*why = "the record is empty";
	if(json.length == 0)
		return NULL;
	*why = "the record is nested more than 16 deep";
	if(is_too_deep(json))
		return NULL;
	record = json_loadb(json.at, json.length, JSON_REJECT_DUPLICATES, &error);
	if(!record)
		*why = words_for(&error);
	OPENSSL_cleanse(&error, sizeof(error)); /* it quotes the text near the fault, which may be an HA1 */
	return record;
}

static bool echoes_the_question(
		const json_t *record, struct secmgr_slice username, struct secmgr_slice realm, const char **why)
{
	const json_t *echoed_username = json_object_get(record, "username");
	const json_t *echoed_realm = json_object_get(record, "realm");

	*why = "username is not the one that was asked for";
	if(!json_is_string(echoed_username) || !secmgr_slice_equals(text_of(echoed_username), username))
		return false;
	*why = "realm is not the one that was asked for";
	return json_is_string(echoed_realm) && secmgr_slice_equals_ignoring_case(text_of(echoed_realm), realm);
}

static bool read_ha1(const json_t *ha1s, enum secmgr_hash hash, struct secmgr_credential *credential, const char **why)
{
	static const char *const faults[SECMGR_HASH_COUNT] = {
			[SECMGR_HASH_MD5] = "ha1.MD5 is not 32 hex digits",
			[SECMGR_HASH_SHA_256] = "ha1.SHA-256 is not 64 hex digits",
			[SECMGR_HASH_SHA_512_256] = "ha1.SHA-512-256 is not 64 hex digits",
	};
	const json_t *ha1 = json_object_get(ha1s, secmgr_hash_name(hash));

	if(!ha1)
		return true;
	*why = faults[hash];
	if(!json_is_string(ha1) || !secmgr_hex_read(text_of(ha1), credential->ha1[hash], secmgr_hash_bytes(hash)))
		return false;
	credential->ha1_present |= (uint8_t)(1u << hash);
	return true;
}

/* Hashes of other names may come one day and are passed over. */
static bool read_ha1s(const json_t *record, struct secmgr_credential *credential, const char **why)
{
	const json_t *ha1s = json_object_get(record, "ha1");

	*why = "ha1 is not an object";
	if(!json_is_object(ha1s))
		return false;
	for(unsigned hash = 0; hash < SECMGR_HASH_COUNT; hash++)
		if(!read_ha1(ha1s, (enum secmgr_hash)hash, credential, why))
			return false;
	*why = "ha1 has none of MD5, SHA-256 and SHA-512-256";
	return credential->ha1_present != 0;
}

static bool read_status(const json_t *record, struct secmgr_credential *credential, const char **why)
{
	const json_t *status = json_object_get(record, "status");

	*why = "status is neither active nor suspended";
	if(status && !json_is_string(status))
		return false;
	if(!status || secmgr_slice_equals(text_of(status), SECMGR_SLICE("active")))
		credential->subscriber = SECMGR_SUBSCRIBER_ACTIVE;
	else if(secmgr_slice_equals(text_of(status), SECMGR_SLICE("suspended")))
		credential->subscriber = SECMGR_SUBSCRIBER_SUSPENDED;
	else
		return false;
	return true;
}

static bool is_line(const json_t *string)
{
	return json_is_string(string) && json_string_length(string) > 0 && !secmgr_slice_has_control_bytes(text_of(string));
}

static bool read_identities(const json_t *record, struct secmgr_writer *writer, const char **why)
{
	const json_t *identities = json_object_get(record, "identities");

	if(!identities)
		return true;
	*why = "identities is not an array";
	if(!json_is_array(identities))
		return false;
	*why = "identities has an entry that is not text of one line";
	for(size_t i = 0; i < json_array_size(identities); i++) {
		const json_t *identity = json_array_get(identities, i);

		if(!is_line(identity))
			return false;
		if(i > 0)
			secmgr_writer_add_char(writer, '\n');
		secmgr_writer_add(writer, text_of(identity));
	}
	*why = "identities are larger than 2048 bytes";
	return !writer->overrun;
}

static bool read_policy(const json_t *record, struct secmgr_slice *policy, const char **why)
{
	const json_t *name = json_object_get(record, "policy");

	if(!name)
		return true;
	*why = "policy is not text of one line";
	if(!is_line(name))
		return false;
	*policy = text_of(name);
	return true;
}

static bool read_attributes(const json_t *record, char buffer[SECMGR_CREDENTIAL_TEXT_MAX],
		struct secmgr_slice *attributes, const char **why)
{
	const json_t *object = json_object_get(record, "attributes");
	size_t length;

	if(!object)
		return true;
	*why = "attributes is not an object";
	if(!json_is_object(object))
		return false;
	length = json_dumpb(object, buffer, SECMGR_CREDENTIAL_TEXT_MAX, JSON_COMPACT | JSON_REAL_PRECISION(NUMBER_DIGITS));
	*why = "no memory to read the record";
	if(length == 0)
		return false;
	*why = "attributes are larger than 2048 bytes";
	*attributes = (struct secmgr_slice){buffer, length};
	return length <= SECMGR_CREDENTIAL_TEXT_MAX;
}

static bool read_texts(const json_t *record, struct secmgr_credential *credential, const char **why)
{
	char identities[SECMGR_CREDENTIAL_TEXT_MAX], buffer[SECMGR_CREDENTIAL_TEXT_MAX];
	struct secmgr_writer writer = secmgr_writer_into(identities, sizeof(identities));
	struct secmgr_slice policy = {NULL, 0}, attributes = {NULL, 0};

	if(!read_identities(record, &writer, why) || !read_policy(record, &policy, why)
			|| !read_attributes(record, buffer, &attributes, why))
		return false;
	*why = "identities, policy and attributes are together larger than 2048 bytes";
	return secmgr_credential_set_texts(credential, secmgr_writer_text(&writer), policy, attributes);
}

static bool read_record(const json_t *record, struct secmgr_slice username, struct secmgr_slice realm,
		struct secmgr_credential *credential, const char **why)
{
	*why = "the record is not an object";
	return json_is_object(record) && echoes_the_question(record, username, realm, why)
		   && read_ha1s(record, credential, why) && read_status(record, credential, why)
		   && read_texts(record, credential, why);
}

/* Under whatever names the HA1s stand, for a process that does not use the wiping memory. */
static void wipe_strings_of(json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value) if(json_is_string(value))
			OPENSSL_cleanse((void *)(uintptr_t)json_string_value(value), json_string_length(value));
}

bool secmgr_credential_record_decode(struct secmgr_slice json, struct secmgr_slice username, struct secmgr_slice realm,
		struct secmgr_credential *credential, const char **why)
{
	json_t *record = parse(json, why);
	bool sound;

	memset(credential, 0, sizeof(*credential));
	sound = record && read_record(record, username, realm, credential, why);
	if(!sound)
		secmgr_credential_wipe(credential);
	wipe_strings_of(json_object_get(record, "ha1"));
	json_decref(record);
	return sound;
}
