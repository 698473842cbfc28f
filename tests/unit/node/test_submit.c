// SPDX-License-Identifier: Apache-2.0
// Transactions that come many at a time, verified in vector lanes and without.
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/crypto/lanes.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"
#include "tests/unit/node/suites.h"

enum { BATCH = 75, SENDERS = 3, TIMES = 3 };

static struct fixture fixture;
static struct buf encoded[BATCH];
static struct node_submission items[BATCH];

static void start_chain(void) {
    fixture_init_counter(&fixture);
    assert_ok(fixture_open(&fixture));
}
static void clear_chain(void) {
    lanes_switch(true);
    for (size_t i = 0; i < BATCH; i++) buf_clear(&encoded[i]);
    fixture_clear(&fixture);
}

// Three senders in turns, each with numbers that follow one another. The one at `broken` is signed
// for another chain.
static void make_batch(size_t broken) {
    struct hash other_chain = {{9}};
    struct tx txs[SENDERS];
    for (int i = 0; i < SENDERS; i++) {
        fixture_begin(&fixture, &txs[i], i);
        txs[i].gas_limit = 100000;
        txs[i].action_count = 1;
        txs[i].actions[0].kind = TX_TRANSFER;
        txs[i].actions[0].transfer.to = fixture.ids[SENDERS];
        txs[i].actions[0].transfer.amount = amount_of_units(1);
    }
    for (size_t i = 0; i < BATCH; i++) {
        struct tx tx = txs[i % SENDERS];
        tx.seq += i / SENDERS;
        const struct hash *chain = i == broken ? &other_chain : node_chain_id(fixture.node);
        assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &fixture.keys[i % SENDERS], chain));
        buf_reset(&encoded[i]);
        tx_encode(&encoded[i], &tx);
        items[i] = (struct node_submission){.encoded = buf_bytes(&encoded[i])};
    }
}

static void check_ids(void) {
    for (size_t i = 0; i < BATCH; i++) {
        struct tx tx;
        struct hash id = {{0}};
        if (tx_decode(&tx, items[i].encoded) == STATUS_OK) tx_id(&id, &tx);
        ck_assert(hash_equal(&id, &items[i].id));
    }
}

static uint64_t received(void) {
    struct account account;
    uint64_t next_seq;
    node_account(fixture.node, &fixture.ids[SENDERS], &account, &next_seq);
    return amount_units(account.balance);
}

START_TEST(a_batch_is_admitted_in_its_order) {
    lanes_switch(_i);
    uint64_t before = received();
    for (int time = 0; time < TIMES; time++) {
        make_batch(BATCH);
        node_submit_many(fixture.node, items, BATCH);
        for (size_t i = 0; i < BATCH; i++) ck_assert_str_eq(tx_code_name(items[i].code), "OK");
        check_ids();
        for (size_t i = BATCH - SENDERS; i < BATCH; i++) fixture_await(&fixture, &items[i].id);
    }
    ck_assert_uint_eq(received(), before + TIMES * BATCH);
}
END_TEST

START_TEST(each_of_a_batch_is_refused_for_its_own_reason) {
    enum { BROKEN = 3 * 11 + 1, TWICE = 3 * 20, SHORT = 3 * 22 + 2 };
    lanes_switch(_i);
    make_batch(BROKEN);
    items[TWICE].encoded = items[TWICE - SENDERS].encoded;
    items[SHORT].encoded.len--;
    node_submit_many(fixture.node, items, BATCH);
    check_ids();
    for (size_t i = 0; i < BATCH; i++) {
        const char *expected = "OK";
        if (i == BROKEN) expected = "BAD_SIGNATURE";
        if (i == TWICE) expected = "DUPLICATE";
        if (i == SHORT) expected = "MALFORMED";
        bool is_behind = (i % SENDERS == BROKEN % SENDERS && i > BROKEN) ||
                         (i % SENDERS == TWICE % SENDERS && i > TWICE) ||
                         (i % SENDERS == SHORT % SENDERS && i > SHORT);
        if (is_behind) expected = "NONCE_GAP";
        ck_assert_msg(strcmp(tx_code_name(items[i].code), expected) == 0, "%zu: %s, not %s", i,
                      tx_code_name(items[i].code), expected);
    }
}
END_TEST

START_TEST(nothing_at_all_is_a_batch) { node_submit_many(fixture.node, NULL, 0); }
END_TEST

START_TEST(blocks_made_with_lanes_execute_to_the_same_without) {
    struct node_head before, after;
    char command[128];
    lanes_switch(_i);
    make_batch(BATCH);
    node_submit_many(fixture.node, items, BATCH);
    for (size_t i = BATCH - SENDERS; i < BATCH; i++) fixture_await(&fixture, &items[i].id);
    node_stop(fixture.node);
    node_head(fixture.node, &before);
    fixture_close(&fixture);
    lanes_switch(!_i);
    snprintf(command, sizeof command, "rm -f %s/state.sqlite*", fixture.folder);
    ck_assert_int_eq(system(command), 0);
    assert_ok(fixture_open_idle(&fixture));
    node_head(fixture.node, &after);
    ck_assert(hash_equal(&before.id, &after.id));
}
END_TEST

Suite *submit_suite(void) {
    Suite *suite = suite_create("submit");
    TCase *cases = tcase_create("submit");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, start_chain, clear_chain);
    tcase_add_loop_test(cases, a_batch_is_admitted_in_its_order, 0, 2);
    tcase_add_loop_test(cases, each_of_a_batch_is_refused_for_its_own_reason, 0, 2);
    tcase_add_test(cases, nothing_at_all_is_a_batch);
    tcase_add_loop_test(cases, blocks_made_with_lanes_execute_to_the_same_without, 0, 2);
    suite_add_tcase(suite, cases);
    return suite;
}
