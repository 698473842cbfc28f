// SPDX-License-Identifier: Apache-2.0
// The market with its real program: what raw transactions do is found and shown.
#include <stdio.h>
#include <stdlib.h>

#include "apps/sharing/test/calls.h"
#include "apps/sharing/test/renter.h"
#include "chaincore/chain/state_key.h"
#include "tests/support/live_stream.h"
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

// ---- a rental

static struct key_pair lock, phone;

static struct challenge challenge_of(enum challenge_command command, uint64_t counter) {
    struct challenge challenge = {.command = (uint8_t)command,
                                  .counter = counter,
                                  .booking = 1,
                                  .height = renter_height(),
                                  .time_ms = renter_block_ms()};
    memcpy(challenge.lock, lock.public.bytes, sizeof challenge.lock);
    return challenge;
}

static uint64_t units_of(const struct account_id *id) {
    char path[128] = "/v1/accounts/";
    address_encode(path + strlen(path), id->bytes);
    json_t *account = server_get(&raw.server, path);
    uint64_t units = strtoull(member(account, "units"), NULL, 10);
    json_decref(account);
    return units;
}

static void hex_member(struct buf *out, const json_t *object, const char *name) {
    const char *text = member(object, name);
    size_t len = strlen(text) / 2;
    ck_assert_uint_gt(len, 0);
    assert_ok(hex_decode(buf_reserve(out, len), len, text));
    out->len += len;
}

static void begin_trust(struct light_trust *trust) {
    struct buf head = {0};
    json_t *chain = server_get(&raw.server, "/v1/chain");
    hex_member(&head, chain, "genesis_head");
    assert_ok(light_trust_begin(trust, buf_bytes(&head), &raw.chain_id));
    buf_clear(&head);
    json_decref(chain);
}

// The value that is proven under the contract's key.
static void check_stored(const struct light_trust *trust, const json_t *proof, struct bytes key,
                         struct buf *value) {
    struct buf branch = {0};
    struct state_key state_key;
    hex_member(value, proof, "value");
    hex_member(&branch, proof, "branch");
    struct bytes bytes = buf_bytes(value);
    state_key_make(&state_key, STATE_STORAGE, raw.market.bytes, key);
    assert_ok(light_check_state(trust, state_key_bytes(&state_key), &bytes, buf_bytes(&branch)));
    buf_clear(&branch);
}

// As a lock does.
static void expect_proven_grant(const struct rental_range *range) {
    static struct light_trust trust;
    struct buf header_bytes = {0}, certificate = {0}, value = {0};
    struct header header;
    struct grant grant;
    uint8_t key[POLICY_KEY_BYTES];
    json_t *answer = server_get(&raw.server, "/v1/bookings/1/grant");
    begin_trust(&trust);
    hex_member(&header_bytes, answer, "header");
    hex_member(&certificate, answer, "certificate");
    assert_ok(header_decode(&header, buf_bytes(&header_bytes)));
    // A devnet's genesis is older than the trusting period; a lock has been told a newer header.
    assert_ok(light_trust_extend(
        &trust, &(struct trust_step){.header = &header, .certificate = buf_bytes(&certificate)}));
    grant_key(key, 1);
    check_stored(&trust, json_object_get(answer, "grant"), bytes_of(key, GRANT_KEY_BYTES), &value);
    ck_assert_uint_eq(value.len, GRANT_BYTES);
    grant_decode(&grant, value.data);
    ck_assert_uint_eq(grant.until_ms, range->until_ms);
    ck_assert_mem_eq(grant.renter_key, phone.public.bytes, 32);
    policy_key(key, grant.lock);
    buf_reset(&value);
    check_stored(&trust, json_object_get(answer, "policy"), BYTES_OF(key), &value);
    ck_assert_uint_eq(value.len, POLICY_BYTES);
    buf_clear(&header_bytes);
    buf_clear(&certificate);
    buf_clear(&value);
    json_decref(answer);
}

static void expect_news(struct live_stream *stream, const char *type, const char *what) {
    struct live_event event;
    live_next(stream, &event);
    ck_assert_str_eq(event.type, type);
    ck_assert_str_eq(member(event.data, "what"), what);
    live_event_clear(&event);
}

// alice's asset with a lock, and a booking of it by the server's account that has begun.
static struct rental_range rent(uint64_t minutes) {
    lock = key_pair_of(1);
    phone = key_pair_of(2);
    renter_act_as("alice");
    renter_list(&usual_terms, 0);
    renter_bind(1, &lock, 1, &lock, 0);
    renter_use_routes();
    uint64_t from_ms = renter_block_ms() / SHARING_MINUTE_MS * SHARING_MINUTE_MS;
    struct rental_range range = {1, from_ms, from_ms + minutes * SHARING_MINUTE_MS};
    renter_book(&range, &phone, 0, 0);
    return range;
}

START_TEST(a_rental_goes_from_its_listing_to_its_bill) {
    struct live_stream stream;
    live_open(&stream, &raw.server, NULL);
    struct rental_range range = rent(60);
    ck_assert_uint_eq(units_of(&raw.market), 60 * usual_terms.price + usual_terms.deposit);
    expect_member("/v1/bookings/1", "state", "booked");
    expect_member("/v1/bookings/1", "renter", raw.address);
    ck_assert_uint_eq(count_of("/v1/assets/1/calendar"), 1);
    expect_proven_grant(&range);
    struct challenge challenge = challenge_of(CHALLENGE_START, 1);
    renter_use(1, &challenge, &phone, NULL, 0);
    expect_member("/v1/bookings/1", "state", "running");
    renter_extend(1, range.until_ms + 30 * SHARING_MINUTE_MS, 0);
    challenge = challenge_of(CHALLENGE_RETURN, 2);
    renter_use(1, &challenge, &phone, &lock, 0);
    expect_member("/v1/bookings/1", "outcome", "returned");
    expect_member("/v1/bookings/1", "bill", "0.0000001"); // the one minute that has started
    ck_assert_int_eq(status_of("/v1/bookings/1/grant"), 404);
    ck_assert_int_eq(status_of("/v1/bookings/1/proof"), 200);
    ck_assert_uint_eq(count_of("/v1/assets/1/calendar"), 0);
    ck_assert_uint_eq(units_of(&raw.market), 0);
    expect_news(&stream, "asset", "listed");
    expect_news(&stream, "asset", "bound");
    expect_news(&stream, "booking", "booked");
    expect_news(&stream, "booking", "started");
    expect_news(&stream, "booking", "extended");
    expect_news(&stream, "booking", "settled");
    live_close(&stream);
}
END_TEST

START_TEST(a_forgotten_rental_is_settled_by_its_timer) {
    struct live_stream stream;
    rent(60);
    struct challenge challenge = challenge_of(CHALLENGE_START, 1);
    renter_use(1, &challenge, &phone, NULL, 0);
    renter_act_as("alice");
    uint64_t before = units_of(&raw.sender);
    live_open(&stream, &raw.server, NULL);
    renter_warp(2 * 3600 + 60);
    expect_news(&stream, "booking", "settled");
    live_close(&stream);
    expect_member("/v1/bookings/1", "outcome", "late");
    json_t *booking = server_get(&raw.server, "/v1/bookings/1");
    // From the start to the end of the late minutes, in whole minutes.
    json_int_t minutes = json_integer_value(json_object_get(booking, "minutes"));
    ck_assert(minutes == 119 || minutes == 120);
    ck_assert_uint_eq(units_of(&raw.sender) - before, (uint64_t)minutes * usual_terms.price);
    json_decref(booking);
    // What is left is of nobody: of the timer's gas, and of the state that was freed.
    ck_assert_uint_gt(units_of(&raw.market), SHARING_SETTLE_GAS / 2);
}
END_TEST

// ---- many at once

enum { ROLES = 10, EACH = 10 };

static void send_bookings(const struct rental_range *range, const char *role, struct hash *ids) {
    static struct tx tx;
    struct buf arguments = {0}, encoded = {0};
    raw_act_as(role);
    uint64_t seq = raw_next_seq();
    encode_book(&arguments, range, &phone);
    for (uint64_t i = 0; i < EACH; i++) {
        struct reply reply;
        tx = (struct tx){.version = TX_VERSION,
                         .sender = raw.sender,
                         .seq = seq + i,
                         .valid_until = 1000,
                         .gas_limit = 10000000,
                         .gas_price = 1};
        raw_add_call(&tx, &raw.market, "book", &arguments);
        tx.actions[0].call.value =
            amount_of_units(60 * usual_terms.price + usual_terms.deposit + SHARING_SETTLE_GAS);
        assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &raw.key, &raw.chain_id));
        buf_reset(&encoded);
        tx_encode(&encoded, &tx);
        tx_id(&ids[i], &tx);
        server_ask(&raw.server,
                   &(struct ask){.path = "/v1/transactions",
                                 .body = buf_bytes(&encoded),
                                 .content_type = "application/octet-stream"},
                   &reply);
        ck_assert_int_eq(reply.status, 202);
        reply_clear(&reply);
    }
    buf_clear(&arguments);
    buf_clear(&encoded);
}

START_TEST(of_a_hundred_bookings_of_one_hour_one_wins) {
    static const char *const roles[ROLES] = {"bob",    "carol",  "dave",   "home-1", "home-2",
                                             "home-3", "home-4", "home-5", "home-6", "shop"};
    static struct hash ids[ROLES][EACH];
    size_t won = 0, taken = 0;
    phone = key_pair_of(2);
    renter_act_as("alice");
    renter_list(&usual_terms, 0);
    uint64_t from_ms = renter_block_ms() + SHARING_DAY_MS;
    struct rental_range range = {1, from_ms, from_ms + 60 * SHARING_MINUTE_MS};
    for (size_t i = 0; i < ROLES; i++) send_bookings(&range, roles[i], ids[i]);
    for (size_t i = 0; i < (size_t)ROLES * EACH; i++) {
        char path[128], id[65];
        hex_encode(id, BYTES_OF(ids[i / EACH][i % EACH].bytes));
        snprintf(path, sizeof path, "/v1/transactions/%s?wait=final", id);
        json_t *tx = server_get(&raw.server, path);
        won += strcmp(member(tx, "code"), "OK") == 0;
        taken += json_integer_value(json_object_get(tx, "contract_code")) == SHARING_TAKEN;
        json_decref(tx);
    }
    ck_assert_uint_eq(won, 1);
    ck_assert_uint_eq(taken, ROLES * EACH - 1);
    ck_assert_uint_eq(units_of(&raw.market), 60 * usual_terms.price + usual_terms.deposit);
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
    "\"deposit\":\"0\",\"late_cap_minutes\":0"
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
    tcase_add_test(cases, a_rental_goes_from_its_listing_to_its_bill);
    tcase_add_test(cases, a_forgotten_rental_is_settled_by_its_timer);
    tcase_add_test(cases, of_a_hundred_bookings_of_one_hour_one_wins);
    tcase_add_test(cases, a_call_of_another_form_is_refused);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
