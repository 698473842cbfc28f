// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/state.h"

#include "chaincore/crypto/hash_lanes.h"
#include "chaincore/ledger/state_internal.h"

// One change: an item was put, or taken out. Items that leave the tree are kept here until the
// draft ends.
struct undo {
    struct btree_item *made;   // NULL: the change was a removal
    struct btree_item *before; // what stood there; NULL: nothing
};

struct state_draft {
    struct state_view view;
    uint32_t id;
    struct state *state;
    bool is_trial; // then the state is its own
    struct state_version *base;
    struct tree_root tree; // of what is settled
    bool has_settled;
    struct retired_list retired;
    struct undo *undo;
    size_t undo_count;
    size_t undo_capacity;
};

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

static struct btree_writer writer_of(struct state_draft *draft) {
    return (struct btree_writer){
        .id = draft->id, .slab = &draft->state->slab, .retired = &draft->retired};
}

struct state_draft *state_draft_begin(struct state *state, struct state_version *base) {
    struct state_draft *draft = mem_alloc(sizeof *draft);
    ENSURE(!base->state || base->state == state);
    state_reclaim(state);
    draft->state = state;
    draft->base = state_version_ref(base);
    draft->id = state->next_id++;
    ENSURE(draft->id != UINT32_MAX); // four thousand million drafts in one run; the last is trials'
    draft->view = base->view;
    draft->tree = base->tree;
    return draft;
}

// What it makes lies in a state of its own, and bears a number above that of all drafts: so
// whatever it stands on is older, and copied before it is changed.
struct state_draft *state_trial_begin(struct state_version *base) {
    struct state_draft *draft = mem_alloc(sizeof *draft);
    draft->state = mem_alloc(sizeof *draft->state); // its slab is all that a trial needs
    draft->is_trial = true;
    draft->base = state_version_ref(base);
    draft->id = UINT32_MAX;
    draft->view = base->view;
    return draft;
}

static void free_draft(struct state_draft *draft) {
    mem_free(draft->undo);
    retired_clear(&draft->retired);
    state_version_unref(draft->base);
    mem_free(draft);
}

void state_draft_drop(struct state_draft *draft) {
    state_rollback(draft, 0); // frees the items that it made
    tree_discard(draft->state->tree, draft->tree.reference, draft->id - 1);
    btree_discard(&draft->state->slab, draft->view.root, draft->id - 1);
    if (draft->is_trial) {
        ENSURE(draft->state->slab.taken_count == 0);
        slab_clear(&draft->state->slab);
        mem_free(draft->state);
    }
    free_draft(draft);
}

const struct state_view *state_draft_view(const struct state_draft *draft) { return &draft->view; }

static void note_change(struct state_draft *draft, struct undo undo) {
    if (draft->undo_count == draft->undo_capacity) {
        draft->undo_capacity = draft->undo_capacity ? 2 * draft->undo_capacity : 64;
        draft->undo = mem_resize(draft->undo, draft->undo_capacity * sizeof *draft->undo);
    }
    draft->undo[draft->undo_count++] = undo;
}

// An item of an older version may be looked at by other threads: only the draft's own are marked.
static void mark(const struct state_draft *draft, struct btree_item *item, bool is_current) {
    if (item && item->born == draft->id) item->is_current = is_current;
}

void state_put(struct state_draft *draft, struct bytes key, struct bytes value) {
    ENSURE(key.len > 0 && key.len <= STATE_MAX_KEY && value.len <= STATE_MAX_VALUE);
    struct btree_writer writer = writer_of(draft);
    struct btree_item *item = btree_item_make(&writer, key, value);
    struct btree_item *before = btree_put(&draft->view.root, &writer, item);
    if (!before) draft->view.count++;
    mark(draft, before, false);
    note_change(draft, (struct undo){.made = item, .before = before});
}

void state_delete(struct state_draft *draft, struct bytes key) {
    struct btree_writer writer = writer_of(draft);
    struct btree_item *before = btree_remove(&draft->view.root, &writer, key);
    if (!before) return;
    draft->view.count--;
    mark(draft, before, false);
    note_change(draft, (struct undo){.before = before});
}

size_t state_savepoint(const struct state_draft *draft) { return draft->undo_count; }

void state_rollback(struct state_draft *draft, size_t savepoint) {
    struct btree_writer writer = writer_of(draft);
    ENSURE(savepoint <= draft->undo_count);
    while (draft->undo_count > savepoint) {
        struct undo undo = draft->undo[--draft->undo_count];
        if (undo.before)
            btree_put(&draft->view.root, &writer, undo.before);
        else
            btree_remove(&draft->view.root, &writer, btree_key(undo.made));
        if (undo.before && !undo.made) draft->view.count++;
        if (!undo.before) draft->view.count--;
        mark(draft, undo.before, true);
        if (undo.made) btree_item_drop(&writer, undo.made);
    }
}

// Did the change put an item that still stands?
static bool is_update(const struct undo *undo) { return undo->made && undo->made->is_current; }

// Was the change the removal of what the base holds, or may hold since something was settled, and
// is nothing there again?
static bool is_removal(const struct state_draft *draft, const struct undo *undo) {
    if (undo->made) return false;
    struct bytes key = btree_key(undo->before);
    return !btree_find(draft->view.root, key) &&
           (draft->has_settled || btree_find(draft->base->view.root, key));
}

struct hashes {
    size_t path_count, value_count;
    struct hash_item paths[HASH_MANY_AT_ONCE], values[HASH_MANY_AT_ONCE];
};

static void finish_hashes(struct hashes *hashes) {
    hash_many(HASH_KEY, hashes->paths, hashes->path_count);
    hash_many(HASH_VALUE, hashes->values, hashes->value_count);
    hashes->path_count = hashes->value_count = 0;
}

// One update per key that was set, however often; a removal perhaps twice.
static size_t collect_updates(const struct state_draft *draft, struct tree_update *updates) {
    struct hashes hashes = {0};
    size_t count = 0;
    for (size_t i = 0; i < draft->undo_count; i++) {
        const struct undo *undo = &draft->undo[i];
        const struct btree_item *item = undo->made ? undo->made : undo->before;
        bool has_gone = is_removal(draft, undo);
        if (!has_gone && !is_update(undo)) continue;
        struct tree_update *update = &updates[count++];
        update->item = has_gone ? NULL : item;
        update->before = undo->before;
        hashes.paths[hashes.path_count++] = (struct hash_item){&update->path, btree_key(item)};
        if (!has_gone)
            hashes.values[hashes.value_count++] =
                (struct hash_item){&update->value_hash, btree_value(item)};
        if (hashes.path_count == HASH_MANY_AT_ONCE) finish_hashes(&hashes);
    }
    finish_hashes(&hashes);
    return count;
}

// What left the tree and was the draft's own, nobody else has seen.
static void drop_items(struct state_draft *draft) {
    struct btree_writer writer = writer_of(draft);
    for (size_t i = 0; i < draft->undo_count; i++)
        if (draft->undo[i].before) btree_item_drop(&writer, draft->undo[i].before);
}

static void apply_updates(struct state_draft *draft) {
    struct tree_update *updates = mem_alloc_array(draft->undo_count + 1, sizeof *updates);
    struct tree_writer writer = {.id = draft->id, .retired = &draft->retired};
    size_t count = collect_updates(draft, updates);
    tree_apply(draft->state->tree, &draft->tree, &writer, updates, count);
    mem_free(updates);
    drop_items(draft);
}

void state_draft_settle(struct state_draft *draft) {
    ENSURE(!draft->is_trial);
    apply_updates(draft);
    draft->undo_count = 0;
    draft->has_settled = true;
}

struct state_version *state_commit(struct state_draft *draft, uint64_t height) {
    struct state_version *version = state_version_empty();
    ENSURE(!draft->is_trial);
    apply_updates(draft);
    version->id = draft->id;
    version->height = height;
    version->state = draft->state;
    version->view = draft->view;
    version->tree = draft->tree;
    version->retired = draft->retired;
    retired_trim(&version->retired);
    draft->retired = (struct retired_list){0};
    draft->state->version_count++;
    state_link_version(version, draft->base->state ? draft->base : NULL);
    free_draft(draft);
    return version;
}

void state_prove(const struct state_version *version, struct bytes key, struct buf *out) {
    struct hash path;
    hash_bytes(&path, HASH_KEY, key);
    // The empty version has no nodes, and no state to look for them in.
    tree_prove(version->state ? version->state->tree : NULL, &version->tree, &path, out);
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
        *key = btree_key(undo->made ? undo->made : undo->before);
        if (!bytes_start_with(*key, prefix)) continue;
        *before = bytes_of("", 0);
        if (!undo->before) {
            if (btree_find(draft->base->view.root, *key)) continue; // taken away before
            return true;
        }
        // Its first change is the one that replaced what the base holds.
        if (btree_find(draft->base->view.root, *key) != undo->before) continue;
        *before = btree_value(undo->before);
        return true;
    }
    return false;
}
