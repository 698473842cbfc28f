// SPDX-License-Identifier: Apache-2.0
// One driver on a chain that counts what it is told. How many of them fare is tests/sim/drivers.
#include "chaincore/witness/driver.h"

#include <stdlib.h>

#include "tests/support/false_disk.h"
#include "tests/unit/witness/suites.h"

enum { INTERVAL_MS = 500, EPOCH_BLOCKS = 10 };

// A set of one, or of four of which this is the first: then nothing gets a quorum.
static struct {
    struct false_disk disk;
    struct driver *driver;
    struct secret_key keys[4];
    struct witness_set set;
    struct header genesis;
    struct consensus_root root;
    struct certificate certificate;
    struct header finals[64];
    uint64_t final_height;
    uint64_t sent, sent_unsynced, executed, syncs, bodies_looked_at, blames, votes_sent, evidence;
    uint64_t sent_of[WIRE_KINDS];
    bool has_false_bodies, leaves_out_empty_blocks, has_unsound_set;
    enum status expected; // of driver_open
    struct driver_time time;
} stage;

static bool is_synced(void) {
    for (size_t i = 0; i < FALSE_DISK_FILES; i++) {
        const struct false_file *file = &stage.disk.files[i];
        if (file->is_named && !bytes_equal(buf_bytes(&file->content), buf_bytes(&file->durable)))
            return false;
    }
    return true;
}

static void send(void *context, uint16_t peer, struct bytes message) {
    (void)context, (void)peer;
    stage.sent++;
    if (message.data[0] <= WIRE_FINALIZE) stage.votes_sent++;
    stage.sent_of[message.data[0]]++;
    if (!is_synced()) stage.sent_unsynced++;
}

static uint16_t find_peer(void *context, const struct public_key *key) {
    (void)context, (void)key;
    return 1;
}

static bool is_body_of(void *context, const struct header *header, struct bytes body) {
    (void)context, (void)header, (void)body;
    stage.bodies_looked_at++;
    return !stage.has_false_bodies;
}

static bool execute(void *context, const struct header *header, struct bytes body) {
    (void)context, (void)header, (void)body;
    stage.executed++;
    return true;
}

static bool build(void *context, const struct driver_build *build, struct header *out,
                  struct buf *body) {
    (void)context;
    *out = (struct header){.version = HEADER_VERSION,
                           .height = build->parent->height + 1,
                           .epoch = build->epoch,
                           .view = build->view,
                           .parent = build->parent_id,
                           .time_ms = build->time_ms,
                           .leader = build->leader,
                           .set_hash = build->rules->set_hash};
    if (build->parent_certificate) {
        out->parent_voters_len = 1;
        out->parent_voters[0] = build->parent_certificate->bitmap[0];
    }
    buf_append_string(body, "body");
    return true;
}

static void forget(void *context, const struct hash *id) { (void)context, (void)id; }

// Of this very block, and not of one above it.
static void check_certificate(const struct driver_final *final) {
    struct hash chain_id = {0};
    struct vote what = {.epoch = final->header->epoch,
                        .kind = VOTE_FINALIZE,
                        .view = final->certificate->view,
                        .block_id = final->id};
    witness_set_hash(&what.set_hash, &stage.set);
    assert_ok(certificate_check(final->certificate, &stage.set, &what, &chain_id));
}

static void finalize(void *context, const struct driver_final *final) {
    (void)context;
    uint64_t height = final->header->height;
    if (final->certificate) check_certificate(final);
    assert_bytes_equal(final->body, bytes_of_string("body"));
    ck_assert(is_synced());
    if (height <= stage.final_height) return;
    ck_assert_uint_eq(height, stage.final_height + 1);
    stage.finals[height] = *final->header;
    if (final->certificate) {
        stage.certificate = *final->certificate;
        stage.root = (struct consensus_root){.epoch = final->header->epoch,
                                             .header = *final->header,
                                             .id = final->id,
                                             .view = final->certificate->view,
                                             .certificate = &stage.certificate};
    }
    stage.final_height = height;
}

static bool find_block(void *context, const struct hash *id, struct header *header,
                       struct buf *body) {
    (void)context;
    if (stage.final_height == 0 || !hash_equal(id, &stage.root.id)) return false;
    *header = stage.root.header;
    buf_append_string(body, "body");
    return true;
}

static void epoch_rules(void *context, uint64_t epoch, struct consensus_epoch *rules,
                        struct witness_set *set) {
    (void)context;
    *rules = (struct consensus_epoch){.epoch = epoch,
                                      .first_view = 1,
                                      .witness_count = stage.set.count,
                                      .block_interval_ms = INTERVAL_MS,
                                      .epoch_blocks = EPOCH_BLOCKS,
                                      .leave_out_empty_blocks = stage.leaves_out_empty_blocks};
    if (epoch > 0) rules->first_view = stage.finals[epoch * EPOCH_BLOCKS - 1].view + 1;
    witness_set_hash(&rules->set_hash, &stage.set);
    if (stage.has_unsound_set) rules->set_hash.bytes[0] ^= 1;
    *set = stage.set;
}

static void sync_from(void *context, uint16_t peer) {
    (void)context, (void)peer;
    stage.syncs++;
}
static void evidence(void *context, const struct driver_evidence *found) {
    (void)context;
    ck_assert_uint_eq(found->first.witness, 1);
    ck_assert_uint_eq(found->second.witness, 1);
    stage.evidence++;
}
static void blame(void *context, uint16_t peer) {
    (void)context;
    ck_assert_uint_eq(peer, 2);
    stage.blames++;
}
static void halt(void *context, enum halt_reason reason) {
    (void)context;
    ck_abort_msg("halted for reason %d", (int)reason);
}
static void draw(void *context, void *out, size_t len) {
    (void)context;
    false_disk_draw(&stage.disk, out, len);
}

static void open_driver(void) {
    struct driver_calls calls = {.send = send,
                                 .find_peer = find_peer,
                                 .is_body_of = is_body_of,
                                 .execute = execute,
                                 .build = build,
                                 .forget = forget,
                                 .finalize = finalize,
                                 .find_block = find_block,
                                 .epoch = epoch_rules,
                                 .sync = sync_from,
                                 .evidence = evidence,
                                 .blame = blame,
                                 .halt = halt,
                                 .draw = draw};
    struct disk disk = false_disk_calls(&stage.disk);
    struct driver_config config = {.calls = &calls,
                                   .disk = &disk,
                                   .key = &stage.keys[0],
                                   .timeout_ms = 1000,
                                   .root = &stage.root};
    driver_close(stage.driver);
    stage.driver = NULL;
    assert_status(driver_open(&stage.driver, &config), stage.expected);
}

static void open_stage(uint16_t witnesses) {
    memset(&stage, 0, sizeof stage);
    false_disk_init(&stage.disk, 1);
    stage.set.count = witnesses;
    for (uint16_t i = 0; i < witnesses; i++) {
        uint8_t seed[32] = {(uint8_t)i, 3};
        key_from_seed(&stage.keys[i], &stage.set.keys[i], seed);
    }
    stage.time = (struct driver_time){.now_ms = 1000, .wall_ms = 1000000};
    stage.genesis = (struct header){.version = HEADER_VERSION, .time_ms = 999000};
    stage.root = (struct consensus_root){.header = stage.genesis};
    header_id(&stage.root.id, &stage.genesis);
    open_driver();
}

static void open_lone(void) { open_stage(1); }
static void open_four(void) { open_stage(4); }

static void close_stage(void) {
    driver_close(stage.driver);
    false_disk_clear(&stage.disk);
}

static enum status run_for(uint64_t ms) {
    enum status status = STATUS_OK;
    uint64_t until = stage.time.now_ms + ms;
    while (stage.time.now_ms < until && status == STATUS_OK) {
        stage.time.now_ms += 50;
        stage.time.wall_ms += 50;
        status = driver_run(stage.driver, &stage.time);
    }
    return status;
}

START_TEST(a_witness_alone_makes_blocks_final_through_epochs) {
    assert_ok(run_for(20000));
    ck_assert_uint_ge(stage.final_height, 25);
    ck_assert_uint_lt(stage.final_height, 45);
    ck_assert_uint_gt(stage.sent, 0);
    ck_assert_uint_eq(stage.sent_unsynced, 0);
}
END_TEST

START_TEST(after_a_power_cut_it_goes_on_where_it_was) {
    for (int i = 0; i < 5; i++) {
        assert_ok(run_for(3000));
        uint64_t before = stage.final_height;
        false_disk_crash(&stage.disk);
        open_driver();
        assert_ok(run_for(2000));
        ck_assert_uint_gt(stage.final_height, before);
    }
}
END_TEST

START_TEST(a_disk_that_fails_ends_it_before_anything_is_sent) {
    assert_ok(run_for(3000));
    uint64_t sent = stage.sent, height = stage.final_height;
    stage.disk.fails_at = stage.disk.calls + 1;
    assert_status(run_for(3000), STATUS_IO);
    ck_assert_uint_eq(stage.sent, sent);
    ck_assert_uint_eq(stage.final_height, height);
    stage.disk.fails_at = 0;
    false_disk_crash(&stage.disk);
    open_driver();
    assert_ok(run_for(2000));
    ck_assert_uint_gt(stage.final_height, height);
}
END_TEST

START_TEST(who_has_lost_its_log_signs_nothing_in_this_epoch) {
    assert_ok(run_for(3000));
    ck_assert_uint_gt(stage.final_height, 2);
    ck_assert_uint_lt(stage.final_height, EPOCH_BLOCKS - 1);
    uint64_t height = stage.final_height;
    false_disk_clear(&stage.disk);
    false_disk_init(&stage.disk, 2);
    open_driver();
    for (int i = 0; i < 2; i++) {
        stage.votes_sent = 0;
        assert_ok(run_for(5000));
        ck_assert_uint_eq(stage.votes_sent, 0);
        ck_assert_uint_eq(stage.final_height, height);
        open_driver(); // that is remembered
    }
}
END_TEST

START_TEST(a_chain_that_is_behind_its_log_is_refused) {
    struct consensus_root genesis = stage.root;
    assert_ok(run_for(12000)); // the log begins again with each epoch
    ck_assert_uint_gt(stage.final_height, EPOCH_BLOCKS);
    stage.root = genesis;
    stage.expected = STATUS_CORRUPT;
    open_driver();
}
END_TEST

// A block on the last one by whoever leads its view, as its own driver would send it.
struct block_place {
    uint64_t height; // and view
    struct hash parent;
};
static void make_proposal_at(struct buf *out, const struct block_place *place) {
    struct consensus_epoch rules;
    struct witness_set set;
    struct committee committee;
    epoch_rules(NULL, 0, &rules, &set);
    assert_ok(committee_init(&committee, &rules, &set));
    uint16_t leader = schedule_leader(&committee.schedule, place->height);
    struct header header = {.version = HEADER_VERSION,
                            .height = place->height,
                            .view = place->height,
                            .parent = place->parent,
                            .time_ms = stage.genesis.time_ms + place->height * INTERVAL_MS,
                            .leader = leader,
                            .set_hash = rules.set_hash};
    if (place->height > 1) header.parent_voters_len = 1, header.parent_voters[0] = 7;
    struct consensus_message message = {.kind = MESSAGE_PROPOSAL,
                                        .proposal = {.view = place->height, .header = &header}};
    header_id(&message.proposal.id, &header);
    struct vote vote = {
        .set_hash = rules.set_hash, .view = place->height, .block_id = message.proposal.id};
    struct hash payload, chain_id = {0};
    vote_payload(&payload, &vote);
    sign_payload(&message.proposal.signature, &stage.keys[leader], SIGN_PROPOSAL, &chain_id,
                 &payload);
    wire_encode(out, &message, &(struct wire_company){.body = bytes_of_string("body")});
}

static void make_proposal(struct buf *out) {
    make_proposal_at(out, &(struct block_place){.height = 1, .parent = stage.root.id});
}

// What another witness says about a block.
static void receive_vote_in(uint64_t view, enum vote_kind kind, uint16_t witness,
                            const struct hash *id) {
    struct consensus_message message = {.kind = MESSAGE_VOTE};
    struct signed_vote *vote = &message.vote;
    struct hash payload, chain_id = {0};
    struct buf encoded = {0};
    vote->view = view;
    vote->kind = kind;
    vote->witness = witness;
    vote->block_id = *id;
    struct vote what = {.kind = kind, .view = view, .block_id = *id};
    witness_set_hash(&what.set_hash, &stage.set);
    vote_payload(&payload, &what);
    sign_payload(&vote->signature, &stage.keys[witness], SIGN_VOTE, &chain_id, &payload);
    wire_encode(&encoded, &message, NULL);
    assert_ok(driver_receive(stage.driver, witness, buf_bytes(&encoded)));
    buf_clear(&encoded);
}

static void receive_vote(enum vote_kind kind, uint16_t witness, const struct hash *id) {
    receive_vote_in(1, kind, witness, id);
}

static void receive_proposal_at(struct hash *id, const struct block_place *place) {
    static struct wire_message decoded;
    struct buf proposal = {0};
    make_proposal_at(&proposal, place);
    assert_ok(driver_receive(stage.driver, 2, buf_bytes(&proposal)));
    assert_ok(driver_run(stage.driver, &stage.time));
    assert_ok(wire_decode(&decoded, buf_bytes(&proposal)));
    *id = decoded.message.proposal.id;
    buf_clear(&proposal);
}

static void receive_proposal(struct hash *id) {
    receive_proposal_at(id, &(struct block_place){.height = 1, .parent = stage.root.id});
}

static void receive_message(const struct consensus_message *message) {
    struct buf encoded = {0};
    wire_encode(&encoded, message, &(struct wire_company){.witness_count = 4});
    assert_ok(driver_receive(stage.driver, 3, buf_bytes(&encoded)));
    assert_ok(driver_run(stage.driver, &stage.time));
    buf_clear(&encoded);
}

START_TEST(votes_of_others_make_a_block_final_and_who_lacks_it_gets_it) {
    struct hash id;
    receive_proposal(&id);
    ck_assert_uint_eq(stage.sent_of[WIRE_NOTARIZE], 1);
    for (uint16_t witness = 1; witness < 3; witness++) receive_vote(VOTE_NOTARIZE, witness, &id);
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.sent_of[WIRE_FINALIZE], 1);
    ck_assert_uint_eq(stage.final_height, 0);
    for (uint16_t witness = 1; witness < 3; witness++) receive_vote(VOTE_FINALIZE, witness, &id);
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.final_height, 1);
    struct consensus_message fetch = {.kind = MESSAGE_FETCH, .fetch = {.view = 1, .block_id = id}};
    receive_message(&fetch);
    ck_assert_uint_ge(stage.sent_of[WIRE_CERTIFICATE], 1);
    ck_assert_uint_eq(stage.sent_of[WIRE_BLOCK], 1);
    struct verify_counts counts;
    driver_count(stage.driver, &counts);
    ck_assert_uint_eq(counts.computed, 5);
}
END_TEST

START_TEST(two_blocks_final_in_one_loop_are_shown_by_their_own_certificates) {
    struct hash ids[2];
    receive_proposal(&ids[0]);
    for (uint16_t i = 1; i < 3; i++) receive_vote(VOTE_NOTARIZE, i, &ids[0]);
    assert_ok(driver_run(stage.driver, &stage.time));
    receive_proposal_at(&ids[1], &(struct block_place){.height = 2, .parent = ids[0]});
    for (uint16_t i = 1; i < 3; i++) receive_vote_in(2, VOTE_NOTARIZE, i, &ids[1]);
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.final_height, 0);
    for (uint64_t view = 1; view <= 2; view++)
        for (uint16_t i = 1; i < 3; i++) receive_vote_in(view, VOTE_FINALIZE, i, &ids[view - 1]);
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.final_height, 2);
}
END_TEST

START_TEST(a_block_that_is_not_final_is_handed_on_too) {
    struct consensus_message fetch = {.kind = MESSAGE_FETCH, .fetch = {.view = 1}};
    receive_proposal(&fetch.fetch.block_id);
    receive_message(&fetch);
    ck_assert_uint_eq(stage.sent_of[WIRE_BLOCK], 1);
    fetch.fetch.block_id.bytes[0] ^= 1;
    receive_message(&fetch);
    ck_assert_uint_eq(stage.sent_of[WIRE_BLOCK], 1);
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
    receive_message(&message);
    driver_look(stage.driver, &state);
    ck_assert_uint_eq(state.view, 2);
    ck_assert_uint_eq(stage.evidence, 0);
}
END_TEST

START_TEST(two_votes_that_contradict_one_another_are_shown) {
    struct hash one = {{1}}, other = {{2}};
    receive_vote(VOTE_NOTARIZE, 1, &one);
    receive_vote(VOTE_NOTARIZE, 1, &other);
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.evidence, 1);
}
END_TEST

START_TEST(without_work_no_block_is_made) {
    stage.leaves_out_empty_blocks = true;
    false_disk_clear(&stage.disk);
    open_driver();
    assert_ok(run_for(10000));
    ck_assert_uint_eq(stage.final_height, 0);
    ck_assert_uint_gt(driver_wake_ms(stage.driver), stage.time.now_ms);
    driver_note_work(stage.driver, true);
    assert_ok(run_for(3000));
    ck_assert_uint_gt(stage.final_height, 2);
    uint64_t height = stage.final_height;
    driver_note_work(stage.driver, false);
    assert_ok(run_for(5000));
    ck_assert_uint_le(stage.final_height, height + 1);
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

START_TEST(a_set_that_is_not_what_its_epoch_names_is_refused) {
    stage.has_unsound_set = true;
    stage.expected = STATUS_INVALID;
    open_driver();
}
END_TEST

START_TEST(a_block_with_somebody_elses_body_is_not_executed) {
    struct buf proposal = {0};
    make_proposal(&proposal);
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
    assert_ok(run_for(5000));
    for (int i = 0; i < 2; i++) assert_ok(driver_receive(stage.driver, 1, buf_bytes(&ahead)));
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.syncs, 1);
    buf_clear(&ahead);
}
END_TEST

START_TEST(who_passes_on_what_nobody_signed_is_named) {
    struct buf proposal = {0};
    make_proposal(&proposal);
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
    tcase_add_checked_fixture(lone, open_lone, close_stage);
    tcase_add_checked_fixture(four, open_four, close_stage);
    suite_add_tcase(suite, lone);
    suite_add_tcase(suite, four);
    tcase_add_test(lone, a_witness_alone_makes_blocks_final_through_epochs);
    tcase_add_test(lone, after_a_power_cut_it_goes_on_where_it_was);
    tcase_add_test(lone, a_disk_that_fails_ends_it_before_anything_is_sent);
    tcase_add_test(lone, who_has_lost_its_log_signs_nothing_in_this_epoch);
    tcase_add_test(lone, a_chain_that_is_behind_its_log_is_refused);
    tcase_add_test(lone, without_work_no_block_is_made);
    tcase_add_test(four, votes_of_others_make_a_block_final_and_who_lacks_it_gets_it);
    tcase_add_test(four, two_blocks_final_in_one_loop_are_shown_by_their_own_certificates);
    tcase_add_test(four, a_block_that_is_not_final_is_handed_on_too);
    tcase_add_test(four, a_certificate_ends_a_view);
    tcase_add_test(four, two_votes_that_contradict_one_another_are_shown);
    tcase_add_test(four, after_a_sync_it_goes_on_from_there);
    tcase_add_test(four, a_set_that_is_not_what_its_epoch_names_is_refused);
    tcase_add_test(four, a_block_with_somebody_elses_body_is_not_executed);
    tcase_add_test(four, a_block_that_nobody_asked_for_is_not_looked_at);
    tcase_add_test(four, who_was_not_asked_does_not_start_a_sync);
    tcase_add_test(four, who_passes_on_what_nobody_signed_is_named);
    tcase_add_test(four, what_waits_is_bounded);
    return suite;
}
