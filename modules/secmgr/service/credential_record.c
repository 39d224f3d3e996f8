/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "credential_record.h"

#include <string.h>

#include <jansson.h>
#include <openssl/crypto.h>

#include "../engine/digest.h"
#include "json_pointer.h"
#include "wiping_memory.h"

#define DEPTH_MAX 16
/* How many digits a number in the attributes keeps: 0.1 stays 0.1. */
#define NUMBER_DIGITS 15

void secmgr_credential_record_use_wiping_memory(void)
{
	json_set_alloc_funcs(secmgr_wiping_malloc, secmgr_wiping_free);
}

/* The pointers to HA1s stand in the order of the hashes. */
_Static_assert(SECMGR_PROFILE_HA1_MD5 + SECMGR_HASH_MD5 == SECMGR_PROFILE_HA1_MD5
					   && SECMGR_PROFILE_HA1_MD5 + SECMGR_HASH_SHA_256 == SECMGR_PROFILE_HA1_SHA_256
					   && SECMGR_PROFILE_HA1_MD5 + SECMGR_HASH_SHA_512_256 == SECMGR_PROFILE_HA1_SHA_512_256,
		"profile.h and algorithm.h have one order");

struct reading
{
	const struct secmgr_profile *profile;
	const json_t *record;
	struct secmgr_slice username, realm;
	struct secmgr_credential *credential;
	const char **why;
};

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

static struct secmgr_slice pointer_to(const struct reading *reading, enum secmgr_profile_part part)
{
	return secmgr_profile_text(reading->profile, part);
}

static const json_t *value_of(const struct reading *reading, enum secmgr_profile_part part)
{
	struct secmgr_slice pointer = pointer_to(reading, part);

	return secmgr_profile_is_pointer(pointer) ? secmgr_json_pointer_follow(reading->record, pointer) : NULL;
}

/* The value as a word, as its characters or as JSON writes it; false for what is none. */
static bool word_of(const json_t *value, struct secmgr_writer *writer)
{
	json_int_t number = json_integer_value(value);

	switch(json_typeof(value)) {
		case JSON_STRING:
			secmgr_writer_add(writer, text_of(value));
			break;
		case JSON_INTEGER:
			if(number < 0)
				secmgr_writer_add_char(writer, '-');
			secmgr_writer_add_number(writer, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
			break;
		case JSON_TRUE:
		case JSON_FALSE:
			secmgr_writer_add_text(writer, json_is_true(value) ? "true" : "false");
			break;
		case JSON_NULL:
			secmgr_writer_add_text(writer, "null");
			break;
		default:
			return false;
	}
	return !writer->overrun;
}

static bool is_word(const json_t *value, struct secmgr_slice word)
{
	char buffer[SECMGR_PROFILE_TEXT_MAX];
	struct secmgr_writer writer = secmgr_writer_into(buffer, sizeof(buffer));

	return value && word_of(value, &writer) && secmgr_slice_equals(secmgr_writer_text(&writer), word);
}

static bool is_one_of_words(const json_t *value, struct secmgr_slice words)
{
	while(words.at)
		if(is_word(value, secmgr_slice_trim(secmgr_slice_cut(&words, ','))))
			return true;
	return false;
}

static bool says_unknown(const struct reading *reading)
{
	return is_word(value_of(reading, SECMGR_PROFILE_UNKNOWN_IF), pointer_to(reading, SECMGR_PROFILE_UNKNOWN_WORD));
}

static bool echoes(const struct reading *reading, enum secmgr_profile_part part, struct secmgr_slice asked,
		bool (*equals)(struct secmgr_slice, struct secmgr_slice))
{
	const json_t *echoed = value_of(reading, part);

	if(!secmgr_profile_is_pointer(pointer_to(reading, part)))
		return true;
	return json_is_string(echoed) && equals(text_of(echoed), asked);
}

static bool echoes_the_question(const struct reading *reading)
{
	*reading->why = "username is not the one that was asked for";
	if(!echoes(reading, SECMGR_PROFILE_USERNAME, reading->username, secmgr_slice_equals))
		return false;
	*reading->why = "realm is not the one that was asked for";
	return echoes(reading, SECMGR_PROFILE_REALM, reading->realm, secmgr_slice_equals_ignoring_case);
}

static bool read_ha1(const struct reading *reading, enum secmgr_hash hash)
{
	static const char *const faults[SECMGR_HASH_COUNT] = {
			[SECMGR_HASH_MD5] = "the HA1 for MD5 is not 32 hex digits",
			[SECMGR_HASH_SHA_256] = "the HA1 for SHA-256 is not 64 hex digits",
			[SECMGR_HASH_SHA_512_256] = "the HA1 for SHA-512-256 is not 64 hex digits",
	};
	const json_t *ha1 = value_of(reading, (enum secmgr_profile_part)(SECMGR_PROFILE_HA1_MD5 + hash));

	if(!ha1)
		return true;
	*reading->why = faults[hash];
	if(!json_is_string(ha1) || !secmgr_hex_read(text_of(ha1), reading->credential->ha1[hash], secmgr_hash_bytes(hash)))
		return false;
	reading->credential->ha1_present |= (uint8_t)(1u << hash);
	return true;
}

/* Hashes of other names may come one day and are passed over. */
static bool read_ha1s(const struct reading *reading)
{
	for(unsigned hash = 0; hash < SECMGR_HASH_COUNT; hash++)
		if(!read_ha1(reading, (enum secmgr_hash)hash))
			return false;
	*reading->why = "there is no HA1, neither for MD5 nor for SHA-256 nor for SHA-512-256";
	return reading->credential->ha1_present != 0;
}

static bool is_line(const json_t *string)
{
	return json_is_string(string) && json_string_length(string) > 0 && !secmgr_slice_has_control_bytes(text_of(string));
}

static bool hash_password(const struct reading *reading, struct secmgr_slice password)
{
	*reading->why = "libcrypto cannot hash the password";
	for(unsigned hash = 0; hash < SECMGR_HASH_COUNT; hash++) {
		if(!secmgr_digest_ha1((enum secmgr_hash)hash, reading->username, reading->realm, password,
				   reading->credential->ha1[hash]))
			return false;
		reading->credential->ha1_present |= (uint8_t)(1u << hash);
	}
	return true;
}

/* An empty password is one that was never set, and would let everybody in. */
static bool read_password(const struct reading *reading)
{
	const json_t *password = value_of(reading, SECMGR_PROFILE_PASSWORD);

	*reading->why = "there is no password";
	if(!password)
		return false;
	*reading->why = "the password is not text of one line";
	if(!is_line(password))
		return false;
	*reading->why = "the password is longer than 256 bytes";
	return json_string_length(password) <= SECMGR_PASSWORD_MAX && hash_password(reading, text_of(password));
}

static bool read_secret(const struct reading *reading)
{
	return secmgr_profile_is_pointer(pointer_to(reading, SECMGR_PROFILE_PASSWORD)) ? read_password(reading)
																					 : read_ha1s(reading);
}

static bool read_status(const struct reading *reading)
{
	const json_t *status = value_of(reading, SECMGR_PROFILE_STATUS);

	*reading->why = "status is neither active nor suspended";
	if(status && is_one_of_words(status, pointer_to(reading, SECMGR_PROFILE_SUSPENDED)))
		reading->credential->subscriber = SECMGR_SUBSCRIBER_SUSPENDED;
	else if(!status || is_one_of_words(status, pointer_to(reading, SECMGR_PROFILE_ACTIVE)))
		reading->credential->subscriber = SECMGR_SUBSCRIBER_ACTIVE;
	else
		return false;
	return true;
}

static bool read_identities(const struct reading *reading, struct secmgr_writer *writer)
{
	const char **why = reading->why;
	const json_t *identities = value_of(reading, SECMGR_PROFILE_IDENTITIES);

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

static bool read_policy(const struct reading *reading, struct secmgr_slice *policy)
{
	const json_t *name = value_of(reading, SECMGR_PROFILE_POLICY);

	if(!name)
		return true;
	*reading->why = "policy is not text of one line";
	if(!is_line(name))
		return false;
	*policy = text_of(name);
	return true;
}

static bool read_attributes(
		const struct reading *reading, char buffer[SECMGR_CREDENTIAL_TEXT_MAX], struct secmgr_slice *attributes)
{
	const char **why = reading->why;
	const json_t *object = value_of(reading, SECMGR_PROFILE_ATTRIBUTES);
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

static bool read_texts(const struct reading *reading)
{
	char identities[SECMGR_CREDENTIAL_TEXT_MAX], buffer[SECMGR_CREDENTIAL_TEXT_MAX];
	struct secmgr_writer writer = secmgr_writer_into(identities, sizeof(identities));
	struct secmgr_slice policy = {NULL, 0}, attributes = {NULL, 0};

	if(!read_identities(reading, &writer) || !read_policy(reading, &policy)
			|| !read_attributes(reading, buffer, &attributes))
		return false;
	*reading->why = "identities, policy and attributes are together larger than 2048 bytes";
	return secmgr_credential_set_texts(reading->credential, secmgr_writer_text(&writer), policy, attributes);
}

/* Where nothing stands, something else must not stand on the way to it: {"user": null} says nothing of /user/status. */
static bool is_reachable(const struct reading *reading, struct secmgr_slice pointer)
{
	const json_t *parent = NULL;

	if(!secmgr_profile_is_pointer(pointer) || secmgr_json_pointer_follow(reading->record, pointer))
		return true;
	while(!parent && pointer.length > 0)
		if(pointer.at[--pointer.length] == '/')
			parent = secmgr_json_pointer_follow(reading->record, pointer);
	return json_is_object(parent) || json_is_array(parent);
}

static bool has_the_profiles_shape(const struct reading *reading)
{
	*reading->why = "something else stands where the profile has an object";
	for(unsigned part = SECMGR_PROFILE_USERNAME; part <= SECMGR_PROFILE_ATTRIBUTES; part++)
		if(!is_reachable(reading, pointer_to(reading, (enum secmgr_profile_part)part)))
			return false;
	return true;
}

static enum secmgr_record read_record(const struct reading *reading)
{
	*reading->why = "the record is not an object";
	if(!json_is_object(reading->record))
		return SECMGR_RECORD_IS_FAULTY;
	if(says_unknown(reading))
		return SECMGR_RECORD_SAYS_UNKNOWN;
	return has_the_profiles_shape(reading) && echoes_the_question(reading) && read_secret(reading)
						   && read_status(reading) && read_texts(reading)
				   ? SECMGR_RECORD_IS_SOUND
				   : SECMGR_RECORD_IS_FAULTY;
}

/* For a process that does not use the wiping memory. */
static void wipe_secrets(const struct reading *reading)
{
	for(unsigned part = SECMGR_PROFILE_HA1_MD5; part <= SECMGR_PROFILE_PASSWORD; part++) {
		const json_t *secret = value_of(reading, (enum secmgr_profile_part)part);

		if(json_is_string(secret))
			OPENSSL_cleanse((void *)(uintptr_t)json_string_value(secret), json_string_length(secret));
	}
}

enum secmgr_record secmgr_credential_record_read(const struct secmgr_profile *profile, struct secmgr_slice json,
		struct secmgr_slice username, struct secmgr_slice realm, struct secmgr_credential *credential,
		const char **why)
{
	json_t *record = parse(json, why);
	const struct reading reading = {profile, record, username, realm, credential, why};
	enum secmgr_record result = SECMGR_RECORD_IS_FAULTY;

	memset(credential, 0, sizeof(*credential));
	if(record) {
		result = read_record(&reading);
		wipe_secrets(&reading);
	}
	if(result != SECMGR_RECORD_IS_SOUND)
		secmgr_credential_wipe(credential);
	json_decref(record);
	return result;
}
