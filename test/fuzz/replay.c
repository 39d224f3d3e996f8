/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stands in for libFuzzer where there is no clang: the corpus as it is, then mutations of it for -max_total_time seconds.
 * An input at which AddressSanitizer stops is kept in -artifact_prefix with "input" at its end; libFuzzer's other
 * options mean nothing here. Every input lies alone in memory of its own size, so that AddressSanitizer sees a read beyond its end.
 */
#include <dirent.h>
#include <sanitizer/common_interface_defs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STUCK_AFTER_S 30

#define INPUTS_MAX 1024
#define INPUT_BYTES_MAX 16384
#define EDITS_MAX 8

struct input
{
	uint8_t *bytes;
	size_t length;
};

static struct input inputs[INPUTS_MAX];
static size_t input_count;
static struct input tried;
static const char *kept_at = "";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t draw(uint32_t below)
{
	static uint64_t state = 0x9e3779b97f4a7c15u; /* xorshift64 */

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 32) % below;
}

static void add_input(const uint8_t *bytes, size_t length)
{
	struct input *input;

	if(input_count == INPUTS_MAX)
		return;
	input = &inputs[input_count++];
	input->bytes = malloc(length ? length : 1);
	if(!input->bytes)
		exit(2);
	memcpy(input->bytes, bytes, length);
	input->length = length;
}

static void add_folder(const char *path)
{
	static uint8_t bytes[INPUT_BYTES_MAX];
	char name[1024];
	struct dirent *entry;
	DIR *folder = opendir(path);

	while(folder && (entry = readdir(folder))) {
		FILE *file;

		if(entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		file = fopen(name, "rb");
		if(!file)
			continue;
		add_input(bytes, fread(bytes, 1, sizeof(bytes), file));
		fclose(file);
	}
	if(folder)
		closedir(folder);
}

/* A sanitizer's last words have been said. */
static void keep_tried(void)
{
	char name[1024];
	FILE *file;

	snprintf(name, sizeof(name), "%sinput", kept_at);
	file = fopen(name, "wb");
	if(!file)
		return;
	fwrite(tried.bytes, 1, tried.length, file);
	fclose(file);
	fprintf(stderr, "the input is kept in %s\n", name);
}

static void try_bytes(const uint8_t *bytes, size_t length)
{
	uint8_t *alone = malloc(length ? length : 1);

	if(!alone)
		exit(2);
	memcpy(alone, bytes, length);
	tried = (struct input){alone, length};
	LLVMFuzzerTestOneInput(alone, length);
	free(alone);
}

static size_t edit(uint8_t *bytes, size_t length)
{
	const struct input *other = &inputs[draw((uint32_t)input_count)];
	size_t at = length ? draw((uint32_t)length) : 0;
	size_t count = 1 + draw(16);

	switch(length ? draw(5) : 0) {
		case 0: /* grows by random bytes */
			if(length + count > INPUT_BYTES_MAX)
				return length;
			memmove(bytes + at + count, bytes + at, length - at);
			for(size_t i = 0; i < count; i++)
				bytes[at + i] = (uint8_t)draw(256);
			return length + count;
		case 1: /* loses some */
			if(count > length - at)
				count = length - at;
			memmove(bytes + at, bytes + at + count, length - at - count);
			return length - count;
		case 2:
			bytes[at] = (uint8_t)(bytes[at] ^ (1u << draw(8)));
			return length;
		case 3:
			bytes[at] = (uint8_t)"\0\r\n\t \",;=\\%:@?<>[]{}-0\x7f\xff"[draw(25)];
			return length;
		default: /* ends as another input does */
			if(at >= other->length)
				return length;
			memcpy(bytes + at, other->bytes + at, other->length - at);
			return other->length;
	}
}

static void try_mutation(void)
{
	static uint8_t bytes[INPUT_BYTES_MAX];
	const struct input *input = &inputs[draw((uint32_t)input_count)];
	size_t length = input->length;

	memcpy(bytes, input->bytes, length);
	for(uint32_t edits = 1 + draw(EDITS_MAX); edits > 0; edits--)
		length = edit(bytes, length);
	try_bytes(bytes, length);
}

/* The value of an option of libFuzzer's, or NULL. */
static const char *option(const char *argument, const char *name)
{
	size_t length = strlen(name);

	return strncmp(argument, name, length) == 0 ? argument + length : NULL;
}

int main(int argc, char **argv)
{
	unsigned long mutations = 0;
	long seconds = 0;
	time_t end;

	add_input((const uint8_t *)"", 0);
	for(int i = 1; i < argc; i++) {
		const char *value;

		if((value = option(argv[i], "-max_total_time=")))
			seconds = strtol(value, NULL, 10);
		else if((value = option(argv[i], "-artifact_prefix=")))
			kept_at = value;
		else if(argv[i][0] != '-')
			add_folder(argv[i]);
	}
	__sanitizer_set_death_callback(keep_tried);
	alarm((unsigned)seconds + STUCK_AFTER_S);
	for(size_t i = 0; i < input_count; i++)
		try_bytes(inputs[i].bytes, inputs[i].length);
	for(end = time(NULL) + seconds; time(NULL) < end; mutations++)
		try_mutation();
	printf("%zu inputs and %lu mutations of them\n", input_count, mutations);
	for(size_t i = 0; i < input_count; i++)
		free(inputs[i].bytes);
	return 0;
}
