// SPDX-License-Identifier: Apache-2.0
// A business that lets its own server sign: one key, and transactions in the order they are made.
// Thread-safe.
#ifndef LMM_SERVER_SIGNER_H
#define LMM_SERVER_SIGNER_H

#include "chaincore/chain/tx.h"
#include "chaincore/node/node.h"

struct signer_key;

// Copies the key.
struct signer_key *signer_open(struct node *node, const struct secret_key *key);
void signer_close(struct signer_key *signer); // NULL is allowed
const struct account_id *signer_account(const struct signer_key *signer);

struct signer_order {
    struct tx_action action;
    uint64_t gas_limit;
};
// Signs a transaction for each order, with consecutive sequence numbers, and submits them all. The
// ids come in the orders' order; *accepted tells how many were admitted before the code that is
// returned.
enum tx_code signer_submit(struct signer_key *signer, const struct signer_order *orders,
                           size_t count, struct hash *ids, size_t *accepted) MUST_CHECK;

#endif
