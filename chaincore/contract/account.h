// SPDX-License-Identifier: Apache-2.0
// Accounts as they stand in the state. An account that nobody ever paid has no entry and reads as
// empty; one that was used stays, so that its sequence number is never used again.
#ifndef LMM_CONTRACT_ACCOUNT_H
#define LMM_CONTRACT_ACCOUNT_H

#include "chaincore/chain/account_id.h"
#include "chaincore/chain/amount.h"
#include "chaincore/chain/authority.h"
#include "chaincore/contract/deposit.h"
#include "chaincore/ledger/state.h"

struct account {
    struct amount balance;
    uint64_t next_seq;  // of lane 0
    uint64_t last_used; // the height at which it last sent; 0 when never
    // The newest epoch that touched it, and the balance that it had when that epoch began
    // (tally.h).
    uint64_t epoch;
    struct amount epoch_start;
    uint8_t choices;        // how many candidates it votes for (stake.h)
    struct deposit deposit; // for what its state counts beside itself: lanes
    struct authority authority;
    struct {
        uint32_t version; // from 1 on; 0: none was published
        uint8_t bytes[32];
    } enc_key; // X25519; the older ones stand under STATE_ENC_KEY
};

// An absent entry gives the zero account. The state is ours: what does not decode is damage, and
// aborts.
void account_load(struct account *out, const struct state_view *view, const struct account_id *id);
// From what stands under its key; empty bytes give the zero account.
void account_decode(struct account *out, struct bytes value);
void account_store(struct state_draft *draft, const struct account_id *id,
                   const struct account *account);

// Publishes the next version and keeps the one before readable.
void account_set_enc_key(struct state_draft *draft, const struct account_id *id,
                         const uint8_t key[32]);

#endif
