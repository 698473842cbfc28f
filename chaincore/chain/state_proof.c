// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/state_proof.h"

void state_leaf_hash(struct hash *out, const struct hash *path, const struct hash *value_hash) {
    uint8_t both[64];
    memcpy(both, path->bytes, 32);
    memcpy(both + 32, value_hash->bytes, 32);
    hash_bytes(out, HASH_LEAF, BYTES_OF(both));
}

void state_proof_encode(struct buf *out, const struct state_proof_end *end,
                        const struct hash *siblings, unsigned depth) {
    uint8_t bitmap[LIMIT_TREE_DEPTH / 8] = {0};
    ENSURE(depth <= LIMIT_TREE_DEPTH);
    for (unsigned i = 0; i < depth; i++)
        if (!hash_is_zero(&siblings[i])) bitmap[i / 8] |= (uint8_t)(1u << i % 8);
    encode_u8(out, (uint8_t)end->kind);
    if (end->kind == STATE_PROOF_OTHER_LEAF) {
        encode_fixed(out, &end->other_path, sizeof end->other_path);
        encode_fixed(out, &end->other_value_hash, sizeof end->other_value_hash);
    }
    encode_u16(out, (uint16_t)depth);
    encode_fixed(out, bitmap, (depth + 7) / 8);
    for (unsigned i = 0; i < depth; i++)
        if (!hash_is_zero(&siblings[i])) encode_fixed(out, &siblings[i], sizeof siblings[i]);
}

static bool bit_at(const struct hash *path, unsigned depth) {
    return path->bytes[depth / 8] >> (7 - depth % 8) & 1;
}

static bool share_first_bits(const struct hash *a, const struct hash *b, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        if (bit_at(a, i) != bit_at(b, i)) return false;
    return true;
}

// The siblings, root first. Canonical: no bit behind the last, no sibling of zeros listed.
static unsigned decode_siblings(struct decoder *in, struct hash siblings[LIMIT_TREE_DEPTH]) {
    uint8_t bitmap[LIMIT_TREE_DEPTH / 8] = {0};
    unsigned depth = decode_u16(in);
    if (in->status == STATUS_OK && depth > LIMIT_TREE_DEPTH) decoder_fail(in, STATUS_TOO_LARGE);
    if (in->status != STATUS_OK) return 0;
    decode_fixed(in, bitmap, (depth + 7) / 8);
    for (unsigned i = 0; i < LIMIT_TREE_DEPTH; i++) {
        bool is_listed = bitmap[i / 8] >> i % 8 & 1;
        if (is_listed && i >= depth) decoder_fail(in, STATUS_MALFORMED);
        if (i >= depth) continue;
        siblings[i] = (struct hash){0};
        if (!is_listed) continue;
        decode_fixed(in, &siblings[i], sizeof siblings[i]);
        if (in->status == STATUS_OK && hash_is_zero(&siblings[i]))
            decoder_fail(in, STATUS_MALFORMED);
    }
    return depth;
}

// What stands at the end of the branch.
static enum status end_hash(struct hash *out, const struct state_proof_end *end,
                            const struct hash *path, const struct bytes *value, unsigned depth) {
    struct hash value_hash;
    if ((end->kind == STATE_PROOF_MEMBER) != (value != NULL)) return STATUS_INVALID;
    switch (end->kind) {
    case STATE_PROOF_MEMBER:
        hash_bytes(&value_hash, HASH_VALUE, *value);
        state_leaf_hash(out, path, &value_hash);
        return STATUS_OK;
    case STATE_PROOF_EMPTY:
        *out = (struct hash){0};
        return STATUS_OK;
    case STATE_PROOF_OTHER_LEAF:
        if (hash_equal(&end->other_path, path)) return STATUS_INVALID;
        if (!share_first_bits(&end->other_path, path, depth)) return STATUS_INVALID;
        state_leaf_hash(out, &end->other_path, &end->other_value_hash);
        return STATUS_OK;
    case STATE_PROOF_KINDS:
        break;
    }
    return STATUS_INVALID;
}

enum status state_proof_check(struct bytes proof, const struct hash *root, struct bytes key,
                              const struct bytes *value) {
    struct decoder in = decoder_of(proof);
    struct state_proof_end end = {0};
    struct hash siblings[LIMIT_TREE_DEPTH], path, node;
    end.kind = (enum state_proof_kind)decode_tag(&in, STATE_PROOF_KINDS);
    if (end.kind == STATE_PROOF_OTHER_LEAF) {
        decode_fixed(&in, &end.other_path, sizeof end.other_path);
        decode_fixed(&in, &end.other_value_hash, sizeof end.other_value_hash);
    }
    unsigned depth = decode_siblings(&in, siblings);
    enum status status = decoder_finish(&in);
    if (status != STATUS_OK) return status;
    hash_bytes(&path, HASH_KEY, key);
    status = end_hash(&node, &end, &path, value, depth);
    if (status != STATUS_OK) return status;
    for (unsigned i = depth; i > 0; i--) {
        if (bit_at(&path, i - 1))
            hash_node(&node, &siblings[i - 1], &node);
        else
            hash_node(&node, &node, &siblings[i - 1]);
    }
    return hash_equal(&node, root) ? STATUS_OK : STATUS_INVALID;
}
