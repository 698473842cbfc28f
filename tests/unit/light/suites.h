// SPDX-License-Identifier: Apache-2.0
#ifndef LMM_TESTS_LIGHT_SUITES_H
#define LMM_TESTS_LIGHT_SUITES_H

#include <check.h>

Suite *event_suite(void);
Suite *path_suite(void);

#endif
