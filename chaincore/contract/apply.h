// SPDX-License-Identifier: Apache-2.0
// Transactions become state, receipts and events. The same code runs when a block is built, when it
// is checked and when it is replayed; it reads no clock and nothing outside the draft.
//
// A transaction is first admitted (signers.h; sequence number, validity, gas money): what fails
// here has no place in a block. Then it is applied: its gas is paid whatever happens, its actions
// happen all or not at all.
#ifndef LMM_CONTRACT_APPLY_H
#define LMM_CONTRACT_APPLY_H

#include "chaincore/base/arena.h"
#include "chaincore/chain/block.h"
#include "chaincore/chain/params.h"
#include "chaincore/chain/tx.h"
#include "chaincore/contract/module_cache.h"
#include "chaincore/contract/turns.h"
#include "chaincore/ledger/state.h"

// A block in the making. Events and receipts live in the arena until the block is done.
struct apply_block {
    struct state_draft *draft;
    struct module_cache *modules;
    struct arena *arena;
    struct hash chain_id;
    uint64_t genesis_time_ms;
    uint64_t height;
    uint64_t epoch;
    uint64_t view;
    struct hash parent;
    uint64_t time_ms;
    struct account_id leader;
    uint16_t commission;            // of the leader: what it keeps of the reward (share.h)
    const struct turns_seen *turns; // what its header says of them; NULL: nothing
    struct params params;           // set by apply_begin
    uint64_t gas_used;
    size_t tx_bytes;     // block_tx_bytes of all transactions so far
    size_t result_bytes; // block_tx_result_bytes of them, and of the timers' runs
    struct amount fees;  // of all transactions so far
    bool has_no_events_root;
    struct hash no_events_root; // most receipts have it: hashed once
};

// Before the first transaction: what holds from this block on.
void apply_begin(struct apply_block *block);

// The gas that a transaction costs before any action runs.
uint64_t apply_intrinsic_gas(const struct tx *tx, size_t encoded_len);

// What admission needs to know about the block that would include the transaction.
struct apply_place {
    const struct params *params;
    uint64_t height;
    uint64_t expected_seq; // of the lane; the mempool counts what already waits
};
// OK or a refusal. The payer's balance is read from `view`.
enum tx_code apply_admit(const struct state_view *view, const struct tx *tx, size_t encoded_len,
                         const struct apply_place *place) MUST_CHECK;

// Does it fit what is left of the block, whatever comes of it: gas limit, bytes, and the longest
// results? One that does not waits for the next block; every transaction fits an empty one.
bool apply_fits(const struct apply_block *block, const struct tx *tx, size_t encoded_len);
// Applies an admitted transaction that fits. Fills the receipt and, when it succeeded, its events
// (in the block's arena).
void apply_tx(struct apply_block *block, const struct tx *tx, const struct hash *tx_id,
              struct block_tx *out);

// After the last transaction: pays the leader its reward and half of the sum of all fees, rounded
// down, and burns the rest; at an epoch's last block holds the election for the next.
void apply_finish(struct apply_block *block);

#endif
