// SPDX-License-Identifier: Apache-2.0
// What two nodes that lack different things ask each other, and how that ends.
#include "tests/unit/consensus/suites.h"

enum { A, B, NODES, MAIL = 64 };

static struct table nodes[NODES];

// On its way to the other one.
struct letter {
    int to;
    struct consensus_message message;
    struct certificate certificate;
};
static struct letter mail[MAIL];
static size_t mail_count, fetches;

static void open(void) {
    mail_count = fetches = 0;
    for (int i = 0; i < NODES; i++) {
        table_open(&nodes[i], 4, (uint16_t)i);
        table_tick(&nodes[i], 0);
    }
}
static void close(void) {
    for (int i = 0; i < NODES; i++) table_close(&nodes[i]);
}

// What the last step of a node has to say to the other one.
static void post(int from) {
    const struct consensus_action *action;
    for (size_t i = 0; (action = table_action(&nodes[from], ACTION_SEND, i)) != NULL; i++) {
        int to = from == A ? B : A;
        const struct consensus_message *message = &action->send.message;
        bool is_certificate = message->kind == MESSAGE_CERTIFICATE;
        if (!is_certificate && message->kind != MESSAGE_FETCH) continue;
        if (action->send.to == SEND_ALL || action->send.target != to) continue;
        fetches += message->kind == MESSAGE_FETCH;
        ck_assert_uint_lt(mail_count, MAIL);
        struct letter *letter = &mail[mail_count++];
        *letter = (struct letter){.to = to, .message = *message};
        if (is_certificate) letter->certificate = *message->sealed.certificate;
    }
}

static void deliver(struct letter letter) {
    struct consensus_event event = {.peer = (uint16_t)(letter.to == A ? B : A)};
    if (letter.message.kind == MESSAGE_FETCH) {
        event.kind = EVENT_FETCH;
        event.fetch = letter.message.fetch;
    } else {
        event.kind = EVENT_CERTIFICATE;
        event.sealed = letter.message.sealed;
        event.sealed.certificate = &letter.certificate;
    }
    table_feed(&nodes[letter.to], event);
    post(letter.to);
}

// Until both are silent, or so many messages are over.
static void exchange(size_t most) {
    while (mail_count > 0 && most-- > 0) {
        struct letter letter = mail[0];
        memmove(mail, mail + 1, --mail_count * sizeof *mail);
        deliver(letter);
    }
}

// A knows that a block is final in view 9, and has none; B is in view 2, and has one final block.
static void lack_different_things(void) {
    struct header first, unknown;
    table_agree(&nodes[B], &first, &nodes[B].genesis, 1, true);
    table_block(&nodes[A], &unknown, &first, 9);
    table_certify(&nodes[A], VOTE_FINALIZE, 9, &unknown);
    ck_assert_uint_eq(table_state(&nodes[A]).view, 10);
    ck_assert_uint_eq(table_state(&nodes[A]).final_height, 0);
    ck_assert_uint_eq(table_state(&nodes[B]).view, 2);
    ck_assert_uint_eq(table_state(&nodes[B]).final_height, 1);
}

START_TEST(who_is_behind_in_views_learns_them_of_who_lacks_the_blocks) {
    lack_different_things();
    table_tick(&nodes[A], TABLE_TIMEOUT_MS);
    post(A);
    exchange(200);
    ck_assert_uint_eq(mail_count, 0);
    ck_assert_uint_gt(fetches, 1);
    ck_assert_uint_lt(fetches, 16);
    ck_assert_uint_eq(table_state(&nodes[B]).view, 10);
}
END_TEST

// Its block was repeated, and so has a certificate of a later view.
START_TEST(who_has_the_same_blocks_learns_a_later_view_of_them) {
    struct header first;
    for (int i = 0; i < NODES; i++) table_agree(&nodes[i], &first, &nodes[i].genesis, 1, true);
    table_certify(&nodes[A], VOTE_FINALIZE, 4, &first);
    ck_assert_uint_eq(table_state(&nodes[A]).view, 5);
    table_tick(&nodes[B], TABLE_TIMEOUT_MS);
    post(B);
    exchange(200);
    ck_assert_uint_eq(mail_count, 0);
    ck_assert_uint_eq(table_state(&nodes[B]).view, 5);
}
END_TEST

Suite *fetch_suite(void) {
    Suite *suite = suite_create("fetch");
    TCase *tcase = tcase_create("fetch");
    tcase_add_checked_fixture(tcase, open, close);
    tcase_add_test(tcase, who_is_behind_in_views_learns_them_of_who_lacks_the_blocks);
    tcase_add_test(tcase, who_has_the_same_blocks_learns_a_later_view_of_them);
    suite_add_tcase(suite, tcase);
    return suite;
}
