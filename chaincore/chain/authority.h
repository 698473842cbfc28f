// SPDX-License-Identifier: Apache-2.0
// Who may sign for an account: up to 16 weighted keys and the weight that they must reach together.
// An account that never set one is the key whose hash is its id.
#ifndef LMM_CHAIN_AUTHORITY_H
#define LMM_CHAIN_AUTHORITY_H

#include "chaincore/base/codec.h"
#include "chaincore/base/limits.h"
#include "chaincore/crypto/sign.h"

struct authority_key {
    struct public_key key;
    uint16_t weight; // at least 1
};

struct authority {
    uint32_t threshold;                            // at least 1, at most the sum of the weights
    uint32_t key_count;                            // 0: never set
    struct authority_key keys[LIMIT_ACCOUNT_KEYS]; // ascending by key: one order, none twice
};

void authority_encode(struct buf *out, const struct authority *authority);
// INVALID for keys out of order or twice, a weight or threshold of zero, or a threshold that all
// keys together do not reach: nobody could ever sign again.
void authority_decode_from(struct decoder *in, struct authority *out);

#endif
