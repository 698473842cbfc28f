// SPDX-License-Identifier: Apache-2.0
// From an action to a transaction that a node has taken, and what became of it.
#ifndef LMM_CLI_SUBMIT_H
#define LMM_CLI_SUBMIT_H

#include <jansson.h>

#include "chaincore/chain/tx.h"
#include "cli/command.h"

// Builds, signs by `from` (a role of the devnet, or the number of an account of the keystore),
// sends and prints. *id is set once the transaction is built; NULL is allowed. Returns the exit
// status.
int submit_action(const struct options *options, const json_t *devnet,
                  const struct tx_action *action, uint64_t gas_limit, struct hash *id);

// The transaction as the node knows it: as it is, or once it is final or failed. NULL with a
// complaint.
json_t *submit_ask(const char *url, const char *id, bool waits);
int submit_print(const json_t *tx, const struct options *options);

#endif
