// SPDX-License-Identifier: Apache-2.0
// Reads through contracts' own views; listed in chain_routes.c. By GET arguments and results are
// Borsh in hex, by POST they are JSON as the contract describes itself (abi/abi_value.h).
#ifndef LMM_SERVER_VIEW_ROUTES_H
#define LMM_SERVER_VIEW_ROUTES_H

#include "apps/common/server/server.h"

enum { VIEW_BODY_BYTES = 64 * 1024 };

// Answers with what went wrong in a view; with the contract's own code and sentence where it
// refused.
void view_answer_problem(struct server *server, struct http_response *response,
                         const struct account_id *id, enum tx_code code, uint32_t contract_code);

enum status get_contract_view(void *context, struct http_request *request,
                              struct http_response *response);
enum status post_contract_view(void *context, struct http_request *request,
                               struct http_response *response);

#endif
