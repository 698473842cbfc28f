// SPDX-License-Identifier: Apache-2.0
#include "chaincore/witness/vote_log.h"

#include <stdlib.h>

#include "chaincore/base/file.h"
#include "chaincore/witness/vote_record.h"
#include "tests/support/false_disk.h"
#include "tests/unit/witness/suites.h"

// A log on a false disk, and what it has to give back.
static struct {
    struct false_disk disk;
    struct disk calls;
    struct vote_log *log;
    struct consensus *core;
    uint64_t views[4096]; // of the votes it gave, in order
    size_t view_count;
    size_t block_count, certificate_count, root_count;
    uint64_t body_bytes;
    bool accepts_new_keys;
} bench;

static void open_bench(void) {
    memset(&bench, 0, sizeof bench);
    false_disk_init(&bench.disk, 1);
    bench.calls = false_disk_calls(&bench.disk);
    bench.core = malloc(consensus_bytes());
}

static void close_bench(void) {
    vote_log_close(bench.log);
    false_disk_clear(&bench.disk);
    free(bench.core);
}

static struct consensus_root root_at(uint64_t height, const struct certificate *certificate) {
    struct consensus_root root = {
        .epoch = 1,
        .header = {.version = HEADER_VERSION, .height = height, .epoch = 1, .view = height},
        .view = height,
        .certificate = certificate};
    header_id(&root.id, &root.header);
    return root;
}

static enum status try_open_as(uint8_t group) {
    vote_log_close(bench.log);
    bench.log = NULL;
    struct vote_log_config config = {.disk = &bench.calls,
                                     .group = {{group}},
                                     .accepts_new_keys = bench.accepts_new_keys,
                                     .draw = false_disk_draw,
                                     .context = &bench.disk,
                                     .slack_bytes = 2000};
    return vote_log_open(&bench.log, &config);
}
static enum status try_open(void) { return try_open_as(7); }

static void begin(void) {
    static struct certificate certificate = {.view = 10};
    struct consensus_root root = root_at(10, &certificate);
    assert_ok(try_open());
    ck_assert(vote_log_is_new(bench.log));
    assert_ok(vote_log_begin(bench.log, &root));
}

static void append_vote(uint64_t view) {
    static const struct vote_signer signers[2] = {{.witness = 1}, {.witness = 3}};
    struct vote_log_entry entry = {.record = {.kind = RECORD_VOTES}};
    entry.record.votes = (struct signed_votes){.epoch = 1,
                                               .view = view,
                                               .kind = VOTE_NOTARIZE,
                                               .block_id = {{1, (uint8_t)view}},
                                               .count = 2,
                                               .signers = signers};
    vote_log_append(bench.log, &entry);
}

static void append_block(uint64_t height, size_t body_len) {
    struct consensus_root at = root_at(height, NULL);
    uint8_t *body = malloc(body_len + 1);
    memset(body, (int)height, body_len + 1);
    vote_log_append(bench.log,
                    &(struct vote_log_entry){.record = {.kind = RECORD_BLOCK, .block = &at.header},
                                             .body = bytes_of(body, body_len)});
    free(body);
}

static void append_certificate(uint64_t view) {
    static struct certificate certificate;
    certificate = (struct certificate){.view = view};
    struct vote_log_entry entry = {
        .record = {.kind = RECORD_CERTIFICATE,
                   .sealed = {.epoch = 1, .kind = VOTE_NULLIFY, .certificate = &certificate}}};
    vote_log_append(bench.log, &entry);
}

static void visit(void *context, const struct vote_log_entry *entry) {
    (void)context;
    switch (entry->record.kind) {
    case RECORD_ROOT:
        bench.root_count++;
        break;
    case RECORD_BLOCK:
        bench.block_count++;
        bench.body_bytes += entry->body.len;
        for (size_t i = 0; i < entry->body.len; i++)
            if (entry->body.data[i] != (uint8_t)entry->record.block->height) ck_abort();
        break;
    case RECORD_CERTIFICATE:
        bench.certificate_count++;
        break;
    case RECORD_VOTES:
        ck_assert_uint_eq(entry->record.votes.count, 2);
        ck_assert_uint_eq(entry->record.votes.signers[1].witness, 3);
        bench.views[bench.view_count++] = entry->record.votes.view;
        break;
    }
}

static void replay(void) {
    bench.view_count = bench.block_count = bench.certificate_count = bench.root_count = 0;
    bench.body_bytes = 0;
    assert_ok(try_open());
    ck_assert(!vote_log_is_new(bench.log));
    assert_ok(vote_log_replay(bench.log, visit, NULL));
}

START_TEST(what_was_synced_comes_back_in_order) {
    struct consensus_root root;
    static struct certificate certificate;
    begin();
    append_block(11, 1000);
    append_vote(11);
    append_certificate(11);
    append_vote(12);
    ck_assert(!vote_log_is_synced(bench.log));
    assert_ok(vote_log_sync(bench.log));
    false_disk_crash(&bench.disk);
    replay();
    ck_assert_uint_eq(bench.view_count, 2);
    ck_assert_uint_eq(bench.views[0], 11);
    ck_assert_uint_eq(bench.views[1], 12);
    ck_assert_uint_eq(bench.block_count, 1);
    ck_assert_uint_eq(bench.body_bytes, 1000);
    ck_assert_uint_eq(bench.certificate_count, 1);
    assert_ok(try_open());
    assert_ok(vote_log_root(bench.log, &root, &certificate));
    ck_assert_uint_eq(root.header.height, 10);
    ck_assert_ptr_eq(root.certificate, &certificate);
    ck_assert_uint_eq(certificate.view, 10);
}
END_TEST

// What is below it the state machine drops by itself; of what lies above, it may be the only copy.
START_TEST(a_new_root_hides_nothing_that_was_before_it) {
    begin();
    append_block(21, 10);
    append_certificate(21);
    append_vote(11);
    struct consensus_root later = root_at(20, NULL), root;
    static struct certificate certificate;
    vote_log_append(bench.log,
                    &(struct vote_log_entry){.record = {.kind = RECORD_ROOT, .root = &later}});
    append_block(22, 10);
    assert_ok(vote_log_sync(bench.log));
    replay();
    ck_assert_uint_eq(bench.view_count, 1);
    ck_assert_uint_eq(bench.block_count, 2);
    ck_assert_uint_eq(bench.certificate_count, 1);
    assert_ok(try_open());
    assert_ok(vote_log_root(bench.log, &root, &certificate));
    ck_assert_uint_eq(root.header.height, 20);
    ck_assert_ptr_null(root.certificate);
}
END_TEST

START_TEST(one_sync_makes_all_of_a_loop_durable) {
    begin();
    uint64_t before = bench.disk.syncs;
    for (uint64_t view = 11; view < 31; view++) append_vote(view);
    assert_ok(vote_log_sync(bench.log));
    assert_ok(vote_log_sync(bench.log));
    ck_assert_uint_eq(bench.disk.syncs, before + 1);
}
END_TEST

// Drops what a node that is final up to the height does without.
static void compact_at(uint64_t height) {
    struct consensus_config config = {.timeout_ms = 1000};
    struct consensus_epoch epoch = {.epoch = 1,
                                    .first_view = 1,
                                    .witness_count = 4,
                                    .own = {{1}},
                                    .block_interval_ms = 500,
                                    .epoch_blocks = 100000};
    struct consensus_root root = root_at(height, NULL);
    bench.core = consensus_init(bench.core, &config, &epoch, &root);
}

START_TEST(a_log_that_has_grown_keeps_what_is_needed) {
    begin();
    for (uint64_t height = 11; height <= 60; height++) {
        append_block(height, 3000);
        append_vote(height);
    }
    assert_ok(vote_log_sync(bench.log));
    uint64_t before = vote_log_bytes(bench.log);
    compact_at(58);
    assert_ok(vote_log_compact(bench.log, bench.core));
    ck_assert_uint_lt(vote_log_bytes(bench.log), before / 10);
    append_vote(61);
    assert_ok(vote_log_sync(bench.log));
    ck_assert_ptr_null(false_disk_file(&bench.disk, 1));
    replay();
    ck_assert_uint_eq(bench.block_count, 2);
    ck_assert_uint_eq(bench.view_count, 3);
    ck_assert_uint_eq(bench.views[0], 59);
    ck_assert_uint_eq(bench.views[2], 61);
}
END_TEST

// Everything that was synced is there, and of what was not a beginning.
static void check_votes(uint64_t first, uint64_t synced, uint64_t appended) {
    ck_assert_uint_ge(bench.view_count, synced + 1 - first);
    ck_assert_uint_le(bench.view_count, appended + 1 - first);
    for (size_t i = 0; i < bench.view_count; i++)
        if (bench.views[i] != first + i) ck_abort_msg("vote %zu is of another view", i);
}

// Votes of one view after another. A disk that dies within a sync has taken all of it or a part.
struct life {
    uint64_t first, synced, view;
};

static void sync_or_die(struct life *life) {
    struct false_disk *disk = &bench.disk;
    bool dies = false_disk_random(disk, 3) == 0;
    if (dies) disk->fails_at = disk->calls + 1 + false_disk_random(disk, 2);
    enum status status = vote_log_sync(bench.log);
    disk->fails_at = 0;
    if (!dies || status == STATUS_OK) {
        life->synced = life->view;
        return;
    }
    bool is_kill = false_disk_random(disk, 3) == 0;
    if (!is_kill) false_disk_crash(disk);
    replay();
    check_votes(life->first, life->synced, life->view);
    // What was replayed may be sent: another crash must not take it back.
    uint64_t shown = life->first + bench.view_count - 1;
    false_disk_crash(disk);
    replay();
    check_votes(life->first, shown, shown);
    life->view = life->synced = shown;
}

static void compact(struct life *life) {
    uint64_t height = life->view - 5 > life->first ? life->view - 5 : life->first;
    uint64_t before = vote_log_bytes(bench.log);
    compact_at(height);
    assert_ok(vote_log_compact(bench.log, bench.core));
    if (vote_log_bytes(bench.log) < before) life->first = height + 1;
}

static uint64_t live_through(uint64_t seed) {
    struct life life = {.first = 11, .synced = 10, .view = 10};
    false_disk_clear(&bench.disk);
    false_disk_init(&bench.disk, seed);
    begin();
    for (int i = 0; i < 60; i++) {
        append_vote(++life.view);
        if (false_disk_random(&bench.disk, 3) == 0) append_block(life.view, 700);
        if (false_disk_random(&bench.disk, 3) != 0) continue;
        sync_or_die(&life);
        if (life.view > 15 && life.synced == life.view) compact(&life);
    }
    return bench.disk.torn;
}

START_TEST(no_crash_takes_back_what_was_synced_or_shown) {
    uint64_t torn = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) torn += live_through(seed);
    ck_assert_uint_gt(torn, 100);
}
END_TEST

START_TEST(a_crash_while_the_log_begins_leaves_nothing_to_go_on_from) {
    for (uint64_t call = 1; call <= 3; call++) {
        for (uint64_t seed = 1; seed <= 40; seed++) {
            struct consensus_root root = root_at(10, NULL);
            false_disk_clear(&bench.disk);
            false_disk_init(&bench.disk, seed);
            bench.disk.fails_at = call;
            assert_ok(try_open());
            assert_status(vote_log_begin(bench.log, &root), STATUS_IO);
            bench.disk.fails_at = 0;
            false_disk_crash(&bench.disk);
            assert_ok(try_open());
            if (vote_log_is_new(bench.log)) assert_ok(vote_log_begin(bench.log, &root));
            append_vote(11);
            assert_ok(vote_log_sync(bench.log));
            replay();
            ck_assert_uint_eq(bench.view_count, 1);
        }
    }
}
END_TEST

// Whichever call fails, the disk holds either the log as it was or as it was to become.
START_TEST(a_compaction_that_fails_loses_nothing) {
    for (uint64_t call = 1; call <= 4; call++) {
        for (uint64_t seed = 1; seed <= 40; seed++) {
            false_disk_clear(&bench.disk);
            false_disk_init(&bench.disk, seed);
            begin();
            for (uint64_t view = 11; view <= 40; view++) {
                append_block(view, 300);
                append_vote(view);
            }
            assert_ok(vote_log_sync(bench.log));
            compact_at(38);
            bench.disk.fails_at = bench.disk.calls + call;
            assert_status(vote_log_compact(bench.log, bench.core), STATUS_IO);
            bench.disk.fails_at = 0;
            if (seed % 2 == 0) false_disk_crash(&bench.disk);
            replay();
            ck_assert_uint_eq(bench.views[bench.view_count - 1], 40);
            ck_assert(bench.view_count == 30 || bench.view_count == 2);
        }
    }
}
END_TEST

START_TEST(a_flipped_bit_is_found_wherever_a_later_sync_lies_behind_it) {
    begin();
    append_vote(11);
    append_block(12, 100);
    assert_ok(vote_log_sync(bench.log));
    size_t confirmed = bench.disk.files[0].content.len;
    append_vote(12);
    assert_ok(vote_log_sync(bench.log));
    struct buf *content = &bench.disk.files[0].content;
    for (size_t at = 0; at < content->len; at++) {
        content->data[at] ^= (uint8_t)(1 << at % 8);
        if (at < confirmed) {
            assert_status(try_open(), STATUS_CORRUPT);
        } else {
            size_t whole = content->len;
            replay();
            ck_assert_uint_eq(bench.view_count, 1);
            content->len = whole; // it was cut
        }
        content->data[at] ^= (uint8_t)(1 << at % 8);
    }
    replay();
    ck_assert_uint_eq(bench.view_count, 2);
}
END_TEST

START_TEST(the_log_of_another_key_is_not_taken) {
    begin();
    assert_status(try_open_as(8), STATUS_CONFLICT);
    assert_ok(try_open_as(7));
}
END_TEST

START_TEST(the_log_of_another_group_is_begun_again_once_that_is_accepted) {
    begin();
    append_block(11, 100);
    append_vote(11);
    append_block(12, 100);
    append_vote(12);
    assert_ok(vote_log_sync(bench.log));
    for (uint64_t call = 1; call <= 5; call++) {
        bench.accepts_new_keys = true;
        assert_ok(try_open_as(8));
        ck_assert(vote_log_is_others(bench.log));
        bench.view_count = 0;
        assert_ok(vote_log_replay(bench.log, visit, NULL));
        ck_assert_uint_eq(bench.view_count, 2);
        compact_at(11);
        // Whichever call fails, it is the other group's still, or the own.
        bench.disk.fails_at = call < 5 ? bench.disk.calls + call : 0;
        enum status status = vote_log_take_over(bench.log, bench.core);
        if (call < 5) assert_status(status, STATUS_IO);
        bench.disk.fails_at = 0;
        false_disk_crash(&bench.disk);
        bench.accepts_new_keys = false;
        if (try_open_as(8) == STATUS_OK) break;
        assert_ok(try_open_as(7));
        ck_assert(!vote_log_is_others(bench.log));
    }
    assert_status(try_open_as(7), STATUS_CONFLICT);
    assert_ok(try_open_as(8));
    bench.view_count = bench.block_count = 0;
    assert_ok(vote_log_replay(bench.log, visit, NULL));
    ck_assert_uint_eq(bench.view_count, 1);
    ck_assert_uint_eq(bench.views[0], 12);
    ck_assert_uint_eq(bench.block_count, 1);
}
END_TEST

START_TEST(a_groups_name_is_that_of_its_keys_in_any_order) {
    struct public_key keys[3] = {{{3}}, {{1}}, {{2}}};
    struct hash first, second;
    vote_log_group(&first, keys, 3);
    keys[0].bytes[0] = 2;
    keys[2].bytes[0] = 3;
    vote_log_group(&second, keys, 3);
    ck_assert(hash_equal(&first, &second));
    vote_log_group(&second, keys, 2);
    ck_assert(!hash_equal(&first, &second));
    vote_log_group(&second, NULL, 0);
    ck_assert(!hash_equal(&first, &second));
}
END_TEST

START_TEST(a_record_of_no_witness_holds_a_whole_epoch_back_and_nothing_else) {
    static struct vote_record record;
    struct vote_log_entry entry = {
        .record = {.kind = RECORD_VOTES,
                   .votes = {.epoch = 1, .view = GUARD_WHOLE_EPOCH, .kind = VOTE_NULLIFY}}};
    struct buf encoded = {0};
    vote_record_encode(&encoded, &entry);
    assert_ok(vote_record_decode(&record, buf_bytes(&encoded)));
    buf_reset(&encoded);
    entry.record.votes.view--;
    vote_record_encode(&encoded, &entry);
    assert_status(vote_record_decode(&record, buf_bytes(&encoded)), STATUS_MALFORMED);
    buf_clear(&encoded);
}
END_TEST

START_TEST(a_folder_keeps_a_log_like_any_disk) {
    char path[] = "/tmp/vote_log.XXXXXX";
    struct disk_folder *folder;
    ck_assert_ptr_nonnull(mkdtemp(path));
    assert_ok(disk_folder_open(&folder, path));
    bench.calls = disk_folder_calls(folder);
    begin();
    for (uint64_t view = 11; view <= 60; view++) {
        append_block(view, 300);
        append_vote(view);
    }
    assert_ok(vote_log_sync(bench.log));
    compact_at(50);
    assert_ok(vote_log_compact(bench.log, bench.core));
    append_vote(61);
    assert_ok(vote_log_sync(bench.log));
    disk_folder_close(folder);
    assert_ok(disk_folder_open(&folder, path));
    bench.calls = disk_folder_calls(folder);
    replay();
    ck_assert_uint_eq(bench.view_count, 11);
    ck_assert_uint_eq(bench.block_count, 10);
    disk_folder_close(folder);
    assert_ok(file_remove_tree(path));
}
END_TEST

START_TEST(a_certificate_is_kept_in_its_widest_form_alone) {
    static struct certificate certificate;
    static struct vote_record record;
    struct vote_log_entry entry = {
        .record = {.kind = RECORD_CERTIFICATE,
                   .sealed = {.epoch = 1, .kind = VOTE_NULLIFY, .certificate = &certificate}}};
    struct buf encoded = {0};
    vote_record_encode(&encoded, &entry);
    assert_ok(vote_record_decode(&record, buf_bytes(&encoded)));
    const size_t count_at = 1 + 8 + 1;
    ck_assert_uint_eq(encoded.data[count_at], LIMIT_WITNESSES);
    encoded.data[count_at] = LIMIT_WITNESSES - 1; // as many bytes of bitmap
    assert_status(vote_record_decode(&record, buf_bytes(&encoded)), STATUS_MALFORMED);
    buf_clear(&encoded);
}
END_TEST

Suite *vote_log_suite(void) {
    Suite *suite = suite_create("vote_log");
    TCase *cases = tcase_create("log");
    tcase_add_checked_fixture(cases, open_bench, close_bench);
    suite_add_tcase(suite, cases);
    tcase_add_test(cases, what_was_synced_comes_back_in_order);
    tcase_add_test(cases, a_new_root_hides_nothing_that_was_before_it);
    tcase_add_test(cases, one_sync_makes_all_of_a_loop_durable);
    tcase_add_test(cases, a_log_that_has_grown_keeps_what_is_needed);
    tcase_add_test(cases, no_crash_takes_back_what_was_synced_or_shown);
    tcase_add_test(cases, a_crash_while_the_log_begins_leaves_nothing_to_go_on_from);
    tcase_add_test(cases, a_compaction_that_fails_loses_nothing);
    tcase_add_test(cases, a_flipped_bit_is_found_wherever_a_later_sync_lies_behind_it);
    tcase_add_test(cases, a_certificate_is_kept_in_its_widest_form_alone);
    tcase_add_test(cases, the_log_of_another_key_is_not_taken);
    tcase_add_test(cases, the_log_of_another_group_is_begun_again_once_that_is_accepted);
    tcase_add_test(cases, a_groups_name_is_that_of_its_keys_in_any_order);
    tcase_add_test(cases, a_record_of_no_witness_holds_a_whole_epoch_back_and_nothing_else);
    tcase_add_test(cases, a_folder_keeps_a_log_like_any_disk);
    return suite;
}
