// SPDX-License-Identifier: Apache-2.0
// What the log gives back: nothing is signed anew, what was signed is sent again, and what was
// agreed on is not forgotten.
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

static void restore_null(uint64_t view) {
    static struct certificate certificate;
    table_seal(&table, &certificate, view);
    struct consensus_record record = {.kind = RECORD_CERTIFICATE};
    record.sealed = (struct sealed){.kind = VOTE_NULLIFY, .certificate = &certificate};
    consensus_restore(table.core, &record);
}

static struct signed_votes own_vote(enum vote_kind kind, uint64_t view,
                                    const struct header *header) {
    static const struct vote_signer self = {.signature = {{55}}};
    struct signed_votes vote = {.view = view, .kind = kind, .count = 1, .signers = &self};
    if (header) header_id(&vote.block_id, header);
    return vote;
}

static void restore_vote(const struct signed_votes *vote) {
    struct consensus_record record = {.kind = RECORD_VOTES, .votes = *vote};
    consensus_restore(table.core, &record);
}

START_TEST(what_was_signed_is_sent_again_and_not_signed_anew) {
    struct header header;
    uint64_t view = view_not_led(1);
    table_block(&table, &header, &table.genesis, view);
    table_reopen(&table);
    for (uint64_t v = 1; v < view; v++) restore_null(v);
    struct consensus_record record = {.kind = RECORD_BLOCK, .block = &header};
    consensus_restore(table.core, &record);
    struct signed_votes vote = own_vote(VOTE_NOTARIZE, view, &header);
    restore_vote(&vote);
    table_tick(&table, 1);
    ck_assert_uint_eq(table_state(&table).view, view);
    const struct consensus_message *sent = table_sent(&table, MESSAGE_VOTES, 0);
    ck_assert_ptr_nonnull(sent);
    ck_assert_uint_eq(sent->votes.count, 1);
    ck_assert_uint_eq(sent->votes.signers[0].signature.bytes[0], 55);
    ck_assert(hash_equal(&sent->votes.block_id, &vote.block_id));
    // The body in the log is executed again; a second NOTARIZE there is none.
    ck_assert_ptr_nonnull(table_action(&table, ACTION_EXECUTE, 0));
    table_propose(&table, &header, view);
    table_execute(&table, &header, true);
    ck_assert_ptr_null(table_asked(&table, VOTE_NOTARIZE));
}
END_TEST

// By a log that was set back, as to a copy: what others have of the own key is as good as signed,
// and not taken for somebody else's.
START_TEST(own_votes_that_the_log_has_lost_are_kept_to) {
    static const enum vote_kind lost[] = {VOTE_NOTARIZE, VOTE_FINALIZE, VOTE_NULLIFY};
    struct header header;
    uint64_t view = view_not_led(1);
    table_block(&table, &header, &table.genesis, view);
    table_reopen(&table);
    for (uint64_t v = 1; v < view; v++) restore_null(v);
    table_tick(&table, TABLE_INTERVAL_MS);
    table_vote(&table, lost[_i], view, lost[_i] == VOTE_NULLIFY ? NULL : &header, 0);
    table_propose(&table, &header, view);
    table_execute(&table, &header, true);
    ck_assert_ptr_nonnull(table_asked(&table, VOTE_NOTARIZE));
    table_signed(&table, table_asked(&table, VOTE_NOTARIZE));
    ck_assert_ptr_nonnull(table_sent(&table, MESSAGE_VOTES, 0)); // the same bytes
    ck_assert_ptr_null(table_action(&table, ACTION_TWIN, 0));
    if (lost[_i] == VOTE_NULLIFY) {
        table_certify(&table, VOTE_NOTARIZE, view, &header);
        ck_assert_uint_eq(table_state(&table).view, view + 1);
        ck_assert_ptr_null(table_asked(&table, VOTE_FINALIZE));
        return;
    }
    bool is_given_up = false;
    for (int i = 0; i < 100; i++) {
        table_tick(&table, TABLE_TIMEOUT_MS);
        is_given_up = is_given_up || table_asked(&table, VOTE_NULLIFY);
        ck_assert_ptr_null(table_action(&table, ACTION_TWIN, 0));
    }
    ck_assert(is_given_up == (lost[_i] == VOTE_NOTARIZE));
}
END_TEST

START_TEST(a_view_that_was_given_up_is_not_finalized_after_a_restart) {
    struct header header;
    uint64_t view = view_not_led(1);
    table_block(&table, &header, &table.genesis, view);
    table_reopen(&table);
    for (uint64_t v = 1; v < view; v++) restore_null(v);
    struct signed_votes vote = own_vote(VOTE_NULLIFY, view, NULL);
    restore_vote(&vote);
    table_tick(&table, 1);
    table_propose(&table, &header, view);
    table_execute(&table, &header, true);
    table_certify(&table, VOTE_NOTARIZE, view, &header);
    ck_assert_uint_eq(table_state(&table).view, view + 1);
    ck_assert_ptr_null(table_asked(&table, VOTE_FINALIZE));
}
END_TEST

START_TEST(null_views_are_known_again) {
    table_reopen(&table);
    for (uint64_t view = 1; view < 9; view++) restore_null(view);
    table_tick(&table, 1);
    ck_assert_uint_eq(table_state(&table).view, 9);
    struct header header;
    uint64_t view = view_not_led(9);
    for (uint64_t v = 9; v < view; v++) table_certify(&table, VOTE_NULLIFY, v, NULL);
    table_block(&table, &header, &table.genesis, view);
    table_propose(&table, &header, view);
    table_execute(&table, &header, true);
    ck_assert_ptr_nonnull(table_asked(&table, VOTE_NOTARIZE));
}
END_TEST

START_TEST(a_proposal_is_sent_again_as_it_was) {
    struct header header;
    uint64_t view = 1;
    while (schedule_leader(&table.schedule, view) != 0) view++;
    table_block(&table, &header, &table.genesis, view);
    table_reopen(&table);
    for (uint64_t v = 1; v < view; v++) restore_null(v);
    struct consensus_record record = {.kind = RECORD_BLOCK, .block = &header};
    consensus_restore(table.core, &record);
    struct signed_votes vote = own_vote(VOTE_PROPOSE, view, &header);
    restore_vote(&vote);
    table_tick(&table, 1);
    const struct consensus_message *sent = table_sent(&table, MESSAGE_PROPOSAL, 0);
    ck_assert_ptr_nonnull(sent);
    ck_assert(hash_equal(&sent->proposal.id, &vote.block_id));
    table_tick(&table, 10 * TABLE_INTERVAL_MS);
    ck_assert_ptr_null(table_action(&table, ACTION_BUILD, 0));
    ck_assert_ptr_null(table_asked(&table, VOTE_PROPOSE));
}
END_TEST

START_TEST(what_a_log_has_that_contradicts_itself_stops_the_node_again) {
    static struct certificate certificate;
    struct header header;
    table_block(&table, &header, &table.genesis, 1);
    table_reopen(&table);
    restore_null(1);
    table_seal(&table, &certificate, 1);
    struct consensus_record record = {
        .kind = RECORD_CERTIFICATE, .sealed = {.kind = VOTE_FINALIZE, .certificate = &certificate}};
    header_id(&record.sealed.block_id, &header);
    consensus_restore(table.core, &record);
    table_tick(&table, 1);
    ck_assert_uint_eq(table.actions.count, 1);
    ck_assert_int_eq(table_action(&table, ACTION_HALT, 0)->halt, HALT_TWO_CERTIFICATES);
    table_tick(&table, 100 * 1000);
    ck_assert_uint_eq(table.actions.count, 0);
}
END_TEST

START_TEST(a_boundary_that_was_final_ends_its_epoch_again) {
    static struct certificate certificate;
    struct header header;
    table_block(&table, &header, &table.genesis, 30);
    header.height = TABLE_EPOCH_BLOCKS - 1;
    table_seal(&table, &certificate, 31);
    struct consensus_root root = {.header = header, .view = 31, .certificate = &certificate};
    header_id(&root.id, &header);
    table.core = consensus_init(table.core, &table.config, &table.epoch, &root);
    table_tick(&table, 1);
    ck_assert_ptr_nonnull(table_action(&table, ACTION_EPOCH_END, 0));
    // Where the next one has begun, its views do, whatever view the boundary was final in.
    table.epoch.epoch = root.epoch = 1;
    table.epoch.first_view = 31;
    table.core = consensus_init(table.core, &table.config, &table.epoch, &root);
    table_tick(&table, 1);
    ck_assert_ptr_null(table_action(&table, ACTION_EPOCH_END, 0));
    ck_assert_uint_eq(table_state(&table).view, 31);
}
END_TEST

START_TEST(the_log_may_drop_what_is_behind_the_final_block) {
    static struct certificate certificate;
    struct header first, second, third;
    table_agree(&table, &first, &table.genesis, 1, false);
    table_agree(&table, &second, &first, 2, true);
    table_agree(&table, &third, &second, 3, false);
    struct consensus_record record = {.kind = RECORD_BLOCK, .block = &second};
    ck_assert(!consensus_needs(table.core, &record));
    record.block = &third;
    ck_assert(consensus_needs(table.core, &record));
    for (uint64_t view = 1; view <= 3; view++) {
        table_seal(&table, &certificate, view);
        record = (struct consensus_record){.kind = RECORD_CERTIFICATE};
        record.sealed = (struct sealed){.kind = VOTE_NOTARIZE, .certificate = &certificate};
        ck_assert_int_eq(consensus_needs(table.core, &record), view > 2);
        record = (struct consensus_record){.kind = RECORD_VOTES};
        record.votes = own_vote(VOTE_NOTARIZE, view, &first);
        ck_assert_int_eq(consensus_needs(table.core, &record), view > 2);
    }
    struct consensus_root root;
    consensus_root_of(table.core, &root);
    ck_assert_uint_eq(root.header.height, 2);
    ck_assert_uint_eq(root.view, 2);
}
END_TEST

START_TEST(the_last_signature_stays_in_the_log_however_old_it_is) {
    struct header first, second;
    table_agree(&table, &first, &table.genesis, 1, false);
    table_agree(&table, &second, &first, 2, false);
    struct sign_guard guard = table_state(&table).guard;
    ck_assert_uint_eq(guard.view, 2);
    // Others go on: the own key stays where it was.
    struct header third;
    table_block(&table, &third, &second, 40);
    table_certify(&table, VOTE_FINALIZE, 40, &third);
    table_feed(&table, (struct consensus_event){.kind = EVENT_BLOCK, .peer = 1, .block = &third});
    table_execute(&table, &third, true);
    ck_assert_uint_eq(table_state(&table).final_height, 3);
    struct consensus_record record = {.kind = RECORD_VOTES};
    record.votes = own_vote(VOTE_FINALIZE, table_state(&table).guard.view, &second);
    ck_assert(consensus_needs(table.core, &record));
    record.votes.view--;
    ck_assert(!consensus_needs(table.core, &record));
}
END_TEST

Suite *restart_suite(void) {
    Suite *suite = suite_create("restart");
    TCase *tcase = tcase_create("restart");
    tcase_add_checked_fixture(tcase, open, close);
    tcase_add_test(tcase, what_was_signed_is_sent_again_and_not_signed_anew);
    tcase_add_loop_test(tcase, own_votes_that_the_log_has_lost_are_kept_to, 0, 3);
    tcase_add_test(tcase, a_view_that_was_given_up_is_not_finalized_after_a_restart);
    tcase_add_test(tcase, null_views_are_known_again);
    tcase_add_test(tcase, a_proposal_is_sent_again_as_it_was);
    tcase_add_test(tcase, what_a_log_has_that_contradicts_itself_stops_the_node_again);
    tcase_add_test(tcase, a_boundary_that_was_final_ends_its_epoch_again);
    tcase_add_test(tcase, the_log_may_drop_what_is_behind_the_final_block);
    tcase_add_test(tcase, the_last_signature_stays_in_the_log_however_old_it_is);
    suite_add_tcase(suite, tcase);
    return suite;
}
