// SPDX-License-Identifier: Apache-2.0
// The queries that this server keeps by their names, in a small SQLite file beside the chain's data
// (queries.db), so that no rebuild of the index touches them. What is answered is on the disk.
//
// Each belongs to one of the accounts that the server signs with (server/signer.h), and each
// account has names of its own: what one calls its queries, and how many it has, another neither
// sees nor feels.
//
// Threading: every function may be called by any thread.
#ifndef LMM_SUPPLYCHAIN_NAMED_QUERIES_H
#define LMM_SUPPLYCHAIN_NAMED_QUERIES_H

#include "apps/common/db/db.h"
#include "chaincore/base/arena.h"
#include "chaincore/base/buf.h"

struct named_queries;

struct query_name {
    const char *owner; // the name of the account
    struct bytes name;
};
struct named_query {
    struct query_name id;
    struct bytes query; // JSON, as it came
};

// The caller closes. CORRUPT: a file that is no database of ours.
enum status named_queries_open(struct named_queries **out, const char *path) MUST_CHECK;
void named_queries_close(struct named_queries *queries); // NULL is allowed

// EXISTS when the owner has one of that name, TOO_LARGE when it has LIMIT_NAMED_QUERIES.
enum status named_queries_put(struct named_queries *queries,
                              const struct named_query *query) MUST_CHECK;
// Lives in the arena. NOT_FOUND.
enum status named_queries_get(struct named_queries *queries, const struct query_name *id,
                              struct arena *arena, struct named_query *out) MUST_CHECK;
// NOT_FOUND.
enum status named_queries_remove(struct named_queries *queries,
                                 const struct query_name *id) MUST_CHECK;

struct named_query_listing {
    const char *owner; // of this one alone; NULL: of all
    struct query_name behind;
    uint32_t most;
};
struct named_query_list {
    struct named_query *items; // by the bytes of their names, then of their owners
    size_t count;
    bool has_more;
};
// Lives in the arena.
enum status named_queries_list(struct named_queries *queries,
                               const struct named_query_listing *asked, struct arena *arena,
                               struct named_query_list *out) MUST_CHECK;

#endif
