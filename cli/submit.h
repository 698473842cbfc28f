// SPDX-License-Identifier: Apache-2.0
// From an action to a transaction that a node has taken, and what became of it.
#ifndef LMM_CLI_SUBMIT_H
#define LMM_CLI_SUBMIT_H

#include <jansson.h>

#include "chaincore/chain/tx.h"
#include "cli/command.h"
#include "cli/keyring.h"

// What most actions need, with room to spare. Of gas that is not used nothing is paid.
enum { SUBMIT_GAS = 2000000 };

struct submission {
    const struct options *options;
    json_t *devnet; // NULL: there is none
    struct keyring keyring;
};
// Reads devnet.json; the caller ends it in any case.
void submission_begin(struct submission *out, const struct options *options);
void submission_end(struct submission *submission);

// Builds, signs, sends and prints. `from` names the keys that sign, with commas between them: the
// sender is --account, or else the account of the one key. --payer pays. *id is set once the
// transaction is built; NULL is allowed. Returns the exit status.
int submit_action(struct submission *submission, const char *from, const struct tx_action *action,
                  uint64_t gas_limit, struct hash *id);

// An address, or a role of the devnet. False, with a complaint.
bool submit_address(const struct submission *submission, const char *text, struct account_id *out);

// The transaction as the node knows it: as it is, or once it is final or failed. NULL with a
// complaint.
json_t *submit_ask(const char *url, const char *id, bool waits);
int submit_print(const json_t *tx, const struct options *options);

#endif
