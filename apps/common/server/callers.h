// SPDX-License-Identifier: Apache-2.0
// Who asks: whoever brings an API key, or the token of a session that a member of the firm logged
// in to. A member acts with the scopes of its role, as they are at that moment, and as long as the
// key that logged in may sign for the account:
//
// - owner: "*", everything;
// - admin: all scopes that this server's routes ask for;
// - operator: those of the market;
// - auditor: "audit", to read members and the log.
#ifndef LMM_SERVER_CALLERS_H
#define LMM_SERVER_CALLERS_H

#include "apps/common/http/server.h"
#include "apps/common/server/api_keys.h"
#include "apps/common/server/members.h"
#include "apps/common/server/server.h"

#define CALLER_MEMBER "member:" // and the address: what a member is known by

// For struct http_key_source; the context is the server.
bool callers_find(void *context, struct arena *arena, struct bytes text, struct http_key *out);
// The session that the request came with, and whose; NOT_FOUND: it came with none that is good.
enum status callers_session(struct server *server, struct http_request *request,
                            struct bytes *token, struct member *out) MUST_CHECK;
// "member:lmm1…", in the arena.
const char *callers_member_id(struct arena *arena, const struct account_id *account);
// In the arena, separated by spaces.
const char *callers_scopes(const struct server *server, struct arena *arena, enum member_role role);
bool callers_is_scope(const struct server *server, const char *scope);
bool callers_has_word(const char *list, const char *word);

// Nobody gives away, nor takes by another's secret, more than they may spend themselves. False: the
// response says so, or *status why that is not known.
bool callers_is_unlimited(struct server *server, struct http_request *request,
                          struct http_response *response, enum status *status);
// Whom the caller acts as: the name of the account that signs for it.
const char *callers_signer(const struct http_request *request);
// The only account whose keys and members the caller has to do with: the one that it acts as. NULL:
// it acts as the business' own, and may give away any.
const char *callers_only_signer(const struct http_request *request);
// Whether it sees what each account keeps for itself: it brings a key, and acts as the business'
// own.
bool callers_sees_all(const struct http_request *request);
void callers_refuse_signer(struct http_response *response); // for it is another one
// False when it is another one; the response says so.
bool callers_may_sign_as(const struct http_request *request, struct http_response *response,
                         const char *signer);
// What a caller does to a key, for api_keys.h; borrows the texts.
struct api_key_note callers_key_note(struct http_request *request, const char *action,
                                     const char *detail);
// Takes what was done to keys on to the log of members. Failing to is logged: it is kept, and taken
// with the next, or at the next start.
void callers_take_key_notes(struct server *server);
// Writes down what the caller did. Failing to is logged: what was done is done.
void callers_note(struct server *server, struct http_request *request, const char *action,
                  const char *subject, const char *detail);

#endif
