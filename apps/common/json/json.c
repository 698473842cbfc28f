// SPDX-License-Identifier: Apache-2.0
#include "apps/common/json/json.h"

#include <stdio.h>
#include <stdlib.h>

#include "apps/common/json/number.h"
#include "chaincore/base/memory.h"

// What is looked at before jansson allocates anything: depth and the number of containers, and
// integers beyond 64 bits, which jansson refuses and which therefore get ".0" behind them.
struct scan {
    struct bytes text;
    size_t at;
    size_t depth;
    size_t containers;
    struct buf widened;      // the text with those integers widened; empty when there are none
    size_t copied;           // how much of `text` stands in `widened`
    struct buf widened_ends; // size_t each: where in `widened` a ".0" was put
    const char *rule;        // what is over its bound
    const char *claim;
};

static void fault_fill(struct json_fault *fault, struct bytes text, size_t offset, const char *rule,
                       const char *claim) {
    if (!fault) return;
    fault->rule = rule;
    fault->line = 1;
    fault->column = 1;
    for (size_t i = 0; i < offset && i < text.len; i++) {
        if (text.data[i] == '\n') {
            fault->line++;
            fault->column = 1;
        } else if ((text.data[i] & 0xc0) != 0x80) {
            fault->column++;
        }
    }
    snprintf(fault->text, sizeof fault->text, "line %zu, column %zu: %s", fault->line,
             fault->column, claim);
}

static void scan_string(struct scan *scan) {
    const uint8_t *data = scan->text.data;
    for (scan->at++; scan->at < scan->text.len && data[scan->at] != '"'; scan->at++) {
        if (data[scan->at] == '\\') scan->at++;
    }
    scan->at++;
}

static bool is_number_byte(uint8_t c) {
    return (c >= '0' && c <= '9') || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-';
}

static bool is_beyond_int64(struct bytes number) {
    bool is_negative = number.len > 0 && number.data[0] == '-';
    struct bytes digits = bytes_of(number.data + is_negative, number.len - is_negative);
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9') return false;
    }
    if (digits.len != 19) return digits.len > 19;
    return memcmp(digits.data, is_negative ? "9223372036854775808" : "9223372036854775807", 19) > 0;
}

static void scan_number(struct scan *scan) {
    size_t start = scan->at;
    while (scan->at < scan->text.len && is_number_byte(scan->text.data[scan->at])) scan->at++;
    if (!is_beyond_int64(bytes_of(scan->text.data + start, scan->at - start))) return;
    buf_append(&scan->widened, bytes_of(scan->text.data + scan->copied, scan->at - scan->copied));
    buf_append_string(&scan->widened, ".0");
    scan->copied = scan->at;
    buf_append(&scan->widened_ends, BYTES_OF(scan->widened.len));
}

static enum status scan_whole(struct scan *scan) {
    while (scan->at < scan->text.len) {
        uint8_t c = scan->text.data[scan->at];
        if (c == '"') {
            scan_string(scan);
            continue;
        }
        if (c == '-' || (c >= '0' && c <= '9')) {
            scan_number(scan);
            continue;
        }
        if (c == '{' || c == '[') {
            scan->rule = "json/depth";
            scan->claim = "objects and arrays are nested too deep";
            if (++scan->depth > LIMIT_JSON_DEPTH) return STATUS_TOO_LARGE;
            scan->rule = "json/size";
            scan->claim = "there are too many objects and arrays";
            if (++scan->containers > LIMIT_JSON_CONTAINERS) return STATUS_TOO_LARGE;
        }
        if ((c == '}' || c == ']') && scan->depth > 0) scan->depth--;
        scan->at++;
    }
    if (scan->widened.len > 0) {
        buf_append(&scan->widened,
                   bytes_of(scan->text.data + scan->copied, scan->text.len - scan->copied));
    }
    return STATUS_OK;
}

// From a place in what jansson read to the place in what came.
static size_t scan_original_offset(const struct scan *scan, size_t offset) {
    size_t count = scan->widened_ends.len / sizeof(size_t), before = 0;
    for (size_t i = 0; i < count; i++) {
        size_t end;
        memcpy(&end, scan->widened_ends.data + i * sizeof end, sizeof end);
        if (end <= offset) before++;
    }
    return offset - 2 * before;
}

static enum status report_jansson(struct json_fault *fault, const struct scan *scan,
                                  json_error_t *error) {
    // "… near 'text'" quotes the input, cut anywhere; line and column say the same.
    char *quoted = strstr(error->text, " near ");
    if (quoted) *quoted = '\0';
    const char *rule = "json/syntax", *claim = error->text;
    enum status status = STATUS_MALFORMED;
    switch ((int)json_error_code(error)) {
    case json_error_out_of_memory:
        status = STATUS_NO_MEMORY;
        break;
    case json_error_invalid_utf8:
        rule = "json/utf-8";
        claim = "these bytes are not UTF-8";
        break;
    case json_error_premature_end_of_input:
        claim = "the text ends too early";
        break;
    case json_error_end_of_input_expected:
        claim = "something stands behind the value";
        break;
    case json_error_null_character:
    case json_error_null_byte_in_key:
        rule = "json/null-character";
        claim = "a string holds the character U+0000";
        break;
    case json_error_duplicate_key:
        rule = "json/duplicate-key";
        claim = "this key stands twice in one object";
        break;
    case json_error_numeric_overflow:
        rule = "json/number";
        claim = "this number is too large";
        break;
    default:
        break;
    }
    size_t position = error->position > 0 ? (size_t)error->position : 0;
    fault_fill(fault, scan->text, scan_original_offset(scan, position), rule, claim);
    return status;
}

static enum status parse(json_t **out, struct json_fault *fault, const struct json_source *source) {
    *out = NULL;
    if (source->text.len > source->max_bytes) {
        fault_fill(fault, source->text, 0, "json/size", "the text is too long");
        return STATUS_TOO_LARGE;
    }
    struct scan scan = {.text = source->text};
    enum status status = STATUS_OK;
    TRY(scan_whole(&scan));
    struct bytes read = scan.widened.len > 0 ? buf_bytes(&scan.widened) : source->text;
    json_error_t error;
    size_t flags = JSON_DECODE_ANY | (source->last_duplicate_wins ? 0 : JSON_REJECT_DUPLICATES);
    *out = json_loadb(read.data ? (const char *)read.data : "", read.len, flags, &error);
    if (!*out) status = report_jansson(fault, &scan, &error);
out:
    if (status == STATUS_TOO_LARGE) {
        fault_fill(fault, source->text, scan.at, scan.rule, scan.claim);
    }
    buf_clear(&scan.widened);
    buf_clear(&scan.widened_ends);
    return status;
}

enum status json_parse(json_t **out, struct json_fault *fault, struct bytes text,
                       size_t max_bytes) {
    return parse(out, fault, &(struct json_source){.text = text, .max_bytes = max_bytes});
}

enum status json_parse_reporting(json_t **out, struct violations *violations,
                                 const struct json_source *source) {
    struct json_fault fault = {.rule = "json/syntax"};
    enum status status = parse(out, &fault, source);
    if (status != STATUS_OK) violations_add(violations, bytes_of("", 0), fault.rule, fault.text);
    return status;
}

bool json_same(const json_t *a, const json_t *b) {
    if (json_is_number(a) && json_is_number(b)) return json_number_compare(a, b) == 0;
    if (json_typeof(a) != json_typeof(b)) return false;
    if (json_is_string(a)) return bytes_equal(json_string_bytes(a), json_string_bytes(b));
    if (json_is_array(a)) {
        size_t count = json_array_size(a);
        if (count != json_array_size(b)) return false;
        for (size_t i = 0; i < count; i++) {
            if (!json_same(json_array_get(a, i), json_array_get(b, i))) return false;
        }
        return true;
    }
    if (!json_is_object(a)) return true;
    if (json_object_size(a) != json_object_size(b)) return false;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)a, key, value) {
        const json_t *other = json_object_get(b, key);
        if (!other || !json_same(value, other)) return false;
    }
    return true;
}

static void write_string(struct buf *out, struct bytes text) {
    buf_append_byte(out, '"');
    size_t copied = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        buf_append(out, bytes_of(text.data + copied, i - copied));
        copied = i + 1;
        const char *names = "\b\f\n\r\t\"\\", *letters = "bfnrt\"\\";
        const char *name = c ? strchr(names, c) : NULL;
        if (name) {
            buf_append_format(out, "\\%c", letters[name - names]);
        } else {
            buf_append_format(out, "\\u%04x", c);
        }
    }
    buf_append(out, bytes_of(text.data + copied, text.len - copied));
    buf_append_byte(out, '"');
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void write_object(struct buf *out, const json_t *object, enum json_order order) {
    size_t count = json_object_size(object), i = 0;
    const char **names = mem_alloc_array(count + 1, sizeof *names);
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value) names[i++] = name;
    if (order == JSON_SORTED) qsort(names, count, sizeof *names, compare_names);
    buf_append_byte(out, '{');
    for (i = 0; i < count; i++) {
        if (i > 0) buf_append_byte(out, ',');
        write_string(out, bytes_of_string(names[i]));
        buf_append_byte(out, ':');
        json_write(out, json_object_get(object, names[i]), order);
    }
    buf_append_byte(out, '}');
    mem_free(names);
}

void json_write(struct buf *out, const json_t *value, enum json_order order) {
    char number[NUMBER_TEXT_SIZE];
    switch (json_typeof(value)) {
    case JSON_NULL:
        buf_append_string(out, "null");
        break;
    case JSON_TRUE:
        buf_append_string(out, "true");
        break;
    case JSON_FALSE:
        buf_append_string(out, "false");
        break;
    case JSON_INTEGER:
    case JSON_REAL:
        buf_append(out, bytes_of(number, json_number_print(number, value)));
        break;
    case JSON_STRING:
        write_string(out, json_string_bytes(value));
        break;
    case JSON_OBJECT:
        write_object(out, value, order);
        break;
    case JSON_ARRAY:
        buf_append_byte(out, '[');
        for (size_t i = 0; i < json_array_size(value); i++) {
            if (i > 0) buf_append_byte(out, ',');
            json_write(out, json_array_get(value, i), order);
        }
        buf_append_byte(out, ']');
        break;
    }
}

struct keyed_item {
    struct bytes text;
    size_t index;
};

static int compare_items(const void *a, const void *b) {
    const struct keyed_item *left = a, *right = b;
    int order = bytes_compare(left->text, right->text);
    if (order != 0) return order;
    return left->index < right->index ? -1 : 1;
}

// Each item's canonical text, then in order.
static void fill_sorted(struct keyed_item *items, struct buf *texts, const json_t *array) {
    size_t count = json_array_size(array);
    for (size_t i = 0; i < count; i++) {
        size_t start = texts->len;
        json_write(texts, json_array_get(array, i), JSON_SORTED);
        items[i] = (struct keyed_item){.text = {.len = texts->len - start}, .index = i};
    }
    const uint8_t *next = texts->data;
    for (size_t i = 0; i < count; i++) {
        items[i].text.data = next;
        next += items[i].text.len;
    }
    qsort(items, count, sizeof *items, compare_items);
}

static enum status find_twins_among_many(bool *is_found, size_t twins[2], const json_t *array) {
    size_t count = json_array_size(array);
    struct buf texts = {0};
    struct keyed_item *items = mem_try_alloc(count * sizeof *items);
    if (!items) return STATUS_NO_MEMORY;
    fill_sorted(items, &texts, array);
    for (size_t i = 1; i < count && !*is_found; i++) {
        *is_found = bytes_equal(items[i - 1].text, items[i].text);
        twins[0] = items[i - 1].index;
        twins[1] = items[i].index;
    }
    buf_clear(&texts);
    mem_free(items);
    return STATUS_OK;
}

enum status json_find_twins(bool *is_found, size_t twins[2], const json_t *array) {
    enum { FEW = 12 };
    size_t count = json_array_size(array);
    *is_found = false;
    if (count > FEW) return find_twins_among_many(is_found, twins, array);
    for (twins[1] = 1; twins[1] < count; twins[1]++) {
        for (twins[0] = 0; twins[0] < twins[1]; twins[0]++) {
            *is_found = json_same(json_array_get(array, twins[0]), json_array_get(array, twins[1]));
            if (*is_found) return STATUS_OK;
        }
    }
    return STATUS_OK;
}
