// SPDX-License-Identifier: Apache-2.0
// Two signatures of one witness, in one epoch and view, that contradict one another: two proposals,
// NOTARIZE or FINALIZE of two blocks, or NULLIFY and FINALIZE. Who keeps to the rules never makes
// both, so anybody may show them to the chain (contract/punish.h). NOTARIZE and then NULLIFY is
// what a witness does whose view brought nothing; it is no contradiction.
#ifndef LMM_CHAIN_EVIDENCE_H
#define LMM_CHAIN_EVIDENCE_H

#include "chaincore/chain/certificate.h"

enum { EVIDENCE_BYTES = 8 + 8 + 2 + 2 * (1 + 32 + 64) };

struct evidence_vote {
    enum vote_kind kind;
    struct hash block_id; // zero in NULLIFY
    struct signature signature;
};
struct evidence {
    uint64_t epoch;
    uint64_t view;
    uint16_t witness;           // its index in the set
    struct evidence_vote first; // the lower kind, or of the same kind the lower id
    struct evidence_vote second;
};

// Of one witness in one view, in this order.
bool evidence_is_contradiction(const struct evidence_vote *first,
                               const struct evidence_vote *second);
void evidence_encode(struct buf *out, const struct evidence *evidence);
// MALFORMED for what is no contradiction, and where first and second are the other way round.
void evidence_decode_from(struct decoder *in, struct evidence *out);
// Are both signatures that witness's, on this chain? `set` is the one of the epoch.
bool evidence_verify(const struct evidence *evidence, const struct witness_set *set,
                     const struct hash *chain_id);

#endif
