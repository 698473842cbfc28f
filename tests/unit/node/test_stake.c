// SPDX-License-Identifier: Apache-2.0
// Stake, candidates, votes and their tallies, against a model that counts everything afresh.
#include "chaincore/contract/account.h"
#include "chaincore/contract/stake.h"
#include "chaincore/contract/supply.h"
#include "chaincore/contract/tally.h"
#include "chaincore/contract/transfer.h"
#include "tests/support/unit.h"
#include "tests/unit/node/suites.h"

enum { PEOPLE = 12 };

static const uint64_t LMM = 100000000;
static struct state *state;
static struct state_version *head;
static struct account_id people[PEOPLE];
static uint64_t seed;

static uint32_t pick(uint32_t below) {
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % below;
}

static void set_up(void) {
    ENSURE(crypto_init() == STATUS_OK);
    state = state_create();
    struct state_version *empty = state_version_empty();
    struct state_draft *draft = state_draft_begin(state, empty);
    struct supply supply = {0};
    for (uint8_t i = 0; i < PEOPLE; i++) {
        struct account account = {.balance = amount_of_units((8000000 + i) * LMM + i)};
        account.epoch_start = account.balance;
        people[i] = (struct account_id){{i}};
        account_store(draft, &people[i], &account);
        assert_ok(amount_add(&supply.genesis, supply.genesis, account.balance));
    }
    supply_store(draft, &supply);
    head = state_commit(draft, 0);
    state_version_unref(empty);
}

static void tear_down(void) {
    state_version_unref(head);
    state_free(state);
}

// Who runs actions here pays no deposits.
static struct apply_block block;
static struct run_tx run = {.block = &block};

static struct state_draft *begin(void) {
    block.draft = state_draft_begin(state, head);
    return block.draft;
}

static void end(struct state_draft *draft, uint64_t epoch) {
    uint64_t height = state_version_height(head) + 1;
    tally_block(draft, epoch);
    state_version_unref(head);
    head = state_commit(draft, height);
}

static struct public_key consensus_key(uint8_t of) { return (struct public_key){{200, of}}; }

static void register_one(int person) {
    struct public_key key = consensus_key((uint8_t)person);
    ck_assert_int_eq(stake_lock(&run, &people[person], amount_of_units(STAKE_MIN)), TX_CODE_OK);
    ck_assert_int_eq(stake_register(&run, &people[person], &key, 100), TX_CODE_OK);
}

static enum tx_code vote(int voter, uint32_t count, int first) {
    struct votes votes = {.count = count};
    for (uint32_t i = 0; i < count; i++) votes.candidates[i] = people[first + (int)i];
    return stake_vote(&run, &people[voter], &votes);
}

static enum tx_code give(int from, int to, uint64_t units) {
    struct transfer transfer = {
        .from = &people[from], .to = &people[to], .amount = amount_of_units(units)};
    transfer_gas(&transfer, state_draft_view(block.draft));
    return transfer_make(&run, &transfer);
}

static uint64_t counted(int person, uint64_t epoch) {
    struct candidate candidate;
    ck_assert(candidate_load(&candidate, state_version_view(head), &people[person]));
    return tally_of(&candidate, epoch);
}

static uint64_t balance_of(int person) {
    struct account account;
    account_load(&account, state_version_view(head), &people[person]);
    return amount_units(account.balance);
}

START_TEST(a_candidate_needs_stake_and_a_key_of_its_own) {
    struct state_draft *draft = begin();
    struct public_key key = consensus_key(1);
    struct account_id first;
    ck_assert_int_eq(stake_register(&run, &people[0], &key, 0), TX_CODE_STAKE_TOO_SMALL);
    ck_assert_int_eq(stake_lock(&run, &people[0], amount_of_units(STAKE_MIN - 1)), TX_CODE_OK);
    ck_assert_int_eq(stake_register(&run, &people[0], &key, 0), TX_CODE_STAKE_TOO_SMALL);
    ck_assert_int_eq(stake_lock(&run, &people[0], amount_of_units(1)), TX_CODE_OK);
    ck_assert_int_eq(stake_register(&run, &people[0], &key, 0), TX_CODE_OK);
    register_one(2);
    ck_assert_int_eq(stake_register(&run, &people[2], &key, 0), TX_CODE_KEY_TAKEN);
    // A key given up is free for another.
    struct public_key other = consensus_key(77);
    ck_assert_int_eq(stake_register(&run, &people[0], &other, 0), TX_CODE_OK);
    ck_assert_int_eq(stake_register(&run, &people[2], &key, 0), TX_CODE_OK);
    // The account's own key will not do.
    account_id_of_key(&first, &key);
    struct account rich = {.balance = amount_of_units(STAKE_MIN)};
    account_store(draft, &first, &rich);
    ck_assert_int_eq(stake_lock(&run, &first, amount_of_units(STAKE_MIN)), TX_CODE_OK);
    ck_assert_int_eq(stake_register(&run, &first, &key, 0), TX_CODE_KEY_OF_ACCOUNT);
    state_draft_drop(draft);
}
END_TEST

static enum tx_code unlock(uint64_t units, uint64_t now_ms) {
    block.time_ms = now_ms;
    return stake_unlock(&run, &people[0], amount_of_units(units));
}
static enum tx_code withdraw(uint64_t now_ms) {
    block.time_ms = now_ms;
    return stake_withdraw(&run, &people[0]);
}

START_TEST(what_is_unlocked_comes_back_after_fourteen_days) {
    struct state_draft *draft = begin();
    uint64_t now = 1000, half = STAKE_MIN / 2;
    struct amount too_much = amount_of_units(UINT64_MAX);
    ck_assert_int_eq(stake_lock(&run, &people[0], too_much), TX_CODE_INSUFFICIENT_FUNDS);
    register_one(0);
    ck_assert_int_eq(unlock(half, now), TX_CODE_STAKE_TOO_SMALL);
    ck_assert_int_eq(stake_resign(&run, &people[0]), TX_CODE_OK);
    ck_assert_int_eq(stake_resign(&run, &people[0]), TX_CODE_NOT_A_CANDIDATE);
    ck_assert_int_eq(unlock(half, now), TX_CODE_OK);
    ck_assert_int_eq(unlock(half, now + 1), TX_CODE_OK);
    ck_assert_int_eq(unlock(half, now + 1), TX_CODE_STAKE_TOO_SMALL);
    now += STAKE_UNLOCK_MS;
    ck_assert_int_eq(withdraw(now - 1), TX_CODE_NOTHING_READY);
    ck_assert_int_eq(withdraw(now), TX_CODE_OK);
    ck_assert_int_eq(withdraw(now), TX_CODE_NOTHING_READY);
    end(draft, 0);
    ck_assert_uint_eq(balance_of(0), 8000000 * LMM - half);
    ck_assert(supply_is_conserved(state_version_view(head)));
    draft = begin();
    ck_assert_int_eq(withdraw(now + 1), TX_CODE_OK);
    end(draft, 0);
    ck_assert_uint_eq(balance_of(0), 8000000 * LMM);
}
END_TEST

START_TEST(so_many_unlockings_may_be_under_way_and_no_more) {
    struct state_draft *draft = begin();
    register_one(0);
    ck_assert_int_eq(stake_lock(&run, &people[0], amount_of_units(100)), TX_CODE_OK);
    for (int i = 0; i < LIMIT_STAKE_UNLOCKS; i++) ck_assert_int_eq(unlock(1, 7), TX_CODE_OK);
    ck_assert_int_eq(unlock(1, 7), TX_CODE_TOO_MANY_UNLOCKS);
    ck_assert_int_eq(withdraw(7 + STAKE_UNLOCK_MS), TX_CODE_OK);
    ck_assert_int_eq(unlock(1, 7), TX_CODE_OK);
    state_draft_drop(draft);
}
END_TEST

START_TEST(money_that_came_within_the_epoch_does_not_vote_in_it) {
    struct state_draft *draft = begin();
    register_one(0);
    ck_assert_int_eq(vote(1, 1, 2), TX_CODE_NOT_A_CANDIDATE);
    ck_assert_int_eq(vote(1, 1, 0), TX_CODE_OK);
    end(draft, 0);
    uint64_t own = balance_of(1);
    ck_assert_uint_eq(counted(0, 0), own);
    draft = begin();
    ck_assert_int_eq(give(2, 1, LMM), TX_CODE_OK);
    end(draft, 1);
    ck_assert_uint_eq(counted(0, 1), own);
    ck_assert_uint_eq(counted(0, 2), own + LMM);
    // What was lent and given back leaves no trace, what was spent is gone at once.
    draft = begin();
    ck_assert_int_eq(give(1, 2, 3 * LMM), TX_CODE_OK);
    end(draft, 1);
    ck_assert_uint_eq(counted(0, 1), own - 2 * LMM);
    ck_assert_uint_eq(counted(0, 2), own - 2 * LMM);
}
END_TEST

START_TEST(a_vote_cast_within_an_epoch_weighs_what_its_voter_had_at_the_start) {
    struct state_draft *draft = begin();
    register_one(0);
    end(draft, 0);
    draft = begin(); // touched in epoch 3 before it votes
    ck_assert_int_eq(give(2, 1, LMM), TX_CODE_OK);
    end(draft, 3);
    draft = begin();
    ck_assert_int_eq(vote(1, 1, 0), TX_CODE_OK);
    end(draft, 3);
    ck_assert_uint_eq(counted(0, 3), balance_of(1) - LMM);
    ck_assert_uint_eq(counted(0, 4), balance_of(1));
    draft = begin();
    ck_assert_int_eq(vote(1, 0, 0), TX_CODE_OK);
    end(draft, 4);
    ck_assert_uint_eq(counted(0, 4), 0);
}
END_TEST

// Everyone's balance at the start of the epoch, and the number and first of their choices.
struct model {
    uint64_t start[PEOPLE];
    uint32_t count[PEOPLE];
    int first[PEOPLE];
};

static void check_tallies(const struct model *model, uint64_t epoch) {
    for (int candidate = 0; candidate < 5; candidate++) {
        uint64_t expected = 0;
        for (int i = 0; i < PEOPLE; i++) {
            bool is_choice =
                candidate >= model->first[i] && candidate < model->first[i] + (int)model->count[i];
            uint64_t weight = balance_of(i) < model->start[i] ? balance_of(i) : model->start[i];
            if (is_choice) expected += weight / model->count[i];
        }
        ck_assert_uint_eq(counted(candidate, epoch), expected);
    }
}

static void do_something(struct state_draft *draft, struct model *model) {
    int who = (int)pick(PEOPLE), other = (int)pick(PEOPLE);
    switch (pick(6)) {
    case 0:
        model->first[who] = (int)pick(5);
        model->count[who] = pick((uint32_t)(6 - model->first[who]));
        ck_assert_int_eq(vote(who, model->count[who], model->first[who]), TX_CODE_OK);
        break;
    case 1:
        (void)!stake_lock(&run, &people[who], amount_of_units(pick(1000) * LMM));
        break;
    case 2: { // and undone
        size_t savepoint = state_savepoint(draft);
        struct votes votes = {.count = 1, .candidates = {people[pick(5)]}};
        ck_assert_int_eq(stake_vote(&run, &people[who], &votes), TX_CODE_OK);
        state_rollback(draft, savepoint);
        break;
    }
    default:
        (void)!give(who, other, pick(2000000) * (LMM + 1));
    }
}

START_TEST(tallies_equal_a_count_of_every_account_over_random_histories) {
    for (uint32_t history = 0; history < 40; history++) {
        struct model model = {0};
        struct state_draft *draft = begin();
        seed = history + 1;
        if (history == 0)
            for (int i = 0; i < 5; i++) register_one(i);
        for (int i = 0; i < PEOPLE; i++) ck_assert_int_eq(vote(i, 0, 0), TX_CODE_OK);
        end(draft, history * 100);
        for (uint64_t epoch = history * 100 + 1; epoch < history * 100 + 6; epoch++) {
            for (int i = 0; i < PEOPLE; i++) model.start[i] = balance_of(i);
            for (uint32_t blocks = pick(4); blocks > 0; blocks--) {
                draft = begin();
                for (uint32_t n = pick(6); n > 0; n--) do_something(draft, &model);
                end(draft, epoch);
                check_tallies(&model, epoch);
            }
        }
        ck_assert(supply_is_conserved(state_version_view(head)));
    }
}
END_TEST

// Of the ids the first bytes are the same.
static struct account_id nth_candidate(uint32_t n) {
    struct account_id id = {{0}};
    store_u32_le(id.bytes + 4, n + 1);
    return id;
}

START_TEST(a_block_may_touch_any_number_of_candidates) {
    struct state_draft *draft = begin();
    for (uint32_t i = 0; i < PEOPLE * LIMIT_VOTES; i++) {
        struct candidate candidate = {.standing = CANDIDATE_STANDS, .number = i};
        struct account_id id = nth_candidate(i);
        candidate_store(draft, &id, &candidate);
    }
    for (uint32_t voter = 0; voter < PEOPLE; voter++) {
        struct votes votes = {.count = LIMIT_VOTES};
        for (uint32_t i = 0; i < LIMIT_VOTES; i++)
            votes.candidates[i] = nth_candidate(voter * LIMIT_VOTES + i);
        ck_assert_int_eq(stake_vote(&run, &people[voter], &votes), TX_CODE_OK);
    }
    end(draft, 0);
    for (uint32_t i = 0; i < PEOPLE * LIMIT_VOTES; i++) {
        struct candidate candidate;
        struct account_id id = nth_candidate(i);
        ck_assert(candidate_load(&candidate, state_version_view(head), &id));
        ck_assert_uint_eq(tally_of(&candidate, 0),
                          balance_of((int)(i / LIMIT_VOTES)) / LIMIT_VOTES);
    }
}
END_TEST

Suite *stake_suite(void) {
    Suite *suite = suite_create("stake");
    TCase *cases = tcase_create("stake");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_candidate_needs_stake_and_a_key_of_its_own);
    tcase_add_test(cases, what_is_unlocked_comes_back_after_fourteen_days);
    tcase_add_test(cases, so_many_unlockings_may_be_under_way_and_no_more);
    tcase_add_test(cases, money_that_came_within_the_epoch_does_not_vote_in_it);
    tcase_add_test(cases, a_vote_cast_within_an_epoch_weighs_what_its_voter_had_at_the_start);
    tcase_add_test(cases, a_block_may_touch_any_number_of_candidates);
    tcase_add_test(cases, tallies_equal_a_count_of_every_account_over_random_histories);
    suite_add_tcase(suite, cases);
    return suite;
}
