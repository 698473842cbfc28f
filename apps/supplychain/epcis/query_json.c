// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/query_json.h"

#include <stdio.h>

static enum status refuse(struct epcis_fault *fault, enum status status, struct bytes name,
                          const char *reason) {
    int len = name.len < sizeof fault->pointer ? (int)name.len : 0;
    snprintf(fault->pointer, sizeof fault->pointer, "%.*s", len,
             len > 0 ? (const char *)name.data : "");
    fault->rule = "epcis/query-json";
    fault->reason = reason;
    return status;
}

// What stands in a query string for it; NULL is no value.
static bool read_value(const struct json_span *value, struct bytes *out) {
    *out = value->text;
    return span_is_scalar(value) && value->kind != SPAN_NULL;
}

static enum status read_parameter(struct query_parameter *out, struct epcis_fault *fault,
                                  struct arena *arena, const struct json_span *member) {
    bool is_list = member->kind == SPAN_ARRAY;
    size_t count = is_list ? member->count : 1;
    struct bytes *values = arena_alloc_array(arena, count + 1, sizeof *values);
    *out = (struct query_parameter){member->name, values, 0};
    if (member->kind == SPAN_NULL) return STATUS_OK;
    for (size_t i = 0; i < count; i++) {
        const struct json_span *value = is_list ? &member->items[i] : member;
        if (!read_value(value, &values[out->count++]))
            return refuse(fault, STATUS_INVALID, member->name,
                          "is neither a text, a number, true, false nor a list of such");
    }
    return STATUS_OK;
}

enum status query_json_read(struct query_json *out, struct epcis_fault *fault, struct arena *arena,
                            const struct json_span *query) {
    *out = (struct query_json){0};
    *fault = (struct epcis_fault){0};
    if (query->kind != SPAN_OBJECT)
        return refuse(fault, STATUS_INVALID, bytes_of(NULL, 0), "is not an object of parameters");
    if (query->count > LIMIT_QUERY_CONDITIONS)
        return refuse(fault, STATUS_TOO_LARGE, bytes_of(NULL, 0), "has too many parameters");
    struct query_parameter *parameters =
        arena_alloc_array(arena, query->count + 1, sizeof *parameters);
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < query->count && status == STATUS_OK; i++) {
        const struct json_span *member = &query->items[i];
        if (!bytes_equal(member->name, bytes_of_string("@context"))) {
            status = read_parameter(&parameters[out->count++], fault, arena, member);
        } else {
            status = epcis_context_build(&out->context, arena, NULL, member);
            if (status != STATUS_OK)
                status = refuse(fault, STATUS_INVALID, member->name, "is not a usable context");
        }
    }
    out->parameters = parameters;
    return status;
}
