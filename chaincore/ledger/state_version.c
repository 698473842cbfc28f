// SPDX-License-Identifier: Apache-2.0
// How versions end. A node or item that was born in draft b and is in the `retired` list of version
// r is held by the versions from b on that lead to r, without r. So when a version goes, what only
// it still held is in the list of the one made from it, with a birth after its own parent; the rest
// of that list passes on, for its parent holds it still. Of a version that nothing was made from,
// everything born after its parent goes. No node is visited that stays.
//
// Any thread may drop the last reference; the writer does the work, when it next comes by.
#include "chaincore/ledger/state_internal.h"

struct state *state_create(void) {
    struct state *state = mem_alloc(sizeof *state);
    state->tree = tree_create();
    state->next_id = 1;
    return state;
}

void state_free(struct state *state) {
    if (!state) return;
    state_reclaim(state);
    // Every version gave back what it held, whatever the order in which they went.
    ENSURE(state->version_count == 0);
    ENSURE(state->slab.taken_count == 0 && tree_node_count(state->tree) == 0);
    slab_clear(&state->slab);
    tree_free(state->tree);
    mem_free(state);
}

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
    if (!version->state) {
        mem_free(version);
        return;
    }
    struct state_version *_Atomic *stack = &version->state->dropped;
    struct state_version *top = atomic_load_explicit(stack, memory_order_relaxed);
    do {
        version->next_dropped = top;
    } while (!atomic_compare_exchange_weak_explicit(stack, &top, version, memory_order_release,
                                                    memory_order_relaxed));
}

const struct state_view *state_version_view(const struct state_version *version) {
    return &version->view;
}

uint64_t state_version_height(const struct state_version *version) { return version->height; }

const struct hash *state_root(const struct state_version *version) { return &version->tree.hash; }

void state_link_version(struct state_version *version, struct state_version *parent) {
    version->parent = parent;
    if (!parent) return;
    version->next_sibling = parent->first_child;
    parent->first_child = version;
}

static void unlink_version(struct state_version *version) {
    if (!version->parent) return;
    struct state_version **place = &version->parent->first_child;
    while (*place != version) place = &(*place)->next_sibling;
    *place = version->next_sibling;
}

static void free_version(struct state_version *version) {
    version->state->version_count--;
    retired_clear(&version->retired);
    mem_free(version);
}

// What the child retired goes when nothing up to the version's parent holds it, else it joins the
// version's own.
static void merge_retired(const struct state_version *version, const struct retired_list *left,
                          struct retired_list *merged) {
    struct state *state = version->state;
    uint32_t held = version->parent ? version->parent->id : 0;
    for (size_t i = 0; i < left->memory_count; i++) {
        const struct retired_memory *entry = &left->memories[i];
        if (entry->born > held)
            slab_give(&state->slab, entry->memory, entry->size);
        else
            retired_add_memory(merged, *entry);
    }
    for (size_t i = 0; i < left->reference_count; i++) {
        const struct retired_reference *entry = &left->references[i];
        if (entry->born > held)
            tree_release(state->tree, entry->reference);
        else
            retired_add_reference(merged, *entry);
    }
}

// The only child takes the version's place.
static void pass_to_child(struct state_version *version) {
    struct state_version *child = version->first_child;
    struct retired_list merged = version->retired, left = child->retired;
    merge_retired(version, &left, &merged);
    retired_clear(&left);
    retired_trim(&merged);
    child->retired = merged;
    version->retired = (struct retired_list){0};
    unlink_version(version);
    state_link_version(child, version->parent);
    free_version(version);
}

static void discard_version(struct state_version *version) {
    uint32_t after = version->parent ? version->parent->id : 0;
    tree_discard(version->state->tree, version->tree.reference, after);
    btree_discard(&version->state->slab, version->view.root, after);
    unlink_version(version);
    free_version(version);
}

void state_reclaim(struct state *state) {
    struct state_version *next =
        atomic_exchange_explicit(&state->dropped, NULL, memory_order_acquire);
    while (next) {
        struct state_version *version = next;
        next = version->next_dropped;
        version->is_dropped = true;
        // The end of one can be what its parent has waited for.
        while (version && version->is_dropped) {
            struct state_version *parent = version->parent;
            if (version->first_child && version->first_child->next_sibling) break;
            if (version->first_child) {
                pass_to_child(version);
                break;
            }
            discard_version(version);
            version = parent;
        }
    }
}
