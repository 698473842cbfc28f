// SPDX-License-Identifier: Apache-2.0
// POSTs that a client may send again without doing their work twice (the IETF's draft of the
// Idempotency-Key header). What a client's key was first used for is kept with its answer, for
// LIMIT_HTTP_IDEMPOTENCY_MS: the same request gets that answer again, another one 422, and one that
// comes while the first is under way 409.
//
// Kept are answers of 2xx alone. What was refused did nothing and leaves the key free; after a
// crash the request runs again, so a handler that must not do its work twice even then takes
// http_idempotency_id for what it makes.
//
// Whoever has an API key has a space of keys of its own, others one for each address.
#ifndef LMM_HTTP_IDEMPOTENCY_H
#define LMM_HTTP_IDEMPOTENCY_H

#include "chaincore/base/arena.h"
#include "chaincore/base/limits.h"

enum { IDEMPOTENCY_HASH = 32 };

// What is kept of an answer.
struct http_kept {
    uint8_t request[IDEMPOTENCY_HASH]; // the hash of what was asked
    struct bytes answer;               // at most LIMIT_HTTP_KEPT_BYTES; empty: not to be kept
    bool is_open;                      // of a client without an API key
};

// Where they are kept; http knows of no database. Called on the server's threads.
struct http_kept_store {
    // `id` tells client and key. Copies into the arena. NOT_FOUND.
    enum status (*find)(void *context, const uint8_t id[IDEMPOTENCY_HASH], struct arena *arena,
                        struct http_kept *out);
    // FULL: there is no room for another one.
    enum status (*keep)(void *context, const uint8_t id[IDEMPOTENCY_HASH],
                        const struct http_kept *kept);
    void *context;
};

#endif
