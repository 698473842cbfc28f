// SPDX-License-Identifier: Apache-2.0
// The server signs for whoever asks: a job of the caller's, within what the caller's API key may
// spend (spending.h), by the account that this key is bound to (signer.h).
#ifndef LMM_SERVER_SIGNING_H
#define LMM_SERVER_SIGNING_H

#include "apps/common/http/http.h"
#include "apps/common/server/server.h"

// Who signs for whoever sent the request: the account that its API key is bound to, or the
// business' own. NULL: that one's key is not here any more, and the response says so
// (`signer_missing`).
struct signer_key *signing_signer(struct server *server, struct http_request *request,
                                  struct http_response *response);
// The same for reading, where what is the caller's own is shown. NULL: nothing is.
struct signer_key *signing_reader(struct server *server, const struct http_request *request);
// The account whose own goes first, or is meant, for who sent the request; the business' in place
// of one whose key is not here any more.
const struct account_id *signing_account(struct server *server, const struct http_request *request);

// As signer_submit, for who sent the request. *is_accepted is false, with OK, when the response
// tells of a refusal: of the node, or by a limit (`spending_limit_transaction`, `…_day`,
// `…_total`). A job of an id that was accepted before is accepted again, and costs nothing more.
enum status signing_submit(struct server *server, struct http_request *request,
                           struct http_response *response, const struct signer_job *job,
                           bool *is_accepted) MUST_CHECK;
// Signs and sends one transaction of this order, and answers 202 with its address as `Location`; or
// with what it is refused for. Asked again under one Idempotency-Key, it is the same transaction.
enum status signing_answer_order(struct server *server, struct http_request *request,
                                 struct http_response *response,
                                 const struct signer_order *order) MUST_CHECK;
// Sets the order's gas to what it would use in the next block, half as much again, and `spare`, if
// that is less than it allows: what is set aside of a key's limits is near what is spent then.
void signing_fit_gas(struct server *server, const struct http_request *request,
                     struct signer_order *order, uint64_t spare);
// Settles what ended since: to be called now and then.
void signing_settle(struct server *server);

// "transaction", "day", "total": in codes, labels and JSON.
const char *signing_limit_name(enum spending_limit limit);

// For a description (http/openapi.h): with what signing_submit and signing_answer_order refuse.
#define DESCRIBED_SIGNING                                                         \
    {403,                                                                         \
     "`spending_limit_transaction` or `spending_limit_total` of the API key, or " \
     "`spending_limit_day` that this alone passes; `signer_missing`; or "         \
     "`NOT_AUTHORIZED`.",                                                         \
     NULL},                                                                       \
        {422, "The chain refuses it: any code of a transaction.", NULL},          \
        {429, "`spending_limit_day` of the API key, until tomorrow.", NULL}, {    \
        503, "`MEMPOOL_FULL` or `NOT_RUNNING`.", NULL                             \
    }

#endif
