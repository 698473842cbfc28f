// SPDX-License-Identifier: Apache-2.0
// Readings with the real program, by the API and by raw transactions: in whatever order they come,
// each counts once; one that comes late says so; and a journey's record outlives the next
// departure.
#include <stdio.h>

#include "apps/supplychain/contract/custody_rules.h"
#include "apps/supplychain/test/custody_play.h"
#include "tests/support/unit.h"

enum { COLD = -18000, WARM = 1500 };

// ---- asked

static json_t *items_of(const char *path) {
    json_t *list = server_get(&raw.server, path);
    json_t *items = json_incref(json_object_get(list, "items"));
    ck_assert_msg(json_is_array(items), "%s has no items", path);
    json_decref(list);
    return items;
}

static int64_t number(const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    ck_assert_msg(json_is_integer(value), "%s is no number", name);
    return json_integer_value(value);
}

static bool is_true(const json_t *object, const char *name) {
    return json_is_true(json_object_get(object, name));
}

// ---- done

// Registered by the server, sent to bob, frozen; since when.
static uint64_t send_off(void) {
    play(SERVER, "register",
         "{\"epc\":\"" LOT "\",\"quantity_milli\":1000,\"uom\":\"KGM\",\"event_hash\":\"$E\"}", 0);
    play(SERVER, "depart",
         "{\"shipment\":1,\"to\":\"$2\",\"rules\":[{\"property\":\"Temperature\",\"uom\":\"CEL\","
         "\"min_milli\":null,\"max_milli\":0,\"sensors\":[\"$S\"]}]}",
         0);
    return play_departed_ms(1);
}

static void bring(bool by_api, const struct play_reading *reading, uint32_t refusal) {
    json_t *measured = play_measured(reading);
    if (by_api)
        play_api("measure", measured, refusal);
    else
        play_raw(FAUCET, "measure", measured, refusal);
    json_decref(measured);
}

static void hand_to(int from, int to, const char *offer, const char *acceptance) {
    play(from, "offer", offer, 0);
    play(to, "accept", acceptance, 0);
}

// `_i`: by the API, or raw.
START_TEST(an_earlier_reading_is_taken_after_a_later_one_and_told_as_late) {
    uint64_t since = send_off();
    bring(_i, &(struct play_reading){1, 5, since + 5, COLD, 0}, 0);
    bring(_i, &(struct play_reading){1, 3, since + 3, WARM, 0}, 0);
    bring(_i, &(struct play_reading){1, 4, since + 4, WARM, 0}, 0);
    bring(_i, &(struct play_reading){1, 3, since + 3, WARM, 0}, CUSTODY_READING_TWICE);
    bring(_i, &(struct play_reading){1, 5, since + 6, WARM, 0}, CUSTODY_READING_TWICE);
    json_t *readings = items_of("/v1/shipments/1/readings"), *alarms = items_of("/v1/alarms");
    ck_assert_uint_eq(json_array_size(readings), 3);
    for (size_t i = 0; i < 3; i++) { // in the order of time
        const json_t *reading = json_array_get(readings, i);
        ck_assert_int_eq(number(reading, "number"), (int64_t)i + 3);
        ck_assert_int_eq(number(reading, "journey"), 1);
        ck_assert(is_true(reading, "late") == (i < 2));
    }
    ck_assert_uint_eq(json_array_size(alarms), 1); // one excursion
    ck_assert_int_eq(number(json_array_get(alarms, 0), "number"), 3);
    ck_assert(is_true(json_array_get(alarms, 0), "late"));
    json_decref(readings);
    json_decref(alarms);
}
END_TEST

START_TEST(a_late_excursion_names_who_held_the_goods_then) {
    uint64_t since = send_off();
    hand_to(SERVER, ALICE, "{\"shipment\":1,\"quantity_milli\":1000,\"to\":\"$1\"}",
            "{\"hand_over\":1,\"alarms\":0}");
    uint64_t held = play_accepted_ms(1);
    bring(true, &(struct play_reading){1, 9, held, COLD, 0}, 0);
    bring(false, &(struct play_reading){1, 2, since, WARM, 0}, 0);
    json_t *alarms = items_of("/v1/alarms?shipment=1");
    ck_assert_str_eq(member(json_array_get(alarms, 0), "custodian"), play_addresses[SERVER]);
    json_decref(alarms);
}
END_TEST

START_TEST(the_first_journeys_record_stays_open_when_the_goods_depart_again) {
    uint64_t since = send_off();
    hand_to(SERVER, BOB, "{\"shipment\":1,\"quantity_milli\":1000,\"to\":\"$2\"}",
            "{\"hand_over\":1,\"alarms\":0}");
    play(BOB, "depart", "{\"shipment\":1,\"to\":\"$1\",\"rules\":[]}", 0);
    bring(false, &(struct play_reading){1, 0, since, WARM, 2}, CUSTODY_UNKNOWN_RULE);
    bring(false, &(struct play_reading){1, 0, since, WARM, 3}, CUSTODY_UNKNOWN_JOURNEY);
    bring(true, &(struct play_reading){1, 0, since, WARM, 1}, 0);
    json_t *journeys = items_of("/v1/shipments/1/journeys"),
           *first = server_get(&raw.server, "/v1/shipments/1/journeys/1"),
           *shipment = server_get(&raw.server, "/v1/shipments/1"),
           *alarms = items_of("/v1/alarms?shipment=1");
    ck_assert_uint_eq(json_array_size(journeys), 2);
    ck_assert_int_eq(number(json_array_get(journeys, 0), "journey"), 2); // the last first
    ck_assert(json_is_null(json_object_get(json_array_get(journeys, 0), "arrived")));
    ck_assert_str_eq(member(first, "destination"), play_addresses[BOB]);
    ck_assert_str_ne(member(first, "arrived"), "");
    const json_t *rule = json_array_get(json_object_get(first, "rules"), 0);
    ck_assert_int_eq(number(rule, "readings"), 1);
    ck_assert_int_eq(number(json_object_get(rule, "worst"), "value_milli"), WARM);
    ck_assert_int_eq(number(shipment, "journey"), 2);
    ck_assert_uint_eq(json_array_size(json_object_get(shipment, "rules")), 0); // of the second
    ck_assert_int_eq(number(shipment, "alarms"), 1);
    ck_assert_int_eq(number(json_array_get(alarms, 0), "journey"), 1);
    ck_assert_str_eq(member(json_array_get(alarms, 0), "custodian"), play_addresses[SERVER]);
    json_decref(journeys);
    json_decref(first);
    json_decref(shipment);
    json_decref(alarms);
}
END_TEST

// Its rules and its sensors are of who sent the goods then. `_i`: by the API, or raw.
START_TEST(an_alarm_of_the_first_journey_makes_no_acceptance_of_the_second_void) {
    uint64_t since = send_off();
    hand_to(SERVER, BOB, "{\"shipment\":1,\"quantity_milli\":1000,\"to\":\"$2\"}",
            "{\"hand_over\":1,\"alarms\":0}");
    play(BOB, "depart", "{\"shipment\":1,\"to\":\"$1\",\"rules\":[]}", 0);
    play(BOB, "offer", "{\"shipment\":1,\"quantity_milli\":1000,\"to\":\"$0\"}", 0);
    bring(_i, &(struct play_reading){1, 0, since, WARM, 1}, 0);
    json_t *offered = server_get(&raw.server, "/v1/hand-overs/2"),
           *shipment = server_get(&raw.server, "/v1/shipments/1");
    ck_assert_int_eq(number(offered, "alarms_now"), 0);
    ck_assert_int_eq(number(offered, "alarms_earlier"), 1);
    ck_assert_int_eq(number(shipment, "alarms"), 1);
    ck_assert_int_eq(number(shipment, "journey_alarms"), 0);
    json_decref(offered);
    json_decref(shipment);
    json_t *acceptance = play_arguments("{\"hand_over\":2,\"alarms\":0}");
    if (_i)
        play_api("accept", acceptance, 0);
    else
        play_raw(SERVER, "accept", acceptance, 0);
    json_decref(acceptance);
    shipment = server_get(&raw.server, "/v1/shipments/1");
    ck_assert_str_eq(member(shipment, "custodian"), play_addresses[SERVER]);
    json_decref(shipment);
}
END_TEST

static void append_readings(struct buf *out, uint64_t first, uint64_t since) {
    buf_append_format(out, "{\"first\":%llu,\"readings\":[", (unsigned long long)first);
    for (uint64_t i = 0; i < CUSTODY_READINGS_MAX; i++)
        buf_append_format(out, "%s{\"time_ms\":%llu,\"value_milli\":%d}", i ? "," : "",
                          (unsigned long long)(since + first + i), i % 2 ? WARM : COLD);
    buf_append_string(out, "]}");
}

// In what they cost at most: a twentieth of an LMM is enough for as many readings and alarms as
// there may be in one call.
START_TEST(readings_reserve_about_what_they_cost) {
    json_t *key;
    char authorization[160];
    struct buf body = {0};
    uint64_t since = send_off();
    ck_assert_int_eq(server_ask_json(&raw.server, "POST", "/v1/keys",
                                     "{\"name\":\"a tank\",\"scopes\":[\"custody\"],"
                                     "\"limits\":{\"transaction\":\"0.05\"}}",
                                     &key),
                     201);
    snprintf(authorization, sizeof authorization, "Authorization: Bearer %s", member(key, "key"));
    json_decref(key);
    for (uint64_t first = 0; first < 2 * CUSTODY_READINGS_MAX; first += CUSTODY_READINGS_MAX) {
        struct reply reply;
        buf_reset(&body);
        append_readings(&body, first, since);
        server_ask(&raw.server,
                   &(struct ask){.path = "/v1/shipments/1/readings",
                                 .body = buf_bytes(&body),
                                 .content_type = "application/json",
                                 .header = authorization,
                                 .without_key = true},
                   &reply);
        ck_assert_msg(reply.status == 202, "%s", (const char *)reply.body.data);
        raw_expect_end(reply.location, RAW_BY_API, 0);
        reply_clear(&reply);
    }
    json_t *shipment = server_get(&raw.server, "/v1/shipments/1");
    ck_assert_int_eq(number(shipment, "alarms"), CUSTODY_READINGS_MAX);
    json_decref(shipment);
    buf_clear(&body);
}
END_TEST

START_TEST(a_journey_that_is_none_is_not_found) {
    static const struct {
        const char *path;
        long status;
    } asked[] = {{"/v1/shipments/9/journeys", 404},   {"/v1/shipments/x/journeys", 404},
                 {"/v1/shipments/1/journeys/2", 404}, {"/v1/shipments/1/journeys/x", 404},
                 {"/v1/shipments/x/journeys/1", 404}, {"/v1/shipments/1/journeys?rule=1", 400},
                 {"/v1/shipments/1/journeys/1", 200}, {"/v1/shipments/1/readings?journey=x", 400}};
    send_off();
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        struct reply reply;
        server_ask(&raw.server, &(struct ask){.path = asked[i].path}, &reply);
        ck_assert_msg(reply.status == asked[i].status, "%s: %ld", asked[i].path, reply.status);
        reply_clear(&reply);
    }
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("readings");
    TCase *cases = tcase_create("server");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, play_set_up, play_close);
    tcase_add_loop_test(cases, an_earlier_reading_is_taken_after_a_later_one_and_told_as_late, 0,
                        2);
    tcase_add_test(cases, a_late_excursion_names_who_held_the_goods_then);
    tcase_add_test(cases, the_first_journeys_record_stays_open_when_the_goods_depart_again);
    tcase_add_loop_test(cases, an_alarm_of_the_first_journey_makes_no_acceptance_of_the_second_void,
                        0, 2);
    tcase_add_test(cases, readings_reserve_about_what_they_cost);
    tcase_add_test(cases, a_journey_that_is_none_is_not_found);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
