// SPDX-License-Identifier: Apache-2.0
// Records of where witnesses are: their bytes, what a node takes, keeps and passes on, what it says
// of itself, and what those cost it who lie.
#include "tests/unit/node/recorder.h"
#include "tests/unit/node/suites_replica.h"

// --- bytes ---

START_TEST(a_record_has_its_bytes_and_no_other) {
    struct witness_record record = {.endpoint = recorder_at("192.0.2.1:7000"),
                                    .time_ms = 0x0102030405060708};
    struct witness_record decoded;
    struct secret_key key, node;
    struct public_key public;
    struct hash chain_id = {{7}}, digest;
    struct buf out = {0};
    char text[2 * sizeof digest + 1];
    uint8_t seed[32] = {1};
    key_from_seed(&key, &public, seed);
    seed[0] = 2;
    key_from_seed(&node, &public, seed);
    witness_record_sign(&record, &key, &node, &chain_id);
    witness_record_encode(&out, &record);
    ck_assert_uint_eq(out.len, WITNESS_RECORD_BYTES);
    hash_bytes(&digest, HASH_USER, buf_bytes(&out));
    hex_encode(text, BYTES_OF(digest));
    ck_assert_str_eq(text, "95834369222b060195f21bb622884b8219521536717c9053c1f1e1279bca1b66");
    ck_assert(witness_records_verify(&record, 1, &chain_id));
    for (size_t len = 0; len <= out.len; len++) {
        struct decoder in = decoder_of(bytes_of(out.data, len));
        witness_record_decode(&in, &decoded);
        ck_assert_int_eq(decoder_finish(&in) == STATUS_OK, len == out.len);
    }
    // Whatever bit is another, it is another's, or nobody's.
    for (size_t bit = 0; bit < 8 * out.len; bit++) {
        out.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        struct decoder in = decoder_of(buf_bytes(&out));
        witness_record_decode(&in, &decoded);
        if (decoder_finish(&in) == STATUS_OK)
            ck_assert(!witness_records_verify(&decoded, 1, &chain_id));
        out.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    memset(out.data + 64 + 16, 0, 2); // the port
    struct decoder in = decoder_of(buf_bytes(&out));
    witness_record_decode(&in, &decoded);
    assert_status(decoder_finish(&in), STATUS_MALFORMED);
    buf_clear(&out);
}
END_TEST

START_TEST(a_forged_one_is_found_among_many) {
    struct witness_record records[LIMIT_WITNESSES];
    recorder_begin(1);
    for (size_t i = 0; i < LIMIT_WITNESSES; i++)
        records[i] = recorder_record((int)(i % FIXTURE_WITNESSES), "9.9.9.9:1", (int64_t)i);
    ck_assert(witness_records_verify(records, LIMIT_WITNESSES, recorder_chain()));
    for (size_t i = 0; i < LIMIT_WITNESSES; i += 10) {
        struct signature *signature =
            i % 20 == 0 ? &records[i].certified : &records[i].signed_by_node;
        signature->bytes[3] ^= 1;
        ck_assert(!witness_records_verify(records, LIMIT_WITNESSES, recorder_chain()));
        signature->bytes[3] ^= 1;
    }
}
END_TEST

// --- what is kept, and passed on ---

START_TEST(what_is_new_goes_on_once_to_all_others) {
    recorder_begin(1);
    for (uint16_t i = 0; i < 4; i++) recorder_meet(FIRST + i, i != 3);
    struct witness_record record = recorder_record(1, "9.9.9.9:7000", 0);
    assert_ok(recorder_say(FIRST, record));
    ck_assert_uint_eq(recorder.told_count, 2);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_uint_eq(recorder.told[i].peer,
                          FIRST + 1 + i); // not back, and not to who takes none
        ck_assert_uint_eq(recorder.told[i].count, 1);
        ck_assert_mem_eq(&recorder.told[i].last.node, &record.node, sizeof record.node);
    }
    for (uint16_t i = 0; i < 4; i++) assert_ok(recorder_say(FIRST + i, record));
    ck_assert_uint_eq(recorder.told_count, 2);
    assert_ok(recorder_say(FIRST + 1, recorder_record(1, "9.9.9.9:7001", -1))); // older
    ck_assert_uint_eq(recorder.told_count, 2);
    assert_ok(recorder_say(FIRST + 1, recorder_record(1, "9.9.9.9:7001", 1)));
    ck_assert_uint_eq(recorder.told_count, 4);
    ck_assert_uint_eq(recorder.told[3].last.endpoint.port, 7001);
    ck_assert_uint_eq(recorder_look().records, 1);
    ck_assert_uint_eq(recorder_look().counts.records_taken, 2);
}
END_TEST

START_TEST(what_is_not_of_now_or_of_no_witness_is_passed_over) {
    recorder_begin(1);
    recorder_meet(FIRST, true);
    recorder_meet(FIRST + 1, true);
    struct witness_record nobodys = {.endpoint = recorder_at("9.9.9.9:1"),
                                     .time_ms = recorder.now.wall_ms};
    witness_record_sign(&nobodys, &recorder_fixture()->witnesses[7], &recorder.nodes[1],
                        recorder_chain());
    assert_ok(recorder_say(FIRST, nobodys));
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:1", LIMIT_CLOCK_AHEAD_MS + 1)));
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:1", -(int64_t)LIMIT_RECORD_MS - 1)));
    assert_ok(
        recorder_say(FIRST, recorder_record(1, "192.168.1.1:1", 0))); // from who is not inside
    ck_assert_uint_eq(recorder_look().records, 0);
    ck_assert_uint_eq(recorder.told_count, 0);
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:1", -(int64_t)LIMIT_RECORD_MS)));
    ck_assert_uint_eq(recorder_look().records, 1);
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:1", LIMIT_CLOCK_AHEAD_MS)));
    ck_assert_uint_eq(recorder.told_count, 2);
    recorder_pass(LIMIT_RECORD_MS + LIMIT_CLOCK_AHEAD_MS);
    ck_assert_uint_eq(recorder_look().records, 1);
    recorder_pass(1);
    ck_assert_uint_eq(recorder_look().records, 0);
}
END_TEST

START_TEST(what_is_at_a_private_address_is_for_such_peers_alone) {
    recorder_begin(1);
    recorder_meet(FIRST, true);
    struct replica_peer_info inside = {
        .node_key = {{9, 1}}, .takes_records = true, .is_inside = true};
    for (uint16_t i = 1; i < 3; i++) {
        inside.node_key.bytes[2] = (uint8_t)i;
        replica_peer_joined(recorder.replica, FIRST + i, &inside);
    }
    assert_ok(recorder_say(FIRST + 1, recorder_record(1, "192.168.1.1:1", 0)));
    ck_assert_uint_eq(recorder.told_count, 1);
    ck_assert_uint_eq(recorder.told[0].peer, FIRST + 2);
    ck_assert_uint_eq(recorder_look().records, 1);
}
END_TEST

START_TEST(who_forges_one_is_let_go_and_nothing_of_it_stays) {
    recorder_begin(1);
    recorder_meet(FIRST, true);
    recorder_meet(FIRST + 1, true);
    for (int i = 0; i < 2; i++) {
        struct witness_record records[] = {recorder_record(1, "9.9.9.9:1", 0),
                                           recorder_record(2, "9.9.9.9:2", 0)};
        (i == 0 ? &records[1].certified : &records[1].signed_by_node)->bytes[0] ^= 1;
        assert_status(recorder_say_many(FIRST, records, 2), STATUS_BAD_SIGNATURE);
    }
    // A key that the witness has not certified says where it is.
    struct witness_record moved = recorder_record(1, "9.9.9.9:1", 0);
    const struct signature certified = moved.certified;
    witness_record_sign(&moved, recorder_witness(1), &recorder.nodes[2], recorder_chain());
    moved.certified = certified;
    assert_status(recorder_say(FIRST, moved), STATUS_BAD_SIGNATURE);
    ck_assert_uint_eq(recorder_look().counts.records_forged, 3);
    ck_assert_uint_eq(recorder_look().records, 0);
    ck_assert_uint_eq(recorder.told_count, 0);
}
END_TEST

START_TEST(a_frame_of_them_cut_anywhere_is_refused) {
    struct buf payload = {0};
    recorder_begin(1);
    recorder_meet(FIRST, true);
    struct witness_record record = recorder_record(1, "9.9.9.9:1", 0);
    encode_u32(&payload, 1);
    witness_record_encode(&payload, &record);
    buf_append_byte(&payload, 0);
    for (size_t len = 0; len <= payload.len; len++) {
        if (len + 1 == payload.len) continue;
        ck_assert_int_ne(
            replica_frame(recorder.replica, FIRST, REPLICA_RECORDS, bytes_of(payload.data, len)),
            STATUS_OK);
    }
    buf_clear(&payload);
    encode_u32(&payload, LIMIT_WITNESSES + 1);
    for (int i = 0; i <= LIMIT_WITNESSES; i++) witness_record_encode(&payload, &record);
    assert_status(replica_frame(recorder.replica, FIRST, REPLICA_RECORDS, buf_bytes(&payload)),
                  STATUS_TOO_LARGE);
    buf_clear(&payload);
    ck_assert_uint_eq(recorder_look().records, 0);
}
END_TEST

START_TEST(a_flood_of_one_witness_goes_on_slowly) {
    recorder_begin(1);
    recorder_meet(FIRST, true);
    recorder_meet(FIRST + 1, true);
    for (int i = 0; i < 100; i++)
        assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:1", i)));
    ck_assert_uint_eq(recorder.told_count, LIMIT_RECORDS_AT_ONCE);
    for (int i = 0; i < 100; i++) {
        recorder_pass(LIMIT_RECORD_EVERY_MS / 10);
        assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:1", 200)));
    }
    ck_assert_uint_le(recorder_look().counts.records_taken, LIMIT_RECORDS_AT_ONCE + 10);
    ck_assert_uint_ge(recorder_look().counts.records_taken, LIMIT_RECORDS_AT_ONCE + 9);
    assert_ok(recorder_say(FIRST, recorder_record(2, "9.9.9.9:2", 0))); // the others' go on
    ck_assert_uint_eq(recorder_look().records, 2);
}
END_TEST

START_TEST(a_peer_is_listened_to_up_to_a_number_and_again_later) {
    struct witness_record records[LIMIT_WITNESSES];
    recorder_begin(1);
    recorder_meet(FIRST, true);
    recorder_meet(FIRST + 1, true);
    for (int i = 0; i < LIMIT_WITNESSES; i++)
        records[i] = recorder_record(1, "9.9.9.9:1", -(int64_t)LIMIT_RECORD_MS - 1);
    for (int i = 0; i < 20; i++) assert_ok(recorder_say_many(FIRST, records, LIMIT_WITNESSES));
    uint64_t unread = 20 * LIMIT_WITNESSES - LIMIT_RECORDS_OF_PEER;
    ck_assert_uint_eq(recorder_look().counts.records_unread, unread);
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:1", 0)));
    ck_assert_uint_eq(recorder_look().records, 0);
    assert_ok(recorder_say(FIRST + 1, recorder_record(1, "9.9.9.9:1", 0)));
    ck_assert_uint_eq(recorder_look().records, 1);
    recorder_pass(60 * 1000);
    assert_ok(recorder_say(FIRST, recorder_record(2, "9.9.9.9:2", 0)));
    ck_assert_uint_eq(recorder_look().records, 2);
}
END_TEST

START_TEST(who_is_certified_in_a_record_finds_a_place) {
    recorder_begin(1);
    recorder_meet(FIRST, true);
    struct public_key node = recorder_public(&recorder.nodes[1]);
    ck_assert(!replica_is_trusted(recorder.replica, &node));
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:1", 0)));
    ck_assert(replica_is_trusted(recorder.replica, &node));
}
END_TEST

// Two signatures are verified of each key, however many records of it a frame has.
START_TEST(of_one_key_a_frame_brings_one) {
    recorder_begin(1);
    recorder_meet(FIRST, true);
    struct witness_record records[] = {
        recorder_record(1, "9.9.9.9:1", 0), recorder_record(1, "9.9.9.9:2", 1),
        recorder_record(2, "9.9.9.9:3", 0), recorder_record(1, "9.9.9.9:4", 2)};
    records[1].signed_by_node.bytes[0] ^= 1;
    assert_ok(recorder_say_many(FIRST, records, 4));
    ck_assert_uint_eq(recorder_look().counts.records_taken, 2);
    ck_assert_uint_eq(recorder_look().counts.records_in, 4);
    recorder_pass(JITTER_MS);
    ck_assert_uint_eq(recorder.call_count, 2);
    for (size_t i = 0; i < 2; i++) ck_assert_uint_eq(recorder.calls[i].where.port % 2, 1);
}
END_TEST

// What was made while the clock was ahead is in the way of nothing newer.
START_TEST(a_clock_that_is_set_back_forgets_what_is_ahead) {
    recorder_begin(1);
    recorder_meet(FIRST, true);
    recorder_meet(FIRST + 1, true);
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:7000", 0)));
    ck_assert_uint_eq(recorder_look().records, 1);
    recorder.now.wall_ms -= HOUR_MS;
    ck_assert_uint_eq(recorder_look().records, 0);
    recorder.told_count = 0;
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:7001", 0)));
    ck_assert_uint_eq(recorder_look().records, 1);
    ck_assert_uint_eq(recorder.told[0].last.endpoint.port, 7001);
    assert_ok(recorder_say(FIRST, recorder_record(1, "9.9.9.9:7002", -1))); // older than that one
    ck_assert_uint_eq(recorder_look().counts.records_taken, 2);
}
END_TEST

// --- what it says itself ---

START_TEST(it_says_where_it_is_at_once_to_who_comes_and_each_hour) {
    recorder_begin(2);
    recorder_meet(FIRST, true);
    recorder_meet(FIRST + 1, false);
    recorder_announce("9.9.9.9:7000");
    ck_assert_uint_eq(recorder.told_count, 1);
    ck_assert_uint_eq(recorder.told[0].peer, FIRST);
    ck_assert_uint_eq(recorder.told[0].count, 2); // one for each key
    ck_assert(witness_records_verify(&recorder.told[0].last, 1, recorder_chain()));
    uint64_t first_ms = recorder.told[0].last.time_ms;
    ck_assert_uint_eq(first_ms, recorder.now.wall_ms);
    recorder.told_count = 0;
    recorder_meet(FIRST + 2, true);
    ck_assert_uint_eq(recorder.told_count, 1);
    ck_assert_uint_eq(recorder.told[0].peer, FIRST + 2);
    recorder_pass(60 * 1000); // once more, for those that were on their way
    recorder.told_count = 0;
    uint64_t frames = 0, newest = 0;
    for (uint64_t ms = 0; ms < 3 * HOUR_MS; ms += 60 * 1000) {
        recorder_pass(60 * 1000);
        for (size_t i = 0; i < recorder.told_count; i++) {
            if (recorder.told[i].count == 0) continue; // a question
            frames++;
            newest = recorder.told[i].last.time_ms;
        }
        recorder.told_count = 0;
    }
    ck_assert_uint_eq(frames, 3 * 2);
    ck_assert_uint_gt(newest, first_ms + 2 * HOUR_MS);
}
END_TEST

START_TEST(who_holds_no_key_of_the_set_says_nothing) {
    recorder_begin(0);
    recorder_meet(FIRST, true);
    recorder_announce("9.9.9.9:7000");
    for (size_t i = 0; i < recorder.told_count; i++) ck_assert_uint_eq(recorder.told[i].count, 0);
    ck_assert_uint_eq(recorder_look().records, 0);
}
END_TEST

START_TEST(what_was_said_of_it_before_is_outdone) {
    recorder_begin(1);
    recorder_meet(FIRST, true);
    recorder_announce("9.9.9.9:7000");
    recorder.told_count = 0;
    assert_ok(
        recorder_say(FIRST, recorder_record(0, "9.9.9.9:6000", 4000))); // its clock was ahead then
    recorder_pass(LIMIT_RECORD_EVERY_MS);
    bool is_outdone = false;
    for (size_t i = 0; i < recorder.told_count; i++) {
        if (recorder.told[i].count == 0) continue;
        ck_assert_uint_eq(recorder.told[i].last.endpoint.port, 7000);
        is_outdone = true;
    }
    ck_assert(is_outdone);
}
END_TEST

START_TEST(a_clock_that_is_moved_makes_a_record_of_then) {
    recorder_begin(1);
    recorder_meet(FIRST, true);
    recorder_announce("9.9.9.9:7000");
    recorder_pass(LIMIT_RECORD_EVERY_MS);
    recorder.told_count = 0;
    recorder.now.wall_ms += 2 * (uint64_t)DAY_MS;
    recorder_pass(1);
    ck_assert_uint_ge(recorder.told_count, 1);
    ck_assert_uint_eq(recorder.told[recorder.told_count - 1].last.time_ms, recorder.now.wall_ms);
}
END_TEST

static uint64_t newest_told(void) {
    uint64_t newest_ms = 0;
    for (size_t i = 0; i < recorder.told_count; i++)
        if (recorder.told[i].count > 0 && recorder.told[i].last.time_ms > newest_ms)
            newest_ms = recorder.told[i].last.time_ms;
    recorder.told_count = 0;
    return newest_ms;
}

START_TEST(a_clock_that_was_ahead_makes_records_of_now_again) {
    recorder_begin(1);
    recorder_meet(FIRST, true);
    recorder_announce("9.9.9.9:7000");
    recorder_pass(LIMIT_RECORD_EVERY_MS);
    recorder.told_count = 0;
    recorder.now.wall_ms -= HOUR_MS;
    recorder_pass(1);
    uint64_t last_ms = newest_told();
    ck_assert_uint_eq(last_ms, recorder.now.wall_ms);
    // What others may have kept is outdone.
    recorder.now.wall_ms -= LIMIT_CLOCK_AHEAD_MS;
    recorder_announce("9.9.9.9:7000");
    ck_assert_uint_eq(newest_told(), last_ms + 1);
    recorder.now.wall_ms -= 2;
    recorder_announce("9.9.9.9:7000");
    ck_assert_uint_eq(newest_told(), recorder.now.wall_ms);
}
END_TEST

// Another node with the key of this one's witness says so, by the clock that this one has now.
START_TEST(what_was_said_of_it_is_outdone_by_a_clock_put_right) {
    recorder_begin(1);
    recorder_meet(FIRST, true);
    recorder_announce("9.9.9.9:7000");
    recorder_pass(LIMIT_RECORD_EVERY_MS - 1000); // it may say more a second later
    recorder.now.wall_ms -= HOUR_MS;
    assert_ok(replica_run(recorder.replica, &recorder.now));
    struct witness_record other = recorder_record(0, "9.9.9.9:6000", 4000);
    recorder.told_count = 0;
    assert_ok(recorder_say(FIRST, other));
    recorder_pass(1000);
    ck_assert_uint_gt(newest_told(), other.time_ms);
}
END_TEST

Suite *records_suite(void) {
    Suite *suite = suite_create("records");
    TCase *cases = tcase_create("records");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, a_record_has_its_bytes_and_no_other);
    suite_add_tcase(suite, cases);
    cases = tcase_create("replica");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, NULL, recorder_end);
    tcase_add_test(cases, a_forged_one_is_found_among_many);
    tcase_add_test(cases, what_is_new_goes_on_once_to_all_others);
    tcase_add_test(cases, what_is_not_of_now_or_of_no_witness_is_passed_over);
    tcase_add_test(cases, what_is_at_a_private_address_is_for_such_peers_alone);
    tcase_add_test(cases, who_forges_one_is_let_go_and_nothing_of_it_stays);
    tcase_add_test(cases, a_frame_of_them_cut_anywhere_is_refused);
    tcase_add_test(cases, a_flood_of_one_witness_goes_on_slowly);
    tcase_add_test(cases, a_peer_is_listened_to_up_to_a_number_and_again_later);
    tcase_add_test(cases, who_is_certified_in_a_record_finds_a_place);
    tcase_add_test(cases, of_one_key_a_frame_brings_one);
    tcase_add_test(cases, a_clock_that_is_set_back_forgets_what_is_ahead);
    tcase_add_test(cases, a_clock_that_was_ahead_makes_records_of_now_again);
    tcase_add_test(cases, what_was_said_of_it_is_outdone_by_a_clock_put_right);
    tcase_add_test(cases, it_says_where_it_is_at_once_to_who_comes_and_each_hour);
    tcase_add_test(cases, who_holds_no_key_of_the_set_says_nothing);
    tcase_add_test(cases, what_was_said_of_it_before_is_outdone);
    tcase_add_test(cases, a_clock_that_is_moved_makes_a_record_of_then);
    suite_add_tcase(suite, cases);
    return suite;
}
