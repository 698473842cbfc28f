// SPDX-License-Identifier: Apache-2.0
#ifndef LMM_TESTS_HTTP_SUITES_H
#define LMM_TESTS_HTTP_SUITES_H

#include <check.h>

Suite *acceptor_suite(void);
Suite *assets_suite(void);
Suite *browser_suite(void);
Suite *http_suite(void);
Suite *idempotency_suite(void);
Suite *keys_suite(void);
Suite *lanes_suite(void);
Suite *limits_suite(void);
Suite *metrics_suite(void);
Suite *page_suite(void);
Suite *rate_suite(void);
Suite *proxies_suite(void);
Suite *router_suite(void);
Suite *stream_suite(void);
Suite *text_suite(void);
Suite *tls_suite(void);
Suite *uri_suite(void);
Suite *wait_suite(void);

#endif
