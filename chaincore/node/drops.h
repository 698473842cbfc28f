// SPDX-License-Identifier: Apache-2.0
// Transactions that were admitted and then dropped without a block, and why, for whoever still asks
// for them: the last LIMIT_RECENT_DROPS. Nothing of it outlives the process.
//
// Not thread-safe: the node's lock guards it.
#ifndef LMM_NODE_DROPS_H
#define LMM_NODE_DROPS_H

#include "chaincore/chain/receipt.h"

struct drops;

struct drops *drops_create(void);
void drops_free(struct drops *drops); // NULL is allowed

// One that was dropped before counts anew.
void drops_add(struct drops *drops, const struct hash *id, enum tx_code code);
bool drops_find(const struct drops *drops, const struct hash *id, enum tx_code *code);

// How many there ever were, and the ids of the newest LIMIT_RECENT_DROPS of them, counted from 0.
uint64_t drops_total(const struct drops *drops);
const struct hash *drops_id(const struct drops *drops, uint64_t number);

#endif
