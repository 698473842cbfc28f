// SPDX-License-Identifier: Apache-2.0
#include "apps/common/json/violation.h"

enum { EXCERPT_BYTES = 60 };

void violations_clear(struct violations *violations) {
    arena_clear(&violations->arena);
    violations->count = 0;
}

bool violations_are_full(const struct violations *violations) {
    if (violations->count >= LIMIT_VIOLATIONS) return true;
    return violations->wanted > 0 && violations->count >= violations->wanted;
}

// A pointer over the bound is cut where a token ends, so it still names something that is there.
static struct bytes pointer_within_bound(struct bytes pointer) {
    if (pointer.len <= LIMIT_POINTER_BYTES) return pointer;
    size_t len = LIMIT_POINTER_BYTES;
    while (len > 0 && pointer.data[len] != '/') len--;
    return bytes_of(pointer.data, len);
}

void violations_add(struct violations *violations, struct bytes pointer, const char *rule,
                    const char *detail) {
    if (violations_are_full(violations)) return;
    struct violation *item = &violations->items[violations->count++];
    item->pointer = arena_copy_string(&violations->arena, pointer_within_bound(pointer));
    item->rule = arena_copy_string(&violations->arena, bytes_of_string(rule));
    item->detail = arena_copy_string(&violations->arena, bytes_of_string(detail));
}

void excerpt_append(struct buf *out, struct bytes text) {
    size_t len = text.len;
    if (len > EXCERPT_BYTES) {
        len = EXCERPT_BYTES;
        while (len > 0 && (text.data[len] & 0xc0) == 0x80) len--;
    }
    buf_append_byte(out, '"');
    for (size_t i = 0; i < len; i++) {
        bool is_control = text.data[i] < 0x20 || text.data[i] == 0x7f;
        buf_append_byte(out, is_control ? '?' : text.data[i]);
    }
    buf_append_string(out, len < text.len ? "…\"" : "\"");
}
