// SPDX-License-Identifier: Apache-2.0
// GS1's examples, whole; each rule that a person meets with its place and sentence. That the
// verdicts are GS1's is for tests/vectors/check_epcis_mutations.sh.
#define _GNU_SOURCE // nftw
#include <ftw.h>
#include <stdio.h>
#include <time.h>

#include "apps/supplychain/epcis/document.h"
#include "chaincore/base/file.h"
#include "tests/support/unit.h"

enum { DOCUMENT_BYTES = 1 << 20 };

static struct epcis_rules *rules;
static const struct epcis_acceptance documents = {.max_bytes = DOCUMENT_BYTES, .max_events = 100};

static void open_rules(void) { assert_ok(epcis_rules_open(&rules)); }
static void close_rules(void) { epcis_rules_close(rules); }

static int examples_run, examples_passed;

static int check_example(const char *path, const struct stat *about, int kind, struct FTW *place) {
    (void)about;
    (void)place;
    if (kind != FTW_F || !strstr(path, ".jsonld")) return 0;
    struct buf text = {0};
    struct violations violations = {0};
    assert_ok(file_read(&text, path, DOCUMENT_BYTES));
    examples_run++;
    enum status status = epcis_document_check(&violations, rules, buf_bytes(&text), &documents);
    if (status == STATUS_OK && violations.count == 0) {
        examples_passed++;
    } else {
        printf("%s: %s %s\n", path, violations.items[0].pointer, violations.items[0].detail);
    }
    violations_clear(&violations);
    buf_clear(&text);
    return 0;
}

START_TEST(every_example_of_gs1_is_valid) {
    const char *folder = shared_data("epcis/examples");
    if (!folder) {
        skip_case("the public test data is not there");
        return;
    }
    ck_assert_int_eq(nftw(folder, check_example, 8, FTW_PHYS), 0);
    printf("EPCIS examples: %d of %d valid\n", examples_passed, examples_run);
    ck_assert_int_eq(examples_passed, examples_run);
    ck_assert_int_eq(examples_run, 47);
}
END_TEST

#define EVENT(fields)                                                                           \
    "{\"type\":\"ObjectEvent\",\"eventTime\":\"2024-05-31T12:00:00Z\",\"eventTimeZoneOffset\":" \
    "\"+02:00\"," fields "}"
#define DOCUMENT(event)                                                                   \
    "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"]," \
    "\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\",\"creationDate\":"              \
    "\"2024-05-31T12:00:00Z\",\"epcisBody\":{\"eventList\":[" event "]}}"

static void assert_violation(const char *text, enum status status, struct violation expected) {
    struct violations violations = {0};
    assert_status(epcis_document_check(&violations, rules, bytes_of_string(text), &documents),
                  status);
    ck_assert_uint_eq(violations.count, 1);
    ck_assert_str_eq(violations.items[0].pointer, expected.pointer);
    ck_assert_str_eq(violations.items[0].rule, expected.rule);
    ck_assert_str_eq(violations.items[0].detail, expected.detail);
    violations_clear(&violations);
}

START_TEST(a_refusal_names_place_rule_and_what_is_expected) {
    static const struct {
        const char *text;
        struct violation violation;
    } cases[] = {
        {"{}",
         {"", "#/required",
          "\"type\" is missing; expected is an EPCISDocument, an "
          "EPCISQueryDocument or an event with its context"}},
        {DOCUMENT(EVENT("\"epcList\":[]")),
         {"/epcisBody/eventList/0", "#/definitions/objectEvent/required", "\"action\" is missing"}},
        {DOCUMENT(EVENT("\"action\":\"LOOK\",\"epcList\":[]")),
         {"/epcisBody/eventList/0/action", "#/definitions/fields/properties/action/enum",
          "\"LOOK\" is none of \"ADD\", \"OBSERVE\", \"DELETE\"; expected is ADD, OBSERVE or "
          "DELETE"}},
        {DOCUMENT(EVENT("\"action\":\"OBSERVE\",\"epcList\":[\"urn:x\",\"x y\"]")),
         {"/epcisBody/eventList/0/epcList/1", "#/definitions/uri/format",
          "\"x y\" is no uri; expected is a URI (RFC 3986) such as https://example.org/1, or "
          "prefix:name"}},
        {DOCUMENT(EVENT("\"action\":\"OBSERVE\",\"epcList\":[\"urn:x\",\"urn:x\"]")),
         {"/epcisBody/eventList/0/epcList",
          "#/definitions/objectEvent/properties/epcList/uniqueItems", "items 0 and 1 are equal"}},
        {DOCUMENT(EVENT("\"action\":\"OBSERVE\"")),
         {"/epcisBody/eventList/0", "#/definitions/objectEvent/allOf/1/anyOf",
          "an object fits none of the 3 alternatives; expected is an epcList, a filled "
          "quantityList, or sensor data with a readPoint"}},
        {DOCUMENT(EVENT("\"action\":\"OBSERVE\",\"epcList\":[],\"colour\":\"red\"")),
         {"/epcisBody/eventList/0/colour", "#/definitions/objectEvent/propertyNames",
          "the name \"colour\" is not allowed here, only the fields of this event type, and "
          "prefix:name for extensions"}},
        {DOCUMENT(EVENT("\"action\":\"OBSERVE\",\"epcList\":[],\"bizStep\":"
                        "\"urn:epcglobal:cbv:bizstep:shipping\"")),
         {"/epcisBody/eventList/0/bizStep", "#/definitions/bizStep/anyOf",
          "\"urn:epcglobal:cbv:bizstep:shipping\" fits none of the 2 alternatives; expected is a "
          "business step of the CBV or a URI of your own outside GS1's"}},
        {DOCUMENT(EVENT("\"action\":\"DELETE\",\"epcList\":[],\"ilmd\":{}")),
         {"/epcisBody/eventList/0/action",
          "#/definitions/objectEvent/dependencies/ilmd/properties/action/const",
          "\"DELETE\" is not \"ADD\"; expected is ADD, since ilmd describes objects that come into "
          "being"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_violation(cases[i].text, STATUS_INVALID, cases[i].violation);
    }
}
END_TEST

START_TEST(what_is_no_json_is_refused_at_the_whole_document) {
    assert_violation("{\"type\": }", STATUS_MALFORMED,
                     (struct violation){"", "json/syntax", "line 1, column 11: unexpected token"});
    assert_violation("[\"\\u0000\"]", STATUS_MALFORMED,
                     (struct violation){"", "json/null-character",
                                        "line 1, column 10: a string holds the character U+0000"});
}
END_TEST

START_TEST(kind_and_number_of_events_are_bounded_by_who_takes_them) {
    const char *event = EVENT("\"action\":\"OBSERVE\",\"epcList\":[],\"@context\":[]");
    assert_violation(event, STATUS_INVALID,
                     (struct violation){"/type", "epcis/document-type",
                                        "a single event is not taken here; expected is an "
                                        "EPCISDocument or an EPCISQueryDocument"});
    struct epcis_acceptance wide = documents, narrow = documents;
    struct violations violations = {0};
    wide.takes_single_event = true;
    assert_ok(epcis_document_check(&violations, rules, bytes_of_string(event), &wide));
    const char *one = DOCUMENT(EVENT("\"action\":\"OBSERVE\",\"epcList\":[]"));
    assert_ok(epcis_document_check(&violations, rules, bytes_of_string(one), &wide));
    narrow.max_events = 0;
    assert_status(epcis_document_check(&violations, rules, bytes_of_string(one), &narrow),
                  STATUS_TOO_LARGE);
    ck_assert_str_eq(violations.items[0].detail, "there are 1 events, not at most 0");
    ck_assert_str_eq(violations.items[0].pointer, "/epcisBody/eventList");
    violations_clear(&violations);
    narrow.max_bytes = 10;
    assert_status(epcis_document_check(&violations, rules, bytes_of_string(one), &narrow),
                  STATUS_TOO_LARGE);
    ck_assert_str_eq(violations.items[0].rule, "json/size");
    violations_clear(&violations);
}
END_TEST

START_TEST(events_of_a_query_document_are_counted_too) {
    const char *text = "{\"@context\":[],\"type\":\"EPCISQueryDocument\",\"epcisBody\":{"
                       "\"queryResults\":{\"queryName\":\"q\",\"resultsBody\":{\"eventList\":["
                       "{\"type\":\"x:y\",\"eventTime\":\"2024-05-31T12:00:00Z\","
                       "\"eventTimeZoneOffset\":\"+00:00\"}]}}}}";
    struct violations violations = {0};
    struct epcis_acceptance narrow = {.max_bytes = DOCUMENT_BYTES};
    assert_ok(epcis_document_check(&violations, rules, bytes_of_string(text), &documents));
    assert_status(epcis_document_check(&violations, rules, bytes_of_string(text), &narrow),
                  STATUS_TOO_LARGE);
    ck_assert_str_eq(violations.items[0].pointer, "/epcisBody/queryResults/resultsBody/eventList");
    violations_clear(&violations);
}
END_TEST

START_TEST(of_two_members_of_one_name_the_last_is_judged) {
    struct violations violations = {0};
    const char *good = DOCUMENT(EVENT("\"action\":5,\"action\":\"ADD\",\"epcList\":[]"));
    assert_ok(epcis_document_check(&violations, rules, bytes_of_string(good), &documents));
    const char *bad = DOCUMENT(EVENT("\"action\":\"ADD\",\"action\":5,\"epcList\":[]"));
    assert_status(epcis_document_check(&violations, rules, bytes_of_string(bad), &documents),
                  STATUS_INVALID);
    ck_assert_str_eq(violations.items[0].pointer, "/epcisBody/eventList/0/action");
    violations_clear(&violations);
}
END_TEST

// The schema's and jansson's time for a document of about 2 KB. The bound is wide: it is to catch
// what is wrong in kind, on any machine, not to measure.
START_TEST(a_small_document_is_checked_in_well_below_a_millisecond) {
    enum { ROUNDS = 200 };
    const char *path = shared_data("epcis/examples/Example_9.6.1-ObjectEvent.jsonld");
    if (!path) {
        skip_case("the public test data is not there");
        return;
    }
    struct buf text = {0};
    struct timespec from, to;
    assert_ok(file_read(&text, path, DOCUMENT_BYTES));
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    for (int i = 0; i < ROUNDS; i++) {
        struct violations violations = {0};
        assert_ok(epcis_document_check(&violations, rules, buf_bytes(&text), &documents));
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    double us = ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) /
                1e3 / ROUNDS;
    printf("EPCIS document of %zu bytes: %.1f us\n", text.len, us);
    ck_assert_double_lt(us, 2000);
    buf_clear(&text);
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("EPCIS document");
    TCase *cases = tcase_create("document");
    tcase_set_timeout(cases, 30);
    tcase_add_checked_fixture(cases, open_rules, close_rules);
    tcase_add_test(cases, every_example_of_gs1_is_valid);
    tcase_add_test(cases, a_refusal_names_place_rule_and_what_is_expected);
    tcase_add_test(cases, what_is_no_json_is_refused_at_the_whole_document);
    tcase_add_test(cases, kind_and_number_of_events_are_bounded_by_who_takes_them);
    tcase_add_test(cases, events_of_a_query_document_are_counted_too);
    tcase_add_test(cases, of_two_members_of_one_name_the_last_is_judged);
    tcase_add_test(cases, a_small_document_is_checked_in_well_below_a_millisecond);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
