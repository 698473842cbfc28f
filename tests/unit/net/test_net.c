// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/net/suites.h"

void add_suites(SRunner *runner) {
    srunner_add_suite(runner, bans_suite());
    srunner_add_suite(runner, book_suite());
    srunner_add_suite(runner, channel_suite());
    srunner_add_suite(runner, host_suite());
    srunner_add_suite(runner, host_limits_suite());
    srunner_add_suite(runner, host_meant_suite());
    srunner_add_suite(runner, host_named_suite());
    srunner_add_suite(runner, host_places_suite());
    srunner_add_suite(runner, hostile_suite());
    srunner_add_suite(runner, rates_suite());
    srunner_add_suite(runner, news_suite());
}
