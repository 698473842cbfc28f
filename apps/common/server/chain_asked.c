// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/chain_asked.h"

#include "apps/common/http/text.h"
#include "chaincore/crypto/address.h"

bool chain_asked_height(const struct http_request *request, struct http_response *response,
                        uint64_t *out) {
    if (text_u64(http_param(request, "height"), out) == STATUS_OK) return true;
    http_problem(response, STATUS_INVALID, "not_a_height", "A block's height is a number.");
    http_problem_violation(response, "height", "number", NULL);
    return false;
}

bool chain_asked_tx(const struct http_request *request, struct http_response *response,
                    struct hash *out) {
    const char *text = (const char *)http_param(request, "id").data;
    if (hex_decode(out->bytes, sizeof out->bytes, text) == STATUS_OK) return true;
    http_problem(response, STATUS_INVALID, "not_an_id",
                 "A transaction's id has 64 hexadecimal digits.");
    return false;
}

bool chain_asked_address(const struct http_request *request, struct http_response *response,
                         struct account_id *out) {
    if (address_decode(out->bytes, http_param(request, "address")) == STATUS_OK) return true;
    http_problem(response, STATUS_INVALID, "not_an_address",
                 "This is not an address; one begins with lmm1 and has 62 characters.");
    return false;
}
