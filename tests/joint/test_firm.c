// SPDX-License-Identifier: Apache-2.0
// The members of a server's firm: what their roles allow, what they may spend, and the log of who
// did what.
#include <stdio.h>

#include "apps/common/http/server.h"
#include "apps/common/server/api_key_routes.h"
#include "chaincore/chaincore.h"
#include "tests/joint/firm_fixture.h"
#include "tests/joint/firm_suites.h"

// --- roles ---

START_TEST(each_role_does_what_it_may) {
    static const char *const roles[] = {"owner", "admin", "operator", "auditor"};
    const struct {
        const char *method, *path, *body;
        int codes[4];
    } cases[] = {
        {"GET", "/v1/members", "", {200, 200, 403, 200}},
        {"GET", "/v1/audit", "", {200, 200, 403, 200}},
        {"POST", "/v1/members", "{}", {400, 400, 403, 403}},
        {"GET", "/v1/keys", "", {200, 200, 403, 403}},
        {"POST", "/capture", "", {202, 202, 202, 403}},
    };
    const char *tokens[4];
    for (int i = 0; i < 4; i++) {
        add_member(i, roles[i]);
        tokens[i] = log_in(i);
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int k = 0; k < 4; k++)
            expect(cases[i].method, cases[i].path, tokens[k], cases[i].body, cases[i].codes[k],
                   NULL);
    // A role that was changed holds at once; who is taken away has no session any more.
    expect("PATCH", path_of(OPERATOR), first, "{\"role\":\"auditor\"}", 200, NULL);
    expect("POST", "/capture", tokens[OPERATOR], "", 403, NULL);
    expect("DELETE", path_of(OPERATOR), first, "", 204, NULL);
    expect("GET", "/v1/members", tokens[OPERATOR], "", 401, NULL);
    add_member(OPERATOR, "operator");
    expect("POST", "/capture", tokens[OPERATOR], "", 401, NULL);
}
END_TEST

static const char *patch_of(int who, const char *body) {
    return arena_format(&arena,
                        "PATCH %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"
                        "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                        path_of(who), host, first, strlen(body), body);
}

START_TEST(changes_at_once_undo_nothing_of_one_another) {
    enum { ROUNDS = 250 };
    struct client clients[2];
    add_member(OPERATOR, "operator");
    for (int i = 0; i < 2; i++) clients[i] = client_connect(http_server_port(server.http));
    for (int round = 0; round < ROUNDS; round++) {
        const char *name = arena_format(&arena, "name %d", round);
        const char *role = round % 2 ? "operator" : "auditor";
        client_send_text(&clients[0],
                         patch_of(OPERATOR, arena_format(&arena, "{\"name\":\"%s\"}", name)));
        client_send_text(&clients[1],
                         patch_of(OPERATOR, arena_format(&arena, "{\"role\":\"%s\"}", role)));
        for (int i = 0; i < 2; i++) {
            answer_clear(&answer);
            client_read(&clients[i], &answer, false);
            ck_assert_int_eq(answer.code, 200);
        }
        json_t *member = call("GET", path_of(OPERATOR), first, "", 200);
        ck_assert_str_eq(json_string_value(json_object_get(member, "name")), name);
        ck_assert_str_eq(json_string_value(json_object_get(member, "role")), role);
        json_decref(member);
    }
    for (int i = 0; i < 2; i++) client_close(&clients[i]);
}
END_TEST

START_TEST(the_last_owner_stays) {
    add_member(OWNER, "owner");
    const char *token = log_in(OWNER);
    expect("PATCH", path_of(OWNER), token, "{\"role\":\"admin\"}", 409, "last_owner");
    expect("DELETE", path_of(OWNER), token, "", 409, "last_owner");
    expect("DELETE", path_of(OWNER), first, "", 409, "last_owner");
    expect("PATCH", path_of(OWNER), token, "{\"name\":\"the boss\"}", 200, NULL);
    expect("POST", "/v1/members", token, body_of(ADMIN, "owner", ""), 201, NULL);
    expect("DELETE", path_of(OWNER), token, "", 204, NULL);
    expect("DELETE", path_of(ADMIN), first, "", 409, "last_owner");
}
END_TEST

START_TEST(only_owners_change_owners) {
    add_member(OWNER, "owner");
    add_member(ADMIN, "admin");
    const char *token = log_in(ADMIN);
    expect("POST", "/v1/members", token, body_of(OPERATOR, "owner", ""), 403, "owners_only");
    expect("PATCH", path_of(ADMIN), token, "{\"role\":\"owner\"}", 403, "owners_only");
    expect("PATCH", path_of(OWNER), token, "{\"role\":\"auditor\"}", 403, "owners_only");
    expect("PATCH", path_of(OWNER), token, "{\"limits\":{\"day\":\"0\"}}", 403, "owners_only");
    expect("DELETE", path_of(OWNER), token, "", 403, "owners_only");
    expect("POST", "/v1/members", token, body_of(OPERATOR, "operator", ""), 201, NULL);
    expect("POST", "/v1/members", token, body_of(OPERATOR, "operator", ""), 409, "is_member");
    expect("PATCH", path_of(OPERATOR), token, "{\"role\":\"admin\"}", 200, NULL);
    expect("DELETE", path_of(OPERATOR), token, "", 204, NULL);
    // Nor does an admin make an API key that may do everything.
    expect("POST", "/v1/keys", token, "{\"name\":\"all\",\"scopes\":[\"*\"]}", 403,
           "missing_scope");
}
END_TEST

// The path of a key with this scope.
static const char *make_key(const char *scope) {
    json_t *key =
        call("POST", "/v1/keys", first,
             arena_format(&arena, "{\"name\":\"%s\",\"scopes\":[\"%s\"]}", scope, scope), 201);
    const char *path =
        arena_format(&arena, "/v1/keys/%s", json_string_value(json_object_get(key, "id")));
    json_decref(key);
    return path;
}

START_TEST(only_who_could_make_a_key_takes_it_away) {
    const char *all = make_key("*"), *till = make_key("capture");
    add_member(OWNER, "owner");
    add_member(ADMIN, "admin");
    const char *token = log_in(ADMIN);
    expect("DELETE", all, token, "", 403, "missing_scope");
    expect("PATCH", path_of(ADMIN), first, "{\"limits\":{\"day\":\"1\"}}", 200, NULL);
    expect("DELETE", till, token, "", 403, "limited_caller");
    for (int i = 0; i < 2; i++) {
        json_t *key = call("GET", i ? all : till, first, "", 200);
        ck_assert(json_is_null(json_object_get(key, "revoked")));
        json_decref(key);
    }
    expect("PATCH", path_of(ADMIN), first, "{\"limits\":null}", 200, NULL);
    expect("DELETE", till, token, "", 204, NULL);
    expect("DELETE", all, log_in(OWNER), "", 204, NULL);
    expect("DELETE", "/v1/keys/0123456789abcdef", token, "", 404, NULL);
}
END_TEST

START_TEST(what_waits_for_the_disk_of_keys_holds_no_connection_up) {
    for (size_t i = 0; i < api_key_route_count; i++)
        ck_assert_msg(api_key_routes[i].traits >= HTTP_LANE(1), "%s", api_key_routes[i].pattern);
}
END_TEST

START_TEST(what_is_wrong_with_a_member_is_named) {
    const char *wrong[] = {
        "[]",
        "{}",
        body_of(OWNER, "king", ""),
        body_of(OWNER, "owner", ",\"limits\":5"),
        body_of(OWNER, "owner", ",\"colour\":\"red\""),
        "{\"address\":\"lmm1\",\"name\":\"a\",\"role\":\"owner\"}",
        arena_format(&arena, "{\"address\":\"%s\",\"name\":\"\",\"role\":\"owner\"}",
                     address_of(OWNER)),
        arena_format(&arena, "{\"address\":\"%s\",\"name\":\"a\\nb\",\"role\":\"owner\"}",
                     address_of(OWNER)),
        arena_format(&arena, "{\"address\":\"%s\",\"name\":\"a\"}", address_of(OWNER)),
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect("POST", "/v1/members", first, wrong[i], 400, "invalid_member");
    expect("GET", path_of(OWNER), first, "", 404, NULL);
    expect("PATCH", path_of(OWNER), first, "{\"role\":\"owner\"}", 404, NULL);
    expect("DELETE", path_of(OWNER), first, "", 404, NULL);
    expect("GET", "/v1/members?perPage=0", first, "", 400, "invalid_query");
    expect("GET", "/v1/audit?nextPageToken=xy", first, "", 400, "invalid_query");
}
END_TEST

START_TEST(a_member_spends_within_its_own_limits) {
    add_member(OWNER, "owner");
    expect("POST", "/v1/members", first,
           body_of(ADMIN, "admin", ",\"limits\":{\"transaction\":\"0.00000001\"}"), 201, NULL);
    const char *token = log_in(ADMIN);
    expect("POST", "/capture", token, "", 403, "spending_limit_transaction");
    // With limits nobody raises them, nor has somebody else do it.
    expect("PATCH", path_of(ADMIN), token, "{\"limits\":null}", 403, "limited_caller");
    expect("POST", "/v1/members", token, body_of(OPERATOR, "admin", ""), 403, "limited_caller");
    expect("DELETE", path_of(ADMIN), token, "", 403, "limited_caller");
    expect("POST", "/v1/keys", token, "{\"name\":\"k\",\"scopes\":[\"admin\"]}", 403,
           "limited_caller");
    expect("PATCH", path_of(ADMIN), first, "{\"limits\":{\"day\":\"1\"}}", 200, NULL);
    expect("POST", "/capture", token, "", 202, NULL);
    json_t *member = call("GET", path_of(ADMIN), first, "", 200);
    struct amount today;
    assert_ok(amount_parse(
        &today, json_string_value(json_object_get(json_object_get(member, "spent"), "today"))));
    ck_assert(!amount_is_zero(today));
    json_decref(member);
    // Who comes back has spent what it had.
    expect("PATCH", path_of(ADMIN), first, "{\"limits\":{\"total\":\"0.00000001\"}}", 200, NULL);
    expect("DELETE", path_of(ADMIN), first, "", 204, NULL);
    add_member(ADMIN, "admin");
    expect("POST", "/capture", log_in(ADMIN), "", 403, "spending_limit_total");
}
END_TEST

// A limit that so many captures fit in.
static const char *limit_of(uint64_t captures) {
    char text[AMOUNT_TEXT_MAX];
    struct params params;
    struct amount most;
    node_params(fixture.node, &params);
    assert_ok(amount_mul(&most, amount_of_units(params.min_gas_price), 2 * CAPTURE_GAS * captures));
    amount_format(text, most);
    return arena_format(&arena, ",\"limits\":{\"day\":\"%s\"}", text);
}

START_TEST(requests_at_once_spend_no_more_than_the_limit) {
    enum { CLIENTS = 16, FIT = 5 };
    struct client clients[CLIENTS];
    int accepted = 0, refused = 0;
    expect("POST", "/v1/members", first, body_of(OPERATOR, "operator", limit_of(FIT)), 201, NULL);
    const char *request = arena_format(&arena,
                                       "POST /capture HTTP/1.1\r\nHost: %s\r\n"
                                       "Authorization: Bearer %s\r\nContent-Length: 0\r\n\r\n",
                                       host, log_in(OPERATOR));
    for (int i = 0; i < CLIENTS; i++) clients[i] = client_connect(http_server_port(server.http));
    for (int i = 0; i < CLIENTS; i++) client_send_text(&clients[i], request);
    for (int i = 0; i < CLIENTS; i++) {
        answer_clear(&answer);
        client_read(&clients[i], &answer, false);
        accepted += answer.code == 202;
        refused += answer.code == 429 && strstr(answer_text(&answer), "\"spending_limit_day\"");
        client_close(&clients[i]);
    }
    ck_assert_int_eq(accepted, FIT);
    ck_assert_int_eq(refused, CLIENTS - FIT);
}
END_TEST

// --- the log ---

START_TEST(the_log_tells_who_did_what) {
    add_member(OWNER, "owner");
    const char *token = log_in(OWNER);
    expect("POST", "/v1/members", token, body_of(ADMIN, "operator", ""), 201, NULL);
    expect("PATCH", path_of(ADMIN), token, "{\"role\":\"admin\"}", 200, NULL);
    expect("DELETE", path_of(ADMIN), token, "", 204, NULL);
    expect("POST", "/v1/members", token, body_of(ADMIN, "king", ""), 400, NULL); // not in it
    expect("POST", "/v1/keys", token, "{\"name\":\"till\",\"scopes\":[\"capture\"]}", 201, NULL);
    expect("DELETE", "/v1/login", token, "", 204, NULL);
    const char *const actor = arena_format(&arena, "member:%s", address_of(OWNER));
    const char *const whole[][3] = {
        {actor, "session.ended", ""},        {actor, "key.made", "till"},
        {actor, "member.removed", "admin"},  {actor, "member.changed", "admin, before operator"},
        {actor, "member.added", "operator"}, {actor, "session.began", ""},
        {"first", "member.added", "owner"}};
    const size_t count = sizeof whole / sizeof *whole;
    size_t seen = 0;
    char path[192] = "/v1/audit?perPage=2";
    while (*path) {
        json_t *page = call("GET", path, first, "", 200), *line;
        size_t i;
        json_array_foreach(json_object_get(page, "items"), i, line) {
            ck_assert_uint_lt(seen, count);
            ck_assert_str_eq(json_string_value(json_object_get(line, "actor")), whole[seen][0]);
            ck_assert_str_eq(json_string_value(json_object_get(line, "action")), whole[seen][1]);
            ck_assert_str_eq(json_string_value(json_object_get(line, "detail")), whole[seen][2]);
            seen++;
        }
        json_decref(page);
        path[0] = '\0';
        sscanf(answer_header(&answer, "Link"), "<%191[^>]", path);
    }
    ck_assert_uint_eq(seen, count);
}
END_TEST

START_TEST(members_are_listed_by_pages_and_outlast_a_restart) {
    size_t seen = 0;
    char path[192] = "/v1/members?perPage=3", last[ADDRESS_CHARS + 1] = "";
    for (int i = 0; i < 4; i++) add_member(i, i == 0 ? "owner" : "auditor");
    http_server_close(server.http);
    close_stores();
    open_stores();
    open_http();
    while (*path) {
        json_t *page = call("GET", path, first, "", 200), *member;
        size_t i;
        json_array_foreach(json_object_get(page, "items"), i, member) {
            const char *address = json_string_value(json_object_get(member, "address"));
            ck_assert_str_ne(address, last);
            snprintf(last, sizeof last, "%s", address);
            seen++;
        }
        json_decref(page);
        path[0] = '\0';
        sscanf(answer_header(&answer, "Link"), "<%191[^>]", path);
    }
    ck_assert_uint_eq(seen, 4);
}
END_TEST

static void add(Suite *suite, TCase *cases) {
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    suite_add_tcase(suite, cases);
}

void add_suites(SRunner *runner) {
    const TTest *const member_tests[] = {each_role_does_what_it_may,
                                         changes_at_once_undo_nothing_of_one_another,
                                         the_last_owner_stays,
                                         only_owners_change_owners,
                                         only_who_could_make_a_key_takes_it_away,
                                         what_waits_for_the_disk_of_keys_holds_no_connection_up,
                                         what_is_wrong_with_a_member_is_named,
                                         a_member_spends_within_its_own_limits,
                                         requests_at_once_spend_no_more_than_the_limit,
                                         the_log_tells_who_did_what,
                                         members_are_listed_by_pages_and_outlast_a_restart,
                                         NULL};
    TCase *cases = tcase_create("members");
    ENSURE(crypto_init() == STATUS_OK);
    log_set_level(LOG_ERROR);
    for (const TTest *const *test = member_tests; *test; test++) tcase_add_test(cases, *test);
    Suite *suite = suite_create("firm");
    add(suite, login_cases());
    suite_add_tcase(suite, signer_cases());
    add(suite, cases);
    srunner_add_suite(runner, suite);
}
