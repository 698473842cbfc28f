// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/state.h"

#include <stdlib.h>

#include "chaincore/base/memory.h"
#include "chaincore/ledger/btree.h"
#include "chaincore/ledger/tree.h"

struct state {
    uint64_t next_owner; // of drafts; 0 owns nothing
};

struct state_view {
    struct btree_node *root;
    uint64_t count;
};

struct state_version {
    _Atomic uint32_t refs;
    struct state_view view;
    struct tree_node *tree;
    struct hash root;
    uint64_t height;
};

// What stood under a key before a change.
struct undo {
    struct btree_item *key;    // an item with the key
    struct btree_item *before; // NULL: nothing
};

struct state_draft {
    struct state_view view;
    uint64_t owner;
    struct state_version *base;
    struct undo *undo;
    size_t undo_count;
    size_t undo_capacity;
};

struct state *state_create(void) {
    struct state *state = mem_alloc(sizeof *state);
    state->next_owner = 1;
    return state;
}

void state_free(struct state *state) { mem_free(state); }

struct state_version *state_version_empty(void) {
    struct state_version *version = mem_alloc(sizeof *version);
    version->refs = 1;
    return version;
}

struct state_version *state_version_ref(struct state_version *version) {
    atomic_fetch_add_explicit(&version->refs, 1, memory_order_relaxed);
    return version;
}

void state_version_unref(struct state_version *version) {
    if (!version || atomic_fetch_sub_explicit(&version->refs, 1, memory_order_acq_rel) != 1) return;
    btree_node_unref(version->view.root);
    tree_unref(version->tree);
    mem_free(version);
}

const struct state_view *state_version_view(const struct state_version *version) {
    return &version->view;
}

uint64_t state_version_height(const struct state_version *version) { return version->height; }

const struct hash *state_root(const struct state_version *version) { return &version->root; }

uint64_t state_count(const struct state_view *view) { return view->count; }

bool state_get(const struct state_view *view, struct bytes key, struct bytes *value) {
    const struct btree_item *item = btree_find(view->root, key);
    if (!item) return false;
    *value = btree_value(item);
    return true;
}

bool state_next(const struct state_view *view, struct bytes prefix, struct bytes after,
                struct bytes *key, struct bytes *value) {
    // A place in front of the prefix is the prefix itself.
    bool is_behind = after.len > 0 && bytes_compare(after, prefix) >= 0;
    const struct btree_item *item = btree_seek(view->root, is_behind ? after : prefix, is_behind);
    if (!item || !bytes_start_with(btree_key(item), prefix)) return false;
    *key = btree_key(item);
    *value = btree_value(item);
    return true;
}

struct state_draft *state_draft_begin(struct state *state, struct state_version *base) {
    struct state_draft *draft = mem_alloc(sizeof *draft);
    draft->base = state_version_ref(base);
    draft->owner = state->next_owner++;
    draft->view =
        (struct state_view){.root = btree_node_ref(base->view.root), .count = base->view.count};
    return draft;
}

static void free_draft(struct state_draft *draft) {
    for (size_t i = 0; i < draft->undo_count; i++) {
        btree_item_unref(draft->undo[i].key);
        btree_item_unref(draft->undo[i].before);
    }
    mem_free(draft->undo);
    btree_node_unref(draft->view.root);
    state_version_unref(draft->base);
    mem_free(draft);
}

void state_draft_drop(struct state_draft *draft) { free_draft(draft); }

const struct state_view *state_draft_view(const struct state_draft *draft) { return &draft->view; }

// Takes over both references.
static void note_change(struct state_draft *draft, struct btree_item *key,
                        struct btree_item *before) {
    if (draft->undo_count == draft->undo_capacity) {
        draft->undo_capacity = draft->undo_capacity ? 2 * draft->undo_capacity : 64;
        draft->undo = mem_resize(draft->undo, draft->undo_capacity * sizeof *draft->undo);
    }
    draft->undo[draft->undo_count++] = (struct undo){.key = key, .before = before};
}

void state_put(struct state_draft *draft, struct bytes key, struct bytes value) {
    ENSURE(key.len > 0 && key.len <= STATE_MAX_KEY && value.len <= STATE_MAX_VALUE);
    struct btree_item *item = btree_item_make(key, value);
    struct btree_item *before = btree_put(&draft->view.root, draft->owner, btree_item_ref(item));
    if (!before) draft->view.count++;
    note_change(draft, item, before);
}

void state_delete(struct state_draft *draft, struct bytes key) {
    struct btree_item *before = btree_remove(&draft->view.root, draft->owner, key);
    if (!before) return;
    draft->view.count--;
    note_change(draft, btree_item_ref(before), before);
}

size_t state_savepoint(const struct state_draft *draft) { return draft->undo_count; }

void state_rollback(struct state_draft *draft, size_t savepoint) {
    ENSURE(savepoint <= draft->undo_count);
    while (draft->undo_count > savepoint) {
        struct undo *undo = &draft->undo[--draft->undo_count];
        struct btree_item *undone;
        if (undo->before) {
            undone = btree_put(&draft->view.root, draft->owner, undo->before);
            if (!undone) draft->view.count++;
        } else {
            undone = btree_remove(&draft->view.root, draft->owner, btree_key(undo->key));
            draft->view.count--;
        }
        btree_item_unref(undone);
        btree_item_unref(undo->key);
    }
}

static int compare_keys(const void *a, const void *b) {
    return bytes_compare(btree_key(((const struct undo *)a)->key),
                         btree_key(((const struct undo *)b)->key));
}

// One update per key whose value differs from the base; how often it was written does not matter.
static size_t collect_updates(struct state_draft *draft, struct tree_update *updates) {
    size_t count = 0;
    if (draft->undo_count > 1)
        qsort(draft->undo, draft->undo_count, sizeof *draft->undo, compare_keys);
    for (size_t i = 0; i < draft->undo_count; i++) {
        struct bytes key = btree_key(draft->undo[i].key), now, before;
        if (i > 0 && bytes_equal(key, btree_key(draft->undo[i - 1].key))) continue;
        bool is_there = state_get(&draft->view, key, &now);
        bool was_there = state_get(&draft->base->view, key, &before);
        if (is_there == was_there && (!is_there || bytes_equal(now, before))) continue;
        struct tree_update *update = &updates[count++];
        hash_bytes(&update->path, HASH_KEY, key);
        update->is_removal = !is_there;
        if (is_there) hash_bytes(&update->value_hash, HASH_VALUE, now);
    }
    return count;
}

struct state_version *state_commit(struct state_draft *draft, uint64_t height) {
    struct state_version *version = state_version_empty();
    struct tree_update *updates = mem_alloc_array(draft->undo_count + 1, sizeof *updates);
    size_t count = collect_updates(draft, updates);
    version->tree = tree_apply(draft->base->tree, updates, count);
    version->height = height;
    version->view = draft->view;
    draft->view.root = NULL;
    tree_root(&version->root, version->tree);
    mem_free(updates);
    free_draft(draft);
    return version;
}

void state_prove(const struct state_version *version, struct bytes key, struct buf *out) {
    struct hash path;
    hash_bytes(&path, HASH_KEY, key);
    tree_prove(version->tree, &path, out);
}

enum status state_diff(const struct state_version *older, const struct state_version *newer,
                       state_difference *callback, void *context) {
    struct btree_cursor a, b;
    enum status status = STATUS_OK;
    btree_cursor_start(&a, older->view.root);
    btree_cursor_start(&b, newer->view.root);
    while (status == STATUS_OK && (a.item || b.item)) {
        if (btree_cursor_skip_shared(&a, &b)) continue;
        int order = !a.item   ? 1
                    : !b.item ? -1
                              : bytes_compare(btree_key(a.item), btree_key(b.item));
        if (order < 0) {
            status = callback(context, btree_key(a.item), NULL);
        } else if (a.item != b.item) {
            struct bytes value = btree_value(b.item);
            bool is_same = order == 0 && bytes_equal(btree_value(a.item), value);
            if (!is_same) status = callback(context, btree_key(b.item), &value);
        }
        if (order <= 0) btree_cursor_next(&a);
        if (order >= 0) btree_cursor_next(&b);
    }
    return status;
}

const struct state_view *state_draft_base(const struct state_draft *draft) {
    return state_version_view(draft->base);
}

struct state_changes state_draft_changes(const struct state_draft *draft) {
    return (struct state_changes){.end = draft->undo_count};
}

bool state_next_change(const struct state_draft *draft, struct state_changes *walk,
                       struct bytes prefix, struct bytes *key, struct bytes *before) {
    while (walk->next < walk->end) {
        const struct undo *undo = &draft->undo[walk->next++];
        *key = btree_key(undo->key);
        if (!bytes_start_with(*key, prefix)) continue;
        *before = bytes_of("", 0);
        if (!undo->before) return true;
        // Its first change is the one that replaced what the base holds.
        if (btree_find(draft->base->view.root, *key) != undo->before) continue;
        *before = btree_value(undo->before);
        return true;
    }
    return false;
}
