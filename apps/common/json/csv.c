// SPDX-License-Identifier: Apache-2.0
#include "apps/common/json/csv.h"

#include "apps/common/json/json.h"

static void append_quoted(struct buf *out, struct bytes text) {
    bool needs_quotes = false;
    for (size_t i = 0; i < text.len; i++)
        if (memchr(",\"\r\n", text.data[i], 4)) needs_quotes = true;
    if (!needs_quotes) {
        buf_append(out, text);
        return;
    }
    buf_append_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '"') buf_append_byte(out, '"');
        buf_append_byte(out, text.data[i]);
    }
    buf_append_byte(out, '"');
}

static void append_text(struct buf *out, struct bytes text) {
    struct buf guarded = {0};
    if (text.len > 0 && memchr("=+-@\t\r", text.data[0], 6)) buf_append_byte(&guarded, '\'');
    buf_append(&guarded, text);
    append_quoted(out, buf_bytes(&guarded));
    buf_clear(&guarded);
}

static void append_cell(struct buf *out, const json_t *value) {
    struct buf text = {0};
    if (!value || json_is_null(value)) return;
    if (json_is_string(value)) {
        append_text(out, json_string_bytes(value));
        return;
    }
    json_write(&text, value, JSON_AS_READ);
    append_quoted(out, buf_bytes(&text));
    buf_clear(&text);
}

// The properties of the list's items.
static json_t *columns_of(json_t *schema) {
    json_t *items = json_object_get(json_object_get(schema, "properties"), "items");
    return json_object_get(json_object_get(items, "items"), "properties");
}

// One row: the columns' names, or the item's values under them.
static void append_row(struct buf *out, json_t *columns, const json_t *item) {
    const char *name;
    json_t *unused;
    bool is_first = true;
    json_object_foreach(columns, name, unused) {
        if (!is_first) buf_append_byte(out, ',');
        is_first = false;
        if (item)
            append_cell(out, json_object_get(item, name));
        else
            append_text(out, bytes_of_string(name));
    }
    buf_append_string(out, "\r\n");
}

bool csv_write(struct buf *out, struct bytes json, const char *schema) {
    json_t *list = NULL, *form = NULL, *columns = NULL, *item;
    size_t i;
    if (schema && json_parse(&form, NULL, bytes_of_string(schema), SIZE_MAX) == STATUS_OK &&
        json_parse(&list, NULL, json, SIZE_MAX) == STATUS_OK)
        columns = columns_of(form);
    bool is_list = json_object_size(columns) > 0 && json_is_array(json_object_get(list, "items"));
    if (is_list) {
        append_row(out, columns, NULL);
        json_array_foreach(json_object_get(list, "items"), i, item) append_row(out, columns, item);
    }
    json_decref(list);
    json_decref(form);
    return is_list;
}
