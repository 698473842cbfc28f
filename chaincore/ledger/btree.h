// SPDX-License-Identifier: Apache-2.0
// The copy-on-write B+tree under the state. Nodes and items are reference counted; a node whose
// owner is the writer at work belongs to it alone and is changed in place. Internal to ledger/.
#ifndef LMM_LEDGER_BTREE_H
#define LMM_LEDGER_BTREE_H

#include <stdatomic.h>

#include "chaincore/base/bytes.h"

enum { BTREE_FANOUT = 32, BTREE_MAX_LEVELS = 16 };

struct btree_item {
    _Atomic uint32_t refs;
    uint32_t value_len;
    uint16_t key_len;
    uint8_t data[]; // key, then value
};

struct btree_node {
    _Atomic uint32_t refs;
    uint16_t count;
    bool is_leaf;
    uint64_t owner;
    // A leaf's items; an inner node's lower bound of each child.
    struct btree_item *items[BTREE_FANOUT];
    struct btree_node *children[]; // BTREE_FANOUT of them in an inner node
};

static inline struct bytes btree_key(const struct btree_item *item) {
    return bytes_of(item->data, item->key_len);
}
static inline struct bytes btree_value(const struct btree_item *item) {
    return bytes_of(item->data + item->key_len, item->value_len);
}
struct btree_item *btree_item_make(struct bytes key, struct bytes value);
struct btree_item *btree_item_ref(struct btree_item *item); // NULL is allowed, here and below
void btree_item_unref(struct btree_item *item);
struct btree_node *btree_node_ref(struct btree_node *node);
void btree_node_unref(struct btree_node *node);

// Borrowed; NULL when there is none.
struct btree_item *btree_find(const struct btree_node *root, struct bytes key);
// The first item whose key is >= `key`, or > it when `is_strict`.
struct btree_item *btree_seek(const struct btree_node *root, struct bytes key, bool is_strict);

// Both replace *root (its reference is consumed and a new one stored) on behalf of `owner`, and
// hand over what stood under the key before: the caller unrefs it, NULL when nothing did.
struct btree_item *btree_put(struct btree_node **root, uint64_t owner, struct btree_item *item);
struct btree_item *btree_remove(struct btree_node **root, uint64_t owner, struct bytes key);

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
