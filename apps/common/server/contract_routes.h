// SPDX-License-Identifier: Apache-2.0
// Handlers about contracts, listed in chain_routes.c, and the sentence of a refusal.
#ifndef LMM_SERVER_CONTRACT_ROUTES_H
#define LMM_SERVER_CONTRACT_ROUTES_H

#include "apps/common/server/server.h"

enum status get_contract(void *context, struct http_request *request,
                         struct http_response *response);
enum status get_contract_abi(void *context, struct http_request *request,
                             struct http_response *response);

// Appends what the contract that refused a final transaction says about its code. False when it
// says nothing, or when the transaction ran several contracts.
bool server_refusal(struct server *server, const struct node_tx *found, struct buf *out);

#endif
