// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/proof_answer.h"

#include "chaincore/chaincore.h"

static void refuse_believed(struct http_response *response) {
    http_problem(response, STATUS_INVALID, "invalid_query",
                 "believed is the height of a block that this proof can begin from.");
    http_problem_violation(response, "believed", "height", NULL);
}

bool proof_asked(const struct http_request *request, struct http_response *response,
                 struct node_believed *out) {
    struct bytes text;
    *out = (struct node_believed){0};
    out->is_there = http_query(request, "believed", &text) != STATUS_NOT_FOUND;
    bool is_read = http_query_u64(request, "believed", 0, &out->height) == STATUS_OK;
    if (!is_read) refuse_believed(response);
    return is_read;
}

enum status proof_answer(struct server *server, struct http_request *request,
                         struct http_response *response, const struct proof_made *made) {
    if (made->status == STATUS_INVALID) {
        refuse_believed(response); // there is nothing else to be wrong
        return STATUS_OK;
    }
    if (made->status == STATUS_TOO_LARGE) {
        http_problem(response, STATUS_CONFLICT, "too_many_hand_overs",
                     "The chain's witnesses have changed too often since genesis for one proof. "
                     "Follow the chain, and ask with ?believed= and the height of a block that "
                     "you believe.");
        return STATUS_OK;
    }
    if (made->status != STATUS_OK) return made->status;
    proof_file_write(http_body_buf(response), node_chain_id(server->node), made->proof);
    http_set_type(response, "application/json");
    http_set_header(response, "Content-Disposition",
                    arena_format(http_arena(request), "attachment; filename=\"%s.lmm-proof.json\"",
                                 made->name));
    return STATUS_OK;
}
