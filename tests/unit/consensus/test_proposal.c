// SPDX-License-Identifier: Apache-2.0
// What a proposal may stand on, its time, repeats, and how what is missing is asked for.
#include "tests/unit/consensus/suites.h"

static struct table table;

static void open(void) {
    table_open(&table, 4, 0);
    table_tick(&table, 0);
}
static void close(void) { table_close(&table); }

static uint64_t view_not_led(uint64_t view) {
    while (schedule_leader(&table.schedule, view) == 0) view++;
    return view;
}

START_TEST(a_view_between_that_is_not_null_is_asked_for) {
    struct header first, second, header;
    uint64_t view = view_not_led(3);
    table_agree(&table, &first, &table.genesis, 1, false);
    table_agree(&table, &second, &first, 2, false);
    for (uint64_t v = 3; v < view; v++) table_certify(&table, VOTE_NULLIFY, v, NULL);
    table_block(&table, &header, &first, view);
    table_propose(&table, &header, view);
    ck_assert_uint_eq(table_sent(&table, MESSAGE_FETCH, 0)->fetch.certificates_from, 2);
    table_execute(&table, &header, true);
    ck_assert_ptr_null(table_asked(&table, VOTE_NOTARIZE));
    // A view may be both notarized and null: then the proposal may pass it.
    table_certify(&table, VOTE_NULLIFY, 2, NULL);
    ck_assert_ptr_nonnull(table_asked(&table, VOTE_NOTARIZE));
}
END_TEST

START_TEST(a_null_view_that_others_know_as_notarized_is_asked_for) {
    struct header first, header;
    uint64_t proposed = view_not_led(1), view = view_not_led(proposed + 1);
    for (uint64_t v = 1; v < proposed; v++) table_certify(&table, VOTE_NULLIFY, v, NULL);
    table_block(&table, &first, &table.genesis, proposed);
    table_propose(&table, &first, proposed);
    table_execute(&table, &first, true);
    for (uint64_t v = proposed; v < view; v++) table_certify(&table, VOTE_NULLIFY, v, NULL);
    table_block(&table, &header, &first, view);
    table.now_ms += TABLE_INTERVAL_MS;
    table_propose(&table, &header, view);
    ck_assert_uint_eq(table_sent(&table, MESSAGE_FETCH, 0)->fetch.certificates_from, proposed);
    table_execute(&table, &header, true);
    ck_assert_ptr_null(table_asked(&table, VOTE_NOTARIZE));
    table_certify(&table, VOTE_NOTARIZE, proposed, &first);
    ck_assert_ptr_nonnull(table_asked(&table, VOTE_NOTARIZE));
}
END_TEST

START_TEST(an_unknown_block_that_is_built_on_is_asked_for) {
    struct header first, header;
    struct hash id;
    uint64_t view = view_not_led(2);
    for (uint64_t v = 1; v < view; v++) table_certify(&table, VOTE_NULLIFY, v, NULL);
    table_block(&table, &first, &table.genesis, 1);
    table_block(&table, &header, &first, view);
    header_id(&id, &first);
    table_propose(&table, &header, view);
    ck_assert(hash_equal(&table_sent(&table, MESSAGE_FETCH, 0)->fetch.block_id, &id));
}
END_TEST

START_TEST(a_proposal_brings_what_it_stands_on) {
    struct header first, header;
    uint64_t view = 3;
    while (schedule_leader(&table.schedule, view) != 0) view++;
    table_agree(&table, &first, &table.genesis, 1, false);
    for (uint64_t v = 2; v < view; v++) table_certify(&table, VOTE_NULLIFY, v, NULL);
    table_block(&table, &header, &first, view);
    table_tick(&table, TABLE_INTERVAL_MS);
    table_feed(&table,
               (struct consensus_event){.kind = EVENT_BUILT, .peer = PEER_NONE, .built = &header});
    struct sign_request proposal = *table_asked(&table, VOTE_PROPOSE);
    table_signed(&table, &proposal);
    const struct consensus_message *ended = table_sent(&table, MESSAGE_CERTIFICATE, 0);
    const struct consensus_message *stand = table_sent(&table, MESSAGE_CERTIFICATE, 1);
    ck_assert_int_eq(ended->sealed.kind, VOTE_NULLIFY);
    ck_assert_uint_eq(ended->sealed.certificate->view, view - 1);
    ck_assert_int_eq(stand->sealed.kind, VOTE_NOTARIZE);
    ck_assert_uint_eq(stand->sealed.certificate->view, 1);
}
END_TEST

START_TEST(certificates_that_are_missing_are_asked_for_at_once) {
    struct header header;
    uint64_t view = view_not_led(6);
    // From view 1 straight to this one.
    table_certify(&table, VOTE_NULLIFY, view - 1, NULL);
    table_block(&table, &header, &table.genesis, view);
    table_propose(&table, &header, view);
    table_execute(&table, &header, true);
    ck_assert_ptr_null(table_asked(&table, VOTE_NOTARIZE));
    table_tick(&table, TABLE_TIMEOUT_MS);
    const struct consensus_message *fetch = table_sent(&table, MESSAGE_FETCH, 0);
    ck_assert_ptr_nonnull(fetch);
    ck_assert_uint_eq(fetch->fetch.certificates_from, 1);
    for (uint64_t v = 1; v < view - 1; v++) table_certify(&table, VOTE_NULLIFY, v, NULL);
    ck_assert_ptr_nonnull(table_asked(&table, VOTE_NOTARIZE));
}
END_TEST

START_TEST(the_lowest_block_that_is_missing_is_asked_for) {
    struct header first, second, third;
    struct hash missing;
    table_block(&table, &first, &table.genesis, 1);
    table_block(&table, &second, &first, 2);
    table_block(&table, &third, &second, 3);
    table_certify(&table, VOTE_NOTARIZE, 1, &first);
    if (second.leader != 0) table_propose(&table, &second, 2);
    table_certify(&table, VOTE_NOTARIZE, 2, &second);
    table_certify(&table, VOTE_FINALIZE, 3, &third);
    struct hash id;
    header_id(&id, &third);
    const struct consensus_message *fetch = table_sent(&table, MESSAGE_FETCH, 0);
    ck_assert(hash_equal(&fetch->fetch.block_id, &id));
    table_feed(&table, (struct consensus_event){.kind = EVENT_BLOCK, .peer = 2, .block = &third});
    header_id(&missing, second.leader != 0 ? &first : &second);
    fetch = table_sent(&table, MESSAGE_FETCH, 0);
    ck_assert_ptr_nonnull(fetch);
    ck_assert(hash_equal(&fetch->fetch.block_id, &missing));
}
END_TEST

START_TEST(a_block_that_nobody_asked_for_is_not_kept) {
    struct header header;
    table_block(&table, &header, &table.genesis, 1);
    table_feed(&table, (struct consensus_event){.kind = EVENT_BLOCK, .peer = 2, .block = &header});
    ck_assert_ptr_null(table_action(&table, ACTION_EXECUTE, 0));
}
END_TEST

// Leaders whose views come to nothing leave a block each: however many, the newest has its place.
START_TEST(blocks_that_came_to_nothing_make_room) {
    struct header header;
    struct hash id, first = {0};
    uint64_t view = 1;
    for (size_t count = 0; count < LIMIT_BRANCH_BLOCKS + 8; view++) {
        table_block(&table, &header, &table.genesis, view);
        header_id(&id, &header);
        if (header.leader != 0) {
            table_propose(&table, &header, view);
            ck_assert(consensus_knows(table.core, &id));
            if (count++ == 0) first = id;
        }
        table_certify(&table, VOTE_NULLIFY, view, NULL);
    }
    ck_assert(!consensus_knows(table.core, &first));
    while (schedule_leader(&table.schedule, view) == 0)
        table_certify(&table, VOTE_NULLIFY, view++, NULL);
    table_block(&table, &header, &table.genesis, view);
    table_propose(&table, &header, view);
    table_execute(&table, &header, true);
    ck_assert_ptr_nonnull(table_asked(&table, VOTE_NOTARIZE));
}
END_TEST

// Changes one thing of a good proposal.
static void spoil(struct header *header, int what) {
    switch (what) {
    case 0:
        header->height++;
        break;
    case 1:
        header->epoch++;
        break;
    case 2:
        header->leader = (uint16_t)((header->leader + 1) % 4);
        break;
    case 3:
        header->set_hash.bytes[0] ^= 1;
        break;
    case 4:
        header->chain_id.bytes[0] ^= 1;
        break;
    case 5:
        header->time_ms--;
        break;
    case 6:
        header->view++;
        break;
    case 7:
        header->parent.bytes[0] ^= 1;
        break;
    }
}

START_TEST(a_header_against_a_rule_is_never_voted_for) {
    for (int what = -1; what < 8; what++) {
        struct header header;
        uint64_t view = view_not_led(1);
        table_reopen(&table);
        table_tick(&table, 0);
        for (uint64_t v = 1; v < view; v++) table_certify(&table, VOTE_NULLIFY, v, NULL);
        table_block(&table, &header, &table.genesis, view);
        spoil(&header, what);
        table_propose(&table, &header, view);
        table_execute(&table, &header, true);
        if (what < 0)
            ck_assert_ptr_nonnull(table_asked(&table, VOTE_NOTARIZE));
        else
            ck_assert_ptr_null(table_asked(&table, VOTE_NOTARIZE));
    }
}
END_TEST

START_TEST(a_header_names_a_quorum_of_its_parents_voters) {
    // Of four witnesses: three, two, three of whom one is none, none at all.
    static const uint8_t named[] = {0x0e, 0x0c, 0x16, 0};
    for (size_t i = 0; i < sizeof named; i++) {
        struct header first, header;
        table_reopen(&table);
        table_tick(&table, 0);
        table_agree(&table, &first, &table.genesis, 1, false);
        uint64_t view = view_not_led(2);
        for (uint64_t v = 2; v < view; v++) table_certify(&table, VOTE_NULLIFY, v, NULL);
        table_block(&table, &header, &first, view);
        header.parent_voters[0] = named[i];
        table_propose(&table, &header, view);
        table_execute(&table, &header, true);
        ck_assert_int_eq(table_asked(&table, VOTE_NOTARIZE) != NULL, i == 0);
    }
}
END_TEST

static void propose_at(struct header *header, uint64_t time_ms) {
    uint64_t view = view_not_led(1);
    for (uint64_t v = 1; v < view; v++) table_certify(&table, VOTE_NULLIFY, v, NULL);
    table_block(&table, header, &table.genesis, view);
    header->time_ms = time_ms;
    table_propose(&table, header, view);
    table_execute(&table, header, true);
}

START_TEST(a_time_ahead_of_the_own_clock_waits) {
    struct header header;
    propose_at(&header, table.now_ms + LIMIT_CLOCK_AHEAD_MS + 20);
    ck_assert_ptr_null(table_asked(&table, VOTE_NOTARIZE));
    table_tick(&table, 19);
    ck_assert_ptr_null(table_asked(&table, VOTE_NOTARIZE));
    table_tick(&table, 1);
    ck_assert_ptr_nonnull(table_asked(&table, VOTE_NOTARIZE));
}
END_TEST

START_TEST(a_time_too_far_behind_is_refused) {
    struct header header;
    table.now_ms += 100 * 1000;
    propose_at(&header, table.now_ms - LIMIT_CLOCK_AHEAD_MS - 64 * TABLE_TIMEOUT_MS);
    ck_assert_ptr_null(table_asked(&table, VOTE_NOTARIZE));
}
END_TEST

static uint64_t led_from(uint64_t view) {
    while (schedule_leader(&table.schedule, view) != 0) view++;
    return view;
}

START_TEST(a_branch_of_sixteen_blocks_is_repeated_until_it_is_final) {
    struct header chain[LIMIT_UNFINAL_BLOCKS + 1] = {table.genesis};
    uint64_t view = 1;
    for (; view <= LIMIT_UNFINAL_BLOCKS; view++)
        table_agree(&table, &chain[view], &chain[view - 1], view, false);
    ck_assert(table_state(&table).is_at_cap);
    const struct header *tip = &chain[LIMIT_UNFINAL_BLOCKS];
    struct hash tip_id;
    header_id(&tip_id, tip);
    // Others repeat it: it is voted for in the new view.
    for (; schedule_leader(&table.schedule, view) != 0; view++) {
        table_propose(&table, tip, view);
        const struct sign_request *vote = table_asked(&table, VOTE_NOTARIZE);
        ck_assert_ptr_nonnull(vote);
        ck_assert_uint_eq(vote->view, view);
        ck_assert(hash_equal(&vote->block_id, &tip_id));
        table_certify(&table, VOTE_NOTARIZE, view, tip);
    }
    table_tick(&table, TABLE_TIMEOUT_MS / 4);
    ck_assert_ptr_null(table_action(&table, ACTION_BUILD, 0));
    ck_assert(hash_equal(&table_asked(&table, VOTE_PROPOSE)->block_id, &tip_id));
    table_certify(&table, VOTE_NOTARIZE, view, tip);
    table_certify(&table, VOTE_FINALIZE, view, tip);
    ck_assert_uint_eq(table_state(&table).final_height, LIMIT_UNFINAL_BLOCKS);
    // Notarized in the later view: what follows stands on that.
    view = led_from(view + 1);
    for (uint64_t v = table_state(&table).view; v < view; v++)
        table_certify(&table, VOTE_NULLIFY, v, NULL);
    table_tick(&table, TABLE_INTERVAL_MS);
    ck_assert(hash_equal(&table_action(&table, ACTION_BUILD, 0)->build.parent_id, &tip_id));
}
END_TEST

static void note_unbuilt(void) {
    table_feed(&table, (struct consensus_event){.kind = EVENT_BUILT, .peer = PEER_NONE});
}

START_TEST(a_block_that_could_not_be_made_is_tried_again_in_its_view) {
    struct header header;
    uint64_t view = led_from(1);
    for (uint64_t v = 1; v < view; v++) table_certify(&table, VOTE_NULLIFY, v, NULL);
    table_tick(&table, TABLE_INTERVAL_MS);
    note_unbuilt();
    ck_assert_ptr_null(table_action(&table, ACTION_BUILD, 0)); // not at once
    uint64_t wake_ms = consensus_wake_ms(table.core), begun_ms = table.now_ms;
    ck_assert_uint_gt(wake_ms, begun_ms);
    ck_assert_uint_lt(wake_ms, begun_ms + TABLE_TIMEOUT_MS / 4);
    table_tick(&table, wake_ms - begun_ms - 1);
    ck_assert_ptr_null(table_action(&table, ACTION_BUILD, 0));
    table_tick(&table, 1);
    ck_assert_uint_eq(table_action(&table, ACTION_BUILD, 0)->build.view, view);
    table_block(&table, &header, &table.genesis, view);
    table_feed(&table,
               (struct consensus_event){.kind = EVENT_BUILT, .peer = PEER_NONE, .built = &header});
    ck_assert_ptr_nonnull(table_asked(&table, VOTE_PROPOSE));
}
END_TEST

START_TEST(whoever_can_never_make_a_block_gives_its_view_up_in_time) {
    uint64_t view = led_from(1);
    for (uint64_t v = 1; v < view; v++) table_certify(&table, VOTE_NULLIFY, v, NULL);
    table_tick(&table, TABLE_INTERVAL_MS);
    note_unbuilt(); // it was asked for by now
    uint64_t timeout_ms = (uint64_t)TABLE_TIMEOUT_MS << table_state(&table).failures;
    uint64_t due_ms = table.now_ms + timeout_ms, attempts = 0;
    while (!table_asked(&table, VOTE_NULLIFY)) {
        ck_assert_uint_le(table.now_ms, due_ms);
        if (table_action(&table, ACTION_BUILD, 0)) {
            attempts++;
            note_unbuilt();
        } else {
            table_tick(&table, 1);
        }
    }
    ck_assert_uint_ge(attempts, 4);
    ck_assert_uint_le(attempts, 1 + 8 * timeout_ms / TABLE_TIMEOUT_MS);
}
END_TEST

START_TEST(empty_blocks_are_left_out_where_the_epoch_says_so) {
    table.epoch.leave_out_empty_blocks = true;
    table_reopen(&table);
    uint64_t view = led_from(1);
    table_tick(&table, 0);
    for (uint64_t v = 1; v < view; v++) table_certify(&table, VOTE_NULLIFY, v, NULL);
    table_tick(&table, LIMIT_EMPTY_PAUSE_MS - 1);
    ck_assert_ptr_null(table_action(&table, ACTION_BUILD, 0));
    ck_assert_ptr_null(table_asked(&table, VOTE_NULLIFY));
    table_feed(&table,
               (struct consensus_event){.kind = EVENT_WORK, .peer = PEER_NONE, .has_work = true});
    ck_assert_ptr_nonnull(table_action(&table, ACTION_BUILD, 0));
}
END_TEST

START_TEST(without_work_there_is_a_block_a_minute) {
    table.epoch.leave_out_empty_blocks = true;
    table_reopen(&table);
    uint64_t view = led_from(1);
    table_tick(&table, 0);
    for (uint64_t v = 1; v < view; v++) table_certify(&table, VOTE_NULLIFY, v, NULL);
    table_tick(&table, LIMIT_EMPTY_PAUSE_MS);
    ck_assert_ptr_nonnull(table_action(&table, ACTION_BUILD, 0));
}
END_TEST

static void note_work(bool has_work) {
    table_feed(&table, (struct consensus_event){
                           .kind = EVENT_WORK, .peer = PEER_NONE, .has_work = has_work});
}

START_TEST(a_leader_is_not_waited_for_once_the_work_is_done) {
    table.epoch.leave_out_empty_blocks = true;
    table_reopen(&table);
    uint64_t view = view_not_led(1);
    table_tick(&table, 0);
    for (uint64_t v = 1; v < view; v++) table_certify(&table, VOTE_NULLIFY, v, NULL);
    note_work(true);
    table_tick(&table, TABLE_TIMEOUT_MS - 1);
    note_work(false);
    table_tick(&table, LIMIT_EMPTY_PAUSE_MS / 2);
    ck_assert_ptr_null(table_asked(&table, VOTE_NULLIFY));
    // What comes next is waited for anew.
    note_work(true);
    table_tick(&table, TABLE_TIMEOUT_MS - 1);
    ck_assert_ptr_null(table_asked(&table, VOTE_NULLIFY));
    table_tick(&table, TABLE_TIMEOUT_MS << view);
    ck_assert_ptr_nonnull(table_asked(&table, VOTE_NULLIFY));
}
END_TEST

START_TEST(leaders_that_do_not_come_add_no_minute_each) {
    table.epoch.leave_out_empty_blocks = true;
    table_reopen(&table);
    uint64_t first = view_not_led(1), second = view_not_led(first + 1);
    table_tick(&table, 0);
    for (uint64_t v = 1; v < first; v++) table_certify(&table, VOTE_NULLIFY, v, NULL);
    table_tick(&table, LIMIT_EMPTY_PAUSE_MS);
    ck_assert_ptr_null(table_asked(&table, VOTE_NULLIFY));
    table_tick(&table, TABLE_TIMEOUT_MS << first);
    ck_assert_ptr_nonnull(table_asked(&table, VOTE_NULLIFY));
    for (uint64_t v = first; v < second; v++) table_certify(&table, VOTE_NULLIFY, v, NULL);
    table_tick(&table, TABLE_TIMEOUT_MS << second);
    ck_assert_ptr_nonnull(table_asked(&table, VOTE_NULLIFY));
}
END_TEST

START_TEST(a_block_begins_the_minute_anew) {
    struct header header;
    table.epoch.leave_out_empty_blocks = true;
    table_reopen(&table);
    table_tick(&table, LIMIT_EMPTY_PAUSE_MS / 2);
    table_agree(&table, &header, &table.genesis, 1, true);
    uint64_t view = led_from(2);
    for (uint64_t v = 2; v < view; v++) table_certify(&table, VOTE_NULLIFY, v, NULL);
    table_tick(&table, LIMIT_EMPTY_PAUSE_MS - 1);
    ck_assert_ptr_null(table_action(&table, ACTION_BUILD, 0));
    table_tick(&table, 1);
    ck_assert_ptr_nonnull(table_action(&table, ACTION_BUILD, 0));
}
END_TEST

// Who does not know what is in it has no work of its own, and is needed all the same.
START_TEST(a_block_that_is_not_final_is_work_for_all) {
    struct header header;
    table.epoch.leave_out_empty_blocks = true;
    table_reopen(&table);
    table_tick(&table, 0);
    table_agree(&table, &header, &table.genesis, 1, false);
    uint64_t away = view_not_led(2), own = led_from(away + 1);
    for (uint64_t v = 2; v < away; v++) table_certify(&table, VOTE_NULLIFY, v, NULL);
    table_tick(&table, LIMIT_EMPTY_PAUSE_MS / 4); // the next block is due
    table_tick(&table, TABLE_TIMEOUT_MS << away);
    ck_assert_ptr_nonnull(table_asked(&table, VOTE_NULLIFY));
    for (uint64_t v = away; v < own; v++) table_certify(&table, VOTE_NULLIFY, v, NULL);
    table_tick(&table, TABLE_TIMEOUT_MS);
    ck_assert_ptr_nonnull(table_action(&table, ACTION_BUILD, 0));
}
END_TEST

Suite *proposal_suite(void) {
    Suite *suite = suite_create("proposal");
    TCase *tcase = tcase_create("proposal");
    tcase_add_checked_fixture(tcase, open, close);
    tcase_add_test(tcase, a_view_between_that_is_not_null_is_asked_for);
    tcase_add_test(tcase, a_null_view_that_others_know_as_notarized_is_asked_for);
    tcase_add_test(tcase, an_unknown_block_that_is_built_on_is_asked_for);
    tcase_add_test(tcase, a_proposal_brings_what_it_stands_on);
    tcase_add_test(tcase, certificates_that_are_missing_are_asked_for_at_once);
    tcase_add_test(tcase, the_lowest_block_that_is_missing_is_asked_for);
    tcase_add_test(tcase, a_block_that_nobody_asked_for_is_not_kept);
    tcase_add_test(tcase, blocks_that_came_to_nothing_make_room);
    tcase_add_test(tcase, a_header_against_a_rule_is_never_voted_for);
    tcase_add_test(tcase, a_header_names_a_quorum_of_its_parents_voters);
    tcase_add_test(tcase, a_time_ahead_of_the_own_clock_waits);
    tcase_add_test(tcase, a_time_too_far_behind_is_refused);
    tcase_add_test(tcase, a_branch_of_sixteen_blocks_is_repeated_until_it_is_final);
    tcase_add_test(tcase, a_block_that_could_not_be_made_is_tried_again_in_its_view);
    tcase_add_test(tcase, whoever_can_never_make_a_block_gives_its_view_up_in_time);
    tcase_add_test(tcase, empty_blocks_are_left_out_where_the_epoch_says_so);
    tcase_add_test(tcase, without_work_there_is_a_block_a_minute);
    tcase_add_test(tcase, a_leader_is_not_waited_for_once_the_work_is_done);
    tcase_add_test(tcase, leaders_that_do_not_come_add_no_minute_each);
    tcase_add_test(tcase, a_block_begins_the_minute_anew);
    tcase_add_test(tcase, a_block_that_is_not_final_is_work_for_all);
    suite_add_tcase(suite, tcase);
    return suite;
}
