// SPDX-License-Identifier: Apache-2.0
// Any bytes as parameters of a query ("name=value", one to a line), as a query in JSON, and as a
// document whose values and master data are collected. A query that is taken keeps to its bounds,
// and one that is refused says why; what is collected can be stored and asked for.
#include "apps/supplychain/epcis/event_values.h"
#include "apps/supplychain/epcis/master_data.h"
#include "apps/supplychain/epcis/query_json.h"
#include "chaincore/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_query(const struct epcis_query *query) {
    size_t terms = 0;
    ENSURE(query->condition_count <= LIMIT_QUERY_CONDITIONS);
    for (size_t i = 0; i < query->condition_count; i++) {
        const struct query_condition *condition = &query->conditions[i];
        terms += condition->number_count + (condition->attribute.len > 0);
        for (size_t k = 0; k < condition->text_count; k++) {
            const struct query_text *text = &condition->texts[k];
            ENSURE(k == 0 || bytes_compare(condition->texts[k - 1].text, text->text) < 0 ||
                   condition->texts[k - 1].is_prefix != text->is_prefix);
            ENSURE(text->text.len <= LIMIT_QUERY_VALUE_BYTES || text->is_prefix);
            terms += text->is_prefix ? 2 : 1;
        }
    }
    ENSURE(terms == query->value_count && terms <= LIMIT_QUERY_TERMS);
    ENSURE(query->per_page >= 1 && query->per_page <= LIMIT_QUERY_PAGE);
}

static void parse(struct arena *arena, const struct query_parameter *parameters, size_t count,
                  const struct epcis_context *context) {
    struct epcis_query *query = arena_alloc(arena, sizeof *query);
    struct epcis_fault fault;
    const struct query_reading reading = {.arena = arena, .context = context, .takes_own = true};
    if (epcis_query_parse(query, &fault, &reading, parameters, count) == STATUS_OK)
        check_query(query);
    else
        ENSURE(fault.reason && fault.rule);
}

// The line that begins at *at, which moves behind it.
static struct bytes take_line(struct bytes *rest) {
    const uint8_t *end = rest->len ? memchr(rest->data, '\n', rest->len) : NULL;
    size_t len = end ? (size_t)(end - rest->data) : rest->len;
    struct bytes line = bytes_of(rest->data, len);
    *rest = bytes_of(rest->data + len + (end != NULL), rest->len - len - (end != NULL));
    return line;
}

static void check_parameters(struct bytes text) {
    struct arena arena = {0};
    struct query_parameter parameters[LIMIT_QUERY_CONDITIONS];
    size_t count = 0;
    while (text.len > 0 && count < LIMIT_QUERY_CONDITIONS) {
        struct bytes line = take_line(&text);
        const uint8_t *equals = line.len ? memchr(line.data, '=', line.len) : NULL;
        size_t name = equals ? (size_t)(equals - line.data) : line.len,
               used = name + (equals != NULL);
        parameters[count++] = query_parameter_of(&arena, bytes_of(line.data, name),
                                                 bytes_of(line.data + used, line.len - used));
    }
    parse(&arena, parameters, count, NULL);
    arena_clear(&arena);
}

static void check_json(struct bytes text) {
    struct arena arena = {0};
    const struct json_span *root;
    struct query_json json;
    struct epcis_fault fault;
    if (span_parse(&root, NULL, &arena, text, SPAN_REFUSE_TWICE) == STATUS_OK &&
        query_json_read(&json, &fault, &arena, root) == STATUS_OK)
        parse(&arena, json.parameters, json.count, &json.context);
    arena_clear(&arena);
}

static void check_text(struct bytes text) {
    ENSURE(text.len <= LIMIT_QUERY_VALUE_BYTES + 4 && utf8_is_valid(text));
}

static void check_values(const struct event_values *values) {
    check_text(values->type);
    check_text(values->read_point);
    check_text(values->biz_location);
    for (size_t i = 0; i < values->count; i++) {
        const struct event_value *value = &values->items[i];
        check_text(value->text);
        ENSURE(i == 0 || values->items[i - 1].field <= value->field);
        ENSURE(value->field > 0 && (value->text.data || value->has_number || value->has_time));
    }
}

static void check_document(struct bytes text) {
    struct epcis_document document;
    struct epcis_fault fault;
    struct arena arena = {0};
    struct event_values values;
    struct master_data data;
    if (epcis_document_split(&document, &fault, text) != STATUS_OK) return;
    for (size_t i = 0; i < document.event_count; i++) {
        event_values_collect(&values, &arena, &document.events[i]);
        check_values(&values);
    }
    master_data_collect(&data, &arena, &document);
    for (size_t i = 0; i < data.count; i++) check_text(data.elements[i].id);
    arena_clear(&arena);
    epcis_document_clear(&document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bytes text = bytes_of(data, size);
    if (!utf8_is_valid(text) || (size > 0 && memchr(data, 0, size))) return 0; // HTTP refuses it
    check_parameters(text);
    check_json(text);
    check_document(text);
    return 0;
}
