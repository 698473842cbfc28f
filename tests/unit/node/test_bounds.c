// SPDX-License-Identifier: Apache-2.0
// What a block may hold, in bytes: transactions and what comes of them, filled to the bound and one
// byte beyond, when it is made, when it is replayed, and by those who mean harm.
#include "chaincore/base/arena.h"
#include "chaincore/node/node_chain.h"
#include "tests/support/puppet.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"
#include "tests/unit/node/suites.h"

// An event "loud" with so much data is so much longer.
enum { LOUD_BYTES = 32 + 4 + 4 + 4, LOUDEST_BYTES = LOUD_BYTES + LIMIT_EVENT_DATA_BYTES };
enum { MOST_TXS = 80 };
// So many transactions fill a block with results, when all but one tell as much as one may.
enum { FILLING = LIMIT_BLOCK_RESULT_BYTES / BLOCK_TX_RESULT_MAX + 1, SHOUT_GAS = 25000000 };

static struct fixture fixture;
static struct buf script;
static struct arena arena;
static struct hash ids[MOST_TXS];

static void set_up(void) {
    static const struct fixture_contract puppet = {.name = "puppet",
                                                   .path = "tests/support/puppet.wasm"};
    fixture_init(&fixture, &puppet);
    assert_ok(fixture_open_idle(&fixture));
    buf_reset(&script);
}
static void tear_down(void) {
    fixture_clear(&fixture);
    buf_clear(&script);
    arena_clear(&arena);
}

static void add_shout(uint32_t count, uint32_t len) {
    encode_u8(&script, PUPPET_SHOUT);
    encode_u32(&script, count);
    encode_u32(&script, len);
}

// A script of events that are so many bytes together.
static void make_shouts(size_t bytes) {
    buf_reset(&script);
    add_shout((uint32_t)(bytes / LOUDEST_BYTES), LIMIT_EVENT_DATA_BYTES);
    if (bytes % LOUDEST_BYTES > 0) add_shout(1, (uint32_t)(bytes % LOUDEST_BYTES) - LOUD_BYTES);
}

static void begin_script(struct tx *tx, int from, uint64_t gas_limit) {
    fixture_begin(&fixture, tx, from);
    tx->gas_limit = gas_limit;
    fixture_add_call(&fixture, tx, "act", buf_bytes(&script));
}

static void submit_script(int from, uint64_t gas_limit, struct hash *id) {
    struct tx tx;
    begin_script(&tx, from, gas_limit);
    ck_assert_str_eq(tx_code_name(fixture_submit(&fixture, &tx, from, id)), "OK");
}

// Fills the script so that the signed transaction has this length.
static void pad_script(int from, uint64_t gas_limit, size_t total) {
    struct tx tx;
    struct buf encoded = {0};
    buf_reset(&script);
    encode_u8(&script, PUPPET_RETURN);
    encode_bytes(&script, bytes_of("", 0));
    begin_script(&tx, from, gas_limit);
    assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &fixture.keys[from], node_chain_id(fixture.node)));
    tx_encode(&encoded, &tx);
    size_t len = total - encoded.len;
    uint8_t *padding = arena_alloc(&arena, len);
    buf_reset(&script);
    encode_u8(&script, PUPPET_RETURN);
    encode_bytes(&script, bytes_of(padding, len));
    buf_clear(&encoded);
}

static struct block read_block(const struct hash *id, struct node_tx *found) {
    struct buf encoded = {0};
    struct block block;
    fixture_await(&fixture, id);
    assert_ok(node_find_tx(fixture.node, id, found));
    assert_ok(node_read_block(fixture.node, found->height, &encoded));
    assert_ok(block_decode(&block, &arena, arena_copy(&arena, buf_bytes(&encoded))));
    buf_clear(&encoded);
    return block;
}

static void check_replays(void) {
    struct node_head before, after;
    node_head(fixture.node, &before);
    fixture_close(&fixture);
    assert_ok(fixture_open_idle(&fixture));
    node_head(fixture.node, &after);
    ck_assert(hash_equal(&before.id, &after.id));
}

START_TEST(five_calls_that_shout_all_they_can_harm_nobody) {
    struct tx tx;
    add_shout(LIMIT_TX_EVENTS, LIMIT_EVENT_DATA_BYTES);
    for (int i = 0; i < 5; i++) submit_script(0, 190000000, &ids[i]);
    assert_ok(node_start(fixture.node));
    for (int i = 0; i < 5; i++) {
        struct receipt receipt = fixture_await(&fixture, &ids[i]);
        ck_assert_str_eq(tx_code_name((enum tx_code)receipt.code), "HOST_BOUND");
    }
    make_shouts(LIMIT_TX_EVENT_BYTES);
    begin_script(&tx, 1, SHOUT_GAS);
    struct receipt receipt = fixture_run(&fixture, &tx, 1);
    ck_assert_str_eq(tx_code_name((enum tx_code)receipt.code), "OK");
    check_replays();
}
END_TEST

static void submit_shouts(size_t first_bytes) {
    for (int i = 0; i <= FILLING; i++) {
        make_shouts(i == 0 ? first_bytes : LIMIT_TX_EVENT_BYTES);
        submit_script(i % FIXTURE_ACCOUNTS, SHOUT_GAS, &ids[i]);
    }
}

static size_t results_of(const struct block *block) {
    size_t bytes = 0;
    for (uint32_t i = 0; i < block->tx_count; i++) bytes += block_tx_result_bytes(&block->txs[i]);
    return bytes;
}

START_TEST(what_comes_of_transactions_fills_a_block_to_the_byte) {
    struct node_tx first, last;
    size_t over = (size_t)_i, most = BLOCK_TX_RESULT_MAX;
    size_t first_result = LIMIT_BLOCK_RESULT_BYTES - (FILLING - 1) * most;
    submit_shouts(first_result - (most - LIMIT_TX_EVENT_BYTES) + over);
    assert_ok(node_start(fixture.node));
    struct block block = read_block(&ids[0], &first);
    struct block next = read_block(&ids[FILLING], &last);
    ck_assert_uint_eq(block.tx_count, FILLING - over);
    ck_assert_uint_eq(next.tx_count, 1 + over);
    ck_assert_uint_eq(last.height, first.height + 1);
    ck_assert_uint_eq(results_of(&block), LIMIT_BLOCK_RESULT_BYTES - (over ? most - 1 : 0));
    for (uint32_t i = 0; i < block.tx_count; i++)
        ck_assert_uint_eq(block.txs[i].receipt.code, TX_CODE_OK);
    check_replays();
}
END_TEST

START_TEST(transactions_fill_a_block_to_the_byte) {
    struct node_tx first, last;
    size_t over = (size_t)_i, bytes = 0, len = LIMIT_BLOCK_BYTES / 64 - 4;
    for (int i = 0; i < 65; i++) {
        int from = i % FIXTURE_ACCOUNTS;
        pad_script(from, 4000000, i == 64 ? 300 : len + (i == 0 ? over : 0));
        submit_script(from, 4000000, &ids[i]);
    }
    assert_ok(node_start(fixture.node));
    struct block block = read_block(&ids[0], &first);
    fixture_await(&fixture, &ids[63]);
    struct block next = read_block(&ids[64], &last);
    // One byte too many leaves room enough for the small one.
    ck_assert_uint_eq(block.tx_count, over ? 63 : 64);
    ck_assert_uint_eq(next.tx_count, over ? 2 : 1);
    ck_assert_uint_eq(last.height, first.height + 1);
    for (uint32_t i = 0; i < block.tx_count; i++) bytes += 4 + block.txs[i].encoded.len;
    ck_assert_uint_eq(bytes, over ? LIMIT_BLOCK_BYTES - (len + 4) + 1 : LIMIT_BLOCK_BYTES);
    check_replays();
}
END_TEST

static enum work_verdict replay_with(size_t tx_bytes, size_t result_bytes, struct bytes encoded) {
    struct work work = {.block.header = fixture.node->head.header};
    struct parent parent;
    work.block.header.height++;
    work.block.header.view++;
    parent_of_head(fixture.node, &parent);
    work_begin(fixture.node, &work, &parent);
    work_make_room(&work, 1);
    work.apply.tx_bytes = tx_bytes;
    work.apply.result_bytes = result_bytes;
    enum work_verdict verdict = work_try_tx(&work, encoded, NULL);
    work_drop(&work);
    return verdict;
}

START_TEST(a_replayed_block_is_held_to_the_same_bounds) {
    struct tx tx;
    struct buf encoded = {0};
    begin_script(&tx, 0, 1000000);
    tx_encode(&encoded, &tx);
    struct bytes bytes = buf_bytes(&encoded);
    size_t tx_room = LIMIT_BLOCK_BYTES - 4 - bytes.len;
    size_t result_room = LIMIT_BLOCK_RESULT_BYTES - BLOCK_TX_RESULT_MAX;
    ck_assert_int_eq(replay_with(tx_room, result_room, bytes), WORK_APPLIED);
    ck_assert_int_eq(replay_with(tx_room + 1, result_room, bytes), WORK_WAITS);
    ck_assert_int_eq(replay_with(tx_room, result_room + 1, bytes), WORK_WAITS);
    buf_clear(&encoded);
}
END_TEST

Suite *bounds_suite(void) {
    Suite *suite = suite_create("bounds");
    TCase *cases = tcase_create("bounds");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, five_calls_that_shout_all_they_can_harm_nobody);
    tcase_add_loop_test(cases, what_comes_of_transactions_fills_a_block_to_the_byte, 0, 2);
    tcase_add_loop_test(cases, transactions_fill_a_block_to_the_byte, 0, 2);
    tcase_add_test(cases, a_replayed_block_is_held_to_the_same_bounds);
    suite_add_tcase(suite, cases);
    return suite;
}
