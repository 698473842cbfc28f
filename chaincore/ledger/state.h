// SPDX-License-Identifier: Apache-2.0
// The state: one ordered key space in memory, in immutable versions, each with its Merkle root.
//
// Keys and values lie in a B+tree that is copied on write: a node made by the draft at work is
// changed in place, any other is copied first. So a version costs what it changed, reads and
// ordered iteration cost O(log n) however many versions there are, and a version can be read on any
// thread for as long as it is referenced. Beside it stands the commitment (tree.h), just as
// persistent. What a version alone held is freed by the writer, when it next begins a draft
// (state_version.c).
//
// One draft at a time, on one thread; trials stand aside from that. Everything here aborts when
// memory is short: what a chain holds in memory is bounded by its blocks, not by one caller.
#ifndef LMM_LEDGER_STATE_H
#define LMM_LEDGER_STATE_H

#include "chaincore/base/buf.h"
#include "chaincore/crypto/hash.h"

struct state;
struct state_view;    // what can be read: a version's or a draft's
struct state_version; // immutable, reference counted
struct state_draft;   // one writer's changes on top of a version

enum { STATE_MAX_KEY = 512, STATE_MAX_VALUE = 2 << 20 };

struct state *state_create(void);
void state_free(struct state *state); // after all versions and drafts

// A version without entries, at height 0. The caller unrefs.
struct state_version *state_version_empty(void);
// Any thread.
struct state_version *state_version_ref(struct state_version *version);
void state_version_unref(struct state_version *version); // NULL is allowed
const struct state_view *state_version_view(const struct state_version *version);
uint64_t state_version_height(const struct state_version *version);
const struct hash *state_root(const struct state_version *version);
uint64_t state_count(const struct state_view *view);

// `value` is borrowed: of a version while it is referenced, of a draft until its next change.
bool state_get(const struct state_view *view, struct bytes key, struct bytes *value);
// The first entry behind `after` (from the front when it is empty) whose key starts with `prefix`.
// `key` may be the same object as `after`.
bool state_next(const struct state_view *view, struct bytes prefix, struct bytes after,
                struct bytes *key, struct bytes *value);

// Keeps a reference to `base`.
struct state_draft *state_draft_begin(struct state *state, struct state_version *base);
void state_draft_drop(struct state_draft *draft);
// A draft that nothing will come of: to see what changes would do. On any thread, and beside the
// writer, as many as there is memory for. It can be dropped and nothing else: neither settled nor
// committed.
struct state_draft *state_trial_begin(struct state_version *base);
const struct state_view *state_draft_view(const struct state_draft *draft);
void state_put(struct state_draft *draft, struct bytes key, struct bytes value);
void state_delete(struct state_draft *draft, struct bytes key);
// What the draft stands on.
const struct state_view *state_draft_base(const struct state_draft *draft);
// Walks the keys with this prefix that were changed so far, in the order in which each was changed
// first; `before` is what the base holds, empty when it has no such key. The draft may be changed
// on the way: what is new is not walked. A key that the base does not hold comes again each time
// that it was put after it was deleted.
struct state_changes {
    size_t next;
    size_t end;
};
struct state_changes state_draft_changes(const struct state_draft *draft);
bool state_next_change(const struct state_draft *draft, struct state_changes *walk,
                       struct bytes prefix, struct bytes *key, struct bytes *before);
// Undoes every change since the savepoint; earlier savepoints stay valid.
size_t state_savepoint(const struct state_draft *draft);
void state_rollback(struct state_draft *draft, size_t savepoint);
// Takes the changes so far as done: they cannot be undone any more, nor walked. For a draft of more
// than a block, which would otherwise keep two hundred bytes of each change to its end.
void state_draft_settle(struct state_draft *draft);
// Consumes the draft. The caller owns the version.
struct state_version *state_commit(struct state_draft *draft, uint64_t height);

// Appends a proof of the key's value, or of its absence, as chain/state_proof.h checks it.
void state_prove(const struct state_version *version, struct bytes key, struct buf *out);

// Calls back for every key whose value differs between two versions, in order; `value` is NULL
// where `newer` has none. Shared parts are skipped whole. Stops at the first status that is not OK.
typedef enum status state_difference(void *context, struct bytes key, const struct bytes *value);
enum status state_diff(const struct state_version *older, const struct state_version *newer,
                       state_difference *callback, void *context) MUST_CHECK;

#endif
