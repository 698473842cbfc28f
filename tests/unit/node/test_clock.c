// SPDX-License-Identifier: Apache-2.0
// A machine's clock that jumps: the chain's time goes on all the same, at its own pace.
#include "chaincore/base/clock.h"
#include "tests/support/false_clock.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"
#include "tests/unit/node/suites.h"

enum { DAY_MS = 24 * 3600 * 1000, SOON_MS = 10000, INTERVAL_MS = 100 };

static struct fixture fixture;

static void set_up(void) { fixture_init_slow(&fixture, INTERVAL_MS); }
static void tear_down(void) { fixture_clear(&fixture); }

static void submit(void) {
    struct tx tx;
    struct hash id;
    fixture_begin(&fixture, &tx, 0);
    tx.actions[tx.action_count++] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = fixture.ids[3], .amount = amount_of_units(1)}};
    ck_assert_int_eq(fixture_submit(&fixture, &tx, 0, &id), TX_CODE_OK);
}

// The time of the next block, which a transaction asks for.
static uint64_t next_block(void) {
    struct node_head head;
    node_head(fixture.node, &head);
    submit();
    ck_assert(node_wait(fixture.node, head.header.height, SOON_MS));
    node_head(fixture.node, &head);
    return head.header.time_ms;
}

static void reopen(void) {
    fixture_close(&fixture);
    assert_ok(fixture_open(&fixture));
}

START_TEST(blocks_go_on_after_a_restart_with_a_clock_that_was_set_back) {
    false_clock_set_wall(DAY_MS);
    assert_ok(fixture_open(&fixture));
    uint64_t ahead = next_block();
    false_clock_set_wall(0);
    reopen();
    ck_assert_uint_eq(next_block(), ahead + INTERVAL_MS);
    ck_assert_uint_eq(next_block(), ahead + 2 * INTERVAL_MS);
}
END_TEST

START_TEST(blocks_go_on_while_the_clock_is_set_back_and_forth) {
    assert_ok(fixture_open(&fixture));
    uint64_t begin = next_block();
    false_clock_set_wall(-DAY_MS);
    ck_assert_uint_eq(next_block(), begin + INTERVAL_MS);
    false_clock_set_wall(DAY_MS);
    uint64_t ahead = next_block();
    ck_assert_uint_ge(ahead, begin + DAY_MS);
    ck_assert_uint_le(ahead, clock_wall_ms());
    false_clock_set_wall(0);
    ck_assert_uint_eq(next_block(), ahead + INTERVAL_MS);
}
END_TEST

START_TEST(a_clock_that_jumps_ahead_makes_no_block_earlier) {
    enum { BLOCKS = 5 };
    assert_ok(fixture_open(&fixture));
    uint64_t before = next_block(), begin_ms = clock_monotonic_ms();
    for (int i = 1; i <= BLOCKS; i++) {
        false_clock_set_wall(i * (int64_t)DAY_MS);
        uint64_t now = next_block();
        ck_assert_uint_ge(now, before + INTERVAL_MS);
        before = now;
    }
    ck_assert_uint_ge(clock_monotonic_ms() - begin_ms, (BLOCKS - 1) * INTERVAL_MS);
}
END_TEST

START_TEST(that_the_clock_was_moved_on_is_told_by_a_block_though_there_is_nothing_else) {
    struct node_head head;
    assert_ok(fixture_open(&fixture));
    uint64_t before = next_block();
    node_head(fixture.node, &head);
    false_clock_set_wall(DAY_MS);
    node_look_again(fixture.node);
    ck_assert(node_wait(fixture.node, head.header.height, SOON_MS));
    node_head(fixture.node, &head);
    ck_assert_uint_ge(head.header.time_ms, before + DAY_MS);
    ck_assert(!node_wait(fixture.node, head.header.height, 3 * INTERVAL_MS)); // once
}
END_TEST

START_TEST(a_block_that_is_due_and_does_not_come_is_told_of) {
    assert_ok(fixture_open_idle(&fixture));
    ck_assert_uint_eq(node_overdue_ms(fixture.node), 0); // with no work for a block
    submit();
    false_clock_set_monotonic(INTERVAL_MS / 2);
    ck_assert_uint_lt(node_overdue_ms(fixture.node), SOON_MS);
    false_clock_set_monotonic(2 * SOON_MS);
    ck_assert_uint_ge(node_overdue_ms(fixture.node), SOON_MS);
    false_clock_set_monotonic(0);
    assert_ok(node_start(fixture.node));
    next_block();
    ck_assert_uint_eq(node_overdue_ms(fixture.node), 0);
}
END_TEST

Suite *clock_suite(void) {
    Suite *suite = suite_create("clock");
    TCase *cases = tcase_create("clock");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, blocks_go_on_after_a_restart_with_a_clock_that_was_set_back);
    tcase_add_test(cases, blocks_go_on_while_the_clock_is_set_back_and_forth);
    tcase_add_test(cases, a_clock_that_jumps_ahead_makes_no_block_earlier);
    tcase_add_test(cases,
                   that_the_clock_was_moved_on_is_told_by_a_block_though_there_is_nothing_else);
    tcase_add_test(cases, a_block_that_is_due_and_does_not_come_is_told_of);
    suite_add_tcase(suite, cases);
    return suite;
}
