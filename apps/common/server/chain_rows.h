// SPDX-License-Identifier: Apache-2.0
// The rows that every server keeps of the chain itself, beside its market's and in the same
// database transactions: what has happened to an account, which contracts were deployed, who made
// the blocks. What a block holds stands in the log; rows only find it.
#ifndef LMM_SERVER_CHAIN_ROWS_H
#define LMM_SERVER_CHAIN_ROWS_H

#include "apps/common/index/index.h"

// Makes the projection one that has these tables too; only tables and version change. Its new texts
// are the caller's to free, by chain_rows_clear.
void chain_rows_join(struct index_projection *projection);
void chain_rows_clear(struct index_projection *projection);

// Writes the rows of a block; inside the block's transaction.
enum status chain_rows_apply(struct db *db, struct node *node,
                             const struct index_block *block) MUST_CHECK;

// A row of chain_tx.
enum { CHAIN_TIMER = -1 }; // instead of an action, of what nobody signed
struct chain_tx_row {
    uint64_t height;
    uint32_t index;
    struct hash id;
    int64_t time_ms;
    bool has_sender;
    struct account_id sender;
    int action; // the first one: enum tx_action_kind, or CHAIN_TIMER
    uint32_t action_count;
    bool has_contract;
    struct account_id contract; // the first that was called, deployed or upgraded, or told anything
    struct bytes method;        // that was called first; empty: none
    bool has_transfer;          // and nothing else
    struct account_id to;
    struct amount amount;
    enum tx_code code;
    uint64_t gas_used;
    uint32_t event_count;
};
// The row of a block's transaction, as it will be stored; slices borrow from `tx`, which is the
// place to decode it to.
void chain_tx_row_make(struct chain_tx_row *out, const struct block *block, uint32_t index,
                       struct tx *tx);
// Out of a statement that selects all columns; slices live until its next step.
enum status chain_tx_row_read(struct chain_tx_row *out, struct db_statement *statement) MUST_CHECK;

#endif
