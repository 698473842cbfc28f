// SPDX-License-Identifier: Apache-2.0
#include "apps/common/http/router.h"
#include "apps/common/http/server.h"
#include "chaincore/base/log.h"
#include "tests/support/unit.h"
#include "tests/unit/http/suites.h"

static enum status handle(void *context, struct http_request *request,
                          struct http_response *response) {
    (void)context, (void)request, (void)response;
    return STATUS_OK;
}

static struct router router;
static struct arena arena;

static enum status compile(const struct http_route *routes, size_t count) {
    struct http_route_table table = {.routes = routes, .count = count};
    return router_init(&router, &table, 1);
}

static const char *found(const char *path, int method, unsigned *methods) {
    struct uri uri;
    uri_parse(&uri, &arena, path);
    assert_ok(uri.status);
    const struct route *route = router_find(&router, &uri, method, methods);
    return route ? route->public->pattern : "";
}

START_TEST(the_most_exact_route_wins) {
    static const struct http_route routes[] = {
        {.pattern = "/{a}/{b}", .handle = handle},
        {.pattern = "/v1/{b}", .handle = handle},
        {.pattern = "/{a}/latest", .handle = handle},
        {.pattern = "/v1/latest", .handle = handle},
        {.pattern = "/", .handle = handle},
        {.pattern = "/v1", .handle = handle},
        {.method = HTTP_PUT, .pattern = "/v1/latest", .handle = handle},
        {.method = HTTP_DELETE, .pattern = "/v1/{x}", .handle = handle},
    };
    unsigned methods;
    assert_ok(compile(routes, sizeof routes / sizeof routes[0]));
    ck_assert_str_eq(found("/v1/latest", HTTP_GET, &methods), "/v1/latest");
    ck_assert_uint_eq(methods, 1U << HTTP_GET | 1U << HTTP_PUT | 1U << HTTP_DELETE);
    ck_assert_str_eq(found("/v1/latest", HTTP_DELETE, &methods), "/v1/{x}");
    ck_assert_str_eq(found("/v1/latest", HTTP_POST, &methods), "");
    ck_assert_str_eq(found("/v1/7", HTTP_GET, &methods), "/v1/{b}");
    ck_assert_str_eq(found("/v2/latest", HTTP_GET, &methods), "/{a}/latest");
    ck_assert_str_eq(found("/v2/7", HTTP_GET, &methods), "/{a}/{b}");
    ck_assert_str_eq(found("/", HTTP_GET, &methods), "/");
    ck_assert_str_eq(found("/v1", HTTP_GET, &methods), "/v1");
    static const char *const none[] = {"/v2", "/v1/", "//", "/v1/7/8", "/v1/7/", "/V1"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        ck_assert_msg(*found(none[i], HTTP_GET, &methods) == '\0', "%s", none[i]);
        ck_assert_uint_eq(methods, 0);
    }
    router_clear(&router);
    arena_clear(&arena);
}
END_TEST

START_TEST(patterns_that_make_no_sense_are_refused) {
    static const char *const bad[] = {
        "",      "v1",      "/v1/",
        "//",    "/{}",     "/a{b}",
        "/{b}a", "/{a{b}}", "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17"};
    log_set_level(LOG_ERROR + 1);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct http_route route = {.pattern = bad[i], .handle = handle};
        ck_assert_msg(compile(&route, 1) == STATUS_INVALID, "%s", bad[i]);
        router_clear(&router);
    }
    static const struct http_route same[] = {{.pattern = "/v1/{a}/c", .handle = handle},
                                             {.pattern = "/v1/{b}/c", .handle = handle}};
    assert_status(compile(same, 2), STATUS_INVALID);
    router_clear(&router);
}
END_TEST

Suite *router_suite(void) {
    Suite *suite = suite_create("router");
    TCase *cases = tcase_create("router");
    tcase_add_test(cases, the_most_exact_route_wins);
    tcase_add_test(cases, patterns_that_make_no_sense_are_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
