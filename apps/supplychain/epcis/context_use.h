// SPDX-License-Identifier: Apache-2.0
// Which terms of its context an event makes use of: those that its keys and texts name, whole or as
// the prefix before their first colon, and those that the definitions of these name in turn. What
// an event does not use can change around it without changing what it says.
#ifndef LMM_EPCIS_CONTEXT_USE_H
#define LMM_EPCIS_CONTEXT_USE_H

#include "apps/supplychain/epcis/context.h"

struct used_term {
    const struct epcis_term *term;
};

struct context_use {
    const struct used_term *terms; // sorted by name
    size_t count;
};

// Lives in the arena.
void context_use_find(struct context_use *out, struct arena *arena,
                      const struct epcis_context *context, const struct json_span *event);

// Calls visit with every name that the value mentions, its own included.
typedef void (*mention_visitor)(void *user, struct bytes name);
void mentions_visit(const struct json_span *value, mention_visitor visit, void *user);
// The same of an event, its context left out.
void event_mentions_visit(const struct json_span *event, mention_visitor visit, void *user);

#endif
