// SPDX-License-Identifier: Apache-2.0
// From method and path to a route. All tables are compiled into one list, sorted so that the first
// route that fits is the most exact one.
#ifndef LMM_HTTP_ROUTER_H
#define LMM_HTTP_ROUTER_H

#include "apps/common/http/http.h"
#include "apps/common/http/uri.h"

struct http_route_table;

struct route_segment {
    struct bytes text; // a literal, or the name of what stands here
    bool is_param;
};

struct route {
    const struct http_route *public;
    void *context;
    struct route_segment segments[LIMIT_HTTP_PATH_SEGMENTS];
    size_t segment_count;
};

struct router {
    struct route *routes;
    size_t count;
};

// INVALID, with the pattern in the log. The texts of the patterns are borrowed.
enum status router_init(struct router *router, const struct http_route_table *tables,
                        size_t table_count) MUST_CHECK;
void router_clear(struct router *router);
// NULL: no route. `methods` gets a bit (1 << enum http_method) for each that the path takes.
const struct route *router_find(const struct router *router, const struct uri *uri, int method,
                                unsigned *methods);

#endif
