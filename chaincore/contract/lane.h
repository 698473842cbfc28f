// SPDX-License-Identifier: Apache-2.0
// Lanes: rows of sequence numbers of one account, so that a gateway or a business can send in
// parallel. Lane 0 lives in the account. Any other opens with the transaction that uses it first
// (sequence number 0), for a deposit of its payer's, and can be closed 28,800 blocks after its last
// use: by then every transaction that ran in it has expired, and none can run again. The first
// transaction of an account that is not there makes it in the same way.
#ifndef LMM_CONTRACT_LANE_H
#define LMM_CONTRACT_LANE_H

#include "chaincore/contract/run.h"

// Under STATE_LANE ‖ account ‖ number, big-endian.
struct lane {
    uint64_t next_seq;
    uint64_t last_used; // height
};

// What a lane counts as in its account's deposit.
enum { LANE_BYTES = 100 };

// The sequence number that the lane's next transaction must have; 0 for one that is not open.
uint64_t lane_next_seq(const struct state_view *view, const struct tx_lane *lane);
// What a transaction that makes its account or opens its lane pays beside gas; zero for any other.
// OVERFLOW when that does not fit.
enum status lane_price(struct amount *out, const struct state_view *view,
                       const struct tx_lane *lane, const struct params *params) MUST_CHECK;

// Uses up the transaction's sequence number, and makes its account and opens its lane if need be.
// Its payer can pay.
void lane_use(struct apply_block *block, const struct tx *tx);
// OK, UNKNOWN_LANE or LANE_IN_USE.
enum tx_code lane_close(struct run_tx *run, uint32_t number) MUST_CHECK;

#endif
