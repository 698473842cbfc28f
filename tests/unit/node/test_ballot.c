// SPDX-License-Identifier: Apache-2.0
// What witnesses decide by two thirds: on a ledger alone, and by signed transactions.
#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account.h"
#include "chaincore/contract/ballot.h"
#include "chaincore/contract/contract_record.h"
#include "chaincore/contract/parameters.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"
#include "tests/unit/node/epochs.h"
#include "tests/unit/node/suites.h"

static const uint32_t serving[] = {1, 2, 3, 4};
static struct epochs epochs;
static struct fixture fixture;

// Four of seven serve: three of them are two thirds.
static void set_up(void) {
    epochs_init(&epochs, LIMIT_WITNESSES); // nobody is ever elected
    for (uint32_t i = 1; i <= 7; i++) epochs_give(&epochs, i, 100);
    epochs_serve(&epochs, serving, 4);
}
static void tear_down(void) { epochs_clear(&epochs); }

static void check_cast(uint32_t who, const struct approval *approval, const char *code) {
    struct account_id id = epochs_id(who);
    ck_assert_str_eq(tx_code_name(ballot_cast(&epochs.run, &id, approval)), code);
}
static struct approval price(uint64_t min_gas_price) {
    struct approval approval = {.kind = APPROVE_PARAMETERS, .params = epochs.params};
    approval.params.min_gas_price = min_gas_price;
    return approval;
}
static uint64_t price_now(void) { return epochs.block.params.min_gas_price; }
static bool has_ballot(uint32_t who) {
    struct state_key key;
    struct bytes value;
    struct account_id id = epochs_id(who);
    state_key_make(&key, STATE_BALLOT, &id, bytes_of("", 0));
    return state_get(epochs_view(&epochs), state_key_bytes(&key), &value);
}

START_TEST(two_thirds_set_parameters_from_the_next_epoch_on) {
    struct approval approval = price(5);
    check_cast(1, &approval, "OK");
    check_cast(1, &approval, "OK"); // counts once
    check_cast(3, &approval, "OK");
    epochs_next_epoch(&epochs);
    ck_assert_uint_eq(price_now(), 1); // two are too few
    check_cast(4, &approval, "OK");
    for (uint32_t i = 1; i <= 4; i++) ck_assert(!has_ballot(i));
    epochs_next(&epochs);
    ck_assert_uint_eq(price_now(), 1);
    epochs_next_epoch(&epochs);
    ck_assert_uint_eq(price_now(), 5);
}
END_TEST

START_TEST(ballots_count_where_they_agree_to_the_byte_and_the_last_one_stands) {
    struct approval five = price(5), six = price(6), nothing = {.kind = APPROVE_NOTHING};
    check_cast(1, &five, "OK");
    check_cast(2, &six, "OK");
    check_cast(3, &five, "OK");
    check_cast(1, &nothing, "OK");
    check_cast(1, &nothing, "OK");
    check_cast(4, &five, "OK"); // with three it would be decided, but one took its own back
    epochs_next_epoch(&epochs);
    ck_assert_uint_eq(price_now(), 1);
    check_cast(2, &five, "OK");
    epochs_next_epoch(&epochs);
    ck_assert_uint_eq(price_now(), 5);
}
END_TEST

START_TEST(only_who_serves_counts) {
    static const uint32_t later[] = {3, 4, 5, 6};
    struct approval approval = price(5);
    check_cast(7, &approval, "NOT_A_WITNESS");
    check_cast(1, &approval, "OK");
    check_cast(2, &approval, "OK");
    epochs_next_epoch(&epochs);
    epochs_serve(&epochs, later, 4);
    check_cast(3, &approval, "OK");
    check_cast(5, &approval, "OK");
    ck_assert(has_ballot(1) && has_ballot(3)); // four ballots, two of them of those who serve
    check_cast(6, &approval, "OK");
    ck_assert(has_ballot(1) && !has_ballot(3));
    // Who serves no more still takes its own back.
    struct approval nothing = {.kind = APPROVE_NOTHING};
    check_cast(1, &nothing, "OK");
    ck_assert(!has_ballot(1));
}
END_TEST

START_TEST(what_never_changes_cannot_be_approved) {
    struct approval wrong[4];
    for (int i = 0; i < 4; i++) wrong[i] = price(2);
    wrong[0].params.epoch_blocks++;
    wrong[1].params.allow_floats = true;
    wrong[2].params.leave_out_empty_blocks = true;
    wrong[3].params.protocol = 0;
    for (int i = 0; i < 4; i++) check_cast(1, &wrong[i], "BAD_PARAMETERS");
    ck_assert(!has_ballot(1));
}
END_TEST

START_TEST(code_is_approved_for_contracts_of_the_witnesses_alone) {
    struct approval approval = {.kind = APPROVE_UPGRADE,
                                .upgrade = {.contract = {{9}}, .code = {{1}}, .arguments = {{2}}}};
    struct approved_upgrade other = approval.upgrade;
    struct contract_record record = {.right = {.kind = UPGRADE_BY_ACCOUNT}};
    check_cast(1, &approval, "UNKNOWN_CONTRACT");
    contract_store(epochs.block.draft, &approval.upgrade.contract, &record);
    check_cast(1, &approval, "NOT_UPGRADER");
    record.right.kind = UPGRADE_BY_WITNESSES;
    contract_store(epochs.block.draft, &approval.upgrade.contract, &record);
    for (uint32_t i = 1; i <= 3; i++) {
        ck_assert(!ballot_take_upgrade(epochs.block.draft, &approval.upgrade));
        check_cast(i, &approval, "OK");
    }
    other.code.bytes[0] = 3;
    ck_assert(!ballot_take_upgrade(epochs.block.draft, &other));
    other = approval.upgrade;
    other.arguments.bytes[0] = 3;
    ck_assert(!ballot_take_upgrade(epochs.block.draft, &other));
    ck_assert(ballot_take_upgrade(epochs.block.draft, &approval.upgrade));
    ck_assert(!ballot_take_upgrade(epochs.block.draft, &approval.upgrade)); // once
}
END_TEST

// ---- by the witnesses of a node, whose gas an account pays

static void set_up_node(void) {
    fixture_init_counter(&fixture);
    fixture_set_epoch(&fixture, 8);
    assert_ok(fixture_open(&fixture));
}
static void tear_down_node(void) { fixture_clear(&fixture); }

static const char *approve(int witness, const struct approval *approval) {
    struct buf encoded = {0};
    struct public_key key;
    struct account account;
    struct hash id;
    struct tx tx;
    fixture_begin(&fixture, &tx, 0);
    key_public_of(&key, &fixture.witnesses[witness]);
    account_id_of_key(&tx.sender, &key);
    node_account(fixture.node, &tx.sender, &account, &tx.seq);
    tx.has_payer = true;
    tx.payer = fixture.ids[0];
    tx.actions[tx.action_count++] = (struct tx_action){.kind = TX_APPROVE, .approve = *approval};
    assert_ok(
        tx_sign(&tx, TX_ROLE_SENDER, &fixture.witnesses[witness], node_chain_id(fixture.node)));
    assert_ok(tx_sign(&tx, TX_ROLE_PAYER, &fixture.keys[0], node_chain_id(fixture.node)));
    tx_encode(&encoded, &tx);
    ck_assert_int_eq(node_submit(fixture.node, buf_bytes(&encoded), &id), TX_CODE_OK);
    buf_clear(&encoded);
    return tx_code_name((enum tx_code)fixture_await(&fixture, &id).code);
}

static enum tx_code run(struct tx_action action) {
    struct tx tx;
    fixture_begin(&fixture, &tx, 1);
    tx.gas_price = 3;
    tx.actions[tx.action_count++] = action;
    return (enum tx_code)fixture_run(&fixture, &tx, 1).code;
}

static void pass_to(uint64_t height) {
    struct node_head head;
    for (node_head(fixture.node, &head); head.header.height < height;
         node_head(fixture.node, &head))
        run((struct tx_action){.kind = TX_TRANSFER, .transfer = {.to = fixture.ids[2]}});
}

START_TEST(witnesses_raise_the_price_by_signed_transactions) {
    struct approval approval = {.kind = APPROVE_PARAMETERS,
                                .params = node_genesis(fixture.node)->params};
    struct params params;
    approval.params.min_gas_price = 3;
    for (int i = 0; i < 3; i++) ck_assert_str_eq(approve(i, &approval), "OK");
    node_params(fixture.node, &params);
    ck_assert_uint_eq(params.min_gas_price, 1);
    pass_to(8);
    node_params(fixture.node, &params);
    ck_assert_uint_eq(params.min_gas_price, 3);
}
END_TEST

START_TEST(a_node_stops_before_a_protocol_that_it_does_not_know) {
    struct approval approval = {.kind = APPROVE_PARAMETERS,
                                .params = node_genesis(fixture.node)->params};
    struct node_head head;
    approval.params.protocol = PROTOCOL_NEWEST + 1;
    for (int i = 0; i < 3; i++) ck_assert_str_eq(approve(i, &approval), "OK");
    pass_to(7);
    node_head(fixture.node, &head);
    ck_assert_uint_eq(head.header.height, 7); // the epoch's last
    struct node_health health;
    for (int i = 0; i < 2; i++) {
        node_health(fixture.node, &health);
        ck_assert_uint_eq(health.lacked_protocol, PROTOCOL_NEWEST + 1);
        fixture_close(&fixture);
        assert_ok(fixture_open(&fixture));
    }
    fixture_close(&fixture);
    fixture.newest_protocol = PROTOCOL_NEWEST + 1;
    assert_ok(fixture_open(&fixture));
    node_health(fixture.node, &health);
    ck_assert_uint_eq(health.lacked_protocol, 0);
    pass_to(9);
}
END_TEST

START_TEST(anybody_brings_the_code_that_the_witnesses_approved) {
    struct approval approval = {.kind = APPROVE_UPGRADE, .upgrade = {.contract = fixture.contract}};
    struct tx_action upgrade = {
        .kind = TX_UPGRADE,
        .upgrade = {.contract = fixture.contract, .code = buf_bytes(&fixture.contract_code)}};
    struct contract_record before, record;
    ck_assert(node_contract(fixture.node, &fixture.contract, &before));
    hash_bytes(&approval.upgrade.code, HASH_CODE, upgrade.upgrade.code);
    hash_bytes(&approval.upgrade.arguments, HASH_ARGUMENTS, bytes_of("", 0));
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(run(upgrade), TX_CODE_NOT_UPGRADER);
        ck_assert_str_eq(approve(i, &approval), "OK");
    }
    upgrade.upgrade.has_upgrader = true; // the right is not theirs to give
    upgrade.upgrade.upgrader = fixture.ids[1];
    ck_assert_int_eq(run(upgrade), TX_CODE_NOT_UPGRADER);
    upgrade.upgrade.has_upgrader = false;
    ck_assert_int_eq(run(upgrade), TX_CODE_OK);
    ck_assert_int_eq(run(upgrade), TX_CODE_NOT_UPGRADER);
    ck_assert(node_contract(fixture.node, &fixture.contract, &record));
    ck_assert_int_eq(record.right.kind, UPGRADE_BY_WITNESSES);
    ck_assert_uint_eq(record.deposit.bytes, before.deposit.bytes); // nobody paid for its code
}
END_TEST

Suite *ballot_suite(void) {
    Suite *suite = suite_create("ballot");
    TCase *cases = tcase_create("ballot");
    TCase *node_cases = tcase_create("node");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, two_thirds_set_parameters_from_the_next_epoch_on);
    tcase_add_test(cases, ballots_count_where_they_agree_to_the_byte_and_the_last_one_stands);
    tcase_add_test(cases, only_who_serves_counts);
    tcase_add_test(cases, what_never_changes_cannot_be_approved);
    tcase_add_test(cases, code_is_approved_for_contracts_of_the_witnesses_alone);
    suite_add_tcase(suite, cases);
    tcase_add_checked_fixture(node_cases, set_up_node, tear_down_node);
    tcase_add_test(node_cases, witnesses_raise_the_price_by_signed_transactions);
    tcase_add_test(node_cases, a_node_stops_before_a_protocol_that_it_does_not_know);
    tcase_add_test(node_cases, anybody_brings_the_code_that_the_witnesses_approved);
    suite_add_tcase(suite, node_cases);
    return suite;
}
