// SPDX-License-Identifier: Apache-2.0
#include "apps/common/http/openapi_problems.h"

#include "apps/common/http/exchange.h"

enum {
    MAX_CODES = 48, // of one number and operation
    FIRST_PROBLEM = 400,
    LAST_PROBLEM = 599,
};

// To which routes it may happen.
enum reach { EVERY, WITH_SCOPE, WITH_CHOICE, WITH_BODY, WITH_EFFECT, WITH_BOUNDS };

static const struct {
    int number;
    enum reach reach;
    const char *codes; // in backquotes; NULL: those of statuses
    const char *meaning;
} own[] = {
    {400, EVERY, "`bad_uri` `bad_header` `bad_host` `bad_length` `invalid_query`",
     "Its head is not well formed, or asks for what there is not."},
    {400, WITH_EFFECT, "`bad_idempotency_key`", "The Idempotency-Key is none."},
    {401, WITH_SCOPE, "`no_key`", "No API key that is known."},
    {403, WITH_SCOPE, "`missing_scope`", "The API key lacks the scope."},
    {406, WITH_CHOICE, "`not_acceptable`", "None of the types is acceptable."},
    {409, WITH_EFFECT, "`request_under_way` `answer_not_kept`",
     "The Idempotency-Key's first request goes on, or its answer was told once only."},
    {413, EVERY, "`too_large`", "The body is larger than allowed, or there is none to be."},
    {414, EVERY, "`uri_too_long`", "The address is too long."},
    {415, WITH_BODY, "`unsupported_media_type`", "The body's type is not understood."},
    {422, WITH_EFFECT, "`idempotency_key_reused`", "The Idempotency-Key was another request's."},
    {429, WITH_BOUNDS, "`too_many_requests`", "Too many requests; `Retry-After` says when."},
    {429, EVERY, "`too_many_wrong_keys`", "Too many wrong keys; `Retry-After` says when."},
    {431, EVERY, "`headers_too_large`", "The headers are too many or too long."},
    {500, EVERY, NULL, "The server's own data fails it."},
    {501, EVERY, "`unsupported_transfer_encoding`", "The body's coding is not understood."},
    {503, EVERY, NULL, "Too busy, or a part is out of reach; `Retry-After` says when."},
};
enum { OWN = sizeof own / sizeof *own };

static bool has_effect(const struct http_route *route) {
    return route->method == HTTP_POST && !(route->traits & HTTP_NO_EFFECT);
}

static bool reaches(size_t index, const struct http_route *route) {
    switch (own[index].reach) {
    case EVERY:
        return true;
    case WITH_SCOPE:
        return route->scope != NULL;
    case WITH_CHOICE:
        return route->produces != NULL;
    case WITH_BODY:
        return route->max_body > 0 && route->consumes;
    case WITH_EFFECT:
        return has_effect(route);
    case WITH_BOUNDS:
        return !(route->traits & HTTP_UNLIMITED);
    }
    return false;
}

struct codes {
    struct bytes items[MAX_CODES];
    size_t count;
    bool is_open; // there may be others
};

static void add_code(struct codes *codes, struct bytes code) {
    for (size_t i = 0; i < codes->count; i++)
        if (bytes_equal(codes->items[i], code)) return;
    ENSURE(codes->count < MAX_CODES);
    codes->items[codes->count++] = code;
}

static void add_status_codes(struct codes *codes, int number) {
    bool has_any = false;
    for (int status = 0; status <= STATUS_UNAVAILABLE; status++)
        if (http_code_of((enum status)status) == number) {
            add_code(codes, bytes_of_string(problem_code_of((enum status)status)));
            has_any = true;
        }
    if (!has_any) codes->is_open = true;
}

// What stands in backquotes.
static void add_codes(struct codes *codes, const char *text, int number) {
    bool has_any = false;
    while (text && (text = strchr(text, '`')) != NULL) {
        const char *end = strchr(text + 1, '`');
        ENSURE(end != NULL);
        add_code(codes, bytes_of(text + 1, (size_t)(end - text) - 1));
        text = end + 1;
        has_any = true;
    }
    if (!has_any) add_status_codes(codes, number);
}

static void append_problem(struct buf *out, struct bytes meaning, const struct codes *codes) {
    buf_append_string(out, "{\"description\":");
    http_append_json_string(out, meaning);
    buf_append_string(out, ",\"content\":{\"application/problem+json\":{\"schema\":{");
    if (codes->is_open) {
        buf_append_string(out, "\"$ref\":\"#/components/schemas/problem\"}}}}");
        return;
    }
    buf_append_string(out, "\"allOf\":[{\"$ref\":\"#/components/schemas/problem\"},"
                           "{\"properties\":{\"code\":{\"enum\":[");
    for (size_t i = 0; i < codes->count; i++) {
        if (i > 0) buf_append_byte(out, ',');
        http_append_json_string(out, codes->items[i]);
    }
    buf_append_string(out, "]}}}]}}}}");
}

static void say(struct buf *meaning, const char *sentence) {
    if (meaning->len > 0) buf_append_byte(meaning, ' ');
    buf_append_string(meaning, sentence);
}

// Of the kit for the route, or for all routes without one.
static bool add_own(struct codes *codes, struct buf *meaning, const struct http_route *route,
                    int number) {
    bool has_any = false;
    for (size_t i = 0; i < OWN; i++) {
        if (own[i].number != number || (route && !reaches(i, route))) continue;
        add_codes(codes, own[i].codes, number);
        say(meaning, own[i].meaning);
        has_any = true;
    }
    return has_any;
}

static bool add_described(struct codes *codes, struct buf *meaning,
                          const struct http_description *about, int number) {
    bool has_any = false;
    for (size_t i = 0; about && i < DESCRIBED_ANSWERS && about->answers[i].code; i++) {
        if (about->answers[i].code != number) continue;
        add_codes(codes, about->answers[i].meaning, number);
        say(meaning, about->answers[i].meaning);
        has_any = true;
    }
    return has_any;
}

// The handler has a body of its own under that number, which stands for the kit's too.
static bool is_answer(const struct http_description *about, int number) {
    for (size_t i = 0; about && i < DESCRIBED_ANSWERS && about->answers[i].code; i++)
        if (about->answers[i].code == number && about->answers[i].schema) return true;
    return false;
}

static void append_number(struct buf *out, const struct http_route *route, int number) {
    struct codes codes = {0};
    struct buf meaning = {0};
    if (is_answer(route->about, number)) return;
    bool is_described = add_described(&codes, &meaning, route->about, number);
    bool is_own = add_own(&codes, &meaning, route, number);
    if (is_described || is_own) {
        if (out->data[out->len - 1] != '{' && out->data[out->len - 1] != ',')
            buf_append_byte(out, ',');
        buf_append_format(out, "\"%d\":", number);
        if (is_described)
            append_problem(out, buf_bytes(&meaning), &codes);
        else
            buf_append_format(out, "{\"$ref\":\"#/components/responses/%d\"}", number);
    }
    buf_clear(&meaning);
}

void openapi_append_problems(struct buf *out, const struct http_route *route) {
    for (int number = FIRST_PROBLEM; number <= LAST_PROBLEM; number++)
        append_number(out, route, number);
}

void openapi_append_shared_problems(struct buf *out) {
    buf_append_string(out, "\"responses\":{");
    for (size_t i = 0; i < OWN; i++) {
        struct codes codes = {0};
        struct buf meaning = {0};
        if (i > 0 && own[i - 1].number == own[i].number) continue;
        add_own(&codes, &meaning, NULL, own[i].number);
        buf_append_format(out, "%s\"%d\":", i > 0 ? "," : "", own[i].number);
        append_problem(out, buf_bytes(&meaning), &codes);
        buf_clear(&meaning);
    }
    buf_append_byte(out, '}');
}
