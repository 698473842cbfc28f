// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/btree.h"

#include <stddef.h>

enum {
    MERGED_AT_MOST = BTREE_FANOUT * 3 / 4,
    // A node that is filled from its end keeps most when it splits: ascending keys pack well.
    KEPT_WHEN_APPENDED = BTREE_FANOUT - BTREE_MIN,
};

// The separators on both sides of a node; no data where there is none.
struct fences {
    struct bytes low;
    struct bytes high;
};

struct btree_item *btree_item_make(const struct btree_writer *writer, struct bytes key,
                                   struct bytes value) {
    struct btree_item *item =
        slab_take(writer->slab, offsetof(struct btree_item, data) + key.len + value.len);
    item->born = writer->id;
    item->key_len = (uint16_t)key.len;
    item->value_len = (uint32_t)value.len;
    item->is_current = true;
    if (key.len > 0) memcpy(item->data, key.data, key.len);
    if (value.len > 0) memcpy(item->data + key.len, value.data, value.len);
    return item;
}

void btree_item_drop(const struct btree_writer *writer, struct btree_item *item) {
    if (item->born == writer->id)
        slab_give(writer->slab, item, btree_item_size(item));
    else
        retired_add_memory(writer->retired,
                           (struct retired_memory){.memory = item,
                                                   .born = item->born,
                                                   .size = (uint32_t)btree_item_size(item)});
}

static size_t node_size(bool is_leaf) {
    size_t children = is_leaf ? 0 : BTREE_FANOUT * sizeof(struct btree_node *);
    return sizeof(struct btree_node) + children;
}

static struct btree_node *make_node(const struct btree_writer *writer, bool is_leaf) {
    struct btree_node *node = slab_take(writer->slab, node_size(is_leaf));
    node->born = writer->id;
    node->count = 0;
    node->skip = 0;
    node->is_leaf = is_leaf;
    node->items[0] = NULL;
    return node;
}

static void drop_node(const struct btree_writer *writer, struct btree_node *node) {
    size_t size = node_size(node->is_leaf);
    if (node->born == writer->id)
        slab_give(writer->slab, node, size);
    else
        retired_add_memory(
            writer->retired,
            (struct retired_memory){.memory = node, .born = node->born, .size = (uint32_t)size});
}

static void copy_entries(struct btree_node *to, uint16_t at, const struct btree_node *from,
                         uint16_t first) {
    size_t count = from->count - first;
    memcpy(&to->heads[at], &from->heads[first], count * sizeof *to->heads);
    memcpy(&to->items[at], &from->items[first], count * sizeof *to->items);
    if (!to->is_leaf)
        memcpy(&to->children[at], &from->children[first], count * sizeof(struct btree_node *));
    to->count = (uint16_t)(at + count);
}

// The node itself when it is the writer's, else a copy in its place.
static struct btree_node *own(struct btree_node **place, const struct btree_writer *writer) {
    struct btree_node *node = *place;
    if (node->born == writer->id) return node;
    struct btree_node *copy = make_node(writer, node->is_leaf);
    copy->skip = node->skip;
    copy_entries(copy, 0, node, 0);
    drop_node(writer, node);
    *place = copy;
    return copy;
}

static size_t common_prefix(struct bytes a, struct bytes b) {
    size_t len = 0;
    while (len < a.len && len < b.len && a.data[len] == b.data[len]) len++;
    return len;
}

// The first four bytes behind the skipped ones, as a number that orders as they do; zeros where the
// key has ended. Equal heads decide nothing.
static uint32_t head_of(struct bytes key, size_t skip) {
    uint8_t end[4] = {0};
    if (key.len >= skip + sizeof end) return load_u32_be(key.data + skip);
    if (key.len > skip) memcpy(end, key.data + skip, key.len - skip);
    return load_u32_be(end);
}

static uint16_t first_key(const struct btree_node *node) { return node->is_leaf ? 0 : 1; }

static void set_fences(struct btree_node *node, struct fences fences) {
    bool is_between = fences.low.data && fences.high.data;
    node->skip = is_between ? (uint16_t)common_prefix(fences.low, fences.high) : 0;
    for (uint16_t i = first_key(node); i < node->count; i++)
        node->heads[i] = head_of(btree_key(node->items[i]), node->skip);
}

static struct fences fences_of_child(const struct btree_node *node, uint16_t index,
                                     struct fences fences) {
    if (index > 0) fences.low = btree_key(node->items[index]);
    if (index + 1 < node->count) fences.high = btree_key(node->items[index + 1]);
    return fences;
}

// The first index whose key is >= `key`; *is_equal tells whether it is that key.
static uint16_t lower_bound(const struct btree_node *node, struct bytes key, bool *is_equal) {
    uint32_t head = head_of(key, node->skip);
    uint16_t low = first_key(node), high = node->count;
    *is_equal = false;
    while (low < high) {
        uint16_t middle = (uint16_t)((low + high) / 2);
        bool is_below = node->heads[middle] < head;
        if (node->heads[middle] == head) {
            int order = bytes_compare(btree_key(node->items[middle]), key);
            if (order == 0) {
                *is_equal = true;
                return middle;
            }
            is_below = order < 0;
        }
        if (is_below)
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
    return is_equal ? index : (uint16_t)(index - 1);
}

struct btree_item *btree_find(const struct btree_node *node, struct bytes key) {
    bool is_equal;
    if (!node) return NULL;
    while (!node->is_leaf) node = node->children[child_for(node, key)];
    uint16_t index = lower_bound(node, key, &is_equal);
    return is_equal ? node->items[index] : NULL;
}

static void open_gap(struct btree_node *node, uint16_t index) {
    size_t behind = node->count - index;
    memmove(&node->heads[index + 1], &node->heads[index], behind * sizeof *node->heads);
    memmove(&node->items[index + 1], &node->items[index], behind * sizeof *node->items);
    if (!node->is_leaf)
        memmove(&node->children[index + 1], &node->children[index],
                behind * sizeof(struct btree_node *));
    node->count++;
}

static void close_gap(struct btree_node *node, uint16_t index) {
    node->count--;
    size_t behind = node->count - index;
    memmove(&node->heads[index], &node->heads[index + 1], behind * sizeof *node->heads);
    memmove(&node->items[index], &node->items[index + 1], behind * sizeof *node->items);
    if (!node->is_leaf)
        memmove(&node->children[index], &node->children[index + 1],
                behind * sizeof(struct btree_node *));
}

// No longer than it takes to tell the two neighbours apart.
static struct btree_item *make_separator(const struct btree_writer *writer,
                                         const struct btree_node *left,
                                         const struct btree_node *right) {
    struct bytes below = btree_key(left->items[left->count - 1]);
    struct bytes above = btree_key(right->items[0]);
    return btree_item_make(writer, bytes_of(above.data, common_prefix(below, above) + 1),
                           bytes_of(NULL, 0));
}

static void set_separator(struct btree_node *parent, uint16_t index, struct btree_item *separator) {
    parent->items[index] = separator;
    parent->heads[index] = head_of(btree_key(separator), parent->skip);
}

// Splits a full child of a node with room, both owned, on the way to `key`. `fences` are the
// child's.
static void split_child(const struct btree_writer *writer, struct btree_node *parent,
                        uint16_t index, struct bytes key, struct fences fences) {
    struct btree_node *child = parent->children[index];
    struct btree_node *upper = make_node(writer, child->is_leaf);
    bool is_equal;
    bool is_appended = lower_bound(child, key, &is_equal) == child->count;
    uint16_t kept = is_appended ? KEPT_WHEN_APPENDED : BTREE_FANOUT / 2;
    copy_entries(upper, 0, child, kept);
    child->count = kept;
    open_gap(parent, (uint16_t)(index + 1));
    struct btree_item *separator =
        child->is_leaf ? make_separator(writer, child, upper) : upper->items[0];
    if (!child->is_leaf) upper->items[0] = NULL;
    set_separator(parent, (uint16_t)(index + 1), separator);
    parent->children[index + 1] = upper;
    set_fences(child, (struct fences){.low = fences.low, .high = btree_key(separator)});
    set_fences(upper, (struct fences){.low = btree_key(separator), .high = fences.high});
}

static struct btree_item *put_in_leaf(struct btree_node *leaf, struct btree_item *item) {
    bool is_equal;
    uint16_t index = lower_bound(leaf, btree_key(item), &is_equal);
    struct btree_item *before = NULL;
    if (is_equal)
        before = leaf->items[index];
    else
        open_gap(leaf, index);
    leaf->heads[index] = head_of(btree_key(item), leaf->skip);
    leaf->items[index] = item;
    return before;
}

struct btree_item *btree_put(struct btree_node **root, const struct btree_writer *writer,
                             struct btree_item *item) {
    struct bytes key = btree_key(item);
    struct fences fences = {0};
    if (!*root) *root = make_node(writer, true);
    struct btree_node *node = own(root, writer);
    if (node->count == BTREE_FANOUT) {
        struct btree_node *top = make_node(writer, false);
        top->children[0] = node;
        top->count = 1;
        split_child(writer, top, 0, key, fences);
        *root = node = top;
    }
    // Every full node is split on the way down, so there is always room for what comes from below.
    while (!node->is_leaf) {
        uint16_t index = child_for(node, key);
        struct fences around = fences_of_child(node, index, fences);
        if (own(&node->children[index], writer)->count == BTREE_FANOUT) {
            split_child(writer, node, index, key, around);
            index = child_for(node, key);
            around = fences_of_child(node, index, fences);
        }
        node = node->children[index];
        fences = around;
    }
    return put_in_leaf(node, item);
}

// Puts all of the right child behind the left one.
static void merge_children(const struct btree_writer *writer, struct btree_node *parent,
                           uint16_t left, struct fences fences) {
    struct btree_node *a = own(&parent->children[left], writer);
    struct btree_node *b = parent->children[left + 1];
    struct btree_item *separator = parent->items[left + 1];
    uint16_t joint = a->count;
    copy_entries(a, joint, b, 0);
    if (a->is_leaf)
        btree_item_drop(writer, separator);
    else
        a->items[joint] = separator;
    drop_node(writer, b);
    close_gap(parent, (uint16_t)(left + 1));
    set_fences(a, fences);
}

// Evens out two neighbours. `fences` are those around both.
static void share_children(const struct btree_writer *writer, struct btree_node *parent,
                           uint16_t left, struct fences fences) {
    struct btree_node *a = own(&parent->children[left], writer);
    struct btree_node *b = own(&parent->children[left + 1], writer);
    struct btree_item *items[2 * BTREE_FANOUT], *separator = parent->items[left + 1];
    struct btree_node *children[2 * BTREE_FANOUT];
    uint16_t total = (uint16_t)(a->count + b->count), half = (uint16_t)(total / 2);
    memcpy(items, a->items, a->count * sizeof *items);
    memcpy(items + a->count, b->items, b->count * sizeof *items);
    if (!a->is_leaf) {
        items[a->count] = separator;
        memcpy(children, a->children, a->count * sizeof *children);
        memcpy(children + a->count, b->children, b->count * sizeof *children);
        memcpy(a->children, children, half * sizeof *children);
        memcpy(b->children, children + half, (size_t)(total - half) * sizeof *children);
    }
    memcpy(a->items, items, half * sizeof *items);
    memcpy(b->items, items + half, (size_t)(total - half) * sizeof *items);
    a->count = half;
    b->count = (uint16_t)(total - half);
    if (a->is_leaf) {
        btree_item_drop(writer, separator);
        separator = make_separator(writer, a, b);
    } else {
        separator = b->items[0];
        b->items[0] = NULL;
    }
    set_separator(parent, (uint16_t)(left + 1), separator);
    set_fences(a, (struct fences){.low = fences.low, .high = btree_key(separator)});
    set_fences(b, (struct fences){.low = btree_key(separator), .high = fences.high});
}

// Brings a child that holds too little together with a neighbour. `fences` are the parent's.
static void refill_child(const struct btree_writer *writer, struct btree_node *parent,
                         uint16_t index, struct fences fences) {
    ENSURE(parent->count >= 2);
    uint16_t left = index > 0 ? (uint16_t)(index - 1) : index;
    struct fences around = {
        .low = fences_of_child(parent, left, fences).low,
        .high = fences_of_child(parent, (uint16_t)(left + 1), fences).high,
    };
    if (parent->children[left]->count + parent->children[left + 1]->count <= MERGED_AT_MOST)
        merge_children(writer, parent, left, around);
    else
        share_children(writer, parent, left, around);
}

// Takes a key that is there out of an owned subtree. Recursion is as deep as the tree.
static struct btree_item *remove_below(struct btree_node *node, const struct btree_writer *writer,
                                       struct bytes key, struct fences fences) {
    bool is_equal;
    if (node->is_leaf) {
        uint16_t index = lower_bound(node, key, &is_equal);
        struct btree_item *removed = node->items[index];
        close_gap(node, index);
        return removed;
    }
    uint16_t index = child_for(node, key);
    struct btree_node *child = own(&node->children[index], writer);
    struct btree_item *removed =
        remove_below(child, writer, key, fences_of_child(node, index, fences));
    if (child->count < BTREE_MIN) refill_child(writer, node, index, fences);
    return removed;
}

struct btree_item *btree_remove(struct btree_node **root, const struct btree_writer *writer,
                                struct bytes key) {
    if (!btree_find(*root, key)) return NULL; // so that nothing is copied in vain
    struct btree_item *removed = remove_below(own(root, writer), writer, key, (struct fences){0});
    struct btree_node *top = *root;
    if (!top->is_leaf && top->count == 1) {
        *root = top->children[0];
        drop_node(writer, top);
    } else if (top->count == 0) {
        *root = NULL;
        drop_node(writer, top);
    }
    return removed;
}

// What an old node holds is older still. Recursion is as deep as the tree.
void btree_discard(struct slab *slab, struct btree_node *node, uint32_t after) {
    if (!node || node->born <= after) return;
    for (uint16_t i = 0; i < node->count; i++) {
        struct btree_item *item = node->items[i];
        if (!node->is_leaf) btree_discard(slab, node->children[i], after);
        if (item && item->born > after) slab_give(slab, item, btree_item_size(item));
    }
    slab_give(slab, node, node_size(node->is_leaf));
}

struct btree_item *btree_seek(const struct btree_node *root, struct bytes key, bool is_strict) {
    struct btree_cursor cursor = {0};
    const struct btree_node *node = root;
    bool is_equal;
    if (!root) return NULL;
    for (; !node->is_leaf; node = node->children[cursor.path[cursor.levels - 1].index]) {
        ENSURE(cursor.levels < BTREE_MAX_LEVELS - 1);
        cursor.path[cursor.levels].node = node;
        cursor.path[cursor.levels++].index = child_for(node, key);
    }
    uint16_t index = lower_bound(node, key, &is_equal);
    cursor.path[cursor.levels].node = node;
    cursor.path[cursor.levels++].index = index;
    if (index < node->count) cursor.item = node->items[index];
    if (index == node->count || (is_equal && is_strict)) btree_cursor_next(&cursor);
    return cursor.item;
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
