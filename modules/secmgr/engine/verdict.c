/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verdict.h"

#include <stddef.h>

struct words
{
	const char *word;
	const char *sentence;
	int code;
};

#define WORDS(upper, lower, code, sentence) [SECMGR_VERDICT_##upper] = {#lower, sentence, code},
static const struct words words[SECMGR_VERDICT_COUNT] = {SECMGR_VERDICTS(WORDS)};

static const struct words *words_of(enum secmgr_verdict verdict)
{
	size_t index = (size_t)verdict;

	return &words[index < SECMGR_VERDICT_COUNT ? index : SECMGR_VERDICT_INTERNAL_FAULT];
}

const char *secmgr_verdict_word(enum secmgr_verdict verdict)
{
	return words_of(verdict)->word;
}

const char *secmgr_verdict_sentence(enum secmgr_verdict verdict)
{
	return words_of(verdict)->sentence;
}

int secmgr_verdict_code(enum secmgr_verdict verdict)
{
	return words_of(verdict)->code;
}
