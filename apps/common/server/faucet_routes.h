// SPDX-License-Identifier: Apache-2.0
// The devnet's faucet: money for whoever asks, out of an account whose key everybody knows. On any
// other chain there is none. Listed in chain_routes.c.
#ifndef LMM_SERVER_FAUCET_ROUTES_H
#define LMM_SERVER_FAUCET_ROUTES_H

#include "apps/common/server/server.h"

enum { FAUCET_BODY_BYTES = 1024 };

// {"address": …, "amount": …}: at most 1,000 LMM at a time (100 when no amount is given), and none
// for who has 10,000. 202 with the transaction's Location.
enum status post_faucet(void *context, struct http_request *request,
                        struct http_response *response);

#endif
