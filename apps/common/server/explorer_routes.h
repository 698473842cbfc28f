// SPDX-License-Identifier: Apache-2.0
// What a server tells of the chain to whoever explores it: transactions, contracts, witnesses, and
// a search over all of it. Lists come from the rows of chain_rows.h, what a transaction says from
// the log.
#ifndef LMM_SERVER_EXPLORER_ROUTES_H
#define LMM_SERVER_EXPLORER_ROUTES_H

#include "apps/common/server/server.h"

extern const struct http_route explorer_routes[];
extern const size_t explorer_route_count;

#endif
