// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/event_proof.h"

#include "chaincore/chaincore.h"

enum status event_proof_answer(struct server *server, struct http_request *request,
                               struct http_response *response, const struct node_event_wish *event,
                               const char *name) {
    struct node_event_wish wish = *event;
    struct buf proof = {0};
    struct bytes believed;
    wish.has_believed = http_query(request, "believed", &believed) != STATUS_NOT_FOUND;
    enum status status = http_query_u64(request, "believed", 0, &wish.believed);
    if (status == STATUS_OK)
        status = node_prove_event(server->node, &wish, &proof);
    else
        status = STATUS_INVALID;
    if (status == STATUS_INVALID && wish.has_believed) {
        http_problem(response, status, "invalid_query",
                     "believed is the height of a block that this proof can begin from.");
        http_problem_violation(response, "believed", "height", NULL);
        status = STATUS_OK;
    } else if (status == STATUS_TOO_LARGE) {
        http_problem(response, STATUS_CONFLICT, "too_many_hand_overs",
                     "The chain's witnesses have changed too often since genesis for one proof. "
                     "Follow the chain, and ask with ?believed= and the height of a block that "
                     "you believe.");
        status = STATUS_OK;
    } else if (status == STATUS_OK) {
        proof_file_write(http_body_buf(response), node_chain_id(server->node), buf_bytes(&proof));
        http_set_type(response, "application/json");
        http_set_header(
            response, "Content-Disposition",
            arena_format(http_arena(request), "attachment; filename=\"%s.lmm-proof.json\"", name));
    }
    buf_clear(&proof);
    return status;
}
