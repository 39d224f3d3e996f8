/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two passes: the first takes the text apart into parameters and knows no digest, so that the realm is told even where
 * a value is wrong; the second judges the values.
 */
#include "digest_credentials.h"

#include <string.h>

enum parameter
{
	USERNAME,
	USERNAME_EXTENDED,
	REALM,
	NONCE,
	URI,
	RESPONSE,
	ALGORITHM,
	CNONCE,
	OPAQUE,
	QOP,
	NC,
	USERHASH,
	PARAMETER_COUNT
};

enum form
{
	QUOTED,
	TOKEN,
	TOKEN_MAYBE_QUOTED
};

struct parameter_rule
{
	struct secmgr_slice name;
	enum form form;
	size_t length_max; /* of the decoded value */
	const char *missing, *twice, *wrong_form, *too_long;
};

#define RULE(text, form, length_max)                                                            \
	{                                                                                           \
		{text, sizeof(text) - 1}, form, length_max, text " is missing", text " is there twice", \
				text " is not in the form it must have", text " is too long"                    \
	}

#define UNBOUNDED SECMGR_CREDENTIALS_HEADER_MAX /* the header field's own bound holds */

static const struct parameter_rule rules[PARAMETER_COUNT] = {
		[USERNAME] = RULE("username", QUOTED, SECMGR_USERNAME_MAX),
		[USERNAME_EXTENDED] = RULE("username*", TOKEN, SECMGR_USERNAME_MAX),
		[REALM] = RULE("realm", QUOTED, SECMGR_REALM_MAX),
		[NONCE] = RULE("nonce", QUOTED, UNBOUNDED),
		[URI] = RULE("uri", QUOTED, SECMGR_DIGEST_URI_MAX),
		[RESPONSE] = RULE("response", QUOTED, UNBOUNDED),
		[ALGORITHM] = RULE("algorithm", TOKEN_MAYBE_QUOTED, UNBOUNDED),
		[CNONCE] = RULE("cnonce", QUOTED, SECMGR_CNONCE_MAX),
		[OPAQUE] = RULE("opaque", QUOTED, UNBOUNDED),
		[QOP] = RULE("qop", TOKEN_MAYBE_QUOTED, UNBOUNDED),
		[NC] = RULE("nc", TOKEN, UNBOUNDED),
		[USERHASH] = RULE("userhash", TOKEN, UNBOUNDED),
};

struct value
{
	struct secmgr_slice text; /* as it stands there, without its quotes */
	bool quoted;
	bool has_quoted_pairs;
	unsigned times;
};

struct parameters
{
	struct value values[PARAMETER_COUNT];
	struct secmgr_slice names[SECMGR_CREDENTIALS_PARAMETERS_MAX];
	size_t count;
};

/* The first fault is the one that is told. */
static bool fail(const char **why, const char *fault)
{
	if(!*why)
		*why = fault;
	return false;
}

/* The characters: RFC 3261 section 25.1, RFC 8187 section 3.2.1. */

static bool is_alphanumeric(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
}

static bool is_one_of(char byte, const char *set)
{
	return byte != '\0' && strchr(set, byte) != NULL;
}

static bool is_token_char(char byte)
{
	return is_alphanumeric(byte) || is_one_of(byte, "-.!%*_+`'~");
}

static bool is_extended_value_char(char byte)
{
	return is_alphanumeric(byte) || is_one_of(byte, "!#$&+-.^_`|~'%");
}

static bool is_attribute_char(char byte)
{
	return is_extended_value_char(byte) && byte != '\'' && byte != '%';
}

static bool is_language_char(char byte)
{
	return is_alphanumeric(byte) || byte == '-';
}

static bool consists_of(struct secmgr_slice text, bool (*is_right)(char))
{
	for(size_t i = 0; i < text.length; i++)
		if(!is_right(text.at[i]))
			return false;
	return true;
}

/* How long the UTF-8 sequence at the start of `text` is; 0 when there is none: overlong forms, surrogates and what lies
 * above U+10FFFF would give one name two spellings (RFC 3629 section 3). */
static size_t utf8_sequence(struct secmgr_slice text)
{
	const unsigned char *at = (const unsigned char *)text.at;
	size_t length = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : at[0] < 0xf5 ? 4 : 0;

	if(length > text.length)
		return 0;
	for(size_t i = 1; i < length; i++)
		if((at[i] & 0xc0) != 0x80)
			return 0;
	if((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f))
		return 0;
	if((at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return length;
}

static bool is_utf8(struct secmgr_slice text)
{
	while(text.length > 0) {
		size_t length = utf8_sequence(text);

		if(length == 0)
			return false;
		text.at += length;
		text.length -= length;
	}
	return true;
}

/* The first pass. */

static void advance(struct secmgr_slice *rest, size_t count)
{
	rest->at += count;
	rest->length -= count;
}

static bool next_is(const struct secmgr_slice *rest, char byte)
{
	return rest->length > 0 && rest->at[0] == byte;
}

static bool skip_blanks(struct secmgr_slice *rest)
{
	size_t before = rest->length;

	while(next_is(rest, ' ') || next_is(rest, '\t'))
		advance(rest, 1);
	return rest->length < before;
}

/* LWS: blanks with at most one line end among them, and never at their end (RFC 3261 section 25.1). */
static bool skip_white_space(struct secmgr_slice *rest)
{
	bool skipped = skip_blanks(rest);
	struct secmgr_slice fold = *rest;

	if(fold.length < 2 || fold.at[0] != '\r' || fold.at[1] != '\n')
		return skipped;
	advance(&fold, 2);
	if(!skip_blanks(&fold))
		return skipped;
	*rest = fold;
	return true;
}

static struct secmgr_slice take(struct secmgr_slice *rest, bool (*is_part)(char))
{
	struct secmgr_slice taken = {rest->at, 0};

	while(rest->length > 0 && is_part(rest->at[0])) {
		advance(rest, 1);
		taken.length++;
	}
	return taken;
}

/* Where the quoted string whose first quote has been taken ends: at its closing quote. RFC 3261 would let control bytes
 * and folds in: nobody's name has them, and in a log or a URL they are an attack. */
static bool take_quoted(struct secmgr_slice *rest, struct value *value, const char **why)
{
	value->quoted = true;
	value->text = (struct secmgr_slice){rest->at, 0};
	while(!next_is(rest, '"')) {
		size_t length = next_is(rest, '\\') ? 2 : 1;

		if(rest->length < length)
			return fail(why, "a quoted string does not end");
		if(secmgr_slice_has_control_bytes((struct secmgr_slice){rest->at, length}))
			return fail(why, "a quoted string has a control byte");
		if(length == 2 && (unsigned char)rest->at[1] >= 0x80)
			return fail(why, "a backslash stands before a byte that is not ASCII");
		value->has_quoted_pairs |= length == 2;
		value->text.length += length;
		advance(rest, length);
	}
	advance(rest, 1);
	return is_utf8(value->text) || fail(why, "a quoted string is not UTF-8");
}

static enum parameter parameter_named(struct secmgr_slice name)
{
	unsigned i = 0;

	while(i < PARAMETER_COUNT && !secmgr_slice_equals_ignoring_case(name, rules[i].name))
		i++;
	return (enum parameter)i;
}

/* A duplicate is a fault but not the end: what comes later may still tell whose the field is. */
static bool note(struct parameters *parameters, struct secmgr_slice name, const struct value *value, const char **why)
{
	enum parameter parameter = parameter_named(name);

	for(size_t i = 0; i < parameters->count; i++)
		if(secmgr_slice_equals_ignoring_case(name, parameters->names[i]))
			fail(why, parameter < PARAMETER_COUNT ? rules[parameter].twice : "a parameter is there twice");
	if(parameters->count == SECMGR_CREDENTIALS_PARAMETERS_MAX)
		return fail(why, "there are too many parameters");
	parameters->names[parameters->count++] = name;
	if(parameter < PARAMETER_COUNT) {
		unsigned times = parameters->values[parameter].times;

		parameters->values[parameter] = *value;
		parameters->values[parameter].times = times + 1;
	}
	return true;
}

static bool take_parameter(struct secmgr_slice *rest, struct parameters *parameters, const char **why)
{
	struct secmgr_slice name = take(rest, is_token_char);
	bool extended = secmgr_slice_equals_ignoring_case(name, rules[USERNAME_EXTENDED].name);
	struct value value = {.quoted = false};

	if(name.length == 0)
		return fail(why, "a parameter has no name");
	skip_white_space(rest);
	if(!next_is(rest, '='))
		return fail(why, "a parameter has no value");
	advance(rest, 1);
	skip_white_space(rest);
	if(next_is(rest, '"')) {
		advance(rest, 1);
		if(!take_quoted(rest, &value, why))
			return false;
	} else {
		value.text = take(rest, extended ? is_extended_value_char : is_token_char);
		if(value.text.length == 0)
			return fail(why, "a parameter has no value");
	}
	skip_white_space(rest);
	return note(parameters, name, &value, why);
}

static void take_parameters(struct secmgr_slice rest, struct parameters *parameters, const char **why)
{
	while(take_parameter(&rest, parameters, why)) {
		if(rest.length == 0)
			return;
		if(!next_is(&rest, ',')) {
			fail(why, "something stands between a value and the next comma");
			return;
		}
		advance(&rest, 1);
		skip_white_space(&rest);
	}
}

/* The second pass. */

/* `decoded` is as large as a whole header field may be, and decoding never makes longer: everything fits. */
static struct secmgr_writer write_decoded(struct secmgr_digest_credentials *credentials)
{
	return secmgr_writer_into(credentials->decoded + credentials->decoded_length,
			sizeof(credentials->decoded) - credentials->decoded_length);
}

static struct secmgr_slice keep_decoded(
		struct secmgr_digest_credentials *credentials, const struct secmgr_writer *writer)
{
	credentials->decoded_length += writer->length;
	return secmgr_writer_text(writer);
}

static struct secmgr_slice unquote(struct secmgr_digest_credentials *credentials, const struct value *value)
{
	struct secmgr_writer writer = write_decoded(credentials);

	if(!value->has_quoted_pairs)
		return value->text;
	for(size_t i = 0; i < value->text.length; i++) {
		if(value->text.at[i] == '\\')
			i++;
		secmgr_writer_add_char(&writer, value->text.at[i]);
	}
	return keep_decoded(credentials, &writer);
}

static bool has_the_form(const struct value *value, enum form form)
{
	switch(form) {
		case QUOTED:
			return value->quoted;
		case TOKEN:
			return !value->quoted;
		case TOKEN_MAYBE_QUOTED:
			break;
	}
	return value->text.length > 0 && consists_of(value->text, is_token_char);
}

/* Before anything else is judged, and whatever was found wrong by now: it tells whose fault it is. */
static void read_realm(struct secmgr_digest_credentials *credentials, const struct value *value, const char **why)
{
	struct secmgr_slice realm;

	if(value->times != 1 || !value->quoted)
		return;
	realm = unquote(credentials, value);
	if(realm.length <= rules[REALM].length_max)
		credentials->realm = realm;
	else
		fail(why, rules[REALM].too_long);
}

static bool read_quoted(struct secmgr_digest_credentials *credentials, const struct parameters *parameters,
		enum parameter parameter, struct secmgr_slice *text, const char **why)
{
	*text = unquote(credentials, &parameters->values[parameter]);
	return text->length <= rules[parameter].length_max || fail(why, rules[parameter].too_long);
}

static bool percent_decode(struct secmgr_slice text, struct secmgr_writer *writer)
{
	while(text.length > 0) {
		uint8_t byte = (uint8_t)text.at[0];
		size_t length = byte == '%' ? 3 : 1;

		if(length > text.length || (length == 1 && !is_attribute_char(text.at[0])))
			return false;
		if(length == 3 && !secmgr_hex_read((struct secmgr_slice){text.at + 1, 2}, &byte, 1))
			return false;
		secmgr_writer_add_char(writer, (char)byte);
		advance(&text, length);
	}
	return true;
}

/* UTF-8'language'percent-encoded (RFC 8187 section 3.2). What it decodes to is held to the same as a quoted string. */
static bool read_username_extended(
		struct secmgr_digest_credentials *credentials, struct secmgr_slice text, const char **why)
{
	struct secmgr_slice charset = secmgr_slice_cut(&text, '\'');
	struct secmgr_slice language = secmgr_slice_cut(&text, '\'');
	struct secmgr_writer writer = write_decoded(credentials);
	struct secmgr_slice username;

	if(!secmgr_slice_equals_ignoring_case(charset, SECMGR_SLICE("UTF-8")) || !text.at
			|| !consists_of(language, is_language_char) || !percent_decode(text, &writer))
		return fail(why, "username* is not UTF-8'language'value");
	username = keep_decoded(credentials, &writer);
	if(secmgr_slice_has_control_bytes(username) || !is_utf8(username))
		return fail(why, "username* has a control byte or is not UTF-8");
	credentials->username = username;
	return username.length <= rules[USERNAME_EXTENDED].length_max || fail(why, rules[USERNAME_EXTENDED].too_long);
}

static bool read_username(
		struct secmgr_digest_credentials *credentials, const struct parameters *parameters, const char **why)
{
	const struct value *extended = &parameters->values[USERNAME_EXTENDED];

	if(extended->times == 0)
		return read_quoted(credentials, parameters, USERNAME, &credentials->username, why);
	if(parameters->values[USERNAME].times > 0)
		return fail(why, "username and username* are both there");
	return read_username_extended(credentials, extended->text, why);
}

static bool read_texts(
		struct secmgr_digest_credentials *credentials, const struct parameters *parameters, const char **why)
{
	return read_username(credentials, parameters, why)
		   && read_quoted(credentials, parameters, NONCE, &credentials->nonce, why)
		   && read_quoted(credentials, parameters, URI, &credentials->uri, why)
		   && read_quoted(credentials, parameters, CNONCE, &credentials->cnonce, why);
}

static bool require_texts(const struct secmgr_digest_credentials *credentials, const char **why)
{
	if(credentials->username.length == 0)
		return fail(why, rules[USERNAME].missing);
	if(credentials->nonce.length == 0)
		return fail(why, rules[NONCE].missing);
	return credentials->uri.length > 0 || fail(why, rules[URI].missing);
}

static void read_algorithm(struct secmgr_digest_credentials *credentials, const struct value *value)
{
	credentials->algorithm_name = value->text;
	credentials->algorithm = SECMGR_ALGORITHM_MD5; /* RFC 7616 section 3.3: what an absent one means */
	credentials->algorithm_known = value->times == 0 || secmgr_algorithm_find(value->text, &credentials->algorithm);
}

static bool read_response(struct secmgr_digest_credentials *credentials, const struct value *value, const char **why)
{
	size_t bytes = value->text.length / 2;
	bool right_length = credentials->algorithm_known
								? bytes == secmgr_hash_bytes(secmgr_algorithm_hash(credentials->algorithm))
								: bytes == 16 || bytes == 32;

	if(value->text.length == 0)
		return fail(why, rules[RESPONSE].missing);
	if(!right_length || !secmgr_hex_read(value->text, credentials->response, bytes))
		return fail(why, "response is not hex of its algorithm's length");
	credentials->response_length = bytes;
	return true;
}

static bool read_nc(struct secmgr_digest_credentials *credentials, struct secmgr_slice text, const char **why)
{
	uint8_t bytes[4];

	if(!secmgr_hex_read(text, bytes, sizeof(bytes)))
		return fail(why, "nc is not eight hex digits");
	credentials->nc = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
	credentials->nc_text = text;
	return credentials->nc > 0 || fail(why, "nc is 0");
}

/* The word is taken as it is written: it goes into the digest, and who spells it otherwise digests otherwise. */
static void read_qop(struct secmgr_digest_credentials *credentials, struct secmgr_slice text)
{
	credentials->qop_known = true;
	if(secmgr_slice_equals(text, SECMGR_SLICE("auth")))
		credentials->qop = SECMGR_QOP_AUTH;
	else if(secmgr_slice_equals(text, SECMGR_SLICE("auth-int")))
		credentials->qop = SECMGR_QOP_AUTH_INT;
	else
		credentials->qop_known = text.length == 0;
}

static bool read_protection(
		struct secmgr_digest_credentials *credentials, const struct parameters *parameters, const char **why)
{
	const struct value *qop = &parameters->values[QOP], *nc = &parameters->values[NC];

	read_qop(credentials, qop->text);
	if(nc->times > 0 && !read_nc(credentials, nc->text, why))
		return false;
	if(qop->times == 0) {
		credentials->nc = 0;
		credentials->nc_text = (struct secmgr_slice){NULL, 0};
		return true;
	}
	if(nc->times == 0)
		return fail(why, rules[NC].missing);
	return credentials->cnonce.length > 0 || fail(why, rules[CNONCE].missing);
}

static bool read_userhash(struct secmgr_digest_credentials *credentials, const struct value *value, const char **why)
{
	credentials->userhash = secmgr_slice_equals_ignoring_case(value->text, SECMGR_SLICE("true"));
	if(value->times == 0 || credentials->userhash)
		return true;
	return secmgr_slice_equals_ignoring_case(value->text, SECMGR_SLICE("false"))
		   || fail(why, "userhash is neither true nor false");
}

static bool have_the_forms(const struct parameters *parameters, const char **why)
{
	for(unsigned i = 0; i < PARAMETER_COUNT; i++)
		if(parameters->values[i].times > 0 && !has_the_form(&parameters->values[i], rules[i].form))
			return fail(why, rules[i].wrong_form);
	return true;
}

static bool present_nothing(const struct parameters *parameters)
{
	const struct value *nonce = &parameters->values[NONCE], *response = &parameters->values[RESPONSE];

	return nonce->times > 0 && nonce->text.length == 0 && response->times > 0 && response->text.length == 0;
}

static bool read_values(
		struct secmgr_digest_credentials *credentials, const struct parameters *parameters, const char **why)
{
	read_algorithm(credentials, &parameters->values[ALGORITHM]);
	return require_texts(credentials, why) && read_response(credentials, &parameters->values[RESPONSE], why)
		   && read_protection(credentials, parameters, why)
		   && read_userhash(credentials, &parameters->values[USERHASH], why);
}

static enum secmgr_credentials_result judge(
		struct secmgr_digest_credentials *credentials, const struct parameters *parameters, const char **why)
{
	const struct value *realm = &parameters->values[REALM];

	read_realm(credentials, realm, why);
	if(*why)
		return SECMGR_CREDENTIALS_MALFORMED;
	if(realm->times == 0 || (credentials->realm.at && credentials->realm.length == 0))
		return SECMGR_CREDENTIALS_ABSENT;
	if(!have_the_forms(parameters, why) || !read_texts(credentials, parameters, why))
		return SECMGR_CREDENTIALS_MALFORMED;
	if(present_nothing(parameters))
		return SECMGR_CREDENTIALS_ABSENT;
	return read_values(credentials, parameters, why) ? SECMGR_CREDENTIALS_PRESENT : SECMGR_CREDENTIALS_MALFORMED;
}

static bool take_scheme(struct secmgr_slice *rest)
{
	skip_white_space(rest);
	return secmgr_slice_equals_ignoring_case(take(rest, is_token_char), SECMGR_SLICE("Digest"));
}

enum secmgr_credentials_result secmgr_digest_credentials_read(
		struct secmgr_slice value, struct secmgr_digest_credentials *credentials, const char **why)
{
	struct parameters parameters = {.count = 0};
	struct secmgr_slice rest = value;

	*why = NULL;
	memset(credentials, 0, offsetof(struct secmgr_digest_credentials, decoded));
	if(!take_scheme(&rest))
		return SECMGR_CREDENTIALS_ABSENT;
	if(value.length > SECMGR_CREDENTIALS_HEADER_MAX)
		fail(why, "the header field is too long");
	else if(!skip_white_space(&rest))
		fail(why, "no white space after Digest");
	else
		take_parameters(rest, &parameters, why);
	return judge(credentials, &parameters, why);
}

/* The algorithms of one realm among a request's fields. */
struct seen
{
	uint8_t known; /* bit (1 << algorithm) */
	struct secmgr_slice unknown[SECMGR_CREDENTIALS_HEADERS_MAX];
	size_t unknown_count;
};

static bool is_first_of_its_algorithm(struct seen *seen, const struct secmgr_digest_credentials *credentials)
{
	uint8_t known = (uint8_t)(credentials->algorithm_known ? 1u << credentials->algorithm : 0);

	if(seen->known & known)
		return false;
	seen->known |= known;
	if(known)
		return true;
	for(size_t i = 0; i < seen->unknown_count; i++)
		if(secmgr_slice_equals_ignoring_case(seen->unknown[i], credentials->algorithm_name))
			return false;
	seen->unknown[seen->unknown_count++] = credentials->algorithm_name; /* a token: it points into the field itself */
	return true;
}

static unsigned strength(const struct secmgr_digest_credentials *credentials)
{
	return credentials->algorithm_known ? 1 + (unsigned)credentials->algorithm : 0;
}

static bool are_of(const struct secmgr_digest_credentials *credentials, struct secmgr_slice realm)
{
	return credentials->realm.at && secmgr_slice_equals(credentials->realm, realm);
}

/* Every field is read, also after a good one: which of two a later reader would believe is not left to chance. */
static bool find_strongest(const struct secmgr_slice *values, size_t count, struct secmgr_slice realm,
		struct secmgr_digest_credentials *credentials, size_t *strongest, const char **why)
{
	struct seen seen = {.known = 0};
	unsigned strength_so_far = 0;

	for(size_t i = 0; i < count; i++) {
		enum secmgr_credentials_result result = secmgr_digest_credentials_read(values[i], credentials, why);

		credentials->header = i;
		if(result == SECMGR_CREDENTIALS_MALFORMED && (!credentials->realm.at || are_of(credentials, realm)))
			return false;
		if(result != SECMGR_CREDENTIALS_PRESENT || !are_of(credentials, realm))
			continue;
		if(!is_first_of_its_algorithm(&seen, credentials))
			return fail(why, "two header fields of one realm have one algorithm");
		if(*strongest == count || strength(credentials) > strength_so_far) {
			strength_so_far = strength(credentials);
			*strongest = i;
		}
	}
	*why = NULL; /* what was wrong with another realm's is not this realm's to tell */
	return true;
}

enum secmgr_credentials_result secmgr_digest_credentials_choose(const struct secmgr_slice *values, size_t count,
		struct secmgr_slice realm, struct secmgr_digest_credentials *credentials, const char **why)
{
	size_t strongest = count;
	enum secmgr_credentials_result result = SECMGR_CREDENTIALS_PRESENT;

	*why = NULL;
	if(count > SECMGR_CREDENTIALS_HEADERS_MAX) {
		fail(why, "there are too many header fields with credentials");
		return SECMGR_CREDENTIALS_MALFORMED;
	}
	if(!find_strongest(values, count, realm, credentials, &strongest, why))
		return SECMGR_CREDENTIALS_MALFORMED;
	if(strongest == count)
		return SECMGR_CREDENTIALS_ABSENT;
	if(strongest + 1 < count) /* what is in `credentials` is the last one */
		result = secmgr_digest_credentials_read(values[strongest], credentials, why);
	credentials->header = strongest;
	return result;
}

bool secmgr_digest_credentials_are_of_realm(struct secmgr_slice value, struct secmgr_slice realm)
{
	struct secmgr_digest_credentials credentials;
	const char *why;
	enum secmgr_credentials_result result = secmgr_digest_credentials_read(value, &credentials, &why);

	(void)result; /* malformed ones and those that present nothing are of the realm too, where it can be told */
	return are_of(&credentials, realm);
}
