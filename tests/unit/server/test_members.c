// SPDX-License-Identifier: Apache-2.0
// The log of a firm: what is kept of it, and what never washes out what.
#include <stdio.h>
#include <stdlib.h>

#include "apps/common/db/db.h"
#include "apps/common/server/members.h"
#include "chaincore/chaincore.h"
#include "tests/support/unit.h"
#include "tests/unit/server/suites.h"

static char folder[32], path[64];
static struct members *members;
static struct arena arena;

static void set_up(void) {
    static const char template[] = "/tmp/lmm-firm-XXXXXX";
    assert_ok(crypto_init());
    memcpy(folder, template, sizeof template);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/members.db", folder);
    assert_ok(members_open(&members, path));
}

static void tear_down(void) {
    members_close(members);
    arena_clear(&arena);
    assert_ok(file_remove_tree(folder));
}

static void note(const char *action) {
    struct audit_line line = {.actor = "a", .action = action, .subject = "b", .detail = ""};
    assert_ok(members_note(members, &line));
}

// At once, past what keeps the log short.
static void fill(const char *action, const char *signer, int count) {
    struct db *db;
    char url[96], sql[288];
    snprintf(url, sizeof url, "sqlite:%s", path);
    snprintf(sql, sizeof sql,
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
             " INSERT INTO audit (at_ms, actor, action, subject, detail, signer)"
             " SELECT i, 'a', '%s', 'b', '', '%s' FROM n;",
             count, action, signer);
    assert_ok(db_open(&db, url));
    assert_ok(db_exec_script(db, sql));
    db_close(db);
}

// How many lines there are of an action, and the oldest one, if any.
static size_t read_log(const char *action, uint64_t *oldest) {
    enum { ROOM = LIMIT_AUDIT_LINES + LIMIT_AUDIT_SESSION_LINES + 1 };
    struct audit_line *lines = arena_alloc_array(&arena, ROOM, sizeof *lines);
    size_t count, found = 0;
    assert_ok(members_read_log(members, &(struct audit_listing){.below = UINT64_MAX, .max = ROOM},
                               &arena, lines, &count));
    for (size_t i = 0; i < count; i++)
        if (strcmp(lines[i].action, action) == 0) {
            *oldest = lines[i].number;
            found++;
        }
    return found;
}

START_TEST(sessions_wash_nothing_else_out_of_the_log) {
    uint64_t oldest;
    note("member.added");
    fill("session.began", "server", LIMIT_AUDIT_LINES);
    note("session.ended");
    ck_assert_uint_eq(read_log("member.added", &oldest), 1);
    ck_assert_uint_eq(read_log("session.ended", &oldest), 1);
    ck_assert_uint_eq(read_log("session.began", &oldest), LIMIT_AUDIT_SESSION_LINES - 1);
    ck_assert_uint_eq(oldest, LIMIT_AUDIT_LINES - LIMIT_AUDIT_SESSION_LINES + 3);
}
END_TEST

START_TEST(the_newest_lines_of_all_else_are_kept) {
    uint64_t oldest;
    note("session.began");
    fill("key.made", "server", LIMIT_AUDIT_LINES);
    note("key.made");
    ck_assert_uint_eq(read_log("key.made", &oldest), LIMIT_AUDIT_LINES);
    ck_assert_uint_eq(oldest, 3);
    ck_assert_uint_eq(read_log("session.began", &oldest), 1);
}
END_TEST

START_TEST(a_line_that_was_kept_elsewhere_comes_once_with_its_time) {
    struct audit_line lines[4];
    const struct audit_line line = {
        .at_ms = 1234, .actor = "a", .action = "key.made", .subject = "b", .detail = ""};
    size_t count;
    assert_ok(members_note_once(members, "key-1", &line));
    assert_ok(members_note_once(members, "key-1", &line));
    assert_ok(members_note_once(members, "key-2", &line));
    note("key.made");
    assert_ok(members_read_log(members, &(struct audit_listing){.below = UINT64_MAX, .max = 4},
                               &arena, lines, &count));
    ck_assert_uint_eq(count, 3);
    ck_assert_uint_eq(lines[2].at_ms, 1234);
}
END_TEST

START_TEST(a_log_of_before_is_read_on) {
    struct db *db;
    char url[96];
    uint64_t oldest;
    note("key.made");
    members_close(members);
    snprintf(url, sizeof url, "sqlite:%s", path);
    assert_ok(db_open(&db, url));
    assert_ok(db_exec_script(db, "DROP INDEX audit_by_origin; DROP INDEX session_lines;"
                                 "DROP INDEX other_lines; ALTER TABLE audit DROP COLUMN origin;"
                                 "ALTER TABLE audit DROP COLUMN signer;"
                                 "ALTER TABLE audit DROP COLUMN former_signer;"));
    db_close(db);
    assert_ok(members_open(&members, path));
    note("key.made");
    ck_assert_uint_eq(read_log("key.made", &oldest), 2);
}
END_TEST

START_TEST(members_of_before_there_were_signers_act_as_the_server) {
    const struct audit_line line = {
        .actor = "a", .action = "member.added", .subject = "b", .detail = ""};
    struct member member = {.account = {{1}}, .name = "a", .role = MEMBER_OWNER, .signer = "mill"};
    struct db *db;
    char url[96];
    assert_ok(members_add(members, &member, NULL, &line));
    members_close(members);
    snprintf(url, sizeof url, "sqlite:%s", path);
    assert_ok(db_open(&db, url));
    assert_ok(db_exec_script(db, "ALTER TABLE member DROP COLUMN signer;"));
    db_close(db);
    assert_ok(members_open(&members, path));
    assert_ok(members_find(members, &member.account, &member));
    ck_assert_str_eq(member.signer, "server");
}
END_TEST

START_TEST(what_one_account_has_takes_no_other_ones_room) {
    enum { LINES = LIMIT_AUDIT_LINES / LIMIT_SIGNER_AUDIT_PART };
    const struct audit_line line = {
        .actor = "a", .action = "member.added", .subject = "b", .detail = ""};
    const struct audit_line mills = {
        .actor = "a", .action = "key.made", .subject = "b", .detail = "", .signer = "mill"};
    struct member member = {.name = "a", .role = MEMBER_OWNER, .signer = "mill"}, list[3];
    size_t count;
    uint64_t oldest;
    for (int i = 0; i < LIMIT_SIGNER_MEMBERS; i++) {
        member.account.bytes[0] = (uint8_t)i;
        assert_ok(members_add(members, &member, NULL, &line));
    }
    member.account.bytes[1] = 1;
    assert_status(members_add(members, &member, NULL, &line), STATUS_TOO_LARGE);
    snprintf(member.signer, sizeof member.signer, "bakery");
    assert_ok(members_add(members, &member, NULL, &line));
    // Nor by another way.
    struct member_wish wish = {.reach = {.may_own = true}, .has_signer = true, .signer = "mill"};
    struct member after;
    assert_status(members_change(members, &after, &member.account, &wish, &line), STATUS_TOO_LARGE);
    assert_ok(
        members_change(members, &after, &(struct account_id){{1}}, &wish, &line)); // as it was
    struct member_listing asked = {.only_signer = "bakery", .max = 3};
    assert_ok(members_list(members, &asked, list, &count));
    ck_assert_uint_eq(count, 1);
    asked = (struct member_listing){"mill", &(struct account_id){{1}}, 3};
    assert_ok(members_list(members, &asked, list, &count));
    ck_assert_uint_eq(count, 3);
    ck_assert_uint_eq(list[0].account.bytes[0], 2);
    // Nor is its own history washed out.
    note("key.limited");
    fill("key.made", "mill", LINES);
    assert_ok(members_note(members, &mills));
    ck_assert_uint_eq(read_log("key.limited", &oldest), 1);
    ck_assert_uint_eq(read_log("key.made", &oldest), LINES);
}
END_TEST

static enum status count_call(void *context) {
    return ++*(int *)context == 1 ? STATUS_IO : STATUS_OK;
}

START_TEST(what_a_member_needs_is_there_before_it_and_touches_no_other) {
    int calls = 0;
    const struct member_prepare prepare = {count_call, &calls};
    const struct audit_line line = {
        .actor = "a", .action = "member.added", .subject = "b", .detail = ""};
    struct member member = {.account = {{1}}, .name = "a", .role = MEMBER_OWNER}, found;
    assert_status(members_add(members, &member, &prepare, &line), STATUS_IO);
    assert_status(members_find(members, &member.account, &found), STATUS_NOT_FOUND);
    assert_ok(members_add(members, &member, &prepare, &line));
    assert_ok(members_find(members, &member.account, &found));
    // Of one that is there already nothing is prepared.
    assert_status(members_add(members, &member, &prepare, &line), STATUS_EXISTS);
    ck_assert_int_eq(calls, 2);
}
END_TEST

Suite *members_suite(void) {
    Suite *suite = suite_create("members");
    TCase *cases = tcase_create("members");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_line_that_was_kept_elsewhere_comes_once_with_its_time);
    tcase_add_test(cases, a_log_of_before_is_read_on);
    tcase_add_test(cases, members_of_before_there_were_signers_act_as_the_server);
    tcase_add_test(cases, what_a_member_needs_is_there_before_it_and_touches_no_other);
    tcase_add_test(cases, what_one_account_has_takes_no_other_ones_room);
    tcase_add_test(cases, sessions_wash_nothing_else_out_of_the_log);
    tcase_add_test(cases, the_newest_lines_of_all_else_are_kept);
    suite_add_tcase(suite, cases);
    return suite;
}
