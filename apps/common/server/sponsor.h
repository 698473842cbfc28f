// SPDX-License-Identifier: Apache-2.0
// What a server may spend on other accounts' first transactions: so much a day for all, and so much
// of that for one client, by its address. What is taken counts in a SQLite file of its own, before
// the server signs, so that neither a restart nor a crash gives a day's budget twice. A day is one
// of UTC. Who may have something paid is sponsor_routes.c's to say; that the server pays at all,
// and no more than the transaction allows, is the chain's.
//
// Thread-safe.
#ifndef LMM_SERVER_SPONSOR_H
#define LMM_SERVER_SPONSOR_H

#include "chaincore/base/bytes.h"
#include "chaincore/chain/amount.h"

struct sponsor;

struct sponsor_terms {
    struct amount a_day;
    struct amount a_client;     // a day
    uint64_t transactions;      // the first so many of an account, in its lane 0
    const char *const *methods; // of the market's contract; ends with NULL
};
// Borrows `terms->methods`.
enum status sponsor_open(struct sponsor **out, const char *path,
                         const struct sponsor_terms *terms) MUST_CHECK;
void sponsor_close(struct sponsor *sponsor); // NULL is allowed
const struct sponsor_terms *sponsor_terms(const struct sponsor *sponsor);

// FULL when it is more than is left of today's budget, the client's or everybody's. `client` has at
// most SPONSOR_CLIENT_BYTES.
enum { SPONSOR_CLIENT_BYTES = 16 };
enum status sponsor_take(struct sponsor *sponsor, struct bytes client, struct amount amount,
                         uint64_t *day) MUST_CHECK;
// What was taken on that day for a transaction that the node refused; another day's budget stays as
// it is.
enum status sponsor_give_back(struct sponsor *sponsor, struct bytes client, struct amount amount,
                              uint64_t day) MUST_CHECK;

#endif
