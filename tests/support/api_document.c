// SPDX-License-Identifier: Apache-2.0
#include "tests/support/api_document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/json/json.h"
#include "apps/common/json/schema.h"
#include "tests/support/unit.h"

json_t *api_document_operation(const json_t *document, const char *pattern, const char *method) {
    json_t *path = json_object_get(json_object_get(document, "paths"), pattern);
    return json_object_get(path, method);
}

// What "#/components/KIND/NAME" says, or the value itself.
static const json_t *resolve(const json_t *document, const json_t *value) {
    char kind[32], name[32];
    const char *reference = json_string_value(json_object_get(value, "$ref"));
    if (!reference) return value;
    ck_assert_int_eq(sscanf(reference, "#/components/%31[^/]/%31s", kind, name), 2);
    const json_t *found =
        json_object_get(json_object_get(json_object_get(document, "components"), kind), name);
    ck_assert_msg(found != NULL, "%s", reference);
    return found;
}

static void check_value(const struct api_answer *answer, const json_t *form, const json_t *value) {
    struct schema *schema;
    struct schema_fault fault = {0};
    struct violations violations = {0};
    ck_assert_msg(schema_compile(&schema, &fault, form, NULL) == STATUS_OK, "%s: %s",
                  answer->pattern, fault.text);
    ck_assert_msg(schema_validate(schema, &violations, value) == STATUS_OK, "%s %d: %s %s: %.*s",
                  answer->pattern, answer->code, violations.items[0].pointer,
                  violations.items[0].detail, (int)answer->body.len,
                  (const char *)answer->body.data);
    violations_clear(&violations);
    schema_close(schema);
}

static void check_body(const json_t *document, const struct api_answer *answer,
                       const json_t *form) {
    json_t *value;
    size_t index;
    const json_t *part, *all = json_object_get(form, "allOf");
    assert_ok(json_parse(&value, NULL, answer->body, answer->body.len));
    if (all) {
        json_array_foreach(all, index, part) check_value(answer, resolve(document, part), value);
    } else {
        check_value(answer, resolve(document, form), value);
    }
    json_decref(value);
}

// For scripts/api-asked: what is asked, a line each.
static void note(const struct api_answer *answer) {
    const char *path = getenv("LMM_API_ASKED");
    FILE *file = path ? fopen(path, "a") : NULL;
    if (!path) return;
    ck_assert_ptr_nonnull(file);
    fprintf(file, "%s %s %d\n", answer->method, answer->pattern, answer->code);
    ck_assert_int_eq(fclose(file), 0);
}

void api_document_check(const json_t *document, const struct api_answer *answer) {
    note(answer);
    char code[12];
    json_t *operation = api_document_operation(document, answer->pattern, answer->method);
    snprintf(code, sizeof code, "%d", answer->code);
    const json_t *described =
        resolve(document, json_object_get(json_object_get(operation, "responses"), code));
    ck_assert_msg(described != NULL, "%s %s: %s", answer->method, answer->pattern, code);
    const json_t *content = json_object_get(described, "content");
    if (answer->body.len == 0 && !content) return;
    const json_t *media = json_object_get(content, answer->type);
    ck_assert_msg(media != NULL, "%s %d: %s", answer->pattern, answer->code, answer->type);
    if (!strstr(answer->type, "json")) return;
    const json_t *form = json_object_get(media, "schema");
    ck_assert_msg(json_object_size(form) > 0, "%s", answer->pattern);
    check_body(document, answer, form);
}

// How well a path fits: 0, not at all; else the more, the more of its segments are the pattern's
// own.
static unsigned fit(const char *pattern, const char *path, size_t len) {
    const char *end = path + len;
    unsigned fits = 1;
    while (*pattern && path < end) {
        if (*pattern == '{') {
            pattern = strchr(pattern, '}') + 1;
            while (path < end && *path != '/') path++;
        } else {
            if (*pattern != *path) return 0;
            pattern++;
            path++;
            fits++;
        }
    }
    return *pattern || path < end ? 0 : fits;
}

const char *api_document_pattern(const json_t *document, const char *path) {
    const char *pattern, *best = NULL;
    const json_t *value;
    unsigned most = 0;
    size_t len = strcspn(path, "?");
    json_object_foreach(json_object_get(document, "paths"), pattern, value) {
        unsigned fits = fit(pattern, path, len);
        if (fits <= most) continue;
        most = fits;
        best = pattern;
    }
    return best;
}
