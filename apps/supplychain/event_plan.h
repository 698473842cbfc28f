// SPDX-License-Identifier: Apache-2.0
// How a query's events are found: by what a few look-ups, each bounded, say of the rows that are
// there. To be made in the transaction in which the page is read.
#ifndef LMM_SUPPLYCHAIN_EVENT_PLAN_H
#define LMM_SUPPLYCHAIN_EVENT_PLAN_H

#include "apps/supplychain/event_query.h"

// From the first event on, or behind the one at `behind`. NOT_FOUND when there is none. The mark's
// text lives in the arena of the conditions.
enum status event_plan_make(struct event_plan *out, struct db *db,
                            const struct event_conditions *conditions,
                            const struct place *behind) MUST_CHECK;

// Goes on to the next part of an order by field. False when there is none.
bool event_plan_next_part(struct event_plan *plan);
// The same events in no order of a field: to be counted.
struct event_plan event_plan_for_count(const struct event_plan *plan,
                                       const struct epcis_query *query);

#endif
