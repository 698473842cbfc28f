// SPDX-License-Identifier: Apache-2.0
// What a driver asks of who shows that it is ahead.
#include "tests/unit/witness/stage.h"

static void open_four(void) { stage_open(4, 1); }

// Of one that is ahead in views, and behind in blocks as far as this one is.
static void receive_fetch(uint16_t peer) {
    struct consensus_message message = {.kind = MESSAGE_FETCH, .fetch = {.view = 900}};
    struct buf encoded = {0};
    wire_encode(&encoded, &message, NULL);
    assert_ok(driver_receive(stage.driver, peer, buf_bytes(&encoded)));
    assert_ok(driver_run(stage.driver, &stage.time));
    buf_clear(&encoded);
}

static uint64_t asked(void) { return stage.sent_of[WIRE_FETCH]; }

// One that lacks what this one has answers by a FETCH of its own: where neither gets anything, for
// its queue is full, each message would bring the next.
START_TEST(who_shows_again_that_it_is_ahead_is_asked_once_for_one_thing) {
    assert_ok(driver_run(stage.driver, &stage.time));
    uint64_t before = asked();
    for (int i = 0; i < 100; i++) receive_fetch(3);
    ck_assert_uint_eq(asked(), before + 1);
    receive_fetch(2); // another may have what that one has not
    ck_assert_uint_eq(asked(), before + 2);
    receive_fetch(3);
    ck_assert_uint_eq(asked(), before + 2);
    // The answer can have been lost.
    stage.time.now_ms += 500;
    receive_fetch(3);
    receive_fetch(3);
    ck_assert_uint_eq(asked(), before + 3);
}
END_TEST

START_TEST(who_has_the_number_next_is_asked_too) {
    assert_ok(driver_run(stage.driver, &stage.time));
    uint64_t before = asked();
    receive_fetch(3);
    driver_peer_left(stage.driver, 3);
    receive_fetch(3);
    ck_assert_uint_eq(asked(), before + 2);
}
END_TEST

START_TEST(another_question_is_asked_at_once) {
    struct hash id;
    assert_ok(driver_run(stage.driver, &stage.time));
    uint64_t before = asked();
    receive_fetch(3);
    ck_assert_uint_eq(asked(), before + 1);
    stage_receive_proposal(&id);
    for (uint16_t witness = 1; witness < 4; witness++)
        stage_receive_vote(VOTE_NOTARIZE, witness, &id);
    assert_ok(driver_run(stage.driver, &stage.time)); // it is in the next view
    before = asked();
    receive_fetch(3);
    receive_fetch(3);
    ck_assert_uint_eq(asked(), before + 1);
}
END_TEST

Suite *driver_fetch_suite(void) {
    Suite *suite = suite_create("driver_fetch");
    TCase *tcase = tcase_create("driver_fetch");
    tcase_add_checked_fixture(tcase, open_four, stage_close);
    tcase_add_test(tcase, who_shows_again_that_it_is_ahead_is_asked_once_for_one_thing);
    tcase_add_test(tcase, who_has_the_number_next_is_asked_too);
    tcase_add_test(tcase, another_question_is_asked_at_once);
    suite_add_tcase(suite, tcase);
    return suite;
}
