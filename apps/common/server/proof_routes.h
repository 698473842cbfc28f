// SPDX-License-Identifier: Apache-2.0
// What proves a block, a transaction, an account, a contract or what a contract keeps, without this
// server; listed in explorer_routes.c.
#ifndef LMM_SERVER_PROOF_ROUTES_H
#define LMM_SERVER_PROOF_ROUTES_H

#include "apps/common/server/server.h"

enum status get_block_proof(void *context, struct http_request *request,
                            struct http_response *response);
enum status get_tx_proof(void *context, struct http_request *request,
                         struct http_response *response);
enum status get_account_proof(void *context, struct http_request *request,
                              struct http_response *response);
enum status get_contract_proof(void *context, struct http_request *request,
                               struct http_response *response);
enum status get_storage_proof(void *context, struct http_request *request,
                              struct http_response *response);

#endif
