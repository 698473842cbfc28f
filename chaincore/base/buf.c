// SPDX-License-Identifier: Apache-2.0
#include "chaincore/base/buf.h"

#include <stdio.h>

#include "chaincore/base/memory.h"

void buf_clear(struct buf *buf) {
    ENSURE(!buf->is_fixed);
    mem_free(buf->data);
    *buf = (struct buf){0};
}

uint8_t *buf_reserve(struct buf *buf, size_t more) {
    size_t needed;
    ENSURE(!__builtin_add_overflow(buf->len, more, &needed));
    if (needed > buf->capacity || !buf->data) buf_grow(buf, needed);
    return buf->data + buf->len;
}

void buf_append(struct buf *buf, struct bytes bytes) {
    if (bytes.len == 0) return;
    memcpy(buf_reserve(buf, bytes.len), bytes.data, bytes.len);
    buf->len += bytes.len;
}

void buf_append_byte(struct buf *buf, uint8_t byte) {
    *buf_reserve(buf, 1) = byte;
    buf->len++;
}

void buf_append_string(struct buf *buf, const char *text) {
    buf_append(buf, bytes_of_string(text));
}

void buf_append_format(struct buf *buf, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ENSURE(len >= 0);
    uint8_t *out = buf_reserve(buf, (size_t)len + 1);
    va_start(args, format);
    vsnprintf((char *)out, (size_t)len + 1, format, args);
    va_end(args);
    buf->len += (size_t)len;
}

const char *buf_as_string(struct buf *buf) {
    *buf_reserve(buf, 1) = '\0';
    return (const char *)buf->data;
}
