// SPDX-License-Identifier: Apache-2.0
#include "chaincore/crypto/keystore_format.h"

#include "chaincore/base/codec.h"
#include "chaincore/crypto/sign.h"

enum { VERSION = 1 };
static const uint8_t magic[8] = {'l', 'm', 'm', '-', 'k', 'e', 'y', 's'};

bool keystore_cost_is_bounded(struct keystore_cost cost) {
    return cost.passes >= KEYSTORE_PASSES_MIN && cost.passes <= KEYSTORE_PASSES_MAX &&
           cost.memory_kib >= KEYSTORE_MEMORY_KIB_MIN && cost.memory_kib <= KEYSTORE_MEMORY_KIB_MAX;
}

void keystore_encode_file(struct buf *out, const struct keystore_file *file) {
    encode_fixed(out, magic, sizeof magic);
    encode_u8(out, VERSION);
    encode_u32(out, file->cost.passes);
    encode_u32(out, file->cost.memory_kib);
    encode_fixed(out, file->salt, sizeof file->salt);
    encode_fixed(out, file->nonce, sizeof file->nonce);
    encode_bytes(out, file->box);
}

enum status keystore_decode_file(struct keystore_file *out, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    uint8_t start[sizeof magic];
    decode_fixed(&decoder, start, sizeof start);
    uint8_t version = decode_u8(&decoder);
    if (decoder.status == STATUS_OK && memcmp(start, magic, sizeof magic) != 0)
        decoder_fail(&decoder, STATUS_MALFORMED);
    if (decoder.status == STATUS_OK && version != VERSION)
        decoder_fail(&decoder, STATUS_UNSUPPORTED);
    out->cost.passes = decode_u32(&decoder);
    out->cost.memory_kib = decode_u32(&decoder);
    if (decoder.status == STATUS_OK && !keystore_cost_is_bounded(out->cost))
        decoder_fail(&decoder, STATUS_INVALID);
    decode_fixed(&decoder, out->salt, sizeof out->salt);
    decode_fixed(&decoder, out->nonce, sizeof out->nonce);
    out->box = decode_bytes(&decoder, KEYSTORE_TAG_BYTES + KEYSTORE_CONTENT_MAX);
    if (decoder.status == STATUS_OK && out->box.len < KEYSTORE_TAG_BYTES)
        decoder_fail(&decoder, STATUS_MALFORMED);
    return decoder_finish(&decoder);
}

void keystore_encode_content(struct buf *out, const struct keystore *keystore) {
    buf_reserve(out, KEYSTORE_CONTENT_MAX);
    bool has_mnemonic = keystore->mnemonic[0] != '\0';
    encode_bool(out, has_mnemonic);
    if (has_mnemonic) encode_bytes(out, bytes_of_string(keystore->mnemonic));
    encode_u32(out, (uint32_t)keystore->seed_count);
    for (size_t i = 0; i < keystore->seed_count; i++) {
        encode_bytes(out, bytes_of_string(keystore->seeds[i].name));
        encode_fixed(out, keystore->seeds[i].seed, sizeof keystore->seeds[i].seed);
    }
}

// A seed goes behind the ones already there, or nowhere: then names do not ascend.
static enum status decode_seed(struct keystore *out, struct decoder *in) {
    char name[KEYSTORE_NAME_MAX + 1] = {0};
    struct bytes text = decode_bytes(in, KEYSTORE_NAME_MAX);
    struct bytes seed = decode_slice(in, 32);
    if (in->status != STATUS_OK) return in->status;
    if (memchr(text.data, '\0', text.len)) return STATUS_MALFORMED;
    memcpy(name, text.data, text.len);
    if (out->seed_count > 0 && strcmp(out->seeds[out->seed_count - 1].name, name) >= 0)
        return STATUS_MALFORMED;
    return keystore_add_seed(out, name, seed.data);
}

enum status keystore_decode_content(struct keystore *out, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    struct keystore read = {.seed_count = 0};
    enum status status = STATUS_OK;
    if (decode_bool(&decoder)) {
        struct bytes text = decode_bytes(&decoder, MNEMONIC_TEXT_MAX);
        TRY(decoder.status);
        TRY(keystore_set_mnemonic(&read, text));
    }
    uint32_t count = decode_count(&decoder, KEYSTORE_SEEDS_MAX);
    TRY(decoder.status);
    for (uint32_t i = 0; i < count; i++) TRY(decode_seed(&read, &decoder));
    TRY(decoder_finish(&decoder));
    *out = read;
out:
    secret_clear(&read, sizeof read);
    return status;
}
