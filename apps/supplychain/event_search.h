// SPDX-License-Identifier: Apache-2.0
// Finding events in the index: a page of those that a query asks for, or one by its id.
#ifndef LMM_SUPPLYCHAIN_EVENT_SEARCH_H
#define LMM_SUPPLYCHAIN_EVENT_SEARCH_H

#include "apps/supplychain/epcis/query.h"
#include "apps/supplychain/event_condition.h"
#include "apps/supplychain/supplychain.h"

// An event as a row has it. Slices live in the arena that it was read into.
struct event_row {
    struct place place;
    struct bytes event_id, type, body, context;
    uint8_t hash[EVENT_HASH_SIZE];
    int64_t time_ms, record_ms;
    bool is_declaration;
    struct account_id sender;
    struct hash tx_id;
    uint32_t chain_event, entry;
};

// A page of them, in an arena of its own: what the request's is given stays with the server.
struct event_rows {
    struct arena arena;
    struct event_row *items;
    size_t count;
    bool has_more;
};

// A query and where its page begins.
struct event_wish {
    struct epcis_query query;
    bool has_behind;
    struct place behind;
    bool takes_any_place;         // where no event needs to be; in the order of places alone
    struct event_span heights;    // besides what the query bounds
    const struct account_id *own; // whose master data counts; NULL: the server's own account's
    uint32_t given;               // events of the pages before, which count towards eventCountLimit
};

// NOT_FOUND: no event stands where the page before ended. TOO_LARGE: there are more than
// maxEventCount. BUSY: others search. The caller clears out->arena, whatever the status.
enum status event_search(struct server *server, const struct event_wish *wish, struct arena *arena,
                         struct event_rows *out) MUST_CHECK;

// The same by a connection that the caller has begun a transaction on, and ends it.
enum status event_search_by(struct db *db, struct server *server, const struct event_wish *wish,
                            struct arena *arena, struct event_rows *out) MUST_CHECK;

// Which event: its place ("HEIGHT-TX-POSITION") or eventID. Of an eventID what `own` captured goes
// before what others did, whoever they are, and the first that is no error declaration before the
// rest.
struct event_name {
    struct bytes id;
    const struct account_id *own;
};
// NOT_FOUND.
enum status event_find(struct server *server, const struct event_name *name, struct arena *arena,
                       struct event_row *out) MUST_CHECK;

// Reads what append_place wrote.
bool place_read(struct bytes text, struct place *out);

#endif
