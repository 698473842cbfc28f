// SPDX-License-Identifier: Apache-2.0
// What state locks while it is there: so many bytes, and the money that was paid for them. Bytes
// are paid for at the price of their day; freeing some returns their part of what is there, rounded
// down, so a deposit returns exactly what was put in when its last byte goes.
#ifndef LMM_CONTRACT_DEPOSIT_H
#define LMM_CONTRACT_DEPOSIT_H

#include "chaincore/chain/amount.h"

// Every entry of the state counts as this much more than its key and value: what the state and its
// tree need for it.
enum { DEPOSIT_ENTRY_BYTES = 100 };

struct deposit {
    uint64_t bytes;
    struct amount amount;
};

// Locks for `bytes` more; *cost is what they cost. OVERFLOW, and then nothing changed.
enum status deposit_grow(struct deposit *deposit, uint64_t bytes, uint64_t price,
                         struct amount *cost) MUST_CHECK;
// Frees `bytes`, at most what there is, and says what comes back.
struct amount deposit_shrink(struct deposit *deposit, uint64_t bytes);

void deposit_encode(struct buf *out, const struct deposit *deposit);
void deposit_decode_from(struct decoder *in, struct deposit *out);

#endif
