// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/event_proof.h"

#include "apps/common/server/proof_answer.h"
#include "chaincore/chaincore.h"

enum status event_proof_answer(struct server *server, struct http_request *request,
                               struct http_response *response, const struct node_event_wish *event,
                               const char *name) {
    struct node_event_wish wish = *event;
    struct buf proof = {0};
    if (!proof_asked(request, response, &wish.believed)) return STATUS_OK;
    enum status status = node_prove_event(server->node, &wish, &proof);
    status = proof_answer(server, request, response,
                          &(struct proof_made){status, buf_bytes(&proof), name});
    buf_clear(&proof);
    return status;
}
