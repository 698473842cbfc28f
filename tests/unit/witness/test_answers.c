// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "chaincore/consensus/consensus.h"
#include "chaincore/witness/answers.h"
#include "tests/support/unit.h"
#include "tests/unit/witness/stage.h"
#include "tests/unit/witness/suites.h"

enum { NOW_MS = 1000 };

static struct answers answers;

static void begin(void) { memset(&answers, 0, sizeof answers); }

static void join(uint16_t peer, const char *node, const char *place) {
    struct answer_owners owners = {bytes_of_string(node), bytes_of_string(place)};
    answers_peer_joined(&answers, peer, &owners, NOW_MS);
}

static bool may_at(uint16_t peer, uint64_t now_ms) {
    return answers_may(&answers, &(struct answer_asker){.peer = peer}, now_ms);
}
static bool may(uint16_t peer) { return may_at(peer, NOW_MS); }

static bool may_if_trusted(uint16_t peer) {
    return answers_may(&answers, &(struct answer_asker){peer, true}, NOW_MS);
}

// As it asks.
static void give(uint16_t peer, size_t bytes) {
    (void)may(peer);
    answers_note(&answers, &(struct answer_asker){.peer = peer}, bytes);
}

START_TEST(who_comes_again_goes_on_where_it_was) {
    join(1, "a node", "there");
    ck_assert(may(1));
    give(1, LIMIT_ANSWER_BYTES);
    ck_assert(!may(1));
    answers_peer_left(&answers, 1);
    join(1, "a node", "somewhere else");
    ck_assert(!may(1));
    join(2, "another", "there");
    ck_assert(!may(2) && may_if_trusted(2));
    join(3, "another still", "elsewhere");
    ck_assert(may(3));
    ck_assert(may_at(2, NOW_MS + 1) && may_at(1, NOW_MS + 1)); // time goes on
}
END_TEST

START_TEST(whom_nobody_named_is_counted_by_its_number) {
    give(1, LIMIT_ANSWER_BYTES);
    ck_assert(!may(1) && may(2));
    answers_peer_left(&answers, 1);
    ck_assert(may(1));
    join(1, "a node", "");
    give(1, LIMIT_ANSWER_BYTES);
    ck_assert(!may(1));
    join(2, "another", "");
    ck_assert(may(2));
}
END_TEST

START_TEST(nodes_of_one_witness_share_what_it_may_have) {
    struct bytes witness = bytes_of_string("a witness");
    for (uint16_t peer = 1; peer <= 3; peer++) {
        char name[] = {'n', (char)('0' + peer), 0};
        join(peer, name, name);
        if (peer < 3) answers_peer_speaks_for(&answers, peer, witness, NOW_MS);
    }
    give(1, LIMIT_ANSWER_BYTES);
    ck_assert(!may_if_trusted(1) && !may_if_trusted(2) && may(3));
    answers_peer_left(&answers, 1);
    join(1, "n4", "n4");
    ck_assert(may(1));
    answers_peer_speaks_for(&answers, 1, witness, NOW_MS);
    ck_assert(!may(1));
    answers_peer_speaks_for(&answers, 2, bytes_of(NULL, 0), NOW_MS); // another set serves
    ck_assert(may(2) && !may(1));
}
END_TEST

// Whoever comes under many names pushes out those that have had little.
START_TEST(of_those_that_left_who_has_had_most_is_remembered) {
    char name[16];
    join(1, "a node", "");
    give(1, LIMIT_ANSWER_BYTES);
    join(2, "one that stays", "");
    for (int i = 0; i < 3 * LIMIT_ANSWER_OWNERS; i++) {
        snprintf(name, sizeof name, "%d", i);
        join(3, name, "");
        give(3, 1000);
    }
    give(2, LIMIT_ANSWER_BYTES);
    answers_peer_left(&answers, 1);
    join(4, "a node", "");
    ck_assert(!may(4));
    ck_assert(!may(2));
}
END_TEST

START_TEST(what_somebody_had_long_ago_is_forgotten_before_what_another_has_had_of_late) {
    const uint64_t later_ms = NOW_MS + 2 * LIMIT_ANSWER_BYTES / LIMIT_ANSWER_BYTES_PER_MS + 1;
    char name[16];
    join(1, "one of long ago", "");
    give(1, 2 * LIMIT_ANSWER_BYTES);
    answers_peer_left(&answers, 1);
    for (int i = 0; i < LIMIT_ANSWER_OWNERS;
         i++) { // as many as there is room for, without that one
        snprintf(name, sizeof name, "%d", i);
        struct answer_owners owners = {bytes_of_string(name), bytes_of(NULL, 0)};
        struct answer_asker asker = {.peer = 2};
        answers_peer_joined(&answers, 2, &owners, later_ms);
        (void)answers_may(&answers, &asker, later_ms);
        answers_note(&answers, &asker,
                     i == 0 ? LIMIT_ANSWER_BYTES : LIMIT_ANSWER_BYTES + LIMIT_ANSWER_BYTES / 2);
    }
    struct answer_owners first = {bytes_of_string("0"), bytes_of(NULL, 0)};
    answers_peer_joined(&answers, 3, &first, later_ms);
    ck_assert(!may_at(3, later_ms));
}
END_TEST

// --- by a driver ---

static uint64_t unanswered(void) {
    struct driver_counts counts;
    driver_count_votes(stage.driver, &counts);
    return counts.unanswered;
}

static void ask_until_unanswered(uint16_t peer, const struct consensus_message *message) {
    struct buf fetch = {0};
    uint64_t before = unanswered();
    wire_encode(&fetch, message, NULL);
    for (uint64_t i = 0; i < LIMIT_ANSWER_BYTES / 64 && unanswered() == before; i++) {
        assert_ok(driver_receive(stage.driver, peer, buf_bytes(&fetch)));
        assert_ok(driver_run(stage.driver, &stage.time));
    }
    ck_assert_uint_eq(unanswered(), before + 1);
    buf_clear(&fetch);
}

static void join_stage(uint16_t peer, const char *node, const char *place) {
    struct answer_owners owners = {bytes_of_string(node), bytes_of_string(place)};
    driver_peer_joined(stage.driver, peer, &owners);
}

START_TEST(a_connection_more_wins_nothing) {
    enum { PEER = 10 };
    struct consensus_message fetch = {.kind = MESSAGE_FETCH, .fetch = {.view = 1}};
    stage.strangers = PEER;
    stage.body_bytes = LIMIT_HANDOUT_BYTES;
    stage_receive_proposal(&fetch.fetch.block_id);
    join_stage(PEER, "a node", "there");
    ask_until_unanswered(PEER, &fetch);
    uint64_t sent = stage.sent_of[WIRE_BLOCK];
    ck_assert_uint_ge(sent, LIMIT_ANSWER_BYTES / LIMIT_HANDOUT_BYTES - 1);
    driver_peer_left(stage.driver, PEER);
    join_stage(PEER + 1, "a node", "elsewhere");
    ask_until_unanswered(PEER + 1, &fetch);
    join_stage(PEER + 2, "another", "there");
    ask_until_unanswered(PEER + 2, &fetch);
    ck_assert_uint_eq(stage.sent_of[WIRE_BLOCK], sent);
}
END_TEST

// --- certificates ---

enum { FIRST = 10, STRANGERS = 64, TRUSTED = 2 };

// In this order.
static void ask_for_certificates(uint16_t first, unsigned count) {
    struct consensus_message message = {.kind = MESSAGE_FETCH, .fetch = {.certificates_from = 1}};
    struct buf fetch = {0};
    wire_encode(&fetch, &message, NULL);
    for (unsigned i = 0; i < count; i++)
        assert_ok(driver_receive(stage.driver, (uint16_t)(first + i), buf_bytes(&fetch)));
    assert_ok(driver_run(stage.driver, &stage.time));
    buf_clear(&fetch);
}

// Until the strangers have had what all of them may have at once, and ask for more.
static void begin_with_debt(void) {
    struct hash id;
    uint64_t before;
    stage.strangers = FIRST;
    stage_receive_proposal(&id);
    for (uint16_t i = 1; i < 3; i++) stage_receive_vote(VOTE_NOTARIZE, i, &id);
    for (uint16_t i = 1; i < 3; i++) stage_receive_vote(VOTE_FINALIZE, i, &id);
    assert_ok(driver_run(stage.driver, &stage.time));
    stage.bytes_sent = 0;
    do {
        before = stage.bytes_sent;
        ask_for_certificates(FIRST, STRANGERS);
    } while (stage.bytes_sent > before);
}

START_TEST(all_strangers_together_get_so_many_certificates) {
    begin_with_debt();
    uint64_t at_once = (uint64_t)LIMIT_HANDOUT_BYTES_PER_S_OF_STRANGERS / 1000;
    at_once *= LIMIT_HANDOUT_AHEAD_MS;
    ck_assert_uint_gt(stage.bytes_sent, at_once * 9 / 10);
    ck_assert_uint_lt(stage.bytes_sent, at_once * 11 / 10);
    ask_for_certificates(FIRST + STRANGERS, 1);
    ck_assert_uint_eq(stage.certificates_to[FIRST + STRANGERS], 0);
    ask_for_certificates(TRUSTED, 1);
    ck_assert_uint_gt(stage.certificates_to[TRUSTED], 0);
}
END_TEST

// Whoever asks in the moment in which there is something to be had would else have all of it.
START_TEST(strangers_get_certificates_in_turn) {
    enum { LATE = FIRST + STRANGERS, MORE_MS = 40 };
    begin_with_debt();
    ask_for_certificates(LATE, 1);
    uint64_t waiting_ms = driver_wake_ms(stage.driver);
    ck_assert_uint_gt(waiting_ms, stage.time.now_ms);
    ck_assert_uint_le(waiting_ms, stage.time.now_ms + 2);
    uint64_t sent = stage.bytes_sent;
    for (int i = 0; i < MORE_MS; i++) {
        stage.time.now_ms++;
        ask_for_certificates(FIRST, STRANGERS + 1); // the late one last
    }
    sent = stage.bytes_sent - sent;
    ck_assert_uint_gt(sent, MORE_MS * LIMIT_HANDOUT_BYTES_PER_S_OF_STRANGERS / 1000 * 9 / 10);
    ck_assert_uint_lt(sent, MORE_MS * LIMIT_HANDOUT_BYTES_PER_S_OF_STRANGERS / 1000 * 11 / 10);
    ck_assert_uint_gt(stage.certificates_to[LATE], 2);
}
END_TEST

START_TEST(what_a_peer_has_no_room_for_is_not_counted_as_had) {
    begin_with_debt();
    stage.time.now_ms += 10 * 1000;
    stage.full_peer = FIRST + STRANGERS;
    for (uint64_t i = 0; i < LIMIT_ANSWER_BYTES / 300; i++)
        ask_for_certificates(stage.full_peer, 1);
    ck_assert_uint_eq(stage.certificates_to[stage.full_peer], 0);
    ck_assert_uint_eq(unanswered(), LIMIT_ANSWER_BYTES / 300);
    stage.full_peer = 0;
    ask_for_certificates(FIRST + STRANGERS, 1);
    ck_assert_uint_gt(stage.certificates_to[FIRST + STRANGERS], 0);
}
END_TEST

static void open_one_of_four(void) { stage_open(4, 1); }

Suite *answers_suite(void) {
    Suite *suite = suite_create("answers");
    TCase *cases = tcase_create("answers");
    TCase *driven = tcase_create("answers of a driver");
    tcase_add_checked_fixture(cases, begin, NULL);
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, who_comes_again_goes_on_where_it_was);
    tcase_add_test(cases, whom_nobody_named_is_counted_by_its_number);
    tcase_add_test(cases, nodes_of_one_witness_share_what_it_may_have);
    tcase_add_test(cases, of_those_that_left_who_has_had_most_is_remembered);
    tcase_add_test(cases,
                   what_somebody_had_long_ago_is_forgotten_before_what_another_has_had_of_late);
    tcase_add_checked_fixture(driven, open_one_of_four, stage_close);
    tcase_set_timeout(driven, 60);
    tcase_add_test(driven, a_connection_more_wins_nothing);
    tcase_add_test(driven, all_strangers_together_get_so_many_certificates);
    tcase_add_test(driven, strangers_get_certificates_in_turn);
    tcase_add_test(driven, what_a_peer_has_no_room_for_is_not_counted_as_had);
    suite_add_tcase(suite, cases);
    suite_add_tcase(suite, driven);
    return suite;
}
