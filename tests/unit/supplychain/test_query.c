// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/query.h"

#include "chaincore/base/limits.h"
#include "tests/unit/supplychain/epcis_suites.h"

struct fixture {
    struct arena arena;
    struct epcis_query query;
    struct epcis_fault fault;
};

// Names and values in turn, up to a NULL.
static enum status parse(struct fixture *f, const char *const *pairs) {
    struct query_parameter parameters[16];
    size_t count = 0;
    for (; pairs[0]; pairs += 2, count++)
        parameters[count] =
            (struct query_parameter){bytes_of_string(pairs[0]), bytes_of_string(pairs[1])};
    *f = (struct fixture){0};
    return epcis_query_parse(&f->query, &f->fault, &f->arena, parameters, count);
}
#define PARSE(f, ...) parse(f, (const char *const[]){__VA_ARGS__, NULL, NULL})

START_TEST(no_parameter_asks_for_the_first_page_of_everything) {
    struct fixture f;
    assert_ok(PARSE(&f, NULL));
    ck_assert_uint_eq(f.query.event_type_count, 0);
    ck_assert_uint_eq(f.query.group_count, 0);
    ck_assert(!f.query.has_time_from && !f.query.has_time_before);
    ck_assert_uint_eq(f.query.per_page, QUERY_PAGE_DEFAULT);
    ck_assert_uint_eq(f.query.page_token.len, 0);
    arena_clear(&f.arena);
}
END_TEST

START_TEST(every_parameter_is_read) {
    struct fixture f;
    static const char epcs[] =
        "urn:epc:id:sgtin:4012345.011111.9876|urn:epc:idpat:sgtin:4012345.011111.*|"
        "https://e.org/01/4012345111118/21/9876|urn:uuid:1";
    assert_ok(PARSE(&f, "eventType", "ObjectEvent|ex:Own", "GE_eventTime",
                    "2024-01-02T03:04:05+01:00", "LT_eventTime", "2024-01-02T03:04:05.0006Z",
                    "perPage", "7", "nextPageToken", "aZ-_09", "MATCH_epc", epcs));
    ck_assert_uint_eq(f.query.event_type_count, 2);
    assert_bytes_equal(f.query.event_types[0], bytes_of_string("ObjectEvent"));
    assert_bytes_equal(f.query.event_types[1], bytes_of_string("ex:Own"));
    ck_assert(f.query.has_time_from && f.query.has_time_before);
    ck_assert_int_eq(f.query.time_from_ms, 1704161045000);
    ck_assert_int_eq(f.query.time_before_ms, 1704164645001);
    ck_assert_uint_eq(f.query.per_page, 7);
    assert_bytes_equal(f.query.page_token, bytes_of_string("aZ-_09"));
    ck_assert_uint_eq(f.query.group_count, 1);
    const struct match_group *group = &f.query.groups[0];
    ck_assert_uint_eq(group->places, 1U << EPC_IN_LIST | 1U << EPC_IN_CHILDREN);
    ck_assert_uint_eq(group->count, 3);
    assert_bytes_equal(group->matches[0].id,
                       bytes_of_string("https://id.gs1.org/01/04012345111118/21/"));
    ck_assert(group->matches[0].is_prefix);
    assert_bytes_equal(group->matches[1].id,
                       bytes_of_string("https://id.gs1.org/01/04012345111118/21/9876"));
    ck_assert(!group->matches[1].is_prefix);
    assert_bytes_equal(group->matches[2].id, bytes_of_string("urn:uuid:1"));
    arena_clear(&f.arena);
}
END_TEST

START_TEST(each_parameter_looks_in_its_own_places) {
    static const struct {
        const char *name;
        unsigned places;
    } cases[] = {{"MATCH_epc", 0x003},           {"MATCH_parentID", 0x004},
                 {"MATCH_inputEPC", 0x008},      {"MATCH_outputEPC", 0x010},
                 {"MATCH_anyEPC", 0x01f},        {"MATCH_epcClass", 0x060},
                 {"MATCH_inputEPCClass", 0x080}, {"MATCH_outputEPCClass", 0x100},
                 {"MATCH_anyEPCClass", 0x1e0}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct fixture f;
        assert_ok(PARSE(&f, cases[i].name, "urn:epc:class:lgtin:4012345.012345.998877"));
        ck_assert_uint_eq(f.query.groups[0].places, cases[i].places);
        assert_bytes_equal(f.query.groups[0].matches[0].id,
                           bytes_of_string("https://id.gs1.org/01/04012345123456/10/998877"));
        arena_clear(&f.arena);
    }
}
END_TEST

START_TEST(our_own_list_finds_an_identifier_anywhere) {
    struct fixture f;
    static const struct query_parameter own[] = {
        {{(const uint8_t *)"identifier", 10},
         {(const uint8_t *)"urn:epc:idpat:sgtin:4012345.011111.*", 36}}};
    assert_status(PARSE(&f, "identifier", "urn:a:b"), STATUS_INVALID);
    arena_clear(&f.arena);
    f = (struct fixture){0};
    assert_ok(epcis_query_parse_own(&f.query, &f.fault, &f.arena, own, 1));
    const struct match_group *group = &f.query.groups[0];
    ck_assert_uint_eq(group->places, 0x1ff);
    ck_assert_uint_eq(group->count, 2);
    assert_bytes_equal(group->matches[0].id,
                       bytes_of_string("https://id.gs1.org/01/04012345111118"));
    ck_assert(!group->matches[0].is_prefix && group->matches[1].is_prefix);
    arena_clear(&f.arena);
}
END_TEST

START_TEST(a_page_is_cut_to_its_bound) {
    struct fixture f;
    assert_ok(PARSE(&f, "perPage", "99999999999999999999", "EQ_eventType", "ObjectEvent"));
    ck_assert_uint_eq(f.query.per_page, LIMIT_QUERY_PAGE);
    ck_assert_uint_eq(f.query.event_type_count, 1);
    arena_clear(&f.arena);
}
END_TEST

START_TEST(what_cannot_be_answered_is_refused_by_name) {
    static const char *const cases[][2] = {
        {"EQ_bizStep", "packing"},
        {"match_epc", "urn:a:b"},
        {"", "x"},
        {"eventType", ""},
        {"eventType", "Object"},
        {"eventType", "ObjectEvent|"},
        {"eventType", "|ObjectEvent"},
        {"eventType", "ObjectEvent||ex:Own"},
        {"MATCH_epc", ""},
        {"MATCH_epc", "|"},
        {"MATCH_epc", " "},
        {"MATCH_epc", "4012345"},
        {"MATCH_epc", "urn:a:b|urn:epc:idpat:sgtin:4012345.*.*"},
        {"MATCH_epc", "urn:epc:idpat:sgln:4012345.00005.*"},
        {"GE_eventTime", "yesterday"},
        {"GE_eventTime", "2024-01-02T03:04:05"},
        {"LT_eventTime", "1704161045000"},
        {"perPage", "0"},
        {"perPage", "-1"},
        {"perPage", "1.5"},
        {"perPage", ""},
        {"nextPageToken", "a b"},
        {"nextPageToken", "a'"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct fixture f;
        ck_assert_msg(PARSE(&f, cases[i][0], cases[i][1]) == STATUS_INVALID, "%s=%s", cases[i][0],
                      cases[i][1]);
        ck_assert_str_eq(f.fault.pointer, cases[i][0]);
        ck_assert_ptr_nonnull(f.fault.reason);
        arena_clear(&f.arena);
    }
}
END_TEST

START_TEST(a_parameter_is_given_once) {
    struct fixture f;
    assert_status(PARSE(&f, "perPage", "1", "perPage", "1"), STATUS_INVALID);
    arena_clear(&f.arena);
    assert_status(PARSE(&f, "eventType", "ObjectEvent", "EQ_eventType", "ObjectEvent"),
                  STATUS_INVALID);
    ck_assert_str_eq(f.fault.pointer, "EQ_eventType");
    arena_clear(&f.arena);
}
END_TEST

START_TEST(lists_values_and_names_are_bounded) {
    struct fixture f;
    struct buf text = {0};
    buf_append_string(&text, "urn:a:0");
    for (int i = 1; i < LIMIT_QUERY_VALUES; i++) buf_append_format(&text, "|urn:a:%d", i);
    assert_ok(PARSE(&f, "MATCH_epc", buf_as_string(&text)));
    ck_assert_uint_eq(f.query.groups[0].count, LIMIT_QUERY_VALUES);
    arena_clear(&f.arena);
    // As many again under another name; then one more is too many.
    assert_ok(PARSE(&f, "MATCH_epc", buf_as_string(&text), "MATCH_parentID", buf_as_string(&text)));
    ck_assert_uint_eq(f.query.match_count, LIMIT_QUERY_MATCHES);
    arena_clear(&f.arena);
    assert_status(PARSE(&f, "MATCH_epc", buf_as_string(&text), "MATCH_parentID",
                        buf_as_string(&text), "MATCH_epcClass", "urn:a:1"),
                  STATUS_TOO_LARGE);
    ck_assert_str_eq(f.fault.pointer, "MATCH_epcClass");
    arena_clear(&f.arena);
    buf_append_string(&text, "|urn:a:x");
    assert_status(PARSE(&f, "MATCH_epc", buf_as_string(&text)), STATUS_TOO_LARGE);
    arena_clear(&f.arena);
    buf_reset(&text);
    buf_append_string(&text, "urn:");
    while (text.len <= LIMIT_QUERY_VALUE_BYTES) buf_append_byte(&text, 'x');
    assert_status(PARSE(&f, "MATCH_epc", buf_as_string(&text)), STATUS_TOO_LARGE);
    arena_clear(&f.arena);
    assert_status(PARSE(&f, "nextPageToken", buf_as_string(&text) + 4), STATUS_TOO_LARGE);
    arena_clear(&f.arena);
    assert_status(PARSE(&f, buf_as_string(&text), "1"), STATUS_INVALID);
    ck_assert_uint_eq(strlen(f.fault.pointer), sizeof(f.fault.pointer) - 1);
    arena_clear(&f.arena);
    buf_clear(&text);
}
END_TEST

Suite *query_suite(void) {
    Suite *suite = suite_create("query");
    TCase *tcase = tcase_create("query");
    tcase_add_test(tcase, no_parameter_asks_for_the_first_page_of_everything);
    tcase_add_test(tcase, every_parameter_is_read);
    tcase_add_test(tcase, each_parameter_looks_in_its_own_places);
    tcase_add_test(tcase, our_own_list_finds_an_identifier_anywhere);
    tcase_add_test(tcase, a_page_is_cut_to_its_bound);
    tcase_add_test(tcase, what_cannot_be_answered_is_refused_by_name);
    tcase_add_test(tcase, a_parameter_is_given_once);
    tcase_add_test(tcase, lists_values_and_names_are_bounded);
    suite_add_tcase(suite, tcase);
    return suite;
}
