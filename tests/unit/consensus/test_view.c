// SPDX-License-Identifier: Apache-2.0
// A view's way: proposal, NOTARIZE, FINALIZE or NULLIFY, and the certificates that end it.
#include "tests/unit/consensus/suites.h"

static struct table table;

static void open(void) { table_open(&table, 4, 0); }
static void close(void) { table_close(&table); }

// The first view from here on that witness 0 leads, or does not.
static uint64_t view_from(uint64_t view, bool is_led) {
    while ((schedule_leader(&table.schedule, view) == 0) != is_led) view++;
    return view;
}

// Everything before the view is null.
static void nullify_until(uint64_t view) {
    table_tick(&table, 0);
    for (uint64_t v = 1; v < view; v++) table_certify(&table, VOTE_NULLIFY, v, NULL);
}

static void propose_in(struct header *out, uint64_t view) {
    nullify_until(view);
    table_block(&table, out, &table.genesis, view);
    table_propose(&table, out, view);
}

START_TEST(a_witness_executes_stores_and_only_then_signs) {
    struct header header;
    propose_in(&header, view_from(1, false));
    ck_assert_ptr_nonnull(table_action(&table, ACTION_EXECUTE, 0));
    ck_assert_ptr_null(table_asked(&table, VOTE_NOTARIZE));
    table_execute(&table, &header, true);
    const struct sign_request *vote = table_asked(&table, VOTE_NOTARIZE);
    ck_assert_ptr_nonnull(vote);
    ck_assert_uint_lt(table_place(&table, ACTION_APPEND), table_place(&table, ACTION_SIGN));
    ck_assert_int_eq(table_action(&table, ACTION_APPEND, 0)->record.kind, RECORD_BLOCK);
    // It leaves the machine once the driver has reported it as durable.
    ck_assert_ptr_null(table_sent(&table, MESSAGE_VOTES, 0));
    struct sign_request asked = *vote;
    table_signed(&table, &asked);
    ck_assert_ptr_nonnull(table_sent(&table, MESSAGE_VOTES, 0));
    ck_assert_uint_eq(table_sent(&table, MESSAGE_VOTES, 0)->votes.signers[0].signature.bytes[0],
                      101);
}
END_TEST

START_TEST(what_does_not_execute_gets_no_vote) {
    struct header header;
    propose_in(&header, view_from(1, false));
    table_execute(&table, &header, false);
    ck_assert_ptr_null(table_asked(&table, VOTE_NOTARIZE));
}
END_TEST

START_TEST(a_leader_builds_when_the_interval_is_over) {
    uint64_t view = view_from(1, true);
    table.now_ms = table.genesis.time_ms + TABLE_INTERVAL_MS - 1;
    nullify_until(view);
    ck_assert_ptr_null(table_action(&table, ACTION_BUILD, 0));
    ck_assert_uint_eq(consensus_wake_ms(table.core), table.now_ms + 1);
    table_tick(&table, 1);
    const struct consensus_action *build = table_action(&table, ACTION_BUILD, 0);
    ck_assert_ptr_nonnull(build);
    ck_assert_uint_eq(build->build.view, view);
    ck_assert_uint_eq(build->build.time_ms, table.now_ms);
    // Once.
    table_tick(&table, 1);
    ck_assert_ptr_null(table_action(&table, ACTION_BUILD, 0));
    struct header header;
    table_block(&table, &header, &table.genesis, view);
    table_feed(&table,
               (struct consensus_event){.kind = EVENT_BUILT, .peer = PEER_NONE, .built = &header});
    ck_assert_uint_eq(table_place(&table, ACTION_APPEND), 0);
    struct sign_request proposal = *table_asked(&table, VOTE_PROPOSE);
    ck_assert_ptr_nonnull(table_asked(&table, VOTE_NOTARIZE));
    table_signed(&table, &proposal);
    ck_assert_ptr_nonnull(table_sent(&table, MESSAGE_PROPOSAL, 0));
}
END_TEST

START_TEST(a_quorum_of_notarize_ends_the_view_and_asks_for_finalize) {
    struct header header;
    uint64_t view = view_from(1, false);
    propose_in(&header, view);
    table_execute(&table, &header, true);
    struct sign_request own = *table_asked(&table, VOTE_NOTARIZE);
    table_vote(&table, VOTE_NOTARIZE, view, &header, 1);
    table_vote(&table, VOTE_NOTARIZE, view, &header, 2);
    ck_assert_uint_eq(table_state(&table).view, view);
    // The own vote counts when it is durable.
    table_signed(&table, &own);
    ck_assert_uint_eq(table_state(&table).view, view + 1);
    const struct consensus_action *append = table_action(&table, ACTION_APPEND, 0);
    ck_assert_int_eq(append->record.kind, RECORD_CERTIFICATE);
    ck_assert_uint_eq(append->record.sealed.certificate->signature_count, 3);
    ck_assert_ptr_nonnull(table_asked(&table, VOTE_FINALIZE));
    ck_assert_uint_lt(table_place(&table, ACTION_APPEND), table_place(&table, ACTION_SIGN));
}
END_TEST

START_TEST(the_same_vote_twice_counts_once) {
    struct header header;
    uint64_t view = view_from(1, false);
    propose_in(&header, view);
    for (int i = 0; i < 5; i++) table_vote(&table, VOTE_NOTARIZE, view, &header, 1);
    table_vote(&table, VOTE_NOTARIZE, view, &header, 2);
    ck_assert_uint_eq(table_state(&table).view, view);
    table_vote(&table, VOTE_NOTARIZE, view, &header, 3);
    ck_assert_uint_eq(table_state(&table).view, view + 1);
}
END_TEST

START_TEST(a_quorum_of_finalize_makes_the_branch_final) {
    struct header first, second;
    table_tick(&table, 0);
    table_agree(&table, &first, &table.genesis, 1, false);
    table_agree(&table, &second, &first, 2, false);
    ck_assert_uint_eq(table_state(&table).final_height, 0);
    for (uint16_t i = 1; i < 3; i++) table_vote(&table, VOTE_FINALIZE, 2, &second, i);
    ck_assert_uint_eq(table_state(&table).final_height, 0);
    table_vote(&table, VOTE_FINALIZE, 2, &second, 3);
    ck_assert_uint_eq(table_state(&table).final_height, 2);
    const struct consensus_action *below = table_action(&table, ACTION_FINAL, 0);
    const struct consensus_action *above = table_action(&table, ACTION_FINAL, 1);
    ck_assert_uint_eq(below->final.header->height, 1);
    ck_assert_ptr_null(below->final.certificate);
    ck_assert_uint_eq(above->final.header->height, 2);
    ck_assert_uint_eq(above->final.certificate->signature_count, 3);
    ck_assert_uint_lt(table_place(&table, ACTION_APPEND), table_place(&table, ACTION_FINAL));
}
END_TEST

START_TEST(a_view_without_a_block_is_given_up_after_its_timeout) {
    uint64_t view = view_from(1, false);
    nullify_until(view);
    uint64_t timeout = (uint64_t)TABLE_TIMEOUT_MS << (view - 1);
    table_tick(&table, 0);
    table_tick(&table, timeout - 1);
    ck_assert_ptr_null(table_asked(&table, VOTE_NULLIFY));
    table_tick(&table, 1);
    ck_assert_ptr_nonnull(table_asked(&table, VOTE_NULLIFY));
    // From then on no vote for a block in this view, and no FINALIZE.
    struct header header;
    table_block(&table, &header, &table.genesis, view);
    table_propose(&table, &header, view);
    table_execute(&table, &header, true);
    ck_assert_ptr_null(table_asked(&table, VOTE_NOTARIZE));
    table_certify(&table, VOTE_NOTARIZE, view, &header);
    ck_assert_uint_eq(table_state(&table).view, view + 1);
    ck_assert_ptr_null(table_asked(&table, VOTE_FINALIZE));
}
END_TEST

START_TEST(timeouts_double_while_views_bring_nothing) {
    uint64_t previous = 0;
    table_tick(&table, 0);
    for (uint64_t view = 1; view <= LIMIT_TIMEOUT_DOUBLINGS + 3; view++) {
        uint64_t began = table.now_ms;
        while (!table_asked(&table, VOTE_NULLIFY))
            table_tick(&table, consensus_wake_ms(table.core) - table.now_ms);
        uint64_t took = table.now_ms - began;
        if (view > LIMIT_TIMEOUT_DOUBLINGS + 1)
            ck_assert_uint_eq(took, previous);
        else if (view > 1)
            ck_assert_uint_eq(took, 2 * previous);
        previous = took;
        table_certify(&table, VOTE_NULLIFY, view, NULL);
    }
    ck_assert_uint_eq(table_state(&table).failures, LIMIT_TIMEOUT_DOUBLINGS + 3);
}
END_TEST

START_TEST(who_executes_late_gives_finalize_until_the_next_view_has_a_signature) {
    struct header header;
    uint64_t view = view_from(1, false);
    propose_in(&header, view);
    table_certify(&table, VOTE_NOTARIZE, view, &header);
    ck_assert_ptr_null(table_asked(&table, VOTE_FINALIZE));
    table_execute(&table, &header, true);
    ck_assert_uint_eq(table_asked(&table, VOTE_FINALIZE)->view, view);
    table_reopen(&table);
    propose_in(&header, view);
    table_certify(&table, VOTE_NOTARIZE, view, &header);
    while (!table_asked(&table, VOTE_NULLIFY))
        table_tick(&table, consensus_wake_ms(table.core) - table.now_ms);
    table_execute(&table, &header, true);
    ck_assert_ptr_null(table_asked(&table, VOTE_FINALIZE));
}
END_TEST

// Whoever gives NOTARIZE and keeps FINALIZE back needs no timeout to end a view.
START_TEST(far_from_the_final_block_views_that_end_by_certificates_slow_down_too) {
    const uint64_t half = LIMIT_VIEWS_KEPT / 2;
    struct header tip;
    table_tick(&table, 0);
    table_agree(&table, &tip, &table.genesis, 1, false);
    for (uint64_t view = 2; view < half + 40; view++) {
        uint64_t began = table.now_ms;
        uint64_t pace = view > half ? ((uint64_t)TABLE_TIMEOUT_MS << (view - half) / 4) / 4 : 0;
        if (schedule_leader(&table.schedule, view) != 0) {
            table_propose(&table, &tip, view);
            while (!table_asked(&table, VOTE_NOTARIZE)) {
                ck_assert_ptr_null(table_asked(&table, VOTE_NULLIFY));
                table_tick(&table, consensus_wake_ms(table.core) - table.now_ms);
            }
            ck_assert_uint_eq(table.now_ms - began, pace);
        }
        table_certify(&table, VOTE_NOTARIZE, view, &tip);
    }
}
END_TEST

START_TEST(the_end_of_a_view_is_stored_before_the_next_is_signed_in) {
    struct header header;
    uint64_t view = view_from(2, false);
    nullify_until(view - 1);
    table_block(&table, &header, &table.genesis, view);
    table_propose(&table, &header, view);
    table_execute(&table, &header, true);
    ck_assert_ptr_null(table_asked(&table, VOTE_NOTARIZE));
    // All is there but the end of the view before.
    table_certify(&table, VOTE_NULLIFY, view - 1, NULL);
    ck_assert_ptr_nonnull(table_asked(&table, VOTE_NOTARIZE));
    ck_assert_int_eq(table_action(&table, ACTION_APPEND, 0)->record.kind, RECORD_CERTIFICATE);
    ck_assert_uint_eq(table_place(&table, ACTION_APPEND), 0);
}
END_TEST

START_TEST(two_votes_of_a_kind_are_evidence_once) {
    struct header header, other;
    propose_in(&header, view_from(1, false));
    other = header;
    other.tx_root.bytes[0] ^= 1;
    table_vote(&table, VOTE_NOTARIZE, header.view, &header, 2);
    table_vote(&table, VOTE_NOTARIZE, header.view, &other, 2);
    const struct consensus_action *evidence = table_action(&table, ACTION_EVIDENCE, 0);
    ck_assert_ptr_nonnull(evidence);
    ck_assert_uint_eq(evidence->evidence.first.witness, 2);
    ck_assert(!hash_equal(&evidence->evidence.first.block_id, &evidence->evidence.second.block_id));
    table_vote(&table, VOTE_NOTARIZE, header.view, &other, 2);
    ck_assert_ptr_null(table_action(&table, ACTION_EVIDENCE, 0));
}
END_TEST

START_TEST(nullify_with_finalize_is_evidence_and_with_notarize_is_not) {
    struct header header;
    propose_in(&header, view_from(1, false));
    table_vote(&table, VOTE_NOTARIZE, header.view, &header, 2);
    table_vote(&table, VOTE_NULLIFY, header.view, NULL, 2);
    ck_assert_ptr_null(table_action(&table, ACTION_EVIDENCE, 0));
    table_vote(&table, VOTE_FINALIZE, header.view, &header, 2);
    ck_assert_ptr_nonnull(table_action(&table, ACTION_EVIDENCE, 0));
}
END_TEST

START_TEST(two_proposals_of_a_leader_are_evidence_and_the_first_counts) {
    struct header header, other;
    propose_in(&header, view_from(1, false));
    other = header;
    other.tx_root.bytes[0] ^= 1;
    table_propose(&table, &other, other.view);
    ck_assert_int_eq(table_action(&table, ACTION_EVIDENCE, 0)->evidence.second.kind, VOTE_PROPOSE);
    ck_assert_ptr_null(table_action(&table, ACTION_EXECUTE, 0));
    table_execute(&table, &header, true);
    ck_assert_ptr_nonnull(table_asked(&table, VOTE_NOTARIZE));
}
END_TEST

static bool can_use_vote(enum vote_kind kind, uint64_t view, const struct header *header,
                         uint16_t witness) {
    struct vote_signer signer = {.witness = witness};
    struct consensus_message message = {
        .kind = MESSAGE_VOTES,
        .votes = {.view = view, .kind = kind, .count = 1, .signers = &signer}};
    if (header) header_id(&message.votes.block_id, header);
    return consensus_can_use(table.core, &message);
}

static bool can_use_certificate(enum vote_kind kind, uint64_t view, const struct header *header) {
    struct certificate certificate;
    table_seal(&table, &certificate, view);
    struct consensus_message message = {.kind = MESSAGE_CERTIFICATE,
                                        .sealed = {.kind = kind, .certificate = &certificate}};
    if (header) header_id(&message.sealed.block_id, header);
    return consensus_can_use(table.core, &message);
}

START_TEST(votes_are_of_use_once_and_against_one_another) {
    struct header header, other;
    propose_in(&header, view_from(1, false));
    uint64_t view = header.view;
    other = header;
    other.tx_root.bytes[0] ^= 1;
    ck_assert(can_use_vote(VOTE_NOTARIZE, view, &header, 2));
    table_vote(&table, VOTE_NOTARIZE, view, &header, 2);
    ck_assert(!can_use_vote(VOTE_NOTARIZE, view, &header, 2));
    ck_assert(can_use_vote(VOTE_NOTARIZE, view, &header, 1));
    ck_assert(can_use_vote(VOTE_FINALIZE, view, &header, 2));
    ck_assert(can_use_vote(VOTE_NOTARIZE, view, &other, 2)); // evidence
    table_vote(&table, VOTE_NOTARIZE, view, &other, 2);
    ck_assert(!can_use_vote(VOTE_NOTARIZE, view, &other, 2));  // that is known
    ck_assert(!can_use_vote(VOTE_NOTARIZE, view, &header, 4)); // nobody
    ck_assert(!can_use_vote(VOTE_NOTARIZE, view + LIMIT_VIEWS_COUNTED, &header, 1));
    ck_assert(!can_use_vote(VOTE_NULLIFY, 0, NULL, 1));
}
END_TEST

START_TEST(certificates_are_of_use_until_there_is_one) {
    struct header header, other;
    table_tick(&table, 0);
    table_block(&table, &header, &table.genesis, 1);
    other = header;
    other.tx_root.bytes[0] ^= 1;
    ck_assert(can_use_certificate(VOTE_NOTARIZE, 1, &header));
    table_certify(&table, VOTE_NOTARIZE, 1, &header);
    ck_assert(!can_use_certificate(VOTE_NOTARIZE, 1, &header));
    ck_assert(can_use_certificate(VOTE_NOTARIZE, 1, &other)); // it stops the node
    ck_assert(can_use_certificate(VOTE_NULLIFY, 1, NULL));
    ck_assert(can_use_certificate(VOTE_FINALIZE, 1, &header));
    table_certify(&table, VOTE_FINALIZE, 1, &header); // the block is not there yet
    ck_assert(!can_use_certificate(VOTE_FINALIZE, 1, &header));
    ck_assert(can_use_certificate(VOTE_FINALIZE, 1, &other));
    ck_assert(can_use_certificate(VOTE_FINALIZE, 2, &header));
    ck_assert(can_use_certificate(VOTE_NULLIFY, LIMIT_VIEWS_KEPT, NULL));
    ck_assert(!can_use_certificate(VOTE_NULLIFY, LIMIT_VIEWS_KEPT + 1, NULL));
    ck_assert(can_use_certificate(VOTE_FINALIZE, LIMIT_VIEWS_KEPT + 1, &header));
}
END_TEST

START_TEST(what_is_behind_the_final_block_is_of_no_use) {
    struct header header;
    table_tick(&table, 0);
    table_agree(&table, &header, &table.genesis, 1, false);
    for (uint16_t i = 1; i < 4; i++) table_vote(&table, VOTE_FINALIZE, 1, &header, i);
    ck_assert_uint_eq(table_state(&table).final_height, 1);
    ck_assert(!can_use_certificate(VOTE_NOTARIZE, 1, &header));
    ck_assert(!can_use_certificate(VOTE_FINALIZE, 1, &header));
    ck_assert(can_use_certificate(VOTE_FINALIZE, 2, &header));
    ck_assert(!can_use_vote(VOTE_FINALIZE, 1, &header, 1));
    ck_assert(can_use_vote(VOTE_NULLIFY, 1, NULL, 1)); // evidence, however late
}
END_TEST

START_TEST(proposals_are_of_use_while_their_vote_or_block_is_news) {
    struct header header, other;
    uint64_t view = view_from(1, false);
    propose_in(&header, view);
    other = header;
    other.tx_root.bytes[0] ^= 1;
    struct consensus_message message = {.kind = MESSAGE_PROPOSAL, .proposal = {.view = view}};
    header_id(&message.proposal.id, &header);
    ck_assert(!consensus_can_use(table.core, &message));
    message.proposal.epoch = 1;
    ck_assert(!consensus_can_use(table.core, &message));
    message.proposal.epoch = 0;
    header_id(&message.proposal.id, &other);
    ck_assert(consensus_can_use(table.core, &message));
    message.proposal.view = view - 1; // over
    ck_assert(!consensus_can_use(table.core, &message));
}
END_TEST

// Each is signed and has a body of up to 4 MiB that is hashed before the state machine drops it. In
// the present view, and in one that is still to come.
START_TEST(proposals_of_a_leader_that_was_caught_are_of_no_use) {
    struct header header, other;
    uint64_t view = view_from(_i == 0 ? 1 : 6, false);
    if (_i == 0) nullify_until(view);
    table_block(&table, &header, &table.genesis, view);
    table_propose(&table, &header, view);
    other = header;
    other.tx_root.bytes[0] ^= 1;
    table_propose(&table, &other, view);
    ck_assert_ptr_nonnull(table_action(&table, ACTION_EVIDENCE, 0));
    for (uint8_t i = 2; i < 20; i++) {
        struct consensus_message message = {.kind = MESSAGE_PROPOSAL, .proposal = {.view = view}};
        other.tx_root.bytes[0] = (uint8_t)(header.tx_root.bytes[0] + i);
        header_id(&message.proposal.id, &other);
        table_propose(&table, &other, view);
        ck_assert_ptr_null(table_action(&table, ACTION_EVIDENCE, 0));
        ck_assert(!consensus_knows(table.core, &message.proposal.id)); // a step drops it
        ck_assert(!consensus_can_use(table.core, &message));
    }
}
END_TEST

// Whether it comes behind the own one or before: then nobody gets both.
START_TEST(a_vote_of_the_own_key_that_is_not_its_own_ends_all_signing) {
    struct header header, other;
    propose_in(&header, view_from(1, false));
    other = header;
    other.tx_root.bytes[0] ^= 1;
    table_execute(&table, &header, true);
    struct sign_request asked = *table_asked(&table, VOTE_NOTARIZE);
    if (_i == 0) table_signed(&table, &asked);
    table_vote(&table, VOTE_NOTARIZE, header.view, &other, 0);
    if (_i == 1) {
        ck_assert_ptr_null(table_action(&table, ACTION_TWIN, 0));
        table_signed(&table, &asked);
        ck_assert_ptr_null(table_sent(&table, MESSAGE_VOTES, 0));
    }
    ck_assert_ptr_nonnull(table_action(&table, ACTION_TWIN, 0));
    ck_assert_ptr_null(table_action(&table, ACTION_EVIDENCE, 0));
    for (uint64_t ms = 1000; ms < 100000; ms += 1000) {
        table_tick(&table, ms);
        ck_assert_ptr_null(table_asked(&table, VOTE_NULLIFY));
        ck_assert_ptr_null(table_sent(&table, MESSAGE_VOTES, 0));
        ck_assert_ptr_null(table_action(&table, ACTION_TWIN, 0));
    }
}
END_TEST

// In either order; of a block that would be final the body is not there yet.
START_TEST(two_certificates_in_one_view_stop_the_node) {
    static const enum vote_kind kinds[][2] = {
        {VOTE_NOTARIZE, VOTE_NOTARIZE}, {VOTE_NOTARIZE, VOTE_FINALIZE},
        {VOTE_FINALIZE, VOTE_NOTARIZE}, {VOTE_FINALIZE, VOTE_FINALIZE},
        {VOTE_FINALIZE, VOTE_NULLIFY},  {VOTE_NULLIFY, VOTE_FINALIZE}};
    enum vote_kind first = kinds[_i][0], second = kinds[_i][1];
    // Who signs one block's FINALIZE may have signed another's NOTARIZE before.
    bool is_guilt = first == second || first == VOTE_NULLIFY || second == VOTE_NULLIFY;
    struct header header, other;
    table_tick(&table, 0);
    table_block(&table, &header, &table.genesis, 1);
    other = header;
    other.tx_root.bytes[0] ^= 1;
    table_certify(&table, first, 1, first == VOTE_NULLIFY ? NULL : &header);
    ck_assert_ptr_null(table_action(&table, ACTION_HALT, 0));
    ck_assert(can_use_certificate(second, 1, second == VOTE_NULLIFY ? NULL : &other));
    table_certify(&table, second, 1, second == VOTE_NULLIFY ? NULL : &other);
    ck_assert_ptr_nonnull(table_action(&table, ACTION_HALT, 0));
    ck_assert_int_eq(table_action(&table, ACTION_HALT, 0)->halt, HALT_TWO_CERTIFICATES);
    for (uint16_t i = 0; i < 3; i++) {
        const struct consensus_action *evidence = table_action(&table, ACTION_EVIDENCE, i);
        ck_assert(is_guilt == (evidence != NULL));
        if (evidence) ck_assert_uint_eq(evidence->evidence.second.witness, i + 1);
    }
    ck_assert_ptr_null(table_action(&table, ACTION_EVIDENCE, 3));
    table_tick(&table, 100 * 1000);
    ck_assert_uint_eq(table.actions.count, 0);
}
END_TEST

// Four sign both: their votes for the one are counted here, and the others' certificate comes.
START_TEST(votes_for_another_block_than_the_certified_one_stop_the_node) {
    enum vote_kind kind = _i == 0 ? VOTE_NOTARIZE : VOTE_FINALIZE;
    struct certificate certificate = {.view = 1};
    struct header header, other;
    table_close(&table);
    table_open(&table, 7, 0);
    table_tick(&table, 0);
    table_block(&table, &header, &table.genesis, 1);
    other = header;
    other.tx_root.bytes[0] ^= 1;
    for (uint16_t i = 1; i <= 4; i++) table_vote(&table, kind, 1, &other, i);
    for (uint16_t i = 1; i <= 5; i++) certificate_add(&certificate, i, &(struct signature){{1}});
    struct consensus_event event = {.kind = EVENT_CERTIFICATE, .peer = 1};
    event.sealed =
        (struct sealed){.epoch = table.epoch.epoch, .kind = kind, .certificate = &certificate};
    header_id(&event.sealed.block_id, &header);
    table_feed(&table, event);
    ck_assert_ptr_null(table_action(&table, ACTION_HALT, 0));
    table_vote(&table, kind, 1, &other, 6);
    ck_assert_ptr_nonnull(table_action(&table, ACTION_HALT, 0));
    ck_assert_int_eq(table_action(&table, ACTION_HALT, 0)->halt, HALT_TWO_CERTIFICATES);
}
END_TEST

// The first certificate comes when votes of that view are not counted yet.
START_TEST(who_signed_two_blocks_of_a_far_view_is_named) {
    enum { FAR = LIMIT_VIEWS_COUNTED };
    struct header header, other;
    table_tick(&table, 0);
    table_block(&table, &header, &table.genesis, FAR);
    other = header;
    other.tx_root.bytes[0] ^= 1;
    table_certify(&table, VOTE_FINALIZE, FAR, &header);
    table_certify(&table, VOTE_FINALIZE, FAR, &other);
    ck_assert_ptr_nonnull(table_action(&table, ACTION_HALT, 0));
    for (uint16_t i = 0; i < 3; i++) {
        ck_assert_ptr_nonnull(table_action(&table, ACTION_EVIDENCE, i));
        ck_assert_uint_eq(table_action(&table, ACTION_EVIDENCE, i)->evidence.second.witness, i + 1);
    }
    ck_assert_ptr_null(table_action(&table, ACTION_EVIDENCE, 3));
}
END_TEST

START_TEST(a_final_block_of_another_branch_stops_the_node) {
    struct header first, header, other;
    table_agree(&table, &first, &table.genesis, 1, true);
    ck_assert_uint_eq(table_state(&table).final_height, 1);
    other = first;
    other.tx_root.bytes[0] ^= 1;
    table_block(&table, &header, &other, 2);
    table_certify(&table, VOTE_FINALIZE, 2, &header);
    ck_assert_ptr_null(table_action(&table, ACTION_HALT, 0)); // whose child it is nobody knows yet
    table_feed(&table, (struct consensus_event){.kind = EVENT_BLOCK, .peer = 2, .block = &header});
    ck_assert_int_eq(table_action(&table, ACTION_HALT, 0)->halt, HALT_TWO_BRANCHES);
    ck_assert_ptr_null(table_action(&table, ACTION_FINAL, 0));
    table_tick(&table, 100 * 1000);
    ck_assert_uint_eq(table.actions.count, 0);
}
END_TEST

Suite *view_suite(void) {
    Suite *suite = suite_create("view");
    TCase *tcase = tcase_create("view");
    tcase_add_checked_fixture(tcase, open, close);
    tcase_add_test(tcase, a_witness_executes_stores_and_only_then_signs);
    tcase_add_test(tcase, what_does_not_execute_gets_no_vote);
    tcase_add_test(tcase, a_leader_builds_when_the_interval_is_over);
    tcase_add_test(tcase, a_quorum_of_notarize_ends_the_view_and_asks_for_finalize);
    tcase_add_test(tcase, the_same_vote_twice_counts_once);
    tcase_add_test(tcase, a_quorum_of_finalize_makes_the_branch_final);
    tcase_add_test(tcase, a_view_without_a_block_is_given_up_after_its_timeout);
    tcase_add_test(tcase, timeouts_double_while_views_bring_nothing);
    tcase_add_test(tcase, who_executes_late_gives_finalize_until_the_next_view_has_a_signature);
    tcase_add_test(tcase, far_from_the_final_block_views_that_end_by_certificates_slow_down_too);
    tcase_add_test(tcase, the_end_of_a_view_is_stored_before_the_next_is_signed_in);
    tcase_add_test(tcase, two_votes_of_a_kind_are_evidence_once);
    tcase_add_test(tcase, nullify_with_finalize_is_evidence_and_with_notarize_is_not);
    tcase_add_test(tcase, two_proposals_of_a_leader_are_evidence_and_the_first_counts);
    tcase_add_test(tcase, votes_are_of_use_once_and_against_one_another);
    tcase_add_test(tcase, certificates_are_of_use_until_there_is_one);
    tcase_add_test(tcase, what_is_behind_the_final_block_is_of_no_use);
    tcase_add_test(tcase, proposals_are_of_use_while_their_vote_or_block_is_news);
    tcase_add_loop_test(tcase, proposals_of_a_leader_that_was_caught_are_of_no_use, 0, 2);
    tcase_add_loop_test(tcase, a_vote_of_the_own_key_that_is_not_its_own_ends_all_signing, 0, 2);
    tcase_add_loop_test(tcase, two_certificates_in_one_view_stop_the_node, 0, 6);
    tcase_add_test(tcase, who_signed_two_blocks_of_a_far_view_is_named);
    tcase_add_loop_test(tcase, votes_for_another_block_than_the_certified_one_stop_the_node, 0, 2);
    tcase_add_test(tcase, a_final_block_of_another_branch_stops_the_node);
    suite_add_tcase(suite, tcase);
    return suite;
}
