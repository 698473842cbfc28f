// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/query.h"

#include "apps/supplychain/epcis/event_field.h"
#include "tests/unit/supplychain/epcis_suites.h"

struct fixture {
    struct arena arena;
    struct epcis_query query;
    struct epcis_fault fault;
};

static enum status parse_as(struct fixture *f, bool takes_own, const char *const *pairs) {
    struct query_parameter parameters[16];
    size_t count = 0;
    *f = (struct fixture){0};
    const struct query_reading reading = {.arena = &f->arena, .takes_own = takes_own};
    for (; pairs[0]; pairs += 2, count++)
        parameters[count] =
            query_parameter_of(&f->arena, bytes_of_string(pairs[0]), bytes_of_string(pairs[1]));
    return epcis_query_parse(&f->query, &f->fault, &reading, parameters, count);
}
// Names and values in turn, up to a NULL.
static enum status parse(struct fixture *f, const char *const *pairs) {
    return parse_as(f, false, pairs);
}
#define PARSE(f, ...) parse(f, (const char *const[]){__VA_ARGS__, NULL, NULL})

START_TEST(no_parameter_asks_for_the_first_page_of_everything) {
    struct fixture f;
    assert_ok(PARSE(&f, NULL));
    ck_assert_uint_eq(f.query.condition_count, 0);
    ck_assert(f.query.order == ORDER_NONE && !f.query.is_ascending);
    ck_assert(f.query.event_count_limit == 0 && !f.query.has_max_event_count);
    ck_assert_uint_eq(f.query.per_page, QUERY_PAGE_DEFAULT);
    ck_assert_uint_eq(f.query.page_token.len, 0);
    arena_clear(&f.arena);
}
END_TEST

START_TEST(values_are_brought_into_their_one_form) {
    struct fixture f;
    static const char epcs[] =
        "urn:epc:id:sgtin:4012345.011111.9876|urn:epc:idpat:sgtin:4012345.011111.*|"
        "https://e.org/01/4012345111118/21/9876|urn:uuid:1";
    assert_ok(PARSE(&f, "eventType", "ObjectEvent|urn:x:Own", "GE_eventTime",
                    "2024-01-02T03:04:05+01:00", "LT_eventTime", "2024-01-02T03:04:05.0006Z",
                    "perPage", "7", "nextPageToken", "aZ-_09", "MATCH_epc", epcs));
    ck_assert_uint_eq(f.query.condition_count, 4);
    const struct query_condition *types = &f.query.conditions[0];
    ck_assert(types->target == TARGET_EVENT_TYPE && types->test == TEST_ONE_OF);
    ck_assert_uint_eq(types->text_count, 2);
    assert_bytes_equal(types->texts[0].text, bytes_of_string("ObjectEvent"));
    assert_bytes_equal(types->texts[1].text, bytes_of_string("urn:x:Own"));
    const struct query_condition *from = &f.query.conditions[1], *before = &f.query.conditions[2];
    ck_assert(from->target == TARGET_EVENT_TIME && from->test == TEST_GREATER_EQUAL);
    ck_assert_int_eq(from->numbers[0], 1704161045000);
    ck_assert(before->target == TARGET_EVENT_TIME && before->test == TEST_LESS);
    ck_assert_int_eq(before->numbers[0], 1704164645001);
    ck_assert_uint_eq(f.query.per_page, 7);
    assert_bytes_equal(f.query.page_token, bytes_of_string("aZ-_09"));
    const struct query_condition *match = &f.query.conditions[3];
    ck_assert_uint_eq(match->places, 1U << EPC_IN_LIST | 1U << EPC_IN_CHILDREN);
    ck_assert_uint_eq(match->text_count, 3);
    assert_bytes_equal(match->texts[0].text,
                       bytes_of_string("https://id.gs1.org/01/04012345111118/21/"));
    ck_assert(match->texts[0].is_prefix);
    assert_bytes_equal(match->texts[1].text,
                       bytes_of_string("https://id.gs1.org/01/04012345111118/21/9876"));
    ck_assert(!match->texts[1].is_prefix);
    assert_bytes_equal(match->texts[2].text, bytes_of_string("urn:uuid:1"));
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
        const struct query_condition *match = &f.query.conditions[0];
        ck_assert_uint_eq(match->places, cases[i].places);
        assert_bytes_equal(match->texts[0].text,
                           bytes_of_string("https://id.gs1.org/01/04012345123456/10/998877"));
        arena_clear(&f.arena);
    }
}
END_TEST

START_TEST(our_own_list_finds_an_identifier_anywhere) {
    struct fixture f;
    static const char *const own[] = {"identifier", "urn:epc:idpat:sgtin:4012345.011111.*", NULL};
    assert_status(PARSE(&f, "identifier", "urn:a:b"), STATUS_INVALID);
    arena_clear(&f.arena);
    assert_ok(parse_as(&f, true, own));
    const struct query_condition *match = &f.query.conditions[0];
    ck_assert_uint_eq(match->places, 0x1ff);
    ck_assert_uint_eq(match->text_count, 2);
    assert_bytes_equal(match->texts[0].text,
                       bytes_of_string("https://id.gs1.org/01/04012345111118"));
    ck_assert(!match->texts[0].is_prefix && match->texts[1].is_prefix);
    arena_clear(&f.arena);
}
END_TEST

START_TEST(an_attribute_of_an_extension_is_told_from_its_field) {
    static const struct {
        const char *name, *field, *attribute;
    } cases[] = {
        {"EQATTR_gs1:field_cbvmda:site", "https://gs1.org/voc/field", "urn:epcglobal:cbv:mda:site"},
        {"EQATTR_gs1:my_field_cbv:a_b", "https://gs1.org/voc/my_field",
         "https://ref.gs1.org/cbv/a_b"},
        {"EQ_ATTR_gs1:f_gs1:a", "https://gs1.org/voc/f", "https://gs1.org/voc/a"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct fixture f;
        assert_ok(PARSE(&f, cases[i].name, "1"));
        const struct query_condition *condition = &f.query.conditions[0];
        const struct event_extension field = {PART_EVENT, false, bytes_of_string(cases[i].field)};
        ck_assert(condition->target == TARGET_VALUE && condition->test == TEST_ATTRIBUTE);
        ck_assert_int_eq(condition->field, event_field_of_extension(&field));
        assert_bytes_equal(condition->attribute, bytes_of_string(cases[i].attribute));
        arena_clear(&f.arena);
    }
}
END_TEST

START_TEST(a_page_is_cut_to_its_bound) {
    struct fixture f;
    assert_ok(PARSE(&f, "perPage", "99999999999999999999", "EQ_eventType", "ObjectEvent"));
    ck_assert_uint_eq(f.query.per_page, LIMIT_QUERY_PAGE);
    ck_assert_uint_eq(f.query.condition_count, 1);
    arena_clear(&f.arena);
}
END_TEST

START_TEST(what_cannot_be_answered_is_refused_by_name) {
    static const char *const cases[][2] = {
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

// So many values, no two alike.
static void append_values(struct buf *out, int count) {
    for (int i = 0; i < count; i++) buf_append_format(out, "%surn:a:%d", i ? "|" : "", i);
}

START_TEST(lists_values_and_names_are_bounded) {
    struct fixture f;
    struct buf text = {0};
    append_values(&text, LIMIT_QUERY_VALUES);
    const char *list = buf_as_string(&text);
    assert_ok(PARSE(&f, "MATCH_epc", list));
    ck_assert_uint_eq(f.query.conditions[0].text_count, LIMIT_QUERY_VALUES);
    arena_clear(&f.arena);
    _Static_assert(LIMIT_QUERY_TERMS == 5 * LIMIT_QUERY_VALUES, "five lists are all");
    assert_ok(PARSE(&f, "MATCH_epc", list, "MATCH_parentID", list, "MATCH_inputEPC", list,
                    "EQ_deviceID", list, "EQ_readPoint", list));
    ck_assert_uint_eq(f.query.value_count, LIMIT_QUERY_TERMS);
    arena_clear(&f.arena);
    assert_status(PARSE(&f, "MATCH_epc", list, "MATCH_parentID", list, "MATCH_inputEPC", list,
                        "EQ_deviceID", list, "EQ_readPoint", list, "EQ_quantity", "1"),
                  STATUS_TOO_LARGE);
    ck_assert_str_eq(f.fault.pointer, "EQ_quantity");
    arena_clear(&f.arena);
    buf_append_string(&text, "|urn:a:x");
    assert_status(PARSE(&f, "MATCH_epc", buf_as_string(&text)), STATUS_TOO_LARGE);
    arena_clear(&f.arena);
    buf_clear(&text);
}
END_TEST

START_TEST(a_value_and_a_name_are_bounded) {
    static const char *const names[] = {"MATCH_epc", "EQ_stringValue", "EQ_eventID",
                                        "EQ_gs1:x",  "EXISTS_gs1:x",   "GE_quantity"};
    struct fixture f;
    struct buf text = {0};
    buf_append_string(&text, "urn:");
    while (text.len <= LIMIT_QUERY_VALUE_BYTES) buf_append_byte(&text, 'x');
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        assert_status(PARSE(&f, names[i], buf_as_string(&text)), STATUS_TOO_LARGE);
        arena_clear(&f.arena);
    }
    // Nor longer in its one form: a prefix is short for its namespace.
    text.len = 0;
    buf_append_string(&text, "cbvmda:");
    while (text.len < LIMIT_QUERY_VALUE_BYTES) buf_append_byte(&text, 'x');
    assert_status(PARSE(&f, "EQ_uriValue", buf_as_string(&text)), STATUS_TOO_LARGE);
    arena_clear(&f.arena);
    assert_status(PARSE(&f, buf_as_string(&text), "1"), STATUS_INVALID);
    ck_assert_uint_eq(strlen(f.fault.pointer), sizeof(f.fault.pointer) - 1);
    arena_clear(&f.arena);
    buf_reset(&text);
    while (text.len <= 2 * LIMIT_EPCIS_IDENTIFIER_BYTES) buf_append_byte(&text, 'a');
    assert_status(PARSE(&f, "nextPageToken", buf_as_string(&text)), STATUS_TOO_LARGE);
    arena_clear(&f.arena);
    buf_clear(&text);
}
END_TEST

Suite *query_suite(void) {
    Suite *suite = suite_create("query");
    TCase *tcase = tcase_create("query");
    tcase_add_test(tcase, no_parameter_asks_for_the_first_page_of_everything);
    tcase_add_test(tcase, values_are_brought_into_their_one_form);
    tcase_add_test(tcase, each_parameter_looks_in_its_own_places);
    tcase_add_test(tcase, our_own_list_finds_an_identifier_anywhere);
    tcase_add_test(tcase, an_attribute_of_an_extension_is_told_from_its_field);
    tcase_add_test(tcase, a_page_is_cut_to_its_bound);
    tcase_add_test(tcase, what_cannot_be_answered_is_refused_by_name);
    tcase_add_test(tcase, a_parameter_is_given_once);
    tcase_add_test(tcase, lists_values_and_names_are_bounded);
    tcase_add_test(tcase, a_value_and_a_name_are_bounded);
    suite_add_tcase(suite, tcase);
    return suite;
}
