// SPDX-License-Identifier: Apache-2.0
#include "tests/support/unit.h"
#include "tests/unit/sync/suites.h"

void add_suites(SRunner *runner) {
    srunner_add_suite(runner, past_message_suite());
    srunner_add_suite(runner, snapshot_fetch_suite());
    srunner_add_suite(runner, past_fill_suite());
    srunner_add_suite(runner, past_serve_suite());
}
