// SPDX-License-Identifier: Apache-2.0
// What a node says that a transaction would do, before it is sent.
#ifndef LMM_CLI_SIMULATE_H
#define LMM_CLI_SIMULATE_H

#include "chaincore/chain/tx.h"
#include "cli/command.h"

// Asks and prints; the exit status is 0 when the transaction would be done.
int simulate_tx(const struct options *options, const char *url, const struct tx *tx);

#endif
