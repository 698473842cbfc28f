// SPDX-License-Identifier: Apache-2.0
// The rows of custody, from what the contract tells (contract/custody.c); it has decided, and
// nothing is judged again here. Written by the projection alone.
#ifndef LMM_SUPPLYCHAIN_CUSTODY_ROWS_H
#define LMM_SUPPLYCHAIN_CUSTODY_ROWS_H

#include "apps/supplychain/supplychain.h"

// Where an event was told.
struct custody_told {
    const struct header *header;
    const struct hash *tx_id;
    uint32_t tx_index;
    uint32_t event_index;
    struct buf *news; // what the live stream is to tell is noted here; NULL: nobody is told
};
// An event that is none of custody's, or of a form that this program does not know, gives no rows.
enum status custody_project(struct db *db, const struct custody_told *told,
                            const struct event *event) MUST_CHECK;

// Words of the API; NULL for a number that is none of theirs.
const char *shipment_state_name(uint64_t state);
const char *hand_over_state_name(uint64_t state);

#endif
