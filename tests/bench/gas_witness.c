// SPDX-License-Identifier: Apache-2.0
// What witnesses make the chain do: evidence against all of a full set, and ballots of all of them.
// With what the state takes.
#include "chaincore/contract/account.h"
#include "chaincore/contract/ballot.h"
#include "chaincore/contract/gas.h"
#include "chaincore/contract/parameters.h"
#include "chaincore/contract/punish.h"
#include "chaincore/contract/stake.h"
#include "chaincore/contract/tally.h"
#include "chaincore/contract/witnesses.h"
#include "chaincore/crypto/sign.h"
#include "tests/bench/gas_stage.h"

static struct secret_key secrets[LIMIT_WITNESSES];
static struct evidence evidences[LIMIT_WITNESSES];

static struct account_id id_of(uint16_t witness) {
    return (struct account_id){{(uint8_t)(2 * witness), 0xee}}; // all over the accounts
}

// All serve, stand for election, and unlock as much as may be at a time.
static void add_witnesses(struct witnesses *witnesses) {
    struct state_draft *draft = gas_stage.block.draft;
    struct stake stake = {.locked = amount_of_units(STAKE_MIN),
                          .unlock_count = LIMIT_STAKE_UNLOCKS};
    for (uint32_t i = 0; i < LIMIT_STAKE_UNLOCKS; i++)
        stake.unlocks[i].amount = amount_of_units(1000);
    witnesses->count = LIMIT_WITNESSES;
    for (uint16_t i = 0; i < LIMIT_WITNESSES; i++) {
        uint8_t seed[32] = {3, (uint8_t)i};
        struct account_id id = id_of(i);
        struct account account = {.balance = amount_of_units(UINT64_C(1) << 40)};
        key_from_seed(&secrets[i], &witnesses->list[i].key, seed);
        witnesses->list[i].account = id;
        struct candidate candidate = {
            .standing = CANDIDATE_STANDS, .number = i, .key = witnesses->list[i].key};
        account_store(draft, &id, &account);
        stake_store(draft, &id, &stake);
        candidate_store(draft, &id, &candidate);
    }
    witnesses_store(draft, 0, witnesses);
    parameters_store(draft, &gas_stage.block.params);
}

// A chain in use: what witnesses are asked for lies far apart.
static void add_others(void) {
    enum { OTHERS = 100000 };
    for (uint32_t i = 0; i < OTHERS; i++) {
        struct account account = {.balance = amount_of_units(1)};
        struct account_id id;
        struct hash hash;
        hash_bytes(&hash, HASH_KEY, BYTES_OF(i));
        memcpy(&id, &hash, sizeof id);
        account_store(gas_stage.block.draft, &id, &account);
    }
}

static void sign_evidence(const struct witnesses *witnesses) {
    struct witness_set set;
    struct hash payload;
    witnesses_set(&set, witnesses);
    for (uint16_t i = 0; i < LIMIT_WITNESSES; i++) {
        struct evidence_vote *votes[] = {&evidences[i].first, &evidences[i].second};
        evidences[i].witness = i;
        for (uint8_t k = 0; k < 2; k++) {
            struct vote vote = {.kind = VOTE_FINALIZE, .block_id = {{(uint8_t)(1 + k)}}};
            witness_set_hash(&vote.set_hash, &set);
            vote_payload(&payload, &vote);
            votes[k]->kind = vote.kind;
            votes[k]->block_id = vote.block_id;
            sign_payload(&votes[k]->signature, &secrets[i], SIGN_VOTE, &gas_stage.block.chain_id,
                         &payload);
        }
    }
}

static void show_all(struct run_tx *run) {
    for (uint16_t i = 0; i < LIMIT_WITNESSES; i++) ENSURE(punish(run, &evidences[i]) == TX_CODE_OK);
}
// It costs as much to find that there is nothing to do, and may be done for ever.
static void show_again(struct run_tx *run) {
    for (uint16_t i = 0; i < LIMIT_WITNESSES; i++) {
        enum tx_code code = punish(run, &evidences[0]);
        ENSURE(code == (i == 0 ? TX_CODE_OK : TX_CODE_PUNISHED_ALREADY));
    }
}

static void approve(struct run_tx *run, uint16_t witness, uint64_t price) {
    struct account_id id = id_of(witness);
    struct approval approval = {.kind = APPROVE_PARAMETERS, .params = run->block->params};
    approval.params.min_witnesses = 1;
    approval.params.protocol = 1;
    approval.params.min_gas_price = price;
    ENSURE(ballot_cast(run, &id, &approval) == TX_CODE_OK);
}
// Everybody has a ballot of its own, and nothing is ever decided.
static void approve_of_own(struct run_tx *run) {
    for (uint16_t i = 0; i < LIMIT_WITNESSES; i++) approve(run, i, 2 + i);
}
// With the last of these it is decided, and all of them are taken back.
static void approve_of_one(struct run_tx *run) {
    for (uint16_t i = 0; i < witness_quorum(LIMIT_WITNESSES); i++) approve(run, i, 2);
}

struct work {
    const char *name;
    void (*run)(struct run_tx *run);
    uint64_t gas;
};

// Each run stands on the same state.
static void measure(const struct work *work) {
    double best = 0;
    for (int i = 0; i < STAGE_RUNS; i++) {
        gas_stage_begin();
        struct run_tx run = {.block = &gas_stage.block};
        double start = gas_now_ns();
        work->run(&run);
        tally_block(gas_stage.block.draft, 0);
        struct state_version *next = state_commit(gas_stage.block.draft, 7);
        double ns = gas_now_ns() - start;
        if (i == 0 || ns < best) best = ns;
        state_version_unref(next);
    }
    gas_row(work->name, best, work->gas);
}

void table_of_witnesses(void) {
    static struct witnesses witnesses;
    struct state_version *before = state_version_ref(gas_stage.version);
    gas_stage_begin();
    add_others();
    add_witnesses(&witnesses);
    sign_evidence(&witnesses);
    gas_stage_commit();
    gas_class("evidence");
    measure(&(struct work){"evidence", show_all, LIMIT_WITNESSES * GAS_EVIDENCE});
    measure(&(struct work){"evidence_again", show_again, LIMIT_WITNESSES * GAS_EVIDENCE});
    gas_class("approve");
    measure(&(struct work){"approve", approve_of_own, LIMIT_WITNESSES * GAS_APPROVE});
    measure(&(struct work){"approve_decides", approve_of_one,
                           (uint64_t)witness_quorum(LIMIT_WITNESSES) * GAS_APPROVE});
    state_version_unref(gas_stage.version);
    gas_stage.version = before;
}
