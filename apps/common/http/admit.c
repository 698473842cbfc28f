// SPDX-License-Identifier: Apache-2.0
// What is decided about a request once its headers are there and before its body is.
#include <microhttpd.h>
#include <stdio.h>

#include "apps/common/http/inside.h"
#include "apps/common/http/openapi.h"
#include "apps/common/http/text.h"

static const char *const method_names[] = {
    [HTTP_GET] = "GET",     [HTTP_POST] = "POST",     [HTTP_PUT] = "PUT",
    [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE",
};

enum { METHODS = sizeof method_names / sizeof method_names[0], METHOD_OPTIONS, METHOD_OTHER };

const char *exchange_method_name(enum http_method method) { return method_names[method]; }

static int method_of(struct http_request *request, const char *name) {
    request->is_head = strcmp(name, "HEAD") == 0;
    if (request->is_head) return HTTP_GET;
    request->is_options = strcmp(name, "OPTIONS") == 0;
    if (request->is_options) return METHOD_OPTIONS;
    for (int i = 0; i < METHODS; i++)
        if (strcmp(name, method_names[i]) == 0) return i;
    return METHOD_OTHER;
}

static bool refuse(struct http_request *request, int http_code, const char *code,
                   const char *detail) {
    http_problem_as(&request->response, http_code, code, detail);
    return false;
}

static bool check_bounds(struct http_request *request) {
    if (request->uri.status == STATUS_TOO_LARGE)
        return refuse(
            request, 414, "uri_too_long",
            arena_format(&request->arena,
                         "An address has at most %d bytes, %d segments and %d parameters.",
                         LIMIT_HTTP_URI_BYTES, LIMIT_HTTP_PATH_SEGMENTS, LIMIT_HTTP_QUERY_PARAMS));
    if (request->uri.status != STATUS_OK)
        return refuse(request, 400, "bad_uri",
                      "The address has a bad escape, is not UTF-8, or leads astray.");
    const union MHD_ConnectionInfo *size =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    int count = MHD_get_connection_values(request->connection, MHD_HEADER_KIND, NULL, NULL);
    if ((size && size->header_size > LIMIT_HTTP_HEADER_BYTES) || count > LIMIT_HTTP_HEADERS)
        return refuse(request, 431, "headers_too_large",
                      arena_format(&request->arena,
                                   "A request has at most %d header lines, and %d bytes before its "
                                   "body.",
                                   LIMIT_HTTP_HEADERS, LIMIT_HTTP_HEADER_BYTES));
    return true;
}

static void allow(struct http_request *request, unsigned methods) {
    struct buf list = {0};
    for (int i = 0; i < METHODS; i++) {
        if (!(methods & 1U << i)) continue;
        buf_append_format(&list, "%s%s", list.len > 0 ? ", " : "", method_names[i]);
        if (i == HTTP_GET) buf_append_string(&list, ", HEAD");
    }
    buf_append_string(&list, ", OPTIONS");
    http_set_header(&request->response, "Allow", buf_as_string(&list));
    buf_clear(&list);
}

bool exchange_prepare(struct http_request *request, const struct route *route) {
    return !route || !route->public->prepare ||
           route->public->prepare(route->context, request, &request->response);
}

// What the path is for, by all its methods.
static bool answer_options(struct http_request *request, unsigned methods) {
    for (int i = 0; i < METHODS; i++) {
        unsigned all;
        if (!(methods & 1U << i)) continue;
        if (!exchange_prepare(request,
                              router_find(&request->server->router, &request->uri, i, &all)))
            return false;
    }
    http_set_code(&request->response, 204);
    return false;
}

// Where a page and a route have one path, people get the page.
static const struct asset *find_page(const struct http_request *request) {
    const struct http_route *route = request->route->public;
    const struct asset *page = asset_find(request->server->config.assets, request->uri.path);
    const char *accept = http_header(request, "Accept");
    char types[256];
    if (!page || route->method != HTTP_GET) return NULL;
    snprintf(types, sizeof types, "text/html%s%s", route->produces ? ", " : "",
             route->produces ? route->produces : "");
    struct bytes best = media_type_negotiate(types, accept ? accept : "*/*");
    return bytes_equal(best, bytes_of_string("text/html")) ? page : NULL;
}

static bool find_route(struct http_request *request, int method) {
    unsigned methods;
    request->route = router_find(&request->server->router, &request->uri, method, &methods);
    if (request->route && (request->asset = find_page(request))) request->route = NULL;
    if (methods == 0) {
        request->asset = asset_find(request->server->config.assets, request->uri.path);
        if (request->asset) methods = 1U << HTTP_GET;
    }
    if (methods == 0) return refuse(request, 404, "not_found", http_sentence_of(STATUS_NOT_FOUND));
    if (request->route) {
        request->context = request->route->context;
        request->method = (enum http_method)method;
        return exchange_prepare(request, request->route);
    }
    if (request->asset && method == HTTP_GET) return true;
    allow(request, methods);
    if (method == METHOD_OPTIONS) return answer_options(request, methods);
    return refuse(request, 405, "method_not_allowed", "That method does not apply here.");
}

static bool check_key(struct http_request *request) {
    const char *scope = request->route->public->scope;
    if (!scope) return true;
    if (!request->key) {
        http_set_header(&request->response, "WWW-Authenticate", "Bearer");
        return refuse(request, 401, "no_key", "This needs an API key: Authorization: Bearer KEY.");
    }
    if (key_has_scope(request->key, scope)) return true;
    refuse(request, 403, "missing_scope", "The API key does not allow this.");
    http_problem_member(&request->response, "scope", scope);
    return false;
}

static bool refuse_parameter(struct http_request *request, const char *name, const char *why) {
    refuse(request, 400, "invalid_query", why);
    http_problem_violation(&request->response, name, "parameter", why);
    return false;
}

static bool makes_csv(const struct http_route *route) {
    return route->produces && strstr(route->produces, "text/csv");
}

static bool knows_parameter(const struct http_route *route, struct bytes name) {
    const struct http_parameter *at = route->about->parameters;
    if (makes_csv(route) && bytes_equal(name, bytes_of_string("format"))) return true;
    for (int i = 0; i < DESCRIBED_PARAMETERS && at[i].name; i++)
        if (bytes_equal(name, bytes_of_string(at[i].name))) return true;
    return false;
}

// What is not known would be ignored, and the answer be to another question.
static bool check_query(struct http_request *request) {
    const struct http_route *route = request->route->public;
    if (!route->about || route->traits & HTTP_ANY_QUERY) return true;
    for (size_t i = 0; i < request->uri.query_count; i++) {
        struct bytes name = request->uri.query[i].name;
        if (!knows_parameter(route, name))
            return refuse_parameter(request, arena_copy_string(&request->arena, name),
                                    "There is no such parameter here.");
    }
    return true;
}

// False: the query asks for a form that there is not.
static bool take_format(struct http_request *request) {
    struct bytes format;
    enum status status = http_query(request, "format", &format);
    if (status == STATUS_NOT_FOUND) return true;
    bool is_csv = status == STATUS_OK && bytes_equal(format, bytes_of_string("csv"));
    if (!is_csv && (status != STATUS_OK || !bytes_equal(format, bytes_of_string("json"))))
        return refuse_parameter(request, "format", "format is csv or json.");
    request->negotiated_type = is_csv ? "text/csv" : "application/json";
    return true;
}

static bool negotiate(struct http_request *request) {
    const char *types = request->route->public->produces;
    if (!types) return true;
    if (makes_csv(request->route->public)) {
        if (!take_format(request)) return false;
        if (request->negotiated_type) return true;
    }
    const char *accept = http_header(request, "Accept");
    struct bytes best = media_type_negotiate(types, accept ? accept : "*/*");
    request->negotiated_type = arena_copy_string(&request->arena, best);
    if (best.len > 0) return true;
    refuse(request, 406, "not_acceptable", "None of the types you accept is to be had here.");
    http_problem_member(&request->response, "available", types);
    return false;
}

bool exchange_has_body(const struct http_request *request) {
    const char *length = http_header(request, "Content-Length");
    return http_header(request, "Transfer-Encoding") || (length && strcmp(length, "0") != 0);
}

bool exchange_refuse_size(struct http_request *request) {
    size_t most = request->route ? request->route->public->max_body : 0;
    const char *limit = arena_format(&request->arena, "%zu", most);
    refuse(request, 413, "too_large",
           most > 0 ? arena_format(&request->arena, "The body has at most %s bytes.", limit)
                    : "There is no body here.");
    http_problem_member(&request->response, "limit", limit);
    return false;
}

static bool check_body(struct http_request *request) {
    const struct http_route *route = request->route->public;
    if (!exchange_has_body(request)) return true;
    const char *length = http_header(request, "Content-Length");
    uint64_t size = 0;
    if (length && text_u64(bytes_of_string(length), &size) != STATUS_OK) size = UINT64_MAX;
    if (size > route->max_body || route->max_body == 0) return exchange_refuse_size(request);
    if (!route->consumes) return true;
    const char *type = http_header(request, "Content-Type");
    struct bytes given = bytes_of("", 0), known = given;
    if (type && media_type_of(type, &given)) known = media_type_find(route->consumes, given);
    request->content_type = arena_copy_string(&request->arena, known);
    if (known.len > 0) return true;
    refuse(request, 415, "unsupported_media_type", "A body of this type is not understood here.");
    http_problem_member(&request->response, "supported", route->consumes);
    return false;
}

// What is wrong with the request does not count: asking is what costs.
static bool check_client(struct http_request *request) {
    bool has_key = http_header(request, "Authorization") != NULL;
    if (has_key && !request->key && !client_take_wrong_key(request)) return false;
    if (request->route && request->route->public->traits & HTTP_UNLIMITED) return true;
    return client_take_request(request);
}

bool exchange_admit(struct http_request *request, const char *method_name, const char *version) {
    int method = method_of(request, method_name);
    const char *authorization = http_header(request, "Authorization");
    client_identify(request);
    if (authorization) request->key = key_find(request, authorization);
    bool is_found =
        head_check(request, version) && check_bounds(request) && find_route(request, method);
    if (!check_client(request) || !is_found) return false;
    if (request->asset) {
        return !exchange_has_body(request) || exchange_refuse_size(request);
    }
    return check_key(request) && check_query(request) && negotiate(request) && check_body(request);
}
