// SPDX-License-Identifier: Apache-2.0
// A process that holds many keys: one guard, one vote of all of them, one line of the log.
#include "tests/unit/consensus/suites.h"

static struct table table;

// Of seven, whose quorum is five: three, or all five that are needed.
static void open_three(void) { table_open_group(&table, 7, 3); }
static void open_five(void) { table_open_group(&table, 7, 5); }
static void close(void) { table_close(&table); }

static bool is_own(uint64_t view) {
    return group_has(&table.epoch.own, schedule_leader(&table.schedule, view));
}

// The first view that the group leads, or does not, with everything before it null.
static uint64_t reach(bool is_led) {
    uint64_t view = 1;
    table_tick(&table, 0);
    for (; is_own(view) != is_led; view++) table_certify(&table, VOTE_NULLIFY, view, NULL);
    return view;
}

static size_t count_by(const struct sign_request *request) {
    size_t count = 0;
    for (uint16_t i = 0; i < LIMIT_WITNESSES; i++) count += group_has(&request->by, i);
    return count;
}

static void vote_in(struct header *header, uint64_t view) {
    table_block(&table, header, &table.genesis, view);
    table_propose(&table, header, view);
    table_execute(&table, header, true);
}

START_TEST(all_own_keys_vote_at_once_and_count_at_once) {
    struct header header;
    uint64_t view = reach(false);
    vote_in(&header, view);
    ck_assert_ptr_nonnull(table_action(&table, ACTION_SIGN, 0));
    ck_assert_ptr_null(table_action(&table, ACTION_SIGN, 1));
    struct sign_request request = *table_asked(&table, VOTE_NOTARIZE);
    ck_assert_uint_eq(count_by(&request), 3);
    table_signed(&table, &request);
    const struct consensus_message *sent = table_sent(&table, MESSAGE_VOTES, 0);
    ck_assert_uint_eq(sent->votes.count, 3);
    for (uint16_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(sent->votes.signers[i].witness, i);
        ck_assert_uint_eq(sent->votes.signers[i].signature.bytes[1], i);
    }
    ck_assert_ptr_null(table_sent(&table, MESSAGE_VOTES, 1));
    // Two of others are enough now, and one is not.
    table_vote(&table, VOTE_NOTARIZE, view, &header, 5);
    ck_assert_uint_eq(table_state(&table).view, view);
    table_vote(&table, VOTE_NOTARIZE, view, &header, 6);
    ck_assert_uint_eq(table_state(&table).view, view + 1);
}
END_TEST

START_TEST(a_proposal_is_its_leaders_alone) {
    struct header header;
    uint64_t view = reach(true);
    table_block(&table, &header, &table.genesis, view);
    table_feed(&table,
               (struct consensus_event){.kind = EVENT_BUILT, .peer = PEER_NONE, .built = &header});
    struct sign_request proposal = *table_asked(&table, VOTE_PROPOSE);
    struct sign_request vote = *table_asked(&table, VOTE_NOTARIZE);
    ck_assert_uint_eq(count_by(&proposal), 1);
    ck_assert(group_has(&proposal.by, header.leader));
    ck_assert_uint_eq(count_by(&vote), 3);
    table_signed(&table, &proposal);
    ck_assert_uint_eq(table_sent(&table, MESSAGE_PROPOSAL, 0)->proposal.signature.bytes[1],
                      header.leader);
}
END_TEST

START_TEST(one_guard_keeps_all_of_them_back) {
    struct header header;
    uint64_t view = reach(false);
    table_tick(&table, 0);
    while (!table_asked(&table, VOTE_NULLIFY))
        table_tick(&table, consensus_wake_ms(table.core) - table.now_ms);
    ck_assert_uint_eq(count_by(table_asked(&table, VOTE_NULLIFY)), 3);
    vote_in(&header, view);
    ck_assert_ptr_null(table_asked(&table, VOTE_NOTARIZE));
    table_certify(&table, VOTE_NOTARIZE, view, &header);
    ck_assert_ptr_null(table_asked(&table, VOTE_FINALIZE));
}
END_TEST

START_TEST(what_a_group_signed_is_sent_again_whole) {
    struct header header;
    struct vote_signer signers[3] = {{.witness = 0}, {.witness = 1}, {.witness = 2}};
    uint64_t view = 1;
    while (is_own(view)) view++;
    table_block(&table, &header, &table.genesis, view);
    struct consensus_record record = {.kind = RECORD_VOTES};
    record.votes =
        (struct signed_votes){.view = view, .kind = VOTE_NULLIFY, .count = 3, .signers = signers};
    consensus_restore(table.core, &record);
    table_tick(&table, 1);
    const struct consensus_message *sent = table_sent(&table, MESSAGE_VOTES, 0);
    ck_assert_ptr_nonnull(sent);
    ck_assert_int_eq(sent->votes.kind, VOTE_NULLIFY);
    ck_assert_uint_eq(sent->votes.count, 3);
    table_vote(&table, VOTE_NULLIFY, view, NULL, 5);
    table_vote(&table, VOTE_NULLIFY, view, NULL, 6);
    ck_assert_uint_eq(table_state(&table).view, view + 1);
}
END_TEST

START_TEST(own_witnesses_are_not_asked_for_what_is_missing) {
    struct header header;
    uint64_t view = reach(false);
    table_block(&table, &header, &table.genesis, view);
    table_certify(&table, VOTE_NOTARIZE, view, &header);
    for (int round = 0; round < 4; round++) {
        const struct consensus_action *action;
        size_t asked = 0;
        table_tick(&table, TABLE_TIMEOUT_MS);
        for (size_t i = 0; (action = table_action(&table, ACTION_SEND, i)) != NULL; i++) {
            if (action->send.message.kind != MESSAGE_FETCH) continue;
            ck_assert_int_eq(action->send.to, SEND_WITNESS);
            ck_assert(!group_has(&table.epoch.own, action->send.target));
            asked++;
        }
        ck_assert_uint_gt(asked, 0);
    }
}
END_TEST

START_TEST(what_own_votes_seal_after_a_restart_is_logged) {
    struct vote_signer signers[5] = {
        {.witness = 0}, {.witness = 1}, {.witness = 2}, {.witness = 3}, {.witness = 4}};
    struct consensus_record record = {.kind = RECORD_VOTES};
    record.votes =
        (struct signed_votes){.view = 1, .kind = VOTE_NULLIFY, .count = 5, .signers = signers};
    consensus_restore(table.core, &record);
    table_tick(&table, 1);
    ck_assert_uint_eq(table_state(&table).view, 2);
    const struct consensus_action *append = table_action(&table, ACTION_APPEND, 0);
    ck_assert_ptr_nonnull(append);
    ck_assert_int_eq(append->record.kind, RECORD_CERTIFICATE);
    ck_assert_uint_eq(append->record.sealed.certificate->view, 1);
    ck_assert_uint_eq(append->record.sealed.certificate->signature_count, 5);
}
END_TEST

// What the group is asked for and has not given yet.
static struct {
    struct sign_request requests[16];
    size_t count;
    bool has_block;
    struct header block;
} waiting;

static void note_asked(void) {
    const struct consensus_action *action;
    for (size_t i = 0; (action = table_action(&table, ACTION_SIGN, i)) != NULL; i++) {
        ck_assert_uint_lt(waiting.count, 16);
        waiting.requests[waiting.count++] = action->sign;
    }
    if (!(action = table_action(&table, ACTION_BUILD, 0))) return;
    waiting.has_block = true;
    table_block(&table, &waiting.block, action->build.parent, action->build.view);
}

static void answer(void) {
    if (waiting.has_block) {
        waiting.has_block = false;
        table_feed(&table, (struct consensus_event){
                               .kind = EVENT_BUILT, .peer = PEER_NONE, .built = &waiting.block});
    } else if (waiting.count > 0) {
        struct sign_request request = waiting.requests[0];
        memmove(waiting.requests, waiting.requests + 1, --waiting.count * sizeof request);
        table_signed(&table, &request);
    } else {
        table_tick(&table, consensus_wake_ms(table.core) - table.now_ms);
    }
    note_asked();
}

START_TEST(a_quorum_of_keys_makes_blocks_final_without_a_message) {
    memset(&waiting, 0, sizeof waiting);
    table_tick(&table, 0);
    note_asked();
    for (int turn = 0; turn < 2000 && table_state(&table).final_height < 12; turn++) answer();
    ck_assert_uint_eq(table_state(&table).final_height, 12);
    ck_assert_uint_gt(table_state(&table).view, 12); // with views that others lead, and leave empty
}
END_TEST

Suite *group_suite(void) {
    Suite *suite = suite_create("group");
    TCase *three = tcase_create("three of seven"), *five = tcase_create("five of seven");
    tcase_add_checked_fixture(three, open_three, close);
    tcase_add_checked_fixture(five, open_five, close);
    tcase_add_test(three, all_own_keys_vote_at_once_and_count_at_once);
    tcase_add_test(three, a_proposal_is_its_leaders_alone);
    tcase_add_test(three, one_guard_keeps_all_of_them_back);
    tcase_add_test(three, what_a_group_signed_is_sent_again_whole);
    tcase_add_test(three, own_witnesses_are_not_asked_for_what_is_missing);
    tcase_add_test(five, what_own_votes_seal_after_a_restart_is_logged);
    tcase_add_test(five, a_quorum_of_keys_makes_blocks_final_without_a_message);
    suite_add_tcase(suite, three);
    suite_add_tcase(suite, five);
    return suite;
}
