// SPDX-License-Identifier: Apache-2.0
// Who may have what a devnet alone gives: whoever asks on this machine, or under its address.
#ifndef LMM_SERVER_DEVNET_GUARD_H
#define LMM_SERVER_DEVNET_GUARD_H

#include "apps/common/server/server.h"

// False: the response says why not.
bool devnet_may_ask(const struct server *server, const struct http_request *request,
                    struct http_response *response);

#endif
