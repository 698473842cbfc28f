// SPDX-License-Identifier: Apache-2.0
// Which transactions a node tells whole, which by their ids, and whom it answers.
#include "tests/unit/node/suites_replica.h"
#include "tests/unit/node/teller.h"

enum { MANY = 20 };

// --- telling ---

START_TEST(few_peers_are_sent_all_of_it_at_once) {
    teller_meet(0, LIMIT_GOSSIP_WHOLE_PEERS);
    uint64_t start = teller_submit();
    teller_pass(0);
    ck_assert_uint_eq(heard_by_peers(teller.whole, start), LIMIT_GOSSIP_WHOLE_PEERS);
    ck_assert_uint_eq(heard_in_all(teller.ids[TX_IDS_HAVE]), 0);
    struct buf encoded = teller_transfer(1); // and so is what comes from one of them
    teller_say_tx(2, &encoded);
    teller_pass(0);
    ck_assert_uint_eq(heard_by_peers(teller.whole, teller_start_of(buf_bytes(&encoded))),
                      LIMIT_GOSSIP_WHOLE_PEERS - 1);
    ck_assert_uint_eq(teller.whole[2].count, 1);
    buf_clear(&encoded);
}
END_TEST

START_TEST(of_many_peers_a_few_are_sent_it_and_the_others_ask) {
    teller_meet(0, MANY);
    uint64_t start = teller_submit();
    teller_pass(0);
    ck_assert_uint_eq(heard_by_peers(teller.whole, start), LIMIT_GOSSIP_WHOLE_PEERS);
    ck_assert_uint_eq(heard_by_peers(teller.ids[TX_IDS_HAVE], start),
                      MANY - LIMIT_GOSSIP_WHOLE_PEERS);
    ck_assert_uint_eq(teller_counts().ids_out, MANY - LIMIT_GOSSIP_WHOLE_PEERS);
    for (uint16_t i = 0; i < MANY; i++) {
        ck_assert_uint_eq(teller.whole[i].count + teller.ids[TX_IDS_HAVE][i].count, 1);
        if (teller.ids[TX_IDS_HAVE][i].count == 0) continue;
        teller_say_id(i, TX_IDS_WANT, start);
        ck_assert_uint_eq(teller.whole[i].count, 1);
    }
    ck_assert_uint_eq(heard_in_all(teller.ids[TX_IDS_LACK]), 0);
    ck_assert_uint_eq(teller_counts().ids_answered, MANY - LIMIT_GOSSIP_WHOLE_PEERS);
    ck_assert_uint_eq(teller_penalties(), 0);
    struct buf encoded = teller_transfer(1); // of a stranger's fewer are sent it, and he nothing
    teller_say_tx(5, &encoded);
    teller_hear_no_more();
    teller_pass(0);
    ck_assert_uint_eq(heard_in_all(teller.whole) + heard_in_all(teller.ids[TX_IDS_HAVE]), MANY - 1);
    ck_assert_uint_le(heard_in_all(teller.whole), LIMIT_GOSSIP_DRAWN_PEERS);
    buf_clear(&encoded);
}
END_TEST

// Transactions of a lane are to come in order: who was drawn stays so for a while.
START_TEST(the_same_are_sent_it_for_a_while_and_then_others) {
    static struct heard first[TELLER_PEERS];
    bool has_changed = false;
    teller_meet(0, MANY);
    (void)teller_submit();
    teller_pass(0);
    memcpy(first, teller.whole, sizeof teller.whole);
    for (int minute = 0; minute < 10; minute++) {
        teller_hear_no_more();
        (void)teller_submit();
        teller_pass(100);
        for (int i = 0; i < MANY; i++) {
            if (minute == 0) ck_assert_uint_eq(first[i].count, teller.whole[i].count);
            has_changed = has_changed || first[i].count != teller.whole[i].count;
        }
        teller_pass(60 * 1000);
    }
    ck_assert(has_changed);
}
END_TEST

START_TEST(who_leads_the_next_views_is_sent_it_whole) {
    teller_meet(0, MANY);
    for (uint16_t i = 0; i < FIXTURE_WITNESSES; i++) teller_make_witness((uint16_t)(4 * i + 3), i);
    struct buf encoded = teller_transfer(1);
    teller_say_tx(5, &encoded); // of a stranger
    teller_pass(0);
    for (uint16_t i = 0; i < FIXTURE_WITNESSES; i++)
        ck_assert_uint_eq(teller.whole[4 * i + 3].count, 1);
    ck_assert_uint_le(heard_in_all(teller.whole), FIXTURE_WITNESSES + LIMIT_GOSSIP_DRAWN_PEERS);
    ck_assert_uint_eq(heard_in_all(teller.whole) + heard_in_all(teller.ids[TX_IDS_HAVE]), MANY - 1);
    buf_clear(&encoded);
}
END_TEST

START_TEST(what_a_witness_tells_goes_on_by_its_id) {
    teller_meet(0, MANY);
    for (uint16_t i = 0; i < FIXTURE_WITNESSES; i++) teller_make_witness(i, i);
    struct buf encoded = teller_transfer(1);
    teller_say_tx(2, &encoded);
    teller_pass(0);
    ck_assert_uint_eq(heard_in_all(teller.whole), 0);
    ck_assert_uint_eq(heard_in_all(teller.ids[TX_IDS_HAVE]), MANY - 1);
    ck_assert_uint_eq(teller.ids[TX_IDS_HAVE][2].count, 0);
    buf_clear(&encoded);
}
END_TEST

START_TEST(who_told_of_it_is_told_nothing) {
    teller_meet(0, MANY);
    struct buf encoded = teller_transfer(1);
    for (uint16_t i = 0; i < 4; i++)
        teller_say_id(i, TX_IDS_HAVE, teller_start_of(buf_bytes(&encoded)));
    teller_say_tx(7, &encoded);
    teller_pass(0);
    for (uint16_t i = 0; i < 4; i++)
        ck_assert_uint_eq(teller.whole[i].count + teller.ids[TX_IDS_HAVE][i].count, 0);
    ck_assert_uint_eq(heard_in_all(teller.whole) + heard_in_all(teller.ids[TX_IDS_HAVE]), MANY - 5);
    buf_clear(&encoded);
}
END_TEST

START_TEST(what_waits_is_told_again_by_ids_alone) {
    teller_meet(10, 2);
    uint64_t starts[3];
    for (int i = 0; i < 3; i++) starts[i] = teller_submit();
    teller_pass(0);
    teller_hear_no_more();
    teller_pass(LIMIT_GOSSIP_AGAIN_MS);
    ck_assert_uint_eq(heard_in_all(teller.whole), 0);
    for (int i = 0; i < 3; i++)
        ck_assert_uint_eq(heard_by_peers(teller.ids[TX_IDS_HAVE], starts[i]), 2);
    teller_hear_no_more();
    teller_join(9, true);
    teller_pass(1);
    ck_assert_uint_eq(heard_in_all(teller.ids[TX_IDS_HAVE]), 3); // the others have been told
    ck_assert_uint_eq(heard_in_all(teller.whole), 0);
    ck_assert_uint_eq(teller.ids[TX_IDS_HAVE][9].count, 3);
    for (int i = 0; i < 3; i++) ck_assert_uint_eq(teller.ids[TX_IDS_HAVE][9].starts[i], starts[i]);
    teller_say_ids(9, TX_IDS_WANT, starts, 3);
    ck_assert_uint_eq(teller.whole[9].count, 3);
}
END_TEST

// --- who takes no ids ---

START_TEST(who_takes_no_ids_is_sent_whole_what_others_are_told) {
    teller_meet(0, MANY);
    teller_meet_without_ids(MANY, MANY);
    uint64_t own = teller_submit();
    teller_pass(0);
    for (uint16_t i = 0; i < 2 * MANY; i++) {
        ck_assert_uint_eq(teller.whole[i].count + teller.ids[TX_IDS_HAVE][i].count, 1);
        if (i >= MANY) ck_assert_uint_eq(teller.whole[i].starts[0], own);
    }
    ck_assert_uint_ge(heard_in_all(teller.ids[TX_IDS_HAVE]), MANY - LIMIT_GOSSIP_WHOLE_PEERS);
    teller_hear_no_more();
    teller_make_witness(3, 0);
    struct buf encoded = teller_transfer(1); // of a witness: nobody else is sent it whole
    teller_say_tx(3, &encoded);
    teller_pass(0);
    ck_assert_uint_eq(heard_in_all(teller.ids[TX_IDS_HAVE]), MANY - 1);
    for (uint16_t i = MANY; i < 2 * MANY; i++) ck_assert_uint_eq(teller.whole[i].count, 1);
    ck_assert_uint_eq(heard_in_all(teller.whole), MANY);
    buf_clear(&encoded);
}
END_TEST

// A witness that takes none hears of no more than any other does.
START_TEST(of_witnesses_that_take_no_ids_those_drawn_alone_are_sent_it) {
    teller_meet_without_ids(0, FIXTURE_WITNESSES);
    for (uint16_t i = 0; i < FIXTURE_WITNESSES; i++) teller_make_witness(i, i);
    struct buf encoded = teller_transfer(1);
    teller_say_tx(2, &encoded);
    teller_pass(0);
    ck_assert_uint_eq(heard_in_all(teller.whole), FIXTURE_WITNESSES - 1);
    ck_assert_uint_eq(teller.whole[2].count, 0);
    buf_clear(&encoded);
}
END_TEST

START_TEST(who_takes_no_ids_is_sent_what_waits) {
    teller_meet_without_ids(0, 1);
    teller_meet(1, 1);
    uint64_t starts[3];
    for (int i = 0; i < 3; i++) starts[i] = teller_submit();
    teller_pass(0);
    teller_hear_no_more();
    teller_pass(LIMIT_GOSSIP_AGAIN_MS);
    ck_assert_uint_eq(heard_in_all(teller.ids[TX_IDS_HAVE]), 3);
    ck_assert_uint_eq(heard_in_all(teller.whole), 3);
    for (int i = 0; i < 3; i++) ck_assert_uint_eq(teller.whole[0].starts[i], starts[i]);
    teller_hear_no_more();
    teller_join(9, false);
    teller_pass(1);
    ck_assert_uint_eq(heard_in_all(teller.whole), 3);
    for (int i = 0; i < 3; i++) ck_assert_uint_eq(teller.whole[9].starts[i], starts[i]);
    ck_assert_uint_eq(heard_in_all(teller.ids[TX_IDS_HAVE]), 0);
    // Who does not read is sent no more of it, and is told of it later.
    teller.is_full = true;
    teller_hear_no_more();
    teller_pass(LIMIT_GOSSIP_AGAIN_MS);
    ck_assert_uint_eq(heard_in_all(teller.whole), 0);
    ck_assert_uint_eq(heard_in_all(teller.ids[TX_IDS_HAVE]), 3);
    teller.is_full = false;
    teller_pass(LIMIT_GOSSIP_AGAIN_MS);
    ck_assert_uint_eq(heard_in_all(teller.whole), 6);
}
END_TEST

// It could neither be asked for what it tells of, nor answered that there is nothing.
START_TEST(what_it_says_of_ids_all_the_same_is_passed_over) {
    teller_meet_without_ids(0, 1);
    teller_say_id(0, TX_IDS_HAVE, 77);
    teller_pass(0);
    teller_pass(LIMIT_GOSSIP_ASK_WAIT_MS);
    ck_assert_uint_eq(teller_look().ids_open, 0);
    uint64_t start = teller_submit();
    teller_pass(0);
    teller_hear_no_more();
    teller_say_id(0, TX_IDS_WANT, start);
    teller_say_id(0, TX_IDS_WANT, 77);
    ck_assert_uint_eq(heard_in_all(teller.whole), 0);
    ck_assert_uint_eq(teller_penalties(), 0);
}
END_TEST

// --- answering ---

START_TEST(who_asks_for_more_than_it_was_told_pays) {
    teller_meet(0, MANY);
    uint64_t start = teller_submit();
    teller_pass(0);
    uint16_t told = 0;
    while (teller.ids[TX_IDS_HAVE][told].count == 0) told++;
    teller_say_id(told, TX_IDS_WANT, start);
    ck_assert_uint_eq(teller.penalties[told], 0);
    teller_hear_no_more();
    teller_say_id(told, TX_IDS_WANT, start);
    ck_assert_uint_eq(teller.whole[told].count, 0);
    ck_assert_uint_eq(teller.ids[TX_IDS_LACK][told].count, 1);
    ck_assert_uint_gt(teller.penalties[told], 0);
    ck_assert_uint_eq(teller_counts().ids_refused, 1);
    teller_pass(LIMIT_GOSSIP_AGAIN_MS); // told again, it may ask again
    teller_say_id(told, TX_IDS_WANT, start);
    ck_assert_uint_eq(teller.whole[told].count, 1);
    unsigned before = teller_penalties();
    teller_meet(30, 1);
    for (int i = 0; i < 2; i++) teller_say_id(30, TX_IDS_WANT, 12345); // of nothing that there is
    teller_say_id(30, TX_IDS_WANT, 12346);
    teller_say_id(30, TX_IDS_WANT, 12347);
    ck_assert_uint_gt(teller_penalties(), before);
}
END_TEST

START_TEST(who_reads_nothing_is_answered_that_there_is_nothing) {
    teller_meet(0, 1);
    uint64_t start = teller_submit();
    teller_pass(0);
    teller_hear_no_more();
    teller_pass(LIMIT_GOSSIP_AGAIN_MS);
    teller.is_full = true;
    teller_say_id(0, TX_IDS_WANT, start);
    ck_assert_uint_eq(teller.whole[0].count, 0);
    ck_assert_uint_eq(teller.ids[TX_IDS_LACK][0].count, 1);
    ck_assert_uint_eq(teller.penalties[0], 0);
}
END_TEST

Suite *announce_suite(void) {
    Suite *suite = suite_create("announce");
    TCase *cases = tcase_create("announce");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, teller_begin, teller_end);
    tcase_add_test(cases, few_peers_are_sent_all_of_it_at_once);
    tcase_add_test(cases, of_many_peers_a_few_are_sent_it_and_the_others_ask);
    tcase_add_test(cases, the_same_are_sent_it_for_a_while_and_then_others);
    tcase_add_test(cases, who_leads_the_next_views_is_sent_it_whole);
    tcase_add_test(cases, what_a_witness_tells_goes_on_by_its_id);
    tcase_add_test(cases, who_told_of_it_is_told_nothing);
    tcase_add_test(cases, what_waits_is_told_again_by_ids_alone);
    tcase_add_test(cases, who_takes_no_ids_is_sent_whole_what_others_are_told);
    tcase_add_test(cases, of_witnesses_that_take_no_ids_those_drawn_alone_are_sent_it);
    tcase_add_test(cases, who_takes_no_ids_is_sent_what_waits);
    tcase_add_test(cases, what_it_says_of_ids_all_the_same_is_passed_over);
    tcase_add_test(cases, who_asks_for_more_than_it_was_told_pays);
    tcase_add_test(cases, who_reads_nothing_is_answered_that_there_is_nothing);
    suite_add_tcase(suite, cases);
    return suite;
}
