// SPDX-License-Identifier: Apache-2.0
// Answers that are kept for Idempotency-Keys: for a day, over restarts, within their bounds.
#include <stdio.h>
#include <stdlib.h>

#include "apps/common/db/db.h"
#include "apps/common/server/answers.h"
#include "chaincore/chaincore.h"
#include "tests/support/unit.h"
#include "tests/unit/server/suites.h"

static char folder[32], path[64];
static struct answers *answers;
static struct arena arena;
static struct http_kept found;

static void open_with(uint64_t file_bytes) {
    assert_ok(answers_open(&answers, &(struct answers_config){path, file_bytes}));
}

static void set_up(void) {
    static const char template[] = "/tmp/lmm-answers-XXXXXX";
    log_set_level(LOG_ERROR);
    memcpy(folder, template, sizeof template);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/answers.db", folder);
    open_with(0);
}

static void tear_down(void) {
    answers_close(answers);
    arena_clear(&arena);
    assert_ok(file_remove_tree(folder));
}

static void id_of(uint8_t out[IDEMPOTENCY_HASH], uint64_t number) {
    memset(out, 0, IDEMPOTENCY_HASH);
    store_u64_be(out, number);
}

static enum status keep(uint64_t number, const char *text, bool is_open) {
    uint8_t id[IDEMPOTENCY_HASH];
    struct http_kept kept = {.answer = bytes_of_string(text), .is_open = is_open};
    id_of(id, number);
    memset(kept.request, (int)number, sizeof kept.request);
    return answers_keep(answers, id, &kept);
}

static enum status find(uint64_t number) {
    uint8_t id[IDEMPOTENCY_HASH];
    id_of(id, number);
    return answers_find(answers, id, &arena, &found);
}

// Rows as a former process has left them: numbers 1 to `count`, kept so long ago.
static void fill(uint64_t count, bool is_open, uint64_t ms_ago) {
    struct db *db;
    char url[80];
    answers_close(answers);
    snprintf(url, sizeof url, "sqlite:%s", path);
    assert_ok(db_open(&db, url));
    struct db_statement *row;
    assert_ok(db_begin(db));
    assert_ok(db_prepare(&row, db, "INSERT INTO answer VALUES ($1, $2, $3, $4, $5)"));
    uint64_t from_ms = clock_wall_ms() - ms_ago;
    for (uint64_t i = 1; i <= count; i++) {
        uint8_t id[IDEMPOTENCY_HASH];
        id_of(id, i);
        db_bind_bytes(row, 1, BYTES_OF(id));
        db_bind_bytes(row, 2, BYTES_OF(id));
        db_bind_bytes(row, 3, bytes_of_string("a"));
        db_bind_u64(row, 4, is_open ? 1 : 0);
        db_bind_u64(row, 5, from_ms);
        assert_ok(db_run(row));
    }
    db_release(row);
    assert_ok(db_commit(db));
    db_close(db);
    open_with(0);
}

START_TEST(what_was_kept_is_found_over_a_restart) {
    assert_status(find(1), STATUS_NOT_FOUND);
    assert_ok(keep(1, "first", false));
    assert_ok(keep(2, "", true));
    for (int i = 0; i < 2; i++) {
        assert_ok(find(1));
        assert_bytes_equal(found.answer, bytes_of_string("first"));
        ck_assert_uint_eq(found.request[31], 1);
        ck_assert(!found.is_open);
        assert_ok(find(2));
        ck_assert_uint_eq(found.answer.len, 0);
        ck_assert(found.is_open);
        assert_status(find(3), STATUS_NOT_FOUND);
        answers_close(answers);
        open_with(0);
    }
}
END_TEST

START_TEST(after_a_day_it_is_forgotten) {
    fill(3, false, LIMIT_HTTP_IDEMPOTENCY_MS - 60000);
    assert_ok(find(1));
    answers_settle(answers);
    assert_ok(find(1));
    answers_close(answers);
    assert_ok(file_remove_tree(path));
    open_with(0);
    fill(3, false, LIMIT_HTTP_IDEMPOTENCY_MS + 60000);
    assert_status(find(1), STATUS_NOT_FOUND); // whether it was dropped already or not
    assert_ok(keep(1, "again", false));
    assert_ok(find(1));
    assert_bytes_equal(found.answer, bytes_of_string("again"));
    answers_settle(answers);
    assert_ok(find(1));
}
END_TEST

static uint64_t rows(void) {
    struct db *db;
    struct db_statement *row;
    char url[80];
    bool has_row;
    snprintf(url, sizeof url, "sqlite:%s", path);
    assert_ok(db_open(&db, url));
    assert_ok(db_prepare(&row, db, "SELECT count(*) AS n FROM answer"));
    assert_ok(db_step(row, &has_row));
    uint64_t count = db_column_u64(row, "n");
    db_release(row);
    db_close(db);
    return count;
}

START_TEST(what_is_over_makes_room) {
    fill(5000, true, LIMIT_HTTP_IDEMPOTENCY_MS + 60000);
    for (int i = 0; i < 3; i++) answers_settle(answers);
    ck_assert_uint_eq(rows(), 0);
    for (uint64_t i = 1; i <= 10; i++) assert_ok(keep(i, "new", true));
    ck_assert_uint_eq(rows(), 10);
}
END_TEST

START_TEST(of_clients_without_a_key_the_oldest_go) {
    fill(LIMIT_HTTP_KEPT_OPEN, true, 60000);
    assert_ok(keep(LIMIT_HTTP_KEPT_OPEN + 1, "new", true));
    ck_assert_uint_eq(rows(), LIMIT_HTTP_KEPT_OPEN);
    assert_ok(find(LIMIT_HTTP_KEPT_OPEN + 1));
    // Those of keys need nobody's room.
    assert_ok(keep(LIMIT_HTTP_KEPT_OPEN + 2, "new", false));
    ck_assert_uint_eq(rows(), LIMIT_HTTP_KEPT_OPEN + 1);
    assert_ok(find(LIMIT_HTTP_KEPT_OPEN + 2));
}
END_TEST

START_TEST(the_file_has_a_bound_and_goes_on_below_it) {
    char text[LIMIT_HTTP_KEPT_BYTES];
    enum status status = STATUS_OK;
    uint64_t number = 1;
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    answers_close(answers);
    open_with(1 << 20);
    for (; number < 200 && status == STATUS_OK; number++) status = keep(number, text, false);
    assert_status(status, STATUS_FULL);
    ck_assert_uint_gt(number, 40);
    assert_ok(find(1));
    assert_status(find(number - 1), STATUS_NOT_FOUND);
}
END_TEST

Suite *answers_suite(void) {
    Suite *suite = suite_create("answers");
    TCase *cases = tcase_create("answers");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, what_was_kept_is_found_over_a_restart);
    tcase_add_test(cases, after_a_day_it_is_forgotten);
    tcase_add_test(cases, what_is_over_makes_room);
    tcase_add_test(cases, of_clients_without_a_key_the_oldest_go);
    tcase_add_test(cases, the_file_has_a_bound_and_goes_on_below_it);
    suite_add_tcase(suite, cases);
    return suite;
}
