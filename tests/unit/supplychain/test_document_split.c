// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/document_split.h"

#include <stdio.h>

#include "chaincore/base/limits.h"
#include "tests/unit/supplychain/epcis_files.h"
#include "tests/unit/supplychain/epcis_suites.h"

#define EVENT "{\"type\" : \"ObjectEvent\", \"eventTime\":\"2024-01-02T03:04:05.6789+01:00\" }"
#define DOCUMENT(events)                                                                     \
    "{\"@context\": [\"" EPCIS_CONTEXT_URL "\"] ,\"type\":\"EPCISDocument\",\"epcisBody\":{" \
    "\"eventList\":[" events "]}}"

static struct epcis_document split(const char *text) {
    struct epcis_document document;
    struct epcis_fault fault;
    ck_assert_msg(epcis_document_split(&document, &fault, bytes_of_string(text)) == STATUS_OK,
                  "%s %s", fault.pointer, fault.reason);
    return document;
}

START_TEST(an_event_is_the_exact_slice_of_its_document) {
    struct epcis_document document = split(DOCUMENT("  " EVENT " ,\n" EVENT));
    ck_assert_int_eq(document.form, EPCIS_DOCUMENT);
    ck_assert_uint_eq(document.event_count, 2);
    assert_bytes_equal(document.context, bytes_of_string("[\"" EPCIS_CONTEXT_URL "\"]"));
    for (size_t i = 0; i < 2; i++) {
        struct epcis_event *event = &document.events[i];
        assert_bytes_equal(event->text, bytes_of_string(EVENT));
        assert_bytes_equal(event->type, bytes_of_string("ObjectEvent"));
        ck_assert_int_eq(event->event_time_ms, 1704161045679);
        ck_assert_uint_eq(event->id.len, 0);
        ck_assert(!event->is_error_declaration);
        ck_assert(event->context->is_plain);
    }
    epcis_document_clear(&document);
}
END_TEST

START_TEST(query_documents_and_bare_events_are_taken_apart_too) {
    struct epcis_document document =
        split("{\"type\":\"EPCISQueryDocument\",\"epcisBody\":{\"queryResults\":{\"resultsBody\":"
              "{\"eventList\":[" EVENT "]}}}}");
    ck_assert_int_eq(document.form, EPCIS_QUERY_DOCUMENT);
    ck_assert_uint_eq(document.event_count, 1);
    epcis_document_clear(&document);
    document = split(" " EVENT "\n");
    ck_assert_int_eq(document.form, EPCIS_BARE_EVENT);
    ck_assert_uint_eq(document.event_count, 1);
    ck_assert_uint_eq(document.context.len, 0);
    assert_bytes_equal(document.events[0].text, bytes_of_string(EVENT));
    epcis_document_clear(&document);
    document = split(DOCUMENT(""));
    ck_assert_uint_eq(document.event_count, 0);
    epcis_document_clear(&document);
}
END_TEST

START_TEST(epcs_are_canonical_sorted_and_none_twice) {
    struct epcis_document document =
        split("{\"@context\":{\"e\":\"urn:epc:id:\"},\"type\":\"x:y\",\"eventTime\":"
              "\"2024-01-02T03:04:05Z\",\"eventID\":\"urn:uuid:1\",\"errorDeclaration\":{},"
              "\"outputEPCList\":[\"urn:a:o\"],\"inputEPCList\":[\"urn:a:i\"],"
              "\"parentID\":\"urn:epc:id:sscc:4012345.3111111111\",\"childEPCs\":[\"urn:a:c\"],"
              "\"epcList\":[\"urn:epc:id:sgtin:4012345.011111.9\",\"urn:a:b\",\" \","
              "\"https://x.org/01/4012345111118/21/9\",\"e:sgtin:4012345.011111.9\"]}");
    static const struct {
        enum epc_place place;
        const char *id;
    } expected[] = {
        {EPC_IN_LIST, "https://id.gs1.org/01/04012345111118/21/9"},
        {EPC_IN_LIST, "urn:a:b"},
        {EPC_IN_CHILDREN, "urn:a:c"},
        {EPC_IN_PARENT, "https://id.gs1.org/00/340123451111111111"},
        {EPC_IN_INPUT, "urn:a:i"},
        {EPC_IN_OUTPUT, "urn:a:o"},
    };
    struct epcis_event *event = &document.events[0];
    ck_assert(event->is_error_declaration);
    assert_bytes_equal(event->id, bytes_of_string("urn:uuid:1"));
    ck_assert_uint_eq(event->epc_count, sizeof(expected) / sizeof(*expected));
    for (size_t i = 0; i < event->epc_count; i++) {
        ck_assert_int_eq(event->epcs[i].place, expected[i].place);
        assert_bytes_equal(event->epcs[i].id, bytes_of_string(expected[i].id));
    }
    ck_assert_str_eq(epc_place_name(EPC_IN_OUTPUT), "outputEPCList");
    ck_assert_str_eq(epc_place_name(CLASS_IN_OUTPUT), "outputQuantityList");
    epcis_document_clear(&document);
}
END_TEST

static void assert_refused(const char *text, enum status expected, const char *pointer) {
    struct epcis_document document;
    struct epcis_fault fault;
    assert_status(epcis_document_split(&document, &fault, bytes_of_string(text)), expected);
    ck_assert_str_eq(fault.pointer, pointer);
    ck_assert_ptr_nonnull(fault.reason);
    ck_assert_uint_eq(document.event_count, 0);
    ck_assert_ptr_null(document.events);
}

START_TEST(what_is_no_document_is_refused_where_it_stands) {
    assert_refused("[]", STATUS_MALFORMED, "");
    assert_refused("{\"type\":\"ObjectEvent\"", STATUS_MALFORMED, "");
    assert_refused("{\"type\":\"EPCISDocument\"}", STATUS_MALFORMED, "/epcisBody/eventList");
    assert_refused("{\"type\":\"EPCISQueryDocument\",\"epcisBody\":{\"eventList\":[]}}",
                   STATUS_MALFORMED, "/epcisBody/queryResults/resultsBody/eventList");
    assert_refused(DOCUMENT("1"), STATUS_MALFORMED, "/epcisBody/eventList/0");
    assert_refused(DOCUMENT(EVENT ",{\"type\":\"x\",\"eventTime\":\"now\"}"), STATUS_MALFORMED,
                   "/epcisBody/eventList/1/eventTime");
    assert_refused(DOCUMENT("{\"type\":\"x\"}"), STATUS_MALFORMED,
                   "/epcisBody/eventList/0/eventTime");
    assert_refused(DOCUMENT("{\"type\":7}"), STATUS_MALFORMED, "/epcisBody/eventList/0/type");
    assert_refused(DOCUMENT("{\"type\":\"x\",\"@context\":[[]]}"), STATUS_MALFORMED,
                   "/epcisBody/eventList/0/@context");
    assert_refused("{\"@context\":7,\"type\":\"EPCISDocument\",\"epcisBody\":{\"eventList\":[]}}",
                   STATUS_MALFORMED, "/@context");
    assert_refused("{\"type\":\"x\",\"eventTime\":\"2024-01-02T03:04:05Z\",\"eventID\":1}",
                   STATUS_MALFORMED, "/eventID");
}
END_TEST

// An event whose member is a text of so many letters, or a list of one such text.
static void append_long(struct buf *out, const char *member, bool is_list, size_t len) {
    buf_append_format(out, "{\"type\":\"x\",\"eventTime\":\"2024-01-02T03:04:05Z\",\"%s\":%s\"a:",
                      member, is_list ? "[" : "");
    for (size_t i = 2; i < len; i++) buf_append_byte(out, 'b');
    buf_append_string(out, is_list ? "\"]}" : "\"}");
}

START_TEST(identifiers_have_a_largest_size) {
    static const struct {
        const char *member;
        bool is_list;
    } cases[] = {{"eventID", false},  {"parentID", false},    {"epcList", true},
                 {"childEPCs", true}, {"inputEPCList", true}, {"outputEPCList", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct epcis_document document;
        struct epcis_fault fault;
        struct buf text = {0};
        char pointer[32];
        append_long(&text, cases[i].member, cases[i].is_list, LIMIT_EPCIS_IDENTIFIER_BYTES);
        assert_ok(epcis_document_split(&document, &fault, buf_bytes(&text)));
        epcis_document_clear(&document);
        buf_reset(&text);
        append_long(&text, cases[i].member, cases[i].is_list, LIMIT_EPCIS_IDENTIFIER_BYTES + 1);
        snprintf(pointer, sizeof pointer, "/%s", cases[i].member);
        assert_refused(buf_as_string(&text), STATUS_MALFORMED, pointer);
        buf_clear(&text);
    }
}
END_TEST

START_TEST(a_context_has_a_largest_size) {
    struct buf text = {0};
    buf_append_string(&text, "{\"type\":\"x\",\"eventTime\":\"2024-01-02T03:04:05Z\","
                             "\"@context\":{\"p\":\"");
    for (size_t i = 0; i < 40000; i++) buf_append_byte(&text, 'x');
    buf_append_string(&text, "\"}}");
    assert_refused(buf_as_string(&text), STATUS_TOO_LARGE, "/@context");
    buf_clear(&text);
}
END_TEST

struct counts {
    size_t events;
    size_t named;    // with an ni: eventID
    size_t matching; // whose ni: eventID is the hash
};

static void split_example(const char *path, struct bytes text, void *user) {
    struct counts *counts = user;
    struct epcis_document document;
    struct epcis_fault fault;
    ck_assert_msg(epcis_document_split(&document, &fault, text) == STATUS_OK, "%s: %s %s", path,
                  fault.pointer, fault.reason);
    ck_assert_uint_ge(document.event_count, 1);
    for (size_t i = 0; i < document.event_count; i++) {
        uint8_t given[EVENT_HASH_SIZE];
        struct epcis_event *event = &document.events[i];
        ck_assert(event->text.data > text.data);
        ck_assert(event->text.data + event->text.len < text.data + text.len);
        counts->events++;
        if (event_hash_read(given, event->id) != STATUS_OK) continue;
        counts->named++;
        if (memcmp(given, event->hash, sizeof(given)) == 0) counts->matching++;
    }
    // Every truncation is refused, and at once.
    while (text.data[text.len - 1] != '}') text.len--;
    for (size_t len = text.len - 1; len < text.len; len -= 97) {
        struct epcis_document cut;
        assert_status(epcis_document_split(&cut, &fault, bytes_of(text.data, len)),
                      STATUS_MALFORMED);
    }
    epcis_document_clear(&document);
}

START_TEST(every_public_example_is_taken_apart) {
    struct counts counts = {0};
    size_t files = epcis_files_walk("epcis/examples", split_example, &counts);
    if (files == 0) {
        skip_case("the public EPCIS examples are not there");
        return;
    }
    printf("EPCIS examples: %zu files, %zu events, %zu with an ni: eventID, %zu of them the hash\n",
           files, counts.events, counts.named, counts.matching);
    ck_assert_uint_eq(files, 47);
}
END_TEST

Suite *document_split_suite(void) {
    Suite *suite = suite_create("document split");
    TCase *tcase = tcase_create("document split");
    tcase_add_test(tcase, an_event_is_the_exact_slice_of_its_document);
    tcase_add_test(tcase, query_documents_and_bare_events_are_taken_apart_too);
    tcase_add_test(tcase, epcs_are_canonical_sorted_and_none_twice);
    tcase_add_test(tcase, what_is_no_document_is_refused_where_it_stands);
    tcase_add_test(tcase, identifiers_have_a_largest_size);
    tcase_add_test(tcase, a_context_has_a_largest_size);
    tcase_add_test(tcase, every_public_example_is_taken_apart);
    suite_add_tcase(suite, tcase);
    return suite;
}
