// SPDX-License-Identifier: Apache-2.0
// Handlers about accounts and those who stand for election, listed in chain_routes.c.
#ifndef LMM_SERVER_ACCOUNT_ROUTES_H
#define LMM_SERVER_ACCOUNT_ROUTES_H

#include "apps/common/server/server.h"

enum status get_account(void *context, struct http_request *request,
                        struct http_response *response);
enum status get_candidates(void *context, struct http_request *request,
                           struct http_response *response);

#endif
