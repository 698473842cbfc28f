// SPDX-License-Identifier: Apache-2.0
// Timers: when they run, in what order, who pays, and that they cannot take a block for themselves.
#include "chaincore/contract/contract_record.h"
#include "chaincore/contract/gas.h"
#include "tests/unit/contract/stage.h"
#include "tests/unit/contract/suites.h"

static struct stage stage;
static struct buf script, inner;
enum { NOW = 5000, GAS = 1000000, MONEY = 50000000 };

static void set_up(void) { stage_init(&stage); }
static void tear_down(void) {
    for (int i = 0; i < STAGE_PUPPETS; i++) stage_counted_bytes(&stage, &stage.puppets[i]);
    stage_clear(&stage);
    buf_clear(&script);
    buf_clear(&inner);
}

#define assert_text(expression, expected) ck_assert_str_eq(expression, expected)

static void script_timer(struct buf *out, uint64_t due_ms, uint64_t gas, const struct buf *then) {
    encode_u8(out, PUPPET_TIMER);
    encode_u64(out, due_ms);
    encode_u64(out, gas);
    encode_bytes(out, buf_bytes(then));
}

static void script_timer_for(struct buf *out, const struct account_id *account, uint64_t due_ms,
                             const struct buf *then) {
    encode_u8(out, PUPPET_TIMER_FOR);
    encode_fixed(out, account, sizeof *account);
    encode_u64(out, due_ms);
    encode_u64(out, GAS);
    encode_bytes(out, buf_bytes(then));
}

static const char *cancel(int puppet, uint64_t due_ms, uint64_t id) {
    buf_reset(&script);
    encode_u8(&script, PUPPET_CANCEL);
    encode_u64(&script, due_ms);
    encode_u64(&script, id);
    return stage_act(&stage, puppet, &script, 0);
}

static uint64_t number(uint32_t event) {
    check_event(&stage, event, "number");
    return load_u64_le(stage.done.events[event].data.data);
}

static const struct block_tx *timer_run(uint32_t index, const char *code) {
    ck_assert_uint_lt(index, stage.timers.count);
    const struct block_tx *run = &stage.timers.runs[index];
    assert_text(tx_code_name((enum tx_code)run->receipt.code), code);
    return run;
}

// A puppet with money sets a timer that tells `topic`.
static void set_telling(int puppet, uint64_t due_ms, const char *topic) {
    buf_reset(&inner);
    buf_reset(&script);
    script_event(&inner, topic);
    script_timer(&script, due_ms, GAS, &inner);
    assert_text(stage_act(&stage, puppet, &script, MONEY), "OK");
}

START_TEST(timers_run_once_in_the_order_of_their_time_then_of_their_ids) {
    static const char *const topics[] = {"c", "a", "d", "b", "later"};
    static const uint64_t due[] = {NOW + 20, NOW + 10, NOW + 20, NOW + 10, NOW + 21};
    for (int i = 0; i < 5; i++) set_telling(i, due[i], topics[i]);
    stage_next_block(&stage, NOW + 9);
    ck_assert_uint_eq(stage.timers.count, 0);
    stage_next_block(&stage, NOW + 20);
    ck_assert_uint_eq(stage.timers.count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        static const char *const in_order[] = {"a", "b", "c", "d"};
        const struct block_tx *run = timer_run(i, "OK");
        ck_assert_uint_eq(run->encoded.len, 0);
        ck_assert_uint_eq(run->event_count, 1);
        assert_bytes_equal(run->events[0].topic, bytes_of_string(in_order[i]));
    }
    ck_assert(!hash_equal(&timer_run(0, "OK")->receipt.tx_id, &timer_run(1, "OK")->receipt.tx_id));
    stage_next_block(&stage, NOW + 20);
    ck_assert_uint_eq(stage.timers.count, 0);
    uint64_t next;
    ck_assert(timer_next_due(state_draft_view(stage.block.draft), &next));
    ck_assert_uint_eq(next, NOW + 21);
    stage_next_block(&stage, NOW + 100);
    ck_assert_uint_eq(stage.timers.count, 1);
    ck_assert(!timer_next_due(state_draft_view(stage.block.draft), &next));
}
END_TEST

START_TEST(a_timer_is_paid_ahead_and_what_it_does_not_use_comes_back) {
    set_telling(0, NOW + 10, "x");
    ck_assert_uint_eq(stage_balance(&stage, &stage.puppets[0]), MONEY - GAS);
    uint64_t locked = 0;
    struct contract_record record;
    ck_assert(contract_load(&record, state_draft_view(stage.block.draft), &stage.puppets[0]));
    locked = amount_units(record.deposit.amount);
    ck_assert_uint_gt(locked, 0);
    stage_next_block(&stage, NOW + 10);
    uint64_t used = timer_run(0, "OK")->receipt.gas_used;
    ck_assert_uint_gt(used, GAS_TIMER_RUN);
    ck_assert_uint_eq(stage_balance(&stage, &stage.puppets[0]), MONEY - used + locked);
    ck_assert_uint_eq(stage.block.gas_used, used);
    ck_assert_uint_eq(amount_units(stage.block.fees), used);
}
END_TEST

START_TEST(the_price_of_the_day_it_was_set_stays) {
    set_telling(0, NOW + 10, "x");
    uint64_t before = stage_balance(&stage, &stage.puppets[0]);
    stage.block.params.min_gas_price = 7;
    stage.block.params.deposit_per_byte = 0;
    set_telling(1, NOW + 10, "y");
    ck_assert_uint_eq(stage_balance(&stage, &stage.puppets[1]), MONEY - 7 * GAS);
    stage_next_block(&stage, NOW + 10);
    ck_assert_uint_gt(stage_balance(&stage, &stage.puppets[0]), before);
    ck_assert_uint_eq(amount_units(stage.block.fees), timer_run(0, "OK")->receipt.gas_used +
                                                          7 * timer_run(1, "OK")->receipt.gas_used);
}
END_TEST

START_TEST(who_set_a_timer_may_cancel_it_and_is_paid_back) {
    set_telling(0, NOW + 10, "x");
    uint64_t id = number(0);
    uint64_t before = stage_balance(&stage, &stage.puppets[0]);
    assert_text(cancel(1, NOW + 10, id), "OK"); // another's
    ck_assert_uint_eq(number(0), 0);
    assert_text(cancel(0, NOW + 11, id), "OK"); // another time
    ck_assert_uint_eq(number(0), 0);
    assert_text(cancel(0, NOW + 10, id), "OK");
    ck_assert_uint_eq(number(0), 1);
    ck_assert_uint_eq(stage_balance(&stage, &stage.puppets[0]), before + GAS);
    assert_text(cancel(0, NOW + 10, id), "OK");
    ck_assert_uint_eq(number(0), 0);
    stage_next_block(&stage, NOW + 10);
    ck_assert_uint_eq(stage.timers.count, 0);
}
END_TEST

START_TEST(bounds_of_time_gas_and_money_are_named) {
    static uint8_t much[5000];
    const struct {
        uint64_t due_ms, gas, money;
        size_t argument_len;
        const char *code;
    } cases[] = {
        {NOW, GAS, MONEY, 0, "TIMER_BOUND"},
        {0, GAS, MONEY, 0, "TIMER_BOUND"},
        {NOW + 1, GAS_TIMER_RUN - 1, MONEY, 0, "TIMER_BOUND"},
        {NOW + 1, 1000000000 / 16 + 1, 10 * MONEY, 0, "TIMER_BOUND"},
        {NOW + 1, UINT64_MAX, MONEY, 0, "TIMER_BOUND"},
        {NOW + 1, GAS, MONEY, 4097, "TIMER_BOUND"},
        {NOW + 1, GAS, GAS - 1, 0, "INSUFFICIENT_FUNDS"},
        {NOW + 1, GAS, GAS, 4096, "OK"},
        {UINT64_MAX, 1000000000 / 16, 10 * MONEY, 0, "OK"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_reset(&script);
        buf_reset(&inner);
        buf_append(&inner, bytes_of(much, cases[i].argument_len));
        script_timer(&script, cases[i].due_ms, cases[i].gas, &inner);
        int puppet = 5 + (int)i;
        assert_text(stage_act(&stage, puppet, &script, cases[i].money), cases[i].code);
    }
    stage_next_block(&stage, NOW + 1);
}
END_TEST

START_TEST(a_timer_that_fails_is_gone_with_a_receipt_and_its_fee) {
    uint32_t code = 12;
    buf_reset(&inner);
    script_set(&inner, "lost", "x");
    script_event(&inner, "lost");
    script_numbers(&inner, PUPPET_REFUSE, &code, 1);
    script_timer(&script, NOW + 1, GAS, &inner);
    buf_reset(&inner);
    encode_u8(&inner, PUPPET_SPIN);
    script_timer(&script, NOW + 1, GAS, &inner);
    assert_text(stage_act(&stage, 0, &script, MONEY), "OK");
    stage_next_block(&stage, NOW + 1);
    ck_assert_uint_eq(stage.timers.count, 2);
    const struct block_tx *refused = timer_run(0, "CONTRACT_REFUSED");
    ck_assert_uint_eq(refused->receipt.contract_code, 12);
    ck_assert_uint_eq(refused->event_count, 0);
    ck_assert_uint_eq(timer_run(1, "OUT_OF_GAS")->receipt.gas_used, GAS);
    ck_assert_uint_eq(stage_stored(&stage, 0, "lost").len, 0);
    stage_next_block(&stage, NOW + 2);
    ck_assert_uint_eq(stage.timers.count, 0);
}
END_TEST

START_TEST(the_first_that_does_not_fit_ends_the_run_and_carries_over) {
    enum { LARGE = 1000000000 / 16 };
    encode_u8(&inner, PUPPET_SPIN);
    for (int i = 0; i < 5; i++) script_timer(&script, NOW + 1, LARGE, &inner);
    buf_reset(&inner);
    script_timer(&script, NOW + 2, GAS_TIMER_RUN, &inner); // would fit, but comes behind
    stage_begin(&stage);
    stage_add_call(&stage, 0, "pay", &script, 7 * (uint64_t)LARGE);
    assert_text(stage_apply(&stage), "OK");
    stage_next_block(&stage, NOW + 5);
    ck_assert_uint_eq(stage.timers.count, 4);
    ck_assert_uint_eq(stage.block.gas_used, 4 * (uint64_t)LARGE);
    stage_next_block(&stage, NOW + 6);
    ck_assert_uint_eq(stage.timers.count, 2);
    timer_run(0, "OUT_OF_GAS");
    timer_run(1, "OUT_OF_GAS"); // 20,000 gas do not even enter a contract
}
END_TEST

START_TEST(what_timers_tell_takes_a_quarter_of_a_blocks_results) {
    enum { MOST = LIMIT_BLOCK_RESULT_BYTES / 4 / BLOCK_TX_RESULT_MAX, ENOUGH_GAS = 30000000 };
    buf_reset(&inner);
    script_shouts(&inner, LIMIT_TX_EVENT_BYTES);
    for (int i = 0; i < MOST + 1; i++) script_timer(&script, NOW + 1, ENOUGH_GAS, &inner);
    // Two that are still told when what they come to is not the most.
    buf_reset(&inner);
    script_shouts(&inner, LIMIT_BLOCK_RESULT_BYTES / 4 - BLOCK_TX_RESULT_MAX - RECEIPT_BYTES - 4);
    script_timer(&script, NOW + 2, ENOUGH_GAS, &inner);
    script_timer(&script, NOW + 2, ENOUGH_GAS, &inner);
    assert_text(stage_act(&stage, 0, &script, (MOST + 3) * ENOUGH_GAS + MONEY), "OK");
    stage_next_block(&stage, NOW + 1);
    ck_assert_uint_eq(stage.timers.count, MOST);
    ck_assert_uint_eq(stage.block.result_bytes, (size_t)MOST * BLOCK_TX_RESULT_MAX);
    stage_next_block(&stage, NOW + 1);
    ck_assert_uint_eq(stage.timers.count, 1);
    stage_next_block(&stage, NOW + 2);
    ck_assert_uint_eq(stage.timers.count, 2);
    for (uint32_t i = 0; i < 2; i++) timer_run(i, "OK");
}
END_TEST

START_TEST(a_timer_larger_than_what_is_allowed_by_now_still_ends) {
    buf_reset(&inner);
    encode_u8(&inner, PUPPET_SPIN);
    script_timer(&script, NOW + 1, 50000000, &inner);
    assert_text(stage_act(&stage, 0, &script, 2 * MONEY), "OK");
    uint64_t before = stage_balance(&stage, &stage.puppets[0]);
    stage.block.params.block_gas_limit = 1000000;
    stage_next_block(&stage, NOW + 1);
    ck_assert_uint_eq(timer_run(0, "OUT_OF_GAS")->receipt.gas_used, 250000);
    ck_assert_uint_ge(stage_balance(&stage, &stage.puppets[0]), before + 50000000 - 250000);
}
END_TEST

START_TEST(timers_breed_only_as_long_as_their_contract_pays) {
    // Each run sets two more: after n blocks 2^n would be due, if they were for nothing.
    for (int i = 0; i < 2; i++) {
        encode_u8(&script, PUPPET_AGAIN);
        encode_u64(&script, 1);
        encode_u64(&script, 300000);
    }
    stage.block.params.deposit_per_byte = 1;
    assert_text(stage_act(&stage, 0, &script, 20 * 300000), "OK");
    uint64_t runs = 0, burst = 0;
    for (uint64_t i = 1; i < 200; i++) {
        stage_next_block(&stage, NOW + i);
        runs += stage.timers.count;
        if (stage.timers.count > burst) burst = stage.timers.count;
        ck_assert_uint_le(stage.block.gas_used, 250000000);
    }
    ck_assert_uint_gt(runs, 10);
    ck_assert_uint_lt(runs, 20 * 300000 / GAS_TIMER_RUN);
    ck_assert_uint_le(burst, 20);
    ck_assert_uint_eq(stage.timers.count, 0); // it ended by itself
}
END_TEST

START_TEST(a_timer_set_by_a_timer_waits_for_a_later_block) {
    encode_u8(&script, PUPPET_AGAIN);
    encode_u64(&script, 1);
    encode_u64(&script, GAS);
    assert_text(stage_act(&stage, 0, &script, MONEY), "OK");
    for (uint64_t i = 1; i < 5; i++) {
        stage_next_block(&stage, NOW + 1000 * i);
        ck_assert_uint_eq(stage.timers.count, 1);
    }
}
END_TEST

START_TEST(what_a_timer_stores_its_contract_pays_for) {
    script_set(&inner, "stored", "by a timer");
    script_timer(&script, NOW + 1, GAS, &inner);
    assert_text(stage_act(&stage, 0, &script, MONEY), "OK");
    uint64_t user = stage_balance(&stage, &stage.user);
    stage_next_block(&stage, NOW + 1);
    timer_run(0, "OK");
    ck_assert_uint_eq(stage_balance(&stage, &stage.user), user);
    ck_assert_uint_eq(stage_stored(&stage, 0, "stored").len, 10);
    // Without the money for it, it fails.
    buf_reset(&script);
    script_timer(&script, NOW + 10, GAS, &inner);
    script_transfer(&script, &stage.user, 0);
    stage.block.params.deposit_per_byte = 10;
    assert_text(stage_act(&stage, 1, &script, GAS), "OK");
    stage.block.params.deposit_per_byte = 1000000;
    stage_next_block(&stage, NOW + 10);
    timer_run(0, "INSUFFICIENT_FUNDS");
}
END_TEST

static uint64_t locked_by(int puppet) {
    struct contract_record record;
    ck_assert(contract_load(&record, state_draft_view(stage.block.draft), &stage.puppets[puppet]));
    return amount_units(record.deposit.amount);
}

START_TEST(what_a_run_leaves_goes_to_whom_its_timer_names_to_the_unit) {
    const struct account_id someone = {{0x50}}, newcomer = {{0x51}};
    uint64_t account_deposit = 10 * (uint64_t)ACCOUNT_BYTES;
    stage.block.params.deposit_per_byte = 10;
    script_set(&script, "old", "goes away");
    script_transfer(&script, &someone, 1);
    script_delete(&inner, "old");
    script_set(&inner, "new", "stays");
    script_transfer(&inner, &newcomer, 7);
    script_timer_for(&script, &someone, NOW + 1, &inner);
    assert_text(stage_act(&stage, 0, &script, MONEY), "OK");
    uint64_t held = stage_balance(&stage, &stage.puppets[0]), locked = locked_by(0);
    ck_assert_uint_eq(held, MONEY - GAS - 1);
    stage_next_block(&stage, NOW + 1);
    uint64_t left = GAS - timer_run(0, "OK")->receipt.gas_used;
    uint64_t freed = locked - locked_by(0); // the entry, and old less new
    ck_assert_uint_gt(locked, locked_by(0));
    ck_assert_uint_eq(stage_balance(&stage, &someone), 1 + left + freed - account_deposit);
    ck_assert_uint_eq(stage_balance(&stage, &stage.puppets[0]), held - 7);
    ck_assert_uint_eq(stage_balance(&stage, &newcomer), 7);
}
END_TEST

START_TEST(an_account_that_gets_what_is_left_is_made_out_of_it) {
    const struct account_id newcomer = {{0x52}};
    stage.block.params.deposit_per_byte = 10;
    script_timer_for(&script, &newcomer, NOW + 1, &inner);
    assert_text(stage_act(&stage, 0, &script, GAS), "OK");
    uint64_t locked = locked_by(0);
    stage_next_block(&stage, NOW + 1);
    uint64_t left = GAS - timer_run(0, "OK")->receipt.gas_used + locked - locked_by(0);
    ck_assert_uint_eq(stage_balance(&stage, &newcomer), left - 10 * (uint64_t)ACCOUNT_BYTES);
    ck_assert_uint_eq(stage_balance(&stage, &stage.puppets[0]), 0);
}
END_TEST

// The contract's money is other people's.
START_TEST(a_run_for_somebody_that_locks_more_than_it_leaves_is_undone) {
    const struct account_id newcomer = {{0x53}};
    script_set(&inner, "much", "more than is there");
    script_event(&inner, "lost");
    script_transfer(&inner, &newcomer, 1);
    script_timer_for(&script, &stage.user, NOW + 1, &inner);
    assert_text(stage_act(&stage, 0, &script, MONEY), "OK");
    uint64_t held = stage_balance(&stage, &stage.puppets[0]), locked = locked_by(0);
    uint64_t user = stage_balance(&stage, &stage.user);
    stage.block.params.deposit_per_byte = 100000;
    stage_next_block(&stage, NOW + 1);
    const struct block_tx *run = timer_run(0, "INSUFFICIENT_FUNDS");
    ck_assert_uint_eq(run->event_count, 0);
    ck_assert_uint_eq(stage_stored(&stage, 0, "much").len, 0);
    ck_assert_uint_eq(stage_balance(&stage, &newcomer), 0);
    ck_assert_uint_eq(stage_balance(&stage, &stage.puppets[0]), held);
    ck_assert_uint_eq(stage_balance(&stage, &stage.user),
                      user + GAS - run->receipt.gas_used + locked - locked_by(0));
}
END_TEST

START_TEST(a_run_that_fails_leaves_what_it_did_not_use_to_the_same) {
    uint32_t code = 12;
    script_set(&inner, "lost", "x");
    script_numbers(&inner, PUPPET_REFUSE, &code, 1);
    script_timer_for(&script, &stage.user, NOW + 1, &inner);
    assert_text(stage_act(&stage, 0, &script, GAS), "OK");
    uint64_t user = stage_balance(&stage, &stage.user), locked = locked_by(0);
    stage_next_block(&stage, NOW + 1);
    uint64_t used = timer_run(0, "CONTRACT_REFUSED")->receipt.gas_used;
    ck_assert_uint_eq(stage_balance(&stage, &stage.user),
                      user + GAS - used + locked - locked_by(0));
    ck_assert_uint_eq(stage_balance(&stage, &stage.puppets[0]), 0);
}
END_TEST

START_TEST(a_timer_for_somebody_that_is_cancelled_pays_its_contract_back) {
    script_timer_for(&script, &stage.user, NOW + 10, &inner);
    assert_text(stage_act(&stage, 0, &script, GAS), "OK");
    assert_text(cancel(0, NOW + 10, number(0)), "OK");
    ck_assert_uint_eq(number(0), 1);
    ck_assert_uint_eq(stage_balance(&stage, &stage.puppets[0]), GAS);
}
END_TEST

START_TEST(anyone_may_call_what_a_timer_calls) {
    set_telling(0, NOW + 10, "same");
    buf_reset(&script);
    script_event(&script, "same");
    assert_text(stage_act(&stage, 0, &script, 0), "OK");
    check_event(&stage, 0, "same");
}
END_TEST

START_TEST(a_timer_has_golden_bytes) {
    struct timer timer = {.contract = {{9}},
                          .rest_to = {{8}},
                          .method = bytes_of_string("act"),
                          .arguments = bytes_of_string("\1\2"),
                          .gas_limit = 3,
                          .gas_price = 4};
    struct timer back;
    struct buf encoded = {0}, again = {0};
    char hex[2 * 89 + 1];
    timer_encode(&encoded, &timer);
    ck_assert_uint_eq(encoded.len, 93);
    hex_encode(hex, bytes_of(encoded.data + 4, 89));
    ck_assert_str_eq(hex, "00000000000000000000000000000000000000000000000000000000"
                          "0800000000000000000000000000000000000000000000000000000000000000"
                          "03000000616374"
                          "020000000102"
                          "0300000000000000"
                          "0400000000000000");
    for (size_t len = 0; len < encoded.len; len++)
        assert_status(timer_decode(&back, bytes_of(encoded.data, len)), STATUS_TRUNCATED);
    for (size_t bit = 0; bit < 8 * encoded.len; bit++) {
        encoded.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (timer_decode(&back, buf_bytes(&encoded)) == STATUS_OK) {
            buf_reset(&again);
            timer_encode(&again, &back);
            assert_bytes_equal(buf_bytes(&again), buf_bytes(&encoded));
        }
        encoded.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    buf_append_byte(&encoded, 0);
    assert_status(timer_decode(&back, buf_bytes(&encoded)), STATUS_TRAILING);
    buf_clear(&encoded);
    buf_clear(&again);
}
END_TEST

Suite *timer_suite(void) {
    Suite *suite = suite_create("timer");
    TCase *cases = tcase_create("timer");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, timers_run_once_in_the_order_of_their_time_then_of_their_ids);
    tcase_add_test(cases, a_timer_is_paid_ahead_and_what_it_does_not_use_comes_back);
    tcase_add_test(cases, the_price_of_the_day_it_was_set_stays);
    tcase_add_test(cases, who_set_a_timer_may_cancel_it_and_is_paid_back);
    tcase_add_test(cases, bounds_of_time_gas_and_money_are_named);
    tcase_add_test(cases, a_timer_that_fails_is_gone_with_a_receipt_and_its_fee);
    tcase_add_test(cases, the_first_that_does_not_fit_ends_the_run_and_carries_over);
    tcase_add_test(cases, what_timers_tell_takes_a_quarter_of_a_blocks_results);
    tcase_add_test(cases, a_timer_larger_than_what_is_allowed_by_now_still_ends);
    tcase_add_test(cases, timers_breed_only_as_long_as_their_contract_pays);
    tcase_add_test(cases, a_timer_set_by_a_timer_waits_for_a_later_block);
    tcase_add_test(cases, what_a_timer_stores_its_contract_pays_for);
    tcase_add_test(cases, what_a_run_leaves_goes_to_whom_its_timer_names_to_the_unit);
    tcase_add_test(cases, an_account_that_gets_what_is_left_is_made_out_of_it);
    tcase_add_test(cases, a_run_for_somebody_that_locks_more_than_it_leaves_is_undone);
    tcase_add_test(cases, a_run_that_fails_leaves_what_it_did_not_use_to_the_same);
    tcase_add_test(cases, a_timer_for_somebody_that_is_cancelled_pays_its_contract_back);
    tcase_add_test(cases, anyone_may_call_what_a_timer_calls);
    tcase_add_test(cases, a_timer_has_golden_bytes);
    suite_add_tcase(suite, cases);
    return suite;
}
