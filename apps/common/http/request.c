// SPDX-License-Identifier: Apache-2.0
#include <microhttpd.h>

#include "apps/common/http/inside.h"
#include "apps/common/http/text.h"

struct arena *http_arena(struct http_request *request) {
    return &request->arena;
}

const char *http_request_id(const struct http_request *request) { return request->id; }

enum http_method http_request_method(const struct http_request *request) { return request->method; }

bool http_is_head(const struct http_request *request) { return request->is_head; }

bool http_is_options(const struct http_request *request) { return request->is_options; }

const char *http_path(const struct http_request *request) { return request->uri.path; }

struct bytes http_param(const struct http_request *request, const char *name) {
    const struct route *route = request->route;
    for (size_t i = 0; i < route->segment_count; i++)
        if (route->segments[i].is_param &&
            bytes_equal(route->segments[i].text, bytes_of_string(name)))
            return request->uri.segments[i];
    status_claim_failed("the pattern has the parameter", __FILE__, __LINE__, name);
}

size_t http_query_count(const struct http_request *request) { return request->uri.query_count; }

const struct http_pair *http_query_at(const struct http_request *request, size_t index) {
    ENSURE(index < request->uri.query_count);
    return &request->uri.query[index];
}

enum status http_query(const struct http_request *request, const char *name, struct bytes *out) {
    enum status status = STATUS_NOT_FOUND;
    *out = bytes_of("", 0);
    for (size_t i = 0; i < request->uri.query_count; i++) {
        const struct http_pair *pair = &request->uri.query[i];
        if (!bytes_equal(pair->name, bytes_of_string(name))) continue;
        if (status == STATUS_OK) return STATUS_CONFLICT;
        *out = pair->value;
        status = STATUS_OK;
    }
    return status;
}

enum status http_query_u64(const struct http_request *request, const char *name, uint64_t absent,
                           uint64_t *out) {
    struct bytes text;
    enum status status = http_query(request, name, &text);
    *out = absent;
    if (status == STATUS_NOT_FOUND) return STATUS_OK;
    return status == STATUS_OK ? text_u64(text, out) : status;
}

const char *http_header(const struct http_request *request, const char *name) {
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

struct bytes http_body(const struct http_request *request) {
    return buf_bytes(&request->body);
}

const char *http_content_type(const struct http_request *request) { return request->content_type; }

const char *http_negotiated_type(const struct http_request *request) {
    return request->negotiated_type;
}

const char *http_client_address(struct http_request *request) {
    char *text = arena_alloc(&request->arena, IP_TEXT);
    ip_print(text, &request->address);
    return text;
}

const char *http_caller(const struct http_request *request) {
    return request->key ? request->key->name : NULL;
}

const char *http_caller_id(const struct http_request *request) {
    if (!request->key) return NULL;
    return request->key->id ? request->key->id : request->key->name;
}

const char *http_caller_as(const struct http_request *request) {
    return request->key ? request->key->as : NULL;
}

bool http_caller_may(const struct http_request *request, const char *scope) {
    return request->key && key_has_scope(request->key, scope);
}
