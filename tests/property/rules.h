// SPDX-License-Identifier: Apache-2.0
// The rules of stake, votes, elections, shares, absence, evidence and decisions, as
// docs/protocol.md has them, over people by their numbers: everything is counted anew from what
// people hold, nothing is kept up with. Shares the ledger's numbers of codes, and none of its code.
#ifndef LMM_TESTS_RULES_H
#define LMM_TESTS_RULES_H

#include "chaincore/chain/receipt.h"

enum {
    RULES_PEOPLE = 112,
    RULES_UNLOCKS = 8,
    RULES_CHOICES = 30,
    RULES_SEATS = 101,
    RULES_EPOCHS = 40,
    RULES_CONTENTS = 64
};
static const uint64_t RULES_LMM = 100000000;
static const uint64_t RULES_STAKE = UINT64_C(5000000) * 100000000;
static const uint64_t RULES_DAY_MS = UINT64_C(24) * 3600 * 1000;

// The numbers are those of the state.
enum rules_standing {
    RULES_RESIGNED = 0,
    RULES_STANDS = 1,
    RULES_ABSENT = 2,
    RULES_EXPELLED = 3,
    RULES_NEVER
};

struct rules_unlock {
    uint64_t amount;
    uint64_t ready_ms;
    uint64_t epoch;
};

struct rules_person {
    uint64_t balance;
    uint64_t start; // of the epoch
    uint64_t locked;
    uint32_t unlock_count;
    struct rules_unlock unlocks[RULES_UNLOCKS];
    enum rules_standing standing;
    uint32_t key;
    uint32_t commission;
    uint64_t number;
    uint64_t answers_from;
    uint64_t pool;
    uint64_t held; // what others hold for it, as the last block left that
    uint32_t choice_count;
    uint32_t choices[RULES_CHOICES];
    uint64_t weight;
    uint64_t earned; // about: `slack` more or less, which is what rounding may do
    uint64_t slack;
    uint32_t ballot; // a number of RULES_CONTENTS, or 0
};

struct rules_seat {
    uint32_t person, key, commission;
};
struct rules_set {
    uint32_t count;
    struct rules_seat seats[RULES_SEATS];
};
struct rules_turns {
    uint64_t named;
    uint64_t taken[RULES_SEATS], missed[RULES_SEATS], silent[RULES_SEATS];
};

// What ballots may be about.
struct rules_content {
    bool is_code;
    bool changes_what_never_changes;
    uint32_t min_witnesses;
    uint32_t gas_price;
};

// How often a rule had something to say: one that never had was not tried.
struct rules_counts {
    uint64_t elected, continued, ties, outvoted; // sets; candidates beside the last of a full one
    uint64_t absent, spared, over_tenth;         // who left, or would have
    uint64_t expelled, unlocks_cut, evidence_too_old, held_back;
    uint64_t decided, brought, activated;
    uint64_t pools_shared, pools_returned, lowered;
};

struct rules {
    struct rules_counts counts;
    uint32_t people_count;
    struct rules_person people[RULES_PEOPLE];
    uint32_t epoch_blocks;
    uint64_t genesis_ms, time_ms, height, epoch;
    struct rules_set sets[RULES_EPOCHS + 1]; // by epoch
    uint64_t ends_ms[RULES_EPOCHS];          // of each that is over
    struct rules_turns turns;
    uint64_t registered; // how many ever
    uint64_t rewards, burnt, shares;
    struct rules_content params; // that rule
    struct rules_content contents[RULES_CONTENTS];
    bool has_coming;
    struct rules_content coming; // what rules from the next epoch on
    uint32_t code;               // decided, and not brought
};

const struct rules_set *rules_serving(const struct rules *rules);
// The seat of a person in this epoch; `count` of the set when it has none.
uint32_t rules_seat_of(const struct rules *rules, uint32_t person);

// ---- actions: what the chain must answer, done when that is OK

enum tx_code rules_transfer(struct rules *rules, uint32_t from, uint32_t to, uint64_t amount);
enum tx_code rules_lock(struct rules *rules, uint32_t who, uint64_t amount);
enum tx_code rules_unlock(struct rules *rules, uint32_t who, uint64_t amount);
enum tx_code rules_withdraw(struct rules *rules, uint32_t who);
enum tx_code rules_register(struct rules *rules, uint32_t who, uint32_t key, uint32_t commission);
enum tx_code rules_resign(struct rules *rules, uint32_t who);
// May the person be owed just this?
bool rules_may_be_owed(const struct rules *rules, uint32_t who, uint64_t owed);
// `paid` is what the chain says that it is owed, which comes with the vote or claim.
enum tx_code rules_vote(struct rules *rules, uint32_t who, const uint32_t *choices, uint32_t count,
                        uint64_t paid);
enum tx_code rules_claim(struct rules *rules, uint32_t who, uint64_t paid);
// `is_true`: the signatures are what they are said to be.
enum tx_code rules_evidence(struct rules *rules, uint64_t epoch, uint32_t seat, bool is_true);
// Content 0 takes the ballot back.
enum tx_code rules_approve(struct rules *rules, uint32_t who, uint32_t content);
// Whether somebody may bring this code now, which is then done.
bool rules_bring(struct rules *rules, uint32_t content);

// ---- blocks

// What the block's header says of turns.
struct rules_block {
    uint32_t leader; // a seat
    bool names_voters;
    uint32_t missed[RULES_SEATS];
    bool has_voted[RULES_SEATS];
};
// After the actions; then the next block is in the making.
void rules_end_block(struct rules *rules, const struct rules_block *block);

// What an election at the end of this epoch would count for a candidate.
uint64_t rules_tally(const struct rules *rules, uint32_t candidate);

#endif
