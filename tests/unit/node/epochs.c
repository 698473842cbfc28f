// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/node/epochs.h"

#include "chaincore/contract/account.h"
#include "chaincore/contract/parameters.h"
#include "chaincore/contract/supply.h"
#include "tests/support/unit.h"

static void begin(struct epochs *epochs) {
    epochs->block = (struct apply_block){.draft = state_draft_begin(epochs->state, epochs->head),
                                         .chain_id = {{0xcc}},
                                         .height = epochs->height,
                                         .epoch = epochs->height / epochs->params.epoch_blocks,
                                         .time_ms = epochs->height * 1000,
                                         .leader = {{0xee}}};
    epochs_lead(epochs, epochs->leader);
    apply_begin(&epochs->block);
}

void epochs_lead(struct epochs *epochs, uint32_t who) {
    struct witnesses witnesses;
    epochs->leader = who;
    epochs->block.leader = who > 0 ? epochs_id(who) : (struct account_id){{0xee}};
    epochs->block.commission = LIMIT_COMMISSION;
    epochs_load(epochs, &witnesses);
    uint16_t place = witnesses_find(&witnesses, &epochs->block.leader);
    if (place < witnesses.count) epochs->block.commission = witnesses.list[place].commission;
}

void epochs_init(struct epochs *epochs, uint16_t min_witnesses) {
    epochs_init_long(epochs, min_witnesses, EPOCHS_BLOCKS);
}

void epochs_init_long(struct epochs *epochs, uint16_t min_witnesses, uint32_t epoch_blocks) {
    ENSURE(crypto_init() == STATUS_OK);
    *epochs = (struct epochs){.state = state_create(),
                              .params = {.block_interval_ms = 1000,
                                         .epoch_blocks = epoch_blocks,
                                         .min_gas_price = 1,
                                         .block_gas_limit = 1000000000,
                                         .min_witnesses = min_witnesses,
                                         .protocol = 1}};
    struct state_version *empty = state_version_empty();
    struct state_draft *draft = state_draft_begin(epochs->state, empty);
    parameters_store(draft, &epochs->params);
    epochs->head = state_commit(draft, 0);
    state_version_unref(empty);
    epochs->run.block = &epochs->block;
    epochs->height = 1;
    begin(epochs);
}

void epochs_clear(struct epochs *epochs) {
    state_draft_drop(epochs->block.draft);
    state_version_unref(epochs->head);
    state_free(epochs->state);
}

struct account_id epochs_id(uint32_t n) {
    struct account_id id = {{1}};
    store_u32_be(id.bytes + 1, n);
    return id;
}

void epochs_key(struct secret_key *secret, struct public_key *key, uint32_t n) {
    uint8_t seed[32] = {7};
    store_u32_be(seed + 1, n);
    key_from_seed(secret, key, seed);
}

void epochs_give(struct epochs *epochs, uint32_t to, uint64_t lmm) {
    struct state_draft *draft = epochs->block.draft;
    struct account_id id = epochs_id(to);
    struct amount amount = amount_of_units(lmm * EPOCHS_LMM);
    struct account account;
    struct supply supply;
    account_load(&account, state_draft_view(draft), &id);
    assert_ok(amount_add(&account.balance, account.balance, amount));
    account_store(draft, &id, &account);
    supply_load(&supply, state_draft_view(draft));
    assert_ok(amount_add(&supply.genesis, supply.genesis, amount));
    supply_store(draft, &supply);
}

void epochs_register(struct epochs *epochs, uint32_t who, uint64_t lmm, uint16_t commission) {
    struct account_id id = epochs_id(who);
    struct secret_key secret;
    struct public_key key;
    epochs_key(&secret, &key, who);
    epochs_give(epochs, who, STAKE_MIN / EPOCHS_LMM + lmm);
    ck_assert_int_eq(stake_lock(&epochs->run, &id, amount_of_units(STAKE_MIN)), TX_CODE_OK);
    ck_assert_int_eq(stake_register(&epochs->run, &id, &key, commission), TX_CODE_OK);
}

void epochs_vote(struct epochs *epochs, uint32_t voter, uint32_t first, uint32_t count) {
    struct account_id id = epochs_id(voter);
    struct votes votes = {.count = count};
    for (uint32_t i = 0; i < count; i++) votes.candidates[i] = epochs_id(first + i);
    ck_assert_int_eq(stake_vote(&epochs->run, &id, &votes), TX_CODE_OK);
}

void epochs_serve(struct epochs *epochs, const uint32_t *who, uint16_t count) {
    struct witnesses witnesses = {.count = count};
    struct secret_key secret;
    for (uint16_t i = 0; i < count; i++) {
        witnesses.list[i].account = epochs_id(who[i]);
        epochs_key(&secret, &witnesses.list[i].key, who[i]);
    }
    witnesses_store(epochs->block.draft, epochs->block.epoch, &witnesses);
}

void epochs_next(struct epochs *epochs) {
    apply_finish(&epochs->block);
    state_version_unref(epochs->head);
    epochs->head = state_commit(epochs->block.draft, epochs->height++);
    ck_assert(supply_is_conserved(state_version_view(epochs->head)));
    begin(epochs);
}

void epochs_next_epoch(struct epochs *epochs) {
    do epochs_next(epochs);
    while (epochs->height % epochs->params.epoch_blocks != 0);
}

const struct state_view *epochs_view(const struct epochs *epochs) {
    return state_draft_view(epochs->block.draft);
}

uint64_t epochs_balance(const struct epochs *epochs, uint32_t who) {
    struct account account;
    struct account_id id = epochs_id(who);
    account_load(&account, epochs_view(epochs), &id);
    return amount_units(account.balance);
}

void epochs_load(const struct epochs *epochs, struct witnesses *out) {
    witnesses_load(out, epochs_view(epochs), epochs->block.epoch);
}
