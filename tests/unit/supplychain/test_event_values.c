// SPDX-License-Identifier: Apache-2.0
// What events can be asked for: units, words in all their forms, and the values of an event.
#include "apps/supplychain/epcis/event_values.h"

#include <math.h>

#include "apps/supplychain/epcis/scalar.h"
#include "apps/supplychain/epcis/unit.h"
#include "apps/supplychain/epcis/vocabulary.h"
#include "chaincore/base/limits.h"
#include "tests/unit/supplychain/epcis_suites.h"

// ---- units

static double converted(const char *code, double value) {
    const struct unit *unit = unit_find(bytes_of_string(code));
    ck_assert_msg(unit != NULL, "%s", code);
    return unit_convert(unit, value);
}

START_TEST(one_amount_in_different_units_is_equal) {
    static const struct {
        const char *code;
        double value;
        const char *other;
        double other_value;
    } cases[] = {{"CEL", 10, "FAH", 50},
                 {"CEL", -40, "FAH", -40},
                 {"CEL", 26.3, "KEL", 299.45},
                 {"CEL", 0.1, "KEL", 273.25},
                 {"FAH", 98.6, "CEL", 37},
                 {"KGM", 0.1, "GRM", 100},
                 {"LBR", 1, "ONZ", 16},
                 {"LBR", 1, "GRM", 453.59237},
                 {"MTR", 1.1, "MMT", 1100},
                 {"INH", 12, "FOT", 1},
                 {"SMI", 1, "FOT", 5280},
                 {"KMH", 36, "MTS", 10},
                 {"KNT", 1, "KMH", 1.852},
                 {"LTR", 0.7, "MLT", 700},
                 {"GLL", 1, "OZA", 128},
                 {"BAR", 1.013, "A97", 1013},
                 {"ATM", 1, "UA", 760},
                 {"KWH", 1, "3B", 3.6},
                 {"DD", 180, "C81", 3.1415926535898},
                 {"RPM", 60, "RPS", 1},
                 {"P1", 50, "C62", 0.5},
                 {"59", 1, "61", 1000},
                 {"HUR", 1.5, "MIN", 90}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct unit *one = unit_find(bytes_of_string(cases[i].code));
        const struct unit *other = unit_find(bytes_of_string(cases[i].other));
        ck_assert_str_eq(one->kind, other->kind);
        double a = converted(cases[i].code, cases[i].value);
        double b = converted(cases[i].other, cases[i].other_value);
        ck_assert_msg(a == b, "%g %s is %.17g, %g %s %.17g", cases[i].value, cases[i].code, a,
                      cases[i].other_value, cases[i].other, b);
    }
}
END_TEST

START_TEST(a_kinds_own_unit_changes_no_digit) {
    ck_assert(converted("KEL", 1.2345678901234567e-7) == 1.2345678901234567e-7);
    ck_assert(converted("MTR", 9007199254740991) == 9007199254740991);
    ck_assert(converted("GRM", 0) == 0 && converted("CEL", -273.15) == 0);
}
END_TEST

START_TEST(a_difference_has_no_zero_point) {
    const struct unit *celsius = unit_find(bytes_of_string("CEL")),
                      *fahrenheit = unit_find(bytes_of_string("FAH"));
    ck_assert(unit_convert_difference(celsius, 5) == 5);
    ck_assert(unit_convert_difference(fahrenheit, 9) == 5);
    ck_assert(event_field_convert(FIELD_STANDARD_DEVIATION, bytes_of_string("FAH"), 5.4) == 3);
    ck_assert(event_field_convert(FIELD_VALUE, bytes_of_string("FAH"), 50) == 283.15);
}
END_TEST

START_TEST(conversion_keeps_the_order) {
    static const char *const codes[] = {"CEL", "FAH", "GRM", "KMH", "UA", "DD"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        for (int tenths = -1000; tenths < 1000; tenths++)
            ck_assert_msg(converted(codes[i], tenths / 10.0) <
                              converted(codes[i], (tenths + 1) / 10.0),
                          "%s %d", codes[i], tenths);
}
END_TEST

START_TEST(an_unknown_unit_measures_only_itself) {
    ck_assert_ptr_null(unit_find(bytes_of_string("XYZ")));
    ck_assert_ptr_null(unit_find(bytes_of_string("")));
    ck_assert_ptr_null(unit_find(bytes_of_string("cel")));
    int64_t unknown = event_field_in_unit(FIELD_VALUE, bytes_of_string("XYZ"));
    ck_assert(unknown != event_field_in_unit(FIELD_VALUE, bytes_of_string("XYA")));
    ck_assert(event_field_in_unit(FIELD_VALUE, bytes_of_string("CEL")) ==
              event_field_in_unit(FIELD_VALUE, bytes_of_string("FAH")));
    ck_assert(event_field_in_unit(FIELD_VALUE, bytes_of_string("CEL")) !=
              event_field_in_unit(FIELD_MIN_VALUE, bytes_of_string("CEL")));
    // The name of a kind is no unit.
    ck_assert(event_field_in_unit(FIELD_VALUE, bytes_of_string("temperature")) !=
              event_field_in_unit(FIELD_VALUE, bytes_of_string("CEL")));
}
END_TEST

// ---- numbers and dates

START_TEST(integers_sort_as_their_doubles_do) {
    static const double rising[] = {-1e308, -2.5, -1,  -1e-300, 0, 5e-324,
                                    1e-300, 0.1,  0.2, 1,       2, 1e308};
    for (size_t i = 1; i < sizeof rising / sizeof *rising; i++)
        ck_assert(scalar_sortable(rising[i - 1]) < scalar_sortable(rising[i]));
    ck_assert(scalar_sortable(-0.0) == scalar_sortable(0.0));
}
END_TEST

START_TEST(a_date_is_its_first_moment) {
    int64_t date, time;
    assert_ok(scalar_read_date(&date, bytes_of_string("2024-02-29")));
    assert_ok(scalar_read_time(&time, bytes_of_string("2024-02-29T00:00:00Z")));
    ck_assert_int_eq(date, time);
    static const char *const bad[] = {"",           "2024-02-30",  "2023-02-29",
                                      "2024-2-9",   "2024-02-29Z", "20240229",
                                      "2024-13-01", "2024-00-01"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_status(scalar_read_date(&date, bytes_of_string(bad[i])), STATUS_MALFORMED);
}
END_TEST

// ---- words

static void assert_value(enum vocabulary vocabulary, const char *text, const char *wanted) {
    struct buf out = {0};
    struct epcis_context context = {0};
    vocabulary_append_value(&out, vocabulary, bytes_of_string(text), &context);
    ck_assert_msg(bytes_equal(buf_bytes(&out), bytes_of_string(wanted)), "%s: %s", text,
                  buf_as_string(&out));
    buf_clear(&out);
}

START_TEST(a_word_has_one_form) {
    static const char *const shipping[] = {"shipping",
                                           " shipping\t",
                                           "urn:epcglobal:cbv:bizstep:shipping",
                                           "cbv:BizStep-shipping",
                                           "https://ref.gs1.org/cbv/BizStep-shipping",
                                           "https://ns.gs1.org/cbv/BizStep-shipping"};
    for (size_t i = 0; i < sizeof shipping / sizeof *shipping; i++)
        assert_value(VOCABULARY_BIZ_STEP, shipping[i], "https://ref.gs1.org/cbv/BizStep-shipping");
    assert_value(VOCABULARY_DISPOSITION, "active", "https://ref.gs1.org/cbv/Disp-active");
    assert_value(VOCABULARY_ERROR_REASON, "did_not_occur",
                 "https://ref.gs1.org/cbv/ER-did_not_occur");
    assert_value(VOCABULARY_TRANSACTION, "po", "https://ref.gs1.org/cbv/BTT-po");
    assert_value(VOCABULARY_SOURCE, "location", "https://ref.gs1.org/cbv/SDT-location");
    static const char *const temperature[] = {"Temperature", "gs1:Temperature",
                                              "https://www.gs1.org/voc/Temperature"};
    for (size_t i = 0; i < sizeof temperature / sizeof *temperature; i++)
        assert_value(VOCABULARY_MEASUREMENT, temperature[i], "https://gs1.org/voc/Temperature");
    assert_value(VOCABULARY_ACTION, "ADD", "ADD");
    assert_value(VOCABULARY_NONE, "urn:epc:id:sgln:0614141.07346.0",
                 "https://id.gs1.org/414/0614141073467");
    assert_value(VOCABULARY_NONE, "urn:example:x", "urn:example:x");
}
END_TEST

START_TEST(words_are_known_and_have_a_short_form) {
    for (enum vocabulary v = VOCABULARY_ACTION; v <= VOCABULARY_MEASUREMENT; v++) {
        const struct vocabulary_words *words = vocabulary_words(v);
        for (size_t i = 0; i < words->count; i++) {
            struct bytes word = bytes_of_string(words->words[i]);
            struct buf whole = {0};
            struct epcis_context context = {0};
            ck_assert_msg(vocabulary_has(v, word), "%s", words->words[i]);
            vocabulary_append_value(&whole, v, word, &context);
            assert_bytes_equal(vocabulary_short_form(v, buf_bytes(&whole)), word);
            buf_clear(&whole);
        }
    }
    ck_assert(!vocabulary_has(VOCABULARY_BIZ_STEP, bytes_of_string("active")));
    ck_assert(!vocabulary_has(VOCABULARY_NONE, bytes_of_string("shipping")));
    struct bytes own = bytes_of_string("https://ref.gs1.org/cbv/BizStep-own");
    assert_bytes_equal(vocabulary_short_form(VOCABULARY_BIZ_STEP, own), own);
}
END_TEST

// ---- events

struct fixture {
    struct epcis_document document;
    struct arena arena;
    struct event_values values;
};

static void collect(struct fixture *f, const char *members) {
    struct buf text = {0};
    struct epcis_fault fault;
    *f = (struct fixture){0};
    buf_append_format(&text,
                      "{\"@context\":{\"ex\":\"https://e.org/\"},\"type\":\"ObjectEvent\","
                      "\"eventTime\":\"2024-01-02T03:04:05Z\",%s}",
                      members);
    struct bytes kept = arena_copy(&f->arena, buf_bytes(&text));
    buf_clear(&text);
    assert_ok(epcis_document_split(&f->document, &fault, kept));
    event_values_collect(&f->values, &f->arena, &f->document.events[0]);
}

static void end(struct fixture *f) {
    epcis_document_clear(&f->document);
    arena_clear(&f->arena);
}

static const struct event_value *find(const struct fixture *f, int64_t field, const char *text) {
    for (size_t i = 0; i < f->values.count; i++)
        if (f->values.items[i].field == field &&
            (!text || bytes_equal(f->values.items[i].text, bytes_of_string(text))))
            return &f->values.items[i];
    return NULL;
}

static size_t count(const struct fixture *f, int64_t field) {
    size_t found = 0;
    for (size_t i = 0; i < f->values.count; i++) found += f->values.items[i].field == field;
    return found;
}

static int64_t extension(enum event_part part, bool is_inner, const char *name) {
    return event_field_of_extension(
        &(struct event_extension){part, is_inner, bytes_of_string(name)});
}

START_TEST(fields_of_their_own_are_in_their_one_form) {
    struct fixture f;
    collect(&f, "\"action\":\"ADD\",\"bizStep\":\"shipping\","
                "\"disposition\":\"urn:epcglobal:cbv:disp:in_transit\","
                "\"readPoint\":{\"id\":\"urn:epc:id:sgln:0614141.07346.0\"},"
                "\"bizLocation\":{\"id\":\"ex:here\"}");
    assert_bytes_equal(f.values.type, bytes_of_string("ObjectEvent"));
    assert_bytes_equal(f.values.action, bytes_of_string("ADD"));
    assert_bytes_equal(f.values.biz_step,
                       bytes_of_string("https://ref.gs1.org/cbv/BizStep-shipping"));
    assert_bytes_equal(f.values.disposition,
                       bytes_of_string("https://ref.gs1.org/cbv/Disp-in_transit"));
    assert_bytes_equal(f.values.read_point,
                       bytes_of_string("https://id.gs1.org/414/0614141073467"));
    assert_bytes_equal(f.values.biz_location, bytes_of_string("https://e.org/here"));
    ck_assert_uint_eq(f.values.count, 0);
    end(&f);
}
END_TEST

START_TEST(lists_of_pairs_are_kept_by_type) {
    struct fixture f;
    collect(&f, "\"bizTransactionList\":[{\"type\":\"po\",\"bizTransaction\":\"urn:a:1\"},"
                "{\"type\":\"ex:own\",\"bizTransaction\":\"urn:a:2\"},"
                "{\"bizTransaction\":\"urn:a:3\"}],"
                "\"sourceList\":[{\"type\":\"location\",\"source\":\"urn:a:4\"}],"
                "\"destinationList\":[{\"type\":\"location\",\"destination\":\"urn:a:5\"}]");
    struct bytes po = bytes_of_string("https://ref.gs1.org/cbv/BTT-po"),
                 own = bytes_of_string("https://e.org/own"),
                 place = bytes_of_string("https://ref.gs1.org/cbv/SDT-location");
    ck_assert_ptr_nonnull(find(&f, event_field_of_type(FIELD_BIZ_TRANSACTION, po), "urn:a:1"));
    ck_assert_ptr_nonnull(find(&f, event_field_of_type(FIELD_BIZ_TRANSACTION, own), "urn:a:2"));
    ck_assert_ptr_nonnull(find(&f, event_field_of_type(FIELD_SOURCE, place), "urn:a:4"));
    ck_assert_ptr_nonnull(find(&f, event_field_of_type(FIELD_DESTINATION, place), "urn:a:5"));
    ck_assert_uint_eq(f.values.count, 4);
    end(&f);
}
END_TEST

START_TEST(measured_values_are_kept_in_the_unit_of_their_kind) {
    struct fixture f;
    collect(&f, "\"quantityList\":[{\"epcClass\":\"urn:a:b\",\"quantity\":2,\"uom\":\"KGM\"},"
                "{\"epcClass\":\"urn:a:c\",\"quantity\":5}],"
                "\"sensorElementList\":[{\"sensorMetadata\":{\"deviceID\":\"urn:d:1\","
                "\"startTime\":\"2024-01-01T00:00:00+01:00\"},"
                "\"sensorReport\":[{\"type\":\"Temperature\",\"value\":10.0,\"uom\":\"CEL\","
                "\"minValue\":3,\"percRank\":99.5,\"booleanValue\":false,"
                "\"hexBinaryValue\":\"c0de\",\"stringValue\":\" as is \"}]}]");
    const struct event_value *value =
        find(&f, event_field_in_unit(FIELD_VALUE, bytes_of_string("FAH")), NULL);
    ck_assert_int_eq(value->number, scalar_sortable(283.15));
    ck_assert(value->has_number && !value->has_time && !value->text.data);
    ck_assert_ptr_nonnull(
        find(&f, event_field_in_unit(FIELD_MIN_VALUE, bytes_of_string("KEL")), NULL));
    ck_assert_int_eq(find(&f, FIELD_PERC_RANK, NULL)->number, scalar_sortable(99.5));
    ck_assert_uint_eq(count(&f, FIELD_QUANTITY), 2);
    ck_assert_uint_eq(count(&f, event_field_in_unit(FIELD_QUANTITY, bytes_of_string("GRM"))), 1);
    ck_assert_ptr_nonnull(find(&f, FIELD_SENSOR_ELEMENTS, ""));
    ck_assert_ptr_nonnull(find(&f, FIELD_SENSOR_TYPE, "https://gs1.org/voc/Temperature"));
    ck_assert_ptr_nonnull(find(&f, FIELD_DEVICE_ID, "urn:d:1"));
    ck_assert_ptr_nonnull(find(&f, FIELD_BOOLEAN_VALUE, "false"));
    ck_assert_ptr_nonnull(find(&f, FIELD_HEX_BINARY_VALUE, "C0DE"));
    ck_assert_ptr_nonnull(find(&f, FIELD_STRING_VALUE, " as is "));
    ck_assert_int_eq(find(&f, FIELD_START_TIME, NULL)->time_ms, 1704063600000);
    end(&f);
}
END_TEST

START_TEST(extensions_are_kept_by_part_depth_and_type) {
    struct fixture f;
    collect(&f, "\"ex:n\":7.50,\"ex:t\":\"2024-01-01T01:00:00+01:00\",\"ex:s\":\"7.50\","
                "\"ex:b\":true,\"ex:o\":{\"in\":\"x\",\"ex:deep\":{\"ex:er\":3}},"
                "\"ex:l\":[3,1,2,1],\"ex:none\":null,\"ex:empty\":\"\",\"ex:hollow\":{},"
                "\"ilmd\":{\"ex:n\":1,\"ex:day\":\"2024-05-06\"},"
                "\"errorDeclaration\":{\"declarationTime\":\"2024-01-01T00:00:00Z\",\"ex:n\":2},"
                "\"readPoint\":{\"id\":\"urn:a:b\",\"ex:n\":3}");
    const struct event_value *number =
        find(&f, extension(PART_EVENT, false, "https://e.org/n"), NULL);
    assert_bytes_equal(number->text, bytes_of_string("7.5"));
    ck_assert_int_eq(number->number, scalar_sortable(7.5));
    const struct event_value *time =
        find(&f, extension(PART_EVENT, false, "https://e.org/t"), "2024-01-01T00:00:00.000Z");
    ck_assert(time->has_time && time->time_ms == 1704067200000);
    // A string is no number.
    ck_assert(!find(&f, extension(PART_EVENT, false, "https://e.org/s"), "7.50")->has_number);
    ck_assert_ptr_nonnull(find(&f, extension(PART_EVENT, false, "https://e.org/b"), "true"));
    ck_assert_ptr_nonnull(find(&f, extension(PART_EVENT, false, "https://e.org/o"), ""));
    ck_assert_ptr_nonnull(find(&f, extension(PART_EVENT, true, "in"), "x"));
    ck_assert_ptr_nonnull(find(&f, extension(PART_EVENT, true, "https://e.org/deep"), ""));
    ck_assert_ptr_nonnull(find(&f, extension(PART_EVENT, true, "https://e.org/er"), "3"));
    ck_assert_uint_eq(count(&f, extension(PART_EVENT, false, "https://e.org/l")), 3);
    ck_assert(find(&f, extension(PART_EVENT, false, "https://e.org/l"), "3")->is_first);
    ck_assert(!find(&f, extension(PART_EVENT, false, "https://e.org/l"), "1")->is_first);
    static const char *const hollow[] = {"https://e.org/none", "https://e.org/empty",
                                         "https://e.org/hollow"};
    for (size_t i = 0; i < 3; i++)
        ck_assert_uint_eq(count(&f, extension(PART_EVENT, false, hollow[i])), 0);
    ck_assert_ptr_nonnull(find(&f, extension(PART_ILMD, false, "https://e.org/n"), "1"));
    ck_assert(find(&f, extension(PART_ILMD, false, "https://e.org/day"), "2024-05-06")->has_time);
    ck_assert_ptr_nonnull(
        find(&f, extension(PART_ERROR_DECLARATION, false, "https://e.org/n"), "2"));
    ck_assert_ptr_nonnull(find(&f, extension(PART_READ_POINT, false, "https://e.org/n"), "3"));
    end(&f);
}
END_TEST

START_TEST(what_is_longer_than_any_query_is_cut_behind_it) {
    struct fixture f;
    struct buf members = {0};
    buf_append_string(&members, "\"ex:s\":\"");
    for (int i = 0; i < LIMIT_QUERY_VALUE_BYTES; i++) buf_append_string(&members, "\xc3\xa9");
    buf_append_byte(&members, '"');
    collect(&f, buf_as_string(&members));
    // Two bytes a character: none is cut through.
    ck_assert_uint_eq(f.values.items[0].text.len, LIMIT_QUERY_VALUE_BYTES + 2);
    buf_clear(&members);
    end(&f);
}
END_TEST

Suite *event_values_suite(void) {
    Suite *suite = suite_create("event values");
    TCase *cases = tcase_create("event values");
    tcase_add_test(cases, one_amount_in_different_units_is_equal);
    tcase_add_test(cases, a_kinds_own_unit_changes_no_digit);
    tcase_add_test(cases, a_difference_has_no_zero_point);
    tcase_add_test(cases, conversion_keeps_the_order);
    tcase_add_test(cases, an_unknown_unit_measures_only_itself);
    tcase_add_test(cases, integers_sort_as_their_doubles_do);
    tcase_add_test(cases, a_date_is_its_first_moment);
    tcase_add_test(cases, a_word_has_one_form);
    tcase_add_test(cases, words_are_known_and_have_a_short_form);
    tcase_add_test(cases, fields_of_their_own_are_in_their_one_form);
    tcase_add_test(cases, lists_of_pairs_are_kept_by_type);
    tcase_add_test(cases, measured_values_are_kept_in_the_unit_of_their_kind);
    tcase_add_test(cases, extensions_are_kept_by_part_depth_and_type);
    tcase_add_test(cases, what_is_longer_than_any_query_is_cut_behind_it);
    suite_add_tcase(suite, cases);
    return suite;
}
