// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/tree.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "chaincore/base/memory.h"
#include "chaincore/chain/state_proof.h"

enum { DEPTH = 256 };

struct tree_node {
    _Atomic uint32_t refs;
    bool is_leaf;
    struct hash hash;
    union {
        struct {
            struct tree_node *left;
            struct tree_node *right;
        };
        struct { // a leaf
            struct hash path;
            struct hash value_hash;
        };
    };
};
enum {
    INNER_SIZE = offsetof(struct tree_node, left) + 2 * sizeof(struct tree_node *),
    LEAF_SIZE = sizeof(struct tree_node),
};

// Nodes that wait for their hash, by depth.
struct pending {
    struct tree_node **nodes[DEPTH + 1];
    size_t count[DEPTH + 1];
    size_t capacity[DEPTH + 1];
};

struct tree_node *tree_ref(struct tree_node *node) {
    if (node) atomic_fetch_add_explicit(&node->refs, 1, memory_order_relaxed);
    return node;
}

// Recursion ends at 256 levels, in practice at log2 of the number of entries.
void tree_unref(struct tree_node *node) {
    if (!node || atomic_fetch_sub_explicit(&node->refs, 1, memory_order_acq_rel) != 1) return;
    if (!node->is_leaf) {
        tree_unref(node->left);
        tree_unref(node->right);
    }
    mem_free(node);
}

void tree_root(struct hash *out, const struct tree_node *node) {
    *out = node ? node->hash : (struct hash){0};
}

static bool bit_at(const struct hash *path, unsigned depth) {
    return path->bytes[depth / 8] >> (7 - depth % 8) & 1;
}

static void await_hash(struct pending *pending, struct tree_node *node, unsigned depth) {
    if (pending->count[depth] == pending->capacity[depth]) {
        size_t capacity = pending->capacity[depth] ? 2 * pending->capacity[depth] : 16;
        pending->nodes[depth] =
            mem_resize(pending->nodes[depth], capacity * sizeof *pending->nodes[depth]);
        pending->capacity[depth] = capacity;
    }
    pending->nodes[depth][pending->count[depth]++] = node;
}

static struct tree_node *make_leaf(struct pending *pending, const struct tree_update *update,
                                   unsigned depth) {
    struct tree_node *leaf = mem_alloc(LEAF_SIZE);
    leaf->refs = 1;
    leaf->is_leaf = true;
    leaf->path = update->path;
    leaf->value_hash = update->value_hash;
    await_hash(pending, leaf, depth);
    return leaf;
}

// Takes over both references. A lone leaf rises; anything else needs a node.
static struct tree_node *join(struct pending *pending, struct tree_node *left,
                              struct tree_node *right, unsigned depth) {
    if (!left && (!right || right->is_leaf)) return right;
    if (!right && left->is_leaf) return left;
    struct tree_node *node = mem_alloc(INNER_SIZE);
    node->refs = 1;
    node->left = left;
    node->right = right;
    await_hash(pending, node, depth);
    return node;
}

// The first update of the sorted run whose path goes right at this depth.
static size_t split_at(const struct tree_update *updates, size_t count, unsigned depth) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (bit_at(&updates[middle].path, depth))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

// A subtree out of nothing but updates and, perhaps, one leaf that was there (`old`, borrowed).
static struct tree_node *build(struct pending *pending, struct tree_node *old,
                               const struct tree_update *updates, size_t count, unsigned depth) {
    if (count == 0) return tree_ref(old);
    if (count == 1 && (!old || hash_equal(&old->path, &updates[0].path)))
        return updates[0].is_removal ? NULL : make_leaf(pending, &updates[0], depth);
    if (count == 1 && updates[0].is_removal) return tree_ref(old);
    size_t right_from = split_at(updates, count, depth);
    struct tree_node *old_left = old && !bit_at(&old->path, depth) ? old : NULL;
    struct tree_node *old_right = old && !old_left ? old : NULL;
    struct tree_node *left = build(pending, old_left, updates, right_from, depth + 1);
    struct tree_node *right =
        build(pending, old_right, updates + right_from, count - right_from, depth + 1);
    return join(pending, left, right, depth);
}

static struct tree_node *apply(struct pending *pending, struct tree_node *node,
                               const struct tree_update *updates, size_t count, unsigned depth) {
    if (count == 0) return tree_ref(node);
    if (!node || node->is_leaf) return build(pending, node, updates, count, depth);
    size_t right_from = split_at(updates, count, depth);
    struct tree_node *left = apply(pending, node->left, updates, right_from, depth + 1);
    struct tree_node *right =
        apply(pending, node->right, updates + right_from, count - right_from, depth + 1);
    if (left == node->left && right == node->right) {
        tree_unref(left);
        tree_unref(right);
        return tree_ref(node);
    }
    return join(pending, left, right, depth);
}

static void hash_one(struct tree_node *node) {
    static const struct hash empty;
    if (node->is_leaf) {
        state_leaf_hash(&node->hash, &node->path, &node->value_hash);
    } else {
        hash_node(&node->hash, node->left ? &node->left->hash : &empty,
                  node->right ? &node->right->hash : &empty);
    }
}

// A leaf made deep and risen since is listed below its parent's level all the same.
static void hash_pending(struct pending *pending) {
    for (int depth = DEPTH; depth >= 0; depth--) {
        for (size_t i = 0; i < pending->count[depth]; i++) hash_one(pending->nodes[depth][i]);
        mem_free(pending->nodes[depth]);
    }
}

static int compare_updates(const void *a, const void *b) {
    return hash_compare(&((const struct tree_update *)a)->path,
                        &((const struct tree_update *)b)->path);
}

struct tree_node *tree_apply(struct tree_node *root, struct tree_update *updates, size_t count) {
    struct pending *pending = mem_alloc(sizeof *pending);
    if (count > 1) qsort(updates, count, sizeof *updates, compare_updates);
    struct tree_node *result = apply(pending, root, updates, count, 0);
    hash_pending(pending);
    mem_free(pending);
    return result;
}

void tree_prove(const struct tree_node *node, const struct hash *path, struct buf *out) {
    struct hash siblings[DEPTH];
    unsigned depth = 0;
    for (; node && !node->is_leaf; depth++) {
        bool goes_right = bit_at(path, depth);
        tree_root(&siblings[depth], goes_right ? node->left : node->right);
        node = goes_right ? node->right : node->left;
    }
    struct state_proof_end end = {.kind = STATE_PROOF_EMPTY};
    if (node) {
        end.kind = hash_equal(&node->path, path) ? STATE_PROOF_MEMBER : STATE_PROOF_OTHER_LEAF;
        end.other_path = node->path;
        end.other_value_hash = node->value_hash;
    }
    state_proof_encode(out, &end, siblings, depth);
}
