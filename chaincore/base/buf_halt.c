// SPDX-License-Identifier: Apache-2.0
// What a device without a heap links in place of buf_grow.c. Each buf there lies over an array that
// is large enough: that one would grow is a broken invariant, which halts.
#include "chaincore/base/buf.h"

void buf_grow(struct buf *buf, size_t needed) { ENSURE(buf->data && needed <= buf->capacity); }
