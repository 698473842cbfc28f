// SPDX-License-Identifier: Apache-2.0
// A schema up to the first line break, a value after it: parse, compile, validate, print. Whatever
// the bytes: both ways of validating agree, and what is printed reads back as the same value.
#include "apps/common/json/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_BYTES = 64 * 1024 };

static void print_and_read(const json_t *value) {
    struct buf text = {0};
    json_t *again;
    json_write(&text, value, JSON_SORTED);
    ENSURE(json_parse(&again, NULL, buf_bytes(&text), SIZE_MAX) == STATUS_OK);
    ENSURE(json_same(value, again));
    json_decref(again);
    buf_clear(&text);
}

static void judge(const json_t *schema_json, const json_t *value) {
    struct schema *schema;
    struct schema_fault fault;
    struct violations violations = {0};
    struct schema_options options = {.asserts_formats = true};
    if (schema_compile(&schema, &fault, schema_json, &options) != STATUS_OK) return;
    enum status full = schema_validate(schema, &violations, value);
    enum status quick = schema_validate(schema, NULL, value);
    if (full != STATUS_TOO_LARGE && quick != STATUS_TOO_LARGE) {
        ENSURE(full == quick);
        ENSURE((full == STATUS_OK) == (violations.count == 0));
    }
    violations_clear(&violations);
    schema_close(schema);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    json_t *schema, *value;
    if (!end) return 0;
    size_t len = (size_t)(end - data);
    if (json_parse(&schema, NULL, bytes_of(data, len), TEXT_BYTES) != STATUS_OK) return 0;
    if (json_parse(&value, NULL, bytes_of(end + 1, size - len - 1), TEXT_BYTES) == STATUS_OK) {
        print_and_read(value);
        judge(schema, value);
        json_decref(value);
    }
    json_decref(schema);
    return 0;
}
