// SPDX-License-Identifier: Apache-2.0
// How a full node leads whoever knows genesis to the witnesses of a later block: the hand-overs
// that stand in a proof (proof.h). They stand at boundaries of epochs, whose certificates every
// node keeps. A boundary is skipped to when enough of the believed set signed it (light/trust.h),
// else the way to it is halved; so the number of hand-overs follows from how fast the sets change,
// not from the chain's age. Reads what it needs through the caller's functions, on any thread.
#ifndef LMM_CHAIN_PROOF_PATH_H
#define LMM_CHAIN_PROOF_PATH_H

#include "chaincore/chain/proof.h"

struct proof_source {
    void *context;
    enum status (*read_set)(void *context, uint64_t epoch, struct witness_set *out);
    // The last header of an epoch, and its certificate, whose content it replaces.
    enum status (*read_boundary)(void *context, uint64_t epoch, struct header *header,
                                 struct buf *certificate);
};

struct proof_path {
    uint32_t count;
    struct buf hand_overs; // encoded, one after the other
    struct buf set;        // of the anchor's epoch, for its certificate; empty: believed by then
};
// TOO_LARGE when it takes more than PROOF_MAX_HAND_OVERS; CORRUPT when what was read does not fit
// together; or how reading failed. The caller clears the path in any case.
enum status proof_path_make(struct proof_path *out, const struct proof_source *source,
                            const struct header *anchor, struct bytes certificate) MUST_CHECK;
void proof_path_clear(struct proof_path *path);

#endif
