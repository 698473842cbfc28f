// SPDX-License-Identifier: Apache-2.0
// Coming by a snapshot: which one, of whom, and what becomes of those who lie about it.
#include "chaincore/sync/snapshot_fetch.h"

#include <stdio.h>

#include "chaincore/net/host.h"
#include "tests/support/unit.h"
#include "tests/unit/sync/past_peers.h"
#include "tests/unit/sync/suites.h"

enum { PIECES = 40, HEIGHT = 5000, NEWER = 6000, MANIFEST_BYTES = 1500 * 1000 };

static struct past_world world;
static struct snapshot_fetch *fetch;
static uint64_t offered;     // the height of the snapshot that all have
static bool has_snapshot[2]; // of these heights
static struct fetch_plan begun;
static bool is_kept[PIECES];
static unsigned kept, forgotten;
static enum status disk;

static size_t size_of(uint32_t piece) { return piece == 3 ? 2000 * 1000 : 1000 + piece; }

static void fill_up(struct buf *out, size_t len) {
    memset(buf_reserve(out, len - out->len), (int)len, len - out->len);
    out->len = len;
}

static void make_piece(struct buf *out, uint64_t height, uint32_t piece) {
    buf_append_format(out, "piece %d of %d ", (int)piece, (int)height);
    fill_up(out, size_of(piece));
}

static void make_manifest(struct buf *out, uint64_t height) {
    buf_append_format(out, "manifest %d ", (int)height);
    fill_up(out, MANIFEST_BYTES);
}

// ---- those who serve

static uint64_t oldest(void *chain) {
    (void)chain;
    return 1;
}

static uint64_t snapshot(void *chain) {
    (void)chain;
    return offered;
}

static bool is_there(uint64_t height) {
    return (height == HEIGHT && has_snapshot[0]) || (height == NEWER && has_snapshot[1]);
}

static enum status read_manifest(void *chain, uint64_t height, struct buf *out) {
    (void)chain;
    if (!is_there(height)) return STATUS_NOT_FOUND;
    make_manifest(out, height);
    return STATUS_OK;
}

static enum status read_piece(void *chain, uint64_t height, uint32_t number, struct buf *out) {
    (void)chain;
    if (!is_there(height) || number >= PIECES) return STATUS_NOT_FOUND;
    make_piece(out, height, number);
    return STATUS_OK;
}

static enum status read_block(void *chain, uint64_t height, struct buf *out) {
    (void)chain, (void)height, (void)out;
    return STATUS_NOT_FOUND;
}

// ---- the store

static enum status begin(void *store, struct bytes manifest, struct fetch_plan *out) {
    struct buf right = {0};
    enum status status = STATUS_INVALID;
    (void)store;
    for (uint64_t height = HEIGHT; height <= NEWER; height += NEWER - HEIGHT) {
        buf_reset(&right);
        make_manifest(&right, height);
        if (!bytes_equal(manifest, buf_bytes(&right))) continue;
        begun = *out = (struct fetch_plan){.height = height, .piece_count = PIECES};
        status = STATUS_OK;
    }
    buf_clear(&right);
    return disk == STATUS_OK ? status : disk;
}

static bool has(void *store, uint32_t piece) {
    (void)store;
    return is_kept[piece];
}

static enum status keep(void *store, uint32_t piece, struct bytes bytes) {
    struct buf right = {0};
    (void)store;
    make_piece(&right, begun.height, piece);
    bool is_right = bytes_equal(bytes, buf_bytes(&right));
    buf_clear(&right);
    if (!is_right) return STATUS_INVALID;
    ck_assert(!is_kept[piece]);
    if (disk != STATUS_OK) return disk;
    is_kept[piece] = true;
    kept++;
    return STATUS_OK;
}

static void forget(void *store) {
    (void)store;
    memset(is_kept, 0, sizeof is_kept);
    forgotten++;
}

static void receive(void *asker, uint16_t peer, struct bytes message) {
    assert_ok(fetch_receive(asker, peer, message, world.now_ms));
}

static void open_fetch(void) {
    struct fetch_calls calls = {.peers = past_world_calls(&world),
                                .begin = begin,
                                .has = has,
                                .keep = keep,
                                .forget = forget};
    fetch = fetch_open(&(struct fetch_config){.calls = &calls, .timeout_ms = PAST_TIMEOUT_MS},
                       world.now_ms);
    world.asker = fetch;
}

static void set_up(void) {
    world = (struct past_world){.source = {.oldest = oldest,
                                           .snapshot = snapshot,
                                           .read_manifest = read_manifest,
                                           .read_piece = read_piece,
                                           .read_block = read_block},
                                .receive = receive};
    past_world_open(&world);
    offered = HEIGHT;
    has_snapshot[0] = has_snapshot[1] = true;
    memset(is_kept, 0, sizeof is_kept);
    kept = forgotten = 0;
    disk = STATUS_OK;
    open_fetch();
}

static void tear_down(void) {
    fetch_close(fetch);
    past_world_clear(&world);
}

static void join(uint16_t peer, uint64_t height) {
    fetch_peer_joined(fetch, peer,
                      &(struct fetch_peer){
                          .gives_snapshots = true, .has_all_bodies = true, .final_height = height});
}

static void join_all(void) {
    for (uint16_t i = 0; i < PAST_PEERS; i++) join(i, HEIGHT + 500);
}

// Until it has come to something, or to so many pieces.
static enum fetch_state run_to(unsigned pieces) {
    enum fetch_state state = FETCH_LOOKING;
    for (unsigned steps = 0; steps < 100000; steps++) {
        past_world_step(&world);
        assert_ok(fetch_run(fetch, world.now_ms, &state));
        if (state == FETCH_WHOLE || state == FETCH_BY_BLOCKS || kept >= pieces) return state;
        if (world.line_count > 0) continue;
        uint64_t wake_ms = fetch_wake_ms(fetch);
        ck_assert_msg(wake_ms != UINT64_MAX, "it waits for nothing");
        if (wake_ms > world.now_ms) world.now_ms = wake_ms;
    }
    ck_abort_msg("it never ends");
    return state;
}

static struct fetch_counts counts(void) {
    struct fetch_counts out;
    fetch_count(fetch, &out);
    return out;
}

static void check_whole(void) {
    ck_assert_int_eq(run_to(UINT32_MAX), FETCH_WHOLE);
    ck_assert_uint_eq(kept, PIECES);
    ck_assert_uint_eq(counts().pieces, PIECES);
}

START_TEST(all_pieces_come_of_one_peer) {
    join(1, HEIGHT + 500);
    check_whole();
    ck_assert_uint_eq(world.points[1], 0);
    ck_assert_uint_eq(counts().timeouts, 0);
}
END_TEST

static bool lose_first(uint16_t from, struct past_message *message, struct buf *scratch) {
    (void)from, (void)message, (void)scratch;
    return world.twisted++ > 0;
}

// With the bounds of a node as it is: one answer of the only node that is there is late.
START_TEST(a_manifest_that_is_late_once_is_asked_for_again) {
    struct fetch_calls calls = {.peers = past_world_calls(&world),
                                .begin = begin,
                                .has = has,
                                .keep = keep,
                                .forget = forget};
    fetch_close(fetch);
    fetch = fetch_open(&(struct fetch_config){.calls = &calls}, world.now_ms);
    world.asker = fetch;
    world.twist = lose_first;
    join(1, HEIGHT + 500);
    ck_assert_int_eq(run_to(UINT32_MAX), FETCH_WHOLE);
}
END_TEST

START_TEST(several_peers_share_the_pieces) {
    join_all();
    check_whole();
    for (uint16_t i = 0; i < PAST_PEERS; i++) ck_assert_uint_gt(world.asked[i], 3);
    // One answer of each is on its way at most.
    ck_assert_uint_le(world.most_waiting, PAST_PEERS * (uint64_t)PAST_MAX_BYTES);
}
END_TEST

START_TEST(a_short_chain_is_executed) {
    uint64_t began_ms = world.now_ms;
    join(1, 999);
    ck_assert_int_eq(run_to(UINT32_MAX), FETCH_BY_BLOCKS);
    ck_assert_uint_eq(world.asked[1], 0);
    ck_assert_uint_eq(world.now_ms, began_ms + 500); // time for others to come
}
END_TEST

START_TEST(without_peers_it_does_without) {
    uint64_t began_ms = world.now_ms;
    ck_assert_int_eq(run_to(UINT32_MAX), FETCH_BY_BLOCKS);
    ck_assert_uint_eq(world.now_ms, began_ms + 5000);
}
END_TEST

START_TEST(where_nobody_has_a_snapshot_blocks_must_do) {
    offered = 0;
    join_all();
    ck_assert_int_eq(run_to(UINT32_MAX), FETCH_BY_BLOCKS);
    for (uint16_t i = 0; i < PAST_PEERS; i++) ck_assert_uint_eq(world.points[i], 0);
}
END_TEST

START_TEST(where_nobody_has_the_first_blocks_it_waits_for_a_snapshot) {
    enum fetch_state state = FETCH_LOOKING;
    fetch_peer_joined(fetch, 1, &(struct fetch_peer){.final_height = HEIGHT + 500});
    for (int i = 0; i < 100; i++) {
        world.now_ms += 1000;
        assert_ok(fetch_run(fetch, world.now_ms, &state));
        ck_assert_int_eq(state, FETCH_LOOKING);
    }
    join(2, HEIGHT + 500);
    check_whole();
}
END_TEST

// ---- lies

static void check_liar(void) {
    join_all();
    check_whole();
    ck_assert_uint_gt(world.twisted, 0);
    ck_assert_uint_ge(world.points[0], HOST_PENALTY_MAX);
    for (uint16_t i = 1; i < PAST_PEERS; i++) ck_assert_uint_eq(world.points[i], 0);
    ck_assert_uint_eq(counts().lies, 1);
}

static void spoil(struct past_message *message, struct buf *scratch, size_t at) {
    buf_append(scratch, message->bytes);
    scratch->data[at % scratch->len] ^= 1;
    message->bytes = buf_bytes(scratch);
    world.twisted++;
}

static bool is_manifest(const struct past_message *part) { return part->total == MANIFEST_BYTES; }

static bool spoil_manifest(uint16_t from, struct past_message *message, struct buf *scratch) {
    bool is_it = from == 0 && message->kind == PAST_PART && is_manifest(message);
    if (is_it && message->offset == 0) spoil(message, scratch, 1000);
    return true;
}

START_TEST(a_lying_manifest_costs_the_peer_its_place) {
    world.twist = spoil_manifest;
    check_liar();
}
END_TEST

static bool spoil_piece(uint16_t from, struct past_message *message, struct buf *scratch) {
    if (from == 0 && message->kind == PAST_PART && !is_manifest(message))
        spoil(message, scratch, 17);
    return true;
}

START_TEST(a_lying_piece_costs_the_peer_its_place) {
    world.twist = spoil_piece;
    check_liar();
}
END_TEST

static bool shift_part(uint16_t from, struct past_message *message, struct buf *scratch) {
    (void)scratch;
    if (from != 0 || message->kind != PAST_PART || message->bytes.len < 2) return true;
    message->bytes.len--;
    world.twisted++;
    return true;
}

START_TEST(parts_that_do_not_fill_their_answer_are_a_lie) {
    world.twist = shift_part;
    check_liar();
}
END_TEST

static bool change_height(uint16_t from, struct past_message *message, struct buf *scratch) {
    (void)scratch;
    if (from != 0 || message->kind != PAST_PART || is_manifest(message)) return true;
    message->height++;
    world.twisted++;
    return true;
}

START_TEST(a_piece_that_was_not_asked_for_is_nothing) {
    world.twist = change_height;
    join_all();
    check_whole();
    ck_assert_uint_gt(world.twisted, 0);
    ck_assert_uint_le(world.twisted, 5);
    ck_assert_uint_eq(world.points[0], 0);
}
END_TEST

static bool grow(uint16_t from, struct past_message *message, struct buf *scratch) {
    (void)scratch;
    if (from != 0 || message->kind != PAST_PART) return true;
    message->total = SNAPSHOT_MAX_MANIFEST_BYTES + 1;
    world.twisted++;
    return true;
}

START_TEST(what_is_said_to_be_larger_than_it_may_be_is_a_lie) {
    world.twist = grow;
    check_liar();
}
END_TEST

static bool deny(uint16_t from, struct past_message *message, struct buf *scratch) {
    (void)scratch;
    if (from != 0 || message->kind != PAST_PART || is_manifest(message)) return true;
    *message = (struct past_message){
        .kind = PAST_NOTHING, .number = message->number, .oldest = 1, .snapshot = HEIGHT};
    world.twisted++;
    return true;
}

START_TEST(who_denies_what_it_says_it_has_pays_and_is_not_asked_again) {
    world.twist = deny;
    join_all();
    check_whole();
    ck_assert_uint_eq(world.twisted, 1);
    ck_assert_uint_gt(world.points[0], 0);
    ck_assert_uint_lt(world.points[0], HOST_PENALTY_MAX);
}
END_TEST

static bool say_nothing(uint16_t from, struct past_message *message, struct buf *scratch) {
    (void)message, (void)scratch;
    world.twisted += from == 0;
    return from != 0;
}

START_TEST(who_is_silent_is_left_alone_for_longer_each_time) {
    world.twist = say_nothing;
    join_all();
    check_whole();
    ck_assert_uint_gt(counts().timeouts, 0);
    ck_assert_uint_le(counts().timeouts, 5);
    ck_assert_uint_eq(world.points[0], 0);
}
END_TEST

START_TEST(all_liars_lead_to_nothing_but_waiting) {
    enum fetch_state state = FETCH_LOOKING;
    world.twist = spoil_manifest;
    fetch_peer_joined(fetch, 0,
                      &(struct fetch_peer){.gives_snapshots = true, .final_height = HEIGHT + 500});
    for (int i = 0; i < 100; i++) {
        past_world_step(&world);
        world.now_ms += 100;
        assert_ok(fetch_run(fetch, world.now_ms, &state));
        ck_assert_int_eq(state, FETCH_LOOKING);
    }
    ck_assert_uint_eq(kept, 0);
    ck_assert_uint_ge(world.points[0], HOST_PENALTY_MAX);
    join(1, HEIGHT + 500);
    check_whole();
}
END_TEST

// ---- what changes meanwhile

START_TEST(who_goes_leaves_its_piece_to_others) {
    join_all();
    run_to(5);
    fetch_peer_left(fetch, 1);
    fetch_peer_left(fetch, 2);
    check_whole();
}
END_TEST

START_TEST(it_goes_on_with_what_is_there) {
    join_all();
    run_to(11);
    fetch_close(fetch);
    open_fetch();
    fetch_resume(fetch, &begun);
    // What was said to the process that is no more is nobody's.
    for (uint16_t i = 0; i < PAST_PEERS; i++) past_serve_forget(world.serves[i], 0);
    join_all();
    unsigned before = kept;
    ck_assert_uint_ge(before, 11);
    check_whole(); // so none was kept twice
    ck_assert_uint_eq(forgotten, 0);
}
END_TEST

START_TEST(where_nobody_has_it_any_more_a_newer_one_is_begun) {
    join_all();
    run_to(7);
    has_snapshot[0] = false;
    offered = NEWER;
    ck_assert_int_eq(run_to(UINT32_MAX), FETCH_WHOLE);
    ck_assert_uint_eq(begun.height, NEWER);
    ck_assert_uint_eq(forgotten, 1);
    ck_assert_uint_eq(counts().pieces, PIECES);
    for (uint16_t i = 0; i < PAST_PEERS; i++) ck_assert_uint_eq(world.points[i], 0);
}
END_TEST

START_TEST(a_disk_that_fails_is_the_end) {
    enum fetch_state state;
    join_all();
    run_to(3);
    disk = STATUS_IO;
    for (int i = 0; i < 20; i++) {
        past_world_step(&world);
        if (fetch_run(fetch, world.now_ms, &state) == STATUS_IO) return;
    }
    ck_abort_msg("it goes on");
}
END_TEST

Suite *snapshot_fetch_suite(void) {
    Suite *suite = suite_create("snapshot_fetch");
    TCase *cases = tcase_create("snapshot_fetch");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, all_pieces_come_of_one_peer);
    tcase_add_test(cases, several_peers_share_the_pieces);
    tcase_add_test(cases, a_manifest_that_is_late_once_is_asked_for_again);
    tcase_add_test(cases, a_short_chain_is_executed);
    tcase_add_test(cases, without_peers_it_does_without);
    tcase_add_test(cases, where_nobody_has_a_snapshot_blocks_must_do);
    tcase_add_test(cases, where_nobody_has_the_first_blocks_it_waits_for_a_snapshot);
    tcase_add_test(cases, a_lying_manifest_costs_the_peer_its_place);
    tcase_add_test(cases, a_lying_piece_costs_the_peer_its_place);
    tcase_add_test(cases, parts_that_do_not_fill_their_answer_are_a_lie);
    tcase_add_test(cases, a_piece_that_was_not_asked_for_is_nothing);
    tcase_add_test(cases, what_is_said_to_be_larger_than_it_may_be_is_a_lie);
    tcase_add_test(cases, who_denies_what_it_says_it_has_pays_and_is_not_asked_again);
    tcase_add_test(cases, who_is_silent_is_left_alone_for_longer_each_time);
    tcase_add_test(cases, all_liars_lead_to_nothing_but_waiting);
    tcase_add_test(cases, who_goes_leaves_its_piece_to_others);
    tcase_add_test(cases, it_goes_on_with_what_is_there);
    tcase_add_test(cases, where_nobody_has_it_any_more_a_newer_one_is_begun);
    tcase_add_test(cases, a_disk_that_fails_is_the_end);
    suite_add_tcase(suite, cases);
    return suite;
}
