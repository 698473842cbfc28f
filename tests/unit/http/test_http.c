// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "chaincore/base/log.h"
#include "tests/unit/http/fixture.h"
#include "tests/unit/http/suites.h"

static struct answer answer;

static void start(void) { fixture_start(NULL, NULL, NULL); }

static void stop(void) {
    answer_clear(&answer);
    fixture_stop();
}

static void get(const char *path, const char *headers) {
    ask_get(&answer, fixture.port, path, headers);
}

static void assert_code(int code) {
    ck_assert_msg(answer.code == code, "%d instead of %d: %s%s", answer.code, code,
                  buf_as_string(&answer.head), answer_text(&answer));
}

START_TEST(a_route_gets_its_parameters) {
    get("/v1/items/urn:epc:id%2F7?a=1&b=%C3%A9+x&a=2", "");
    assert_code(200);
    ck_assert_str_eq(answer_text(&answer),
                     "{\"id\":\"urn:epc:id/7\",\"q0\":\"a\",\"value\":\"1\",\"q1\":\"b\","
                     "\"value\":\"\xC3\xA9 x\",\"q2\":\"a\",\"value\":\"2\",\"may write\":\"no\","
                     "\"type\":\"application/json\",\"path\":\"/v1/items/urn:epc:id%2F7\"}");
    ck_assert_str_eq(answer_header(&answer, "Content-Type"), "application/json");
    ck_assert_str_eq(answer_header(&answer, "Cache-Control"), "no-cache");
    ck_assert_str_eq(answer_header(&answer, "Vary"), "Accept"); // it has two forms
    ck_assert_str_eq(answer_header(&answer, "X-Content-Type-Options"), "nosniff");
    ck_assert(strstr(answer_header(&answer, "Content-Security-Policy"), "default-src 'none'"));
    get("/v1/items/latest", "");
    ck_assert_str_eq(answer_text(&answer), "{\"latest\":true}");
    ck_assert_str_eq(answer_header(&answer, "X-Once"), "second");
    ck_assert_str_eq(answer_header(&answer, "X-Split"), "a  Set-Cookie: b ");
    ck_assert(strstr(buf_as_string(&answer.head), "rel=\"next\"\r\nLink: </b>; rel=\"prev\""));
    get("/v1/items/7/proof", "");
    ck_assert_str_eq(answer_text(&answer), "7");
}
END_TEST

START_TEST(other_paths_and_methods_are_refused) {
    get("/v1/item", "");
    assert_code(404);
    ck_assert_str_eq(answer_header(&answer, "Content-Type"), "application/problem+json");
    assert_has(&answer, "\"code\":\"not_found\"");
    ask(&answer, fixture.port, "PUT /v1/items/7 HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_code(405);
    ck_assert_str_eq(answer_header(&answer, "Allow"), "GET, HEAD, DELETE, OPTIONS");
    ask(&answer, fixture.port, "BREW /v1/items HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_code(405);
    ck_assert_str_eq(answer_header(&answer, "Allow"), "POST, OPTIONS");
    ask(&answer, fixture.port, "OPTIONS /v1/items/7 HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_code(204);
    ck_assert_str_eq(answer_header(&answer, "Allow"), "GET, HEAD, DELETE, OPTIONS");
}
END_TEST

START_TEST(head_is_get_without_its_body) {
    get("/v1/items/latest", "");
    const char *length = answer_header(&answer, "Content-Length");
    struct client client = client_connect(fixture.port);
    client_send_text(&client, "HEAD /v1/items/latest HTTP/1.1\r\nHost: x\r\n\r\n"
                              "GET /v1/items/7/proof HTTP/1.1\r\nHost: x\r\n\r\n");
    client_read(&client, &answer, true);
    assert_code(200);
    ck_assert_str_eq(answer_header(&answer, "Content-Length"), length);
    client_read(&client, &answer, false);
    ck_assert_str_eq(answer_text(&answer), "7");
    client_close(&client);
}
END_TEST

START_TEST(a_tag_that_is_known_saves_the_body) {
    get("/v1/items/latest", "");
    ck_assert_str_eq(answer_header(&answer, "ETag"), "\"v1\"");
    ck_assert_str_eq(answer_header(&answer, "Cache-Control"), "no-cache");
    get("/v1/items/latest", "If-None-Match: \"v0\", \"v1\"\r\n");
    assert_code(304);
    ck_assert_str_eq(answer_header(&answer, "ETag"), "\"v1\"");
    ck_assert_uint_eq(answer.body.len, 0);
    get("/v1/items/latest", "If-None-Match: \"v2\"\r\n");
    assert_code(200);
}
END_TEST

START_TEST(an_answer_without_a_tag_is_named_by_its_content) {
    char tag[64], known[96];
    get("/v1/items/7/proof", "");
    snprintf(tag, sizeof tag, "%s", answer_header(&answer, "ETag"));
    ck_assert_uint_eq(strlen(tag), 34);
    snprintf(known, sizeof known, "If-None-Match: %s\r\n", tag);
    get("/v1/items/7/proof", known);
    assert_code(304);
    ck_assert_str_eq(answer_header(&answer, "ETag"), tag);
    ck_assert_uint_eq(answer.body.len, 0);
    get("/v1/items/8/proof", known);
    assert_code(200);
    ck_assert_str_eq(answer_text(&answer), "8");
    ck_assert_str_ne(answer_header(&answer, "ETag"), tag);
    get("/v1/item", "");
    assert_code(404);
    ck_assert_str_eq(answer_header(&answer, "ETag"), "");
    ck_assert_str_eq(answer_header(&answer, "Cache-Control"), "no-store");
}
END_TEST

START_TEST(addresses_that_confuse_are_refused) {
    static const char *const bad[] = {"/v1/items/%",       "/v1/items/%FF",     "/v1/items/..",
                                      "/v1/../etc/passwd", "/v1/items/7?a=%zz", "/%2e%2e/x",
                                      "/v1/items/%00"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        get(bad[i], "");
        assert_code(400);
        assert_has(&answer, "\"code\":\"bad_uri\"");
    }
    get("/v1/items/a%2F..%2Fb", "");
    assert_code(200);
    assert_has(&answer, "\"id\":\"a/../b\"");
}
END_TEST

START_TEST(every_request_has_an_id) {
    get("/v1/items/7", "X-Request-Id: my.id-1_A\r\n");
    ck_assert_str_eq(answer_header(&answer, "X-Request-Id"), "my.id-1_A");
    get("/nowhere", "X-Request-Id: also-in-problems\r\n");
    assert_has(&answer, "\"request_id\":\"also-in-problems\"");
    char first[80];
    get("/v1/items/7", "X-Request-Id: not sane\r\n");
    snprintf(first, sizeof first, "%s", answer_header(&answer, "X-Request-Id"));
    ck_assert_uint_ge(strlen(first), 18);
    get("/v1/items/7", "X-Request-Id: 12345678901234567890123456789012345678901234567890"
                       "123456789012345\r\n");
    ck_assert_uint_lt(strlen(answer_header(&answer, "X-Request-Id")), 60);
    ck_assert_str_ne(answer_header(&answer, "X-Request-Id"), first);
}
END_TEST

START_TEST(keys_open_what_their_scopes_say) {
    static const char body[] = "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    static const struct {
        const char *authorization;
        int code;
    } cases[] = {
        {"", 401},
        {"Authorization: Bearer " WRITER_KEY "x\r\n", 401},
        {"Authorization: Bearer \r\n", 401},
        {"Authorization: Basic " WRITER_KEY "\r\n", 401},
        {"Authorization: " WRITER_KEY "\r\n", 401},
        {"Authorization: Bearer " READER_KEY "\r\n", 403},
        {"Authorization: Bearer " WRITER_KEY "\r\n", 201},
        {"authorization: bearer  " WRITER_KEY " \r\n", 201},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf request = {0};
        buf_append_format(&request, "POST /v1/items HTTP/1.1\r\nHost: x\r\n%s%s",
                          cases[i].authorization, body);
        ask_bytes(&answer, fixture.port, buf_bytes(&request));
        buf_clear(&request);
        assert_code(cases[i].code);
        if (cases[i].code == 401)
            ck_assert_str_eq(answer_header(&answer, "WWW-Authenticate"), "Bearer");
        if (cases[i].code == 403) assert_has(&answer, "\"scope\":\"write\"");
        if (cases[i].code == 201)
            ck_assert_str_eq(answer_text(&answer), "writer application/json 2 {}");
    }
    get("/v1/items/7", "Authorization: Bearer " WRITER_KEY "\r\n");
    assert_has(&answer, "\"caller\":\"writer\",\"may write\":\"yes\"");
    get("/v1/items/7", "Authorization: Bearer wrong\r\n");
    assert_code(200);
}
END_TEST

START_TEST(types_are_agreed_upon) {
    get("/v1/items/7", "Accept: text/csv, */*;q=0.1\r\n");
    assert_has(&answer, "\"type\":\"text/csv\"");
    ck_assert_str_eq(answer_header(&answer, "Content-Type"), "text/csv");
    get("/v1/items/7", "Accept: image/png\r\n");
    assert_code(406);
    assert_has(&answer, "\"available\":\"application/json, text/csv\"");
    static const char *const types[] = {"text/plain", "application/json; charset=latin1", ""};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        struct buf request = {0};
        buf_append_format(&request,
                          "POST /v1/items HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " WRITER_KEY
                          "\r\n%s%s%sContent-Length: 2\r\n\r\n{}",
                          *types[i] ? "Content-Type: " : "", types[i], *types[i] ? "\r\n" : "");
        ask_bytes(&answer, fixture.port, buf_bytes(&request));
        buf_clear(&request);
        assert_code(415);
        assert_has(&answer, "\"supported\":\"application/json, application/ld+json\"");
    }
}
END_TEST

START_TEST(an_answer_without_a_body_has_no_type) {
    get("/accepted", "");
    assert_code(202);
    ck_assert_str_eq(answer_header(&answer, "Content-Length"), "0");
    ck_assert_str_eq(answer_header(&answer, "Content-Type"), "");
    get("/released", "");
    ck_assert_str_eq(answer_header(&answer, "Content-Type"), "application/octet-stream");
}
END_TEST

START_TEST(a_failed_handler_answers_by_the_table) {
    static const struct {
        enum status status;
        const char *code;
    } cases[] = {
        {STATUS_NOT_FOUND, "not_found"},
        {STATUS_EXISTS, "exists"},
        {STATUS_MALFORMED, "malformed"},
        {STATUS_UNAVAILABLE, "unavailable"},
        {STATUS_IO, "io"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[64];
        snprintf(path, sizeof path, "/failure?status=%d", cases[i].status);
        get(path, "");
        assert_code(http_code_of(cases[i].status));
        ck_assert_ptr_null(strstr(answer_text(&answer), "half of"));
        assert_has(&answer, cases[i].code);
        assert_has(&answer, http_sentence_of(cases[i].status));
        ck_assert_str_eq(answer_header(&answer, "Retry-After"), answer.code == 503 ? "1" : "");
    }
    get("/failure?status=x", "");
    assert_code(400);
    get("/failure?status=1&status=2", "");
    assert_code(409);
    get("/failure?status=99999999999999999999", "");
    assert_has(&answer, "\"code\":\"overflow\"");
}
END_TEST

START_TEST(every_status_has_a_code_and_a_sentence) {
#define X(name, text)                                                         \
    ck_assert_int_ge(http_code_of(STATUS_##name), STATUS_##name ? 400 : 200); \
    ck_assert_uint_gt(strlen(http_sentence_of(STATUS_##name)), 10);           \
    ck_assert(STATUS_##name == STATUS_IO ||                                   \
              strcmp(http_sentence_of(STATUS_##name), http_sentence_of(STATUS_IO)) != 0);
    STATUS_LIST(X)
#undef X
    ck_assert_int_eq(http_code_of((enum status)12345), 500);
}
END_TEST

START_TEST(a_problem_names_field_and_rule) {
    get("/violations", "");
    assert_code(400);
    ck_assert_str_eq(answer_header(&answer, "Content-Type"), "application/problem+json");
    assert_has(&answer, "{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,"
                        "\"code\":\"invalid_document\",\"detail\":\"The document breaks 2 rules.\","
                        "\"pointer\":\"/events/0/\\\"type\\\"\",\"rule\":\"epcis/type\","
                        "\"violations\":[{\"pointer\":\"/events/0/\\\"type\\\"\","
                        "\"rule\":\"epcis/type\",\"detail\":\"It's \\u0001\"},{\"pointer\":"
                        "\"/events/0/\\\"type\\\"\",\"rule\":\"epcis/type\"}],"
                        "\"schema\":\"draft-07\",\"request_id\":\"");
    get("/violations?count=103", "");
    assert_has(&answer, "\"unshown\":3,");
}
END_TEST

START_TEST(json_strings_are_escaped) {
    struct buf out = {0};
    http_append_json_string(&out, bytes_of("\"\\\n\x7F\xC3\xA9\xFF\xE2\x82\0", 10));
    ck_assert_str_eq(buf_as_string(&out), "\"\\\"\\\\\\u000a\\u007f\xC3\xA9\xEF\xBF\xBD"
                                          "\xEF\xBF\xBD\xEF\xBF\xBD\\u0000\"");
    buf_clear(&out);
}
END_TEST

START_TEST(a_borrowed_body_is_given_back) {
    get("/borrowed", "");
    ck_assert_str_eq(answer_text(&answer), "from elsewhere");
    ck_assert_str_eq(answer_header(&answer, "Content-Length"), "14");
    // Some time after it was sent; the case's own time-out is the bound.
    do get("/released", "");
    while (strcmp(answer_text(&answer), "0") == 0);
    ck_assert_str_eq(answer_text(&answer), "1");
}
END_TEST

START_TEST(health_is_told) {
    get("/livez", "");
    ck_assert_str_eq(answer_text(&answer), "{\"status\":\"ok\"}\n");
    get("/readyz", "");
    assert_code(503);
    ck_assert_str_eq(answer_text(&answer), "{\"status\":\"not ready\"}\n");
    get("/readyz?verbose", "");
    ck_assert_str_eq(answer_text(&answer), "{\"status\":\"not ready\",\"problems\":["
                                           "\"index is 12 blocks behind\"]}\n");
    fixture.is_done = true;
    get("/readyz?verbose", "");
    assert_code(200);
    ck_assert_str_eq(answer_text(&answer), "{\"status\":\"ready\",\"problems\":[]}\n");
}
END_TEST

START_TEST(requests_are_counted_by_outcome) {
    get("/livez", "");
    get("/nowhere", "");
    get("/failure?status=2", "");
    fixture_wait_in_flight(0);
    struct http_counts counts = http_server_counts(fixture.server);
    ck_assert_uint_eq(counts.requests, 3);
    ck_assert_uint_eq(counts.by_class[2], 1);
    ck_assert_uint_eq(counts.by_class[4], 1);
    ck_assert_uint_eq(counts.by_class[5], 1);
}
END_TEST

START_TEST(an_address_that_cannot_be_taken_says_why) {
    struct http_server *server;
    struct http_config config = {.address = "127.0.0.1", .port = fixture.port};
    log_set_level(LOG_ERROR);
    assert_ok(http_server_open(&server, &config));
    assert_status(http_server_start(server), STATUS_BUSY);
    http_server_close(server);
    config.address = "not an address";
    assert_ok(http_server_open(&server, &config));
    assert_status(http_server_start(server), STATUS_INVALID);
    http_server_close(server);
    http_server_close(NULL);
}
END_TEST

Suite *http_suite(void) {
    Suite *suite = suite_create("http");
    TCase *cases = tcase_create("http");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_test(cases, a_route_gets_its_parameters);
    tcase_add_test(cases, other_paths_and_methods_are_refused);
    tcase_add_test(cases, head_is_get_without_its_body);
    tcase_add_test(cases, a_tag_that_is_known_saves_the_body);
    tcase_add_test(cases, an_answer_without_a_tag_is_named_by_its_content);
    tcase_add_test(cases, addresses_that_confuse_are_refused);
    tcase_add_test(cases, every_request_has_an_id);
    tcase_add_test(cases, keys_open_what_their_scopes_say);
    tcase_add_test(cases, types_are_agreed_upon);
    tcase_add_test(cases, an_answer_without_a_body_has_no_type);
    tcase_add_test(cases, a_failed_handler_answers_by_the_table);
    tcase_add_test(cases, every_status_has_a_code_and_a_sentence);
    tcase_add_test(cases, a_problem_names_field_and_rule);
    tcase_add_test(cases, json_strings_are_escaped);
    tcase_add_test(cases, a_borrowed_body_is_given_back);
    tcase_add_test(cases, health_is_told);
    tcase_add_test(cases, requests_are_counted_by_outcome);
    tcase_add_test(cases, an_address_that_cannot_be_taken_says_why);
    suite_add_tcase(suite, cases);
    return suite;
}

void add_suites(SRunner *runner) {
    srunner_add_suite(runner, text_suite());
    srunner_add_suite(runner, uri_suite());
    srunner_add_suite(runner, metrics_suite());
    srunner_add_suite(runner, page_suite());
    srunner_add_suite(runner, proxies_suite());
    srunner_add_suite(runner, rate_suite());
    srunner_add_suite(runner, router_suite());
    srunner_add_suite(runner, http_suite());
    srunner_add_suite(runner, browser_suite());
    srunner_add_suite(runner, idempotency_suite());
    srunner_add_suite(runner, keys_suite());
    srunner_add_suite(runner, lanes_suite());
    srunner_add_suite(runner, limits_suite());
    srunner_add_suite(runner, acceptor_suite());
    srunner_add_suite(runner, assets_suite());
    srunner_add_suite(runner, stream_suite());
    srunner_add_suite(runner, tls_suite());
    srunner_add_suite(runner, wait_suite());
}
