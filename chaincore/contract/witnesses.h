// SPDX-License-Identifier: Apache-2.0
// Who serves as witness, epoch by epoch: accounts, which earn, and the keys they sign with. Part of
// the state, under STATE_WITNESSES: an entry stands where a set begins, and serves until the next
// one. Entries stay for good, for proofs lead from genesis over all sets, and a witness answers for
// what it signed in any of them.
#ifndef LMM_CONTRACT_WITNESSES_H
#define LMM_CONTRACT_WITNESSES_H

#include "chaincore/chain/account_id.h"
#include "chaincore/chain/certificate.h"
#include "chaincore/ledger/state.h"

struct witness {
    struct account_id account;
    struct public_key key;
    uint16_t commission; // of the rewards, in hundredths of a per cent: what it keeps
};

// In the order of the set.
struct witnesses {
    uint16_t count;
    struct witness list[LIMIT_WITNESSES];
};

// Those of an epoch that has begun, or of the next one once its boundary is there. False, and none,
// where no set has begun yet.
bool witnesses_load(struct witnesses *out, const struct state_view *view, uint64_t epoch);
// The epoch since which those of `epoch` serve, likewise. What changed with it may be no more than
// what they keep of the rewards.
bool witnesses_serve_since(uint64_t *out, const struct state_view *view, uint64_t epoch);
// From this epoch on. What serves already is not stored again.
void witnesses_store(struct state_draft *draft, uint64_t epoch, const struct witnesses *witnesses);
// Their keys.
void witnesses_set(struct witness_set *out, const struct witnesses *witnesses);

// The place of an account among them; `count` when it is none of them.
uint16_t witnesses_find(const struct witnesses *witnesses, const struct account_id *account);

#endif
