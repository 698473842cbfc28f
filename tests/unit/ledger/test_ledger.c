// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/ledger/suites.h"

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    srunner_add_suite(runner, block_log_suite());
    srunner_add_suite(runner, certificates_suite());
    srunner_add_suite(runner, checkpoint_suite());
    srunner_add_suite(runner, damage_suite());
    srunner_add_suite(runner, kill_suite());
    srunner_add_suite(runner, history_suite());
    srunner_add_suite(runner, btree_suite());
    srunner_add_suite(runner, snapshot_suite());
    srunner_add_suite(runner, state_suite());
    srunner_add_suite(runner, tx_index_suite());
    srunner_add_suite(runner, versions_suite());
}
