// SPDX-License-Identifier: Apache-2.0
// The store of API keys: what opens, what no longer does, and what is left after a restart.
#include <stdio.h>
#include <stdlib.h>

#include "apps/common/db/db.h"
#include "apps/common/server/api_keys.h"
#include "chaincore/chaincore.h"
#include "tests/support/unit.h"
#include "tests/unit/server/suites.h"

static char folder[32], path[64];
static struct api_keys *keys;
static struct arena arena;
static struct http_key caller;

static void set_up(void) {
    static const char template[] = "/tmp/lmm-keys-XXXXXX";
    assert_ok(crypto_init());
    log_set_level(LOG_ERROR);
    memcpy(folder, template, sizeof template);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/keys.db", folder);
    assert_ok(api_keys_open(&keys, path));
}

static void tear_down(void) {
    api_keys_close(keys);
    arena_clear(&arena);
    assert_ok(file_remove_tree(folder));
}

static void reopen(void) {
    api_keys_close(keys);
    assert_ok(api_keys_open(&keys, path));
}

static struct api_key make(const char *name, const char *scopes, char text[API_KEY_CHARS + 1]) {
    struct api_key key = {.signer = "server"};
    snprintf(key.name, sizeof key.name, "%s", name);
    snprintf(key.scopes, sizeof key.scopes, "%s", scopes);
    assert_ok(api_keys_make(keys, &key, NULL, NULL, text));
    return key;
}

static size_t list_keys(struct api_keys *of, const char *behind, struct api_key *out, size_t max) {
    return api_keys_list(of, &(struct api_key_listing){.behind = behind, .max = max}, out);
}

static bool opens(const char *text) {
    return api_keys_find(keys, &arena, bytes_of_string(text), &caller);
}

START_TEST(a_file_of_before_keys_had_a_signer_is_all_of_the_server_s_own) {
    char text[API_KEY_CHARS + 1], url[96];
    struct db *db;
    make("the mill", "capture", text);
    api_keys_close(keys);
    snprintf(url, sizeof url, "sqlite:%s", path);
    assert_ok(db_open(&db, url));
    assert_ok(db_exec_script(db, "ALTER TABLE api_key DROP COLUMN signer;"));
    db_close(db);
    assert_ok(api_keys_open(&keys, path));
    ck_assert(opens(text));
    ck_assert_str_eq(caller.as, "server");
    reopen(); // it is not added twice
    ck_assert(opens(text));
}
END_TEST

START_TEST(a_key_opens_by_its_whole_text_alone) {
    char text[API_KEY_CHARS + 1], other[API_KEY_CHARS + 1];
    struct api_key key = make("the mill", "capture admin", text);
    make("another", "capture", other);
    ck_assert(opens(text));
    ck_assert_str_eq(caller.name, "the mill");
    ck_assert_str_eq(caller.scopes, "capture admin");
    ck_assert_str_eq(caller.id, key.id);
    ck_assert_uint_eq(strlen(text), API_KEY_CHARS);
    for (size_t i = 0; i < API_KEY_CHARS; i++) {
        char kept = text[i];
        text[i] = kept == '0' ? '1' : '0';
        ck_assert_msg(!opens(text), "%zu", i);
        text[i] = '\0';
        ck_assert(!opens(text));
        text[i] = kept;
    }
    // One's id with another's secret.
    memcpy(other, text, 4 + API_KEY_ID_CHARS);
    ck_assert(!opens(other));
    ck_assert(!opens(""));
    ck_assert(!opens("lmm_"));
}
END_TEST

START_TEST(keys_outlive_a_restart_and_their_texts_are_nowhere) {
    char text[API_KEY_CHARS + 1];
    struct api_key key = make("the mill", "capture", text), found;
    struct buf file = {0};
    ck_assert(opens(text));
    reopen();
    ck_assert(opens(text));
    assert_ok(api_keys_get(keys, key.id, &found));
    ck_assert_str_eq(found.name, "the mill");
    ck_assert_uint_eq(found.created_ms, key.created_ms);
    ck_assert_uint_ge(found.used_ms, key.created_ms);
    assert_ok(file_read(&file, path, 1 << 20));
    char name[80];
    snprintf(name, sizeof name, "%s-wal", path);
    if (file_exists(name)) assert_ok(file_read(&file, name, 1 << 22));
    const char *secret = text + 4 + API_KEY_ID_CHARS + 1;
    bool is_there = false;
    for (size_t i = 0; i + 64 <= file.len; i++) {
        ck_assert(memcmp(file.data + i, secret, 64) != 0);
        if (memcmp(file.data + i, "the mill", 8) == 0) is_there = true;
    }
    ck_assert(is_there); // the search can find something
    buf_clear(&file);
}
END_TEST

START_TEST(a_revoked_key_is_shut_for_good) {
    char text[API_KEY_CHARS + 1], next[API_KEY_CHARS + 1];
    struct api_key key = make("the mill", "capture", text), found;
    assert_ok(api_keys_revoke(keys, key.id, NULL));
    ck_assert(!opens(text));
    assert_ok(api_keys_get(keys, key.id, &found));
    ck_assert_uint_ge(found.revoked_ms, key.created_ms);
    assert_status(api_keys_rotate(keys, &key, 1000, NULL, next), STATUS_CONFLICT);
    reopen();
    ck_assert(!opens(text));
    uint64_t revoked_ms = found.revoked_ms;
    assert_ok(api_keys_revoke(keys, key.id, NULL));
    assert_ok(api_keys_get(keys, key.id, &found));
    ck_assert_uint_eq(found.revoked_ms, revoked_ms); // the first time counts
    assert_status(api_keys_revoke(keys, "0000000000000000", NULL), STATUS_NOT_FOUND);
    assert_status(api_keys_revoke(keys, "", NULL), STATUS_NOT_FOUND);
}
END_TEST

START_TEST(a_key_ends_when_it_was_said_to) {
    char text[API_KEY_CHARS + 1], next[API_KEY_CHARS + 1];
    struct api_key key = {
        .name = "a", .scopes = "x", .signer = "server", .expires_ms = clock_wall_ms() + 3600000};
    assert_ok(api_keys_make(keys, &key, NULL, NULL, text));
    ck_assert(opens(text));
    key.expires_ms = clock_wall_ms() - 1;
    assert_ok(api_keys_make(keys, &key, NULL, NULL, text));
    ck_assert(!opens(text));
    assert_status(api_keys_rotate(keys, &key, 0, NULL, next), STATUS_CONFLICT);
}
END_TEST

START_TEST(the_old_secret_goes_on_beside_the_new_one_for_a_while) {
    char first[API_KEY_CHARS + 1], second[API_KEY_CHARS + 1], third[API_KEY_CHARS + 1];
    struct api_key key = make("a", "x", first), rotated = key;
    assert_ok(api_keys_rotate(keys, &rotated, 3600000, NULL, second));
    ck_assert_str_eq(rotated.id, key.id);
    ck_assert_uint_ge(rotated.old_until_ms, key.created_ms + 3600000);
    ck_assert(opens(first) && opens(second));
    reopen();
    ck_assert(opens(first) && opens(second));
    assert_ok(api_keys_rotate(keys, &rotated, 3600000, NULL, third));
    ck_assert(!opens(first));
    ck_assert(opens(second) && opens(third));
    assert_ok(api_keys_rotate(keys, &rotated, 0, NULL, first));
    ck_assert(!opens(second));
    ck_assert(!opens(third)); // no overlap
    ck_assert(opens(first));
}
END_TEST

START_TEST(keys_are_listed_in_the_order_they_were_made) {
    enum { MANY = 25 };
    struct api_key list[MANY + 1];
    char text[API_KEY_CHARS + 1];
    for (int i = 0; i < MANY; i++) make("a", "x", text);
    ck_assert_uint_eq(list_keys(keys, "", list, MANY + 1), MANY);
    for (int i = 1; i < MANY; i++) {
        ck_assert_str_lt(list[i - 1].id, list[i].id);
        ck_assert_uint_le(list[i - 1].created_ms, list[i].created_ms);
    }
    ck_assert_uint_eq(list_keys(keys, list[9].id, list, 10), 10);
    ck_assert_uint_eq(list_keys(keys, list[9].id, list, 10), 5);
    ck_assert_uint_eq(list_keys(keys, list[4].id, list, 10), 0);
}
END_TEST

// Rows as a former process may have left them; the last of them ended this long ago.
static void fill(int count, uint64_t ended_ms_ago) {
    struct db *db;
    struct buf sql = {0};
    char url[80];
    api_keys_close(keys);
    snprintf(url, sizeof url, "sqlite:%s", path);
    assert_ok(db_open(&db, url));
    buf_append_format(&sql,
                      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                      " WHERE i < %d) INSERT INTO api_key SELECT printf('%%016x', i), 'a', 'x',"
                      " zeroblob(32), zeroblob(32), 0, 1,"
                      " CASE WHEN i = %d THEN %llu ELSE 0 END, 0, 0, 'server' FROM n",
                      count, count, (unsigned long long)(clock_wall_ms() - ended_ms_ago));
    assert_ok(db_exec_script(db, buf_as_string(&sql)));
    db_close(db);
    buf_clear(&sql);
    assert_ok(api_keys_open(&keys, path));
}

START_TEST(there_is_an_end_to_how_many) {
    struct api_key key = {.name = "a", .scopes = "x", .signer = "server"};
    char text[API_KEY_CHARS + 1];
    fill(LIMIT_API_KEYS, API_KEYS_KEPT_MS - 60000);
    assert_status(api_keys_make(keys, &key, NULL, NULL, text), STATUS_TOO_LARGE);
}
END_TEST

START_TEST(what_one_account_has_takes_no_other_ones_room) {
    struct api_key mill = {.name = "a", .scopes = "x", .signer = "mill"}, own = mill, bakery = mill;
    struct api_key list[LIMIT_SIGNER_API_KEYS + 2];
    char text[API_KEY_CHARS + 1];
    fill(LIMIT_API_KEYS, 0);
    for (int i = 0; i < LIMIT_SIGNER_API_KEYS; i++)
        assert_ok(api_keys_make(keys, &mill, NULL, NULL, text));
    assert_status(api_keys_make(keys, &mill, NULL, NULL, text), STATUS_TOO_LARGE);
    snprintf(own.signer, sizeof own.signer, "server");
    assert_status(api_keys_make(keys, &own, NULL, NULL, text), STATUS_TOO_LARGE);
    snprintf(bakery.signer, sizeof bakery.signer, "bakery");
    assert_ok(api_keys_make(keys, &bakery, NULL, NULL, text));
    reopen();
    ck_assert(opens(text));
    struct api_key_listing asked = {"mill", "", LIMIT_SIGNER_API_KEYS + 2};
    ck_assert_uint_eq(api_keys_list(keys, &asked, list), LIMIT_SIGNER_API_KEYS);
    asked.behind = list[1].id;
    asked.max = 2;
    char third[sizeof list->id];
    snprintf(third, sizeof third, "%s", list[2].id);
    ck_assert_uint_eq(api_keys_list(keys, &asked, list), 2);
    ck_assert_str_eq(list[0].id, third);
}
END_TEST

START_TEST(what_ended_long_ago_makes_room) {
    struct api_key key = {.name = "a", .scopes = "x", .signer = "server"};
    char text[API_KEY_CHARS + 1];
    fill(LIMIT_API_KEYS, API_KEYS_KEPT_MS + 60000);
    assert_ok(api_keys_make(keys, &key, NULL, NULL, text));
    ck_assert(opens(text));
    reopen();
    ck_assert(opens(text));
    ck_assert_int_eq(api_keys_get(keys, "0000000000001000", &key), STATUS_NOT_FOUND);
    assert_ok(api_keys_get(keys, "0000000000000fff", &key));
}
END_TEST

START_TEST(a_damaged_store_is_not_opened) {
    struct db *db;
    char url[80];
    fill(3, 0);
    api_keys_close(keys);
    snprintf(url, sizeof url, "sqlite:%s", path);
    assert_ok(db_open(&db, url));
    assert_ok(db_exec_script(db, "UPDATE api_key SET hash = zeroblob(31)"));
    db_close(db);
    assert_status(api_keys_open(&keys, path), STATUS_CORRUPT);
    ck_assert_ptr_null(keys);
}
END_TEST

// Sees that there is no key of this id yet, even after a crash at this moment.
static enum status refuse(void *context, const char *id) {
    struct api_keys *found;
    struct api_key list[2];
    assert_ok(api_keys_open(&found, path));
    ck_assert_uint_eq(list_keys(found, "", list, 2), 0);
    api_keys_close(found);
    ck_assert(api_key_is_id(id));
    *(enum status *)context = STATUS_IO;
    return STATUS_IO;
}

START_TEST(what_a_key_needs_is_there_before_it) {
    enum status told = STATUS_OK;
    const struct api_key_prepare prepare = {refuse, &told};
    struct api_key key = {.name = "a", .scopes = "capture", .signer = "server"}, list[2];
    char text[API_KEY_CHARS + 1];
    ck_assert_int_eq(api_keys_make(keys, &key, &prepare, NULL, text), STATUS_IO);
    ck_assert_int_eq(told, STATUS_IO);
    ck_assert_uint_eq(list_keys(keys, "", list, 2), 0);
    reopen();
    ck_assert_uint_eq(list_keys(keys, "", list, 2), 0);
}
END_TEST

// What is handed on, and how many of it are taken.
struct taking {
    char seen[256];
    int left;
};
static enum status take(void *context, const struct api_key_line *line) {
    struct taking *taking = context;
    size_t len = strlen(taking->seen);
    if (taking->left-- == 0) return STATUS_IO;
    ck_assert_uint_gt(line->at_ms, 0);
    snprintf(taking->seen + len, sizeof taking->seen - len, "%s by %s: %s;", line->note.action,
             line->note.actor, line->note.detail);
    return STATUS_OK;
}

START_TEST(what_is_done_to_a_key_is_noted_with_it_until_it_is_taken) {
    static const struct api_key_note made = {"me", "key.made", "a"},
                                     rotated = {"you", "turned", ""},
                                     revoked = {"me", "ended", "b"};
    struct taking taking = {.left = 2};
    struct api_key key = {.name = "a", .scopes = "capture", .signer = "server"};
    char text[API_KEY_CHARS + 1];
    assert_ok(api_keys_make(keys, &key, NULL, &made, text));
    assert_ok(api_keys_rotate(keys, &key, 0, &rotated, text));
    assert_ok(api_keys_revoke(keys, key.id, &revoked));
    // What refused to be done is not noted.
    assert_status(api_keys_rotate(keys, &key, 0, &rotated, text), STATUS_CONFLICT);
    assert_status(api_keys_revoke(keys, "0000000000000000", &revoked), STATUS_NOT_FOUND);
    reopen();
    assert_status(api_keys_take_notes(keys, take, &taking), STATUS_IO);
    ck_assert_str_eq(taking.seen, "key.made by me: a;turned by you: ;");
    // Those that were taken are gone, also after a restart; the rest comes when it is asked for.
    reopen();
    taking = (struct taking){.left = 9};
    assert_ok(api_keys_take_notes(keys, take, &taking));
    ck_assert_str_eq(taking.seen, "ended by me: b;");
    taking.seen[0] = '\0';
    assert_ok(api_keys_take_notes(keys, take, &taking));
    ck_assert_str_eq(taking.seen, "");
}
END_TEST

START_TEST(a_key_is_not_made_where_its_note_cannot_be_written) {
    static const struct api_key_note made = {"me", "key.made", "a"};
    struct api_key key = {.name = "a", .scopes = "capture", .signer = "server"}, list[2];
    char text[API_KEY_CHARS + 1], url[96];
    struct db *db;
    snprintf(url, sizeof url, "sqlite:%s", path);
    assert_ok(db_open(&db, url));
    assert_ok(db_exec_script(db, "DROP TABLE api_key_note;"));
    db_close(db);
    ck_assert_int_ne(api_keys_make(keys, &key, NULL, &made, text), STATUS_OK);
    ck_assert_uint_eq(list_keys(keys, "", list, 2), 0);
    reopen();
    ck_assert_uint_eq(list_keys(keys, "", list, 2), 0);
}
END_TEST

static enum status fail_to(void *context, const char *id) {
    (void)context, (void)id;
    return STATUS_IO;
}
static enum status agree(void *context, const char *id) {
    snprintf(context, API_KEY_ID_CHARS + 1, "%s", id);
    return STATUS_OK;
}

START_TEST(a_change_elsewhere_is_noted_unless_it_fails) {
    static const struct api_key_note limited = {"me", "key.limited", "a"};
    char changed[API_KEY_ID_CHARS + 1] = "", text[API_KEY_CHARS + 1];
    const struct api_key_prepare fails = {fail_to, NULL}, works = {agree, changed};
    struct taking taking = {.left = 9};
    struct api_key key = make("a", "capture", text);
    assert_status(api_keys_change(keys, key.id, &fails, &limited), STATUS_IO);
    assert_status(api_keys_change(keys, "0000000000000000", &works, &limited), STATUS_NOT_FOUND);
    ck_assert_str_eq(changed, "");
    assert_ok(api_keys_change(keys, key.id, &works, &limited));
    ck_assert_str_eq(changed, key.id);
    assert_ok(api_keys_take_notes(keys, take, &taking));
    ck_assert_str_eq(taking.seen, "key.limited by me: a;");
}
END_TEST

Suite *api_keys_suite(void) {
    Suite *suite = suite_create("api keys");
    TCase *cases = tcase_create("api keys");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, what_a_key_needs_is_there_before_it);
    tcase_add_test(cases, what_is_done_to_a_key_is_noted_with_it_until_it_is_taken);
    tcase_add_test(cases, a_key_is_not_made_where_its_note_cannot_be_written);
    tcase_add_test(cases, a_change_elsewhere_is_noted_unless_it_fails);
    tcase_add_test(cases, a_file_of_before_keys_had_a_signer_is_all_of_the_server_s_own);
    tcase_add_test(cases, a_key_opens_by_its_whole_text_alone);
    tcase_add_test(cases, keys_outlive_a_restart_and_their_texts_are_nowhere);
    tcase_add_test(cases, a_revoked_key_is_shut_for_good);
    tcase_add_test(cases, a_key_ends_when_it_was_said_to);
    tcase_add_test(cases, the_old_secret_goes_on_beside_the_new_one_for_a_while);
    tcase_add_test(cases, keys_are_listed_in_the_order_they_were_made);
    tcase_add_test(cases, there_is_an_end_to_how_many);
    tcase_add_test(cases, what_one_account_has_takes_no_other_ones_room);
    tcase_add_test(cases, what_ended_long_ago_makes_room);
    tcase_add_test(cases, a_damaged_store_is_not_opened);
    suite_add_tcase(suite, cases);
    return suite;
}
