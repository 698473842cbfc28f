// SPDX-License-Identifier: Apache-2.0
// What of an event can be asked for besides its identifiers and times, taken out of its text and
// brought into the forms in which queries are compared: words and identifiers in their one form
// (vocabulary.h), numbers and times as integers that sort as they do, measured values in the unit
// of their kind (unit.h).
//
// Text is compared as it stands, byte by byte; of JSON numbers and booleans it is the shortest
// form, of times the one of UTC. A JSON string is no number, whatever it holds. A date without a
// time sorts as its first moment in UTC. What is longer than a query may be is cut behind that, so
// that it sorts but is never equal.
#ifndef LMM_EPCIS_EVENT_VALUES_H
#define LMM_EPCIS_EVENT_VALUES_H

#include "apps/supplychain/epcis/document_split.h"
#include "apps/supplychain/epcis/event_field.h"

struct event_value {
    int64_t field;     // see event_field.h
    struct bytes text; // data NULL: none
    bool has_number, has_time;
    bool is_first;   // of those of its field in the event's own order
    int64_t number;  // see scalar_sortable
    int64_t time_ms; // since 1970 UTC
};

struct event_values {
    // In their one form; empty where the event has none.
    struct bytes type, action, biz_step, disposition, read_point, biz_location;
    const struct event_value *items; // by field; none twice
    size_t count;
};

// Lives in the arena and borrows from the event.
void event_values_collect(struct event_values *out, struct arena *arena,
                          const struct epcis_event *event);

// What a field of an extension is compared by, for its writing in an event and in a query alike.
// Text lives in the arena; field and is_first stay as they are.
void event_value_read(struct event_value *out, struct arena *arena, struct bytes text,
                      const struct epcis_context *context);
// The same of a number as it is written: false for what is none.
bool event_value_read_number(struct event_value *out, struct arena *arena, struct bytes text);

#endif
