// SPDX-License-Identifier: Apache-2.0
// Keys that a source knows, and what happens to whoever guesses.
#include "tests/unit/http/fixture.h"
#include "tests/unit/http/suites.h"

static struct answer answer;

static void start(void) { fixture_start(NULL, NULL, NULL); }

static void stop(void) {
    answer_clear(&answer);
    fixture_stop();
}

static void post_from(const char *from, const char *key) {
    struct buf request = {0};
    struct client client = client_connect_from(from, fixture.port);
    buf_append_format(&request,
                      "POST /v1/items HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
                      "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
                      key);
    client_send(&client, buf_bytes(&request));
    client_read(&client, &answer, false);
    client_close(&client);
    buf_clear(&request);
}

static void post(const char *key) { post_from("127.0.0.1", key); }

START_TEST(a_source_knows_keys_too) {
    post(SOURCE_KEY);
    ck_assert_int_eq(answer.code, 201);
    ck_assert_str_eq(answer_text(&answer), "from the source application/json 2 {}");
    ask_get(&answer, fixture.port, "/v1/items/1", "Authorization: Bearer " SOURCE_KEY "\r\n");
    assert_has(&answer, "\"caller\":\"from the source\",\"may write\":\"yes\"");
    post(SOURCE_KEY "x");
    ck_assert_int_eq(answer.code, 401);
}
END_TEST

START_TEST(whoever_guesses_is_slowed_and_nobody_else) {
    for (int i = 0; i < 10; i++) {
        post("guess");
        ck_assert_int_eq(answer.code, 401);
    }
    post("guess");
    ck_assert_int_eq(answer.code, 429);
    assert_has(&answer, "\"code\":\"too_many_wrong_keys\"");
    ck_assert_str_eq(answer_header(&answer, "Retry-After"), "5");
    // An open route tells nothing more.
    ask_get(&answer, fixture.port, "/v1/items/1", "Authorization: Bearer guess\r\n");
    ck_assert_int_eq(answer.code, 429);
    // Neither who has a key, nor who brings none, nor anybody elsewhere is held up.
    post(WRITER_KEY);
    ck_assert_int_eq(answer.code, 201);
    ask_get(&answer, fixture.port, "/v1/items/1", "");
    ck_assert_int_eq(answer.code, 200);
    post_from("127.0.0.2", "guess");
    ck_assert_int_eq(answer.code, 401);
}
END_TEST

START_TEST(how_many_wrong_keys_are_borne_is_told) {
    struct http_limits limits = {.wrong_keys = {1, 60}};
    fixture_start(&limits, NULL, NULL);
    post("guess");
    ck_assert_int_eq(answer.code, 401);
    post("guess");
    ck_assert_int_eq(answer.code, 429);
    ck_assert_str_eq(answer_header(&answer, "Retry-After"), "1");
    stop();
}
END_TEST

Suite *keys_suite(void) {
    Suite *suite = suite_create("keys");
    TCase *cases = tcase_create("keys"), *own = tcase_create("limits of their own");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_test(cases, a_source_knows_keys_too);
    tcase_add_test(cases, whoever_guesses_is_slowed_and_nobody_else);
    tcase_add_test(own, how_many_wrong_keys_are_borne_is_told);
    suite_add_tcase(suite, cases);
    suite_add_tcase(suite, own);
    return suite;
}
