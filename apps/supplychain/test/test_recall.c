// SPDX-License-Identifier: Apache-2.0
// Recalls and traces where strangers capture events of others' goods.
#include <stdio.h>
#include <stdlib.h>

#include "apps/common/db/db.h"
#include "apps/supplychain/test/custody_play.h"
#include "apps/supplychain/trace.h"
#include "tests/support/database.h"
#include "tests/support/unit.h"

#define LOT_LINK "https://id.gs1.org/01/04012345123456/10/TUNA"
#define PRODUCT "https://id.gs1.org/01/04012345123456/21/"
enum { JUNK = 120 };

static struct test_database database;

// The lot becomes these.
static void transform(int role, uint8_t job, const char *prefix, int count) {
    struct buf text = {0};
    buf_append_string(
        &text, "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"],"
               "\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\","
               "\"creationDate\":\"2026-01-02T03:04:05Z\",\"epcisBody\":{\"eventList\":["
               "{\"type\":\"TransformationEvent\",\"eventTime\":\"2026-01-02T03:04:05Z\","
               "\"eventTimeZoneOffset\":\"+00:00\",\"inputQuantityList\":[{\"epcClass\":\"" LOT
               "\"}],\"outputEPCList\":[");
    for (int i = 0; i < count; i++)
        buf_append_format(&text, "%s\"" PRODUCT "%s%03d\"", i ? "," : "", prefix, i);
    buf_append_string(&text, "]}]}}");
    play_capture_event(role, job, buf_as_string(&text));
    buf_clear(&text);
}

// The server's lot goes to alice, who makes two products of it. The faucet, before her, and bob,
// behind her, say that they have made something of it as well.
static void tell_story(void) {
    play(SERVER, "register",
         "{\"epc\":\"" LOT_LINK "\",\"quantity_milli\":1000,\"uom\":\"KGM\","
         "\"event_hash\":\"$E\"}",
         0);
    play(SERVER, "offer", "{\"shipment\":1,\"quantity_milli\":1000,\"to\":\"$1\"}", 0);
    play(ALICE, "accept", "{\"hand_over\":1,\"alarms\":0}", 0);
    transform(FAUCET, 1, "JUNK", JUNK);
    transform(ALICE, 1, "REAL", 2);
    transform(BOB, 1, "OTHER", 1);
}

// How many are of this branch, NULL being that of who is trusted with the goods.
static size_t count_of(const json_t *list, const char *captor) {
    size_t count = 0, i;
    const json_t *item;
    json_array_foreach(list, i, item) {
        const json_t *branch = json_object_get(item, "captured_by");
        count += captor ? json_is_string(branch) && strcmp(json_string_value(branch), captor) == 0
                        : json_is_null(branch);
    }
    return count;
}

static void check_list(const char *path, const char *name) {
    json_t *found = server_get(&raw.server, path);
    const json_t *list = json_object_get(found, name);
    ck_assert_uint_eq(count_of(list, NULL), 3);
    ck_assert_str_eq(member(json_array_get(list, 0), "epc"), LOT_LINK);
    ck_assert_str_eq(member(json_array_get(list, 1), "epc"), PRODUCT "REAL000");
    ck_assert_str_eq(member(json_array_get(list, 2), "epc"), PRODUCT "REAL001");
    ck_assert_uint_eq(count_of(list, play_addresses[FAUCET]), TRACE_OF_STRANGER);
    ck_assert_uint_eq(count_of(list, play_addresses[BOB]), 1);
    ck_assert_uint_eq(json_array_size(list), 3 + TRACE_OF_STRANGER + 1);
    ck_assert(json_is_true(json_object_get(found, "is_cut")));
    const json_t *cut = json_object_get(found, "cut");
    ck_assert_uint_eq(json_array_size(cut), 1);
    ck_assert_str_eq(json_string_value(json_array_get(cut, 0)), "strangers");
    json_decref(found);
}

START_TEST(strangers_take_no_place_of_what_was_made_of_the_goods) {
    struct reply reply;
    if (!test_database_open(&database, _i)) return;
    play_open("supplychain", database.url);
    tell_story();
    check_list("/v1/recall?epc=" LOT, "items");
    check_list("/v1/trace?direction=forward&epc=" LOT, "identifiers");
    server_ask(&raw.server, &(struct ask){.path = "/v1/recall?format=csv&epc=" LOT}, &reply);
    ck_assert_ptr_nonnull(strstr((const char *)reply.body.data, "captured_by"));
    ck_assert_ptr_nonnull(strstr((const char *)reply.body.data, PRODUCT "REAL001,1,"));
    reply_clear(&reply);
    json_t *back = server_get(&raw.server, "/v1/trace?direction=backward&epc=" PRODUCT "REAL001");
    ck_assert_uint_eq(count_of(json_object_get(back, "identifiers"), NULL), 2);
    ck_assert(json_is_false(json_object_get(back, "is_cut")));
    json_decref(back);
    play_close();
    test_database_close(&database);
}
END_TEST

// Who registers others' goods under an event of its own is trusted with nothing.
START_TEST(a_shipment_of_strangers_makes_nobody_trusted) {
    play_open("supplychain", NULL);
    transform(FAUCET, 1, "JUNK", 1);
    play(FAUCET, "register",
         "{\"epc\":\"" LOT_LINK "\",\"quantity_milli\":1000,\"uom\":\"KGM\","
         "\"event_hash\":\"$E\"}",
         0);
    json_t *found = server_get(&raw.server, "/v1/recall?epc=" LOT);
    ck_assert_uint_eq(count_of(json_object_get(found, "items"), NULL), 1);
    ck_assert_uint_eq(count_of(json_object_get(found, "items"), play_addresses[FAUCET]), 1);
    json_decref(found);
    play_close();
}
END_TEST

// As many shipments of the identifier as are listed of one, all like the first of all.
static void flood(struct db *db, const char *epc, int first) {
    struct buf text = {0};
    buf_append_format(
        &text,
        "INSERT INTO shipment (number, parent, epc, uom, origin, event_hash, custodian, shipper,"
        " destination, state, quantity_milli, offered_milli, registered_ms, departed_ms,"
        " arrived_ms, alarms, journey, journey_alarms, height, tx_index, event_index, tx_id,"
        " time_ms) WITH RECURSIVE further (n) AS (SELECT %d UNION ALL SELECT n + 1 FROM further"
        " WHERE n < %d) SELECT n, parent, '%s', uom, origin, event_hash, custodian, shipper,"
        " destination, state, quantity_milli, offered_milli, registered_ms, departed_ms,"
        " arrived_ms, alarms, journey, journey_alarms, height, tx_index, event_index, tx_id,"
        " time_ms FROM shipment JOIN further ON number = 1;",
        first, first + TRACE_SHIPMENTS_OF_ONE - 1, epc);
    assert_ok(db_exec_script(db, buf_as_string(&text)));
    buf_clear(&text);
}

static void check_cut(const json_t *found) {
    const json_t *cut = json_object_get(found, "cut");
    ck_assert(json_is_true(json_object_get(found, "is_cut")));
    ck_assert_uint_eq(json_array_size(cut), 1);
    ck_assert_str_eq(json_string_value(json_array_get(cut, 0)), "shipments");
}

// Those of which none is shown have a holder all the same.
START_TEST(a_recall_says_when_it_shows_not_all_who_hold_the_goods) {
    enum { PRODUCTS = 5 };
    struct db *db;
    struct reply reply;
    if (!test_database_open(&database, _i)) return;
    play_open("supplychain", database.url);
    play(SERVER, "register",
         "{\"epc\":\"" LOT_LINK "\",\"quantity_milli\":1000,\"uom\":\"KGM\","
         "\"event_hash\":\"$E\"}",
         0);
    transform(SERVER, 2, "REAL", PRODUCTS);
    assert_ok(db_open(&db, database.url));
    flood(db, PRODUCT "REAL000", 2);
    json_t *whole = server_get(&raw.server, "/v1/recall?epc=" LOT);
    ck_assert(json_is_false(json_object_get(whole, "is_cut")));
    ck_assert_uint_eq(json_array_size(json_object_get(whole, "items")),
                      1 + TRACE_SHIPMENTS_OF_ONE + PRODUCTS - 1);
    json_decref(whole);
    for (int i = 1; i < PRODUCTS; i++) {
        char epc[64];
        snprintf(epc, sizeof epc, PRODUCT "REAL%03d", i);
        flood(db, epc, 2 + i * TRACE_SHIPMENTS_OF_ONE);
    }
    db_close(db);
    json_t *recall = server_get(&raw.server, "/v1/recall?epc=" LOT),
           *trace = server_get(&raw.server, "/v1/trace?epc=" LOT);
    ck_assert_uint_eq(json_array_size(json_object_get(recall, "items")), TRACE_SHIPMENTS);
    check_cut(recall);
    check_cut(trace);
    json_decref(recall);
    json_decref(trace);
    server_ask(&raw.server, &(struct ask){.path = "/v1/recall?format=csv&epc=" LOT}, &reply);
    ck_assert_ptr_nonnull(strstr((const char *)reply.headers.data, "Recall-Cut: shipments"));
    reply_clear(&reply);
    play_close();
    test_database_close(&database);
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("recall");
    TCase *cases = tcase_create("recall");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, strangers_take_no_place_of_what_was_made_of_the_goods, 0,
                        TEST_ENGINES);
    tcase_add_test(cases, a_shipment_of_strangers_makes_nobody_trusted);
    tcase_add_loop_test(cases, a_recall_says_when_it_shows_not_all_who_hold_the_goods, 0,
                        TEST_ENGINES);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
