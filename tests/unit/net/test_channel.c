// SPDX-License-Identifier: Apache-2.0
#include "chaincore/base/memory.h"
#include "tests/unit/net/pair.h"
#include "tests/unit/net/suites.h"

static struct pair pair;

static void start(void) { pair_open(&pair); }
static void stop(void) { pair_close(&pair); }

static void start_ready(void) {
    start();
    assert_ok(pair_talk(&pair, SIZE_MAX / 2));
}

static void assert_received(int side, size_t at, uint8_t kind, struct bytes payload) {
    ck_assert_uint_lt(at, pair.sides[side].frame_count);
    ck_assert_uint_eq(pair.sides[side].frames[at].kind, kind);
    assert_bytes_equal(pair.sides[side].frames[at].payload, payload);
}

// --- the handshake ---

START_TEST(two_nodes_learn_who_the_other_is) {
    static const size_t pieces[] = {1, 2, 7, 100, SIZE_MAX / 2};
    assert_ok(pair_talk(&pair, pieces[_i]));
    for (int i = 0; i < SIDES; i++) {
        const struct side *side = &pair.sides[i], *other = &pair.sides[1 - i];
        ck_assert(channel_is_ready(side->channel));
        ck_assert_int_eq(side->readies, 1);
        ck_assert_mem_eq(&side->other.node, &other->node, sizeof other->node);
        ck_assert_uint_eq(side->other.version, NET_VERSION);
        ck_assert_uint_eq(side->other.features, HELLO_SIGNS);
        ck_assert_uint_eq(side->other.final_height, 100);
        ck_assert_int_eq(side->other.listen_port, 7000 + 1 - i);
    }
}
END_TEST

START_TEST(another_chain_is_refused) {
    struct channel_config config = side_config(&pair, 1);
    config.chain_id.bytes[31] ^= 1;
    side_open(&pair.sides[1], &config);
    assert_status(pair_talk(&pair, 1000), STATUS_UNAUTHORIZED);
    ck_assert_int_eq(pair.sides[0].readies + pair.sides[1].readies, 0);
}
END_TEST

START_TEST(a_node_does_not_talk_to_itself) {
    struct channel_config config = side_config(&pair, 1);
    config.node_key = &pair.sides[0].key;
    side_open(&pair.sides[1], &config);
    assert_status(pair_talk(&pair, 1000), STATUS_CONFLICT);
}
END_TEST

START_TEST(nothing_is_sent_before_hands_are_shaken) {
    struct parcel *parcel = parcel_make(KIND_VOTE, bytes_of_string("early"));
    assert_status(channel_send(pair.sides[0].channel, parcel), STATUS_UNAVAILABLE);
    ck_assert_uint_eq(parcel->holders, 1);
    parcel_drop(parcel);
}
END_TEST

START_TEST(an_event_that_refuses_ends_the_connection) {
    pair.sides[1].answer = STATUS_FULL;
    assert_status(pair_talk(&pair, 1000), STATUS_FULL);
    assert_status(channel_receive(pair.sides[1].channel, bytes_of_string("x"), 0), STATUS_CLOSED);
    struct parcel *parcel = parcel_make(KIND_VOTE, bytes_of_string("late"));
    assert_status(channel_send(pair.sides[1].channel, parcel), STATUS_CLOSED);
    parcel_drop(parcel);
    ck_assert(!channel_has_output(pair.sides[1].channel));
}
END_TEST

// --- frames ---

START_TEST(frames_of_every_size_arrive_as_they_were) {
    static const size_t sizes[] = {0,
                                   1,
                                   CHANNEL_CHUNK_BYTES - 1,
                                   CHANNEL_CHUNK_BYTES,
                                   CHANNEL_CHUNK_BYTES + 1,
                                   2 * CHANNEL_CHUNK_BYTES,
                                   BLOCK_MAX};
    static const size_t pieces[] = {1, 1000, SIZE_MAX / 2};
    uint8_t *data = mem_alloc(BLOCK_MAX);
    for (size_t i = 0; i < BLOCK_MAX; i++) data[i] = (uint8_t)(i * 2654435761U >> 13);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        pair_send(&pair, (int)(i % 2), KIND_BLOCK, bytes_of(data, sizes[i]));
        assert_ok(pair_talk(&pair, pieces[_i]));
        assert_received(1 - (int)(i % 2), i / 2, KIND_BLOCK, bytes_of(data, sizes[i]));
    }
    mem_free(data);
}
END_TEST

START_TEST(frames_of_a_class_keep_their_order) {
    for (uint8_t i = 0; i < 50; i++)
        pair_send(&pair, 0, i % 2 ? KIND_VOTE : KIND_NOTE, BYTES_OF(i));
    assert_ok(pair_talk(&pair, 1000));
    for (uint8_t i = 0; i < 50; i++)
        assert_received(1, i, i % 2 ? KIND_VOTE : KIND_NOTE, BYTES_OF(i));
}
END_TEST

START_TEST(a_vote_passes_a_block_that_is_on_its_way) {
    static const uint8_t block[1000 * 1000], bulk[90 * 1000];
    pair_send(&pair, 0, KIND_BULK, BYTES_OF(bulk));
    assert_ok(pair_carry(&pair, 0, 1));
    pair_send(&pair, 0, KIND_BLOCK, BYTES_OF(block));
    assert_ok(pair_carry(&pair, 0, 1));
    ck_assert_uint_eq(pair.sides[1].frame_count, 0);
    pair_send(&pair, 0, KIND_VOTE, bytes_of_string("now"));
    assert_ok(pair_carry(&pair, 0, 1)); // one chunk
    assert_received(1, 0, KIND_VOTE, bytes_of_string("now"));
    assert_ok(pair_talk(&pair, 1000));
    assert_received(1, 1, KIND_BLOCK, BYTES_OF(block));
    assert_received(1, 2, KIND_BULK, BYTES_OF(bulk));
}
END_TEST

START_TEST(a_queue_has_a_bound_and_others_have_their_own) {
    static const uint8_t note[NOTE_MAX];
    struct parcel *parcel = parcel_make(KIND_NOTE, BYTES_OF(note));
    assert_ok(channel_send(pair.sides[0].channel, parcel));
    assert_status(channel_send(pair.sides[0].channel, parcel), STATUS_FULL);
    ck_assert_uint_eq(parcel->holders, 2);
    pair_send(&pair, 0, KIND_BULK, bytes_of_string("of another class"));
    assert_ok(pair_talk(&pair, 1000));
    ck_assert_uint_eq(parcel->holders, 1);
    assert_ok(channel_send(pair.sides[0].channel, parcel));
    parcel_drop(parcel);
}
END_TEST

START_TEST(one_parcel_goes_to_many) {
    struct parcel *parcel = parcel_make(KIND_VOTE, bytes_of_string("to all"));
    for (int i = 0; i < SIDES; i++) assert_ok(channel_send(pair.sides[i].channel, parcel));
    ck_assert_uint_eq(parcel->holders, 3);
    assert_ok(pair_talk(&pair, 1000));
    ck_assert_uint_eq(parcel->holders, 1);
    for (int i = 0; i < SIDES; i++) assert_received(i, 0, KIND_VOTE, bytes_of_string("to all"));
    parcel_drop(parcel);
}
END_TEST

// --- budgets and counts ---

START_TEST(a_peer_that_sends_too_much_is_read_again_later) {
    static const uint8_t note[NOTE_MAX];
    for (int i = 0; i < 4; i++) {
        ck_assert_uint_eq(channel_paused_until_ms(pair.sides[1].channel, pair.now_ms), 0);
        pair_send(&pair, 0, KIND_NOTE, BYTES_OF(note));
        assert_ok(pair_talk(&pair, SIZE_MAX / 2));
    }
    // 200,000 bytes at once, and what frames them is above it: at 10,000 a second.
    uint64_t until_ms = channel_paused_until_ms(pair.sides[1].channel, pair.now_ms);
    ck_assert_uint_gt(until_ms, pair.now_ms);
    ck_assert_uint_lt(until_ms, pair.now_ms + 100);
    ck_assert_uint_eq(channel_paused_until_ms(pair.sides[1].channel, until_ms), 0);
    ck_assert_uint_ne(channel_paused_until_ms(pair.sides[1].channel, until_ms - 1), 0);
    pair.now_ms = until_ms + 5000; // worth another note
    pair_send(&pair, 0, KIND_NOTE, BYTES_OF(note));
    assert_ok(pair_talk(&pair, SIZE_MAX / 2));
    ck_assert_uint_lt(channel_paused_until_ms(pair.sides[1].channel, pair.now_ms),
                      pair.now_ms + 100);
}
END_TEST

START_TEST(a_clock_of_any_age_fills_a_budget_once) {
    static const uint8_t note[NOTE_MAX];
    pair.now_ms = UINT64_MAX / 2;
    for (int i = 0; i < 5; i++) {
        pair_send(&pair, 0, KIND_NOTE, BYTES_OF(note));
        assert_ok(pair_talk(&pair, SIZE_MAX / 2));
    }
    uint64_t until_ms = channel_paused_until_ms(pair.sides[1].channel, pair.now_ms);
    ck_assert_uint_gt(until_ms, pair.now_ms + 5000);
    ck_assert_uint_lt(until_ms, pair.now_ms + 5100);
}
END_TEST

// What comes often is paid for as what comes seldom.
START_TEST(no_part_of_a_byte_is_lost) {
    enum { RATE = 150, BURST = 1000, PIECES = 1000, PIECE_MS = 10 };
    static const struct class_rule classes[] = {
        {RATE, BURST, 1000}, {RATE, BURST, 1000}, {RATE, BURST, 1000}};
    struct channel_rules rules = pair_rules;
    rules.classes = classes;
    rules.class_count = 3;
    struct channel_config first = side_config(&pair, 0), second = side_config(&pair, 1);
    second.rules = &rules;
    side_open(&pair.sides[0], &first);
    side_open(&pair.sides[1], &second);
    pair.now_ms = 1000 * 1000;
    assert_ok(pair_talk(&pair, SIZE_MAX / 2));
    const uint64_t cost = 2 + 5 + NOISE_TAG_BYTES;
    for (int i = 0; i < PIECES; i++) {
        pair_send(&pair, 0, KIND_VOTE, bytes_of(NULL, 0));
        assert_ok(pair_talk(&pair, SIZE_MAX / 2));
        pair.sides[1].frame_count = 0;
        pair.now_ms += PIECE_MS;
    }
    uint64_t owed = 1000 * (PIECES * cost - BURST) - (uint64_t)RATE * PIECES * PIECE_MS;
    ck_assert_uint_eq(channel_paused_until_ms(pair.sides[1].channel, pair.now_ms),
                      pair.now_ms + (owed + RATE - 1) / RATE);
}
END_TEST

START_TEST(what_comes_and_goes_is_counted) {
    static const uint8_t block[5 * CHANNEL_CHUNK_BYTES];
    struct channel_counts counts;
    pair_send(&pair, 0, KIND_VOTE, bytes_of_string("12345"));
    pair_send(&pair, 0, KIND_BLOCK, BYTES_OF(block));
    channel_count(pair.sides[0].channel, &counts);
    ck_assert_uint_eq(counts.queued, 5 + sizeof block + 10);
    ck_assert_uint_eq(counts.frames_out[0], 1);
    ck_assert_uint_eq(counts.bytes_out[1], sizeof block);
    assert_ok(pair_carry(&pair, 0, 2 * CHANNEL_CHUNK_BYTES));
    channel_count(pair.sides[1].channel, &counts);
    ck_assert_uint_eq(counts.frames_in[0], 1);
    ck_assert_uint_eq(counts.bytes_in[0], 2 + 5 + 5 + NOISE_TAG_BYTES);
    ck_assert_uint_eq(counts.held, 2 * CHANNEL_CHUNK_BYTES);
    assert_ok(pair_talk(&pair, 1000));
    channel_count(pair.sides[1].channel, &counts);
    ck_assert_uint_eq(counts.held, 0);
    ck_assert_uint_eq(counts.frames_in[1], 1);
    channel_count(pair.sides[0].channel, &counts);
    ck_assert_uint_eq(counts.queued, 0);
}
END_TEST

Suite *channel_suite(void) {
    Suite *suite = suite_create("channel");
    TCase *hands = tcase_create("hands"), *ready = tcase_create("frames");
    tcase_add_checked_fixture(hands, start, stop);
    tcase_add_loop_test(hands, two_nodes_learn_who_the_other_is, 0, 5);
    tcase_add_test(hands, another_chain_is_refused);
    tcase_add_test(hands, a_node_does_not_talk_to_itself);
    tcase_add_test(hands, nothing_is_sent_before_hands_are_shaken);
    tcase_add_test(hands, an_event_that_refuses_ends_the_connection);
    tcase_add_checked_fixture(ready, start_ready, stop);
    tcase_set_timeout(ready, 60);
    tcase_add_loop_test(ready, frames_of_every_size_arrive_as_they_were, 0, 3);
    tcase_add_test(ready, frames_of_a_class_keep_their_order);
    tcase_add_test(ready, a_vote_passes_a_block_that_is_on_its_way);
    tcase_add_test(ready, a_queue_has_a_bound_and_others_have_their_own);
    tcase_add_test(ready, one_parcel_goes_to_many);
    tcase_add_test(ready, a_peer_that_sends_too_much_is_read_again_later);
    tcase_add_test(ready, a_clock_of_any_age_fills_a_budget_once);
    tcase_add_test(ready, no_part_of_a_byte_is_lost);
    tcase_add_test(ready, what_comes_and_goes_is_counted);
    suite_add_tcase(suite, hands);
    suite_add_tcase(suite, ready);
    return suite;
}
