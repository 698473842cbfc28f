// SPDX-License-Identifier: Apache-2.0
// A query for events as SQL: text and values side by side, one text for both engines. Newest first,
// by place on the chain; a page goes on behind the last place of the one before. It ends early when
// its events and their contexts have LIMIT_QUERY_PAGE_BYTES, and holds one at least.
//
// Whatever is asked for is looked up in an index: identifiers in epc_by_id, types in event_by_type,
// each type by itself and no further than a page; what is left over is walked from the newest on.
#ifndef LMM_SUPPLYCHAIN_EVENT_QUERY_H
#define LMM_SUPPLYCHAIN_EVENT_QUERY_H

#include "apps/supplychain/epcis/query.h"
#include "apps/supplychain/supplychain.h"

struct event_query {
    struct buf sql;
    int count;
    struct {
        struct bytes text; // data NULL: the number counts
        int64_t number;
    } values[LIMIT_DB_PARAMS];
};

// The columns are those of the tables event and context; each row has `remaining` besides: how many
// events there are from the page's first on, counted no further than one more than a page. `behind`
// may be NULL: from the newest on. Borrows from query and arena. The caller calls buf_clear(&sql).
void event_query_build(struct event_query *out, const char *columns,
                       const struct epcis_query *query, const struct place *behind,
                       struct arena *arena);
// Prepared, with its values; the caller steps and releases.
enum status event_query_prepare(struct db_statement **out, struct db *db,
                                const struct event_query *query) MUST_CHECK;

#endif
