// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/supplychain/epcis_suites.h"

void add_suites(SRunner *runner) {
    srunner_add_suite(runner, span_suite());
    srunner_add_suite(runner, scalar_suite());
    srunner_add_suite(runner, identifier_suite());
    srunner_add_suite(runner, event_hash_suite());
    srunner_add_suite(runner, document_split_suite());
    srunner_add_suite(runner, event_values_suite());
    srunner_add_suite(runner, query_suite());
    srunner_add_suite(runner, query_document_suite());
}
