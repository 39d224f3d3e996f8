/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wiping_memory.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <CUnit/Basic.h>

#include "failing_memory.h"

void secmgr_test_wiping_memory(void);

static bool is_all(const char *bytes, size_t count, char byte)
{
	for(size_t i = 0; i < count; i++)
		if(bytes[i] != byte)
			return false;
	return true;
}

static void memory_is_aligned_for_anything(void)
{
	for(size_t size = 0; size < 40; size++) {
		void *memory = secmgr_wiping_malloc(size);

		CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
		CU_ASSERT_EQUAL((uintptr_t)memory % alignof(max_align_t), 0);
		secmgr_wiping_free(memory);
	}
}

static void counted_memory_is_zeroed(void)
{
	char *memory = secmgr_wiping_calloc(7, 11);

	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	CU_ASSERT_TRUE(is_all(memory, 77, '\0'));
	secmgr_wiping_free(memory);
}

static void memory_that_grows_or_shrinks_keeps_its_bytes(void)
{
	char *memory = secmgr_wiping_realloc(NULL, 10);

	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	memset(memory, 'x', 10);
	memory = secmgr_wiping_realloc(memory, 5000);
	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	CU_ASSERT_TRUE(is_all(memory, 10, 'x'));
	memset(memory, 'y', 5000);
	memory = secmgr_wiping_realloc(memory, 3);
	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	CU_ASSERT_TRUE(is_all(memory, 3, 'y'));
	secmgr_wiping_free(memory);
}

static void memory_that_cannot_grow_stays_as_it_is(void)
{
	char *memory = secmgr_wiping_malloc(4);

	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	memset(memory, 'x', 4);
	failing_memory_fail_at(0);
	CU_ASSERT_PTR_NULL(secmgr_wiping_realloc(memory, 8));
	CU_ASSERT_TRUE(is_all(memory, 4, 'x'));
	secmgr_wiping_free(memory);
}

static void a_copied_text_is_the_text(void)
{
	char *copy = secmgr_wiping_strdup("secret");

	CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
	CU_ASSERT_STRING_EQUAL(copy, "secret");
	secmgr_wiping_free(copy);
}

static void sizes_that_overflow_are_refused(void)
{
	CU_ASSERT_PTR_NULL(secmgr_wiping_calloc(SIZE_MAX / 2, 3));
	CU_ASSERT_PTR_NULL(secmgr_wiping_malloc(SIZE_MAX));
	CU_ASSERT_PTR_NULL(secmgr_wiping_malloc(SIZE_MAX - 8));
}

static void freeing_nothing_does_nothing(void)
{
	secmgr_wiping_free(NULL);
}

static void no_memory_is_no_memory_in_every_form(void)
{
	failing_memory_fail_at(0);
	CU_ASSERT_PTR_NULL(secmgr_wiping_malloc(1));
	failing_memory_fail_at(0);
	CU_ASSERT_PTR_NULL(secmgr_wiping_calloc(1, 1));
	failing_memory_fail_at(0);
	CU_ASSERT_PTR_NULL(secmgr_wiping_realloc(NULL, 1));
	failing_memory_fail_at(0);
	CU_ASSERT_PTR_NULL(secmgr_wiping_strdup("secret"));
}

void secmgr_test_wiping_memory(void)
{
	CU_pSuite suite = CU_add_suite("wiping_memory", NULL, NULL);

	CU_ADD_TEST(suite, memory_is_aligned_for_anything);
	CU_ADD_TEST(suite, counted_memory_is_zeroed);
	CU_ADD_TEST(suite, memory_that_grows_or_shrinks_keeps_its_bytes);
	CU_ADD_TEST(suite, memory_that_cannot_grow_stays_as_it_is);
	CU_ADD_TEST(suite, a_copied_text_is_the_text);
	CU_ADD_TEST(suite, sizes_that_overflow_are_refused);
	CU_ADD_TEST(suite, freeing_nothing_does_nothing);
	CU_ADD_TEST(suite, no_memory_is_no_memory_in_every_form);
}
