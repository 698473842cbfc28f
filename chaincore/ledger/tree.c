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

static struct tree_hashes *hashes_of(const struct tree *tree, uint32_t inner) {
    return tree_pool_hashes(&tree->inner, inner);
}
static const struct btree_item *item_of(const struct tree *tree, uint32_t leaf) {
    return *tree_pool_leaf(&tree->leaves, leaf & ~LEAF);
}
static struct tree_links *links_of(const struct tree *tree, uint32_t inner) {
    return tree_pool_links(&tree->inner, inner);
}
static uint32_t born_of(const struct tree *tree, uint32_t reference) {
    return is_leaf(reference) ? item_of(tree, reference)->born : links_of(tree, reference)->born;
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
// A new inner node that waits for its hash.
struct fresh {
    uint64_t place;
    uint32_t reference;
};
// A new leaf that does.
struct fresh_leaf {
    uint64_t place;
    const struct tree_update *update;
};
// A leaf of a subtree being built.
struct member {
    uint32_t reference;
    const struct hash *path;
    const struct tree_update *update; // NULL: it was there before
};

struct visits {
    struct visit *items;
    size_t count, capacity;
};

struct level {
    struct visits visits; // to inner nodes
    struct fresh *inner;
    size_t inner_count, inner_capacity;
};

struct work {
    struct tree *tree;
    const struct tree_writer *writer;
    const struct tree_update *updates;
    struct tree_root *root;
    struct fresh_leaf *leaves;
    size_t leaf_count;
    struct retired_list spent; // leaves of this writer's
    struct member *group;
    struct visits ends[2]; // to leaves and empty places, of a level and the one below
    struct level levels[LIMIT_TREE_DEPTH + 1];
};

static void add_visit(struct work *work, unsigned depth, struct visit visit) {
    ENSURE(depth <= LIMIT_TREE_DEPTH);
    bool is_end = !visit.old || is_leaf(visit.old);
    struct visits *visits = is_end ? &work->ends[depth % 2] : &work->levels[depth].visits;
    if (visits->count == visits->capacity) {
        visits->capacity = visits->capacity ? 2 * visits->capacity : 16;
        visits->items = mem_resize(visits->items, visits->capacity * sizeof *visits->items);
    }
    visits->items[visits->count++] = visit;
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
    *tree_pool_leaf(&work->tree->leaves, index) = update->item;
    return index | LEAF;
}

// The leaves that a visit to a leaf or to an empty place leaves there, in the order of their paths.
// `old_path` is that of the leaf.
static uint32_t gather_leaves(struct work *work, const struct visit *visit,
                              const struct hash *old_path) {
    uint32_t count = 0, kept = visit->old;
    for (uint32_t i = 0; i < visit->count; i++) {
        const struct tree_update *update = &work->updates[visit->first + i];
        bool is_again = i > 0 && hash_equal(&update[-1].path, &update->path);
        if (is_again) continue;
        int order = kept ? hash_compare(old_path, &update->path) : 1;
        if (order < 0) work->group[count++] = (struct member){kept, old_path, NULL};
        if (order == 0) retire(work, kept);
        if (order <= 0) kept = 0;
        if (update->item)
            work->group[count++] = (struct member){make_leaf(work, update), &update->path, update};
    }
    if (kept) work->group[count++] = (struct member){kept, old_path, NULL};
    return count;
}

// Hangs a subtree of these leaves; the one that was there keeps the hash that it had.
static void build(struct work *work, const struct member *leaves, uint32_t count, uint64_t place,
                  unsigned depth, const struct hash *old_hash) {
    if (count == 0) {
        hang(work, place, 0);
        *hash_at(work, place) = (struct hash){0};
        return;
    }
    if (count == 1) {
        hang(work, place, leaves[0].reference);
        if (leaves[0].update)
            work->leaves[work->leaf_count++] =
                (struct fresh_leaf){.place = place, .update = leaves[0].update};
        else
            *hash_at(work, place) = *old_hash;
        return;
    }
    uint32_t node = make_inner(work, depth, place), left = 0;
    hang(work, place, node);
    while (left < count && !bit_at(leaves[left].path, depth)) left++;
    build(work, leaves, left, 2 * (uint64_t)node, depth + 1, old_hash);
    build(work, leaves + left, count - left, 2 * (uint64_t)node + 1, depth + 1, old_hash);
}

// The paths of the leaves that these visits find, hashed together. Most find the leaf of the very
// item that their update replaces, and so have its path.
static void find_paths(const struct work *work, const struct visit *visits, size_t count,
                       struct hash paths[HASH_MANY_AT_ONCE]) {
    struct hash_item unknown[HASH_MANY_AT_ONCE];
    size_t unknown_count = 0;
    for (size_t i = 0; i < count; i++)
        if (visits[i].old)
            __builtin_prefetch(tree_pool_leaf(&work->tree->leaves, visits[i].old & ~LEAF));
    for (size_t i = 0; i < count; i++)
        if (visits[i].old) __builtin_prefetch(item_of(work->tree, visits[i].old));
    for (size_t i = 0; i < count; i++) {
        paths[i] = (struct hash){0}; // of an empty place: nobody's
        if (!visits[i].old) continue;
        const struct tree_update *update = &work->updates[visits[i].first];
        const struct btree_item *old = item_of(work->tree, visits[i].old);
        if (update->before == old)
            paths[i] = update->path;
        else
            unknown[unknown_count++] = (struct hash_item){&paths[i], btree_key(old)};
    }
    hash_many(HASH_KEY, unknown, unknown_count);
}

static void finish_ends(struct work *work, unsigned depth) {
    const struct visits *ends = &work->ends[depth % 2];
    struct hash paths[HASH_MANY_AT_ONCE];
    for (size_t i = 0; i < ends->count; i++) {
        const struct visit *visit = &ends->items[i];
        size_t left = ends->count - i;
        if (i % HASH_MANY_AT_ONCE == 0)
            find_paths(work, visit, left < HASH_MANY_AT_ONCE ? left : HASH_MANY_AT_ONCE, paths);
        struct hash old_hash = *hash_at(work, visit->place);
        uint32_t count = gather_leaves(work, visit, &paths[i % HASH_MANY_AT_ONCE]);
        build(work, work->group, count, visit->place, depth, &old_hash);
    }
    work->ends[depth % 2].count = 0;
}

static void go_down(struct work *work, unsigned depth) {
    const struct visits *inner = &work->levels[depth].visits;
    finish_ends(work, depth);
    for (size_t i = 0; i < inner->count; i++) {
        if (i + AHEAD < inner->count) {
            uint32_t later = inner->items[i + AHEAD].old;
            __builtin_prefetch(hashes_of(work->tree, later));
            __builtin_prefetch(links_of(work->tree, later));
        }
        go_through(work, &inner->items[i], depth);
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

static void add_to_batch(struct batch *batch, struct hash *out, struct bytes in) {
    if (batch->count == HASH_MANY_AT_ONCE) finish_batch(batch);
    batch->items[batch->count++] = (struct hash_item){.out = out, .in = in};
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
        // Both halves of a node lie side by side, as they are hashed.
        if (!rise(work, fresh))
            add_to_batch(&batch, hash_at(work, fresh->place),
                         BYTES_OF(*hashes_of(work->tree, fresh->reference)));
    }
    finish_batch(&batch);
}

_Static_assert(offsetof(struct tree_update, path) + sizeof(struct hash) ==
                   offsetof(struct tree_update, value_hash),
               "both are hashed as they lie");

// What state_leaf_hash makes of path and value hash.
static void hash_leaves(struct work *work) {
    struct batch batch = {.domain = HASH_LEAF};
    for (size_t i = 0; i < work->leaf_count; i++)
        add_to_batch(&batch, hash_at(work, work->leaves[i].place),
                     bytes_of(work->leaves[i].update->path.bytes, 2 * sizeof(struct hash)));
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
        mem_free(work->levels[depth].visits.items);
        mem_free(work->levels[depth].inner);
    }
    for (size_t i = 0; i < work->spent.reference_count; i++)
        tree_release(tree, work->spent.references[i].reference);
    retired_clear(&work->spent);
    for (int i = 0; i < 2; i++) mem_free(work->ends[i].items);
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
        const struct btree_item *item = item_of(tree, node);
        hash_bytes(&end.other_path, HASH_KEY, btree_key(item));
        hash_bytes(&end.other_value_hash, HASH_VALUE, btree_value(item));
        end.kind = hash_equal(&end.other_path, path) ? STATE_PROOF_MEMBER : STATE_PROOF_OTHER_LEAF;
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
