// SPDX-License-Identifier: Apache-2.0
// Parameters and rewards on a state of their own, block by block.
#include "chaincore/contract/account.h"
#include "chaincore/contract/apply.h"
#include "chaincore/contract/parameters.h"
#include "chaincore/contract/supply.h"
#include "tests/support/unit.h"
#include "tests/unit/node/suites.h"

static const struct params first = {
    .block_interval_ms = 10, .epoch_blocks = 4, .min_gas_price = 1, .block_gas_limit = 1000};
static const struct account_id leader = {{7}};
static struct state *state;
static struct state_version *head;

static void set_up(void) {
    ENSURE(crypto_init() == STATUS_OK);
    state = state_create();
    struct state_version *empty = state_version_empty();
    struct state_draft *draft = state_draft_begin(state, empty);
    parameters_store(draft, &first);
    head = state_commit(draft, 0);
    state_version_unref(empty);
}

static void tear_down(void) {
    state_version_unref(head);
    state_free(state);
}

// An empty block at this height. Returns the least gas price that ruled in it.
static uint64_t extend(uint64_t height, uint64_t time_ms) {
    struct apply_block block = {.draft = state_draft_begin(state, head),
                                .height = height,
                                .epoch = height / first.epoch_blocks,
                                .time_ms = time_ms,
                                .leader = leader};
    apply_begin(&block);
    apply_finish(&block);
    state_version_unref(head);
    head = state_commit(block.draft, height);
    return block.params.min_gas_price;
}

static enum status schedule(uint64_t epoch, const struct params *params) {
    struct state_draft *draft = state_draft_begin(state, head);
    enum status status = parameters_schedule(draft, epoch, params);
    uint64_t height = state_version_height(head);
    state_version_unref(head);
    head = state_commit(draft, height);
    return status;
}

START_TEST(new_parameters_rule_from_the_first_block_of_their_epoch) {
    struct params next = first;
    next.min_gas_price = 5;
    ck_assert_uint_eq(extend(1, 10), 1);
    assert_ok(schedule(2, &next));
    for (uint64_t height = 2; height < 12; height++)
        ck_assert_uint_eq(extend(height, height * 10), height < 8 ? 1 : 5);
}
END_TEST

START_TEST(the_last_of_several_changes_counts_and_a_skipped_boundary_is_made_up_for) {
    struct params next = first;
    next.min_gas_price = 5;
    assert_ok(schedule(1, &next));
    next.min_gas_price = 6;
    assert_ok(schedule(1, &next));
    ck_assert_uint_eq(extend(9, 10), 6); // no block stood at heights 4 to 8
    ck_assert_uint_eq(extend(10, 20), 6);
}
END_TEST

// Witnesses decide on a whole set of parameters, each time made of those that rule.
START_TEST(of_two_changes_in_an_epoch_neither_undoes_the_other) {
    struct params next = first, ruling;
    next.min_gas_price = 5;
    next.protocol = 3;
    assert_ok(schedule(1, &next));
    next = first;
    next.block_gas_limit = 2000;
    assert_ok(schedule(1, &next));
    next = first;
    next.min_gas_price = 7;
    next.block_interval_ms = 20;
    next.deposit_per_byte = 9;
    next.min_witnesses = 8;
    assert_ok(schedule(1, &next));
    ck_assert_uint_eq(extend(3, 10), 1);
    ck_assert_uint_eq(extend(4, 20), 7);
    parameters_load(&ruling, state_version_view(head));
    ck_assert_uint_eq(ruling.protocol, 3);
    ck_assert_uint_eq(ruling.block_gas_limit, 2000);
    ck_assert_uint_eq(ruling.block_interval_ms, 20);
    ck_assert_uint_eq(ruling.deposit_per_byte, 9);
    ck_assert_uint_eq(ruling.min_witnesses, 8);
}
END_TEST

START_TEST(what_is_fixed_for_a_chains_life_stays) {
    struct params next = first;
    next.epoch_blocks = 5;
    assert_status(schedule(1, &next), STATUS_INVALID);
    next = first;
    next.allow_floats = true;
    assert_status(schedule(1, &next), STATUS_INVALID);
    next = first;
    next.leave_out_empty_blocks = true;
    assert_status(schedule(1, &next), STATUS_INVALID);
    ck_assert_uint_eq(extend(4, 10), 1);
}
END_TEST

START_TEST(leaders_earn_the_reward_of_the_year_and_the_supply_adds_up) {
    static const uint64_t year = UINT64_C(365) * 24 * 3600 * 1000;
    struct account earned;
    for (uint64_t height = 1; height <= 6; height++) extend(height, (height - 1) * year);
    account_load(&earned, state_version_view(head), &leader);
    ck_assert_uint_eq(amount_units(earned.balance), UINT64_C(16000000000)); // 50+40+30+20+10+10
    struct supply supply;
    supply_load(&supply, state_version_view(head));
    ck_assert_int_eq(amount_compare(supply.rewards, earned.balance), 0);
    ck_assert(supply_is_conserved(state_version_view(head)));
}
END_TEST

Suite *parameters_suite(void) {
    Suite *suite = suite_create("parameters");
    TCase *cases = tcase_create("parameters");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, new_parameters_rule_from_the_first_block_of_their_epoch);
    tcase_add_test(cases, the_last_of_several_changes_counts_and_a_skipped_boundary_is_made_up_for);
    tcase_add_test(cases, of_two_changes_in_an_epoch_neither_undoes_the_other);
    tcase_add_test(cases, what_is_fixed_for_a_chains_life_stays);
    tcase_add_test(cases, leaders_earn_the_reward_of_the_year_and_the_supply_adds_up);
    suite_add_tcase(suite, cases);
    return suite;
}
