// SPDX-License-Identifier: Apache-2.0
#include "chaincore/crypto/sign.h"
#include "tests/unit/witness/suites.h"

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    srunner_add_suite(runner, inbox_suite());
    srunner_add_suite(runner, handout_suite());
    srunner_add_suite(runner, accusation_suite());
    srunner_add_suite(runner, answers_suite());
    srunner_add_suite(runner, message_suite());
    srunner_add_suite(runner, verify_suite());
    srunner_add_suite(runner, vote_log_suite());
    srunner_add_suite(runner, driver_suite());
    srunner_add_suite(runner, driver_group_suite());
    srunner_add_suite(runner, driver_twin_suite());
    srunner_add_suite(runner, driver_fetch_suite());
}
