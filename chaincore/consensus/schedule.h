// SPDX-License-Identifier: Apache-2.0
// Whose turn it is. The witnesses of an epoch lead its views by a permutation that repeats: each
// leads one view in every `count`. The permutation is seeded by the id of a block well before the
// boundary, so who makes that block can reorder turns and nothing else.
#ifndef LMM_CONSENSUS_SCHEDULE_H
#define LMM_CONSENSUS_SCHEDULE_H

#include "chaincore/chain/header.h"

struct schedule {
    uint64_t first_view; // of the epoch
    uint16_t count;
    uint16_t order[LIMIT_WITNESSES];
};

struct schedule_seed {
    struct hash seed; // of the chain
    struct hash id;   // of the block `count` blocks before the epoch
};
// A Fisher-Yates shuffle of 0 to count - 1 by numbers out of BLAKE2b, without bias.
void schedule_init(struct schedule *out, const struct schedule_seed *seed, uint64_t first_view,
                   uint16_t count);
// Of a view of the epoch.
uint16_t schedule_leader(const struct schedule *schedule, uint64_t view);

// The views between a block and its parent whose leaders brought no block, by their headers alone:
// the only finding on which all nodes agree. Where the epoch begins with the block, from its first
// view on. A tip that is repeated because too many blocks are not final leaves such views too.
struct missed_views {
    uint64_t first;
    uint64_t count;
};
struct missed_views schedule_missed(const struct schedule *schedule, const struct header *parent,
                                    const struct header *header);

#endif
