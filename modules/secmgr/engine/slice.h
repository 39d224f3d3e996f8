/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bounded text. A slice is bytes with a length, never NUL-terminated and never owned; a writer fills a caller's
 * buffer and cannot overrun it: what does not fit sets `overrun`, nothing more is written from there on, and the caller
 * checks once at the end.
 *
 * Depends on: libc.
 */
#ifndef SECMGR_ENGINE_SLICE_H
#define SECMGR_ENGINE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct secmgr_slice
{
	const char *at;
	size_t length;
};

#define SECMGR_SLICE(literal) ((struct secmgr_slice){(literal), sizeof(literal) - 1})

struct secmgr_slice secmgr_slice_of(const char *terminated);
bool secmgr_slice_equals(struct secmgr_slice a, struct secmgr_slice b);
bool secmgr_slice_equals_ignoring_case(struct secmgr_slice a, struct secmgr_slice b);
struct secmgr_slice secmgr_slice_trim(struct secmgr_slice text); /* without spaces and tabs at both ends */
bool secmgr_slice_has_control_bytes(struct secmgr_slice text); /* any byte below 0x20, or 0x7f */
/* Cuts `rest` at the first `separator` and returns what stood before it. After the last part `rest` is empty and its
 * `at` NULL, so that "a," has two parts, the second one empty, and "a" has one. */
struct secmgr_slice secmgr_slice_cut(struct secmgr_slice *rest, char separator);
/* A decimal number of 1 to 9 digits and nothing else. */
bool secmgr_slice_to_number(struct secmgr_slice text, uint32_t *number);

struct secmgr_writer
{
	char *at;
	size_t size;
	size_t length; /* written so far, at most `size` */
	bool overrun;
};

struct secmgr_writer secmgr_writer_into(char *buffer, size_t size);
void secmgr_writer_add(struct secmgr_writer *writer, struct secmgr_slice text);
void secmgr_writer_add_text(struct secmgr_writer *writer, const char *terminated);
void secmgr_writer_add_char(struct secmgr_writer *writer, char byte);
void secmgr_writer_add_number(struct secmgr_writer *writer, uint64_t number);
struct secmgr_slice secmgr_writer_text(const struct secmgr_writer *writer);

/* Lower-case hex of `count` bytes into `hex`, which holds 2 * count characters and gets no NUL. */
void secmgr_hex_write(const uint8_t *bytes, size_t count, char *hex);
/* False unless `hex` is exactly 2 * count hex digits of either case. */
bool secmgr_hex_read(struct secmgr_slice hex, uint8_t *bytes, size_t count);

#endif
