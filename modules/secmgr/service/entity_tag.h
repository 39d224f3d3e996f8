/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ETag of an answer (RFC 9110 section 8.8.3): "quoted", or W/"quoted". It is kept as it came, to be sent back in
 * If-None-Match; what is longer than the bound, not well formed, or comes twice is dropped, and the answer is then
 * simply asked for anew.
 *
 * Depends on: the engine's slice and config.
 */
#ifndef SECMGR_SERVICE_ENTITY_TAG_H
#define SECMGR_SERVICE_ENTITY_TAG_H

#include "../engine/config.h"
#include "../engine/slice.h"

struct secmgr_entity_tag
{
	bool was_seen;
	uint8_t length; /* 0: none */
	char text[SECMGR_ETAG_MAX];
};

/* Well formed and within its bound: it may stand in a header field. */
bool secmgr_entity_tag_is_sound(struct secmgr_slice text);
/* Takes in one response header field (name in any case); others than ETag are passed over. Call for each, starting
 * from a zeroed struct. */
void secmgr_entity_tag_take_field(struct secmgr_entity_tag *tag, struct secmgr_slice name, struct secmgr_slice value);
struct secmgr_slice secmgr_entity_tag_text(const struct secmgr_entity_tag *tag); /* empty: none */

#endif
