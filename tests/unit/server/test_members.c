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
static void fill(const char *action, int count) {
    struct db *db;
    char url[96], sql[256];
    snprintf(url, sizeof url, "sqlite:%s", path);
    snprintf(sql, sizeof sql,
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
             " INSERT INTO audit (at_ms, actor, action, subject, detail)"
             " SELECT i, 'a', '%s', 'b', '' FROM n;",
             count, action);
    assert_ok(db_open(&db, url));
    assert_ok(db_exec_script(db, sql));
    db_close(db);
}

// How many lines there are of an action, and the oldest one, if any.
static size_t read_log(const char *action, uint64_t *oldest) {
    enum { ROOM = LIMIT_AUDIT_LINES + LIMIT_AUDIT_SESSION_LINES + 1 };
    struct audit_line *lines = arena_alloc_array(&arena, ROOM, sizeof *lines);
    size_t count, found = 0;
    assert_ok(members_read_log(members, UINT64_MAX, &arena, lines, ROOM, &count));
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
    fill("session.began", LIMIT_AUDIT_LINES);
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
    fill("key.made", LIMIT_AUDIT_LINES);
    note("key.made");
    ck_assert_uint_eq(read_log("key.made", &oldest), LIMIT_AUDIT_LINES);
    ck_assert_uint_eq(oldest, 3);
    ck_assert_uint_eq(read_log("session.began", &oldest), 1);
}
END_TEST

Suite *members_suite(void) {
    Suite *suite = suite_create("members");
    TCase *cases = tcase_create("members");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, sessions_wash_nothing_else_out_of_the_log);
    tcase_add_test(cases, the_newest_lines_of_all_else_are_kept);
    suite_add_tcase(suite, cases);
    return suite;
}
