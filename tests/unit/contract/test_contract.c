// SPDX-License-Identifier: Apache-2.0
#include "chaincore/crypto/sign.h"
#include "tests/support/unit.h"
#include "tests/unit/contract/suites.h"

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    srunner_add_suite(runner, abi_suite());
    srunner_add_suite(runner, actions_suite());
    srunner_add_suite(runner, call_suite());
    srunner_add_suite(runner, deposit_suite());
    srunner_add_suite(runner, entry_suite());
    srunner_add_suite(runner, fees_suite());
    srunner_add_suite(runner, history_suite());
    srunner_add_suite(runner, signers_suite());
    srunner_add_suite(runner, timer_suite());
    srunner_add_suite(runner, module_cache_suite());
    srunner_add_suite(runner, upgrade_suite());
}
