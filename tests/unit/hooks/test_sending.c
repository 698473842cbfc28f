// SPDX-License-Identifier: Apache-2.0
// What is sent, in which order, and what becomes of failures.
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "apps/common/db/db.h"
#include "chaincore/base/clock.h"
#include "tests/support/unit.h"
#include "tests/unit/hooks/sending.h"
#include "tests/unit/hooks/suites.h"

START_TEST(a_message_arrives_signed) {
    sending_make(BOTH);
    uint64_t before_s = clock_wall_ms() / 1000;
    sending_tell(7, 3, "event");
    assert_posted(0, "msg_7_3");
    const struct receiver_post *post = post_at(0);
    ck_assert_str_eq(post->path, "/hook?a=b");
    ck_assert_str_eq(post->body, "{\"type\":\"event\",\"timestamp\":\"2023-11-14T22:13:20.007Z\","
                                 "\"height\":7,\"data\":{\"number\":0}}");
    ck_assert_str_eq(receiver_header(post, "Content-Type"), "application/json");
    uint64_t time_s = strtoull(receiver_header(post, "webhook-timestamp"), NULL, 10);
    ck_assert(time_s >= before_s && time_s <= clock_wall_ms() / 1000);
    ck_assert(!receiver_verifies(post, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
    await_cursor(7, 3);
    ck_assert_str_eq(hook_outcome_name(sending_get().outcome), "delivered");
    ck_assert_uint_eq(sending_get().attempts, 1);
}
END_TEST

START_TEST(messages_come_in_order_and_only_of_the_kinds_asked_for) {
    sending_make(CAPTURE);
    for (uint64_t i = 0; i < 200; i++)
        sending_tell(1 + i / 10, i % 10, i % 2 ? "capture" : "event");
    ck_assert_uint_eq(receiver_await(receiver, 100), 100);
    await_cursor(20, 9);
    for (uint64_t i = 0; i < 100; i++) {
        char id[32];
        snprintf(id, sizeof id, "msg_%u_%u", (unsigned)(1 + i / 5), (unsigned)(i % 5 * 2 + 1));
        assert_posted(i, id);
    }
    ck_assert_uint_eq(receiver_count(receiver), 100);
}
END_TEST

START_TEST(what_was_before_a_webhook_is_told_on_request_alone) {
    sending_tell(1, 0, "event");
    sending_tell(2, 0, "event");
    hook.cursor = (struct hook_place){2, HOOK_LAST_POSITION};
    struct hook_place cursor = hook.cursor;
    sending_make(BOTH);
    assert_posted(1, "msg_2_0"); // of the one from the start
    struct webhook late = {.kinds = BOTH, .cursor = cursor};
    snprintf(late.url, sizeof late.url, "http://127.0.0.1:%u/late", receiver_port(receiver));
    assert_ok(hooks_make(hooks, &late, NULL, secret));
    await_cursor(2, 0);
    sending_tell(3, 0, "event");
    ck_assert_uint_eq(receiver_await(receiver, 4), 4);
    for (size_t i = 2; i < 4; i++)
        ck_assert_str_eq(receiver_header(post_at(i), "webhook-id"), "msg_3_0");
}
END_TEST

START_TEST(what_fails_is_sent_again_before_all_that_follows) {
    static const int failures[] = {500, 404, 301, 429, RECEIVER_HANGS_UP, 503};
    enum { FAILURES = sizeof failures / sizeof *failures };
    for (size_t i = 0; i < FAILURES; i++) receiver_answer(receiver, failures[i], 1);
    sending_make(BOTH);
    sending_tell(1, 0, "event");
    sending_tell(1, 1, "event");
    for (size_t i = 0; i <= FAILURES; i++) assert_posted(i, "msg_1_0");
    assert_posted(FAILURES + 1, "msg_1_1");
    await_cursor(1, 1);
    ck_assert_uint_eq(sending_get().failures, 0);
    // libcurl goes on by itself where a connection that was kept is closed.
    ck_assert_uint_ge(sending_get().attempts, FAILURES + 1);
    ck_assert_uint_le(sending_get().attempts, FAILURES + 2);
}
END_TEST

START_TEST(retries_come_later_each_time) {
    receiver_answer(receiver, 500, 6);
    config.first_retry_ms = 16;
    config.longest_retry_ms = 64;
    sending_end();
    sending_begin();
    sending_make(BOTH);
    uint64_t began_ms = clock_monotonic_ms();
    sending_tell(1, 0, "event");
    assert_posted(6, "msg_1_0");
    // At least half of 16, 32, 64, 64, 64 and 64.
    ck_assert_uint_ge(clock_monotonic_ms() - began_ms, 152);
}
END_TEST

START_TEST(an_answer_says_how_long_to_wait) {
    receiver_answer(receiver, 503, 1);
    receiver_answer_with(receiver, "Retry-After: 3600\r\nContent-Length: 0\r\n\r\n");
    config.longest_retry_ms = 10000;
    sending_end();
    sending_begin();
    sending_make(BOTH);
    uint64_t before_ms = clock_wall_ms();
    sending_tell(1, 0, "event");
    struct webhook now = await_outcome(HOOK_REFUSED);
    ck_assert_uint_ge(now.next_try_ms, before_ms + 10000); // the bound
    ck_assert_uint_le(now.next_try_ms, clock_wall_ms() + 10000);
}
END_TEST

START_TEST(a_dead_endpoint_is_disabled_and_goes_on_where_it_was) {
    config.dead_after_ms = 1;
    sending_end();
    sending_begin();
    receiver_answer(receiver, 500, 200);
    sending_make(BOTH);
    sending_tell(1, 0, "event");
    struct webhook now = await_state(HOOK_DISABLED);
    size_t count = receiver_count(receiver);
    ck_assert_uint_gt(now.failing_since_ms, 0);
    sending_tell(2, 0, "event");
    sending_end();
    sending_begin(); // what is disabled stays so
    ck_assert_int_eq(sending_get().state, HOOK_DISABLED);
    ck_assert_uint_eq(receiver_count(receiver), count);
    uint16_t port = receiver_port(receiver);
    receiver_close(receiver);
    receiver = receiver_open(port);
    now = sending_get();
    now.state = HOOK_ACTIVE;
    assert_ok(hooks_change(hooks, HOOK_STATE, &now));
    assert_posted(0, "msg_1_0");
    assert_posted(1, "msg_2_0");
}
END_TEST

START_TEST(nobody_wants_it_any_more) {
    receiver_answer(receiver, 410, 1);
    sending_make(BOTH);
    sending_tell(1, 0, "event");
    ck_assert_str_eq(hook_outcome_name(await_state(HOOK_DISABLED).outcome), "gone");
    ck_assert_uint_eq(sending_get().cursor.height, 0);
}
END_TEST

START_TEST(a_paused_one_waits_and_misses_nothing) {
    sending_make(BOTH);
    sending_tell(1, 0, "event");
    await_cursor(1, 0);
    struct webhook now = sending_get();
    now.state = HOOK_PAUSED;
    assert_ok(hooks_change(hooks, HOOK_STATE, &now));
    sending_tell(2, 0, "event");
    sending_tell(3, 0, "event");
    struct webhook other = {.kinds = BOTH, .cursor = {2, HOOK_LAST_POSITION}};
    char others[HOOK_SECRET_CHARS + 1];
    snprintf(other.url, sizeof other.url, "http://127.0.0.1:%u/other", receiver_port(receiver));
    assert_ok(hooks_make(hooks, &other, NULL, others));
    ck_assert_uint_eq(receiver_await(receiver, 2), 2); // the other's, which came later
    ck_assert_str_eq(post_at(1)->path, "/other");
    now.state = HOOK_ACTIVE;
    assert_ok(hooks_change(hooks, HOOK_STATE, &now));
    assert_posted(2, "msg_2_0");
    assert_posted(3, "msg_3_0");
}
END_TEST

// Who reads one, and writes a part of it back later, takes nothing else back.
START_TEST(a_change_of_one_member_leaves_the_others_as_they_are_by_then) {
    receiver_answer(receiver, 410, 1);
    sending_make(BOTH);
    struct webhook read = sending_get();
    sending_tell(1, 0, "event");
    struct webhook gone = await_state(HOOK_DISABLED);
    snprintf(read.description, sizeof read.description, "%s", "the mill");
    assert_ok(hooks_change(hooks, HOOK_DESCRIPTION, &read));
    struct webhook now = sending_get();
    ck_assert_str_eq(now.description, "the mill");
    ck_assert_int_eq(now.state, HOOK_DISABLED);
    ck_assert_uint_eq(now.failures, gone.failures);
    ck_assert_uint_eq(now.failing_since_ms, gone.failing_since_ms);
    ck_assert_int_eq(read.state, HOOK_DISABLED); // as it is told
}
END_TEST

START_TEST(a_restart_loses_nothing_and_keeps_the_order) {
    sending_make(BOTH);
    size_t seen = 0;
    for (uint64_t i = 1; i <= 120; i++) {
        sending_tell(i, 0, "event");
        if (i % 10 != 0) continue;
        ck_assert_uint_gt(receiver_await(receiver, seen + 1), seen);
        sending_end();
        seen = receiver_count(receiver);
        sending_begin();
    }
    await_cursor(120, 0);
    uint64_t last = 0;
    for (size_t i = 0; i < receiver_count(receiver); i++) {
        uint64_t height = strtoull(receiver_header(post_at(i), "webhook-id") + 4, NULL, 10);
        ck_assert(height == last || height == last + 1); // again, or the next
        ck_assert(receiver_verifies(post_at(i), secret));
        last = height;
    }
    ck_assert_uint_eq(last, 120);
}
END_TEST

START_TEST(secrets_are_their_owners_alone) {
    static const char *const names[] = {"webhooks.db", "webhooks.db-wal", "webhooks.db-shm"};
    sending_make(BOTH);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct stat file;
        char name[64];
        snprintf(name, sizeof name, "%s/%s", folder, names[i]);
        ck_assert_msg(stat(name, &file) == 0, "%s", name);
        ck_assert_msg((file.st_mode & 0777) == 0600, "%s: %o", name, file.st_mode & 0777);
    }
}
END_TEST

START_TEST(an_old_secret_signs_for_a_while) {
    char next[HOOK_SECRET_CHARS + 1], last[HOOK_SECRET_CHARS + 1];
    struct webhook now;
    sending_make(BOTH);
    assert_ok(hooks_rotate(hooks, hook.id, 3600 * 1000, &now, next));
    ck_assert_str_ne(next, secret);
    sending_tell(1, 0, "event");
    ck_assert_uint_eq(receiver_await(receiver, 1), 1);
    ck_assert(receiver_verifies(post_at(0), secret));
    ck_assert(receiver_verifies(post_at(0), next));
    await_cursor(1, 0);
    assert_ok(hooks_rotate(hooks, hook.id, 0, &now, last));
    sending_tell(2, 0, "event");
    ck_assert_uint_eq(receiver_await(receiver, 2), 2);
    ck_assert(!receiver_verifies(post_at(1), secret));
    ck_assert(!receiver_verifies(post_at(1), next));
    ck_assert(receiver_verifies(post_at(1), last));
}
END_TEST

START_TEST(all_is_sent_again_from_a_place) {
    sending_make(BOTH);
    for (uint64_t i = 1; i <= 4; i++) sending_tell(i, 5, "event");
    await_cursor(4, 5);
    ck_assert_uint_eq(receiver_count(receiver), 4);
    const struct hook_place from = {3, 5}, ahead = {4, 7};
    assert_status(hooks_replay(hooks, hook.id, &ahead), STATUS_CONFLICT);
    assert_ok(hooks_replay(hooks, hook.id, &from));
    assert_posted(4, "msg_3_5");
    assert_posted(5, "msg_4_5");
    await_cursor(4, 5);
    sending_tell(5, 0, "event");
    assert_posted(6, "msg_5_0");
}
END_TEST

START_TEST(an_answer_to_what_no_longer_holds_does_not_count) {
    sending_make(BOTH);
    for (uint64_t i = 1; i <= 2; i++) sending_tell(i, 0, "event");
    await_cursor(2, 0);
    receiver_answer(receiver, RECEIVER_HANGS, 1);
    sending_tell(3, 0, "event");
    assert_posted(2, "msg_3_0");
    const struct hook_place from = {1, 0};
    assert_ok(hooks_replay(hooks, hook.id, &from));
    receiver_let_go(receiver, 204);
    for (size_t i = 0; i < 3; i++) {
        char id[16];
        snprintf(id, sizeof id, "msg_%zu_0", i + 1);
        assert_posted(3 + i, id);
    }
    await_cursor(3, 0);
}
END_TEST

START_TEST(what_is_removed_under_way_does_not_come_back) {
    receiver_answer(receiver, RECEIVER_HANGS, 1);
    sending_make(BOTH);
    sending_tell(1, 0, "event");
    assert_posted(0, "msg_1_0");
    assert_ok(hooks_remove(hooks, hook.id));
    receiver_let_go(receiver, 204);
    sending_end();
    sending_begin();
    struct webhook out;
    assert_status(hooks_get(hooks, hook.id, &out), STATUS_NOT_FOUND);
}
END_TEST

START_TEST(one_message_is_sent_again) {
    sending_make(BOTH);
    for (uint64_t i = 1; i <= 3; i++) sending_tell(i, 0, "event");
    await_cursor(3, 0);
    const struct hook_place place = {2, 0}, ahead = {4, 0}, nothing = {2, 7};
    assert_status(hooks_resend(hooks, hook.id, &ahead), STATUS_CONFLICT);
    receiver_answer(receiver, 500, 2);
    assert_ok(hooks_resend(hooks, hook.id, &place));
    for (size_t i = 3; i < 6; i++) assert_posted(i, "msg_2_0");
    assert_ok(hooks_resend(hooks, hook.id, &nothing)); // is looked for, and forgotten
    sending_tell(4, 0, "event");
    assert_posted(6, "msg_4_0");
    await_cursor(4, 0);
    struct arena arena = {0};
    struct hook_deliveries page = {.below = UINT64_MAX, .max = 10};
    assert_ok(hooks_list_deliveries(hooks, hook.id, &arena, &page));
    ck_assert_uint_eq(page.count, 8);
    ck_assert_int_eq(page.items[1].outcome, HOOK_NO_MESSAGE);
    ck_assert_int_eq(page.items[2].outcome, HOOK_DELIVERED);
    ck_assert_uint_eq(page.items[2].attempt, 3);
    ck_assert_int_eq(page.items[3].code, 500);
    arena_clear(&arena);
}
END_TEST

START_TEST(deliveries_are_remembered_to_a_bound) {
    sending_make(BOTH);
    receiver_answer(receiver, 418, 1);
    for (uint64_t i = 1; i <= 300; i++) sending_tell(i, 0, "event");
    await_cursor(300, 0);
    for (int round = 0; round < 3; round++) {
        const struct hook_place from = {1, 0};
        assert_ok(hooks_replay(hooks, hook.id, &from));
        await_cursor(300, 0);
    }
    struct arena arena = {0};
    struct hook_deliveries page = {.below = UINT64_MAX, .max = 2000};
    assert_ok(hooks_list_deliveries(hooks, hook.id, &arena, &page));
    ck_assert_uint_eq(page.count, LIMIT_WEBHOOK_DELIVERIES);
    ck_assert_uint_eq(page.items[0].number, sending_get().attempts);
    for (size_t i = 1; i < page.count; i++)
        ck_assert_uint_eq(page.items[i].number, page.items[i - 1].number - 1);
    struct hook_deliveries next = {.below = page.items[4].number, .max = 2};
    assert_ok(hooks_list_deliveries(hooks, hook.id, &arena, &next));
    ck_assert_uint_eq(next.count, 2);
    ck_assert_uint_eq(next.items[0].number, page.items[5].number);
    arena_clear(&arena);
}
END_TEST

START_TEST(a_removed_one_is_silent) {
    sending_make(BOTH);
    sending_tell(1, 0, "event");
    await_cursor(1, 0);
    assert_ok(hooks_remove(hooks, hook.id));
    assert_status(hooks_remove(hooks, hook.id), STATUS_NOT_FOUND);
    struct webhook out;
    assert_status(hooks_get(hooks, hook.id, &out), STATUS_NOT_FOUND);
    sending_make(BOTH);
    sending_tell(2, 0, "event");
    await_cursor(2, 0);
    ck_assert_uint_eq(receiver_count(receiver), 3); // the new one's two
    sending_end();
    sending_begin();
    struct webhook list[2];
    ck_assert_uint_eq(hooks_list(hooks, &(struct hook_listing){NULL, "", 2}, list), 1);
    ck_assert_str_eq(list[0].id, hook.id);
}
END_TEST

START_TEST(there_is_a_bound_of_webhooks) {
    for (int i = 0; i < LIMIT_WEBHOOKS; i++) sending_make(BOTH);
    char unused[HOOK_SECRET_CHARS + 1];
    assert_status(hooks_make(hooks, &hook, NULL, unused), STATUS_TOO_LARGE);
    sending_tell(1, 0, "event");
    ck_assert_uint_eq(receiver_await(receiver, LIMIT_WEBHOOKS), LIMIT_WEBHOOKS);
}
END_TEST

static void make_for(const char *owner) {
    hook = (struct webhook){.kinds = EVENT, .cursor = {9, 0}};
    snprintf(hook.owner, sizeof hook.owner, "%s", owner);
    snprintf(hook.url, sizeof hook.url, "http://127.0.0.1:%u/hook", receiver_port(receiver));
    assert_ok(hooks_make(hooks, &hook, NULL, secret));
}

START_TEST(what_one_account_has_takes_no_other_ones_room) {
    struct webhook list[LIMIT_SIGNER_WEBHOOKS + 1];
    struct hook_listing asked = {"mill", "", LIMIT_SIGNER_WEBHOOKS + 1};
    for (int i = 0; i < LIMIT_SIGNER_WEBHOOKS; i++) make_for("mill");
    struct webhook more = hook;
    assert_status(hooks_make(hooks, &more, NULL, secret), STATUS_TOO_LARGE);
    make_for("bakery");
    struct webhook bakery = hook;
    make_for("server");
    sending_end();
    sending_begin();
    assert_status(hooks_make(hooks, &more, NULL, secret), STATUS_TOO_LARGE);
    ck_assert_uint_eq(hooks_list(hooks, &asked, list), LIMIT_SIGNER_WEBHOOKS);
    asked = (struct hook_listing){"mill", list[3].id, 2};
    struct webhook next[2];
    ck_assert_uint_eq(hooks_list(hooks, &asked, next), 2);
    ck_assert_str_eq(next[0].id, list[4].id);
    ck_assert_str_eq(next[1].owner, "mill");
    asked = (struct hook_listing){NULL, next[1].id, LIMIT_SIGNER_WEBHOOKS + 1};
    ck_assert_uint_eq(hooks_list(hooks, &asked, list), LIMIT_SIGNER_WEBHOOKS - 6 + 2);
    ck_assert_str_eq(list[LIMIT_SIGNER_WEBHOOKS - 6].id, bakery.id);
    assert_ok(hooks_remove(hooks, list[0].id)); // one of the mill's makes room for another
    assert_ok(hooks_make(hooks, &more, NULL, secret));
}
END_TEST

START_TEST(a_file_of_before_there_were_owners_is_the_servers_own) {
    struct db *db;
    char url[96];
    make_for("mill");
    sending_end();
    snprintf(url, sizeof url, "sqlite:%s/webhooks.db", folder);
    assert_ok(db_open(&db, url));
    assert_ok(db_exec_script(db, "ALTER TABLE webhook DROP COLUMN owner;"));
    db_close(db);
    sending_begin();
    ck_assert_str_eq(sending_get().owner, "server");
}
END_TEST

START_TEST(a_source_that_is_away_is_asked_again) {
    sending_source_status(STATUS_UNAVAILABLE);
    sending_make(BOTH);
    sending_tell(1, 0, "event");
    while (sending_reads() < 2) sched_yield();
    sending_source_status(STATUS_OK);
    assert_posted(0, "msg_1_0");
}
END_TEST

START_TEST(ids_of_messages_are_read_strictly) {
    static const char *const wrong[] = {"",
                                        "msg_",
                                        "msg_1",
                                        "msg_1_",
                                        "msg_01_0",
                                        "msg_1_00",
                                        "msg_+1_0",
                                        "msg_1_-1",
                                        "msg_1_0 ",
                                        "msg_0_0",
                                        "msg_1_0_0",
                                        "MSG_1_0",
                                        "msg_99999999999999999999_0",
                                        "msg_1_9223372036854775807"};
    struct hook_place place;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(!hook_message_parse(&place, wrong[i]), "%s", wrong[i]);
    ck_assert(hook_message_parse(&place, "msg_12_9223372036854775806"));
    ck_assert_uint_eq(place.height, 12);
    ck_assert_uint_eq(place.position, INT64_MAX - 1);
}
END_TEST

START_TEST(its_numbers_are_told) {
    struct buf out = {0};
    sending_make(BOTH);
    receiver_answer(receiver, 500, 2);
    sending_tell(1, 0, "event");
    await_cursor(1, 0);
    hooks_append_metrics(hooks, &out);
    const char *text = buf_as_string(&out);
    ck_assert_ptr_nonnull(strstr(text, "lmm_webhooks{state=\"active\"} 1\n"));
    ck_assert_ptr_nonnull(strstr(text, "lmm_webhook_attempts_total{outcome=\"refused\"} 2\n"));
    ck_assert_ptr_nonnull(strstr(text, "lmm_webhook_attempts_total{outcome=\"delivered\"} 1\n"));
    buf_clear(&out);
}
END_TEST

Suite *sending_suite(void) {
    Suite *suite = suite_create("sending");
    TCase *cases = tcase_create("sending");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, sending_set_up, sending_tear_down);
    tcase_add_test(cases, a_message_arrives_signed);
    tcase_add_test(cases, messages_come_in_order_and_only_of_the_kinds_asked_for);
    tcase_add_test(cases, what_was_before_a_webhook_is_told_on_request_alone);
    tcase_add_test(cases, what_fails_is_sent_again_before_all_that_follows);
    tcase_add_test(cases, retries_come_later_each_time);
    tcase_add_test(cases, an_answer_says_how_long_to_wait);
    tcase_add_test(cases, a_dead_endpoint_is_disabled_and_goes_on_where_it_was);
    tcase_add_test(cases, nobody_wants_it_any_more);
    tcase_add_test(cases, a_paused_one_waits_and_misses_nothing);
    tcase_add_test(cases, a_change_of_one_member_leaves_the_others_as_they_are_by_then);
    tcase_add_test(cases, a_restart_loses_nothing_and_keeps_the_order);
    tcase_add_test(cases, secrets_are_their_owners_alone);
    tcase_add_test(cases, an_old_secret_signs_for_a_while);
    tcase_add_test(cases, all_is_sent_again_from_a_place);
    tcase_add_test(cases, an_answer_to_what_no_longer_holds_does_not_count);
    tcase_add_test(cases, what_is_removed_under_way_does_not_come_back);
    tcase_add_test(cases, one_message_is_sent_again);
    tcase_add_test(cases, deliveries_are_remembered_to_a_bound);
    tcase_add_test(cases, a_removed_one_is_silent);
    tcase_add_test(cases, there_is_a_bound_of_webhooks);
    tcase_add_test(cases, what_one_account_has_takes_no_other_ones_room);
    tcase_add_test(cases, a_file_of_before_there_were_owners_is_the_servers_own);
    tcase_add_test(cases, a_source_that_is_away_is_asked_again);
    tcase_add_test(cases, ids_of_messages_are_read_strictly);
    tcase_add_test(cases, its_numbers_are_told);
    suite_add_tcase(suite, cases);
    return suite;
}
