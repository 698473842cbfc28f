// SPDX-License-Identifier: Apache-2.0
#ifndef LMM_TESTS_CONTRACT_SUITES_H
#define LMM_TESTS_CONTRACT_SUITES_H

#include <check.h>

Suite *abi_suite(void);
Suite *actions_suite(void);
Suite *call_suite(void);
Suite *deposit_suite(void);
Suite *entry_suite(void);
Suite *fees_suite(void);
Suite *module_cache_suite(void);
Suite *history_suite(void);
Suite *signers_suite(void);
Suite *timer_suite(void);
Suite *upgrade_suite(void);

#endif
