// SPDX-License-Identifier: Apache-2.0
// What browsers are told: security headers in every answer, and whose pages may read it.
#include "tests/unit/http/fixture.h"
#include "tests/unit/http/suites.h"

static struct answer answer;
static struct http_assets *assets;

static const struct http_asset files[] = {
    {.path = "/index.html", .content = {(const uint8_t *)"<!doctype html>", 15}},
};

static void start(const char *const *origins, size_t count) {
    assert_ok(http_assets_from_table(&assets, files, 1));
    fixture_start_with(&(struct http_config){.assets = assets,
                                             .cors_origins = origins,
                                             .cors_origin_count = count},
                       NULL);
}

static void stop(void) {
    answer_clear(&answer);
    fixture_stop();
    http_assets_close(assets);
}

static void get(const char *path, const char *headers) {
    ask_get(&answer, fixture.port, path, headers);
}

#define assert_header(name, value) ck_assert_str_eq(answer_header(&answer, name), value)

START_TEST(every_answer_has_security_headers) {
    static const struct {
        const char *path;
        int code;
    } cases[] = {{"/v1/items/1", 200},
                 {"/v1/items/latest", 200},
                 {"/", 200},
                 {"/nowhere", 404},
                 {"/%zz", 400},
                 {"/failure?status=2", 500},
                 {"/readyz?verbose", 503}};
    start(NULL, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        get(cases[i].path, "Origin: https://a.example\r\n");
        ck_assert_int_eq(answer.code, cases[i].code);
        assert_header("X-Content-Type-Options", "nosniff");
        assert_header("Referrer-Policy", "no-referrer");
        assert_header("Cross-Origin-Resource-Policy", "same-origin");
        ck_assert_ptr_nonnull(
            strstr(answer_header(&answer, "Content-Security-Policy"), "frame-ancestors 'none'"));
        // Nothing of the kind without TLS: it would be believed of other servers of the name.
        assert_header("Strict-Transport-Security", "");
        assert_header("Access-Control-Allow-Origin", "");
        ck_assert_ptr_null(strstr(answer_header(&answer, "Vary"), "Origin"));
    }
    get("/v1/items/latest", "If-None-Match: \"v1\"\r\n");
    ck_assert_int_eq(answer.code, 304);
    assert_header("X-Content-Type-Options", "nosniff");
    stop();
}
END_TEST

START_TEST(pages_of_named_origins_may_read_and_no_others) {
    static const char *const origins[] = {"https://a.example", "http://localhost:5173"};
    start(origins, 2);
    for (int i = 0; i < 2; i++) {
        struct buf header = {0};
        buf_append_format(&header, "Origin: %s\r\n", origins[i]);
        get("/v1/items/latest", buf_as_string(&header));
        assert_header("Access-Control-Allow-Origin", origins[i]);
        assert_header("Access-Control-Expose-Headers", "*");
        assert_header("Vary", "Origin");
        assert_header("Access-Control-Allow-Credentials", "");
        buf_clear(&header);
    }
    // An answer that is an error can be read too, or nobody could tell what is wrong.
    get("/nowhere", "Origin: https://a.example\r\n");
    ck_assert_int_eq(answer.code, 404);
    assert_header("Access-Control-Allow-Origin", "https://a.example");
    static const char *const others[] = {"https://a.example.org",
                                         "http://a.example",
                                         "https://a.example:8443",
                                         "https://A.example",
                                         "null",
                                         "*"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct buf header = {0};
        buf_append_format(&header, "Origin: %s\r\n", others[i]);
        get("/v1/items/latest", buf_as_string(&header));
        ck_assert_int_eq(answer.code, 200);
        assert_header("Access-Control-Allow-Origin", "");
        assert_header("Vary", "Origin");
        buf_clear(&header);
    }
    // A cache must not hand on what was told to nobody's page.
    get("/v1/items/latest", "");
    assert_header("Vary", "Origin");
    stop();
}
END_TEST

START_TEST(a_preflight_is_told_methods_and_headers) {
    static const char *const origins[] = {"https://a.example"};
    start(origins, 1);
    ask(&answer, fixture.port,
        "OPTIONS /v1/items HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\n"
        "Access-Control-Request-Method: POST\r\n"
        "Access-Control-Request-Headers: authorization,content-type\r\n\r\n");
    ck_assert_int_eq(answer.code, 204);
    assert_header("Access-Control-Allow-Origin", "https://a.example");
    assert_header("Access-Control-Allow-Methods", "POST, OPTIONS");
    assert_header("Access-Control-Allow-Headers", "authorization,content-type");
    assert_header("Access-Control-Max-Age", "600");
    ask(&answer, fixture.port,
        "OPTIONS /v1/items HTTP/1.1\r\nHost: x\r\nOrigin: https://b.example\r\n"
        "Access-Control-Request-Method: POST\r\n\r\n");
    ck_assert_int_eq(answer.code, 204);
    assert_header("Access-Control-Allow-Methods", "");
    ask(&answer, fixture.port,
        "OPTIONS /v1/items HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\n\r\n");
    assert_header("Access-Control-Allow-Methods", "");
    assert_header("Allow", "POST, OPTIONS");
    ask(&answer, fixture.port,
        "OPTIONS /v1/items HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\n"
        "Access-Control-Request-Method: POST\r\n"
        "Access-Control-Request-Headers: a\"b\r\n\r\n");
    assert_header("Access-Control-Allow-Headers", "");
    stop();
}
END_TEST

START_TEST(all_origins_may_be_allowed) {
    static const char *const origins[] = {"*"};
    start(origins, 1);
    get("/v1/items/latest", "Origin: https://anybody.example\r\n");
    assert_header("Access-Control-Allow-Origin", "*");
    assert_header("Vary", "");
    get("/v1/items/latest", "");
    assert_header("Access-Control-Allow-Origin", "");
    stop();
}
END_TEST

Suite *browser_suite(void) {
    Suite *suite = suite_create("browser");
    TCase *cases = tcase_create("browser");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, every_answer_has_security_headers);
    tcase_add_test(cases, pages_of_named_origins_may_read_and_no_others);
    tcase_add_test(cases, a_preflight_is_told_methods_and_headers);
    tcase_add_test(cases, all_origins_may_be_allowed);
    suite_add_tcase(suite, cases);
    return suite;
}
