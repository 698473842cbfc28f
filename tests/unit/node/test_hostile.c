// SPDX-License-Identifier: Apache-2.0
// Payers that run dry between the mempool and their place in a block.
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

// Burns its whole gas limit; account 3 pays six tenths of what it has for it.
static enum tx_code submit_spinning(int sender, struct hash *id) {
    struct tx tx;
    struct buf encoded = {0};
    fixture_begin(&fixture, &tx, sender);
    fixture_add_call(&fixture, &tx, "spin", bytes_of("", 0));
    tx.gas_price = 3000;
    tx.has_payer = true;
    tx.payer = fixture.ids[3];
    const struct hash *chain_id = node_chain_id(fixture.node);
    assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &fixture.keys[sender], chain_id));
    assert_ok(tx_sign(&tx, TX_ROLE_PAYER, &fixture.keys[3], chain_id));
    tx_encode(&encoded, &tx);
    enum tx_code code = node_submit(fixture.node, buf_bytes(&encoded), id);
    buf_clear(&encoded);
    return code;
}

START_TEST(a_payer_that_runs_dry_pays_for_one_and_the_chain_goes_on) {
    struct hash ids[2];
    struct node_tx found;
    struct tx tx;
    ck_assert_int_eq(submit_spinning(0, &ids[0]), TX_CODE_OK);
    // Where the first is in its block already, admission says so; else the block leaves it out.
    enum tx_code second = submit_spinning(1, &ids[1]);
    ck_assert(second == TX_CODE_OK || second == TX_CODE_CANNOT_PAY_GAS);
    struct receipt receipt = fixture_await(&fixture, &ids[0]);
    ck_assert_uint_eq(receipt.code, TX_CODE_OUT_OF_GAS);
    ck_assert_uint_eq(receipt.gas_used, 20000000);
    for (;;) { // the block that leaves it out takes it from the mempool
        struct node_head head;
        node_head(fixture.node, &head);
        assert_ok(node_find_tx(fixture.node, &ids[1], &found));
        if (found.state != NODE_TX_PENDING) break;
        ck_assert(node_wait(fixture.node, head.header.height, 10000));
    }
    for (int i = 0; i < 2; i++) { // the sender is free for its next transaction
        uint64_t one = 1;
        fixture_begin(&fixture, &tx, 1 + i);
        fixture_add_call(&fixture, &tx, "add", BYTES_OF(one));
        ck_assert_uint_eq(fixture_run(&fixture, &tx, 1 + i).code, TX_CODE_OK);
    }
    assert_ok(node_find_tx(fixture.node, &ids[1], &found));
    ck_assert_int_eq(found.state, second == TX_CODE_OK ? NODE_TX_DROPPED : NODE_TX_UNKNOWN);
    if (second == TX_CODE_OK) ck_assert_int_eq(found.code, TX_CODE_CANNOT_PAY_GAS);
    struct state_version *version = node_state(fixture.node);
    ck_assert(supply_is_conserved(state_version_view(version)));
    node_state_release(version);
}
END_TEST

Suite *hostile_suite(void) {
    Suite *suite = suite_create("hostile");
    TCase *cases = tcase_create("hostile");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_payer_that_runs_dry_pays_for_one_and_the_chain_goes_on);
    suite_add_tcase(suite, cases);
    return suite;
}
