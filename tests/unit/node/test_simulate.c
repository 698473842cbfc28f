// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <stdatomic.h>

#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"
#include "tests/unit/node/suites.h"

static struct fixture fixture;

static void set_up(void) {
    fixture_init_counter(&fixture);
    assert_ok(fixture_open(&fixture));
}
static void tear_down(void) { fixture_clear(&fixture); }

static void add_pay(struct tx *tx, uint64_t units) {
    tx->actions[tx->action_count++] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = {{7}}, .amount = amount_of_units(units)}};
}

// As anybody could who has no key: with as many bytes of signature as there will be.
static void simulate(const struct tx *given, struct node_simulation *out) {
    struct tx tx = *given;
    struct buf encoded = {0};
    tx.signature_count = 1;
    tx.signatures[0] = (struct tx_signature){.role = TX_ROLE_SENDER, .has_key = true};
    tx_encode(&encoded, &tx);
    ck_assert_int_eq(node_simulate(fixture.node, buf_bytes(&encoded), out), TX_CODE_OK);
    buf_clear(&encoded);
}

static struct hash state_now(void) {
    struct state_version *version = node_state(fixture.node);
    struct hash root = *state_root(version);
    node_state_release(version);
    return root;
}

// What was foretold is what happens.
static void check_foretold(struct tx *tx, enum tx_code code) {
    struct node_simulation foretold;
    struct hash before = state_now();
    simulate(tx, &foretold);
    struct hash after = state_now();
    ck_assert(hash_equal(&before, &after));
    ck_assert_int_eq(foretold.code, code);
    struct receipt receipt = fixture_run(&fixture, tx, 0);
    ck_assert_int_eq(receipt.code, code);
    ck_assert_uint_eq(foretold.receipt.gas_used, receipt.gas_used);
    ck_assert_uint_eq(foretold.receipt.contract_code, receipt.contract_code);
    ck_assert(hash_equal(&foretold.receipt.events_root, &receipt.events_root));
    ck_assert(hash_equal(&foretold.receipt.tx_id, &receipt.tx_id));
    node_simulation_clear(&foretold);
}

static void begin_add(struct tx *tx, uint8_t amount[8], uint64_t count) {
    store_u64_le(amount, count);
    fixture_begin(&fixture, tx, 0);
    fixture_add_call(&fixture, tx, "add", bytes_of(amount, 8));
}

START_TEST(a_simulation_foretells_what_the_transaction_does) {
    struct tx tx;
    uint8_t amount[8];
    fixture_begin(&fixture, &tx, 0);
    add_pay(&tx, 5);
    check_foretold(&tx, TX_CODE_OK);
    begin_add(&tx, amount, 3);
    check_foretold(&tx, TX_CODE_OK);
    begin_add(&tx, amount, 1001);
    check_foretold(&tx, TX_CODE_CONTRACT_REFUSED);
    fixture_begin(&fixture, &tx, 0);
    fixture_add_call(&fixture, &tx, "spin", bytes_of("", 0));
    tx.gas_limit = 1000000;
    check_foretold(&tx, TX_CODE_OUT_OF_GAS);
    fixture_begin(&fixture, &tx, 0);
    fixture_add_call(&fixture, &tx, "nothing", bytes_of("", 0));
    check_foretold(&tx, TX_CODE_UNKNOWN_METHOD);
}
END_TEST

START_TEST(its_events_are_told) {
    struct tx tx;
    uint8_t amount[8];
    struct node_simulation foretold;
    begin_add(&tx, amount, 3);
    simulate(&tx, &foretold);
    ck_assert_uint_eq(foretold.event_count, 1);
    assert_bytes_equal(foretold.events[0].topic, bytes_of_string("added"));
    assert_bytes_equal(foretold.events[0].data, BYTES_OF(amount));
    node_simulation_clear(&foretold);
}
END_TEST

START_TEST(a_deployment_can_be_tried) {
    struct tx tx;
    uint8_t start[8] = {1};
    fixture_begin(&fixture, &tx, 0);
    tx.gas_limit = 100000000;
    tx.actions[tx.action_count++] = (struct tx_action){
        .kind = TX_DEPLOY,
        .deploy = {.code = buf_bytes(&fixture.contract_code), .arguments = BYTES_OF(start)}};
    check_foretold(&tx, TX_CODE_OK);
}
END_TEST

START_TEST(the_sequence_number_may_be_any) {
    struct tx tx;
    struct node_simulation foretold;
    fixture_begin(&fixture, &tx, 0);
    add_pay(&tx, 5);
    tx.seq += 7;
    simulate(&tx, &foretold);
    ck_assert_int_eq(foretold.code, TX_CODE_OK);
    node_simulation_clear(&foretold);
    tx.seq = UINT64_MAX;
    simulate(&tx, &foretold);
    ck_assert_int_eq(foretold.code, TX_CODE_WRONG_NONCE);
    node_simulation_clear(&foretold);
}
END_TEST

static enum tx_code code_of(const struct tx *tx) {
    struct node_simulation foretold;
    simulate(tx, &foretold);
    node_simulation_clear(&foretold);
    return foretold.code;
}

START_TEST(what_would_keep_it_out_of_the_block_is_told) {
    struct tx tx, other;
    fixture_begin(&fixture, &tx, 0);
    add_pay(&tx, 5);
    other = tx;
    other.gas_price = 0;
    ck_assert_int_eq(code_of(&other), TX_CODE_GAS_PRICE_TOO_LOW);
    other = tx;
    other.gas_limit = 1;
    ck_assert_int_eq(code_of(&other), TX_CODE_GAS_LIMIT_TOO_LOW);
    other = tx;
    other.gas_limit = UINT64_MAX;
    ck_assert_int_eq(code_of(&other), TX_CODE_GAS_LIMIT_TOO_HIGH);
    other = tx;
    other.valid_until = 0;
    ck_assert_int_eq(code_of(&other), TX_CODE_EXPIRED);
    other = tx;
    other.sender = (struct account_id){{9}};
    ck_assert_int_eq(code_of(&other), TX_CODE_CANNOT_PAY_GAS);
    other = tx;
    other.actions[0].transfer.amount = amount_of_units(INT64_MAX);
    ck_assert_int_eq(code_of(&other), TX_CODE_INSUFFICIENT_FUNDS);
}
END_TEST

// Nobody pays for it, however much a transaction would pay.
START_TEST(what_would_run_for_long_is_cut_off) {
    struct tx tx;
    struct node_simulation foretold;
    fixture_begin(&fixture, &tx, 0);
    fixture_add_call(&fixture, &tx, "spin", bytes_of("", 0));
    tx.gas_limit = 900 * 1000 * 1000;
    simulate(&tx, &foretold);
    ck_assert(foretold.was_cut_off);
    ck_assert_uint_le(foretold.receipt.gas_used, NODE_SIMULATION_GAS + 100000);
    ck_assert_uint_eq(foretold.tx.gas_limit, tx.gas_limit);
    node_simulation_clear(&foretold);
    fixture_begin(&fixture, &tx, 0);
    add_pay(&tx, 5);
    tx.gas_limit = 900 * 1000 * 1000;
    simulate(&tx, &foretold);
    ck_assert(!foretold.was_cut_off);
    ck_assert_int_eq(foretold.code, TX_CODE_OK);
    node_simulation_clear(&foretold);
}
END_TEST

START_TEST(bytes_that_are_no_transaction_are_refused) {
    struct node_simulation out;
    ck_assert_int_eq(node_simulate(fixture.node, bytes_of_string("x"), &out), TX_CODE_MALFORMED);
    node_simulation_clear(&out);
    struct buf large = {0};
    memset(buf_reserve(&large, LIMIT_DEPLOY_TX_BYTES + 1), 0, LIMIT_DEPLOY_TX_BYTES + 1);
    large.len = LIMIT_DEPLOY_TX_BYTES + 1;
    ck_assert_int_eq(node_simulate(fixture.node, buf_bytes(&large), &out), TX_CODE_TOO_LARGE);
    node_simulation_clear(&out);
    buf_clear(&large);
}
END_TEST

static atomic_bool is_over;

static void *simulate_on(void *given) {
    const struct tx *tx = given;
    size_t count = 0;
    for (; !is_over || count == 0; count++) ck_assert_int_eq(code_of(tx), TX_CODE_OK);
    return NULL;
}

START_TEST(blocks_are_made_meanwhile) {
    enum { BLOCKS = 30, THREADS = 2 };
    struct tx tx, made;
    uint8_t amount[8] = {1}, other[8];
    pthread_t threads[THREADS];
    fixture_begin(&fixture, &tx, 1);
    fixture_add_call(&fixture, &tx, "add", BYTES_OF(amount));
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, simulate_on, &tx), 0);
    for (int i = 0; i < BLOCKS; i++) {
        begin_add(&made, other, 1);
        ck_assert_int_eq(fixture_run(&fixture, &made, 0).code, TX_CODE_OK);
    }
    is_over = true;
    for (int i = 0; i < THREADS; i++) ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
}
END_TEST

Suite *simulate_suite(void) {
    Suite *suite = suite_create("simulate");
    TCase *cases = tcase_create("simulate");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_simulation_foretells_what_the_transaction_does);
    tcase_add_test(cases, its_events_are_told);
    tcase_add_test(cases, a_deployment_can_be_tried);
    tcase_add_test(cases, the_sequence_number_may_be_any);
    tcase_add_test(cases, what_would_keep_it_out_of_the_block_is_told);
    tcase_add_test(cases, what_would_run_for_long_is_cut_off);
    tcase_add_test(cases, bytes_that_are_no_transaction_are_refused);
    tcase_add_test(cases, blocks_are_made_meanwhile);
    suite_add_tcase(suite, cases);
    return suite;
}
