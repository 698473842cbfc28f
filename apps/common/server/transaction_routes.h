// SPDX-License-Identifier: Apache-2.0
// Handlers about final transactions, listed in explorer_routes.c.
#ifndef LMM_SERVER_TRANSACTION_ROUTES_H
#define LMM_SERVER_TRANSACTION_ROUTES_H

#include "apps/common/server/server.h"

enum status get_transactions(void *context, struct http_request *request,
                             struct http_response *response);
enum status get_block_transactions(void *context, struct http_request *request,
                                   struct http_response *response);
enum status get_tx_event_proof(void *context, struct http_request *request,
                               struct http_response *response);
enum status get_decoded_transaction(void *context, struct http_request *request,
                                    struct http_response *response);

#endif
