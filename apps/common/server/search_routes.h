// SPDX-License-Identifier: Apache-2.0
// What a person means by a text: a block, a transaction, an account, a contract, a witness, or
// something of the market's; listed in explorer_routes.c.
#ifndef LMM_SERVER_SEARCH_ROUTES_H
#define LMM_SERVER_SEARCH_ROUTES_H

#include "apps/common/server/server.h"

enum { SEARCH_MAX_BYTES = 512 };

enum status get_search(void *context, struct http_request *request, struct http_response *response);

#endif
