// SPDX-License-Identifier: Apache-2.0
// A devnet's time, moved on. On any other chain there is none of this. Listed in chain_routes.c.
#ifndef LMM_SERVER_WARP_ROUTES_H
#define LMM_SERVER_WARP_ROUTES_H

#include "apps/common/server/server.h"

enum { WARP_BODY_BYTES = 256 };

// {"seconds": …}: at most ten years at a time, and never beyond the year 9999. What is due by then
// comes at once, and the next block carries the time. Until the server stops; a chain keeps the
// time that its blocks have.
enum status post_warp(void *context, struct http_request *request, struct http_response *response);

#endif
