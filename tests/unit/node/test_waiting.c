// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "chaincore/base/file.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"
#include "tests/unit/node/suites.h"

enum { EACH = 3 };

static struct fixture fixture;
static char waiting_path[96];

static void set_up(void) {
    fixture_init_counter(&fixture);
    snprintf(waiting_path, sizeof waiting_path, "%s/waiting", fixture.folder);
    assert_ok(fixture_open_idle(&fixture));
}
static void tear_down(void) { fixture_clear(&fixture); }

static void reopen_idle(void) {
    fixture_close(&fixture);
    assert_ok(fixture_open_idle(&fixture));
}

static void submit(struct hash *id, int from) {
    struct tx tx;
    fixture_begin(&fixture, &tx, from);
    tx.actions[tx.action_count++] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = fixture.ids[3], .amount = amount_of_units(1)}};
    ck_assert_int_eq(fixture_submit(&fixture, &tx, from, id), TX_CODE_OK);
}

// From two senders in turn.
static void submit_some(struct hash ids[2 * EACH]) {
    for (int i = 0; i < 2 * EACH; i++) submit(&ids[i], i % 2);
}

static enum node_tx_state state_of(const struct hash *id) {
    struct node_tx found;
    assert_ok(node_find_tx(fixture.node, id, &found));
    return found.state;
}

static uint64_t next_seq(int account) {
    struct account found;
    uint64_t seq;
    node_account(fixture.node, &fixture.ids[account], &found, &seq);
    return seq;
}

START_TEST(what_waits_at_a_stop_waits_again_and_becomes_final_under_its_id) {
    struct hash ids[2 * EACH], next;
    submit_some(ids);
    reopen_idle();
    for (int i = 0; i < 2 * EACH; i++) ck_assert_int_eq(state_of(&ids[i]), NODE_TX_PENDING);
    ck_assert_uint_eq(next_seq(0), EACH);
    submit(&next, 0);
    reopen_idle();
    assert_ok(node_start(fixture.node));
    for (int i = 0; i < 2 * EACH; i++) ck_assert_uint_eq(fixture_await(&fixture, &ids[i]).code, 0);
    ck_assert_uint_eq(fixture_await(&fixture, &next).code, 0);
}
END_TEST

START_TEST(what_waits_and_what_became_final_is_counted) {
    struct hash ids[2 * EACH];
    struct node_counts counts;
    node_counts(fixture.node, &counts);
    ck_assert_uint_eq(counts.mempool_txs + counts.mempool_bytes + counts.blocks + counts.txs, 0);
    submit_some(ids);
    node_counts(fixture.node, &counts);
    ck_assert_uint_eq(counts.mempool_txs, 2 * EACH);
    uint64_t waiting = counts.mempool_bytes;
    ck_assert_uint_gt(waiting, 2 * EACH * sizeof(struct signature));
    assert_ok(node_start(fixture.node));
    for (int i = 0; i < 2 * EACH; i++) fixture_await(&fixture, &ids[i]);
    node_stop(fixture.node);
    struct node_head head;
    node_head(fixture.node, &head);
    node_counts(fixture.node, &counts);
    ck_assert_uint_eq(counts.mempool_txs + counts.mempool_bytes, 0);
    ck_assert_uint_eq(counts.txs, 2 * EACH);
    ck_assert_uint_eq(counts.blocks, head.header.height);
}
END_TEST

START_TEST(what_became_final_is_not_taken_again) {
    struct hash ids[2 * EACH];
    struct buf kept = {0};
    submit_some(ids);
    reopen_idle();
    assert_ok(file_read(&kept, waiting_path, 1 << 20));
    assert_ok(node_start(fixture.node));
    for (int i = 0; i < 2 * EACH; i++) fixture_await(&fixture, &ids[i]);
    fixture_close(&fixture);
    ck_assert(!file_exists(waiting_path));
    assert_ok(file_replace(waiting_path, buf_bytes(&kept), 0600));
    assert_ok(fixture_open_idle(&fixture));
    for (int i = 0; i < 2 * EACH; i++) ck_assert_int_eq(state_of(&ids[i]), NODE_TX_FINAL);
    ck_assert_uint_eq(next_seq(1), EACH);
    buf_clear(&kept);
}
END_TEST

START_TEST(of_a_damaged_file_only_whole_and_true_transactions_are_taken) {
    struct hash ids[2 * EACH];
    struct buf kept = {0};
    submit_some(ids);
    fixture_close(&fixture);
    assert_ok(file_read(&kept, waiting_path, 1 << 20));
    for (size_t i = sizeof(uint32_t); i < kept.len; i += 1 + kept.len / 64) {
        kept.data[i] ^= 1;
        assert_ok(file_replace(waiting_path, buf_bytes(&kept), 0600));
        kept.data[i] ^= 1;
        assert_ok(fixture_open_idle(&fixture)); // whatever it holds
        int pending = 0;
        for (int k = 0; k < 2 * EACH; k++) pending += state_of(&ids[k]) == NODE_TX_PENDING;
        ck_assert_int_lt(pending, 2 * EACH);
        ck_assert_uint_eq(next_seq(0) + next_seq(1), (uint64_t)pending);
        fixture_close(&fixture);
    }
    for (size_t len = 0; len < kept.len; len += 1 + kept.len / 16) {
        assert_ok(file_replace(waiting_path, bytes_of(kept.data, len), 0600));
        assert_ok(fixture_open_idle(&fixture));
        fixture_close(&fixture);
    }
    buf_clear(&kept);
}
END_TEST

Suite *waiting_suite(void) {
    Suite *suite = suite_create("waiting");
    TCase *cases = tcase_create("waiting");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, what_waits_at_a_stop_waits_again_and_becomes_final_under_its_id);
    tcase_add_test(cases, what_waits_and_what_became_final_is_counted);
    tcase_add_test(cases, what_became_final_is_not_taken_again);
    tcase_add_test(cases, of_a_damaged_file_only_whole_and_true_transactions_are_taken);
    suite_add_tcase(suite, cases);
    return suite;
}
