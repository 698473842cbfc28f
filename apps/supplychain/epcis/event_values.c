// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/event_values.h"

#include <stdlib.h>

#include "apps/supplychain/epcis/scalar.h"
#include "apps/supplychain/epcis/vocabulary.h"
#include "chaincore/base/limits.h"
#include "chaincore/base/utf8.h"

struct collector {
    struct arena *arena;
    const struct epcis_context *context;
    struct buf values; // struct event_value
    struct buf text;
};

// ---- forms

// Just behind what a query's text may have, and not through the middle of a character.
static struct bytes cut(struct bytes text) {
    size_t len = LIMIT_QUERY_VALUE_BYTES + 1;
    if (text.len <= len) return text;
    while (len < text.len && (text.data[len] & 0xc0) == 0x80) len++;
    return bytes_of(text.data, len);
}

static struct bytes word(struct collector *c, enum vocabulary vocabulary, struct bytes text) {
    buf_reset(&c->text);
    vocabulary_append_value(&c->text, vocabulary, text, c->context);
    return arena_copy(c->arena, cut(buf_bytes(&c->text)));
}

static struct bytes upper_case(struct collector *c, struct bytes text) {
    buf_reset(&c->text);
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.data[i];
        buf_append_byte(&c->text, byte >= 'a' && byte <= 'f' ? (uint8_t)(byte - 0x20) : byte);
    }
    return arena_copy(c->arena, buf_bytes(&c->text));
}

static bool read_moment(struct bytes text, int64_t *time_ms) {
    return scalar_read_time(time_ms, text) == STATUS_OK ||
           scalar_read_date(time_ms, text) == STATUS_OK;
}

void event_value_read(struct event_value *out, struct arena *arena, struct bytes text,
                      const struct epcis_context *context) {
    struct buf form = {0};
    int64_t time_ms;
    text = scalar_trim(text);
    out->has_time = read_moment(text, &out->time_ms);
    if (scalar_read_time(&time_ms, text) == STATUS_OK)
        scalar_append_time(&form, time_ms);
    else
        vocabulary_append_value(&form, VOCABULARY_NONE, text, context);
    out->text = arena_copy(arena, cut(buf_bytes(&form)));
    buf_clear(&form);
}

bool event_value_read_number(struct event_value *out, struct arena *arena, struct bytes text) {
    struct buf form = {0};
    double number;
    if (!scalar_read_number(&number, text) || !scalar_append_number(&form, text)) return false;
    out->has_number = true;
    out->number = scalar_sortable(number);
    out->text = arena_copy(arena, cut(buf_bytes(&form)));
    buf_clear(&form);
    return true;
}

// ---- values

static void add(struct collector *c, int64_t field, struct event_value value) {
    value.field = field;
    buf_append(&c->values, BYTES_OF(value));
}

static void add_text(struct collector *c, int64_t field, struct bytes text) {
    if (text.len > 0) add(c, field, (struct event_value){.text = text});
}

static void add_time(struct collector *c, int64_t field, struct bytes text) {
    struct event_value value = {.has_time = true};
    if (scalar_read_time(&value.time_ms, scalar_trim(text)) == STATUS_OK) add(c, field, value);
}

static void add_number(struct collector *c, int64_t field, double number) {
    add(c, field, (struct event_value){.has_number = true, .number = scalar_sortable(number)});
}

static void add_measured(struct collector *c, enum event_field field, double number,
                         const struct json_span *uom) {
    if (!uom || uom->kind != SPAN_STRING) return;
    add_number(c, event_field_in_unit(field, uom->text),
               event_field_convert(field, uom->text, number));
}

// ---- the standard's fields

enum known_kind { KNOWN_URI, KNOWN_PLAIN, KNOWN_HEX, KNOWN_TIME, KNOWN_NUMBER, KNOWN_MEASURED };
struct known {
    const char *name;
    enum event_field field;
    enum known_kind kind;
    enum vocabulary vocabulary;
};

static const struct known event_members[] = {
    {"transformationID", FIELD_TRANSFORMATION_ID, KNOWN_URI, VOCABULARY_NONE},
    {NULL, 0, 0, 0},
};
static const struct known disposition_members[] = {
    {"set", FIELD_DISPOSITION_SET, KNOWN_URI, VOCABULARY_DISPOSITION},
    {"unset", FIELD_DISPOSITION_UNSET, KNOWN_URI, VOCABULARY_DISPOSITION},
    {NULL, 0, 0, 0},
};
static const struct known declaration_members[] = {
    {"declarationTime", FIELD_DECLARATION_TIME, KNOWN_TIME, VOCABULARY_NONE},
    {"reason", FIELD_ERROR_REASON, KNOWN_URI, VOCABULARY_ERROR_REASON},
    {"correctiveEventIDs", FIELD_CORRECTIVE_EVENT_ID, KNOWN_PLAIN, VOCABULARY_NONE},
    {NULL, 0, 0, 0},
};
static const struct known metadata_members[] = {
    {"time", FIELD_SENSOR_TIME, KNOWN_TIME, VOCABULARY_NONE},
    {"startTime", FIELD_START_TIME, KNOWN_TIME, VOCABULARY_NONE},
    {"endTime", FIELD_END_TIME, KNOWN_TIME, VOCABULARY_NONE},
    {"deviceID", FIELD_DEVICE_ID, KNOWN_URI, VOCABULARY_NONE},
    {"dataProcessingMethod", FIELD_DATA_PROCESSING_METHOD, KNOWN_URI, VOCABULARY_NONE},
    {"bizRules", FIELD_BIZ_RULES, KNOWN_URI, VOCABULARY_NONE},
    {NULL, 0, 0, 0},
};
static const struct known report_members[] = {
    {"type", FIELD_SENSOR_TYPE, KNOWN_URI, VOCABULARY_MEASUREMENT},
    {"time", FIELD_SENSOR_TIME, KNOWN_TIME, VOCABULARY_NONE},
    {"deviceID", FIELD_DEVICE_ID, KNOWN_URI, VOCABULARY_NONE},
    {"dataProcessingMethod", FIELD_DATA_PROCESSING_METHOD, KNOWN_URI, VOCABULARY_NONE},
    {"bizRules", FIELD_BIZ_RULES, KNOWN_URI, VOCABULARY_NONE},
    {"microorganism", FIELD_MICROORGANISM, KNOWN_URI, VOCABULARY_NONE},
    {"chemicalSubstance", FIELD_CHEMICAL_SUBSTANCE, KNOWN_URI, VOCABULARY_NONE},
    {"stringValue", FIELD_STRING_VALUE, KNOWN_PLAIN, VOCABULARY_NONE},
    {"booleanValue", FIELD_BOOLEAN_VALUE, KNOWN_PLAIN, VOCABULARY_NONE},
    {"hexBinaryValue", FIELD_HEX_BINARY_VALUE, KNOWN_HEX, VOCABULARY_NONE},
    {"uriValue", FIELD_URI_VALUE, KNOWN_URI, VOCABULARY_NONE},
    {"percRank", FIELD_PERC_RANK, KNOWN_NUMBER, VOCABULARY_NONE},
    {"value", FIELD_VALUE, KNOWN_MEASURED, VOCABULARY_NONE},
    {"minValue", FIELD_MIN_VALUE, KNOWN_MEASURED, VOCABULARY_NONE},
    {"maxValue", FIELD_MAX_VALUE, KNOWN_MEASURED, VOCABULARY_NONE},
    {"meanValue", FIELD_MEAN_VALUE, KNOWN_MEASURED, VOCABULARY_NONE},
    {"sDev", FIELD_STANDARD_DEVIATION, KNOWN_MEASURED, VOCABULARY_NONE},
    {"percValue", FIELD_PERC_VALUE, KNOWN_MEASURED, VOCABULARY_NONE},
    {NULL, 0, 0, 0},
};
static const struct known quantity_members[] = {
    {"quantity", FIELD_QUANTITY, KNOWN_NUMBER, VOCABULARY_NONE},
    {"quantity", FIELD_QUANTITY, KNOWN_MEASURED, VOCABULARY_NONE},
    {NULL, 0, 0, 0},
};

// `owner` has the unit.
static void collect_known(struct collector *c, const struct known *known,
                          const struct json_span *value, const struct json_span *owner) {
    double number;
    if (!span_is_scalar(value) || value->kind == SPAN_NULL) return;
    switch (known->kind) {
    case KNOWN_URI:
        add_text(c, known->field, word(c, known->vocabulary, value->text));
        break;
    case KNOWN_PLAIN:
        add_text(c, known->field, cut(value->text));
        break;
    case KNOWN_HEX:
        add_text(c, known->field, cut(upper_case(c, value->text)));
        break;
    case KNOWN_TIME:
        add_time(c, known->field, value->text);
        break;
    case KNOWN_NUMBER:
        if (scalar_read_number(&number, value->text)) add_number(c, known->field, number);
        break;
    case KNOWN_MEASURED:
        if (scalar_read_number(&number, value->text))
            add_measured(c, known->field, number, span_member(owner, "uom"));
        break;
    }
}

static void collect_members(struct collector *c, const struct known *known,
                            const struct json_span *object) {
    for (; object && known->name; known++) {
        const struct json_span *value = span_member(object, known->name);
        if (!value) continue;
        if (value->kind != SPAN_ARRAY) collect_known(c, known, value, object);
        for (uint32_t i = 0; value->kind == SPAN_ARRAY && i < value->count; i++)
            collect_known(c, known, &value->items[i], object);
    }
}

// A list of {type, what it names}.
static void collect_typed(struct collector *c, const struct json_span *list, const char *name,
                          enum event_field field) {
    enum vocabulary types =
        field == FIELD_BIZ_TRANSACTION ? VOCABULARY_TRANSACTION : VOCABULARY_SOURCE;
    for (uint32_t i = 0; list && list->kind == SPAN_ARRAY && i < list->count; i++) {
        const struct json_span *type = span_member(&list->items[i], "type");
        const struct json_span *value = span_member(&list->items[i], name);
        if (!type || !value || type->kind != SPAN_STRING || value->kind != SPAN_STRING) continue;
        add_text(c, event_field_of_type(field, word(c, types, type->text)),
                 word(c, VOCABULARY_NONE, value->text));
    }
}

static void collect_quantities(struct collector *c, const struct json_span *event) {
    for (enum epc_place place = CLASS_IN_LIST; place <= CLASS_IN_OUTPUT; place++) {
        const struct json_span *list = span_member(event, epc_place_name(place));
        for (uint32_t i = 0; list && list->kind == SPAN_ARRAY && i < list->count; i++)
            collect_members(c, quantity_members, &list->items[i]);
    }
}

// ---- extensions

static struct bytes full_name(struct collector *c, struct bytes name) {
    struct bytes iri, rest;
    if (!epcis_context_expand(c->context, name, &iri, &rest)) return name;
    buf_reset(&c->text);
    buf_append(&c->text, iri);
    buf_append(&c->text, rest);
    return arena_copy(c->arena, buf_bytes(&c->text));
}

static void collect_inner(struct collector *c, enum event_part part, const struct json_span *value);

// The field itself, every item of a list, and what stands inside.
static void collect_extension(struct collector *c, struct event_extension *extension,
                              const struct json_span *value) {
    int64_t field = event_field_of_extension(extension);
    struct event_value read = {0};
    switch (value->kind) {
    case SPAN_NULL:
        break;
    case SPAN_ARRAY:
        for (uint32_t i = 0; i < value->count; i++)
            collect_extension(c, extension, &value->items[i]);
        break;
    case SPAN_OBJECT:
        if (value->count > 0) add(c, field, (struct event_value){.text = bytes_of("", 0)});
        collect_inner(c, extension->part, value);
        break;
    case SPAN_NUMBER:
        if (event_value_read_number(&read, c->arena, value->text)) add(c, field, read);
        break;
    case SPAN_FALSE:
    case SPAN_TRUE:
        add_text(c, field, value->text);
        break;
    case SPAN_STRING:
        event_value_read(&read, c->arena, value->text, c->context);
        if (read.text.len > 0) add(c, field, read);
        break;
    }
}

static void collect_inner(struct collector *c, enum event_part part,
                          const struct json_span *value) {
    for (uint32_t i = 0; i < value->count; i++) {
        struct event_extension extension = {part, true, full_name(c, value->items[i].name)};
        collect_extension(c, &extension, &value->items[i]);
    }
}

// Of names, those with a prefix are none of the standard's.
static void collect_extensions(struct collector *c, enum event_part part,
                               const struct json_span *object) {
    for (uint32_t i = 0; object && object->kind == SPAN_OBJECT && i < object->count; i++) {
        const struct json_span *member = &object->items[i];
        if (member->name.len == 0 || !memchr(member->name.data, ':', member->name.len)) continue;
        struct event_extension extension = {part, false, full_name(c, member->name)};
        collect_extension(c, &extension, member);
    }
}

// ---- the event

static void collect_sensors(struct collector *c, const struct json_span *list) {
    if (!list || list->kind != SPAN_ARRAY || list->count == 0) return;
    add(c, FIELD_SENSOR_ELEMENTS, (struct event_value){.text = bytes_of("", 0)});
    for (uint32_t i = 0; i < list->count; i++) {
        const struct json_span *element = &list->items[i];
        const struct json_span *metadata = span_member(element, "sensorMetadata");
        const struct json_span *reports = span_member(element, "sensorReport");
        collect_extensions(c, PART_SENSOR_ELEMENT, element);
        collect_members(c, metadata_members, metadata);
        collect_extensions(c, PART_SENSOR_METADATA, metadata);
        for (uint32_t k = 0; reports && reports->kind == SPAN_ARRAY && k < reports->count; k++) {
            collect_members(c, report_members, &reports->items[k]);
            collect_extensions(c, PART_SENSOR_REPORT, &reports->items[k]);
        }
    }
}

static void collect_all(struct collector *c, const struct json_span *event) {
    const struct json_span *declaration = span_member(event, "errorDeclaration");
    collect_members(c, event_members, event);
    collect_members(c, disposition_members, span_member(event, "persistentDisposition"));
    collect_typed(c, span_member(event, "bizTransactionList"), "bizTransaction",
                  FIELD_BIZ_TRANSACTION);
    collect_typed(c, span_member(event, "sourceList"), "source", FIELD_SOURCE);
    collect_typed(c, span_member(event, "destinationList"), "destination", FIELD_DESTINATION);
    collect_quantities(c, event);
    collect_members(c, declaration_members, declaration);
    collect_sensors(c, span_member(event, "sensorElementList"));
    collect_extensions(c, PART_EVENT, event);
    collect_extensions(c, PART_ILMD, span_member(event, "ilmd"));
    collect_extensions(c, PART_ERROR_DECLARATION, declaration);
    collect_extensions(c, PART_READ_POINT, span_member(event, "readPoint"));
    collect_extensions(c, PART_BIZ_LOCATION, span_member(event, "bizLocation"));
}

static struct bytes single(struct collector *c, const struct json_span *value,
                           enum vocabulary vocabulary) {
    if (!value || value->kind != SPAN_STRING) return bytes_of(NULL, 0);
    return word(c, vocabulary, value->text);
}

static int compare_numbers(int64_t a, int64_t b) { return a < b ? -1 : a > b; }

static int compare_values(const void *a, const void *b) {
    const struct event_value *left = a, *right = b;
    int order = compare_numbers(left->field, right->field);
    if (order == 0) order = bytes_compare(left->text, right->text);
    if (order == 0) order = left->has_number - right->has_number;
    if (order == 0) order = compare_numbers(left->number, right->number);
    if (order == 0) order = compare_numbers(left->time_ms, right->time_ms);
    return order ? order : right->is_first - left->is_first;
}

struct seen {
    int64_t field;
    size_t position;
};

static int compare_seen(const void *a, const void *b) {
    const struct seen *left = a, *right = b;
    int order = compare_numbers(left->field, right->field);
    return order ? order : (left->position < right->position ? -1 : 1);
}

static void mark_first(struct event_value *values, size_t count, struct arena *arena) {
    struct seen *seen = arena_alloc_array(arena, count, sizeof *seen);
    for (size_t i = 0; i < count; i++) seen[i] = (struct seen){values[i].field, i};
    qsort(seen, count, sizeof *seen, compare_seen);
    for (size_t i = 0; i < count; i++)
        values[seen[i].position].is_first = i == 0 || seen[i - 1].field != seen[i].field;
}

static bool is_same(const struct event_value *a, const struct event_value *b) {
    return a->field == b->field && bytes_equal(a->text, b->text) &&
           a->has_number == b->has_number && a->number == b->number && a->time_ms == b->time_ms;
}

static void keep_values(struct event_values *out, struct collector *c) {
    size_t count = c->values.len / sizeof(struct event_value);
    if (count == 0) return;
    struct event_value *values = arena_alloc_array(c->arena, count, sizeof *values);
    memcpy(values, c->values.data, c->values.len);
    mark_first(values, count, c->arena);
    qsort(values, count, sizeof *values, compare_values);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || !is_same(&values[out->count - 1], &values[i]))
            values[out->count++] = values[i];
    out->items = values;
}

void event_values_collect(struct event_values *out, struct arena *arena,
                          const struct epcis_event *event) {
    struct collector c = {.arena = arena, .context = event->context};
    const struct json_span *value = event->value;
    *out = (struct event_values){0};
    out->type = single(&c, span_member(value, "type"), VOCABULARY_EVENT_TYPE);
    out->action = single(&c, span_member(value, "action"), VOCABULARY_ACTION);
    out->biz_step = single(&c, span_member(value, "bizStep"), VOCABULARY_BIZ_STEP);
    out->disposition = single(&c, span_member(value, "disposition"), VOCABULARY_DISPOSITION);
    out->read_point =
        single(&c, span_member(span_member(value, "readPoint"), "id"), VOCABULARY_NONE);
    out->biz_location =
        single(&c, span_member(span_member(value, "bizLocation"), "id"), VOCABULARY_NONE);
    collect_all(&c, value);
    keep_values(out, &c);
    buf_clear(&c.values);
    buf_clear(&c.text);
}
