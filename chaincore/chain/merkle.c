// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/merkle.h"

static uint64_t largest_power_below(uint64_t count) {
    return (uint64_t)1 << (63 - __builtin_clzll(count - 1));
}

// A left-to-right pass with a stack of finished subtrees, one per set bit of the number of leaves
// seen: no recursion, no memory beyond the stack.
void merkle_tree_root(struct hash *out, const struct hash *leaves, size_t count) {
    struct hash stack[MERKLE_MAX_DEPTH];
    size_t height = 0;
    if (count == 0) {
        *out = (struct hash){0};
        return;
    }
    for (size_t i = 0; i < count; i++) {
        stack[height++] = leaves[i];
        for (size_t done = i + 1; (done & 1) == 0; done >>= 1) {
            hash_node(&stack[height - 2], &stack[height - 2], &stack[height - 1]);
            height--;
        }
    }
    while (height > 1) {
        hash_node(&stack[height - 2], &stack[height - 2], &stack[height - 1]);
        height--;
    }
    *out = stack[0];
}

void merkle_wrap(struct hash *out, uint64_t count, const struct hash *tree_root) {
    uint8_t encoded[8];
    struct hasher hasher;
    store_u64_le(encoded, count);
    hasher_init(&hasher, HASH_LIST);
    hasher_add(&hasher, BYTES_OF(encoded));
    hasher_add(&hasher, BYTES_OF(*tree_root));
    hasher_finish(&hasher, out);
}

void merkle_list_root(struct hash *out, const struct hash *leaves, size_t count) {
    struct hash tree_root;
    merkle_tree_root(&tree_root, leaves, count);
    merkle_wrap(out, count, &tree_root);
}

uint8_t merkle_branch_depth(uint64_t index, uint64_t count) {
    uint8_t depth = 0;
    while (count > 1) {
        uint64_t left = largest_power_below(count);
        if (index < left) {
            count = left;
        } else {
            index -= left;
            count -= left;
        }
        depth++;
    }
    return depth;
}

void merkle_branch_make(struct merkle_branch *out, const struct hash *leaves, size_t count,
                        size_t index) {
    ENSURE(index < count);
    *out = (struct merkle_branch){.index = index, .count = count};
    out->depth = merkle_branch_depth(index, count);
    for (size_t level = out->depth; level > 0; level--) {
        size_t left = (size_t)largest_power_below(count);
        if (index < left) {
            merkle_tree_root(&out->siblings[level - 1], leaves + left, count - left);
            count = left;
        } else {
            merkle_tree_root(&out->siblings[level - 1], leaves, left);
            leaves += left;
            index -= left;
            count -= left;
        }
    }
}

enum status merkle_branch_check(const struct merkle_branch *branch, const struct hash *leaf,
                                const struct hash *list_root) {
    if (branch->index >= branch->count) return STATUS_INVALID;
    if (branch->depth != merkle_branch_depth(branch->index, branch->count)) return STATUS_INVALID;
    bool is_right[MERKLE_MAX_DEPTH];
    uint64_t index = branch->index, count = branch->count;
    for (size_t level = branch->depth; level > 0; level--) {
        uint64_t left = largest_power_below(count);
        is_right[level - 1] = index >= left;
        if (index >= left) {
            index -= left;
            count -= left;
        } else {
            count = left;
        }
    }
    struct hash node = *leaf;
    for (size_t level = 0; level < branch->depth; level++) {
        const struct hash *sibling = &branch->siblings[level];
        if (is_right[level])
            hash_node(&node, sibling, &node);
        else
            hash_node(&node, &node, sibling);
    }
    merkle_wrap(&node, branch->count, &node);
    return hash_equal(&node, list_root) ? STATUS_OK : STATUS_INVALID;
}

void merkle_branch_encode(struct buf *out, const struct merkle_branch *branch) {
    encode_u64(out, branch->index);
    encode_u64(out, branch->count);
    encode_fixed(out, branch->siblings, branch->depth * sizeof *branch->siblings);
}

void merkle_branch_decode(struct decoder *in, struct merkle_branch *out) {
    *out = (struct merkle_branch){0};
    out->index = decode_u64(in);
    out->count = decode_u64(in);
    if (in->status == STATUS_OK && (out->index >= out->count || out->count >> 63))
        decoder_fail(in, STATUS_MALFORMED);
    if (in->status != STATUS_OK) return;
    out->depth = merkle_branch_depth(out->index, out->count);
    decode_fixed(in, out->siblings, out->depth * sizeof *out->siblings);
}
