// SPDX-License-Identifier: Apache-2.0
// Whoever links verdicts.c computes each signature's verdict once: see there.
#ifndef LMM_TESTS_SIM_VERDICTS_H
#define LMM_TESTS_SIM_VERDICTS_H

// Another seed has other keys, or another chain.
void verdicts_clear(void);

#endif
