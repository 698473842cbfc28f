// SPDX-License-Identifier: Apache-2.0
// API keys as an operator meets them: made, used, rotated, revoked, over HTTP and over a restart.
#include <stdio.h>

#include "apps/common/db/db.h"
#include "apps/supplychain/test/capturing.h"
#include "tests/support/unit.h"

static void set_up(void) {
    server_init(&server, "./lmm-supplychain");
    server_start(&server);
}
static void tear_down(void) { server_clear(&server); }

static char bearer[160];

// Asks with this key; "" is none.
static long ask_as(const char *key, const char *method, const char *path, const char *body,
                   json_t **out) {
    struct reply reply;
    json_error_t error;
    struct ask ask = {.path = path, .method = method, .without_key = true};
    snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", key);
    if (*key) ask.header = bearer;
    if (body) ask.body = bytes_of_string(body);
    if (body) ask.content_type = "application/json";
    server_ask(&server, &ask, &reply);
    long status = reply.status;
    if (out) *out = json_loadb((const char *)reply.body.data, reply.body.len, 0, &error);
    reply_clear(&reply);
    return status;
}

// A key of these scopes (JSON), into `key`; its id into `id`.
static void make(const char *by, const char *scopes, char key[128], char id[32]) {
    json_t *made;
    char body[256];
    snprintf(body, sizeof body, "{\"name\":\"a key\",\"scopes\":%s}", scopes);
    ck_assert_int_eq(ask_as(by, "POST", "/v1/keys", body, &made), 201);
    snprintf(key, 128, "%s", member(made, "key"));
    snprintf(id, 32, "%s", member(made, "id"));
    json_decref(made);
}

static long capture_as(const char *key) {
    return ask_as(key, "POST", "/capture", DOCUMENT(EVENT("", EPC_A, "")), NULL);
}

START_TEST(a_key_does_what_its_scopes_say) {
    char key[128], admin[128], id[32], admin_id[32];
    make(server.api_key, "[\"capture\"]", key, id);
    make(server.api_key, "[\"admin\"]", admin, admin_id);
    ck_assert_int_eq(capture_as(key), 202);
    ck_assert_int_eq(capture_as(admin), 403);
    ck_assert_int_eq(ask_as(key, "GET", "/v1/keys", NULL, NULL), 403);
    ck_assert_int_eq(ask_as(admin, "GET", "/v1/keys", NULL, NULL), 200);
    ck_assert_int_eq(ask_as("", "GET", "/v1/keys", NULL, NULL), 401);
    // Nobody gives away what they do not have.
    json_t *problem;
    ck_assert_int_eq(ask_as(admin, "POST", "/v1/keys",
                            "{\"name\":\"x\",\"scopes\":[\"admin\",\"capture\"]}", &problem),
                     403);
    ck_assert_str_eq(member(problem, "code"), "missing_scope");
    ck_assert_str_eq(member(problem, "scope"), "capture");
    json_decref(problem);
    ck_assert_int_eq(ask_as(admin, "POST", "/v1/keys", "{\"name\":\"x\",\"scopes\":[\"*\"]}", NULL),
                     403);
    char path[64];
    snprintf(path, sizeof path, "/v1/keys/%s/rotate", id);
    ck_assert_int_eq(ask_as(admin, "POST", path, NULL, NULL), 403);
    make(admin, "[\"admin\"]", key, id);
    ck_assert_int_eq(ask_as(key, "GET", "/v1/keys", NULL, NULL), 200);
}
END_TEST

START_TEST(a_key_is_told_once_and_outlives_a_restart) {
    char key[128], id[32], path[64];
    json_t *shown, *list;
    make(server.api_key, "[\"capture\"]", key, id);
    ck_assert_int_eq(capture_as(key), 202);
    snprintf(path, sizeof path, "/v1/keys/%s", id);
    ck_assert_int_eq(ask_as(server.api_key, "GET", path, NULL, &shown), 200);
    ck_assert_str_eq(member(shown, "name"), "a key");
    ck_assert_str_eq(json_string_value(json_array_get(json_object_get(shown, "scopes"), 0)),
                     "capture");
    ck_assert(json_is_string(json_object_get(shown, "last_used")));
    ck_assert(json_is_null(json_object_get(shown, "expires")));
    ck_assert_ptr_null(json_object_get(shown, "key"));
    json_decref(shown);
    server_stop(&server);
    server_start(&server);
    ck_assert_int_eq(capture_as(key), 202);
    ck_assert_int_eq(ask_as(server.api_key, "GET", "/v1/keys", NULL, &list), 200);
    ck_assert_uint_eq(json_array_size(json_object_get(list, "items")), 1);
    json_decref(list);
}
END_TEST

START_TEST(a_rotated_key_overlaps_and_a_revoked_one_is_shut) {
    char key[128], id[32], path[64];
    json_t *rotated;
    make(server.api_key, "[\"capture\"]", key, id);
    snprintf(path, sizeof path, "/v1/keys/%s/rotate", id);
    ck_assert_int_eq(ask_as(server.api_key, "POST", path, "{\"overlap_s\":3600}", &rotated), 200);
    ck_assert_str_eq(member(rotated, "id"), id);
    ck_assert_int_eq(capture_as(key), 202);
    ck_assert_int_eq(capture_as(member(rotated, "key")), 202);
    snprintf(path, sizeof path, "/v1/keys/%s", id);
    ck_assert_int_eq(ask_as(server.api_key, "DELETE", path, NULL, NULL), 204);
    ck_assert_int_eq(capture_as(key), 401);
    ck_assert_int_eq(capture_as(member(rotated, "key")), 401);
    snprintf(path, sizeof path, "/v1/keys/%s/rotate", id);
    ck_assert_int_eq(ask_as(server.api_key, "POST", path, "{}", NULL), 409);
    ck_assert_int_eq(ask_as(server.api_key, "DELETE", "/v1/keys/none", NULL, NULL), 404);
    ck_assert_int_eq(ask_as(server.api_key, "POST", "/v1/keys/none/rotate", NULL, NULL), 404);
    json_decref(rotated);
}
END_TEST

START_TEST(what_is_no_key_is_refused_with_the_place) {
    static const struct {
        const char *body;
        const char *pointer;
    } cases[] = {
        {"", ""},
        {"[]", ""},
        {"{", ""},
        {"{\"name\":\"a\",\"name\":\"b\",\"scopes\":[\"capture\"]}", ""},
        {"{\"scopes\":[\"capture\"]}", "/name"},
        {"{\"name\":\"\",\"scopes\":[\"capture\"]}", "/name"},
        {"{\"name\":\"a\\nb\",\"scopes\":[\"capture\"]}", "/name"},
        {"{\"name\":\"a\"}", "/scopes"},
        {"{\"name\":\"a\",\"scopes\":[]}", "/scopes"},
        {"{\"name\":\"a\",\"scopes\":\"capture\"}", "/scopes"},
        {"{\"name\":\"a\",\"scopes\":[\"capture\",\"capture\"]}", "/scopes"},
        {"{\"name\":\"a\",\"scopes\":[\"fly\"]}", "/scopes"},
        {"{\"name\":\"a\",\"scopes\":[\"capture admin\"]}", "/scopes"},
        {"{\"name\":\"a\",\"scopes\":[\"capture\"],\"colour\":1}", "/colour"},
        {"{\"name\":\"a\",\"scopes\":[\"capture\"],\"expires_in_s\":0}", "/expires_in_s"},
        {"{\"name\":\"a\",\"scopes\":[\"capture\"],\"expires_in_s\":-1}", "/expires_in_s"},
        {"{\"name\":\"a\",\"scopes\":[\"capture\"],\"expires_in_s\":1.5}", "/expires_in_s"},
        {"{\"name\":\"a\",\"scopes\":[\"capture\"],\"expires_in_s\":999999999}", "/expires_in_s"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *problem;
        const char *body = cases[i].body;
        long status = ask_as(server.api_key, "POST", "/v1/keys", *body ? body : " ", &problem);
        ck_assert_msg(status == 400, "%zu: %ld", i, status);
        ck_assert_str_eq(member(problem, "pointer"), cases[i].pointer);
        json_decref(problem);
    }
    json_t *made;
    ck_assert_int_eq(ask_as(server.api_key, "POST", "/v1/keys",
                            "{\"name\":\"a\",\"scopes\":[\"capture\"],\"expires_in_s\":60}", &made),
                     201);
    ck_assert(json_is_string(json_object_get(made, "expires")));
    json_decref(made);
}
END_TEST

START_TEST(keys_are_listed_by_pages) {
    char key[128], id[5][32], path[128] = "/v1/keys?perPage=2";
    struct reply reply;
    for (int i = 0; i < 5; i++) make(server.api_key, "[\"capture\"]", key, id[i]);
    for (int page = 0; page < 3; page++) {
        server_ask(&server, &(struct ask){.path = path}, &reply);
        json_t *list = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
        const json_t *items = json_object_get(list, "items");
        ck_assert_uint_eq(json_array_size(items), page < 2 ? 2 : 1);
        for (size_t i = 0; i < json_array_size(items); i++)
            ck_assert_str_eq(member(json_array_get(items, i), "id"), id[2 * page + (int)i]);
        ck_assert(!*reply.link == (page == 2));
        if (*reply.link) ck_assert_int_eq(sscanf(reply.link, " <%127[^>]>", path), 1);
        json_decref(list);
        reply_clear(&reply);
    }
    static const char *const bad[] = {"perPage=0", "perPage=1001", "perPage=x", "nextPageToken=x",
                                      "nextPageToken="};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(path, sizeof path, "/v1/keys?%s", bad[i]);
        ck_assert_int_eq(ask_as(server.api_key, "GET", path, NULL, NULL), 400);
    }
}
END_TEST

static size_t jobs_of(const char *key) {
    json_t *jobs;
    ck_assert_int_eq(ask_as(key, "GET", "/capture", NULL, &jobs), 200);
    size_t count = json_array_size(jobs);
    json_decref(jobs);
    return count;
}

// As when the account's key was taken out of the keystore.
static void lose_signers(void) {
    struct db *db;
    char url[1024];
    server_stop(&server);
    snprintf(url, sizeof url, "sqlite:%s/data/api-keys.db", server.folder);
    assert_ok(db_open(&db, url));
    assert_ok(db_exec_script(db, "UPDATE api_key SET signer = 'the mill';"));
    db_close(db);
    server_start(&server);
}

START_TEST(who_acts_as_an_account_sees_its_jobs_and_without_its_key_none) {
    json_t *made;
    char key[128];
    ck_assert_int_eq(ask_as(server.api_key, "POST", "/v1/keys",
                            "{\"name\":\"a till\",\"scopes\":[\"capture\"],\"signer\":\"alice\"}",
                            &made),
                     201);
    snprintf(key, sizeof key, "%s", member(made, "key"));
    json_decref(made);
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_A, ""))));
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_B, ""))));
    ck_assert_int_eq(capture_as(key), 202);
    ck_assert_uint_eq(jobs_of(server.api_key), 2);
    ck_assert_uint_eq(jobs_of(key), 1);
    lose_signers();
    ck_assert_uint_eq(jobs_of(key), 0);
    ck_assert_int_eq(capture_as(key), 403);
    ck_assert_uint_eq(jobs_of(server.api_key), 2);
}
END_TEST

START_TEST(whoever_guesses_is_told_to_wait) {
    for (int i = 0; i < 10; i++) ck_assert_int_eq(capture_as("guess"), 401);
    ck_assert_int_eq(capture_as("guess"), 429);
    ck_assert_int_eq(capture_as(server.api_key), 202);
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("api keys");
    TCase *cases = tcase_create("api keys");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_key_does_what_its_scopes_say);
    tcase_add_test(cases, a_key_is_told_once_and_outlives_a_restart);
    tcase_add_test(cases, a_rotated_key_overlaps_and_a_revoked_one_is_shut);
    tcase_add_test(cases, what_is_no_key_is_refused_with_the_place);
    tcase_add_test(cases, keys_are_listed_by_pages);
    tcase_add_test(cases, who_acts_as_an_account_sees_its_jobs_and_without_its_key_none);
    tcase_add_test(cases, whoever_guesses_is_told_to_wait);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
