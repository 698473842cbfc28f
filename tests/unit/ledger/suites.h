// SPDX-License-Identifier: Apache-2.0
// The suites of test_ledger, a file each, and what they share.
#ifndef LMM_TESTS_LEDGER_SUITES_H
#define LMM_TESTS_LEDGER_SUITES_H

#include <stdio.h>
#include <stdlib.h>

#include "chaincore/crypto/sign.h"
#include "tests/support/unit.h"

Suite *block_log_suite(void);
Suite *btree_suite(void);
Suite *certificates_suite(void);
Suite *checkpoint_suite(void);
Suite *damage_suite(void);
Suite *history_suite(void);
Suite *kill_suite(void);
Suite *snapshot_suite(void);
Suite *state_suite(void);
Suite *tx_index_suite(void);
Suite *versions_suite(void);

// A generator with a seed, so that a failure can be repeated (splitmix64).
static inline uint64_t next_random(uint64_t *seed) {
    uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

// A folder of the test's own, removed by remove_folder.
static inline void make_folder(char out[TEST_FOLDER_BYTES]) { test_folder(out, "ledger"); }
static inline void remove_folder(const char *folder) {
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}

#endif
