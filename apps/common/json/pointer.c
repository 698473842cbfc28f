// SPDX-License-Identifier: Apache-2.0
#include "apps/common/json/json.h"

void json_pointer_append_key(struct buf *pointer, struct bytes key) {
    buf_append_byte(pointer, '/');
    for (size_t i = 0; i < key.len; i++) {
        if (key.data[i] == '~') {
            buf_append_string(pointer, "~0");
        } else if (key.data[i] == '/') {
            buf_append_string(pointer, "~1");
        } else {
            buf_append_byte(pointer, key.data[i]);
        }
    }
}

void json_pointer_append_index(struct buf *pointer, size_t index) {
    buf_append_format(pointer, "/%zu", index);
}

bool json_pointer_next(struct buf *token, struct bytes *pointer) {
    buf_reset(token);
    size_t i = 1;
    for (; i < pointer->len && pointer->data[i] != '/'; i++) {
        uint8_t c = pointer->data[i];
        if (c == '~') {
            if (++i == pointer->len) return false;
            if (pointer->data[i] != '0' && pointer->data[i] != '1') return false;
            c = pointer->data[i] == '0' ? '~' : '/';
        }
        buf_append_byte(token, c);
    }
    *pointer = bytes_of(pointer->data + i, pointer->len - i);
    return true;
}

// "0", or digits that don't start with 0.
static bool read_index(size_t *out, struct bytes token) {
    if (token.len == 0 || token.len > 9 || (token.len > 1 && token.data[0] == '0')) return false;
    *out = 0;
    for (size_t i = 0; i < token.len; i++) {
        if (token.data[i] < '0' || token.data[i] > '9') return false;
        *out = *out * 10 + (size_t)(token.data[i] - '0');
    }
    return true;
}

const json_t *json_step(const json_t *value, struct bytes token) {
    size_t index;
    if (json_is_array(value)) {
        return read_index(&index, token) ? json_array_get(value, index) : NULL;
    }
    if (!json_is_object(value) ||
        memchr(token.data ? token.data : (const void *)"", 0, token.len)) {
        return NULL;
    }
    struct buf name = {0};
    buf_append(&name, token);
    const json_t *member = json_object_get(value, buf_as_string(&name));
    buf_clear(&name);
    return member;
}

const json_t *json_pointer_find(const json_t *root, struct bytes pointer) {
    struct buf token = {0};
    while (root && pointer.len > 0) {
        bool is_whole = pointer.data[0] == '/' && json_pointer_next(&token, &pointer);
        root = is_whole ? json_step(root, buf_bytes(&token)) : NULL;
    }
    buf_clear(&token);
    return root;
}

bool json_has_only(const json_t *object, const char *const *names, struct buf *pointer) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value) {
        const char *const *known = names;
        while (*known && strcmp(*known, name) != 0) known++;
        if (*known) continue;
        json_pointer_append_key(pointer, bytes_of_string(name));
        return false;
    }
    return true;
}
