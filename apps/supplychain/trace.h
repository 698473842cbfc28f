// SPDX-License-Identifier: Apache-2.0
// Where goods went and what they came from, by the events that join identifiers: transformations
// (also in several events of one transformationID), aggregations and associations.
//
// Forward from an identifier go what was made of it, what it was packed into, and what that was
// made into or packed into; what was packed into the identifier itself, or into what was made of
// it, goes along. What merely shared a container is not reached. Backward go what it was made of,
// and what was in it. Times are not compared: two companies' clocks may differ, and a recall that
// misses goods is worse than one that names too many.
//
// Anybody may capture an event that names others' goods. What accounts join that are trusted with
// the goods comes first, and nobody else's events take its places; then what strangers join, marked
// with whose branch it is, a part for each stranger. Who is trusted: trace_walk.h. All has bounds,
// and `cut` says which were met.
#ifndef LMM_SUPPLYCHAIN_TRACE_H
#define LMM_SUPPLYCHAIN_TRACE_H

#include "apps/supplychain/supplychain.h"

enum {
    TRACE_STEPS = 16,
    TRACE_IDENTIFIERS = 1000,
    TRACE_OF_TRUSTED = 750, // of these, the first not counted
    TRACE_OF_STRANGER = 50, // of one
    TRACE_ACCOUNTS = 256,   // that are trusted; likewise strangers
    TRACE_EVENTS = 4000,    // that are followed, each in each way
    TRACE_EVENTS_OF_STRANGER = 200,
    TRACE_ROWS = 50000, // of the index, for the events that name what is reached; each time
    TRACE_EDGES = 4000,
    TRACE_SHIPMENTS = 4000,        // of all that is reached
    TRACE_SHIPMENTS_OF_ONE = 1000, // identifier
    TRACE_BODY_BYTES = 16 << 20 // that are read for quantities; the nearest the chain's begin first
};
enum trace_cut {
    TRACE_CUT_STEPS = 1,
    TRACE_CUT_IDENTIFIERS = 2,
    TRACE_CUT_STRANGERS = 4, // there is more of a stranger's
    TRACE_CUT_ACCOUNTS = 8,
    TRACE_CUT_EVENTS = 16,
    TRACE_CUT_EDGES = 32,
    TRACE_CUT_SHIPMENTS = 64 // met by whoever lists who holds what is reached
};
enum { TRACE_CUTS = 7 };
// Of 1 << i: "steps", "identifiers", "strangers", "accounts", "events", "edges", "shipments"
const char *trace_cut_name(unsigned i);

enum trace_direction { TRACE_FORWARD, TRACE_BACKWARD, TRACE_DIRECTIONS };
// "forward", "backward"
const char *trace_direction_name(enum trace_direction direction);

struct trace_identifier {
    struct bytes id;
    uint32_t steps; // from the first
    enum trace_direction direction;
    bool is_of_stranger;           // no account that is trusted joins it
    struct account_id captured_by; // whose event led here; of strangers', who began the branch
};
// An identifier's place in an event.
struct trace_edge {
    struct bytes id;
    uint32_t place;        // enum epc_place
    struct bytes quantity; // as the event writes it; empty: none
    struct bytes uom;      // likewise
    struct place event;
};
struct trace_event {
    struct place place;
    struct bytes event_id, type, biz_step; // biz_step may be empty
    int64_t time_ms;
    struct account_id captured_by;
    struct bytes body;
};

// Of an identifier in its canonical form; all of it lives in the arena.
struct trace {
    struct trace_identifier
        *identifiers; // the one that was asked for, then the nearest; strangers' last
    size_t identifier_count;
    struct trace_event *events; // in the order of the chain
    size_t event_count;
    struct trace_edge *edges; // by event
    size_t edge_count;
    unsigned cut; // of enum trace_cut: there is more, beyond these bounds
};

// In one direction or, of those set in `directions` (1 << enum), in both.
enum status trace_find(struct trace *out, struct db *db, struct arena *arena, struct bytes id,
                       unsigned directions) MUST_CHECK;

#endif
