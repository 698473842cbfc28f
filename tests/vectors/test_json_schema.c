// SPDX-License-Identifier: Apache-2.0
// Debian's json-schema-test-suite, draft 7. The required files must pass whole; of the optional
// ones, those for formats that are asserted here.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "apps/common/json/schema.h"
#include "chaincore/base/file.h"
#include "tests/support/unit.h"

#define SUITE "/usr/share/json-schema-test-suite"

enum { FILE_BYTES = 1 << 20, REMOTES = 16 };

static struct schema_document remotes[REMOTES];
static size_t remote_count;

struct tally {
    int passed, run;
};

static json_t *load(const char *path) {
    struct buf text = {0};
    json_t *json;
    struct json_fault fault = {0};
    assert_ok(file_read(&text, path, FILE_BYTES));
    enum status status = json_parse(&json, &fault, buf_bytes(&text), FILE_BYTES);
    ck_assert_msg(status == STATUS_OK, "%s: %s", path, fault.text);
    buf_clear(&text);
    return json;
}

static void load_remote(const char *name) {
    char path[512], uri[512];
    snprintf(path, sizeof path, SUITE "/remotes/%s", name);
    snprintf(uri, sizeof uri, "http://localhost:1234/%s", name);
    ck_assert_uint_lt(remote_count, REMOTES);
    remotes[remote_count++] = (struct schema_document){.uri = strdup(uri), .json = load(path)};
}

static void release_remotes(void) {
    for (size_t i = 0; i < remote_count; i++) {
        free((char *)remotes[i].uri);
        json_decref((json_t *)remotes[i].json);
    }
    remote_count = 0;
}

static void run_group(struct tally *tally, const char *file, const json_t *group) {
    struct schema_options options = {
        .documents = remotes, .document_count = remote_count, .asserts_formats = true};
    struct schema_fault fault = {0};
    struct schema *schema;
    const json_t *json = json_object_get(group, "schema");
    const char *title = json_string_value(json_object_get(group, "description"));
    enum status status = schema_compile(&schema, &fault, json, &options);
    ck_assert_msg(status == STATUS_OK, "%s: %s: %s", file, title, fault.text);
    const json_t *tests = json_object_get(group, "tests");
    for (size_t i = 0; i < json_array_size(tests); i++) {
        const json_t *test = json_array_get(tests, i), *data = json_object_get(test, "data");
        bool is_valid = json_is_true(json_object_get(test, "valid"));
        struct violations violations = {0};
        bool is_found_valid = schema_validate(schema, &violations, data) == STATUS_OK;
        // The quick verdict and the one with reasons are the same, and a refusal has a reason.
        ck_assert(is_found_valid == (schema_validate(schema, NULL, data) == STATUS_OK));
        ck_assert(is_found_valid == (violations.count == 0));
        tally->run++;
        if (is_found_valid == is_valid) {
            tally->passed++;
        } else {
            printf("%s: %s: %s\n", file, title,
                   json_string_value(json_object_get(test, "description")));
        }
        violations_clear(&violations);
    }
    schema_close(schema);
}

static struct tally run_file(const char *path) {
    struct tally tally = {0};
    json_t *groups = load(path);
    for (size_t i = 0; i < json_array_size(groups); i++) {
        run_group(&tally, path, json_array_get(groups, i));
    }
    json_decref(groups);
    return tally;
}

static void load_remotes(void) {
    load_remote("integer.json");
    load_remote("name.json");
    load_remote("subSchemas.json");
    load_remote("folder/folderInteger.json");
}

START_TEST(every_required_case_of_draft_7_passes) {
    struct tally all = {0};
    DIR *folder = opendir(SUITE "/tests/draft7");
    if (!folder) {
        skip_case("json-schema-test-suite is not installed");
        return;
    }
    load_remotes();
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (!strstr(entry->d_name, ".json")) continue;
        char path[512];
        snprintf(path, sizeof path, SUITE "/tests/draft7/%s", entry->d_name);
        struct tally one = run_file(path);
        all.passed += one.passed;
        all.run += one.run;
    }
    closedir(folder);
    release_remotes();
    printf("json-schema-test-suite, draft 7: %d of %d\n", all.passed, all.run);
    ck_assert_int_eq(all.passed, all.run);
    ck_assert_int_ge(all.run, 400);
}
END_TEST

START_TEST(every_optional_case_of_the_asserted_formats_passes) {
    static const char *const files[] = {"bignum",
                                        "zeroTerminatedFloats",
                                        "ecmascript-regex",
                                        "format/date",
                                        "format/date-time",
                                        "format/email",
                                        "format/hostname",
                                        "format/ipv4",
                                        "format/ipv6",
                                        "format/json-pointer",
                                        "format/regex",
                                        "format/relative-json-pointer",
                                        "format/time",
                                        "format/uri",
                                        "format/uri-reference"};
    struct tally all = {0};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[512];
        snprintf(path, sizeof path, SUITE "/tests/draft7/optional/%s.json", files[i]);
        if (access(path, R_OK) != 0) {
            skip_case("json-schema-test-suite is not installed");
            return;
        }
        struct tally one = run_file(path);
        all.passed += one.passed;
        all.run += one.run;
    }
    printf("json-schema-test-suite, optional parts that are supported: %d of %d\n", all.passed,
           all.run);
    ck_assert_int_eq(all.passed, all.run);
}
END_TEST

START_TEST(the_metaschema_accepts_itself) {
    struct schema *schema;
    json_t *reference = json_pack("{s:s}", "$ref", "http://json-schema.org/draft-07/schema#");
    json_t *itself = load(TOP_SRCDIR "/apps/common/json/draft-07.json");
    struct schema_options options = {.asserts_formats = true};
    assert_ok(schema_compile(&schema, NULL, reference, &options));
    assert_ok(schema_validate(schema, NULL, itself));
    schema_close(schema);
    json_decref(reference);
    json_decref(itself);
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("json-schema-test-suite");
    TCase *cases = tcase_create("draft 7");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, every_required_case_of_draft_7_passes);
    tcase_add_test(cases, every_optional_case_of_the_asserted_formats_passes);
    tcase_add_test(cases, the_metaschema_accepts_itself);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
