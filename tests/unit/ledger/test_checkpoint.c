// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>

#include "chaincore/ledger/checkpoint.h"
#include "tests/unit/ledger/log_fixture.h"

static struct state_version *extend(struct state *state, struct state_version *base, uint64_t *seed,
                                    uint64_t height) {
    struct state_draft *draft = state_draft_begin(state, base);
    for (int i = 0; i < 200; i++) {
        uint64_t key = next_random(seed) % 500, value = next_random(seed);
        if (value % 3 == 0)
            state_delete(draft, BYTES_OF(key));
        else
            state_put(draft, BYTES_OF(key), BYTES_OF(value));
    }
    state_version_unref(base);
    return state_commit(draft, height);
}

START_TEST(what_was_written_is_loaded_again) {
    char folder[64], path[80];
    struct state *state = state_create();
    struct checkpoint *checkpoint;
    struct state_version *version, *loaded;
    struct cut cut, loaded_cut;
    uint64_t seed = 5;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/state.sqlite", folder);
    assert_ok(checkpoint_open_plain(&checkpoint, path, state, &version, &cut));
    ck_assert_uint_eq(state_version_height(version), 0);
    for (uint64_t height = 1; height <= 20; height++) {
        version = extend(state, version, &seed, height);
        cut_make(&cut, height, state_root(version));
        checkpoint_start(checkpoint, version, &cut);
        if (height % 3 == 0) assert_ok(checkpoint_wait(checkpoint));
    }
    assert_ok(checkpoint_wait(checkpoint));
    checkpoint_start(checkpoint, version, &cut);
    assert_ok(checkpoint_wait(checkpoint));
    checkpoint_close(checkpoint);
    assert_ok(checkpoint_open_plain(&checkpoint, path, state, &loaded, &loaded_cut));
    ck_assert_uint_eq(state_version_height(loaded), 20);
    ck_assert_mem_eq(&loaded_cut.header, &cut.header, sizeof cut.header);
    ck_assert_mem_eq(&loaded_cut.below, &cut.below, sizeof cut.below);
    ck_assert(hash_equal(state_root(loaded), state_root(version)));
    checkpoint_close(checkpoint);
    state_version_unref(loaded);
    state_version_unref(version);
    state_free(state);
    remove_folder(folder);
}
END_TEST

START_TEST(a_changed_row_is_found_by_the_root) {
    char folder[64], path[80];
    struct state *state = state_create();
    struct checkpoint *checkpoint;
    struct state_version *version;
    struct cut cut;
    uint64_t seed = 6;
    sqlite3 *db;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/state.sqlite", folder);
    assert_ok(checkpoint_open_plain(&checkpoint, path, state, &version, &cut));
    version = extend(state, version, &seed, 1);
    cut_make(&cut, 1, state_root(version));
    checkpoint_start(checkpoint, version, &cut);
    checkpoint_close(checkpoint);
    state_version_unref(version);
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db,
                                  "UPDATE state SET value = x'00' WHERE key ="
                                  " (SELECT min(key) FROM state)",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    assert_status(checkpoint_open_plain(&checkpoint, path, state, &version, &cut), STATUS_CORRUPT);
    state_free(state);
    remove_folder(folder);
}
END_TEST

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t attempted = PTHREAD_COND_INITIALIZER;
static unsigned attempts;

static void note_attempt(void *context) {
    (void)context;
    pthread_mutex_lock(&lock);
    attempts++;
    pthread_cond_broadcast(&attempted);
    pthread_mutex_unlock(&lock);
}

static unsigned count_attempts(void) {
    pthread_mutex_lock(&lock);
    unsigned count = attempts;
    pthread_mutex_unlock(&lock);
    return count;
}

static void await_attempts(unsigned count) {
    pthread_mutex_lock(&lock);
    while (attempts < count) pthread_cond_wait(&attempted, &lock);
    pthread_mutex_unlock(&lock);
}

static struct checkpoint_health health_of(struct checkpoint *checkpoint) {
    struct checkpoint_health health;
    checkpoint_health(checkpoint, &health);
    return health;
}

static void run_sql(sqlite3 *db, const char *sql) {
    ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

START_TEST(what_cannot_be_written_is_told_of_and_tried_again) {
    char folder[64], path[80];
    struct state *state = state_create();
    struct checkpoint *checkpoint;
    struct state_version *version, *newest;
    struct cut cut;
    uint64_t seed = 7;
    sqlite3 *db;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/state.sqlite", folder);
    struct checkpoint_config config = {.path = path, .state = state, .on_attempt = note_attempt};
    assert_ok(checkpoint_open(&checkpoint, &config, &version, &cut));
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    run_sql(db, "BEGIN IMMEDIATE"); // nobody else can write now
    for (uint64_t height = 1; height <= 3; height++) {
        version = extend(state, version, &seed, height);
        cut_make(&cut, height, state_root(version));
        checkpoint_start(checkpoint, version, &cut);
        assert_status(checkpoint_wait(checkpoint), STATUS_IO);
        ck_assert_uint_ge(health_of(checkpoint).failures, height);
        ck_assert_uint_eq(health_of(checkpoint).height, 0);
        ck_assert(!checkpoint_newest(checkpoint, &newest, &cut));
    }
    await_attempts(4); // by itself
    run_sql(db, "COMMIT");
    for (unsigned seen = count_attempts(); health_of(checkpoint).failures > 0;
         seen = count_attempts())
        await_attempts(seen + 1);
    ck_assert_int_eq(health_of(checkpoint).last, STATUS_OK);
    ck_assert_uint_eq(health_of(checkpoint).height, 3);
    // What never succeeds does not hold up the end.
    run_sql(db, "BEGIN IMMEDIATE");
    version = extend(state, version, &seed, 4);
    cut_make(&cut, 4, state_root(version));
    checkpoint_start(checkpoint, version, &cut);
    checkpoint_close(checkpoint);
    run_sql(db, "COMMIT");
    sqlite3_close(db);
    state_version_unref(version);
    assert_ok(checkpoint_open_plain(&checkpoint, path, state, &version, &cut));
    ck_assert_uint_eq(state_version_height(version), 3);
    checkpoint_close(checkpoint);
    state_version_unref(version);
    state_free(state);
    remove_folder(folder);
}
END_TEST

// Nothing waits for anything else, and what failed comes with the next one.
START_TEST(one_without_a_thread_is_written_by_its_caller) {
    char folder[64], path[80];
    struct state *state = state_create();
    struct checkpoint *checkpoint;
    struct state_version *version;
    struct cut cut;
    uint64_t seed = 8;
    unsigned before = count_attempts();
    sqlite3 *db;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/state.sqlite", folder);
    struct checkpoint_config config = {
        .path = path, .state = state, .on_attempt = note_attempt, .writes_at_once = true};
    assert_ok(checkpoint_open(&checkpoint, &config, &version, &cut));
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    for (uint64_t height = 1; height <= 3; height++) {
        version = extend(state, version, &seed, height);
        cut_make(&cut, height, state_root(version));
        if (height == 2) run_sql(db, "BEGIN IMMEDIATE"); // nobody else can write now
        checkpoint_start(checkpoint, version, &cut);
        if (height == 2) run_sql(db, "COMMIT");
        ck_assert_uint_eq(count_attempts(), before + height);
        ck_assert_uint_eq(health_of(checkpoint).height, height == 2 ? 1 : height);
        ck_assert_uint_eq(health_of(checkpoint).failures, height == 2);
    }
    assert_ok(checkpoint_wait(checkpoint));
    sqlite3_close(db);
    checkpoint_close(checkpoint);
    state_version_unref(version);
    assert_ok(checkpoint_open_plain(&checkpoint, path, state, &version, &cut));
    ck_assert_uint_eq(state_version_height(version), 3);
    checkpoint_close(checkpoint);
    state_version_unref(version);
    state_free(state);
    remove_folder(folder);
}
END_TEST

Suite *checkpoint_suite(void) {
    Suite *suite = suite_create("checkpoint");
    TCase *cases = tcase_create("checkpoint");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, what_was_written_is_loaded_again);
    tcase_add_test(cases, a_changed_row_is_found_by_the_root);
    tcase_add_test(cases, what_cannot_be_written_is_told_of_and_tried_again);
    tcase_add_test(cases, one_without_a_thread_is_written_by_its_caller);
    suite_add_tcase(suite, cases);
    return suite;
}
