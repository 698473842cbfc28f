// SPDX-License-Identifier: Apache-2.0
// What an account keeps for itself on a server of several: webhooks, named queries and
// subscriptions of one are, for the others, as if they were not there. The business' own account
// has all.
#include <stdio.h>

#include "apps/common/db/db.h"
#include "apps/supplychain/test/capturing.h"
#include "chaincore/base/limits.h"
#include "tests/support/database.h"
#include "tests/support/receiver.h"
#include "tests/support/unit.h"

static struct receiver *receiver;
static char firm[sizeof server.api_key]; // the key that may do everything

static void set_up(void) {
    server_init(&server, "./lmm-supplychain");
    server.flags[0] = "--webhook-http";
    server.flags[1] = "--webhook-private-targets";
    receiver = receiver_open(0);
}
static void tear_down(void) {
    server_clear(&server);
    receiver_close(receiver);
}
static void begin(const char *index) {
    server.index = index;
    server_start(&server);
    snprintf(firm, sizeof firm, "%s", server.api_key);
}

struct company {
    char key[sizeof server.api_key];
    char hook[64]; // the path of its webhook
    char link[96]; // of its subscription
};

// Asks by this key from now on.
static void act_as(const char *key) { snprintf(server.api_key, sizeof server.api_key, "%s", key); }

static long ask(const char *key, const char *method, const char *path, const char *body) {
    act_as(key);
    long code = server_ask_json(&server, method, path, body, NULL);
    act_as(firm);
    return code;
}

static json_t *look(const char *key, const char *path) {
    act_as(key);
    json_t *shown = server_get(&server, path);
    act_as(firm);
    return shown;
}

static json_t *make(const char *key, const char *path, const char *body) {
    json_t *made;
    act_as(key);
    ck_assert_int_eq(server_ask_json(&server, "POST", path, body, &made), 201);
    act_as(firm);
    return made;
}

// It has as many as it may have: that is none of the server's troubles, which would pass.
static void assert_used_up(const char *key, const char *method, const char *path,
                           const char *body) {
    json_t *problem;
    act_as(key);
    ck_assert_int_eq(server_ask_json(&server, method, path, body, &problem), 409);
    ck_assert_str_eq(member(problem, "code"), "quota_used_up");
    json_decref(problem);
    act_as(firm);
}

// It calls its query "a", and this is what that looks for.
static void open_company(struct company *out, const char *signer, const char *epc) {
    char body[256];
    snprintf(body, sizeof body,
             "{\"name\":\"its clerk\",\"scopes\":[\"webhooks\",\"queries\",\"capture\"],"
             "\"signer\":\"%s\"}",
             signer);
    json_t *made = make(firm, "/v1/keys", body);
    snprintf(out->key, sizeof out->key, "%s", member(made, "key"));
    json_decref(made);
    snprintf(body, sizeof body, "{\"url\":\"http://127.0.0.1:%u/hook\",\"kinds\":[\"capture\"]}",
             receiver_port(receiver));
    made = make(out->key, "/v1/webhooks", body);
    ck_assert_str_eq(member(made, "signer"), signer);
    snprintf(out->hook, sizeof out->hook, "/v1/webhooks/%s", member(made, "id"));
    json_decref(made);
    snprintf(body, sizeof body, "{\"name\":\"a\",\"query\":{\"MATCH_anyEPC\":[\"%s\"]}}", epc);
    json_decref(make(out->key, "/queries", body));
    ck_assert_int_eq(ask(out->key, "POST", "/queries", body), 409);
    snprintf(body, sizeof body, "{\"dest\":\"http://127.0.0.1:%u/%s\",\"stream\":true}",
             receiver_port(receiver), signer);
    made = make(out->key, "/queries/a/subscriptions", body);
    snprintf(out->link, sizeof out->link, "/queries/a/subscriptions/%s",
             member(made, "subscriptionID"));
    json_decref(made);
}

static size_t count(const char *key, const char *path) {
    json_t *shown = look(key, path), *items = json_object_get(shown, "items");
    size_t there = json_array_size(items ? items : shown);
    json_decref(shown);
    return there;
}

// None of what another has can be seen, changed or taken away.
static void check_strange(const char *key, const struct company *other) {
    static const struct {
        const char *method, *behind, *body;
    } of_hooks[] = {{"GET", "", NULL},
                    {"PATCH", "", "{\"state\":\"paused\"}"},
                    {"DELETE", "", NULL},
                    {"POST", "/rotate", "{}"},
                    {"POST", "/replay", "{\"from_height\":1}"},
                    {"POST", "/messages/msg_1_0/resend", NULL},
                    {"GET", "/deliveries", NULL}};
    char path[160];
    for (size_t i = 0; i < sizeof of_hooks / sizeof *of_hooks; i++) {
        snprintf(path, sizeof path, "%s%s", other->hook, of_hooks[i].behind);
        ck_assert_int_eq(ask(key, of_hooks[i].method, path, of_hooks[i].body), 404);
        // A subscription is a webhook too.
        snprintf(path, sizeof path, "/v1/webhooks%s%s", strrchr(other->link, '/'),
                 of_hooks[i].behind);
        ck_assert_int_eq(ask(key, of_hooks[i].method, path, of_hooks[i].body), 404);
    }
    ck_assert_int_eq(ask(key, "GET", other->link, NULL), 404);
    ck_assert_int_eq(ask(key, "DELETE", other->link, NULL), 404);
}

static void check_lists(const struct company *one, const char *signer) {
    json_t *list = look(one->key, "/queries");
    ck_assert_uint_eq(json_array_size(list), 1);
    ck_assert_str_eq(member(json_array_get(list, 0), "signer"), signer);
    json_decref(list);
    ck_assert_uint_eq(count(one->key, "/queries/a/subscriptions"), 1);
    list = look(one->key, "/v1/webhooks");
    const json_t *items = json_object_get(list, "items");
    ck_assert_uint_eq(json_array_size(items), 2);
    for (size_t i = 0; i < 2; i++)
        ck_assert_str_eq(member(json_array_get(items, i), "signer"), signer);
    json_decref(list);
}

// Of two companies each calls a query "a", and hears of what its own finds.
static void check_told(void) {
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_A, "") "," EVENT("", EPC_B, ""))));
    size_t of_alice = 0, of_bob = 0, count = receiver_await(receiver, 4); // two of the webhooks
    ck_assert_uint_eq(count, 4);
    for (size_t i = 0; i < count; i++) {
        const struct receiver_post *post = receiver_at(receiver, i);
        bool is_alices = strcmp(post->path, "/alice") == 0;
        if (strcmp(post->path, "/hook") == 0) continue;
        ck_assert_ptr_nonnull(strstr(post->body, is_alices ? EPC_A : EPC_B));
        ck_assert_ptr_null(strstr(post->body, is_alices ? EPC_B : EPC_A));
        is_alices ? of_alice++ : of_bob++;
    }
    ck_assert_uint_eq(of_alice, 1);
    ck_assert_uint_eq(of_bob, 1);
}

START_TEST(what_one_account_keeps_another_neither_sees_nor_changes) {
    static struct test_database database;
    static struct company alice, bob;
    if (!test_database_open(&database, _i)) return;
    begin(database.url);
    open_company(&alice, "alice", EPC_A);
    open_company(&bob, "bob", EPC_B);
    check_lists(&alice, "alice");
    check_lists(&bob, "bob");
    check_strange(alice.key, &bob);
    check_strange(bob.key, &alice);
    check_lists(&alice, "alice"); // nothing of it is gone
    check_told();
    // Nor by the name of the account.
    ck_assert_int_eq(ask(alice.key, "GET", "/queries/a?signer=alice", NULL), 200);
    ck_assert_int_eq(ask(alice.key, "GET", "/queries/a?signer=bob", NULL), 404);
    ck_assert_int_eq(ask(alice.key, "GET", "/queries/a/events?signer=bob", NULL), 404);
    ck_assert_int_eq(ask(alice.key, "DELETE", "/queries/a?signer=bob", NULL), 404);
    // What is taken away is one's own alone.
    ck_assert_int_eq(ask(alice.key, "DELETE", "/queries/a", NULL), 204);
    ck_assert_int_eq(ask(alice.key, "GET", "/queries/a", NULL), 404);
    ck_assert_int_eq(ask(alice.key, "GET", alice.link, NULL), 404);
    check_lists(&bob, "bob");
    server_kill(&server);
    server_start(&server);
    check_lists(&bob, "bob");
    server_clear(&server); // leaves the database first
    test_database_close(&database);
    server_init(&server, "./lmm-supplychain");
}
END_TEST

START_TEST(the_business_itself_has_to_do_with_all) {
    static struct company alice, bob;
    char path[96], link[512];
    struct reply page;
    begin(NULL);
    open_company(&alice, "alice", EPC_A);
    open_company(&bob, "bob", EPC_B);
    ck_assert_uint_eq(count(firm, "/v1/webhooks"), 4);
    ck_assert_int_eq(ask(firm, "PATCH", alice.hook, "{\"description\":\"hers\"}"), 200);
    ck_assert_int_eq(ask(firm, "POST", "/queries", "{\"name\":\"a\",\"query\":{}}"), 201);
    ck_assert_uint_eq(count(firm, "/queries"), 3);
    // Page by page: names are the same, their owners are not.
    snprintf(link, sizeof link, "/queries?perPage=1");
    for (int i = 0; i < 3; i++) {
        static const char *const owners[] = {"alice", "bob", ""};
        server_ask(&server, &(struct ask){.path = link}, &page);
        json_t *list = json_loads((const char *)page.body.data, 0, NULL);
        ck_assert_uint_eq(json_array_size(list), 1);
        ck_assert_str_eq(member(json_array_get(list, 0), "signer"), owners[i]);
        json_decref(list);
        snprintf(link, sizeof link, "%.*s", (int)strcspn(page.link + 1, ">"), page.link + 1);
        ck_assert_int_eq(*page.link != 0, i < 2);
        reply_clear(&page);
    }
    json_t *own = look(firm, "/queries/a"), *hers = look(firm, "/queries/a?signer=alice");
    ck_assert_ptr_null(json_object_get(own, "signer"));
    ck_assert_uint_eq(json_object_size(json_object_get(own, "query")), 0);
    ck_assert_uint_eq(json_object_size(json_object_get(hers, "query")), 1);
    json_decref(own);
    json_decref(hers);
    ck_assert_int_eq(ask(firm, "GET", "/queries/a/events?perPage=2&signer=bob", NULL), 200);
    ck_assert_int_eq(ask(firm, "DELETE", "/queries/a?signer=bob", NULL), 204);
    ck_assert_int_eq(ask(bob.key, "GET", "/queries/a", NULL), 404);
    snprintf(path, sizeof path, "/v1/webhooks%s", strrchr(bob.link, '/'));
    ck_assert_int_eq(ask(firm, "GET", path, NULL), 404); // with its query
    ck_assert_int_eq(ask(alice.key, "GET", "/queries/a", NULL), 200);
    // Who brings no key sees what the business has for all, and not what its companies have.
    server_ask(&server, &(struct ask){.path = "/queries", .without_key = true}, &page);
    ck_assert_ptr_null(strstr((const char *)page.body.data, "signer"));
    reply_clear(&page);
    server_ask(&server, &(struct ask){.path = "/queries/a?signer=alice", .without_key = true},
               &page);
    ck_assert_int_eq(page.status, 404);
    reply_clear(&page);
}
END_TEST

START_TEST(what_one_account_has_takes_no_other_ones_room) {
    static struct company alice, bob;
    char body[128];
    begin(NULL);
    open_company(&alice, "alice", EPC_A);
    snprintf(body, sizeof body, "{\"url\":\"http://127.0.0.1:%u/\",\"kinds\":[\"event\"]}",
             receiver_port(receiver));
    for (int i = 2; i < LIMIT_SIGNER_WEBHOOKS; i++)
        ck_assert_int_eq(ask(alice.key, "POST", "/v1/webhooks", body), 201);
    assert_used_up(alice.key, "POST", "/v1/webhooks", body);
    assert_used_up(alice.key, "POST", "/queries/a/subscriptions",
                   "{\"dest\":\"http://127.0.0.1:9/\",\"stream\":true}");
    open_company(&bob, "bob", EPC_B);
    ck_assert_int_eq(ask(firm, "POST", "/v1/webhooks", body), 201);
    ck_assert_uint_eq(count(firm, "/v1/webhooks?perPage=5"), 5);
    ck_assert_uint_eq(count(firm, "/v1/webhooks"), LIMIT_SIGNER_WEBHOOKS + 3);
    ck_assert_int_eq(ask(firm, "GET", "/v1/webhooks?perPage=0", NULL), 400);
}
END_TEST

// Changes one of the server's files while it is down.
static void run_in(const char *file, const char *sql) {
    char url[128];
    struct db *db;
    server_stop(&server);
    snprintf(url, sizeof url, "sqlite:%s/data/%s", server.folder, file);
    assert_ok(db_open(&db, url));
    assert_ok(db_exec_script(db, sql));
    db_close(db);
    server_start(&server);
}

START_TEST(the_names_of_one_account_use_up_no_other_ones) {
    static struct company alice, bob;
    static const char more[] = "{\"name\":\"more\",\"query\":{}}";
    char sql[256];
    begin(NULL);
    open_company(&alice, "alice", EPC_A);
    snprintf(sql, sizeof sql,
             "WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
             " INSERT INTO named_query (name, query, created_ms, owner)"
             " SELECT 'q' || i, '{}', 1, 'alice' FROM n;",
             LIMIT_NAMED_QUERIES);
    run_in("queries.db", sql);
    assert_used_up(alice.key, "POST", "/queries", more);
    open_company(&bob, "bob", EPC_B);
    ck_assert_int_eq(ask(firm, "POST", "/queries", more), 201);
    ck_assert_int_eq(ask(alice.key, "DELETE", "/queries/q2", NULL), 204);
    ck_assert_int_eq(ask(alice.key, "POST", "/queries", more), 201);
}
END_TEST

// The address of a devnet's account.
static const char *address_of(const json_t *devnet, const char *role) {
    json_t *account;
    size_t i;
    json_array_foreach(json_object_get(devnet, "accounts"), i,
                       account) if (strcmp(member(account, "role"), role) ==
                                    0) return member(account, "address");
    ck_abort_msg("there is no %s", role);
}

START_TEST(who_has_as_many_keys_and_members_as_there_may_be_is_told_so) {
    char sql[512], path[128], body[256];
    begin(NULL);
    snprintf(sql, sizeof sql,
             "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
             " INSERT INTO api_key (id, name, scopes, hash, old_hash, old_until_ms, created_ms,"
             " expires_ms, used_ms, revoked_ms, signer) SELECT printf('%%016x', i), 'a', 'capture',"
             " zeroblob(32), zeroblob(32), 0, 1, 0, 0, 0, 'alice' FROM n;",
             LIMIT_SIGNER_API_KEYS);
    run_in("api-keys.db", sql);
    snprintf(sql, sizeof sql,
             "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
             " INSERT INTO member (account, name, role, added_ms, signer)"
             " SELECT CAST(printf('%%032d', i) AS BLOB), 'a', 'operator', 1, 'alice' FROM n;",
             LIMIT_SIGNER_MEMBERS);
    run_in("members.db", sql);
    assert_used_up(firm, "POST", "/v1/keys",
                   "{\"name\":\"b\",\"scopes\":[\"capture\"],\"signer\":\"alice\"}");
    json_t *devnet = server_get(&server, "/v1/devnet");
    const char *bob = address_of(devnet, "bob");
    snprintf(body, sizeof body,
             "{\"address\":\"%s\",\"name\":\"b\",\"role\":\"operator\",\"signer\":\"alice\"}", bob);
    assert_used_up(firm, "POST", "/v1/members", body);
    snprintf(body, sizeof body, "{\"address\":\"%s\",\"name\":\"b\",\"role\":\"operator\"}", bob);
    ck_assert_int_eq(ask(firm, "POST", "/v1/members", body), 201);
    snprintf(path, sizeof path, "/v1/members/%s", bob);
    assert_used_up(firm, "PATCH", path, "{\"signer\":\"alice\"}");
    json_decref(devnet);
}
END_TEST

START_TEST(queries_of_before_there_were_owners_are_the_businesss) {
    static struct company alice;
    begin(NULL);
    run_in("queries.db", "DROP TABLE named_query;"
                         "CREATE TABLE named_query (name TEXT COLLATE \"C\" NOT NULL PRIMARY KEY,"
                         " query TEXT NOT NULL, created_ms BIGINT NOT NULL);"
                         "INSERT INTO named_query VALUES ('a', '{\"EQ_action\":[\"ADD\"]}', 1);");
    json_t *kept = look(firm, "/queries/a");
    ck_assert_ptr_null(json_object_get(kept, "signer"));
    ck_assert_ptr_nonnull(json_object_get(json_object_get(kept, "query"), "EQ_action"));
    json_decref(kept);
    open_company(&alice, "alice", EPC_A); // with one of the same name
    server_stop(&server);
    server_start(&server);
    ck_assert_uint_eq(count(firm, "/queries"), 2);
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("supplychain owners");
    TCase *cases = tcase_create("server");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_loop_test(cases, what_one_account_keeps_another_neither_sees_nor_changes, 0,
                        TEST_ENGINES);
    tcase_add_test(cases, the_business_itself_has_to_do_with_all);
    tcase_add_test(cases, what_one_account_has_takes_no_other_ones_room);
    tcase_add_test(cases, the_names_of_one_account_use_up_no_other_ones);
    tcase_add_test(cases, who_has_as_many_keys_and_members_as_there_may_be_is_told_so);
    tcase_add_test(cases, queries_of_before_there_were_owners_are_the_businesss);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
