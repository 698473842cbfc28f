// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/params.h"

void params_encode(struct buf *out, const struct params *params) {
    encode_u32(out, params->block_interval_ms);
    encode_u32(out, params->epoch_blocks);
    encode_u64(out, params->min_gas_price);
    encode_u64(out, params->block_gas_limit);
    encode_u64(out, params->deposit_per_byte);
    encode_u16(out, params->min_witnesses);
    encode_u16(out, params->protocol);
    encode_bool(out, params->leave_out_empty_blocks);
    encode_bool(out, params->allow_floats);
}

void params_decode_from(struct decoder *in, struct params *out) {
    out->block_interval_ms = decode_u32(in);
    out->epoch_blocks = decode_u32(in);
    out->min_gas_price = decode_u64(in);
    out->block_gas_limit = decode_u64(in);
    out->deposit_per_byte = decode_u64(in);
    out->min_witnesses = decode_u16(in);
    out->protocol = decode_u16(in);
    out->leave_out_empty_blocks = decode_bool(in);
    out->allow_floats = decode_bool(in);
    bool is_sane = out->block_interval_ms > 0 && out->epoch_blocks > 0 && out->block_gas_limit > 0;
    if (in->status == STATUS_OK && !is_sane) decoder_fail(in, STATUS_INVALID);
}

void params_hash(struct hash *out, const struct params *params) {
    struct buf encoded = {0};
    params_encode(&encoded, params);
    hash_bytes(out, HASH_PARAMS, buf_bytes(&encoded));
    buf_clear(&encoded);
}
