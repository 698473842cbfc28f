// SPDX-License-Identifier: Apache-2.0
#ifndef LMM_TESTS_SERVER_SUITES_H
#define LMM_TESTS_SERVER_SUITES_H

#include <check.h>

Suite *abi_suite(void);
Suite *answers_suite(void);
Suite *api_keys_suite(void);
Suite *config_suite(void);
Suite *members_suite(void);
Suite *options_suite(void);
Suite *options_network_suite(void);
Suite *spending_suite(void);
Suite *sponsor_suite(void);

#endif
