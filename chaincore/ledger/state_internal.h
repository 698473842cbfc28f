// SPDX-License-Identifier: Apache-2.0
// What state.c (drafts) and state_version.c (versions and their end) share.
#ifndef LMM_LEDGER_STATE_INTERNAL_H
#define LMM_LEDGER_STATE_INTERNAL_H

#include <stdatomic.h>

#include "chaincore/ledger/btree.h"
#include "chaincore/ledger/state.h"
#include "chaincore/ledger/tree.h"

struct state {
    struct slab slab; // the B+trees' nodes and items
    struct tree *tree;
    uint32_t next_id;       // of drafts
    uint32_t version_count; // committed and not yet freed
    // Versions without references, which wait for the writer: a stack, linked by next_dropped.
    struct state_version *_Atomic dropped;
};

struct state_view {
    struct btree_node *root;
    uint64_t count;
};

// Versions that are made from one another form a tree. A version that is dropped stays in it while
// two or more are made from it.
struct state_version {
    _Atomic uint32_t refs;
    bool is_dropped; // the writer's
    uint32_t id;     // of its draft
    uint64_t height;
    struct state *state; // NULL: an empty version, which holds nothing
    struct state_view view;
    struct tree_root tree;
    struct retired_list retired; // what the parent holds and this one does not
    struct state_version *parent;
    struct state_version *first_child;
    struct state_version *next_sibling;
    struct state_version *next_dropped;
};

// Makes `version` a child of `parent` (NULL: of none).
void state_link_version(struct state_version *version, struct state_version *parent);
// Frees what dropped versions alone held. The writer's thread.
void state_reclaim(struct state *state);

#endif
