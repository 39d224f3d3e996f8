/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the unit tests of every file that the module's Makefile names, and counts them: tests that passed and failed
 * go to the file named on the command line, as "passed failed". A suite that could not start is a failure.
 */
#include <CUnit/Basic.h>
#include <stdio.h>

#define SECMGR_UNIT(file) void secmgr_test_##file(void);
#include "units.def"
#undef SECMGR_UNIT

static void add_units(void)
{
#define SECMGR_UNIT(file) secmgr_test_##file();
#include "units.def"
#undef SECMGR_UNIT
}

static int write_result(const char *path, unsigned passed, unsigned failed)
{
	FILE *file = fopen(path, "w");

	if(!file) {
		perror(path);
		return -1;
	}
	fprintf(file, "%u %u\n", passed, failed);
	return fclose(file);
}

int main(int argc, char **argv)
{
	unsigned ran, failed;
	CU_ErrorCode error;

	if(CU_initialize_registry() != CUE_SUCCESS)
		return 2;
	add_units();
	error = CU_get_error();
	CU_basic_set_mode(CU_BRM_NORMAL);
	if(error == CUE_SUCCESS)
		error = CU_basic_run_tests();
	if(error != CUE_SUCCESS)
		fprintf(stderr, "CUnit: %s\n", CU_get_error_msg());
	ran = CU_get_number_of_tests_run();
	failed = CU_get_number_of_tests_failed();
	failed += CU_get_number_of_suites_failed() + (error != CUE_SUCCESS) + (ran == 0);
	ran -= CU_get_number_of_tests_failed();
	CU_cleanup_registry();
	if(argc > 1 && write_result(argv[1], ran, failed) != 0)
		return 2;
	return failed != 0;
}
