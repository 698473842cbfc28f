// SPDX-License-Identifier: Apache-2.0
// The queries that this server keeps by their names, in a small SQLite file beside the chain's data
// (queries.db): nobody's but the server's own, so no rebuild of the index touches them. What is
// answered is on the disk.
//
// Threading: every function may be called by any thread.
#ifndef LMM_SUPPLYCHAIN_NAMED_QUERIES_H
#define LMM_SUPPLYCHAIN_NAMED_QUERIES_H

#include "apps/common/db/db.h"
#include "chaincore/base/arena.h"
#include "chaincore/base/buf.h"

struct named_queries;

struct named_query {
    struct bytes name;
    struct bytes query; // JSON, as it came
};

// The caller closes. CORRUPT: a file that is no database of ours.
enum status named_queries_open(struct named_queries **out, const char *path) MUST_CHECK;
void named_queries_close(struct named_queries *queries); // NULL is allowed

// EXISTS when the name is taken, FULL when there are LIMIT_NAMED_QUERIES.
enum status named_queries_put(struct named_queries *queries,
                              const struct named_query *query) MUST_CHECK;
// Lives in the arena. NOT_FOUND.
enum status named_queries_get(struct named_queries *queries, struct bytes name, struct arena *arena,
                              struct named_query *out) MUST_CHECK;
// NOT_FOUND.
enum status named_queries_remove(struct named_queries *queries, struct bytes name) MUST_CHECK;

struct named_query_list {
    struct named_query *items; // by the bytes of their names
    size_t count;
    bool has_more;
};
// Those behind a name, `most` at most. Lives in the arena.
enum status named_queries_list(struct named_queries *queries, struct bytes behind, uint32_t most,
                               struct arena *arena, struct named_query_list *out) MUST_CHECK;

#endif
