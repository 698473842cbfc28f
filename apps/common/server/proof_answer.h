// SPDX-License-Identifier: Apache-2.0
// How every route answers that proves something without this server (docs/proofs.md): below the
// newest block, for whoever knows the chain's id; with ?believed=HEIGHT below that one, for those
// who believe it.
#ifndef LMM_SERVER_PROOF_ANSWER_H
#define LMM_SERVER_PROOF_ANSWER_H

#include "apps/common/http/http.h"
#include "apps/common/server/server.h"

// False: the response says what is wrong with the parameter.
bool proof_asked(const struct http_request *request, struct http_response *response,
                 struct node_believed *out);
// What a proof came to, as the node said it; `name` is what the file is called when it is saved, in
// front of ".lmm-proof.json".
struct proof_made {
    enum status status;
    struct bytes proof;
    const char *name;
};
// OK, or the status where the response says nothing yet.
enum status proof_answer(struct server *server, struct http_request *request,
                         struct http_response *response, const struct proof_made *made) MUST_CHECK;

#endif
