// SPDX-License-Identifier: Apache-2.0
// What a market puts on a devnet at its first start, when it is asked to (--demo), so that people
// find something there: ordinary transactions of the devnet's accounts, under the contract's rules.
// Once: alone only on a chain without blocks; among other nodes, whose rows may be there before, a
// mark in the data folder tells. Another one says that they are not whole yet: what a start has
// left that was cut off is refused by the next one, and by all behind it.
#ifndef LMM_SERVER_DEMO_H
#define LMM_SERVER_DEMO_H

#include <stdatomic.h>

#include "apps/common/server/server.h"
#include "chaincore/chain/tx.h"

struct demo {
    struct server *server;
    uint64_t now_ms;  // on the devnet's clock
    uint64_t back_ms; // that the clock is still behind
    size_t count;     // sent and not yet settled
    struct hash ids[64];
    enum status status; // the first failure; what follows it is not sent
    atomic_bool *stop;  // set: nothing more is sent or waited for
};

// Signs as the role and sends. Of `tx` there are the actions; all else is filled in. The
// transactions of one role run in the order in which they are sent.
void demo_send(struct demo *demo, const char *role, struct tx *tx);
// Of the market's contract, with money.
void demo_call(struct demo *demo, const char *role, const char *method, struct bytes arguments,
               uint64_t units);
// Waits until all that was sent is final: what follows may build on it.
void demo_settle(struct demo *demo);
// What a market tells may have taken hours (demo_back_ms): its clock is behind by so much, and is
// moved on between what was settled. Behind the last transaction it tells the time again.
void demo_let_pass(struct demo *demo, uint64_t ms);

// Decides before the node starts, whose first block may come at once, whether there is something to
// make; then the clock goes back, though not behind the chain's. CORRUPT: an earlier start has left
// a part. `wish` is borrowed until demo_end.
struct demo_wish {
    const struct server_market *market;
    // A file that is there once another server of the same chain has made its own: two that sign by
    // one account take each other's numbers, and there is one clock. Empty: there is none.
    const char *after;
    bool is_among_others;
};
struct demo_maker;
enum status demo_open(struct demo_maker **out, struct server *server,
                      const struct demo_wish *wish) MUST_CHECK;
// Makes them on a thread of its own, once the node runs. NULL is allowed.
enum status demo_begin(struct demo_maker *maker) MUST_CHECK;
// Whether it is over, and how it went: NOT_FOUND for a role that is none, INVALID with a line in
// the log for a transaction that is refused or fails, UNAVAILABLE when the chain makes no blocks.
bool demo_is_over(struct demo_maker *maker, enum status *status);
// Ends it, whole or not. NULL is allowed.
void demo_end(struct demo_maker *maker);

#endif
