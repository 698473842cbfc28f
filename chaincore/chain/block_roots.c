// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/block_roots.h"

#include "chaincore/base/memory.h"
#include "chaincore/chain/merkle.h"
#include "chaincore/crypto/hash_lanes.h"

enum { AT_ONCE = HASH_MANY_AT_ONCE };

// Each pair of neighbours becomes their parent, from the left, in place; a last one without a
// neighbour rises as it is. Level by level that is the tree of RFC 6962.
static size_t hash_pairs(struct hash *nodes, size_t count) {
    struct hash_item items[AT_ONCE];
    size_t pairs = count / 2, waiting = 0;
    for (size_t i = 0; i < pairs; i++) {
        items[waiting++] =
            (struct hash_item){&nodes[i], bytes_of(&nodes[2 * i], 2 * sizeof *nodes)};
        if (waiting < AT_ONCE && i + 1 < pairs) continue;
        hash_many(HASH_NODE, items, waiting);
        waiting = 0;
    }
    if (count % 2) nodes[pairs] = nodes[count - 1];
    return pairs + count % 2;
}

void block_list_root(struct hash *out, struct hash *leaves, size_t count) {
    struct hash tree_root = {{0}};
    size_t left = count;
    while (left > 1) left = hash_pairs(leaves, left);
    if (count > 0) tree_root = leaves[0];
    merkle_wrap(out, count, &tree_root);
}

// Id and signatures side by side, as they are hashed.
static void hash_tx_leaves(struct hash *out, const struct hash *ids, const struct bytes *signatures,
                           size_t count) {
    struct buf preimages = {0};
    for (size_t done = 0; done < count; done += AT_ONCE) {
        struct hash_item items[AT_ONCE];
        size_t at = 0, now = count - done < AT_ONCE ? count - done : AT_ONCE;
        buf_reset(&preimages);
        for (size_t i = done; i < done + now; i++) {
            buf_append(&preimages, BYTES_OF(ids[i]));
            buf_append(&preimages, signatures[i]);
        }
        for (size_t i = 0; i < now; i++) {
            size_t len = sizeof *ids + signatures[done + i].len;
            items[i] = (struct hash_item){&out[done + i], bytes_of(preimages.data + at, len)};
            at += len;
        }
        hash_many(HASH_TX_LEAF, items, now);
    }
    buf_clear(&preimages);
}

void block_tx_root(struct hash *out, const struct hash *ids, const struct bytes *signatures,
                   size_t count) {
    struct hash *leaves = mem_alloc_array(count + 1, sizeof *leaves);
    hash_tx_leaves(leaves, ids, signatures, count);
    block_list_root(out, leaves, count);
    mem_free(leaves);
}

static void hash_receipts(struct hash *out, const struct block_tx *txs, size_t count) {
    uint8_t storage[AT_ONCE][RECEIPT_BYTES];
    struct hash_item items[AT_ONCE];
    for (size_t i = 0; i < count; i++) {
        struct buf encoded = BUF_OVER(storage[i]);
        receipt_encode(&encoded, &txs[i].receipt);
        items[i] = (struct hash_item){&out[i], buf_bytes(&encoded)};
    }
    hash_many(HASH_RECEIPT, items, count);
}

void block_receipts_root(struct hash *out, const struct block_tx *txs, size_t count) {
    struct hash *leaves = mem_alloc_array(count + 1, sizeof *leaves);
    for (size_t done = 0; done < count; done += AT_ONCE)
        hash_receipts(leaves + done, txs + done, count - done < AT_ONCE ? count - done : AT_ONCE);
    block_list_root(out, leaves, count);
    mem_free(leaves);
}
