/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "freshness.h"

#include <string.h>

static bool is_token_byte(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9')
		   || (byte != '\0' && strchr("!#$%&'*+-.^_`|~", byte));
}

static bool is_token(struct secmgr_slice text)
{
	for(size_t i = 0; i < text.length; i++)
		if(!is_token_byte(text.at[i]))
			return false;
	return text.length > 0;
}

/* delta-seconds (RFC 9111 section 1.2.2): any number of digits. False when it is something else. */
static bool read_seconds(struct secmgr_slice text, uint32_t *seconds)
{
	uint64_t sum = 0;

	for(size_t i = 0; i < text.length; i++) {
		if(text.at[i] < '0' || text.at[i] > '9')
			return false;
		sum = sum * 10 + (uint64_t)(text.at[i] - '0');
		if(sum > UINT32_MAX)
			sum = UINT32_MAX;
	}
	*seconds = (uint32_t)sum;
	return text.length > 0;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t difference(uint32_t a, uint32_t b)
{
	return a > b ? a - b : 0;
}

/* The next directive of the list; commas within a quoted string do not end it. False when a quote is left open. */
static bool cut_directive(struct secmgr_slice *rest, struct secmgr_slice *directive)
{
	bool quoted = false;
	size_t i;

	for(i = 0; i < rest->length && (quoted || rest->at[i] != ','); i++) {
		if(rest->at[i] == '"')
			quoted = !quoted;
		else if(quoted && rest->at[i] == '\\' && i + 1 < rest->length)
			i++;
	}
	*directive = (struct secmgr_slice){rest->at, i};
	rest->at += i < rest->length ? i + 1 : i;
	rest->length -= i < rest->length ? i + 1 : i;
	return !quoted;
}

static struct secmgr_slice unquote(struct secmgr_slice text)
{
	if(text.length < 2 || text.at[0] != '"' || text.at[text.length - 1] != '"')
		return text;
	return (struct secmgr_slice){text.at + 1, text.length - 2};
}

static void take_seconds(struct secmgr_freshness_seconds *taken, struct secmgr_slice argument)
{
	uint32_t seconds;

	if(!read_seconds(unquote(argument), &seconds))
		seconds = 0;
	taken->least = taken->is_given ? smaller(taken->least, seconds) : seconds;
	taken->is_given = true;
}

/* no-cache in its form with field names too: nothing of a credential is of use without the rest. An argument that a
 * directive should not have does not weaken it. */
static void take_directive(struct secmgr_freshness *freshness, struct secmgr_slice directive)
{
	struct secmgr_slice argument = directive;
	struct secmgr_slice name = secmgr_slice_cut(&argument, '=');

	if(!is_token(name) || secmgr_slice_equals_ignoring_case(name, SECMGR_SLICE("no-store")))
		freshness->no_store = true;
	else if(secmgr_slice_equals_ignoring_case(name, SECMGR_SLICE("no-cache")))
		freshness->no_cache = true;
	else if(secmgr_slice_equals_ignoring_case(name, SECMGR_SLICE("must-revalidate")))
		freshness->must_revalidate = true;
	else if(secmgr_slice_equals_ignoring_case(name, SECMGR_SLICE("max-age")))
		take_seconds(&freshness->max_age, argument);
	else if(secmgr_slice_equals_ignoring_case(name, SECMGR_SLICE("stale-while-revalidate")))
		take_seconds(&freshness->stale_while_revalidate, argument);
	else if(secmgr_slice_equals_ignoring_case(name, SECMGR_SLICE("stale-if-error")))
		take_seconds(&freshness->stale_if_error, argument);
}

static void take_cache_control(struct secmgr_freshness *freshness, struct secmgr_slice rest)
{
	struct secmgr_slice directive;

	while(rest.length > 0) {
		if(!cut_directive(&rest, &directive)) {
			freshness->no_store = true;
			return;
		}
		directive = secmgr_slice_trim(directive);
		if(directive.length > 0)
			take_directive(freshness, directive);
	}
}

static void take_age(struct secmgr_freshness *freshness, struct secmgr_slice value)
{
	uint32_t seconds;

	if(!read_seconds(value, &seconds))
		seconds = UINT32_MAX;
	if(seconds > freshness->age_s)
		freshness->age_s = seconds;
}

static void take_vary(struct secmgr_freshness *freshness, struct secmgr_slice rest)
{
	while(rest.length > 0)
		if(secmgr_slice_equals(secmgr_slice_trim(secmgr_slice_cut(&rest, ',')), SECMGR_SLICE("*")))
			freshness->no_store = true;
}

void secmgr_freshness_take_field(
		struct secmgr_freshness *freshness, struct secmgr_slice name, struct secmgr_slice value)
{
	value = secmgr_slice_trim(value);
	if(secmgr_slice_equals_ignoring_case(name, SECMGR_SLICE("Cache-Control")))
		take_cache_control(freshness, value);
	else if(secmgr_slice_equals_ignoring_case(name, SECMGR_SLICE("Age")))
		take_age(freshness, value);
	else if(secmgr_slice_equals_ignoring_case(name, SECMGR_SLICE("Vary")))
		take_vary(freshness, value);
}

static uint32_t stale_if_error(const struct secmgr_freshness *freshness, uint32_t default_s, uint32_t configured_s)
{
	if(freshness->stale_if_error.is_given)
		return smaller(smaller(freshness->stale_if_error.least, SECMGR_FRESHNESS_MAX_S), configured_s);
	return freshness->max_age.is_given || default_s > 0 ? configured_s : 0;
}

struct secmgr_lifetimes secmgr_freshness_lifetimes(
		const struct secmgr_freshness *freshness, uint32_t default_s, uint32_t stale_if_error_s)
{
	uint32_t fresh_s = freshness->max_age.is_given ? freshness->max_age.least : default_s;
	uint32_t left_s = difference(fresh_s, freshness->age_s);
	uint32_t stale_for_s = difference(freshness->age_s, fresh_s); /* already, when it came: off the windows */
	struct secmgr_lifetimes lifetimes = {.keep = !freshness->no_store};

	if(freshness->no_store || freshness->no_cache)
		return lifetimes;
	lifetimes.fresh_s = freshness->max_age.is_given ? smaller(left_s, SECMGR_FRESHNESS_MAX_S) : left_s;
	if(freshness->must_revalidate)
		return lifetimes;
	lifetimes.stale_while_revalidate_s =
			difference(smaller(freshness->stale_while_revalidate.least, SECMGR_FRESHNESS_MAX_S), stale_for_s);
	lifetimes.stale_if_error_s = difference(stale_if_error(freshness, default_s, stale_if_error_s), stale_for_s);
	return lifetimes;
}
