// SPDX-License-Identifier: Apache-2.0
// What the public test suite (tests/vectors) does not look at: places, rules and sentences of
// violations, bounds, what is refused when compiled.
#include "apps/common/json/schema.h"
#include "tests/support/unit.h"
#include "tests/unit/json/suites.h"

static json_t *parsed(const char *text) {
    json_t *json;
    assert_ok(json_parse(&json, NULL, bytes_of_string(text), 1 << 20));
    return json;
}

static struct schema *compiled(const char *text) {
    struct schema *schema;
    struct schema_fault fault = {0};
    struct schema_options options = {.asserts_formats = true};
    json_t *json = parsed(text);
    enum status status = schema_compile(&schema, &fault, json, &options);
    ck_assert_msg(status == STATUS_OK, "%s", fault.text);
    json_decref(json);
    return schema;
}

static void assert_violation(const char *schema_text, const char *value_text,
                             struct violation expected) {
    struct schema *schema = compiled(schema_text);
    json_t *value = parsed(value_text);
    struct violations violations = {0};
    assert_status(schema_validate(schema, &violations, value), STATUS_INVALID);
    ck_assert_uint_eq(violations.count, 1);
    ck_assert_str_eq(violations.items[0].pointer, expected.pointer);
    ck_assert_str_eq(violations.items[0].rule, expected.rule);
    ck_assert_str_eq(violations.items[0].detail, expected.detail);
    violations_clear(&violations);
    json_decref(value);
    schema_close(schema);
}

START_TEST(a_violation_names_place_rule_and_reason) {
    static const struct {
        const char *schema, *value;
        struct violation violation;
    } cases[] = {
        {"{\"type\":[\"string\",\"null\"]}",
         "1.5",
         {"", "#/type", "1.5 is not of type null or string"}},
        {"{\"properties\":{\"a/b\":{\"items\":{\"enum\":[\"x\",\"y\"]}}}}",
         "{\"a/b\":[\"x\",\"z\"]}",
         {"/a~1b/1", "#/properties/a~1b/items/enum", "\"z\" is none of \"x\", \"y\""}},
        {"{\"const\":{}}", "[]", {"", "#/const", "an array is not an object"}},
        {"{\"required\":[\"a\"]}", "{}", {"", "#/required", "\"a\" is missing"}},
        {"{\"maximum\":0.1}", "0.2", {"", "#/maximum", "0.2 is above 0.1"}},
        {"{\"exclusiveMinimum\":1}", "1", {"", "#/exclusiveMinimum", "1 is not above 1"}},
        {"{\"multipleOf\":2}", "3", {"", "#/multipleOf", "3 is no multiple of 2"}},
        {"{\"minLength\":2}",
         "\"é\"",
         {"", "#/minLength", "there are 1 characters, not at least 2"}},
        {"{\"maxItems\":0}", "[1]", {"", "#/maxItems", "there are 1 items, not at most 0"}},
        {"{\"title\":\"a URI\",\"format\":\"uri\"}",
         "\"x\"",
         {"", "#/format", "\"x\" is no uri; expected is a URI"}},
        {"{\"pattern\":\"^a\"}", "\"b\"", {"", "#/pattern", "\"b\" does not match ^a"}},
        {"{\"uniqueItems\":true}", "[1,2,1.0]", {"", "#/uniqueItems", "items 0 and 2 are equal"}},
        {"{\"additionalProperties\":false}",
         "{\"x\":1}",
         {"/x", "#/additionalProperties", "\"x\" is not allowed here"}},
        {"{\"propertyNames\":{\"title\":\"short names\",\"maxLength\":1}}",
         "{\"xy\":1}",
         {"/xy", "#/propertyNames", "the name \"xy\" is not allowed here, only short names"}},
        {"{\"dependencies\":{\"a\":[\"b\"]}}",
         "{\"a\":1}",
         {"", "#/dependencies", "\"a\" stands without \"b\""}},
        {"{\"title\":\"this or that\",\"anyOf\":[{\"const\":1},{\"const\":2}]}",
         "3",
         {"", "#/anyOf", "3 fits none of the 2 alternatives; expected is this or that"}},
        {"{\"oneOf\":[{},{}]}", "3", {"", "#/oneOf", "3 fits more than one of the alternatives"}},
        {"{\"not\":{\"title\":\"forbidden\"}}", "3", {"", "#/not", "3 is forbidden"}},
        {"{\"contains\":{\"title\":\"a one\",\"const\":1}}",
         "[2]",
         {"", "#/contains", "no item is what one of them has to be: a one"}},
        {"{\"if\":{\"type\":\"string\"},\"then\":{\"maxLength\":1}}",
         "\"ab\"",
         {"", "#/then/maxLength", "there are 2 characters, not at most 1"}},
        {"{\"items\":{\"$ref\":\"#/definitions/x\"},\"definitions\":{\"x\":false}}",
         "[0]",
         {"/0", "#/definitions/x", "0 is not allowed here"}},
        {"{\"$ref\":\"http://json-schema.org/draft-07/schema#\"}",
         "{\"minLength\":-1}",
         {"/minLength", "http://json-schema.org/draft-07/schema#/definitions/count/minimum",
          "-1 is below 0"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_violation(cases[i].schema, cases[i].value, cases[i].violation);
    }
}
END_TEST

START_TEST(all_violations_are_found_or_as_many_as_wanted) {
    struct schema *schema = compiled("{\"required\":[\"a\",\"b\"],\"properties\":{\"c\":{\"type\":"
                                     "\"array\",\"items\":{\"type\":\"null\"}}}}");
    json_t *value = parsed("{\"c\":[1,null,2,3]}");
    struct violations violations = {0};
    assert_status(schema_validate(schema, &violations, value), STATUS_INVALID);
    ck_assert_uint_eq(violations.count, 5);
    ck_assert_str_eq(violations.items[4].pointer, "/c/3");
    violations_clear(&violations);
    violations.wanted = 1;
    assert_status(schema_validate(schema, &violations, value), STATUS_INVALID);
    ck_assert_uint_eq(violations.count, 1);
    violations_clear(&violations);
    json_decref(value);
    schema_close(schema);
}
END_TEST

START_TEST(what_is_no_schema_is_refused_with_its_place) {
    static const struct {
        const char *schema, *sentence;
    } cases[] = {
        {"1", "#: a schema is an object or a boolean"},
        {"{\"items\":{\"type\":\"text\"}}", "#/items: `type` names no type"},
        {"{\"properties\":{\"a\":1}}", "#/properties/a: a schema is an object or a boolean"},
        {"{\"minLength\":-1}", "#: a count is no natural number"},
        {"{\"minLength\":1.5}", "#: a count is no natural number"},
        {"{\"maximum\":\"1\"}", "#: a bound is no number"},
        {"{\"multipleOf\":0}", "#: `multipleOf` is not above zero"},
        {"{\"pattern\":\"(\"}", "#: this pattern is not understood"},
        {"{\"patternProperties\":{\"[\":{}}}",
         "#/patternProperties: this pattern is not understood"},
        {"{\"enum\":1}", "#: `enum` is no array"},
        {"{\"required\":[1]}", "#: an array of strings is expected"},
        {"{\"required\":\"a\"}", "#: an array of strings is expected"},
        {"{\"allOf\":[]}", "#/allOf: it is empty"},
        {"{\"allOf\":{}}", "#/allOf: an array is expected"},
        {"{\"dependencies\":[]}", "#/dependencies: an object is expected"},
        {"{\"uniqueItems\":1}", "#: `uniqueItems` is no boolean"},
        {"{\"format\":1}", "#: `format` is no string"},
        {"{\"$ref\":1}", "#: `$ref` is no string"},
        {"{\"not\":{\"$ref\":\"#/definitions/x\"}}", "#/not: `$ref` leads nowhere"},
        {"{\"$ref\":\"http://example.org/x\"}", "#: `$ref` leads nowhere"},
        {"{\"$ref\":\"#/%zz\"}", "#: `$ref` leads nowhere"},
        {"{\"$ref\":\"#\"}", "#: `$ref` leads in a circle"},
        {"{\"items\":{\"$ref\":\"#/definitions/a\"},\"definitions\":{\"a\":{\"$ref\":\"#/"
         "definitions/"
         "b\"},\"b\":{\"$ref\":\"#/definitions/a\"}}}",
         "#/items: `$ref` leads in a circle"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *json = parsed(cases[i].schema);
        struct schema *schema;
        struct schema_fault fault;
        assert_status(schema_compile(&schema, &fault, json, NULL), STATUS_MALFORMED);
        ck_assert_ptr_null(schema);
        ck_assert_str_eq(fault.text, cases[i].sentence);
        json_decref(json);
    }
}
END_TEST

START_TEST(a_schema_that_never_gets_on_ends_at_a_bound) {
    struct schema *schema = compiled("{\"allOf\":[{\"$ref\":\"#\"}]}");
    json_t *value = parsed("1");
    struct violations violations = {0};
    assert_status(schema_validate(schema, &violations, value), STATUS_TOO_LARGE);
    assert_status(schema_validate(schema, NULL, value), STATUS_TOO_LARGE);
    violations_clear(&violations);
    json_decref(value);
    schema_close(schema);
    // A refusal that only comes from the bound must not read as "does not fit".
    schema = compiled("{\"not\":{\"allOf\":[{\"$ref\":\"#/not\"}]}}");
    value = parsed("1");
    assert_status(schema_validate(schema, NULL, value), STATUS_TOO_LARGE);
    json_decref(value);
    schema_close(schema);
}
END_TEST

START_TEST(a_schema_of_too_many_parts_is_refused) {
    json_t *list = json_array(), *json = json_pack("{s:o}", "allOf", list);
    for (int i = 0; i < LIMIT_SCHEMA_NODES; i++) json_array_append_new(list, json_object());
    struct schema *schema;
    struct schema_fault fault;
    assert_status(schema_compile(&schema, &fault, json, NULL), STATUS_TOO_LARGE);
    ck_assert_str_eq(fault.text, "the schema has too many parts");
    json_decref(json);
}
END_TEST

START_TEST(an_id_in_a_list_of_values_is_no_id) {
    struct schema *schema;
    json_t *json = parsed("{\"definitions\":{\"a\":{\"enum\":[{\"$id\":\"http://x/y\",\"type\":"
                          "\"null\"}]}},\"$ref\":\"http://x/y\"}");
    assert_status(schema_compile(&schema, NULL, json, NULL), STATUS_MALFORMED);
    json_decref(json);
}
END_TEST

START_TEST(anchors_and_nested_ids_are_found) {
    struct schema *schema = compiled(
        "{\"$id\":\"http://x/root.json\",\"items\":[{\"$ref\":\"#here\"},{\"$ref\":\"sub/t.json\"},"
        "{\"$ref\":\"sub/t.json#/definitions/s\"}],\"definitions\":{\"a\":{\"$id\":\"#here\","
        "\"type\":\"null\"},\"b\":{\"$id\":\"sub/\",\"definitions\":{\"c\":{\"$id\":\"t.json\","
        "\"type\":\"string\",\"definitions\":{\"s\":{\"type\":\"number\"}}}}}}}");
    json_t *good = parsed("[null,\"\",1]");
    assert_ok(schema_validate(schema, NULL, good));
    json_decref(good);
    static const char *const bad[] = {"[1]", "[null,1]", "[null,\"\",\"\"]"};
    for (size_t i = 0; i < 3; i++) {
        json_t *value = parsed(bad[i]);
        assert_status(schema_validate(schema, NULL, value), STATUS_INVALID);
        json_decref(value);
    }
    schema_close(schema);
}
END_TEST

START_TEST(twins_are_found_in_long_lists) {
    struct schema *schema = compiled("{\"uniqueItems\":true}");
    json_t *list = json_array();
    for (int i = 0; i < 1000; i++) json_array_append_new(list, json_pack("{s:i}", "n", i));
    assert_ok(schema_validate(schema, NULL, list));
    json_array_append_new(list, json_pack("{s:f}", "n", 500.0));
    struct violations violations = {0};
    assert_status(schema_validate(schema, &violations, list), STATUS_INVALID);
    ck_assert_str_eq(violations.items[0].detail, "items 500 and 1000 are equal");
    violations_clear(&violations);
    json_decref(list);
    schema_close(schema);
}
END_TEST

Suite *schema_suite(void) {
    Suite *suite = suite_create("schema");
    TCase *cases = tcase_create("schema");
    tcase_add_test(cases, a_violation_names_place_rule_and_reason);
    tcase_add_test(cases, all_violations_are_found_or_as_many_as_wanted);
    tcase_add_test(cases, what_is_no_schema_is_refused_with_its_place);
    tcase_add_test(cases, a_schema_that_never_gets_on_ends_at_a_bound);
    tcase_add_test(cases, a_schema_of_too_many_parts_is_refused);
    tcase_add_test(cases, an_id_in_a_list_of_values_is_no_id);
    tcase_add_test(cases, anchors_and_nested_ids_are_found);
    tcase_add_test(cases, twins_are_found_in_long_lists);
    suite_add_tcase(suite, cases);
    return suite;
}
