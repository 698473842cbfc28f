// SPDX-License-Identifier: Apache-2.0
// What voters earn: by rule, against a model over random histories, and by signed transactions.
#include "chaincore/contract/account.h"
#include "chaincore/contract/share.h"
#include "chaincore/contract/supply.h"
#include "chaincore/contract/transfer.h"
#include "tests/support/unit.h"
#include "tests/unit/node/epochs.h"
#include "tests/unit/node/suites.h"

enum { CANDIDATES = 3, VOTERS = 6, FIRST_VOTER = 10 };

static const uint64_t REWARD = UINT64_C(50) * 100000000;
static struct epochs epochs;
static uint64_t seed;

static uint32_t pick(uint32_t below) {
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % below;
}

// Three candidates who keep a quarter, none and all of their rewards, and voters with money since
// before this epoch. Candidate 1 serves and leads.
static void set_up(void) {
    static const uint16_t commissions[CANDIDATES] = {2500, 0, LIMIT_COMMISSION};
    epochs_init(&epochs, 1);
    for (uint32_t i = 0; i < CANDIDATES; i++) epochs_register(&epochs, i + 1, 0, commissions[i]);
    for (uint32_t i = 0; i < VOTERS; i++) epochs_give(&epochs, FIRST_VOTER + i, 100 * (i + 1));
    epochs_next_epoch(&epochs);
    epochs_lead(&epochs, 1);
}
static void tear_down(void) { epochs_clear(&epochs); }

static enum tx_code claim(uint32_t who) {
    struct account_id id = epochs_id(who);
    return share_claim(&epochs.run, &id);
}
static uint64_t earned(uint32_t who) {
    uint64_t before = epochs_balance(&epochs, who);
    enum tx_code code = claim(who);
    ck_assert(code == TX_CODE_OK || code == TX_CODE_NOTHING_TO_CLAIM);
    return epochs_balance(&epochs, who) - before;
}
static enum tx_code give(uint32_t from, uint32_t to, uint64_t units) {
    struct account_id sender = epochs_id(from), receiver = epochs_id(to);
    struct transfer transfer = {.from = &sender, .to = &receiver, .amount = amount_of_units(units)};
    transfer_gas(&transfer, epochs_view(&epochs));
    return transfer_make(&epochs.run, &transfer);
}
static uint64_t unclaimed(void) {
    struct supply supply;
    supply_load(&supply, epochs_view(&epochs));
    return amount_units(supply.shares);
}

START_TEST(a_witness_keeps_its_commission_and_its_voters_share_the_rest) {
    uint64_t kept = REWARD / 4, pool = (REWARD - kept) * EPOCHS_BLOCKS;
    epochs_vote(&epochs, 10, 1, 1); // 100 LMM
    epochs_vote(&epochs, 12, 1, 1); // 300
    epochs_next(&epochs);           // nobody held for it yet: all of it was its own
    ck_assert_uint_eq(epochs_balance(&epochs, 1), REWARD);
    epochs_next_epoch(&epochs);
    epochs_next_epoch(&epochs);
    ck_assert_uint_eq(epochs_balance(&epochs, 1), REWARD + kept * (2 * EPOCHS_BLOCKS - 1));
    pool += (REWARD - kept) * (EPOCHS_BLOCKS - 1);
    ck_assert_uint_eq(unclaimed(), pool);
    ck_assert_uint_eq(earned(10), pool / 4);
    ck_assert_uint_eq(earned(12), pool / 4 * 3);
    ck_assert_uint_eq(unclaimed(), 0);
    ck_assert_int_eq(claim(10), TX_CODE_NOTHING_TO_CLAIM);
    ck_assert_int_eq(claim(11), TX_CODE_NOTHING_TO_CLAIM); // votes for nobody
}
END_TEST

START_TEST(a_commission_rules_from_the_election_on) {
    struct account_id id = epochs_id(1);
    struct secret_key secret;
    struct public_key key;
    epochs_key(&secret, &key, 1);
    epochs_vote(&epochs, 10, 1, 1);
    epochs_next(&epochs);
    ck_assert_int_eq(stake_register(&epochs.run, &id, &key, LIMIT_COMMISSION), TX_CODE_OK);
    uint64_t before = epochs_balance(&epochs, 1);
    epochs_next(&epochs);
    ck_assert_uint_eq(epochs_balance(&epochs, 1), before + REWARD / 4);
    epochs_next_epoch(&epochs);
    before = epochs_balance(&epochs, 1);
    epochs_next(&epochs);
    ck_assert_uint_eq(epochs_balance(&epochs, 1), before + REWARD);
}
END_TEST

START_TEST(money_that_came_within_the_epoch_earns_once_it_is_told) {
    epochs_vote(&epochs, 10, 1, 1); // 100 LMM
    epochs_vote(&epochs, 11, 1, 1); // 200
    ck_assert_int_eq(give(15, 10, 300 * EPOCHS_LMM), TX_CODE_OK);
    epochs_next_epoch(&epochs);
    uint64_t pool = unclaimed();
    ck_assert_uint_eq(earned(11), pool / 3 * 2);
    ck_assert_uint_eq(earned(10), pool / 3); // from here on it holds 400
    pool = unclaimed();
    epochs_next_epoch(&epochs);
    pool = unclaimed() - pool;
    ck_assert_uint_eq(earned(10) / EPOCHS_LMM, pool / 3 * 2 / EPOCHS_LMM);
}
END_TEST

START_TEST(money_that_went_earns_no_more_and_what_was_earned_stays) {
    epochs_vote(&epochs, 10, 1, 1); // 100 LMM
    epochs_vote(&epochs, 12, 1, 1); // 300
    epochs_next_epoch(&epochs);
    uint64_t pool = unclaimed();
    ck_assert_int_eq(give(12, 15, 200 * EPOCHS_LMM), TX_CODE_OK);
    epochs_next_epoch(&epochs);
    uint64_t more = unclaimed() - pool;
    ck_assert_uint_eq(earned(10), pool / 4 + more / 2);
    ck_assert_uint_eq(earned(12), pool / 4 * 3 + more / 2);
}
END_TEST

START_TEST(money_earns_once_however_it_wanders) {
    epochs_vote(&epochs, 10, 1, 1); // 100 LMM
    epochs_vote(&epochs, 15, 1, 1); // 600
    epochs_next(&epochs);
    // It votes here, goes on, and votes there.
    ck_assert_int_eq(give(15, 14, 600 * EPOCHS_LMM), TX_CODE_OK);
    epochs_vote(&epochs, 14, 1, 1);
    epochs_next_epoch(&epochs);
    uint64_t pool = unclaimed();
    ck_assert_uint_eq(earned(15), 0);
    ck_assert_uint_eq(earned(10) / 100, pool / 6 / 100); // 500 LMM of its own voter 14 had before
    ck_assert_uint_eq(earned(14) / 100, pool / 6 * 5 / 100);
}
END_TEST

START_TEST(a_new_vote_pays_out_what_the_old_one_earned) {
    epochs_vote(&epochs, 10, 1, 1);
    epochs_next_epoch(&epochs);
    uint64_t pool = unclaimed(), before = epochs_balance(&epochs, 10);
    epochs_vote(&epochs, 10, 2, 2);
    ck_assert_uint_eq(epochs_balance(&epochs, 10), before + pool);
    epochs_vote(&epochs, 10, 1, 0);
    ck_assert_uint_eq(unclaimed(), 0);
    ck_assert_int_eq(claim(10), TX_CODE_NOTHING_TO_CLAIM);
}
END_TEST

START_TEST(a_pool_that_nobody_holds_for_any_more_is_the_witness_own) {
    epochs_vote(&epochs, 10, 1, 1);
    epochs_next(&epochs);
    epochs_next(&epochs);
    ck_assert_uint_eq(unclaimed(), REWARD - REWARD / 4);
    epochs_vote(&epochs, 10, 1, 0);
    epochs_next_epoch(&epochs);
    ck_assert_uint_eq(unclaimed(), 0);
    ck_assert_uint_eq(epochs_balance(&epochs, 1), REWARD * EPOCHS_BLOCKS);
}
END_TEST

START_TEST(who_left_with_the_last_block_leaves_the_pool_to_the_witness) {
    epochs_vote(&epochs, 10, 1, 1);
    while (epochs.height % EPOCHS_BLOCKS != EPOCHS_BLOCKS - 1) epochs_next(&epochs);
    epochs_vote(&epochs, 10, 1, 0);
    epochs_next_epoch(&epochs); // too late to be given back here
    ck_assert_uint_gt(unclaimed(), 0);
    epochs_next_epoch(&epochs);
    ck_assert_uint_eq(unclaimed(), 0);
}
END_TEST

// What each holds for its choices and has earned, by the rules alone.
struct model {
    uint64_t start[VOTERS], weight[VOTERS], balance[VOTERS];
    uint32_t first[VOTERS], count[VOTERS];
    double earned[VOTERS], paid[VOTERS];
    double pool[CANDIDATES];
};

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

static bool votes_for(const struct model *model, uint32_t voter, uint32_t candidate) {
    return candidate >= model->first[voter] &&
           candidate < model->first[voter] + model->count[voter];
}

static void hold(struct model *model, uint32_t voter) {
    uint64_t now = epochs_balance(&epochs, FIRST_VOTER + voter);
    model->weight[voter] =
        model->count[voter] ? least(now, model->start[voter]) / model->count[voter] : 0;
}

static void do_something(struct model *model) {
    uint32_t who = pick(VOTERS), other = pick(VOTERS), id = FIRST_VOTER + who;
    uint64_t before = epochs_balance(&epochs, id);
    switch (pick(4)) {
    case 0: {
        uint32_t first = pick(CANDIDATES), count = pick(CANDIDATES - first + 1);
        epochs_vote(&epochs, id, first + 1, count);
        model->paid[who] += (double)(epochs_balance(&epochs, id) - before);
        model->first[who] = first;
        model->count[who] = count;
        hold(model, who);
        break;
    }
    case 1:
        model->paid[who] += (double)earned(id);
        hold(model, who);
        break;
    default:
        (void)!give(id, FIRST_VOTER + other, pick(300) * EPOCHS_LMM + pick(1000));
    }
}

static void end_block(struct model *model, uint32_t leader) {
    static const double part[CANDIDATES] = {0.75, 1, 0};
    struct candidate candidate;
    struct account_id id = epochs_id(leader + 1);
    candidate_load(&candidate, epochs_view(&epochs), &id);
    if (candidate.held > 0) model->pool[leader] += part[leader] * (double)REWARD;
    for (uint32_t v = 0; v < VOTERS; v++)
        if (model->count[v] > 0)
            model->weight[v] =
                least(model->weight[v], epochs_balance(&epochs, FIRST_VOTER + v) / model->count[v]);
}

static void end_epoch(struct model *model, const uint64_t *held_before) {
    for (uint32_t c = 0; c < CANDIDATES; c++) {
        double held = 0;
        if (held_before[c] == 0) model->pool[c] = 0; // given back
        for (uint32_t v = 0; v < VOTERS; v++)
            if (votes_for(model, v, c)) held += (double)model->weight[v];
        if (held <= 0) continue;
        for (uint32_t v = 0; v < VOTERS; v++)
            if (votes_for(model, v, c))
                model->earned[v] += model->pool[c] * (double)model->weight[v] / held;
        model->pool[c] = 0;
    }
    for (uint32_t v = 0; v < VOTERS; v++)
        model->start[v] = epochs_balance(&epochs, FIRST_VOTER + v);
}

static void run_epoch(struct model *model) {
    uint64_t held[CANDIDATES];
    do {
        uint32_t leader = pick(CANDIDATES);
        epochs_lead(&epochs, leader + 1);
        for (uint32_t n = pick(4); n > 0; n--) do_something(model);
        for (uint32_t c = 0; c < CANDIDATES; c++) {
            struct candidate candidate;
            struct account_id id = epochs_id(c + 1);
            candidate_load(&candidate, epochs_view(&epochs), &id);
            held[c] = candidate.held;
        }
        end_block(model, leader);
        epochs_next(&epochs);
    } while (epochs.height % EPOCHS_BLOCKS != 0);
    end_epoch(model, held);
}

// Nothing is lost and nothing is stuck: what is left when all have claimed and gone is rounding.
START_TEST(shares_are_those_of_a_model_over_random_histories) {
    enum { EPOCHS = 60 };
    struct model model = {0};
    seed = (uint64_t)_i + 1;
    for (uint32_t v = 0; v < VOTERS; v++) model.start[v] = epochs_balance(&epochs, FIRST_VOTER + v);
    for (int i = 0; i < EPOCHS; i++) run_epoch(&model);
    for (uint32_t v = 0; v < VOTERS; v++) {
        model.paid[v] += (double)earned(FIRST_VOTER + v);
        double difference = model.paid[v] - model.earned[v];
        ck_assert_double_lt(difference, 1);
        ck_assert_double_gt(difference, -(double)(EPOCHS * EPOCHS_BLOCKS * CANDIDATES));
        epochs_vote(&epochs, FIRST_VOTER + v, 1, 0);
    }
    epochs_lead(&epochs, 0);
    for (int i = 0; i < 2; i++) epochs_next_epoch(&epochs);
    ck_assert_uint_lt(unclaimed(), EPOCHS * EPOCHS_BLOCKS * CANDIDATES * VOTERS);
}
END_TEST

Suite *share_suite(void) {
    Suite *suite = suite_create("share");
    TCase *cases = tcase_create("share");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_witness_keeps_its_commission_and_its_voters_share_the_rest);
    tcase_add_test(cases, a_commission_rules_from_the_election_on);
    tcase_add_test(cases, money_that_came_within_the_epoch_earns_once_it_is_told);
    tcase_add_test(cases, money_that_went_earns_no_more_and_what_was_earned_stays);
    tcase_add_test(cases, money_earns_once_however_it_wanders);
    tcase_add_test(cases, a_new_vote_pays_out_what_the_old_one_earned);
    tcase_add_test(cases, a_pool_that_nobody_holds_for_any_more_is_the_witness_own);
    tcase_add_test(cases, who_left_with_the_last_block_leaves_the_pool_to_the_witness);
    tcase_add_loop_test(cases, shares_are_those_of_a_model_over_random_histories, 0, 8);
    suite_add_tcase(suite, cases);
    return suite;
}
