// SPDX-License-Identifier: Apache-2.0
// The document of an API (OpenAPI 3.1), written from its tables of routes. Method, path, scope,
// types of bodies and the answers of the kit itself come from a route's row; what the row cannot
// say stands in the description that it points to. A route without one is listed by what its row
// says.
//
// Schemas are JSON Schema as text, in words that draft-07 and 2020-12 mean alike, so that tests can
// hold answers against them with our own engine. No $ref: each stands whole.
#ifndef LMM_HTTP_OPENAPI_H
#define LMM_HTTP_OPENAPI_H

#include "apps/common/http/server.h"

enum { DESCRIBED_PARAMETERS = 10, DESCRIBED_ANSWERS = 10 };

// One of the path, when the pattern has that name; else one of the query.
struct http_parameter {
    const char *name; // NULL: no more
    const char *schema;
    const char *meaning;
};

struct http_answer {
    int code; // 0: no more
    const char *meaning;
    const char *schema; // NULL: nothing but the type is said of the body
};

struct http_description {
    const char *summary;
    const char *body;  // the schema of the request's; NULL: nothing but the type is said of it
    const char *types; // of answers, where the row's `produces` is NULL; NULL: they have no body
    struct http_parameter parameters[DESCRIBED_PARAMETERS];
    // Those of 400 and above are problems and need a meaning alone. It names in backquotes the
    // codes that the handler gives, and nothing else so; where it names none, they are those that
    // http gives to a status of that number, or, when there is none, any. What the kit answers by
    // itself is told of every route that it may happen to.
    struct http_answer answers[DESCRIBED_ANSWERS];
};

// Of routes that make what an account may have only so many of.
#define HTTP_DESCRIBED_QUOTA \
    { 409, "`quota_used_up`: the account has as many as it may have.", NULL }

// For a row: a summary, and a list of struct http_answer.
#define HTTP_DESCRIBED(text, ...) \
    (&(const struct http_description){.summary = (text), .answers = {__VA_ARGS__}})

// The same with the schema of the request's body.
#define HTTP_DESCRIBED_BODY(text, schema, ...) \
    (&(const struct http_description){         \
        .summary = (text), .body = (schema), .answers = {__VA_ARGS__}})

struct openapi_config {
    const char *title;
    const char *version; // of the API
    const struct http_route_table *tables;
    size_t table_count;
};

// Appends the whole document.
void openapi_write(struct buf *out, const struct openapi_config *config);

#endif
