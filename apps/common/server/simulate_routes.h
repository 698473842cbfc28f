// SPDX-License-Identifier: Apache-2.0
// What a transaction would do; listed in explorer_routes.c.
#ifndef LMM_SERVER_SIMULATE_ROUTES_H
#define LMM_SERVER_SIMULATE_ROUTES_H

#include "apps/common/server/server.h"

enum status post_simulate(void *context, struct http_request *request,
                          struct http_response *response);

#endif
