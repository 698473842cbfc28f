// SPDX-License-Identifier: Apache-2.0
// Many hashes at once: the same as hash_bytes for each, eight at a time where the processor has
// vector lanes (lanes.h), one after another where it has none. Kept apart from hash.h, which the
// light client shares.
#ifndef LMM_CRYPTO_HASH_LANES_H
#define LMM_CRYPTO_HASH_LANES_H

#include "chaincore/crypto/hash.h"

struct hash_item {
    struct hash *out;
    struct bytes in;
};
// All under one domain. Items are done in their order: an `out` may lie over what itself or an
// earlier item hashes, not over what a later one does.
void hash_many(enum hash_domain domain, const struct hash_item *items, size_t count);

// So many items make use of all lanes, and fit the stack.
enum { HASH_MANY_AT_ONCE = 64 };

#endif
