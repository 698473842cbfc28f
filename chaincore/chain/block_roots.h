// SPDX-License-Identifier: Apache-2.0
// The roots over a block's lists, hashed many at a time (crypto/hash_lanes.h): what tx_leaf,
// receipt_leaf and merkle_list_root say, for those who hold a whole block. Kept apart from them,
// which the light client shares.
#ifndef LMM_CHAIN_BLOCK_ROOTS_H
#define LMM_CHAIN_BLOCK_ROOTS_H

#include "chaincore/chain/block.h"

// merkle_list_root, using up the leaves.
void block_list_root(struct hash *out, struct hash *leaves, size_t count);

// `signatures`: of each transaction what stands behind its body, as it is encoded.
void block_tx_root(struct hash *out, const struct hash *ids, const struct bytes *signatures,
                   size_t count);
void block_receipts_root(struct hash *out, const struct block_tx *txs, size_t count);

#endif
