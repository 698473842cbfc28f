// SPDX-License-Identifier: Apache-2.0
// The suites of test_chain, a file each.
#ifndef LMM_TESTS_CHAIN_SUITES_H
#define LMM_TESTS_CHAIN_SUITES_H

#include "chaincore/crypto/sign.h"
#include "tests/support/unit.h"

Suite *amount_suite(void);
Suite *block_roots_suite(void);
Suite *certificate_suite(void);
Suite *encoding_suite(void);
Suite *envelope_suite(void);
Suite *genesis_suite(void);
Suite *merkle_suite(void);
Suite *reward_suite(void);
Suite *tx_suite(void);

#endif
