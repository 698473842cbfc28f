// SPDX-License-Identifier: Apache-2.0
// What the server refuses to sign, whatever the market's rules say; and what reads refuse.
#include <stdio.h>

#include "apps/sharing/test/renter.h"
#include "tests/support/signed_calls.h"
#include "tests/support/unit.h"

#define TERMS                                                                            \
    "{\"title\":\"A drill\",\"text\":\"\",\"place\":\"\",\"category\":\"tools\","        \
    "\"latitude\":1,\"longitude\":1,\"price_per_minute\":\"0.001\",\"unit\":\"minute\"," \
    "\"deposit\":\"1\",\"late_cap_minutes\":60,\"cancel_free_minutes\":60,\"cancel_percent\":0}"
#define HEX_32 "3e00000000000000000000000000000000000000000000000000000000000000"
#define SIGNATURE HEX_32 HEX_32
#define CHALLENGE HEX_32 HEX_32 HEX_32 "00"
#define STARTING                                                  \
    "{\"challenge\":\"" CHALLENGE "\",\"signature\":\"" SIGNATURE \
    "\",\"lock_signature\":\"" SIGNATURE "\"}"
#define CALL(method, thing, behind, body) \
    { method, thing "1" behind, body, thing "none" behind }
#define ASSET "/v1/assets/"
#define BOOKING "/v1/bookings/"

// A time as the API has it, for as long as the case runs.
static const char *time_of(uint64_t time_ms) {
    static char texts[4][25];
    static unsigned next;
    char *text = texts[next++ % 4];
    clock_format_utc(text, (int64_t)time_ms);
    return text;
}

// alice's first asset, and the first booking of it by the server's account.
static struct rental_range book(void) {
    struct key_pair phone = key_pair_of(2);
    signed_calls_open("sharing");
    renter_act_as("alice");
    renter_list(&usual_terms, 0);
    uint64_t from_ms = renter_block_ms() / SHARING_MINUTE_MS * SHARING_MINUTE_MS + SHARING_DAY_MS;
    struct rental_range range = {1, from_ms, from_ms + 60 * SHARING_MINUTE_MS};
    renter_act_as("server");
    renter_book(&range, &phone, 0, 0);
    return range;
}

START_TEST(each_operation_is_refused_as_its_document_says) {
    char times[96], later[48], wanted[256];
    const struct signed_call calls[] = {
        {"POST", "/v1/assets", TERMS, NULL},
        CALL("PUT", ASSET, "", TERMS),
        CALL("DELETE", ASSET, "", NULL),
        CALL("POST", ASSET, "/calendar", times),
        CALL("POST", ASSET, "/calendar/free", later),
        CALL("POST", ASSET, "/lock",
             "{\"lock\":\"" HEX_32 "\",\"counter\":1,\"lock_signature\":\"" SIGNATURE "\"}"),
        CALL("DELETE", ASSET, "/lock", NULL),
        CALL("POST", ASSET, "/lock/revoke", NULL),
        {"POST", "/v1/bookings", wanted, NULL},
        CALL("POST", BOOKING, "/extend", later),
        CALL("DELETE", BOOKING, "", NULL),
        CALL("POST", BOOKING, "/start", STARTING),
        CALL("POST", BOOKING, "/return", STARTING),
        CALL("POST", BOOKING, "/end", NULL),
        CALL("POST", BOOKING, "/contest", NULL),
        CALL("POST", BOOKING, "/settle", NULL),
    };
    struct rental_range range = book();
    snprintf(later, sizeof later, "{\"until\":\"%s\"}",
             time_of(range.until_ms + 60 * SHARING_MINUTE_MS));
    snprintf(times, sizeof times, "{\"from\":\"%s\",\"until\":\"%s\"}",
             time_of(range.until_ms + SHARING_DAY_MS),
             time_of(range.until_ms + 2 * SHARING_DAY_MS));
    snprintf(wanted, sizeof wanted,
             "{\"asset\":1,\"from\":\"%s\",\"until\":\"%s\",\"renter_key\":\"" HEX_32 "\"}",
             time_of(range.from_ms + SHARING_DAY_MS), time_of(range.until_ms + SHARING_DAY_MS));
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
        {"/v1/assets/9/proof", 404},
        {"/v1/assets/1/proof?believed=x", 400},
        {"/v1/assets/1/calendar?perPage=0", 400},
        {"/v1/bookings/9", 404},
        {"/v1/bookings/9/proof", 404},
        {"/v1/bookings/1/proof?believed=x", 400},
    };
    (void)book();
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
        long status = server_ask_json(&raw.server, "GET", reads[i].path, NULL, NULL);
        ck_assert_msg(status == reads[i].status, "%s: %ld", reads[i].path, status);
    }
    raw_close();
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("sharing signing");
    TCase *cases = tcase_create("server");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, each_operation_is_refused_as_its_document_says);
    tcase_add_test(cases, what_can_be_read_and_what_not);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
