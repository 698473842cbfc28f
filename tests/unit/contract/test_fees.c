// SPDX-License-Identifier: Apache-2.0
// Who gets what was paid for gas.
#include "chaincore/chain/reward.h"
#include "tests/unit/contract/stage.h"
#include "tests/unit/contract/suites.h"

static struct stage stage;
static uint64_t reward;

static void set_up(void) {
    stage_init(&stage);
    reward = amount_units(reward_of_block(stage.block.genesis_time_ms, stage.block.time_ms));
}
static void tear_down(void) { stage_clear(&stage); }

// A transaction whose fee is odd, so that it has no exact half; the fee.
static uint64_t pay_odd_fee(void) {
    static const char *const topics[] = {"a", "ab", "abc", "abcd"};
    uint64_t fee = 0;
    for (size_t i = 0; fee % 2 == 0; i++) {
        struct buf script = {0};
        ck_assert_uint_lt(i, sizeof topics / sizeof *topics);
        stage_next_block(&stage, stage.block.time_ms);
        script_event(&script, topics[i]);
        ck_assert_str_eq(stage_act(&stage, 0, &script, 0), "OK");
        buf_clear(&script);
        fee = stage.done.receipt.gas_used; // the price is 1
    }
    return fee;
}

static struct amount burnt(void) {
    struct supply supply;
    supply_load(&supply, state_draft_view(stage.block.draft));
    return supply.burnt;
}

START_TEST(the_sum_of_a_blocks_fees_is_halved_and_the_leaders_half_rounded_down) {
    uint64_t fee = pay_odd_fee();
    uint64_t had = stage_balance(&stage, &stage.block.leader), before = amount_units(burnt());
    stage_next_block(&stage, stage.block.time_ms);
    ck_assert_uint_eq(stage_balance(&stage, &stage.block.leader), had + reward + fee / 2);
    ck_assert_uint_eq(amount_units(burnt()), before + fee / 2 + 1);
}
END_TEST

START_TEST(two_odd_fees_of_a_block_have_an_exact_half) {
    uint64_t fee = pay_odd_fee();
    uint64_t had = stage_balance(&stage, &stage.block.leader), before = amount_units(burnt());
    stage.tx.seq = stage.next_seq++; // the same once more
    ck_assert_str_eq(stage_apply(&stage), "OK");
    ck_assert_uint_eq(stage.done.receipt.gas_used, fee);
    stage_next_block(&stage, stage.block.time_ms);
    ck_assert_uint_eq(stage_balance(&stage, &stage.block.leader), had + reward + fee);
    ck_assert_uint_eq(amount_units(burnt()), before + fee);
}
END_TEST

Suite *fees_suite(void) {
    Suite *suite = suite_create("fees");
    TCase *cases = tcase_create("fees");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, the_sum_of_a_blocks_fees_is_halved_and_the_leaders_half_rounded_down);
    tcase_add_test(cases, two_odd_fees_of_a_block_have_an_exact_half);
    suite_add_tcase(suite, cases);
    return suite;
}
