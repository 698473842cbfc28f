// SPDX-License-Identifier: Apache-2.0
#ifndef LMM_TESTS_HOOKS_SUITES_H
#define LMM_TESTS_HOOKS_SUITES_H

#include <check.h>

Suite *guard_suite(void);
Suite *secret_suite(void);
Suite *sending_suite(void);
Suite *targets_suite(void);

#endif
