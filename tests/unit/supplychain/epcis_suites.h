// SPDX-License-Identifier: Apache-2.0
// The suites of test_epcis.
#ifndef LMM_TESTS_EPCIS_SUITES_H
#define LMM_TESTS_EPCIS_SUITES_H

#include "tests/support/unit.h"

Suite *document_split_suite(void);
Suite *event_hash_suite(void);
Suite *event_values_suite(void);
Suite *identifier_suite(void);
Suite *query_suite(void);
Suite *query_document_suite(void);
Suite *scalar_suite(void);
Suite *span_suite(void);

#endif
