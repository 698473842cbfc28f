// SPDX-License-Identifier: Apache-2.0
// The supply-chain server's lists, queries and headers, as GS1's binding and our own pages ask.
#include <stdio.h>
#include <stdlib.h>

#include "apps/common/db/db.h"
#include "apps/supplychain/test/capturing.h"
#include "chaincore/base/file.h"
#include "tests/support/unit.h"

static void set_up(void) {
    server_init(&server, "./lmm-supplychain");
    server_start(&server);
}
static void tear_down(void) { server_clear(&server); }

START_TEST(the_events_of_a_large_job_come_in_pages) {
    struct buf document = {0};
    char path[256];
    make_large(&document, 1500);
    json_t *job = capture_job(buf_bytes(&document));
    ck_assert_int_eq(json_integer_value(json_object_get(job, "event_count")), 1500);
    ck_assert_uint_eq(json_array_size(json_object_get(job, "events")), 1000);
    snprintf(path, sizeof path, "/capture/%s?perPage=1000&nextPageToken=%s",
             member(job, "captureID"), member(job, "next"));
    json_t *rest = server_get(&server, path);
    const json_t *events = json_object_get(rest, "events");
    ck_assert_uint_eq(json_array_size(events), 500);
    ck_assert_ptr_null(json_object_get(rest, "next"));
    const json_t *before = json_array_get(json_object_get(job, "events"), 999);
    ck_assert_str_ne(member(json_array_get(events, 0), "hash"), member(before, "hash"));
    json_decref(rest);
    json_decref(job);
    buf_clear(&document);
}
END_TEST

START_TEST(jobs_are_listed_by_pages) {
    size_t seen = 0;
    char path[512] = "/capture?perPage=2", last[160] = "";
    for (int i = 0; i < 5; i++) capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_A, ""))));
    while (*path) {
        struct reply reply;
        json_error_t error;
        server_ask(&server, &(struct ask){.path = path}, &reply);
        ck_assert_int_eq(reply.status, 200);
        json_t *jobs = json_loadb((const char *)reply.body.data, reply.body.len, 0, &error);
        seen += json_array_size(jobs);
        ck_assert_uint_eq(json_array_size(jobs), seen == 5 ? 1 : 2);
        ck_assert_str_ne(member(json_array_get(jobs, 0), "captureID"), last);
        snprintf(last, sizeof last, "%s", member(json_array_get(jobs, 0), "captureID"));
        path[0] = '\0';
        if (*reply.link) sscanf(reply.link, "<%511[^>]", path);
        json_decref(jobs);
        reply_clear(&reply);
    }
    ck_assert_uint_eq(seen, 5);
}
END_TEST

// Jobs like the one that is there, each staged by so many transactions: put beside it in the index,
// as making them takes the chain an hour.
static void put_many_jobs(int jobs, int txs) {
    struct db *db;
    struct buf sql = {0};
    char url[128];
    snprintf(url, sizeof url, "sqlite:%s/data/index.db", server.folder);
    assert_ok(db_open(&db, url));
    buf_append_format(&sql,
                      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                      " INSERT INTO job SELECT CAST(printf('%%032d', i) AS BLOB), sender, i, 0,"
                      " time_ms, created_ms, tx_id, code, contract_code, reason, event_count"
                      " FROM n, job;"
                      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                      " INSERT INTO job_tx SELECT job, sender, 1, i, time_ms,"
                      " CAST(printf('%%032d', i) AS BLOB) FROM n, job",
                      jobs, txs);
    assert_ok(db_exec_script(db, buf_as_string(&sql)));
    db_close(db);
    buf_clear(&sql);
}

START_TEST(a_page_of_jobs_with_many_transactions_ends_early_and_the_next_goes_on) {
    enum { JOBS = 100, TXS = 2000, SHOWN = 1025 };
    char path[512] = "/capture?perPage=1000";
    size_t jobs = 0, pages = 0;
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_A, ""))));
    put_many_jobs(JOBS, TXS);
    for (; *path; pages++) {
        struct reply reply;
        json_error_t error;
        server_ask(&server, &(struct ask){.path = path}, &reply);
        ck_assert_int_eq(reply.status, 200);
        ck_assert_uint_lt(reply.body.len, 5 << 20);
        json_t *page = json_loadb((const char *)reply.body.data, reply.body.len, 0, &error);
        jobs += json_array_size(page);
        const json_t *txs = json_object_get(json_array_get(page, 0), "tx");
        ck_assert_uint_eq(json_array_size(txs), SHOWN); // the last ones
        char last[33];
        snprintf(last, sizeof last, "%032d", TXS);
        const char *shown = json_string_value(json_array_get(txs, SHOWN - 2));
        for (size_t i = 0; i < 32; i++) ck_assert_int_eq(shown[2 * i + 1], last[i]);
        path[0] = '\0';
        if (*reply.link) sscanf(reply.link, "<%511[^>]", path);
        json_decref(page);
        reply_clear(&reply);
    }
    ck_assert_uint_eq(jobs, JOBS + 1);
    ck_assert_uint_eq(pages, 2);
}
END_TEST

enum { LARGE_EVENTS = 4, VALUES = 900000 };

// Each of 1.8 MB, with a value in every other byte.
static void capture_large_events(void) {
    for (int i = 0; i < LARGE_EVENTS; i++) {
        struct buf document = {0};
        buf_append_format(
            &document,
            "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/"
            "epcis-context.jsonld\",{\"ex\":\"https://ex.example/%d/\"}],"
            "\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\","
            "\"creationDate\":\"2026-01-02T03:04:05Z\",\"epcisBody\":{\"eventList\":["
            "{\"type\":\"ObjectEvent\",\"action\":\"OBSERVE\","
            "\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventTimeZoneOffset\":\"+00:00\","
            "\"epcList\":[\"" EPC_A "\"],\"ex:a\":[",
            i);
        for (int k = 0; k < VALUES; k++) buf_append_string(&document, k ? ",0" : "0");
        buf_append_string(&document, "]}]}}");
        capture_well(buf_bytes(&document));
        buf_clear(&document);
    }
}

// Follows the links from page to page; how many events there were on each.
static size_t count_pages(size_t counts[LARGE_EVENTS], const char *first,
                          size_t (*count_of)(const json_t *page)) {
    char path[512];
    size_t pages = 0;
    snprintf(path, sizeof path, "%s", first);
    while (*path) {
        struct reply reply;
        json_error_t error;
        server_ask(&server, &(struct ask){.path = path}, &reply);
        ck_assert_int_eq(reply.status, 200);
        json_t *page = json_loadb((const char *)reply.body.data, reply.body.len, 0, &error);
        ck_assert_uint_lt(pages, LARGE_EVENTS);
        counts[pages++] = count_of(page);
        path[0] = '\0';
        if (*reply.link) sscanf(reply.link, "<%511[^>]", path);
        json_decref(page);
        reply_clear(&reply);
    }
    return pages;
}

static size_t count_in_document(const json_t *page) {
    const json_t *body = json_object_get(page, "epcisBody");
    const json_t *results = json_object_get(json_object_get(body, "queryResults"), "resultsBody");
    return json_array_size(json_object_get(results, "eventList"));
}
static size_t count_in_list(const json_t *page) {
    return json_array_size(json_object_get(page, "items"));
}

START_TEST(a_page_of_large_events_ends_early_and_the_next_goes_on) {
    size_t counts[LARGE_EVENTS];
    capture_large_events();
    ck_assert_uint_eq(count_pages(counts, "/events", count_in_document), 2);
    ck_assert_uint_eq(counts[0], 3); // before the third, 3.6 of 4 MiB
    ck_assert_uint_eq(counts[1], 1);
    ck_assert_uint_eq(count_pages(counts, "/v1/events?perPage=1000", count_in_list), 2);
    ck_assert_uint_eq(counts[0], 3);
    ck_assert_uint_eq(counts[1], 1);
}
END_TEST

// --- the headers of GS1's binding ---

static const json_t *resolve(const json_t *document, const json_t *value) {
    const char *at = member(value, "$ref");
    if (!*at) return value;
    for (at += 2; *at;) { // behind "#/"
        char name[128];
        size_t len = strcspn(at, "/");
        ck_assert_uint_lt(len, sizeof name);
        snprintf(name, sizeof name, "%.*s", (int)len, at);
        document = json_object_get(document, name);
        at += len + (at[len] == '/');
    }
    return document;
}

static void check_headers(const json_t *openapi, const char *endpoint, const struct ask *ask,
                          const char *method, const char *code) {
    struct reply reply;
    char wanted[128];
    const char *name;
    json_t *unused;
    const json_t *operation =
        json_object_get(json_object_get(json_object_get(openapi, "paths"), endpoint), method);
    const json_t *answer =
        resolve(openapi, json_object_get(json_object_get(operation, "responses"), code));
    json_t *headers = json_object_get(answer, "headers");
    ck_assert_msg(headers != NULL, "%s %s %s", method, endpoint, code);
    server_ask(&server, ask, &reply);
    ck_assert_msg(reply.status == strtol(code, NULL, 10), "%s %s: %ld", method, endpoint,
                  reply.status);
    json_object_foreach(headers, name, unused) {
        // There are no extensions, so none is told.
        if (strcmp(name, "GS1-Extensions") == 0) continue;
        snprintf(wanted, sizeof wanted, "\n%s: ", name);
        ck_assert_msg(strstr((const char *)reply.headers.data, wanted) != NULL,
                      "%s %s lacks %s: %s", method, endpoint, name,
                      (const char *)reply.headers.data);
    }
    reply_clear(&reply);
}

// NULL, and the case counts as skipped, when GS1's document is not here.
static json_t *open_openapi(void) {
    struct buf text = {0};
    const char *path = shared_data("epcis/openapi.json");
    if (!path) {
        skip_case("GS1's openapi is not here");
        return NULL;
    }
    assert_ok(file_read(&text, path, 8 << 20));
    json_t *openapi = json_loadb((const char *)text.data, text.len, 0, NULL);
    buf_clear(&text);
    return openapi;
}

START_TEST(answers_have_the_headers_of_the_standards_openapi) {
    struct buf large = {0};
    char job[160], event[256];
    json_t *openapi = open_openapi();
    if (!openapi) return;
    struct ask post = {.path = "/capture",
                       .body =
                           bytes_of_string(DOCUMENT(EVENT("", EPC_A, "") "," EVENT("", EPC_B, ""))),
                       .content_type = "application/ld+json"};
    check_headers(openapi, "/capture", &post, "post", "202");
    capture_well(post.body);
    json_t *list = server_get(&server, "/v1/events");
    snprintf(event, sizeof event, "/events/%s",
             member(json_array_get(json_object_get(list, "items"), 0), "id"));
    json_decref(list);
    list = server_get(&server, "/capture");
    snprintf(job, sizeof job, "/capture/%s", member(json_array_get(list, 0), "captureID"));
    json_decref(list);
    for (size_t i = 0; i < (4u << 20) + 1; i++) buf_append_byte(&large, ' ');
    struct ask too_large = post;
    too_large.body = buf_bytes(&large);
    check_headers(openapi, "/capture", &too_large, "post", "413");
    const struct {
        const char *endpoint, *path, *method, *code;
    } cases[] = {{"/capture", "/capture", "options", "204"},
                 {"/capture", "/capture?perPage=1", "get", "200"},
                 {"/capture/{captureID}", job, "options", "204"},
                 {"/capture/{captureID}", job, "get", "200"},
                 {"/events", "/events", "options", "204"},
                 {"/events", "/events?perPage=1", "get", "200"},
                 {"/events/{eventID}", event, "options", "204"},
                 {"/events/{eventID}", event, "get", "200"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool is_options = strcmp(cases[i].method, "options") == 0;
        struct ask ask = {.path = cases[i].path, .method = is_options ? "OPTIONS" : NULL};
        check_headers(openapi, cases[i].endpoint, &ask, cases[i].method, cases[i].code);
    }
    json_decref(openapi);
    buf_clear(&large);
}
END_TEST

#define AT(place)                                                         \
    ",\"bizStep\":\"packing\",\"disposition\":\"active\",\"readPoint\":{" \
    "\"id\":\"urn:a:" place "\"},\"bizLocation\":{\"id\":\"urn:a:" place "\"}"

// The list, one of its members, and that one's events: with OPTIONS and GET.
static void check_collection(const json_t *openapi, const char *list, const char *name,
                             const char *value) {
    for (int i = 0; i < 3; i++) {
        char endpoint[128], path[256];
        if (i == 0) {
            snprintf(endpoint, sizeof endpoint, "%s", list);
            snprintf(path, sizeof path, "%s?perPage=1", list);
        } else {
            snprintf(endpoint, sizeof endpoint, "%s/{%s}%s", list, name, i == 2 ? "/events" : "");
            snprintf(path, sizeof path, "%s/%s%s", list, value, i == 2 ? "/events?perPage=1" : "");
        }
        struct ask get = {.path = path}, options = {.path = path, .method = "OPTIONS"};
        check_headers(openapi, endpoint, &get, "get", "200");
        check_headers(openapi, endpoint, &options, "options", "204");
    }
}

static struct ask query_of(const char *body) {
    return (struct ask){
        .path = "/queries", .body = bytes_of_string(body), .content_type = "application/json"};
}

START_TEST(lists_and_queries_have_the_headers_of_the_standards_openapi) {
    json_t *openapi = open_openapi();
    if (!openapi) return;
    capture_well(bytes_of_string(DOCUMENT(
        EVENT("", EPC_A, AT("1")) "," EVENT("", EPC_B, AT("1")) "," EVENT("", EPC_A, AT("2")))));
    check_collection(openapi, "/eventTypes", "eventType", "ObjectEvent");
    check_collection(openapi, "/epcs", "epc", EPC_A);
    check_collection(openapi, "/bizSteps", "bizStep", "packing");
    check_collection(openapi, "/bizLocations", "bizLocation", "urn:a:1");
    check_collection(openapi, "/readPoints", "readPoint", "urn:a:1");
    check_collection(openapi, "/dispositions", "disposition", "active");
    struct ask first = query_of("{\"name\":\"a\",\"query\":{\"EQ_action\":[\"OBSERVE\"]}}"),
               second = query_of("{\"name\":\"b\",\"query\":{}}");
    check_headers(openapi, "/queries", &first, "post", "201");
    check_headers(openapi, "/queries", &second, "post", "201");
    static const struct {
        const char *endpoint, *path, *method, *code;
    } cases[] = {{"/queries", "/queries", "options", "204"},
                 {"/queries", "/queries?perPage=1", "get", "200"},
                 {"/queries/{queryName}", "/queries/a", "options", "204"},
                 {"/queries/{queryName}", "/queries/a", "get", "200"},
                 {"/queries/{queryName}/events", "/queries/a/events", "options", "204"},
                 {"/queries/{queryName}/events", "/queries/a/events?perPage=1", "get", "200"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool is_options = strcmp(cases[i].method, "options") == 0;
        struct ask ask = {.path = cases[i].path, .method = is_options ? "OPTIONS" : NULL};
        check_headers(openapi, cases[i].endpoint, &ask, cases[i].method, cases[i].code);
    }
    json_decref(openapi);
}
END_TEST

START_TEST(other_versions_of_the_standard_are_refused) {
    static const struct {
        const char *header;
        bool is_taken;
    } cases[] = {{"GS1-EPCIS-Version: 2.0.0", true},  {"GS1-EPCIS-Version: 2.0", true},
                 {"GS1-EPCIS-Version: 1.2.0", false}, {"GS1-EPCIS-Version: 2.0.1", false},
                 {"GS1-EPCIS-Version: two", false},   {"GS1-EPCIS-Min: 1.0.0", true},
                 {"GS1-EPCIS-Min: 3.0.0", false},     {"GS1-EPCIS-Max: 2.1.0", true},
                 {"GS1-EPCIS-Max: 1.2.0", false},     {"GS1-CBV-Version: 2.0.0", true},
                 {"GS1-CBV-Version: 1.2.2", false},   {"GS1-CBV-Min: 2.0.0", true},
                 {"GS1-CBV-Max: 1.2.0", false},       {"GS1-EPCIS-Min: 2.0.0.0", false},
                 {"GS1-EPCIS-Min: 2.", false}};
    struct bytes document = bytes_of_string(DOCUMENT(EVENT("", EPC_A, "")));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct ask asks[] = {{.path = "/events", .header = cases[i].header},
                                   {.path = "/capture", .header = cases[i].header},
                                   {.path = "/capture",
                                    .body = document,
                                    .content_type = "application/json",
                                    .header = cases[i].header}};
        for (size_t k = 0; k < sizeof asks / sizeof *asks; k++) {
            struct reply reply;
            long good = asks[k].body.data ? 202 : 200;
            server_ask(&server, &asks[k], &reply);
            ck_assert_msg(reply.status == (cases[i].is_taken ? good : 406), "%s: %ld",
                          cases[i].header, reply.status);
            reply_clear(&reply);
        }
    }
}
END_TEST

START_TEST(a_query_finds_what_matches_and_refuses_what_it_does_not_know) {
    capture_well(bytes_of_string(
        DOCUMENT(EVENT("", EPC_A, "") "," EVENT("", EPC_B, ",\"bizStep\":\"packing\""))));
    static const struct {
        const char *query;
        size_t count;
    } cases[] = {{"?EQ_eventType=ObjectEvent", 2},
                 {"?EQ_eventType=AggregationEvent", 0},
                 {"?MATCH_epc=" EPC_A, 1},
                 {"?MATCH_epc=https://id.gs1.org/01/10614141073464/21/2017", 1},
                 {"?MATCH_epc=urn:epc:id:sgtin:0614141.107346.99", 0},
                 {"?GE_eventTime=2026-01-02T03:04:05Z", 2},
                 {"?GE_eventTime=2026-01-02T03:04:06Z", 0},
                 {"?LT_eventTime=2026-01-02T03:04:06Z", 2},
                 {"?LT_eventTime=2026-01-02T03:04:05Z", 0},
                 {"?perPage=1", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(count_events(cases[i].query) == cases[i].count, "%s", cases[i].query);
    static const char *const bad[] = {"/events?MATCH_nothing=1",    "/events?GE_eventTime=now",
                                      "/events?identifier=urn:a:b", "/events?nextPageToken=x",
                                      "/v1/events?perPage=many",    "/capture?foo=1",
                                      "/capture?perPage=0",         "/capture?nextPageToken=x",
                                      "/capture?MATCH_epc=urn:a:b", "/events?MATCH_epc=coffee"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct reply reply;
        server_ask(&server, &(struct ask){.path = bad[i]}, &reply);
        ck_assert_msg(reply.status == 400, "%s: %ld", bad[i], reply.status);
        // The problem names the parameter.
        char name[64];
        sscanf(strchr(bad[i], '?') + 1, "%63[^=]", name);
        json_t *problem = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
        ck_assert_str_eq(member(problem, "pointer"), name);
        ck_assert_ptr_eq(strstr(member(problem, "detail"), name), member(problem, "detail"));
        json_decref(problem);
        reply_clear(&reply);
    }
}
END_TEST

static void append_list(struct buf *out, const char *prefix, const char *suffix) {
    for (int i = 0; i < 64; i++)
        buf_append_format(out, "%s%s%06d%s", i ? "|" : "", prefix, i, suffix);
}

START_TEST(sixty_four_alternatives_of_each_are_answered) {
    struct buf path = {0};
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_A, ""))));
    buf_append_string(&path, "/v1/events?MATCH_epc=" EPC_A "|");
    append_list(&path, "urn:epc:id:sgtin:0614141.", ".1");
    struct reply reply;
    path.len -= strlen("|urn:epc:id:sgtin:0614141.000063.1"); // 64 with EPC_A
    json_t *list = server_get(&server, buf_as_string(&path));
    ck_assert_uint_eq(json_array_size(json_object_get(list, "items")), 1);
    json_decref(list);
    buf_reset(&path);
    buf_append_string(&path, "/events?MATCH_epc=");
    append_list(&path, "urn:epc:idpat:sgtin:0614141.", ".*");
    buf_append_string(&path, "&EQ_eventType=");
    append_list(&path, "ex:Type", "");
    server_ask(&server, &(struct ask){.path = buf_as_string(&path)}, &reply);
    ck_assert_msg(reply.status == 200, "%s", (const char *)reply.body.data);
    reply_clear(&reply);
    buf_clear(&path);
}
END_TEST

#define LOT "urn:epc:class:lgtin:4012345.012345.998877"
#define PALLET "urn:epc:id:sscc:4012345.3111111111"
#define LIKE_EVENT(type, members)                            \
    "{\"type\":\"" type "\",\"action\":\"OBSERVE\"," members \
    "\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventTimeZoneOffset\":\"+00:00\"}"

START_TEST(a_lot_and_a_pallet_are_found_by_their_names) {
    capture_well(bytes_of_string(DOCUMENT(
        LIKE_EVENT("ObjectEvent",
                   "\"quantityList\":[{\"epcClass\":\"" LOT
                   "\",\"quantity\":3}],") "," LIKE_EVENT("AggregationEvent",
                                                          "\"parentID\":\"" PALLET
                                                          "\",\"childEPCs\":[\"" EPC_A "\"],"))));
    static const struct {
        const char *query;
        size_t count;
    } cases[] = {
        {"?identifier=" LOT, 1},
        {"?identifier=https://id.gs1.org/01/04012345123456/10/998877", 1},
        {"?identifier=" PALLET, 1},
        {"?identifier=" EPC_A, 1},
        {"?identifier=" EPC_B, 0},
        {"?identifier=" EPC_A "|" LOT, 2},
        {"?MATCH_epcClass=" LOT, 1},
        {"?MATCH_anyEPCClass=" LOT, 1},
        {"?MATCH_inputEPCClass=" LOT, 0},
        {"?MATCH_epc=" LOT, 0},
        {"?MATCH_epc=" PALLET, 0},
        {"?MATCH_parentID=" PALLET, 1},
        {"?MATCH_anyEPC=" PALLET, 1},
        {"?MATCH_anyEPC=" PALLET "&MATCH_epc=" EPC_A, 1},
        {"?MATCH_anyEPC=" PALLET "&MATCH_epcClass=" LOT, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(count_events(cases[i].query) == cases[i].count, "%s", cases[i].query);
}
END_TEST

START_TEST(the_next_page_is_told_without_needless_escapes) {
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_A, "") "," EVENT("", EPC_B, ""))));
    struct reply reply;
    struct ask ask = {.path = "/events?perPage=1&MATCH_epc=" EPC_A "%7C" EPC_B
                              "&LT_eventTime=2030-01-01T00:00:00%2B01:00"};
    server_ask(&server, &ask, &reply);
    ck_assert_int_eq(reply.status, 200);
    const char *start = "</events?perPage=1&MATCH_epc=" EPC_A "%7C" EPC_B
                        "&LT_eventTime=2030-01-01T00:00:00%2B01:00&nextPageToken=";
    ck_assert_msg(strncmp(reply.link, start, strlen(start)) == 0, "%s", reply.link);
    reply_clear(&reply);
}
END_TEST

START_TEST(an_event_of_before_1970_keeps_its_time) {
    capture_well(bytes_of_string(DOCUMENT(
        "{\"type\":\"ObjectEvent\",\"action\":\"OBSERVE\",\"epcList\":[\"" EPC_A "\"],"
        "\"eventTime\":\"1965-03-02T12:00:00.250Z\",\"eventTimeZoneOffset\":\"+00:00\"}")));
    json_t *list = server_get(&server, "/v1/events?LT_eventTime=1965-03-02T12:00:00.251Z");
    const json_t *item = json_array_get(json_object_get(list, "items"), 0);
    ck_assert_str_eq(member(item, "eventTime"), "1965-03-02T12:00:00.250Z");
    json_decref(list);
    ck_assert_uint_eq(count_events("?LT_eventTime=1965-03-02T12:00:00.250Z"), 0);
}
END_TEST

START_TEST(the_keys_of_the_devnet_are_told_to_no_strange_name) {
    static const struct {
        const char *header;
        long status;
    } cases[] = {{NULL, 200},
                 {"Host: localhost", 200},
                 {"Host: LOCALHOST:8701", 200},
                 {"Host: 127.0.0.1", 200},
                 {"Host: [::1]:8701", 200},
                 {"Host: evil.example", 421},
                 {"Host: evil.example:8701", 421},
                 {"Host: 127.0.0.1.evil.example", 421},
                 {"Host: localhost.evil.example", 421},
                 {"Host: [evil.example]", 421},
                 {"Host: [::1", 421}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct reply reply;
        server_ask(&server, &(struct ask){.path = "/v1/devnet", .header = cases[i].header}, &reply);
        ck_assert_msg(reply.status == cases[i].status, "%s: %ld", cases[i].header, reply.status);
        bool tells = strstr((const char *)reply.body.data, server.api_key) != NULL;
        ck_assert(tells == (cases[i].status == 200));
        reply_clear(&reply);
    }
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("supplychain binding");
    TCase *cases = tcase_create("server");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, the_events_of_a_large_job_come_in_pages);
    tcase_add_test(cases, jobs_are_listed_by_pages);
    tcase_add_test(cases, a_page_of_jobs_with_many_transactions_ends_early_and_the_next_goes_on);
    tcase_add_test(cases, a_page_of_large_events_ends_early_and_the_next_goes_on);
    tcase_add_test(cases, answers_have_the_headers_of_the_standards_openapi);
    tcase_add_test(cases, lists_and_queries_have_the_headers_of_the_standards_openapi);
    tcase_add_test(cases, other_versions_of_the_standard_are_refused);
    tcase_add_test(cases, a_query_finds_what_matches_and_refuses_what_it_does_not_know);
    tcase_add_test(cases, sixty_four_alternatives_of_each_are_answered);
    tcase_add_test(cases, a_lot_and_a_pallet_are_found_by_their_names);
    tcase_add_test(cases, the_next_page_is_told_without_needless_escapes);
    tcase_add_test(cases, an_event_of_before_1970_keeps_its_time);
    tcase_add_test(cases, the_keys_of_the_devnet_are_told_to_no_strange_name);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
