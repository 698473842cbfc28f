// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/query_request.h"

#include <inttypes.h>
#include <stdio.h>

#include "chaincore/base/utf8.h"
#include "chaincore/chaincore.h"

enum { MAX_PARAMETERS = LIMIT_QUERY_CONDITIONS + 8 };

struct reading {
    struct http_request *request;
    struct http_response *response;
    const struct query_request *wanted;
    struct epcis_fault fault;
    struct query_parameter parameters[MAX_PARAMETERS];
    size_t count;
};

static enum status refuse(struct reading *r, const char *pointer, const char *rule,
                          const char *reason) {
    snprintf(r->fault.pointer, sizeof r->fault.pointer, "%s", pointer);
    r->fault.rule = rule;
    r->fault.reason = reason;
    return STATUS_INVALID;
}

static bool is_about_page(struct bytes name) {
    return bytes_equal(name, bytes_of_string("perPage")) ||
           bytes_equal(name, bytes_of_string("nextPageToken"));
}

// The request's own, and what it does not have to name.
static enum status collect(struct reading *r) {
    const struct query_request *wanted = r->wanted;
    size_t own = http_query_count(r->request);
    ENSURE(wanted->parameter_count <= MAX_PARAMETERS);
    if (own > MAX_PARAMETERS - wanted->parameter_count)
        return refuse(r, "", "epcis/conditions", "there are too many parameters");
    for (size_t i = 0; i < own; i++) {
        const struct http_pair *pair = http_query_at(r->request, i);
        if (wanted->takes_own && bytes_equal(pair->name, bytes_of_string("format"))) continue;
        if (wanted->takes_signer && bytes_equal(pair->name, bytes_of_string("signer"))) continue;
        if (wanted->takes_page_only && !is_about_page(pair->name))
            return refuse(r, (const char *)arena_copy_string(http_arena(r->request), pair->name),
                          "epcis/parameter", "is not a parameter of this list");
        r->parameters[r->count++] =
            query_parameter_of(http_arena(r->request), pair->name, pair->value);
    }
    for (size_t i = 0; i < wanted->parameter_count; i++)
        r->parameters[r->count++] = wanted->parameters[i];
    return STATUS_OK;
}

static enum status read_context(struct reading *r, struct epcis_context *storage,
                                const struct epcis_context **out) {
    const char *header = http_header(r->request, "GS1-Extensions");
    *out = r->wanted->context;
    if (*out) return STATUS_OK;
    *out = storage;
    *storage = (struct epcis_context){0};
    if (!header || epcis_query_context(storage, http_arena(r->request), header) == STATUS_OK)
        return STATUS_OK;
    return refuse(r, "GS1-Extensions", "epcis/extensions",
                  "declares no prefixes: prefix=namespace, each of its own, separated by commas");
}

// "HEIGHT-TX-POSITION", and "-GIVEN" where eventCountLimit counts.
static bool read_token(struct event_wish *out) {
    struct bytes token = out->query.page_token, place = token;
    uint64_t given = 0;
    if (token.len == 0) return true;
    out->has_behind = true;
    if (out->query.event_count_limit > 0) {
        size_t dash = token.len;
        while (dash > 0 && token.data[dash - 1] != '-') dash--;
        if (dash == 0 || dash == token.len || token.len - dash > 6) return false;
        for (size_t i = dash; i < token.len; i++) {
            if (token.data[i] < '0' || token.data[i] > '9') return false;
            given = given * 10 + (uint64_t)(token.data[i] - '0');
        }
        place.len = dash - 1;
    }
    out->given = (uint32_t)given;
    return place_read(place, &out->behind);
}

static enum status read_query(struct reading *r, struct event_wish *out) {
    struct query_reading reading = {.arena = http_arena(r->request),
                                    .takes_own = r->wanted->takes_own};
    struct epcis_context storage;
    enum status status;
    *out = (struct event_wish){0};
    TRY(collect(r));
    TRY(read_context(r, &storage, &reading.context));
    TRY(epcis_query_parse(&out->query, &r->fault, &reading, r->parameters, r->count));
out:
    return status;
}

static void tell(struct http_response *response, const char *pointer, const char *rule,
                 const char *reason) {
    http_problem(response, STATUS_INVALID, "invalid_query", reason);
    http_problem_violation(response, pointer, rule, reason);
}

static void tell_fault(const struct reading *r) {
    tell(r->response, r->fault.pointer, r->fault.rule,
         arena_format(http_arena(r->request), "%s%s%s", r->fault.pointer,
                      *r->fault.pointer ? " " : "", r->fault.reason));
}

static bool read_parameters(struct reading *r, struct event_wish *out) {
    if (read_query(r, out) == STATUS_OK) return true;
    tell_fault(r);
    return false;
}

bool query_request_read_context(struct http_request *request, struct http_response *response,
                                struct epcis_context *storage, const struct epcis_context **out) {
    static const struct query_request anything;
    struct reading r = {.request = request, .response = response, .wanted = &anything};
    if (read_context(&r, storage, out) == STATUS_OK) return true;
    tell_fault(&r);
    return false;
}

bool query_request_read(struct http_request *request, struct http_response *response,
                        const struct query_request *wanted, struct event_wish *out) {
    struct reading r = {.request = request, .response = response, .wanted = wanted};
    if (!read_parameters(&r, out)) return false;
    if (read_token(out)) return true;
    tell(response, "nextPageToken", "epcis/page-token",
         "nextPageToken is not a token that was given out");
    return false;
}

bool read_page(struct http_request *request, struct http_response *response, struct page *out) {
    static const struct query_request page_only = {.takes_page_only = true};
    struct event_wish wish;
    if (!query_request_read(request, response, &page_only, &wish)) return false;
    *out = (struct page){wish.query.per_page, wish.has_behind, wish.behind};
    return true;
}

bool query_request_read_texts(struct http_request *request, struct http_response *response,
                              struct text_page *out) {
    static const struct query_request page_only = {.takes_page_only = true};
    struct reading r = {.request = request, .response = response, .wanted = &page_only};
    struct event_wish wish = {0};
    if (!read_parameters(&r, &wish)) return false;
    struct bytes token = wish.query.page_token;
    uint8_t *text = arena_alloc(http_arena(request), token.len / 2 + 1);
    *out = (struct text_page){wish.query.per_page, bytes_of(text, token.len / 2)};
    const char *digits = arena_copy_string(http_arena(request), token);
    if (token.len % 2 == 0 && hex_decode(text, token.len / 2, digits) == STATUS_OK &&
        utf8_is_valid(out->behind) && !memchr(text, 0, out->behind.len))
        return true;
    tell(response, "nextPageToken", "epcis/page-token",
         "nextPageToken is not a token that was given out");
    return false;
}

enum status query_request_fail(struct http_response *response, const struct event_wish *wish,
                               enum status status) {
    if (status == STATUS_TOO_LARGE && wish->query.has_max_event_count) {
        http_problem_as(response, 413, "query_too_large",
                        "More events fit than maxEventCount allows.");
        http_problem_violation(response, "maxEventCount", "epcis/max-event-count", NULL);
        return STATUS_OK;
    }
    if (status == STATUS_NOT_FOUND && wish->has_behind) {
        tell(response, "nextPageToken", "epcis/page-token",
             "nextPageToken is not a token that was given out");
        return STATUS_OK;
    }
    return status;
}

// ---- the next page

static bool is_plain(uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static void append_but(struct buf *out, struct bytes text, const char *plain) {
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (is_plain(c) || (c && strchr(plain, c)))
            buf_append_byte(out, c);
        else
            buf_append_format(out, "%%%02X", c);
    }
}

// As in a query: what means nothing there stays as it is (RFC 3986, 3.4).
static void append_escaped(struct buf *out, struct bytes value) {
    append_but(out, value, "-._~:/?@!$'()*,;");
}

void query_request_append_segment(struct buf *out, struct bytes text) {
    append_but(out, text, "-._~");
}

void query_request_link_token(struct http_request *request, struct http_response *response,
                              struct bytes token) {
    struct buf link = {0};
    buf_append_format(&link, "<%s?", http_path(request));
    for (size_t i = 0; i < http_query_count(request); i++) {
        const struct http_pair *pair = http_query_at(request, i);
        if (bytes_equal(pair->name, bytes_of_string("nextPageToken"))) continue;
        append_escaped(&link, pair->name);
        buf_append_byte(&link, '=');
        append_escaped(&link, pair->value);
        buf_append_byte(&link, '&');
    }
    buf_append_string(&link, "nextPageToken=");
    append_escaped(&link, token);
    buf_append_string(&link, ">; rel=\"next\"");
    gs1_set_next(response, buf_as_string(&link));
    buf_clear(&link);
}

void query_request_append_token(struct buf *out, const struct event_wish *wish,
                                const struct event_rows *rows) {
    append_place(out, &rows->items[rows->count - 1].place);
    if (wish->query.event_count_limit > 0)
        buf_append_format(out, "-%zu", wish->given + rows->count);
}

void query_request_link(struct http_request *request, struct http_response *response,
                        const struct event_wish *wish, const struct event_rows *rows) {
    struct buf token = {0};
    if (!rows->has_more) return;
    query_request_append_token(&token, wish, rows);
    query_request_link_token(request, response, buf_bytes(&token));
    buf_clear(&token);
}

void query_request_link_text(struct http_request *request, struct http_response *response,
                             struct bytes last) {
    struct buf token = {0};
    append_hex(&token, last);
    query_request_link_token(request, response, buf_bytes(&token));
    buf_clear(&token);
}
