// SPDX-License-Identifier: Apache-2.0
// A driver whose key somebody else signs with, and what its log keeps of that.
#include "chaincore/witness/frame.h"
#include "chaincore/witness/vote_record.h"
#include "tests/unit/witness/stage.h"

static void open_four(void) {
    stage_open(4, 1);
    stage.has_twin = true;
}

// Three sign it, the first of them as given.
static void receive_certificate(struct vote *what, uint16_t first) {
    static struct certificate certificate;
    struct hash payload, chain_id = {0};
    certificate = (struct certificate){.view = what->view};
    witness_set_hash(&what->set_hash, &stage.set);
    vote_payload(&payload, what);
    for (uint16_t i = first; i < first + 3; i++) {
        struct signature signature;
        sign_payload(&signature, &stage.keys[i], SIGN_VOTE, &chain_id, &payload);
        certificate_add(&certificate, i, &signature);
    }
    struct consensus_message message = {
        .kind = MESSAGE_CERTIFICATE,
        .sealed = {.kind = what->kind, .block_id = what->block_id, .certificate = &certificate}};
    stage_receive_message(&message);
}

// Its vote is for one block, and its key's among a quorum's for another.
static void meet_twin(void) {
    struct vote other = {.kind = VOTE_NOTARIZE, .view = 1};
    stage_receive_proposal(&other.block_id);
    ck_assert_uint_eq(stage.sent_of[WIRE_NOTARIZE], 1);
    other.block_id.bytes[0] ^= 1;
    receive_certificate(&other, 0);
    ck_assert_uint_eq(stage.twins_met, 1);
}

static struct false_file *log_file(void) {
    struct false_file *log = NULL;
    for (size_t i = 0; i < FALSE_DISK_FILES; i++) {
        if (!stage.disk.files[i].is_named) continue;
        ck_assert_ptr_null(log);
        log = &stage.disk.files[i];
    }
    ck_assert_ptr_nonnull(log);
    return log;
}

// How often the log says that its keys are elsewhere; the last time at *at.
static size_t count_lines(uint64_t *at) {
    static struct vote_record record;
    struct bytes content = buf_bytes(&log_file()->durable), payload;
    struct frame_salt salt;
    uint64_t offset = FRAME_FILE_HEAD_BYTES, begin = offset;
    size_t count = 0;
    assert_ok(frame_file_open(&salt, content));
    for (; frame_next(&payload, &salt, content, &offset) == STATUS_OK; begin = offset) {
        assert_ok(vote_record_decode(&record, payload));
        if (record.kind != RECORD_VOTES) continue;
        if (record.entry.record.votes.epoch != GUARD_FOR_GOOD) continue;
        count++;
        *at = begin;
    }
    ck_assert_uint_eq(offset, content.len);
    return count;
}

// The power goes before that line, the last one, is on the disk.
static void cut_line(void) {
    struct false_file *log = log_file();
    uint64_t at = 0;
    ck_assert_uint_eq(count_lines(&at), 1);
    log->content.len = log->durable.len = at;
    ck_assert_uint_eq(count_lines(&at), 0);
}

// The chain is final above the view: a start leaves out what the log has of it.
static void move_on(uint64_t view) {
    static struct certificate certificate;
    certificate = (struct certificate){.view = view};
    stage.root = (struct consensus_root){.header = {.version = HEADER_VERSION,
                                                    .height = 2,
                                                    .view = view,
                                                    .time_ms = stage.genesis.time_ms},
                                         .view = view,
                                         .certificate = &certificate};
    header_id(&stage.root.id, &stage.root.header);
    stage.final_height = stage.root.header.height;
}

static void check_is_silent(void) {
    struct consensus_state state;
    uint64_t at;
    false_disk_crash(&stage.disk);
    stage_open_driver();
    memset(stage.sent_of, 0, sizeof stage.sent_of);
    assert_ok(stage_run_for(20000));
    for (int kind = WIRE_PROPOSE; kind <= WIRE_FINALIZE; kind++)
        ck_assert_uint_eq(stage.sent_of[kind], 0);
    driver_look(stage.driver, &state);
    ck_assert(state.guard.epoch == GUARD_FOR_GOOD);
    ck_assert_uint_eq(count_lines(&at), 1);
    ck_assert_uint_eq(stage.twins_met, 1);
}

// Also where the log is begun anew at once, for other keys.
START_TEST(what_the_log_alone_shows_is_kept) {
    uint64_t at;
    meet_twin();
    cut_line();
    stage.accepts_new_keys = _i == 1;
    if (_i == 1) stage.key_count = 2;
    stage_open_driver();
    ck_assert_uint_eq(count_lines(&at), 1);
    stage.accepts_new_keys = false;
    move_on(2);
    check_is_silent();
}
END_TEST

START_TEST(a_disk_that_cannot_keep_it_ends_the_start) {
    meet_twin();
    cut_line();
    stage.disk.fails_at = stage.disk.calls + 2; // what is there is synced first
    stage.expected = STATUS_IO;
    stage_open_driver();
    stage.disk.fails_at = 0;
    stage.expected = STATUS_OK;
    stage_open_driver();
    move_on(2);
    check_is_silent();
}
END_TEST

START_TEST(it_outlives_a_log_that_is_begun_anew) {
    uint64_t at, view = 1;
    stage.slack_bytes = 1;
    stage_open_driver();
    meet_twin();
    uint64_t first = log_file()->number;
    while (log_file()->number == first) {
        ck_assert_uint_lt(view, 60);
        receive_certificate(&(struct vote){.kind = VOTE_NULLIFY, .view = ++view}, 1);
    }
    ck_assert_uint_eq(count_lines(&at), 1);
    move_on(view + 1);
    check_is_silent();
}
END_TEST

Suite *driver_twin_suite(void) {
    Suite *suite = suite_create("driver with a twin");
    TCase *tcase = tcase_create("one of four");
    tcase_add_checked_fixture(tcase, open_four, stage_close);
    suite_add_tcase(suite, tcase);
    tcase_add_loop_test(tcase, what_the_log_alone_shows_is_kept, 0, 2);
    tcase_add_test(tcase, a_disk_that_cannot_keep_it_ends_the_start);
    tcase_add_test(tcase, it_outlives_a_log_that_is_begun_anew);
    return suite;
}
