// SPDX-License-Identifier: Apache-2.0
// A request's target (RFC 9112, 3.2): path and query, split first and unescaped then, so that an
// escaped slash stays inside its segment. Refuses what is ambiguous or made to confuse: bad
// escapes, control characters, NUL, text that is not UTF-8, "." and "..".
#ifndef LMM_HTTP_URI_H
#define LMM_HTTP_URI_H

#include "apps/common/http/http.h"
#include "chaincore/base/limits.h"

struct uri {
    const char *path;       // as sent, without the query; "" when nothing of it can be shown
    enum status status;     // MALFORMED, TOO_LARGE
    struct bytes *segments; // at most LIMIT_HTTP_PATH_SEGMENTS
    size_t segment_count;   // of "/" none
    struct http_pair *query;
    size_t query_count;
};

// Everything is copied into the arena. What is wrong with it is told by out->status.
void uri_parse(struct uri *out, struct arena *arena, const char *target);

#endif
