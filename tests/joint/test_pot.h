// SPDX-License-Identifier: Apache-2.0
#ifndef LMM_TESTS_POT_H
#define LMM_TESTS_POT_H

#include <check.h>

enum { // of docs/examples/pot/pot.c
    NOTHING_GIVEN = 2,
    TOO_LATE = 3,
    TOO_EARLY = 4,
    SETTLED = 5,
    NOTHING_HERE = 6,
    WRONG_PRICE = 7,
    ARMED = 8,
};
enum { POT_SETTLE_GAS = 200000 };

void pot_chain_cases(Suite *suite);

#endif
