/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "profile.h"

#include <string.h>

#include "../engine/config.h"
#include "endpoint.h"
#include "json_pointer.h"
#include "template.h"

#define NAME_MAX_BYTES 32
#define SHOWN_MAX_BYTES 32

static const char *const built_in[] = {
		("name=native;url={base}/v1/realms/{realm}/subscribers/{username};username=/username;realm=/realm;"
		"ha1_md5=/ha1/MD5;ha1_sha256=/ha1/SHA-256;ha1_sha512_256=/ha1/SHA-512-256;"
		"status=/status;identities=/identities;policy=/policy;attributes=/attributes"),

		/* TS 29.562 (Nhss_imsUEAU): SIP digest of an IMS private identity. */
		("name=3gpp;url={base}/nhss-ims-ueau/v1/{username}/security-information/generate-sip-auth-data;"
		"body={\"cscfServerName\":\"sip:{realm}\",\"sipAuthenticationScheme\":\"DIGEST-HTTP\"};"
		"username=/impi;realm=/digestAuth/digestRealm;ha1_md5=/digestAuth/ha1;unknown=404"),

		/* AttributeS: an attribute profile adds the password to the event. */
		("name=cgrates;url={base}/jsonrpc;"
		"body={\"id\":1,\"method\":\"AttributeSv1.ProcessEvent\","
		"\"params\":[{\"Tenant\":\"{realm}\",\"Event\":{\"Account\":\"{username}\"}}]};"
		"username=/result/Event/Account;realm=/result/Tenant;password=/result/Event/Password;"
		"unknown=;unknown_if=/error:NOT_FOUND"),

		/* Its answer does not tell whose digest it is. */
		("name=homestead;url={base}/impi/{username}/av/digest;username=unchecked;realm=/digest/realm;"
		"ha1_md5=/digest/ha1;unknown=404"),
};

#define BUILT_IN (sizeof(built_in) / sizeof(built_in[0]))

enum method
{
	METHOD_NOT_GIVEN,
	METHOD_GET,
	METHOD_POST
};

struct reading
{
	struct secmgr_profile *profile;
	struct secmgr_writer words, why;
	enum method method;
	uint32_t seen; /* a bit for each key */
};

struct key
{
	const char *name;
	bool (*read)(struct reading *reading, const struct key *key, struct secmgr_slice value);
	enum secmgr_profile_part part;
	bool is_needed;
};

static bool is_alphanumeric(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
}

static bool is_one_of(char byte, const char *set)
{
	return byte != '\0' && strchr(set, byte);
}

static bool is_made_of(struct secmgr_slice text, bool (*fits)(char byte))
{
	for(size_t i = 0; i < text.length; i++)
		if(!fits(text.at[i]))
			return false;
	return text.length > 0;
}

static bool is_name_byte(char byte)
{
	return is_alphanumeric(byte) || is_one_of(byte, "-._");
}

static bool refuse(struct reading *reading, const char *what, const char *words)
{
	secmgr_writer_add_text(&reading->why, what);
	secmgr_writer_add_char(&reading->why, ' ');
	secmgr_writer_add_text(&reading->why, words);
	return false;
}

/* A value may hold a secret, and a forgotten ";;" can make it look like a key. */
static bool may_be_shown(struct secmgr_slice word)
{
	for(size_t i = 0; i < word.length; i++)
		if(!is_alphanumeric(word.at[i]) && !is_one_of(word.at[i], "_-"))
			return false;
	return word.length > 0 && word.length <= SHOWN_MAX_BYTES;
}

static size_t least_of(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* How many letters have to be changed, added or taken away (Levenshtein), but none where the name only goes on.
 * `word` may be shown. */
static size_t distance(struct secmgr_slice word, const char *name)
{
	size_t row[SHOWN_MAX_BYTES + 1];

	if(strncmp(word.at, name, word.length) == 0)
		return 0;
	for(size_t i = 0; i <= word.length; i++)
		row[i] = i;
	for(; *name; name++) {
		size_t diagonal = row[0]++;

		for(size_t i = 1; i <= word.length; i++) {
			size_t above = row[i];

			row[i] = least_of(row[i - 1] + 1, above + 1, diagonal + (word.at[i - 1] != *name));
			diagonal = above;
		}
	}
	return row[word.length];
}

/* "there is no key "usernme": did you mean username?" */
static bool refuse_word(struct reading *reading, const char *what, struct secmgr_slice word,
		const char *(*name_of)(size_t index))
{
	const char *nearest = name_of(0);

	for(size_t i = 1; may_be_shown(word) && name_of(i); i++)
		if(distance(word, name_of(i)) < distance(word, nearest))
			nearest = name_of(i);
	if(!may_be_shown(word))
		return refuse(reading, "it", "has a part that is no key=value: write ;; for a ';' within a value");
	secmgr_writer_add_text(&reading->why, what);
	secmgr_writer_add_text(&reading->why, " \"");
	secmgr_writer_add(&reading->why, word);
	secmgr_writer_add_text(&reading->why, "\" is unknown: did you mean ");
	secmgr_writer_add_text(&reading->why, nearest);
	secmgr_writer_add_char(&reading->why, '?');
	return false;
}

static void set(struct reading *reading, unsigned part, struct secmgr_slice value)
{
	reading->profile->parts[part].offset = (uint16_t)(value.at - reading->profile->words);
	reading->profile->parts[part].length = (uint16_t)value.length;
}

static bool is_name(struct secmgr_slice text)
{
	return text.length <= NAME_MAX_BYTES && is_made_of(text, is_name_byte);
}

static bool read_name(struct reading *reading, const struct key *key, struct secmgr_slice value)
{
	if(!is_name(value))
		return refuse(reading, key->name, "must be 1 to 32 letters, digits, '-', '.' and '_'");
	set(reading, key->part, value);
	return true;
}

static bool read_method(struct reading *reading, const struct key *key, struct secmgr_slice value)
{
	if(secmgr_slice_equals(value, SECMGR_SLICE("GET")))
		reading->method = METHOD_GET;
	else if(secmgr_slice_equals(value, SECMGR_SLICE("POST")))
		reading->method = METHOD_POST;
	else
		return refuse(reading, key->name, "must be GET or POST");
	return true;
}

static const char *name_of_placeholder(size_t index)
{
	return secmgr_template_placeholders[index];
}

static bool read_template(
		struct reading *reading, const struct key *key, struct secmgr_slice value, enum secmgr_template kind)
{
	struct secmgr_slice unknown;
	const char *why;

	if(secmgr_template_check(kind, value, &unknown, &why))
		return true;
	if(unknown.length > 0 && may_be_shown(unknown))
		return refuse_word(reading, "the placeholder", unknown, name_of_placeholder);
	return refuse(reading, key->name, why);
}

static bool read_url_template(struct reading *reading, const struct key *key, struct secmgr_slice value)
{
	set(reading, key->part, value);
	return read_template(reading, key, value, SECMGR_TEMPLATE_URL);
}

static bool read_body(struct reading *reading, const struct key *key, struct secmgr_slice value)
{
	set(reading, key->part, value);
	return read_template(reading, key, value, SECMGR_TEMPLATE_JSON);
}

static bool is_token_byte(char byte)
{
	return is_alphanumeric(byte) || is_one_of(byte, "!#$%&'*+-.^_`|~");
}

/* What says how the message is sent is the HTTP client's, and the token is in a file of its own. */
static bool is_ours(struct secmgr_slice field)
{
	static const char *const ours[] = {"Accept-Encoding", "Authorization", "Connection", "Content-Encoding",
			"Content-Length", "Expect", "Host", "If-Modified-Since", "If-None-Match", "Keep-Alive",
			"Proxy-Authorization", "Range", "TE", "Trailer", "Transfer-Encoding", "Upgrade"};

	for(size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if(secmgr_slice_equals_ignoring_case(field, secmgr_slice_of(ours[i])))
			return true;
	return false;
}

static bool read_header(struct reading *reading, const struct key *key, struct secmgr_slice value)
{
	struct secmgr_slice rest = value, name = secmgr_slice_cut(&rest, ':');

	if(!is_made_of(name, is_token_byte) || rest.length < 2 || rest.at[0] != ' ')
		return refuse(reading, key->name, "must be \"Name: value\"");
	if(is_ours(name))
		return refuse(reading, key->name, "is one that the HTTP client sets (for a token there is service_token_file)");
	if(reading->profile->headers == SECMGR_PROFILE_HEADERS_MAX)
		return refuse(reading, key->name, "is there more than 8 times");
	set(reading, SECMGR_PROFILE_HEADER + reading->profile->headers++, value);
	return read_template(reading, key, value, SECMGR_TEMPLATE_FIELD);
}

static bool read_pointer(struct reading *reading, const struct key *key, struct secmgr_slice value)
{
	if(value.length == 0 || !secmgr_json_pointer_is_sound(value))
		return refuse(reading, key->name, "must be a JSON pointer, as in /user/name (RFC 6901), of at most 256 bytes");
	set(reading, key->part, value);
	return true;
}

static bool read_echo(struct reading *reading, const struct key *key, struct secmgr_slice value)
{
	if(!secmgr_slice_equals(value, SECMGR_SLICE("unchecked")))
		return read_pointer(reading, key, value);
	set(reading, key->part, value);
	return true;
}

static bool read_words(struct reading *reading, const struct key *key, struct secmgr_slice value)
{
	if(value.length == 0)
		return refuse(reading, key->name, "must be a word, or several with commas between them");
	set(reading, key->part, value);
	return true;
}

/* A pointer, a colon and a word: the pointer ends at the first colon. */
static bool read_unknown_if(struct reading *reading, const struct key *key, struct secmgr_slice value)
{
	struct secmgr_slice word = value, pointer = secmgr_slice_cut(&word, ':');

	if(word.length == 0)
		return refuse(reading, key->name, "must be a JSON pointer, a colon and a word, as in /error:NOT_FOUND");
	set(reading, SECMGR_PROFILE_UNKNOWN_WORD, word);
	return read_pointer(reading, key, pointer);
}

static bool includes(const struct secmgr_profile_statuses *statuses, long status)
{
	for(size_t i = 0; i < statuses->count; i++)
		if(statuses->status[i] == status)
			return true;
	return false;
}

static bool read_statuses(
		struct secmgr_slice list, struct secmgr_profile_statuses *statuses, bool (*fits)(uint32_t status))
{
	uint32_t status;

	statuses->count = 0;
	while(list.length > 0) {
		if(statuses->count == SECMGR_PROFILE_STATUSES_MAX
				|| !secmgr_slice_to_number(secmgr_slice_trim(secmgr_slice_cut(&list, ',')), &status) || !fits(status)
				|| includes(statuses, (long)status))
			return false;
		statuses->status[statuses->count++] = (uint16_t)status;
	}
	return true;
}

/* 204 to 206 have no body, or not all of it. */
static bool may_have_a_record(uint32_t status)
{
	return status >= 200 && status <= 299 && (status < 204 || status > 206);
}

/* Never what tells of the service itself: it would make an outage look like a subscriber who is gone. */
static bool may_mean_unknown(uint32_t status)
{
	return (status >= 200 && status <= 299)
		   || (status >= 400 && status <= 499 && status != 401 && status != 407 && status != 408 && status != 429);
}

static bool read_known(struct reading *reading, const struct key *key, struct secmgr_slice value)
{
	return (read_statuses(value, &reading->profile->known, may_have_a_record) && value.length > 0)
		   || refuse(reading, key->name, "must be a list of statuses with a body: 200 to 299, but not 204 to 206");
}

static bool read_unknown(struct reading *reading, const struct key *key, struct secmgr_slice value)
{
	return read_statuses(value, &reading->profile->unknown, may_mean_unknown)
		   || refuse(reading, key->name,
				   "must be a list of statuses: 200 to 299, and 400 to 499 but 401, 407, 408 and 429");
}

static const struct key keys[] = {
		{"name", read_name, SECMGR_PROFILE_NAME, true},
		{"method", read_method, SECMGR_PROFILE_PARTS, false},
		{"url", read_url_template, SECMGR_PROFILE_URL, true},
		{"header", read_header, SECMGR_PROFILE_HEADER, false},
		{"body", read_body, SECMGR_PROFILE_BODY, false},
		{"known", read_known, SECMGR_PROFILE_PARTS, false},
		{"unknown", read_unknown, SECMGR_PROFILE_PARTS, false},
		{"unknown_if", read_unknown_if, SECMGR_PROFILE_UNKNOWN_IF, false},
		{"username", read_echo, SECMGR_PROFILE_USERNAME, true},
		{"realm", read_echo, SECMGR_PROFILE_REALM, true},
		{"ha1_md5", read_pointer, SECMGR_PROFILE_HA1_MD5, false},
		{"ha1_sha256", read_pointer, SECMGR_PROFILE_HA1_SHA_256, false},
		{"ha1_sha512_256", read_pointer, SECMGR_PROFILE_HA1_SHA_512_256, false},
		{"password", read_pointer, SECMGR_PROFILE_PASSWORD, false},
		{"status", read_pointer, SECMGR_PROFILE_STATUS, false},
		{"active", read_words, SECMGR_PROFILE_ACTIVE, false},
		{"suspended", read_words, SECMGR_PROFILE_SUSPENDED, false},
		{"identities", read_pointer, SECMGR_PROFILE_IDENTITIES, false},
		{"policy", read_pointer, SECMGR_PROFILE_POLICY, false},
		{"attributes", read_pointer, SECMGR_PROFILE_ATTRIBUTES, false},
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

static const char *name_of_key(size_t index)
{
	return index < KEYS ? keys[index].name : NULL;
}

static const struct key *find_key(struct secmgr_slice name)
{
	for(size_t i = 0; i < KEYS; i++)
		if(secmgr_slice_equals(name, secmgr_slice_of(keys[i].name)))
			return &keys[i];
	return NULL;
}

/* Behind a ';' another one: both are one within the value. */
static bool takes_semicolon(struct secmgr_slice *rest, struct secmgr_writer *words)
{
	if(rest->length == 0 || rest->at[0] != ';')
		return false;
	rest->at++;
	rest->length--;
	secmgr_writer_add_char(words, ';');
	return true;
}

/* The text up to a ';' that is not doubled; doubled ones are written as one. */
static struct secmgr_slice take_part(struct secmgr_slice *rest, struct secmgr_writer *words)
{
	size_t start = words->length;
	struct secmgr_slice part;

	do {
		struct secmgr_slice next = secmgr_slice_cut(rest, ';');

		secmgr_writer_add(words, next);
	} while(takes_semicolon(rest, words));
	part = (struct secmgr_slice){words->at + start, words->length - start};
	return secmgr_slice_trim(part);
}

static bool read_part(struct reading *reading, struct secmgr_slice part)
{
	struct secmgr_slice value = part, name = secmgr_slice_trim(secmgr_slice_cut(&value, '='));
	const struct key *key = find_key(name);
	uint32_t bit;

	if(!value.at)
		return refuse(reading, "it", "has a part that is no key=value: write ;; for a ';' within a value");
	if(!key)
		return refuse_word(reading, "the key", name, name_of_key);
	bit = UINT32_C(1) << (key - keys);
	if(reading->seen & bit && key->read != read_header)
		return refuse(reading, key->name, "is there twice");
	reading->seen |= bit;
	return key->read(reading, key, secmgr_slice_trim(value));
}

static bool read_parts(struct reading *reading, struct secmgr_slice text)
{
	if(secmgr_slice_has_control_bytes(text))
		return refuse(reading, "it", "has control bytes: write it in one line");
	do {
		struct secmgr_slice part = take_part(&text, &reading->words);

		if(reading->words.overrun)
			return refuse(reading, "it", "is longer than 4096 bytes");
		if(!read_part(reading, part))
			return false;
	} while(text.at);
	return true;
}

static bool has_part(const struct reading *reading, enum secmgr_profile_part part)
{
	return reading->profile->parts[part].length > 0;
}

static bool has_what_it_needs(struct reading *reading)
{
	for(size_t i = 0; i < KEYS; i++)
		if(keys[i].is_needed && !has_part(reading, keys[i].part))
			return refuse(reading, keys[i].name,
					keys[i].read == read_echo ? "is missing: write a JSON pointer, or unchecked where no answer has it"
											  : "is missing");
	return true;
}

/* Two sources could disagree, and then two passwords would be right. */
static bool has_one_kind_of_secret(struct reading *reading)
{
	bool ha1 = has_part(reading, SECMGR_PROFILE_HA1_MD5) || has_part(reading, SECMGR_PROFILE_HA1_SHA_256)
			   || has_part(reading, SECMGR_PROFILE_HA1_SHA_512_256);

	if(ha1 && has_part(reading, SECMGR_PROFILE_PASSWORD))
		return refuse(reading, "password", "and ha1_... exclude each other: leave one out");
	return ha1 || has_part(reading, SECMGR_PROFILE_PASSWORD)
		   || refuse(reading, "it", "has no ha1_md5, ha1_sha256, ha1_sha512_256 or password: write where one is");
}

static bool covers(struct secmgr_slice pointer, struct secmgr_slice other)
{
	return pointer.length > 0 && other.length >= pointer.length
		   && secmgr_slice_equals((struct secmgr_slice){other.at, pointer.length}, pointer)
		   && (other.length == pointer.length || other.at[pointer.length] == '/');
}

/* What scripts and RPC may show must not hold a secret. A JSON pointer has one spelling, so texts can be compared. */
static bool keeps_its_secrets(struct reading *reading)
{
	for(size_t key = 0; key < KEYS; key++) {
		enum secmgr_profile_part shown = keys[key].part;

		if(shown != SECMGR_PROFILE_IDENTITIES && shown != SECMGR_PROFILE_POLICY && shown != SECMGR_PROFILE_ATTRIBUTES)
			continue;
		for(unsigned secret = SECMGR_PROFILE_HA1_MD5; secret <= SECMGR_PROFILE_PASSWORD; secret++)
			if(covers(secmgr_profile_text(reading->profile, shown),
					   secmgr_profile_text(reading->profile, (enum secmgr_profile_part)secret)))
				return refuse(reading, keys[key].name, "holds the secret: write a pointer beside it");
	}
	return true;
}

static bool agrees_with_itself(struct reading *reading)
{
	bool has_body = has_part(reading, SECMGR_PROFILE_BODY);
	struct secmgr_profile *profile = reading->profile;

	if(reading->method != METHOD_NOT_GIVEN && has_body != (reading->method == METHOD_POST))
		return refuse(reading, "method", "does not fit: POST has a body, GET has none");
	if((has_part(reading, SECMGR_PROFILE_ACTIVE) || has_part(reading, SECMGR_PROFILE_SUSPENDED))
			&& !has_part(reading, SECMGR_PROFILE_STATUS))
		return refuse(reading, "status", "is missing: active and suspended are its words");
	if(profile->unknown.count == 0 && !has_part(reading, SECMGR_PROFILE_UNKNOWN_IF))
		return refuse(reading, "unknown", "is empty: write statuses, or unknown_if");
	for(size_t i = 0; i < profile->known.count; i++)
		if(includes(&profile->unknown, profile->known.status[i]))
			return refuse(reading, "unknown", "has a status that is known, too");
	return true;
}

static size_t longest(const struct secmgr_profile *profile, enum secmgr_template kind, unsigned part)
{
	return secmgr_template_longest(kind, secmgr_profile_text(profile, (enum secmgr_profile_part)part)) + 1;
}

/* So that every question about names within their bounds fits. */
static bool fits_its_buffers(struct reading *reading)
{
	const struct secmgr_profile *profile = reading->profile;
	size_t headers = 0;

	for(unsigned i = 0; i < profile->headers; i++)
		headers += longest(profile, SECMGR_TEMPLATE_FIELD, SECMGR_PROFILE_HEADER + i);
	if(SECMGR_ENDPOINT_BASE_MAX + longest(profile, SECMGR_TEMPLATE_URL, SECMGR_PROFILE_URL) > SECMGR_SERVICE_URL_MAX)
		return refuse(reading, "url", "may become too long: write each placeholder once");
	if(longest(profile, SECMGR_TEMPLATE_JSON, SECMGR_PROFILE_BODY) > SECMGR_PROFILE_BODY_MAX)
		return refuse(reading, "body", "may become too long: write each placeholder once");
	return headers <= SECMGR_PROFILE_HEADERS_BYTES_MAX || refuse(reading, "header", "fields may become too long");
}

static bool read_text(struct reading *reading, struct secmgr_slice text)
{
	return read_parts(reading, text) && has_what_it_needs(reading) && has_one_kind_of_secret(reading)
		   && keeps_its_secrets(reading) && agrees_with_itself(reading) && fits_its_buffers(reading);
}

/* "name=native;..." */
static struct secmgr_slice name_of_built_in(size_t index)
{
	struct secmgr_slice text = secmgr_slice_of(built_in[index]);

	(void)secmgr_slice_cut(&text, '=');
	return secmgr_slice_cut(&text, ';');
}

static bool read_built_in(struct reading *reading, struct secmgr_slice name)
{
	for(size_t i = 0; i < BUILT_IN; i++)
		if(secmgr_slice_equals(name, name_of_built_in(i)))
			return read_text(reading, secmgr_slice_of(built_in[i]));
	return refuse(reading, "it",
			"is no built-in profile: write native, 3gpp, cgrates, homestead, or one of your own (name=...;url=...)");
}

bool secmgr_profile_read(struct secmgr_slice text, struct secmgr_profile *profile, char why[SECMGR_PROFILE_WHY_MAX])
{
	struct reading reading = {.profile = profile,
			.words = secmgr_writer_into(profile->words, sizeof(profile->words)),
			.why = secmgr_writer_into(why, SECMGR_PROFILE_WHY_MAX - 1)};
	bool sound;

	memset(profile, 0, sizeof(*profile));
	profile->known = (struct secmgr_profile_statuses){1, {200}};
	profile->unknown = (struct secmgr_profile_statuses){2, {404, 410}};
	sound = is_name(text) ? read_built_in(&reading, text) : read_text(&reading, text);
	why[reading.why.length] = '\0';
	return sound;
}

struct secmgr_slice secmgr_profile_text(const struct secmgr_profile *profile, enum secmgr_profile_part part)
{
	if(profile->parts[part].length == 0 && part == SECMGR_PROFILE_ACTIVE)
		return SECMGR_SLICE("active");
	if(profile->parts[part].length == 0 && part == SECMGR_PROFILE_SUSPENDED)
		return SECMGR_SLICE("suspended");
	return (struct secmgr_slice){profile->words + profile->parts[part].offset, profile->parts[part].length};
}

bool secmgr_profile_is_pointer(struct secmgr_slice text)
{
	return text.length > 0 && text.at[0] == '/';
}

static bool write_text(const struct secmgr_profile *profile, unsigned part, enum secmgr_template kind,
		const struct secmgr_template_values *values, struct secmgr_writer *writer)
{
	bool written = secmgr_template_write(
			kind, secmgr_profile_text(profile, (enum secmgr_profile_part)part), values, writer);

	secmgr_writer_add_char(writer, '\0');
	return written && !writer->overrun;
}

static bool write_url(const struct secmgr_profile *profile, const struct secmgr_template_values *values,
		char url[SECMGR_SERVICE_URL_MAX])
{
	struct secmgr_writer writer = secmgr_writer_into(url, SECMGR_SERVICE_URL_MAX);

	return write_text(profile, SECMGR_PROFILE_URL, SECMGR_TEMPLATE_URL, values, &writer);
}

static bool write_body(const struct secmgr_profile *profile, const struct secmgr_template_values *values,
		struct secmgr_profile_question *question)
{
	struct secmgr_writer writer = secmgr_writer_into(question->body_text, sizeof(question->body_text));

	question->body = profile->parts[SECMGR_PROFILE_BODY].length > 0 ? question->body_text : NULL;
	return !question->body || write_text(profile, SECMGR_PROFILE_BODY, SECMGR_TEMPLATE_JSON, values, &writer);
}

static bool write_fields(const struct secmgr_profile *profile, const struct secmgr_template_values *values,
		struct secmgr_profile_question *question)
{
	struct secmgr_writer writer = secmgr_writer_into(question->fields_text, sizeof(question->fields_text));

	for(unsigned i = 0; i < profile->headers; i++) {
		question->fields[i] = question->fields_text + writer.length;
		if(!write_text(profile, SECMGR_PROFILE_HEADER + i, SECMGR_TEMPLATE_FIELD, values, &writer))
			return false;
	}
	question->fields[profile->headers] = NULL;
	return true;
}

static bool is_within(struct secmgr_slice name, size_t most)
{
	return name.length > 0 && name.length <= most;
}

bool secmgr_profile_ask(const struct secmgr_profile *profile, struct secmgr_slice base, struct secmgr_slice realm,
		struct secmgr_slice username, struct secmgr_profile_question *question)
{
	const struct secmgr_template_values values = {base, realm, username};

	return is_within(realm, SECMGR_REALM_MAX) && is_within(username, SECMGR_USERNAME_MAX)
		   && write_url(profile, &values, question->url) && write_body(profile, &values, question)
		   && write_fields(profile, &values, question);
}

enum secmgr_profile_meaning secmgr_profile_judge(const struct secmgr_profile *profile, long http_status)
{
	if(includes(&profile->unknown, http_status))
		return SECMGR_PROFILE_MEANS_UNKNOWN;
	return includes(&profile->known, http_status) ? SECMGR_PROFILE_MEANS_RECORD : SECMGR_PROFILE_MEANS_FAULT;
}
