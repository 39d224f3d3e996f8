/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One shard:   | header | buckets: index of an entry's first cell, or 0 | cells 1..n |
 *
 * A cell:      | kind, used, next text cell (8) | times, lengths, state (65) | HA1s (80) | names, ETag, texts (359) |
 *          or  | kind, next text cell (8) | texts that go on (504) |
 *
 * Indexes count from 1, so that zero is "none". No index, length or chain is trusted before it is checked: a shard
 * whose cells were damaged loses entries, it does not crash, loop or reach beyond itself.
 */
#include "credential_cache.h"

#include <string.h>

#include <openssl/crypto.h>

#include "siphash.h"

#define ENTRIES_MAX ((size_t)1 << 30)
#define HA1_BYTES 80
#define FIRST_BYTES 359
#define MORE_BYTES 504

enum kind
{
	CELL_IS_FREE,
	CELL_BEGINS_AN_ENTRY,
	CELL_GOES_ON
};

struct entry
{
	uint64_t hash;
	uint64_t stored_ms;
	uint64_t fresh_until_ms;
	uint64_t refresh_from_ms; /* put off each time a caller is told */
	uint64_t recheck_from_ms; /* likewise; it outlives the answers */
	uint32_t stale_while_revalidate_s;
	uint32_t stale_if_error_s;
	uint32_t next_in_bucket;
	uint16_t username_length;
	uint16_t realm_length;
	uint16_t identities_length;
	uint16_t policy_length;
	uint16_t attributes_length;
	uint8_t etag_length;
	uint8_t subscriber;
	uint8_t ha1_present;
	uint8_t ha1[HA1_BYTES];
	char bytes[FIRST_BYTES];
};

struct cell
{
	uint8_t kind;
	uint8_t used;  /* since the clock hand last passed */
	uint32_t next; /* of the entry's cells, or of the free ones */
	union
	{
		struct entry entry;
		char more[MORE_BYTES];
	};
};

struct secmgr_credential_cache
{
	uint32_t cells;
	uint32_t bucket_bits;
	uint32_t first_free;
	uint32_t handed_out; /* cells above it were never used: their memory need not be zeroed, nor even be touched */
	uint32_t hand;
	uint32_t entries;
	uint32_t buckets[];
};

_Static_assert(sizeof(struct cell) == SECMGR_CREDENTIAL_CACHE_CELL_BYTES, "a cell is what the header promises");
_Static_assert(SECMGR_USERNAME_MAX + SECMGR_REALM_MAX + SECMGR_ETAG_MAX <= FIRST_BYTES,
		"the longest key and ETag fit the first cell");

static const size_t ha1_offsets[SECMGR_HASH_COUNT + 1] = {0, 16, 48, HA1_BYTES};

uint64_t secmgr_subscriber_key_hash(const struct secmgr_subscriber_key *key, const uint8_t secret[16])
{
	struct secmgr_siphash siphash = secmgr_siphash_start(secret);
	uint64_t length = key->username.length;

	secmgr_siphash_add(&siphash, &length, sizeof(length)); /* or "ab"@"c" and "a"@"bc" would be one text */
	secmgr_siphash_add(&siphash, key->username.at, key->username.length);
	for(size_t i = 0; i < key->realm.length; i++) {
		char byte = key->realm.at[i];

		secmgr_siphash_add_byte(&siphash, (uint8_t)(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte));
	}
	return secmgr_siphash_end(&siphash);
}

static uint32_t bucket_bits_for(size_t entries)
{
	uint32_t bits = 1;

	while((size_t)1 << bits < entries)
		bits++;
	return bits;
}

static size_t cells_offset(uint32_t bucket_bits)
{
	size_t bytes = sizeof(struct secmgr_credential_cache) + (sizeof(uint32_t) << bucket_bits);

	return (bytes + 63) / 64 * 64;
}

size_t secmgr_credential_cache_memory(size_t entries)
{
	if(entries == 0 || entries > ENTRIES_MAX)
		return 0;
	return cells_offset(bucket_bits_for(entries)) + entries * sizeof(struct cell);
}

struct secmgr_credential_cache *secmgr_credential_cache_init(void *memory, size_t entries)
{
	struct secmgr_credential_cache *cache = memory;
	uint32_t bits;

	if(entries == 0 || entries > ENTRIES_MAX)
		return NULL;
	bits = bucket_bits_for(entries);
	memset(cache, 0, cells_offset(bits));
	cache->cells = (uint32_t)entries;
	cache->bucket_bits = bits;
	return cache;
}

/* Whatever bits of the hash named the shard, the product's upper ones depend on all the others. */
static uint32_t bucket_of(const struct secmgr_credential_cache *cache, uint64_t hash)
{
	return (uint32_t)(hash * UINT64_C(0x9e3779b97f4a7c15) >> (64 - cache->bucket_bits));
}

static struct cell *place_of(const struct secmgr_credential_cache *cache, uint32_t index)
{
	return (struct cell *)((uintptr_t)cache + cells_offset(cache->bucket_bits)) + (index - 1);
}

static struct cell *cell_at(const struct secmgr_credential_cache *cache, uint32_t index, enum kind kind)
{
	struct cell *cell;

	if(index == 0 || index > cache->handed_out)
		return NULL;
	cell = place_of(cache, index);
	return cell->kind == kind ? cell : NULL;
}

static size_t text_length(const struct entry *entry)
{
	return (size_t)entry->identities_length + entry->policy_length + entry->attributes_length;
}

static bool lengths_are_sound(const struct entry *entry)
{
	return entry->username_length <= SECMGR_USERNAME_MAX && entry->realm_length <= SECMGR_REALM_MAX
		   && entry->etag_length <= SECMGR_ETAG_MAX && text_length(entry) <= SECMGR_CREDENTIAL_TEXT_MAX;
}

static struct secmgr_subscriber_key key_of(const struct entry *entry)
{
	return (struct secmgr_subscriber_key){
			{entry->bytes, entry->username_length}, {entry->bytes + entry->username_length, entry->realm_length}};
}

static struct secmgr_slice etag_of(const struct entry *entry)
{
	return (struct secmgr_slice){entry->bytes + entry->username_length + entry->realm_length, entry->etag_length};
}

/* What stands before the texts. */
static size_t head_length(const struct entry *entry)
{
	return (size_t)entry->username_length + entry->realm_length + entry->etag_length;
}

static uint64_t later(uint64_t moment_ms, uint64_t by_ms)
{
	return by_ms < UINT64_MAX - moment_ms ? moment_ms + by_ms : UINT64_MAX;
}

/* Without asking, but then it is to be refreshed. */
static uint64_t usable_until_ms(const struct entry *entry)
{
	return later(entry->fresh_until_ms, (uint64_t)entry->stale_while_revalidate_s * 1000u);
}

static uint64_t of_use_until_ms(const struct entry *entry)
{
	uint64_t usable_ms = usable_until_ms(entry);
	uint64_t if_error_ms = later(entry->fresh_until_ms, (uint64_t)entry->stale_if_error_s * 1000u);

	return usable_ms > if_error_ms ? usable_ms : if_error_ms;
}

static bool is_of(const struct entry *entry, const struct secmgr_subscriber_key *key, uint64_t hash)
{
	struct secmgr_subscriber_key own;

	if(entry->hash != hash || !lengths_are_sound(entry))
		return false;
	own = key_of(entry);
	return secmgr_slice_equals(own.username, key->username) && secmgr_slice_equals_ignoring_case(own.realm, key->realm);
}

/* The index of the entry's first cell, 0 when there is none. */
static uint32_t find(
		const struct secmgr_credential_cache *cache, const struct secmgr_subscriber_key *key, uint64_t hash)
{
	uint32_t index = cache->cells ? cache->buckets[bucket_of(cache, hash)] : 0;

	for(uint32_t steps = 0; steps < cache->cells; steps++) {
		const struct cell *cell = cell_at(cache, index, CELL_BEGINS_AN_ENTRY);

		if(!cell)
			return 0;
		if(is_of(&cell->entry, key, hash))
			return index;
		index = cell->entry.next_in_bucket;
	}
	return 0;
}

static void unlink_from_bucket(struct secmgr_credential_cache *cache, uint32_t index, const struct entry *entry)
{
	uint32_t *link = &cache->buckets[bucket_of(cache, entry->hash)];

	for(uint32_t steps = 0; steps < cache->cells && *link != index; steps++) {
		struct cell *cell = cell_at(cache, *link, CELL_BEGINS_AN_ENTRY);

		if(!cell)
			return;
		link = &cell->entry.next_in_bucket;
	}
	if(*link == index)
		*link = entry->next_in_bucket;
}

static void free_cell(struct secmgr_credential_cache *cache, uint32_t index, struct cell *cell)
{
	OPENSSL_cleanse(cell, sizeof(*cell));
	cell->kind = CELL_IS_FREE;
	cell->next = cache->first_free;
	cache->first_free = index;
}

static void free_chain(struct secmgr_credential_cache *cache, uint32_t index)
{
	struct cell *cell = cell_at(cache, index, CELL_GOES_ON);

	while(cell) {
		uint32_t next = cell->next;

		free_cell(cache, index, cell); /* it is no longer CELL_GOES_ON, so that a ring of cells ends too */
		index = next;
		cell = cell_at(cache, index, CELL_GOES_ON);
	}
}

static void forget_at(struct secmgr_credential_cache *cache, uint32_t index)
{
	struct cell *cell = cell_at(cache, index, CELL_BEGINS_AN_ENTRY);

	if(!cell)
		return;
	unlink_from_bucket(cache, index, &cell->entry);
	free_chain(cache, cell->next);
	free_cell(cache, index, cell);
	cache->entries--;
}

/* Two rounds of the clock: the first may only take second chances away. */
static void evict_one(struct secmgr_credential_cache *cache, uint64_t now_ms)
{
	for(uint64_t steps = 0; steps < 2 * (uint64_t)cache->cells; steps++) {
		struct cell *cell;

		cache->hand = cache->hand < cache->cells ? cache->hand + 1 : 1;
		cell = cell_at(cache, cache->hand, CELL_BEGINS_AN_ENTRY);
		if(cell && (!cell->used || now_ms >= of_use_until_ms(&cell->entry))) {
			forget_at(cache, cache->hand);
			return;
		}
		if(cell)
			cell->used = 0;
	}
}

static uint32_t take_free(struct secmgr_credential_cache *cache)
{
	uint32_t index = cache->first_free;
	struct cell *cell = cell_at(cache, index, CELL_IS_FREE);

	cache->first_free = cell ? cell->next : 0;
	return cell ? index : 0;
}

static uint32_t take_cell(struct secmgr_credential_cache *cache, uint64_t now_ms)
{
	uint32_t index = take_free(cache);

	if(index)
		return index;
	if(cache->handed_out < cache->cells) {
		index = ++cache->handed_out;
		memset(place_of(cache, index), 0, sizeof(struct cell));
		return index;
	}
	evict_one(cache, now_ms);
	return take_free(cache);
}

/* A chain of `count` cells, all marked CELL_GOES_ON so that no eviction meets them. 0 when there are not as many. */
static uint32_t take_chain(struct secmgr_credential_cache *cache, size_t count, uint64_t now_ms)
{
	uint32_t first = 0;

	while(count-- > 0) {
		uint32_t index = take_cell(cache, now_ms);
		struct cell *cell = cell_at(cache, index, CELL_IS_FREE);

		if(!cell) {
			free_chain(cache, first);
			return 0;
		}
		cell->kind = CELL_GOES_ON;
		cell->next = first;
		first = index;
	}
	return first;
}

static size_t cells_needed(size_t head, size_t length)
{
	size_t first = FIRST_BYTES - head;

	return length <= first ? 1 : 1 + (length - first + MORE_BYTES - 1) / MORE_BYTES;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* What of the texts the first cell holds stands behind the key and the ETag. */
static void write_texts(struct secmgr_credential_cache *cache, struct cell *cell, const char *text)
{
	size_t left = text_length(&cell->entry);
	size_t head = head_length(&cell->entry);
	size_t part = smaller(left, FIRST_BYTES - head);

	memcpy(cell->entry.bytes + head, text, part);
	while((left -= part) > 0 && (cell = cell_at(cache, cell->next, CELL_GOES_ON))) {
		text += part;
		part = smaller(left, MORE_BYTES);
		memcpy(cell->more, text, part);
	}
}

/* False when the chain ends before the texts do. */
static bool read_texts(const struct secmgr_credential_cache *cache, const struct cell *cell, char *text)
{
	size_t left = text_length(&cell->entry);
	size_t head = head_length(&cell->entry);
	size_t part = smaller(left, FIRST_BYTES - head);

	memcpy(text, cell->entry.bytes + head, part);
	while((left -= part) > 0) {
		cell = cell_at(cache, cell->next, CELL_GOES_ON);
		if(!cell)
			return false;
		text += part;
		part = smaller(left, MORE_BYTES);
		memcpy(text, cell->more, part);
	}
	return true;
}

static void write_ha1s(struct entry *entry, const struct secmgr_credential *credential)
{
	for(unsigned hash = 0; hash < SECMGR_HASH_COUNT; hash++)
		if(credential->ha1_present & 1u << hash)
			memcpy(entry->ha1 + ha1_offsets[hash], credential->ha1[hash], ha1_offsets[hash + 1] - ha1_offsets[hash]);
	entry->ha1_present = credential->ha1_present;
}

static void read_ha1s(const struct entry *entry, struct secmgr_credential *credential)
{
	for(unsigned hash = 0; hash < SECMGR_HASH_COUNT; hash++)
		if(entry->ha1_present & 1u << hash)
			memcpy(credential->ha1[hash], entry->ha1 + ha1_offsets[hash], ha1_offsets[hash + 1] - ha1_offsets[hash]);
	credential->ha1_present = entry->ha1_present;
}

static bool read_credential(
		const struct secmgr_credential_cache *cache, const struct cell *cell, struct secmgr_credential *credential)
{
	const struct entry *entry = &cell->entry;

	if(!read_texts(cache, cell, credential->text))
		return false;
	credential->identities_length = entry->identities_length;
	credential->policy_length = entry->policy_length;
	credential->attributes_length = entry->attributes_length;
	credential->subscriber = entry->subscriber;
	read_ha1s(entry, credential);
	return true;
}

static void make_nobody(struct secmgr_credential *credential)
{
	memset(credential, 0, offsetof(struct secmgr_credential, text));
}

static bool give_out(
		const struct secmgr_credential_cache *cache, struct cell *cell, struct secmgr_credential *credential)
{
	if(!read_credential(cache, cell, credential))
		return false;
	/* Unknown names earn no second chance: a flood of them drives out one another, not the subscribers who call. */
	cell->used = cell->entry.subscriber != SECMGR_SUBSCRIBER_UNKNOWN;
	return true;
}

static bool refresh_is_due(struct entry *entry, uint64_t now_ms)
{
	if(entry->subscriber == SECMGR_SUBSCRIBER_UNKNOWN || now_ms < entry->refresh_from_ms)
		return false;
	entry->refresh_from_ms = later(now_ms, SECMGR_CREDENTIAL_CACHE_REFRESH_RETRY_MS);
	return true;
}

enum secmgr_cache_result secmgr_credential_cache_get(struct secmgr_credential_cache *cache,
		const struct secmgr_subscriber_key *key, uint64_t hash, uint64_t now_ms, struct secmgr_credential *credential)
{
	struct cell *cell = cell_at(cache, find(cache, key, hash), CELL_BEGINS_AN_ENTRY);

	make_nobody(credential);
	if(!cell || now_ms >= of_use_until_ms(&cell->entry))
		return SECMGR_CACHE_MISS;
	if(now_ms >= usable_until_ms(&cell->entry))
		return SECMGR_CACHE_EXPIRED;
	if(!give_out(cache, cell, credential))
		return SECMGR_CACHE_MISS;
	return refresh_is_due(&cell->entry, now_ms) ? SECMGR_CACHE_HIT_REFRESH_IS_DUE : SECMGR_CACHE_HIT;
}

bool secmgr_credential_cache_get_stale(struct secmgr_credential_cache *cache, const struct secmgr_subscriber_key *key,
		uint64_t hash, uint64_t now_ms, struct secmgr_credential *credential)
{
	struct cell *cell = cell_at(cache, find(cache, key, hash), CELL_BEGINS_AN_ENTRY);

	make_nobody(credential);
	return cell && now_ms < of_use_until_ms(&cell->entry) && give_out(cache, cell, credential);
}

static bool can_be_held(const struct secmgr_credential_cache *cache, const struct secmgr_subscriber_key *key,
		struct secmgr_slice etag, const struct secmgr_credential *credential, size_t *needed)
{
	size_t length = (size_t)credential->identities_length + credential->policy_length + credential->attributes_length;

	if(key->username.length > SECMGR_USERNAME_MAX || key->realm.length > SECMGR_REALM_MAX
			|| length > SECMGR_CREDENTIAL_TEXT_MAX)
		return false;
	*needed = cells_needed(key->username.length + key->realm.length + etag.length, length);
	return *needed <= cache->cells;
}

static char *append(char *at, struct secmgr_slice text)
{
	if(text.length > 0)
		memcpy(at, text.at, text.length);
	return at + text.length;
}

static void write_head(
		struct entry *entry, const struct secmgr_subscriber_key *key, uint64_t hash, struct secmgr_slice etag)
{
	entry->hash = hash;
	entry->username_length = (uint16_t)key->username.length;
	entry->realm_length = (uint16_t)key->realm.length;
	entry->etag_length = (uint8_t)etag.length;
	append(append(append(entry->bytes, key->username), key->realm), etag);
}

static void write_credential(
		struct secmgr_credential_cache *cache, struct cell *cell, const struct secmgr_credential *credential)
{
	cell->entry.subscriber = credential->subscriber;
	cell->entry.identities_length = credential->identities_length;
	cell->entry.policy_length = credential->policy_length;
	cell->entry.attributes_length = credential->attributes_length;
	write_ha1s(&cell->entry, credential);
	write_texts(cache, cell, credential->text);
}

static void link_into_bucket(struct secmgr_credential_cache *cache, uint32_t index, struct entry *entry)
{
	uint32_t *bucket = &cache->buckets[bucket_of(cache, entry->hash)];

	entry->next_in_bucket = *bucket;
	*bucket = index;
	cache->entries++;
}

static bool are_of_use(const struct secmgr_lifetimes *lifetimes, struct secmgr_slice etag)
{
	return lifetimes->keep
		   && (lifetimes->fresh_s > 0 || lifetimes->stale_while_revalidate_s > 0 || lifetimes->stale_if_error_s > 0
				   || etag.length > 0);
}

/* A refresh is due in the last tenth of the fresh time. */
static void write_times(struct entry *entry, const struct secmgr_lifetimes *lifetimes, uint64_t now_ms)
{
	uint64_t fresh_ms = (uint64_t)lifetimes->fresh_s * 1000u;
	bool is_unknown = entry->subscriber == SECMGR_SUBSCRIBER_UNKNOWN;

	entry->stored_ms = now_ms;
	entry->fresh_until_ms = later(now_ms, fresh_ms);
	entry->refresh_from_ms = later(now_ms, fresh_ms - fresh_ms / 10);
	entry->stale_while_revalidate_s = is_unknown ? 0 : lifetimes->stale_while_revalidate_s;
	entry->stale_if_error_s = lifetimes->stale_if_error_s;
}

/* What outlives the answers: no answer of the service opens the way to more lookups, or makes a caller a stranger. */
struct habits
{
	uint64_t recheck_from_ms;
	uint8_t used;
};

static struct habits make_room(
		struct secmgr_credential_cache *cache, const struct secmgr_subscriber_key *key, uint64_t hash)
{
	uint32_t index = find(cache, key, hash);
	const struct cell *cell = cell_at(cache, index, CELL_BEGINS_AN_ENTRY);
	struct habits habits = {cell ? cell->entry.recheck_from_ms : 0, cell ? cell->used : 0};

	forget_at(cache, index);
	return habits;
}

bool secmgr_credential_cache_put(struct secmgr_credential_cache *cache, const struct secmgr_subscriber_key *key,
		uint64_t hash, const struct secmgr_credential *credential, struct secmgr_slice etag,
		const struct secmgr_lifetimes *lifetimes, uint64_t now_ms)
{
	const struct habits habits = make_room(cache, key, hash);
	struct cell *cell;
	uint32_t index;
	size_t needed;

	if(etag.length > SECMGR_ETAG_MAX)
		etag.length = 0;
	if(!are_of_use(lifetimes, etag))
		return true;
	if(!can_be_held(cache, key, etag, credential, &needed))
		return false;
	index = take_chain(cache, needed, now_ms);
	cell = cell_at(cache, index, CELL_GOES_ON);
	if(!cell)
		return false;
	cell->kind = CELL_BEGINS_AN_ENTRY;
	cell->used = habits.used;
	cell->entry.recheck_from_ms = habits.recheck_from_ms;
	write_head(&cell->entry, key, hash, etag);
	write_credential(cache, cell, credential);
	write_times(&cell->entry, lifetimes, now_ms);
	link_into_bucket(cache, index, &cell->entry);
	return true;
}

size_t secmgr_credential_cache_etag(const struct secmgr_credential_cache *cache,
		const struct secmgr_subscriber_key *key, uint64_t hash, char etag[SECMGR_ETAG_MAX])
{
	const struct cell *cell = cell_at(cache, find(cache, key, hash), CELL_BEGINS_AN_ENTRY);

	if(!cell)
		return 0;
	append(etag, etag_of(&cell->entry));
	return cell->entry.etag_length;
}

bool secmgr_credential_cache_renew(struct secmgr_credential_cache *cache, const struct secmgr_subscriber_key *key,
		uint64_t hash, struct secmgr_slice etag, const struct secmgr_lifetimes *lifetimes, uint64_t now_ms,
		struct secmgr_credential *credential)
{
	uint32_t index = find(cache, key, hash);
	struct cell *cell = cell_at(cache, index, CELL_BEGINS_AN_ENTRY);

	make_nobody(credential);
	if(!cell || etag.length == 0 || !secmgr_slice_equals(etag_of(&cell->entry), etag)
			|| !give_out(cache, cell, credential))
		return false;
	write_times(&cell->entry, lifetimes, now_ms);
	if(!lifetimes->keep)
		forget_at(cache, index);
	return true;
}

bool secmgr_credential_cache_recheck_is_due(struct secmgr_credential_cache *cache,
		const struct secmgr_subscriber_key *key, uint64_t hash, uint64_t now_ms, uint64_t recheck_ms)
{
	struct cell *cell = cell_at(cache, find(cache, key, hash), CELL_BEGINS_AN_ENTRY);

	if(!cell)
		return true;
	if(now_ms < cell->entry.recheck_from_ms)
		return false;
	cell->entry.recheck_from_ms = later(now_ms, recheck_ms);
	return true;
}

bool secmgr_credential_cache_forget(
		struct secmgr_credential_cache *cache, const struct secmgr_subscriber_key *key, uint64_t hash)
{
	uint32_t index = find(cache, key, hash);

	forget_at(cache, index);
	return index != 0;
}

size_t secmgr_credential_cache_flush(struct secmgr_credential_cache *cache)
{
	size_t entries = cache->entries;

	if(cache->cells == 0)
		return 0;
	OPENSSL_cleanse(place_of(cache, 1), cache->handed_out * sizeof(struct cell));
	memset(cache->buckets, 0, sizeof(uint32_t) << cache->bucket_bits);
	cache->first_free = cache->handed_out = cache->hand = cache->entries = 0;
	return entries;
}

size_t secmgr_credential_cache_entries(const struct secmgr_credential_cache *cache)
{
	return cache->entries;
}

static uint64_t left_ms(uint64_t until_ms, uint64_t now_ms)
{
	return until_ms > now_ms ? until_ms - now_ms : 0;
}

/* Only of an entry whose lengths are sound. */
static void show(const struct cell *cell, uint64_t now_ms, struct secmgr_cache_view *view)
{
	const struct entry *entry = &cell->entry;
	struct secmgr_subscriber_key key = key_of(entry);

	memset(view, 0, sizeof(*view));
	memcpy(view->username, key.username.at, key.username.length);
	memcpy(view->realm, key.realm.at, key.realm.length);
	view->username_length = entry->username_length;
	view->realm_length = entry->realm_length;
	view->subscriber = entry->subscriber;
	view->ha1_present = entry->ha1_present;
	view->age_ms = left_ms(now_ms, entry->stored_ms);
	view->fresh_for_ms = left_ms(entry->fresh_until_ms, now_ms);
	view->usable_for_ms = left_ms(of_use_until_ms(entry), now_ms);
}

bool secmgr_credential_cache_next(
		const struct secmgr_credential_cache *cache, uint64_t now_ms, size_t *cursor, struct secmgr_cache_view *view)
{
	while(*cursor < cache->handed_out) {
		const struct cell *cell = cell_at(cache, (uint32_t)++ * cursor, CELL_BEGINS_AN_ENTRY);

		if(cell && lengths_are_sound(&cell->entry)) {
			show(cell, now_ms, view);
			return true;
		}
	}
	return false;
}

bool secmgr_credential_cache_view(const struct secmgr_credential_cache *cache, const struct secmgr_subscriber_key *key,
		uint64_t hash, uint64_t now_ms, struct secmgr_cache_view *view)
{
	const struct cell *cell = cell_at(cache, find(cache, key, hash), CELL_BEGINS_AN_ENTRY);

	if(cell)
		show(cell, now_ms, view);
	return cell != NULL;
}
