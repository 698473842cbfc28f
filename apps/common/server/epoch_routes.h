// SPDX-License-Identifier: Apache-2.0
// Epochs, and who served in them; listed in explorer_routes.c.
#ifndef LMM_SERVER_EPOCH_ROUTES_H
#define LMM_SERVER_EPOCH_ROUTES_H

#include "apps/common/server/server.h"

enum status get_epochs(void *context, struct http_request *request, struct http_response *response);
enum status get_epoch(void *context, struct http_request *request, struct http_response *response);

#endif
