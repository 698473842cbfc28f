// SPDX-License-Identifier: Apache-2.0
// Receivers that are not there, not who they say, or not what a receiver should be.
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "apps/common/db/db.h"
#include "tests/support/certificate.h"
#include "tests/support/unit.h"
#include "tests/unit/hooks/sending.h"
#include "tests/unit/hooks/suites.h"

static void make_filtered(const char *filter, const char *token) {
    hook = (struct webhook){.kinds = EVENT};
    snprintf(hook.url, sizeof hook.url, "http://127.0.0.1:%u/hook", receiver_port(receiver));
    snprintf(hook.filter, sizeof hook.filter, "%s", filter);
    assert_ok(hooks_make(hooks, &hook, token, secret));
}

START_TEST(one_with_a_filter_is_told_what_fits_as_it_is_and_signed_by_its_token) {
    make_filtered("2", "a token");
    for (uint64_t height = 1; height <= 4; height++) sending_tell(height, 0, "event");
    ck_assert_uint_eq(receiver_await(receiver, 1), 1);
    ck_assert_str_eq(post_at(0)->body, "{\"number\":2}");
    ck_assert(receiver_verifies_token(post_at(0), "X-Token-Signature", "a token"));
    ck_assert(!receiver_verifies_token(post_at(0), "X-Token-Signature", "another"));
    ck_assert(receiver_verifies(post_at(0), secret));
    // Filter and token are kept.
    sending_end();
    sending_begin();
    ck_assert_str_eq(sending_get().filter, "2");
    for (uint64_t height = 5; height <= 13; height++) sending_tell(height, 0, "event");
    ck_assert_uint_eq(receiver_await(receiver, 2), 2);
    ck_assert_str_eq(post_at(1)->body, "{\"number\":12}");
    ck_assert(receiver_verifies_token(post_at(1), "X-Token-Signature", "a token"));
}
END_TEST

START_TEST(what_was_looked_at_in_vain_is_not_looked_at_again) {
    make_filtered("none", NULL);
    for (uint64_t height = 1; height <= 3; height++) sending_tell(height, 0, "event");
    // Each reading begins where the last one ended.
    for (; sending_read_behind() < 3; sched_yield()) hooks_wake(hooks);
    ck_assert_uint_eq(sending_get().cursor.height, 0);
    ck_assert_uint_eq(receiver_count(receiver), 0);
    // All is told again from a place on, whatever was looked at.
    assert_ok(hooks_replay(hooks, hook.id, &(struct hook_place){0, 0}));
    while (sending_read_behind() > 0) sched_yield();
}
END_TEST

START_TEST(a_long_history_is_looked_through_in_steps) {
    enum { STEPS = 5 };
    sending_tell(1, 0, "event");
    sending_tell(1 + STEPS * (uint64_t)LIMIT_WEBHOOK_HEIGHTS, 0, "event");
    make_filtered("1", NULL); // the second alone
    ck_assert_uint_eq(receiver_await(receiver, 1), 1);
    ck_assert_str_eq(post_at(0)->body, "{\"number\":1}");
    ck_assert_uint_ge(sending_reads(), STEPS);
    ck_assert_uint_eq(sending_read_heights(), LIMIT_WEBHOOK_HEIGHTS);
    while (sending_get().cursor.height == 0) sched_yield();
}
END_TEST

START_TEST(a_search_that_takes_too_long_fails_and_comes_again_with_less_to_look_through) {
    sending_source_status(STATUS_TIMEOUT);
    make_filtered("0", NULL);
    sending_tell(1, 0, "event");
    while (sending_get().failures < 7 || sending_read_heights() > 1) // quarters of 16384 down to 1
        sched_yield();
    struct webhook now = await_outcome(HOOK_SEARCH);
    ck_assert_uint_gt(now.failing_since_ms, 0);
    ck_assert_int_eq(now.state, HOOK_ACTIVE);
    sending_source_status(STATUS_OK);
    await_outcome(HOOK_DELIVERED);
    ck_assert_uint_eq(sending_get().failures, 0);
    ck_assert_uint_eq(receiver_count(receiver), 1);
}
END_TEST

START_TEST(one_whose_search_never_ends_is_disabled) {
    config.dead_after_ms = 1;
    sending_end();
    sending_begin();
    sending_source_status(STATUS_TIMEOUT);
    make_filtered("0", NULL);
    sending_tell(1, 0, "event");
    ck_assert_int_eq(await_state(HOOK_DISABLED).outcome, HOOK_SEARCH);
    sending_end();
    sending_begin(); // and stays so
    ck_assert_int_eq(sending_get().state, HOOK_DISABLED);
}
END_TEST

START_TEST(a_file_of_before_filters_is_read_on) {
    struct db *db;
    char url[96];
    sending_make(EVENT);
    sending_end();
    snprintf(url, sizeof url, "sqlite:%s/webhooks.db", folder);
    assert_ok(db_open(&db, url));
    assert_ok(db_exec_script(db, "ALTER TABLE webhook DROP COLUMN filter;"
                                 "ALTER TABLE webhook DROP COLUMN token;"));
    db_close(db);
    sending_begin();
    ck_assert_str_eq(sending_get().filter, "");
    sending_tell(1, 0, "event");
    assert_posted(0, "msg_1_0");
}
END_TEST

START_TEST(redirects_are_not_followed) {
    char rest[128];
    struct receiver *other = receiver_open(0);
    snprintf(rest, sizeof rest, "Location: http://127.0.0.1:%u/\r\nContent-Length: 0\r\n\r\n",
             receiver_port(other));
    receiver_answer(receiver, 307, 1);
    receiver_answer(receiver, 308, 1);
    receiver_answer_with(receiver, rest);
    sending_make(BOTH);
    sending_tell(1, 0, "event");
    assert_posted(2, "msg_1_0");
    await_cursor(1, 0);
    ck_assert_uint_eq(receiver_count(other), 0);
    receiver_close(other);
}
END_TEST

START_TEST(a_slow_receiver_holds_nobody_else_up) {
    receiver_answer(receiver, RECEIVER_HANGS, 1);
    sending_make(BOTH);
    sending_tell(1, 0, "event");
    ck_assert_uint_eq(receiver_await(receiver, 1), 1);
    struct receiver *other = receiver_open(0);
    struct webhook quick = {.kinds = BOTH};
    snprintf(quick.url, sizeof quick.url, "http://127.0.0.1:%u/", receiver_port(other));
    assert_ok(hooks_make(hooks, &quick, NULL, secret));
    sending_tell(2, 0, "event");
    ck_assert_uint_eq(receiver_await(other, 2), 2);
    ck_assert_uint_eq(receiver_count(receiver), 1);
    receiver_close(other);
}
END_TEST

static void hold_a_search(const char *filter) {
    sending_hold(filter);
    make_filtered(filter, NULL);
    sending_tell(1, 0, "event"); // number 0
    while (sending_held() == 0) sched_yield();
}

START_TEST(a_slow_search_holds_nobody_else_up) {
    hold_a_search("0");
    struct receiver *plain = receiver_open(0), *filtered = receiver_open(0);
    struct webhook others[] = {{.kinds = BOTH}, {.kinds = EVENT, .filter = "1"}};
    snprintf(others[0].url, sizeof others[0].url, "http://127.0.0.1:%u/", receiver_port(plain));
    snprintf(others[1].url, sizeof others[1].url, "http://127.0.0.1:%u/", receiver_port(filtered));
    for (int i = 0; i < 2; i++) assert_ok(hooks_make(hooks, &others[i], NULL, secret));
    sending_tell(2, 0, "event"); // number 1
    unsigned told_plain = (unsigned)receiver_await(plain, 2);
    unsigned told_filtered = (unsigned)receiver_await(filtered, 1);
    sending_hold(NULL); // or nothing would ever end
    ck_assert_uint_eq(told_plain, 2);
    ck_assert_uint_eq(told_filtered, 1);
    ck_assert_uint_eq(receiver_await(receiver, 1), 1);
    ck_assert_str_eq(post_at(0)->body, "{\"number\":0}");
    receiver_close(plain);
    receiver_close(filtered);
}
END_TEST

START_TEST(one_that_is_removed_while_it_is_searched_for_is_told_nothing) {
    struct webhook after = {.kinds = EVENT, .filter = "1"};
    hold_a_search("0");
    assert_ok(hooks_remove(hooks, hook.id));
    snprintf(after.url, sizeof after.url, "http://127.0.0.1:%u/", receiver_port(receiver));
    assert_ok(hooks_make(hooks, &after, NULL, secret));
    sending_hold(NULL);
    sending_tell(2, 0, "event");
    ck_assert_uint_eq(receiver_await(receiver, 1), 1);
    ck_assert_str_eq(post_at(0)->body, "{\"number\":1}");
}
END_TEST

START_TEST(an_endless_answer_is_cut_off) {
    enum { MOST_BYTES = 16 << 20 }; // in the buffers of both ends' sockets
    receiver_answer(receiver, RECEIVER_FLOODS, 1);
    sending_make(BOTH);
    sending_tell(1, 0, "event");
    sending_tell(2, 0, "event");
    ck_assert_uint_eq(receiver_await(receiver, 2), 2);
    await_cursor(2, 0); // a 2xx is one, whatever follows
    while (receiver_flooded(receiver) == 0) sched_yield();
    ck_assert_uint_lt(receiver_flooded(receiver), MOST_BYTES);
}
END_TEST

START_TEST(an_address_is_judged_at_each_connect) {
    sending_make(BOTH);
    config.rules.allows_private = false;
    sending_end();
    sending_begin(); // as if the name had led elsewhere when the webhook was made
    sending_tell(1, 0, "event");
    struct webhook now = await_outcome(HOOK_NOT_PUBLIC);
    ck_assert_uint_gt(now.failures, 0);
    snprintf(now.url, sizeof now.url, "http://localhost:%u/", receiver_port(receiver));
    assert_ok(hooks_change(hooks, HOOK_URL, &now));
    uint64_t attempts = sending_get().attempts;
    while (sending_get().attempts < attempts + 2) sched_yield();
    ck_assert_str_eq(hook_outcome_name(sending_get().outcome), "address_not_public");
    ck_assert_uint_eq(receiver_count(receiver), 0);
}
END_TEST

START_TEST(nobody_there_is_said_so) {
    sending_make(BOTH);
    receiver_close(receiver);
    sending_tell(1, 0, "event");
    await_outcome(HOOK_UNREACHABLE);
    receiver = receiver_open(0);
    struct webhook now = sending_get();
    snprintf(now.url, sizeof now.url, "http://127.0.0.1:%u/new", receiver_port(receiver));
    assert_ok(hooks_change(hooks, HOOK_URL, &now));
    assert_posted(0, "msg_1_0");
    ck_assert_str_eq(post_at(0)->path, "/new");
}
END_TEST

START_TEST(only_a_server_that_proves_its_name_is_told) {
    char certificate[64], key[64];
    struct http_server *other;
    snprintf(certificate, sizeof certificate, "%s/certificate", folder);
    snprintf(key, sizeof key, "%s/key", folder);
    certificate_write(certificate, key, 1, 30); // by nobody whom others know
    const struct http_config told_tls = {
        .address = "127.0.0.1", .tls_certificate = certificate, .tls_key = key};
    assert_ok(http_server_open(&other, &told_tls));
    assert_ok(http_server_start(other));
    sending_make(BOTH);
    struct webhook now = sending_get();
    snprintf(now.url, sizeof now.url, "https://127.0.0.1:%u/", http_server_port(other));
    assert_ok(hooks_change(hooks, HOOK_URL, &now));
    sending_tell(1, 0, "event");
    await_outcome(HOOK_CERTIFICATE);
    ck_assert_uint_eq(http_server_counts(other).requests, 0);
    http_server_close(other);
}
END_TEST

Suite *targets_suite(void) {
    Suite *suite = suite_create("targets");
    TCase *cases = tcase_create("targets");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, sending_set_up, sending_tear_down);
    tcase_add_test(cases, one_with_a_filter_is_told_what_fits_as_it_is_and_signed_by_its_token);
    tcase_add_test(cases, what_was_looked_at_in_vain_is_not_looked_at_again);
    tcase_add_test(cases, a_long_history_is_looked_through_in_steps);
    tcase_add_test(cases,
                   a_search_that_takes_too_long_fails_and_comes_again_with_less_to_look_through);
    tcase_add_test(cases, one_whose_search_never_ends_is_disabled);
    tcase_add_test(cases, a_file_of_before_filters_is_read_on);
    tcase_add_test(cases, redirects_are_not_followed);
    tcase_add_test(cases, a_slow_receiver_holds_nobody_else_up);
    tcase_add_test(cases, a_slow_search_holds_nobody_else_up);
    tcase_add_test(cases, one_that_is_removed_while_it_is_searched_for_is_told_nothing);
    tcase_add_test(cases, an_endless_answer_is_cut_off);
    tcase_add_test(cases, an_address_is_judged_at_each_connect);
    tcase_add_test(cases, nobody_there_is_said_so);
    tcase_add_test(cases, only_a_server_that_proves_its_name_is_told);
    suite_add_tcase(suite, cases);
    return suite;
}
