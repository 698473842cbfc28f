// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/consensus/suites.h"

void add_suites(SRunner *runner) {
    srunner_add_suite(runner, guard_suite());
    srunner_add_suite(runner, schedule_suite());
    srunner_add_suite(runner, view_suite());
    srunner_add_suite(runner, proposal_suite());
    srunner_add_suite(runner, epoch_suite());
    srunner_add_suite(runner, fetch_suite());
    srunner_add_suite(runner, restart_suite());
    srunner_add_suite(runner, group_suite());
}
