// SPDX-License-Identifier: Apache-2.0
// Reads through contracts' own views; listed in chain_routes.c. By GET arguments and results are
// Borsh in hex, by POST they are JSON as the contract describes itself (abi/abi_value.h).
#ifndef LMM_SERVER_VIEW_ROUTES_H
#define LMM_SERVER_VIEW_ROUTES_H

#include "apps/common/server/server.h"

enum { VIEW_BODY_BYTES = 64 * 1024 };

enum status get_contract_view(void *context, struct http_request *request,
                              struct http_response *response);
enum status post_contract_view(void *context, struct http_request *request,
                               struct http_response *response);

#endif
