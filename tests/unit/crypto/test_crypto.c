// SPDX-License-Identifier: Apache-2.0
#include "chaincore/crypto/sign.h"
#include "tests/support/unit.h"

Suite *hash_suite(void);
Suite *sign_suite(void);

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    srunner_add_suite(runner, hash_suite());
    srunner_add_suite(runner, sign_suite());
}
