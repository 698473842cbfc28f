// SPDX-License-Identifier: Apache-2.0
// An account's row of envelopes, as the state keeps it: how many there were, and the hash of the
// newest. It costs a deposit once, and stays.
#ifndef LMM_CONTRACT_STREAM_H
#define LMM_CONTRACT_STREAM_H

#include "chaincore/chain/envelope.h"
#include "chaincore/contract/run.h"

struct stream {
    uint64_t seq;     // of the newest; 0: none yet
    struct hash head; // its envelope_hash
};

// What a stream counts as in its account's deposit.
enum { STREAM_BYTES = 33 + 40 + DEPOSIT_ENTRY_BYTES };

// An absent entry gives the zero stream.
void stream_load(struct stream *out, const struct state_view *view, const struct account_id *id);
// WRONG_ENVELOPE when it is not the next of the sender, DEPOSIT_LIMIT, INSUFFICIENT_FUNDS.
enum tx_code stream_append(struct run_tx *run, const struct envelope *envelope) MUST_CHECK;

#endif
