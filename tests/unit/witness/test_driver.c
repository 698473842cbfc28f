// SPDX-License-Identifier: Apache-2.0
// One driver with one key. How many of them fare is tests/sim/drivers.
#include <stdlib.h>

#include "tests/unit/witness/stage.h"

static void open_lone(void) { stage_open(1, 1); }
static void open_four(void) { stage_open(4, 1); }

START_TEST(a_witness_alone_makes_blocks_final_through_epochs) {
    assert_ok(stage_run_for(20000));
    ck_assert_uint_ge(stage.final_height, 25);
    ck_assert_uint_lt(stage.final_height, 45);
    ck_assert_uint_gt(stage.sent, 0);
    ck_assert_uint_eq(stage.sent_unsynced, 0);
}
END_TEST

START_TEST(after_a_power_cut_it_goes_on_where_it_was) {
    for (int i = 0; i < 5; i++) {
        assert_ok(stage_run_for(3000));
        uint64_t before = stage.final_height;
        false_disk_crash(&stage.disk);
        stage_open_driver();
        assert_ok(stage_run_for(2000));
        ck_assert_uint_gt(stage.final_height, before);
    }
}
END_TEST

START_TEST(a_disk_that_fails_ends_it_before_anything_is_sent) {
    assert_ok(stage_run_for(3000));
    uint64_t sent = stage.sent, height = stage.final_height;
    stage.disk.fails_at = stage.disk.calls + 1;
    assert_status(stage_run_for(3000), STATUS_IO);
    ck_assert_uint_eq(stage.sent, sent);
    ck_assert_uint_eq(stage.final_height, height);
    stage.disk.fails_at = 0;
    false_disk_crash(&stage.disk);
    stage_open_driver();
    assert_ok(stage_run_for(2000));
    ck_assert_uint_gt(stage.final_height, height);
}
END_TEST

// What stands behind it, the next epoch's set for one, the chain cannot say then.
START_TEST(a_chain_that_cannot_keep_a_boundary_ends_it) {
    stage.fails_at_height = EPOCH_BLOCKS - 1;
    assert_status(stage_run_for(20000), STATUS_IO);
    ck_assert_uint_eq(stage.final_height, EPOCH_BLOCKS - 2);
    stage.fails_at_height = 0;
    stage_open_driver();
    assert_ok(stage_run_for(2000));
    ck_assert_uint_gt(stage.final_height, EPOCH_BLOCKS - 1);
}
END_TEST

START_TEST(who_has_lost_its_log_signs_nothing_in_this_epoch) {
    assert_ok(stage_run_for(3000));
    ck_assert_uint_gt(stage.final_height, 2);
    ck_assert_uint_lt(stage.final_height, EPOCH_BLOCKS - 1);
    uint64_t height = stage.final_height;
    false_disk_clear(&stage.disk);
    false_disk_init(&stage.disk, 2);
    stage_open_driver();
    for (int i = 0; i < 2; i++) {
        stage.votes_sent = 0;
        assert_ok(stage_run_for(5000));
        ck_assert_uint_eq(stage.votes_sent, 0);
        ck_assert_uint_eq(stage.final_height, height);
        stage_open_driver(); // that is remembered
    }
}
END_TEST

static void lose_log(void) {
    false_disk_clear(&stage.disk);
    false_disk_init(&stage.disk, 2);
    stage_open_driver();
}

static void check_silence(void) {
    stage.votes_sent = 0;
    assert_ok(stage_run_for(20000));
    ck_assert_uint_eq(stage.votes_sent, 0);
}

// An empty folder does not say that its keys have never signed.
START_TEST(at_genesis_it_signs_if_that_is_its_first_start) {
    lose_log();
    check_silence();
    ck_assert_uint_eq(stage.final_height, 0);
    stage.is_first_start = true;
    stage_open_driver(); // there is a log, and it holds the keys back
    check_silence();
    lose_log();
    assert_ok(stage_run_for(3000));
    ck_assert_uint_gt(stage.final_height, 2);
}
END_TEST

// A host may say so at every start: a folder that was lost later is lost all the same.
START_TEST(a_chain_that_has_blocks_is_no_first_start) {
    assert_ok(stage_run_for(3000));
    uint64_t height = stage.final_height;
    ck_assert_uint_gt(height, 2);
    stage.is_first_start = true;
    lose_log();
    check_silence();
    ck_assert_uint_eq(stage.final_height, height);
}
END_TEST

// The chain that it has may be an old copy: how far its key has come, only the network knows.
START_TEST(who_has_lost_its_log_signs_nothing_where_a_sync_takes_it) {
    static struct certificate certificate = {.view = 42};
    struct consensus_state state;
    lose_log();
    for (int i = 9; i < 40; i += EPOCH_BLOCKS) stage.finals[i].view = (uint64_t)i;
    struct consensus_root root = {
        .epoch = 4,
        .header = {.version = HEADER_VERSION, .height = 42, .epoch = 4, .view = 42},
        .view = 42,
        .certificate = &certificate};
    header_id(&root.id, &root.header);
    assert_ok(driver_take_synced(stage.driver, &root, &stage.time));
    driver_look(stage.driver, &state);
    ck_assert_uint_eq(state.epoch, 4);
    ck_assert_uint_eq(state.guard.epoch, 5); // the network may be there
    check_silence();
    stage.root = root;
    stage_open_driver(); // that is remembered
    driver_look(stage.driver, &state);
    ck_assert_uint_eq(state.guard.epoch, 5);
    check_silence();
}
END_TEST

// The others alone make blocks final, to the end of the second epoch.
static void follow_two_epochs(void) {
    struct block_place place = {.parent = stage.root.id};
    for (place.height = 1; place.height < 2 * EPOCH_BLOCKS; place.height++) {
        stage_receive_proposal_at(&place.parent, &place);
        for (uint16_t i = 1; i < 4; i++)
            stage_receive_vote_in(place.height, VOTE_FINALIZE, i, &place.parent);
        stage.time.now_ms += INTERVAL_MS;
        stage.time.wall_ms += INTERVAL_MS;
        assert_ok(driver_run(stage.driver, &stage.time));
        ck_assert_uint_eq(stage.final_height, place.height);
    }
    ck_assert_uint_eq(stage.votes_sent, 0);
}

START_TEST(who_has_lost_its_log_signs_behind_a_boundary_of_its_time) {
    lose_log();
    follow_two_epochs();
    assert_ok(stage_run_for(10000));
    ck_assert_uint_gt(stage.votes_sent, 0);
}
END_TEST

START_TEST(who_has_lost_its_log_signs_nothing_behind_an_old_boundary) {
    lose_log();
    stage.time.wall_ms += 10000; // when that was made, its key may have been elsewhere
    follow_two_epochs();
    check_silence();
    stage_open_driver();
    check_silence();
}
END_TEST

// By such a clock all boundaries look new. Set right before the second, it tells when this process
// began, all the same.
START_TEST(a_clock_that_was_set_back_makes_no_old_boundary_new) {
    const uint64_t back_ms = 10 * 60 * 1000;
    lose_log();
    stage.time.wall_ms += 10000;
    stage.time.wall_ms -= back_ms;
    assert_ok(driver_run(stage.driver, &stage.time));
    if (_i == 1) stage.time.wall_ms += back_ms;
    follow_two_epochs();
    check_silence();
}
END_TEST

START_TEST(a_chain_that_is_behind_its_log_is_refused) {
    struct consensus_root genesis = stage.root;
    assert_ok(stage_run_for(12000)); // the log begins again with each epoch
    ck_assert_uint_gt(stage.final_height, EPOCH_BLOCKS);
    stage.root = genesis;
    stage.expected = STATUS_CORRUPT;
    stage_open_driver();
}
END_TEST

START_TEST(votes_of_others_make_a_block_final_and_who_lacks_it_gets_it) {
    struct hash id;
    stage_receive_proposal(&id);
    ck_assert_uint_eq(stage.sent_of[WIRE_NOTARIZE], 1);
    for (uint16_t witness = 1; witness < 3; witness++)
        stage_receive_vote(VOTE_NOTARIZE, witness, &id);
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.sent_of[WIRE_FINALIZE], 1);
    ck_assert_uint_eq(stage.final_height, 0);
    for (uint16_t witness = 1; witness < 3; witness++)
        stage_receive_vote(VOTE_FINALIZE, witness, &id);
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.final_height, 1);
    struct consensus_message fetch = {.kind = MESSAGE_FETCH, .fetch = {.view = 1, .block_id = id}};
    stage_receive_message(&fetch);
    ck_assert_uint_ge(stage.sent_of[WIRE_CERTIFICATE], 1);
    ck_assert_uint_eq(stage.sent_of[WIRE_BLOCK], 1);
    struct verify_counts counts;
    driver_count(stage.driver, &counts);
    ck_assert_uint_eq(counts.computed, 5);
}
END_TEST

START_TEST(two_blocks_final_in_one_loop_are_shown_by_their_own_certificates) {
    struct hash ids[2];
    stage_receive_proposal(&ids[0]);
    for (uint16_t i = 1; i < 3; i++) stage_receive_vote(VOTE_NOTARIZE, i, &ids[0]);
    assert_ok(driver_run(stage.driver, &stage.time));
    stage_receive_proposal_at(&ids[1], &(struct block_place){.height = 2, .parent = ids[0]});
    for (uint16_t i = 1; i < 3; i++) stage_receive_vote_in(2, VOTE_NOTARIZE, i, &ids[1]);
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.final_height, 0);
    for (uint64_t view = 1; view <= 2; view++)
        for (uint16_t i = 1; i < 3; i++)
            stage_receive_vote_in(view, VOTE_FINALIZE, i, &ids[view - 1]);
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.final_height, 2);
}
END_TEST

START_TEST(a_block_that_is_not_final_is_handed_on_too) {
    struct consensus_message fetch = {.kind = MESSAGE_FETCH, .fetch = {.view = 1}};
    stage_receive_proposal(&fetch.fetch.block_id);
    stage_receive_message(&fetch);
    ck_assert_uint_eq(stage.sent_of[WIRE_BLOCK], 1);
    fetch.fetch.block_id.bytes[0] ^= 1;
    stage_receive_message(&fetch);
    ck_assert_uint_eq(stage.sent_of[WIRE_BLOCK], 1);
}
END_TEST

// Each costs a block that is read, copied and encoded.
START_TEST(of_the_fetches_of_a_peer_the_last_is_answered) {
    struct consensus_message message = {.kind = MESSAGE_FETCH, .fetch = {.view = 1}};
    struct buf fetch = {0}, other = {0};
    stage_receive_proposal(&message.fetch.block_id);
    wire_encode(&fetch, &message, NULL);
    message.fetch.block_id.bytes[0] ^= 1; // that nobody has
    wire_encode(&other, &message, NULL);
    for (int i = 0; i < LIMIT_DRIVER_QUEUE_OF_PEER; i++)
        assert_ok(driver_receive(stage.driver, 3, buf_bytes(&fetch)));
    assert_ok(driver_receive(stage.driver, 2, buf_bytes(&fetch)));
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.sent_of[WIRE_BLOCK], 2);
    assert_ok(driver_receive(stage.driver, 3, buf_bytes(&fetch)));
    assert_ok(driver_receive(stage.driver, 3, buf_bytes(&other)));
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.sent_of[WIRE_BLOCK], 2);
    // What who has left asked for is nothing to who gets the number.
    assert_ok(driver_receive(stage.driver, 3, buf_bytes(&other)));
    driver_peer_left(stage.driver, 3);
    assert_ok(driver_receive(stage.driver, 3, buf_bytes(&fetch)));
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.sent_of[WIRE_BLOCK], 3);
    buf_clear(&fetch);
    buf_clear(&other);
}
END_TEST

static uint64_t unanswered(void) {
    struct driver_counts counts;
    driver_count_votes(stage.driver, &counts);
    return counts.unanswered;
}

// Seventy bytes for a block, as often as somebody likes.
START_TEST(who_asks_for_more_than_anybody_needs_is_not_answered_for_a_while) {
    struct consensus_message message = {.kind = MESSAGE_FETCH, .fetch = {.view = 1}};
    struct buf fetch = {0};
    stage_receive_proposal(&message.fetch.block_id);
    wire_encode(&fetch, &message, NULL);
    stage.bytes_sent = 0;
    for (uint64_t i = 0; i < LIMIT_ANSWER_BYTES / 64 && unanswered() == 0; i++) {
        assert_ok(driver_receive(stage.driver, 3, buf_bytes(&fetch)));
        assert_ok(driver_run(stage.driver, &stage.time));
    }
    ck_assert_uint_eq(unanswered(), 1);
    ck_assert_uint_ge(stage.bytes_sent, LIMIT_ANSWER_BYTES);
    ck_assert_uint_lt(stage.bytes_sent, LIMIT_ANSWER_BYTES + 4096);
    uint64_t sent = stage.sent_of[WIRE_BLOCK];
    assert_ok(driver_receive(stage.driver, 2, buf_bytes(&fetch))); // another
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.sent_of[WIRE_BLOCK], sent + 1);
    stage.time.now_ms += 1;
    for (int i = 0; i < 100; i++) {
        assert_ok(driver_receive(stage.driver, 3, buf_bytes(&fetch)));
        assert_ok(driver_run(stage.driver, &stage.time));
    }
    ck_assert_uint_gt(stage.sent_of[WIRE_BLOCK], sent + 1);
    ck_assert_uint_lt(stage.sent_of[WIRE_BLOCK], sent + 100);
    buf_clear(&fetch);
}
END_TEST

START_TEST(a_certificate_ends_a_view) {
    static struct certificate certificate = {.view = 1};
    struct consensus_state state;
    struct hash payload, chain_id = {0};
    struct vote what = {.kind = VOTE_NULLIFY, .view = 1};
    witness_set_hash(&what.set_hash, &stage.set);
    vote_payload(&payload, &what);
    for (uint16_t i = 1; i < 4; i++) {
        struct signature signature;
        sign_payload(&signature, &stage.keys[i], SIGN_VOTE, &chain_id, &payload);
        certificate_add(&certificate, i, &signature);
    }
    struct consensus_message message = {
        .kind = MESSAGE_CERTIFICATE, .sealed = {.kind = VOTE_NULLIFY, .certificate = &certificate}};
    stage_receive_message(&message);
    driver_look(stage.driver, &state);
    ck_assert_uint_eq(state.view, 2);
    ck_assert_uint_eq(stage.evidence, 0);
    struct verify_counts first, again;
    driver_count(stage.driver, &first);
    ck_assert_uint_eq(first.computed, 3);
    stage_receive_message(&message); // nothing new is not looked at
    driver_count(stage.driver, &again);
    ck_assert_uint_eq(again.computed + again.remembered, first.computed + first.remembered);
    ck_assert_uint_eq(again.useless, first.useless + 1);
}
END_TEST

START_TEST(two_votes_that_contradict_one_another_are_shown) {
    struct hash one = {{1}}, other = {{2}};
    stage_receive_vote(VOTE_NOTARIZE, 1, &one);
    stage_receive_vote(VOTE_NOTARIZE, 1, &other);
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.evidence, 1);
}
END_TEST

START_TEST(without_work_no_block_is_made) {
    stage.leaves_out_empty_blocks = true;
    false_disk_clear(&stage.disk);
    stage.is_first_start = true;
    stage_open_driver();
    assert_ok(stage_run_for(10000));
    ck_assert_uint_eq(stage.final_height, 0);
    ck_assert_uint_gt(driver_wake_ms(stage.driver), stage.time.now_ms);
    // Each block may have done all of it: that more is left has to be said again.
    for (uint64_t height = 1; height < 4; height++) {
        driver_note_work(stage.driver, true);
        assert_ok(stage_run_for(3000));
        ck_assert_uint_eq(stage.final_height, height);
    }
    driver_note_work(stage.driver, false);
    assert_ok(stage_run_for(5000));
    ck_assert_uint_eq(stage.final_height, 3);
}
END_TEST

START_TEST(after_a_sync_it_goes_on_from_there) {
    static struct certificate certificate = {.view = 12};
    struct consensus_state state;
    stage.finals[9].view = 9;
    struct consensus_root root = {
        .epoch = 1,
        .header = {.version = HEADER_VERSION, .height = 12, .epoch = 1, .view = 12},
        .view = 12,
        .certificate = &certificate};
    header_id(&root.id, &root.header);
    assert_ok(driver_take_synced(stage.driver, &root, &stage.time));
    driver_look(stage.driver, &state);
    ck_assert_uint_eq(state.final_height, 12);
    ck_assert_uint_eq(state.epoch, 1);
    ck_assert_uint_eq(state.view, 13);
    root.header.height = 11; // older: nothing
    assert_ok(driver_take_synced(stage.driver, &root, &stage.time));
    driver_look(stage.driver, &state);
    ck_assert_uint_eq(state.final_height, 12);
}
END_TEST

static void receive_null(uint64_t view) {
    static struct certificate certificate;
    struct hash payload, chain_id = {0};
    struct vote what = {.kind = VOTE_NULLIFY, .view = view};
    certificate = (struct certificate){.view = view};
    witness_set_hash(&what.set_hash, &stage.set);
    vote_payload(&payload, &what);
    for (uint16_t i = 1; i < 4; i++) {
        struct signature signature;
        sign_payload(&signature, &stage.keys[i], SIGN_VOTE, &chain_id, &payload);
        certificate_add(&certificate, i, &signature);
    }
    struct consensus_message message = {
        .kind = MESSAGE_CERTIFICATE, .sealed = {.kind = VOTE_NULLIFY, .certificate = &certificate}};
    stage_receive_message(&message);
}

// Were all nodes to crash, nobody would have it any more.
START_TEST(what_lies_above_a_sync_outlives_a_restart) {
    static struct certificate certificate = {.view = 4};
    struct consensus_state before, after;
    for (uint64_t view = 5; view < 9; view++) receive_null(view);
    struct consensus_root root = {.header = {.version = HEADER_VERSION, .height = 3, .view = 4},
                                  .view = 4,
                                  .certificate = &certificate};
    header_id(&root.id, &root.header);
    assert_ok(driver_take_synced(stage.driver, &root, &stage.time));
    driver_look(stage.driver, &before);
    ck_assert_uint_eq(before.final_height, 3);
    ck_assert_uint_eq(before.view, 9);
    stage.root = root;
    false_disk_crash(&stage.disk);
    stage_open_driver();
    driver_look(stage.driver, &after);
    ck_assert_uint_eq(after.final_height, 3);
    ck_assert_uint_eq(after.view, 9);
}
END_TEST

// Blocks come in bulk, some in each run; meanwhile a certificate may end the epoch that agreement
// is in.
START_TEST(a_chain_that_is_epochs_further_is_waited_for) {
    static struct certificate certificate = {.view = 42};
    struct consensus_state state;
    stage.is_further = true;
    assert_ok(stage_run_for(10000));
    driver_look(stage.driver, &state);
    ck_assert_uint_eq(state.epoch, 0);
    ck_assert_uint_eq(state.final_height, EPOCH_BLOCKS - 1);
    stage.is_further = false;
    for (int i = 19; i < 40; i += EPOCH_BLOCKS) stage.finals[i].view = (uint64_t)i;
    struct consensus_root root = {
        .epoch = 4,
        .header = {.version = HEADER_VERSION, .height = 42, .epoch = 4, .view = 42},
        .view = 42,
        .certificate = &certificate};
    header_id(&root.id, &root.header);
    stage.root = root;
    stage.final_height = root.header.height;
    assert_ok(driver_take_synced(stage.driver, &root, &stage.time));
    driver_look(stage.driver, &state);
    ck_assert_uint_eq(state.epoch, 4);
    ck_assert_uint_ge(state.final_height, root.header.height);
}
END_TEST

START_TEST(a_set_that_is_not_what_its_epoch_names_is_refused) {
    stage.has_unsound_set = true;
    stage.expected = STATUS_INVALID;
    stage_open_driver();
}
END_TEST

START_TEST(a_block_with_somebody_elses_body_is_not_executed) {
    struct buf proposal = {0};
    stage_make_proposal(&proposal);
    stage.has_false_bodies = true;
    assert_ok(driver_receive(stage.driver, 2, buf_bytes(&proposal)));
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.bodies_looked_at, 1);
    ck_assert_uint_eq(stage.blames, 1);
    ck_assert_uint_eq(stage.executed, 0);
    stage.has_false_bodies = false;
    assert_ok(driver_receive(stage.driver, 1, buf_bytes(&proposal)));
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.executed, 1);
    buf_clear(&proposal);
}
END_TEST

START_TEST(a_block_that_nobody_asked_for_is_not_looked_at) {
    struct buf block = {0};
    struct header header = {.version = HEADER_VERSION, .height = 1, .view = 1};
    wire_encode_block(&block, &header, bytes_of_string("body"));
    assert_ok(driver_receive(stage.driver, 1, buf_bytes(&block)));
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.bodies_looked_at, 0);
    buf_clear(&block);
}
END_TEST

START_TEST(who_was_not_asked_does_not_start_a_sync) {
    struct buf ahead = {0};
    struct consensus_message message = {.kind = MESSAGE_AHEAD, .ahead = {.height = 1000}};
    wire_encode(&ahead, &message, NULL);
    assert_ok(driver_receive(stage.driver, 3, buf_bytes(&ahead)));
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.syncs, 0);
    // find_peer says 1 of everybody: whom it asks, it believes once.
    assert_ok(stage_run_for(5000));
    for (int i = 0; i < 2; i++) assert_ok(driver_receive(stage.driver, 1, buf_bytes(&ahead)));
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.syncs, 1);
    buf_clear(&ahead);
}
END_TEST

START_TEST(who_passes_on_what_nobody_signed_is_named) {
    struct buf proposal = {0};
    stage_make_proposal(&proposal);
    proposal.data[20] ^= 1; // of the signature
    assert_ok(driver_receive(stage.driver, 2, buf_bytes(&proposal)));
    proposal.data[20] ^= 1;
    proposal.data[1] ^= 1; // another epoch: late, or early, and no forgery
    assert_ok(driver_receive(stage.driver, 1, buf_bytes(&proposal)));
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.blames, 1);
    ck_assert_uint_eq(stage.executed, 0);
    buf_clear(&proposal);
}
END_TEST

// Another gets its number.
START_TEST(who_has_left_is_not_named_nor_believed) {
    struct buf proposal = {0}, ahead = {0};
    struct consensus_message message = {.kind = MESSAGE_AHEAD, .ahead = {.height = 1000}};
    stage_make_proposal(&proposal);
    proposal.data[20] ^= 1; // of the signature
    assert_ok(driver_receive(stage.driver, 2, buf_bytes(&proposal)));
    driver_peer_left(stage.driver, 2);
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.blames, 0);
    assert_ok(stage_run_for(5000)); // 1 is asked, see above
    driver_peer_left(stage.driver, 1);
    wire_encode(&ahead, &message, NULL);
    assert_ok(driver_receive(stage.driver, 1, buf_bytes(&ahead)));
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.syncs, 0);
    buf_clear(&proposal);
    buf_clear(&ahead);
}
END_TEST

START_TEST(what_waits_is_bounded) {
    struct buf ahead = {0};
    struct consensus_message message = {.kind = MESSAGE_AHEAD, .ahead = {.height = 1000}};
    wire_encode(&ahead, &message, NULL);
    const uint16_t peers = LIMIT_DRIVER_QUEUE / LIMIT_DRIVER_QUEUE_OF_PEER;
    for (uint16_t peer = 0; peer < peers; peer++) {
        for (int i = 0; i < LIMIT_DRIVER_QUEUE_OF_PEER; i++)
            if (driver_receive(stage.driver, peer, buf_bytes(&ahead)) != STATUS_OK) ck_abort();
        assert_status(driver_receive(stage.driver, peer, buf_bytes(&ahead)), STATUS_BUSY);
    }
    assert_status(driver_receive(stage.driver, peers, buf_bytes(&ahead)), STATUS_BUSY);
    assert_ok(driver_run(stage.driver, &stage.time));
    assert_ok(driver_receive(stage.driver, 3, buf_bytes(&ahead)));
    assert_status(driver_receive(stage.driver, 3, bytes_of_string("\x63")), STATUS_MALFORMED);
    buf_clear(&ahead);
}
END_TEST

Suite *driver_suite(void) {
    Suite *suite = suite_create("driver");
    TCase *lone = tcase_create("alone"), *four = tcase_create("one of four");
    tcase_add_checked_fixture(lone, open_lone, stage_close);
    tcase_add_checked_fixture(four, open_four, stage_close);
    suite_add_tcase(suite, lone);
    suite_add_tcase(suite, four);
    tcase_add_test(lone, a_witness_alone_makes_blocks_final_through_epochs);
    tcase_add_test(lone, after_a_power_cut_it_goes_on_where_it_was);
    tcase_add_test(lone, a_disk_that_fails_ends_it_before_anything_is_sent);
    tcase_add_test(lone, a_chain_that_cannot_keep_a_boundary_ends_it);
    tcase_add_test(lone, who_has_lost_its_log_signs_nothing_in_this_epoch);
    tcase_add_test(lone, at_genesis_it_signs_if_that_is_its_first_start);
    tcase_add_test(lone, a_chain_that_has_blocks_is_no_first_start);
    tcase_add_test(lone, a_chain_that_is_epochs_further_is_waited_for);
    tcase_add_test(four, who_has_lost_its_log_signs_nothing_where_a_sync_takes_it);
    tcase_add_test(four, who_has_lost_its_log_signs_behind_a_boundary_of_its_time);
    tcase_add_test(four, who_has_lost_its_log_signs_nothing_behind_an_old_boundary);
    tcase_add_loop_test(four, a_clock_that_was_set_back_makes_no_old_boundary_new, 0, 2);
    tcase_add_test(lone, a_chain_that_is_behind_its_log_is_refused);
    tcase_add_test(lone, without_work_no_block_is_made);
    tcase_add_test(four, votes_of_others_make_a_block_final_and_who_lacks_it_gets_it);
    tcase_add_test(four, two_blocks_final_in_one_loop_are_shown_by_their_own_certificates);
    tcase_add_test(four, a_block_that_is_not_final_is_handed_on_too);
    tcase_add_test(four, of_the_fetches_of_a_peer_the_last_is_answered);
    tcase_add_test(four, who_asks_for_more_than_anybody_needs_is_not_answered_for_a_while);
    tcase_add_test(four, a_certificate_ends_a_view);
    tcase_add_test(four, two_votes_that_contradict_one_another_are_shown);
    tcase_add_test(four, after_a_sync_it_goes_on_from_there);
    tcase_add_test(four, what_lies_above_a_sync_outlives_a_restart);
    tcase_add_test(four, a_set_that_is_not_what_its_epoch_names_is_refused);
    tcase_add_test(four, a_block_with_somebody_elses_body_is_not_executed);
    tcase_add_test(four, a_block_that_nobody_asked_for_is_not_looked_at);
    tcase_add_test(four, who_was_not_asked_does_not_start_a_sync);
    tcase_add_test(four, who_passes_on_what_nobody_signed_is_named);
    tcase_add_test(four, who_has_left_is_not_named_nor_believed);
    tcase_add_test(four, what_waits_is_bounded);
    return suite;
}
