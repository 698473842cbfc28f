// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/master_data.h"

#include "apps/supplychain/epcis/event_values.h"
#include "apps/supplychain/epcis/vocabulary.h"
#include "chaincore/base/limits.h"

struct collector {
    struct arena *arena;
    const struct epcis_context *context;
    struct buf elements; // struct master_element
};

static uint32_t count_of(const struct json_span *list) {
    return list && list->kind == SPAN_ARRAY ? list->count : 0;
}

// False: nobody could ask for it.
static bool read_id(struct collector *c, const struct json_span *value, struct bytes *out) {
    struct buf form = {0};
    if (!value || value->kind != SPAN_STRING) return false;
    vocabulary_append_value(&form, VOCABULARY_NONE, value->text, c->context);
    bool is_id = form.len > 0 && form.len <= LIMIT_EPCIS_IDENTIFIER_BYTES;
    if (is_id) *out = arena_copy(c->arena, buf_bytes(&form));
    buf_clear(&form);
    return is_id;
}

static struct bytes read_value(struct collector *c, const struct json_span *value) {
    struct event_value read = {.text = bytes_of("", 0)};
    if (value && value->kind == SPAN_STRING)
        event_value_read(&read, c->arena, value->text, c->context);
    else if (value && value->kind == SPAN_NUMBER)
        (void)event_value_read_number(&read, c->arena, value->text);
    return read.text;
}

static void read_children(struct collector *c, struct master_element *element,
                          const struct json_span *list) {
    struct bytes *children = arena_alloc_array(c->arena, count_of(list) + 1, sizeof *children);
    for (uint32_t i = 0; i < count_of(list); i++)
        element->child_count += read_id(c, &list->items[i], &children[element->child_count]);
    element->children = children;
}

static void read_attributes(struct collector *c, struct master_element *element,
                            const struct json_span *list) {
    struct master_attribute *attributes =
        arena_alloc_array(c->arena, count_of(list) + 1, sizeof *attributes);
    for (uint32_t i = 0; i < count_of(list); i++) {
        struct master_attribute *attribute = &attributes[element->attribute_count];
        if (!read_id(c, span_member(&list->items[i], "id"), &attribute->name)) continue;
        attribute->value = read_value(c, span_member(&list->items[i], "attribute"));
        element->attribute_count++;
    }
    element->attributes = attributes;
}

static void read_element(struct collector *c, const struct json_span *value) {
    struct master_element element = {0};
    if (!read_id(c, span_member(value, "id"), &element.id)) return;
    read_children(c, &element, span_member(value, "children"));
    read_attributes(c, &element, span_member(value, "attributes"));
    buf_append(&c->elements, BYTES_OF(element));
}

void master_data_collect(struct master_data *out, struct arena *arena,
                         const struct epcis_document *document) {
    static const struct epcis_context none;
    struct collector c = {.arena = arena,
                          .context = document->own_context ? document->own_context : &none};
    const struct json_span *data = span_member(document->header, "epcisMasterData");
    const struct json_span *vocabularies = span_member(data, "vocabularyList");
    *out = (struct master_data){0};
    for (uint32_t i = 0; i < count_of(vocabularies); i++) {
        const struct json_span *elements =
            span_member(&vocabularies->items[i], "vocabularyElementList");
        for (uint32_t k = 0; k < count_of(elements); k++) read_element(&c, &elements->items[k]);
    }
    out->count = c.elements.len / sizeof(struct master_element);
    if (out->count > 0)
        out->elements =
            (const struct master_element *)(const void *)arena_copy(arena, buf_bytes(&c.elements))
                .data;
    buf_clear(&c.elements);
}
