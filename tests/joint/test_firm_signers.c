// SPDX-License-Identifier: Apache-2.0
// By which of the server's accounts it signs for whom: what API keys are bound to, over
// restarts and keys that are taken away, and who may bind what.
#include "apps/common/json/json.h"
#include "chaincore/chaincore.h"
#include "tests/joint/firm_fixture.h"
#include "tests/joint/firm_suites.h"

enum { MILL = OPERATOR }; // whose key the server has by that name

static void set_up_mill(void) {
    set_up();
    reopen_signers(true);
}

// How many transactions there are of an account.
static uint64_t sent_by(int who) {
    struct account account;
    uint64_t seq;
    node_account(fixture.node, &fixture.ids[who], &account, &seq);
    return seq;
}

static const char *text_of(const json_t *json, const char *name) {
    return arena_copy_string(&arena, json_string_bytes(json_object_get(json, name)));
}

struct made {
    const char *id, *key;
};
// A key with these scopes, made by the bearer; `more` behind a comma. Fails the case unless it is
// bound to this signer.
static struct made make_key(const char *bearer, const char *scopes, const char *more,
                            const char *signer) {
    const char *body = arena_format(&arena, "{\"name\":\"a till\",\"scopes\":%s%s}", scopes, more);
    json_t *json = call("POST", "/v1/keys", bearer, body, 201);
    struct made made = {text_of(json, "id"), text_of(json, "key")};
    ck_assert_str_eq(text_of(json, "signer"), signer);
    json_decref(json);
    return made;
}

static void check_count(const char *path, const char *bearer, size_t count) {
    json_t *list = call("GET", path, bearer, "", 200);
    ck_assert_uint_eq(json_array_size(json_object_get(list, "items")), count);
    json_decref(list);
}

static const char *path_of_key(const struct made *key, const char *rest) {
    return arena_format(&arena, "/v1/keys/%s%s", key->id, rest);
}

// The server signs once more for this key, by this account and no other.
static void check_signs_by(const char *key, int who, int other) {
    uint64_t before = sent_by(who), others = sent_by(other);
    expect("POST", "/capture", key, "", 202, NULL);
    ck_assert_uint_eq(sent_by(who), before + 1);
    ck_assert_uint_eq(sent_by(other), others);
}

START_TEST(a_key_signs_by_the_account_that_it_is_bound_to) {
    struct made mill = make_key(first, "[\"capture\"]", ",\"signer\":\"mill\"", "mill");
    struct made own = make_key(first, "[\"capture\"]", "", "server");
    struct made named = make_key(first, "[\"capture\"]", ",\"signer\":\"server\"", "server");
    check_signs_by(mill.key, MILL, OWNER);
    check_signs_by(own.key, OWNER, MILL);
    check_signs_by(named.key, OWNER, MILL);
    check_signs_by(first, OWNER, MILL);
    check_signs_by(mill.key, MILL, OWNER);
}
END_TEST

START_TEST(the_accounts_are_listed_with_what_waits) {
    json_t *json = call("GET", "/v1/signers", first, "", 200), *items;
    items = json_object_get(json, "items");
    ck_assert_uint_eq(json_array_size(items), 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *item = json_array_get(items, i);
        ck_assert_str_eq(text_of(item, "name"), i == 0 ? "server" : "mill");
        ck_assert_str_eq(text_of(item, "address"), address_of(i == 0 ? OWNER : MILL));
        ck_assert_int_eq(json_integer_value(json_object_get(item, "waiting")), 0);
    }
    json_decref(json);
    struct made mill = make_key(first, "[\"capture\"]", ",\"signer\":\"mill\"", "mill");
    expect("POST", "/capture", mill.key, "", 202, NULL);
    json = call("GET", "/v1/signers", first, "", 200); // nobody looks for what is final here
    const json_t *item = json_array_get(json_object_get(json, "items"), 1);
    ck_assert_int_eq(json_integer_value(json_object_get(item, "waiting")), 1);
    ck_assert(json_is_null(json_object_get(item, "held_up")));
    json_decref(json);
    expect("GET", "/v1/signers", mill.key, "", 403, "missing_scope");
    expect("GET", "/v1/signers", "", "", 401, NULL);
}
END_TEST

START_TEST(a_name_that_is_none_makes_no_key) {
    static const char *const wrong[] = {"\"bakery\"", "\"\"", "\"MILL\"", "\"mill \"", "5", "null"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *body = arena_format(
            &arena, "{\"name\":\"x\",\"scopes\":[\"capture\"],\"signer\":%s}", wrong[i]);
        expect("POST", "/v1/keys", first, body, 400, "invalid_key");
        ck_assert_ptr_nonnull(strstr(answer_text(&answer), "\"/signer\""));
        ck_assert_ptr_nonnull(strstr(answer_text(&answer), "signs with: server, mill."));
    }
    json_t *json = call("GET", "/v1/keys", first, "", 200);
    ck_assert_uint_eq(json_array_size(json_object_get(json, "items")), 0);
    json_decref(json);
}
END_TEST

START_TEST(another_secret_and_a_restart_leave_it_bound) {
    struct made mill = make_key(first, "[\"capture\"]", ",\"signer\":\"mill\"", "mill");
    json_t *json = call("POST", path_of_key(&mill, "/rotate"), first, "{\"overlap_s\":0}", 200);
    const char *rotated = text_of(json, "key");
    ck_assert_str_eq(text_of(json, "signer"), "mill");
    json_decref(json);
    expect("POST", "/capture", mill.key, "", 401, NULL);
    check_signs_by(rotated, MILL, OWNER);
    close_stores();
    open_stores();
    check_signs_by(rotated, MILL, OWNER);
    json = call("GET", "/v1/keys", first, "", 200);
    ck_assert_str_eq(text_of(json_array_get(json_object_get(json, "items"), 0), "signer"), "mill");
    json_decref(json);
}
END_TEST

START_TEST(of_an_account_that_was_taken_away_nothing_is_signed_by_another) {
    struct made mill = make_key(first, "[\"capture\"]", ",\"signer\":\"mill\"", "mill");
    reopen_signers(false);
    uint64_t own = sent_by(OWNER), mills = sent_by(MILL);
    expect("POST", "/capture", mill.key, "", 403, "signer_missing");
    ck_assert_ptr_nonnull(strstr(answer_text(&answer), "\"signer\":\"mill\""));
    ck_assert_uint_eq(sent_by(OWNER), own);
    ck_assert_uint_eq(sent_by(MILL), mills);
    json_t *json = call("GET", path_of_key(&mill, ""), first, "", 200);
    ck_assert_str_eq(text_of(json, "signer"), "mill");
    json_decref(json);
    expect("POST", "/v1/keys", first,
           "{\"name\":\"x\",\"scopes\":[\"capture\"],\"signer\":\"mill\"}", 400, "invalid_key");
    reopen_signers(true);
    check_signs_by(mill.key, MILL, OWNER);
}
END_TEST

START_TEST(who_acts_as_one_account_gives_away_no_other) {
    static const char scopes[] = "[\"capture\",\"admin\"]", limits[] = "{\"limits\":null}";
    struct made boss = make_key(first, scopes, ",\"signer\":\"mill\"", "mill");
    struct made other = make_key(first, scopes, "", "server");
    struct made hand = make_key(boss.key, "[\"capture\"]", "", "mill"); // the boss's own
    check_signs_by(hand.key, MILL, OWNER);
    expect("POST", "/v1/keys", boss.key,
           "{\"name\":\"x\",\"scopes\":[\"capture\"],\"signer\":\"server\"}", 403, "other_signer");
    // Nor learns which there are.
    expect("POST", "/v1/keys", boss.key,
           "{\"name\":\"x\",\"scopes\":[\"capture\"],\"signer\":\"bakery\"}", 403, "other_signer");
    expect("POST", path_of_key(&other, "/rotate"), boss.key, "", 404, NULL);
    expect("PATCH", path_of_key(&other, ""), boss.key, limits, 404, NULL);
    expect("DELETE", path_of_key(&other, ""), boss.key, "", 404, NULL);
    expect("GET", path_of_key(&other, ""), boss.key, "", 404, NULL);
    check_count("/v1/keys", boss.key, 2);
    check_count("/v1/keys", other.key, 3);
    expect("PATCH", path_of_key(&hand, ""), boss.key, limits, 200, NULL);
    expect("DELETE", path_of_key(&hand, ""), boss.key, "", 204, NULL);
    expect("DELETE", path_of_key(&boss, ""), other.key, "", 204, NULL); // by the business itself
    check_signs_by(other.key, OWNER, MILL);
}
END_TEST

START_TEST(what_a_key_spends_counts_as_its_own_whoever_signs) {
    struct made mill = make_key(first, "[\"capture\"]",
                                ",\"signer\":\"mill\",\"limits\":{\"total\":\"0.04\"}", "mill");
    check_signs_by(mill.key, MILL, OWNER);
    uint64_t before = sent_by(MILL);
    while (sent_by(MILL) < before + 1000) {
        json_t *json = ask_at(host, "POST", "/capture", mill.key, "");
        json_decref(json);
        if (answer.code != 202) break;
    }
    ck_assert_int_eq(answer.code, 403);
    ck_assert_ptr_nonnull(strstr(answer_text(&answer), "spending_limit_total"));
    struct made other = make_key(first, "[\"capture\"]", ",\"signer\":\"mill\"", "mill");
    check_signs_by(other.key, MILL, OWNER);
}
END_TEST

// --- members ---

static void check_signer(int who, const char *signer) {
    json_t *json = call("GET", path_of(who), first, "", 200);
    ck_assert_str_eq(text_of(json, "signer"), signer);
    json_decref(json);
}

START_TEST(a_member_signs_by_the_account_that_it_is_bound_to) {
    static const char to_server[] = "{\"signer\":\"server\"}",
                      to_none[] = "{\"signer\":\"bakery\"}";
    expect("POST", "/v1/members", first, body_of(ADMIN, "operator", ",\"signer\":\"mill\""), 201,
           NULL);
    add_member(AUDITOR, "operator");
    check_signer(ADMIN, "mill");
    check_signer(AUDITOR, "server");
    const char *token = log_in(ADMIN);
    check_signs_by(token, MILL, OWNER);
    check_signs_by(log_in(AUDITOR), OWNER, MILL);
    close_stores();
    open_stores();
    check_signs_by(token, MILL, OWNER);
    reopen_signers(false);
    expect("POST", "/capture", token, "", 403, "signer_missing");
    reopen_signers(true);
    // Another one counts at once, for who is logged in too.
    expect("PATCH", path_of(ADMIN), first, to_none, 400, "invalid_member");
    ck_assert_ptr_nonnull(strstr(answer_text(&answer), "\"/signer\""));
    check_signs_by(token, MILL, OWNER);
    expect("PATCH", path_of(ADMIN), first, "{\"role\":\"admin\"}", 200, NULL);
    check_signer(ADMIN, "mill");
    expect("PATCH", path_of(ADMIN), first, to_server, 200, NULL);
    check_signs_by(token, OWNER, MILL);
    json_t *log = call("GET", "/v1/audit?perPage=100", first, "", 200), *line;
    size_t index, told = 0;
    json_array_foreach(json_object_get(log, "items"), index, line) {
        const char *detail = text_of(line, "detail");
        told += strcmp(detail, "operator; signer mill") == 0;
        told += strcmp(detail, "admin; signer server") == 0;
    }
    ck_assert_uint_eq(told, 2);
    json_decref(log);
}
END_TEST

START_TEST(a_member_that_acts_as_one_account_has_no_hand_in_others) {
    expect("POST", "/v1/members", first, body_of(ADMIN, "owner", ",\"signer\":\"mill\""), 201,
           NULL);
    add_member(AUDITOR, "operator");
    const char *token = log_in(ADMIN);
    expect("PATCH", path_of(ADMIN), token, "{\"signer\":\"server\"}", 403, "other_signer");
    expect("PATCH", path_of(AUDITOR), token, "{\"role\":\"admin\"}", 404, NULL);
    expect("PATCH", path_of(AUDITOR), token, "{\"signer\":\"mill\"}", 404, NULL);
    expect("DELETE", path_of(AUDITOR), token, "", 404, NULL);
    expect("GET", path_of(AUDITOR), token, "", 404, NULL);
    expect("GET", path_of(ADMIN), token, "", 200, NULL);
    check_count("/v1/members", token, 1);
    check_count("/v1/members", first, 2);
    check_count("/v1/signers", token, 1);
    expect("POST", "/v1/members", token, body_of(OPERATOR, "operator", ",\"signer\":\"server\""),
           403, "other_signer");
    expect("POST", "/v1/members", token, body_of(OPERATOR, "operator", ""), 201, NULL);
    check_signer(OPERATOR, "mill");
    check_signer(AUDITOR, "server");
    expect("PATCH", path_of(OPERATOR), token, "{\"role\":\"auditor\"}", 200, NULL);
    expect("DELETE", path_of(OPERATOR), token, "", 204, NULL);
    make_key(token, "[\"capture\"]", "", "mill");
}
END_TEST

// Whether the log as the bearer reads it has a line of this action and detail.
static bool is_in_log(const char *bearer, const char *action, const char *detail) {
    json_t *log = call("GET", "/v1/audit?perPage=100", bearer, "", 200), *line;
    bool is_there = false;
    size_t index;
    json_array_foreach(json_object_get(log, "items"), index, line) {
        if (strcmp(text_of(line, "action"), action) == 0 &&
            strcmp(text_of(line, "detail"), detail) == 0)
            is_there = true;
    }
    json_decref(log);
    return is_there;
}

START_TEST(the_log_tells_an_account_of_its_own_keys_and_members) {
    struct made looker = make_key(first, "[\"audit\"]", ",\"signer\":\"mill\"", "mill");
    make_key(first, "[\"capture\"]", "", "server");
    check_count("/v1/audit", looker.key, 1); // its own making
    ck_assert(is_in_log(looker.key, "key.made", "a till"));
    check_count("/v1/audit", first, 2);
    add_member(AUDITOR, "operator");
    ck_assert(!is_in_log(looker.key, "member.added", "operator"));
    expect("POST", "/v1/members", first, body_of(ADMIN, "auditor", ",\"signer\":\"mill\""), 201,
           NULL);
    ck_assert(is_in_log(looker.key, "member.added", "auditor; signer mill"));
    json_decref(call("DELETE", "/v1/login", log_in(ADMIN), "", 204));
    json_decref(call("DELETE", "/v1/login", log_in(AUDITOR), "", 204));
    check_count("/v1/audit", looker.key, 4); // it came and it went
    ck_assert(is_in_log(looker.key, "session.ended", ""));
    // Who goes from one to another is in both logs.
    expect("PATCH", path_of(ADMIN), first, "{\"signer\":\"server\"}", 200, NULL);
    ck_assert(is_in_log(looker.key, "member.changed", "auditor; signer server"));
    expect("PATCH", path_of(ADMIN), first, "{\"name\":\"another\"}", 200, NULL);
    check_count("/v1/audit", looker.key, 5);
    close_stores();
    open_stores();
    check_count("/v1/audit?perPage=3", looker.key, 3);
    check_count("/v1/audit", looker.key, 5);
}
END_TEST

START_TEST(the_last_owner_of_the_business_is_not_bound_to_another_account) {
    static const char to_mill[] = "{\"signer\":\"mill\"}";
    add_member(OWNER, "owner");
    expect("POST", "/v1/members", first, body_of(ADMIN, "owner", ",\"signer\":\"mill\""), 201,
           NULL);
    expect("PATCH", path_of(OWNER), log_in(OWNER), to_mill, 409, "last_owner");
    check_signer(OWNER, "server");
    expect("DELETE", path_of(OWNER), first, "", 409, "last_owner");
    expect("PATCH", path_of(OWNER), first, "{\"role\":\"admin\"}", 409, "last_owner");
    add_member(AUDITOR, "owner");
    expect("PATCH", path_of(OWNER), first, to_mill, 200, NULL);
    // One that acts as another account is no owner of the business; it may go.
    expect("DELETE", path_of(OWNER), first, "", 204, NULL);
    expect("DELETE", path_of(ADMIN), first, "", 204, NULL);
}
END_TEST

TCase *signer_cases(void) {
    TCase *cases = tcase_create("signers");
    tcase_add_checked_fixture(cases, set_up_mill, tear_down);
    tcase_add_test(cases, a_key_signs_by_the_account_that_it_is_bound_to);
    tcase_add_test(cases, the_accounts_are_listed_with_what_waits);
    tcase_add_test(cases, a_name_that_is_none_makes_no_key);
    tcase_add_test(cases, another_secret_and_a_restart_leave_it_bound);
    tcase_add_test(cases, of_an_account_that_was_taken_away_nothing_is_signed_by_another);
    tcase_add_test(cases, who_acts_as_one_account_gives_away_no_other);
    tcase_add_test(cases, what_a_key_spends_counts_as_its_own_whoever_signs);
    tcase_add_test(cases, a_member_signs_by_the_account_that_it_is_bound_to);
    tcase_add_test(cases, a_member_that_acts_as_one_account_has_no_hand_in_others);
    tcase_add_test(cases, the_log_tells_an_account_of_its_own_keys_and_members);
    tcase_add_test(cases, the_last_owner_of_the_business_is_not_bound_to_another_account);
    return cases;
}
