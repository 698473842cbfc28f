// SPDX-License-Identifier: Apache-2.0
// The market with its real program: what is found and shown, forms that are none, and the same rows
// whatever made them.
#include <stdio.h>
#include <stdlib.h>

#include "apps/sharing/test/renter.h"
#include "tests/support/receiver.h"
#include "tests/support/same_rows.h"
#include "tests/support/unit.h"

static struct key_pair lock, phone;

static void set_up(void) {
    renter_open("sharing");
    lock = key_pair_of(1);
    phone = key_pair_of(2);
}
static void tear_down(void) { raw_close(); }

START_TEST(an_asset_is_listed_found_and_shown) {
    struct terms other = usual_terms;
    ck_assert_int_eq(renter_status("/v1/assets/1"), 404);
    raw_act_as("alice");
    renter_list(&usual_terms, 0);
    other.title = "A DRILL, 100 % strong";
    other.text = "";
    other.category = "tools";
    other.latitude = -335000000;
    other.longitude = 1512000000;
    other.price = 50;
    renter_list(&other, 0);
    renter_expect("/v1/assets/1", "title", "A camera");
    renter_expect("/v1/assets/1", "price_per_minute", "0.0000001");
    renter_expect("/v1/assets/1", "owner", raw.address);
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
        size_t count = renter_count(path);
        ck_assert_msg(count == searches[i].count, "%s: %zu", path, count);
    }
}
END_TEST

START_TEST(who_looks_for_anything_finds_things_to_rent) {
    renter_act_as("alice");
    renter_list(&usual_terms, 0);
    json_t *answer = server_get(&raw.server, "/v1/search?q=CAMERA");
    const json_t *hit = json_array_get(json_object_get(answer, "items"), 0);
    ck_assert_str_eq(member(hit, "kind"), "asset");
    ck_assert_str_eq(member(hit, "title"), "A camera");
    ck_assert_str_eq(member(hit, "path"), "/thing/1");
    json_decref(answer);
    ck_assert_uint_eq(renter_count("/v1/search?q=violin"), 0);
    renter_number("withdraw", 1, 0);
    ck_assert_uint_eq(renter_count("/v1/search?q=camera"), 0);
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
        long status = renter_status(queries[i]);
        ck_assert_msg(status == 400, "%s: %ld", queries[i], status);
    }
    ck_assert_int_eq(renter_status("/v1/assets/99999999999999999999"), 404);
    ck_assert_int_eq(renter_status("/v1/assets/x/calendar"), 404);
}
END_TEST

START_TEST(signing_for_the_server_takes_its_key) {
    static const struct {
        const char *verb, *path;
    } calls[] = {{"DELETE", "/v1/assets/1"},           {"DELETE", "/v1/assets/1/lock"},
                 {"POST", "/v1/assets/1/lock/revoke"}, {"DELETE", "/v1/bookings/1"},
                 {"POST", "/v1/bookings/1/end"},       {"POST", "/v1/bookings/1/contest"},
                 {"POST", "/v1/bookings/1/settle"}};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        struct reply reply;
        server_ask(
            &raw.server,
            &(struct ask){.path = calls[i].path, .method = calls[i].verb, .without_key = true},
            &reply);
        ck_assert_msg(reply.status == 401, "%s %s: %ld", calls[i].verb, calls[i].path,
                      reply.status);
        reply_clear(&reply);
    }
}
END_TEST

// ---- lists

static size_t walk(const char *first, const char *name) {
    char path[512];
    size_t count = 0;
    json_int_t before = -1;
    snprintf(path, sizeof path, "%s", first);
    for (;;) {
        struct reply reply;
        server_ask(&raw.server, &(struct ask){.path = path}, &reply);
        json_t *page = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
        const json_t *items = json_object_get(page, "items");
        for (size_t i = 0; i < json_array_size(items); i++, count++) {
            const json_t *value = json_object_get(json_array_get(items, i), name);
            if (!json_is_integer(value)) continue;
            ck_assert(before < 0 || json_integer_value(value) < before);
            before = json_integer_value(value);
        }
        bool is_last = !*reply.link;
        if (!is_last) ck_assert_int_eq(sscanf(reply.link, " <%511[^>]>", path), 1);
        json_decref(page);
        reply_clear(&reply);
        if (is_last) return count;
    }
}

START_TEST(lists_come_by_pages_in_one_order) {
    renter_act_as("alice");
    for (int i = 0; i < 5; i++) renter_list(&usual_terms, 0);
    uint64_t from_ms = renter_block_ms() + SHARING_DAY_MS;
    for (uint64_t i = 0; i < 5; i++) {
        uint64_t begin_ms = from_ms + i * 2 * SHARING_MINUTE_MS;
        renter_block(&(struct rental_range){1, begin_ms, begin_ms + SHARING_MINUTE_MS}, 0);
    }
    ck_assert_uint_eq(walk("/v1/assets?perPage=2&category=cameras", "number"), 5);
    ck_assert_uint_eq(walk("/v1/assets/1/calendar?perPage=2", "booking"), 5);
    json_t *page = server_get(&raw.server, "/v1/assets/1/calendar");
    const json_t *slot = json_array_get(json_object_get(page, "items"), 0);
    ck_assert_int_eq(renter_status(member(slot, "proof")), 200);
    json_decref(page);
    struct reply reply;
    server_ask(&raw.server, &(struct ask){.path = "/v1/assets?format=csv"}, &reply);
    ck_assert_ptr_eq(strstr(reply.type, "text/csv"), reply.type);
    reply_clear(&reply);
}
END_TEST

// ---- forms

static long status_of_call(const char *verb, const char *path, const char *body) {
    struct reply reply;
    struct ask ask = {.path = path, .method = verb, .content_type = "application/json"};
    ask.body = bytes_of_string(body);
    server_ask(&raw.server, &ask, &reply);
    long status = reply.status;
    reply_clear(&reply);
    return status;
}

START_TEST(a_call_of_another_form_is_refused) {
#define REST_OF_TERMS                                                                     \
    "\"text\":\"\",\"place\":\"p\",\"category\":\"c\",\"longitude\":0,\"unit\":\"hour\"," \
    "\"deposit\":\"0\",\"late_cap_minutes\":0,\"cancel_free_minutes\":0,"                 \
    "\"cancel_percent\":0"
    static const struct {
        const char *path, *body;
    } calls[] = {
        {"/v1/assets", ""},
        {"/v1/assets", "[]"},
        {"/v1/assets", "{\"title\":\"t\",\"latitude\":0," REST_OF_TERMS "}"},
        {"/v1/assets", "{\"title\":1,\"latitude\":0,\"price_per_minute\":\"1\"," REST_OF_TERMS "}"},
        {"/v1/assets",
         "{\"title\":\"t\",\"latitude\":91,\"price_per_minute\":\"1\"," REST_OF_TERMS "}"},
        {"/v1/assets", "{\"title\":\"t\",\"latitude\":0,\"price_per_minute\":1," REST_OF_TERMS "}"},
        {"/v1/assets",
         "{\"title\":\"t\",\"latitude\":0,\"price_per_minute\":\"1\",\"x\":1," REST_OF_TERMS "}"},
        {"/v1/assets/1/calendar", "{\"from\":\"today\",\"until\":\"2027-01-01T00:00:00Z\"}"},
        {"/v1/assets/1/lock", "{\"lock\":\"00\",\"counter\":1,\"lock_signature\":\"\"}"},
        {"/v1/bookings", "{\"asset\":\"1\"}"},
        {"/v1/bookings/1/extend", "{\"until\":5}"},
        {"/v1/bookings/1/start", "{\"challenge\":\"00\",\"signature\":\"00\"}"},
        {"/v1/bookings/1/return", "{}"},
    };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        long status = status_of_call("POST", calls[i].path, calls[i].body);
        ck_assert_msg(status == 400, "%s %s: %ld", calls[i].path, calls[i].body, status);
    }
    ck_assert_int_eq(
        status_of_call("POST", "/v1/bookings/x/extend", "{\"until\":\"2027-01-01T00:00:00Z\"}"),
        404);
}
END_TEST

// ---- webhooks

START_TEST(a_webhook_hears_of_a_rental_in_order) {
    static const char *const expected[] = {"listed", "bound", "booked", "settled"};
    struct receiver *receiver = receiver_open(0);
    struct reply reply;
    char body[128];
    server_stop(&raw.server);
    raw.server.flags[2] = "--webhook-http";
    raw.server.flags[3] = "--webhook-private-targets";
    server_start(&raw.server);
    snprintf(body, sizeof body,
             "{\"url\":\"http://127.0.0.1:%u/\",\"kinds\":[\"asset\",\"booking\"]}",
             receiver_port(receiver));
    server_ask(&raw.server,
               &(struct ask){.path = "/v1/webhooks",
                             .body = bytes_of_string(body),
                             .content_type = "application/json"},
               &reply);
    ck_assert_int_eq(reply.status, 201);
    reply_clear(&reply);
    struct rental_range range = renter_rent(60, &lock, &phone);
    renter_act_as("alice");
    range.from_ms += SHARING_DAY_MS, range.until_ms += SHARING_DAY_MS;
    renter_block(&range, 0); // of another kind
    renter_number("revoke", 1, 0);
    struct challenge back = {.command = CHALLENGE_RETURN, .counter = 1, .booking = 1};
    memcpy(back.lock, lock.public.bytes, sizeof back.lock);
    back.time_ms = renter_block_ms();
    renter_give_back(1, &back, &phone, &lock, 0);
    ck_assert_uint_ge(receiver_await(receiver, 5), 5);
    for (size_t i = 0, k = 0; i < 5; i++) {
        json_t *post = json_loads(receiver_at(receiver, i)->body, 0, NULL);
        const char *what = member(json_object_get(post, "data"), "what");
        ck_assert_str_eq(what, i == 3 ? "revoked" : expected[k++]);
        ck_assert_str_eq(member(post, "type"), i < 2 || i == 3 ? "asset" : "booking");
        json_decref(post);
    }
    server_stop(&raw.server); // what is sent twice has been sent by now
    ck_assert_uint_eq(receiver_count(receiver), 5);
    receiver_close(receiver);
}
END_TEST

// ---- the rows

static void dump_rows(struct buf *out, struct db *db) {
    same_rows_select(out, db, "SELECT * FROM asset ORDER BY number",
                     "number owner is_withdrawn latitude longitude price category words record "
                     "listed_ms height");
    same_rows_select(out, db, "SELECT * FROM slot ORDER BY asset, until_ms",
                     "asset until_ms from_ms booking height event_index tx_id");
    same_rows_select(out, db, "SELECT * FROM booking ORDER BY number",
                     "number asset owner renter state record booked_ms height tx_id");
    same_rows_select(out, db, "SELECT * FROM happening ORDER BY height, tx_index, event_index",
                     "height tx_index event_index kind topic record time_ms");
}

// `_i`: dropped and made again, or made on the other engine.
START_TEST(the_same_chain_gives_the_same_rows) {
    struct test_database database;
    struct terms other = usual_terms;
    if (!same_rows_open(&database, _i)) return;
    struct rental_range range = renter_rent(60, &lock, &phone);
    renter_extend(1, range.until_ms + 30 * SHARING_MINUTE_MS, 0);
    renter_act_as("alice");
    other.title = "\xFF"; // anybody's bytes
    renter_list(&other, 0);
    range.from_ms += SHARING_DAY_MS, range.until_ms += SHARING_DAY_MS;
    renter_block(&range, 0);
    renter_number("withdraw", 2, 0);
    renter_use_routes();
    renter_number("cancel", 1, SHARING_TOO_LATE_TO_CANCEL);
    same_rows_expect(&database, dump_rows, 1500);
    ck_assert_uint_eq(renter_count("/v1/assets?text=Camera&near=47,8.5,1000"), 1);
    same_rows_close(&database);
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
    tcase_add_test(cases, who_looks_for_anything_finds_things_to_rent);
    tcase_add_test(cases, a_question_that_cannot_be_read_is_refused);
    tcase_add_test(cases, lists_come_by_pages_in_one_order);
    tcase_add_test(cases, a_call_of_another_form_is_refused);
    tcase_add_test(cases, signing_for_the_server_takes_its_key);
    tcase_add_test(cases, a_webhook_hears_of_a_rental_in_order);
    tcase_add_loop_test(cases, the_same_chain_gives_the_same_rows, 0, TEST_ENGINES);
    tcase_add_test(cases, a_devnet_has_things_to_rent_when_it_is_asked_to);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
