// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/authority.h"

void authority_encode(struct buf *out, const struct authority *authority) {
    encode_u32(out, authority->threshold);
    encode_u32(out, authority->key_count);
    for (uint32_t i = 0; i < authority->key_count; i++) {
        encode_fixed(out, &authority->keys[i].key, sizeof authority->keys[i].key);
        encode_u16(out, authority->keys[i].weight);
    }
}

static bool is_valid(const struct authority *authority) {
    uint32_t sum = 0; // 16 weights of 16 bits
    for (uint32_t i = 0; i < authority->key_count; i++) {
        const struct authority_key *entry = &authority->keys[i];
        if (entry->weight == 0) return false;
        if (i > 0 && memcmp(&entry[-1].key, &entry->key, sizeof entry->key) >= 0) return false;
        sum += entry->weight;
    }
    return authority->threshold >= 1 && authority->threshold <= sum;
}

void authority_decode_from(struct decoder *in, struct authority *out) {
    out->threshold = decode_u32(in);
    out->key_count = decode_count(in, LIMIT_ACCOUNT_KEYS);
    for (uint32_t i = 0; i < out->key_count; i++) {
        decode_fixed(in, &out->keys[i].key, sizeof out->keys[i].key);
        out->keys[i].weight = decode_u16(in);
    }
    if (in->status == STATUS_OK && !is_valid(out)) decoder_fail(in, STATUS_INVALID);
}
