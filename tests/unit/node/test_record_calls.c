// SPDX-License-Identifier: Apache-2.0
// Whom a node asks where witnesses are, and which of them it calls.
#include "chaincore/node/replica_inside.h"
#include "tests/unit/node/recorder.h"
#include "tests/unit/node/suites_replica.h"

// --- questions ---

START_TEST(who_lacks_records_asks_one_peer_a_minute_and_is_told_all) {
    recorder_begin(1);
    recorder_meet(FIRST, false);
    recorder_meet(FIRST + 1, true);
    recorder_pass(3000);
    ck_assert_uint_eq(recorder.told_count, 1);
    ck_assert_uint_eq(recorder.told[0].peer, FIRST + 1);
    ck_assert_uint_eq(recorder.told[0].count, 0);
    recorder_pass(50 * 1000);
    ck_assert_uint_eq(recorder.told_count, 1);
    recorder_pass(10 * 1000);
    ck_assert_uint_eq(recorder.told_count, 2);
    for (int i = 1; i < FIXTURE_WITNESSES; i++)
        assert_ok(recorder_say(FIRST + 1, recorder_record(i, "9.9.9.9:1", i)));
    recorder.told_count = 0;
    recorder_pass(120 * 1000);
    ck_assert_uint_eq(recorder.told_count, 0); // it lacks none
    assert_ok(recorder_say_many(FIRST + 1, NULL, 0));
    ck_assert_uint_eq(recorder.told_count, 1);
    ck_assert_uint_eq(recorder.told[0].peer, FIRST + 1);
    ck_assert_uint_eq(recorder.told[0].count, 3);
    for (int i = 0; i < 100; i++) assert_ok(recorder_say_many(FIRST + 1, NULL, 0));
    ck_assert_uint_eq(recorder.told_count, 1);
    recorder_pass(30 * 1000);
    assert_ok(recorder_say_many(FIRST + 1, NULL, 0));
    ck_assert_uint_eq(recorder.told_count, 2);
}
END_TEST

static size_t questions_within(uint64_t ms) {
    size_t count = 0;
    for (uint64_t passed_ms = 0; passed_ms < ms; passed_ms += 10 * 1000) {
        recorder_pass(10 * 1000);
        count += recorder.told_count;
        recorder.told_count = 0;
    }
    return count;
}

// One that is hidden says nothing, ever.
START_TEST(who_asks_in_vain_asks_more_and_more_seldom) {
    recorder_begin(1);
    recorder_meet(FIRST, true);
    recorder.call_room = 0;
    size_t first_day = questions_within(DAY_MS);
    ck_assert_uint_ge(first_day, 24);
    ck_assert_uint_le(first_day, 24 + 8);
    ck_assert_uint_eq(questions_within(HOUR_MS), 1);
    // Who tells one may soon tell others.
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:7000", 0)));
    ck_assert_uint_eq(questions_within(70 * 1000), 1);
    ck_assert_uint_eq(questions_within(120 * 1000), 1);
    (void)questions_within(DAY_MS / 2);
    // Nothing that was not known.
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:7000", 0)));
    ck_assert_uint_eq(questions_within(HOUR_MS), 1);
    recorder_meet(FIRST + 1, true); // somebody is there who may know
    ck_assert_uint_eq(questions_within(10 * 1000), 1);
    ck_assert_uint_eq(questions_within(HOUR_MS), 1);
}
END_TEST

// --- calls ---

START_TEST(a_witness_calls_those_that_it_lacks) {
    recorder_begin(1);
    recorder_meet(FIRST, true);
    for (int i = 1; i < 3; i++)
        assert_ok(recorder_say(FIRST, recorder_record(i, "9.9.9.9:7000", i)));
    recorder.is_busy = true;
    recorder_pass(JITTER_MS);
    ck_assert_uint_eq(recorder.call_count, 0);
    recorder.is_busy = false;
    recorder_pass(1000);
    ck_assert_uint_eq(recorder.call_count, 2);
    for (size_t i = 0; i < 2; i++) {
        struct public_key node = recorder_public(&recorder.nodes[1 + i]);
        ck_assert_mem_eq(&recorder.calls[i].node, &node, sizeof node);
        ck_assert_uint_eq(recorder.calls[i].where.port, 7000);
    }
    // One answers, the other is called again and again, more seldom each time.
    struct replica_peer_info info = {.node_key = recorder_public(&recorder.nodes[1])};
    replica_peer_joined(recorder.replica, FIRST + 1, &info);
    uint64_t made = 0;
    for (int i = 0; i < 3600; i++) {
        recorder.call_count = 0;
        recorder_pass(1000);
        for (size_t k = 0; k < recorder.call_count; k++) {
            struct public_key other = recorder_public(&recorder.nodes[2]);
            ck_assert_mem_eq(&recorder.calls[k].node, &other, sizeof other);
        }
        made += recorder.call_count;
    }
    ck_assert_uint_ge(made, 3600 / 80);
    ck_assert_uint_le(made, 3600 / 48 + 5);
    recorder.call_count = 0;
    replica_peer_left(recorder.replica, FIRST + 1);
    recorder_pass(JITTER_MS);
    ck_assert_uint_ge(recorder.call_count, 1);
    struct public_key node = recorder_public(&recorder.nodes[1]);
    ck_assert_mem_eq(&recorder.calls[0].node, &node, sizeof node);
}
END_TEST

START_TEST(who_is_found_elsewhere_is_called_there) {
    recorder_begin(1);
    struct replica_peer_info info = {.node_key = recorder_public(&recorder.nodes[1])};
    recorder_meet(FIRST, true);
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:7000", 0)));
    for (int i = 0; i < 600; i++) recorder_pass(1000);
    ck_assert_uint_ge(recorder.call_count, 10);
    recorder.call_count = 0;
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:7001", 0)));
    for (int i = 0; i < 80; i++) recorder_pass(1000);
    ck_assert_uint_ge(recorder.call_count, 1);
    ck_assert_uint_eq(recorder.calls[0].where.port, 7001);
    // Who was there in between is called at once.
    replica_peer_joined(recorder.replica, FIRST + 1, &info);
    recorder_pass(60 * 1000);
    replica_peer_left(recorder.replica, FIRST + 1);
    recorder.call_count = 0;
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:7002", 0)));
    recorder_pass(JITTER_MS);
    ck_assert_uint_eq(recorder.call_count, 1);
    ck_assert_uint_eq(recorder.calls[0].where.port, 7002);
}
END_TEST

// Its calls take few places, and end by a time-out alone.
START_TEST(who_says_another_place_a_moment_is_called_no_more_often) {
    size_t first = 0, all = 0;
    recorder_begin(1);
    recorder_meet(FIRST, true);
    for (uint64_t ms = 0; ms < HOUR_MS; ms += LIMIT_RECORD_EVERY_MS) {
        const char *where = ms / LIMIT_RECORD_EVERY_MS % 2 == 0 ? "9.9.9.9:7000" : "9.9.9.9:7001";
        assert_ok(recorder_say(FIRST, recorder_record(1, where, 0)));
        recorder.call_count = 0;
        for (int i = 0; i < LIMIT_RECORD_EVERY_MS / 1000; i++) recorder_pass(1000);
        all += recorder.call_count;
        if (ms < 60 * 1000) first += recorder.call_count;
    }
    ck_assert_uint_ge(first, 3);
    ck_assert_uint_le(first, 5);
    ck_assert_uint_ge(all, 3600 / 90);
    ck_assert_uint_le(all, 3600 / 48 + 5);
}
END_TEST

START_TEST(where_few_calls_may_be_made_all_have_their_turns) {
    size_t of[FIXTURE_WITNESSES] = {0};
    recorder_begin(1);
    recorder_meet(FIRST, true);
    recorder.call_room = 0;
    for (int i = 1; i < FIXTURE_WITNESSES; i++)
        assert_ok(recorder_say(FIRST, recorder_record(i, "9.9.9.9:7000", i)));
    for (int turn = 0; turn < 4 * (FIXTURE_WITNESSES - 1); turn++) {
        for (int i = 0; i < 100; i++) recorder_pass(1000); // all are due by then
        recorder.call_room = 1;
        recorder.call_count = 0;
        recorder_pass(1000);
        ck_assert_uint_eq(recorder.call_count, 1);
        for (int i = 1; i < FIXTURE_WITNESSES; i++) {
            struct public_key node = recorder_public(&recorder.nodes[i]);
            of[i] += memcmp(&recorder.calls[0].node, &node, sizeof node) == 0;
        }
    }
    for (int i = 1; i < FIXTURE_WITNESSES; i++) ck_assert_uint_eq(of[i], 4);
}
END_TEST

START_TEST(where_another_answers_nobody_is_called_before_a_newer_record) {
    struct public_key node;
    recorder_begin(1);
    recorder_meet(FIRST, true);
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:7000", 0)));
    recorder_pass(JITTER_MS);
    ck_assert_uint_eq(recorder.call_count, 1);
    node = recorder_public(&recorder.nodes[1]);
    struct endpoint where = recorder_at("9.9.9.9:7000");
    replica_found_another(recorder.replica, &where, &node);
    ck_assert_uint_eq(recorder_look().counts.records_wrong, 1);
    for (int i = 0; i < 3600; i++) recorder_pass(1000);
    ck_assert_uint_eq(recorder.call_count, 1);
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:7000", 0)));
    recorder_pass(JITTER_MS);
    ck_assert_uint_eq(recorder.call_count, 2);
}
END_TEST

START_TEST(a_call_to_where_it_was_says_nothing_of_where_it_is) {
    recorder_begin(1);
    recorder_meet(FIRST, true);
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:7000", 0)));
    recorder_pass(JITTER_MS);
    ck_assert_uint_eq(recorder.call_count, 1);
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:7001", 0)));
    struct public_key node = recorder_public(&recorder.nodes[1]);
    replica_found_another(recorder.replica, &recorder.calls[0].where, &node);
    ck_assert_uint_eq(recorder_look().counts.records_wrong, 0);
    for (int i = 0; i < 10; i++) recorder_pass(1000);
    ck_assert_uint_ge(recorder.call_count, 2);
    ck_assert_uint_eq(recorder.calls[1].where.port, 7001);
    replica_found_another(recorder.replica, &recorder.calls[1].where, &node);
    ck_assert_uint_eq(recorder_look().counts.records_wrong, 1);
}
END_TEST

// --- a witness that moves to another machine ---

static bool is_trusted(int node) {
    struct public_key key = recorder_public(&recorder.nodes[node]);
    return replica_is_trusted(recorder.replica, &key);
}

static void begin_epoch(void) {
    struct witness_set set = recorder.replica->set;
    keys_begin_epoch(recorder.replica, recorder.replica->epoch + 1, &set);
}

static bool has_called(int node) {
    struct public_key key = recorder_public(&recorder.nodes[node]);
    for (size_t i = 0; i < recorder.call_count; i++)
        if (memcmp(&recorder.calls[i].node, &key, sizeof key) == 0) return true;
    return false;
}

// The old one is connected still, and has told its keys.
START_TEST(a_witness_s_new_machine_is_called_and_trusted_and_its_old_one_is_not) {
    recorder_begin(1);
    recorder_meet(FIRST, true);
    recorder_meet_node(FIRST + 1, 1, 1);
    recorder_pass(HOUR_MS / 2);
    ck_assert(is_trusted(1));
    ck_assert_uint_eq(recorder_look().keys_known, 1);
    recorder.call_count = 0;
    assert_ok(recorder_say(FIRST, recorder_record_of(1, 2, "9.9.9.9:7000", 0)));
    recorder_pass(JITTER_MS);
    ck_assert(is_trusted(2));
    ck_assert(!is_trusted(1));
    ck_assert(!peer_is_trusted(recorder.replica, FIRST + 1));
    ck_assert_uint_eq(recorder_look().keys_known, 0);
    ck_assert(has_called(2));
    begin_epoch();
    ck_assert(is_trusted(2));
    ck_assert(!is_trusted(1));
    // What it says of its keys again says no time, and that record is older.
    recorder_meet_node(FIRST + 2, 2, 1);
    ck_assert(peer_is_trusted(recorder.replica, FIRST + 2));
    ck_assert_uint_eq(recorder_look().keys_known, 1);
    replica_peer_left(recorder.replica, FIRST + 1);
    recorder_pass(1000);
    recorder_meet_node(FIRST + 1, 1, 1);
    ck_assert(!peer_is_trusted(recorder.replica, FIRST + 1));
    ck_assert(peer_is_trusted(recorder.replica, FIRST + 2));
}
END_TEST

START_TEST(an_old_machine_s_keys_keep_nobody_from_calling_the_new_one) {
    recorder_begin(1);
    recorder_meet(FIRST, true);
    assert_ok(recorder_say(FIRST, recorder_record_of(1, 2, "9.9.9.9:7000", 0)));
    recorder_meet_node(FIRST + 1, 1, 1); // told later than the record was made
    recorder_pass(HOUR_MS / 2);
    ck_assert(has_called(2));
    recorder_meet_node(FIRST + 2, 2, 1);
    ck_assert(peer_is_trusted(recorder.replica, FIRST + 2));
    ck_assert(!peer_is_trusted(recorder.replica, FIRST + 1));
}
END_TEST

START_TEST(a_record_that_is_ahead_since_the_clock_was_set_back_names_nobody) {
    recorder_begin(1);
    recorder_meet(FIRST, true);
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:7000", 0)));
    recorder_pass(1000);
    recorder.now.wall_ms -= (uint64_t)HOUR_MS;
    recorder_pass(1);
    recorder_meet_node(FIRST + 1, 2, 1);
    ck_assert(is_trusted(2));
    ck_assert(!is_trusted(1));
}
END_TEST

// It has no place that others could call, and so no record of its own.
START_TEST(a_new_machine_without_a_record_speaks_once_it_is_there_alone) {
    recorder_begin(1);
    recorder_meet(FIRST, true);
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:7000", 0)));
    recorder_meet_node(FIRST + 1, 1, 1);
    recorder_pass(1000);
    recorder_meet_node(FIRST + 2, 2, 1);
    ck_assert(is_trusted(1));
    ck_assert(!is_trusted(2));
    replica_peer_left(recorder.replica, FIRST + 1);
    ck_assert(is_trusted(2));
    ck_assert(!is_trusted(1));
    // A record that the old one made before, and that comes late, changes nothing; one that is
    // newer does.
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:7001", -500)));
    ck_assert(is_trusted(2));
    recorder_pass(HOUR_MS);
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:7001", 0)));
    ck_assert(is_trusted(1));
    ck_assert(!is_trusted(2));
}
END_TEST

START_TEST(who_is_no_witness_calls_nobody) {
    recorder_begin(0);
    recorder_meet(FIRST, true);
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:7000", 0)));
    for (int i = 0; i < 100; i++) recorder_pass(1000);
    ck_assert_uint_eq(recorder_look().records, 1);
    ck_assert_uint_eq(recorder.call_count, 0);
}
END_TEST

Suite *record_calls_suite(void) {
    Suite *suite = suite_create("record_calls");
    TCase *cases = tcase_create("record_calls");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, NULL, recorder_end);
    tcase_add_test(cases, who_lacks_records_asks_one_peer_a_minute_and_is_told_all);
    tcase_add_test(cases, who_asks_in_vain_asks_more_and_more_seldom);
    tcase_add_test(cases, a_witness_calls_those_that_it_lacks);
    tcase_add_test(cases, who_is_found_elsewhere_is_called_there);
    tcase_add_test(cases, who_says_another_place_a_moment_is_called_no_more_often);
    tcase_add_test(cases, where_few_calls_may_be_made_all_have_their_turns);
    tcase_add_test(cases, where_another_answers_nobody_is_called_before_a_newer_record);
    tcase_add_test(cases, a_call_to_where_it_was_says_nothing_of_where_it_is);
    tcase_add_test(cases, a_witness_s_new_machine_is_called_and_trusted_and_its_old_one_is_not);
    tcase_add_test(cases, an_old_machine_s_keys_keep_nobody_from_calling_the_new_one);
    tcase_add_test(cases, a_record_that_is_ahead_since_the_clock_was_set_back_names_nobody);
    tcase_add_test(cases, a_new_machine_without_a_record_speaks_once_it_is_there_alone);
    tcase_add_test(cases, who_is_no_witness_calls_nobody);
    suite_add_tcase(suite, cases);
    return suite;
}
