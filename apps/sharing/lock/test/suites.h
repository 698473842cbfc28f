// SPDX-License-Identifier: Apache-2.0
#ifndef LMM_SHARING_LOCK_TEST_SUITES_H
#define LMM_SHARING_LOCK_TEST_SUITES_H

#include "tests/support/unit.h"

TCase *attack_cases(void);
TCase *flip_cases(void);
TCase *phone_cases(void);
TCase *proof_cases(void);
TCase *flash_cases(void);
TCase *frame_cases(void);
TCase *vector_cases(void);

#endif
