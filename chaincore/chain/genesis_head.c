// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/genesis_head.h"

bool genesis_is_name(struct bytes name) {
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) return false;
    }
    return name.len > 0;
}

bool genesis_is_sane(const struct params *params) {
    return params->block_interval_ms > 0 && params->epoch_blocks >= 2 &&
           params->block_gas_limit > 0 && params->min_witnesses > 0 &&
           params->min_witnesses <= LIMIT_WITNESSES && params->protocol > 0;
}

static void decode_witnesses(struct decoder *in, struct witness_set *out) {
    out->count = (uint16_t)decode_count(in, LIMIT_WITNESSES);
    for (uint16_t i = 0; i < out->count && in->status == STATUS_OK; i++) {
        decode_slice(in, 32); // the account that earns the rewards
        decode_fixed(in, &out->keys[i], sizeof out->keys[i]);
    }
    if (in->status == STATUS_OK && !witness_set_is_sound(out)) decoder_fail(in, STATUS_INVALID);
}

static void decode_contracts(struct decoder *in, struct genesis_head *out) {
    out->contract_count = decode_count(in, GENESIS_MAX_CONTRACTS);
    for (uint32_t i = 0; i < out->contract_count && in->status == STATUS_OK; i++) {
        struct genesis_head_contract *contract = &out->contracts[i];
        contract->name = decode_bytes(in, GENESIS_MAX_NAME);
        decode_fixed(in, &contract->code_hash, sizeof contract->code_hash);
        decode_fixed(in, &contract->arguments_hash, sizeof contract->arguments_hash);
        if (!genesis_is_name(contract->name)) decoder_fail(in, STATUS_INVALID);
        if (i > 0 && bytes_compare(contract[-1].name, contract->name) >= 0)
            decoder_fail(in, STATUS_INVALID);
    }
}

enum status genesis_head_decode(struct genesis_head *out, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    memset(out, 0, sizeof *out);
    if (decode_u8(&decoder) != GENESIS_VERSION) decoder_fail(&decoder, STATUS_UNSUPPORTED);
    out->name = decode_bytes(&decoder, GENESIS_MAX_NAME);
    out->time_ms = decode_u64(&decoder);
    params_decode_from(&decoder, &out->params);
    if (!genesis_is_sane(&out->params)) decoder_fail(&decoder, STATUS_INVALID);
    decode_fixed(&decoder, &out->balances_hash, sizeof out->balances_hash);
    decode_witnesses(&decoder, &out->set);
    decode_contracts(&decoder, out);
    return decoder_finish(&decoder);
}

void genesis_head_id(struct hash *out, struct bytes head) { hash_bytes(out, HASH_GENESIS, head); }
