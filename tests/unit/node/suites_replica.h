// SPDX-License-Identifier: Apache-2.0
#ifndef LMM_TESTS_NODE_SUITES_REPLICA_H
#define LMM_TESTS_NODE_SUITES_REPLICA_H

#include "tests/support/unit.h"

Suite *announce_suite(void);
Suite *asks_suite(void);
Suite *halt_suite(void);
Suite *sentry_suite(void);
Suite *charges_suite(void);
Suite *other_keys_suite(void);
Suite *catch_up_suite(void);
Suite *strangers_suite(void);
Suite *work_suite(void);
Suite *releases_suite(void);
Suite *records_suite(void);
Suite *record_calls_suite(void);

#endif
