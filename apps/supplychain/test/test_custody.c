// SPDX-License-Identifier: Apache-2.0
// Custody with the real program: each rule by the API and by raw signed transactions, on a server
// of another market too; what is told of it, and the same rows on every engine and after a rebuild.
#include <stdio.h>
#include <stdlib.h>

#include "apps/supplychain/contract/custody_rules.h"
#include "apps/supplychain/test/custody_play.h"
#include "apps/supplychain/test/row_dump.h"
#include "chaincore/chain/proof.h"
#include "chaincore/light/light.h"
#include "tests/support/live_stream.h"
#include "tests/support/receiver.h"
#include "tests/support/same_rows.h"
#include "tests/support/unit.h"

#define LOT_LINK "https://id.gs1.org/01/04012345123456/10/TUNA"
#define FROZEN                                                                     \
    "\"rules\":[{\"property\":\"Temperature\",\"uom\":\"CEL\",\"min_milli\":null," \
    "\"max_milli\":0,\"sensors\":[\"$S\"]}]"
#define REGISTER(epc) \
    "{\"epc\":\"" epc "\",\"quantity_milli\":1000,\"uom\":\"KGM\",\"event_hash\":\"$E\"}"

// 1 rests with the server; 2 with alice, who offers a part of it (1); 3 is on its way to bob; 4 has
// arrived; 5 is alice's on its way, held by the server (offer 2); 6 is offered in part to alice
// (3); 4 was offered and withdrawn.
static uint64_t next_number; // of the sensor's

static void set_stage(void) {
    play_capture(ALICE, 1);
    play(SERVER, "register", REGISTER("a1"), 0);
    play(ALICE, "register", REGISTER("a2"), 0);
    play(SERVER, "register", REGISTER("a3"), 0);
    play(SERVER, "register", REGISTER("a4"), 0);
    play(ALICE, "register", REGISTER("a5"), 0);
    play(SERVER, "register", REGISTER("a6"), 0);
    play(ALICE, "offer", "{\"shipment\":2,\"quantity_milli\":1,\"to\":\"$0\"}", 0);
    play(SERVER, "depart", "{\"shipment\":3,\"to\":\"$2\"," FROZEN "}", 0);
    play(SERVER, "depart", "{\"shipment\":4,\"to\":\"$0\"," FROZEN "}", 0);
    play(SERVER, "arrive", "{\"shipment\":4}", 0);
    play(ALICE, "depart", "{\"shipment\":5,\"to\":\"$2\"," FROZEN "}", 0);
    play(ALICE, "offer", "{\"shipment\":5,\"quantity_milli\":1000,\"to\":\"$0\"}", 0);
    play(SERVER, "accept", "{\"hand_over\":2,\"alarms\":0}", 0);
    play(SERVER, "offer", "{\"shipment\":6,\"quantity_milli\":1,\"to\":\"$1\"}", 0);
    play(SERVER, "offer", "{\"shipment\":1,\"quantity_milli\":1,\"to\":\"$1\"}", 0);
    play(SERVER, "withdraw", "{\"hand_over\":4}", 0);
}

// The time at %lld is `offset` behind the departure of shipment 3.
static const struct broken {
    uint32_t code;
    const char *method, *arguments;
    int64_t offset;
} broken_rules[] = {
#define READINGS(time) "\"readings\":[{\"time_ms\":" time ",\"value_milli\":-1}]"
#define REPORT(shipment) "{\"shipment\":" shipment ",\"rule\":0,\"first\":0," READINGS("%lld") "}"
#define MEASURE(key)                                             \
    "{\"shipment\":3,\"journey\":1,\"rule\":0,\"sensor\":\"" key \
    "\",\"first\":0," READINGS("%lld") ",\"signature\":\"" ZEROS_64 ZEROS_64 "\"}"
#define ZEROS_64 "0000000000000000000000000000000000000000000000000000000000000000"
#define OFFER(shipment, quantity, to) \
    "{\"shipment\":" shipment ",\"quantity_milli\":" quantity ",\"to\":\"" to "\"}"
    {CUSTODY_UNKNOWN_SHIPMENT, "offer", OFFER("99", "1", "$1"), 0},
    {CUSTODY_NOT_THE_CUSTODIAN, "offer", OFFER("2", "1", "$2"), 0},
    {CUSTODY_EVENT_NOT_CAPTURED, "register",
     "{\"epc\":\"b\",\"quantity_milli\":1,\"uom\":\"\",\"event_hash\":\"" ZEROS_64 "\"}", 0},
    {CUSTODY_ALREADY_REGISTERED, "register", REGISTER("a1"), 0},
    {CUSTODY_BAD_IDENTIFIER, "register", REGISTER("a b"), 0},
    {CUSTODY_BAD_QUANTITY, "offer", OFFER("1", "1001", "$1"), 0},
    {CUSTODY_BAD_RULE, "depart",
     "{\"shipment\":1,\"to\":\"$2\",\"rules\":[{\"property\":\"Temperature\",\"uom\":\"CEL\","
     "\"min_milli\":null,\"max_milli\":null,\"sensors\":[]}]}",
     0},
    {CUSTODY_ALREADY_UNDER_WAY, "depart", "{\"shipment\":3,\"to\":\"$0\",\"rules\":[]}", 0},
    {CUSTODY_NOT_DEPARTED, "report", REPORT("1"), 0},
    {CUSTODY_HAS_ARRIVED, "report", REPORT("4"), 0},
    {CUSTODY_UNKNOWN_SENSOR, "measure", MEASURE(ZEROS_64), 1000},
    {CUSTODY_BAD_SIGNATURE, "measure", MEASURE("$S"), 1000},
    {CUSTODY_READING_TWICE, "report", REPORT("3"), 10},
    {CUSTODY_READING_BACKWARDS, "report",
     "{\"shipment\":3,\"rule\":0,\"first\":1,\"readings\":[{\"time_ms\":2,\"value_milli\":0},"
     "{\"time_ms\":1,\"value_milli\":0}]}",
     0},
    {CUSTODY_BAD_NUMBER, "report",
     "{\"shipment\":3,\"rule\":0,\"first\":9007199254740992," READINGS("%lld") "}", 11},
    {CUSTODY_UNKNOWN_JOURNEY, "measure",
     "{\"shipment\":3,\"journey\":2,\"rule\":0,\"sensor\":\"$S\",\"first\":0," READINGS(
         "%lld") ",\"signature\":\"" ZEROS_64 ZEROS_64 "\"}",
     1000},
    {CUSTODY_READING_AHEAD, "report", REPORT("3"), 365 * INT64_C(86400000)},
    {CUSTODY_BAD_READINGS, "report", "{\"shipment\":3,\"rule\":0,\"first\":0,\"readings\":[]}", 0},
    {CUSTODY_UNKNOWN_RULE, "report", "{\"shipment\":3,\"rule\":1,\"first\":0," READINGS("%lld") "}",
     11},
    {CUSTODY_UNKNOWN_HAND_OVER, "accept", "{\"hand_over\":99,\"alarms\":0}", 0},
    {CUSTODY_NOT_THE_RECEIVER, "refuse", "{\"hand_over\":3,\"reason\":\"no\"}", 0},
    {CUSTODY_NOT_THE_OFFERER, "withdraw", "{\"hand_over\":1}", 0},
    {CUSTODY_HAND_OVER_CLOSED, "withdraw", "{\"hand_over\":4}", 0},
    {CUSTODY_BAD_RECEIVER, "offer", OFFER("1", "1", "$0"), 0},
    {CUSTODY_BAD_REASON, "refuse", "{\"hand_over\":1,\"reason\":\"\"}", 0},
    {CUSTODY_CONDITION_CHANGED, "accept", "{\"hand_over\":1,\"alarms\":7}", 0},
    {CUSTODY_NOT_AT_ITS_END, "arrive", "{\"shipment\":5}", 0},
    {CUSTODY_NOT_HELD_THEN, "report", REPORT("5"), 0},
    {CUSTODY_IS_OFFERED, "depart", "{\"shipment\":6,\"to\":\"$2\",\"rules\":[]}", 0},
    {CUSTODY_BAD_UNIT, "register",
     "{\"epc\":\"b\",\"quantity_milli\":1,\"uom\":\"a b\",\"event_hash\":\"$E\"}", 0},
};

static json_t *broken_arguments(const struct broken *rule, uint64_t departed) {
    char text[1024];
    const char *time = strstr(rule->arguments, "%lld");
    if (!time) return play_arguments(rule->arguments);
    snprintf(text, sizeof text, "%.*s%lld%s", (int)(time - rule->arguments), rule->arguments,
             (long long)departed + rule->offset, time + 4);
    return play_arguments(text);
}

static void break_each_rule(bool by_api) {
    static const char readings[] = "/v1/shipments/1/readings?perPage=0";
    set_stage();
    if (by_api) ck_assert_int_eq(server_ask_json(&raw.server, "GET", readings, NULL, NULL), 400);
    uint64_t departed = play_departed_ms(3);
    json_t *first = json_pack("{s:i,s:i,s:i,s:[{s:I,s:i}]}", "shipment", 3, "rule", 0, "first", 0,
                              "readings", "time_ms", (json_int_t)departed + 10, "value_milli", -1);
    play_raw(SERVER, "report", first, 0);
    json_decref(first);
    for (size_t i = 0; i < sizeof broken_rules / sizeof *broken_rules; i++) {
        json_t *arguments = broken_arguments(&broken_rules[i], departed);
        play_raw(SERVER, broken_rules[i].method, arguments, broken_rules[i].code);
        if (by_api) play_api(broken_rules[i].method, arguments, broken_rules[i].code);
        json_decref(arguments);
    }
}

START_TEST(each_rule_refuses_by_the_api_and_by_raw_transactions) { break_each_rule(true); }
END_TEST

START_TEST(a_reading_older_than_the_departure_is_refused) {
    play(SERVER, "register", REGISTER(LOT), 0);
    play(SERVER, "depart", "{\"shipment\":1,\"to\":\"$2\"," FROZEN "}", 0);
    struct broken early = {CUSTODY_READING_EARLY, "report", REPORT("1"), -1};
    json_t *arguments = broken_arguments(&early, play_departed_ms(1));
    play_raw(SERVER, "report", arguments, CUSTODY_READING_EARLY);
    play_api("report", arguments, CUSTODY_READING_EARLY);
    json_decref(arguments);
}
END_TEST

// It carries the contract, and has none of these routes.
START_TEST(each_rule_refuses_on_a_server_of_another_market) {
    play_close();
    play_open("sharing", NULL);
    break_each_rule(false);
}
END_TEST

// ---- a journey

static json_t *get_item(const char *path) {
    json_t *list = server_get(&raw.server, path);
    json_t *item = json_incref(json_array_get(json_object_get(list, "items"), 0));
    ck_assert_msg(item != NULL, "%s is empty", path);
    json_decref(list);
    return item;
}

static size_t count_items(const char *path) {
    json_t *list = server_get(&raw.server, path);
    size_t count = json_array_size(json_object_get(list, "items"));
    json_decref(list);
    return count;
}

static int64_t number(const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    ck_assert_msg(json_is_integer(value), "%s is no number", name);
    return json_integer_value(value);
}

// What the sensor sends of shipment 1, whoever brings it.
static json_t *measured(uint64_t time_ms, int64_t value) {
    return play_measured(&(struct play_reading){1, next_number++, time_ms, .value_milli = value});
}

// Registered under one form of the lot's identifier, sent to bob, handed to alice; since when.
static uint64_t send_off(void) {
    json_t *goods = play_arguments(REGISTER(LOT));
    play_api("register", goods, 0);
    json_decref(goods);
    json_t *departure = play_arguments("{\"shipment\":1,\"to\":\"$2\"," FROZEN "}");
    play_api("depart", departure, 0);
    json_decref(departure);
    json_t *offer = play_arguments(OFFER("1", "1000", "$1"));
    play_api("offer", offer, 0);
    json_decref(offer);
    play(ALICE, "accept", "{\"hand_over\":1,\"alarms\":0}", 0);
    return play_accepted_ms(1);
}

static void warm_up(uint64_t since) {
    json_t *cold = measured(since + 1000, -18000), *warm = measured(since + 2000, 1500);
    play_api("measure", cold, 0); // whoever brings it
    play_raw(FAUCET, "measure", warm, 0);
    json_decref(cold);
    json_decref(warm);
}

START_TEST(goods_change_hands_warm_up_and_are_refused) {
    warm_up(send_off());
    json_t *alarm = get_item("/v1/alarms?shipment=1");
    ck_assert_int_eq(number(alarm, "value_milli"), 1500);
    ck_assert_str_eq(member(alarm, "custodian"), play_addresses[ALICE]); // whose the excursion is
    ck_assert(json_is_true(json_object_get(alarm, "signed")));
    json_decref(alarm);
    play(ALICE, "offer", OFFER("1", "1000", "$2"), 0);
    play(BOB, "refuse", "{\"hand_over\":2,\"reason\":\"above zero\"}", 0);
    json_t *hand_over = server_get(&raw.server, "/v1/hand-overs/2");
    const json_t *condition = json_array_get(json_object_get(hand_over, "conditions"), 0);
    ck_assert_str_eq(member(hand_over, "state"), "refused");
    ck_assert_str_eq(member(hand_over, "reason"), "above zero");
    ck_assert_int_eq(number(hand_over, "alarms"), 1);
    ck_assert_int_eq(number(json_object_get(condition, "worst"), "value_milli"), 1500);
    ck_assert(json_is_true(json_object_get(condition, "is_out")));
    json_decref(hand_over);
    json_t *shipment = server_get(&raw.server, "/v1/shipments/1");
    ck_assert_str_eq(member(shipment, "custodian"), play_addresses[ALICE]);
    ck_assert_str_eq(member(shipment, "epc"), LOT_LINK);
    ck_assert_str_eq(member(shipment, "state"), "under_way");
    ck_assert_str_ne(member(shipment, "event"), ""); // the origin's, which speaks of the lot
    ck_assert_uint_eq(json_array_size(json_object_get(shipment, "rules")), 1);
    json_decref(shipment);
}
END_TEST

START_TEST(what_is_brought_late_is_on_the_account_of_who_held_the_goods_then) {
    uint64_t since = send_off();
    json_t *before = measured(since - 1, 1500), *cold = measured(since, -18000);
    json_t *late = measured(since + 1, 1500), *never = measured(since + 1000 * 1000, 0);
    play_raw(FAUCET, "measure", before, 0);
    json_t *alarm = get_item("/v1/alarms?shipment=1");
    ck_assert_str_eq(member(alarm, "custodian"), play_addresses[SERVER]);
    json_decref(alarm);
    play_raw(FAUCET, "measure", cold, 0);
    play(ALICE, "offer", OFFER("1", "1000", "$2"), 0);
    play(BOB, "accept", "{\"hand_over\":2,\"alarms\":1}", 0);
    play_api("measure", late, 0); // after the arrival
    alarm = get_item("/v1/alarms?shipment=1");
    ck_assert_str_eq(member(alarm, "custodian"), play_addresses[ALICE]);
    json_decref(alarm);
    play_raw(FAUCET, "measure", never, CUSTODY_READING_AHEAD);
    ck_assert_uint_eq(count_items("/v1/shipments/1/readings"), 3);
    json_decref(before);
    json_decref(cold);
    json_decref(late);
    json_decref(never);
}
END_TEST

START_TEST(a_part_that_is_accepted_is_a_shipment_of_its_own) {
    warm_up(send_off());
    play(ALICE, "offer", OFFER("1", "400", "$2"), 0);
    play(BOB, "accept", "{\"hand_over\":2,\"alarms\":1}", 0);
    json_t *part = server_get(&raw.server, "/v1/shipments/2"),
           *whole = server_get(&raw.server, "/v1/shipments/1");
    ck_assert_int_eq(number(part, "quantity_milli"), 400);
    ck_assert_int_eq(number(whole, "quantity_milli"), 600);
    ck_assert_int_eq(number(part, "parent"), 1);
    ck_assert_str_eq(member(part, "state"), "arrived"); // bob is the destination
    ck_assert_str_eq(member(whole, "state"), "under_way");
    json_t *rules = json_object_get(part, "rules");
    ck_assert(json_equal(rules, json_object_get(whole, "rules")));
    json_decref(part);
    json_decref(whole);
}
END_TEST

START_TEST(lists_are_filtered_and_come_by_pages) {
    struct reply reply;
    warm_up(send_off());
    ck_assert_uint_eq(count_items("/v1/shipments?epc=" LOT), 1);
    ck_assert_uint_eq(count_items("/v1/shipments?epc=urn:x:none"), 0);
    ck_assert_uint_eq(count_items("/v1/shipments?state=arrived"), 0);
    ck_assert_uint_eq(count_items("/v1/shipments/1/readings"), 2);
    ck_assert_uint_eq(count_items("/v1/shipments/1/readings?rule=1"), 0);
    ck_assert_uint_eq(count_items("/v1/hand-overs?state=accepted&shipment=1"), 1);
    ck_assert_uint_eq(count_items("/v1/hand-overs?state=offered"), 0);
    ck_assert_uint_eq(count_items("/v1/alarms"), 1);
    char path[256];
    snprintf(path, sizeof path, "/v1/shipments?custodian=%s&origin=%s", play_addresses[ALICE],
             play_addresses[SERVER]);
    ck_assert_uint_eq(count_items(path), 1);
    server_ask(&raw.server, &(struct ask){.path = "/v1/shipments/1/readings?perPage=1"}, &reply);
    ck_assert_int_eq(reply.status, 200);
    char *next = strchr(reply.link, '<'), *end = next ? strchr(next, '>') : NULL;
    ck_assert_ptr_nonnull(end);
    *end = '\0';
    json_t *second = get_item(next + 1);
    ck_assert_int_eq(number(second, "value_milli"), 1500);
    json_decref(second);
    reply_clear(&reply);
    server_ask(&raw.server, &(struct ask){.path = "/v1/shipments/1/readings?format=csv"}, &reply);
    ck_assert_ptr_nonnull(strstr((const char *)reply.body.data, ",1500,"));
    reply_clear(&reply);
}
END_TEST

START_TEST(what_cannot_be_read_is_refused_by_its_name) {
    static const struct {
        const char *path;
        long status;
    } asked[] = {
        {"/v1/shipments?state=lost", 400},
        {"/v1/shipments?custodian=nobody", 400},
        {"/v1/shipments?color=red", 400},
        {"/v1/shipments?perPage=0", 400},
        {"/v1/shipments?nextPageToken=00", 400},
        {"/v1/shipments?nextPageToken=ffffffffffffffff", 400},
        {"/v1/shipments/1", 404},
        {"/v1/shipments/x", 404},
        {"/v1/shipments/x/readings", 404},
        {"/v1/shipments/1/readings", 404},
        {"/v1/alarms?shipment=x", 400},
        {"/v1/hand-overs?from=nobody", 400},
        {"/v1/hand-overs/1", 404},
        {"/v1/hand-overs/x", 404},
        {"/v1/custody/x/proof", 404},
        {"/v1/custody/1-99999-0/proof", 404},
        {"/v1/custody/1-0-0/proof?believed=x", 400},
    };
    static const char *const bodies[] = {"", "[]", "{", "{\"epc\":1}", "{\"shipment\":1}"};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        struct reply reply;
        server_ask(&raw.server, &(struct ask){.path = asked[i].path}, &reply);
        ck_assert_msg(reply.status == asked[i].status, "%s: %ld", asked[i].path, reply.status);
        reply_clear(&reply);
    }
    for (size_t i = 0; i < PLAY_WAYS; i++) {
        char path[PLAY_PATH_SIZE];
        play_path(path, &play_ways[i], 1);
        for (size_t k = 0; k < sizeof bodies / sizeof *bodies; k++) {
            bool is_whole = k == 0 && (strcmp(play_ways[i].method, "arrive") == 0 ||
                                       strcmp(play_ways[i].method, "withdraw") == 0);
            if (!is_whole) ck_assert_int_eq(play_post(path, bodies[k], 0), 400);
        }
    }
    ck_assert_int_eq(play_post("/v1/shipments/x/departure", "{}", 0), 404);
    ck_assert_int_eq(play_post("/v1/hand-overs/x/accept", "{}", 0), 404);
}
END_TEST

START_TEST(signing_for_the_server_takes_its_key) {
    for (size_t i = 0; i < PLAY_WAYS; i++) {
        struct reply reply;
        char path[PLAY_PATH_SIZE];
        play_path(path, &play_ways[i], 1);
        server_ask(&raw.server,
                   &(struct ask){.path = path,
                                 .body = bytes_of_string("{}"),
                                 .content_type = "application/json",
                                 .without_key = true},
                   &reply);
        ck_assert_int_eq(reply.status, 401);
        reply_clear(&reply);
    }
}
END_TEST

START_TEST(each_fact_comes_with_its_proof) {
    static struct event_proof proof;
    static const struct {
        const char *path, *topic;
    } facts[] = {{"/v1/shipments", "shipment"},
                 {"/v1/hand-overs", "hand_over"},
                 {"/v1/shipments/1/readings", "readings"},
                 {"/v1/alarms", "alarm"}};
    warm_up(send_off());
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        struct reply file;
        struct buf encoded = {0};
        struct hash chain_id;
        struct light_fact fact;
        enum light_step step;
        json_t *item = get_item(facts[i].path);
        server_ask(&raw.server, &(struct ask){.path = member(item, "proof")}, &file);
        ck_assert_int_eq(file.status, 200);
        assert_ok(proof_file_read(&chain_id, &encoded, buf_bytes(&file.body)));
        assert_ok(event_proof_decode(&proof, buf_bytes(&encoded)));
        assert_ok(light_check_event(&fact, &step, &proof, &raw.chain_id));
        ck_assert(account_id_equal(&fact.event->contract, &raw.market));
        assert_bytes_equal(fact.event->topic, bytes_of_string(facts[i].topic));
        json_decref(item);
        reply_clear(&file);
        buf_clear(&encoded);
    }
}
END_TEST

// Of the list's first item, or of what is no list.
static void check_is_of_the_last(const char *path, const char *name, int64_t hours) {
    char least[25], most[25];
    int64_t now_ms = (int64_t)clock_wall_ms();
    json_t *found = server_get(&raw.server, path);
    const json_t *items = json_object_get(found, "items");
    const char *time = member(items ? json_array_get(items, 0) : found, name);
    clock_format_utc(least, now_ms - hours * 3600 * 1000);
    clock_format_utc(most, now_ms + 60 * 1000);
    ck_assert_str_ge(time, least);
    ck_assert_str_le(time, most);
    json_decref(found);
}

START_TEST(a_demo_begins_with_fish_that_thawed) {
    play_close();
    raw.is_demo = true;
    play_open("supplychain", NULL);
    raw.is_demo = false;
    json_t *alarm = get_item("/v1/alarms?shipment=1");
    ck_assert_str_eq(member(alarm, "custodian"), play_addresses[ALICE]);
    ck_assert(json_is_true(json_object_get(alarm, "signed")));
    ck_assert_str_le(member(alarm, "time"), member(alarm, "recorded")); // nobody sees ahead
    json_decref(alarm);
    char path[160];
    snprintf(path, sizeof path, "/v1/hand-overs?state=offered&to=%s", play_addresses[SERVER]);
    ck_assert_uint_eq(count_items(path), 1);
    ck_assert_uint_eq(count_items("/v1/shipments/1/readings"), 20);
    json_t *begin = get_item("/v1/shipments/1/readings");
    char latest[25];
    clock_format_utc(latest, (int64_t)clock_wall_ms() - INT64_C(6) * 3600 * 1000);
    ck_assert_str_lt(member(begin, "time"), latest); // over hours
    json_decref(begin);
    check_is_of_the_last("/v1/shipments/1/readings", "time", 24);
    check_is_of_the_last("/v1/events?MATCH_anyEPCClass=urn:epc:class:lgtin:4012345.012345.SALMON-7",
                         "eventTime", 24);
    check_is_of_the_last("/v1/alarms", "time", 12);
    check_is_of_the_last("/v1/chain", "time", 1); // it is now again: another event was captured
}
END_TEST

// ---- what is told

// The alarm among what comes next; its id.
static void expect_alarm(struct live_stream *stream, char id[24]) {
    struct live_event event = {0};
    do {
        live_event_clear(&event);
        live_next(stream, &event);
    } while (strcmp(event.type, "alarm") != 0);
    ck_assert_int_eq(number(event.data, "value_milli"), 1500);
    ck_assert_str_eq(member(event.data, "custodian"), play_addresses[ALICE]);
    memcpy(id, event.id, sizeof event.id);
    live_event_clear(&event);
}

START_TEST(an_alarm_is_told_live_and_again_to_who_was_away) {
    struct live_stream stream;
    struct live_event first = {0};
    char id[24], again[24];
    live_open(&stream, &raw.server, NULL);
    uint64_t since = send_off();
    do { // what was captured on the way here may still be told
        live_event_clear(&first);
        live_next(&stream, &first);
    } while (strcmp(first.type, "shipment") != 0);
    warm_up(since);
    expect_alarm(&stream, id);
    live_close(&stream);
    server_stop(&raw.server); // so that it is read from the rows, as for webhooks
    server_start(&raw.server);
    live_open(&stream, &raw.server, first.id);
    expect_alarm(&stream, again);
    ck_assert_str_eq(id, again);
    live_close(&stream);
    live_event_clear(&first);
}
END_TEST

START_TEST(a_webhook_hears_the_alarm_once) {
    struct receiver *receiver = receiver_open(0);
    char body[128];
    server_stop(&raw.server);
    raw.server.flags[2] = "--webhook-http";
    raw.server.flags[3] = "--webhook-private-targets";
    server_start(&raw.server);
    snprintf(body, sizeof body, "{\"url\":\"http://127.0.0.1:%u/\",\"kinds\":[\"alarm\"]}",
             receiver_port(receiver));
    ck_assert_int_eq(play_post("/v1/webhooks", body, 0), 201);
    warm_up(send_off());
    ck_assert_uint_ge(receiver_await(receiver, 1), 1);
    json_t *told = json_loads(receiver_at(receiver, 0)->body, 0, NULL);
    ck_assert_str_eq(member(told, "type"), "alarm");
    ck_assert_int_eq(number(json_object_get(told, "data"), "value_milli"), 1500);
    json_decref(told);
    server_stop(&raw.server); // what is sent twice has been sent by now
    ck_assert_uint_eq(receiver_count(receiver), 1);
    receiver_close(receiver);
}
END_TEST

// ---- the rows

// A capture and custody in one transaction, in either order.
static void mix(void) {
    static struct tx tx;
    struct buf offer = {0}, capture = {0};
    struct hash id;
    struct account_id receiver;
    raw_act_as("faucet");
    receiver = raw.sender;
    raw_act_as("alice");
    encode_u64(&offer, 1);
    encode_u64(&offer, 1);
    encode_fixed(&offer, receiver.bytes, sizeof receiver.bytes);
    raw_encode_job(&capture, 9);
    encode_bytes(&capture, bytes_of_string(OTHER));
    raw_encode_entries(&capture, OTHER);
    tx = (struct tx){0};
    raw_add_call(&tx, &raw.market, "offer", &offer);
    raw_add_call(&tx, &raw.market, "capture", &capture);
    raw_add_call(&tx, &raw.market, "offer", &offer);
    raw_run(&tx, &id, "OK");
    buf_clear(&offer);
    buf_clear(&capture);
}

// `_i`: dropped and made again, or made on the other engine.
START_TEST(the_same_chain_gives_the_same_rows) {
    struct test_database database;
    if (!same_rows_open(&database, _i)) return;
    warm_up(send_off());
    mix();
    play(ALICE, "offer", OFFER("1", "400", "$2"), 0);
    play(BOB, "accept", "{\"hand_over\":4,\"alarms\":1}", 0);
    same_rows_expect(&database, rows_dump, 500);
    ck_assert_uint_eq(count_items("/v1/hand-overs"), 4);
    ck_assert_uint_eq(count_items("/v1/shipments/1/readings"), 2);
    ck_assert_uint_eq(count_items("/v1/events"), 2);
    same_rows_close(&database);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("custody");
    TCase *cases = tcase_create("server");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, play_set_up, play_close);
    tcase_add_test(cases, each_rule_refuses_by_the_api_and_by_raw_transactions);
    tcase_add_test(cases, each_rule_refuses_on_a_server_of_another_market);
    tcase_add_test(cases, a_reading_older_than_the_departure_is_refused);
    tcase_add_test(cases, goods_change_hands_warm_up_and_are_refused);
    tcase_add_test(cases, what_is_brought_late_is_on_the_account_of_who_held_the_goods_then);
    tcase_add_test(cases, a_part_that_is_accepted_is_a_shipment_of_its_own);
    tcase_add_test(cases, lists_are_filtered_and_come_by_pages);
    tcase_add_test(cases, what_cannot_be_read_is_refused_by_its_name);
    tcase_add_test(cases, signing_for_the_server_takes_its_key);
    tcase_add_test(cases, each_fact_comes_with_its_proof);
    tcase_add_test(cases, a_demo_begins_with_fish_that_thawed);
    tcase_add_test(cases, an_alarm_is_told_live_and_again_to_who_was_away);
    tcase_add_test(cases, a_webhook_hears_the_alarm_once);
    tcase_add_loop_test(cases, the_same_chain_gives_the_same_rows, 0, TEST_ENGINES);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
