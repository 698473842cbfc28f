// SPDX-License-Identifier: Apache-2.0
// The two tables of the edge: a status' HTTP code, and the sentence a person reads.
#include "apps/common/http/exchange.h"
#include "chaincore/base/utf8.h"

static const struct {
    int http_code;
    const char *code;
    const char *sentence;
} table[] = {
    [STATUS_OK] = {200, "ok", "All is well."},
    [STATUS_NO_MEMORY] = {503, "no_memory", "The server is short of memory. Try again later."},
    [STATUS_IO] = {500, "io", "The server could not read or write its data."},
    [STATUS_CORRUPT] = {500, "corrupt", "Data that the server has stored is damaged."},
    [STATUS_TRUNCATED] = {400, "truncated", "The request ends too early."},
    [STATUS_TRAILING] = {400, "trailing", "The request goes on after its end."},
    [STATUS_MALFORMED] = {400, "malformed", "The request is not of the expected form."},
    [STATUS_TOO_LARGE] = {413, "too_large", "The request is larger than allowed."},
    [STATUS_OVERFLOW] = {400, "overflow", "A number in the request is too large."},
    [STATUS_NOT_FOUND] = {404, "not_found", "There is nothing here under that name."},
    [STATUS_EXISTS] = {409, "exists", "There is one already."},
    [STATUS_CONFLICT] = {409, "conflict", "The request contradicts what is there."},
    [STATUS_INVALID] = {400, "invalid", "The request breaks a rule."},
    [STATUS_BAD_SIGNATURE] = {400, "bad_signature", "A signature does not verify."},
    [STATUS_UNAUTHORIZED] = {403, "forbidden", "You may not do that."},
    [STATUS_FULL] = {503, "full", "There is no room left at the moment. Try again later."},
    [STATUS_BUSY] = {503, "busy", "The server is busy. Try again later."},
    [STATUS_TIMEOUT] = {503, "timeout", "That took too long. Try again later."},
    [STATUS_UNSUPPORTED] = {400, "unsupported", "The request asks for what is not supported."},
    [STATUS_CLOSED] = {503, "closed", "The server is stopping."},
    [STATUS_UNAVAILABLE] = {503, "unavailable",
                            "A part of the server is out of reach. Try again later."},
};

static const struct {
    int code;
    const char *phrase;
} phrases[] = {
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
};

// A value that is no status of ours is a defect of the server.
static enum status known(enum status status) {
    size_t index = (size_t)status;
    return index < sizeof table / sizeof table[0] && table[index].code ? status : STATUS_IO;
}

int http_code_of(enum status status) { return table[known(status)].http_code; }

const char *problem_code_of(enum status status) { return table[known(status)].code; }

const char *http_sentence_of(enum status status) { return table[known(status)].sentence; }

static const char *phrase_of(int http_code) {
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
        if (phrases[i].code == http_code) return phrases[i].phrase;
    return "Error";
}

void http_problem_as(struct http_response *response, int http_code, const char *code,
                     const char *detail) {
    struct problem *problem = arena_alloc(http_arena(response->request), sizeof *problem);
    problem->code = response_copy(response, code);
    problem->detail = response_copy(response, detail);
    response->code = http_code;
    response->problem = problem;
    response->etag = NULL;
}

void http_problem(struct http_response *response, enum status status, const char *code,
                  const char *detail) {
    status = known(status);
    http_problem_as(response, table[status].http_code, code ? code : table[status].code,
                    detail ? detail : table[status].sentence);
}

void http_problem_quota(struct http_response *response, const char *detail) {
    http_problem_as(response, 409, "quota_used_up",
                    detail ? detail
                           : "There are as many of these as one account may have. Remove one "
                             "first.");
}

void http_problem_violation(struct http_response *response, const char *pointer, const char *rule,
                            const char *detail) {
    struct problem *problem = response->problem;
    ENSURE(problem != NULL);
    if (problem->violation_count == LIMIT_HTTP_VIOLATIONS) {
        problem->unshown++;
        return;
    }
    problem->violations[problem->violation_count++] = (struct violation){
        .pointer = response_copy(response, pointer),
        .rule = response_copy(response, rule),
        .detail = detail ? response_copy(response, detail) : NULL,
    };
}

void http_problem_member(struct http_response *response, const char *name, const char *value) {
    struct problem *problem = response->problem;
    ENSURE(problem != NULL);
    ENSURE(problem->member_count < (int)(sizeof problem->members / sizeof problem->members[0]));
    problem->members[problem->member_count++] =
        (struct http_pair){.name = bytes_of_string(response_copy(response, name)),
                           .value = bytes_of_string(response_copy(response, value))};
}

void http_append_json_string(struct buf *out, struct bytes text) {
    buf_append_byte(out, '"');
    while (text.len > 0) {
        size_t step = utf8_first(text);
        uint8_t c = text.data[0];
        if (step == 0) {
            buf_append_string(out, "\xEF\xBF\xBD");
            step = 1;
        } else if (c == '"' || c == '\\') {
            buf_append_byte(out, '\\');
            buf_append_byte(out, c);
        } else if (c < 0x20 || c == 0x7F) {
            buf_append_format(out, "\\u%04x", c);
        } else {
            buf_append(out, bytes_of(text.data, step));
        }
        text = bytes_of(text.data + step, text.len - step);
    }
    buf_append_byte(out, '"');
}

static void member(struct buf *out, const char *name, const char *value) {
    http_append_json_string(out, bytes_of_string(name));
    buf_append_byte(out, ':');
    http_append_json_string(out, bytes_of_string(value));
    buf_append_byte(out, ',');
}

static void write_violations(struct buf *out, const struct problem *problem) {
    member(out, "pointer", problem->violations[0].pointer);
    member(out, "rule", problem->violations[0].rule);
    if (problem->unshown > 0) buf_append_format(out, "\"unshown\":%d,", problem->unshown);
    buf_append_string(out, "\"violations\":[");
    for (int i = 0; i < problem->violation_count; i++) {
        const struct violation *violation = &problem->violations[i];
        buf_append_string(out, i > 0 ? ",{" : "{");
        member(out, "pointer", violation->pointer);
        member(out, "rule", violation->rule);
        if (violation->detail) member(out, "detail", violation->detail);
        out->len--; // the last comma
        buf_append_byte(out, '}');
    }
    buf_append_string(out, "],");
}

// RFC 9457. "about:blank" says that the kind of problem is told by `code`, not by a page.
void problem_write(struct http_response *response) {
    const struct problem *problem = response->problem;
    struct buf *out = &response->body;
    buf_reset(out);
    buf_append_string(out, "{\"type\":\"about:blank\",");
    member(out, "title", phrase_of(response->code));
    buf_append_format(out, "\"status\":%d,", response->code);
    member(out, "code", problem->code);
    member(out, "detail", problem->detail);
    if (problem->violation_count > 0) write_violations(out, problem);
    for (int i = 0; i < problem->member_count; i++) {
        http_append_json_string(out, problem->members[i].name);
        buf_append_byte(out, ':');
        http_append_json_string(out, problem->members[i].value);
        buf_append_byte(out, ',');
    }
    member(out, "request_id", http_request_id(response->request));
    out->len--; // the last comma
    buf_append_string(out, "}\n");
    response->content_type = "application/problem+json";
}
