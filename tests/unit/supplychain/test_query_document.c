// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/query_document.h"

#include <stdio.h>

#include "apps/supplychain/epcis/document.h"
#include "apps/supplychain/epcis/document_split.h"
#include "tests/support/peak_memory.h"
#include "tests/unit/supplychain/epcis_files.h"
#include "tests/unit/supplychain/epcis_suites.h"

#define URL "\"" EPCIS_CONTEXT_URL "\""
#define EVENT(members)                                                  \
    "{\"type\":\"ObjectEvent\",\"eventTime\":\"2024-01-02T03:04:05Z\"," \
    "\"eventTimeZoneOffset\":\"+01:00\",\"action\":\"OBSERVE\",\"epcList\":[]" members "}"

enum { MAX_EVENTS = 128 };
static const int64_t record_time_ms = 1700000000000;

// Events as an index would keep them.
struct store {
    struct arena arena;
    struct epcis_answer_event events[MAX_EVENTS];
    size_t count;
};

static void store_document(struct store *store, struct bytes text) {
    struct epcis_document document;
    struct epcis_fault fault;
    assert_ok(epcis_document_split(&document, &fault, text));
    for (size_t i = 0; i < document.event_count; i++) {
        ck_assert_uint_lt(store->count, MAX_EVENTS);
        struct epcis_event *event = &document.events[i];
        store->events[store->count++] = (struct epcis_answer_event){
            .source = {.text = arena_copy(&store->arena, event->text),
                       .context = arena_copy(&store->arena, document.context)},
            .record_time_ms = record_time_ms,
            .hash = arena_copy(&store->arena, BYTES_OF(event->hash)).data,
        };
    }
    epcis_document_clear(&document);
}

static void assert_valid(struct bytes answer) {
    static struct epcis_rules *rules;
    struct violations violations = {0};
    struct epcis_acceptance acceptance = {.max_bytes = 1 << 20, .max_events = 1000};
    if (!rules) assert_ok(epcis_rules_open(&rules));
    enum status status = epcis_document_check(&violations, rules, answer, &acceptance);
    ck_assert_msg(status == STATUS_OK, "%s: %s", violations.items[0].pointer,
                  violations.items[0].detail);
    violations_clear(&violations);
}

// The answer is a valid document that says of each event what was stored, under the same hash.
static void assert_faithful(const struct store *store, struct bytes answer) {
    struct epcis_document document;
    struct epcis_fault fault;
    struct buf id = {0};
    assert_valid(answer);
    assert_ok(epcis_document_split(&document, &fault, answer));
    ck_assert_int_eq(document.form, EPCIS_QUERY_DOCUMENT);
    ck_assert_uint_eq(document.event_count, store->count);
    for (size_t i = 0; i < store->count; i++) {
        const struct epcis_event *event = &document.events[i];
        struct epcis_source answered = {event->text, document.context};
        ck_assert_msg(epcis_events_equal(&store->events[i].source, &answered), "%.*s\n%.*s",
                      (int)answered.text.len, (const char *)answered.text.data,
                      (int)store->events[i].source.text.len,
                      (const char *)store->events[i].source.text.data);
        ck_assert_mem_eq(event->hash, store->events[i].hash, EVENT_HASH_SIZE);
        ck_assert_uint_gt(event->id.len, 0);
        assert_bytes_equal(span_member(event->value, "recordTime")->text,
                           bytes_of_string("2023-11-14T22:13:20.000Z"));
    }
    buf_clear(&id);
    epcis_document_clear(&document);
}

static void write_answer(struct buf *out, const struct store *store) {
    struct epcis_answer answer = {
        .events = store->events, .event_count = store->count, .creation_time_ms = record_time_ms};
    assert_ok(epcis_query_document_write(out, &answer));
}

// ---- the public examples

static void answer_example(const char *path, struct bytes text, void *user) {
    struct store alone = {0};
    struct buf answer = {0};
    (void)path;
    store_document(&alone, text);
    write_answer(&answer, &alone);
    assert_faithful(&alone, buf_bytes(&answer));
    store_document(user, text);
    buf_clear(&answer);
    arena_clear(&alone.arena);
}

START_TEST(every_public_example_comes_back_equal_in_meaning) {
    struct store all = {0};
    struct buf answer = {0};
    size_t files = epcis_files_walk("epcis/examples", answer_example, &all);
    if (files == 0) {
        skip_case("the public EPCIS examples are not there");
        return;
    }
    write_answer(&answer, &all);
    assert_faithful(&all, buf_bytes(&answer));
    printf("EPCIS examples: %zu answered alone, their %zu events in one answer of %zu bytes\n",
           files, all.count, answer.len);
    ck_assert_uint_eq(files, 47);
    buf_clear(&answer);
    arena_clear(&all.arena);
}
END_TEST

// ---- contexts

static void store_one(struct store *store, const char *context, const char *event) {
    struct buf text = {0};
    buf_append_format(&text,
                      "{\"@context\":%s,\"type\":\"EPCISDocument\",\"epcisBody\":"
                      "{\"eventList\":[%s]}}",
                      context, event);
    store_document(store, buf_bytes(&text));
    buf_clear(&text);
}

// Checks the answer and leaves its context, and the event's own, as text.
static void answer_contexts(const struct store *store, size_t index, char *of_answer,
                            char *of_event) {
    struct buf answer = {0};
    struct epcis_document document;
    struct epcis_fault fault;
    write_answer(&answer, store);
    assert_faithful(store, buf_bytes(&answer));
    assert_ok(epcis_document_split(&document, &fault, buf_bytes(&answer)));
    const struct json_span *own = span_member(document.events[index].value, "@context");
    snprintf(of_answer, 1024, "%.*s", (int)document.context.len,
             (const char *)document.context.data);
    snprintf(of_event, 1024, "%.*s", own ? (int)own->raw.len : 0,
             own ? (const char *)own->raw.data : "");
    epcis_document_clear(&document);
    buf_clear(&answer);
}

static void assert_contexts(const struct store *store, size_t index, const char *of_answer,
                            const char *of_event) {
    char answer[1024], event[1024];
    answer_contexts(store, index, answer, event);
    ck_assert_str_eq(answer, of_answer);
    ck_assert_str_eq(event, of_event);
}

START_TEST(one_common_context_is_the_answers_as_it_was) {
    struct store store = {0};
    static const char context[] =
        "[ " URL ", \"https://other.org/c\", {\"@vocab\":\"https://v/\"}]";
    store_one(&store, context, EVENT(",\"ex:a\":1"));
    store_one(&store, context, EVENT(",\"@context\":{\"ex\":\"https://e/\"},\"ex:a\":1"));
    assert_contexts(&store, 0, context, "");
    assert_contexts(&store, 1, context, "{\"ex\":\"https://e/\"}");
    arena_clear(&store.arena);
}
END_TEST

START_TEST(definitions_that_agree_are_shared_and_unused_ones_dropped) {
    struct store store = {0};
    store_one(&store, "[" URL ",{\"a\":\"https://a/\",\"unused\":\"https://u/\"}]",
              EVENT(",\"a:x\":1"));
    store_one(&store, "[" URL ",{\"b\":\"https://b/\"},{\"a\":\"https://a/\"}]",
              EVENT(",\"b:x\":\"a:y\""));
    assert_contexts(&store, 0, "[" URL ",{\"a\":\"https://a/\",\"b\":\"https://b/\"}]", "");
    assert_contexts(&store, 1, "[" URL ",{\"a\":\"https://a/\",\"b\":\"https://b/\"}]", "");
    arena_clear(&store.arena);
}
END_TEST

START_TEST(definitions_that_clash_go_into_their_events) {
    struct store store = {0};
    store_one(&store, "[" URL ",{\"a\":\"https://a/\",\"b\":\"https://b/\"}]",
              EVENT(",\"a:x\":1,\"b:x\":2"));
    store_one(&store, "[" URL ",{\"a\":\"https://other/\"}]", EVENT(",\"a:x\":1"));
    store_one(&store, URL, EVENT(",\"readPoint\":{\"id\":\"urn:a:b\"}"));
    assert_contexts(&store, 0, "[" URL ",{\"b\":\"https://b/\"}]", "{\"a\":\"https://a/\"}");
    assert_contexts(&store, 1, "[" URL ",{\"b\":\"https://b/\"}]", "{\"a\":\"https://other/\"}");
    assert_contexts(&store, 2, "[" URL ",{\"b\":\"https://b/\"}]", "");
    arena_clear(&store.arena);
}
END_TEST

START_TEST(a_prefix_that_one_event_leaves_undefined_stays_undefined_for_it) {
    struct store store = {0};
    store_one(&store, "[" URL ",{\"a\":\"https://a/\"}]", EVENT(",\"a:x\":1"));
    store_one(&store, URL, EVENT(",\"a:x\":1"));
    assert_contexts(&store, 0, "[" URL "]", "{\"a\":\"https://a/\"}");
    assert_contexts(&store, 1, "[" URL "]", "");
    arena_clear(&store.arena);
}
END_TEST

START_TEST(a_definition_that_names_a_clashing_one_clashes_too) {
    struct store store = {0};
    store_one(&store, "[" URL ",{\"a\":\"https://a/\",\"c\":{\"@id\":\"a:c\"},\"d\":\"c:d\"}]",
              EVENT(",\"d:x\":1"));
    store_one(&store, "[" URL ",{\"a\":\"https://b/\",\"c\":{\"@id\":\"a:c\"},\"d\":\"c:d\"}]",
              EVENT(",\"d:x\":1"));
    assert_contexts(&store, 0, "[" URL "]",
                    "{\"a\":\"https://a/\",\"c\":{\"@id\":\"a:c\"},\"d\":\"c:d\"}");
    assert_contexts(&store, 1, "[" URL "]",
                    "{\"a\":\"https://b/\",\"c\":{\"@id\":\"a:c\"},\"d\":\"c:d\"}");
    arena_clear(&store.arena);
}
END_TEST

START_TEST(a_context_that_says_more_than_prefixes_goes_whole_into_its_event) {
    struct store store = {0};
    store_one(&store, "[" URL ",{\"a\":\"https://a/\"},\"https://other.org/c\"]",
              EVENT(",\"@context\":[" URL ",{\"b\":\"https://b/\"}],\"a:x\":1,\"b:x\":\"c:x\""));
    store_one(&store, "[" URL ",{\"a\":\"https://a/\",\"c\":\"https://c/\"}]",
              EVENT(",\"a:x\":1,\"c:x\":1"));
    assert_contexts(&store, 0, "[" URL ",{\"a\":\"https://a/\"}]",
                    "[{\"a\":\"https://a/\"},\"https://other.org/c\"," URL
                    ",{\"b\":\"https://b/\"}]");
    assert_contexts(&store, 1, "[" URL ",{\"a\":\"https://a/\"}]", "{\"c\":\"https://c/\"}");
    arena_clear(&store.arena);
}
END_TEST

START_TEST(a_redefinition_keeps_its_place_behind_what_was_defined_before) {
    struct store store = {0};
    store_one(&store, "[" URL ",{\"q\":\"https://q/\",\"p\":{\"@id\":\"q:p\"}}]",
              EVENT(",\"@context\":{\"q\":\"https://r/\"},\"p:x\":1"));
    store_one(&store, "[" URL ",{\"p\":\"https://p/\"},{\"p\":\"https://s/\"}]",
              EVENT(",\"p:x\":1"));
    assert_contexts(&store, 0, "[" URL "]",
                    "[" URL ",{\"q\":\"https://q/\",\"p\":{\"@id\":\"q:p\"}},"
                    "{\"q\":\"https://r/\"}]");
    assert_contexts(&store, 1, "[" URL "]",
                    "[" URL ",{\"p\":\"https://p/\"},{\"p\":\"https://s/\"}]");
    arena_clear(&store.arena);
}
END_TEST

START_TEST(definitions_that_name_agreed_ones_are_shared) {
    struct store store = {0};
    static const char steady[] = "{\"a\":\"https://a/\",\"a:t\":{\"@type\":\"a:n\"}}";
    store_one(&store, "[" URL ",{\"a\":\"https://a/\",\"a:t\":{\"@type\":\"a:n\"}}]",
              EVENT(",\"a:t\":1"));
    store_one(&store, "[" URL ",{\"a:t\":{\"@type\":\"a:n\"}, \"a\":\"https://a/\"}]",
              EVENT(",\"a:t\":1"));
    char context[256];
    snprintf(context, sizeof(context), "[" URL ",%s]", steady);
    assert_contexts(&store, 0, context, "");
    assert_contexts(&store, 1, context, "");
    arena_clear(&store.arena);
}
END_TEST

START_TEST(bare_events_bring_their_context_with_them) {
    struct store store = {0};
    store_document(&store, bytes_of_string(EVENT(",\"@context\":[" URL ",{\"a\":\"https://a/\"}],"
                                                 "\"a:x\":0.10,\"recordTime\":\"2001-01-01T00:"
                                                 "00:00Z\",\"eventID\":\"urn:uuid:1\"")));
    assert_contexts(&store, 0, "[" URL ",{\"a\":\"https://a/\"}]", "");
    arena_clear(&store.arena);
}
END_TEST

START_TEST(an_answer_without_events_is_a_valid_document) {
    struct store store = {0};
    struct buf answer = {0};
    write_answer(&answer, &store);
    assert_faithful(&store, buf_bytes(&answer));
    buf_clear(&answer);
}
END_TEST

START_TEST(numbers_and_texts_are_written_as_they_were) {
    struct store store = {0};
    struct buf answer = {0};
    store_one(&store, URL, EVENT(",\"urn:x:a\": [ 0.10, 1e2, \"\\u00e9\\/\", \"\\\"\" ]"));
    write_answer(&answer, &store);
    assert_faithful(&store, buf_bytes(&answer));
    ck_assert_ptr_nonnull(
        strstr(buf_as_string(&answer), "\"urn:x:a\":[0.10,1e2,\"\\u00e9\\/\",\"\\\"\"]"));
    buf_clear(&answer);
    arena_clear(&store.arena);
}
END_TEST

START_TEST(damaged_stored_texts_are_reported) {
    static const char *const damaged[][2] = {
        {"{\"type\":", URL}, {"[]", URL}, {EVENT(""), "["}, {EVENT(""), "7"}, {"", ""}};
    for (size_t i = 0; i < sizeof(damaged) / sizeof(*damaged); i++) {
        struct buf out = {0};
        uint8_t hash[EVENT_HASH_SIZE] = {0};
        struct epcis_answer_event event = {
            .source = {bytes_of_string(damaged[i][0]), bytes_of_string(damaged[i][1])},
            .hash = hash};
        struct epcis_answer answer = {.events = &event, .event_count = 1};
        assert_status(epcis_query_document_write(&out, &answer), STATUS_CORRUPT);
        ck_assert_uint_eq(out.len, 0);
        ck_assert(!epcis_events_equal(&event.source, &event.source));
        buf_clear(&out);
    }
}
END_TEST

// An event of so many values, under a context of its own or under one that all share.
static void store_many_values(struct store *store, int values, bool shares_context) {
    struct buf event = {0};
    char context[256];
    snprintf(context, sizeof(context), "[" URL ",{\"ex\":\"https://e/\",\"x%zu\":\"https://x/\"}]",
             shares_context ? 0 : store->count);
    buf_append_string(&event, EVENT(",\"ex:a\":["));
    event.len -= 1; // its last brace
    for (int i = 0; i < values; i++) buf_append_string(&event, i ? ",0" : "0");
    buf_append_string(&event, "]}");
    store_one(store, context, buf_as_string(&event));
    buf_clear(&event);
}

static size_t memory_to_answer(size_t events, bool shares_context) {
    struct store store = {0};
    struct buf answer = {0};
    for (size_t i = 0; i < events; i++) store_many_values(&store, 100000, shares_context);
    buf_reserve(&answer, events * 300000);
    peak_memory_begin();
    write_answer(&answer, &store);
    size_t needed = peak_memory();
    buf_clear(&answer);
    arena_clear(&store.arena);
    return needed;
}

START_TEST(an_answer_of_many_large_events_needs_the_memory_of_one) {
    bool shares_context = _i;
    size_t of_one = memory_to_answer(1, shares_context);
    size_t of_all = memory_to_answer(12, shares_context);
    ck_assert_uint_gt(of_one, 100000 * sizeof(struct json_span)); // it is counted
    ck_assert_msg(of_all < 2 * of_one, "%zu for one, %zu for twelve", of_one, of_all);
}
END_TEST

// ---- equality

static bool are_equal(const char *context_a, const char *event_a, const char *context_b,
                      const char *event_b) {
    struct epcis_source a = {bytes_of_string(event_a), bytes_of_string(context_a)};
    struct epcis_source b = {bytes_of_string(event_b), bytes_of_string(context_b)};
    return epcis_events_equal(&a, &b) && epcis_events_equal(&b, &a);
}

START_TEST(equal_events_may_be_written_differently) {
    ck_assert(are_equal("[" URL ",{\"a\":\"https://x/\"}]", "{\"a:x\":1.0,\"b\":[\"a:y\",true]}",
                        "[" URL ",{\"c\":\"https://x/\"}]", "{ \"b\":[\"c:y\",true], \"c:x\":1 }"));
    ck_assert(are_equal("[\"urn:a:b\",\"urn:a:c\",\"urn:a:b\"]", "{\"a\":1}",
                        "[" URL ",\"urn:a:c\"]", "{\"@context\":\"urn:a:b\",\"a\":1}"));
    ck_assert(are_equal(URL, "{\"a\":1,\"eventID\":\"urn:a:b\",\"recordTime\":\"x\"}", "",
                        "{\"@context\":" URL ",\"a\":1}"));
}
END_TEST

START_TEST(events_that_say_something_else_are_not_equal) {
    static const char context[] = "[" URL ",{\"a\":\"https://x/\"}]";
    ck_assert(!are_equal(context, "{\"a:x\":1}", context, "{\"a:x\":2}"));
    ck_assert(!are_equal(context, "{\"a:x\":1}", context, "{\"a:x\":\"1\"}"));
    ck_assert(!are_equal(context, "{\"a:x\":1}", context, "{\"a:x\":1,\"b\":null}"));
    ck_assert(!are_equal(context, "{\"a:x\":[1,2]}", context, "{\"a:x\":[2,1]}"));
    ck_assert(!are_equal(context, "{\"a:x\":true}", context, "{\"a:x\":false}"));
    ck_assert(
        !are_equal(context, "{\"a:x\":1}", "[" URL ",{\"a\":\"https://y/\"}]", "{\"a:x\":1}"));
    ck_assert(!are_equal(context, "{\"a:x\":1}", URL, "{\"a:x\":1}"));
    ck_assert(!are_equal(context, "{\"b\":1}", "[" URL ",\"https://other/\"]", "{\"b\":1}"));
    ck_assert(
        !are_equal("[" URL ",{\"a:x\":{\"@type\":\"@id\"}}]", "{\"a:x\":1}", URL, "{\"a:x\":1}"));
    ck_assert(!are_equal(URL, "{\"eventID\":\"urn:a:b\"}", URL, "{\"eventID\":\"urn:a:c\"}"));
}
END_TEST

Suite *query_document_suite(void) {
    Suite *suite = suite_create("query document");
    TCase *tcase = tcase_create("query document");
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, every_public_example_comes_back_equal_in_meaning);
    tcase_add_test(tcase, one_common_context_is_the_answers_as_it_was);
    tcase_add_test(tcase, definitions_that_agree_are_shared_and_unused_ones_dropped);
    tcase_add_test(tcase, definitions_that_clash_go_into_their_events);
    tcase_add_test(tcase, a_prefix_that_one_event_leaves_undefined_stays_undefined_for_it);
    tcase_add_test(tcase, a_definition_that_names_a_clashing_one_clashes_too);
    tcase_add_test(tcase, a_context_that_says_more_than_prefixes_goes_whole_into_its_event);
    tcase_add_test(tcase, a_redefinition_keeps_its_place_behind_what_was_defined_before);
    tcase_add_test(tcase, definitions_that_name_agreed_ones_are_shared);
    tcase_add_test(tcase, bare_events_bring_their_context_with_them);
    tcase_add_test(tcase, an_answer_without_events_is_a_valid_document);
    tcase_add_test(tcase, numbers_and_texts_are_written_as_they_were);
    tcase_add_test(tcase, damaged_stored_texts_are_reported);
    tcase_add_loop_test(tcase, an_answer_of_many_large_events_needs_the_memory_of_one, 0, 2);
    tcase_add_test(tcase, equal_events_may_be_written_differently);
    tcase_add_test(tcase, events_that_say_something_else_are_not_equal);
    suite_add_tcase(suite, tcase);
    return suite;
}
