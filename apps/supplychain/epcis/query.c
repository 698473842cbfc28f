// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/query.h"

#include "apps/supplychain/epcis/query_reader.h"

// A list of names goes on behind one of them, written in hexadecimal digits.
enum { PAGE_TOKEN_BYTES = 2 * LIMIT_EPCIS_IDENTIFIER_BYTES };

enum status query_refuse(struct query_reader *in, enum status status, const char *rule,
                         const char *reason) {
    in->fault->rule = rule;
    in->fault->reason = reason;
    return status;
}

enum status query_read_single(struct query_reader *in, struct bytes *out) {
    const struct query_parameter *parameter = in->parameter;
    *out = parameter->count > 0 ? parameter->values[0] : bytes_of(NULL, 0);
    if (parameter->count > 1)
        return query_refuse(in, STATUS_INVALID, "epcis/single", "takes one value, not a list");
    if (out->len > LIMIT_QUERY_VALUE_BYTES)
        return query_refuse(in, STATUS_TOO_LARGE, "epcis/list", "is too long");
    return STATUS_OK;
}

static bool begins_with_scheme(struct bytes name) {
    return bytes_start_with(name, bytes_of_string("http://")) ||
           bytes_start_with(name, bytes_of_string("https://")) ||
           bytes_start_with(name, bytes_of_string("urn:"));
}

enum status query_read_name(struct query_reader *in, struct bytes name, struct bytes *out) {
    static const struct epcis_context none;
    const struct epcis_context *context = in->reading->context ? in->reading->context : &none;
    struct bytes iri, rest;
    struct buf whole = {0};
    if (name.len == 0 || name.data[name.len - 1] == ':' || !memchr(name.data, ':', name.len))
        return query_refuse(in, STATUS_INVALID, "epcis/name", "lacks a name with its prefix");
    if (begins_with_scheme(name)) {
        vocabulary_append_value(&whole, VOCABULARY_NONE, name, context);
    } else if (epcis_context_expand(context, name, &iri, &rest)) {
        buf_append(&whole, iri);
        buf_append(&whole, rest);
    } else {
        return query_refuse(in, STATUS_INVALID, "epcis/prefix",
                            "has a prefix that stands for no namespace: the header "
                            "GS1-Extensions, or @context, says what it stands for");
    }
    *out = arena_copy(in->reading->arena, buf_bytes(&whole));
    buf_clear(&whole);
    return STATUS_OK;
}

// ---- how much, in what order

static enum status read_count(struct query_reader *in, uint32_t most, uint32_t *out) {
    struct bytes value;
    enum status status = query_read_single(in, &value);
    uint64_t number = 0;
    if (status != STATUS_OK) return status;
    for (size_t i = 0; i < value.len; i++) {
        uint8_t digit = (uint8_t)(value.data[i] - '0');
        if (digit > 9)
            return query_refuse(in, STATUS_INVALID, "epcis/count", "is not a whole number");
        number = number * 10 + digit;
        if (number > most) number = most + UINT64_C(1);
    }
    if (value.len == 0)
        return query_refuse(in, STATUS_INVALID, "epcis/count", "is not a whole number");
    *out = (uint32_t)number;
    return STATUS_OK;
}

static enum status read_per_page(struct query_reader *in) {
    enum status status = read_count(in, LIMIT_QUERY_PAGE, &in->query->per_page);
    if (status != STATUS_OK) return status;
    if (in->query->per_page == 0)
        return query_refuse(in, STATUS_INVALID, "epcis/count", "is not a number above 0");
    if (in->query->per_page > LIMIT_QUERY_PAGE) in->query->per_page = LIMIT_QUERY_PAGE;
    return STATUS_OK;
}

static enum status read_page_token(struct query_reader *in) {
    const struct query_parameter *parameter = in->parameter;
    if (parameter->count != 1)
        return query_refuse(in, STATUS_INVALID, "epcis/single", "takes one value");
    struct bytes value = parameter->values[0];
    if (value.len > PAGE_TOKEN_BYTES)
        return query_refuse(in, STATUS_TOO_LARGE, "epcis/page-token", "is too long");
    bool is_token = value.len > 0;
    for (size_t i = 0; i < value.len && is_token; i++) {
        uint8_t byte = value.data[i];
        is_token = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                   (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
    }
    if (!is_token)
        return query_refuse(in, STATUS_INVALID, "epcis/page-token",
                            "is not a token that was given out");
    in->query->page_token = value;
    return STATUS_OK;
}

static enum status read_limit(struct query_reader *in) {
    uint32_t *limit = &in->query->event_count_limit;
    enum status status = read_count(in, LIMIT_QUERY_EVENTS, limit);
    if (status != STATUS_OK) return status;
    if (*limit == 0 || *limit > LIMIT_QUERY_EVENTS)
        return query_refuse(in, STATUS_INVALID, "epcis/count", "is not a number from 1 to 100000");
    return STATUS_OK;
}

static enum status read_max(struct query_reader *in) {
    enum status status = read_count(in, LIMIT_QUERY_EVENTS, &in->query->max_event_count);
    if (status != STATUS_OK) return status;
    if (in->query->max_event_count > LIMIT_QUERY_EVENTS)
        return query_refuse(in, STATUS_INVALID, "epcis/count", "is not a number up to 100000");
    in->query->has_max_event_count = true;
    return STATUS_OK;
}

static enum status read_order(struct query_reader *in) {
    struct event_extension extension = {.part = PART_EVENT};
    struct epcis_query *query = in->query;
    struct bytes value;
    enum status status;
    TRY(query_read_single(in, &value));
    if (bytes_equal(value, bytes_of_string("eventTime"))) {
        query->order = ORDER_EVENT_TIME;
    } else if (bytes_equal(value, bytes_of_string("recordTime"))) {
        query->order = ORDER_RECORD_TIME;
    } else if (value.len > 0 && memchr(value.data, ':', value.len)) {
        TRY(query_read_name(in, value, &extension.name));
        query->order = ORDER_FIELD;
        query->order_field = event_field_of_extension(&extension);
    } else {
        status = query_refuse(in, STATUS_INVALID, "epcis/order",
                              "is neither eventTime, recordTime nor a field of an extension");
    }
out:
    return status;
}

static enum status read_direction(struct query_reader *in) {
    struct bytes value;
    enum status status = query_read_single(in, &value);
    if (status != STATUS_OK) return status;
    in->query->is_ascending = bytes_equal(value, bytes_of_string("ASC"));
    if (in->query->is_ascending || bytes_equal(value, bytes_of_string("DESC"))) return STATUS_OK;
    return query_refuse(in, STATUS_INVALID, "epcis/direction", "is neither ASC nor DESC");
}

static enum status read_identifier(struct query_reader *in) {
    return query_read_identifiers(in, (1U << (CLASS_IN_OUTPUT + 1)) - 1);
}

// ---- parameters

static const struct {
    const char *name;
    enum status (*read)(struct query_reader *in);
    bool is_own; // none of the standard's
} controls[] = {
    {"orderBy", read_order, false},         {"orderDirection", read_direction, false},
    {"eventCountLimit", read_limit, false}, {"maxEventCount", read_max, false},
    {"perPage", read_per_page, false},      {"nextPageToken", read_page_token, false},
    {"identifier", read_identifier, true},
};

static void name_parameter(struct epcis_fault *fault, struct bytes name) {
    size_t len = name.len < sizeof(fault->pointer) ? name.len : sizeof(fault->pointer) - 1;
    // Not through the middle of a character.
    while (len < name.len && len && (name.data[len] & 0xc0) == 0x80) len--;
    if (len) memcpy(fault->pointer, name.data, len);
    fault->pointer[len] = '\0';
}

static enum status read_parameter(struct query_reader *in) {
    struct bytes name = in->parameter->name, rest;
    enum query_operator operation;
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
        if (bytes_equal(name, bytes_of_string(controls[i].name)) &&
            (in->reading->takes_own || !controls[i].is_own))
            return controls[i].read(in);
    const struct query_subject *subject = query_subject_find(name, &operation, &rest);
    if (subject) return query_read_values(in, subject, operation, rest);
    return query_refuse(in, STATUS_INVALID, "epcis/parameter", "is not a parameter of this query");
}

// Two names of one parameter count as one.
static struct bytes first_name(struct bytes name) {
    return bytes_equal(name, bytes_of_string("eventType")) ? bytes_of_string("EQ_eventType") : name;
}

static bool is_given_before(const struct query_parameter *parameters, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (bytes_equal(first_name(parameters[i].name), first_name(parameters[index].name)))
            return true;
    return false;
}

static enum status check_counts(struct query_reader *in, bool has_order) {
    const struct epcis_query *query = in->query;
    if (query->event_count_limit == 0) return STATUS_OK;
    name_parameter(in->fault, bytes_of_string("eventCountLimit"));
    if (query->has_max_event_count)
        return query_refuse(in, STATUS_INVALID, "epcis/counts",
                            "cannot be given together with maxEventCount");
    return has_order ? STATUS_OK
                     : query_refuse(in, STATUS_INVALID, "epcis/counts", "needs orderBy beside it");
}

enum status epcis_query_parse(struct epcis_query *out, struct epcis_fault *fault,
                              const struct query_reading *reading,
                              const struct query_parameter *parameters, size_t count) {
    struct query_reader in = {.query = out, .fault = fault, .reading = reading};
    enum status status;
    *out = (struct epcis_query){.per_page = QUERY_PAGE_DEFAULT};
    *fault = (struct epcis_fault){0};
    for (size_t i = 0; i < count; i++) {
        in.parameter = &parameters[i];
        name_parameter(fault, parameters[i].name);
        if (is_given_before(parameters, i))
            return query_refuse(&in, STATUS_INVALID, "epcis/twice", "is given twice");
        TRY(read_parameter(&in));
    }
    TRY(check_counts(&in, out->order != ORDER_NONE));
    *fault = (struct epcis_fault){0};
out:
    return status;
}

struct query_parameter query_parameter_of(struct arena *arena, struct bytes name,
                                          struct bytes value) {
    size_t count = 1, start = 0;
    for (size_t i = 0; i < value.len; i++) count += value.data[i] == '|';
    struct bytes *values = arena_alloc_array(arena, count, sizeof *values);
    count = 0;
    for (size_t i = 0; i <= value.len; i++) {
        if (i < value.len && value.data[i] != '|') continue;
        values[count++] = bytes_of(value.data + start, i - start);
        start = i + 1;
    }
    return (struct query_parameter){name, values, count};
}
