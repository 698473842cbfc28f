// SPDX-License-Identifier: Apache-2.0
// Members log in by a signed text, and their sessions end as they should.
#include <stdio.h>

#include "apps/common/http/server.h"
#include "apps/common/server/login.h"
#include "apps/common/server/sessions.h"
#include "chaincore/chaincore.h"
#include "tests/joint/firm_fixture.h"
#include "tests/joint/firm_suites.h"
#include "tests/support/false_clock.h"

START_TEST(a_member_logs_in_and_out) {
    add_member(ADMIN, "admin");
    const char *token = log_in(ADMIN);
    ck_assert_uint_eq(strlen(token), SESSION_TOKEN_CHARS);
    json_t *who = call("GET", "/v1/login", token, "", 200);
    ck_assert_str_eq(json_string_value(json_object_get(who, "role")), "admin");
    ck_assert_uint_eq(json_array_size(json_object_get(who, "scopes")), 4); // all but webhooks
    json_decref(who);
    expect("GET", "/v1/members", token, "", 200, NULL);
    expect("DELETE", "/v1/login", token, "", 204, NULL);
    expect("GET", "/v1/members", token, "", 401, "no_key");
    expect("GET", "/v1/login", token, "", 401, NULL);
    expect("DELETE", "/v1/login", first, "", 401, "no_session");
    expect("GET", "/v1/login", "", "", 401, "no_session");
}
END_TEST

START_TEST(the_text_says_what_it_is_to_a_person) {
    const char *text = challenge(OWNER);
    char chain[65];
    hex_encode(chain, BYTES_OF(node_chain_id(fixture.node)->bytes));
    ck_assert_ptr_eq(strstr(text, "mill.example:8701 wants you to sign in"), text);
    ck_assert_ptr_nonnull(strstr(text, address_of(OWNER)));
    ck_assert_ptr_nonnull(strstr(text, "is no transaction."));
    ck_assert_ptr_nonnull(strstr(text, chain));
    ck_assert_str_ne(text, challenge(OWNER));
}
END_TEST

START_TEST(a_text_is_good_once_and_for_five_minutes) {
    add_member(ADMIN, "admin");
    const char *body = body_for(ADMIN), *late = body_for(ADMIN), *early = body_for(ADMIN);
    expect("POST", "/v1/login", "", body, 201, NULL);
    expect("POST", "/v1/login", "", body, 401, "login_used");
    false_clock_set_wall(LOGIN_LIFE_MS);
    expect("POST", "/v1/login", "", late, 401, "login_expired");
    expect("POST", "/v1/login", "", body, 401, "login_expired");
    false_clock_set_wall(-60000);
    expect("POST", "/v1/login", "", early, 401, "login_expired");
    false_clock_set_wall(0);
    expect("POST", "/v1/login", "", early, 201, NULL);
}
END_TEST

START_TEST(who_asks_for_a_text_learns_nothing_of_members) {
    add_member(ADMIN, "admin");
    ck_assert_uint_eq(strlen(challenge(ADMIN)), strlen(challenge(OPERATOR)));
    // Whoever has the key hears it; whoever has not, hears the same of both.
    expect("POST", "/v1/login", "", body_for(OPERATOR), 403, "not_a_member");
    static const int whose[] = {ADMIN, OPERATOR};
    for (int i = 0; i < 2; i++)
        expect("POST", "/v1/login", "",
               body_by(challenge(whose[i]), &fixture.keys[OWNER], SIGN_LOG_IN), 401,
               "wrong_signature");
}
END_TEST

START_TEST(only_the_text_of_this_server_is_answered) {
    add_member(ADMIN, "admin");
    const char *text = challenge(ADMIN);
    struct login *other = login_open(node_chain_id(fixture.node));
    struct buf theirs = {0};
    login_set_domain(other, host);
    login_challenge(other, &fixture.ids[ADMIN], &theirs);
    expect("POST", "/v1/login", "",
           body_by(buf_as_string(&theirs), &fixture.keys[ADMIN], SIGN_LOG_IN), 401,
           "unknown_login");
    expect("POST", "/v1/login", "", body_by(text, &fixture.keys[ADMIN], SIGN_CHALLENGE), 401,
           "wrong_signature");
    expect("POST", "/v1/login", "", body_by("me", &fixture.keys[ADMIN], SIGN_LOG_IN), 401,
           "unknown_login");
    // A page of another name, or none.
    static const char *const names[] = {"evil.example", "mill.example", "mill.example:8702"};
    for (size_t i = 0; i < 3; i++) {
        json_decref(ask_at(names[i], "POST", "/v1/login/challenge", "",
                           arena_format(&arena, "{\"address\":\"%s\"}", address_of(ADMIN))));
        ck_assert_int_eq(answer.code, 421);
        assert_has(&answer, "\"wrong_host\"");
        json_decref(ask_at(names[i], "POST", "/v1/login", "",
                           body_by(text, &fixture.keys[ADMIN], SIGN_LOG_IN)));
        ck_assert_int_eq(answer.code, 421);
    }
    json_decref(ask_at("MILL.example:8701", "POST", "/v1/login", "",
                       body_by(text, &fixture.keys[ADMIN], SIGN_LOG_IN)));
    ck_assert_int_eq(answer.code, 201);
    buf_clear(&theirs);
    login_close(other);
}
END_TEST

START_TEST(no_text_with_a_byte_changed_or_missing_is_taken) {
    struct buf text = {0};
    struct account_id account;
    struct public_key public;
    struct signature signature;
    struct hash payload;
    key_public_of(&public, &fixture.keys[ADMIN]);
    login_challenge(server.login, &fixture.ids[ADMIN], &text);
    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len) text.data[i] ^= 1;
        login_hash(&payload, buf_bytes(&text));
        sign_payload(&signature, &fixture.keys[ADMIN], SIGN_LOG_IN, node_chain_id(fixture.node),
                     &payload);
        enum status status =
            login_check(server.login, buf_bytes(&text), &public, &signature, &account);
        ck_assert_int_eq(status, i < text.len ? STATUS_INVALID : STATUS_OK);
        if (i < text.len) text.data[i] ^= 1;
    }
    for (size_t len = 0; len < text.len; len++)
        ck_assert_int_eq(
            login_check(server.login, bytes_of(text.data, len), &public, &signature, &account),
            STATUS_INVALID);
    buf_append_byte(&text, '\n');
    ck_assert_int_eq(login_check(server.login, buf_bytes(&text), &public, &signature, &account),
                     STATUS_INVALID);
    buf_clear(&text);
}
END_TEST

// Whatever is signed to log in opens no account, and the other way round.
START_TEST(a_signed_text_can_be_no_transaction) {
    struct tx tx;
    struct public_key public;
    struct signature signature;
    struct hash payload, id;
    struct account_id account;
    const char *text = challenge(OWNER);
    key_public_of(&public, &fixture.keys[OWNER]);
    ck_assert_int_ne(tx_decode(&tx, bytes_of_string(text)), STATUS_OK);
    login_hash(&payload, bytes_of_string(text));
    sign_payload(&signature, &fixture.keys[OWNER], SIGN_LOG_IN, node_chain_id(fixture.node),
                 &payload);
    for (int tag = 0; tag < SIGN_TAGS; tag++)
        ck_assert(sign_verify(&signature, &public, (enum sign_tag)tag, node_chain_id(fixture.node),
                              &payload) == (tag == SIGN_LOG_IN));
    // As the signature of a transaction that has this very hash for its id it is refused too.
    fixture_begin(&fixture, &tx, OWNER);
    tx.actions[tx.action_count++] =
        (struct tx_action){.kind = TX_TRANSFER, .transfer = {.to = fixture.ids[ADMIN]}};
    assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &fixture.keys[OWNER], node_chain_id(fixture.node)));
    tx_id(&id, &tx);
    sign_payload(&tx.signatures[0].signature, &fixture.keys[OWNER], SIGN_LOG_IN,
                 node_chain_id(fixture.node), &id);
    struct buf encoded = {0};
    tx_encode(&encoded, &tx);
    ck_assert_str_eq(tx_code_name(node_submit(fixture.node, buf_bytes(&encoded), &id)),
                     "BAD_SIGNATURE");
    // And a transaction's signature logs nobody in.
    sign_payload(&signature, &fixture.keys[OWNER], SIGN_TRANSACTION, node_chain_id(fixture.node),
                 &payload);
    ck_assert_int_eq(
        login_check(server.login, bytes_of_string(text), &public, &signature, &account),
        STATUS_BAD_SIGNATURE);
    buf_clear(&encoded);
}
END_TEST

START_TEST(who_asks_too_often_waits) {
    int refused = 0;
    for (int i = 0; i < 80; i++) {
        json_decref(ask_at(host, "POST", "/v1/login/challenge", "",
                           arena_format(&arena, "{\"address\":\"%s\"}", address_of(OWNER))));
        refused += answer.code == 429;
    }
    ck_assert_int_ge(refused, 1);
    assert_has(&answer, "\"too_many_logins\"");
    ck_assert_int_ne(*answer_header(&answer, "Retry-After"), '\0');
    expect("POST", "/v1/login", "", "{}", 429, "too_many_logins");
    false_clock_set_monotonic(60000);
    expect("POST", "/v1/login", "", "{}", 400, "invalid_login");
}
END_TEST

START_TEST(what_is_wrong_with_a_login_is_named) {
    static const char *const bodies[][2] = {
        {"/v1/login/challenge", "{}"},
        {"/v1/login/challenge", "{\"address\":\"lmm1x\"}"},
        {"/v1/login/challenge", "{\"address\":7}"},
        {"/v1/login", "{\"text\":1}"},
        {"/v1/login", "{\"text\":\"a\",\"public_key\":\"00\"}"},
        {"/v1/login", "[]"},
        {"/v1/login", "{\"text\":\"a\",\"more\":1}"},
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        expect("POST", bodies[i][0], "", bodies[i][1], 400, "invalid_login");
}
END_TEST

// --- sessions ---

START_TEST(a_session_lasts_twelve_hours_and_over_restarts) {
    add_member(AUDITOR, "auditor");
    const char *token = log_in(AUDITOR), *body = body_for(AUDITOR);
    http_server_close(server.http);
    close_stores();
    open_stores();
    open_http();
    expect("GET", "/v1/login", token, "", 200, NULL);
    expect("POST", "/v1/login", "", body, 401, "unknown_login"); // asked for before
    false_clock_set_wall((int64_t)SESSION_LIFE_MS - 60000);
    expect("GET", "/v1/login", token, "", 200, NULL);
    false_clock_set_wall((int64_t)SESSION_LIFE_MS);
    expect("GET", "/v1/login", token, "", 401, NULL);
    false_clock_set_wall(-60000); // its end would be further away than any session's
    expect("GET", "/v1/login", token, "", 401, NULL);
}
END_TEST

START_TEST(a_token_is_kept_as_a_hash_alone) {
    struct buf file = {0};
    char path[96];
    uint8_t hash[32];
    add_member(AUDITOR, "auditor");
    const char *token = log_in(AUDITOR);
    http_server_close(server.http);
    server.http = NULL;
    close_stores();
    snprintf(path, sizeof path, "%s/sessions.db", fixture.folder);
    assert_ok(file_read(&file, path, 1 << 20));
    http_key_hash(hash, bytes_of_string(token));
    bool has_hash = false, has_token = false;
    for (size_t i = 0; i + 32 <= file.len; i++) {
        has_hash |= memcmp(file.data + i, hash, 32) == 0;
        has_token |= memcmp(file.data + i, token + 4, 32) == 0;
    }
    ck_assert(has_hash);
    ck_assert(!has_token);
    buf_clear(&file);
    open_stores();
    open_http();
}
END_TEST

START_TEST(an_account_has_so_many_sessions_and_the_oldest_go) {
    char tokens[LIMIT_SESSIONS_PER_ACCOUNT + 1][SESSION_TOKEN_CHARS + 1];
    struct session session = {.account = fixture.ids[OWNER]},
                   other = {.account = fixture.ids[ADMIN]};
    char another[SESSION_TOKEN_CHARS + 1];
    assert_ok(sessions_begin(server.sessions, &other, another));
    for (int i = 0; i <= LIMIT_SESSIONS_PER_ACCOUNT; i++)
        assert_ok(sessions_begin(server.sessions, &session, tokens[i]));
    for (int i = 0; i <= LIMIT_SESSIONS_PER_ACCOUNT; i++)
        ck_assert_int_eq(sessions_find(server.sessions, bytes_of_string(tokens[i]), &session),
                         i == 0 ? STATUS_NOT_FOUND : STATUS_OK);
    assert_ok(sessions_find(server.sessions, bytes_of_string(another), &other));
    assert_ok(sessions_end_all(server.sessions, &fixture.ids[OWNER]));
    for (int i = 0; i <= LIMIT_SESSIONS_PER_ACCOUNT; i++)
        ck_assert_int_eq(sessions_find(server.sessions, bytes_of_string(tokens[i]), &session),
                         STATUS_NOT_FOUND);
    assert_ok(sessions_find(server.sessions, bytes_of_string(another), &other));
}
END_TEST

static void set_authority(int who, const int *keys, const uint16_t *weights, uint32_t count,
                          uint32_t threshold) {
    struct authority authority = {.threshold = threshold, .key_count = count};
    struct buf encoded = {0};
    struct tx tx;
    for (uint32_t i = 0; i < count; i++) {
        key_public_of(&authority.keys[i].key, &fixture.keys[keys[i]]);
        authority.keys[i].weight = weights[i];
    }
    if (count == 2 && memcmp(&authority.keys[0].key, &authority.keys[1].key, 32) > 0) {
        struct authority_key first_one = authority.keys[0];
        authority.keys[0] = authority.keys[1];
        authority.keys[1] = first_one;
    }
    authority_encode(&encoded, &authority);
    fixture_begin(&fixture, &tx, who);
    tx.actions[tx.action_count++] =
        (struct tx_action){.kind = TX_SET_AUTHORITY, .set_authority = {buf_bytes(&encoded)}};
    ck_assert_int_eq(fixture_run(&fixture, &tx, who).code, TX_CODE_OK);
    buf_clear(&encoded);
}

START_TEST(a_key_that_may_no_longer_sign_alone_opens_nothing) {
    static const int both[] = {ADMIN, OPERATOR};
    static const uint16_t weights[] = {1, 2};
    add_member(ADMIN, "admin");
    const char *token = log_in(ADMIN);
    expect("GET", "/v1/members", token, "", 200, NULL);
    set_authority(ADMIN, both, weights, 2, 2);
    expect("GET", "/v1/members", token, "", 401, NULL);
    expect("POST", "/v1/login", "", body_for(ADMIN), 401, "wrong_signature");
    json_t *json = call("POST", "/v1/login", "",
                        body_by(challenge(ADMIN), &fixture.keys[OPERATOR], SIGN_LOG_IN), 201);
    ck_assert_str_eq(json_string_value(json_object_get(json, "address")), address_of(ADMIN));
    json_decref(json);
}
END_TEST

TCase *login_cases(void) {
    TCase *cases = tcase_create("login");
    const TTest *const login_tests[] = {a_member_logs_in_and_out,
                                        the_text_says_what_it_is_to_a_person,
                                        a_text_is_good_once_and_for_five_minutes,
                                        who_asks_for_a_text_learns_nothing_of_members,
                                        only_the_text_of_this_server_is_answered,
                                        no_text_with_a_byte_changed_or_missing_is_taken,
                                        a_signed_text_can_be_no_transaction,
                                        who_asks_too_often_waits,
                                        what_is_wrong_with_a_login_is_named,
                                        a_session_lasts_twelve_hours_and_over_restarts,
                                        a_token_is_kept_as_a_hash_alone,
                                        an_account_has_so_many_sessions_and_the_oldest_go,
                                        a_key_that_may_no_longer_sign_alone_opens_nothing,
                                        NULL};
    for (const TTest *const *test = login_tests; *test; test++) tcase_add_test(cases, *test);
    return cases;
}
