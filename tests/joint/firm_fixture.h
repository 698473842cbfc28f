// SPDX-License-Identifier: Apache-2.0
// A server with a firm of its own, over a node of the chain's fixture: asked by HTTP, each answer
// held against the API's document. Its market has one route, POST /capture, that signs a transfer.
#ifndef LMM_TESTS_FIRM_FIXTURE_H
#define LMM_TESTS_FIRM_FIXTURE_H

#include <jansson.h>

#include "apps/common/server/server.h"
#include "tests/support/unit.h"
#include "tests/unit/http/client.h"
#include "tests/unit/node/chain_fixture.h"

// Accounts of the fixture, for what they often are.
enum { OWNER = 0, ADMIN = 1, OPERATOR = 2, AUDITOR = 3 };
enum { CAPTURE_GAS = 2000000 }; // the limit of POST /capture

extern const char host[], first[]; // the server's own name, and the key that may do everything
extern struct fixture fixture;
extern struct server server;
extern struct answer answer; // the last one
extern struct arena arena;   // for texts of a case

void set_up(void);
void tear_down(void);
// The server goes on with the keys of its accounts read again: its own and, with_mill, that of
// OPERATOR as "mill".
void reopen_signers(bool with_mill);
// In turn they are a restart.
void open_http(void);
void open_stores(void);
void close_stores(void);

// With a body as JSON, unless it is "", and under a name of the server's. The answer as JSON, to be
// released; NULL without a body.
json_t *ask_at(const char *name, const char *method, const char *path, const char *bearer,
               const char *body);
// The same under its own name; fails the case when the code is another.
json_t *call(const char *method, const char *path, const char *bearer, const char *body, int code);
// Expects this code, and the problem's own unless it is NULL.
void expect(const char *method, const char *path, const char *bearer, const char *body, int code,
            const char *problem);

const char *address_of(int who);
const char *path_of(int who);
// Of a new member, with more members behind a comma.
const char *body_of(int who, const char *role, const char *more);
void add_member(int who, const char *role);

// The text for an account, and the body that answers it by a key; by its own; and the token.
const char *challenge(int who);
const char *body_by(const char *text, const struct secret_key *key, enum sign_tag tag);
const char *body_for(int who);
const char *log_in(int who);

#endif
