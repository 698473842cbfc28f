// SPDX-License-Identifier: Apache-2.0
// A growable, owned run of bytes. Zero-initialised is empty and valid; buf_clear frees it.
#ifndef LMM_BASE_BUF_H
#define LMM_BASE_BUF_H

#include <stdarg.h>

#include "chaincore/base/bytes.h"

struct buf {
    uint8_t *data;
    size_t len;
    size_t capacity;
    bool is_fixed;
};

// Empty, over an array of the caller's, which must be large enough: nothing is allocated, and there
// is nothing to clear.
#define BUF_OVER(array) ((struct buf){.data = (array), .capacity = sizeof(array), .is_fixed = true})

// Not for one over an array.
void buf_clear(struct buf *buf);
// Empties it but keeps the memory.
static inline void buf_reset(struct buf *buf) { buf->len = 0; }
// In a file of its own: a device without a heap links buf_halt.c in its place.
void buf_grow(struct buf *buf, size_t needed);
// Room for `more` bytes behind the end; returns where they start. They count once buf->len grows.
uint8_t *buf_reserve(struct buf *buf, size_t more);
void buf_append(struct buf *buf, struct bytes bytes);
void buf_append_byte(struct buf *buf, uint8_t byte);
void buf_append_string(struct buf *buf, const char *text);
void buf_append_format(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// Puts a NUL behind the end (not counted in len) and returns the text, borrowed until the next
// change.
const char *buf_as_string(struct buf *buf);
// Borrowed until the next change.
static inline struct bytes buf_bytes(const struct buf *buf) {
    return bytes_of(buf->data, buf->len);
}

#endif
