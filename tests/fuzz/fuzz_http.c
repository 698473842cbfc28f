// SPDX-License-Identifier: Apache-2.0
// A request's target up to the first line break, a header's value after it, through all that the
// HTTP kit reads by itself: the target is split and unescaped within its bounds into text that
// holds no control character; whatever type is negotiated is one of those offered.
#include "apps/common/http/text.h"
#include "apps/common/http/uri.h"
#include "chaincore/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(struct bytes text) {
    ENSURE(utf8_is_valid(text));
    ENSURE(text.data[text.len] == '\0');
    for (size_t i = 0; i < text.len; i++) ENSURE(text.data[i] >= 0x20 && text.data[i] != 0x7F);
}

static void read_target(struct arena *arena, const char *target) {
    struct uri uri;
    uri_parse(&uri, arena, target);
    if (uri.status != STATUS_OK) return;
    ENSURE(uri.segment_count <= LIMIT_HTTP_PATH_SEGMENTS);
    ENSURE(uri.query_count <= LIMIT_HTTP_QUERY_PARAMS);
    for (size_t i = 0; i < uri.segment_count; i++) {
        check_text(uri.segments[i]);
        ENSURE(!bytes_equal(uri.segments[i], bytes_of_string("..")));
    }
    for (size_t i = 0; i < uri.query_count; i++) {
        check_text(uri.query[i].name);
        check_text(uri.query[i].value);
    }
}

static void read_value(const char *value) {
    static const char types[] = "application/json, text/csv, text/html";
    struct bytes type;
    uint64_t number;
    if (media_type_of(value, &type)) {
        struct bytes known = media_type_find(types, type);
        ENSURE(known.len == 0 || text_equal(known, type));
    }
    struct bytes best = media_type_negotiate(types, value);
    ENSURE(best.len == 0 || media_type_find(types, best).len == best.len);
    (void)accepts_gzip(value);
    (void)etag_matches(value, "v1");
    (void)!text_u64(bytes_of_string(value), &number);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena = {0};
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t len = end ? (size_t)(end - data) : size;
    read_target(&arena, arena_copy_string(&arena, bytes_of(data, len)));
    if (end) read_value(arena_copy_string(&arena, bytes_of(end + 1, size - len - 1)));
    arena_clear(&arena);
    return 0;
}
