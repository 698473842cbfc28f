// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/event_hash.h"

#include <stdio.h>

#include "apps/supplychain/epcis/document_split.h"
#include "chaincore/crypto/sha256.h"
#include "tests/unit/supplychain/epcis_files.h"
#include "tests/unit/supplychain/epcis_suites.h"

#define CONTEXT "\"@context\":[\"" EPCIS_CONTEXT_URL "\",{\"ex\":\"https://ex.org/\"}]"
#define HEAD CONTEXT ",\"type\":\"ObjectEvent\",\"eventTime\":\"2024-01-02T03:04:05Z\""
#define PREHASH_HEAD "eventType=ObjectEventeventTime=2024-01-02T03:04:05.000Z"

// ---- vectors

static struct bytes next_line(struct bytes *text) {
    const uint8_t *end = text->len ? memchr(text->data, '\n', text->len) : NULL;
    size_t len = end ? (size_t)(end - text->data) : text->len;
    struct bytes line = bytes_of(text->data, len);
    size_t step = end ? len + 1 : len;
    *text = bytes_of(text->data + step, text->len - step);
    return line;
}

static void append_prehash(struct buf *out, const struct epcis_event *event) {
    struct event_scope scope = {.context = event->context, .max_len = 1 << 20};
    struct epcis_fault fault;
    assert_ok(event_prehash(out, &fault, event->value, &scope));
}

struct vector_count {
    size_t hashes;
    size_t prehashes;
};

static void compare_event(struct vector_count *count, const struct epcis_event *event,
                          struct bytes hash_line, struct bytes prehash_line) {
    struct buf prehash = {0};
    char uri[EVENT_HASH_URI_SIZE], of_line[EVENT_HASH_URI_SIZE];
    uint8_t digest[SHA256_SIZE];
    append_prehash(&prehash, event);
    event_hash_print(uri, event->hash);
    ck_assert_msg(bytes_equal(hash_line, bytes_of_string(uri)), "%s", buf_as_string(&prehash));
    count->hashes++;
    // One published pre-hash string is of another event than its hash; the hash counts.
    sha256(digest, prehash_line);
    event_hash_print(of_line, digest);
    if (strcmp(of_line, uri) == 0) {
        assert_bytes_equal(buf_bytes(&prehash), prehash_line);
        count->prehashes++;
    }
    buf_clear(&prehash);
}

static void compare_with_vectors(const char *path, struct bytes text, void *user) {
    struct epcis_document document;
    struct epcis_fault fault;
    struct buf hashes = {0}, prehashes = {0};
    ck_assert(epcis_file_beside(&hashes, path, ".hashes"));
    epcis_file_beside(&prehashes, path, ".prehashes");
    struct bytes hash_lines = buf_bytes(&hashes), prehash_lines = buf_bytes(&prehashes);
    assert_ok(epcis_document_split(&document, &fault, text));
    for (size_t i = 0; i < document.event_count; i++)
        compare_event(user, &document.events[i], next_line(&hash_lines), next_line(&prehash_lines));
    ck_assert_uint_eq(hash_lines.len, 0);
    buf_clear(&hashes);
    buf_clear(&prehashes);
    epcis_document_clear(&document);
}

START_TEST(every_public_vector_gets_its_hash) {
    struct vector_count count = {0};
    if (epcis_files_walk("epcis/event-hash", compare_with_vectors, &count) == 0) {
        skip_case("the public event hash vectors are not there");
        return;
    }
    printf("event hash vectors: %zu hashes and %zu pre-hash strings equal\n", count.hashes,
           count.prehashes);
    ck_assert_uint_eq(count.hashes, 29);
    ck_assert_uint_eq(count.prehashes, 27);
}
END_TEST

// ---- pre-hash strings of single events

static void assert_prehash_of(const char *event, const char *expected) {
    struct epcis_document document;
    struct epcis_fault fault;
    struct buf prehash = {0};
    ck_assert_msg(epcis_document_split(&document, &fault, bytes_of_string(event)) == STATUS_OK,
                  "%s: %s %s", event, fault.pointer, fault.reason);
    append_prehash(&prehash, &document.events[0]);
    ck_assert_str_eq(buf_as_string(&prehash), expected);
    buf_clear(&prehash);
    epcis_document_clear(&document);
}

#define assert_rest(members, expected) \
    assert_prehash_of("{" HEAD "," members "}", PREHASH_HEAD expected)

static void hash_of(uint8_t hash[EVENT_HASH_SIZE], const char *event) {
    struct epcis_document document;
    struct epcis_fault fault;
    ck_assert_msg(epcis_document_split(&document, &fault, bytes_of_string(event)) == STATUS_OK,
                  "%s: %s %s", event, fault.pointer, fault.reason);
    memcpy(hash, document.events[0].hash, EVENT_HASH_SIZE);
    epcis_document_clear(&document);
}

static bool hashes_are_equal(const char *a, const char *b) {
    uint8_t left[EVENT_HASH_SIZE], right[EVENT_HASH_SIZE];
    hash_of(left, a);
    hash_of(right, b);
    return memcmp(left, right, sizeof(left)) == 0;
}

START_TEST(a_urn_and_its_digital_link_give_one_hash) {
    ck_assert(hashes_are_equal(
        "{" HEAD ",\"epcList\":[\"urn:epc:id:sgtin:4012345.011111.9876\"]}",
        "{" HEAD ",\"epcList\":[\"https://example.com/gtin/4012345111118/ser/9876?x=1\"]}"));
    ck_assert(!hashes_are_equal("{" HEAD ",\"epcList\":[\"urn:epc:id:sgtin:4012345.011111.9876\"]}",
                                "{" HEAD
                                ",\"epcList\":[\"urn:epc:id:sgtin:4012345.011111.9877\"]}"));
}
END_TEST

START_TEST(the_order_of_keys_and_of_list_items_changes_nothing) {
    ck_assert(hashes_are_equal(
        "{" HEAD ",\"ex:b\":{\"ex:y\":1,\"ex:x\":2},\"ex:a\":[3,4],\"action\":\"ADD\","
        "\"sourceList\":[{\"source\":\"urn:a:b\",\"type\":\"location\"},{\"type\":\"location\","
        "\"source\":\"urn:a:a\"}]}",
        "{\"ex:a\":[4,3],\"sourceList\":[{\"type\":\"location\",\"source\":\"urn:a:a\"},"
        "{\"type\":\"location\",\"source\":\"urn:a:b\"}],\"action\":\"ADD\","
        "\"ex:b\":{\"ex:x\":2,\"ex:y\":1}," HEAD "}"));
}
END_TEST

START_TEST(event_id_record_time_and_error_declaration_are_no_part_of_the_hash) {
    static const char plain[] = "{" HEAD ",\"action\":\"ADD\"}";
    ck_assert(hashes_are_equal(plain, "{" HEAD ",\"action\":\"ADD\",\"eventID\":\"urn:uuid:1\"}"));
    ck_assert(hashes_are_equal(
        plain, "{" HEAD ",\"action\":\"ADD\",\"recordTime\":\"2024-01-02T03:04:05Z\"}"));
    ck_assert(hashes_are_equal(
        plain, "{" HEAD ",\"action\":\"ADD\",\"errorDeclaration\":{\"declarationTime\":"
               "\"2024-01-02T03:04:05Z\",\"reason\":\"incorrect_data\",\"ex:x\":{\"ex:y\":1}}}"));
}
END_TEST

START_TEST(empty_fields_say_nothing) {
    assert_rest("\"epcList\":[],\"bizStep\":\"\",\"readPoint\":{},\"disposition\":null,"
                "\"ilmd\":{},\"sourceList\":[],\"sensorElementList\":[{}],\"childEPCs\":[\" \"]",
                "");
}
END_TEST

START_TEST(bare_words_become_the_vocabulary_in_its_fields_only) {
    assert_rest("\"bizStep\":\"packing\",\"ex:bizStep\":\"packing\",\"disposition\":"
                "\"urn:epcglobal:cbv:disp:active\"",
                "bizStep=https://ref.gs1.org/cbv/BizStep-packing"
                "disposition=https://ref.gs1.org/cbv/Disp-active"
                "{https://ex.org/}bizStep=packing");
    assert_rest("\"bizTransactionList\":[{\"bizTransaction\":\"urn:a:1\"},{\"type\":\"po\","
                "\"bizTransaction\":\"urn:a:2\"}]",
                "bizTransactionListbizTransaction=urn:a:1"
                "type=https://ref.gs1.org/cbv/BTT-pobizTransaction=urn:a:2");
    assert_rest("\"persistentDisposition\":{\"unset\":[\"active\"],\"set\":[\"sold\","
                "\"ex:used\",\"urn:epcglobal:cbv:disp:damaged\"]}",
                "persistentDispositionset=https://ex.org/used"
                "set=https://ref.gs1.org/cbv/Disp-damagedset=https://ref.gs1.org/cbv/Disp-sold"
                "unset=https://ref.gs1.org/cbv/Disp-active");
}
END_TEST

START_TEST(prefixes_expand_in_keys_and_values_and_unknown_ones_stay) {
    assert_rest("\"ex:a\":\"ex:b\",\"no:a\":\"no:b\",\"https://x.org/y\":\"https://x.org/z\"",
                "https://x.org/y=https://x.org/zno:a=no:b{https://ex.org/}a=https://ex.org/b");
    assert_rest("\"ilmd\":{\"cbvmda:lotNumber\":\"L1\",\"gs1:x\":\"cbv:BizStep-packing\"}",
                "ilmd{https://gs1.org/voc/}x=https://ref.gs1.org/cbv/BizStep-packing"
                "{urn:epcglobal:cbv:mda:}lotNumber=L1");
}
END_TEST

START_TEST(extensions_write_arrays_objects_and_empty_values) {
    assert_rest("\"ex:list\":[\"b\",[\"a\"],{\"ex:k\":true}],\"ex:none\":null,\"ex:o\":{},"
                "\"ex:e\":[]",
                "{https://ex.org/}list=a{https://ex.org/}list=b"
                "{https://ex.org/}list{https://ex.org/}k=true{https://ex.org/}none"
                "{https://ex.org/}o");
}
END_TEST

START_TEST(comments_are_left_out_at_any_depth) {
    assert_rest("\"comment\":\"x\",\"rdfs:comment\":\"y\",\"readPoint\":{\"id\":\"urn:a:b\","
                "\"comment\":\"z\",\"ex:p\":1},\"ex:o\":{\"rdfs:comment\":{\"ex:a\":1}}",
                "readPointid=urn:a:b{https://ex.org/}p=1{https://ex.org/}o");
}
END_TEST

START_TEST(numbers_are_shortest_and_texts_that_are_numbers_too) {
    assert_rest("\"quantityList\":[{\"epcClass\":\"urn:a:b\",\"quantity\":12.10,\"uom\":\"KGM\"}],"
                "\"ex:a\":\"007\",\"ex:b\":26.0,\"ex:c\":\" 1e3 \",\"ex:d\":0.1,\"ex:e\":\"1e999\"",
                "quantityListquantityElementepcClass=urn:a:bquantity=12.1uom=KGM"
                "{https://ex.org/}a=7{https://ex.org/}b=26{https://ex.org/}c=1000"
                "{https://ex.org/}d=0.1{https://ex.org/}e=1e999");
}
END_TEST

START_TEST(times_are_utc_in_the_standards_fields_and_as_written_elsewhere) {
    assert_rest("\"sensorElementList\":[{\"sensorMetadata\":{\"startTime\":"
                "\"2024-01-01T00:00:00.9995+01:00\",\"ex:time\":\"2024-01-01T01:00:00+01:00\"},"
                "\"sensorReport\":[{\"type\":\"Temperature\",\"time\":\"2023-12-31T23:59:59Z\"}]}]",
                "sensorElementListsensorElementsensorMetadatastartTime=2023-12-31T23:00:01.000Z"
                "{https://ex.org/}time=2024-01-01T01:00:00+01:00"
                "sensorReporttype=https://gs1.org/voc/Temperaturetime=2023-12-31T23:59:59.000Z");
}
END_TEST

START_TEST(identifiers_in_extensions_are_canonical_too) {
    assert_rest("\"ex:m\":\"urn:epc:id:giai:4012345.ABC\"",
                "{https://ex.org/}m=https://id.gs1.org/8004/4012345ABC");
}
END_TEST

// ---- documents

#define DOCUMENT(head, results_head, members)                                        \
    "{\"@context\":[{\"rx\":\"https://repository-x.example.com/\"}]," head           \
    "\"type\":\"EPCISQueryDocument\",\"epcisBody\":{\"queryResults\":{" results_head \
    "\"resultsBody\":{\"eventList\":[{\"type\":\"ObjectEvent\","                     \
    "\"eventTime\":\"2024-01-02T03:04:05Z\"" members "}]}}}}"

START_TEST(the_documents_ignore_fields_are_left_out) {
    static const char plain[] = DOCUMENT("", "", "");
    ck_assert(hashes_are_equal(plain, DOCUMENT("", "\"rx:ignoreFields\":[\"rx:hash\",\"x:id\"],",
                                               ",\"rx:hash\":\"h\",\"x:id\":{\"x:y\":1}")));
    ck_assert(!hashes_are_equal(
        plain, DOCUMENT("", "\"ry:ignoreFields\":[\"rx:hash\"],", ",\"rx:hash\":\"h\"")));
    ck_assert(!hashes_are_equal(plain, DOCUMENT("", "", ",\"rx:hash\":\"h\"")));
}
END_TEST

START_TEST(an_events_own_context_wins_over_the_documents) {
    static const char outer[] = "{\"@context\":[{\"p\":\"https://a/\",\"q\":\"https://b/\"}],"
                                "\"type\":\"EPCISDocument\",\"epcisBody\":{\"eventList\":[%s]}}";
    char own[1024], inherited[1024];
    snprintf(own, sizeof(own), outer,
             "{\"@context\":{\"p\":\"https://b/\"},\"type\":\"ObjectEvent\",\"p:x\":\"q:y\","
             "\"eventTime\":\"2024-01-02T03:04:05Z\"}");
    snprintf(inherited, sizeof(inherited), outer,
             "{\"type\":\"ObjectEvent\",\"q:x\":\"q:y\",\"eventTime\":\"2024-01-02T03:04:05Z\"}");
    ck_assert(hashes_are_equal(own, inherited));
}
END_TEST

// ---- refusals

static void assert_refused(const char *event, enum status expected, const char *pointer) {
    struct epcis_document document;
    struct epcis_fault fault;
    assert_status(epcis_document_split(&document, &fault, bytes_of_string(event)), expected);
    ck_assert_str_eq(fault.pointer, pointer);
    ck_assert_ptr_nonnull(fault.reason);
    ck_assert_uint_eq(document.event_count, 0);
}

START_TEST(an_event_without_a_type_is_refused) {
    assert_refused("{\"eventTime\":\"2024-01-02T03:04:05Z\"}", STATUS_MALFORMED, "/type");
    assert_refused("{\"type\":[],\"eventTime\":\"2024-01-02T03:04:05Z\"}", STATUS_MALFORMED,
                   "/type");
}
END_TEST

START_TEST(fields_of_another_shape_are_written_like_extensions) {
    assert_rest("\"action\":{\"b\":1,\"a\":[2]},\"epcList\":\"urn:a:b\",\"childEPCs\":[[1]]",
                "epcList=urn:a:bchildEPCs=1actiona=2b=1");
    assert_rest("\"readPoint\":\"urn:a:b\",\"sourceList\":[\"y\",1],\"ilmd\":\"x\"",
                "readPoint=urn:a:bilmd=xsourceList=1sourceList=y");
    assert_rest("\"sensorElementList\":[{\"sensorReport\":7}],\"persistentDisposition\":{\"set\":"
                "[{\"x\":1}]}",
                "persistentDispositionsetx=1sensorElementListsensorReport=7");
}
END_TEST

START_TEST(a_small_document_cannot_ask_for_a_large_line) {
    struct buf text = {0};
    buf_append_string(&text, "{\"type\":\"ObjectEvent\",\"eventTime\":\"2024-01-02T03:04:05Z\","
                             "\"@context\":{\"p\":\"urn:");
    for (int i = 0; i < 20000; i++) buf_append_byte(&text, 'x');
    buf_append_string(&text, "\"},\"p:list\":[0");
    for (int i = 0; i < 200; i++) buf_append_string(&text, ",0");
    buf_append_string(&text, "]}");
    assert_refused(buf_as_string(&text), STATUS_TOO_LARGE, "/p:list");
    buf_clear(&text);
}
END_TEST

START_TEST(a_hash_is_read_back_from_its_uri_and_nothing_else_is) {
    uint8_t hash[EVENT_HASH_SIZE], back[EVENT_HASH_SIZE];
    char uri[EVENT_HASH_URI_SIZE];
    for (size_t i = 0; i < sizeof(hash); i++) hash[i] = (uint8_t)(i * 7);
    event_hash_print(uri, hash);
    assert_ok(event_hash_read(back, bytes_of_string(uri)));
    ck_assert_mem_eq(back, hash, sizeof(hash));
    for (size_t len = 0; len < sizeof(uri) - 1; len++)
        assert_status(event_hash_read(back, bytes_of(uri, len)), STATUS_MALFORMED);
    for (size_t i = 0; i < sizeof(uri) - 1; i++) {
        char changed[EVENT_HASH_URI_SIZE];
        memcpy(changed, uri, sizeof(uri));
        changed[i] = i >= 14 && i < 78 ? 'A' : '_';
        assert_status(event_hash_read(back, bytes_of_string(changed)), STATUS_MALFORMED);
    }
}
END_TEST

Suite *event_hash_suite(void) {
    Suite *suite = suite_create("event hash");
    TCase *tcase = tcase_create("event hash");
    tcase_add_test(tcase, every_public_vector_gets_its_hash);
    tcase_add_test(tcase, a_urn_and_its_digital_link_give_one_hash);
    tcase_add_test(tcase, the_order_of_keys_and_of_list_items_changes_nothing);
    tcase_add_test(tcase, event_id_record_time_and_error_declaration_are_no_part_of_the_hash);
    tcase_add_test(tcase, empty_fields_say_nothing);
    tcase_add_test(tcase, bare_words_become_the_vocabulary_in_its_fields_only);
    tcase_add_test(tcase, prefixes_expand_in_keys_and_values_and_unknown_ones_stay);
    tcase_add_test(tcase, extensions_write_arrays_objects_and_empty_values);
    tcase_add_test(tcase, comments_are_left_out_at_any_depth);
    tcase_add_test(tcase, numbers_are_shortest_and_texts_that_are_numbers_too);
    tcase_add_test(tcase, times_are_utc_in_the_standards_fields_and_as_written_elsewhere);
    tcase_add_test(tcase, identifiers_in_extensions_are_canonical_too);
    tcase_add_test(tcase, the_documents_ignore_fields_are_left_out);
    tcase_add_test(tcase, an_events_own_context_wins_over_the_documents);
    tcase_add_test(tcase, an_event_without_a_type_is_refused);
    tcase_add_test(tcase, fields_of_another_shape_are_written_like_extensions);
    tcase_add_test(tcase, a_small_document_cannot_ask_for_a_large_line);
    tcase_add_test(tcase, a_hash_is_read_back_from_its_uri_and_nothing_else_is);
    suite_add_tcase(suite, tcase);
    return suite;
}
