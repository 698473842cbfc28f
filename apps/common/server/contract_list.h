// SPDX-License-Identifier: Apache-2.0
// The list of contracts, the newest first; listed in explorer_routes.c.
#ifndef LMM_SERVER_CONTRACT_LIST_H
#define LMM_SERVER_CONTRACT_LIST_H

#include "apps/common/server/server.h"

enum status get_contracts(void *context, struct http_request *request,
                          struct http_response *response);

// Appends the contract's name for itself, a JSON string, or null.
void contract_list_name(struct buf *out, struct node *node, const struct account_id *id);

// Appends `,"height":…,"tx":…`: where the contract was deployed; 0 and null in genesis, null and
// null where the index does not have it yet or cannot be asked.
void contract_list_origin(struct buf *out, struct server *server, const struct account_id *id);

#endif
