// SPDX-License-Identifier: Apache-2.0
// Stake, candidates and votes as they stand in the state, and what transactions do to them.
//
// A candidate locks at least STAKE_MIN and names the key that it would sign blocks with. Any holder
// votes for up to 30 candidates; what a vote weighs is tally.h's business. Locked money is not
// liquid: it votes for nobody.
#ifndef LMM_CONTRACT_STAKE_H
#define LMM_CONTRACT_STAKE_H

#include "chaincore/chain/receipt.h"
#include "chaincore/chain/tx.h"
#include "chaincore/contract/deposit.h"
#include "chaincore/ledger/state.h"

struct apply_block;
struct run_tx;

// What a unit has earned, in parts of a unit: 2^64 of them (share.h).
struct share_index {
    uint64_t low;
    uint64_t high;
};

// 5,000,000 LMM in base units.
static const uint64_t STAKE_MIN = UINT64_C(5000000) * 100000000;
static const uint64_t STAKE_UNLOCK_MS = UINT64_C(14) * 24 * 3600 * 1000;

// Under STATE_STAKE ‖ account.
struct stake_unlock {
    struct amount amount;
    // Block time from which it may be withdrawn. Of one that a serving witness began, it is set
    // anew at the end of that epoch; and of each behind it, while its set goes on unelected.
    uint64_t ready_ms;
    uint64_t epoch; // in which it was begun; where the set goes on, the next one
};
struct stake {
    struct amount locked;
    uint32_t unlock_count;
    struct stake_unlock unlocks[LIMIT_STAKE_UNLOCKS]; // by ready_ms
};

// Whether a candidate stands for election, and if not, why. The tags of the encoding.
enum candidate_standing {
    CANDIDATE_RESIGNED = 0,
    CANDIDATE_STANDS = 1,
    CANDIDATE_ABSENT = 2,   // turns.h
    CANDIDATE_EXPELLED = 3, // punish.h
    CANDIDATE_STANDINGS
};

// Under STATE_CANDIDATE ‖ account. One that resigned keeps its entry: votes for it stand until
// their voters change them, and count again when it returns.
struct candidate {
    enum candidate_standing standing;
    struct public_key key; // of consensus; distinct from the account's own
    uint16_t commission;   // of the reward, in hundredths of a per cent; the rest is its voters'
    uint64_t number;       // of its first registration, from 0 on: breaks ties
    // Tally, in base units: see tally.h.
    uint64_t votes;
    uint64_t gain;
    uint64_t gain_epoch;
    uint64_t answers_from; // the first epoch that it was not punished for yet (punish.h)
    // What its voters earn: see share.h.
    uint64_t held;
    struct amount pool;
    struct share_index index;
};

// At most so many, in the order of their ids.
struct votes {
    uint32_t count;
    struct account_id candidates[LIMIT_VOTES];
};

// What each counts as in its account's deposit; a candidate with the entry of its key.
enum {
    STAKE_BYTES = 33 + 8 + 4 + 24 * LIMIT_STAKE_UNLOCKS + DEPOSIT_ENTRY_BYTES,
    CANDIDATE_BYTES = 33 + 107 + DEPOSIT_ENTRY_BYTES + 33 + 32 + DEPOSIT_ENTRY_BYTES
};
static inline uint64_t votes_bytes(uint32_t count) {
    return count > 0 ? 33 + 20 + 48 * (uint64_t)count + DEPOSIT_ENTRY_BYTES : 0;
}

// False when there is none; `out` is then empty.
bool stake_load(struct stake *out, const struct state_view *view, const struct account_id *id);
// From what stands under its key.
void candidate_decode(struct candidate *out, struct bytes value);
bool candidate_load(struct candidate *out, const struct state_view *view,
                    const struct account_id *id);
void stake_store(struct state_draft *draft, const struct account_id *id, const struct stake *stake);
void candidate_store(struct state_draft *draft, const struct account_id *id,
                     const struct candidate *candidate);

// The actions, each with the deposits for what it makes and frees. What one that fails has changed
// by then, its transaction takes back.
enum tx_code stake_lock(struct run_tx *run, const struct account_id *id,
                        struct amount amount) MUST_CHECK;
enum tx_code stake_unlock(struct run_tx *run, const struct account_id *id,
                          struct amount amount) MUST_CHECK;
// All that is ready by now.
enum tx_code stake_withdraw(struct run_tx *run, const struct account_id *id) MUST_CHECK;
// Also changes key and commission of a candidate.
enum tx_code stake_register(struct run_tx *run, const struct account_id *id,
                            const struct public_key *key, uint16_t commission) MUST_CHECK;
// May the account's owner sign with these keys? The account's consensus key must not be one of
// them, even after it resigned: it may return. OK or KEY_OF_CONSENSUS.
enum tx_code stake_check_authority(const struct state_view *view, const struct account_id *id,
                                   const struct authority *authority) MUST_CHECK;
enum tx_code stake_resign(struct run_tx *run, const struct account_id *id) MUST_CHECK;
// In place of all votes before; none takes them back.
enum tx_code stake_vote(struct run_tx *run, const struct account_id *id,
                        const struct votes *votes) MUST_CHECK;

// At an epoch's last block: what its witnesses began to unlock in it answers for the whole of it.
// Where the set goes on because too few stood for election, they serve with it in the next one too.
void stake_end_epoch(struct apply_block *block, bool goes_on);

// Everything that is locked, for the check of the supply. OVERFLOW when it cannot be.
enum status stake_sum(struct amount *out, const struct state_view *view) MUST_CHECK;

#endif
