// SPDX-License-Identifier: Apache-2.0
// The line is built in place: every part is appended to one buffer, its range remembered on a
// stack, and where an order is wanted the ranges since a mark are sorted and the bytes moved.
#include "apps/supplychain/epcis/event_hash.h"

#include <stdio.h>
#include <stdlib.h>

#include "apps/supplychain/epcis/identifier.h"
#include "apps/supplychain/epcis/scalar.h"
#include "apps/supplychain/epcis/vocabulary.h"
#include "chaincore/crypto/sha256.h"

// ---- the shape of an event

enum shape {
    SHAPE_VALUE,   // key=value
    SHAPE_TIME,    // key=value, in UTC
    SHAPE_VALUES,  // one or many of key=value, sorted
    SHAPE_LIST,    // key, then item=value of each, sorted
    SHAPE_OBJECT,  // key, then its fields and extensions
    SHAPE_OBJECTS, // key, then of each the item's name, its fields and extensions, sorted
    SHAPE_REPEAT,  // of each the key, its fields and extensions, sorted
};

struct field {
    const char *name;
    enum shape shape;
    const char *vocabulary; // what a bare word stands for, before the word; NULL: itself
    const char *item;
    const struct field *fields; // ends with a field without a name
};

#define CBV "https://ref.gs1.org/cbv/"
#define VOC "https://gs1.org/voc/"
#define VALUE(name) \
    { name, SHAPE_VALUE, NULL, NULL, NULL }
#define TIME(name) \
    { name, SHAPE_TIME, NULL, NULL, NULL }
#define WORD(name, vocabulary) \
    { name, SHAPE_VALUE, vocabulary, NULL, NULL }
#define EPCS(name) \
    { name, SHAPE_LIST, NULL, "epc", NULL }
#define QUANTITIES(name) \
    { name, SHAPE_OBJECTS, NULL, "quantityElement", quantity_fields }
#define END \
    { NULL, SHAPE_VALUE, NULL, NULL, NULL }

static const struct field no_fields[] = {END};
static const struct field quantity_fields[] = {VALUE("epcClass"), VALUE("quantity"), VALUE("uom"),
                                               END};
static const struct field persistent_fields[] = {
    {"set", SHAPE_VALUES, CBV "Disp-", NULL, NULL},
    {"unset", SHAPE_VALUES, CBV "Disp-", NULL, NULL},
    END,
};
static const struct field place_fields[] = {VALUE("id"), END};
static const struct field metadata_fields[] = {
    TIME("time"),
    TIME("startTime"),
    TIME("endTime"),
    VALUE("deviceID"),
    VALUE("deviceMetadata"),
    VALUE("rawData"),
    VALUE("dataProcessingMethod"),
    VALUE("bizRules"),
    END,
};
static const struct field report_fields[] = {
    WORD("type", VOC),
    WORD("exception", VOC),
    VALUE("deviceID"),
    VALUE("deviceMetadata"),
    VALUE("rawData"),
    VALUE("dataProcessingMethod"),
    TIME("time"),
    VALUE("microorganism"),
    VALUE("chemicalSubstance"),
    VALUE("value"),
    WORD("component", CBV "Comp-"),
    VALUE("stringValue"),
    VALUE("booleanValue"),
    VALUE("hexBinaryValue"),
    VALUE("uriValue"),
    VALUE("minValue"),
    VALUE("maxValue"),
    VALUE("meanValue"),
    VALUE("sDev"),
    VALUE("percRank"),
    VALUE("percValue"),
    VALUE("uom"),
    VALUE("coordinateReferenceSystem"),
    END,
};
static const struct field element_fields[] = {
    {"sensorMetadata", SHAPE_OBJECT, NULL, NULL, metadata_fields},
    {"sensorReport", SHAPE_REPEAT, NULL, NULL, report_fields},
    END,
};
static const struct field transaction_fields[] = {WORD("type", CBV "BTT-"), VALUE("bizTransaction"),
                                                  END};
static const struct field source_fields[] = {WORD("type", CBV "SDT-"), VALUE("source"), END};
static const struct field destination_fields[] = {WORD("type", CBV "SDT-"), VALUE("destination"),
                                                  END};

static const struct field ordered_fields[] = {
    TIME("eventTime"),
    VALUE("eventTimeZoneOffset"),
    {"certificationInfo", SHAPE_VALUES, NULL, NULL, NULL},
    VALUE("parentID"),
    EPCS("epcList"),
    EPCS("inputEPCList"),
    EPCS("childEPCs"),
    QUANTITIES("quantityList"),
    QUANTITIES("childQuantityList"),
    QUANTITIES("inputQuantityList"),
    EPCS("outputEPCList"),
    QUANTITIES("outputQuantityList"),
    VALUE("action"),
    VALUE("transformationID"),
    WORD("bizStep", CBV "BizStep-"),
    WORD("disposition", CBV "Disp-"),
    {"persistentDisposition", SHAPE_OBJECT, NULL, NULL, persistent_fields},
    {"readPoint", SHAPE_OBJECT, NULL, NULL, place_fields},
    {"bizLocation", SHAPE_OBJECT, NULL, NULL, place_fields},
    {"sensorElementList", SHAPE_OBJECTS, NULL, "sensorElement", element_fields},
    END,
};
// These stand among the extensions, in one order with them.
static const struct field sorted_fields[] = {
    {"bizTransactionList", SHAPE_OBJECTS, NULL, "", transaction_fields},
    {"sourceList", SHAPE_OBJECTS, NULL, "", source_fields},
    {"destinationList", SHAPE_OBJECTS, NULL, "", destination_fields},
    {"ilmd", SHAPE_OBJECT, NULL, NULL, no_fields},
    END,
};
static const char *const left_out[] = {"type", "eventID", "recordTime", "errorDeclaration",
                                       "@context"};
static const char *const comments[] = {"comment", "rdfs:comment"};

// ---- the line

struct range {
    size_t start;
    size_t len;
};

struct line {
    struct buf *out;
    struct buf parts; // struct range
    struct buf moved; // what is being sorted,
    struct buf order; // and its parts as struct bytes
    const struct event_scope *scope;
    struct epcis_fault *fault;
    struct bytes field; // of the event, in work
    size_t start;
};

static struct bytes text_of(const struct json_span *value) {
    if (value->kind == SPAN_NULL || !span_is_scalar(value)) return bytes_of(NULL, 0);
    return scalar_trim(value->text);
}

static bool is_among(struct bytes name, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (bytes_equal(name, bytes_of_string(names[i]))) return true;
    return false;
}

static bool is_comment(struct bytes name) { return is_among(name, comments, 2); }

void epcis_fault_enter(struct epcis_fault *fault, struct bytes name) {
    size_t len = strlen(fault->pointer), start = len;
    char *out = fault->pointer;
    out[len++] = '/';
    for (size_t i = 0; i < name.len; i++) {
        bool is_escaped = name.data[i] == '~' || name.data[i] == '/';
        if (len + 3 > sizeof(fault->pointer)) {
            out[start] = '\0';
            return;
        }
        memcpy(&out[len++], is_escaped ? "~" : (const char *)&name.data[i], 1);
        if (is_escaped) out[len++] = name.data[i] == '~' ? '0' : '1';
    }
    out[len] = '\0';
}

static enum status refuse(struct line *line, enum status status, const char *reason) {
    line->fault->reason = reason;
    line->fault->pointer[0] = '\0';
    epcis_fault_enter(line->fault, line->field);
    return status;
}

static enum status check_length(struct line *line) {
    if (line->out->len - line->start <= line->scope->max_len) return STATUS_OK;
    return refuse(line, STATUS_TOO_LARGE, "says too much for the document's size");
}

static int compare_bytes(const void *a, const void *b) {
    return bytes_compare(*(const struct bytes *)a, *(const struct bytes *)b);
}

static void part_end(struct line *line, size_t start) {
    struct range range = {start, line->out->len - start};
    buf_append(&line->parts, BYTES_OF(range));
}

// Sorts the parts added since `mark`, which lie side by side up to the end, and forgets them.
static void parts_sort(struct line *line, size_t mark) {
    size_t count = (line->parts.len - mark) / sizeof(struct range);
    line->parts.len = mark;
    if (count < 2) return;
    const struct range *ranges = (const struct range *)(const void *)(line->parts.data + mark);
    size_t start = ranges[0].start;
    buf_reset(&line->moved);
    buf_reset(&line->order);
    buf_append(&line->moved, bytes_of(line->out->data + start, line->out->len - start));
    for (size_t i = 0; i < count; i++) {
        struct bytes part = bytes_of(line->moved.data + (ranges[i].start - start), ranges[i].len);
        buf_append(&line->order, BYTES_OF(part));
    }
    struct bytes *order = (struct bytes *)(void *)line->order.data;
    qsort(order, count, sizeof(*order), compare_bytes);
    line->out->len = start;
    for (size_t i = 0; i < count; i++) buf_append(line->out, order[i]);
}

// ---- values

static void append_text(struct buf *out, struct bytes text) {
    if (vocabulary_append_urn(out, text)) return;
    if (scalar_append_number(out, text) || identifier_canonicalise(out, text)) return;
    buf_append(out, text);
}

void event_value_append(struct buf *out, const struct json_span *value,
                        const struct epcis_context *context) {
    struct bytes text = text_of(value), iri, rest;
    if (!epcis_context_expand(context, text, &iri, &rest)) {
        append_text(out, text);
        return;
    }
    struct buf whole = {0};
    buf_append(&whole, iri);
    buf_append(&whole, rest);
    append_text(out, buf_bytes(&whole));
    buf_clear(&whole);
}

static bool is_bare_word(struct bytes text) {
    return text.len && !memchr(text.data, ':', text.len);
}

static void append_value(struct line *line, const struct json_span *value, const char *vocabulary) {
    struct bytes text = text_of(value);
    if (vocabulary && is_bare_word(text)) {
        buf_append_string(line->out, vocabulary);
        buf_append(line->out, text);
    } else {
        event_value_append(line->out, value, line->scope->context);
    }
}

static void append_time(struct line *line, const struct json_span *value) {
    int64_t time_ms;
    if (scalar_read_time(&time_ms, text_of(value)) == STATUS_OK)
        scalar_append_time(line->out, time_ms);
    else
        append_value(line, value, NULL);
}

// key=value, or nothing for an empty value.
static enum status write_pair(struct line *line, const char *key, const struct json_span *value,
                              const struct field *field) {
    if (text_of(value).len == 0) return STATUS_OK;
    buf_append_string(line->out, key);
    buf_append_byte(line->out, '=');
    if (field->shape == SHAPE_TIME)
        append_time(line, value);
    else
        append_value(line, value, field->vocabulary);
    return check_length(line);
}

// ---- extensions

static void append_key(struct line *line, struct bytes key) {
    struct bytes iri, rest;
    if (!epcis_context_expand(line->scope->context, key, &iri, &rest)) {
        buf_append(line->out, key);
        return;
    }
    buf_append_byte(line->out, '{');
    buf_append(line->out, iri);
    buf_append_byte(line->out, '}');
    buf_append(line->out, rest);
}

static enum status write_extensions(struct line *line, const struct json_span *object,
                                    const struct field *known);

// One part for a scalar or an object, one per element for an array. The parser bounds the depth.
static enum status write_extension(struct line *line, struct bytes key,
                                   const struct json_span *value) {
    enum status status = STATUS_OK;
    if (value->kind == SPAN_ARRAY) {
        for (uint32_t i = 0; i < value->count && status == STATUS_OK; i++)
            status = write_extension(line, key, &value->items[i]);
        return status;
    }
    size_t start = line->out->len;
    append_key(line, key);
    if (value->kind == SPAN_OBJECT) {
        status = write_extensions(line, value, no_fields);
    } else if (text_of(value).len) {
        buf_append_byte(line->out, '=');
        append_value(line, value, NULL);
    }
    if (status == STATUS_OK) status = check_length(line);
    part_end(line, start);
    return status;
}

static bool is_known(struct bytes name, const struct field *known) {
    for (; known->name; known++)
        if (bytes_equal(name, bytes_of_string(known->name))) return true;
    return false;
}

static enum status write_extensions(struct line *line, const struct json_span *object,
                                    const struct field *known) {
    enum status status = STATUS_OK;
    size_t mark = line->parts.len;
    for (uint32_t i = 0; i < object->count && status == STATUS_OK; i++) {
        const struct json_span *member = &object->items[i];
        if (!is_known(member->name, known) && !is_comment(member->name))
            status = write_extension(line, member->name, member);
    }
    parts_sort(line, mark);
    return status;
}

// ---- fields of the standard

static enum status write_field(struct line *line, const struct field *field,
                               const struct json_span *value);

// Its fields in their order, then its extensions.
static enum status write_object(struct line *line, const struct field *field,
                                const struct json_span *object) {
    enum status status = STATUS_OK;
    for (const struct field *inner = field->fields; inner->name; inner++) {
        const struct json_span *value = span_member(object, inner->name);
        if (value) TRY(write_field(line, inner, value));
    }
    status = write_extensions(line, object, field->fields);
out:
    return status;
}

// One item of a list of pairs or of objects: a part, or nothing when it is empty.
static enum status write_item(struct line *line, const struct field *field,
                              const struct json_span *item) {
    enum status status = STATUS_OK;
    size_t start = line->out->len;
    if (field->shape == SHAPE_LIST || field->shape == SHAPE_VALUES) {
        const char *key = field->shape == SHAPE_LIST ? field->item : field->name;
        status = write_pair(line, key, item, field);
    } else {
        buf_append_string(line->out, field->shape == SHAPE_REPEAT ? field->name : field->item);
        size_t header_end = line->out->len;
        status = write_object(line, field, item);
        if (line->out->len == header_end) line->out->len = start;
    }
    if (line->out->len > start) part_end(line, start);
    return status;
}

static enum status write_items(struct line *line, const struct field *field,
                               const struct json_span *value) {
    enum status status = STATUS_OK;
    size_t mark = line->parts.len;
    if (value->kind != SPAN_ARRAY)
        status = write_item(line, field, value);
    else
        for (uint32_t i = 0; i < value->count && status == STATUS_OK; i++)
            status = write_item(line, field, &value->items[i]);
    parts_sort(line, mark);
    return status;
}

static bool is_empty(const struct json_span *value) {
    return span_is_scalar(value) ? text_of(value).len == 0 : value->count == 0;
}

static bool fits(const struct field *field, const struct json_span *value);

static bool fields_fit(const struct field *fields, const struct json_span *object) {
    if (object->kind != SPAN_OBJECT) return false;
    for (; fields->name; fields++) {
        const struct json_span *value = span_member(object, fields->name);
        if (value && !fits(fields, value)) return false;
    }
    return true;
}

static bool item_fits(const struct field *field, const struct json_span *item) {
    bool is_scalar = field->shape == SHAPE_LIST || field->shape == SHAPE_VALUES;
    return is_scalar ? span_is_scalar(item) : fields_fit(field->fields, item);
}

// Has the value, down to the last field, the shape that the standard gives it?
static bool fits(const struct field *field, const struct json_span *value) {
    if (is_empty(value)) return true;
    if (field->shape == SHAPE_VALUE || field->shape == SHAPE_TIME) return span_is_scalar(value);
    if (field->shape == SHAPE_OBJECT) return fields_fit(field->fields, value);
    if (field->shape == SHAPE_VALUES && span_is_scalar(value)) return true;
    if (value->kind != SPAN_ARRAY) return false;
    for (uint32_t i = 0; i < value->count; i++)
        if (!item_fits(field, &value->items[i])) return false;
    return true;
}

// Events of types of one's own may use the standard's names as they like: those are extensions.
static enum status write_misfit(struct line *line, const struct json_span *value) {
    size_t mark = line->parts.len;
    enum status status = write_extension(line, value->name, value);
    parts_sort(line, mark);
    return status;
}

// The value fits.
static enum status write_field(struct line *line, const struct field *field,
                               const struct json_span *value) {
    enum status status;
    size_t start = line->out->len;
    if (is_empty(value)) return STATUS_OK;
    if (field->shape == SHAPE_VALUE || field->shape == SHAPE_TIME)
        return write_pair(line, field->name, value, field);
    if (field->shape == SHAPE_LIST || field->shape == SHAPE_OBJECT || field->shape == SHAPE_OBJECTS)
        buf_append_string(line->out, field->name);
    size_t header_end = line->out->len;
    status = field->shape == SHAPE_OBJECT ? write_object(line, field, value)
                                          : write_items(line, field, value);
    if (line->out->len == header_end) line->out->len = start;
    return status;
}

// ---- the event

static const struct field *find_field(const struct field *fields, struct bytes name) {
    for (; fields->name; fields++)
        if (bytes_equal(name, bytes_of_string(fields->name))) return fields;
    return NULL;
}

static bool is_ignored(const struct line *line, struct bytes name) {
    if (is_comment(name)) return true;
    if (is_among(name, left_out, sizeof(left_out) / sizeof(*left_out))) return true;
    return line->scope->ignored_count &&
           bsearch(&name, line->scope->ignored, line->scope->ignored_count, sizeof(name),
                   compare_bytes) != NULL;
}

static enum status write_ordered(struct line *line, const struct json_span *event) {
    enum status status = STATUS_OK;
    for (const struct field *field = ordered_fields; field->name; field++) {
        const struct json_span *value = span_member(event, field->name);
        line->field = value ? value->name : bytes_of(NULL, 0);
        if (!value || is_ignored(line, value->name)) continue;
        TRY(fits(field, value) ? write_field(line, field, value) : write_misfit(line, value));
    }
out:
    return status;
}

static enum status write_rest(struct line *line, const struct json_span *event) {
    enum status status = STATUS_OK;
    size_t mark = line->parts.len;
    for (uint32_t i = 0; i < event->count && status == STATUS_OK; i++) {
        const struct json_span *member = &event->items[i];
        if (find_field(ordered_fields, member->name) || is_ignored(line, member->name)) continue;
        const struct field *field = find_field(sorted_fields, member->name);
        line->field = member->name;
        if (field && fits(field, member)) {
            size_t start = line->out->len;
            status = write_field(line, field, member);
            if (line->out->len > start) part_end(line, start);
        } else {
            status = write_extension(line, member->name, member);
        }
    }
    parts_sort(line, mark);
    return status;
}

enum status event_prehash(struct buf *out, struct epcis_fault *fault, const struct json_span *event,
                          const struct event_scope *scope) {
    struct line line = {.out = out, .scope = scope, .fault = fault, .start = out->len};
    enum status status;
    const struct json_span *type = span_member(event, "type");
    line.field = bytes_of_string("type");
    if (!type || type->kind != SPAN_STRING || text_of(type).len == 0)
        return refuse(&line, STATUS_MALFORMED, "names no type of event");
    buf_append_string(out, "eventType=");
    append_value(&line, type, NULL);
    TRY(write_ordered(&line, event));
    TRY(write_rest(&line, event));
out:
    if (status != STATUS_OK) out->len = line.start;
    buf_clear(&line.parts);
    buf_clear(&line.moved);
    buf_clear(&line.order);
    return status;
}

enum status event_hash(uint8_t hash[EVENT_HASH_SIZE], struct buf *scratch,
                       struct epcis_fault *fault, const struct json_span *event,
                       const struct event_scope *scope) {
    buf_reset(scratch);
    enum status status = event_prehash(scratch, fault, event, scope);
    if (status == STATUS_OK) sha256(hash, buf_bytes(scratch));
    return status;
}

#define URI_HEAD "ni:///sha-256;"
#define URI_TAIL "?ver=CBV2.0"

void event_hash_print(char out[EVENT_HASH_URI_SIZE], const uint8_t hash[EVENT_HASH_SIZE]) {
    char digits[2 * EVENT_HASH_SIZE + 1];
    hex_encode(digits, bytes_of(hash, EVENT_HASH_SIZE));
    snprintf(out, EVENT_HASH_URI_SIZE, URI_HEAD "%s" URI_TAIL, digits);
}

enum status event_hash_read(uint8_t hash[EVENT_HASH_SIZE], struct bytes uri) {
    char text[EVENT_HASH_URI_SIZE], digits[2 * EVENT_HASH_SIZE + 1], printed[EVENT_HASH_URI_SIZE];
    if (uri.len != sizeof(text) - 1) return STATUS_MALFORMED;
    memcpy(text, uri.data, uri.len);
    text[uri.len] = '\0';
    memcpy(digits, text + sizeof(URI_HEAD) - 1, sizeof(digits) - 1);
    digits[sizeof(digits) - 1] = '\0';
    if (hex_decode(hash, EVENT_HASH_SIZE, digits) != STATUS_OK) return STATUS_MALFORMED;
    // One text per hash: whatever differs, upper-case digits too, is refused.
    event_hash_print(printed, hash);
    return strcmp(printed, text) == 0 ? STATUS_OK : STATUS_MALFORMED;
}
