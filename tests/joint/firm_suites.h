// SPDX-License-Identifier: Apache-2.0
#ifndef LMM_TESTS_FIRM_SUITES_H
#define LMM_TESTS_FIRM_SUITES_H

#include <check.h>

TCase *login_cases(void);
TCase *signer_cases(void);

#endif
