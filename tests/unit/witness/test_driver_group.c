// SPDX-License-Identifier: Apache-2.0
// One driver with many keys, other keys than its log is of, or none.
#include "tests/unit/witness/stage.h"

static void open_group(void) { stage_open(4, 4); }

START_TEST(a_group_with_a_quorum_makes_blocks_final_alone) {
    assert_ok(stage_run_for(20000));
    ck_assert_uint_ge(stage.final_height, 25);
    ck_assert_uint_eq(stage.certificate.signature_count, 4);
    ck_assert_uint_eq(stage.sent_unsynced, 0);
    // One message of the whole group for each vote, and nothing that it sends again or asks for.
    ck_assert_uint_le(stage.sent_of[WIRE_NOTARIZE], stage.final_height + 2);
    ck_assert_uint_eq(stage.sent_of[WIRE_FETCH], 0);
    for (int i = 0; i < 3; i++) {
        uint64_t before = stage.final_height;
        false_disk_crash(&stage.disk);
        stage_open_driver();
        assert_ok(stage_run_for(2000));
        ck_assert_uint_gt(stage.final_height, before);
    }
}
END_TEST

START_TEST(the_log_of_other_keys_is_refused_until_it_is_accepted) {
    assert_ok(stage_run_for(3000));
    uint64_t height = stage.final_height;
    ck_assert_uint_gt(height, 2);
    ck_assert_uint_lt(height, EPOCH_BLOCKS - 1);
    stage.key_count = 3; // fewer are another group too
    stage.expected = STATUS_CONFLICT;
    stage_open_driver();
    // The other way round a key comes that nobody knows anything of.
    stage.key_count = 5;
    stage_open_driver();
    stage.accepts_new_keys = true;
    stage.expected = STATUS_OK;
    for (int i = 0; i < 2; i++) {
        stage_open_driver();
        memset(stage.sent_of, 0, sizeof stage.sent_of);
        assert_ok(stage_run_for(5000));
        // The last FINALIZE of before may go out again.
        for (int kind = WIRE_PROPOSE; kind < WIRE_FINALIZE; kind++)
            ck_assert_uint_eq(stage.sent_of[kind], 0);
        ck_assert_uint_eq(stage.final_height, height);
        stage.accepts_new_keys = false; // it is its own log now
    }
    stage.key_count = 4;
    stage.expected = STATUS_CONFLICT;
    stage_open_driver();
}
END_TEST

START_TEST(the_order_of_keys_is_nothing) {
    assert_ok(stage_run_for(3000));
    uint64_t height = stage.final_height;
    struct secret_key first = stage.keys[0];
    stage.keys[0] = stage.keys[3];
    stage.keys[3] = first;
    stage_open_driver();
    assert_ok(stage_run_for(2000));
    ck_assert_uint_gt(stage.final_height, height);
}
END_TEST

START_TEST(the_same_key_twice_is_refused) {
    stage.keys[1] = stage.keys[0];
    stage.expected = STATUS_INVALID;
    stage_open_driver();
}
END_TEST

START_TEST(who_has_no_keys_follows) {
    static struct certificate certificate;
    struct hash id;
    stage.key_count = 0;
    false_disk_clear(&stage.disk);
    stage_open_driver();
    stage_receive_proposal(&id);
    for (uint16_t witness = 0; witness < 3; witness++)
        stage_receive_vote(VOTE_FINALIZE, witness, &id);
    assert_ok(driver_run(stage.driver, &stage.time));
    ck_assert_uint_eq(stage.final_height, 1);
    ck_assert_uint_eq(stage.votes_sent, 0);
    certificate = *stage.root.certificate;
    ck_assert_uint_eq(certificate.signature_count, 3);
    // Who gets keys later is as one whose log is lost.
    stage.key_count = 4;
    stage_open_driver();
    assert_ok(stage_run_for(5000));
    ck_assert_uint_eq(stage.votes_sent, 0);
    // From then on it is theirs.
    stage.key_count = 3;
    stage.expected = STATUS_CONFLICT;
    stage_open_driver();
}
END_TEST

// As docs/witness.md has it: first without keys, then with them, and they have never signed.
START_TEST(who_has_followed_without_keys_can_begin_a_chain) {
    stage.key_count = 0;
    false_disk_clear(&stage.disk);
    stage_open_driver();
    stage.key_count = 4;
    stage.is_first_start = true;
    stage_open_driver();
    assert_ok(stage_run_for(5000));
    ck_assert_uint_gt(stage.final_height, 0);
}
END_TEST

Suite *driver_group_suite(void) {
    Suite *suite = suite_create("driver of a group");
    TCase *group = tcase_create("four of four");
    tcase_add_checked_fixture(group, open_group, stage_close);
    suite_add_tcase(suite, group);
    tcase_add_test(group, a_group_with_a_quorum_makes_blocks_final_alone);
    tcase_add_test(group, the_log_of_other_keys_is_refused_until_it_is_accepted);
    tcase_add_test(group, the_order_of_keys_is_nothing);
    tcase_add_test(group, the_same_key_twice_is_refused);
    tcase_add_test(group, who_has_no_keys_follows);
    tcase_add_test(group, who_has_followed_without_keys_can_begin_a_chain);
    return suite;
}
