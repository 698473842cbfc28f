// SPDX-License-Identifier: Apache-2.0
#ifndef LMM_TESTS_NODE_SUITES_H
#define LMM_TESTS_NODE_SUITES_H

#include <check.h>

Suite *authority_suite(void);
Suite *ballot_suite(void);
Suite *bounds_suite(void);
Suite *boundary_suite(void);
Suite *branch_suite(void);
Suite *clock_suite(void);
Suite *drops_suite(void);
Suite *election_suite(void);
Suite *genesis_folder_suite(void);
Suite *lanes_suite(void);
Suite *mempool_bounds_suite(void);
Suite *mempool_suite(void);
Suite *parameters_suite(void);
Suite *punish_suite(void);
Suite *quorum_suite(void);
Suite *recent_suite(void);
Suite *recovery_suite(void);
Suite *share_suite(void);
Suite *simulate_suite(void);
Suite *snapshot_suite(void);
Suite *snapshot_trust_suite(void);
Suite *stake_suite(void);
Suite *submit_suite(void);
Suite *hostile_suite(void);
Suite *stream_suite(void);
Suite *timers_suite(void);
Suite *turns_suite(void);
Suite *waiting_suite(void);

#endif
