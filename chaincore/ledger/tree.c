// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/tree.h"

#include <stdlib.h>

#include "chaincore/base/limits.h"
#include "chaincore/chain/state_proof.h"
#include "chaincore/crypto/hash_lanes.h"
#include "chaincore/ledger/tree_pool.h"

static const uint32_t LEAF = 1u << 31;
// Where a subtree hangs: 2 * parent + side, or this.
static const uint64_t AT_ROOT = UINT64_MAX;
// How many nodes ahead of its use memory is asked for one.
enum { AHEAD = 8 };

struct tree {
    struct tree_pool inner;
    struct tree_pool leaves;
};

struct tree *tree_create(void) {
    struct tree *tree = mem_alloc(sizeof *tree);
    tree_pool_init(&tree->inner, false);
    tree_pool_init(&tree->leaves, true);
    return tree;
}

void tree_free(struct tree *tree) {
    if (!tree) return;
    tree_pool_clear(&tree->inner);
    tree_pool_clear(&tree->leaves);
    mem_free(tree);
}

size_t tree_node_count(const struct tree *tree) {
    return tree->inner.used - 1 - tree->inner.free_count + tree->leaves.used - 1 -
           tree->leaves.free_count;
}

static bool is_leaf(uint32_t reference) { return reference & LEAF; }

// A leaf's path and value hash; an inner node's children's hashes.
static struct tree_hashes *hashes_of(const struct tree *tree, uint32_t reference) {
    return is_leaf(reference) ? tree_pool_hashes(&tree->leaves, reference & ~LEAF)
                              : tree_pool_hashes(&tree->inner, reference);
}
static struct tree_links *links_of(const struct tree *tree, uint32_t inner) {
    return tree_pool_links(&tree->inner, inner);
}
static uint32_t born_of(const struct tree *tree, uint32_t reference) {
    return is_leaf(reference) ? *tree_pool_born(&tree->leaves, reference & ~LEAF)
                              : links_of(tree, reference)->born;
}

void tree_release(struct tree *tree, uint32_t reference) {
    if (is_leaf(reference))
        tree_pool_give(&tree->leaves, reference & ~LEAF);
    else
        tree_pool_give(&tree->inner, reference);
}

// Recursion ends at 256 levels, in practice at log2 of the number of entries.
void tree_discard(struct tree *tree, uint32_t reference, uint32_t after) {
    if (!reference || born_of(tree, reference) <= after) return;
    if (!is_leaf(reference)) {
        tree_discard(tree, links_of(tree, reference)->children[0], after);
        tree_discard(tree, links_of(tree, reference)->children[1], after);
    }
    tree_release(tree, reference);
}

static unsigned bit_at(const struct hash *path, unsigned depth) {
    return path->bytes[depth / 8] >> (7 - depth % 8) & 1;
}

// A node of the old tree that updates go through, to be done over at `place`.
struct visit {
    uint64_t place;
    uint32_t old;
    uint32_t first; // of the updates
    uint32_t count;
};
// A new node that waits for its hash.
struct fresh {
    uint64_t place;
    uint32_t reference;
};

struct level {
    struct visit *visits;
    size_t visit_count, visit_capacity;
    struct fresh *inner;
    size_t inner_count, inner_capacity;
};

struct work {
    struct tree *tree;
    const struct tree_writer *writer;
    const struct tree_update *updates;
    struct tree_root *root;
    struct fresh *leaves;
    size_t leaf_count;
    struct retired_list spent; // leaves of this writer's
    uint32_t *group;           // the leaves of a subtree being built
    struct level levels[LIMIT_TREE_DEPTH + 1];
};

static void add_visit(struct work *work, unsigned depth, struct visit visit) {
    ENSURE(depth <= LIMIT_TREE_DEPTH);
    struct level *level = &work->levels[depth];
    if (level->visit_count == level->visit_capacity) {
        level->visit_capacity = level->visit_capacity ? 2 * level->visit_capacity : 16;
        level->visits = mem_resize(level->visits, level->visit_capacity * sizeof *level->visits);
    }
    level->visits[level->visit_count++] = visit;
}

static void await_hash(struct work *work, unsigned depth, uint64_t place, uint32_t node) {
    struct level *level = &work->levels[depth];
    if (level->inner_count == level->inner_capacity) {
        level->inner_capacity = level->inner_capacity ? 2 * level->inner_capacity : 16;
        level->inner = mem_resize(level->inner, level->inner_capacity * sizeof *level->inner);
    }
    level->inner[level->inner_count++] = (struct fresh){.place = place, .reference = node};
}

static uint32_t make_inner(struct work *work, unsigned depth, uint64_t place) {
    uint32_t node = tree_pool_take(&work->tree->inner);
    await_hash(work, depth, place, node);
    links_of(work->tree, node)->born = work->writer->id;
    return node;
}

static void hang(struct work *work, uint64_t place, uint32_t reference) {
    if (place == AT_ROOT)
        work->root->reference = reference;
    else
        links_of(work->tree, (uint32_t)(place / 2))->children[place % 2] = reference;
}
static struct hash *hash_at(struct work *work, uint64_t place) {
    if (place == AT_ROOT) return &work->root->hash;
    return &hashes_of(work->tree, (uint32_t)(place / 2))->of[place % 2];
}

// A leaf that the writer made before is held by no version; but its reference must not come again
// on the way.
static void retire(struct work *work, uint32_t reference) {
    uint32_t born = born_of(work->tree, reference);
    retired_add_reference(born == work->writer->id ? &work->spent : work->writer->retired,
                          (struct retired_reference){.reference = reference, .born = born});
}

// The first of the sorted updates, from `first` to before `end`, whose path goes right.
static uint32_t split_at(const struct work *work, uint32_t first, uint32_t end, unsigned depth) {
    while (first < end) {
        uint32_t middle = first + (end - first) / 2;
        if (bit_at(&work->updates[middle].path, depth))
            end = middle;
        else
            first = middle + 1;
    }
    return first;
}

// A copy in the place of an inner node, unless it is the writer's own.
static uint32_t renew_inner(struct work *work, const struct visit *visit, unsigned depth) {
    uint32_t old = visit->old;
    if (links_of(work->tree, old)->born == work->writer->id) {
        await_hash(work, depth, visit->place, old);
        return old;
    }
    uint32_t node = make_inner(work, depth, visit->place);
    memcpy(links_of(work->tree, node)->children, links_of(work->tree, old)->children,
           sizeof links_of(work->tree, node)->children);
    *hashes_of(work->tree, node) = *hashes_of(work->tree, old);
    retire(work, old);
    hang(work, visit->place, node);
    return node;
}

// Goes through an inner node, and on to the children that updates are for.
static void go_through(struct work *work, const struct visit *visit, unsigned depth) {
    uint32_t node = renew_inner(work, visit, depth);
    const struct tree_links *links = links_of(work->tree, node);
    uint32_t end = visit->first + visit->count;
    uint32_t middle = split_at(work, visit->first, end, depth);
    struct visit left = {
        .place = 2 * (uint64_t)node, .old = links->children[0], .first = visit->first};
    struct visit right = {
        .place = 2 * (uint64_t)node + 1, .old = links->children[1], .first = middle};
    left.count = middle - visit->first;
    right.count = end - middle;
    if (left.count > 0) add_visit(work, depth + 1, left);
    if (right.count > 0) add_visit(work, depth + 1, right);
}

static uint32_t make_leaf(struct work *work, const struct tree_update *update) {
    uint32_t index = tree_pool_take(&work->tree->leaves);
    *tree_pool_hashes(&work->tree->leaves, index) =
        (struct tree_hashes){.of = {update->path, update->value_hash}};
    *tree_pool_born(&work->tree->leaves, index) = work->writer->id;
    return index | LEAF;
}

// The leaves that a visit to a leaf or to an empty place leaves there, in the order of their paths.
static uint32_t gather_leaves(struct work *work, const struct visit *visit) {
    uint32_t count = 0, kept = visit->old;
    for (uint32_t i = 0; i < visit->count; i++) {
        const struct tree_update *update = &work->updates[visit->first + i];
        bool is_again = i > 0 && hash_equal(&update[-1].path, &update->path);
        if (is_again) continue;
        int order = kept ? hash_compare(&hashes_of(work->tree, kept)->of[0], &update->path) : 1;
        if (order < 0) work->group[count++] = kept;
        if (order == 0) retire(work, kept);
        if (order <= 0) kept = 0;
        if (!update->is_removal) work->group[count++] = make_leaf(work, update);
    }
    if (kept) work->group[count++] = kept;
    return count;
}

// Hangs a subtree of these leaves; the one that was there keeps the hash that it had.
static void build(struct work *work, const uint32_t *leaves, uint32_t count, uint64_t place,
                  unsigned depth, const struct visit *visit, const struct hash *old_hash) {
    if (count == 0) {
        hang(work, place, 0);
        *hash_at(work, place) = (struct hash){0};
        return;
    }
    if (count == 1) {
        hang(work, place, leaves[0]);
        if (leaves[0] == visit->old)
            *hash_at(work, place) = *old_hash;
        else
            work->leaves[work->leaf_count++] =
                (struct fresh){.place = place, .reference = leaves[0]};
        return;
    }
    uint32_t node = make_inner(work, depth, place), left = 0;
    hang(work, place, node);
    while (left < count && !bit_at(&hashes_of(work->tree, leaves[left])->of[0], depth)) left++;
    build(work, leaves, left, 2 * (uint64_t)node, depth + 1, visit, old_hash);
    build(work, leaves + left, count - left, 2 * (uint64_t)node + 1, depth + 1, visit, old_hash);
}

static void go_down(struct work *work, unsigned depth) {
    struct level *level = &work->levels[depth];
    for (size_t i = 0; i < level->visit_count; i++) {
        struct visit visit = level->visits[i];
        if (i + AHEAD < level->visit_count) {
            uint32_t later = level->visits[i + AHEAD].old;
            __builtin_prefetch(hashes_of(work->tree, later));
            if (!is_leaf(later)) __builtin_prefetch(links_of(work->tree, later));
        }
        if (visit.old && !is_leaf(visit.old)) {
            go_through(work, &visit, depth);
        } else {
            struct hash old_hash = *hash_at(work, visit.place);
            uint32_t count = gather_leaves(work, &visit);
            build(work, work->group, count, visit.place, depth, &visit, &old_hash);
        }
    }
}

// A lone leaf rises to its parent's place, nothing stays nothing. Says whether the node is gone.
static bool rise(struct work *work, const struct fresh *fresh) {
    const struct tree_links *links = links_of(work->tree, fresh->reference);
    uint32_t left = links->children[0], right = links->children[1];
    if (left && (right || !is_leaf(left))) return false;
    if (!left && right && !is_leaf(right)) return false;
    hang(work, fresh->place, left ? left : right);
    *hash_at(work, fresh->place) = hashes_of(work->tree, fresh->reference)->of[left ? 0 : 1];
    tree_release(work->tree, fresh->reference);
    return true;
}

// Hashes that no other of them waits for: all of a level, or of the leaves.
struct batch {
    enum hash_domain domain;
    size_t count;
    struct hash_item items[HASH_MANY_AT_ONCE];
};

static void finish_batch(struct batch *batch) {
    hash_many(batch->domain, batch->items, batch->count);
    batch->count = 0;
}

// Both halves of a node lie side by side, as they are hashed.
static void add_to_batch(struct work *work, struct batch *batch, const struct fresh *fresh) {
    if (batch->count == HASH_MANY_AT_ONCE) finish_batch(batch);
    batch->items[batch->count++] =
        (struct hash_item){.out = hash_at(work, fresh->place),
                           .in = BYTES_OF(*hashes_of(work->tree, fresh->reference))};
}

static void hash_level(struct work *work, struct level *level) {
    if (level->inner_count == 0) return; // most levels
    struct batch batch = {.domain = HASH_NODE};
    for (size_t i = 0; i < level->inner_count; i++) {
        const struct fresh *fresh = &level->inner[i];
        if (i + AHEAD < level->inner_count) {
            __builtin_prefetch(links_of(work->tree, level->inner[i + AHEAD].reference));
            __builtin_prefetch(hashes_of(work->tree, level->inner[i + AHEAD].reference));
        }
        if (!rise(work, fresh)) add_to_batch(work, &batch, fresh);
    }
    finish_batch(&batch);
}

// What state_leaf_hash makes of path and value hash.
static void hash_leaves(struct work *work) {
    struct batch batch = {.domain = HASH_LEAF};
    for (size_t i = 0; i < work->leaf_count; i++) add_to_batch(work, &batch, &work->leaves[i]);
    finish_batch(&batch);
}

static int compare_updates(const void *a, const void *b) {
    return hash_compare(&((const struct tree_update *)a)->path,
                        &((const struct tree_update *)b)->path);
}

void tree_apply(struct tree *tree, struct tree_root *root, const struct tree_writer *writer,
                struct tree_update *updates, size_t count) {
    if (count == 0) return;
    ENSURE(count < UINT32_MAX);
    struct work *work = mem_alloc(sizeof *work);
    work->tree = tree;
    work->writer = writer;
    work->updates = updates;
    work->root = root;
    work->leaves = mem_alloc_array(count, sizeof *work->leaves);
    work->group = mem_alloc_array(count + 1, sizeof *work->group);
    qsort(updates, count, sizeof *updates, compare_updates);
    struct visit top = {.place = AT_ROOT, .old = root->reference, .count = (uint32_t)count};
    add_visit(work, 0, top);
    for (unsigned depth = 0; depth <= LIMIT_TREE_DEPTH; depth++) go_down(work, depth);
    hash_leaves(work);
    for (int depth = LIMIT_TREE_DEPTH; depth >= 0; depth--) {
        hash_level(work, &work->levels[depth]);
        mem_free(work->levels[depth].visits);
        mem_free(work->levels[depth].inner);
    }
    for (size_t i = 0; i < work->spent.reference_count; i++)
        tree_release(tree, work->spent.references[i].reference);
    retired_clear(&work->spent);
    mem_free(work->group);
    mem_free(work->leaves);
    mem_free(work);
}

void tree_prove(const struct tree *tree, const struct tree_root *root, const struct hash *path,
                struct buf *out) {
    struct hash siblings[LIMIT_TREE_DEPTH];
    uint32_t node = root->reference;
    unsigned depth = 0;
    for (; node && !is_leaf(node); depth++) {
        ENSURE(depth < LIMIT_TREE_DEPTH);
        unsigned side = bit_at(path, depth);
        siblings[depth] = hashes_of(tree, node)->of[1 - side];
        node = links_of(tree, node)->children[side];
    }
    struct state_proof_end end = {.kind = STATE_PROOF_EMPTY};
    if (node) {
        const struct tree_hashes *leaf = hashes_of(tree, node);
        end.kind = hash_equal(&leaf->of[0], path) ? STATE_PROOF_MEMBER : STATE_PROOF_OTHER_LEAF;
        end.other_path = leaf->of[0];
        end.other_value_hash = leaf->of[1];
    }
    state_proof_encode(out, &end, siblings, depth);
}

void tree_hash_at(const struct tree *tree, const struct tree_root *root, const struct hash *path,
                  unsigned depth, struct hash *out) {
    uint32_t node = root->reference;
    *out = root->hash;
    for (unsigned at = 0; at < depth; at++) {
        ENSURE(node && !is_leaf(node));
        unsigned side = bit_at(path, at);
        *out = hashes_of(tree, node)->of[side];
        node = links_of(tree, node)->children[side];
    }
}
