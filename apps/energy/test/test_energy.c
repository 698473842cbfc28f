// SPDX-License-Identifier: Apache-2.0
// The market with its real program: each rule by the API, and by raw signed transactions to the
// server of another market; a slot from its orders to its last money; what is told of it, and the
// same rows on every engine and after a rebuild.
#include <stdio.h>
#include <stdlib.h>

#include "apps/energy/test/market.h"
#include "chaincore/chain/proof.h"
#include "tests/support/live_stream.h"
#include "tests/support/receiver.h"
#include "tests/support/same_rows.h"

// ---- the rules

START_TEST(an_order_against_a_rule_is_refused_with_its_code) {
    const uint64_t slot = market_next_slot();
    const struct {
        struct wish wish;
        uint32_t refusal;
    } orders[] = {
        {{2, slot, BUY, LIMIT, PRICE, 10}, UNKNOWN_ZONE},
        {{1, slot, BUY, LIMIT, 0, 10}, BAD_PRICE},
        {{1, slot, BUY, LIMIT, (uint64_t)PRICE_MAX + 1, 10}, BAD_PRICE},
        {{1, slot, BUY, LIMIT, INT64_MAX, INT64_MAX}, BAD_PRICE},
        {{1, slot, SELL, LIMIT, CAP + 1, 10}, ABOVE_CAP},
        {{1, slot, BUY, LIMIT, PRICE, 0}, BAD_QUANTITY},
        {{1, slot, SELL, LIMIT, PRICE, (uint64_t)WH_MAX + 1}, BAD_QUANTITY},
        {{1, slot - 3, BUY, LIMIT, PRICE, 10}, SLOT_CLOSED},
        {{1, slot + SLOTS_AHEAD, BUY, LIMIT, PRICE, 10}, TOO_FAR_AHEAD},
        {{1, slot, BUY, FOK, PRICE, 10}, FOK_NOT_FILLED},
        {{1, slot, BUY, IOC, PRICE, 10}, NOBODY_THERE},
    };
    market_make_zone(BAD_ZONE);
    market_make_zone(0);
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        market_place(&orders[i].wish, orders[i].refusal);
    ck_assert_uint_eq(market_held(), ZONE_MONEY);
    market_settle(slot, NOTHING_TO_SETTLE);
    struct wish good = {1, slot, BUY, LIMIT, PRICE, 10};
    market_place(&good, 0);
    market_settle(slot, TOO_EARLY);
    market_cancel(&good, 1, 0);
    market_cancel(&good, 1, UNKNOWN_ORDER);
}
END_TEST

START_TEST(a_zone_of_another_operator_has_its_lot_and_its_meters) {
    raw_act_as("alice");
    market_make_zone_raw(10, 0);
    raw_act_as("server");
    market_place(&(struct wish){1, market_next_slot(), BUY, LIMIT, PRICE, 15}, OFF_LOT);
    market_sign_in(EXPORT, 0);
    market_approve(6, NOT_OPERATOR);
}
END_TEST

START_TEST(what_only_a_raw_transaction_can_say_is_refused_too) {
    struct wish wish = {1, market_next_slot(), BUY, LIMIT, PRICE, 10};
    struct buf arguments = {0};
    market_make_zone(0);
    market_place_raw(&wish, 10 * PRICE - 1, WRONG_COLLATERAL);
    market_place_raw(&wish, 10 * PRICE + OPENING - 1, WRONG_COLLATERAL);
    market_place_raw(&wish, 10 * PRICE + OPENING, 0);
    market_place_raw(&wish, 10 * PRICE - 1, WRONG_COLLATERAL);
    market_place_raw(&wish, 10 * PRICE, 0);
    wish.side = SIDES;
    market_place_raw(&wish, 10 * PRICE, BAD_KIND);
    wish.side = BUY;
    wish.kind = KINDS;
    market_place_raw(&wish, 10 * PRICE, BAD_KIND);
    raw_send("order", &arguments, 0, BAD_ARGUMENTS);
    encode_u32(&arguments, 1);
    raw_send("fund", &arguments, 0, NOTHING_GIVEN);
    encode_u64(&arguments, (uint64_t)ZONE_MONEY + 1);
    raw_send("withdraw", &arguments, 0, ACCOUNT_SHORT);
    raw_act_as("alice");
    raw_send("withdraw", &arguments, 0, NOT_OPERATOR);
    encode_u32(&arguments, 0); // zone, slot and price
    raw_send("tick", &arguments, 0, ONLY_TIMERS);
    buf_clear(&arguments);
}
END_TEST

START_TEST(nobody_cancels_the_order_of_another) {
    struct wish wish = {1, market_next_slot(), SELL, LIMIT, PRICE, 10};
    market_make_zone(0);
    raw_act_as("alice");
    market_place_raw(&wish, 10 * CAP + OPENING, 0);
    raw_act_as(market_has_routes ? "server" : "bob");
    market_cancel(&wish, 1, NOT_YOURS);
    ck_assert_uint_ge(market_held(), 10 * CAP);
}
END_TEST

START_TEST(a_reading_against_a_rule_is_refused_with_its_code) {
    const uint64_t slot = market_next_slot();
    market_make_zone(0);
    market_report(slot, 5, 1, STRANGER);
    market_sign_in(EXPORT, BAD_SIGNATURE);
    market_sign_in(EXPORT, 0);
    market_sign_in(EXPORT, METER_KNOWN);
    market_report(slot, 5, 2, BAD_SIGNATURE);
    market_report(slot, (uint64_t)WH_MAX + 1, 2, BAD_READING);
    market_report(slot, 5, 2, NOT_APPROVED);
    market_approve((uint64_t)WH_MAX + 1, BAD_CEILING);
    market_approve(6, 0);
    market_report(slot, 7, 2, ABOVE_CEILING);
    market_report(slot, 5, 2, READING_EARLY);
    market_report(slot - 4, 5, 2, READING_LATE);
    market_warp_to((slot + 1) * SLOT_MS);
    market_report(slot, 5, 2, 0);
    market_report(slot, 5, 2, READING_TWICE);
    market_report(slot, 6, 3, READING_TWICE);
    market_report(slot + 1, 6, 1, READING_BACKWARDS);
    market_report(slot - 1, 6, 3, READING_BACKWARDS);
}
END_TEST

// ---- a slot, from its orders to its last money

static struct live_stream stream;

// By the slot's timers alone.
static void await_final(uint64_t slot) {
    for (bool is_final = false; !is_final;) {
        struct live_event event;
        live_next(&stream, &event);
        is_final = strcmp(event.type, "final") == 0;
        if (is_final)
            ck_assert_int_eq(json_integer_value(json_object_get(event.data, "slot")),
                             (json_int_t)slot);
        live_event_clear(&event);
    }
}

static uint64_t zone_account(void) {
    struct amount amount;
    json_t *zone = server_get(&raw.server, "/v1/zones/1");
    assert_ok(amount_parse(&amount, member(zone, "account")));
    json_decref(zone);
    return amount_units(amount);
}

static void expect_amount(const json_t *object, const char *name, uint64_t units) {
    struct amount amount;
    assert_ok(amount_parse(&amount, member(object, name)));
    ck_assert_msg(amount_units(amount) == units, "%s: %llu", name,
                  (unsigned long long)amount_units(amount));
}

static json_t *position_of(const char *address) {
    char path[160];
    snprintf(path, sizeof path, "/v1/positions?account=%s", address);
    json_t *page = server_get(&raw.server, path);
    ck_assert_uint_eq(json_array_size(json_object_get(page, "items")), 1);
    json_t *position = json_incref(json_array_get(json_object_get(page, "items"), 0));
    json_decref(page);
    return position;
}

START_TEST(a_slot_closes_meters_report_and_money_moves) {
    uint64_t slot = market_trade();
    market_warp_to((slot + 1) * SLOT_MS);
    market_report(slot, 120, 1, 0);
    json_t *seller = position_of(raw.address);
    expect_amount(seller, "income", 120 * PRICE);
    expect_amount(seller, "penalty", 30 * CAP);
    json_decref(seller);
    raw_act_as("bob");
    json_t *buyer = position_of(raw.address);
    expect_amount(buyer, "cost", 20 * PRICE);
    expect_amount(buyer, "compensation", 30 * (CAP - PRICE));
    json_decref(buyer);
    live_open(&stream, &raw.server, NULL);
    market_warp_to((slot + 1) * SLOT_MS + WAIT_MS_MIN);
    await_final(slot);
    live_close(&stream);
    // The price of what failed went to the zone, which has paid the timer of the readings' end.
    // What that and the first one left is others', and nothing of the slot is in the contract.
    uint64_t account = zone_account();
    ck_assert_uint_eq(account, ZONE_MONEY + 30 * PRICE - OPENING);
    ck_assert_uint_eq(market_held(), account);
    market_settle(slot, NOTHING_TO_SETTLE);
}
END_TEST

// ---- what is read

static json_t *first_of(const char *path, size_t count) {
    json_t *page = server_get(&raw.server, path);
    ck_assert_uint_eq(json_array_size(json_object_get(page, "items")), count);
    json_t *item = json_incref(json_array_get(json_object_get(page, "items"), 0));
    json_decref(page);
    return item;
}

static json_int_t number(const json_t *object, const char *name) {
    return json_integer_value(json_object_get(object, name));
}

START_TEST(the_lists_tell_orders_trades_prices_and_the_book) {
    char path[256];
    uint64_t slot = market_trade();
    json_t *order = first_of("/v1/orders", 3);
    ck_assert_str_eq(member(order, "status"), "filled");
    ck_assert_int_eq(number(order, "traded_wh"), 50);
    json_decref(order);
    json_decref(first_of("/v1/orders?status=resting", 1));
    snprintf(path, sizeof path, "/v1/orders?account=%s&zone=1&slot=%llu", raw.address,
             (unsigned long long)slot);
    order = first_of(path, 1);
    ck_assert_int_eq(number(order, "open_wh"), 50);
    json_decref(order);
    snprintf(path, sizeof path, "/v1/trades?account=%s", raw.address);
    json_t *trade = first_of(path, 2);
    ck_assert_int_eq(number(trade, "price"), PRICE);
    json_decref(trade);
    snprintf(path, sizeof path, "/v1/candles?zone=1&slot=%llu&minutes=1440",
             (unsigned long long)slot);
    json_t *candle = first_of(path, 1);
    ck_assert_int_eq(number(candle, "wh"), 150);
    json_decref(candle);
    snprintf(path, sizeof path, "/v1/book?zone=1&slot=%llu&depth=5", (unsigned long long)slot);
    json_t *book = server_get(&raw.server, path);
    ck_assert_int_eq(number(book, "change"), 3);
    json_t *ask_level = json_array_get(json_object_get(book, "asks"), 0);
    ck_assert_int_eq(number(ask_level, "wh"), 50);
    ck_assert_uint_eq(json_array_size(json_object_get(book, "bids")), 0);
    json_decref(book);
}
END_TEST

START_TEST(meters_and_their_readings_are_listed) {
    char path[160];
    const uint64_t slot = market_next_slot();
    market_make_zone(0);
    market_sign_in(EXPORT, 0);
    market_approve(6, 0);
    market_warp_to((slot + 1) * SLOT_MS);
    market_report(slot, 5, 2, 0);
    snprintf(path, sizeof path, "/v1/meters?account=%s&zone=1", raw.address);
    json_t *meter = first_of(path, 1);
    ck_assert_str_eq(member(meter, "direction"), "export");
    ck_assert_int_eq(number(meter, "sequence"), 2);
    ck_assert_int_eq(number(meter, "most_wh"), 6);
    json_decref(meter);
    snprintf(path, sizeof path, "/v1/readings?account=%s&slot=%llu", raw.address,
             (unsigned long long)slot);
    json_t *reading = first_of(path, 1);
    ck_assert_int_eq(number(reading, "wh"), 5);
    json_decref(reading);
    json_decref(first_of("/v1/zones", 1));
}
END_TEST

START_TEST(a_devnet_may_begin_with_zones_meters_and_orders) {
    struct server_process server;
    server_init(&server, raw.program);
    server.flags[0] = "--demo";
    for (int starts = 1; starts <= 2; starts++) {
        server_start(&server);
        json_t *zones = server_get(&server, "/v1/zones");
        ck_assert_uint_eq(json_array_size(json_object_get(zones, "items")), 2);
        json_decref(zones);
        json_t *meters = server_get(&server, "/v1/meters?perPage=100");
        ck_assert_uint_eq(json_array_size(json_object_get(meters, "items")), 12);
        json_decref(meters);
        json_t *trades = server_get(&server, "/v1/trades");
        ck_assert_uint_gt(json_array_size(json_object_get(trades, "items")), 3);
        json_decref(trades);
        server_stop(&server);
    }
    server_clear(&server);
}
END_TEST

START_TEST(a_quote_is_what_the_order_then_does) {
    char path[256];
    uint64_t slot = market_trade();
    snprintf(path, sizeof path, "/v1/quotes?zone=1&slot=%llu&side=buy&price=%d&wh=80&account=%s",
             (unsigned long long)slot, PRICE + 1, raw.address);
    json_t *own = server_get(&raw.server, path); // what rests is the server's
    ck_assert_str_eq(member(own, "reason"), "self_trade");
    json_decref(own);
    snprintf(path, sizeof path, "/v1/quotes?zone=1&slot=%llu&side=buy&price=%d&wh=80",
             (unsigned long long)slot, PRICE + 1);
    json_t *keys = server_get(&raw.server, path);
    ck_assert_str_eq(member(keys, "reason"), "self_trade");
    json_decref(keys);
    struct reply anybodys;
    server_ask(&raw.server, &(struct ask){.path = path, .without_key = true}, &anybodys);
    ck_assert_ptr_nonnull(strstr((const char *)anybodys.body.data, "\"filled_wh\":50,"));
    reply_clear(&anybodys);
    raw_act_as("alice");
    snprintf(path, sizeof path, "/v1/quotes?zone=1&slot=%llu&side=buy&price=%d&wh=80&account=%s",
             (unsigned long long)slot, PRICE + 1, raw.address);
    json_t *quote = server_get(&raw.server, path);
    expect_amount(quote, "collateral", 80 * (PRICE + 1));
    expect_amount(quote, "opening", 0);
    expect_amount(quote, "amount", 50 * PRICE);
    ck_assert_int_eq(number(quote, "filled_wh"), 50);
    json_decref(quote);
    snprintf(path, sizeof path, "/v1/quotes?zone=1&slot=%llu&side=buy&price=%d&wh=80",
             (unsigned long long)slot + 1, PRICE);
    quote = server_get(&raw.server, path);
    expect_amount(quote, "opening", OPENING);
    json_decref(quote);
    snprintf(path, sizeof path, "/v1/quotes?zone=7&slot=%llu&side=buy&price=1&wh=1",
             (unsigned long long)slot);
    ck_assert_int_eq(raw_ask("GET", path, NULL, 0), 422);
}
END_TEST

START_TEST(a_request_of_another_form_is_refused) {
    static const char *const paths[] = {"/v1/orders?status=x",
                                        "/v1/orders?account=me",
                                        "/v1/orders?colour=red",
                                        "/v1/orders?zone=-1",
                                        "/v1/orders?perPage=0",
                                        "/v1/orders?nextPageToken=ff",
                                        "/v1/slots",
                                        "/v1/positions",
                                        "/v1/book?zone=1",
                                        "/v1/book?zone=1&slot=2&depth=0",
                                        "/v1/candles?zone=1&slot=2&minutes=0",
                                        "/v1/quotes?zone=1&slot=2&side=up&price=1&wh=1",
                                        "/v1/quotes?zone=1&slot=2&side=buy&price=0&wh=1"};
    static const char *const bodies[] = {
        "",
        "[]",
        "{}",
        "{\"zone\":1}",
        "{\"zone\":1,\"slot\":1,\"side\":\"up\",\"kind\":\"fok\",\"price\":1,\"wh\":1}",
        "{\"zone\":1,\"slot\":1,\"side\":\"buy\",\"kind\":\"fok\",\"price\":1.5,\"wh\":1}",
        "{\"zone\":1,\"slot\":1,\"side\":\"buy\",\"kind\":\"fok\",\"price\":-1,\"wh\":1}",
        "{\"zone\":1,\"slot\":1,\"side\":\"buy\",\"kind\":\"fok\",\"price\":1,\"wh\":1,\"x\":1}"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        long status = raw_ask("GET", paths[i], NULL, 0);
        ck_assert_msg(status == 400, "%s: %ld", paths[i], status);
    }
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        long status = raw_ask("POST", "/v1/orders", bodies[i], 0);
        ck_assert_msg(status == 400, "%s: %ld", bodies[i], status);
    }
    ck_assert_int_eq(raw_ask("GET", "/v1/orders/x", NULL, 0), 404);
    ck_assert_int_eq(raw_ask("GET", "/v1/orders/1-2-3", NULL, 0), 404);
    ck_assert_int_eq(raw_ask("DELETE", "/v1/orders/1-2-3", NULL, 0), 404);
    ck_assert_int_eq(raw_ask("POST", "/v1/meters/xy/approval", "{\"most_wh\":1}", 0), 404);
    ck_assert_int_eq(raw_ask("GET", "/v1/zones/9", NULL, 0), 404);
    ck_assert_int_eq(raw_ask("GET", "/v1/places/1-0-9/proof", NULL, 0), 404);
}
END_TEST

START_TEST(a_list_comes_by_pages_newest_first) {
    struct wish wish = {1, market_next_slot(), BUY, LIMIT, PRICE, 1};
    char path[300] = "/v1/orders?perPage=2";
    json_int_t expected = 5;
    market_make_zone(0);
    for (int i = 0; i < 5; i++) market_place(&wish, 0);
    while (expected > 0) {
        struct reply reply;
        server_ask(&raw.server, &(struct ask){.path = path}, &reply);
        json_t *page = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
        const json_t *items = json_object_get(page, "items");
        ck_assert_uint_eq(json_array_size(items), expected > 1 ? 2 : 1);
        for (size_t i = 0; i < json_array_size(items); i++, expected--)
            ck_assert_int_eq(number(json_array_get(items, i), "number"), expected);
        ck_assert(!*reply.link == (expected == 0));
        if (*reply.link) ck_assert_int_eq(sscanf(reply.link, " <%299[^>]>", path), 1);
        json_decref(page);
        reply_clear(&reply);
    }
}
END_TEST

START_TEST(an_order_comes_with_a_proof) {
    static struct event_proof proof;
    struct wish wish = {1, market_next_slot(), BUY, LIMIT, PRICE, 1};
    struct reply file;
    struct buf encoded = {0};
    struct hash chain_id;
    struct light_fact fact;
    enum light_step step;
    market_make_zone(0);
    market_place(&wish, 0);
    json_t *order = first_of("/v1/orders", 1);
    server_ask(&raw.server, &(struct ask){.path = member(order, "proof")}, &file);
    ck_assert_int_eq(file.status, 200);
    assert_ok(proof_file_read(&chain_id, &encoded, buf_bytes(&file.body)));
    assert_ok(event_proof_decode(&proof, buf_bytes(&encoded)));
    assert_ok(light_check_event(&fact, &step, &proof, &raw.chain_id));
    ck_assert(account_id_equal(&fact.event->contract, &raw.market));
    ck_assert(bytes_equal(fact.event->topic, bytes_of_string("order")));
    json_decref(order);
    reply_clear(&file);
    buf_clear(&encoded);
}
END_TEST

// ---- what is told

static void expect_news(const char *type, const char *name, json_int_t value, char id[24]) {
    struct live_event event;
    live_next(&stream, &event);
    ck_assert_str_eq(event.type, type);
    ck_assert_int_eq(number(event.data, name), value);
    if (id) memcpy(id, event.id, sizeof event.id);
    live_event_clear(&event);
}

START_TEST(trades_and_numbered_changes_are_told_live_and_again_to_who_was_away) {
    struct wish wish = {1, market_next_slot(), SELL, LIMIT, PRICE, 10};
    char first[24];
    market_make_zone(0);
    live_open(&stream, &raw.server, NULL);
    market_place(&wish, 0);
    raw_act_as("alice");
    wish.side = BUY;
    wish.wh = 4;
    market_place_raw(&wish, 4 * PRICE, 0);
    expect_news("order", "number", 1, NULL);
    expect_news("book", "change", 1, first); // the last of its block
    expect_news("trade", "wh", 4, NULL);
    expect_news("book", "wh", 6, NULL);
    expect_news("order", "number", 2, NULL);
    live_close(&stream);
    server_stop(&raw.server); // so that it is read from the rows, as for webhooks
    server_start(&raw.server);
    live_open(&stream, &raw.server, first);
    expect_news("trade", "wh", 4, NULL);
    expect_news("book", "change", 2, NULL);
    expect_news("order", "number", 2, NULL);
    live_close(&stream);
}
END_TEST

START_TEST(a_webhook_hears_of_each_order_once_and_in_order) {
    struct wish wish = {1, market_next_slot(), SELL, LIMIT, PRICE, 10};
    struct receiver *receiver = receiver_open(0);
    char body[128];
    server_stop(&raw.server);
    raw.server.flags[2] = "--webhook-http";
    raw.server.flags[3] = "--webhook-private-targets";
    server_start(&raw.server);
    snprintf(body, sizeof body, "{\"url\":\"http://127.0.0.1:%u/\",\"kinds\":[\"order\"]}",
             receiver_port(receiver));
    ck_assert_int_eq(raw_ask("POST", "/v1/webhooks", body, 0), 201);
    market_make_zone(0);
    for (int i = 0; i < 3; i++) market_place(&wish, 0);
    ck_assert_uint_ge(receiver_await(receiver, 3), 3);
    for (size_t i = 0; i < 3; i++) {
        json_t *post = json_loads(receiver_at(receiver, i)->body, 0, NULL);
        ck_assert_str_eq(member(post, "type"), "order");
        ck_assert_int_eq(number(json_object_get(post, "data"), "number"), (json_int_t)i + 1);
        json_decref(post);
    }
    server_stop(&raw.server); // what is sent twice has been sent by now
    ck_assert_uint_eq(receiver_count(receiver), 3);
    receiver_close(receiver);
}
END_TEST

// ---- the rows

static void dump_rows(struct buf *out, struct db *db) {
    same_rows_select(out, db, "SELECT * FROM zone ORDER BY zone",
                     "zone operator cap gate_ms wait_ms account name height tx_id time_ms");
    same_rows_select(out, db, "SELECT * FROM slot ORDER BY slot",
                     "zone slot book trades wh last_price unsettled is_final pot short_wh height");
    same_rows_select(out, db, "SELECT * FROM level ORDER BY slot, side, price",
                     "zone slot side price wh orders");
    same_rows_select(out, db, "SELECT * FROM placed ORDER BY slot, number",
                     "number account side kind price wh traded_wh open_wh status reason tx_id");
    same_rows_select(out, db, "SELECT * FROM trade ORDER BY slot, number",
                     "number price wh side buyer seller bid ask is_settled delivered failed tx_id");
    same_rows_select(
        out, db, "SELECT * FROM position ORDER BY slot, account",
        "account bought sold received delivered exported imported cost income compensation "
        "penalty shared height tx_index event_index tx_id");
    same_rows_select(out, db, "SELECT * FROM meter ORDER BY key",
                     "key account zone direction is_retired sequence slot height");
    same_rows_select(out, db, "SELECT * FROM reading ORDER BY key, slot",
                     "key slot account wh sequence height");
    same_rows_select(out, db,
                     "SELECT * FROM happening ORDER BY height, tx_index, event_index, part",
                     "height tx_index event_index part kind data time_ms");
}

// `_i`: dropped and made again, or made on the other engine.
START_TEST(the_same_chain_gives_the_same_rows) {
    struct test_database database;
    if (!same_rows_open(&database, _i)) return;
    uint64_t slot = market_trade();
    market_warp_to((slot + 1) * SLOT_MS);
    market_report(slot, 120, 1, 0);
    server_stop(&raw.server);
    server_start(&raw.server);
    same_rows_expect(&database, dump_rows, 3000);
    same_rows_close(&database);
}
END_TEST

static void add_rules(Suite *suite, const char *name, void (*start)(void)) {
    TCase *cases = tcase_create(name);
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, start, market_close);
    tcase_add_test(cases, an_order_against_a_rule_is_refused_with_its_code);
    tcase_add_test(cases, a_zone_of_another_operator_has_its_lot_and_its_meters);
    tcase_add_test(cases, what_only_a_raw_transaction_can_say_is_refused_too);
    tcase_add_test(cases, nobody_cancels_the_order_of_another);
    tcase_add_test(cases, a_reading_against_a_rule_is_refused_with_its_code);
    suite_add_tcase(suite, cases);
}

// What reads and writes rows, and so depends on the engine.
static void add_rows(Suite *suite, const char *name, void (*start)(void)) {
    TCase *cases = tcase_create(name);
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, start, market_close);
    tcase_add_test(cases, a_slot_closes_meters_report_and_money_moves);
    tcase_add_test(cases, the_lists_tell_orders_trades_prices_and_the_book);
    tcase_add_test(cases, meters_and_their_readings_are_listed);
    tcase_add_test(cases, a_list_comes_by_pages_newest_first);
    tcase_add_test(cases, trades_and_numbered_changes_are_told_live_and_again_to_who_was_away);
    tcase_add_test(cases, a_webhook_hears_of_each_order_once_and_in_order);
    suite_add_tcase(suite, cases);
}

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("energy");
    const char *postgres = getenv("LMM_TEST_POSTGRES");
    add_rules(suite, "by the API", market_open);
    add_rules(suite, "by another market's server", market_open_elsewhere);
    add_rows(suite, "rows in SQLite", market_open);
    // Without it the last test here says so.
    if (postgres && *postgres) add_rows(suite, "rows in PostgreSQL", market_open_on_postgres);
    TCase *cases = tcase_create("server");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, market_open, market_close);
    tcase_add_test(cases, a_devnet_may_begin_with_zones_meters_and_orders);
    tcase_add_test(cases, a_quote_is_what_the_order_then_does);
    tcase_add_test(cases, a_request_of_another_form_is_refused);
    tcase_add_test(cases, an_order_comes_with_a_proof);
    tcase_add_loop_test(cases, the_same_chain_gives_the_same_rows, 0, TEST_ENGINES);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
