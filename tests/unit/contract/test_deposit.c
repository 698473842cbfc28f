// SPDX-License-Identifier: Apache-2.0
// What state locks: who pays, who gets back, and that a signature bounds it.
#include "chaincore/contract/contract_record.h"
#include "chaincore/contract/host.h"
#include "tests/unit/contract/stage.h"
#include "tests/unit/contract/suites.h"

static struct stage stage;
static struct buf script, inner;
enum { PRICE = 10 };

static void set_up(void) { stage_init(&stage); }
static void tear_down(void) {
    for (int i = 0; i < STAGE_PUPPETS; i++) stage_counted_bytes(&stage, &stage.puppets[i]);
    stage_clear(&stage);
    buf_clear(&script);
    buf_clear(&inner);
}

#define assert_text(expression, expected) ck_assert_str_eq(expression, expected)

static struct deposit deposit_of(int puppet) {
    struct contract_record record;
    ck_assert(contract_load(&record, state_draft_view(stage.block.draft), &stage.puppets[puppet]));
    return record.deposit;
}

// What the last transaction cost the account beside its gas.
static int64_t paid(uint64_t before, const struct account_id *id) {
    return (int64_t)(before - stage_balance(&stage, id)) - (int64_t)stage.done.receipt.gas_used;
}

START_TEST(a_deposit_gives_back_its_part_rounded_down_and_all_of_it_at_the_end) {
    struct deposit deposit = {0};
    struct amount cost;
    assert_ok(deposit_grow(&deposit, 3, 7, &cost));
    ck_assert_uint_eq(amount_units(cost), 21);
    assert_ok(deposit_grow(&deposit, 4, 0, &cost));
    ck_assert_uint_eq(amount_units(deposit_shrink(&deposit, 1)), 3); // 21 / 7
    ck_assert_uint_eq(amount_units(deposit_shrink(&deposit, 4)), 12);
    assert_ok(deposit_grow(&deposit, 1, 5, &cost));
    ck_assert_uint_eq(amount_units(deposit_shrink(&deposit, 2)), 7); // 11 * 2 / 3
    ck_assert_uint_eq(amount_units(deposit_shrink(&deposit, 1)), 4);
    ck_assert_uint_eq(deposit.bytes, 0);
    ck_assert_uint_eq(amount_units(deposit.amount), 0);
    assert_ok(deposit_grow(&deposit, 1, UINT64_MAX, &cost));
    assert_status(deposit_grow(&deposit, 1, 1, &cost), STATUS_OVERFLOW);
    assert_status(deposit_grow(&deposit, UINT64_MAX, 2, &cost), STATUS_OVERFLOW);
    assert_status(deposit_grow(&deposit, UINT64_MAX, 0, &cost), STATUS_OVERFLOW);
    ck_assert_uint_eq(deposit.bytes, 1);
}
END_TEST

START_TEST(who_stores_pays_by_the_byte_and_who_frees_gets_it_back) {
    uint64_t before = stage_balance(&stage, &stage.user);
    script_set(&script, "key", "value");
    assert_text(stage_act(&stage, 0, &script, 0), "OK");
    ck_assert_int_eq(paid(before, &stage.user), PRICE * (DEPOSIT_ENTRY_BYTES + 3 + 5));
    before = stage_balance(&stage, &stage.user);
    buf_reset(&script);
    script_set(&script, "key", "longer value");
    assert_text(stage_act(&stage, 0, &script, 0), "OK");
    ck_assert_int_eq(paid(before, &stage.user), PRICE * 7);
    before = stage_balance(&stage, &stage.user);
    buf_reset(&script);
    script_delete(&script, "key");
    script_delete(&script, "key");
    script_delete(&script, "never there");
    assert_text(stage_act(&stage, 0, &script, 0), "OK");
    ck_assert_int_eq(paid(before, &stage.user), -PRICE * (DEPOSIT_ENTRY_BYTES + 3 + 12));
    ck_assert_uint_eq(deposit_of(0).bytes, 0);
}
END_TEST

START_TEST(the_payer_of_the_transaction_pays_for_its_state) {
    uint64_t user = stage_balance(&stage, &stage.user);
    uint64_t sponsor = stage_balance(&stage, &stage.sponsor);
    script_set(&inner, "key", "value");
    script_call(&script, PUPPET_MUST_CALL, &stage.puppets[1], "act", &inner);
    stage_begin(&stage);
    stage.tx.has_payer = true;
    stage.tx.payer = stage.sponsor;
    stage_add_call(&stage, 0, "act", &script, 0);
    assert_text(stage_apply(&stage), "OK");
    ck_assert_uint_eq(stage_balance(&stage, &stage.user), user);
    ck_assert_int_eq(paid(sponsor, &stage.sponsor), PRICE * (DEPOSIT_ENTRY_BYTES + 3 + 5));
}
END_TEST

START_TEST(what_came_and_went_within_a_call_costs_no_deposit) {
    uint64_t before = stage_balance(&stage, &stage.user);
    uint32_t numbers[] = {0, 50, 1000};
    script_numbers(&script, PUPPET_FLOOD, numbers, 3);
    script_numbers(&script, PUPPET_CLEAR, numbers, 2);
    assert_text(stage_act(&stage, 0, &script, 0), "OK");
    ck_assert_int_eq(paid(before, &stage.user), 0);
}
END_TEST

START_TEST(a_call_that_fails_locks_nothing) {
    uint32_t code = 4;
    uint64_t before = stage_balance(&stage, &stage.user);
    script_set(&inner, "key", "value");
    script_numbers(&inner, PUPPET_REFUSE, &code, 1);
    script_call(&script, PUPPET_CALL, &stage.puppets[1], "act", &inner);
    assert_text(stage_act(&stage, 0, &script, 0), "OK");
    ck_assert_int_eq(paid(before, &stage.user), 0);
}
END_TEST

START_TEST(a_signature_never_costs_more_than_twice_its_gas_money) {
    uint32_t numbers[] = {0, 10, 60000};
    stage.block.params.deposit_per_byte = 1000;
    uint64_t before = stage_balance(&stage, &stage.user);
    script_numbers(&script, PUPPET_FLOOD, numbers, 3);
    assert_text(stage_act(&stage, 0, &script, 0), "DEPOSIT_LIMIT");
    ck_assert_int_eq(paid(before, &stage.user), 0);
    // Nor through many calls, each below the bound.
    buf_reset(&script);
    numbers[1] = 1;
    script_numbers(&inner, PUPPET_FLOOD, numbers, 3);
    for (int i = 1; i < 4; i++) script_call(&script, PUPPET_CALL, &stage.puppets[i], "act", &inner);
    assert_text(stage_act(&stage, 0, &script, 0), "OK");
    check_came(&stage, 0, "OK");
    check_came(&stage, 1, "DEPOSIT_LIMIT");
    check_came(&stage, 2, "DEPOSIT_LIMIT");
    // A call that fails after it locked leaves the allowance as it was.
    buf_reset(&script);
    numbers[0] = 1;
    struct buf failing = {0};
    uint32_t code = 9;
    buf_reset(&inner);
    script_numbers(&inner, PUPPET_FLOOD, numbers, 3);
    script_call(&failing, PUPPET_MUST_CALL, &stage.puppets[2], "act", &inner);
    script_numbers(&failing, PUPPET_REFUSE, &code, 1);
    script_call(&script, PUPPET_CALL, &stage.puppets[1], "act", &failing);
    script_call(&script, PUPPET_CALL, &stage.puppets[3], "act", &inner);
    assert_text(stage_act(&stage, 0, &script, 0), "OK");
    check_came(&stage, 0, "CONTRACT_REFUSED");
    check_came(&stage, 1, "OK");
    buf_clear(&failing);
}
END_TEST

START_TEST(a_payer_that_runs_dry_stops_the_storing_not_the_chain) {
    uint32_t numbers[] = {0, 1, 1000};
    struct account account;
    account_load(&account, state_draft_view(stage.block.draft), &stage.user);
    // Enough for the gas of each transaction, and for the deposit of two.
    struct account sponsor;
    uint64_t keep = STAGE_GAS + 2 * PRICE * (DEPOSIT_ENTRY_BYTES + 4 + 1000) + 3 * 300000;
    struct amount rest;
    assert_status(amount_sub(&rest, account.balance, amount_of_units(keep)), STATUS_OK);
    account_load(&sponsor, state_draft_view(stage.block.draft), &stage.sponsor);
    assert_ok(amount_add(&sponsor.balance, sponsor.balance, rest));
    account.balance = amount_of_units(keep);
    account_store(stage.block.draft, &stage.user, &account);
    account_store(stage.block.draft, &stage.sponsor, &sponsor);
    stage.block.params.deposit_per_byte = PRICE;
    const char *code = "OK";
    int stored = 0;
    for (; stored < 40 && strcmp(code, "OK") == 0; stored++) {
        struct apply_place place = {.params = &stage.block.params,
                                    .height = stage.block.height,
                                    .expected_seq = stage.next_seq};
        buf_reset(&script);
        numbers[0] = (uint32_t)stored;
        script_numbers(&script, PUPPET_FLOOD, numbers, 3);
        stage_begin(&stage);
        stage_add_call(&stage, 0, "act", &script, 0);
        enum tx_code admitted =
            apply_admit(state_draft_view(stage.block.draft), &stage.tx, 1000, &place);
        code = tx_code_name(admitted);
        if (admitted == TX_CODE_OK) code = stage_apply(&stage);
    }
    // Short of gas money it has no place in a block; short of the deposit it failed in one.
    ck_assert(strcmp(code, "CANNOT_PAY_GAS") == 0 || strcmp(code, "INSUFFICIENT_FUNDS") == 0);
    ck_assert_int_ge(stored, 2);
}
END_TEST

START_TEST(a_storage_flood_ends_with_its_gas_and_leaves_nothing) {
    uint32_t numbers[] = {0, 1000000, 8};
    uint64_t before = stage_balance(&stage, &stage.user);
    uint64_t entries = state_count(state_draft_view(stage.block.draft));
    script_numbers(&script, PUPPET_FLOOD, numbers, 3);
    assert_text(stage_act(&stage, 0, &script, 0), "OUT_OF_GAS");
    ck_assert_uint_eq(before - stage_balance(&stage, &stage.user), STAGE_GAS);
    ck_assert_uint_eq(state_count(state_draft_view(stage.block.draft)), entries);
}
END_TEST

START_TEST(a_walk_over_everything_stays_within_the_contract) {
    uint32_t numbers[] = {0, 300, 2};
    script_numbers(&script, PUPPET_FLOOD, numbers, 3);
    for (int i = 0; i < 3; i++) assert_text(stage_act(&stage, i, &script, 0), "OK");
    buf_reset(&script);
    encode_u8(&script, PUPPET_COUNT);
    encode_bytes(&script, bytes_of("", 0));
    assert_text(stage_act(&stage, 1, &script, 0), "OK");
    ck_assert_uint_eq(load_u64_le(stage.done.events[0].data.data), 300);
    buf_reset(&script);
    encode_u8(&script, PUPPET_COUNT);
    encode_bytes(&script, bytes_of("\x01", 1)); // keys are numbers: 1, 257
    assert_text(stage_act(&stage, 1, &script, 0), "OK");
    ck_assert_uint_eq(load_u64_le(stage.done.events[0].data.data), 2);
}
END_TEST

// splitmix64
static uint32_t pick(uint64_t *seed, uint32_t below) {
    uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) % below);
}

// Random storing, freeing, calling and failing: what is counted is what is there, money included.
START_TEST(deposits_hold_over_random_histories) {
    uint64_t seed = 20;
    for (uint32_t round = 0; round < 400; round++) {
        buf_reset(&script);
        for (uint32_t act = pick(&seed, 4) + 1; act > 0; act--) {
            uint32_t numbers[] = {pick(&seed, 20), pick(&seed, 8), pick(&seed, 300)};
            uint32_t code = 1;
            buf_reset(&inner);
            script_numbers(&inner, PUPPET_FLOOD, numbers, 3);
            numbers[0] = pick(&seed, 20);
            script_numbers(&inner, PUPPET_CLEAR, numbers, 2);
            if (pick(&seed, 4) == 0) script_numbers(&inner, PUPPET_REFUSE, &code, 1);
            if (pick(&seed, 2))
                script_call(&script, PUPPET_CALL, &stage.puppets[1 + pick(&seed, 5)], "act",
                            &inner);
            else
                buf_append(&script, buf_bytes(&inner));
        }
        stage.block.params.deposit_per_byte = pick(&seed, 30);
        stage_act(&stage, 0, &script, 0);
        for (int i = 0; i < 6; i++) stage_counted_bytes(&stage, &stage.puppets[i]);
    }
}
END_TEST

Suite *deposit_suite(void) {
    Suite *suite = suite_create("deposit");
    TCase *cases = tcase_create("deposit");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_deposit_gives_back_its_part_rounded_down_and_all_of_it_at_the_end);
    tcase_add_test(cases, who_stores_pays_by_the_byte_and_who_frees_gets_it_back);
    tcase_add_test(cases, the_payer_of_the_transaction_pays_for_its_state);
    tcase_add_test(cases, what_came_and_went_within_a_call_costs_no_deposit);
    tcase_add_test(cases, a_call_that_fails_locks_nothing);
    tcase_add_test(cases, a_signature_never_costs_more_than_twice_its_gas_money);
    tcase_add_test(cases, a_payer_that_runs_dry_stops_the_storing_not_the_chain);
    tcase_add_test(cases, a_storage_flood_ends_with_its_gas_and_leaves_nothing);
    tcase_add_test(cases, a_walk_over_everything_stays_within_the_contract);
    tcase_add_test(cases, deposits_hold_over_random_histories);
    suite_add_tcase(suite, cases);
    return suite;
}
