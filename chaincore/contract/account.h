// SPDX-License-Identifier: Apache-2.0
// Accounts as they stand in the state. One that nobody ever paid has no entry and reads as empty.
// Whatever makes an entry locks a deposit for it (account_deposit.h); it may be removed long after
// its last use (account_remove.h).
#ifndef LMM_CONTRACT_ACCOUNT_H
#define LMM_CONTRACT_ACCOUNT_H

#include "chaincore/chain/account_id.h"
#include "chaincore/chain/amount.h"
#include "chaincore/chain/authority.h"
#include "chaincore/contract/deposit.h"
#include "chaincore/ledger/state.h"

struct account {
    bool is_there; // set by loading, and not stored
    struct amount balance;
    uint64_t next_seq; // of lane 0
    // The height at which it last sent in lane 0 or gave money away, or was made; 0 in genesis.
    uint64_t last_used;
    // The newest epoch that touched it, and the balance that it had when that epoch began
    // (tally.h).
    uint64_t epoch;
    struct amount epoch_start;
    uint8_t choices;        // how many candidates it votes for (stake.h)
    struct deposit deposit; // for its entries in the state, this one included
    struct authority authority;
    struct {
        uint32_t version; // from 1 on; 0: none was published
        uint8_t bytes[32];
    } enc_key; // X25519; the older ones stand under STATE_ENC_KEY
};

// What an account counts as in its own deposit; an authority of so many keys, and the encryption
// key; and one that a newer one replaced, which has an entry of its own.
enum {
    ACCOUNT_BYTES = 33 + 60 + DEPOSIT_ENTRY_BYTES,
    ACCOUNT_ENC_KEY_BYTES = 36,
    ACCOUNT_OLD_ENC_KEY_BYTES = 37 + 32 + DEPOSIT_ENTRY_BYTES
};
static inline uint64_t account_authority_bytes(uint32_t key_count) {
    return key_count > 0 ? 8 + 34 * (uint64_t)key_count : 0;
}

// An absent entry gives the zero account. The state is ours: what does not decode is damage, and
// aborts.
void account_load(struct account *out, const struct state_view *view, const struct account_id *id);
// From what stands under its key; empty bytes give the zero account.
void account_decode(struct account *out, struct bytes value);
// The same of bytes that are not ours.
enum status account_read(struct account *out, struct bytes value) MUST_CHECK;
void account_store(struct state_draft *draft, const struct account_id *id,
                   const struct account *account);
// Stores it with this as its next encryption key, and the one before beside it.
void account_next_enc_key(struct state_draft *draft, const struct account_id *id,
                          struct account *account, const uint8_t key[32]);

#endif
