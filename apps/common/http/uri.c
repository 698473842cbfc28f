// SPDX-License-Identifier: Apache-2.0
#include "apps/common/http/uri.h"

#include "chaincore/base/utf8.h"

static int hex_digit(uint8_t c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// A NUL stands behind the result.
static enum status unescape(struct bytes *out, struct arena *arena, struct bytes in,
                            bool plus_is_space) {
    uint8_t *text = arena_alloc(arena, in.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < in.len; i++) {
        uint8_t c = in.data[i];
        if (c == '%') {
            bool is_whole = in.len - i > 2;
            int high = is_whole ? hex_digit(in.data[i + 1]) : -1;
            int low = is_whole ? hex_digit(in.data[i + 2]) : -1;
            if (high < 0 || low < 0) return STATUS_MALFORMED;
            c = (uint8_t)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if (c < 0x20 || c == 0x7F) return STATUS_MALFORMED;
        text[len++] = c;
    }
    *out = bytes_of(text, len);
    return utf8_is_valid(*out) ? STATUS_OK : STATUS_MALFORMED;
}

static bool is_dots(struct bytes segment) {
    return bytes_equal(segment, bytes_of_string(".")) ||
           bytes_equal(segment, bytes_of_string(".."));
}

// The piece up to the separator; `rest` moves behind it.
static struct bytes cut(struct bytes *rest, char separator) {
    const uint8_t *end = rest->len > 0 ? memchr(rest->data, separator, rest->len) : NULL;
    size_t len = end ? (size_t)(end - rest->data) : rest->len;
    struct bytes piece = bytes_of(rest->data, len);
    size_t taken = end ? len + 1 : len;
    *rest = bytes_of(rest->data + taken, rest->len - taken);
    return piece;
}

static enum status parse_path(struct uri *out, struct arena *arena, struct bytes path) {
    if (path.len == 0 || path.data[0] != '/') return STATUS_MALFORMED;
    if (path.len == 1) return STATUS_OK;
    struct bytes rest = bytes_of(path.data + 1, path.len - 1);
    size_t count = 0;
    for (size_t i = 0; i < path.len; i++) count += path.data[i] == '/';
    if (count > LIMIT_HTTP_PATH_SEGMENTS) return STATUS_TOO_LARGE;
    out->segments = arena_alloc_array(arena, count, sizeof *out->segments);
    while (out->segment_count < count) {
        struct bytes *segment = &out->segments[out->segment_count++];
        enum status status = unescape(segment, arena, cut(&rest, '/'), false);
        if (status != STATUS_OK) return status;
        if (is_dots(*segment)) return STATUS_MALFORMED;
    }
    return STATUS_OK;
}

static enum status parse_query(struct uri *out, struct arena *arena, struct bytes query) {
    enum status status = STATUS_OK;
    size_t most = 1;
    for (size_t i = 0; i < query.len; i++) most += query.data[i] == '&';
    if (most > LIMIT_HTTP_QUERY_PARAMS) return STATUS_TOO_LARGE;
    out->query = arena_alloc_array(arena, most, sizeof *out->query);
    while (query.len > 0) {
        struct bytes item = cut(&query, '&');
        if (item.len == 0) continue;
        struct bytes name = cut(&item, '=');
        struct http_pair *pair = &out->query[out->query_count];
        TRY(unescape(&pair->name, arena, name, true));
        TRY(unescape(&pair->value, arena, item, true));
        out->query_count++;
    }
out:
    return status;
}

void uri_parse(struct uri *out, struct arena *arena, const char *target) {
    enum status status = STATUS_OK;
    struct bytes whole = bytes_of_string(target);
    *out = (struct uri){.path = ""};
    if (whole.len > LIMIT_HTTP_URI_BYTES) {
        out->status = STATUS_TOO_LARGE;
        return;
    }
    for (size_t i = 0; i < whole.len; i++) {
        if (whole.data[i] > 0x20 && whole.data[i] < 0x7F) continue;
        out->status = STATUS_MALFORMED;
        return;
    }
    struct bytes query = whole, path = cut(&query, '?');
    out->path = arena_copy_string(arena, path);
    TRY(parse_path(out, arena, path));
    TRY(parse_query(out, arena, query));
out:
    out->status = status;
}
