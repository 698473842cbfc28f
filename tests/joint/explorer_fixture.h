// SPDX-License-Identifier: Apache-2.0
// A node with a pot in its genesis, the chain's rows on either engine, and the explorer's routes
// over both. Each answer is held against the API's document.
#ifndef LMM_TESTS_EXPLORER_FIXTURE_H
#define LMM_TESTS_EXPLORER_FIXTURE_H

#include <check.h>
#include <jansson.h>

#include "apps/common/server/explorer_routes.h"
#include "chaincore/chaincore.h"
#include "tests/support/database.h"
#include "tests/support/unit.h"
#include "tests/unit/http/client.h"
#include "tests/unit/node/chain_fixture.h"

extern struct fixture fixture;
extern struct server server;
extern struct answer answer;

enum { PAYMENTS = 7 };

// Of the next begin; zeroed: as the fixture has it.
extern struct explorer_wish {
    uint32_t epoch_blocks;
    const struct node_network *network;
} explorer_wish;
// With which `get` asks; NULL: without one.
extern const char *explorer_key;
static const char EXPLORER_KEY_AUDIT[] = "a-key-for-audit", EXPLORER_KEY_OTHER[] = "another-key";

void open_index(bool rebuild);
// False: the engine isn't there.
bool begin(int engine);
void end(void);
void await_index(void);
// The caller calls json_decref.
json_t *get(const char *pattern, const char *path, int code);
// Sends a body; `type` is its media type.
json_t *post(const char *pattern, const char *path, const char *type, struct bytes body);
void get_refused(const char *pattern, const char *path, int code, const char *problem);
// All pages of a list, in one array.
json_t *get_all(const char *pattern, const char *path);
const char *text_of(const json_t *object, const char *name);
int64_t number_of(const json_t *object, const char *name);
const char *hex_of(const struct hash *hash);
const char *address_of(const struct account_id *id);
json_t *get_decoded(const struct hash *id);
json_t *get_transactions_of(const struct account_id *id, const char *more);
enum tx_code run(struct tx *tx, int from, struct hash *id);
void pay(int from, const struct account_id *to, struct hash *id);
enum tx_code call_pot(const char *method, uint64_t value, struct hash *id);
// Another contract, which does not describe itself.
void deploy_counter(struct account_id *contract, struct hash *id);
// Fails the case unless this tells a call that gives 7 units to the pot, which was empty.
void check_give(const json_t *decoded);

void explorer_ballot_cases(TCase *cases);
void explorer_network_cases(TCase *cases);
void explorer_try_cases(TCase *cases);
void explorer_proof_cases(TCase *cases);

#endif
