// SPDX-License-Identifier: Apache-2.0
#ifndef LMM_TESTS_SIGNER_SUITES_H
#define LMM_TESTS_SIGNER_SUITES_H

#include <check.h>

TCase *money_cases(void);

#endif
