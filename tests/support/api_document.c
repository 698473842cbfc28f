// SPDX-License-Identifier: Apache-2.0
#include "tests/support/api_document.h"

#include <stdio.h>

#include "apps/common/json/json.h"
#include "apps/common/json/schema.h"
#include "tests/support/unit.h"

json_t *api_document_operation(const json_t *document, const char *pattern, const char *method) {
    json_t *path = json_object_get(json_object_get(document, "paths"), pattern);
    return json_object_get(path, method);
}

// All problems have one form, to which the document refers.
static json_t *form_of(const json_t *document, const json_t *media) {
    json_t *form = json_object_get(media, "schema");
    if (!json_object_get(form, "$ref")) return form;
    return json_object_get(json_object_get(json_object_get(document, "components"), "schemas"),
                           "problem");
}

static void check_body(const struct api_answer *answer, const json_t *form) {
    struct schema *schema;
    json_t *value;
    struct schema_fault fault = {0};
    struct violations violations = {0};
    ck_assert_msg(schema_compile(&schema, &fault, form, NULL) == STATUS_OK, "%s: %s",
                  answer->pattern, fault.text);
    assert_ok(json_parse(&value, NULL, answer->body, answer->body.len));
    ck_assert_msg(schema_validate(schema, &violations, value) == STATUS_OK, "%s: %s %s",
                  answer->pattern, violations.items[0].pointer, violations.items[0].detail);
    violations_clear(&violations);
    json_decref(value);
    schema_close(schema);
}

void api_document_check(const json_t *document, const struct api_answer *answer) {
    char code[8];
    json_t *operation = api_document_operation(document, answer->pattern, answer->method);
    snprintf(code, sizeof code, "%d", answer->code);
    const json_t *described = json_object_get(json_object_get(operation, "responses"), code);
    ck_assert_msg(described != NULL, "%s: %s", answer->pattern, code);
    const json_t *media = json_object_get(json_object_get(described, "content"), answer->type);
    ck_assert_msg(media != NULL, "%s: %s", answer->pattern, answer->type);
    const json_t *form = form_of(document, media);
    ck_assert_msg(json_object_size(form) > 0, "%s", answer->pattern);
    check_body(answer, form);
}
