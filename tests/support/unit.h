// SPDX-License-Identifier: Apache-2.0
// What every unit test program shares: the main function and a few assertions on our own types.
// A program defines test_suites(), which returns its suites; cases are named as sentences.
#ifndef LMM_TESTS_UNIT_H
#define LMM_TESTS_UNIT_H

#include <check.h>

#include "chaincore/base/bytes.h"

// Adds the program's suites to the runner. Defined by each test program.
void add_suites(SRunner *runner);

#define assert_ok(expression) ck_assert_str_eq(status_name(expression), "OK")
#define assert_status(expression, expected) \
    ck_assert_str_eq(status_name(expression), status_name(expected))
#define assert_bytes_equal(a, b) ck_assert(bytes_equal(a, b))

// The path of a file of the public test data, or NULL when it is not there: then say so with
// skip_without_data and return. Static storage.
const char *shared_data(const char *relative);
// A new folder of that sort, below TMPDIR, which `check` lets be in memory. The caller removes it.
enum { TEST_FOLDER_BYTES = 64 };
void test_folder(char out[TEST_FOLDER_BYTES], const char *name);
// Counts a case as skipped and prints why.
void skip_case(const char *why);

#endif
