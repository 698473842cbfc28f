// SPDX-License-Identifier: Apache-2.0
// What the server refuses to sign, whatever the market's rules say; and what reads refuse.
#include <stdio.h>

#include "apps/energy/test/market.h"
#include "tests/support/signed_calls.h"

#define KEY "3e00000000000000000000000000000000000000000000000000000000000000"
#define SIGNATURE KEY KEY

START_TEST(each_operation_is_refused_as_its_document_says) {
    char order[64], unknown[64];
    struct wish wish = {1, market_next_slot(), BUY, LIMIT, PRICE, 10};
    const struct signed_call calls[] = {
        {"POST", "/v1/zones",
         "{\"name\":\"South\",\"cap\":30000,\"lot\":1,\"gate_ms\":300000,\"wait_ms\":300000,"
         "\"account\":\"1\"}",
         NULL},
        {"POST", "/v1/orders",
         "{\"zone\":1,\"slot\":1,\"side\":\"buy\",\"kind\":\"limit\",\"price\":1,\"wh\":1}", NULL},
        {"DELETE", order, NULL, unknown},
        {"POST", "/v1/meters",
         "{\"zone\":1,\"direction\":\"export\",\"key\":\"" KEY "\",\"signature\":\"" SIGNATURE
         "\"}",
         NULL},
        {"POST", "/v1/meters/" KEY "/approval", "{\"most_wh\":1}", "/v1/meters/none/approval"},
        {"POST", "/v1/readings",
         "{\"key\":\"" KEY "\",\"slot\":1,\"wh\":1,\"sequence\":1,\"signature\":\"" SIGNATURE "\"}",
         NULL},
        {"POST", "/v1/settlements", "{\"zone\":1,\"slot\":1}", NULL},
    };
    signed_calls_open("energy");
    market_make_zone(0);
    market_place_raw(&wish, wish.wh * PRICE + OPENING, 0);
    snprintf(order, sizeof order, "/v1/orders/1-%llu-1", (unsigned long long)wish.slot);
    snprintf(unknown, sizeof unknown, "/v1/orders/1-%llu-2", (unsigned long long)wish.slot);
    json_decref(server_get(&raw.server, order));
    signed_calls_check(calls, sizeof calls / sizeof *calls);
    raw_close();
}
END_TEST

struct read {
    const char *path;
    long status;
};

START_TEST(what_can_be_read_and_what_not) {
    static const struct read reads[] = {
        {"/v1/slots?zone=1", 200},       {"/v1/zones?perPage=0", 400},
        {"/v1/trades?perPage=0", 400},   {"/v1/meters?perPage=0", 400},
        {"/v1/readings?perPage=0", 400}, {"/v1/places/1-0-0/proof?believed=x", 400},
    };
    signed_calls_open("energy");
    market_make_zone(0);
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
        long status = server_ask_json(&raw.server, "GET", reads[i].path, NULL, NULL);
        ck_assert_msg(status == reads[i].status, "%s: %ld", reads[i].path, status);
    }
    raw_close();
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("energy signing");
    TCase *cases = tcase_create("server");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, each_operation_is_refused_as_its_document_says);
    tcase_add_test(cases, what_can_be_read_and_what_not);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
