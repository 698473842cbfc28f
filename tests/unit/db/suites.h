// SPDX-License-Identifier: Apache-2.0
#ifndef LMM_TESTS_DB_SUITES_H
#define LMM_TESTS_DB_SUITES_H

#include <check.h>

Suite *db_suite(void);
Suite *dialect_suite(void);
Suite *numeric_suite(void);
Suite *pool_suite(void);
Suite *shadow_suite(void);

#endif
