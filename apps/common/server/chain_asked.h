// SPDX-License-Identifier: Apache-2.0
// What a path of the chain's routes names. False: the response says what is wrong.
#ifndef LMM_SERVER_CHAIN_ASKED_H
#define LMM_SERVER_CHAIN_ASKED_H

#include "apps/common/http/http.h"
#include "chaincore/chain/account_id.h"

bool chain_asked_height(const struct http_request *request, struct http_response *response,
                        uint64_t *out); // {height}
bool chain_asked_tx(const struct http_request *request, struct http_response *response,
                    struct hash *out); // {id}
bool chain_asked_address(const struct http_request *request, struct http_response *response,
                         struct account_id *out); // {address}

#endif
