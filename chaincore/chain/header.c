// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/header.h"

void header_encode(struct buf *out, const struct header *header) {
    encode_u8(out, header->version);
    encode_fixed(out, &header->chain_id, sizeof header->chain_id);
    encode_u16(out, header->shard);
    encode_u64(out, header->height);
    encode_u64(out, header->epoch);
    encode_u64(out, header->view);
    encode_fixed(out, &header->parent, sizeof header->parent);
    encode_u64(out, header->time_ms);
    encode_u16(out, header->leader);
    encode_fixed(out, &header->set_hash, sizeof header->set_hash);
    encode_fixed(out, &header->next_set_hash, sizeof header->next_set_hash);
    encode_fixed(out, &header->tx_root, sizeof header->tx_root);
    encode_fixed(out, &header->receipts_root, sizeof header->receipts_root);
    encode_fixed(out, &header->state_root, sizeof header->state_root);
    encode_fixed(out, &header->history_root, sizeof header->history_root);
    encode_fixed(out, &header->params_hash, sizeof header->params_hash);
    encode_u64(out, header->gas_used);
    encode_bytes(out, bytes_of(header->parent_voters, header->parent_voters_len));
}

void header_decode_from(struct decoder *in, struct header *out) {
    memset(out, 0, sizeof *out);
    out->version = decode_u8(in);
    if (in->status == STATUS_OK && out->version != HEADER_VERSION)
        decoder_fail(in, STATUS_UNSUPPORTED);
    decode_fixed(in, &out->chain_id, sizeof out->chain_id);
    out->shard = decode_u16(in);
    out->height = decode_u64(in);
    out->epoch = decode_u64(in);
    out->view = decode_u64(in);
    decode_fixed(in, &out->parent, sizeof out->parent);
    out->time_ms = decode_u64(in);
    out->leader = decode_u16(in);
    decode_fixed(in, &out->set_hash, sizeof out->set_hash);
    decode_fixed(in, &out->next_set_hash, sizeof out->next_set_hash);
    decode_fixed(in, &out->tx_root, sizeof out->tx_root);
    decode_fixed(in, &out->receipts_root, sizeof out->receipts_root);
    decode_fixed(in, &out->state_root, sizeof out->state_root);
    decode_fixed(in, &out->history_root, sizeof out->history_root);
    decode_fixed(in, &out->params_hash, sizeof out->params_hash);
    out->gas_used = decode_u64(in);
    struct bytes voters = decode_bytes(in, VOTER_BITMAP_BYTES);
    out->parent_voters_len = (uint8_t)voters.len;
    if (voters.len > 0) memcpy(out->parent_voters, voters.data, voters.len);
}

enum status header_decode(struct header *out, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    header_decode_from(&decoder, out);
    return decoder_finish(&decoder);
}

void header_id(struct hash *out, const struct header *header) {
    uint8_t storage[HEADER_MAX_BYTES];
    struct buf encoded = BUF_OVER(storage);
    header_encode(&encoded, header);
    hash_bytes(out, HASH_HEADER, buf_bytes(&encoded));
}
