// SPDX-License-Identifier: Apache-2.0
// How a query's events are found: by what a few look-ups, each bounded, say of the rows that are
// there. To be made in the transaction in which the page is read.
#ifndef LMM_SUPPLYCHAIN_EVENT_PLAN_H
#define LMM_SUPPLYCHAIN_EVENT_PLAN_H

#include "apps/supplychain/event_query.h"

// The order of the query's first page: of a field, its first part.
enum event_order event_plan_first_order(const struct epcis_query *query);

// Everything but order, lacks_field and behind is set.
enum status event_plan_make(struct event_plan *out, struct db *db,
                            const struct event_conditions *conditions) MUST_CHECK;

// Where the event at `place` stands in the query's order: mark, order and lacks_field. NOT_FOUND
// when there is no event. The text lives in the arena.
enum status event_plan_find(struct event_mark *out, struct event_plan *plan, struct db *db,
                            const struct event_conditions *conditions,
                            const struct place *place) MUST_CHECK;

// Goes on to the next part of an order by field. False when there is none.
bool event_plan_next_part(struct event_plan *plan);

#endif
