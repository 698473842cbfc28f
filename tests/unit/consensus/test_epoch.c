// SPDX-License-Identifier: Apache-2.0
// The boundary, the hand-over to the next epoch, and those who are behind.
#include "tests/unit/consensus/suites.h"

static struct table table;
static struct header chain[TABLE_EPOCH_BLOCKS];

static void open(void) {
    table_open(&table, 4, 0);
    table_tick(&table, 0);
}
static void close(void) { table_close(&table); }

// Up to the boundary, which is notarized in view TABLE_EPOCH_BLOCKS - 1.
static void reach_boundary(void) {
    chain[0] = table.genesis;
    for (uint64_t view = 1; view < TABLE_EPOCH_BLOCKS; view++)
        table_agree(&table, &chain[view], &chain[view - 1], view, view + 1 < TABLE_EPOCH_BLOCKS);
}

static const struct header *boundary(void) { return &chain[TABLE_EPOCH_BLOCKS - 1]; }

static void begin_epoch(void) {
    table.epoch.epoch = 1;
    table.epoch.first_view = boundary()->view + 1;
    table.epoch.set_hash.bytes[5] = 77;
    table.epoch.own = (struct witness_group){{1 << 2}};
    struct schedule_seed seed = {.seed = table.epoch.leader_seed, .id = table.epoch.leader_id};
    schedule_init(&table.schedule, &seed, table.epoch.first_view, 4);
    table_feed(&table, (struct consensus_event){
                           .kind = EVENT_EPOCH, .peer = PEER_NONE, .epoch = &table.epoch});
}

START_TEST(the_boundary_has_no_child_and_is_repeated) {
    reach_boundary();
    ck_assert_uint_eq(table_state(&table).view, TABLE_EPOCH_BLOCKS);
    struct header child;
    table_block(&table, &child, boundary(), TABLE_EPOCH_BLOCKS);
    if (child.leader != 0) {
        table_propose(&table, &child, child.view);
        table_execute(&table, &child, true);
        ck_assert_ptr_null(table_asked(&table, VOTE_NOTARIZE));
        table_certify(&table, VOTE_NULLIFY, child.view, NULL);
    }
    uint64_t view = table_state(&table).view;
    for (; schedule_leader(&table.schedule, view) != 0; view++)
        table_certify(&table, VOTE_NULLIFY, view, NULL);
    table_tick(&table, TABLE_TIMEOUT_MS / 4);
    ck_assert_ptr_null(table_action(&table, ACTION_BUILD, 0));
    ck_assert_ptr_nonnull(table_asked(&table, VOTE_PROPOSE));
}
END_TEST

START_TEST(what_others_notarized_is_stored_before_it_is_repeated) {
    struct header *last = &chain[TABLE_EPOCH_BLOCKS - 1];
    reach_boundary();
    // Once more, with a boundary that was notarized before it was executed here.
    table_reopen(&table);
    table_tick(&table, 0);
    for (uint64_t view = 1; view + 1 < TABLE_EPOCH_BLOCKS; view++)
        table_agree(&table, &chain[view], &chain[view - 1], view, true);
    uint64_t view = TABLE_EPOCH_BLOCKS - 1;
    for (; schedule_leader(&table.schedule, view) == 0; view++)
        table_certify(&table, VOTE_NULLIFY, view, NULL);
    table_block(&table, last, &chain[TABLE_EPOCH_BLOCKS - 2], view);
    table_propose(&table, last, view);
    table_certify(&table, VOTE_NOTARIZE, view, last);
    table_certify(&table, VOTE_NULLIFY, ++view, NULL); // too late for FINALIZE, which stores it too
    table_execute(&table, last, true);
    for (view++; schedule_leader(&table.schedule, view) != 0; view++)
        table_certify(&table, VOTE_NULLIFY, view, NULL);
    table_tick(&table, TABLE_TIMEOUT_MS / 4);
    ck_assert_ptr_nonnull(table_asked(&table, VOTE_PROPOSE));
    ck_assert_uint_lt(table_place(&table, ACTION_APPEND), table_place(&table, ACTION_SIGN));
    ck_assert_int_eq(table_action(&table, ACTION_APPEND, 0)->record.kind, RECORD_BLOCK);
}
END_TEST

START_TEST(the_next_epoch_begins_when_the_boundary_is_final) {
    reach_boundary();
    ck_assert_ptr_null(table_action(&table, ACTION_EPOCH_END, 0));
    table_certify(&table, VOTE_FINALIZE, boundary()->view, boundary());
    ck_assert_ptr_nonnull(table_action(&table, ACTION_EPOCH_END, 0));
    ck_assert(table_state(&table).is_between);
    // Nothing is signed in between.
    table_tick(&table, 1000 * 1000);
    ck_assert_ptr_null(table_action(&table, ACTION_SIGN, 0));
    begin_epoch();
    ck_assert_int_eq(table_action(&table, ACTION_APPEND, 0)->record.kind, RECORD_ROOT);
    ck_assert_uint_eq(table_place(&table, ACTION_APPEND), 0);
    struct consensus_state state = table_state(&table);
    ck_assert_uint_eq(state.epoch, 1);
    ck_assert_uint_eq(state.view, boundary()->view + 1);
    ck_assert(!state.is_between);
}
END_TEST

START_TEST(votes_of_the_epoch_before_count_for_nothing) {
    reach_boundary();
    table_certify(&table, VOTE_FINALIZE, boundary()->view, boundary());
    begin_epoch();
    uint64_t view = table_state(&table).view;
    table.epoch.epoch = 0;
    for (uint16_t i = 0; i < 4; i++) table_vote(&table, VOTE_NULLIFY, view, NULL, i);
    ck_assert_uint_eq(table_state(&table).view, view);
    table.epoch.epoch = 1;
    for (uint16_t i = 0; i < 4; i++) table_vote(&table, VOTE_NULLIFY, view, NULL, i);
    ck_assert_uint_eq(table_state(&table).view, view + 1);
}
END_TEST

START_TEST(the_boundary_of_the_epoch_before_is_no_repeat) {
    reach_boundary();
    table_certify(&table, VOTE_FINALIZE, boundary()->view, boundary());
    begin_epoch();
    uint64_t view = table_state(&table).view;
    for (; schedule_leader(&table.schedule, view) == 2; view++)
        table_certify(&table, VOTE_NULLIFY, view, NULL);
    struct consensus_event event = {.kind = EVENT_PROPOSAL, .peer = 1};
    event.proposal = (struct proposal){.epoch = 1, .view = view, .header = boundary()};
    header_id(&event.proposal.id, boundary());
    table_feed(&table, event);
    ck_assert_ptr_null(table_asked(&table, VOTE_NOTARIZE));
}
END_TEST

static void ask(uint64_t epoch, uint64_t view, uint64_t final_height) {
    struct consensus_event event = {.kind = EVENT_FETCH, .peer = 3};
    event.fetch = (struct fetch){.epoch = epoch, .view = view, .final_height = final_height};
    table_feed(&table, event);
}

START_TEST(who_is_an_epoch_behind_gets_the_boundary) {
    reach_boundary();
    table_certify(&table, VOTE_FINALIZE, boundary()->view, boundary());
    begin_epoch();
    ask(0, boundary()->view + 1, boundary()->height - 1);
    const struct consensus_message *sent = table_sent(&table, MESSAGE_CERTIFICATE, 0);
    struct hash id;
    header_id(&id, boundary());
    ck_assert_int_eq(sent->sealed.kind, VOTE_FINALIZE);
    ck_assert_uint_eq(sent->sealed.epoch, 0);
    ck_assert(hash_equal(&sent->sealed.block_id, &id));
    ck_assert_ptr_null(table_sent(&table, MESSAGE_AHEAD, 0));
}
END_TEST

START_TEST(who_is_far_behind_is_told_to_sync) {
    reach_boundary();
    ask(0, 1, 0);
    const struct consensus_message *sent = table_sent(&table, MESSAGE_AHEAD, 0);
    ck_assert_ptr_nonnull(sent);
    ck_assert_uint_eq(sent->ahead.height, boundary()->height - 1);
}
END_TEST

START_TEST(who_lacks_certificates_gets_as_many_as_one_answer_holds) {
    for (uint64_t view = 1; view <= 40; view++) table_certify(&table, VOTE_NULLIFY, view, NULL);
    struct consensus_event event = {.kind = EVENT_FETCH, .peer = 3};
    event.fetch = (struct fetch){.view = 41, .certificates_from = 7};
    table_feed(&table, event);
    for (size_t i = 0; i < LIMIT_FETCHED_CERTIFICATES; i++)
        ck_assert_uint_eq(table_sent(&table, MESSAGE_CERTIFICATE, i)->sealed.certificate->view,
                          7 + i);
    ck_assert_ptr_null(table_sent(&table, MESSAGE_CERTIFICATE, LIMIT_FETCHED_CERTIFICATES));
}
END_TEST

START_TEST(final_blocks_that_came_in_bulk_are_gone_on_from) {
    struct certificate certificate;
    struct header header = {.version = HEADER_VERSION,
                            .chain_id = table.config.chain_id,
                            .height = 3 * TABLE_EPOCH_BLOCKS + 4,
                            .epoch = 3,
                            .view = 90,
                            .time_ms = table.now_ms};
    struct consensus_event event = {.kind = EVENT_AHEAD, .peer = 2};
    event.ahead = (struct peer_ahead){.epoch = 3, .height = header.height};
    for (int i = 0; i < LIMIT_FETCH_ASKED; i++) {
        table_feed(&table, event);
        ck_assert_uint_eq(table_action(&table, ACTION_SYNC, 0)->sync_peer, 2);
    }
    // No more of them than witnesses were asked.
    table_feed(&table, event);
    ck_assert_ptr_null(table_action(&table, ACTION_SYNC, 0));

    table_seal(&table, &certificate, 92);
    struct consensus_root root = {
        .epoch = 3, .header = header, .view = 92, .certificate = &certificate};
    header_id(&root.id, &header);
    table.epoch.epoch = 3;
    table.epoch.first_view = 80;
    event = (struct consensus_event){.kind = EVENT_SYNCED, .peer = PEER_NONE};
    event.synced.epoch = &table.epoch;
    event.synced.root = &root;
    table_feed(&table, event);
    ck_assert_int_eq(table_action(&table, ACTION_APPEND, 0)->record.kind, RECORD_ROOT);
    ck_assert_uint_eq(table_state(&table).final_height, header.height);
    ck_assert_uint_eq(table_state(&table).view, 93);
}
END_TEST

START_TEST(one_who_is_no_witness_follows_and_signs_nothing) {
    table.epoch.own = (struct witness_group){0};
    table_reopen(&table);
    table_tick(&table, 0);
    for (uint64_t view = 1; view < 8; view++) {
        chain[0] = table.genesis;
        table_agree(&table, &chain[view], &chain[view - 1], view, true);
        ck_assert_ptr_null(table_action(&table, ACTION_SIGN, 0));
        ck_assert_uint_eq(table_state(&table).final_height, view);
    }
    table_tick(&table, 1000 * 1000);
    ck_assert_ptr_null(table_action(&table, ACTION_SIGN, 0));
}
END_TEST

Suite *epoch_suite(void) {
    Suite *suite = suite_create("epoch");
    TCase *tcase = tcase_create("epoch");
    tcase_add_checked_fixture(tcase, open, close);
    tcase_add_test(tcase, the_boundary_has_no_child_and_is_repeated);
    tcase_add_test(tcase, what_others_notarized_is_stored_before_it_is_repeated);
    tcase_add_test(tcase, the_next_epoch_begins_when_the_boundary_is_final);
    tcase_add_test(tcase, votes_of_the_epoch_before_count_for_nothing);
    tcase_add_test(tcase, the_boundary_of_the_epoch_before_is_no_repeat);
    tcase_add_test(tcase, who_is_an_epoch_behind_gets_the_boundary);
    tcase_add_test(tcase, who_is_far_behind_is_told_to_sync);
    tcase_add_test(tcase, who_lacks_certificates_gets_as_many_as_one_answer_holds);
    tcase_add_test(tcase, final_blocks_that_came_in_bulk_are_gone_on_from);
    tcase_add_test(tcase, one_who_is_no_witness_follows_and_signs_nothing);
    suite_add_tcase(suite, tcase);
    return suite;
}
