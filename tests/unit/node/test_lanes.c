// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/lane.h"
#include "chaincore/contract/parameters.h"
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

static void begin_in_lane(struct tx *tx, int from, uint32_t number) {
    fixture_begin(&fixture, tx, from);
    tx->lane = number;
    struct tx_lane lane = tx_lane(tx);
    tx->seq = node_next_seq(fixture.node, &lane);
    tx->actions[tx->action_count++] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = fixture.ids[3], .amount = amount_of_units(1)}};
}

static struct account account_of(int account) {
    struct account out;
    uint64_t seq;
    node_account(fixture.node, &fixture.ids[account], &out, &seq);
    return out;
}

START_TEST(lanes_count_for_themselves) {
    struct tx tx;
    for (uint32_t round = 0; round < 3; round++)
        for (uint32_t number = 0; number < 4; number++) {
            begin_in_lane(&tx, 0, number * 1000);
            ck_assert_uint_eq(tx.seq, round);
            ck_assert_uint_eq(fixture_run(&fixture, &tx, 0).code, TX_CODE_OK);
        }
    struct account account = account_of(0);
    ck_assert_uint_eq(account.next_seq, 3);
    ck_assert_uint_eq(account.deposit.bytes, 3 * LANE_BYTES);
    fixture_close(&fixture);
    assert_ok(fixture_open(&fixture));
    begin_in_lane(&tx, 0, 2000);
    ck_assert_uint_eq(tx.seq, 3);
    struct hash id;
    tx.seq = 2;
    ck_assert_int_eq(fixture_submit(&fixture, &tx, 0, &id), TX_CODE_WRONG_NONCE);
    tx.seq = 4;
    tx.signature_count = 0;
    ck_assert_int_eq(fixture_submit(&fixture, &tx, 0, &id), TX_CODE_NONCE_GAP);
}
END_TEST

START_TEST(a_lane_stays_open_when_what_opened_it_fails) {
    struct tx tx;
    begin_in_lane(&tx, 0, 7);
    tx.actions[0].transfer.amount = amount_of_units(UINT64_MAX);
    ck_assert_uint_eq(fixture_run(&fixture, &tx, 0).code, TX_CODE_INSUFFICIENT_FUNDS);
    struct tx_lane lane = tx_lane(&tx);
    ck_assert_uint_eq(node_next_seq(fixture.node, &lane), 1);
    ck_assert_uint_eq(account_of(0).deposit.bytes, LANE_BYTES);
    struct state_version *version = node_state(fixture.node);
    ck_assert(supply_is_conserved(state_version_view(version)));
    node_state_release(version);
}
END_TEST

START_TEST(a_lane_in_use_is_not_closed_nor_one_that_is_not_there) {
    struct tx tx;
    begin_in_lane(&tx, 0, 7);
    ck_assert_uint_eq(fixture_run(&fixture, &tx, 0).code, TX_CODE_OK);
    for (uint32_t number = 7; number < 9; number++) {
        begin_in_lane(&tx, 0, 0);
        tx.actions[0] = (struct tx_action){.kind = TX_CLOSE_LANE, .close_lane = {.lane = number}};
        ck_assert_uint_eq(fixture_run(&fixture, &tx, 0).code,
                          number == 7 ? TX_CODE_LANE_IN_USE : TX_CODE_UNKNOWN_LANE);
    }
}
END_TEST

// Years of blocks pass in a state of its own.
START_TEST(a_lane_at_rest_gives_its_deposit_back) {
    struct state *state = state_create();
    struct state_version *empty = state_version_empty();
    struct apply_block block = {.draft = state_draft_begin(state, empty), .height = 100};
    struct params params = {
        .block_interval_ms = 1, .epoch_blocks = 10, .block_gas_limit = 1, .deposit_per_byte = 3};
    struct tx tx = {.lane = 5};
    struct account rich = {.balance = amount_of_units(1000)}, account;
    struct run_tx run = {.block = &block, .tx = &tx, .payer = &tx.sender};
    parameters_store(block.draft, &params);
    account_store(block.draft, &tx.sender, &rich);
    apply_begin(&block);
    lane_use(&block, &tx);
    const struct state_view *view = state_draft_view(block.draft);
    struct tx_lane lane = tx_lane(&tx);
    ck_assert_uint_eq(lane_next_seq(view, &lane), 1);
    account_load(&account, view, &tx.sender);
    ck_assert_uint_eq(amount_units(account.balance), 1000 - 3 * LANE_BYTES);
    block.height += LIMIT_VALID_UNTIL_BLOCKS;
    ck_assert_int_eq(lane_close(&run, 5), TX_CODE_LANE_IN_USE);
    block.height++;
    ck_assert_int_eq(lane_close(&run, 5), TX_CODE_OK);
    account_load(&account, view, &tx.sender);
    ck_assert_uint_eq(amount_units(account.balance), 1000);
    ck_assert_uint_eq(account.deposit.bytes, 0);
    ck_assert_uint_eq(lane_next_seq(view, &lane), 0);
    state_draft_drop(block.draft);
    state_version_unref(empty);
    state_free(state);
}
END_TEST

Suite *lanes_suite(void) {
    Suite *suite = suite_create("lanes");
    TCase *cases = tcase_create("lanes");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, lanes_count_for_themselves);
    tcase_add_test(cases, a_lane_stays_open_when_what_opened_it_fails);
    tcase_add_test(cases, a_lane_in_use_is_not_closed_nor_one_that_is_not_there);
    tcase_add_test(cases, a_lane_at_rest_gives_its_deposit_back);
    suite_add_tcase(suite, cases);
    return suite;
}
