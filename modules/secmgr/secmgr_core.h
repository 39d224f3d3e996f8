/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kamailio's headers that nearly every file of the glue needs. Only the glue includes this.
 */
#ifndef SECMGR_CORE_H
#define SECMGR_CORE_H

#include <stdbool.h>

#include "../../core/dprint.h"
#include "../../core/mem/mem.h"
#include "../../core/mem/shm_mem.h"
#include "../../core/parser/msg_parser.h"
#include "../../core/sr_module.h"
#include "../../core/str.h"

#include "engine/slice.h"

/* Kamailio's str and the engine's slice are the same idea with different types. */
static inline struct secmgr_slice secmgr_slice_of_str(const str *text)
{
	return (struct secmgr_slice){text->s, text->len > 0 ? (size_t)text->len : 0};
}

static inline str secmgr_str_of_slice(struct secmgr_slice text)
{
	return (str){(char *)(uintptr_t)text.at, (int)text.length};
}

#endif
