// SPDX-License-Identifier: Apache-2.0
// The file that proves one event of a market's contract without this server (docs/proofs.md).
#ifndef LMM_SERVER_EVENT_PROOF_H
#define LMM_SERVER_EVENT_PROOF_H

#include "apps/common/http/http.h"
#include "apps/common/server/server.h"

// Answers with the proof of an event: below the newest block, for whoever knows the chain's id;
// with ?believed=HEIGHT below that one, for those who believe it. `name` is what the file is called
// when it is saved, in front of ".lmm-proof.json". NOT_FOUND: there is no such event.
enum status event_proof_answer(struct server *server, struct http_request *request,
                               struct http_response *response, const struct node_event_wish *event,
                               const char *name) MUST_CHECK;

#endif
