// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <unistd.h>

#include "chaincore/contract/supply.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"
#include "tests/unit/node/suites.h"

static struct fixture fixture;

static void set_up(void) {
    fixture_init_counter(&fixture);
    assert_ok(fixture_open(&fixture));
}
static void tear_down(void) { fixture_clear(&fixture); }

static void check_code(struct receipt receipt, const char *name) {
    ck_assert_str_eq(tx_code_name((enum tx_code)receipt.code), name);
}

static uint64_t balance(int account) {
    struct account found;
    uint64_t seq;
    node_account(fixture.node, &fixture.ids[account], &found, &seq);
    return amount_units(found.balance);
}

static uint64_t counter_value(void) {
    struct buf out = {0};
    uint32_t code;
    ck_assert_int_eq(
        node_query(fixture.node, &fixture.contract, "count", bytes_of("", 0), &out, &code),
        TX_CODE_OK);
    ck_assert_uint_eq(out.len, 8);
    uint64_t value = load_u64_le(out.data);
    buf_clear(&out);
    return value;
}

static void add_transfer(struct tx *tx, int to, uint64_t units) {
    tx->actions[tx->action_count++] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = fixture.ids[to], .amount = amount_of_units(units)}};
}

static bool is_conserved(void) {
    struct state_version *version = node_state(fixture.node);
    bool conserved = supply_is_conserved(state_version_view(version));
    node_state_release(version);
    return conserved;
}

START_TEST(a_transfer_moves_money_and_burns_half_of_its_fee) {
    struct tx tx;
    uint64_t before = balance(0);
    fixture_begin(&fixture, &tx, 0);
    add_transfer(&tx, 1, 500);
    struct receipt receipt = fixture_run(&fixture, &tx, 0);
    check_code(receipt, "OK");
    ck_assert_uint_eq(balance(0), before - 500 - receipt.gas_used);
    ck_assert_uint_eq(balance(1), before + 500);
    ck_assert(is_conserved());
}
END_TEST

START_TEST(actions_happen_all_or_not_at_all) {
    struct tx tx;
    uint64_t before = balance(0);
    fixture_begin(&fixture, &tx, 0);
    add_transfer(&tx, 1, 500);
    add_transfer(&tx, 2, UINT64_MAX / 2);
    struct receipt receipt = fixture_run(&fixture, &tx, 0);
    check_code(receipt, "INSUFFICIENT_FUNDS");
    ck_assert_uint_eq(balance(0), before - receipt.gas_used);
    ck_assert_uint_eq(balance(1), before);
    ck_assert(is_conserved());
}
END_TEST

START_TEST(a_contract_keeps_what_it_wrote_unless_it_refuses) {
    struct tx tx;
    uint64_t amount = 10, too_much = 1001;
    ck_assert_uint_eq(counter_value(), 5);
    fixture_begin(&fixture, &tx, 0);
    fixture_add_call(&fixture, &tx, "add", BYTES_OF(amount));
    check_code(fixture_run(&fixture, &tx, 0), "OK");
    ck_assert_uint_eq(counter_value(), 15);
    fixture_begin(&fixture, &tx, 0);
    fixture_add_call(&fixture, &tx, "add", BYTES_OF(too_much));
    struct receipt receipt = fixture_run(&fixture, &tx, 0);
    check_code(receipt, "CONTRACT_REFUSED");
    ck_assert_uint_eq(receipt.contract_code, 7);
    ck_assert_uint_eq(counter_value(), 15);
}
END_TEST

START_TEST(a_hostile_contract_costs_its_caller_and_nobody_else) {
    static const struct {
        const char *method, *code;
    } cases[] = {{"spin", "OUT_OF_GAS"},        {"flood", "OUT_OF_GAS"},
                 {"iterate", "OUT_OF_GAS"},     {"outside", "TRAP_MEMORY"},
                 {"nothing", "UNKNOWN_METHOD"}, {"init", "UNKNOWN_METHOD"},
                 {"count", "UNKNOWN_METHOD"},   {"add", "CONTRACT_REFUSED"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tx tx;
        uint64_t before = balance(1);
        fixture_begin(&fixture, &tx, 0);
        add_transfer(&tx, 1, 1);
        fixture_add_call(&fixture, &tx, cases[i].method, bytes_of("", 0));
        check_code(fixture_run(&fixture, &tx, 0), cases[i].code);
        ck_assert_uint_eq(counter_value(), 5);
        ck_assert_uint_eq(balance(1), before);
    }
    ck_assert(is_conserved());
}
END_TEST

START_TEST(a_contract_pays_only_what_it_holds) {
    struct tx tx;
    uint8_t arguments[40];
    memcpy(arguments, &fixture.ids[2], 32);
    store_u64_le(arguments + 32, 300);
    for (int i = 0; i < 2; i++) {
        uint64_t before = balance(2);
        fixture_begin(&fixture, &tx, 0);
        fixture_add_call(&fixture, &tx, "pay", BYTES_OF(arguments));
        tx.actions[0].call.value = amount_of_units(i == 0 ? 299 : 300);
        check_code(fixture_run(&fixture, &tx, 0), i == 0 ? "INSUFFICIENT_FUNDS" : "OK");
        ck_assert_uint_eq(balance(2) - before, i == 0 ? 0 : 300);
    }
}
END_TEST

START_TEST(code_is_deployed_once_it_is_a_module) {
    struct tx tx;
    uint64_t start = 1;
    fixture_begin(&fixture, &tx, 0);
    tx.actions[tx.action_count++] = (struct tx_action){
        .kind = TX_DEPLOY,
        .deploy = {.code = buf_bytes(&fixture.contract_code), .arguments = BYTES_OF(start)}};
    check_code(fixture_run(&fixture, &tx, 0), "OK");
    fixture_begin(&fixture, &tx, 0);
    tx.actions[tx.action_count++] =
        (struct tx_action){.kind = TX_DEPLOY, .deploy = {.code = bytes_of_string("not a module")}};
    check_code(fixture_run(&fixture, &tx, 0), "BAD_MODULE");
    struct account_id nobody = {{9}};
    fixture_begin(&fixture, &tx, 0);
    fixture_add_call(&fixture, &tx, "add", bytes_of("", 0));
    tx.actions[0].call.contract = nobody;
    check_code(fixture_run(&fixture, &tx, 0), "UNKNOWN_CONTRACT");
}
END_TEST

static void check_submit(struct tx *tx, int signer, const char *code) {
    struct hash id;
    ck_assert_str_eq(tx_code_name(fixture_submit(&fixture, tx, signer, &id)), code);
}

START_TEST(each_refusal_has_its_own_code) {
    struct tx tx;
    struct hash id;
    fixture_begin(&fixture, &tx, 0);
    add_transfer(&tx, 1, 1);
    struct tx fresh = tx;
    check_submit(&tx, 1, "NOT_AUTHORIZED");
    tx = fresh;
    tx.seq += 1;
    check_submit(&tx, 0, "NONCE_GAP");
    tx = fresh;
    tx.valid_until = 0;
    check_submit(&tx, 0, "EXPIRED");
    tx = fresh;
    tx.valid_until += 30000;
    check_submit(&tx, 0, "VALID_TOO_LONG");
    tx = fresh;
    tx.gas_limit = 100;
    check_submit(&tx, 0, "GAS_LIMIT_TOO_LOW");
    tx = fresh;
    tx.gas_limit = 2000000000;
    check_submit(&tx, 0, "GAS_LIMIT_TOO_HIGH");
    tx = fresh;
    tx.gas_price = 0;
    check_submit(&tx, 0, "GAS_PRICE_TOO_LOW");
    tx = fresh;
    tx.gas_price = UINT64_MAX / 2;
    check_submit(&tx, 0, "CANNOT_PAY_GAS");
    tx = fresh;
    tx.lane = 1;
    tx.seq = 1;
    check_submit(&tx, 0, "NONCE_GAP"); // it is not open: it begins at 0
    tx = fresh;
    check_code(fixture_run(&fixture, &tx, 0), "OK");
    tx = fresh;
    check_submit(&tx, 0, "DUPLICATE");
    tx = fresh;
    tx.actions[0].transfer.amount = amount_of_units(2);
    check_submit(&tx, 0, "WRONG_NONCE");
    ck_assert_int_eq(node_submit(fixture.node, bytes_of("x", 1), &id), TX_CODE_MALFORMED);
    fixture_begin(&fixture, &tx, 0);
    add_transfer(&tx, 1, 1);
    struct hash other_chain = {{3}};
    assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &fixture.keys[0], &other_chain));
    struct buf encoded = {0};
    tx_encode(&encoded, &tx);
    ck_assert_int_eq(node_submit(fixture.node, buf_bytes(&encoded), &id), TX_CODE_BAD_SIGNATURE);
    buf_clear(&encoded);
}
END_TEST

START_TEST(a_payer_pays_when_it_signed) {
    struct tx tx;
    uint64_t sender = balance(0), payer = balance(1);
    fixture_begin(&fixture, &tx, 0);
    add_transfer(&tx, 2, 5);
    tx.has_payer = true;
    tx.payer = fixture.ids[1];
    struct tx unsigned_payer = tx;
    check_submit(&unsigned_payer, 0, "NOT_AUTHORIZED");
    struct hash id;
    struct buf encoded = {0};
    assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &fixture.keys[0], node_chain_id(fixture.node)));
    assert_ok(tx_sign(&tx, TX_ROLE_PAYER, &fixture.keys[1], node_chain_id(fixture.node)));
    tx_encode(&encoded, &tx);
    ck_assert_int_eq(node_submit(fixture.node, buf_bytes(&encoded), &id), TX_CODE_OK);
    struct receipt receipt = fixture_await(&fixture, &id);
    ck_assert_uint_eq(balance(0), sender - 5);
    ck_assert_uint_eq(balance(1), payer - receipt.gas_used);
    buf_clear(&encoded);
}
END_TEST

START_TEST(what_was_final_is_there_after_a_restart) {
    struct hash ids[30];
    struct node_head before, after;
    for (uint64_t i = 0; i < 30; i++) {
        struct tx tx;
        uint64_t amount = i;
        fixture_begin(&fixture, &tx, (int)(i % 3));
        fixture_add_call(&fixture, &tx, "add", BYTES_OF(amount));
        ck_assert_int_eq(fixture_submit(&fixture, &tx, (int)(i % 3), &ids[i]), TX_CODE_OK);
        if (i % 7 == 0) fixture_await(&fixture, &ids[i]);
    }
    for (int i = 0; i < 30; i++) fixture_await(&fixture, &ids[i]);
    uint64_t counted = counter_value();
    node_head(fixture.node, &before);
    fixture_close(&fixture);
    assert_ok(fixture_open(&fixture));
    node_head(fixture.node, &after);
    ck_assert(after.header.height >= before.header.height);
    ck_assert_uint_eq(counter_value(), counted);
    for (int i = 0; i < 30; i++) check_code(fixture_await(&fixture, &ids[i]), "OK");
}
END_TEST

START_TEST(a_block_without_certificate_is_signed_again_and_stays_the_same) {
    struct tx tx;
    char path[128];
    struct node_head before, after;
    fixture_begin(&fixture, &tx, 0);
    add_transfer(&tx, 1, 5);
    fixture_run(&fixture, &tx, 0);
    node_head(fixture.node, &before);
    fixture_close(&fixture);
    snprintf(path, sizeof path, "%s/certificates/new-000000000001.log", fixture.folder);
    ck_assert_int_eq(unlink(path), 0);
    assert_ok(fixture_open(&fixture));
    node_head(fixture.node, &after);
    ck_assert(hash_equal(&before.id, &after.id));
}
END_TEST

START_TEST(a_folder_belongs_to_one_chain_and_one_process) {
    struct fixture other = fixture;
    other.node = NULL;
    assert_status(fixture_open(&other), STATUS_BUSY);
    fixture_close(&fixture);
    struct buf changed = {0};
    buf_append(&changed, buf_bytes(&fixture.genesis));
    changed.data[5] ^= 1; // in the name
    other.genesis = changed;
    assert_status(fixture_open(&other), STATUS_CONFLICT);
    buf_clear(&changed);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("node");
    TCase *cases = tcase_create("node");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_transfer_moves_money_and_burns_half_of_its_fee);
    tcase_add_test(cases, actions_happen_all_or_not_at_all);
    tcase_add_test(cases, a_contract_keeps_what_it_wrote_unless_it_refuses);
    tcase_add_test(cases, a_hostile_contract_costs_its_caller_and_nobody_else);
    tcase_add_test(cases, a_contract_pays_only_what_it_holds);
    tcase_add_test(cases, code_is_deployed_once_it_is_a_module);
    tcase_add_test(cases, each_refusal_has_its_own_code);
    tcase_add_test(cases, a_payer_pays_when_it_signed);
    tcase_add_test(cases, what_was_final_is_there_after_a_restart);
    tcase_add_test(cases, a_block_without_certificate_is_signed_again_and_stays_the_same);
    tcase_add_test(cases, a_folder_belongs_to_one_chain_and_one_process);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
    srunner_add_suite(runner, authority_suite());
    srunner_add_suite(runner, ballot_suite());
    srunner_add_suite(runner, bounds_suite());
    srunner_add_suite(runner, boundary_suite());
    srunner_add_suite(runner, branch_suite());
    srunner_add_suite(runner, clock_suite());
    srunner_add_suite(runner, drops_suite());
    srunner_add_suite(runner, election_suite());
    srunner_add_suite(runner, genesis_folder_suite());
    srunner_add_suite(runner, lanes_suite());
    srunner_add_suite(runner, mempool_bounds_suite());
    srunner_add_suite(runner, mempool_suite());
    srunner_add_suite(runner, parameters_suite());
    srunner_add_suite(runner, punish_suite());
    srunner_add_suite(runner, quorum_suite());
    srunner_add_suite(runner, recent_suite());
    srunner_add_suite(runner, recovery_suite());
    srunner_add_suite(runner, share_suite());
    srunner_add_suite(runner, simulate_suite());
    srunner_add_suite(runner, snapshot_suite());
    srunner_add_suite(runner, snapshot_trust_suite());
    srunner_add_suite(runner, stake_suite());
    srunner_add_suite(runner, submit_suite());
    srunner_add_suite(runner, hostile_suite());
    srunner_add_suite(runner, stream_suite());
    srunner_add_suite(runner, timers_suite());
    srunner_add_suite(runner, turns_suite());
    srunner_add_suite(runner, waiting_suite());
}
