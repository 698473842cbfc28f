// SPDX-License-Identifier: Apache-2.0
// A page of events as SQL, one text for both engines.
//
// It is found in one of three ways, so that what is read stays in proportion to it:
//   from few   few events meet one condition: all of those are looked up in its index and checked
//              for the rest
//   by text    one condition asks for texts: the index has the events of each in the order of their
//              places, so they are walked from the page's begin, checked for the rest, until the
//              page is full
//   walked     all events are walked in the page's order and checked
// Which of them it is comes from counting what each condition finds, up to a bound, and from trying
// a few steps (event_plan.h).
//
// The order is that of places on the chain, newest first; of eventTime where the query asks for
// that or bounds it, as then its index serves the bounds; or of a field of an extension: first the
// events that have it as a number, then as a time, then as another text, then those that lack it.
// Each of these parts is a page's statement of its own. A page goes on behind the last event of the
// one before; it ends early when its events and their contexts have as many bytes as it may, and
// holds one at least.
#ifndef LMM_SUPPLYCHAIN_EVENT_QUERY_H
#define LMM_SUPPLYCHAIN_EVENT_QUERY_H

#include "apps/supplychain/event_condition.h"
#include "apps/supplychain/supplychain.h"

enum event_order { BY_PLACE, BY_TIME, BY_NUMBER_OF_FIELD, BY_TIME_OF_FIELD, BY_TEXT_OF_FIELD };

// An event's place in the order.
struct event_mark {
    struct place place;
    int64_t number;    // its time, or the field's number or time
    struct bytes text; // the field's
};

enum event_way { FROM_FEW, BY_TEXT, WALKED };

struct event_plan {
    enum event_way way;
    size_t driver; // the condition that is looked up; not when walked
    uint32_t most; // events of it that are looked up, all of them; from few alone
    enum event_order order;
    bool lacks_field; // by place, those alone that lack the field of the query's order
    uint64_t from_height, before_height; // what bounds of recordTime leave
    bool has_behind;                     // else from the first on
    struct event_mark behind;
};

struct event_page {
    const char *columns; // of the tables event and context
    uint32_t length;     // 0: only whether there is any
    int64_t bytes;       // of its events and their contexts; the last may reach over
};

enum {
    FEW_EVENTS = 10000, // so many are looked up rather than walked to
    // As many steps show whether a walk meets any soon; if not, so many are looked up all the same.
    PROBE_STEPS = 3000,
    MANY_EVENTS = 100000,
};

// Each row has `remaining` besides: how many events there are from the page's first on, counted no
// further than one more than a page. Borrows from conditions and plan. The caller calls
// buf_clear(&out->sql).
void event_query_build(struct event_sql *out, const struct event_conditions *conditions,
                       const struct event_plan *plan, const struct event_page *page);
// One row: how many there are, `most` at most, in a column `events`.
void event_query_build_count(struct event_sql *out, const struct event_conditions *conditions,
                             const struct event_plan *plan, uint32_t most);

// One row: how many of the first PROBE_STEPS events in the page's order are met, in a column
// `events`.
void event_query_build_probe(struct event_sql *out, const struct event_conditions *conditions,
                             const struct event_plan *plan);

// What bounds of recordTime leave of the heights: $n of them, 0 for none.
struct event_heights {
    int from, before;
};
struct event_heights event_heights_of(struct event_sql *out, const struct event_plan *plan);
// Appends " AND …" of a table that has a height.
void event_heights_write(struct event_sql *out, const struct event_heights *heights,
                         const char *table);

#endif
