// SPDX-License-Identifier: Apache-2.0
// A block as it lies in the log: header, transaction bodies, and what came of them. The certificate
// lies in a file of its own. Decoding hands out slices of the input: nothing is copied.
#ifndef LMM_CHAIN_BLOCK_H
#define LMM_CHAIN_BLOCK_H

#include "chaincore/base/limits.h"
#include "chaincore/chain/header.h"
#include "chaincore/chain/receipt.h"

struct arena;

struct block_tx {
    struct bytes encoded; // the transaction, as it was signed; empty: a timer's run
    struct receipt receipt;
    uint32_t event_count;
    const struct event *events;
};

// What it takes of a block's two bounds: its own bytes of LIMIT_BLOCK_BYTES, and what came of it of
// LIMIT_BLOCK_RESULT_BYTES.
enum { BLOCK_TX_RESULT_MAX = RECEIPT_BYTES + 4 + LIMIT_TX_EVENT_BYTES };
size_t block_tx_bytes(size_t encoded_len);
size_t block_tx_result_bytes(const struct block_tx *tx);

struct block {
    struct header header;
    uint32_t tx_count;
    const struct block_tx *txs;
};

void block_encode(struct buf *out, const struct block *block);
// The arrays live in the arena, the slices in `in`.
enum status block_decode(struct block *out, struct arena *arena, struct bytes in) MUST_CHECK;
// The header alone, from the front of an encoded block.
enum status block_decode_header(struct header *out, struct bytes in) MUST_CHECK;

// Until when, in block time, every node keeps the block: the longest of its transactions.
uint64_t block_kept_until_ms(const struct block *block);

#endif
