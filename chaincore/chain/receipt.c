// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/receipt.h"

#include "chaincore/base/limits.h"

const char *tx_code_name(enum tx_code code) {
    switch (code) {
#define X(name, number, text) \
    case TX_CODE_##name:      \
        return #name;
        TX_CODE_LIST(X)
#undef X
    }
    return "UNKNOWN";
}

const char *tx_code_text(enum tx_code code) {
    switch (code) {
#define X(name, number, text) \
    case TX_CODE_##name:      \
        return text;
        TX_CODE_LIST(X)
#undef X
    }
    return "an unknown code";
}

void receipt_encode(struct buf *out, const struct receipt *receipt) {
    encode_fixed(out, &receipt->tx_id, sizeof receipt->tx_id);
    encode_u16(out, receipt->code);
    encode_u32(out, receipt->contract_code);
    encode_u64(out, receipt->gas_used);
    encode_fixed(out, &receipt->events_root, sizeof receipt->events_root);
}

enum status receipt_decode(struct receipt *out, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    decode_fixed(&decoder, &out->tx_id, sizeof out->tx_id);
    out->code = decode_u16(&decoder);
    out->contract_code = decode_u32(&decoder);
    out->gas_used = decode_u64(&decoder);
    decode_fixed(&decoder, &out->events_root, sizeof out->events_root);
    return decoder_finish(&decoder);
}

void receipt_leaf(struct hash *out, const struct receipt *receipt) {
    uint8_t storage[RECEIPT_BYTES];
    struct buf encoded = BUF_OVER(storage);
    receipt_encode(&encoded, receipt);
    hash_bytes(out, HASH_RECEIPT, buf_bytes(&encoded));
}

size_t event_encoded_len(const struct event *event) {
    return sizeof event->contract + 4 + event->topic.len + 4 + event->data.len;
}

void event_encode(struct buf *out, const struct event *event) {
    encode_fixed(out, &event->contract, sizeof event->contract);
    encode_bytes(out, event->topic);
    encode_bytes(out, event->data);
}

void event_decode_from(struct decoder *in, struct event *out) {
    decode_fixed(in, &out->contract, sizeof out->contract);
    out->topic = decode_bytes(in, LIMIT_EVENT_TOPIC_BYTES);
    out->data = decode_bytes(in, LIMIT_EVENT_DATA_BYTES);
    if (in->status == STATUS_OK && out->topic.len == 0) decoder_fail(in, STATUS_MALFORMED);
}

enum status event_decode(struct event *out, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    event_decode_from(&decoder, out);
    return decoder_finish(&decoder);
}

// Hashed piece by piece: an event may be larger than a device's stack.
void event_leaf(struct hash *out, const struct event *event) {
    uint8_t topic_len[4], data_len[4];
    struct hasher hasher;
    store_u32_le(topic_len, (uint32_t)event->topic.len);
    store_u32_le(data_len, (uint32_t)event->data.len);
    hasher_init(&hasher, HASH_EVENT);
    hasher_add(&hasher, BYTES_OF(event->contract.bytes));
    hasher_add(&hasher, BYTES_OF(topic_len));
    hasher_add(&hasher, event->topic);
    hasher_add(&hasher, BYTES_OF(data_len));
    hasher_add(&hasher, event->data);
    hasher_finish(&hasher, out);
}
