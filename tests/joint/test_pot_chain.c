// SPDX-License-Identifier: Apache-2.0
// The tutorial's contract on a node: deployed, armed, settled by its timer.
#include "chaincore/base/clock.h"
#include "tests/joint/test_pot.h"
#include "tests/support/false_clock.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"

static struct fixture fixture;
static uint64_t deadline_ms;
enum { GOAL = 1000, HOUR_MS = 3600 * 1000 };

static void begin(const struct account_id *beneficiary) {
    static uint8_t arguments[48];
    struct fixture_contract pot = {
        .name = "pot", .path = "docs/examples/pot/pot.wasm", .arguments = BYTES_OF(arguments)};
    deadline_ms = clock_wall_ms() + HOUR_MS; // which does not come before the test wants it
    memcpy(arguments, beneficiary, 32);
    store_u64_le(arguments + 32, GOAL);
    store_u64_le(arguments + 40, deadline_ms);
    fixture_init(&fixture, &pot);
    assert_ok(fixture_open(&fixture));
}

// Of the fixture, with money.
static struct account_id account_of(uint8_t number) {
    uint8_t seed[32] = {2, number};
    struct secret_key secret;
    struct public_key key;
    struct account_id id;
    key_from_seed(&secret, &key, seed);
    account_id_of_key(&id, &key);
    return id;
}
static struct account_id known_account(void) { return account_of(3); }
static const struct account_id fresh = {{0xbe}};

static void set_up(void) {
    struct account_id id = known_account();
    begin(&id);
}
static void set_up_fresh(void) { begin(&fresh); }
static void tear_down(void) { fixture_clear(&fixture); }

static const char *call(int from, const char *method, uint64_t value) {
    struct tx tx;
    fixture_begin(&fixture, &tx, from);
    fixture_add_call(&fixture, &tx, method, bytes_of("", 0));
    tx.actions[0].call.value = amount_of_units(value);
    return tx_code_name((enum tx_code)fixture_run(&fixture, &tx, from).code);
}

static uint8_t state_of_pot(void) {
    struct buf out = {0};
    uint32_t code;
    ck_assert_int_eq(
        node_query(fixture.node, &fixture.contract, "pot", bytes_of("", 0), &out, &code),
        TX_CODE_OK);
    ck_assert_uint_eq(out.len, 58);
    uint8_t state = out.data[56];
    buf_clear(&out);
    return state;
}

static uint64_t balance(const struct account_id *id) {
    struct account account;
    uint64_t seq;
    node_account(fixture.node, id, &account, &seq);
    return amount_units(account.balance);
}

static uint64_t balance_of(uint8_t number) {
    struct account_id id = account_of(number);
    return balance(&id);
}

static void await_settling(void) {
    false_clock_set_wall(HOUR_MS);
    node_look_again(fixture.node);
    while (state_of_pot() == 0) {
        struct node_head head;
        node_head(fixture.node, &head);
        if (state_of_pot() != 0) break;
        ck_assert(node_wait(fixture.node, head.header.height, 10000));
    }
}

START_TEST(a_timer_pays_the_pot_out) {
    struct account_id beneficiary = known_account();
    uint64_t before = balance(&beneficiary);
    ck_assert_str_eq(call(0, "arm", POT_SETTLE_GAS), "OK");
    ck_assert_str_eq(call(0, "give", 400), "OK");
    ck_assert_str_eq(call(1, "give", 600), "OK");
    ck_assert_str_eq(call(1, "settle", 600), "NOT_PAYABLE");
    await_settling();
    ck_assert_uint_eq(state_of_pot(), 1);
    ck_assert_uint_eq(balance(&beneficiary), before + 1000);
    ck_assert_uint_eq(balance(&fixture.contract), 0);
}
END_TEST

static void await_deadline(void) {
    false_clock_set_wall(HOUR_MS);
    node_look_again(fixture.node);
    for (;;) {
        struct node_head head;
        node_head(fixture.node, &head);
        if (head.header.time_ms >= deadline_ms) break;
        ck_assert(node_wait(fixture.node, head.header.height, 10000));
    }
}

START_TEST(an_account_that_settling_makes_is_paid_out_of_what_the_timer_leaves) {
    ck_assert_str_eq(call(0, "arm", POT_SETTLE_GAS), "OK");
    ck_assert_str_eq(call(1, "give", 1000), "OK");
    uint64_t before = balance_of(0);
    await_deadline();
    ck_assert_uint_eq(state_of_pot(), 1);
    ck_assert_uint_eq(balance(&fresh), 1000);
    ck_assert_uint_eq(balance(&fixture.contract), 0);
    ck_assert_uint_gt(balance_of(0), before);
    ck_assert_uint_lt(balance_of(0), before + POT_SETTLE_GAS - 10 * ACCOUNT_BYTES);
}
END_TEST

START_TEST(what_a_failed_pot_holds_goes_back) {
    ck_assert_str_eq(call(0, "arm", POT_SETTLE_GAS), "OK");
    ck_assert_str_eq(call(1, "give", 999), "OK");
    await_settling();
    ck_assert_uint_eq(state_of_pot(), 2);
    ck_assert_uint_eq(balance(&fixture.contract), 999);
    ck_assert_str_eq(call(1, "take_back", 0), "OK");
    ck_assert_uint_eq(balance(&fixture.contract), 0);
    ck_assert_str_eq(call(1, "take_back", 0), "CONTRACT_REFUSED");
}
END_TEST

static TCase *add_case(Suite *suite, const char *name, void (*begin_chain)(void)) {
    TCase *cases = tcase_create(name);
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, begin_chain, tear_down);
    suite_add_tcase(suite, cases);
    return cases;
}

void pot_chain_cases(Suite *suite) {
    TCase *cases = add_case(suite, "chain", set_up);
    tcase_add_test(cases, a_timer_pays_the_pot_out);
    tcase_add_test(cases, what_a_failed_pot_holds_goes_back);
    cases = add_case(suite, "newcomer", set_up_fresh);
    tcase_add_test(cases, an_account_that_settling_makes_is_paid_out_of_what_the_timer_leaves);
}
