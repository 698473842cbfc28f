// SPDX-License-Identifier: Apache-2.0
// Every parameter of SimpleEventQuery against the running server, on SQLite and on PostgreSQL: with
// values that fit, values that don't, and values that it cannot have.
#include <stdio.h>
#include <stdlib.h>

#include "apps/common/json/pattern.h"
#include "apps/supplychain/epcis/query_parameters.h"
#include "apps/supplychain/test/asking.h"
#include "tests/support/database.h"
#include "tests/support/unit.h"

// ---- what is found

static int compare_letters(const void *a, const void *b) {
    return *(const char *)a - *(const char *)b;
}

static void assert_found(const char *name, const char *value, const char *wanted) {
    char path[512], found[64];
    snprintf(path, sizeof path, "/events?%s=%s", name, asking_value(value));
    asking_find(path, found);
    qsort(found, strlen(found), 1, compare_letters);
    ck_assert_msg(strcmp(found, wanted) == 0, "%s finds \"%s\", not \"%s\"", path, found, wanted);
}

static void assert_number(const struct asked_number *number, const char *operation, int shift,
                          const char *wanted) {
    char name[128], value[16];
    snprintf(name, sizeof name, "%s_%s", operation, number->subject);
    snprintf(value, sizeof value, "%d", number->number + shift);
    assert_found(name, value, wanted);
}

START_TEST(each_parameter_finds_what_fits_and_nothing_else) {
    if (!asking_open(_i)) return;
    for (size_t i = 0; i < asked_case_count; i++)
        assert_found(asked_cases[i].name, asked_cases[i].value, asked_cases[i].found);
    for (size_t i = 0; i < asked_number_count; i++) {
        const struct asked_number *number = &asked_numbers[i];
        char name[128];
        assert_number(number, "EQ", 0, number->found);
        assert_number(number, "EQ", 1, "");
        assert_number(number, "GT", -1, number->found);
        assert_number(number, "GT", 0, "");
        assert_number(number, "GE", 0, number->found);
        assert_number(number, "GE", 1, "");
        assert_number(number, "LT", 1, number->found);
        assert_number(number, "LT", 0, "");
        assert_number(number, "LE", 0, number->found);
        assert_number(number, "LE", -1, "");
        if (!number->has_exists) continue;
        snprintf(name, sizeof name, "EXISTS_%s", number->subject);
        assert_found(name, "", number->found);
        snprintf(name, sizeof name, "EXISTS_%.*sother:none",
                 (int)(strcspn(number->subject, ":") - 2), number->subject);
        assert_found(name, "", "");
    }
    asking_close();
}
END_TEST

START_TEST(values_that_a_parameter_cannot_have_are_refused_by_its_name) {
    if (!asking_open(_i)) return;
    for (size_t i = 0; i < refused_case_count; i++) {
        const struct refused_case *c = &refused_cases[i];
        char path[512];
        struct reply reply;
        snprintf(path, sizeof path, "/events?%s=%s", c->name,
                 strcmp(c->value, "x y") == 0 ? "x%20y" : c->value);
        server_ask(&server, &(struct ask){.path = path, .header = ASKED_PREFIXES}, &reply);
        ck_assert_msg(reply.status == 400, "%s: %ld %s", path, reply.status,
                      (const char *)reply.body.data);
        json_t *problem = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
        ck_assert_str_eq(member(problem, "pointer"), c->name);
        ck_assert_msg(strcmp(member(problem, "rule"), c->rule) == 0, "%s: %s", path,
                      (const char *)reply.body.data);
        ck_assert_ptr_eq(strstr(member(problem, "detail"), c->name), member(problem, "detail"));
        json_decref(problem);
        reply_clear(&reply);
    }
    asking_close();
}
END_TEST

START_TEST(several_parameters_narrow_one_another) {
    static const struct {
        const char *query, *found;
    } cases[] = {
        {"/events?eventType=ObjectEvent&EQ_action=ADD", "A"},
        {"/events?eventType=ObjectEvent&EQ_action=OBSERVE", ""},
        {"/events?MATCH_anyEPC=urn:epc:idpat:sgtin:0614141.107346.*&EXISTS_errorDeclaration=true",
         "D"},
        {"/events?EQ_type=Temperature&GE_value_CEL=10&LT_value_CEL=11&EQ_bizStep=packing", "B"},
        {"/events?GE_ex:many=14&LT_ex:many=6", "A"}, // met by two of its numbers
        {"/events?WD_bizLocation=urn:epc:id:sgln:0614141.00001.0&EQ_ex:text=beta", "B"},
        {"/events?GE_eventTime=2026-01-01T11:00:00Z&LT_eventTime=2026-01-01T13:00:00Z", "CB"},
        {"/events?GE_eventTime=2026-01-01T11:00:00Z&EXISTS_ex:text=", "EB"},
        {"/events?EQ_quantity_KGM=2&EQ_ILMD_ex:lot=L1&EQ_bizTransaction_po="
         "urn:epcglobal:cbv:bt:0614141000012:1&HASATTR_bizLocation=cbvmda:site",
         "A"},
        {"/events?LT_recordTime=2125-01-01T00:00:00Z&EXISTS_ex:number=", "DCBA"},
    };
    if (!asking_open(_i)) return;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char found[64];
        asking_find(cases[i].query, found);
        ck_assert_msg(strcmp(found, cases[i].found) == 0, "%s finds %s", cases[i].query, found);
    }
    asking_close();
}
END_TEST

// ---- order and number

START_TEST(events_come_in_the_order_that_is_asked_for_on_pages_of_any_length) {
    static const struct {
        const char *query, *found;
    } cases[] = {
        {"", "EDCBA"}, // newest first
        {"orderDirection=ASC&", "ABCDE"},
        {"orderBy=eventTime&", "EDCBA"},
        {"orderBy=eventTime&orderDirection=ASC&", "ABCDE"},
        {"orderBy=eventTime&orderDirection=DESC&EQ_bizStep=commissioning|packing&", "BA"},
        {"orderBy=recordTime&orderDirection=ASC&", "ABCDE"},
        {"orderBy=recordTime&", "EDCBA"},
        // As a number, then as a text; E lacks it.
        {"orderBy=ex:number&", "DABCE"},
        {"orderBy=ex:number&orderDirection=ASC&", "BADCE"},
        {"orderBy=ex:text&orderDirection=ASC&", "ABECD"},
        {"orderBy=ex:text&", "EBADC"},
        {"orderBy=ex:moment&orderDirection=ASC&", "AEBCD"},
        {"orderBy=ex:number&EQ_action=ADD|OBSERVE|DELETE&", "DAB"},
        {"GE_eventTime=2026-01-01T10:30:00Z&orderDirection=ASC&", "BCDE"},
    };
    if (!asking_open(_i)) return;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int length = 1; length <= 6; length++) {
            char query[256], found[64];
            snprintf(query, sizeof query, "/events?%sperPage=%d", cases[i].query, length);
            asking_find(query, found);
            ck_assert_msg(strcmp(found, cases[i].found) == 0, "%s finds %s", query, found);
        }
    asking_close();
}
END_TEST

START_TEST(the_number_of_events_is_limited_or_refused) {
    static const struct {
        const char *query, *found;
    } cases[] = {
        {"/events?orderBy=eventTime&eventCountLimit=2&perPage=1", "ED"},
        {"/events?orderBy=eventTime&eventCountLimit=2&perPage=2", "ED"},
        {"/events?orderBy=eventTime&orderDirection=ASC&eventCountLimit=3&perPage=2", "ABC"},
        {"/events?orderBy=ex:number&eventCountLimit=4&perPage=3", "DABC"},
        {"/events?orderBy=eventTime&eventCountLimit=100&perPage=2", "EDCBA"},
        {"/events?maxEventCount=5&perPage=2", "EDCBA"},
        {"/events?maxEventCount=2&eventType=ObjectEvent", "DA"},
        {"/events?maxEventCount=0&EQ_bizStep=shipping", ""},
    };
    static const char *const refused[] = {
        "/events?maxEventCount=4",
        "/events?maxEventCount=1&orderBy=ex:number",
        "/events?maxEventCount=0&EQ_bizStep=packing",
        "/events?maxEventCount=1&eventType=ObjectEvent&perPage=1",
        "/v1/events?maxEventCount=4",
        "/eventTypes/ObjectEvent/events?maxEventCount=0",
        "/epcs/urn:epc:id:sgtin:0614141.107346.2017/events?maxEventCount=0",
        "/bizSteps/commissioning/events?maxEventCount=0",
        "/bizLocations/urn:epc:id:sgln:0614141.00001.0/events?maxEventCount=0",
        "/readPoints/urn:epc:id:sgln:0614141.00001.shelf/events?maxEventCount=0",
        "/dispositions/active/events?maxEventCount=0",
        "/queries/few/events"};
    static const char few[] = "{\"name\":\"few\",\"query\":{\"maxEventCount\":1}}";
    if (!asking_open(_i)) return;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char found[64];
        asking_find(cases[i].query, found);
        ck_assert_msg(strcmp(found, cases[i].found) == 0, "%s finds %s", cases[i].query, found);
    }
    ck_assert_int_eq(server_ask_json(&server, "POST", "/queries", few, NULL), 201);
    ck_assert_int_eq(server_ask_json(&server, "GET", "/queries/few/events?perPage=0", NULL, NULL),
                     400);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const char *path = refused[i];
        struct reply reply;
        server_ask(&server, &(struct ask){.path = path, .header = ASKED_PREFIXES}, &reply);
        ck_assert_msg(reply.status == 413, "%s: %ld", path, reply.status);
        ck_assert_ptr_nonnull(strstr((const char *)reply.body.data, "query_too_large"));
        reply_clear(&reply);
    }
    asking_close();
}
END_TEST

START_TEST(prefixes_are_what_the_request_declares) {
    static const struct {
        const char *header;
        long status;
    } cases[] = {{NULL, 400},
                 {"GS1-Extensions: ex=https://ex.example/", 200},
                 {"GS1-Extensions:  a=urn:a: ,ex = https://ex.example/", 200},
                 {"GS1-Extensions: other=https://ex.example/", 400},
                 {"GS1-Extensions: ex", 400},
                 {"GS1-Extensions: ex=", 400},
                 {"GS1-Extensions: ex=urn:a:,ex=urn:b:", 400}};
    if (!asking_open(_i)) return;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct reply reply;
        struct ask ask = {.path = "/events?EQ_ex:text=alpha", .header = cases[i].header};
        server_ask(&server, &ask, &reply);
        ck_assert_msg(reply.status == cases[i].status, "%s: %ld %s", cases[i].header, reply.status,
                      (const char *)reply.body.data);
        reply_clear(&reply);
    }
    asking_close();
}
END_TEST

// ---- nothing is left out

// Does a case of the name find events, and one of it find none?
static void look_for_cases(const char *name, bool *fits, bool *misses) {
    for (size_t i = 0; i < asked_case_count; i++) {
        if (strcmp(asked_cases[i].name, name) != 0) continue;
        *fits |= *asked_cases[i].found != '\0' && strcmp(asked_cases[i].found, "ABCDE") != 0;
        *misses |= strcmp(asked_cases[i].found, "ABCDE") != 0 && strlen(asked_cases[i].found) < 5;
    }
}

struct covered {
    char names[1024][64];
    size_t count;
};

static void add_name(struct covered *all, const char *operation, const char *name) {
    ck_assert_uint_lt(all->count, 1024);
    snprintf(all->names[all->count++], 64, "%s%s", operation, name);
}

// All names of which the tests above ask.
static void collect_names(struct covered *all) {
    static const char *const operations[] = {"EQ_", "GT_", "GE_", "LT_", "LE_", "EXISTS_"};
    all->count = 0;
    for (size_t i = 0; i < asked_case_count; i++) {
        bool fits = false, misses = false;
        look_for_cases(asked_cases[i].name, &fits, &misses);
        if (fits && misses) add_name(all, "", asked_cases[i].name);
    }
    for (size_t i = 0; i < asked_number_count; i++)
        for (size_t k = 0; k < 6; k++)
            if (k < 5 || asked_numbers[i].has_exists)
                add_name(all, operations[k], asked_numbers[i].subject);
    static const char *const others[] = {"orderBy", "orderDirection", "eventCountLimit",
                                         "maxEventCount"};
    for (size_t i = 0; i < 4; i++) add_name(all, "", others[i]);
}

START_TEST(no_parameter_of_the_table_is_untested) {
    static struct covered all;
    collect_names(&all);
    for (size_t i = 0; i < query_subject_count(); i++) {
        const struct query_subject *subject = query_subject_at(i);
        for (unsigned bit = 1; bit <= OPERATOR_EQATTR; bit <<= 1) {
            bool is_tested = false;
            if (!(subject->operators & bit)) continue;
            for (size_t k = 0; k < all.count && !is_tested; k++) {
                enum query_operator operation;
                struct bytes rest;
                is_tested = query_subject_find(bytes_of_string(all.names[k]), &operation, &rest) ==
                                subject &&
                            operation == bit;
            }
            ck_assert_msg(is_tested, "no case of %s with operator %u", subject->name, bit);
        }
    }
}
END_TEST

// GS1 writes its patterns with each backslash doubled once too often; and a colon is part of a
// name.
static struct pattern *pattern_of(const char *text) {
    struct buf plain = {0};
    struct pattern *pattern;
    for (; *text; text++) {
        if (strncmp(text, "\\\\:", 3) != 0 && strncmp(text, "\\\\w", 3) != 0) {
            buf_append_byte(&plain, (uint8_t)*text);
            continue;
        }
        text += 2;
        buf_append_string(&plain, *text == 'w' ? "[\\w:]" : ":");
    }
    assert_ok(pattern_compile(&pattern, buf_bytes(&plain)));
    buf_clear(&plain);
    return pattern;
}

static bool is_tested_name(const struct covered *all, const char *name) {
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->names[i], name) == 0) return true;
    return strcmp(name, "@context") == 0;
}

static bool is_tested_pattern(const struct covered *all, const char *text) {
    struct pattern *pattern = pattern_of(text);
    struct pattern_scratch *scratch = pattern_scratch_new();
    bool is_tested = false;
    for (size_t i = 0; i < all->count && !is_tested; i++)
        is_tested = pattern_matches(pattern, scratch, bytes_of_string(all->names[i]));
    pattern_scratch_free(scratch);
    pattern_free(pattern);
    return is_tested;
}

START_TEST(no_parameter_of_the_standards_schema_is_untested) {
    static struct covered all;
    const char *path = shared_data("epcis/query-schema.json"), *name;
    json_t *unused;
    if (!path) {
        skip_case("GS1's schema of queries is not here");
        return;
    }
    json_t *schema = asking_load(path);
    const json_t *query = json_object_get(json_object_get(schema, "definitions"), "EPCIS-Query");
    collect_names(&all);
    json_object_foreach(json_object_get(query, "properties"), name, unused)
        ck_assert_msg(is_tested_name(&all, name), "%s", name);
    json_object_foreach(json_object_get(query, "patternProperties"), name, unused)
        ck_assert_msg(is_tested_pattern(&all, name), "%s", name);
    json_decref(schema);
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("supplychain parameters");
    TCase *cases = tcase_create("parameters");
    tcase_set_timeout(cases, 300);
    tcase_add_loop_test(cases, each_parameter_finds_what_fits_and_nothing_else, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, values_that_a_parameter_cannot_have_are_refused_by_its_name, 0,
                        TEST_ENGINES);
    tcase_add_loop_test(cases, several_parameters_narrow_one_another, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, events_come_in_the_order_that_is_asked_for_on_pages_of_any_length, 0,
                        TEST_ENGINES);
    tcase_add_loop_test(cases, the_number_of_events_is_limited_or_refused, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, prefixes_are_what_the_request_declares, 0, TEST_ENGINES);
    tcase_add_test(cases, no_parameter_of_the_table_is_untested);
    tcase_add_test(cases, no_parameter_of_the_standards_schema_is_untested);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
