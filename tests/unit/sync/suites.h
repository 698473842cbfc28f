// SPDX-License-Identifier: Apache-2.0
#ifndef LMM_TESTS_SYNC_SUITES_H
#define LMM_TESTS_SYNC_SUITES_H

#include <check.h>

Suite *past_fill_suite(void);
Suite *past_message_suite(void);
Suite *past_serve_suite(void);
Suite *snapshot_fetch_suite(void);
Suite *sync_message_suite(void);

#endif
