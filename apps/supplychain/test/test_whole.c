// SPDX-License-Identifier: Apache-2.0
// A staged capture appears whole or not at all: nothing of it shows before its close, and nothing
// after one that the contract refuses. By REST and by raw transactions, on both engines.
#include <stdio.h>
#include <stdlib.h>

#include "apps/supplychain/epcis/document_split.h"
#include "apps/supplychain/test/raw.h"
#include "tests/support/database.h"
#include "tests/support/unit.h"

enum { EVENTS = 900, CHUNK_EVENTS = 180, CHUNKS = EVENTS / CHUNK_EVENTS, CONFLICT = 2 };

static struct test_database database;
static struct buf document; // of EVENTS; the last one's eventID stands for something else already
static struct epcis_document parts;

static void make_document(bool is_refused) {
    static const char beginning[] =
        "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"],"
        "\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\","
        "\"creationDate\":\"2026-01-02T03:04:05Z\",\"epcisBody\":{\"eventList\":[";
    struct epcis_fault fault;
    buf_reset(&document);
    buf_append_string(&document, beginning);
    for (int i = 0; i < EVENTS; i++) {
        bool is_last = i + 1 == EVENTS;
        buf_append_format(&document,
                          "{\"type\":\"ObjectEvent\",\"action\":\"OBSERVE\",%s\"eventTime\":"
                          "\"2026-01-02T03:04:05Z\",\"eventTimeZoneOffset\":\"+00:00\","
                          "\"epcList\":[\"urn:epc:id:sgtin:0614141.107346.%d\"]}%s",
                          is_last && is_refused ? "\"eventID\":\"" EVENT_ID "\"," : "", i,
                          is_last ? "]}}" : ",");
    }
    epcis_document_clear(&parts);
    assert_ok(epcis_document_split(&parts, &fault, buf_bytes(&document)));
    ck_assert_uint_eq(parts.event_count, EVENTS);
}

// With one event there. False: the engine isn't.
static bool begin(int engine, bool is_refused) {
    static struct tx tx;
    struct buf arguments = {0};
    struct hash id;
    if (!test_database_open(&database, engine)) return false;
    raw_open_on(database.url);
    raw_encode_job(&arguments, 1);
    encode_bytes(&arguments, bytes_of_string(DOCUMENT));
    raw_encode_entries(&arguments, DOCUMENT);
    tx = (struct tx){0};
    raw_add_call(&tx, &raw.market, "capture", &arguments);
    raw_run(&tx, &id, "OK");
    buf_clear(&arguments);
    make_document(is_refused);
    return true;
}

static void end(void) {
    raw_close();
    test_database_close(&database);
    epcis_document_clear(&parts);
    buf_clear(&document);
}

static uint64_t count_rows(const char *table) {
    struct db *db;
    struct db_statement *statement;
    struct buf sql = {0};
    bool has_row;
    buf_append_format(&sql, "SELECT count(*) AS n FROM %s", table);
    assert_ok(db_open(&db, database.url));
    assert_ok(db_prepare(&statement, db, buf_as_string(&sql)));
    assert_ok(db_step(statement, &has_row));
    uint64_t count = db_column_u64(statement, "n");
    db_release(statement);
    db_close(db);
    buf_clear(&sql);
    return count;
}

// So many events in every answer and in the rows, and so many of the newest in one block.
static void check_events(uint64_t count, uint64_t in_one_block) {
    json_t *list = server_get(&raw.server, "/v1/events?perPage=1000");
    const json_t *items = json_object_get(list, "items"), *newest = json_array_get(items, 0);
    const json_t *height = json_object_get(newest, "height");
    ck_assert_uint_eq(json_array_size(items), count);
    for (size_t i = 0; i < in_one_block; i++)
        ck_assert(json_equal(json_object_get(json_array_get(items, i), "height"), height));
    json_decref(list);
    json_t *answer = server_get(&raw.server, "/events?perPage=1000");
    const json_t *results = json_object_get(
        json_object_get(json_object_get(answer, "epcisBody"), "queryResults"), "resultsBody");
    ck_assert_uint_eq(json_array_size(json_object_get(results, "eventList")), count);
    json_decref(answer);
    ck_assert_uint_eq(count_rows("event"), count);
    ck_assert_uint_eq(count_rows("epc"), count);
    ck_assert_uint_eq(count_rows("job_event"), count);
}

// --- by raw transactions ---

static void stage(uint32_t index) {
    static struct tx tx;
    struct buf arguments = {0};
    struct hash id;
    size_t from = document.len * index / CHUNKS, to = document.len * (index + 1) / CHUNKS;
    raw_encode_job(&arguments, 2);
    encode_u32(&arguments, index);
    encode_bytes(&arguments, bytes_of(document.data + from, to - from));
    raw_encode_events(&arguments, &parts, index * CHUNK_EVENTS, CHUNK_EVENTS);
    tx = (struct tx){0};
    raw_add_call(&tx, &raw.market, "stage", &arguments);
    raw_run(&tx, &id, "OK");
    buf_clear(&arguments);
}

static void close_job(const char *code) {
    static struct tx tx;
    struct buf arguments = {0};
    struct hash id;
    raw_encode_job(&arguments, 2);
    encode_u32(&arguments, CHUNKS);
    encode_u64(&arguments, document.len);
    tx = (struct tx){0};
    raw_add_call(&tx, &raw.market, "close", &arguments);
    raw_run(&tx, &id, code);
    buf_clear(&arguments);
}

START_TEST(a_raw_capture_that_is_refused_at_its_close_shows_nothing) {
    if (!begin(_i, true)) return;
    for (uint32_t i = 0; i < CHUNKS; i++) {
        stage(i);
        check_events(1, 1);
        ck_assert_uint_eq(count_rows("chunk"), i + 1);
    }
    close_job("CONTRACT_REFUSED");
    check_events(1, 1);
    raw_check_failed(2, "CONTRACT_REFUSED");
    end();
}
END_TEST

START_TEST(a_raw_capture_shows_all_at_its_close_and_nothing_before) {
    if (!begin(_i, false)) return;
    for (uint32_t i = 0; i < CHUNKS; i++) {
        stage(i);
        check_events(1, 1);
    }
    close_job("OK");
    check_events(1 + EVENTS, EVENTS);
    ck_assert_uint_eq(count_rows("chunk"), 0);
    end();
}
END_TEST

// --- by REST ---

// The job at its end; what is there meanwhile is looked at all the time. The caller calls
// json_decref.
static json_t *capture(uint64_t before, uint64_t after) {
    struct reply reply;
    server_ask(&raw.server,
               &(struct ask){.path = "/capture",
                             .body = buf_bytes(&document),
                             .content_type = "application/ld+json"},
               &reply);
    ck_assert_msg(reply.status == 202, "%ld %s", reply.status, (const char *)reply.body.data);
    json_t *job = NULL;
    do {
        json_decref(job);
        json_t *list = server_get(&raw.server, "/v1/events?perPage=1000");
        size_t count = json_array_size(json_object_get(list, "items"));
        ck_assert_msg(count == before || count == after, "%zu events", count);
        json_decref(list);
        job = server_get(&raw.server, reply.location);
    } while (json_is_true(json_object_get(job, "running")));
    ck_assert_uint_gt(json_array_size(json_object_get(job, "tx")), 3); // it was staged
    reply_clear(&reply);
    return job;
}

START_TEST(a_capture_that_is_refused_at_its_close_shows_nothing) {
    if (!begin(_i, true)) return;
    json_t *job = capture(1, 1);
    const json_t *error = json_array_get(json_object_get(job, "errors"), 0);
    ck_assert_str_eq(member(error, "code"), "CONTRACT_REFUSED");
    ck_assert_int_eq(json_integer_value(json_object_get(error, "contract_code")), CONFLICT);
    json_decref(job);
    check_events(1, 1);
    end();
}
END_TEST

START_TEST(a_capture_shows_all_its_events_at_once) {
    if (!begin(_i, false)) return;
    json_t *job = capture(1, 1 + EVENTS);
    ck_assert(json_is_true(json_object_get(job, "success")));
    json_decref(job);
    check_events(1 + EVENTS, EVENTS);
    end();
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("supplychain whole");
    TCase *cases = tcase_create("whole");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, a_raw_capture_that_is_refused_at_its_close_shows_nothing, 0,
                        TEST_ENGINES);
    tcase_add_loop_test(cases, a_raw_capture_shows_all_at_its_close_and_nothing_before, 0,
                        TEST_ENGINES);
    tcase_add_loop_test(cases, a_capture_that_is_refused_at_its_close_shows_nothing, 0,
                        TEST_ENGINES);
    tcase_add_loop_test(cases, a_capture_shows_all_its_events_at_once, 0, TEST_ENGINES);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
