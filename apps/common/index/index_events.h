// SPDX-License-Identifier: Apache-2.0
// What a projection looks at: the events of one contract in a block, in their order.
#ifndef LMM_INDEX_INDEX_EVENTS_H
#define LMM_INDEX_INDEX_EVENTS_H

#include "apps/common/index/index.h"

// An event, and where it stands. Borrowed from the block.
struct index_event {
    const struct header *header;
    const struct hash *tx_id;
    uint32_t tx_index;
    uint32_t event_index;
    const struct event *event;
};

struct index_events {
    const struct block *block;
    const struct account_id *contract;
    uint32_t tx_index, event_index; // of the next one to look at
    struct index_event at;          // the one found
};

static inline struct index_events index_events_of(const struct index_block *block,
                                                  const struct account_id *contract) {
    return (struct index_events){.block = block->block, .contract = contract};
}
// False: there is none any more.
bool index_events_next(struct index_events *events);

#endif
