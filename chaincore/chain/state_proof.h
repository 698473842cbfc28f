// SPDX-License-Identifier: Apache-2.0
// Proofs that a key has a value in the state, or none. The tree is in ledger/tree.h; here is what a
// device needs to check a branch of it, without memory of its own.
//
// Encoding (Borsh): kind u8; for STATE_PROOF_OTHER_LEAF that leaf's path[32] and value hash[32];
// depth u16; a bitmap of depth bits, root first, bit i of byte i/8 set where the sibling is not
// empty; those siblings, 32 bytes each. One proof, one encoding.
#ifndef LMM_CHAIN_STATE_PROOF_H
#define LMM_CHAIN_STATE_PROOF_H

#include "chaincore/base/codec.h"
#include "chaincore/base/limits.h"
#include "chaincore/crypto/hash.h"

enum state_proof_kind {
    STATE_PROOF_MEMBER = 0,     // the key's own leaf stands at the end of the branch
    STATE_PROOF_EMPTY = 1,      // nothing stands there
    STATE_PROOF_OTHER_LEAF = 2, // the only leaf there is another's
    STATE_PROOF_KINDS
};

// Kind, another's leaf, depth, bitmap, siblings.
enum { STATE_PROOF_MAX_BYTES = 1 + 64 + 2 + LIMIT_TREE_DEPTH / 8 + 32 * LIMIT_TREE_DEPTH };

struct state_proof_end {
    enum state_proof_kind kind;
    struct hash other_path;
    struct hash other_value_hash;
};

void state_leaf_hash(struct hash *out, const struct hash *path, const struct hash *value_hash);
void state_proof_encode(struct buf *out, const struct state_proof_end *end,
                        const struct hash *siblings, unsigned depth);

// OK when `proof` shows, under the root, that `key` has this value; with value NULL, that it has
// none. INVALID or a decoding error otherwise.
enum status state_proof_check(struct bytes proof, const struct hash *root, struct bytes key,
                              const struct bytes *value) MUST_CHECK;

#endif
