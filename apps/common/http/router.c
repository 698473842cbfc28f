// SPDX-License-Identifier: Apache-2.0
#include "apps/common/http/router.h"

#include <stdlib.h>

#include "apps/common/http/server.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"

// Splits "/v1/events/{id}".
static enum status compile(struct route *out, const struct http_route *public, void *context) {
    const char *at = public->pattern;
    *out = (struct route){.public = public, .context = context};
    if (*at != '/' || !public->handle) return STATUS_INVALID;
    if (at[1] == '\0') return STATUS_OK;
    while (*at == '/') {
        size_t len = strcspn(++at, "/");
        if (len == 0 || out->segment_count == LIMIT_HTTP_PATH_SEGMENTS) return STATUS_INVALID;
        struct route_segment *segment = &out->segments[out->segment_count++];
        segment->is_param = at[0] == '{' && at[len - 1] == '}' && len > 2;
        segment->text = segment->is_param ? bytes_of(at + 1, len - 2) : bytes_of(at, len);
        if (memchr(segment->text.data, '{', segment->text.len)) return STATUS_INVALID;
        at += len;
    }
    return STATUS_OK;
}

static int compare_segments(const struct route_segment *a, const struct route_segment *b) {
    if (a->is_param != b->is_param) return a->is_param ? 1 : -1;
    return a->is_param ? 0 : bytes_compare(a->text, b->text);
}

// By length, then literals before parameters from the left, then by method. 0: the same requests.
static int compare(const void *left, const void *right) {
    const struct route *a = left, *b = right;
    if (a->segment_count != b->segment_count) return a->segment_count < b->segment_count ? -1 : 1;
    for (size_t i = 0; i < a->segment_count; i++) {
        int order = compare_segments(&a->segments[i], &b->segments[i]);
        if (order != 0) return order;
    }
    return (int)a->public->method - (int)b->public->method;
}

enum status router_init(struct router *router, const struct http_route_table *tables,
                        size_t table_count) {
    size_t count = 0;
    for (size_t i = 0; i < table_count; i++) count += tables[i].count;
    *router = (struct router){.routes = mem_alloc_array(count + 1, sizeof(struct route))};
    for (size_t i = 0; i < table_count; i++) {
        for (size_t k = 0; k < tables[i].count; k++) {
            const struct http_route *public = &tables[i].routes[k];
            if (compile(&router->routes[router->count++], public, tables[i].context) == STATUS_OK)
                continue;
            log_error("http", "not a pattern", log_text("pattern", public->pattern));
            return STATUS_INVALID;
        }
    }
    qsort(router->routes, router->count, sizeof(struct route), compare);
    for (size_t i = 1; i < router->count; i++) {
        if (compare(&router->routes[i - 1], &router->routes[i]) != 0) continue;
        log_error("http", "two routes take the same requests",
                  log_text("pattern", router->routes[i].public->pattern));
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

void router_clear(struct router *router) {
    mem_free(router->routes);
    *router = (struct router){0};
}

static bool fits(const struct route *route, const struct uri *uri) {
    if (route->segment_count != uri->segment_count) return false;
    for (size_t i = 0; i < uri->segment_count; i++) {
        const struct route_segment *segment = &route->segments[i];
        struct bytes given = uri->segments[i];
        if (segment->is_param ? given.len == 0 : !bytes_equal(segment->text, given)) return false;
    }
    return true;
}

const struct route *router_find(const struct router *router, const struct uri *uri, int method,
                                unsigned *methods) {
    const struct route *found = NULL;
    *methods = 0;
    for (size_t i = 0; i < router->count; i++) {
        const struct route *route = &router->routes[i];
        if (route->segment_count > uri->segment_count) break;
        if (!fits(route, uri)) continue;
        *methods |= 1U << route->public->method;
        if (!found && (int)route->public->method == method) found = route;
    }
    return found;
}
