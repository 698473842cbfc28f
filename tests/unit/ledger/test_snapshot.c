// SPDX-License-Identifier: Apache-2.0
// Snapshot in = state out; and whatever is not what the manifest promises is refused by itself.
#include <stdio.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/chain/proof.h"
#include "chaincore/ledger/snapshot.h"
#include "tests/unit/ledger/log_fixture.h"

enum { SMALL_PIECE = 700, HEIGHT = 300 };

static struct state *state;
static char folder[64], path[80];

// What a snapshot tells of witnesses, beside two keys.
static uint8_t keys[64];
static struct buf hand_overs;
static uint32_t hand_over_count;

static void add_hand_over(uint64_t height, struct bytes set, struct bytes next) {
    struct proof_hand_over hand_over = {
        .certificate = bytes_of_string("signatures of others"), .set = set, .next = next};
    hand_over.header.version = HEADER_VERSION;
    hand_over.header.height = height;
    proof_hand_over_encode(&hand_overs, &hand_over);
    hand_over_count++;
}

static void begin(void) {
    memset(keys, 7, sizeof keys); // no zeros, which would pass for counts
    state = state_create();
    make_folder(folder);
    snprintf(path, sizeof path, "%s/snapshot", folder);
}
static void clear(void) {
    state_free(state);
    buf_clear(&hand_overs);
    hand_over_count = 0;
    remove_folder(folder);
}

// So many entries of many sizes.
static struct state_version *make_state(size_t count) {
    static uint8_t value[5000];
    uint64_t seed = count + 1;
    struct state_version *empty = state_version_empty();
    struct state_draft *draft = state_draft_begin(state, empty);
    state_version_unref(empty);
    for (size_t i = 0; i < count; i++) {
        uint64_t key = next_random(&seed);
        size_t len = next_random(&seed) % (i % 50 == 0 ? sizeof value : 60);
        memset(value, (int)i, len);
        state_put(draft, BYTES_OF(key), bytes_of(value, len));
    }
    return state_commit(draft, HEIGHT);
}

static void write_snapshot(const struct state_version *version, uint32_t piece_bytes) {
    struct cut cut;
    cut_make(&cut, HEIGHT, state_root(version));
    struct snapshot_source source = {.version = version,
                                     .cut = &cut,
                                     .certificate = bytes_of_string("signatures"),
                                     .set = bytes_of(keys, sizeof keys),
                                     .hand_over_count = hand_over_count,
                                     .hand_overs = buf_bytes(&hand_overs),
                                     .piece_bytes = piece_bytes};
    assert_ok(snapshot_write(&source, path));
}

static struct snapshot *open_snapshot(void) {
    struct buf manifest = {0};
    struct snapshot *snapshot;
    assert_ok(snapshot_read_manifest(&manifest, path));
    assert_ok(snapshot_open(&snapshot, buf_bytes(&manifest)));
    buf_clear(&manifest);
    return snapshot;
}

static struct state_draft *empty_draft(void) {
    struct state_version *empty = state_version_empty();
    struct state_draft *draft = state_draft_begin(state, empty);
    state_version_unref(empty);
    return draft;
}

static enum status refuse(void *context, struct bytes key, const struct bytes *value) {
    (void)context, (void)key, (void)value;
    return STATUS_INVALID;
}

// Every piece, the last one first.
static void check_round_trip(const struct state_version *version) {
    struct snapshot *snapshot = open_snapshot();
    struct state_draft *draft = empty_draft();
    struct buf piece = {0};
    ck_assert_uint_eq(snapshot_cut(snapshot)->header.height, HEIGHT);
    assert_bytes_equal(snapshot_certificate(snapshot), bytes_of_string("signatures"));
    assert_bytes_equal(snapshot_set(snapshot), bytes_of(keys, sizeof keys));
    ck_assert_uint_eq(snapshot_hand_over_count(snapshot), hand_over_count);
    assert_bytes_equal(snapshot_hand_overs(snapshot), buf_bytes(&hand_overs));
    for (uint32_t left = snapshot_piece_count(snapshot); left > 0; left--) {
        ck_assert(!snapshot_is_whole(snapshot));
        buf_reset(&piece);
        assert_ok(snapshot_read_piece(&piece, path, left - 1));
        assert_ok(snapshot_add(snapshot, draft, left - 1, buf_bytes(&piece)));
        assert_status(snapshot_add(snapshot, draft, left - 1, buf_bytes(&piece)), STATUS_EXISTS);
    }
    ck_assert(snapshot_is_whole(snapshot));
    buf_reset(&piece);
    uint32_t beyond = snapshot_piece_count(snapshot);
    assert_status(snapshot_read_piece(&piece, path, beyond), STATUS_NOT_FOUND);
    assert_status(snapshot_add(snapshot, draft, beyond, bytes_of("", 0)), STATUS_NOT_FOUND);
    struct state_version *loaded = state_commit(draft, HEIGHT);
    ck_assert(hash_equal(state_root(loaded), state_root(version)));
    assert_ok(state_diff(loaded, version, refuse, NULL));
    state_version_unref(loaded);
    snapshot_close(snapshot);
    buf_clear(&piece);
}

START_TEST(a_snapshot_in_is_the_state_that_went_out) {
    static const size_t counts[] = {0, 1, 2, 3, 7, 100, 4000};
    static const uint32_t sizes[] = {1, SMALL_PIECE, 0};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct state_version *version = make_state(counts[i]);
        for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++) {
            char command[200];
            write_snapshot(version, sizes[j]);
            check_round_trip(version);
            snprintf(command, sizeof command, "rm -r %s", path);
            ck_assert_int_eq(system(command), 0);
        }
        state_version_unref(version);
    }
}
END_TEST

START_TEST(a_flipped_or_missing_byte_of_the_manifest_is_refused) {
    struct state_version *version = make_state(200);
    struct buf manifest = {0};
    struct snapshot *snapshot;
    write_snapshot(version, SMALL_PIECE);
    assert_ok(snapshot_read_manifest(&manifest, path));
    struct cut cut;
    struct buf encoded = {0};
    cut_make(&cut, HEIGHT, state_root(version));
    cut_encode(&encoded, &cut);
    // The header is for its certificate to prove, but for the roots; the certificate and its set
    // are the caller's to check.
    size_t cut_end = 1 + 4 + encoded.len, certificate_end = cut_end + 4 + strlen("signatures");
    size_t set_end = certificate_end + 4 + sizeof keys;
    for (size_t at = 0; at < manifest.len; at++) {
        bool is_callers = (at >= 5 && at < cut_end) ||
                          (at >= cut_end + 4 && at < certificate_end) ||
                          (at >= certificate_end + 4 && at < set_end);
        if (is_callers) continue;
        for (int bit = 0; bit < 8; bit++) {
            manifest.data[at] ^= (uint8_t)(1 << bit);
            ck_assert(snapshot_open(&snapshot, buf_bytes(&manifest)) != STATUS_OK);
            manifest.data[at] ^= (uint8_t)(1 << bit);
        }
    }
    for (size_t len = 0; len < manifest.len; len++)
        ck_assert(snapshot_open(&snapshot, bytes_of(manifest.data, len)) != STATUS_OK);
    buf_append_byte(&manifest, 0);
    ck_assert(snapshot_open(&snapshot, buf_bytes(&manifest)) != STATUS_OK);
    buf_clear(&manifest);
    buf_clear(&encoded);
    state_version_unref(version);
}
END_TEST

START_TEST(a_piece_that_lies_is_refused_and_changes_nothing) {
    struct state_version *version = make_state(60);
    struct buf piece = {0};
    write_snapshot(version, SMALL_PIECE);
    struct snapshot *snapshot = open_snapshot();
    struct state_draft *draft = empty_draft();
    uint32_t count = snapshot_piece_count(snapshot);
    ck_assert_uint_gt(count, 5);
    for (uint32_t number = 0; number < count; number++) {
        buf_reset(&piece);
        assert_ok(snapshot_read_piece(&piece, path, number));
        for (size_t at = 0; at < piece.len; at++) {
            piece.data[at] ^= (uint8_t)(1 << at % 8);
            ck_assert(snapshot_add(snapshot, draft, number, buf_bytes(&piece)) != STATUS_OK);
            piece.data[at] ^= (uint8_t)(1 << at % 8);
        }
        for (size_t len = 0; len < piece.len; len++)
            ck_assert(snapshot_add(snapshot, draft, number, bytes_of(piece.data, len)) !=
                      STATUS_OK);
        assert_status(snapshot_add(snapshot, draft, (number + 1) % count, buf_bytes(&piece)),
                      STATUS_INVALID);
    }
    ck_assert_uint_eq(state_count(state_draft_view(draft)), 0);
    state_draft_drop(draft);
    snapshot_close(snapshot);
    buf_clear(&piece);
    state_version_unref(version);
}
END_TEST

// By hand: tops of trees that say the same in other words, or nothing that can be.
START_TEST(a_manifest_has_one_way_to_say_it) {
    static const char *const tops[] = {
        "\3\0\0",     // an inner node over nothing
        "\3\3\0\0\0", // and again
        "\4",         // no such tag
        "\3",         // and then nothing
    };
    struct cut cut;
    struct snapshot *snapshot;
    struct hash zero = {0}, node;
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++) {
        struct buf manifest = {0}, encoded = {0};
        // Whose root is what the top hashes to, so that nothing else refuses it.
        hash_node(&node, &zero, &zero);
        if (i == 1) hash_node(&node, &node, &zero);
        cut_make(&cut, HEIGHT, &node);
        cut_encode(&encoded, &cut);
        encode_u8(&manifest, SNAPSHOT_VERSION);
        encode_bytes(&manifest, buf_bytes(&encoded));
        encode_bytes(&manifest, bytes_of("", 0));
        encode_u64(&manifest, 0); // no set, no hand-overs
        buf_append(&manifest, bytes_of(tops[i], i == 0 ? 3 : i == 1 ? 5 : 1));
        ck_assert(snapshot_open(&snapshot, buf_bytes(&manifest)) != STATUS_OK);
        buf_clear(&manifest);
        buf_clear(&encoded);
    }
    // Deeper than the tree can be.
    struct buf deep = {0}, encoded = {0};
    cut_make(&cut, HEIGHT, &zero);
    cut_encode(&encoded, &cut);
    encode_u8(&deep, SNAPSHOT_VERSION);
    encode_bytes(&deep, buf_bytes(&encoded));
    encode_bytes(&deep, bytes_of("", 0));
    encode_u64(&deep, 0);
    for (int i = 0; i < 1000000; i++) buf_append_byte(&deep, SNAPSHOT_INNER);
    assert_status(snapshot_open(&snapshot, buf_bytes(&deep)), STATUS_INVALID);
    buf_clear(&deep);
    buf_clear(&encoded);
}
END_TEST

START_TEST(hand_overs_go_out_and_in_in_their_order) {
    struct state_version *version = make_state(30);
    struct bytes none = bytes_of("", 0), set = bytes_of(keys, 32);
    for (uint64_t height = 1; height <= 5; height++) add_hand_over(10 * height, none, set);
    write_snapshot(version, SMALL_PIECE);
    check_round_trip(version);
    state_version_unref(version);
}
END_TEST

// How a snapshot with one more fails to open.
static enum status open_with(struct state_version *version, uint64_t height, struct bytes set,
                             struct bytes next) {
    struct buf manifest = {0};
    struct snapshot *snapshot;
    size_t before = hand_overs.len;
    add_hand_over(height, set, next);
    write_snapshot(version, 0);
    assert_ok(snapshot_read_manifest(&manifest, path));
    enum status status = snapshot_open(&snapshot, buf_bytes(&manifest));
    if (status == STATUS_OK) snapshot_close(snapshot);
    buf_clear(&manifest);
    assert_ok(file_remove_tree(path));
    hand_overs.len = before;
    hand_over_count--;
    return status;
}

START_TEST(hand_overs_out_of_order_behind_the_cut_or_beyond_the_bound_are_refused) {
    struct state_version *version = make_state(3);
    struct bytes none = bytes_of("", 0), set = bytes_of(keys, 32);
    add_hand_over(20, none, set);
    assert_ok(open_with(version, 21, none, set));
    assert_status(open_with(version, 20, none, set), STATUS_INVALID);
    assert_status(open_with(version, 19, none, set), STATUS_INVALID);
    assert_status(open_with(version, HEIGHT, none, set), STATUS_INVALID);
    assert_ok(open_with(version, HEIGHT - 1, none, set));
    assert_status(open_with(version, 30, set, set), STATUS_INVALID);
    assert_status(open_with(version, 30, set, none), STATUS_INVALID);
    assert_status(open_with(version, 30, none, none), STATUS_MALFORMED);
    buf_reset(&hand_overs);
    hand_over_count = SNAPSHOT_MAX_HAND_OVERS;
    ck_assert(open_with(version, 1, none, set) == STATUS_TOO_LARGE);
    state_version_unref(version);
}
END_TEST

START_TEST(a_folder_that_is_there_is_not_written_to) {
    struct state_version *version = make_state(3);
    struct cut cut;
    write_snapshot(version, 0);
    cut_make(&cut, HEIGHT, state_root(version));
    struct snapshot_source source = {.version = version, .cut = &cut};
    assert_status(snapshot_write(&source, path), STATUS_EXISTS);
    check_round_trip(version);
    state_version_unref(version);
}
END_TEST

Suite *snapshot_suite(void) {
    Suite *suite = suite_create("snapshot");
    TCase *cases = tcase_create("snapshot");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, begin, clear);
    tcase_add_test(cases, a_snapshot_in_is_the_state_that_went_out);
    tcase_add_test(cases, a_flipped_or_missing_byte_of_the_manifest_is_refused);
    tcase_add_test(cases, a_piece_that_lies_is_refused_and_changes_nothing);
    tcase_add_test(cases, a_manifest_has_one_way_to_say_it);
    tcase_add_test(cases, hand_overs_go_out_and_in_in_their_order);
    tcase_add_test(cases, hand_overs_out_of_order_behind_the_cut_or_beyond_the_bound_are_refused);
    tcase_add_test(cases, a_folder_that_is_there_is_not_written_to);
    suite_add_tcase(suite, cases);
    return suite;
}
