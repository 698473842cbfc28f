// SPDX-License-Identifier: Apache-2.0
// Blocks of before, fetched of several peers from the newest down, and what becomes of those who
// lie about them.
#include "chaincore/sync/past_fill.h"

#include "chaincore/net/host.h"
#include "tests/support/unit.h"
#include "tests/unit/sync/past_peers.h"
#include "tests/unit/sync/suites.h"

enum { TOP = 3000 };

static struct past_world world;
static struct past_fill *fill;
static uint64_t missing;
static uint64_t big_below; // heights whose blocks are large; 0: none
static uint64_t served_from;
static enum status disk;

static void fill_up(struct buf *out, size_t len, int byte) {
    memset(buf_reserve(out, len - out->len), byte, len - out->len);
    out->len = len;
}

static void make_block(struct buf *out, uint64_t height) {
    buf_append_format(out, "block %d", (int)height);
    if (height < big_below) fill_up(out, 900 * 1024, (int)height);
    if (height == 2990) fill_up(out, 3 * PAST_ANSWER_BYTES, 'x');
}

static uint64_t oldest(void *chain) {
    (void)chain;
    return served_from;
}

static uint64_t snapshot(void *chain) {
    (void)chain;
    return 0;
}

static enum status read_manifest(void *chain, uint64_t height, struct buf *out) {
    (void)chain, (void)height, (void)out;
    return STATUS_NOT_FOUND;
}

static enum status read_piece(void *chain, uint64_t height, uint32_t number, struct buf *out) {
    (void)chain, (void)height, (void)number, (void)out;
    return STATUS_NOT_FOUND;
}

static enum status read_block(void *chain, uint64_t height, struct buf *out) {
    (void)chain;
    if (height < served_from || height > TOP) return STATUS_NOT_FOUND;
    make_block(out, height);
    return STATUS_OK;
}

static uint64_t find_missing(void *chain) {
    (void)chain;
    return missing;
}

static enum status keep(void *chain, struct bytes block) {
    struct buf right = {0};
    (void)chain;
    if (disk != STATUS_OK) return disk;
    make_block(&right, missing);
    bool is_right = bytes_equal(block, buf_bytes(&right));
    buf_clear(&right);
    if (!is_right) return STATUS_INVALID;
    missing--;
    return STATUS_OK;
}

static void receive(void *asker, uint16_t peer, struct bytes bytes) {
    struct past_message message;
    assert_ok(past_decode(&message, bytes));
    past_fill_receive(asker, peer, &message, world.now_ms);
}

static void open_fill(void) {
    struct fill_calls calls = {
        .peers = past_world_calls(&world), .missing = find_missing, .keep = keep};
    fill = past_fill_open(&calls, PAST_TIMEOUT_MS);
    world.asker = fill;
}

static void set_up(void) {
    world = (struct past_world){.source = {.oldest = oldest,
                                           .snapshot = snapshot,
                                           .read_manifest = read_manifest,
                                           .read_piece = read_piece,
                                           .read_block = read_block},
                                .receive = receive};
    past_world_open(&world);
    missing = TOP;
    big_below = 0;
    served_from = 1;
    disk = STATUS_OK;
    open_fill();
}

static void tear_down(void) {
    past_fill_close(fill);
    past_world_clear(&world);
}

static void join(uint16_t peer) { past_fill_peer_joined(fill, peer, TOP + 10); }

static void join_all(void) {
    for (uint16_t i = 0; i < PAST_PEERS; i++) join(i);
}

static void run_to(uint64_t height) {
    for (unsigned steps = 0; steps < 1000000 && missing > height; steps++) {
        past_world_step(&world);
        assert_ok(past_fill_run(fill, world.now_ms));
        if (missing <= height || world.line_count > 0) continue;
        uint64_t wake_ms = past_fill_wake_ms(fill);
        ck_assert_msg(wake_ms != UINT64_MAX, "it waits for nothing");
        if (wake_ms > world.now_ms) world.now_ms = wake_ms;
    }
    ck_assert_uint_le(missing, height);
}

static struct past_fill_counts counts(void) {
    struct past_fill_counts out;
    past_fill_count(fill, &out);
    return out;
}

START_TEST(all_blocks_come_down_to_the_first) {
    join(1);
    run_to(0);
    ck_assert_uint_eq(counts().blocks, TOP);
    ck_assert_uint_eq(world.points[1], 0);
    ck_assert_uint_eq(counts().timeouts, 0);
    assert_ok(past_fill_run(fill, world.now_ms));
    ck_assert_uint_eq(past_fill_wake_ms(fill), UINT64_MAX);
}
END_TEST

START_TEST(several_peers_share_the_blocks) {
    join_all();
    run_to(0);
    for (uint16_t i = 0; i < PAST_PEERS; i++) ck_assert_uint_gt(world.asked[i], 1);
    ck_assert_uint_eq(counts().blocks, TOP);
}
END_TEST

START_TEST(large_blocks_keep_to_their_bounds) {
    missing = 600;
    past_fill_close(fill);
    open_fill();
    big_below = 20;
    join_all();
    run_to(0);
    ck_assert_uint_eq(counts().blocks, 600);
    ck_assert_uint_le(world.most_waiting, PAST_PEERS * (PAST_MAX_BYTES + 64 * 1024));
}
END_TEST

// ---- lies

static void check_liar(void) {
    join_all();
    run_to(0);
    ck_assert_uint_gt(world.twisted, 0);
    ck_assert_uint_ge(world.points[0], HOST_PENALTY_MAX);
    for (uint16_t i = 1; i < PAST_PEERS; i++) ck_assert_uint_eq(world.points[i], 0);
    ck_assert_uint_eq(counts().lies, 1);
    ck_assert_uint_eq(counts().blocks, TOP);
}

static bool spoil_block(uint16_t from, struct past_message *message, struct buf *scratch) {
    if (from != 0 || message->kind != PAST_PART || message->height % 100 != 17) return true;
    buf_append(scratch, message->bytes);
    scratch->data[3] ^= 1;
    message->bytes = buf_bytes(scratch);
    world.twisted++;
    return true;
}

START_TEST(a_block_of_another_chain_costs_the_peer_its_place) {
    world.twist = spoil_block;
    check_liar();
}
END_TEST

static bool leave_one_out(uint16_t from, struct past_message *message, struct buf *scratch) {
    (void)scratch;
    bool is_it = from == 0 && message->kind == PAST_PART && message->height % 100 == 17;
    world.twisted += is_it;
    return !is_it;
}

START_TEST(blocks_that_are_lost_come_again) {
    world.twist = leave_one_out;
    join_all();
    run_to(0);
    ck_assert_uint_gt(world.twisted, 0);
    ck_assert_uint_eq(world.points[0], 0);
    ck_assert_uint_eq(counts().lies, 0);
}
END_TEST

static bool say_nothing(uint16_t from, struct past_message *message, struct buf *scratch) {
    (void)message, (void)scratch;
    world.twisted += from == 0;
    return from != 0;
}

START_TEST(who_is_silent_is_not_waited_for) {
    world.twist = say_nothing;
    join_all();
    run_to(0);
    ck_assert_uint_gt(counts().timeouts, 0);
    ck_assert_uint_le(counts().timeouts, 5);
    ck_assert_uint_eq(world.points[0], 0);
}
END_TEST

static bool deny(uint16_t from, struct past_message *message, struct buf *scratch) {
    (void)scratch;
    if (from != 0 || message->kind != PAST_PART) return true;
    *message = (struct past_message){.kind = PAST_NOTHING, .number = message->number, .oldest = 1};
    world.twisted++;
    return true;
}

START_TEST(who_denies_what_it_says_it_has_pays) {
    world.twist = deny;
    join_all();
    run_to(0);
    ck_assert_uint_gt(world.points[0], 0);
    ck_assert_uint_eq(world.points[1], 0);
}
END_TEST

// ---- what changes meanwhile

START_TEST(who_pruned_is_asked_for_what_it_has) {
    served_from = 1000;
    join(1);
    run_to(1100);
    ck_assert_uint_eq(world.points[1], 0);
    served_from = 1;
    join(2);
    run_to(0);
    ck_assert_uint_eq(world.points[1], 0);
    ck_assert_uint_eq(world.points[2], 0);
}
END_TEST

START_TEST(who_goes_leaves_the_rest_to_others) {
    join_all();
    run_to(2500);
    past_fill_peer_left(fill, 1);
    past_fill_peer_left(fill, 3);
    run_to(0);
    ck_assert_uint_eq(counts().blocks, TOP);
}
END_TEST

// Its number may be another's by then, who has done nothing.
START_TEST(who_lied_and_went_is_not_mistaken_for_who_came) {
    world.twist = spoil_block;
    join_all();
    while (world.twisted == 0) {
        past_world_step(&world);
        assert_ok(past_fill_run(fill, world.now_ms));
    }
    for (size_t i = 0; i < world.line_count; i++) buf_clear(&world.lines[i].message);
    world.line_count = 0;
    world.bytes_waiting = 0;
    past_serve_forget(world.serves[0], 0);
    past_fill_peer_left(fill, 0);
    world.twist = NULL;
    join(0);
    run_to(0);
    ck_assert_uint_eq(world.points[0], 0);
}
END_TEST

START_TEST(it_goes_on_from_where_the_chain_is) {
    join_all();
    run_to(1700);
    past_fill_close(fill);
    open_fill();
    for (uint16_t i = 0; i < PAST_PEERS; i++) past_serve_forget(world.serves[i], 0);
    uint64_t before = missing;
    join_all();
    run_to(0);
    ck_assert_uint_eq(counts().blocks, before);
}
END_TEST

START_TEST(a_disk_that_fails_is_the_end) {
    join_all();
    run_to(2900);
    disk = STATUS_IO;
    for (int i = 0; i < 100; i++) {
        past_world_step(&world);
        if (past_fill_run(fill, world.now_ms) == STATUS_IO) return;
    }
    ck_abort_msg("it goes on");
}
END_TEST

Suite *past_fill_suite(void) {
    Suite *suite = suite_create("past_fill");
    TCase *cases = tcase_create("past_fill");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, all_blocks_come_down_to_the_first);
    tcase_add_test(cases, several_peers_share_the_blocks);
    tcase_add_test(cases, large_blocks_keep_to_their_bounds);
    tcase_add_test(cases, a_block_of_another_chain_costs_the_peer_its_place);
    tcase_add_test(cases, blocks_that_are_lost_come_again);
    tcase_add_test(cases, who_is_silent_is_not_waited_for);
    tcase_add_test(cases, who_denies_what_it_says_it_has_pays);
    tcase_add_test(cases, who_pruned_is_asked_for_what_it_has);
    tcase_add_test(cases, who_goes_leaves_the_rest_to_others);
    tcase_add_test(cases, who_lied_and_went_is_not_mistaken_for_who_came);
    tcase_add_test(cases, it_goes_on_from_where_the_chain_is);
    tcase_add_test(cases, a_disk_that_fails_is_the_end);
    suite_add_tcase(suite, cases);
    return suite;
}
