// SPDX-License-Identifier: Apache-2.0
#include "chaincore/crypto/sign.h"
#include "tests/support/unit.h"

Suite *hash_suite(void);
Suite *hash_lanes_suite(void);
Suite *sign_suite(void);
Suite *sign_lanes_suite(void);
Suite *address_suite(void);
Suite *mnemonic_suite(void);
Suite *derive_suite(void);
Suite *noise_suite(void);
Suite *seal_suite(void);
Suite *keystore_suite(void);
Suite *wycheproof_suite(void);

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    srunner_add_suite(runner, hash_suite());
    srunner_add_suite(runner, hash_lanes_suite());
    srunner_add_suite(runner, sign_suite());
    srunner_add_suite(runner, sign_lanes_suite());
    srunner_add_suite(runner, address_suite());
    srunner_add_suite(runner, mnemonic_suite());
    srunner_add_suite(runner, derive_suite());
    srunner_add_suite(runner, noise_suite());
    srunner_add_suite(runner, seal_suite());
    srunner_add_suite(runner, keystore_suite());
    srunner_add_suite(runner, wycheproof_suite());
}
