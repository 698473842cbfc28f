// SPDX-License-Identifier: Apache-2.0
// The cases of test_vm, a file each.
#ifndef LMM_TESTS_VM_SUITES_H
#define LMM_TESTS_VM_SUITES_H

#include "tests/support/unit.h"

TCase *bounds_cases(void);
TCase *float_tests(void);
TCase *hostile_cases(void);
TCase *host_cases(void);
TCase *leb_cases(void);
TCase *random_cases(void);

#endif
