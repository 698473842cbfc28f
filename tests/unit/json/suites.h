// SPDX-License-Identifier: Apache-2.0
// The suites of this program, one a file.
#ifndef LMM_TESTS_JSON_SUITES_H
#define LMM_TESTS_JSON_SUITES_H

#include <check.h>

Suite *csv_suite(void);
Suite *json_suite(void);
Suite *number_suite(void);
Suite *format_suite(void);
Suite *schema_suite(void);

#endif
