// SPDX-License-Identifier: Apache-2.0
#include "tests/support/unit.h"
#include "tests/unit/hooks/suites.h"

void add_suites(SRunner *runner) {
    srunner_add_suite(runner, guard_suite());
    srunner_add_suite(runner, secret_suite());
    srunner_add_suite(runner, sending_suite());
    srunner_add_suite(runner, targets_suite());
}
