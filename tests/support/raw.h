// SPDX-License-Identifier: Apache-2.0
// Raw signed transactions to a market server's node, and what becomes of them: for tests of what
// reaches the contract and the index past the server's own API.
#ifndef LMM_TESTS_RAW_H
#define LMM_TESTS_RAW_H

#include "chaincore/chaincore.h"
#include "tests/support/server_process.h"

struct raw {
    struct server_process server;
    const char *block_time; // milliseconds, set before it is opened; NULL: a devnet's own
    bool is_demo;           // likewise: it begins with demo rows
    char program[64];       // of the server, which keeps no copy
    struct secret_key key;  // of who acts
    struct account_id sender;
    char address[ADDRESS_CHARS + 1]; // the same
    const char *contract;            // the name of that which is called
    struct account_id market;        // its address
    struct hash chain_id;
};
extern struct raw raw;

// Starts ./lmm-MARKET on a chain of its own and acts as its account. `index` is a database's URL;
// NULL: SQLite in the data folder.
void raw_open_market(const char *market, const char *index);
void raw_close(void);
// Calls go to this contract of the genesis from here on, whatever market the server is of.
void raw_call_contract(const char *name);
// The devnet's keys are everybody's.
void raw_act_as(const char *role);

// The sequence number that is expected next of who acts.
uint64_t raw_next_seq(void);
// Signs, sends and awaits the transaction and its rows; it must have ended with this code.
void raw_run(struct tx *tx, struct hash *id, const char *code);
// One call of the market's contract with `units` of money, likewise; it must end with the
// contract's refusal, 0 for none.
void raw_send(const char *method, const struct buf *arguments, uint64_t units, uint32_t refusal);

// For scripts/api-asked: this refusal came by the API, or by a raw transaction. Notes nothing of 0,
// nor of a raw transaction to the server of the contract's own market, which may have looked at it
// before.
enum raw_way { RAW_BY_API, RAW_BY_TX };
void raw_note_refusal(enum raw_way way, uint32_t refusal);

// The other way: the server's own API, which signs as its account. The answer's status; where that
// is 202, the transaction must end likewise.
long raw_ask(const char *method, const char *path, const char *body, uint32_t refusal);
// How the transaction at that path of the API has ended, with its rows there. Its height.
uint64_t raw_expect_end(const char *path, enum raw_way way, uint32_t refusal);
void raw_add_call(struct tx *tx, const struct account_id *contract, const char *method,
                  const struct buf *arguments);

#endif
