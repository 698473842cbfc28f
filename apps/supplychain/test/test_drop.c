// SPDX-License-Identifier: Apache-2.0
// A capture that was begun and never finished: dropped by the server's API, or by a transaction
// that its account signs. Nobody else can, and what is finished stays.
#include <stdio.h>
#include <stdlib.h>

#include "apps/supplychain/test/raw.h"
#include "tests/support/unit.h"

// Stages the document's beginning, and the rest never comes.
static void stage(uint8_t job, uint32_t index, const char *code) {
    static struct tx tx;
    struct buf arguments = {0};
    struct hash id;
    raw_encode_job(&arguments, job);
    encode_u32(&arguments, index);
    encode_bytes(&arguments, bytes_of_string(DOCUMENT));
    raw_encode_entries(&arguments, DOCUMENT);
    tx = (struct tx){0};
    raw_add_call(&tx, &raw.market, "stage", &arguments);
    raw_run(&tx, &id, code);
    buf_clear(&arguments);
}

static void close_job(uint8_t job, uint32_t chunks, const char *code) {
    static struct tx tx;
    struct buf arguments = {0};
    struct hash id;
    raw_encode_job(&arguments, job);
    encode_u32(&arguments, chunks);
    encode_u64(&arguments, chunks * strlen(DOCUMENT));
    tx = (struct tx){0};
    raw_add_call(&tx, &raw.market, "close", &arguments);
    raw_run(&tx, &id, code);
    buf_clear(&arguments);
}

static void drop_raw(uint8_t job, const char *code) {
    static struct tx tx;
    struct buf arguments = {0};
    struct hash id;
    raw_encode_job(&arguments, job);
    tx = (struct tx){0};
    raw_add_call(&tx, &raw.market, "drop", &arguments);
    raw_run(&tx, &id, code);
    buf_clear(&arguments);
}

// By the API; what it is refused with, or the transaction's end.
static void drop_by_api(uint8_t job, long status, const char *expected) {
    char path[96] = "/v1/captures/";
    uint8_t id[32];
    struct reply reply;
    memset(id, job, sizeof id);
    hex_encode(path + strlen(path), BYTES_OF(id));
    server_ask(&raw.server, &(struct ask){.path = path, .method = "DELETE"}, &reply);
    ck_assert_msg(reply.status == status, "%ld %s", reply.status, (const char *)reply.body.data);
    json_t *answer;
    if (status == 202) {
        char transaction[sizeof reply.location + 16];
        ck_assert_uint_eq(reply.body.len, 0);
        snprintf(transaction, sizeof transaction, "%s?wait=final", reply.location);
        answer = server_get(&raw.server, transaction);
        server_await_index(&raw.server,
                           (uint64_t)json_integer_value(json_object_get(answer, "height")));
    } else {
        answer = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
    }
    ck_assert_str_eq(member(answer, "code"), expected);
    json_decref(answer);
    reply_clear(&reply);
}

// What the contract has locked for its state.
static uint64_t deposit(void) {
    char address[ADDRESS_CHARS + 1], path[128];
    address_encode(address, raw.market.bytes);
    snprintf(path, sizeof path, "/v1/contracts/%s", address);
    json_t *contract = server_get(&raw.server, path);
    struct amount amount;
    assert_ok(amount_parse(&amount, member(contract, "deposit")));
    json_decref(contract);
    return amount_units(amount);
}

static void check_dropped(uint8_t job) { raw_check_failed(job, "DROPPED"); }

START_TEST(an_unfinished_capture_is_dropped_by_the_api) {
    stage(1, 0, "OK");
    stage(1, 1, "OK");
    ck_assert_uint_gt(deposit(), 0);
    drop_by_api(1, 202, "OK");
    ck_assert_uint_eq(deposit(), 0);
    check_dropped(1);
    drop_by_api(1, 404, "not_found");
    close_job(1, 2, "CONTRACT_REFUSED");
}
END_TEST

START_TEST(an_unfinished_capture_is_dropped_by_a_raw_transaction) {
    stage(1, 0, "OK");
    ck_assert_uint_gt(deposit(), 0);
    drop_raw(1, "OK");
    ck_assert_uint_eq(deposit(), 0);
    check_dropped(1);
    drop_raw(1, "CONTRACT_REFUSED");
    check_dropped(1);
    // Its id is free: the whole document may come after all.
    stage(1, 0, "OK");
    close_job(1, 1, "OK");
    raw_check_job(1, true, 1);
}
END_TEST

enum { STAGED = 900 }; // events, of which the last is to be refused

static void make_refused(struct buf *out) {
    static const char end[] = "]}}";
    struct bytes other = bytes_of_string(OTHER);
    const char *events = strstr(OTHER, "[{") + 1; // of what another content stands for already
    size_t front = (size_t)(events - OTHER);
    buf_append(out, bytes_of(other.data, front));
    for (int i = 0; i < STAGED - 1; i++)
        buf_append_format(out,
                          "{\"type\":\"ObjectEvent\",\"action\":\"OBSERVE\",\"eventTime\":"
                          "\"2026-01-02T03:04:05Z\",\"eventTimeZoneOffset\":\"+00:00\","
                          "\"epcList\":[\"urn:epc:id:sgtin:0614141.107346.%d\"]},",
                          i);
    buf_append(out, bytes_of(other.data + front, other.len - front - strlen(end)));
    buf_append_string(out, end);
}

static void await_deposit(uint64_t units) {
    uint64_t until_ms = clock_monotonic_ms() + 30000;
    while (deposit() != units) ck_assert_uint_lt(clock_monotonic_ms(), until_ms);
}

START_TEST(a_staged_capture_that_is_refused_leaves_nothing_on_the_chain) {
    struct buf document = {0};
    struct reply reply;
    stage(1, 0, "OK");
    close_job(1, 1, "OK");
    uint64_t before = deposit(); // for what is kept for ever
    make_refused(&document);
    server_ask(&raw.server,
               &(struct ask){.path = "/capture",
                             .body = buf_bytes(&document),
                             .content_type = "application/ld+json"},
               &reply);
    ck_assert_msg(reply.status == 202, "%ld %s", reply.status, (const char *)reply.body.data);
    json_t *job = NULL;
    do {
        json_decref(job);
        job = server_get(&raw.server, reply.location);
    } while (json_is_true(json_object_get(job, "running")));
    const json_t *error = json_array_get(json_object_get(job, "errors"), 0);
    ck_assert_int_eq(json_integer_value(json_object_get(error, "contract_code")), 2);
    raw_note_refusal(RAW_BY_API, 2);
    ck_assert_uint_gt(json_array_size(json_object_get(job, "tx")), 3);
    json_decref(job);
    await_deposit(before);
    job = server_get(&raw.server, reply.location); // and it says what it said
    error = json_array_get(json_object_get(job, "errors"), 0);
    ck_assert_int_eq(json_integer_value(json_object_get(error, "contract_code")), 2);
    json_decref(job);
    drop_by_api(2, 404, "not_found");
    reply_clear(&reply);
    buf_clear(&document);
}
END_TEST

START_TEST(nobody_drops_the_capture_of_another) {
    stage(1, 0, "OK");
    uint64_t locked = deposit();
    raw_act_as("alice");
    drop_raw(1, "CONTRACT_REFUSED");
    ck_assert_uint_eq(deposit(), locked);
    stage(2, 0, "OK");
    drop_by_api(2, 404, "not_found"); // the API signs for the server's account alone
    drop_raw(2, "OK");
    ck_assert_uint_eq(deposit(), locked);
    raw_act_as("server");
    close_job(1, 1, "OK");
    raw_check_job(1, true, 1);
}
END_TEST

START_TEST(what_is_finished_is_not_dropped) {
    stage(1, 0, "OK");
    close_job(1, 1, "OK");
    drop_by_api(1, 409, "capture_finished");
    drop_raw(1, "CONTRACT_REFUSED");
    raw_check_job(1, true, 1);
}
END_TEST

START_TEST(who_may_not_capture_drops_nothing) {
    struct reply reply;
    char path[96] = "/v1/captures/";
    uint8_t id[32];
    stage(1, 0, "OK");
    memset(id, 1, sizeof id);
    hex_encode(path + strlen(path), BYTES_OF(id));
    struct ask ask = {.path = path, .method = "DELETE", .without_key = true};
    server_ask(&raw.server, &ask, &reply);
    ck_assert_int_eq(reply.status, 401);
    reply_clear(&reply);
    ask = (struct ask){.path = "/v1/captures/x", .method = "DELETE"};
    server_ask(&raw.server, &ask, &reply);
    ck_assert_int_eq(reply.status, 404);
    reply_clear(&reply);
    ck_assert_uint_gt(deposit(), 0);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("supplychain drop");
    TCase *cases = tcase_create("drop");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, raw_open, raw_close);
    tcase_add_test(cases, an_unfinished_capture_is_dropped_by_the_api);
    tcase_add_test(cases, an_unfinished_capture_is_dropped_by_a_raw_transaction);
    tcase_add_test(cases, a_staged_capture_that_is_refused_leaves_nothing_on_the_chain);
    tcase_add_test(cases, nobody_drops_the_capture_of_another);
    tcase_add_test(cases, what_is_finished_is_not_dropped);
    tcase_add_test(cases, who_may_not_capture_drops_nothing);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
