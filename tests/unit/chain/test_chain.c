// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/chain/suites.h"

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    srunner_add_suite(runner, amount_suite());
    srunner_add_suite(runner, block_roots_suite());
    srunner_add_suite(runner, certificate_suite());
    srunner_add_suite(runner, encoding_suite());
    srunner_add_suite(runner, envelope_suite());
    srunner_add_suite(runner, genesis_suite());
    srunner_add_suite(runner, merkle_suite());
    srunner_add_suite(runner, reward_suite());
    srunner_add_suite(runner, tx_suite());
}
