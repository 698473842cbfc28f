// SPDX-License-Identifier: Apache-2.0
#ifndef LMM_TESTS_UNIT_WITNESS_SUITES_H
#define LMM_TESTS_UNIT_WITNESS_SUITES_H

#include "tests/support/unit.h"

Suite *inbox_suite(void);
Suite *handout_suite(void);
Suite *accusation_suite(void);
Suite *answers_suite(void);
Suite *message_suite(void);
Suite *verify_suite(void);
Suite *vote_log_suite(void);
Suite *driver_suite(void);
Suite *driver_group_suite(void);
Suite *driver_twin_suite(void);
Suite *driver_fetch_suite(void);

#endif
