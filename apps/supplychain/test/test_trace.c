// SPDX-License-Identifier: Apache-2.0
// Traces over captured events, on both engines.
#include <stdio.h>
#include <stdlib.h>

#include "apps/supplychain/test/capturing.h"
#include "apps/supplychain/trace.h"
#include "tests/support/database.h"
#include "tests/support/unit.h"

#define LINK(n) "https://id.gs1.org/01/10614141073464/21/" #n
#define EPC(n) "\"urn:epc:id:sgtin:0614141.107346." #n "\""
#define PALLET "\"urn:epc:id:sscc:0614141.1234567890\""
#define PALLET_LINK "https://id.gs1.org/00/106141412345678908"
#define FISH "urn:epc:class:lgtin:4012345.012345.TUNA"
#define FILLET "urn:epc:class:lgtin:4012345.012345.FILLET"
#define FISH_LINK "https://id.gs1.org/01/04012345123456/10/TUNA"
#define FILLET_LINK "https://id.gs1.org/01/04012345123456/10/FILLET"
#define WHEN "\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventTimeZoneOffset\":\"+00:00\""
#define TRANSFORMED "{\"type\":\"TransformationEvent\"," WHEN
#define BECAME(input, output) \
    TRANSFORMED ",\"inputEPCList\":[" input "],\"outputEPCList\":[" output "]}"
#define PACKED(parent, children)                                                      \
    "{\"type\":\"AggregationEvent\",\"action\":\"ADD\"," WHEN ",\"parentID\":" parent \
    ",\"childEPCs\":[" children "]}"
#define QUANTITY(class, quantity) \
    "[{\"epcClass\":\"" class "\",\"quantity\":" quantity ",\"uom\":\"KGM\"}]"
#define FISH_QUANTITY ",\"inputQuantityList\":" QUANTITY(FISH, "200.5")
#define FILLET_QUANTITY ",\"outputQuantityList\":" QUANTITY(FILLET, "80")
#define IN_PARTS TRANSFORMED ",\"transformationID\":\"urn:x:t\""

static const char *const story[] = {
    // Fish and 1 become fillet and 2.
    TRANSFORMED
    ",\"inputEPCList\":[" EPC(1) "],\"outputEPCList\":[" EPC(2) "]" FISH_QUANTITY FILLET_QUANTITY
                                                                "}",
    // 2 and 3 are packed on a pallet, which is packed into 9; 2 becomes 4.
    PACKED(PALLET, EPC(2) "," EPC(3)),
    PACKED(EPC(9), PALLET),
    BECAME(EPC(2), EPC(4)),
    // 5 becomes 6 in two events of one transformation.
    IN_PARTS ",\"inputEPCList\":[" EPC(5) "]}",
    IN_PARTS ",\"outputEPCList\":[" EPC(6) "]}",
    // 7 becomes 8, and 8 becomes 7 again.
    BECAME(EPC(7), EPC(8)),
    BECAME(EPC(8), EPC(7)),
};

static void begin_document(struct buf *out) {
    static const char empty[] = DOCUMENT("");
    buf_append(out, bytes_of(empty, strlen(empty) - strlen("]}}")));
}

static void tell_story(void) {
    struct buf document = {0};
    begin_document(&document);
    for (size_t i = 0; i < sizeof story / sizeof *story; i++)
        buf_append_format(&document, "%s%s", i ? "," : "", story[i]);
    buf_append_string(&document, "]}}");
    capture_well(buf_bytes(&document));
    buf_clear(&document);
}

static struct test_database database;

static void set_up(void) {
    server_init(&server, "./lmm-supplychain");
    server.flags[0] = "--block-time";
    server.flags[1] = "50";
}

static void tear_down(void) {
    server_clear(&server);
    database = (struct test_database){0};
}

static json_t *trace(const char *epc, const char *direction) {
    char path[256];
    snprintf(path, sizeof path, "/v1/trace?epc=%s&direction=%s", epc, direction);
    return server_get(&server, path);
}

// The identifiers that are reached, but for the first, separated by spaces.
static void expect_reached(const char *epc, const char *direction, const char *expected) {
    json_t *found = trace(epc, direction);
    struct buf list = {0};
    const json_t *items = json_object_get(found, "identifiers");
    ck_assert_str_eq(member(json_array_get(items, 0), "epc"), epc);
    for (size_t i = 1; i < json_array_size(items); i++) {
        if (i > 1) buf_append_byte(&list, ' ');
        buf_append_string(&list, member(json_array_get(items, i), "epc"));
    }
    ck_assert_str_eq(buf_as_string(&list), expected);
    ck_assert(json_is_false(json_object_get(found, "is_cut")));
    buf_clear(&list);
    json_decref(found);
}

static void check_paths(void) {
    expect_reached(LINK(1), "forward",
                   FILLET_LINK " " LINK(2) " " PALLET_LINK " " LINK(4) " " LINK(9));
    expect_reached(FISH_LINK, "forward",
                   FILLET_LINK " " LINK(2) " " PALLET_LINK " " LINK(4) " " LINK(9));
    expect_reached(LINK(3), "forward", PALLET_LINK " " LINK(9)); // not what it shared a pallet with
    expect_reached(PALLET_LINK, "forward", LINK(2) " " LINK(3) " " LINK(9) " " LINK(4));
    expect_reached(LINK(4), "backward", LINK(2) " " FISH_LINK " " LINK(1));
    expect_reached(LINK(9), "backward",
                   PALLET_LINK " " LINK(2) " " LINK(3) " " FISH_LINK " " LINK(1));
    expect_reached(LINK(5), "forward", LINK(6));
    expect_reached(LINK(6), "backward", LINK(5));
    expect_reached(LINK(5), "backward", "");
    expect_reached(LINK(7), "forward", LINK(8)); // and back to itself
    expect_reached(LINK(7), "both", LINK(8));
    expect_reached(LINK(2), "both", PALLET_LINK " " LINK(4) " " LINK(9) " " FISH_LINK " " LINK(1));
    expect_reached("urn:x:none", "both", "");
}

// The edges of the fish's transformation, with the quantities that its document has.
static void check_edges(void) {
    json_t *found = trace(FILLET, "backward");
    const json_t *edges = json_object_get(found, "edges");
    ck_assert_uint_eq(json_array_size(json_object_get(found, "events")), 1);
    ck_assert_uint_eq(json_array_size(edges), 3); // two inputs, and the fillet
    for (size_t i = 0; i < 3; i++) {
        const json_t *edge = json_array_get(edges, i);
        const json_t *quantity = json_object_get(edge, "quantity");
        if (strcmp(member(edge, "epc"), FISH_LINK) == 0) {
            ck_assert_str_eq(member(edge, "place"), "inputQuantityList");
            ck_assert(json_number_value(quantity) == 200.5);
            ck_assert_str_eq(member(edge, "uom"), "KGM");
        } else if (strcmp(member(edge, "epc"), FILLET_LINK) == 0) {
            ck_assert_str_eq(member(edge, "place"), "outputQuantityList");
            ck_assert(json_number_value(quantity) == 80);
        } else {
            ck_assert_str_eq(member(edge, "place"), "inputEPCList");
            ck_assert(json_is_null(quantity));
        }
    }
    json_decref(found);
    found = trace(LINK(5), "forward"); // a transformation in two events
    ck_assert_uint_eq(json_array_size(json_object_get(found, "events")), 2);
    ck_assert_uint_eq(json_array_size(json_object_get(found, "edges")), 2);
    json_decref(found);
}

static void check_recall(void) {
    struct reply reply;
    json_t *list = server_get(&server, "/v1/recall?epc=" FISH);
    const json_t *items = json_object_get(list, "items");
    ck_assert_uint_eq(json_array_size(items), 6);
    for (size_t i = 0; i < 6; i++)
        ck_assert_str_ne(member(json_array_get(items, i), "last_captured_by"), "");
    json_decref(list);
    server_ask(&server, &(struct ask){.path = "/v1/recall?format=csv&epc=" FISH}, &reply);
    ck_assert_ptr_nonnull(strstr((const char *)reply.body.data, FILLET_LINK ",1,"));
    reply_clear(&reply);
}

START_TEST(goods_are_traced_both_ways) {
    if (!test_database_open(&database, _i)) return;
    server.index = database.url;
    server_start(&server);
    tell_story();
    check_paths();
    check_edges();
    check_recall();
    server_stop(&server);
    test_database_close(&database);
}
END_TEST

enum { CHAIN_STEPS = 1000, SIDE = 1100 };

static void append_side(struct buf *out, const char *name, int first) {
    buf_append_format(out, ",\"%s\":[", name);
    for (int i = 0; i < SIDE; i++)
        buf_append_format(out, "%s\"urn:epc:id:sgtin:0614141.107346.%d\"", i ? "," : "", first + i);
    buf_append_byte(out, ']');
}

START_TEST(many_become_many_and_those_become_the_first_again) {
    struct buf document = {0};
    if (!test_database_open(&database, _i)) return;
    server.index = database.url;
    server_start(&server);
    begin_document(&document);
    for (int i = 0; i < 2; i++) {
        buf_append_format(&document, "%s" TRANSFORMED, i ? "," : "");
        append_side(&document, "inputEPCList", i ? 30000 : 10000);
        append_side(&document, "outputEPCList", i ? 10000 : 30000);
        buf_append_byte(&document, '}');
    }
    buf_append_string(&document, "]}}");
    capture_well(buf_bytes(&document));
    json_t *found = trace(LINK(10000), "both");
    ck_assert_uint_eq(json_array_size(json_object_get(found, "identifiers")), 1 + TRACE_OF_TRUSTED);
    ck_assert_uint_eq(json_array_size(json_object_get(found, "events")), 2);
    ck_assert_str_eq(json_string_value(json_array_get(json_object_get(found, "cut"), 0)),
                     "identifiers");
    json_decref(found);
    buf_clear(&document);
    server_stop(&server);
    test_database_close(&database);
}
END_TEST

START_TEST(a_trace_has_bounds_and_says_so) {
    struct buf document = {0};
    server_start(&server);
    buf_append_string(
        &document, "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/"
                   "epcis-context.jsonld\"],\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\","
                   "\"creationDate\":\"2026-01-02T03:04:05Z\",\"epcisBody\":{\"eventList\":[");
    for (int i = 0; i < CHAIN_STEPS; i++) // each becomes the next
        buf_append_format(&document,
                          "%s{\"type\":\"TransformationEvent\"," WHEN
                          ",\"inputEPCList\":[\"urn:epc:id:sgtin:0614141.107346.%d\"],"
                          "\"outputEPCList\":[\"urn:epc:id:sgtin:0614141.107346.%d\"]}",
                          i ? "," : "", 100 + i, 101 + i);
    buf_append_string(&document, "]}}");
    capture_well(buf_bytes(&document));
    json_t *found = trace(LINK(100), "forward");
    ck_assert_uint_eq(json_array_size(json_object_get(found, "identifiers")), 17);
    ck_assert(json_is_true(json_object_get(found, "is_cut")));
    ck_assert_str_eq(json_string_value(json_array_get(json_object_get(found, "cut"), 0)), "steps");
    json_decref(found);
    found = trace(LINK(1090), "forward");
    ck_assert_uint_eq(json_array_size(json_object_get(found, "identifiers")), 11);
    ck_assert(json_is_false(json_object_get(found, "is_cut")));
    json_decref(found);
    buf_clear(&document);
}
END_TEST

START_TEST(what_cannot_be_traced_is_refused_by_its_name) {
    static const char *const paths[] = {"/v1/trace",
                                        "/v1/trace?epc=",
                                        "/v1/trace?epc=a&epc=b",
                                        "/v1/trace?epc=a&direction=up",
                                        "/v1/trace?epc=a&x=y",
                                        "/v1/recall",
                                        "/v1/recall?epc=a&direction=both"};
    server_start(&server);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct reply reply;
        server_ask(&server, &(struct ask){.path = paths[i]}, &reply);
        ck_assert_msg(reply.status == 400, "%s: %ld", paths[i], reply.status);
        reply_clear(&reply);
    }
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("trace");
    TCase *cases = tcase_create("trace");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_loop_test(cases, goods_are_traced_both_ways, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, many_become_many_and_those_become_the_first_again, 0, TEST_ENGINES);
    tcase_add_test(cases, a_trace_has_bounds_and_says_so);
    tcase_add_test(cases, what_cannot_be_traced_is_refused_by_its_name);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
