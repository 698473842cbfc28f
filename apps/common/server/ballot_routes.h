// SPDX-License-Identifier: Apache-2.0
// What the witnesses are deciding, and what they have decided; listed in explorer_routes.c.
#ifndef LMM_SERVER_BALLOT_ROUTES_H
#define LMM_SERVER_BALLOT_ROUTES_H

#include "apps/common/server/server.h"

enum status get_ballots(void *context, struct http_request *request,
                        struct http_response *response);

#endif
