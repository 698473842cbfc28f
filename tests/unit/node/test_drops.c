// SPDX-License-Identifier: Apache-2.0
// What becomes known of a transaction that was admitted and can no longer be applied.
#include "chaincore/node/drops.h"

#include <stdio.h>

#include "chaincore/base/file.h"
#include "chaincore/base/limits.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"
#include "tests/unit/node/suites.h"

static struct fixture fixture;
static struct hash told[8];
static _Atomic int told_count;

// Called on the node's thread, which no case here outlives.
static void note(void *context, const struct hash *id) {
    ck_assert_ptr_eq(context, &fixture);
    ck_assert_int_lt(told_count, (int)(sizeof told / sizeof *told));
    told[told_count++] = *id;
}

static void set_up(void) {
    fixture_init_counter(&fixture);
    fixture.on_dropped = note;
    fixture.context = &fixture;
    assert_ok(fixture_open_idle(&fixture));
}
static void tear_down(void) { fixture_clear(&fixture); }

// So much of account 0's money goes to another.
static void submit(const char *amount, struct hash *id) {
    struct tx tx;
    fixture_begin(&fixture, &tx, 0);
    tx.gas_limit = 200000;
    tx.actions[tx.action_count++] =
        (struct tx_action){.kind = TX_TRANSFER, .transfer = {.to = fixture.ids[3]}};
    assert_ok(amount_parse(&tx.actions[0].transfer.amount, amount));
    ck_assert_int_eq(fixture_submit(&fixture, &tx, 0, id), TX_CODE_OK);
}

static void check(const struct hash *id, enum node_tx_state state, enum tx_code code) {
    struct node_tx found;
    assert_ok(node_find_tx(fixture.node, id, &found));
    ck_assert_int_eq(found.state, state);
    if (state == NODE_TX_DROPPED) ck_assert_str_eq(tx_code_name(found.code), tx_code_name(code));
}

START_TEST(a_payer_that_was_drained_fails_what_waits_behind) {
    struct hash drains, cannot_pay, behind;
    submit("999.998", &drains); // for its own gas there is just enough
    submit("0.00000001", &cannot_pay);
    submit("0.00000001", &behind);
    check(&cannot_pay, NODE_TX_PENDING, TX_CODE_OK);
    assert_ok(node_start(fixture.node));
    ck_assert_uint_eq(fixture_await(&fixture, &drains).code, TX_CODE_OK);
    check(&cannot_pay, NODE_TX_DROPPED, TX_CODE_CANNOT_PAY_GAS);
    check(&behind, NODE_TX_DROPPED, TX_CODE_NONCE_GAP);
    node_stop(fixture.node); // and with it the thread that tells
    ck_assert_int_eq(told_count, 2);
    ck_assert(hash_equal(&told[0], &cannot_pay) && hash_equal(&told[1], &behind));
}
END_TEST

START_TEST(what_waited_over_a_stop_for_too_long_has_expired) {
    char waiting[96];
    struct buf kept = {0};
    struct hash expires, other;
    struct tx tx;
    snprintf(waiting, sizeof waiting, "%s/waiting", fixture.folder);
    fixture_begin(&fixture, &tx, 1);
    tx.valid_until = 1;
    tx.actions[tx.action_count++] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = fixture.ids[3], .amount = amount_of_units(1)}};
    ck_assert_int_eq(fixture_submit(&fixture, &tx, 1, &expires), TX_CODE_OK);
    fixture_close(&fixture);
    assert_ok(file_read(&kept, waiting, 1 << 20));
    assert_ok(file_replace(waiting, bytes_of("\0\0\0\0", 4), 0600));
    assert_ok(fixture_open(&fixture));
    submit("1", &other);
    fixture_await(&fixture, &other);
    fixture_close(&fixture);
    assert_ok(file_replace(waiting, buf_bytes(&kept), 0600));
    assert_ok(fixture_open_idle(&fixture));
    check(&expires, NODE_TX_DROPPED, TX_CODE_EXPIRED);
    check(&other, NODE_TX_FINAL, TX_CODE_OK);
    buf_clear(&kept);
}
END_TEST

static struct hash numbered(uint32_t number) {
    struct hash id = {0};
    store_u32_le(id.bytes, number);
    return id;
}

START_TEST(the_newest_are_remembered_and_no_more) {
    enum { OVER = 10 };
    struct drops *drops = drops_create();
    enum tx_code code;
    for (uint32_t i = 0; i < LIMIT_RECENT_DROPS + OVER; i++) {
        struct hash id = numbered(i);
        drops_add(drops, &id, i % 2 ? TX_CODE_EXPIRED : TX_CODE_NONCE_GAP);
    }
    for (uint32_t i = 0; i < LIMIT_RECENT_DROPS + OVER; i++) {
        struct hash id = numbered(i);
        ck_assert_int_eq(drops_find(drops, &id, &code), i >= OVER);
        if (i >= OVER) ck_assert_int_eq(code, i % 2 ? TX_CODE_EXPIRED : TX_CODE_NONCE_GAP);
    }
    ck_assert_uint_eq(drops_total(drops), LIMIT_RECENT_DROPS + OVER);
    struct hash newest = numbered(LIMIT_RECENT_DROPS + OVER - 1);
    ck_assert(hash_equal(drops_id(drops, LIMIT_RECENT_DROPS + OVER - 1), &newest));
    drops_free(drops);
}
END_TEST

START_TEST(the_last_drop_of_one_counts) {
    struct drops *drops = drops_create();
    struct hash id = numbered(1);
    enum tx_code code;
    drops_add(drops, &id, TX_CODE_EXPIRED);
    drops_add(drops, &id, TX_CODE_CANNOT_PAY_GAS);
    ck_assert(drops_find(drops, &id, &code));
    ck_assert_int_eq(code, TX_CODE_CANNOT_PAY_GAS);
    // Its first place is used again, its second not yet.
    for (uint32_t i = 0; i < LIMIT_RECENT_DROPS - 1; i++) {
        struct hash other = numbered(2 + i);
        drops_add(drops, &other, TX_CODE_EXPIRED);
    }
    ck_assert(drops_find(drops, &id, &code));
    struct hash last = numbered(2 + LIMIT_RECENT_DROPS);
    drops_add(drops, &last, TX_CODE_EXPIRED);
    ck_assert(!drops_find(drops, &id, &code));
    drops_free(drops);
}
END_TEST

Suite *drops_suite(void) {
    Suite *suite = suite_create("drops");
    TCase *cases = tcase_create("node"), *alone = tcase_create("alone");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_payer_that_was_drained_fails_what_waits_behind);
    tcase_add_test(cases, what_waited_over_a_stop_for_too_long_has_expired);
    suite_add_tcase(suite, cases);
    tcase_add_test(alone, the_newest_are_remembered_and_no_more);
    tcase_add_test(alone, the_last_drop_of_one_counts);
    suite_add_tcase(suite, alone);
    return suite;
}
