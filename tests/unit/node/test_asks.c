// SPDX-License-Identifier: Apache-2.0
// What a node asks for, of whom and when; what comes before its turn; and what lies about that
// cost.
#include "tests/unit/node/suites_replica.h"
#include "tests/unit/node/teller.h"

// --- asking ---

START_TEST(an_id_is_asked_for_when_nothing_has_come_for_a_moment) {
    teller_meet(0, 2);
    struct buf first = teller_transfer(1), second = teller_transfer(2);
    uint64_t told[] = {teller_start_of(buf_bytes(&first)), teller_start_of(buf_bytes(&second))};
    teller_say_ids(0, TX_IDS_HAVE, told, 2);
    teller_pass(0);
    ck_assert_uint_eq(heard_in_all(teller.ids[TX_IDS_WANT]), 0);
    teller_say_tx(1, &second); // unasked
    teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
    ck_assert_uint_eq(teller.ids[TX_IDS_WANT][0].count, 1);
    ck_assert_uint_eq(teller.ids[TX_IDS_WANT][0].starts[0], told[0]);
    teller_say_tx(0, &first);
    teller_pass(1);
    ck_assert_uint_eq(teller_counts().txs_taken, 2);
    ck_assert_uint_eq(teller_look().ids_open, 0);
    teller_say_ids(1, TX_IDS_HAVE, told, 2); // they are known
    teller_pass(0);
    teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
    ck_assert_uint_eq(heard_in_all(teller.ids[TX_IDS_WANT]), 1);
    ck_assert_uint_eq(teller_penalties(), 0);
    buf_clear(&first);
    buf_clear(&second);
}
END_TEST

START_TEST(who_does_not_answer_is_followed_by_the_next_until_nobody_is_left) {
    teller_meet(0, 3);
    for (uint16_t i = 0; i < 3; i++) teller_say_id(i, TX_IDS_HAVE, 77);
    teller_pass(0);
    teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
    for (size_t asked = 1; asked <= 3; asked++) {
        ck_assert_uint_eq(heard_in_all(teller.ids[TX_IDS_WANT]), asked);
        ck_assert_uint_eq(teller_look().ids_open, 1);
        teller_pass(LIMIT_GOSSIP_ASK_MS - 1);
        ck_assert_uint_eq(heard_in_all(teller.ids[TX_IDS_WANT]), asked);
        teller_pass(1);
    }
    for (uint16_t i = 0; i < 3; i++) ck_assert_uint_eq(teller.ids[TX_IDS_WANT][i].count, 1);
    ck_assert_uint_eq(teller_look().ids_open, 0);
    teller_say_id(0, TX_IDS_HAVE, 77); // told again, it may be asked for again
    teller_pass(0);
    ck_assert_uint_eq(teller_look().ids_open, 1);
}
END_TEST

// Of many that say they have it, each is asked about as often as any other.
START_TEST(not_all_is_asked_of_who_told_first) {
    teller_meet(0, 4);
    for (uint64_t start = 1; start <= 40; start++)
        for (uint16_t i = 0; i < 4; i++) teller_say_id(i, TX_IDS_HAVE, start);
    teller_pass(0);
    teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
    ck_assert_uint_eq(heard_in_all(teller.ids[TX_IDS_WANT]), 40);
    for (int i = 0; i < 4; i++) ck_assert_uint_le(teller.ids[TX_IDS_WANT][i].count, 20);
}
END_TEST

START_TEST(who_has_it_no_more_says_so_and_is_not_to_blame) {
    teller_meet(0, 2);
    for (uint64_t first = 1; first < 40 * LIMIT_GOSSIP_ASKED_OF_NEW;
         first += LIMIT_GOSSIP_ASKED_OF_NEW) {
        teller_say_nothings(0, first, LIMIT_GOSSIP_ASKED_OF_NEW);
        teller_pass(0);
        teller_hear_no_more();
        teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
        ck_assert_uint_eq(teller.ids[TX_IDS_WANT][0].count, LIMIT_GOSSIP_ASKED_OF_NEW);
        teller_say_ids(0, TX_IDS_LACK, teller.ids[TX_IDS_WANT][0].starts,
                       LIMIT_GOSSIP_ASKED_OF_NEW);
        teller_say_nothings(1, first, 1); // who still has one of them is asked at once
        teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
        teller_pass(LIMIT_GOSSIP_ASK_MS);
        ck_assert_uint_le(teller_look().ids_open, 1);
    }
    ck_assert_uint_eq(teller_counts().ids_lacked, 40 * LIMIT_GOSSIP_ASKED_OF_NEW);
    ck_assert_uint_eq(teller.penalties[0], 0);
}
END_TEST

START_TEST(who_tells_and_never_delivers_pays_and_is_asked_last) {
    teller_meet(0, 2);
    teller_say_nothings(0, 1, 8 * LIMIT_GOSSIP_ASKED_OF_NEW);
    teller_pass(0);
    teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
    for (size_t round = 1; round <= LIMIT_GOSSIP_SILENT_ROUNDS; round++) {
        ck_assert_uint_eq(teller.ids[TX_IDS_WANT][0].count, round * LIMIT_GOSSIP_ASKED_OF_NEW);
        ck_assert_uint_eq(teller_counts().faults[FAULT_UNDELIVERED], 0);
        teller_pass(LIMIT_GOSSIP_ASK_MS - 100);
        teller_say_nothings(0, 1, 1); // it is well
        teller_pass(100);
        teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
    }
    ck_assert_uint_eq(teller_counts().faults[FAULT_UNDELIVERED], 1);
    ck_assert_uint_gt(teller.penalties[0], 0);
    ck_assert_uint_eq(teller_counts().ids_undelivered,
                      LIMIT_GOSSIP_SILENT_ROUNDS * LIMIT_GOSSIP_ASKED_OF_NEW);
    teller_hear_no_more();
    for (uint64_t start = 10000; start < 10020; start++) {
        teller_say_id(0, TX_IDS_HAVE, start);
        teller_say_id(1, TX_IDS_HAVE, start);
    }
    teller_pass(0);
    teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
    ck_assert_uint_eq(teller.ids[TX_IDS_WANT][1].count, 20);
    ck_assert_uint_eq(teller.penalties[1], 0);
}
END_TEST

START_TEST(a_connection_on_which_nothing_comes_is_not_its_peers_fault) {
    teller_meet(0, 1);
    teller_say_nothings(0, 1, LIMIT_GOSSIP_ASKED_OF_NEW);
    teller_pass(0);
    teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
    teller_pass(LIMIT_GOSSIP_ASK_MS);
    ck_assert_uint_eq(teller_counts().ids_undelivered, 0);
    ck_assert_uint_eq(teller.penalties[0], 0);
    ck_assert_uint_eq(teller_look().ids_open, 0);
}
END_TEST

// Who has delivered is asked for more at a time.
START_TEST(who_delivers_is_asked_for_more) {
    teller_meet(0, 1);
    for (int i = 0; i < LIMIT_GOSSIP_ASKED_OF_NEW; i++) {
        struct buf encoded = teller_transfer(1);
        teller_say_id(0, TX_IDS_HAVE, teller_start_of(buf_bytes(&encoded)));
        teller_pass(0);
        teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
        teller_say_tx(0, &encoded);
        teller_pass(1);
        buf_clear(&encoded);
    }
    teller_hear_no_more();
    teller_say_nothings(0, 1, 3 * LIMIT_GOSSIP_ASKED_OF_PEER);
    teller_pass(0);
    teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
    ck_assert_uint_eq(teller.ids[TX_IDS_WANT][0].count, LIMIT_GOSSIP_ASKED_OF_PEER);
}
END_TEST

START_TEST(ids_of_one_and_of_all_strangers_are_bounded) {
    enum { MANY = LIMIT_GOSSIP_WANTED / 2 / LIMIT_GOSSIP_WANTED_OF_NEW };
    teller_meet(0, MANY + 3);
    teller_say_nothings(0, 1, LIMIT_GOSSIP_WANTED_OF_NEW + 5);
    ck_assert_uint_eq(teller_look().ids_open, LIMIT_GOSSIP_WANTED_OF_NEW);
    ck_assert_uint_eq(teller_counts().ids_unnoted, 5);
    for (uint16_t i = 1; i < MANY; i++)
        teller_say_nothings(i, 100000u * i, LIMIT_GOSSIP_WANTED_OF_NEW);
    ck_assert_uint_eq(teller_look().ids_open, LIMIT_GOSSIP_WANTED / 2);
    teller_say_nothings(MANY, 4000000, 100); // who has less gets places of those who have more
    ck_assert_uint_eq(teller_look().ids_open, LIMIT_GOSSIP_WANTED / 2);
    ck_assert_uint_eq(teller_counts().ids_unnoted, 5);
    teller_make_witness(MANY + 1, 0); // there is room for a witness's all the same
    teller_say_nothings(MANY + 1, 5000000, LIMIT_GOSSIP_WANTED_OF_PEER + 7);
    ck_assert_uint_eq(teller_look().ids_open,
                      LIMIT_GOSSIP_WANTED / 2 + LIMIT_GOSSIP_WANTED_OF_PEER);
    for (uint16_t i = 0; i < MANY + 2; i++) replica_peer_left(teller.replica, i);
    teller_pass(0);
    teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
    ck_assert_uint_eq(teller_look().ids_open, 0);
    teller_say_nothings(MANY + 2, 1, LIMIT_GOSSIP_WANTED_OF_NEW); // all of the room is there again
    ck_assert_uint_eq(teller_look().ids_open, LIMIT_GOSSIP_WANTED_OF_NEW);
}
END_TEST

// What it tells and never delivers is not remembered for longer than until all is told anew.
START_TEST(what_nobody_has_time_for_is_forgotten) {
    teller_meet(0, 1);
    teller_say_nothings(0, 1, LIMIT_GOSSIP_WANTED_OF_NEW);
    for (int i = 0; i <= LIMIT_GOSSIP_AGAIN_MS / 500; i++) teller_pass(500);
    ck_assert_uint_le(teller_look().ids_open, LIMIT_GOSSIP_ASKED_OF_NEW);
}
END_TEST

START_TEST(a_witness_is_asked_before_strangers_are) {
    teller_meet(0, 4);
    teller_make_witness(3, 0);
    for (uint64_t start = 1; start <= 20; start++)
        for (uint16_t i = 0; i < 4; i++) teller_say_id(i, TX_IDS_HAVE, start);
    teller_pass(0);
    teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
    ck_assert_uint_eq(teller.ids[TX_IDS_WANT][3].count, 20);
    ck_assert_uint_eq(heard_in_all(teller.ids[TX_IDS_WANT]), 20);
    teller_say_ids(3, TX_IDS_LACK, teller.ids[TX_IDS_WANT][3].starts, 20);
    for (uint16_t i = 0; i < 4; i++) teller_say_id(i, TX_IDS_HAVE, 30); // it has lacked all so far
    teller_hear_no_more();
    teller_pass(1);
    teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
    ck_assert_uint_eq(teller.ids[TX_IDS_WANT][3].count, 1); // and is no stranger for that
    ck_assert_uint_eq(heard_in_all(teller.ids[TX_IDS_WANT]), 21);
}
END_TEST

// As many strangers as are remembered say that they have what they have not.
START_TEST(strangers_do_not_hide_a_witness_that_delivers) {
    teller_meet(0, LIMIT_GOSSIP_TELLERS + 1);
    teller_make_witness(LIMIT_GOSSIP_TELLERS, 0);
    for (uint16_t i = 0; i <= LIMIT_GOSSIP_TELLERS; i++) teller_say_id(i, TX_IDS_HAVE, 77);
    teller_pass(0);
    teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
    for (int i = 0; i < LIMIT_GOSSIP_TELLERS; i++) teller_pass(LIMIT_GOSSIP_ASK_MS);
    ck_assert_uint_eq(teller.ids[TX_IDS_WANT][LIMIT_GOSSIP_TELLERS].count, 1);
    ck_assert_uint_eq(heard_in_all(teller.ids[TX_IDS_WANT]), LIMIT_GOSSIP_TELLERS);
}
END_TEST

START_TEST(who_leaves_is_not_waited_for) {
    teller_meet(0, 2);
    teller_say_id(0, TX_IDS_HAVE, 77);
    teller_pass(0);
    teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
    ck_assert_uint_eq(teller.ids[TX_IDS_WANT][0].count, 1);
    teller_say_id(1, TX_IDS_HAVE, 77);
    replica_peer_left(teller.replica, 0);
    teller_pass(1);
    ck_assert_uint_eq(teller.ids[TX_IDS_WANT][1].count, 1);
    replica_peer_left(teller.replica, 1);
    teller_pass(1);
    ck_assert_uint_eq(teller_look().ids_open, 0);
}
END_TEST

START_TEST(what_the_state_refused_is_not_asked_of_all) {
    teller_meet(0, 3);
    struct buf late = teller_transfer_at(1, 0), good = teller_transfer_at(1, 0);
    struct buf used = {0}; // another one of that number is there
    struct tx tx;
    assert_ok(tx_decode(&tx, buf_bytes(&late)));
    tx.signature_count = 0;
    tx.actions[0].transfer.amount = amount_of_units(2);
    assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &teller_fixture()->keys[1],
                      node_chain_id(teller_fixture()->node)));
    tx_encode(&used, &tx);
    teller_say_tx(0, &good);
    teller_pass(0);
    uint64_t start = teller_start_of(buf_bytes(&used));
    teller_say_id(0, TX_IDS_HAVE, start);
    teller_pass(0);
    teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
    teller_say_tx(0, &used);
    teller_pass(1);
    ck_assert_uint_eq(teller_counts().txs_taken, 1);
    for (uint16_t i = 1; i < 3; i++) teller_say_id(i, TX_IDS_HAVE, start);
    teller_pass(0);
    teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
    ck_assert_uint_eq(heard_in_all(teller.ids[TX_IDS_WANT]), 1);
    ck_assert_uint_eq(teller_look().ids_open, 0);
    teller_pass(LIMIT_GOSSIP_SETTLED_MS); // it may fare better by then
    teller_say_id(1, TX_IDS_HAVE, start);
    teller_pass(0);
    teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
    ck_assert_uint_eq(heard_in_all(teller.ids[TX_IDS_WANT]), 2);
    ck_assert_uint_eq(teller_penalties(), 0);
    buf_clear(&late);
    buf_clear(&good);
    buf_clear(&used);
}
END_TEST

// Its id is not of its signatures: who sends others than the right ones keeps nobody from it.
START_TEST(one_that_comes_with_a_bad_signature_is_asked_of_another) {
    teller_meet(0, 2);
    struct buf good = teller_transfer(1), bad = {0};
    buf_append(&bad, buf_bytes(&good));
    bad.data[bad.len - 1] ^= 1;
    uint64_t start = teller_start_of(buf_bytes(&good));
    ck_assert_uint_eq(teller_start_of(buf_bytes(&bad)), start);
    teller_say_id(0, TX_IDS_HAVE, start);
    teller_pass(0);
    teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
    teller_say_id(1, TX_IDS_HAVE, start);
    teller_say_tx(0, &bad);
    teller_pass(1);
    ck_assert_uint_eq(teller.ids[TX_IDS_WANT][1].count, 1);
    teller_say_tx(1, &good);
    teller_pass(1);
    ck_assert_uint_eq(teller_counts().txs_taken, 1);
    buf_clear(&good);
    buf_clear(&bad);
}
END_TEST

// It is refused before any signature is looked at.
START_TEST(one_that_comes_with_anothers_key_is_asked_of_another) {
    teller_meet(0, 3);
    struct buf good = teller_transfer(1), bad = {0};
    struct tx tx;
    assert_ok(tx_decode(&tx, buf_bytes(&good)));
    key_public_of(&tx.signatures[0].key, &teller_fixture()->keys[2]);
    tx_encode(&bad, &tx);
    uint64_t start = teller_start_of(buf_bytes(&good));
    ck_assert_uint_eq(teller_start_of(buf_bytes(&bad)), start);
    teller_say_tx(2, &bad); // nobody has asked for it
    teller_say_id(0, TX_IDS_HAVE, start);
    teller_pass(0);
    teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
    teller_say_id(1, TX_IDS_HAVE, start);
    teller_say_tx(0, &bad);
    teller_pass(1);
    teller_pass(1);
    ck_assert_uint_eq(teller.ids[TX_IDS_WANT][1].count, 1);
    teller_say_tx(1, &good);
    teller_pass(1);
    ck_assert_uint_eq(teller_counts().txs_taken, 1);
    buf_clear(&good);
    buf_clear(&bad);
}
END_TEST

// Whoever was asked for it does not pay for what a client brought here meanwhile.
START_TEST(what_is_brought_here_meanwhile_is_not_asked_for) {
    teller_meet(0, 2);
    struct buf good = teller_transfer(1);
    uint64_t start = teller_start_of(buf_bytes(&good));
    teller_say_id(0, TX_IDS_HAVE, start);
    teller_pass(0);
    ck_assert_uint_eq(teller_look().ids_open, 1);
    replica_note_tx(teller.replica, buf_bytes(&good));
    ck_assert_uint_eq(teller_look().ids_open, 0);
    buf_clear(&good);
}
END_TEST

// --- before their turn ---

START_TEST(one_that_comes_before_its_turn_waits_for_it) {
    struct buf txs[4];
    teller_meet(0, 2);
    for (int i = 0; i < 4; i++) txs[i] = teller_transfer(1);
    for (int i = 3; i > 0; i--) teller_say_tx(0, &txs[i]);
    teller_pass(10);
    ck_assert_uint_eq(teller_counts().txs_taken, 0);
    ck_assert_uint_eq(teller_counts().txs_early, 3);
    teller_say_tx(1, &txs[0]);
    for (int i = 0; i < 10; i++) teller_pass(10);
    ck_assert_uint_eq(teller_counts().txs_taken, 4);
    ck_assert_uint_eq(teller_penalties(), 0);
    for (int i = 0; i < 4; i++) buf_clear(&txs[i]);
}
END_TEST

START_TEST(what_comes_too_early_is_bounded_and_forgotten) {
    teller_meet(0, 2);
    struct buf first = teller_transfer_at(1, 0), second = teller_transfer_at(1, 1);
    for (uint64_t seq = 1; seq <= LIMIT_GOSSIP_EARLY_OF_PEER + 10; seq++) {
        struct buf tx = teller_transfer_at(1, seq);
        teller_say_tx(0, &tx);
        buf_clear(&tx);
    }
    teller_pass(0);
    ck_assert_uint_eq(teller_counts().txs_early, LIMIT_GOSSIP_EARLY_OF_PEER);
    teller_pass(LIMIT_GOSSIP_EARLY_MS);
    teller_say_tx(0, &first);
    for (int i = 0; i < 5; i++) teller_pass(10);
    ck_assert_uint_eq(teller_counts().txs_taken, 1);
    teller_say_tx(1, &second); // there is room again
    teller_pass(10);
    ck_assert_uint_eq(teller_counts().txs_taken, 2);
    struct buf far = teller_transfer_at(2, 7);
    teller_say_tx(0, &far);
    teller_pass(10);
    ck_assert_uint_eq(teller_counts().txs_early, LIMIT_GOSSIP_EARLY_OF_PEER + 1);
    replica_peer_left(teller.replica, 0);
    buf_clear(&first);
    buf_clear(&second);
    buf_clear(&far);
}
END_TEST

// --- what is no frame ---

START_TEST(ids_that_are_none_are_refused) {
    struct buf frame = {0};
    teller_meet(0, 1);
    encode_u8(&frame, TX_IDS_HAVE);
    encode_u32(&frame, 2);
    encode_u64(&frame, 1);
    encode_u64(&frame, 2);
    for (size_t len = 0; len < frame.len; len++)
        ck_assert_int_ne(
            replica_frame(teller.replica, 0, REPLICA_TX_IDS, bytes_of(frame.data, len)), STATUS_OK);
    assert_ok(replica_frame(teller.replica, 0, REPLICA_TX_IDS, buf_bytes(&frame)));
    ck_assert_uint_eq(teller_look().ids_open, 2);
    buf_append_byte(&frame, 0);
    ck_assert_int_ne(replica_frame(teller.replica, 0, REPLICA_TX_IDS, buf_bytes(&frame)),
                     STATUS_OK);
    frame.len--;
    frame.data[0] = TX_IDS_KINDS;
    ck_assert_int_ne(replica_frame(teller.replica, 0, REPLICA_TX_IDS, buf_bytes(&frame)),
                     STATUS_OK);
    frame.data[0] = TX_IDS_HAVE;
    frame.len = 5;
    store_u32_le(frame.data + 1, 0);
    ck_assert_int_ne(replica_frame(teller.replica, 0, REPLICA_TX_IDS, buf_bytes(&frame)),
                     STATUS_OK);
    store_u32_le(frame.data + 1, LIMIT_GOSSIP_IDS + 1);
    for (int i = 0; i <= LIMIT_GOSSIP_IDS; i++) encode_u64(&frame, (uint64_t)i);
    ck_assert_int_ne(replica_frame(teller.replica, 0, REPLICA_TX_IDS, buf_bytes(&frame)),
                     STATUS_OK);
    ck_assert_uint_eq(teller_look().ids_open, 2);
    buf_clear(&frame);
}
END_TEST

Suite *asks_suite(void) {
    Suite *suite = suite_create("asks");
    TCase *cases = tcase_create("asks");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, teller_begin, teller_end);
    tcase_add_test(cases, an_id_is_asked_for_when_nothing_has_come_for_a_moment);
    tcase_add_test(cases, who_does_not_answer_is_followed_by_the_next_until_nobody_is_left);
    tcase_add_test(cases, not_all_is_asked_of_who_told_first);
    tcase_add_test(cases, who_has_it_no_more_says_so_and_is_not_to_blame);
    tcase_add_test(cases, who_tells_and_never_delivers_pays_and_is_asked_last);
    tcase_add_test(cases, a_connection_on_which_nothing_comes_is_not_its_peers_fault);
    tcase_add_test(cases, who_delivers_is_asked_for_more);
    tcase_add_test(cases, ids_of_one_and_of_all_strangers_are_bounded);
    tcase_add_test(cases, what_nobody_has_time_for_is_forgotten);
    tcase_add_test(cases, a_witness_is_asked_before_strangers_are);
    tcase_add_test(cases, strangers_do_not_hide_a_witness_that_delivers);
    tcase_add_test(cases, who_leaves_is_not_waited_for);
    tcase_add_test(cases, what_the_state_refused_is_not_asked_of_all);
    tcase_add_test(cases, one_that_comes_with_a_bad_signature_is_asked_of_another);
    tcase_add_test(cases, one_that_comes_with_anothers_key_is_asked_of_another);
    tcase_add_test(cases, what_is_brought_here_meanwhile_is_not_asked_for);
    tcase_add_test(cases, one_that_comes_before_its_turn_waits_for_it);
    tcase_add_test(cases, what_comes_too_early_is_bounded_and_forgotten);
    tcase_add_test(cases, ids_that_are_none_are_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
