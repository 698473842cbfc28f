// SPDX-License-Identifier: Apache-2.0
// What is read, and kept, for those who ask for blocks of before: over a table of rows.
#include "chaincore/sync/past_serve.h"
#include "tests/support/unit.h"
#include "tests/unit/sync/suites.h"

enum { PEERS = 4, LARGE = 3 * PAST_ANSWER_BYTES, HUGE = 15 * PAST_ANSWER_BYTES };

static struct {
    struct past_serve *serve;
    uint32_t row_bytes;
    uint16_t full_peer;
    unsigned told[PEERS], nothing[PEERS];
    uint32_t here[PEERS]; // bytes of the row that it has
} world;

static uint64_t oldest(void *chain) {
    (void)chain;
    return 1;
}

static uint64_t snapshot(void *chain) {
    (void)chain;
    return 0;
}

static enum status read_block(void *chain, uint64_t height, struct buf *out) {
    (void)chain;
    buf_reset(out);
    memset(buf_reserve(out, world.row_bytes), (int)height, world.row_bytes);
    out->len = world.row_bytes;
    return STATUS_OK;
}

static void send(void *context, uint16_t peer, struct bytes message) {
    struct past_message part;
    (void)context;
    assert_ok(past_decode(&part, message));
    world.told[peer]++;
    world.nothing[peer] += part.kind == PAST_NOTHING;
    if (part.kind != PAST_PART) return;
    ck_assert_uint_eq(part.number, peer);
    ck_assert_uint_eq(part.total, world.row_bytes);
    ck_assert_uint_eq(part.offset, world.here[peer]);
    ck_assert_uint_eq(part.bytes.data[0], part.height);
    ck_assert_uint_eq(part.bytes.data[part.bytes.len - 1], part.height);
    world.here[peer] += (uint32_t)part.bytes.len;
}

static bool has_room(void *context, uint16_t peer) {
    (void)context;
    return peer != world.full_peer;
}

static void open_serve(void) {
    struct past_source source = {.send = send,
                                 .has_room = has_room,
                                 .oldest = oldest,
                                 .snapshot = snapshot,
                                 .read_block = read_block};
    memset(&world, 0, sizeof world);
    world.full_peer = PEERS;
    world.serve = past_serve_open(&source);
}

static void close_serve(void) { past_serve_close(world.serve); }

static void note(uint16_t peer, uint64_t height) {
    past_serve_note(world.serve, peer,
                    &(struct past_message){.kind = PAST_ASK,
                                           .number = peer,
                                           .what = PAST_BLOCKS,
                                           .height = height,
                                           .which = 1,
                                           .offset = world.here[peer]});
}

// The next part of the block.
static void ask(uint16_t peer, uint64_t height) {
    note(peer, height);
    past_serve_run(world.serve);
}

static uint64_t reads(void) {
    struct past_serve_counts counts;
    past_serve_count(world.serve, &counts);
    return counts.reads;
}

START_TEST(a_row_in_parts_is_read_once) {
    world.row_bytes = LARGE;
    for (int part = 0; part < LARGE / PAST_ANSWER_BYTES; part++)
        for (unsigned peer = 0; peer < PEERS; peer++) ask((uint16_t)peer, 5 + peer);
    for (unsigned peer = 0; peer < PEERS; peer++) ck_assert_uint_eq(world.here[peer], LARGE);
    ck_assert_uint_eq(reads(), PEERS);
    world.here[1] = 0;
    ask(1, 5); // its end was told: it is kept no more
    ck_assert_uint_eq(reads(), PEERS + 1);
}
END_TEST

START_TEST(of_rows_that_are_kept_the_longest_unused_goes) {
    world.row_bytes = HUGE;
    ck_assert_uint_lt(PAST_KEPT_BYTES, 3 * (size_t)HUGE);
    for (uint16_t peer = 0; peer < 3; peer++) ask(peer, 5 + peer);
    ck_assert_uint_eq(reads(), 3);
    ask(1, 6);
    ask(2, 7);
    ck_assert_uint_eq(reads(), 3);
    ask(0, 5);
    ck_assert_uint_eq(reads(), 4);
    ask(2, 7);
    ck_assert_uint_eq(reads(), 4);
    ask(1, 6);
    ck_assert_uint_eq(reads(), 5);
}
END_TEST

START_TEST(nothing_is_read_for_whom_it_would_be_lost) {
    world.row_bytes = 100;
    world.full_peer = 1;
    ask(1, 5);
    ck_assert_uint_eq(reads(), 0);
    ck_assert(past_serve_waits(world.serve) && !past_serve_has_work(world.serve));
    note(2, 6);
    ck_assert(past_serve_has_work(world.serve));
    past_serve_run(world.serve);
    ck_assert_uint_eq(world.here[2], 100);
    ck_assert_uint_eq(world.told[1], 0);
    world.full_peer = PEERS;
    ck_assert(past_serve_has_work(world.serve));
    past_serve_run(world.serve);
    ck_assert_uint_eq(world.here[1], 100);
    ck_assert(!past_serve_waits(world.serve));
}
END_TEST

START_TEST(behind_its_end_there_is_nothing) {
    world.row_bytes = LARGE;
    world.here[0] = LARGE;
    ask(0, 5);
    ck_assert_uint_eq(world.nothing[0], 1);
    ck_assert(!past_serve_waits(world.serve));
}
END_TEST

Suite *past_serve_suite(void) {
    Suite *suite = suite_create("past_serve");
    TCase *cases = tcase_create("past_serve");
    tcase_add_checked_fixture(cases, open_serve, close_serve);
    tcase_add_test(cases, a_row_in_parts_is_read_once);
    tcase_add_test(cases, of_rows_that_are_kept_the_longest_unused_goes);
    tcase_add_test(cases, nothing_is_read_for_whom_it_would_be_lost);
    tcase_add_test(cases, behind_its_end_there_is_nothing);
    suite_add_tcase(suite, cases);
    return suite;
}
