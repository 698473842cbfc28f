// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/btree.h"

#include "chaincore/base/memory.h"

enum { MERGE_BELOW = BTREE_FANOUT / 4, MERGED_AT_MOST = BTREE_FANOUT * 3 / 4 };

struct btree_item *btree_item_make(struct bytes key, struct bytes value) {
    struct btree_item *item = mem_alloc(sizeof *item + key.len + value.len);
    item->refs = 1;
    item->key_len = (uint16_t)key.len;
    item->value_len = (uint32_t)value.len;
    if (key.len > 0) memcpy(item->data, key.data, key.len);
    if (value.len > 0) memcpy(item->data + key.len, value.data, value.len);
    return item;
}

struct btree_item *btree_item_ref(struct btree_item *item) {
    if (item) atomic_fetch_add_explicit(&item->refs, 1, memory_order_relaxed);
    return item;
}

void btree_item_unref(struct btree_item *item) {
    if (item && atomic_fetch_sub_explicit(&item->refs, 1, memory_order_acq_rel) == 1)
        mem_free(item);
}

struct btree_node *btree_node_ref(struct btree_node *node) {
    if (node) atomic_fetch_add_explicit(&node->refs, 1, memory_order_relaxed);
    return node;
}

// Recursion is as deep as the tree: a handful of levels.
void btree_node_unref(struct btree_node *node) {
    if (!node || atomic_fetch_sub_explicit(&node->refs, 1, memory_order_acq_rel) != 1) return;
    for (uint16_t i = 0; i < node->count; i++) {
        btree_item_unref(node->items[i]);
        if (!node->is_leaf) btree_node_unref(node->children[i]);
    }
    mem_free(node);
}

static struct btree_node *make_node(bool is_leaf, uint64_t owner) {
    size_t children = is_leaf ? 0 : BTREE_FANOUT * sizeof(struct btree_node *);
    struct btree_node *node = mem_alloc(sizeof *node + children);
    node->refs = 1;
    node->is_leaf = is_leaf;
    node->owner = owner;
    return node;
}

// The node itself when it is the owner's, else a copy in its place.
static struct btree_node *own(struct btree_node **place, uint64_t owner) {
    struct btree_node *node = *place;
    if (node->owner == owner) return node;
    struct btree_node *copy = make_node(node->is_leaf, owner);
    copy->count = node->count;
    for (uint16_t i = 0; i < node->count; i++) {
        copy->items[i] = btree_item_ref(node->items[i]);
        if (!node->is_leaf) copy->children[i] = btree_node_ref(node->children[i]);
    }
    btree_node_unref(node);
    *place = copy;
    return copy;
}

// The first index whose key is >= `key`; *is_equal tells whether it is that key.
static uint16_t lower_bound(const struct btree_node *node, struct bytes key, bool *is_equal) {
    uint16_t low = 0, high = node->count;
    *is_equal = false;
    while (low < high) {
        uint16_t middle = (uint16_t)((low + high) / 2);
        int order = bytes_compare(btree_key(node->items[middle]), key);
        if (order == 0) {
            *is_equal = true;
            return middle;
        }
        if (order < 0)
            low = (uint16_t)(middle + 1);
        else
            high = middle;
    }
    return low;
}

// The child under which `key` belongs: the last whose lower bound is not above it.
static uint16_t child_for(const struct btree_node *node, struct bytes key) {
    bool is_equal;
    uint16_t index = lower_bound(node, key, &is_equal);
    return is_equal || index == 0 ? index : (uint16_t)(index - 1);
}

struct btree_item *btree_find(const struct btree_node *node, struct bytes key) {
    bool is_equal;
    if (!node) return NULL;
    while (!node->is_leaf) node = node->children[child_for(node, key)];
    uint16_t index = lower_bound(node, key, &is_equal);
    return is_equal ? node->items[index] : NULL;
}

struct btree_item *btree_seek(const struct btree_node *root, struct bytes key, bool is_strict) {
    struct btree_cursor cursor = {0};
    const struct btree_node *node = root;
    bool is_equal;
    if (!root) return NULL;
    while (!node->is_leaf) {
        uint16_t index = child_for(node, key);
        cursor.path[cursor.levels].node = node;
        cursor.path[cursor.levels++].index = index;
        node = node->children[index];
    }
    uint16_t index = lower_bound(node, key, &is_equal);
    cursor.path[cursor.levels].node = node;
    cursor.path[cursor.levels++].index = index;
    if (index < node->count) cursor.item = node->items[index];
    if (index == node->count || (is_equal && is_strict)) btree_cursor_next(&cursor);
    return cursor.item;
}

static void open_gap(struct btree_node *node, uint16_t index) {
    size_t behind = node->count - index;
    memmove(&node->items[index + 1], &node->items[index], behind * sizeof *node->items);
    if (!node->is_leaf)
        memmove(&node->children[index + 1], &node->children[index],
                behind * sizeof *node->children);
    node->count++;
}

static void close_gap(struct btree_node *node, uint16_t index) {
    node->count--;
    size_t behind = node->count - index;
    memmove(&node->items[index], &node->items[index + 1], behind * sizeof *node->items);
    if (!node->is_leaf)
        memmove(&node->children[index], &node->children[index + 1],
                behind * sizeof *node->children);
}

// Moves the upper half of an owned, full node into a new one.
static struct btree_node *split(struct btree_node *node) {
    struct btree_node *upper = make_node(node->is_leaf, node->owner);
    uint16_t kept = BTREE_FANOUT / 2;
    upper->count = (uint16_t)(node->count - kept);
    memcpy(upper->items, &node->items[kept], upper->count * sizeof *upper->items);
    if (!node->is_leaf)
        memcpy(upper->children, &node->children[kept], upper->count * sizeof *upper->children);
    node->count = kept;
    return upper;
}

// Puts `child` under `parent` at `index`, with its first item as the lower bound.
static void add_child(struct btree_node *parent, uint16_t index, struct btree_node *child) {
    open_gap(parent, index);
    parent->items[index] = btree_item_ref(child->items[0]);
    parent->children[index] = child;
}

static struct btree_item *put_in_leaf(struct btree_node *leaf, struct btree_item *item) {
    bool is_equal;
    uint16_t index = lower_bound(leaf, btree_key(item), &is_equal);
    struct btree_item *before = NULL;
    if (is_equal)
        before = leaf->items[index];
    else
        open_gap(leaf, index);
    leaf->items[index] = item;
    return before;
}

struct btree_item *btree_put(struct btree_node **root, uint64_t owner, struct btree_item *item) {
    if (!*root) *root = make_node(true, owner);
    struct btree_node *node = own(root, owner);
    if (node->count == BTREE_FANOUT) {
        struct btree_node *top = make_node(false, owner);
        add_child(top, 0, node);
        add_child(top, 1, split(node));
        *root = node = top;
    }
    // Every full node is split on the way down, so there is always room for what comes from below.
    while (!node->is_leaf) {
        uint16_t index = child_for(node, btree_key(item));
        struct btree_node *child = own(&node->children[index], owner);
        if (child->count == BTREE_FANOUT) {
            add_child(node, (uint16_t)(index + 1), split(child));
            index = child_for(node, btree_key(item));
            child = node->children[index];
        }
        node = child;
    }
    return put_in_leaf(node, item);
}

// Merges an underfull owned child with a neighbour when both fit well into one node.
static void merge_child(struct btree_node *parent, uint16_t index) {
    if (parent->count < 2) return;
    uint16_t left = index > 0 ? (uint16_t)(index - 1) : index;
    struct btree_node *a = parent->children[left], *b = parent->children[left + 1];
    if (a->count + b->count > MERGED_AT_MOST) return;
    a = own(&parent->children[left], parent->owner);
    b = own(&parent->children[left + 1], parent->owner);
    memcpy(&a->items[a->count], b->items, b->count * sizeof *b->items);
    if (!a->is_leaf) memcpy(&a->children[a->count], b->children, b->count * sizeof *b->children);
    a->count = (uint16_t)(a->count + b->count);
    b->count = 0;
    btree_node_unref(b);
    btree_item_unref(parent->items[left + 1]);
    close_gap(parent, (uint16_t)(left + 1));
}

static void drop_empty_child(struct btree_node *parent, uint16_t index) {
    btree_node_unref(parent->children[index]);
    btree_item_unref(parent->items[index]);
    close_gap(parent, index);
}

// Recursion is as deep as the tree.
static struct btree_item *remove_below(struct btree_node *node, uint64_t owner, struct bytes key) {
    bool is_equal;
    if (node->is_leaf) {
        uint16_t index = lower_bound(node, key, &is_equal);
        struct btree_item *removed = node->items[index];
        close_gap(node, index);
        return removed;
    }
    uint16_t index = child_for(node, key);
    struct btree_node *child = own(&node->children[index], owner);
    struct btree_item *removed = remove_below(child, owner, key);
    if (child->count == 0)
        drop_empty_child(node, index);
    else if (child->count < MERGE_BELOW)
        merge_child(node, index);
    return removed;
}

struct btree_item *btree_remove(struct btree_node **root, uint64_t owner, struct bytes key) {
    if (!btree_find(*root, key)) return NULL; // so that nothing is copied in vain
    struct btree_item *removed = remove_below(own(root, owner), owner, key);
    while (*root && !(*root)->is_leaf && (*root)->count == 1) {
        struct btree_node *only = btree_node_ref((*root)->children[0]);
        btree_node_unref(*root);
        *root = only;
    }
    if ((*root)->count == 0) {
        btree_node_unref(*root);
        *root = NULL;
    }
    return removed;
}

// Goes down to the first item below path[levels - 1].
static void descend(struct btree_cursor *cursor) {
    const struct btree_node *node = cursor->path[cursor->levels - 1].node;
    uint16_t index = cursor->path[cursor->levels - 1].index;
    while (!node->is_leaf) {
        node = node->children[index];
        index = 0;
        ENSURE(cursor->levels < BTREE_MAX_LEVELS);
        cursor->path[cursor->levels].node = node;
        cursor->path[cursor->levels++].index = 0;
    }
    cursor->item = node->items[index];
}

void btree_cursor_start(struct btree_cursor *cursor, const struct btree_node *root) {
    *cursor = (struct btree_cursor){0};
    if (!root) return;
    cursor->levels = 1;
    cursor->path[0].node = root;
    descend(cursor);
}

// Leads behind the subtree at `level` of the path.
static void leave(struct btree_cursor *cursor, int level) {
    cursor->levels = level;
    while (cursor->levels > 0) {
        int last = cursor->levels - 1;
        if (++cursor->path[last].index < cursor->path[last].node->count) {
            descend(cursor);
            return;
        }
        cursor->levels--;
    }
    cursor->item = NULL;
}

void btree_cursor_next(struct btree_cursor *cursor) { leave(cursor, cursor->levels); }

// The highest level at whose front the cursor stands.
static int front_level(const struct btree_cursor *cursor) {
    int level = cursor->levels;
    while (level > 0 && cursor->path[level - 1].index == 0) level--;
    return level;
}

bool btree_cursor_skip_shared(struct btree_cursor *a, struct btree_cursor *b) {
    if (!a->item || !b->item) return false;
    for (int i = front_level(a); i < a->levels; i++)
        for (int j = front_level(b); j < b->levels; j++)
            if (a->path[i].node == b->path[j].node) {
                leave(a, i);
                leave(b, j);
                return true;
            }
    return false;
}
