// SPDX-License-Identifier: Apache-2.0
#ifndef LMM_TESTS_NET_SUITES_H
#define LMM_TESTS_NET_SUITES_H

#include "tests/support/unit.h"

Suite *bans_suite(void);
Suite *book_suite(void);
Suite *channel_suite(void);
Suite *host_suite(void);
Suite *host_limits_suite(void);
Suite *host_meant_suite(void);
Suite *host_named_suite(void);
Suite *host_places_suite(void);
Suite *hostile_suite(void);
Suite *rates_suite(void);
Suite *news_suite(void);

#endif
