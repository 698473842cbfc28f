// SPDX-License-Identifier: Apache-2.0
// The nodes that this one talks to, and where each of them answers; listed in explorer_routes.c.
#ifndef LMM_SERVER_NETWORK_ROUTES_H
#define LMM_SERVER_NETWORK_ROUTES_H

#include "apps/common/server/server.h"

enum status get_peers(void *context, struct http_request *request, struct http_response *response);
enum status get_nodes(void *context, struct http_request *request, struct http_response *response);

struct server_options;
// Once the server listens: tells peers where it is, by what it was told of that.
enum status network_advertise(struct server *server, const struct server_options *options);

#endif
