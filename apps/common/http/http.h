// SPDX-License-Identifier: Apache-2.0
// What a handler of HTTP requests sees: routes, the request, the response, problems (RFC 9457) and
// waiting without holding a thread. The server around it is server.h, live streams are stream.h,
// pages and other files are assets.h.
//
// A handler runs on one of the server's threads with the whole, bounded body at hand. What may wait
// for a disk, a database or much computing has to run in a lane (HTTP_LANE). It fills the
// response and returns OK, or returns another status and the kit answers with the problem of that
// status (problem.c holds the two tables: HTTP code and sentence). Everything it hands out or takes
// in as `const char *` or `struct bytes` lives until the response is sent, unless said otherwise.
//
// Before a handler runs the kit has answered: bad escapes, UTF-8 or heads (400), no such path (404)
// or method (405), no key or not the scope (401, 403), too many requests or wrong keys (429),
// nothing acceptable (406), a parameter that a described route does not know (400), body too large
// (413) or of another type (415), URI or headers too large (414, 431), too busy (503).
#ifndef LMM_HTTP_HTTP_H
#define LMM_HTTP_HTTP_H

#include "chaincore/base/arena.h"
#include "chaincore/base/buf.h"

struct http_request;
struct http_response;
struct http_description;

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE };

// GET answers HEAD too. Where the server has a page of the same path (assets.h), a client gets that
// unless it prefers what the route produces. In a pattern "{name}" takes one whole segment; a
// literal segment goes before a "{name}" at the same place.
struct http_route {
    enum http_method method;
    const char *pattern; // "/v1/events/{id}/proof"
    enum status (*handle)(void *context, struct http_request *request,
                          struct http_response *response);
    const char *scope;    // the API key needs it; NULL: open to everybody
    const char *consumes; // "application/json, application/ld+json"; NULL: any type
    // The first is the default; NULL: anything is acceptable. With "text/csv" among them the kit
    // takes `?format=csv` for it, and may make it of the handler's JSON (server.h).
    const char *produces;
    size_t max_body; // bytes; 0: a body is refused
    // NULL, or called for every request to the path before anything of it is judged, OPTIONS
    // included (then for each route of the path): sets headers that stand in every answer, refusals
    // too. False: the response says why not.
    bool (*prepare)(void *context, struct http_request *request, struct http_response *response);
    unsigned traits; // of HTTP_…, or 0
    // What the API's document says beyond this row (openapi.h); NULL: nothing.
    const struct http_description *about;
};
enum {
    HTTP_UNLIMITED = 1, // however often somebody asks: for who watches over the server
    HTTP_NO_EFFECT = 2, // a POST that changes nothing: an Idempotency-Key means nothing there
    HTTP_TOLD_ONCE = 4, // the answer holds a secret: it is not kept for an Idempotency-Key
    HTTP_ANY_QUERY = 8, // the handler judges parameters that the description does not name
};
// The handler takes long, or may: it runs on a thread of the server's lane of that number, from 1
// on, while the connection's own thread goes on with others. See struct http_lane.
#define HTTP_LANE(number) ((unsigned)(number) << 8)

// --- the request ---

struct arena *http_arena(struct http_request *request);
// Made by the kit or taken from X-Request-Id when that is sane; answered in the same header.
const char *http_request_id(const struct http_request *request);
enum http_method http_request_method(const struct http_request *request);
bool http_is_head(const struct http_request *request);
bool http_is_options(const struct http_request *request);
// As sent, still escaped, without the query.
const char *http_path(const struct http_request *request);
// A "{name}" of the route's pattern: unescaped, UTF-8, never empty, a NUL behind it. A name that
// the pattern lacks is a broken invariant.
struct bytes http_param(const struct http_request *request, const char *name);

// The query in the order it was sent, unescaped ("+" is a space), UTF-8, a NUL behind each value.
struct http_pair {
    struct bytes name;
    struct bytes value;
};
size_t http_query_count(const struct http_request *request);
const struct http_pair *http_query_at(const struct http_request *request, size_t index);
// The value of the only parameter of that name. NOT_FOUND; CONFLICT when it is there twice.
enum status http_query(const struct http_request *request, const char *name,
                       struct bytes *out) MUST_CHECK;
// A decimal number: MALFORMED, OVERFLOW; `absent` when it is not there.
enum status http_query_u64(const struct http_request *request, const char *name, uint64_t absent,
                           uint64_t *out) MUST_CHECK;

// NULL when it is not there. The first one when it is there twice.
const char *http_header(const struct http_request *request, const char *name);
struct bytes http_body(const struct http_request *request);
// Which of the route's `consumes` and `produces` it is; NULL when the route names none.
const char *http_content_type(const struct http_request *request);
const char *http_negotiated_type(const struct http_request *request);
// The name of the API key that was presented and is good (on open routes too), else NULL; and what
// tells it from others of that name.
const char *http_caller(const struct http_request *request);
const char *http_caller_id(const struct http_request *request);
// Whom that key acts as (server.h); NULL: nobody in particular, or there is none.
const char *http_caller_as(const struct http_request *request);
bool http_caller_may(const struct http_request *request, const char *scope);

// What tells what a client asks from all else, the same whenever it is asked again under one
// Idempotency-Key (idempotency.h): for what a handler makes. False: it came without a key.
bool http_idempotency_id(const struct http_request *request, uint8_t out[32]);
// The client's address, that which trusted proxies tell of. In the arena.
const char *http_client_address(struct http_request *request);

// --- the response: 200 with an empty body until told otherwise ---

void http_set_code(struct http_response *response, int code);
// Replaces one of the same name. Control characters become spaces, so that no value can begin
// another header. 24 headers at most.
void http_set_header(struct http_response *response, const char *name, const char *value);
// Adds one more of the same name (Link).
void http_add_header(struct http_response *response, const char *name, const char *value);
void http_set_type(struct http_response *response, const char *content_type);
// Without the quotes; spaces and quotes become "_". The kit answers 304 when the client has it
// already. An answer to GET without one gets one of its body, unless its Cache-Control was set.
void http_set_etag(struct http_response *response, const char *etag);
// One that says no more than that nothing that matters differs.
void http_set_weak_etag(struct http_response *response, const char *etag);
// To be filled; sent when the handler has returned OK.
struct buf *http_body_buf(struct http_response *response);
// Sends this body instead, uncopied. `release` (may be NULL) is called with `owner` once it has
// been sent or given up, on any thread; until then the body must stay.
void http_set_borrowed_body(struct http_response *response, struct bytes body,
                            void (*release)(void *owner), void *owner);
// Code, "application/json" (or what was negotiated or set before) and a copy of the text.
void http_json(struct http_response *response, int code, struct bytes json);
// A JSON string with its quotes, escaped; bytes that are not UTF-8 become U+FFFD.
void http_append_json_string(struct buf *out, struct bytes text);

// --- problems ---

// Makes the response an application/problem+json. `code` is stable and in snake case; NULL: the
// status' own ("not_found"). `detail` is a sentence for a person, copied; NULL: the table's.
void http_problem(struct http_response *response, enum status status, const char *code,
                  const char *detail);
// The same with another HTTP code than the table's.
void http_problem_as(struct http_response *response, int http_code, const char *code,
                     const char *detail);
// Of an account that has as many of something as one may have: 409 `quota_used_up`, which routes
// tell of by HTTP_DESCRIBED_QUOTA (openapi.h). `detail` may be NULL.
void http_problem_quota(struct http_response *response, const char *detail);
// One place that breaks a rule: a JSON pointer into the body (or the parameter's name), the rule,
// a sentence. May be called again, up to LIMIT_HTTP_VIOLATIONS of them are shown; the first is also
// the problem's own `pointer` and `rule`. Copied; detail may be NULL.
void http_problem_violation(struct http_response *response, const char *pointer, const char *rule,
                            const char *detail);
// Another member, a string. Copied.
void http_problem_member(struct http_response *response, const char *name, const char *value);

// 400, and "The request is not of the expected form.".
int http_code_of(enum status status);
const char *http_sentence_of(enum status status);

// --- waiting for something to happen (?wait=final), without a thread ---
//
//     http_wait_for(request, key, 30000);      what happens from here on is not missed
//     look it up;
//     if (not there yet && http_park(request)) return STATUS_OK;    called again from the start
//     answer with what there is;
//
// Somebody else calls http_notify(server, key) (server.h) whenever the thing changes.

// One key per request, of 1 to LIMIT_HTTP_WAIT_KEY_BYTES bytes; with any other http_park is false.
// The time counts from the first call, and ends after LIMIT_HTTP_WAIT_MS at the latest.
void http_wait_for(struct http_request *request, struct bytes key, uint32_t timeout_ms);
// True: the handler gives up all it holds and returns OK; it is called again after a notification
// or when time is up. False: time is up, too many are parked, or the server is stopping: answer
// now.
bool http_park(struct http_request *request);

#endif
