// SPDX-License-Identifier: Apache-2.0
#include "chaincore/witness/inbox.h"

#include "chaincore/consensus/consensus.h"
#include "tests/unit/witness/suites.h"

static struct inbox inbox;
static uint8_t block[LIMIT_BODY_BYTES];

static void stop(void) { inbox_clear(&inbox); }

static enum status put_block(uint16_t peer) {
    return inbox_put(&inbox, peer, true, BYTES_OF(block));
}
static enum status put_vote(uint16_t peer) {
    return inbox_put(&inbox, peer, true, bytes_of_string("vote"));
}
static enum status put_strangers_vote(uint16_t peer) {
    return inbox_put(&inbox, peer, false, bytes_of_string("vote"));
}
static enum status put_strangers_block(uint16_t peer) {
    return inbox_put(&inbox, peer, false, BYTES_OF(block));
}

START_TEST(what_came_first_is_first) {
    for (int round = 0; round < 3 * LIMIT_DRIVER_QUEUE / 100; round++) {
        for (uint8_t i = 0; i < 100; i++) assert_ok(inbox_put(&inbox, i, true, BYTES_OF(i)));
        ck_assert_uint_eq(inbox.count, 100);
        for (uint8_t i = 0; i < 100; i++) {
            ck_assert_uint_eq(inbox_at(&inbox, 0)->peer, i);
            assert_bytes_equal(buf_bytes(&inbox_at(&inbox, 0)->bytes), BYTES_OF(i));
            inbox_drop_first(&inbox);
        }
    }
    ck_assert_uint_eq(inbox.count, 0);
}
END_TEST

START_TEST(blocks_leave_room_for_votes) {
    uint16_t peer = 0;
    while (put_block(peer) == STATUS_OK) peer++;
    ck_assert_uint_eq(peer, LIMIT_DRIVER_LARGE_BYTES / LIMIT_BODY_BYTES);
    assert_ok(put_vote(peer));
    assert_ok(put_vote(0));
    inbox_drop_first(&inbox);
    assert_ok(put_block(peer));
    assert_status(put_block(peer), STATUS_BUSY);
}
END_TEST

START_TEST(one_peers_blocks_leave_room_for_those_of_others) {
    unsigned count = 0;
    while (put_block(7) == STATUS_OK) count++;
    ck_assert_uint_eq(count, LIMIT_DRIVER_LARGE_BYTES_OF_PEER / LIMIT_BODY_BYTES);
    ck_assert_uint_ge(count, 2);
    assert_ok(put_vote(7));
    assert_ok(put_block(8));
    inbox_drop_first(&inbox);
    assert_ok(put_block(7));
}
END_TEST

START_TEST(so_many_messages_wait_of_one_and_of_all) {
    const uint16_t peers = LIMIT_DRIVER_QUEUE / LIMIT_DRIVER_QUEUE_OF_PEER;
    for (uint16_t peer = 0; peer < peers; peer++) {
        for (int i = 0; i < LIMIT_DRIVER_QUEUE_OF_PEER; i++) assert_ok(put_vote(peer));
        assert_status(put_vote(peer), STATUS_BUSY);
    }
    assert_status(put_vote(peers), STATUS_BUSY);
    inbox_drop_first(&inbox);
    assert_ok(put_vote(peers));
}
END_TEST

static const uint8_t one[INBOX_OWNER_BYTES] = {1}, another[INBOX_OWNER_BYTES] = {2};

// Else it would have as many shares as keys of nodes that it cares to certify.
START_TEST(nodes_of_one_witness_have_one_share) {
    for (uint16_t peer = 1; peer <= 3; peer++) inbox_peer_speaks_for(&inbox, peer, BYTES_OF(one));
    inbox_peer_speaks_for(&inbox, 4, BYTES_OF(another));
    for (int i = 0; i < LIMIT_DRIVER_QUEUE_OF_PEER / 2; i++) assert_ok(put_vote(1));
    for (int i = 0; i < LIMIT_DRIVER_QUEUE_OF_PEER / 2; i++) assert_ok(put_vote(2));
    assert_status(put_vote(3), STATUS_BUSY);
    assert_status(put_vote(1), STATUS_BUSY);
    assert_ok(put_vote(4)); // of another witness
    assert_ok(put_vote(5)); // of none
    inbox_drop_first(&inbox);
    assert_ok(put_vote(3));
    assert_status(put_vote(2), STATUS_BUSY);
}
END_TEST

START_TEST(nodes_of_one_witness_have_one_share_of_blocks) {
    unsigned count = 0;
    for (uint16_t peer = 1; peer <= 9; peer++) {
        inbox_peer_speaks_for(&inbox, peer, BYTES_OF(one));
        while (put_block(peer) == STATUS_OK) count++;
    }
    ck_assert_uint_eq(count, LIMIT_DRIVER_LARGE_BYTES_OF_PEER / LIMIT_BODY_BYTES);
    assert_ok(put_vote(9));
    while (inbox.count > 0) inbox_drop_first(&inbox);
    assert_ok(put_block(9));
}
END_TEST

START_TEST(what_a_witness_has_waiting_outlasts_its_connections) {
    for (uint16_t peer = 1; peer <= 2; peer++) {
        inbox_peer_speaks_for(&inbox, peer, BYTES_OF(one));
        for (int i = 0; i < LIMIT_DRIVER_QUEUE_OF_PEER / 2; i++) assert_ok(put_vote(peer));
        inbox_peer_left(&inbox, peer);
    }
    inbox_peer_speaks_for(&inbox, 1, BYTES_OF(one));
    assert_status(put_vote(1), STATUS_BUSY);
    inbox_peer_speaks_for(&inbox, 1, bytes_of(NULL, 0)); // it serves no more
    assert_ok(put_vote(1));
    inbox_peer_speaks_for(&inbox, 2, BYTES_OF(another)); // the number is another's
    assert_ok(put_vote(2));
    while (inbox.count > 0) inbox_drop_first(&inbox);
    for (int i = 0; i < LIMIT_PEERS; i++) ck_assert_uint_eq(inbox.shares[i].count, 0);
}
END_TEST

// However many they are, and whoever of them leaves.
START_TEST(strangers_votes_leave_room_for_those_of_others) {
    const uint16_t peers = LIMIT_DRIVER_QUEUE_OF_STRANGERS / LIMIT_DRIVER_QUEUE_OF_STRANGER;
    for (uint16_t peer = 0; peer < peers; peer++) {
        for (int i = 0; i < LIMIT_DRIVER_QUEUE_OF_STRANGER; i++)
            assert_ok(put_strangers_vote(peer));
        assert_status(put_strangers_vote(peer), STATUS_BUSY);
    }
    assert_status(put_strangers_vote(peers), STATUS_BUSY);
    inbox_peer_left(&inbox, 0);
    assert_status(put_strangers_vote(0), STATUS_BUSY);
    for (int i = 0; i < LIMIT_DRIVER_QUEUE - LIMIT_DRIVER_QUEUE_OF_STRANGERS; i++)
        assert_ok(put_vote((uint16_t)(peers + i / LIMIT_DRIVER_QUEUE_OF_PEER)));
    inbox_drop_first(&inbox);
    assert_ok(put_strangers_vote(0));
    inbox_clear(&inbox);
    ck_assert_uint_eq(inbox.strangers_count, 0);
}
END_TEST

START_TEST(strangers_blocks_leave_room_for_those_of_others) {
    uint16_t peer = 0;
    while (put_strangers_block(peer) == STATUS_OK) peer++;
    ck_assert_uint_eq(peer, LIMIT_DRIVER_LARGE_BYTES_OF_STRANGERS / LIMIT_BODY_BYTES);
    assert_ok(put_strangers_vote(peer));
    assert_ok(put_block(peer));
    inbox_drop_first(&inbox);
    assert_ok(put_strangers_block(peer));
    inbox_clear(&inbox);
    ck_assert_uint_eq(inbox.strangers_large_bytes, 0);
}
END_TEST

START_TEST(who_comes_next_has_sent_nothing_of_who_left) {
    for (int i = 0; i < LIMIT_DRIVER_QUEUE_OF_PEER; i++) assert_ok(put_vote(3));
    assert_ok(put_vote(4));
    inbox_peer_left(&inbox, 3);
    for (int i = 0; i < 2; i++) assert_ok(put_block(3));
    ck_assert_uint_eq(inbox_at(&inbox, 0)->peer, PEER_NONE);
    for (int i = 0; i < LIMIT_DRIVER_QUEUE_OF_PEER; i++) inbox_drop_first(&inbox);
    ck_assert_uint_eq(inbox_at(&inbox, 0)->peer, 4);
    ck_assert_uint_eq(inbox_at(&inbox, 1)->peer, 3);
    ck_assert_uint_eq(inbox.count_of[3], 2);
    inbox_clear(&inbox);
    ck_assert_uint_eq(inbox.large_bytes, 0);
    ck_assert_uint_eq(inbox.count_of[3], 0);
    ck_assert_uint_eq(inbox.large_bytes_of[3], 0);
}
END_TEST

Suite *inbox_suite(void) {
    Suite *suite = suite_create("inbox");
    TCase *cases = tcase_create("inbox");
    tcase_add_checked_fixture(cases, NULL, stop);
    tcase_add_test(cases, nodes_of_one_witness_have_one_share);
    tcase_add_test(cases, nodes_of_one_witness_have_one_share_of_blocks);
    tcase_add_test(cases, what_a_witness_has_waiting_outlasts_its_connections);
    tcase_add_test(cases, what_came_first_is_first);
    tcase_add_test(cases, blocks_leave_room_for_votes);
    tcase_add_test(cases, one_peers_blocks_leave_room_for_those_of_others);
    tcase_add_test(cases, so_many_messages_wait_of_one_and_of_all);
    tcase_add_test(cases, strangers_votes_leave_room_for_those_of_others);
    tcase_add_test(cases, strangers_blocks_leave_room_for_those_of_others);
    tcase_add_test(cases, who_comes_next_has_sent_nothing_of_who_left);
    suite_add_tcase(suite, cases);
    return suite;
}
