/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One value out of a JSON text, named by a JSON pointer (RFC 6901): what $secmgr(attr=>/plan/name) shows.
 *
 * Depends on: Jansson, the engine's slice.
 */
#ifndef SECMGR_SERVICE_JSON_POINTER_H
#define SECMGR_SERVICE_JSON_POINTER_H

#include "../engine/slice.h"

#define SECMGR_JSON_POINTER_MAX 256
#define SECMGR_JSON_POINTER_VALUE_MAX 4096 /* as compact JSON */

struct json_t;

/* "" or "/a/b~1c/0": false for what no value can be found with. */
bool secmgr_json_pointer_is_sound(struct secmgr_slice pointer);
/* The value within `value`, NULL when there is none. Nothing is given away or taken. */
const struct json_t *secmgr_json_pointer_follow(const struct json_t *value, struct secmgr_slice pointer);

/* Writes a string as its characters, anything else as compact JSON; the empty pointer is the whole text. False, with
 * nothing to be used in `writer`, when there is no such value, it is null, it does not fit, or the pointer is none. */
__attribute__((warn_unused_result)) bool secmgr_json_pointer_read(
		struct secmgr_slice json, struct secmgr_slice pointer, struct secmgr_writer *writer);

#endif
