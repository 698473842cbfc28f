// SPDX-License-Identifier: Apache-2.0
// Handlers about final blocks, listed in chain_routes.c. They read the node's log, not the index:
// what is final is there at once, whatever the database does.
#ifndef LMM_SERVER_BLOCK_ROUTES_H
#define LMM_SERVER_BLOCK_ROUTES_H

#include "apps/common/server/server.h"

enum status get_blocks(void *context, struct http_request *request, struct http_response *response);
enum status get_block(void *context, struct http_request *request, struct http_response *response);

#endif
