// SPDX-License-Identifier: Apache-2.0
#include "chaincore/witness/handout.h"

#include "chaincore/consensus/consensus.h"
#include "tests/unit/witness/stage.h"

enum { NOW_MS = 1000 * 1000, BLOCK_BYTES = LIMIT_BODY_BYTES };

static struct handout handout;
static const struct hash block_id = {{1}};

static void ask(uint16_t peer, bool is_trusted) {
    handout_ask(&handout, peer, &block_id, is_trusted);
}

// Who asks without end, for so long, is given so many blocks.
static unsigned given_in(uint64_t ms, uint16_t peers, bool is_trusted) {
    unsigned given = 0;
    for (uint64_t now_ms = NOW_MS; now_ms < NOW_MS + ms; now_ms += 10) {
        for (uint16_t peer = 0; peer < peers; peer++) ask(peer, is_trusted);
        for (uint16_t peer; (peer = handout_next(&handout, now_ms)) != PEER_NONE; given++)
            handout_note(&handout, peer, BLOCK_BYTES, now_ms);
    }
    return given;
}

START_TEST(nobody_starves) {
    for (uint16_t peer = 0; peer < 5; peer++) ask(peer, false);
    for (uint16_t i = 0; i < 50; i++) {
        uint16_t peer = handout_next(&handout, NOW_MS);
        ck_assert_uint_eq(peer, (i + 1u) % 5);
        ask(peer, false); // asks again at once, and comes behind the others
    }
}
END_TEST

START_TEST(each_asks_for_one_at_a_time) {
    struct hash other = {{2}};
    ask(7, false);
    handout_ask(&handout, 7, &other, false);
    ck_assert_uint_eq(handout.count, 1);
    ck_assert_uint_eq(handout_next(&handout, NOW_MS), 7);
    ck_assert(hash_equal(&handout.peers[7].id, &other));
    ck_assert_uint_eq(handout_next(&handout, NOW_MS), PEER_NONE);
    ck_assert_uint_eq(handout_wake_ms(&handout), UINT64_MAX);
}
END_TEST

static void check_share(unsigned given, uint64_t rate, uint64_t ms) {
    uint64_t most = rate * (ms + LIMIT_HANDOUT_AHEAD_MS) / 1000 / BLOCK_BYTES;
    ck_assert_uint_le(given, most + 1); // the last may reach over
    ck_assert_uint_ge(given + 1, rate * ms / 1000 / BLOCK_BYTES);
}

START_TEST(all_strangers_together_are_given_their_share) {
    check_share(given_in(60 * 1000, 96, false), LIMIT_HANDOUT_BYTES_PER_S_OF_STRANGERS, 60 * 1000);
}
END_TEST

// Less than a millisecond's share each.
START_TEST(what_is_small_counts_too) {
    enum { BYTES = 300, PER_MS = LIMIT_HANDOUT_BYTES_PER_S_OF_STRANGERS / 1000 };
    uint64_t given = 0;
    ask(1, false);
    for (; given < 64 * 1024 * 1024 && handout_next(&handout, NOW_MS) != PEER_NONE;
         given += BYTES) {
        handout_note(&handout, 1, BYTES, NOW_MS);
        ask(1, false);
    }
    ck_assert_uint_gt(given, (uint64_t)PER_MS * LIMIT_HANDOUT_AHEAD_MS * 9 / 10);
    ck_assert_uint_lt(given, (uint64_t)PER_MS * LIMIT_HANDOUT_AHEAD_MS * 11 / 10);
}
END_TEST

START_TEST(it_wakes_when_the_next_may_be_given_something) {
    ask(1, false);
    while (handout_next(&handout, NOW_MS) != PEER_NONE) {
        handout_note(&handout, 1, BLOCK_BYTES, NOW_MS);
        ask(1, false);
    }
    uint64_t wake_ms = handout_wake_ms(&handout);
    ck_assert_uint_gt(wake_ms, NOW_MS);
    ck_assert_uint_eq(handout_next(&handout, wake_ms - 1), PEER_NONE);
    ck_assert_uint_eq(handout_next(&handout, wake_ms), 1);
    // One that is trusted need not wait for it.
    ask(1, false);
    ask(2, true);
    ck_assert_uint_eq(handout_next(&handout, NOW_MS), 2);
}
END_TEST

START_TEST(who_has_left_is_given_nothing) {
    ask(1, false);
    handout_peer_left(&handout, 1);
    ck_assert_uint_eq(handout_next(&handout, NOW_MS), PEER_NONE);
    ck_assert_uint_eq(handout.count, 0);
}
END_TEST

// --- by a driver ---

static uint16_t given_to(size_t index) {
    uint16_t peer;
    ck_assert_uint_le((index + 1) * sizeof peer, stage.given.len);
    memcpy(&peer, stage.given.data + index * sizeof peer, sizeof peer);
    return peer;
}

// A block that fills a run, asked for by peers from `first` on, `count` of them.
static void ask_for_large_block(uint16_t first, uint16_t count) {
    static struct consensus_message message;
    struct buf fetch = {0};
    if (stage.body_bytes == 0) {
        message = (struct consensus_message){.kind = MESSAGE_FETCH, .fetch = {.view = 1}};
        stage.body_bytes = LIMIT_HANDOUT_BYTES;
        stage_receive_proposal(&message.fetch.block_id);
    }
    wire_encode(&fetch, &message, NULL);
    for (uint16_t i = 0; i < count; i++)
        assert_ok(driver_receive(stage.driver, (uint16_t)(first + i), buf_bytes(&fetch)));
    buf_clear(&fetch);
}

START_TEST(what_many_ask_for_goes_out_one_large_block_in_a_run) {
    enum { FIRST = 10, ASKERS = 6 };
    stage.strangers = FIRST;
    ask_for_large_block(FIRST, ASKERS);
    for (unsigned i = 1; i <= ASKERS; i++) {
        assert_ok(driver_run(stage.driver, &stage.time));
        ck_assert_uint_eq(stage.sent_of[WIRE_BLOCK], i);
        ck_assert_uint_eq(given_to(i - 1), FIRST + i - 1);
        if (i < ASKERS) ck_assert_uint_le(driver_wake_ms(stage.driver), stage.time.now_ms);
    }
    ck_assert_uint_gt(driver_wake_ms(stage.driver), stage.time.now_ms);
}
END_TEST

START_TEST(witnesses_get_blocks_before_strangers) {
    enum { STRANGER = 10, WITNESS = 3 };
    stage.strangers = STRANGER;
    ask_for_large_block(STRANGER, 3);
    assert_ok(driver_run(stage.driver, &stage.time));
    ask_for_large_block(WITNESS, 2);
    for (int i = 0; i < 4; i++) assert_ok(driver_run(stage.driver, &stage.time));
    static const uint16_t order[] = {STRANGER, WITNESS, WITNESS + 1, STRANGER + 1, STRANGER + 2};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        ck_assert_uint_eq(given_to(i), order[i]);
}
END_TEST

// Each time that it asks it is given nothing, and the one behind it has its turn.
START_TEST(who_does_not_read_is_given_no_block) {
    enum { FIRST = 10 };
    stage.strangers = FIRST;
    stage.full_peer = FIRST;
    ask_for_large_block(FIRST, 2);
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.sent_of[WIRE_BLOCK], 1);
    ck_assert_uint_eq(given_to(0), FIRST + 1);
    ck_assert_uint_gt(driver_wake_ms(stage.driver), stage.time.now_ms);
    stage.full_peer = 0;
    ask_for_large_block(FIRST, 1);
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(given_to(1), FIRST);
}
END_TEST

START_TEST(what_is_handed_out_again_is_read_once) {
    struct hash id;
    stage_receive_proposal(&id);
    for (uint16_t i = 1; i < 3; i++) stage_receive_vote(VOTE_NOTARIZE, i, &id);
    for (uint16_t i = 1; i < 3; i++) stage_receive_vote(VOTE_FINALIZE, i, &id);
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.final_height, 1);
    struct consensus_message fetch = {.kind = MESSAGE_FETCH, .fetch = {.view = 1, .block_id = id}};
    for (int i = 0; i < 3; i++) stage_receive_message(&fetch);
    ck_assert_uint_eq(stage.sent_of[WIRE_BLOCK], 3);
    ck_assert_uint_le(stage.found, 1);
}
END_TEST

static void open_one_of_four(void) { stage_open(4, 1); }

Suite *handout_suite(void) {
    Suite *suite = suite_create("handout");
    TCase *cases = tcase_create("handout");
    tcase_add_test(cases, nobody_starves);
    tcase_add_test(cases, each_asks_for_one_at_a_time);
    tcase_add_test(cases, all_strangers_together_are_given_their_share);
    tcase_add_test(cases, what_is_small_counts_too);
    tcase_add_test(cases, it_wakes_when_the_next_may_be_given_something);
    tcase_add_test(cases, who_has_left_is_given_nothing);
    suite_add_tcase(suite, cases);
    cases = tcase_create("by a driver");
    tcase_add_checked_fixture(cases, open_one_of_four, stage_close);
    tcase_add_test(cases, what_many_ask_for_goes_out_one_large_block_in_a_run);
    tcase_add_test(cases, witnesses_get_blocks_before_strangers);
    tcase_add_test(cases, who_does_not_read_is_given_no_block);
    tcase_add_test(cases, what_is_handed_out_again_is_read_once);
    suite_add_tcase(suite, cases);
    return suite;
}
