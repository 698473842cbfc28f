// SPDX-License-Identifier: Apache-2.0
// A condition of a query as SQL, in two ways. Looked up, it says what rows of its table an index
// finds for it. As a check it is asked of one event at a time, of a row `event`, in words that keep
// both engines from finding it in any other way.
#ifndef LMM_SUPPLYCHAIN_EVENT_CONDITION_H
#define LMM_SUPPLYCHAIN_EVENT_CONDITION_H

#include "apps/supplychain/epcis/query.h"
#include "apps/supplychain/event_sql.h"

// Heights from one on and below another; 0: no such bound.
struct event_span {
    uint64_t from, before;
};

// What the conditions stand in.
struct event_conditions {
    const struct epcis_query *query;
    struct bytes own_account; // whose master data counts besides that of an event's own captor
    struct arena *arena;
    bool takes_any_place;      // a page may go on behind a place where no event is, in their order
    struct event_span heights; // besides those of recordTime
};

enum { EVERY_TEXT = -1 };

// Can the condition be looked up? All can but for times of record, which are bounds of height.
bool event_condition_is_source(const struct query_condition *condition);
// Are the rows of one text in the order of their places? So that a page of them needs no others.
bool event_condition_is_ordered(const struct query_condition *condition);
// Does a look-up find events besides, that only the check takes out?
bool event_condition_is_wide(const struct query_condition *condition);
// Whose rows have height, tx_index and position.
const char *event_condition_table(const struct query_condition *condition);

// Appends what a row of the table, named `as`, has to be. `text`: of that one alone, or EVERY_TEXT.
void event_condition_lookup(struct event_sql *out, const struct event_conditions *all, size_t index,
                            int text, const char *as);
// Appends " AND …".
void event_condition_check(struct event_sql *out, const struct event_conditions *all, size_t index);

#endif
