// SPDX-License-Identifier: Apache-2.0
// Timers in the blocks of a node: they wake the producer, have receipts, and replay.
#include "chaincore/base/arena.h"
#include "chaincore/base/clock.h"
#include "chaincore/chain/block.h"
#include "tests/support/false_clock.h"
#include "tests/support/puppet.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"
#include "tests/unit/node/suites.h"

static struct fixture fixture;

static void set_up(void) {
    static const struct fixture_contract puppet = {.name = "puppet",
                                                   .path = "tests/support/puppet.wasm"};
    fixture_init(&fixture, &puppet);
    assert_ok(fixture_open(&fixture));
}
static void tear_down(void) { fixture_clear(&fixture); }

// `count` timers, due so long from now, that each tell "rang".
static void set_timers(int count, uint64_t in_ms, uint64_t *due_ms) {
    struct buf script = {0}, then = {0};
    struct tx tx;
    *due_ms = clock_wall_ms() + in_ms;
    encode_u8(&then, PUPPET_EVENT);
    encode_bytes(&then, bytes_of_string("rang"));
    encode_bytes(&then, bytes_of("", 0));
    for (int i = 0; i < count; i++) {
        encode_u8(&script, PUPPET_TIMER);
        encode_u64(&script, *due_ms);
        encode_u64(&script, 200000);
        encode_bytes(&script, buf_bytes(&then));
    }
    fixture_begin(&fixture, &tx, 0);
    fixture_add_call(&fixture, &tx, "pay", buf_bytes(&script));
    tx.actions[0].call.value = amount_of_units((uint64_t)count * 200000);
    struct receipt receipt = fixture_run(&fixture, &tx, 0);
    ck_assert_str_eq(tx_code_name((enum tx_code)receipt.code), "OK");
    buf_clear(&script);
    buf_clear(&then);
}

static struct hash run_id(uint64_t due_ms, uint64_t id) {
    uint8_t preimage[48];
    struct hash hash;
    memcpy(preimage, &fixture.contract, 32);
    store_u64_le(preimage + 32, due_ms);
    store_u64_le(preimage + 40, id);
    hash_bytes(&hash, HASH_TIMER, BYTES_OF(preimage));
    return hash;
}

// Waits for the run; nobody sends anything meanwhile.
static struct node_tx await_run(const struct hash *id) {
    for (;;) {
        struct node_head head;
        struct node_tx found;
        node_head(fixture.node, &head);
        assert_ok(node_find_tx(fixture.node, id, &found));
        if (found.state == NODE_TX_FINAL) return found;
        ck_assert(node_wait(fixture.node, head.header.height, 10000));
    }
}

START_TEST(a_due_timer_makes_a_block_where_nobody_sent_anything) {
    uint64_t due_ms;
    struct arena arena = {0};
    struct buf encoded = {0};
    struct block block;
    set_timers(3, 1500, &due_ms);
    for (uint64_t id = 0; id < 3; id++) {
        struct hash hash = run_id(due_ms, id);
        struct node_tx found = await_run(&hash);
        ck_assert_uint_eq(found.receipt.code, TX_CODE_OK);
        ck_assert_uint_eq(found.index, id);
        if (id > 0) continue;
        assert_ok(node_read_block(fixture.node, found.height, &encoded));
        assert_ok(block_decode(&block, &arena, buf_bytes(&encoded)));
        ck_assert_uint_ge(block.header.time_ms, due_ms);
        ck_assert_uint_eq(block.tx_count, 3);
        ck_assert_uint_eq(block.txs[0].encoded.len, 0);
        assert_bytes_equal(block.txs[0].events[0].topic, bytes_of_string("rang"));
    }
    arena_clear(&arena);
    buf_clear(&encoded);
}
END_TEST

START_TEST(runs_of_timers_replay_to_the_same_state) {
    uint64_t due_ms;
    struct node_head before, after;
    set_timers(2, 700, &due_ms);
    struct hash hash = run_id(due_ms, 1);
    struct node_tx found = await_run(&hash), again;
    node_head(fixture.node, &before);
    fixture_close(&fixture);
    assert_ok(fixture_open(&fixture)); // executes every block again and compares the roots
    node_head(fixture.node, &after);
    ck_assert_uint_ge(after.header.height, before.header.height);
    assert_ok(node_find_tx(fixture.node, &hash, &again));
    ck_assert_uint_eq(again.height, found.height);
    ck_assert_uint_eq(again.receipt.gas_used, found.receipt.gas_used);
}
END_TEST

START_TEST(a_timer_rings_in_time_though_the_clock_was_set_back) {
    uint64_t due_ms;
    set_timers(1, 700, &due_ms);
    false_clock_set_wall(-24 * 3600 * 1000);
    struct hash hash = run_id(due_ms, 0);
    ck_assert_uint_eq(await_run(&hash).receipt.code, TX_CODE_OK);
}
END_TEST

Suite *timers_suite(void) {
    Suite *suite = suite_create("timers");
    TCase *cases = tcase_create("timers");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_due_timer_makes_a_block_where_nobody_sent_anything);
    tcase_add_test(cases, a_timer_rings_in_time_though_the_clock_was_set_back);
    tcase_add_test(cases, runs_of_timers_replay_to_the_same_state);
    suite_add_tcase(suite, cases);
    return suite;
}
