// SPDX-License-Identifier: Apache-2.0
// Who makes and signs the blocks; listed in explorer_routes.c.
#ifndef LMM_SERVER_WITNESS_ROUTES_H
#define LMM_SERVER_WITNESS_ROUTES_H

#include "apps/common/server/server.h"

enum status get_witnesses(void *context, struct http_request *request,
                          struct http_response *response);

#endif
