// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "tests/unit/http/fixture.h"
#include "tests/unit/http/suites.h"

static struct answer answer;
static struct http_assets *assets;

static void write_file(const char *folder, const char *name, const char *text) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_ok(file_replace(path, bytes_of_string(text), 0600));
}

// Has the path of a page.
static enum status get_root(void *context, struct http_request *request,
                            struct http_response *response) {
    (void)context, (void)request;
    http_json(response, 200, bytes_of_string("the route"));
    return STATUS_OK;
}

static const struct http_route root_routes[] = {
    {.pattern = "/", .handle = get_root, .produces = "application/json"}};
static const struct http_route_table beside = {root_routes, 1, NULL};

static void start(void) {
    static char folder[] = "/tmp/lmm-assets-XXXXXX";
    char path[256], command[256];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/docs", folder);
    assert_ok(file_make_directories(path, 0700));
    write_file(folder, "index.html", "<h1>page</h1>");
    write_file(folder, "app.js", "let a = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'");
    write_file(folder, "app.js.gz", "pretend gzip");
    write_file(folder, "docs/index.html", "<h1>docs</h1>");
    write_file(folder, ".secret", "no");
    write_file(folder, "with space", "no");
    snprintf(path, sizeof path, "%s/passwd", folder);
    ck_assert_int_eq(symlink("/etc/passwd", path), 0);
    assert_ok(http_assets_from_directory(&assets, folder));
    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
    fixture_start_with(&(struct http_config){.assets = assets, .tables = &beside, .table_count = 1},
                       NULL);
}

static void stop(void) {
    answer_clear(&answer);
    fixture_stop();
    http_assets_close(assets);
}

START_TEST(of_a_page_and_a_route_each_gets_what_it_prefers) {
    static const struct {
        const char *accept;
        bool is_page;
    } cases[] = {{"", true},
                 {"Accept: */*\r\n", true},
                 {"Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n", true},
                 {"Accept: application/json\r\n", false},
                 {"Accept: application/json, text/html;q=0.9\r\n", false},
                 {"Accept: text/html;q=0.1, */*\r\n", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ask_get(&answer, fixture.port, "/", cases[i].accept);
        ck_assert_str_eq(answer_text(&answer), cases[i].is_page ? "<h1>page</h1>" : "the route");
    }
    ask(&answer, fixture.port, "POST / HTTP/1.1\r\nHost: x\r\n\r\n");
    ck_assert_int_eq(answer.code, 405);
}
END_TEST

START_TEST(pages_connect_to_what_the_server_was_told_besides) {
    static const char page[] = "<h1>page</h1>";
    const struct http_asset table[] = {{.path = "/index.html", .content = bytes_of_string(page)}};
    assert_ok(http_assets_from_table(&assets, table, 1));
    fixture_start_with(&(struct http_config){.assets = assets, .page_connects = "ws://[::1]:7 b"},
                       NULL);
    ask_get(&answer, fixture.port, "/", "");
    ck_assert(strstr(answer_header(&answer, "Content-Security-Policy"),
                     "; connect-src 'self' ws://[::1]:7 b; "));
    stop();
}
END_TEST

START_TEST(pages_are_served_with_type_tag_and_policy) {
    ask_get(&answer, fixture.port, "/", "");
    ck_assert_int_eq(answer.code, 200);
    ck_assert_str_eq(answer_text(&answer), "<h1>page</h1>");
    ck_assert_str_eq(answer_header(&answer, "Content-Type"), "text/html; charset=utf-8");
    ck_assert(strstr(answer_header(&answer, "Content-Security-Policy"), "default-src 'self'"));
    ck_assert(strstr(answer_header(&answer, "Content-Security-Policy"), "connect-src 'self';"));
    ck_assert_str_eq(answer_header(&answer, "Referrer-Policy"), "no-referrer");
    ck_assert_str_eq(answer_header(&answer, "Vary"), "");
    char known[80];
    snprintf(known, sizeof known, "If-None-Match: %s\r\n", answer_header(&answer, "ETag"));
    ask_get(&answer, fixture.port, "/index.html", known);
    ck_assert_int_eq(answer.code, 304);
    ask_get(&answer, fixture.port, "/docs/", known);
    ck_assert_int_eq(answer.code, 200);
    ck_assert_str_eq(answer_text(&answer), "<h1>docs</h1>");
    ask(&answer, fixture.port, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    ck_assert_str_eq(answer_header(&answer, "Content-Length"), "13");
}
END_TEST

START_TEST(the_gzip_form_goes_to_those_who_take_it) {
    char plain_tag[80];
    ask_get(&answer, fixture.port, "/app.js", "");
    ck_assert_str_eq(answer_text(&answer), "let a = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'");
    ck_assert_str_eq(answer_header(&answer, "Vary"), "Accept-Encoding");
    ck_assert_str_eq(answer_header(&answer, "Content-Encoding"), "");
    snprintf(plain_tag, sizeof plain_tag, "%s", answer_header(&answer, "ETag"));
    ask_get(&answer, fixture.port, "/app.js", "Accept-Encoding: br, gzip\r\n");
    ck_assert_str_eq(answer_text(&answer), "pretend gzip");
    ck_assert_str_eq(answer_header(&answer, "Content-Encoding"), "gzip");
    ck_assert_str_eq(answer_header(&answer, "Content-Type"), "text/javascript; charset=utf-8");
    ck_assert_str_ne(answer_header(&answer, "ETag"), plain_tag);
}
END_TEST

START_TEST(nothing_else_is_served) {
    static const char *const none[] = {"/.secret",          "/passwd",   "/docs",
                                       "/with%20space",     "/app%2Ejs", "//app.js",
                                       "/docs//index.html", "/APP.JS"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        ask_get(&answer, fixture.port, none[i], "");
        ck_assert_msg(answer.code == 404, "%s: %d", none[i], answer.code);
    }
    static const char *const bad[] = {"/../etc/passwd", "/docs/../.secret", "/%2e%2e/etc/passwd",
                                      "/..%00/", "/docs/%2e%2e/app.js"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ask_get(&answer, fixture.port, bad[i], "");
        ck_assert_msg(answer.code == 400, "%s: %d", bad[i], answer.code);
    }
    ask_get(&answer, fixture.port, "/..%2f..%2fetc%2fpasswd", "");
    ck_assert_int_eq(answer.code, 404);
    ask(&answer, fixture.port, "POST /app.js HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    ck_assert_int_eq(answer.code, 405);
    ck_assert_str_eq(answer_header(&answer, "Allow"), "GET, HEAD, OPTIONS");
    ask_get(&answer, fixture.port, "/livez", "");
    ck_assert_int_eq(answer.code, 200);
}
END_TEST

START_TEST(an_embedded_table_is_served_alike) {
    static const struct http_asset table[] = {
        {.path = "/z.css",
         .content = {(const uint8_t *)"z{}", 3},
         .gzip = {(const uint8_t *)"g", 1}},
        {.path = "/index.html", .content = {(const uint8_t *)"hi", 2}},
    };
    struct http_assets *embedded, *doubled;
    const struct http_asset twice[] = {table[0], table[0]};
    assert_status(http_assets_from_table(&doubled, twice, 2), STATUS_EXISTS);
    log_set_level(LOG_ERROR);
    assert_status(http_assets_from_directory(&doubled, "/nowhere"), STATUS_NOT_FOUND);
    assert_ok(http_assets_from_table(&embedded, table, 2));
    fixture_start(NULL, NULL, embedded);
    ask_get(&answer, fixture.port, "/", "");
    ck_assert_str_eq(answer_text(&answer), "hi");
    ask_get(&answer, fixture.port, "/z.css", "Accept-Encoding: gzip\r\n");
    ck_assert_str_eq(answer_text(&answer), "g");
    answer_clear(&answer);
    fixture_stop();
    http_assets_close(embedded);
}
END_TEST

Suite *assets_suite(void) {
    Suite *suite = suite_create("assets");
    TCase *cases = tcase_create("assets"), *own = tcase_create("embedded");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_test(cases, of_a_page_and_a_route_each_gets_what_it_prefers);
    tcase_add_test(cases, pages_are_served_with_type_tag_and_policy);
    tcase_add_test(cases, the_gzip_form_goes_to_those_who_take_it);
    tcase_add_test(cases, nothing_else_is_served);
    tcase_add_test(own, an_embedded_table_is_served_alike);
    tcase_add_test(own, pages_connect_to_what_the_server_was_told_besides);
    suite_add_tcase(suite, cases);
    suite_add_tcase(suite, own);
    return suite;
}
