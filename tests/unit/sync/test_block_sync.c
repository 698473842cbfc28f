// SPDX-License-Identifier: Apache-2.0
// Catching up, over a network and on chains that are tables of the test's: one node is behind, the
// others serve it by the same code, and some of them lie, are silent, or go.
#include "chaincore/sync/block_sync.h"

#include <stdlib.h>

#include "chaincore/net/host.h"
#include "tests/support/unit.h"
#include "tests/unit/sync/suites.h"
#include "tests/unit/sync/sync_world.h"

START_TEST(it_catches_up_over_epochs_whose_witnesses_change) {
    sync_world_join(1, HEIGHTS - 1);
    block_sync_begin(sync_world.nodes[0].sync, 1);
    assert_ok(sync_world_run());
    sync_world_check_whole();
    ck_assert_uint_eq(sync_world.nodes[1].points, 0);
    ck_assert_uint_eq(sync_world_counts(0).timeouts, 0);
    ck_assert_uint_eq(sync_world_counts(1).served_blocks, HEIGHTS - 1);
    ck_assert_uint_eq(block_sync_wake_ms(sync_world.nodes[0].sync), UINT64_MAX);
}
END_TEST

START_TEST(several_peers_share_the_bodies) {
    for (uint16_t i = 1; i < NODES; i++) sync_world_join(i, HEIGHTS - 1);
    block_sync_begin(sync_world.nodes[0].sync, 1);
    assert_ok(sync_world_run());
    sync_world_check_whole();
    for (uint16_t i = 1; i < NODES; i++) ck_assert_uint_gt(sync_world_counts(i).served_blocks, 0);
    // None was asked for twice.
    ck_assert_uint_eq(sync_world_counts(1).served_blocks + sync_world_counts(2).served_blocks +
                          sync_world_counts(3).served_blocks,
                      HEIGHTS - 1);
}
END_TEST

START_TEST(it_goes_on_from_where_it_is_no_faster_than_its_checkpoints) {
    enum { END = HEIGHTS - 11 };
    sync_world.nodes[0].top = 47;
    sync_world.nodes[0].a_second = 1000;
    sync_world.nodes[1].top = END; // within an epoch: that there is no more holds nobody up
    sync_world_join(1, 0);         // it has not said how high it is, but the driver names it
    block_sync_begin(sync_world.nodes[0].sync, 1);
    assert_ok(sync_world_run());
    ck_assert_uint_eq(sync_world.nodes[0].top, END);
    ck_assert_uint_eq(sync_world.nodes[0].taken, END - 47);
    ck_assert(sync_world.now_ms > START_MS + END - 20 &&
              sync_world.now_ms < START_MS + END + TIMEOUT_MS / 2);
    ck_assert_uint_eq(sync_world.nodes[1].points, 0);
}
END_TEST

START_TEST(what_waits_keeps_to_its_bound) {
    sync_world.nodes[0].big_from = 40;
    for (uint16_t i = 1; i < NODES; i++) sync_world_join(i, HEIGHTS - 1);
    block_sync_begin(sync_world.nodes[0].sync, 1);
    assert_ok(sync_world_run());
    sync_world_check_whole();
    ck_assert_uint_gt(sync_world.most_waiting, LIMIT_SYNC_ANSWER_BYTES);
    ck_assert_uint_le(sync_world.most_waiting, LIMIT_SYNC_BYTES + 100 * 1024);
}
END_TEST

// Of three peers one sends a body just before it would be late, and two send theirs at once.
START_TEST(who_is_slow_holds_nobody_up_for_long) {
    for (uint16_t i = 1; i < NODES; i++) sync_world_join(i, HEIGHTS - 1);
    sync_world.slow_at_ms = sync_world.now_ms;
    block_sync_begin(sync_world.nodes[0].sync, 1);
    assert_ok(sync_world_run());
    sync_world.slow_at_ms = 0;
    sync_world_check_whole();
    ck_assert_uint_le(sync_world.now_ms - START_MS, 10 * TIMEOUT_MS);
}
END_TEST

// ---- lies

// The peer lies, and two others are there: it is let go, and the rest comes from them.
static void check_liar(void) {
    for (uint16_t i = 1; i < NODES; i++) sync_world_join(i, HEIGHTS - 1);
    block_sync_begin(sync_world.nodes[0].sync, 1);
    assert_ok(sync_world_run());
    sync_world_check_whole();
    ck_assert_uint_gt(sync_world.twisted, 0);
    ck_assert_uint_ge(sync_world.nodes[1].points, HOST_PENALTY_MAX);
    ck_assert_uint_eq(sync_world.nodes[2].points + sync_world.nodes[3].points, 0);
    ck_assert_uint_eq(sync_world_counts(0).lies, 1);
}

static struct bytes copy_of(struct bytes bytes, struct buf *scratch) {
    buf_reset(scratch);
    buf_append(scratch, bytes);
    return buf_bytes(scratch);
}

static bool spoil_certificate(uint16_t from, struct sync_message *message, struct buf *scratch) {
    if (from != 1 || message->kind != SYNC_HEADERS) return true;
    message->certificate = copy_of(message->certificate, scratch);
    scratch->data[scratch->len - 5] ^= 1;
    sync_world.twisted++;
    return true;
}

static bool spoil_header(uint16_t from, struct sync_message *message, struct buf *scratch) {
    if (from != 1 || message->kind != SYNC_HEADERS || message->header_count < 2) return true;
    message->headers = copy_of(message->headers, scratch);
    scratch->data[60] ^= 1; // of the first one
    sync_world.twisted++;
    return true;
}

static bool shift_headers(uint16_t from, struct sync_message *message, struct buf *scratch) {
    if (from != 1 || message->kind != SYNC_HEADERS || message->header_count < 2) return true;
    struct decoder in = decoder_of(message->headers);
    struct header header;
    (void)scratch;
    header_decode_from(&in, &header);
    message->headers = bytes_of(in.next, decoder_left(&in));
    message->header_count--;
    sync_world.twisted++;
    return true;
}

static bool spoil_body(uint16_t from, struct sync_message *message, struct buf *scratch) {
    if (from != 1 || message->kind != SYNC_BLOCK) return true;
    message->body = sync_world_body(message->from + 1, scratch);
    sync_world.twisted++;
    return true;
}

static bool skip_block(uint16_t from, struct sync_message *message, struct buf *scratch) {
    if (from != 1 || message->kind != SYNC_BLOCK) return true;
    message->from += LIMIT_SYNC_BLOCKS;
    message->body = sync_world_body(message->from, scratch);
    sync_world.twisted++;
    return true;
}

// Of fewer than a quorum.
static bool thin_certificate(uint16_t from, struct sync_message *message, struct buf *scratch) {
    if (from != 1 || message->kind != SYNC_HEADERS) return true;
    uint64_t last = 0;
    struct decoder in = decoder_of(message->headers);
    struct header header;
    while (decoder_left(&in) > 0) {
        header_decode_from(&in, &header);
        last = header.height;
    }
    const struct header *of = light_chain_header(&sync_world.chain, last);
    struct light_chain_vote vote = light_chain_vote(&sync_world.chain, of);
    vote.signers &= vote.signers - 1;
    light_chain_certify(&sync_world.chain, scratch, of, &vote);
    message->certificate = buf_bytes(scratch);
    sync_world.twisted++;
    return true;
}

static bool (*const liars[])(uint16_t, struct sync_message *, struct buf *) = {
    spoil_certificate, spoil_header, shift_headers, spoil_body, skip_block, thin_certificate};

START_TEST(who_lies_is_let_go_and_others_are_asked) {
    sync_world.twist = liars[_i];
    check_liar();
}
END_TEST

static bool say_nothing(uint16_t from, struct sync_message *message, struct buf *scratch) {
    (void)scratch;
    if (from != 1) return true;
    *message = (struct sync_message){
        .kind = SYNC_NOTHING, .number = message->number, .oldest = 1, .newest = HEIGHTS - 1};
    sync_world.twisted++;
    return true;
}

START_TEST(who_has_it_and_says_nothing_is_penalised_each_time) {
    sync_world.twist = say_nothing;
    for (uint16_t i = 1; i < NODES; i++) sync_world_join(i, HEIGHTS - 1);
    block_sync_begin(sync_world.nodes[0].sync, 1);
    assert_ok(sync_world_run());
    sync_world_check_whole();
    ck_assert_uint_gt(sync_world.twisted, 0);
    ck_assert_uint_gt(sync_world.nodes[1].points, 0);
    ck_assert_uint_eq(sync_world.nodes[2].points + sync_world.nodes[3].points, 0);
    // Alone, it is given up, and at the end it has been banned.
    sync_world.nodes[0].top = 10;
    block_sync_peer_left(sync_world.nodes[0].sync, 2);
    block_sync_peer_left(sync_world.nodes[0].sync, 3);
    sync_world.nodes[1].points = 0;
    block_sync_begin(sync_world.nodes[0].sync, 1);
    assert_ok(sync_world_run());
    ck_assert_uint_eq(sync_world.nodes[0].top, 10);
    ck_assert_uint_ge(sync_world.nodes[1].points, HOST_PENALTY_MAX);
}
END_TEST

// ---- losses

static bool lose_all(uint16_t from, struct sync_message *message, struct buf *scratch) {
    (void)message, (void)scratch;
    sync_world.twisted += from == 1;
    return from != 1;
}

START_TEST(who_is_silent_is_left_alone_for_longer_each_time) {
    sync_world.twist = lose_all;
    sync_world_join(1, HEIGHTS - 1);
    block_sync_begin(sync_world.nodes[0].sync, 1);
    uint64_t begun_ms = sync_world.now_ms;
    assert_ok(sync_world_run());
    ck_assert_uint_eq(sync_world.nodes[0].top, 0);
    ck_assert_uint_eq(sync_world.nodes[1].points, 0);
    ck_assert_uint_eq(sync_world_counts(0).timeouts, 5);
    // Five time-outs, and 1, 2, 4 and 8 of them between.
    ck_assert_uint_ge(sync_world.now_ms - begun_ms, (5 + 15) * TIMEOUT_MS);
}
END_TEST

static uint64_t random_seed;

static bool lose_some(uint16_t from, struct sync_message *message, struct buf *scratch) {
    (void)from, (void)message, (void)scratch;
    random_seed = random_seed * 6364136223846793005u + 1442695040888963407u;
    bool is_lost = random_seed >> 33 < (UINT64_C(1) << 31) / 10;
    sync_world.twisted += is_lost;
    return !is_lost;
}

START_TEST(losses_cost_time_and_nothing_else) {
    sync_world.twist = lose_some;
    for (random_seed = 1; random_seed < 4;) {
        uint64_t seed = random_seed;
        sync_world.nodes[0].top = sync_world.nodes[0].taken = 0;
        for (uint16_t i = 1; i < NODES; i++) sync_world_join(i, HEIGHTS - 1);
        // Whoever was given up is asked again when the driver names it.
        for (int tries = 0; tries < 50 && sync_world.nodes[0].top < HEIGHTS - 1; tries++) {
            for (uint16_t i = 1; i < NODES; i++) block_sync_begin(sync_world.nodes[0].sync, i);
            assert_ok(sync_world_run());
        }
        ck_assert_msg(sync_world.nodes[0].top == HEIGHTS - 1, "seed %d", (int)seed);
        sync_world_check_whole();
        for (uint16_t i = 1; i < NODES; i++) ck_assert_uint_eq(sync_world.nodes[i].points, 0);
        sync_world_forget_lines();
        random_seed = seed + 1;
    }
    ck_assert_uint_gt(sync_world.twisted, 0);
}
END_TEST

static bool leave_in_the_middle(uint16_t from, struct sync_message *message, struct buf *scratch) {
    (void)scratch;
    if (from == 1 && message->kind == SYNC_BLOCK && message->from == 33) {
        sync_world.twisted++;
        block_sync_peer_left(sync_world.nodes[0].sync, 1);
    }
    return sync_world.twisted == 0 || from != 1;
}

START_TEST(progress_is_kept_over_a_change_of_peer) {
    sync_world.twist = leave_in_the_middle;
    sync_world_join(1, HEIGHTS - 1);
    block_sync_begin(sync_world.nodes[0].sync, 1);
    assert_ok(sync_world_run());
    ck_assert_uint_gt(sync_world.nodes[0].top, 20);
    ck_assert_uint_lt(sync_world.nodes[0].top, HEIGHTS - 1);
    sync_world_join(2, HEIGHTS - 1);
    block_sync_begin(sync_world.nodes[0].sync, 2);
    assert_ok(sync_world_run());
    sync_world_check_whole(); // so none was taken twice
}
END_TEST

START_TEST(who_has_pruned_is_asked_for_what_it_has) {
    sync_world.nodes[1].oldest = 90;
    sync_world_join(1, HEIGHTS - 1);
    block_sync_begin(sync_world.nodes[0].sync, 1);
    assert_ok(sync_world_run());
    ck_assert_uint_eq(sync_world.nodes[0].top, 0);
    ck_assert_uint_eq(sync_world.nodes[1].points, 0);
    sync_world_join(2, HEIGHTS - 1);
    block_sync_begin(sync_world.nodes[0].sync, 2);
    assert_ok(sync_world_run());
    sync_world_check_whole();
    ck_assert_uint_eq(sync_world.nodes[1].points, 0);
}
END_TEST

START_TEST(a_second_certified_block_is_a_conflict) {
    struct hash other = {.bytes = {9}};
    sync_world.nodes[0].top = 12;
    sync_world.chain.ids[12] = other; // what is final here
    sync_world_join(1, HEIGHTS - 1);
    block_sync_begin(sync_world.nodes[0].sync, 1);
    assert_status(sync_world_run(), STATUS_CONFLICT);
    ck_assert_uint_eq(sync_world.nodes[0].top, 12);
}
END_TEST

// Agreement may go on by itself meanwhile: what it brought is not taken again.
static bool go_on_alone(uint16_t from, struct sync_message *message, struct buf *scratch) {
    (void)from, (void)scratch;
    if (message->kind == SYNC_BLOCK && sync_world.twisted == 0 && sync_world.nodes[0].top >= 8) {
        sync_world.nodes[0].top += 3;
        sync_world.twisted++;
    }
    return true;
}

START_TEST(what_became_final_meanwhile_is_skipped) {
    sync_world.twist = go_on_alone;
    sync_world_join(1, HEIGHTS - 1);
    block_sync_begin(sync_world.nodes[0].sync, 1);
    assert_ok(sync_world_run());
    ck_assert_uint_eq(sync_world.nodes[0].top, HEIGHTS - 1);
    ck_assert_uint_eq(sync_world.nodes[0].taken, HEIGHTS - 1 - 3);
    ck_assert_uint_eq(sync_world.nodes[1].points, 0);
}
END_TEST

// ---- serving

static void ask(uint16_t of, const struct sync_message *message) {
    struct buf out = {0};
    sync_encode(&out, message);
    assert_ok(block_sync_receive(sync_world.nodes[of].sync, 0, buf_bytes(&out), sync_world.now_ms));
    buf_clear(&out);
}

START_TEST(a_run_reads_one_block_and_a_new_ask_takes_the_place_of_the_old) {
    bool arrived;
    block_sync_peer_joined(sync_world.nodes[1].sync, 0, 0);
    ask(1, &(struct sync_message){.kind = SYNC_ASK_BLOCKS,
                                  .number = 1,
                                  .from = 1,
                                  .count = LIMIT_SYNC_BLOCKS,
                                  .most_bytes = LIMIT_SYNC_ANSWER_BYTES});
    for (size_t i = 1; i <= 3; i++) {
        assert_ok(block_sync_run(sync_world.nodes[1].sync, sync_world.now_ms, &arrived));
        ck_assert_uint_eq(sync_world.line_count, i);
        ck_assert_uint_eq(block_sync_wake_ms(sync_world.nodes[1].sync), sync_world.now_ms);
    }
    ask(1, &(struct sync_message){
               .kind = SYNC_ASK_BLOCKS, .number = 2, .from = 60, .count = 2, .most_bytes = 1});
    for (int i = 0; i < 5; i++)
        assert_ok(block_sync_run(sync_world.nodes[1].sync, sync_world.now_ms, &arrived));
    ck_assert_uint_eq(sync_world.line_count, 4); // one, for it has as many bytes as were asked for
    ask(1,
        &(struct sync_message){.kind = SYNC_ASK_HEADERS, .number = 3, .from = HEIGHTS, .count = 5});
    assert_ok(block_sync_run(sync_world.nodes[1].sync, sync_world.now_ms, &arrived));
    struct sync_message nothing;
    assert_ok(sync_decode(&nothing, buf_bytes(&sync_world.lines[4].message)));
    ck_assert_int_eq(nothing.kind, SYNC_NOTHING);
    ck_assert_uint_eq(nothing.newest, HEIGHTS - 1);
    ck_assert_uint_eq(block_sync_wake_ms(sync_world.nodes[1].sync), UINT64_MAX);
}
END_TEST

// Until node 1 has said something.
static struct sync_message answer_of_one(void) {
    struct sync_message out;
    bool arrived;
    for (int i = 0; i <= LIMIT_SYNC_HEADERS && sync_world.line_count == 0; i++)
        assert_ok(block_sync_run(sync_world.nodes[1].sync, sync_world.now_ms, &arrived));
    ck_assert_uint_eq(sync_world.line_count, 1);
    assert_ok(sync_decode(&out, buf_bytes(&sync_world.lines[0].message)));
    return out;
}

START_TEST(headers_cost_no_read_of_their_blocks_but_one) {
    block_sync_peer_joined(sync_world.nodes[1].sync, 0, 0);
    ask(1, &(struct sync_message){.kind = SYNC_ASK_HEADERS, .number = 1, .from = 1, .count = 50});
    struct sync_message headers = answer_of_one();
    ck_assert_int_eq(headers.kind, SYNC_HEADERS);
    ck_assert_uint_eq(headers.header_count, 49);
    ck_assert_uint_eq(sync_world.nodes[1].reads, 1);
}
END_TEST

// Wherever among them the disk has lost what it should be.
START_TEST(a_header_that_leads_nowhere_is_not_told) {
    static const uint64_t heights[] = {1, 20, 48};
    sync_world.nodes[1].damaged = heights[_i];
    block_sync_peer_joined(sync_world.nodes[1].sync, 0, 0);
    ask(1, &(struct sync_message){.kind = SYNC_ASK_HEADERS, .number = 1, .from = 1, .count = 50});
    ck_assert_int_eq(answer_of_one().kind, SYNC_NOTHING);
}
END_TEST

START_TEST(nothing_is_read_for_whom_it_would_be_lost) {
    bool arrived;
    struct block_sync *sync = sync_world.nodes[1].sync;
    sync_world.nodes[1].full_peer = 0;
    block_sync_peer_joined(sync, 0, 0);
    ask(1, &(struct sync_message){
               .kind = SYNC_ASK_BLOCKS, .number = 1, .from = 1, .count = 1, .most_bytes = 1});
    for (int i = 0; i < 3; i++) assert_ok(block_sync_run(sync, sync_world.now_ms, &arrived));
    ck_assert_uint_eq(sync_world.nodes[1].reads, 0);
    ck_assert_uint_gt(block_sync_wake_ms(sync), sync_world.now_ms);
    ck_assert_uint_lt(block_sync_wake_ms(sync), sync_world.now_ms + 1000);
    sync_world.nodes[1].full_peer = PEER_NONE;
    ck_assert_uint_eq(block_sync_wake_ms(sync), sync_world.now_ms);
    ck_assert_int_eq(answer_of_one().kind, SYNC_BLOCK);
}
END_TEST

START_TEST(who_is_far_behind_says_so_until_it_is_near) {
    const struct false_node *node = &sync_world.nodes[0];
    sync_world_join(1, HEIGHTS - 1);
    block_sync_begin(node->sync, 1);
    ck_assert_uint_eq(sync_world_counts(0).behind, 0); // nothing has proven that
    assert_ok(sync_world_run());
    sync_world_check_whole();
    ck_assert_uint_eq(node->most_behind, HEIGHTS - 1);
    ck_assert_uint_eq(node->least_behind, LIMIT_SYNC_NEAR + 1);
    ck_assert_uint_eq(sync_world_counts(0).behind, 0);
}
END_TEST

START_TEST(who_is_near_is_not_behind_whatever_a_peer_says) {
    const struct false_node *node = &sync_world.nodes[0];
    sync_world.nodes[0].top = HEIGHTS - LIMIT_SYNC_NEAR - 1;
    sync_world_join(1, HEIGHTS - 1);
    sync_world_join(2, UINT32_MAX); // where nobody is
    block_sync_begin(node->sync, 1);
    block_sync_begin(node->sync, 2);
    assert_ok(sync_world_run());
    ck_assert_uint_eq(node->top, HEIGHTS - 1);
    ck_assert_uint_eq(node->most_behind, 0);
}
END_TEST

static bool lose_all_of_the_second(uint16_t from, struct sync_message *message,
                                   struct buf *scratch) {
    (void)message, (void)scratch;
    return from != 2;
}

// It says that it is far above all others, and never shows anything. At the end of an epoch, where
// nothing more can be proven for a moment, nobody is near for that.
START_TEST(who_has_all_that_is_proven_is_near_while_a_peer_says_more) {
    const struct false_node *node = &sync_world.nodes[0];
    uint64_t near_ms = 0;
    bool arrived = false;
    sync_world.twist = lose_all_of_the_second;
    sync_world_join(1, HEIGHTS - 1);
    sync_world_join(2, UINT32_MAX);
    block_sync_begin(node->sync, 1);
    while (!arrived) {
        assert_ok(sync_world_step(&arrived));
        uint64_t behind = sync_world_counts(0).behind;
        if (node->top > 0 && node->top < HEIGHTS - 1 - LIMIT_SYNC_NEAR)
            ck_assert_uint_gt(behind, LIMIT_SYNC_NEAR);
        if (!arrived && node->top == HEIGHTS - 1 && behind == 0 && near_ms == 0)
            near_ms = sync_world.now_ms;
        if (near_ms > 0) ck_assert_uint_eq(behind, 0);
    }
    ck_assert_uint_gt(near_ms, 0);
    ck_assert_uint_lt(near_ms + TIMEOUT_MS, sync_world.now_ms); // it goes on asking
    sync_world_check_whole();
}
END_TEST

static Suite *block_sync_suite(void) {
    Suite *suite = suite_create("block_sync");
    TCase *cases = tcase_create("block_sync");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, sync_world_begin, sync_world_clear);
    tcase_add_test(cases, it_catches_up_over_epochs_whose_witnesses_change);
    tcase_add_test(cases, several_peers_share_the_bodies);
    tcase_add_test(cases, it_goes_on_from_where_it_is_no_faster_than_its_checkpoints);
    tcase_add_test(cases, what_waits_keeps_to_its_bound);
    tcase_add_test(cases, who_is_slow_holds_nobody_up_for_long);
    tcase_add_loop_test(cases, who_lies_is_let_go_and_others_are_asked, 0,
                        (int)(sizeof liars / sizeof *liars));
    tcase_add_test(cases, who_has_it_and_says_nothing_is_penalised_each_time);
    tcase_add_test(cases, who_is_silent_is_left_alone_for_longer_each_time);
    tcase_add_test(cases, losses_cost_time_and_nothing_else);
    tcase_add_test(cases, progress_is_kept_over_a_change_of_peer);
    tcase_add_test(cases, who_has_pruned_is_asked_for_what_it_has);
    tcase_add_test(cases, a_second_certified_block_is_a_conflict);
    tcase_add_test(cases, what_became_final_meanwhile_is_skipped);
    tcase_add_test(cases, a_run_reads_one_block_and_a_new_ask_takes_the_place_of_the_old);
    tcase_add_test(cases, headers_cost_no_read_of_their_blocks_but_one);
    tcase_add_loop_test(cases, a_header_that_leads_nowhere_is_not_told, 0, 3);
    tcase_add_test(cases, nothing_is_read_for_whom_it_would_be_lost);
    tcase_add_test(cases, who_is_far_behind_says_so_until_it_is_near);
    tcase_add_test(cases, who_is_near_is_not_behind_whatever_a_peer_says);
    tcase_add_test(cases, who_has_all_that_is_proven_is_near_while_a_peer_says_more);
    suite_add_tcase(suite, cases);
    return suite;
}

void add_suites(SRunner *runner) {
    srunner_add_suite(runner, block_sync_suite());
    srunner_add_suite(runner, sync_message_suite());
}
