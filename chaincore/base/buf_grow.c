// SPDX-License-Identifier: Apache-2.0
#include "chaincore/base/buf.h"
#include "chaincore/base/memory.h"

void buf_grow(struct buf *buf, size_t needed) {
    ENSURE(!buf->is_fixed);
    size_t capacity = buf->capacity ? buf->capacity : 64;
    while (capacity < needed) capacity *= 2;
    buf->data = mem_resize(buf->data, capacity);
    buf->capacity = capacity;
}
