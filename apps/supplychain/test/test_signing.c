// SPDX-License-Identifier: Apache-2.0
// What the server refuses to sign, whatever the market's rules say.
#include <stdio.h>

#include "apps/supplychain/test/raw.h"
#include "tests/support/signed_calls.h"
#include "tests/support/unit.h"

#define JOB "0101010101010101010101010101010101010101010101010101010101010101"
#define NO_HASH "0000000000000000000000000000000000000000000000000000000000000000"
#define CALL(thing, behind, body) \
    { "POST", thing "1" behind, body, thing "none" behind }
#define SHIPMENT "/v1/shipments/"
#define HAND_OVER "/v1/hand-overs/"

// A capture that is begun, so that it can be dropped.
static void stage(void) {
    static struct tx tx;
    struct buf arguments = {0};
    struct hash id;
    raw_encode_job(&arguments, 1);
    encode_u32(&arguments, 0);
    encode_bytes(&arguments, bytes_of_string(DOCUMENT));
    raw_encode_entries(&arguments, DOCUMENT);
    tx = (struct tx){0};
    raw_add_call(&tx, &raw.market, "stage", &arguments);
    raw_run(&tx, &id, "OK");
    buf_clear(&arguments);
}

START_TEST(each_operation_is_refused_as_its_document_says) {
    char to[128], offer[192];
    const struct signed_call calls[] = {
        {"POST", "/capture", OTHER, NULL},
        {"DELETE", "/v1/captures/" JOB, NULL, "/v1/captures/" NO_HASH},
        {"POST", "/v1/shipments",
         "{\"epc\":\"urn:x:1\",\"quantity_milli\":1,\"uom\":\"\",\"event_hash\":\"" NO_HASH "\"}",
         NULL},
        CALL(SHIPMENT, "/departure", to),
        CALL(SHIPMENT, "/arrival", "{}"),
        CALL(SHIPMENT, "/readings",
             "{\"first\":1,\"readings\":[{\"time_ms\":1,\"value_milli\":1}]}"),
        {"POST", "/v1/hand-overs", offer, NULL},
        CALL(HAND_OVER, "/accept", "{\"alarms\":0}"),
        CALL(HAND_OVER, "/refuse", "{\"reason\":\"no\"}"),
        CALL(HAND_OVER, "/withdraw", "{}"),
    };
    signed_calls_open("supplychain");
    stage();
    snprintf(to, sizeof to, "{\"to\":\"%s\"}", raw.address);
    snprintf(offer, sizeof offer, "{\"shipment\":1,\"quantity_milli\":1,\"to\":\"%s\"}",
             raw.address);
    signed_calls_check(calls, sizeof calls / sizeof *calls);
    raw_close();
}
END_TEST

START_TEST(a_faucet_gives_to_who_has_nothing) {
    const struct account_id nobody = {{7}};
    char body[128], address[ADDRESS_CHARS + 1];
    json_t *given;
    signed_calls_open("supplychain");
    address_encode(address, nobody.bytes);
    snprintf(body, sizeof body, "{\"address\":\"%s\"}", address);
    ck_assert_int_eq(server_ask_json(&raw.server, "POST", "/v1/faucet", body, &given), 202);
    snprintf(body, sizeof body, "/v1/transactions/%s?wait=final", member(given, "id"));
    json_decref(given);
    given = server_get(&raw.server, body);
    ck_assert_str_eq(member(given, "code"), "OK");
    json_decref(given);
    raw_close();
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("supplychain signing");
    TCase *cases = tcase_create("server");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, each_operation_is_refused_as_its_document_says);
    tcase_add_test(cases, a_faucet_gives_to_who_has_nothing);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
