// SPDX-License-Identifier: Apache-2.0
// Transactions and what came of them for people: by the descriptions that the contracts give of
// themselves as they stand now. What fits none is shown as bytes alone.
#ifndef LMM_SERVER_TX_JSON_H
#define LMM_SERVER_TX_JSON_H

#include "apps/common/server/chain_rows.h"
#include "chaincore/chaincore.h"

struct tx_teller;

// "transfer", "call", … or "timer".
const char *tx_json_action(int action);
// What a list shows: an object, without the brace that ends it.
void tx_json_summary(struct buf *out, const struct chain_tx_row *row);
// Its sentences: `,"message":…,"contract_code":…` and the contract's own, where there is one.
struct tx_outcome {
    enum tx_code code;
    uint32_t contract_code;
    const struct tx *tx; // NULL: nobody signed it
};
void tx_json_outcome(struct buf *out, struct node *node, const struct tx_outcome *outcome);
// Appends what the contract that refused says of its code, as text. False when it says nothing, or
// nobody knows which it was.
bool tx_json_sentence(struct buf *out, struct node *node, const struct tx *tx,
                      uint32_t contract_code);

// Reads each contract's description once. `node` must outlive it.
struct tx_teller *tx_teller_open(struct node *node);
void tx_teller_close(struct tx_teller *teller);
// Arrays.
void tx_json_actions(struct buf *out, struct tx_teller *teller, const struct tx *tx,
                     const struct hash *tx_id);
// `tx_id` leads to the proof of each event; NULL: they are not final.
void tx_json_events(struct buf *out, struct tx_teller *teller, const struct event *events,
                    uint32_t count, const struct hash *tx_id);
// An object: the summary and all that lies behind it.
void tx_json_decoded(struct buf *out, struct node *node, const struct block *block, uint32_t index);

#endif
