// SPDX-License-Identifier: Apache-2.0
// The copy-on-write B+tree under the state. A node whose `born` is the writer at work belongs to it
// alone and is changed in place; any other is copied, and the old one retired.
//
// Keys lie with their values, away from the nodes; so that a search need not visit each key that it
// compares with, a node keeps four bytes of every key: its head. Heads begin behind what all keys
// of the node must have in common (`skip` bytes: the common prefix of the separators around it, the
// fences), so that they tell keys apart in a long-prefixed range too. G. Graefe, "Modern B-Tree
// Techniques", 2011, sections 3.4 (normalised keys), 3.5 (prefix truncation) and 4.2 (fence keys).
// Internal to ledger/.
#ifndef LMM_LEDGER_BTREE_H
#define LMM_LEDGER_BTREE_H

#include "chaincore/base/bytes.h"
#include "chaincore/ledger/retired.h"
#include "chaincore/ledger/slab.h"

enum { BTREE_FANOUT = 32, BTREE_MIN = 8, BTREE_MAX_LEVELS = 24 };

struct btree_item {
    uint32_t born;
    uint32_t value_len;
    uint16_t key_len;
    bool is_current; // for the writer that made it: does it still stand in the tree?
    uint8_t data[];  // key, then value
};

// But for the root, a node holds at least BTREE_MIN.
struct btree_node {
    uint32_t born;
    uint16_t count;
    uint16_t skip;
    bool is_leaf;
    uint32_t heads[BTREE_FANOUT]; // of the keys of `items`
    // A leaf's items; an inner node's separators, each the lower bound of its child, but for the
    // first child, which has none.
    struct btree_item *items[BTREE_FANOUT];
    struct btree_node *children[]; // BTREE_FANOUT of them in an inner node
};

struct btree_writer {
    uint32_t id;
    struct slab *slab; // where nodes and items lie
    struct retired_list *retired;
};

static inline struct bytes btree_key(const struct btree_item *item) {
    return bytes_of(item->data, item->key_len);
}
static inline struct bytes btree_value(const struct btree_item *item) {
    return bytes_of(item->data + item->key_len, item->value_len);
}
static inline size_t btree_item_size(const struct btree_item *item) {
    return offsetof(struct btree_item, data) + item->key_len + item->value_len;
}
struct btree_item *btree_item_make(const struct btree_writer *writer, struct bytes key,
                                   struct bytes value);
// Frees what the writer made; retires anything else.
void btree_item_drop(const struct btree_writer *writer, struct btree_item *item);

// Borrowed; NULL when there is none.
struct btree_item *btree_find(const struct btree_node *root, struct bytes key);
// The first item whose key is >= `key`, or > it when `is_strict`.
struct btree_item *btree_seek(const struct btree_node *root, struct bytes key, bool is_strict);

// Both return what stood under the key before, NULL when nothing did; to drop that is the caller's
// business.
struct btree_item *btree_put(struct btree_node **root, const struct btree_writer *writer,
                             struct btree_item *item);
struct btree_item *btree_remove(struct btree_node **root, const struct btree_writer *writer,
                                struct bytes key);

// Frees every node and item below the root that was born after `after`.
void btree_discard(struct slab *slab, struct btree_node *root, uint32_t after);

// A walk in key order. `item` is NULL at the end.
struct btree_cursor {
    int levels;
    struct {
        const struct btree_node *node;
        uint16_t index;
    } path[BTREE_MAX_LEVELS];
    struct btree_item *item;
};
void btree_cursor_start(struct btree_cursor *cursor, const struct btree_node *root);
void btree_cursor_next(struct btree_cursor *cursor);
// When both stand at the front of the same shared node, leads both behind it and says so.
bool btree_cursor_skip_shared(struct btree_cursor *a, struct btree_cursor *b);

#endif
