// SPDX-License-Identifier: Apache-2.0
// The market with its real program: what raw transactions do is found and shown.
#include <stdio.h>
#include <stdlib.h>

#include "apps/sharing/test/calls.h"
#include "apps/sharing/test/renter.h"
#include "tests/support/unit.h"

static void set_up(void) { renter_open("sharing"); }
static void tear_down(void) { raw_close(); }

static size_t count_of(const char *path) {
    json_t *page = server_get(&raw.server, path);
    size_t count = json_array_size(json_object_get(page, "items"));
    json_decref(page);
    return count;
}

static long status_of(const char *path) {
    struct reply reply;
    server_ask(&raw.server, &(struct ask){.path = path}, &reply);
    long status = reply.status;
    reply_clear(&reply);
    return status;
}

static void expect_member(const char *path, const char *name, const char *text) {
    json_t *object = server_get(&raw.server, path);
    ck_assert_msg(strcmp(member(object, name), text) == 0, "%s of %s: %s", name, path,
                  member(object, name));
    json_decref(object);
}

START_TEST(an_asset_is_listed_found_and_shown) {
    struct terms other = usual_terms;
    ck_assert_int_eq(status_of("/v1/assets/1"), 404);
    raw_act_as("alice");
    renter_list(&usual_terms, 0);
    other.title = "A DRILL, 100 % strong";
    other.text = "";
    other.category = "tools";
    other.latitude = -335000000;
    other.longitude = 1512000000;
    other.price = 50;
    renter_list(&other, 0);
    expect_member("/v1/assets/1", "title", "A camera");
    expect_member("/v1/assets/1", "price_per_minute", "0.0000001");
    expect_member("/v1/assets/1", "owner", raw.address);
    json_t *asset = server_get(&raw.server, "/v1/assets/2");
    ck_assert_double_eq_tol(json_real_value(json_object_get(asset, "latitude")), -33.5, 1e-9);
    ck_assert_double_eq_tol(json_real_value(json_object_get(asset, "longitude")), 151.2, 1e-9);
    json_decref(asset);
    static const struct {
        const char *query;
        size_t count;
    } searches[] = {
        {"", 2},
        {"?text=drill", 1},
        {"?text=Two%20Lenses", 1},
        {"?text=%25", 1}, // a character like any other
        {"?text=_", 0},
        {"?category=tools", 1},
        {"?category=Tools", 0},
        {"?maxPricePerMinute=0.0000001", 1},
        {"?near=-33.5,151.2,10", 1},
        {"?near=47.0008,8.5,90", 1}, // 89 m to the north
        {"?near=47.0008,8.5,85", 0},
        {"?near=47,8.501,80", 1}, // 76 m to the east
        {"?near=47,8.501,70", 0},
        {"?near=0,0,500000", 0},
        {"?text=drill&category=cameras", 0},
    };
    for (size_t i = 0; i < sizeof searches / sizeof *searches; i++) {
        char path[128];
        snprintf(path, sizeof path, "/v1/assets%s", searches[i].query);
        size_t count = count_of(path);
        ck_assert_msg(count == searches[i].count, "%s: %zu", path, count);
    }
}
END_TEST

START_TEST(a_question_that_cannot_be_read_is_refused) {
    static const char *const queries[] = {
        "/v1/assets?text=",
        "/v1/assets?near=1,2",
        "/v1/assets?near=91,0,1",
        "/v1/assets?near=0,0,500001",
        "/v1/assets?near=x,0,1",
        "/v1/assets?maxPricePerMinute=-1",
        "/v1/assets?from=now",
        "/v1/assets?from=2026-02-29T00:00:00Z&until=2027-01-01T00:00:00Z",
        "/v1/assets?owner=lmm1",
        "/v1/assets?from=2027-01-01T00:00:00Z",
        "/v1/assets?colour=red",
        "/v1/assets?nextPageToken=ffffffffffffffff",
        "/v1/bookings?state=strange",
        "/v1/bookings?renter=x",
        "/v1/quotes?asset=1",
        "/v1/quotes?from=2027-01-01T00:00:00Z",
    };
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        long status = status_of(queries[i]);
        ck_assert_msg(status == 400, "%s: %ld", queries[i], status);
    }
    ck_assert_int_eq(status_of("/v1/assets/99999999999999999999"), 404);
    ck_assert_int_eq(status_of("/v1/assets/x/calendar"), 404);
}
END_TEST

START_TEST(a_devnet_has_things_to_rent_when_it_is_asked_to) {
    struct server_process server;
    server_init(&server, raw.program);
    server.flags[0] = "--demo";
    server_start(&server);
    static const struct {
        const char *path;
        size_t count;
    } lists[] = {{"/v1/assets", 6},
                 {"/v1/assets?near=46.948,7.447,5000", 6},
                 {"/v1/bookings?state=open", 4},
                 {"/v1/assets/1/calendar", 1},
                 {"/v1/assets/2/calendar", 1}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        json_t *page = server_get(&server, lists[i].path);
        ck_assert_uint_eq(json_array_size(json_object_get(page, "items")), lists[i].count);
        json_decref(page);
    }
    server_clear(&server);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("sharing");
    TCase *cases = tcase_create("server");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, an_asset_is_listed_found_and_shown);
    tcase_add_test(cases, a_question_that_cannot_be_read_is_refused);
    tcase_add_test(cases, a_devnet_has_things_to_rent_when_it_is_asked_to);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
