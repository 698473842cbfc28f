// SPDX-License-Identifier: Apache-2.0
// Rentals on the market's real server, from the listing to the bill; what a phone can prove to a
// lock; and a hundred at once.
#include <stdio.h>
#include <stdlib.h>

#include "apps/sharing/test/renter.h"
#include "chaincore/chain/state_key.h"
#include "tests/support/live_stream.h"
#include "tests/support/unit.h"

static struct key_pair lock, phone;

static void set_up(void) {
    renter_open("sharing");
    lock = key_pair_of(1);
    phone = key_pair_of(2);
}
static void tear_down(void) { raw_close(); }

// ---- a rental

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

static void expect_quote(const struct rental_range *range, const char *total, bool is_free) {
    char path[160], from[25], until[25];
    clock_format_utc(from, (int64_t)range->from_ms);
    clock_format_utc(until, (int64_t)range->until_ms);
    snprintf(path, sizeof path, "/v1/quotes?asset=%llu&from=%s&until=%s",
             (unsigned long long)range->asset, from, until);
    json_t *quote = server_get(&raw.server, path);
    ck_assert_str_eq(member(quote, "total"), total);
    ck_assert_int_eq(json_is_true(json_object_get(quote, "is_free")), is_free);
    json_decref(quote);
}

START_TEST(a_rental_goes_from_its_listing_to_its_bill) {
    struct live_stream stream;
    live_open(&stream, &raw.server, NULL);
    struct rental_range range = renter_rent(60, &lock, &phone);
    expect_quote(&range, "0.020016", false); // 600 of rent, 1000 of deposit, 2,000,000 of gas
    ck_assert_int_eq(renter_status("/v1/assets/1/proof"), 200);
    ck_assert_uint_eq(units_of(&raw.market), 60 * usual_terms.price + usual_terms.deposit);
    renter_expect("/v1/bookings/1", "state", "booked");
    renter_expect("/v1/bookings/1", "renter", raw.address);
    ck_assert_uint_eq(renter_count("/v1/assets/1/calendar"), 1);
    expect_proven_grant(&range);
    ck_assert_int_eq(renter_status("/v1/bookings/1/grant?since=now"), 400);
    ck_assert_int_eq(renter_status("/v1/assets/1/lock?since=now"), 400);
    struct challenge challenge = challenge_of(CHALLENGE_START, 1);
    renter_start(1, &challenge, &phone, &lock, 0);
    renter_expect("/v1/bookings/1", "state", "running");
    renter_extend(1, range.until_ms + 30 * SHARING_MINUTE_MS, 0);
    challenge = challenge_of(CHALLENGE_RETURN, 2);
    renter_give_back(1, &challenge, &phone, &lock, 0);
    renter_expect("/v1/bookings/1", "outcome", "returned");
    renter_expect("/v1/bookings/1", "bill", "0.0000001"); // the one minute that has started
    ck_assert_int_eq(renter_status("/v1/bookings/1/grant"), 404);
    ck_assert_int_eq(renter_status("/v1/assets/1/lock"), 200);
    renter_act_as("alice");
    renter_number("unbind", 1, 0);
    ck_assert_int_eq(renter_status("/v1/assets/1/lock"), 404);
    ck_assert_int_eq(renter_status("/v1/bookings/1/proof"), 200);
    ck_assert_uint_eq(renter_count("/v1/assets/1/calendar"), 0);
    ck_assert_uint_eq(units_of(&raw.market), 0);
    expect_news(&stream, "asset", "listed");
    expect_news(&stream, "asset", "bound");
    expect_news(&stream, "booking", "booked");
    expect_news(&stream, "booking", "started");
    expect_news(&stream, "booking", "extended");
    expect_news(&stream, "booking", "settled");
    expect_news(&stream, "asset", "unbound");
    live_close(&stream);
}
END_TEST

START_TEST(a_forgotten_rental_is_settled_by_its_timer) {
    struct live_stream stream;
    renter_rent(60, &lock, &phone);
    struct challenge challenge = challenge_of(CHALLENGE_START, 1);
    renter_start(1, &challenge, &phone, &lock, 0);
    renter_act_as("alice");
    uint64_t before = units_of(&raw.sender);
    live_open(&stream, &raw.server, NULL);
    renter_warp(2 * 3600 + 60);
    expect_news(&stream, "booking", "settled");
    live_close(&stream);
    renter_expect("/v1/bookings/1", "outcome", "late");
    json_t *booking = server_get(&raw.server, "/v1/bookings/1");
    // From the start to the end of the late minutes, in whole minutes.
    json_int_t minutes = json_integer_value(json_object_get(booking, "minutes"));
    ck_assert(minutes == 119 || minutes == 120);
    ck_assert_uint_eq(units_of(&raw.sender) - before, (uint64_t)minutes * usual_terms.price);
    json_decref(booking);
    // What the timer's gas and the freed state leave is the renter's.
    ck_assert_uint_eq(units_of(&raw.market), 0);
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

// ---- gas

static json_int_t gas_of(const char *thing) {
    char path[128];
    json_t *object = server_get(&raw.server, thing);
    snprintf(path, sizeof path, "/v1/transactions/%s", member(object, "tx"));
    json_t *tx = server_get(&raw.server, path);
    json_int_t gas = json_integer_value(json_object_get(tx, "gas_used"));
    json_decref(tx);
    json_decref(object);
    return gas;
}

// So many bookings of an hour each, one behind the other, from so many hours on.
static void book_hours(uint64_t from_ms, uint64_t count) {
    static struct tx tx;
    struct buf arguments[LIMIT_TX_ACTIONS] = {0};
    struct hash id;
    tx = (struct tx){0};
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t hour_ms = 60 * SHARING_MINUTE_MS;
        struct rental_range range = {1, from_ms + i * hour_ms, from_ms + (i + 1) * hour_ms};
        encode_book(&arguments[i], &range, &phone);
        raw_add_call(&tx, &raw.market, "book", &arguments[i]);
        tx.actions[i].call.value =
            amount_of_units(60 * usual_terms.price + usual_terms.deposit + SHARING_SETTLE_GAS);
    }
    raw_run(&tx, &id, "OK");
    for (uint64_t i = 0; i < count; i++) buf_clear(&arguments[i]);
}

START_TEST(a_booking_costs_the_same_however_many_there_are) {
    enum { TXS = 8, HOURS = 16 };
    renter_act_as("alice");
    renter_list(&usual_terms, 0);
    renter_act_as("bob");
    uint64_t from_ms = renter_block_ms() + SHARING_DAY_MS;
    book_hours(from_ms, 1);
    json_int_t first = gas_of("/v1/bookings/1");
    for (uint64_t i = 0; i < TXS; i++) book_hours(from_ms + (i + 1) * SHARING_DAY_MS, HOURS);
    book_hours(from_ms + (TXS / 2) * SHARING_DAY_MS - 60 * SHARING_MINUTE_MS, 1);
    char path[64];
    snprintf(path, sizeof path, "/v1/bookings/%d", 2 + TXS * HOURS);
    json_int_t last = gas_of(path);
    ck_assert_int_gt(first, 0);
    ck_assert_msg(last < first + first / 50, "%lld, then %lld", (long long)first, (long long)last);
}
END_TEST

// ---- by the contract's own description

static void expect_view(const char *view, const char *arguments) {
    char path[192], address[ADDRESS_CHARS + 1], body[256];
    struct reply reply;
    address_encode(address, raw.market.bytes);
    snprintf(path, sizeof path, "/v1/contracts/%s/views/%s", address, view);
    snprintf(body, sizeof body, "{\"arguments\":[%s]}", arguments);
    server_ask(&raw.server,
               &(struct ask){
                   .path = path, .body = bytes_of_string(body), .content_type = "application/json"},
               &reply);
    json_t *answer = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
    const json_t *result = json_object_get(answer, "result");
    ck_assert_msg(reply.status == 200 && result && !json_is_null(result), "%s: %s", view,
                  (const char *)reply.body.data);
    json_decref(answer);
    reply_clear(&reply);
}

START_TEST(views_and_events_are_what_the_description_says) {
    struct rental_range range = renter_rent(60, &lock, &phone);
    char arguments[160], key[65];
    expect_view("asset", "1");
    expect_view("booking", "1");
    expect_view("grant", "1");
    hex_encode(key, BYTES_OF(lock.public.bytes));
    snprintf(arguments, sizeof arguments, "\"%s\"", key);
    expect_view("policy", arguments);
    snprintf(arguments, sizeof arguments, "1,%llu,%llu", (unsigned long long)range.until_ms,
             (unsigned long long)range.until_ms + SHARING_DAY_MS);
    expect_view("free", arguments);
    expect_view("quote", arguments);
    snprintf(arguments, sizeof arguments, "1,%llu",
             (unsigned long long)range.until_ms + SHARING_MINUTE_MS);
    expect_view("quote_extension", arguments);
    json_t *booking = server_get(&raw.server, "/v1/bookings/1");
    char path[128];
    snprintf(path, sizeof path, "/v1/transactions/%s/decoded", member(booking, "tx"));
    json_t *tx = server_get(&raw.server, path);
    const json_t *event = json_array_get(json_object_get(tx, "events"), 0);
    const json_t *told = json_object_get(json_object_get(event, "fields"), "booking");
    ck_assert_str_eq(member(event, "name"), "booked");
    ck_assert_str_eq(member(told, "rent"), "600");
    ck_assert_str_eq(member(told, "number"), "1");
    json_decref(tx);
    json_decref(booking);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("sharing rental");
    TCase *cases = tcase_create("server");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_rental_goes_from_its_listing_to_its_bill);
    tcase_add_test(cases, a_forgotten_rental_is_settled_by_its_timer);
    tcase_add_test(cases, of_a_hundred_bookings_of_one_hour_one_wins);
    tcase_add_test(cases, a_booking_costs_the_same_however_many_there_are);
    tcase_add_test(cases, views_and_events_are_what_the_description_says);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
