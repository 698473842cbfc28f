// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "chaincore/base/limits.h"
#include "chaincore/net/book.h"
#include "tests/unit/net/suites.h"

static struct book *book;
static const uint64_t start_ms = 1000 * 1000;

static void start(void) { book = book_open(); }
static void stop(void) { book_close(book); }

static struct endpoint at(const char *text) {
    struct endpoint endpoint;
    ck_assert_msg(endpoint_parse(&endpoint, text), "%s", text);
    return endpoint;
}

// One of many, each in a group of its own.
static struct endpoint numbered(unsigned number) {
    char text[ENDPOINT_TEXT];
    snprintf(text, sizeof text, "%u.%u.1.1:7000", 20 + number / 200, number % 200);
    return at(text);
}

static void add(const struct endpoint *endpoint, uint64_t told_by) {
    assert_ok(book_add(book, endpoint, told_by, false));
}

static void assert_next(uint64_t now_ms, const struct endpoint *wanted) {
    struct endpoint next;
    ck_assert(book_next(book, now_ms, 0, &next));
    ck_assert(endpoint_equal(&next, wanted));
}

static void assert_none(uint64_t now_ms) {
    struct endpoint next;
    ck_assert(!book_next(book, now_ms, 0, &next));
}

// --- endpoints ---

START_TEST(endpoints_are_read_and_printed) {
    static const char *const good[] = {"192.0.2.1:7000", "1.2.3.4:1", "[2001:db8::1]:65535"};
    static const char *const bad[] = {"",          "1.2.3.4",       "1.2.3.4:",       "1.2.3.4:0",
                                      "1.2.3.4:a", "1.2.3.4:65536", "1.2.3.4:0700",   "[1.2.3.4]:7",
                                      "::1:7000",  "[::1]7000",     "host:7000",      ":7000",
                                      "[]:7000",   "1.2.3.4:-1",    "1.2.3.4:7000000"};
    char text[ENDPOINT_TEXT];
    struct endpoint endpoint;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        endpoint = at(good[i]);
        endpoint_print(text, &endpoint);
        ck_assert_str_eq(text, good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!endpoint_parse(&endpoint, bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(strangers_reach_public_addresses_alone) {
    static const char *const public[] = {"8.8.8.8:1",        "172.32.0.1:1",     "100.128.0.1:1",
                                         "[2a00:1450::1]:1", "[2001:db9::1]:1",  "[2001:1::1]:1",
                                         "[2003::1]:1",      "[3fff:1000::1]:1", "[3ffe::1]:1"};
    static const char *const others[] = {
        "10.1.2.3:1",          "127.0.0.1:1",  "172.31.0.1:1",       "192.168.1.1:1",
        "169.254.1.1:1",       "100.64.0.1:1", "0.1.2.3:1",          "224.0.0.1:1",
        "255.1.1.1:1",         "198.19.0.1:1", "203.0.113.9:1",      "[::1]:1",
        "[fe80::1]:1",         "[fd00::1]:1",  "[ff02::1]:1",        "[2001:db8::1]:1",
        "[2002:808:808::1]:1", "[2001::1]:1",  "[2001:0:ffff::1]:1", "[3fff::1]:1",
        "[3fff:fff::1]:1"};
    for (size_t i = 0; i < sizeof public / sizeof *public; i++) {
        struct endpoint endpoint = at(public[i]);
        ck_assert_msg(endpoint_is_public(&endpoint), "%s", public[i]);
        ck_assert(endpoint_may_be_told(&endpoint, false) && endpoint_may_be_told(&endpoint, true));
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct endpoint endpoint = at(others[i]);
        ck_assert_msg(!endpoint_is_public(&endpoint), "%s", others[i]);
        ck_assert(!endpoint_may_be_told(&endpoint, false) && endpoint_may_be_told(&endpoint, true));
        assert_status(book_add(book, &endpoint, 1, false), STATUS_INVALID);
        assert_ok(book_add(book, &endpoint, i, true));
    }
}
END_TEST

START_TEST(nobody_is_sent_to_any_address) {
    static const char *const nowhere[] = {"0.0.0.0:1", "[::]:1", "[::ffff:0.0.0.0]:1"};
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++) {
        struct endpoint endpoint = at(nowhere[i]);
        ck_assert_msg(!endpoint_may_be_told(&endpoint, true), "%s", nowhere[i]);
        endpoint.ip.bytes[15] = 1;
        ck_assert_msg(endpoint_may_be_told(&endpoint, true), "%s", nowhere[i]);
        endpoint.port = 0;
        ck_assert_msg(!endpoint_may_be_told(&endpoint, true), "%s", nowhere[i]);
    }
}
END_TEST

START_TEST(groups_are_what_one_operator_has) {
    struct endpoint a = at("8.8.1.1:1"), b = at("8.8.200.9:2"), c = at("8.9.1.1:1"),
                    d = at("[2a00:1450:1::1]:1"), e = at("[2a00:1450:2::1]:1");
    ck_assert_uint_eq(endpoint_group(&a), endpoint_group(&b));
    ck_assert_uint_ne(endpoint_group(&a), endpoint_group(&c));
    ck_assert_uint_eq(endpoint_group(&d), endpoint_group(&e));
    ck_assert_uint_ne(endpoint_group(&a), 0);
}
END_TEST

// --- who is kept ---

START_TEST(one_teller_has_few_places_until_they_answer) {
    for (unsigned i = 0; i < LIMIT_BOOK_OF_TELLER; i++) {
        struct endpoint endpoint = numbered(i);
        add(&endpoint, 7);
        assert_status(book_add(book, &endpoint, 8, false), STATUS_EXISTS);
    }
    struct endpoint first = numbered(0), more = numbered(LIMIT_BOOK_OF_TELLER);
    assert_status(book_add(book, &more, 7, false), STATUS_FULL);
    book_succeeded(book, &first, start_ms);
    add(&more, 7);
}
END_TEST

START_TEST(one_group_has_few_places_whoever_tells) {
    char text[ENDPOINT_TEXT];
    for (unsigned i = 0; i < LIMIT_BOOK_OF_GROUP; i++) {
        snprintf(text, sizeof text, "8.8.%u.1:7000", i);
        struct endpoint endpoint = at(text);
        add(&endpoint, i);
        book_succeeded(book, &endpoint, start_ms);
    }
    struct endpoint more = at("8.8.99.1:7000"), other = at("8.9.99.1:7000");
    assert_status(book_add(book, &more, 99, false), STATUS_FULL);
    add(&other, 99);
    assert_ok(book_add_fixed(book, &more)); // the operator may
}
END_TEST

static void fill(void) {
    for (unsigned i = 0; i < LIMIT_BOOK_ENTRIES; i++) {
        struct endpoint endpoint = numbered(i);
        add(&endpoint, i);
    }
}

START_TEST(who_has_answered_is_not_pushed_out) {
    struct endpoint more = at("9.9.9.9:9"), proven = numbered(5), failed = numbered(6),
                    lost = numbered(7);
    fill();
    assert_status(book_add(book, &more, 1, false), STATUS_FULL);
    book_succeeded(book, &proven, start_ms);
    book_left(book, &proven, start_ms);
    book_failed(book, &proven, start_ms, 0);
    assert_status(book_add(book, &more, 1, false), STATUS_FULL);
    book_failed(book, &failed, start_ms, 0);
    add(&more, 1);
    ck_assert_ptr_null(book_find(book, &failed));
    ck_assert_ptr_nonnull(book_find(book, &proven));
    // But for somebody who has not been there for half a day.
    book_succeeded(book, &lost, start_ms);
    for (int i = 0; i < 20; i++) book_failed(book, &lost, start_ms, 0);
    struct endpoint another = at("9.9.9.9:10");
    add(&another, 2);
    ck_assert_ptr_null(book_find(book, &lost));
    ck_assert_uint_eq(book_count(book), LIMIT_BOOK_ENTRIES);
}
END_TEST

// Addresses where nobody is keep nobody out for good.
START_TEST(what_never_answers_gives_way_in_its_group) {
    char text[ENDPOINT_TEXT];
    for (unsigned i = 0; i < LIMIT_BOOK_OF_GROUP; i++) {
        snprintf(text, sizeof text, "8.8.%u.1:7000", i);
        struct endpoint endpoint = at(text);
        add(&endpoint, 7);
        if (i != 3) book_failed(book, &endpoint, start_ms, 0);
        if (i == 5) book_failed(book, &endpoint, start_ms, 0);
    }
    struct endpoint more = at("8.8.99.1:7000"), untried = at("8.8.3.1:7000"),
                    worst = at("8.8.5.1:7000");
    add(&more, 99);
    ck_assert_ptr_null(book_find(book, &worst));
    ck_assert_ptr_nonnull(book_find(book, &untried));
    ck_assert_uint_eq(book_count(book), LIMIT_BOOK_OF_GROUP);
}
END_TEST

START_TEST(what_never_answers_gives_way_to_what_its_teller_tells_next) {
    struct endpoint own = numbered(0), more = numbered(LIMIT_BOOK_OF_TELLER),
                    last = at("9.9.9.9:9");
    for (unsigned i = 0; i < LIMIT_BOOK_OF_TELLER; i++) {
        struct endpoint endpoint = numbered(i);
        add(&endpoint, 7);
    }
    book_failed(book, &own, start_ms, 0);
    add(&more, 7);
    ck_assert_ptr_null(book_find(book, &own));
    assert_status(book_add(book, &last, 7, false), STATUS_FULL); // of the others none has failed
    ck_assert_uint_eq(book_count(book), LIMIT_BOOK_OF_TELLER);
}
END_TEST

START_TEST(the_operators_own_stay) {
    struct endpoint own = at("10.0.0.1:7000"), more = at("9.9.9.9:9");
    assert_ok(book_add_fixed(book, &own));
    assert_ok(book_add_fixed(book, &own));
    for (unsigned i = 1; i < LIMIT_BOOK_ENTRIES; i++) {
        struct endpoint endpoint = numbered(i);
        add(&endpoint, i);
    }
    for (int i = 0; i < 100; i++) book_failed(book, &own, start_ms, 0);
    assert_status(book_add(book, &more, 1, false), STATUS_FULL);
    for (unsigned i = 1; i < LIMIT_BOOK_FIXED; i++) {
        struct endpoint endpoint = numbered(i);
        assert_ok(book_add_fixed(book, &endpoint)); // known, and now the operator's
    }
    struct endpoint last = numbered(LIMIT_BOOK_FIXED);
    assert_status(book_add_fixed(book, &last), STATUS_FULL);
}
END_TEST

// --- who is called ---

START_TEST(who_is_called_is_busy_until_it_is_over) {
    struct endpoint one = numbered(1);
    ck_assert(!book_is_due(book, start_ms));
    add(&one, 1);
    ck_assert(book_is_due(book, 0));
    assert_next(start_ms, &one);
    assert_none(start_ms);
    ck_assert(!book_is_due(book, start_ms));
    book_succeeded(book, &one, start_ms);
    assert_none(start_ms);
    book_left(book, &one, start_ms + 500);
    assert_none(start_ms + 499);
    ck_assert(!book_is_due(book, start_ms + 499));
    assert_next(start_ms + 500, &one);
}
END_TEST

// Of the n-th failure in a row: three quarters of the wait at the least, five at the most.
static void assert_wait(const struct endpoint *endpoint, uint64_t wait_ms) {
    uint64_t least = UINT64_MAX, most = 0;
    struct book_entry before = *book_find(book, endpoint);
    for (uint64_t random = 0; random < 100; random++) {
        struct book_entry *entry = (struct book_entry *)book_find(book, endpoint);
        *entry = before;
        book_failed(book, endpoint, start_ms, random * (wait_ms / 199 + 1));
        if (entry->call_at_ms < least) least = entry->call_at_ms;
        if (entry->call_at_ms > most) most = entry->call_at_ms;
    }
    ck_assert_uint_eq(least, start_ms + wait_ms - wait_ms / 4);
    ck_assert_uint_le(most, start_ms + wait_ms + wait_ms / 4);
    ck_assert_uint_gt(most, start_ms + wait_ms + wait_ms / 8);
}

START_TEST(each_failure_doubles_the_wait_with_jitter) {
    struct endpoint one = numbered(1), own = at("10.0.0.1:7000");
    add(&one, 1);
    assert_ok(book_add_fixed(book, &own));
    for (unsigned i = 0; i < 30; i++) {
        uint64_t wait_ms = i < 12 ? (uint64_t)1000 << i : 3600 * 1000;
        assert_wait(&one, wait_ms);
        assert_wait(&own, wait_ms < 30000 ? wait_ms : 30000);
    }
}
END_TEST

// A node that is full shakes hands before it says so.
START_TEST(an_answer_alone_ends_no_row_of_failures) {
    struct endpoint one = numbered(1);
    add(&one, 1);
    for (unsigned i = 0; i < 5; i++) {
        book_succeeded(book, &one, start_ms);
        assert_wait(&one, (uint64_t)1000 << i);
    }
    book_succeeded(book, &one, start_ms);
    book_ended(book, &one, start_ms + 100);
    assert_none(start_ms + 99);
    assert_next(start_ms + 100, &one);
    assert_wait(&one, 1000);
}
END_TEST

START_TEST(a_clock_that_is_set_back_keeps_nobody_waiting) {
    struct endpoint one = numbered(1);
    const uint64_t year_ms = UINT64_C(365) * 24 * 3600 * 1000;
    add(&one, 1);
    for (int i = 0; i < 20; i++) book_failed(book, &one, start_ms + year_ms, 0);
    ck_assert(!book_is_due(book, start_ms + year_ms));
    ck_assert(book_is_due(book, start_ms));
    assert_next(start_ms, &one);
}
END_TEST

START_TEST(the_operators_come_first_then_the_others_by_turns) {
    struct endpoint own = at("10.0.0.1:7000"), proven[2] = {numbered(1), numbered(2)},
                    heard[2] = {numbered(3), numbered(4)}, next;
    int proven_count = 0;
    for (int i = 0; i < 2; i++) {
        add(&proven[i], 1);
        book_succeeded(book, &proven[i], start_ms);
        book_left(book, &proven[i], start_ms);
        add(&heard[i], 1);
    }
    assert_ok(book_add_fixed(book, &own));
    assert_next(start_ms, &own);
    for (int i = 0; i < 2; i++) {
        ck_assert(book_next(book, start_ms, 0, &next));
        proven_count += endpoint_equal(&next, &proven[0]) || endpoint_equal(&next, &proven[1]);
    }
    ck_assert_int_eq(proven_count, 1);
    for (int i = 0; i < 2; i++) ck_assert(book_next(book, start_ms, 0, &next));
    assert_none(start_ms);
}
END_TEST

START_TEST(chance_reaches_everybody) {
    bool seen[20] = {false};
    for (unsigned i = 0; i < 20; i++) {
        struct endpoint endpoint = numbered(i);
        add(&endpoint, i);
    }
    for (uint64_t random = 0; random < 20; random++) {
        struct endpoint next;
        ck_assert(book_next(book, start_ms, random, &next));
        book_left(book, &next, 0);
        for (unsigned i = 0; i < 20; i++) {
            struct endpoint endpoint = numbered(i);
            seen[i] = seen[i] || endpoint_equal(&endpoint, &next);
        }
    }
    for (unsigned i = 0; i < 20; i++) ck_assert(seen[i]);
}
END_TEST

START_TEST(a_node_that_is_none_is_removed) {
    struct endpoint one = numbered(1), two = numbered(2);
    add(&one, 1);
    add(&two, 1);
    book_remove(book, &one);
    book_remove(book, &one);
    ck_assert_uint_eq(book_count(book), 1);
    ck_assert_ptr_nonnull(book_find(book, &two));
    // What comes late about one that is gone is passed over.
    book_succeeded(book, &one, start_ms);
    book_failed(book, &one, start_ms, 0);
    book_left(book, &one, start_ms);
    ck_assert_uint_eq(book_count(book), 1);
}
END_TEST

// --- what is told and kept ---

START_TEST(those_that_answered_lately_are_told) {
    enum { DAY_MS = 24 * 3600 * 1000 };
    struct endpoint told[4];
    for (unsigned i = 0; i < 4; i++) {
        struct endpoint endpoint = numbered(i);
        add(&endpoint, 1);
        if (i < 3) book_succeeded(book, &endpoint, start_ms + (i == 0 ? 0 : DAY_MS));
    }
    ck_assert_uint_eq(book_tell(book, start_ms + DAY_MS, 0, told, 4), 2);
    ck_assert_uint_eq(book_tell(book, start_ms + DAY_MS, 1, told, 1), 1);
    ck_assert_uint_eq(book_tell(book, start_ms + 3 * (uint64_t)DAY_MS, 0, told, 4), 0);
}
END_TEST

START_TEST(those_that_answered_are_kept_over_a_restart) {
    struct buf first = {0}, second = {0};
    for (unsigned i = 0; i < 10; i++) {
        struct endpoint endpoint = numbered(i);
        add(&endpoint, 1);
        if (i % 2) book_succeeded(book, &endpoint, start_ms + i);
    }
    book_encode(&first, book);
    stop();
    start();
    assert_ok(book_decode(book, buf_bytes(&first)));
    ck_assert_uint_eq(book_count(book), 5);
    struct endpoint kept = numbered(3);
    ck_assert_uint_eq(book_find(book, &kept)->success_ms, start_ms + 3);
    ck_assert(!book_find(book, &kept)->is_busy);
    book_encode(&second, book);
    assert_bytes_equal(buf_bytes(&first), buf_bytes(&second));
    for (size_t len = 0; len < first.len; len++) {
        stop();
        start();
        ck_assert(book_decode(book, bytes_of(first.data, len)) != STATUS_OK);
        ck_assert_uint_eq(book_count(book), 0);
    }
    memcpy(first.data + 5 + 34, first.data + 5, 34); // one of them twice
    assert_status(book_decode(book, buf_bytes(&first)), STATUS_MALFORMED);
    buf_clear(&first);
    buf_clear(&second);
}
END_TEST

Suite *book_suite(void) {
    Suite *suite = suite_create("book");
    TCase *cases = tcase_create("book");
    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_test(cases, endpoints_are_read_and_printed);
    tcase_add_test(cases, strangers_reach_public_addresses_alone);
    tcase_add_test(cases, nobody_is_sent_to_any_address);
    tcase_add_test(cases, groups_are_what_one_operator_has);
    tcase_add_test(cases, one_teller_has_few_places_until_they_answer);
    tcase_add_test(cases, one_group_has_few_places_whoever_tells);
    tcase_add_test(cases, who_has_answered_is_not_pushed_out);
    tcase_add_test(cases, what_never_answers_gives_way_in_its_group);
    tcase_add_test(cases, what_never_answers_gives_way_to_what_its_teller_tells_next);
    tcase_add_test(cases, the_operators_own_stay);
    tcase_add_test(cases, who_is_called_is_busy_until_it_is_over);
    tcase_add_test(cases, each_failure_doubles_the_wait_with_jitter);
    tcase_add_test(cases, an_answer_alone_ends_no_row_of_failures);
    tcase_add_test(cases, a_clock_that_is_set_back_keeps_nobody_waiting);
    tcase_add_test(cases, the_operators_come_first_then_the_others_by_turns);
    tcase_add_test(cases, chance_reaches_everybody);
    tcase_add_test(cases, a_node_that_is_none_is_removed);
    tcase_add_test(cases, those_that_answered_lately_are_told);
    tcase_add_test(cases, those_that_answered_are_kept_over_a_restart);
    suite_add_tcase(suite, cases);
    return suite;
}
