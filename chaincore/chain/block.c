// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/block.h"

#include "chaincore/base/arena.h"
#include "chaincore/chain/tx.h"

size_t block_tx_bytes(size_t encoded_len) { return 4 + encoded_len; }

size_t block_tx_result_bytes(const struct block_tx *tx) {
    size_t bytes = RECEIPT_BYTES + 4;
    for (uint32_t i = 0; i < tx->event_count; i++) bytes += event_encoded_len(&tx->events[i]);
    return bytes;
}

void block_encode(struct buf *out, const struct block *block) {
    header_encode(out, &block->header);
    encode_u32(out, block->tx_count);
    for (uint32_t i = 0; i < block->tx_count; i++) {
        const struct block_tx *tx = &block->txs[i];
        encode_bytes(out, tx->encoded);
        receipt_encode(out, &tx->receipt);
        encode_u32(out, tx->event_count);
        for (uint32_t j = 0; j < tx->event_count; j++) event_encode(out, &tx->events[j]);
    }
}

static void decode_events(struct decoder *in, struct arena *arena, struct block_tx *tx) {
    tx->event_count = decode_count(in, LIMIT_TX_EVENTS);
    struct event *events = arena_alloc_array(arena, tx->event_count, sizeof *events);
    for (uint32_t i = 0; i < tx->event_count && in->status == STATUS_OK; i++)
        event_decode_from(in, &events[i]);
    tx->events = events;
}

enum status block_decode(struct block *out, struct arena *arena, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    header_decode_from(&decoder, &out->header);
    out->tx_count = decode_count(&decoder, LIMIT_BLOCK_TXS);
    struct block_tx *txs = arena_alloc_array(arena, out->tx_count, sizeof *txs);
    for (uint32_t i = 0; i < out->tx_count && decoder.status == STATUS_OK; i++) {
        txs[i].encoded = decode_bytes(&decoder, LIMIT_DEPLOY_TX_BYTES);
        struct bytes receipt = decode_slice(&decoder, RECEIPT_BYTES);
        if (decoder.status == STATUS_OK && receipt_decode(&txs[i].receipt, receipt) != STATUS_OK)
            decoder_fail(&decoder, STATUS_MALFORMED);
        decode_events(&decoder, arena, &txs[i]);
    }
    out->txs = txs;
    return decoder_finish(&decoder);
}

enum status block_decode_header(struct header *out, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    header_decode_from(&decoder, out);
    return decoder.status;
}

uint64_t block_kept_until_ms(const struct block *block) {
    uint64_t until_ms = envelope_kept_until_ms(ENVELOPE_30_DAYS, block->header.time_ms);
    for (uint32_t i = 0; i < block->tx_count; i++) {
        struct tx tx;
        // A timer's run has no bytes, and a log under test none that decode.
        if (tx_decode(&tx, block->txs[i].encoded) != STATUS_OK) continue;
        uint64_t own_ms = tx_kept_until_ms(&tx, block->header.time_ms);
        if (own_ms > until_ms) until_ms = own_ms;
    }
    return until_ms;
}
