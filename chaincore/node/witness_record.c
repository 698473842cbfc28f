// SPDX-License-Identifier: Apache-2.0
#include "chaincore/node/witness_record.h"

enum { TOGETHER = 32 };

void node_key_hash(struct hash *out, const struct public_key *node) {
    hash_bytes(out, HASH_NODE_KEY, BYTES_OF(*node));
}

static void encode_body(struct buf *out, const struct witness_record *record) {
    encode_fixed(out, record->key.bytes, sizeof record->key.bytes);
    encode_fixed(out, record->node.bytes, sizeof record->node.bytes);
    endpoint_encode(out, &record->endpoint);
    encode_u64(out, record->time_ms);
    encode_fixed(out, record->certified.bytes, sizeof record->certified.bytes);
}

void witness_record_encode(struct buf *out, const struct witness_record *record) {
    encode_body(out, record);
    encode_fixed(out, record->signed_by_node.bytes, sizeof record->signed_by_node.bytes);
}

void witness_record_decode(struct decoder *in, struct witness_record *out) {
    *out = (struct witness_record){0};
    decode_fixed(in, out->key.bytes, sizeof out->key.bytes);
    decode_fixed(in, out->node.bytes, sizeof out->node.bytes);
    endpoint_decode(in, &out->endpoint);
    out->time_ms = decode_u64(in);
    decode_fixed(in, out->certified.bytes, sizeof out->certified.bytes);
    decode_fixed(in, out->signed_by_node.bytes, sizeof out->signed_by_node.bytes);
}

static void hash_body(struct hash *out, const struct witness_record *record) {
    struct buf body = {0};
    encode_body(&body, record);
    hash_bytes(out, HASH_RECORD, buf_bytes(&body));
    buf_clear(&body);
}

void witness_record_sign(struct witness_record *record, const struct secret_key *key,
                         const struct secret_key *node, const struct hash *chain_id) {
    struct hash what;
    key_public_of(&record->key, key);
    key_public_of(&record->node, node);
    node_key_hash(&what, &record->node);
    sign_payload(&record->certified, key, SIGN_NODE_KEY, chain_id, &what);
    hash_body(&what, record);
    sign_payload(&record->signed_by_node, node, SIGN_RECORD, chain_id, &what);
}

static bool verify_some(const struct witness_record *records, size_t count,
                        const struct hash *chain_id) {
    struct sign_item items[2 * TOGETHER] = {{0}};
    struct hash nodes[TOGETHER], bodies[TOGETHER];
    bool valid[2 * TOGETHER];
    for (size_t i = 0; i < count; i++) {
        const struct witness_record *record = &records[i];
        node_key_hash(&nodes[i], &record->node);
        hash_body(&bodies[i], record);
        items[2 * i] =
            (struct sign_item){&record->certified, &record->key, &nodes[i], SIGN_NODE_KEY};
        items[2 * i + 1] =
            (struct sign_item){&record->signed_by_node, &record->node, &bodies[i], SIGN_RECORD};
    }
    sign_verify_many(valid, items, 2 * count, chain_id);
    for (size_t i = 0; i < 2 * count; i++)
        if (!valid[i]) return false;
    return true;
}

bool witness_records_verify(const struct witness_record *records, size_t count,
                            const struct hash *chain_id) {
    for (size_t from = 0; from < count; from += TOGETHER) {
        size_t some = count - from < TOGETHER ? count - from : TOGETHER;
        if (!verify_some(records + from, some, chain_id)) return false;
    }
    return true;
}
