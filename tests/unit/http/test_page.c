// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "apps/common/http/page.h"
#include "chaincore/base/codec.h"
#include "tests/unit/http/fixture.h"
#include "tests/unit/http/suites.h"

static struct answer answer;

enum { NUMBERS = 7 };

// The numbers from 0 on; a token is the last that was shown.
static enum status get_numbers(void *context, struct http_request *request,
                               struct http_response *response) {
    static const struct http_paging paging = {.usual = 3, .most = 5, .token_bytes = 4};
    struct http_page page;
    struct buf *out = http_body_buf(response);
    uint8_t token[4];
    (void)context;
    if (!http_page_read(&page, request, response, &paging)) return STATUS_OK;
    uint32_t first = page.is_behind ? load_u32_le(page.token) + 1 : 0, number = first;
    if (first >= NUMBERS) {
        http_page_refuse(response);
        return STATUS_OK;
    }
    for (; number < NUMBERS && number < first + page.length; number++)
        buf_append_format(out, "%u ", number);
    store_u32_le(token, number - 1);
    if (number < NUMBERS) http_page_link(request, response, BYTES_OF(token));
    http_set_type(response, "text/plain");
    return STATUS_OK;
}

static const struct http_route routes[] = {{.pattern = "/numbers", .handle = get_numbers}};

static void start(void) {
    static const struct http_route_table table = {routes, 1, NULL};
    fixture_start_with(&(struct http_config){.tables = &table, .table_count = 1}, NULL);
}

static void stop(void) {
    answer_clear(&answer);
    fixture_stop();
}

static void get(const char *query) {
    char path[256];
    snprintf(path, sizeof path, "/numbers%s", query);
    ask_get(&answer, fixture.port, path, "");
}

// Follows the Link from the last answer.
static bool get_next(void) {
    char path[256];
    if (sscanf(answer_header(&answer, "Link"), "<%255[^>]>; rel=\"next\"", path) != 1) return false;
    ask_get(&answer, fixture.port, path, "");
    return true;
}

START_TEST(each_page_links_to_the_one_behind_it) {
    get("");
    ck_assert_str_eq(answer_text(&answer), "0 1 2 ");
    ck_assert(get_next());
    ck_assert_str_eq(answer_text(&answer), "3 4 5 ");
    ck_assert(get_next());
    ck_assert_str_eq(answer_text(&answer), "6 ");
    ck_assert(!get_next());
}
END_TEST

START_TEST(the_link_keeps_what_else_was_asked) {
    get("?perPage=5&q=a%26b%3D%C3%A9+c&x=1");
    ck_assert_str_eq(answer_text(&answer), "0 1 2 3 4 ");
    ck_assert_str_eq(
        answer_header(&answer, "Link"),
        "</numbers?perPage=5&q=a%26b%3D%C3%A9%20c&x=1&nextPageToken=04000000>; rel=\"next\"");
    ck_assert(get_next());
    ck_assert_str_eq(answer_text(&answer), "5 6 ");
    ck_assert(!get_next());
}
END_TEST

static void assert_refused(const char *query, const char *parameter) {
    char pointer[64];
    get(query);
    ck_assert_int_eq(answer.code, 400);
    assert_has(&answer, "\"code\":\"invalid_query\"");
    snprintf(pointer, sizeof pointer, "\"pointer\":\"%s\"", parameter);
    assert_has(&answer, pointer);
}

START_TEST(other_lengths_and_tokens_are_refused) {
    assert_refused("?perPage=0", "perPage");
    assert_refused("?perPage=6", "perPage");
    assert_refused("?perPage=x", "perPage");
    assert_refused("?perPage=1&perPage=1", "perPage");
    assert_refused("?nextPageToken=", "nextPageToken");
    assert_refused("?nextPageToken=0400000", "nextPageToken");
    assert_refused("?nextPageToken=0400000000", "nextPageToken");
    assert_refused("?nextPageToken=0400000g", "nextPageToken");
    assert_refused("?nextPageToken=06000000", "nextPageToken"); // nothing is behind it
    assert_refused("?nextPageToken=00000000&nextPageToken=00000000", "nextPageToken");
}
END_TEST

Suite *page_suite(void) {
    Suite *suite = suite_create("page");
    TCase *cases = tcase_create("page");
    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_test(cases, each_page_links_to_the_one_behind_it);
    tcase_add_test(cases, the_link_keeps_what_else_was_asked);
    tcase_add_test(cases, other_lengths_and_tokens_are_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
