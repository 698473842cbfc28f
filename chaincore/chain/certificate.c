// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/certificate.h"

#include "chaincore/chain/merkle.h"

bool witness_set_is_sound(const struct witness_set *set) {
    if (set->count == 0 || set->count > LIMIT_WITNESSES) return false;
    for (uint16_t i = 0; i < set->count; i++)
        for (uint16_t k = (uint16_t)(i + 1); k < set->count; k++)
            if (memcmp(&set->keys[i], &set->keys[k], sizeof set->keys[i]) == 0) return false;
    return true;
}

enum status witness_set_read(struct witness_set *out, struct bytes keys) {
    memset(out, 0, sizeof *out);
    if (keys.len % sizeof *out->keys != 0 || keys.len > sizeof out->keys) return STATUS_INVALID;
    out->count = (uint16_t)(keys.len / sizeof *out->keys);
    if (keys.len > 0) memcpy(out->keys, keys.data, keys.len);
    return witness_set_is_sound(out) ? STATUS_OK : STATUS_INVALID;
}

void witness_set_hash(struct hash *out, const struct witness_set *set) {
    struct hash leaves[LIMIT_WITNESSES];
    for (uint16_t i = 0; i < set->count; i++)
        hash_bytes(&leaves[i], HASH_WITNESS, BYTES_OF(set->keys[i].bytes));
    merkle_list_root(out, leaves, set->count);
}

void vote_payload(struct hash *out, const struct vote *vote) {
    uint8_t encoded[8 + 32 + 1 + 8 + 32];
    store_u64_le(encoded, vote->epoch);
    memcpy(encoded + 8, vote->set_hash.bytes, 32);
    encoded[40] = (uint8_t)vote->kind;
    store_u64_le(encoded + 41, vote->view);
    memcpy(encoded + 49, vote->block_id.bytes, 32);
    hash_bytes(out, HASH_VOTE, BYTES_OF(encoded));
}

static bool has_voted(const struct certificate *certificate, uint16_t witness) {
    return certificate->bitmap[witness / 8] >> (witness % 8) & 1;
}

void certificate_add(struct certificate *certificate, uint16_t witness,
                     const struct signature *signature) {
    ENSURE(witness < LIMIT_WITNESSES && certificate->signature_count < LIMIT_WITNESSES);
    certificate->bitmap[witness / 8] |= (uint8_t)(1u << (witness % 8));
    certificate->signatures[certificate->signature_count++] = *signature;
}

void certificate_encode(struct buf *out, const struct certificate *certificate,
                        uint16_t witness_count) {
    encode_u64(out, certificate->view);
    encode_fixed(out, certificate->bitmap, ((size_t)witness_count + 7) / 8);
    encode_fixed(out, certificate->signatures,
                 certificate->signature_count * sizeof *certificate->signatures);
}

void certificate_decode_from(struct decoder *in, struct certificate *out, uint16_t witness_count) {
    memset(out, 0, sizeof *out);
    if (witness_count > LIMIT_WITNESSES) decoder_fail(in, STATUS_TOO_LARGE);
    out->view = decode_u64(in);
    if (in->status == STATUS_OK) decode_fixed(in, out->bitmap, ((size_t)witness_count + 7) / 8);
    uint16_t count = 0;
    for (size_t i = 0; i < sizeof out->bitmap * 8; i++) {
        if (!(out->bitmap[i / 8] >> (i % 8) & 1)) continue;
        if (i >= witness_count) decoder_fail(in, STATUS_MALFORMED);
        count++;
    }
    if (in->status != STATUS_OK) return;
    decode_fixed(in, out->signatures, count * sizeof *out->signatures);
    out->signature_count = count;
}

uint16_t certificate_known(const struct certificate *certificate, const struct witness_set *set,
                           const struct witness_set *known) {
    uint16_t count = 0;
    for (uint16_t i = 0; i < set->count; i++) {
        if (!has_voted(certificate, i)) continue;
        for (uint16_t k = 0; k < known->count; k++) {
            if (memcmp(&known->keys[k], &set->keys[i], sizeof set->keys[i]) != 0) continue;
            count++;
            break;
        }
    }
    return count;
}

enum status certificate_check(const struct certificate *certificate, const struct witness_set *set,
                              const struct vote *vote, const struct hash *chain_id) {
    if (set->count == 0 || set->count > LIMIT_WITNESSES) return STATUS_INVALID;
    if (certificate->signature_count < witness_quorum(set->count)) return STATUS_INVALID;
    if (certificate->view != vote->view) return STATUS_INVALID;
    struct hash payload;
    vote_payload(&payload, vote);
    uint16_t next = 0;
    for (uint16_t i = 0; i < set->count; i++) {
        if (!has_voted(certificate, i)) continue;
        if (next == certificate->signature_count) return STATUS_INVALID;
        if (!sign_verify(&certificate->signatures[next], &set->keys[i], SIGN_VOTE, chain_id,
                         &payload))
            return STATUS_BAD_SIGNATURE;
        next++;
    }
    return next == certificate->signature_count ? STATUS_OK : STATUS_INVALID;
}
