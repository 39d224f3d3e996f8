/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secmgr_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "secmgr_core.h"
#include "secmgr_system.h"

#define FILE_BYTES_MAX 512

/* Others who may read the key may make nonces. */
static bool is_private(int file, const char *path)
{
	struct stat status;

	if(fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
		LM_ERR("nonce_key_file: \"%s\" is not a file\n", path);
		return false;
	}
	if(status.st_mode & (S_IRWXG | S_IRWXO)) {
		LM_ERR("nonce_key_file: \"%s\" may be read by others than its owner: chmod 600\n", path);
		return false;
	}
	return true;
}

static ssize_t read_file(const char *path, char *text, size_t size)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t count = -1;

	if(file < 0) {
		LM_ERR("nonce_key_file: \"%s\" cannot be opened: %s\n", path, strerror(errno));
		return -1;
	}
	if(is_private(file, path))
		count = read(file, text, size);
	close(file);
	return count;
}

static int read_keys(const char *path, struct secmgr_slice text, struct secmgr_nonce_keys *keys)
{
	unsigned slot = 0;

	while(text.length > 0) {
		struct secmgr_slice line = secmgr_slice_trim(secmgr_slice_cut(&text, '\n'));

		if(line.length == 0)
			continue;
		if(slot == 2 || !secmgr_hex_read(line, keys->key[slot], SECMGR_NONCE_KEY_BYTES)) {
			LM_ERR("nonce_key_file: \"%s\" holds something else than one or two lines of 64 hex digits\n", path);
			return -1;
		}
		keys->present[slot++] = true;
	}
	if(slot > 0)
		return 0;
	LM_ERR("nonce_key_file: \"%s\" is empty: write 64 hex digits (openssl rand -hex 32)\n", path);
	return -1;
}

int secmgr_keys_load(const char *path, struct secmgr_nonce_keys *keys)
{
	char text[FILE_BYTES_MAX];
	ssize_t count;
	int result = -1;

	memset(keys, 0, sizeof(*keys));
	if(path == NULL) {
		keys->present[0] = secmgr_system_random(keys->key[0], SECMGR_NONCE_KEY_BYTES);
		if(!keys->present[0])
			LM_ERR("the kernel gives no random bytes for the nonce key\n");
		return keys->present[0] ? 0 : -1;
	}
	count = read_file(path, text, sizeof(text));
	if(count == (ssize_t)sizeof(text))
		LM_ERR("nonce_key_file: \"%s\" is longer than two keys\n", path);
	else if(count >= 0)
		result = read_keys(path, (struct secmgr_slice){text, (size_t)count}, keys);
	OPENSSL_cleanse(text, sizeof(text));
	return result;
}
