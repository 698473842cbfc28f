// SPDX-License-Identifier: Apache-2.0
// What a market puts on a devnet at its first start, when it is asked to (--demo), so that people
// find something there: ordinary transactions of the devnet's accounts, under the contract's rules.
// Only on a chain without blocks; a start that was cut off leaves what was final by then.
#ifndef LMM_SERVER_DEMO_H
#define LMM_SERVER_DEMO_H

#include "apps/common/server/server.h"
#include "chaincore/chain/tx.h"

struct demo {
    struct server *server;
    uint64_t now_ms; // on the devnet's clock
    size_t count;    // sent and not yet settled
    struct hash ids[64];
    enum status status; // the first failure; what follows it is not sent
};

// Signs as the role and sends. Of `tx` there are the actions; all else is filled in. The
// transactions of one role run in the order in which they are sent.
void demo_send(struct demo *demo, const char *role, struct tx *tx);
// Of the market's contract, with money.
void demo_call(struct demo *demo, const char *role, const char *method, struct bytes arguments,
               uint64_t units);
// Waits until all that was sent is final: what follows may build on it.
void demo_settle(struct demo *demo);

// Before the server is ready. NOT_FOUND for a role that is none, INVALID with a line in the log for
// a transaction that is refused or fails.
enum status demo_place(struct server *server, void (*market_demo)(struct demo *demo)) MUST_CHECK;

#endif
