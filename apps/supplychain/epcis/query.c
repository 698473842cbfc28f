// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/query.h"

#include <stdio.h>
#include <stdlib.h>

#include "apps/supplychain/epcis/identifier.h"
#include "apps/supplychain/epcis/scalar.h"
#include "chaincore/base/limits.h"

#define BIT(place) (1U << (place))

enum { PAGE_TOKEN_BYTES = 256 };

#define EPC_PLACES (BIT(CLASS_IN_LIST) - 1)
#define CLASS_PLACES (BIT(CLASS_IN_OUTPUT + 1) - BIT(CLASS_IN_LIST))

struct reader {
    struct epcis_query *query;
    struct epcis_fault *fault;
    struct arena *arena;
    struct bytes value;
    unsigned places; // where the parameter looks
    bool takes_own;
};

static enum status refuse(struct reader *in, enum status status, const char *reason) {
    in->fault->reason = reason;
    return status;
}

// ---- values

static struct bytes take_item(struct bytes *list) {
    const uint8_t *bar = list->len ? memchr(list->data, '|', list->len) : NULL;
    size_t len = bar ? (size_t)(bar - list->data) : list->len;
    struct bytes item = bytes_of(list->data, len);
    size_t step = bar ? len + 1 : len;
    *list = bytes_of(list->data + step, list->len - step);
    return item;
}

// How many items the list has; 0 when one of them is empty.
static size_t count_items(struct bytes list) {
    size_t count = 1;
    bool is_empty = true;
    for (size_t i = 0; i < list.len; i++) {
        if (list.data[i] != '|') {
            is_empty = false;
            continue;
        }
        if (is_empty) return 0;
        count++;
        is_empty = true;
    }
    return is_empty ? 0 : count;
}

static enum status check_list(struct reader *in, size_t *count) {
    *count = count_items(in->value);
    if (*count == 0) return refuse(in, STATUS_INVALID, "has an empty value");
    if (*count > LIMIT_QUERY_VALUES) return refuse(in, STATUS_TOO_LARGE, "has too many values");
    return STATUS_OK;
}

static bool is_event_type(struct bytes text) {
    static const char *const types[] = {"ObjectEvent", "AggregationEvent", "TransactionEvent",
                                        "TransformationEvent", "AssociationEvent"};
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (bytes_equal(text, bytes_of_string(types[i]))) return true;
    return text.len <= LIMIT_QUERY_VALUE_BYTES && memchr(text.data, ':', text.len) != NULL;
}

static enum status read_event_types(struct reader *in) {
    enum status status;
    size_t count;
    struct bytes rest = in->value;
    TRY(check_list(in, &count));
    struct bytes *types = arena_alloc_array(in->arena, count, sizeof(*types));
    for (size_t i = 0; i < count; i++) {
        types[i] = take_item(&rest);
        if (!is_event_type(types[i])) return refuse(in, STATUS_INVALID, "names no type of event");
    }
    in->query->event_types = types;
    in->query->event_type_count = count;
out:
    return status;
}

static int compare_matches(const void *a, const void *b) {
    const struct epc_match *left = a, *right = b;
    int order = bytes_compare(left->id, right->id);
    return order ? order : left->is_prefix - right->is_prefix;
}

// The identifier in its one form.
static struct bytes canonical(struct reader *in, struct bytes item) {
    struct buf id = {0};
    if (!identifier_canonicalise(&id, item)) buf_append(&id, item);
    struct bytes copy = arena_copy(in->arena, buf_bytes(&id));
    buf_clear(&id);
    return copy;
}

// What every EPC of the pattern starts with.
static enum status read_pattern(struct reader *in, struct epc_match *match, struct bytes item) {
    struct buf id = {0};
    enum status status = STATUS_OK;
    if (!identifier_pattern_prefix(&id, item))
        status = refuse(in, STATUS_INVALID, "has a pattern of a form that is not supported");
    *match = (struct epc_match){arena_copy(in->arena, buf_bytes(&id)), true};
    buf_clear(&id);
    return status;
}

// One or two matches: among EPCs a pattern stands for many, among classes for the one of its name.
static enum status read_match(struct reader *in, struct epc_match *matches, size_t *count,
                              struct bytes item) {
    enum status status = STATUS_OK;
    if (item.len > LIMIT_QUERY_VALUE_BYTES) return refuse(in, STATUS_TOO_LARGE, "is too long");
    if (item.len == 0 || !memchr(item.data, ':', item.len))
        return refuse(in, STATUS_INVALID, "is no URI: an identifier begins with urn: or https:");
    bool is_pattern = identifier_is_pattern(item);
    if (is_pattern && in->places & EPC_PLACES) TRY(read_pattern(in, &matches[(*count)++], item));
    if (!is_pattern || in->places & CLASS_PLACES)
        matches[(*count)++] = (struct epc_match){canonical(in, item), false};
out:
    return status;
}

static enum status read_matches(struct reader *in) {
    enum status status;
    size_t items, count = 0, kept = 0;
    struct epcis_query *query = in->query;
    struct bytes rest = in->value;
    TRY(check_list(in, &items));
    struct epc_match *matches = arena_alloc_array(in->arena, 2 * items, sizeof(*matches));
    for (size_t i = 0; i < items; i++)
        TRY(read_match(in, matches, &count, scalar_trim(take_item(&rest))));
    qsort(matches, count, sizeof(*matches), compare_matches);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || compare_matches(&matches[kept - 1], &matches[i]) != 0)
            matches[kept++] = matches[i];
    if (kept > LIMIT_QUERY_MATCHES - query->match_count)
        return refuse(in, STATUS_TOO_LARGE, "asks, with the others, for too many identifiers");
    ENSURE(query->group_count < QUERY_GROUPS);
    query->groups[query->group_count++] = (struct match_group){in->places, matches, kept};
    query->match_count += kept;
out:
    return status;
}

static enum status read_time(struct reader *in, bool *has_time, int64_t *time_ms) {
    *has_time = true;
    if (scalar_read_time(time_ms, in->value) == STATUS_OK) return STATUS_OK;
    return refuse(in, STATUS_INVALID, "is not a date and time with its offset from UTC");
}

static enum status read_time_from(struct reader *in) {
    return read_time(in, &in->query->has_time_from, &in->query->time_from_ms);
}

static enum status read_time_before(struct reader *in) {
    return read_time(in, &in->query->has_time_before, &in->query->time_before_ms);
}

static enum status read_per_page(struct reader *in) {
    uint32_t value = 0;
    for (size_t i = 0; i < in->value.len; i++) {
        uint8_t byte = in->value.data[i];
        if (byte < '0' || byte > '9') return refuse(in, STATUS_INVALID, "is not a whole number");
        value = value * 10 + (uint32_t)(byte - '0');
        if (value > LIMIT_QUERY_PAGE) value = LIMIT_QUERY_PAGE;
    }
    if (value == 0) return refuse(in, STATUS_INVALID, "is not a number above 0");
    in->query->per_page = value;
    return STATUS_OK;
}

static enum status read_page_token(struct reader *in) {
    if (in->value.len > PAGE_TOKEN_BYTES) return refuse(in, STATUS_TOO_LARGE, "is too long");
    for (size_t i = 0; i < in->value.len; i++) {
        uint8_t byte = in->value.data[i];
        bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        bool is_digit = byte >= '0' && byte <= '9';
        if (!is_letter && !is_digit && byte != '-' && byte != '_')
            return refuse(in, STATUS_INVALID, "is not a token that was given out");
    }
    in->query->page_token = in->value;
    return STATUS_OK;
}

// ---- parameters

static const struct {
    const char *name;
    enum status (*read)(struct reader *in);
    unsigned places;
    bool is_own; // none of the standard's
} readers[] = {
    {"eventType", read_event_types, 0, false},
    {"EQ_eventType", read_event_types, 0, false},
    {"MATCH_epc", read_matches, BIT(EPC_IN_LIST) | BIT(EPC_IN_CHILDREN), false},
    {"MATCH_parentID", read_matches, BIT(EPC_IN_PARENT), false},
    {"MATCH_inputEPC", read_matches, BIT(EPC_IN_INPUT), false},
    {"MATCH_outputEPC", read_matches, BIT(EPC_IN_OUTPUT), false},
    {"MATCH_anyEPC", read_matches, EPC_PLACES, false},
    {"MATCH_epcClass", read_matches, BIT(CLASS_IN_LIST) | BIT(CLASS_IN_CHILDREN), false},
    {"MATCH_inputEPCClass", read_matches, BIT(CLASS_IN_INPUT), false},
    {"MATCH_outputEPCClass", read_matches, BIT(CLASS_IN_OUTPUT), false},
    {"MATCH_anyEPCClass", read_matches, CLASS_PLACES, false},
    {"identifier", read_matches, EPC_PLACES | CLASS_PLACES, true},
    {"GE_eventTime", read_time_from, 0, false},
    {"LT_eventTime", read_time_before, 0, false},
    {"perPage", read_per_page, 0, false},
    {"nextPageToken", read_page_token, 0, false},
};
enum { READER_COUNT = sizeof(readers) / sizeof(*readers) };

static void name_parameter(struct epcis_fault *fault, struct bytes name) {
    size_t len = name.len < sizeof(fault->pointer) ? name.len : sizeof(fault->pointer) - 1;
    // Not through the middle of a character.
    while (len < name.len && len && (name.data[len] & 0xc0) == 0x80) len--;
    if (len) memcpy(fault->pointer, name.data, len);
    fault->pointer[len] = '\0';
}

static enum status read_parameter(struct reader *in, const struct query_parameter *parameter,
                                  bool is_taken[READER_COUNT]) {
    in->value = parameter->value;
    name_parameter(in->fault, parameter->name);
    for (size_t i = 0; i < READER_COUNT; i++) {
        if (readers[i].is_own && !in->takes_own) continue;
        if (!bytes_equal(parameter->name, bytes_of_string(readers[i].name))) continue;
        // Two names of one parameter count as one.
        bool *taken = &is_taken[readers[i].read == read_event_types ? 0 : i];
        if (*taken) return refuse(in, STATUS_INVALID, "is given twice");
        if (in->value.len == 0) return refuse(in, STATUS_INVALID, "has an empty value");
        if (in->value.len > LIMIT_QUERY_VALUE_BYTES * (size_t)LIMIT_QUERY_VALUES)
            return refuse(in, STATUS_TOO_LARGE, "is too long");
        *taken = true;
        in->places = readers[i].places;
        return readers[i].read(in);
    }
    return refuse(in, STATUS_INVALID, "is not a parameter of this query");
}

static enum status parse(struct reader *in, const struct query_parameter *parameters,
                         size_t count) {
    bool is_taken[READER_COUNT] = {false};
    *in->query = (struct epcis_query){.per_page = QUERY_PAGE_DEFAULT};
    *in->fault = (struct epcis_fault){0};
    for (size_t i = 0; i < count; i++) {
        enum status status = read_parameter(in, &parameters[i], is_taken);
        if (status != STATUS_OK) return status;
    }
    *in->fault = (struct epcis_fault){0};
    return STATUS_OK;
}

enum status epcis_query_parse(struct epcis_query *out, struct epcis_fault *fault,
                              struct arena *arena, const struct query_parameter *parameters,
                              size_t count) {
    struct reader in = {.query = out, .fault = fault, .arena = arena};
    return parse(&in, parameters, count);
}

enum status epcis_query_parse_own(struct epcis_query *out, struct epcis_fault *fault,
                                  struct arena *arena, const struct query_parameter *parameters,
                                  size_t count) {
    struct reader in = {.query = out, .fault = fault, .arena = arena, .takes_own = true};
    return parse(&in, parameters, count);
}
