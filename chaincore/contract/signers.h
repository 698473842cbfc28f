// SPDX-License-Identifier: Apache-2.0
// Who signed a transaction, and whether that is enough. Finding the keys reads the state and costs
// little; verifying costs much and reads nothing, so it runs on any thread and ahead of the block.
// A verdict holds for the keys that it was made with: whoever keeps one keeps signers_hash with it,
// and verifies again when an authority was changed in between.
#ifndef LMM_CONTRACT_SIGNERS_H
#define LMM_CONTRACT_SIGNERS_H

#include "chaincore/chain/receipt.h"
#include "chaincore/chain/tx.h"
#include "chaincore/ledger/state.h"

// The key of each of the transaction's signatures, in their order.
struct signers {
    uint32_t count;
    struct public_key keys[LIMIT_TX_SIGNATURES];
};

// NOT_AUTHORIZED when an entry names no key of its account, or the weights do not reach the
// threshold of the sender and, if there is one, of the payer.
enum tx_code signers_find(struct signers *out, const struct state_view *view,
                          const struct tx *tx) MUST_CHECK;
// Of the keys in their order; a single one, which is the rule, stands for itself.
void signers_hash(struct hash *out, const struct signers *signers);
// Every signature, needed or not. OK or BAD_SIGNATURE.
enum tx_code signers_verify(const struct signers *signers, const struct tx *tx,
                            const struct hash *tx_id, const struct hash *chain_id) MUST_CHECK;

// The same for many transactions, whose signatures are verified together.
struct signers_check {
    const struct signers *signers;
    const struct tx *tx;
    const struct hash *tx_id;
    enum tx_code code; // set
};
void signers_verify_many(struct signers_check *checks, size_t count, const struct hash *chain_id);

#endif
