// SPDX-License-Identifier: Apache-2.0
// A node whose disk fails.
#include <sched.h>

#include "tests/support/faults.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"

static struct fixture fixture;

static void start_chain(void) {
    fixture_init_counter(&fixture);
    assert_ok(fixture_open(&fixture));
}
static void clear_chain(void) {
    faults_disarm();
    fixture_clear(&fixture);
}

static struct node_health health_now(void) {
    struct node_health health;
    node_health(fixture.node, &health);
    return health;
}

static uint64_t height_now(void) {
    struct node_head head;
    node_head(fixture.node, &head);
    return head.header.height;
}

static void begin_transfer(struct tx *tx) {
    fixture_begin(&fixture, tx, 0);
    tx->actions[tx->action_count++] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = fixture.ids[1], .amount = amount_of_units(1)}};
}

static void run_blocks(uint64_t height) {
    while (height_now() < height) {
        struct tx tx;
        begin_transfer(&tx);
        fixture_run(&fixture, &tx, 0);
    }
}

static uint64_t run_until_held_up(void) {
    uint64_t written = health_now().checkpoint_height;
    run_blocks(written + LIMIT_REPLAY_BLOCKS);
    while (!health_now().is_held_up) sched_yield();
    return written;
}

// The block is told of before its checkpoint begins.
static void await_checkpoint(uint64_t height) {
    while (health_now().checkpoint_height < height) sched_yield();
}

START_TEST(a_chain_whose_state_cannot_be_written_waits_and_goes_on_when_it_can) {
    struct tx tx;
    struct hash id;
    struct node_tx found;
    run_blocks(100);
    await_checkpoint(100);
    ck_assert_uint_eq(health_now().checkpoint_height, 100);
    ck_assert_uint_eq(health_now().failures, 0);
    faults_arm(FAULT_STATE, 0, fixture.folder);
    uint64_t written = run_until_held_up();
    ck_assert_uint_eq(written, 100);
    struct node_health health = health_now();
    ck_assert_uint_gt(health.failures, 1);
    assert_status(health.checkpoint, STATUS_IO);
    ck_assert_uint_eq(health.checkpoint_height, 100);
    begin_transfer(&tx);
    ck_assert_int_eq(fixture_submit(&fixture, &tx, 0, &id), TX_CODE_OK);
    for (uint32_t failures = health.failures; health_now().failures < failures + 1;) sched_yield();
    ck_assert_uint_eq(height_now(), written + LIMIT_REPLAY_BLOCKS);
    assert_ok(node_find_tx(fixture.node, &id, &found));
    ck_assert_int_eq(found.state, NODE_TX_PENDING);
    faults_disarm();
    fixture_await(&fixture, &id);
    health = health_now();
    ck_assert(!health.is_held_up && health.failures == 0);
    ck_assert_uint_eq(health.checkpoint_height, 300);
}
END_TEST

START_TEST(a_chain_that_waits_for_its_state_opens_again_and_loses_nothing) {
    struct node_head before, after;
    faults_arm(FAULT_STATE, 0, fixture.folder);
    ck_assert_uint_eq(run_until_held_up(), 0);
    node_head(fixture.node, &before);
    fixture_close(&fixture);
    faults_disarm(); // SQLite writes to open a file
    assert_ok(fixture_open_idle(&fixture));
    node_head(fixture.node, &after);
    ck_assert_uint_eq(after.header.height, LIMIT_REPLAY_BLOCKS);
    ck_assert(hash_equal(&before.id, &after.id));
    // What it executed again is written: the chain need not stand still until the next one is due.
    assert_ok(node_start(fixture.node));
    run_blocks(LIMIT_REPLAY_BLOCKS + 1);
    await_checkpoint(LIMIT_REPLAY_BLOCKS);
    ck_assert_uint_eq(health_now().checkpoint_height, LIMIT_REPLAY_BLOCKS);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    faults_init();
    Suite *suite = suite_create("faults");
    TCase *cases = tcase_create("checkpoints");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, start_chain, clear_chain);
    tcase_add_test(cases, a_chain_whose_state_cannot_be_written_waits_and_goes_on_when_it_can);
    tcase_add_test(cases, a_chain_that_waits_for_its_state_opens_again_and_loses_nothing);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
