// SPDX-License-Identifier: Apache-2.0
// What is in the repository, list by list, and queries with names: against the running server, on
// SQLite and on PostgreSQL.
#include <stdio.h>
#include <stdlib.h>

#include "apps/supplychain/test/asking.h"
#include "tests/support/database.h"
#include "tests/support/unit.h"

// ---- lists

// Every member, page by page, one to a line.
static void list_members(struct buf *out, const char *path) {
    char next[512];
    snprintf(next, sizeof next, "%s", path);
    while (*next) {
        json_t *page = asking_page(next, next);
        const json_t *members = json_object_get(page, "member");
        ck_assert_str_eq(member(page, "type"), "Collection");
        for (size_t i = 0; i < json_array_size(members); i++)
            buf_append_format(out, "%s\n", json_string_value(json_array_get(members, i)));
        json_decref(page);
    }
}

#define TYPES                                                             \
    "AggregationEvent\nAssociationEvent\nObjectEvent\nTransactionEvent\n" \
    "TransformationEvent\nhttps://ex.example/Inspection\n"
#define EPCS                                                                                    \
    "https://id.gs1.org/00/340123451111111111\nhttps://id.gs1.org/01/10614141073464/21/2017\n"  \
    "https://id.gs1.org/01/10614141073464/21/2018\n"                                            \
    "https://id.gs1.org/01/10614141073464/21/2019\nhttps://id.gs1.org/01/10614141073471/21/1\n" \
    "https://id.gs1.org/01/10614141073488/21/1\n"
#define LOCATIONS \
    "https://id.gs1.org/414/0614141000012\nhttps://id.gs1.org/414/0614141000012/254/hall\n"
#define READ_POINTS \
    "https://id.gs1.org/414/0614141000012/254/shelf\nhttps://id.gs1.org/414/0614141000029\n"

START_TEST(lists_have_what_the_events_have) {
    static const struct {
        const char *path, *members;
    } cases[] = {{"/eventTypes", TYPES},
                 {"/epcs", EPCS},
                 {"/bizLocations", LOCATIONS},
                 {"/readPoints", READ_POINTS}};
    if (!asking_open(_i)) return;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int length = 1; length <= 8; length++) {
            char path[64];
            struct buf members = {0};
            snprintf(path, sizeof path, "%s?perPage=%d", cases[i].path, length);
            list_members(&members, path);
            ck_assert_str_eq(buf_as_string(&members), cases[i].members);
            buf_clear(&members);
        }
    asking_close();
}
END_TEST

// The words of the standard, then one's own.
START_TEST(words_of_the_standard_are_listed_though_no_event_has_them) {
    static const struct {
        const char *path, *first, *own;
        size_t words;
    } cases[] = {{"/bizSteps", "accepting\narriving\n", "\nhttps://ex.example/melting\n", 41},
                 {"/dispositions", "active\navailable\n", "\nunknown\n", 33}};
    if (!asking_open(_i)) return;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int length = 7; length <= 50; length += 17) {
            char path[64];
            struct buf members = {0};
            size_t lines = 0;
            snprintf(path, sizeof path, "%s?perPage=%d", cases[i].path, length);
            list_members(&members, path);
            const char *text = buf_as_string(&members);
            for (const char *at = text; *at; at++) lines += *at == '\n';
            ck_assert_uint_eq(lines, cases[i].words + (i == 0));
            ck_assert(strncmp(text, cases[i].first, strlen(cases[i].first)) == 0);
            ck_assert_str_eq(text + strlen(text) - strlen(cases[i].own), cases[i].own);
            buf_clear(&members);
        }
    asking_close();
}
END_TEST

START_TEST(the_root_tells_the_resources_and_tokens_are_let_go) {
    struct reply reply;
    char link[512];
    if (!asking_open(_i)) return;
    json_t *root = asking_page("/", link);
    const json_t *members = json_object_get(root, "member"), *member;
    size_t i;
    ck_assert_uint_gt(json_array_size(members), 5);
    json_array_foreach(members, i, member) {
        char path[64];
        snprintf(path, sizeof path, "/%s", json_string_value(member));
        server_ask(&server, &(struct ask){.path = path}, &reply);
        ck_assert_msg(reply.status == 200, "%s: %ld", path, reply.status);
        reply_clear(&reply);
    }
    json_decref(root);
    server_ask(&server, &(struct ask){.path = "/nextPageToken/1-0-0", .method = "DELETE"}, &reply);
    ck_assert_int_eq(reply.status, 204);
    reply_clear(&reply);
    server_ask(&server, &(struct ask){.path = "/nextPageToken/none", .method = "DELETE"}, &reply);
    ck_assert_int_eq(reply.status, 404);
    reply_clear(&reply);
    asking_close();
}
END_TEST

START_TEST(each_member_has_its_events) {
    static const struct {
        const char *path, *found;
    } cases[] = {
        {"/eventTypes/ObjectEvent", "DA"},
        {"/eventTypes/AssociationEvent", ""},
        {"/eventTypes/ex:Inspection", "E"},
        {"/epcs/urn:epc:id:sgtin:0614141.107346.2017", "A"},
        {"/epcs/https:%2F%2Fid.gs1.org%2F00%2F340123451111111111", "B"},
        {"/bizSteps/packing", "B"},
        {"/bizSteps/shipping", ""},
        {"/bizSteps/urn:epcglobal:cbv:bizstep:commissioning", "A"},
        {"/bizSteps/https:%2F%2Fref.gs1.org%2Fcbv%2FBizStep-packing", "B"},
        {"/bizSteps/https:%2F%2Fex.example%2Fmelting", "C"},
        {"/bizLocations/urn:epc:id:sgln:0614141.00001.hall", "B"},
        {"/readPoints/https:%2F%2Fid.gs1.org%2F414%2F0614141000029", "B"},
        {"/dispositions/active", "A"},
        {"/dispositions/cbv:Disp-in_progress", "B"},
    };
    if (!asking_open(_i)) return;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[256], found[64], link[512];
        json_t *resource = asking_page(cases[i].path, link);
        const json_t *members = json_object_get(resource, "member");
        ck_assert_uint_eq(json_array_size(members), 1);
        ck_assert_str_eq(json_string_value(json_array_get(members, 0)), "events");
        json_decref(resource);
        snprintf(path, sizeof path, "%s/events?perPage=1", cases[i].path);
        asking_find(path, found);
        ck_assert_msg(strcmp(found, cases[i].found) == 0, "%s finds %s", path, found);
    }
    char found[64];
    asking_find("/eventTypes/ObjectEvent/events?EQ_action=ADD&orderBy=eventTime", found);
    ck_assert_str_eq(found, "A");
    asking_close();
}
END_TEST

START_TEST(what_is_not_there_or_cannot_be_is_refused) {
    static const struct {
        const char *path;
        long status;
    } cases[] = {{"/eventTypes/Object", 404},
                 {"/eventTypes/ex:None/events", 404},
                 {"/epcs/urn:epc:id:sgtin:0614141.107346.9/events", 404},
                 {"/epcs/urn:epc:class:lgtin:4012345.012345.998877", 404}, // a class
                 {"/bizSteps/shippping/events", 404},
                 {"/bizSteps/ex:none", 404},
                 {"/bizLocations/urn:epc:id:sgln:0614141.00009.0", 404},
                 {"/readPoints/here", 404},
                 {"/dispositions/commissioning/events", 404},
                 {"/bizSteps?EQ_action=ADD", 400},
                 {"/bizSteps?nextPageToken=x", 400},
                 {"/bizSteps?nextPageToken=abc", 400},
                 {"/bizSteps?nextPageToken=00", 400},
                 {"/epcs?perPage=0", 400},
                 {"/bizSteps/packing/events?EQ_bizStep=packing", 400}, // said twice
                 {"/bizSteps/packing/events?nothing=1", 400},
                 {"/queries/none", 404},
                 {"/queries/none/events", 404}};
    if (!asking_open(_i)) return;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct reply reply;
        server_ask(&server, &(struct ask){.path = cases[i].path, .header = ASKED_PREFIXES}, &reply);
        ck_assert_msg(reply.status == cases[i].status, "%s: %ld %s", cases[i].path, reply.status,
                      (const char *)reply.body.data);
        ck_assert_ptr_nonnull(strstr((const char *)reply.headers.data, "application/problem+json"));
        reply_clear(&reply);
    }
    asking_close();
}
END_TEST

// ---- queries with names

#define CONTEXT "\"@context\":{\"ex\":\"https://ex.example/\",\"other\":\"https://other.example/\"}"

static long post_query(const char *body, struct reply *out) {
    server_ask(&server,
               &(struct ask){.path = "/queries",
                             .body = bytes_of_string(body),
                             .content_type = "application/json"},
               out);
    return out->status;
}

static void make_query(const char *body) {
    struct reply reply;
    ck_assert_msg(post_query(body, &reply) == 201, "%s: %ld %s", body, reply.status,
                  (const char *)reply.body.data);
    reply_clear(&reply);
}

static void remove_query(const char *path, long status) {
    struct reply reply;
    server_ask(&server, &(struct ask){.path = path, .method = "DELETE"}, &reply);
    ck_assert_msg(reply.status == status, "%s: %ld", path, reply.status);
    reply_clear(&reply);
}

// A parameter with its values as the standard's JSON has them: numbers as numbers, lists as lists.
static void append_member(struct buf *out, const char *name, const char *value) {
    char text[512], *rest = NULL;
    size_t count = 0;
    bool is_text = strstr(name, "ex:") || strstr(name, "stringValue") || strstr(name, "hexBinary");
    snprintf(text, sizeof text, "%s", asking_value(value));
    buf_append_format(out, "\"%s\":", name);
    if (strncmp(name, "EXISTS", 6) == 0) {
        buf_append_string(out, *value ? value : "null");
        return;
    }
    bool is_list = strchr(text, '|') != NULL || strncmp(name, "EQ_", 3) == 0 ||
                   strncmp(name, "MATCH_", 6) == 0;
    if (strcmp(name, "EQ_booleanValue") == 0) is_list = false;
    if (is_list) buf_append_byte(out, '[');
    for (char *item = strtok_r(text, "|", &rest); item; item = strtok_r(NULL, "|", &rest)) {
        char *end;
        (void)strtod(item, &end);
        bool is_number = *end == '\0' && !is_text && (item[0] != '0' || item[1] == '.');
        bool is_bare = is_number || strcmp(name, "EQ_booleanValue") == 0;
        buf_append_format(out, is_bare ? "%s%s" : "%s\"%s\"", count++ ? "," : "", item);
    }
    if (is_list) buf_append_byte(out, ']');
}

static int compare_letters(const void *a, const void *b) {
    return *(const char *)a - *(const char *)b;
}

START_TEST(a_query_with_a_name_finds_what_its_parameters_find) {
    if (!asking_open(_i)) return;
    for (size_t i = 0; i < asked_case_count; i++) {
        struct buf body = {0};
        char found[64];
        if (strchr(asked_cases[i].value, '%')) continue; // written for a query string
        buf_append_string(&body, "{\"name\":\"it\",\"query\":{" CONTEXT ",");
        append_member(&body, asked_cases[i].name, asked_cases[i].value);
        buf_append_string(&body, "}}");
        make_query(buf_as_string(&body));
        asking_find("/queries/it/events?perPage=2", found);
        qsort(found, strlen(found), 1, compare_letters);
        ck_assert_msg(strcmp(found, asked_cases[i].found) == 0, "%s finds %s", buf_as_string(&body),
                      found);
        remove_query("/queries/it", 204);
        buf_clear(&body);
    }
    asking_close();
}
END_TEST

START_TEST(a_query_that_cannot_be_is_refused_by_the_member_at_fault) {
    static const struct {
        const char *body, *pointer;
    } cases[] = {
        {"", ""},
        {"[]", "/name"},
        {"{\"name\":\"a\"}", "/query"},
        {"{\"query\":{}}", "/name"},
        {"{\"name\":\"\",\"query\":{}}", "/name"},
        {"{\"name\":\"..\",\"query\":{}}", "/name"},
        {"{\"name\":\"a\\u0001\",\"query\":{}}", "/name"},
        {"{\"name\":7,\"query\":{}}", "/name"},
        {"{\"name\":\"a\",\"query\":{},\"more\":1}", ""},
        {"{\"name\":\"a\",\"name\":\"b\",\"query\":{}}", ""},
        {"{\"name\":\"a\",\"query\":[]}", "/query"},
        {"{\"name\":\"a\",\"query\":{\"EQ_nothing\":[\"x\"]}}", "/query/EQ_nothing"},
        {"{\"name\":\"a\",\"query\":{\"EQ_action\":[\"MOVE\"]}}", "/query/EQ_action"},
        {"{\"name\":\"a\",\"query\":{\"EQ_action\":[]}}", "/query/EQ_action"},
        {"{\"name\":\"a\",\"query\":{\"EQ_action\":[null]}}", "/query/EQ_action"},
        {"{\"name\":\"a\",\"query\":{\"EQ_action\":[[\"ADD\"]]}}", "/query/EQ_action"},
        {"{\"name\":\"a\",\"query\":{\"EQ_action\":{\"is\":\"ADD\"}}}", "/query/EQ_action"},
        {"{\"name\":\"a\",\"query\":{\"GE_quantity\":[1,2]}}", "/query/GE_quantity"},
        {"{\"name\":\"a\",\"query\":{\"EQ_ex:a\":[\"x\"]}}", "/query/EQ_ex:a"},
        {"{\"name\":\"a\",\"query\":{\"@context\":7}}", "/query/@context"},
        {"{\"name\":\"a\",\"query\":{\"perPage\":7}}", "/query/perPage"},
        {"{\"name\":\"a\",\"query\":{\"identifier\":[\"urn:a:b\"]}}", "/query/identifier"},
        {"{\"name\":\"a\",\"query\":{\"eventCountLimit\":3}}", "/query/eventCountLimit"},
    };
    if (!asking_open(_i)) return;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct reply reply;
        ck_assert_msg(post_query(cases[i].body, &reply) == 400, "%s: %ld", cases[i].body,
                      reply.status);
        json_t *problem = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
        ck_assert_msg(strcmp(member(problem, "pointer"), cases[i].pointer) == 0, "%s: %s",
                      cases[i].body, (const char *)reply.body.data);
        json_decref(problem);
        reply_clear(&reply);
    }
    asking_close();
}
END_TEST

#define QUERY(name) "{\"name\":\"" name "\",\"query\":{\"EQ_action\":[\"ADD\"]}}"

static size_t count_queries(void) {
    char path[512] = "/queries?perPage=2";
    size_t count = 0;
    while (*path) {
        json_t *page = asking_page(path, path);
        ck_assert_uint_le(json_array_size(page), 2);
        count += json_array_size(page);
        json_decref(page);
    }
    return count;
}

START_TEST(queries_are_listed_shown_and_removed) {
    static const char *const names[] = {QUERY("b"), QUERY("a/b c"), QUERY("\xc3\xa4"), QUERY("a"),
                                        QUERY("SimpleEventQuery")};
    struct reply reply;
    char location[160], link[512];
    if (!asking_open(_i)) return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ck_assert_int_eq(post_query(names[i], &reply), 201);
        snprintf(location, sizeof location, "%s", reply.location);
        reply_clear(&reply);
        json_t *shown = asking_page(location, link);
        json_t *wanted = json_loads(names[i], 0, NULL);
        ck_assert_int_eq(json_equal(shown, wanted), 1);
        json_decref(shown);
        json_decref(wanted);
    }
    ck_assert_str_eq(location, "/queries/SimpleEventQuery");
    ck_assert_int_eq(post_query(QUERY("a"), &reply), 409);
    reply_clear(&reply);
    ck_assert_uint_eq(count_queries(), 5);
    json_t *document = asking_page("/queries/a%2Fb%20c/events", link);
    const json_t *body = json_object_get(document, "epcisBody");
    ck_assert_str_eq(member(json_object_get(body, "queryResults"), "queryName"), "a/b c");
    json_decref(document);
    remove_query("/queries/a%2Fb%20c", 204);
    remove_query("/queries/a%2Fb%20c", 404);
    ck_assert_uint_eq(count_queries(), 4);
    asking_close();
}
END_TEST

START_TEST(only_who_may_makes_and_removes_queries) {
    static const struct ask asks[] = {
        {.path = "/queries",
         .body = {(const uint8_t *)QUERY("x"), sizeof QUERY("x") - 1},
         .content_type = "application/json",
         .without_key = true},
        {.path = "/queries/a", .method = "DELETE", .without_key = true}};
    if (!asking_open(_i)) return;
    make_query(QUERY("a"));
    for (size_t i = 0; i < 2; i++) {
        struct reply reply;
        server_ask(&server, &asks[i], &reply);
        ck_assert_int_eq(reply.status, 401);
        reply_clear(&reply);
    }
    ck_assert_uint_eq(count_queries(), 1);
    asking_close();
}
END_TEST

START_TEST(queries_outlive_a_kill_and_a_rebuild_of_the_index) {
    char found[64];
    if (!asking_open(_i)) return;
    make_query(QUERY("kept"));
    server_kill(&server);
    server.rebuild_index = true;
    server_start(&server);
    ck_assert_uint_eq(count_queries(), 1);
    asking_find("/queries/kept/events", found);
    ck_assert_str_eq(found, "A");
    asking_close();
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("supplychain discovery");
    TCase *cases = tcase_create("discovery");
    tcase_set_timeout(cases, 300);
    tcase_add_loop_test(cases, lists_have_what_the_events_have, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, words_of_the_standard_are_listed_though_no_event_has_them, 0,
                        TEST_ENGINES);
    tcase_add_loop_test(cases, the_root_tells_the_resources_and_tokens_are_let_go, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, each_member_has_its_events, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, what_is_not_there_or_cannot_be_is_refused, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, a_query_with_a_name_finds_what_its_parameters_find, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, a_query_that_cannot_be_is_refused_by_the_member_at_fault, 0,
                        TEST_ENGINES);
    tcase_add_loop_test(cases, queries_are_listed_shown_and_removed, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, only_who_may_makes_and_removes_queries, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, queries_outlive_a_kill_and_a_rebuild_of_the_index, 0, TEST_ENGINES);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
