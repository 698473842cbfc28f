// SPDX-License-Identifier: Apache-2.0
#include "apps/common/index/index_events.h"

bool index_events_next(struct index_events *events) {
    while (events->tx_index < events->block->tx_count) {
        const struct block_tx *tx = &events->block->txs[events->tx_index];
        if (events->event_index == tx->event_count) {
            events->tx_index++;
            events->event_index = 0;
            continue;
        }
        const struct event *event = &tx->events[events->event_index++];
        if (!account_id_equal(&event->contract, events->contract)) continue;
        events->at = (struct index_event){.header = &events->block->header,
                                          .tx_id = &tx->receipt.tx_id,
                                          .tx_index = events->tx_index,
                                          .event_index = events->event_index - 1,
                                          .event = event};
        return true;
    }
    return false;
}
