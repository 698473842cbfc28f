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
// A recursive query of both engines' SQL; identifiers that lead back to themselves are met once for
// each step, and steps have a bound.
#ifndef LMM_SUPPLYCHAIN_TRACE_H
#define LMM_SUPPLYCHAIN_TRACE_H

#include "apps/supplychain/supplychain.h"

enum { TRACE_STEPS = 16, TRACE_IDENTIFIERS = 1000, TRACE_EDGES = 4000 };

enum trace_direction { TRACE_FORWARD, TRACE_BACKWARD, TRACE_DIRECTIONS };
// "forward", "backward"
const char *trace_direction_name(enum trace_direction direction);

struct trace_identifier {
    struct bytes id;
    uint32_t steps; // from the first
    enum trace_direction direction;
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
    struct trace_identifier *identifiers; // nearest first; the first is the one that was asked for
    size_t identifier_count;
    struct trace_event *events; // in the order of the chain
    size_t event_count;
    struct trace_edge *edges; // by event
    size_t edge_count;
    bool is_cut; // there is more, beyond the bounds
};

// In one direction or, of those set in `directions` (1 << enum), in both.
enum status trace_find(struct trace *out, struct db *db, struct arena *arena, struct bytes id,
                       unsigned directions) MUST_CHECK;

#endif
