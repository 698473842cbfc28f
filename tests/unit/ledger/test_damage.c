// SPDX-License-Identifier: Apache-2.0
// What a disk can do to files: each byte changed, each length cut. A refusal or a clean recovery,
// never other data than was written.
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chaincore/ledger/certificate_log.h"
#include "chaincore/ledger/checkpoint.h"
#include "chaincore/ledger/history.h"
#include "chaincore/ledger/segment.h"
#include "tests/unit/ledger/log_fixture.h"

static const uint8_t MASKS[] = {0x01, 0x80, 0xff};

// Are the first blocks there as they were written, up to the newest?
static uint64_t check_prefix(struct block_log *log) {
    struct buf block = {0}, expected = {0};
    struct hash ids[TXS];
    uint64_t newest = block_log_newest(log);
    for (uint64_t height = 1; height <= newest; height++) {
        struct block_log_place place;
        log_make_block(&expected, ids, height);
        assert_ok(block_log_read(log, height, &block));
        assert_bytes_equal(buf_bytes(&block), buf_bytes(&expected));
        assert_ok(block_log_find_tx(log, &ids[0], 0, &place));
        ck_assert_uint_eq(place.height, height);
    }
    buf_clear(&block);
    buf_clear(&expected);
    return newest;
}

START_TEST(a_flipped_byte_anywhere_in_the_open_segment_is_refused_or_cut) {
    char folder[64], path[128];
    struct block_log *log;
    struct buf whole = {0};
    struct stat two;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/000000000001.log", folder);
    log_fill(folder, (struct log_range){1, 2}, 0);
    ck_assert_int_eq(stat(path, &two), 0);
    log_fill(folder, (struct log_range){3, 3}, 0);
    read_whole(&whole, path);
    for (size_t at = 0; at < whole.len; at++) {
        bool is_last = at >= (size_t)two.st_size;
        flip_byte(path, at, MASKS[at % sizeof MASKS]);
        assert_status(log_open(&log, folder, 3, 0), STATUS_CORRUPT); // all three are final
        // The first two are, or so many as stand before the damage.
        enum status status = log_open(&log, folder, 2, 0);
        assert_status(status, is_last ? STATUS_OK : STATUS_CORRUPT);
        if (status == STATUS_OK) {
            ck_assert_uint_eq(check_prefix(log), 2);
            block_log_close(log);
        }
        write_whole(path, buf_bytes(&whole));
    }
    log_check(folder, 3, 0);
    buf_clear(&whole);
    remove_folder(folder);
}
END_TEST

// They were written one behind the other with no sync between them: the disk may have the last and
// lack one before it.
START_TEST(of_blocks_that_are_not_final_those_before_the_damage_stay) {
    char folder[64], path[128];
    struct block_log *log;
    struct buf whole = {0};
    struct stat ends[6];
    make_folder(folder);
    snprintf(path, sizeof path, "%s/000000000001.log", folder);
    for (uint64_t height = 1; height <= 6; height++) {
        log_fill(folder, (struct log_range){height, height}, 0);
        ck_assert_int_eq(stat(path, &ends[height - 1]), 0);
    }
    read_whole(&whole, path);
    for (size_t at = (size_t)ends[1].st_size; at < whole.len; at += 7) {
        uint64_t kept = 2;
        while (at >= (size_t)ends[kept].st_size) kept++;
        flip_byte(path, at, MASKS[at % sizeof MASKS]);
        assert_ok(log_open(&log, folder, 2, 0));
        ck_assert_uint_eq(check_prefix(log), kept);
        block_log_close(log);
        log_fill(folder, (struct log_range){kept + 1, 6}, 0); // they come again
        log_check(folder, 6, 0);
        write_whole(path, buf_bytes(&whole));
    }
    buf_clear(&whole);
    remove_folder(folder);
}
END_TEST

START_TEST(a_segment_that_ends_inside_its_front_is_begun_again_or_refused) {
    char folder[64], path[128];
    struct block_log *log;
    struct buf whole = {0};
    make_folder(folder);
    snprintf(path, sizeof path, "%s/000000000001.log", folder);
    log_fill(folder, (struct log_range){1, 1}, 0);
    read_whole(&whole, path);
    for (size_t len = 0; len <= SEGMENT_HEADER_BYTES; len++) {
        write_whole(path, bytes_of(whole.data, len));
        assert_status(log_open(&log, folder, 1, 0), STATUS_CORRUPT);
        log_check(folder, 0, 0);
        log_fill(folder, (struct log_range){1, 1}, 0);
        log_check(folder, 1, 0);
    }
    buf_clear(&whole);
    remove_folder(folder);
}
END_TEST

// What stands in an index is not missed when it is made again. Each of its bytes is flipped in
// test_tx_index.c; here some of each page, which costs a sync each.
START_TEST(a_flipped_byte_in_a_closed_segment_or_its_index_never_shows) {
    enum { STRIDE = 61 };
    char folder[64], path[2][128];
    struct block_log *log;
    struct buf whole = {0}, block = {0}, expected = {0};
    struct hash ids[TXS];
    make_folder(folder);
    log_fill(folder, (struct log_range){1, 8}, SMALL_SEGMENT);
    snprintf(path[0], sizeof path[0], "%s/000000000001.log", folder);
    snprintf(path[1], sizeof path[1], "%s/000000000001.idx", folder);
    for (int which = 0; which < 2; which++) {
        read_whole(&whole, path[which]);
        for (size_t at = 0; at < whole.len; at += which ? STRIDE : 1) {
            flip_byte(path[which], at, MASKS[at % sizeof MASKS]);
            enum status status = log_open(&log, folder, 8, SMALL_SEGMENT);
            if (which == 1) ck_assert_uint_eq(check_prefix(log), 8); // made again
            if (which == 0 && at < SEGMENT_HEADER_BYTES) assert_status(status, STATUS_CORRUPT);
            bool was_refused = status != STATUS_OK;
            for (uint64_t height = 1; status == STATUS_OK && height <= 8; height++) {
                log_make_block(&expected, ids, height);
                if (block_log_read(log, height, &block) == STATUS_CORRUPT)
                    was_refused = true;
                else
                    assert_bytes_equal(buf_bytes(&block), buf_bytes(&expected));
            }
            ck_assert(was_refused == (which == 0));
            if (status == STATUS_OK) block_log_close(log);
            write_whole(path[which], buf_bytes(&whole));
        }
    }
    log_check(folder, 8, SMALL_SEGMENT);
    buf_clear(&whole);
    buf_clear(&block);
    buf_clear(&expected);
    remove_folder(folder);
}
END_TEST

START_TEST(a_segment_that_is_short_or_missing_is_refused) {
    char folder[64], path[128], other[160];
    struct block_log *log;
    struct stat info;
    make_folder(folder);
    log_fill(folder, (struct log_range){1, 12}, SMALL_SEGMENT);
    snprintf(path, sizeof path, "%s/000000000001.log", folder);
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_eq(truncate(path, info.st_size - 1), 0);
    assert_status(log_open(&log, folder, 12, SMALL_SEGMENT), STATUS_CORRUPT);
    snprintf(other, sizeof other, "%s.away", path);
    ck_assert_int_eq(rename(path, other), 0);
    assert_status(log_open(&log, folder, 12, SMALL_SEGMENT), STATUS_CORRUPT);
    assert_status(log_open(&log, folder, 0, SMALL_SEGMENT), STATUS_CORRUPT);
    remove_folder(folder);
}
END_TEST

// A payload that would look like a record in front of every reader who did not know the salt.
static void forge(struct buf *out, const struct salt *salt, struct bytes inside) {
    uint8_t header[RECORD_HEADER_BYTES];
    record_header_write(header, salt, 2, inside);
    buf_append(out, BYTES_OF(header));
    buf_append(out, inside);
}

START_TEST(a_forged_record_inside_a_torn_payload_does_not_stop_the_cut) {
    char folder[64], path[128];
    struct segment segment;
    struct segment_scan scan = {0};
    struct salt zero = {0};
    struct buf payload = {0}, whole = {0};
    make_folder(folder);
    snprintf(path, sizeof path, "%s/segment", folder);
    assert_ok(segment_open(&segment, path, 1, &scan));
    assert_ok(segment_write(&segment, bytes_of_string("first")));
    segment_note(&segment, 5);
    uint64_t kept = segment.size;
    // Many of them, so that a scan which looks into each is noticed by the clock.
    for (int i = 0; i < 20000; i++) forge(&payload, &zero, bytes_of_string("second"));
    assert_ok(segment_write(&segment, buf_bytes(&payload)));
    segment_note(&segment, payload.len);
    segment_close(&segment);
    read_whole(&whole, path);
    write_whole(path, bytes_of(whole.data, whole.len - 1));
    assert_ok(segment_open(&segment, path, 1, &scan));
    ck_assert_uint_eq(segment.count, 1);
    ck_assert_uint_eq(segment.size, kept);
    segment_close(&segment);
    // The same with the file's own salt is what a whole record behind the damage looks like.
    buf_reset(&payload);
    assert_ok(segment_open(&segment, path, 1, &scan));
    forge(&payload, &segment.file.salt, bytes_of_string("second"));
    buf_append(&payload, bytes_of_string("third"));
    assert_ok(segment_write(&segment, buf_bytes(&payload)));
    segment_close(&segment);
    read_whole(&whole, path);
    write_whole(path, bytes_of(whole.data, whole.len - 1));
    assert_status(segment_open(&segment, path, 1, &scan), STATUS_CORRUPT);
    buf_clear(&payload);
    buf_clear(&whole);
    remove_folder(folder);
}
END_TEST

START_TEST(damage_is_sought_in_linear_time) {
    char folder[64], path[128];
    struct segment segment;
    struct segment_scan scan = {0};
    struct buf payload = {0}, whole = {0};
    make_folder(folder);
    snprintf(path, sizeof path, "%s/segment", folder);
    assert_ok(segment_open(&segment, path, 1, &scan));
    assert_ok(segment_write(&segment, bytes_of_string("first")));
    // Even with the salt known: each of these claims all the rest as its payload.
    enum { FAKES = 50000 };
    for (size_t i = 0; i < FAKES; i++) {
        uint8_t header[RECORD_HEADER_BYTES] = {0};
        memcpy(header, segment.file.salt.bytes, RECORD_MARKER_BYTES);
        store_u32_le(header + RECORD_MARKER_BYTES, (uint32_t)((FAKES - 1 - i) * sizeof header));
        buf_append(&payload, BYTES_OF(header));
    }
    segment_close(&segment);
    read_whole(&whole, path);
    whole.data[SEGMENT_HEADER_BYTES + RECORD_HEADER_BYTES] ^= 1;
    buf_append(&whole, buf_bytes(&payload));
    write_whole(path, buf_bytes(&whole));
    assert_ok(segment_open(&segment, path, 1, &scan)); // quadratic: 65 GB to hash
    ck_assert_uint_eq(segment.count, 0);
    segment_close(&segment);
    buf_clear(&payload);
    buf_clear(&whole);
    remove_folder(folder);
}
END_TEST

struct kept_state {
    struct hash root;
    struct cut cut;
};

static void write_checkpoint(const char *path, struct kept_state *kept) {
    struct state *state = state_create();
    struct checkpoint *checkpoint;
    struct state_version *version;
    assert_ok(checkpoint_open_plain(&checkpoint, path, state, &version, &kept->cut));
    struct state_draft *draft = state_draft_begin(state, version);
    for (uint64_t key = 0; key < 5; key++) state_put(draft, BYTES_OF(key), BYTES_OF(key));
    state_version_unref(version);
    version = state_commit(draft, 300);
    kept->root = *state_root(version);
    cut_make(&kept->cut, 300, &kept->root);
    checkpoint_start(checkpoint, version, &kept->cut);
    assert_ok(checkpoint_wait(checkpoint));
    checkpoint_close(checkpoint);
    state_version_unref(version);
    state_free(state);
}

enum verdict { REFUSED, WHOLE, EMPTY };

// An empty one is as good as none: the log is executed from its start.
static enum verdict judge(const char *path, const struct kept_state *kept) {
    struct state *state = state_create();
    struct checkpoint *checkpoint;
    struct state_version *version;
    struct cut cut;
    enum verdict verdict = REFUSED;
    enum status status = checkpoint_open_plain(&checkpoint, path, state, &version, &cut);
    ck_assert(status == STATUS_OK || status == STATUS_CORRUPT || status == STATUS_IO);
    if (status == STATUS_OK) {
        verdict = state_version_height(version) == 0 ? EMPTY : WHOLE;
        struct kept_state expected = {0};
        if (verdict == WHOLE) {
            ck_assert_uint_eq(state_version_height(version), 300);
            expected = *kept;
        }
        ck_assert(hash_equal(state_root(version), &expected.root));
        ck_assert_mem_eq(&cut.header, &expected.cut.header, sizeof cut.header);
        state_version_unref(version);
        checkpoint_close(checkpoint);
    }
    state_free(state);
    return verdict;
}

static void remove_side_files(const char *path) {
    char side[160];
    static const char *const endings[] = {"-wal", "-shm", "-journal"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(side, sizeof side, "%s%s", path, endings[i]);
        unlink(side);
    }
}

START_TEST(a_flipped_byte_in_a_checkpoint_is_refused_or_changes_nothing) {
    char folder[64], path[128];
    struct buf whole = {0};
    struct kept_state kept;
    size_t refused = 0;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/state.sqlite", folder);
    write_checkpoint(path, &kept);
    read_whole(&whole, path);
    for (size_t at = 0; at < whole.len; at++) {
        flip_byte(path, at, MASKS[at % sizeof MASKS]);
        enum verdict verdict = judge(path, &kept);
        ck_assert_int_ne(verdict, EMPTY);
        refused += verdict == REFUSED;
        remove_side_files(path);
        write_whole(path, buf_bytes(&whole));
    }
    ck_assert_uint_gt(refused, 200); // at least the rows and the cut
    ck_assert_int_eq(judge(path, &kept), WHOLE);
    buf_clear(&whole);
    remove_folder(folder);
}
END_TEST

START_TEST(a_checkpoint_that_was_cut_is_refused_or_as_good_as_none) {
    char folder[64], path[128];
    struct buf whole = {0};
    struct kept_state kept;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/state.sqlite", folder);
    write_checkpoint(path, &kept);
    read_whole(&whole, path);
    for (size_t len = 1; len < whole.len; len += len < 128 ? 1 : 128) {
        write_whole(path, bytes_of(whole.data, len));
        ck_assert_msg(judge(path, &kept) != WHOLE, "cut to %zu bytes", len);
        remove_side_files(path);
    }
    buf_clear(&whole);
    remove_folder(folder);
}
END_TEST

enum { IDS = 20 };

static struct hash ids[IDS];

// Those of heights below are gone.
static enum status read_id(void *context, uint64_t height, struct hash *out) {
    const uint64_t *oldest = context;
    ck_assert_uint_lt(height, IDS);
    if (height < *oldest) return STATUS_NOT_FOUND;
    *out = ids[height];
    return STATUS_OK;
}

static void make_history(const char *path, struct hash *root) {
    struct history *history;
    *root = (struct hash){0};
    for (uint8_t i = 0; i < IDS; i++) hash_bytes(&ids[i], HASH_HEADER, bytes_of(&i, 1));
    assert_ok(history_open_plain(&history, path, 0, root));
    for (int i = 0; i < IDS; i++) assert_ok(history_append(history, &ids[i]));
    history_close(history);
    merkle_list_root(root, ids, IDS);
}

static struct history *open_history(const char *path, const struct hash *root, uint64_t *oldest) {
    struct history *history;
    struct history_config config = {.path = path,
                                    .count = IDS,
                                    .root = *root,
                                    .read_id = oldest ? read_id : NULL,
                                    .context = oldest};
    assert_ok(history_open(&history, &config));
    return history;
}

// The first status that is not OK, of every branch.
static enum status check_branches(struct history *history, const struct hash *root) {
    for (uint64_t i = 0; i < IDS; i++) {
        struct merkle_branch branch;
        enum status status = history_branch(history, &branch, i, IDS, root);
        if (status != STATUS_OK) return status;
        assert_ok(merkle_branch_check(&branch, &ids[i], root));
    }
    return STATUS_OK;
}

START_TEST(a_flipped_byte_in_the_history_never_gives_a_false_branch) {
    char folder[64], path[128];
    struct hash root;
    struct buf whole = {0};
    make_folder(folder);
    snprintf(path, sizeof path, "%s/history", folder);
    make_history(path, &root);
    read_whole(&whole, path);
    for (size_t at = 0; at < whole.len; at++) {
        flip_byte(path, at, MASKS[at % sizeof MASKS]);
        struct history *history = open_history(path, &root, NULL);
        bool was_found = history_count(history) == 0;
        if (!was_found) { // then it is in some branch
            assert_status(check_branches(history, &root), STATUS_CORRUPT);
            ck_assert_int_eq(access(path, F_OK), 0); // others may be writing to it
        }
        history_close(history);
        if (!was_found) ck_assert_int_ne(access(path, F_OK), 0); // the next start makes it again
        write_whole(path, buf_bytes(&whole));
    }
    buf_clear(&whole);
    remove_folder(folder);
}
END_TEST

START_TEST(a_history_is_mended_from_the_ids_that_are_there) {
    char folder[64], path[128];
    struct hash root;
    struct buf whole = {0}, now = {0};
    uint64_t oldest = 0;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/history", folder);
    make_history(path, &root);
    read_whole(&whole, path);
    size_t nodes = whole.len / sizeof(struct hash);
    // So many nodes from each on.
    for (size_t first = 0; first < nodes; first++)
        for (size_t count = 1; first + count <= nodes; count++) {
            struct history *history = open_history(path, &root, &oldest);
            buf_reset(&now);
            buf_append(&now, buf_bytes(&whole));
            memset(now.data + first * 32, count % 2 ? 0 : 0x77, count * 32);
            if (count % 3 == 0) now.len = first * 32; // cut
            write_whole(path, buf_bytes(&now));
            assert_ok(check_branches(history, &root));
            read_whole(&now, path);
            assert_bytes_equal(buf_bytes(&now), buf_bytes(&whole));
            history_close(history);
        }
    buf_clear(&whole);
    buf_clear(&now);
    remove_folder(folder);
}
END_TEST

// A node over ids that are gone is mended when they stand in the file; they themselves are not.
START_TEST(a_history_is_not_mended_from_ids_that_are_gone) {
    enum { LEAF = 0, OVER_TWO = 2 };
    char folder[64], path[128];
    struct hash root;
    uint64_t oldest = 10;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/history", folder);
    make_history(path, &root);
    struct history *history = open_history(path, &root, &oldest);
    flip_byte(path, OVER_TWO * 32, 1);
    assert_ok(check_branches(history, &root));
    flip_byte(path, LEAF * 32, 1);
    assert_status(check_branches(history, &root), STATUS_CORRUPT);
    flip_byte(path, LEAF * 32, 1);
    assert_ok(check_branches(history, &root)); // nothing was written on the way
    history_close(history);
    remove_folder(folder);
}
END_TEST

Suite *damage_suite(void) {
    Suite *suite = suite_create("damage");
    TCase *cases = tcase_create("damage");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, a_flipped_byte_anywhere_in_the_open_segment_is_refused_or_cut);
    tcase_add_test(cases, of_blocks_that_are_not_final_those_before_the_damage_stay);
    tcase_add_test(cases, a_segment_that_ends_inside_its_front_is_begun_again_or_refused);
    tcase_add_test(cases, a_flipped_byte_in_a_closed_segment_or_its_index_never_shows);
    tcase_add_test(cases, a_segment_that_is_short_or_missing_is_refused);
    tcase_add_test(cases, a_forged_record_inside_a_torn_payload_does_not_stop_the_cut);
    tcase_add_test(cases, damage_is_sought_in_linear_time);
    tcase_add_test(cases, a_flipped_byte_in_a_checkpoint_is_refused_or_changes_nothing);
    tcase_add_test(cases, a_checkpoint_that_was_cut_is_refused_or_as_good_as_none);
    tcase_add_test(cases, a_flipped_byte_in_the_history_never_gives_a_false_branch);
    tcase_add_test(cases, a_history_is_mended_from_the_ids_that_are_there);
    tcase_add_test(cases, a_history_is_not_mended_from_ids_that_are_gone);
    suite_add_tcase(suite, cases);
    return suite;
}
