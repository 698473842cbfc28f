// SPDX-License-Identifier: Apache-2.0
// The answers that are kept for Idempotency-Keys, in a SQLite file of their own: for
// LIMIT_HTTP_IDEMPOTENCY_MS, over restarts and crashes of the process. (When the machine's power
// fails the last ones may be lost; then the request runs again.)
//
// The file has a bound, LIMIT_HTTP_KEPT_FILE_BYTES. Of clients without an API key the oldest are
// forgotten above LIMIT_HTTP_KEPT_OPEN, so that they cannot take the room of the others.
//
// Thread-safe.
#ifndef LMM_SERVER_ANSWERS_H
#define LMM_SERVER_ANSWERS_H

#include "apps/common/http/idempotency.h"

struct answers;

struct answers_config {
    const char *path;
    uint64_t file_bytes; // at most; 0: LIMIT_HTTP_KEPT_FILE_BYTES
};
enum status answers_open(struct answers **out, const struct answers_config *config) MUST_CHECK;
void answers_close(struct answers *answers); // NULL is allowed

// For struct http_kept_store; the context is the answers.
enum status answers_find(void *context, const uint8_t id[IDEMPOTENCY_HASH], struct arena *arena,
                         struct http_kept *out) MUST_CHECK;
enum status answers_keep(void *context, const uint8_t id[IDEMPOTENCY_HASH],
                         const struct http_kept *kept) MUST_CHECK;
// Drops some of those whose time is over: to be called every second or so.
void answers_settle(struct answers *answers);

#endif
