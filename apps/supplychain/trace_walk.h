// SPDX-License-Identifier: Apache-2.0
// The walk of a trace (trace.h): breadth first, each event followed once in each way, so that the
// rows read are bounded by what is stored of the events and not by pairs of their identifiers.
//
// Anybody may capture an event that names others' goods. So the walk goes twice: first along events
// of accounts that are trusted with these goods, then along strangers'. Trusted are who captured
// the first event of the identifier that was asked for (going backward, of each that is reached),
// and whom the goods were handed to, on the chain, in shipments that began with a trusted account.
// What strangers join takes no place from what trusted accounts do, and of one stranger there is no
// more than a part.
#ifndef LMM_SUPPLYCHAIN_TRACE_WALK_H
#define LMM_SUPPLYCHAIN_TRACE_WALK_H

#include "apps/supplychain/trace.h"

struct trace_walk {
    struct trace *out;
    struct db *db;
    struct arena *arena;
    struct place *events; // that were followed, each once; of trusted accounts first
    size_t event_count;
};

// From the first identifier of the trace; adds those that are reached, in the order of the search.
enum status trace_walk(struct trace_walk *walk, unsigned directions) MUST_CHECK;
// Finds an identifier's index in a trace whose order stays, or SIZE_MAX.
struct trace_names {
    uint32_t *slots; // index + 1; 0: free
};
void trace_names_make(struct trace_names *out, struct arena *arena, const struct trace *trace);
size_t trace_names_find(const struct trace_names *names, const struct trace *trace,
                        struct bytes id);

#endif
