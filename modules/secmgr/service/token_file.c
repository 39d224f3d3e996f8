/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "token_file.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

/* One line end may be "\r\n", and who edits by hand leaves some more. */
#define LINE_ENDS_MAX 16

void secmgr_token_file_init(struct secmgr_token_file *file, const char *path)
{
	memset(file, 0, sizeof(*file));
	file->path = path;
}

void secmgr_token_file_wipe(struct secmgr_token_file *file)
{
	OPENSSL_cleanse(file, sizeof(*file));
}

static bool is_same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size
		   && is_same_time(&a->st_mtim, &b->st_mtim) && is_same_time(&a->st_ctim, &b->st_ctim);
}

static size_t without_line_ends(const char *text, size_t length)
{
	while(length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
		length--;
	return length;
}

/* A blank or a line end inside would end the token, or begin a header field of its own. */
static bool is_visible(const char *text, size_t length)
{
	for(size_t i = 0; i < length; i++)
		if(text[i] < 0x21 || text[i] > 0x7e)
			return false;
	return true;
}

/* NULL, or why it is none. */
static const char *judge(const char *text, size_t length)
{
	if(length == 0)
		return "it is empty";
	if(length > SECMGR_TOKEN_MAX)
		return "it is longer than 4096 bytes";
	return is_visible(text, length) ? NULL : "a token is one line of visible ASCII characters without blanks";
}

static const char *read_token(struct secmgr_token_file *file, int fd)
{
	char text[SECMGR_TOKEN_MAX + LINE_ENDS_MAX];
	ssize_t count = read(fd, text, sizeof(text));
	size_t length = count > 0 ? without_line_ends(text, (size_t)count) : 0;
	const char *why = count < 0 ? "it cannot be read" : judge(text, length);

	if(!why) {
		OPENSSL_cleanse(file->token, sizeof(file->token));
		memcpy(file->token, text, length);
	}
	OPENSSL_cleanse(text, sizeof(text));
	return why;
}

/* What is remembered is the file that was opened, which need not be the one that was looked at. */
static const char *read_file(struct secmgr_token_file *file)
{
	int fd = open(file->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	const char *why;

	memset(&file->seen, 0, sizeof(file->seen));
	if(fd < 0)
		return "it cannot be opened";
	if(fstat(fd, &file->seen) != 0 || !S_ISREG(file->seen.st_mode))
		why = "it is not a regular file";
	else
		why = read_token(file, fd);
	close(fd);
	return why;
}

enum secmgr_token_outcome secmgr_token_file_look(struct secmgr_token_file *file, uint64_t now_ms, const char **why)
{
	struct stat seen;
	const char *fault;
	bool was_faulty = file->is_faulty;

	if(now_ms < file->next_look_ms)
		return SECMGR_TOKEN_IS_AS_BEFORE;
	file->next_look_ms = now_ms + SECMGR_TOKEN_LOOK_EVERY_MS;
	if(stat(file->path, &seen) == 0 && is_same_file(&seen, &file->seen))
		return SECMGR_TOKEN_IS_AS_BEFORE;
	fault = read_file(file);
	file->is_faulty = fault != NULL;
	if(!fault)
		return SECMGR_TOKEN_IS_NEW;
	*why = fault;
	return was_faulty ? SECMGR_TOKEN_IS_AS_BEFORE : SECMGR_TOKEN_CANNOT_BE_READ;
}
