// SPDX-License-Identifier: Apache-2.0
#include "apps/common/http/page.h"

#include <string.h>

static void refuse(struct http_response *response, const char *parameter, const char *why) {
    http_problem(response, STATUS_INVALID, "invalid_query", why);
    http_problem_violation(response, parameter, "bounds", why);
}

void http_page_refuse(struct http_response *response) {
    refuse(response, "nextPageToken", "nextPageToken is one that was given out for this list.");
}

static bool read_length(struct http_page *out, struct http_request *request,
                        struct http_response *response, const struct http_paging *paging) {
    enum status status = http_query_u64(request, "perPage", paging->usual, &out->length);
    if (status == STATUS_OK && out->length > 0 && out->length <= paging->most) return true;
    refuse(response, "perPage",
           arena_format(http_arena(request), "perPage is a number from 1 to %llu.",
                        (unsigned long long)paging->most));
    return false;
}

bool http_page_read(struct http_page *out, struct http_request *request,
                    struct http_response *response, const struct http_paging *paging) {
    struct bytes text;
    ENSURE(paging->token_bytes <= sizeof out->token);
    *out = (struct http_page){0};
    if (!read_length(out, request, response, paging)) return false;
    enum status status = http_query(request, "nextPageToken", &text);
    if (status == STATUS_NOT_FOUND) return true;
    // The kit ends each value with a NUL, and hex_decode takes no other length than this.
    if (status == STATUS_OK && text.len == 2 * paging->token_bytes &&
        hex_decode(out->token, paging->token_bytes, (const char *)text.data) == STATUS_OK) {
        out->is_behind = true;
        return true;
    }
    http_page_refuse(response);
    return false;
}

static bool is_plain(uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._~", c));
}

static void append_escaped(struct buf *out, struct bytes text) {
    for (size_t i = 0; i < text.len; i++)
        if (is_plain(text.data[i]))
            buf_append_byte(out, text.data[i]);
        else
            buf_append_format(out, "%%%02X", text.data[i]);
}

void http_page_link(struct http_request *request, struct http_response *response,
                    struct bytes token) {
    struct buf link = {0};
    char hex[2 * HTTP_PAGE_TOKEN_BYTES + 1];
    ENSURE(token.len <= HTTP_PAGE_TOKEN_BYTES);
    hex_encode(hex, token);
    buf_append_format(&link, "<%s?", http_path(request));
    for (size_t i = 0; i < http_query_count(request); i++) {
        const struct http_pair *pair = http_query_at(request, i);
        if (bytes_equal(pair->name, bytes_of_string("nextPageToken"))) continue;
        append_escaped(&link, pair->name);
        buf_append_byte(&link, '=');
        append_escaped(&link, pair->value);
        buf_append_byte(&link, '&');
    }
    buf_append_format(&link, "nextPageToken=%s>; rel=\"next\"", hex);
    http_add_header(response, "Link", buf_as_string(&link));
    buf_clear(&link);
}
