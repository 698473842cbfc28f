// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/envelope.h"

#include "chaincore/crypto/sign.h"

static const uint64_t DAY_MS = UINT64_C(24) * 3600 * 1000;

void envelope_recipient(struct envelope_recipient *out, const struct envelope *envelope,
                        uint32_t index) {
    ENSURE(index < envelope->recipient_count);
    const uint8_t *entry = envelope->recipients.data + (size_t)index * ENVELOPE_RECIPIENT_BYTES;
    memcpy(out->id.bytes, entry, 32);
    out->key_version = load_u32_le(entry + 32);
    out->wrapped = bytes_of(entry + 36, ENVELOPE_WRAPPED_BYTES);
}

void envelope_encode(struct buf *out, const struct envelope *envelope) {
    encode_u64(out, envelope->seq);
    encode_fixed(out, &envelope->previous, sizeof envelope->previous);
    encode_u8(out, (uint8_t)envelope->retention);
    encode_u32(out, envelope->recipient_count);
    encode_fixed(out, envelope->recipients.data, envelope->recipients.len);
    encode_fixed(out, &envelope->nonce, sizeof envelope->nonce);
    encode_bytes(out, envelope->ciphertext);
}

// Ascending, so none twice.
static bool are_recipients(const struct envelope *envelope) {
    struct envelope_recipient before, recipient;
    for (uint32_t i = 0; i < envelope->recipient_count; i++) {
        envelope_recipient(&recipient, envelope, i);
        if (recipient.key_version == 0) return false;
        if (i > 0 && memcmp(before.id.bytes, recipient.id.bytes, 32) >= 0) return false;
        before = recipient;
    }
    return envelope->recipient_count > 0;
}

void envelope_decode_from(struct decoder *in, struct envelope *out) {
    out->seq = decode_u64(in);
    decode_fixed(in, &out->previous, sizeof out->previous);
    out->retention = (enum envelope_retention)decode_tag(in, ENVELOPE_RETENTIONS);
    out->recipient_count = decode_count(in, LIMIT_ENVELOPE_RECIPIENTS);
    out->recipients = decode_slice(in, (size_t)out->recipient_count * ENVELOPE_RECIPIENT_BYTES);
    decode_fixed(in, &out->nonce, sizeof out->nonce);
    out->ciphertext = decode_bytes(in, LIMIT_TX_BYTES);
    if (in->status != STATUS_OK) return;
    if (out->seq == 0 || out->ciphertext.len < SEAL_TAG_BYTES || !are_recipients(out))
        decoder_fail(in, STATUS_MALFORMED);
}

void envelope_hash(struct hash *out, const struct envelope *envelope) {
    struct buf encoded = {0};
    envelope_encode(&encoded, envelope);
    hash_bytes(out, HASH_ENVELOPE, buf_bytes(&encoded));
    buf_clear(&encoded);
}

uint64_t envelope_kept_until_ms(enum envelope_retention retention, uint64_t block_time_ms) {
    uint64_t span_ms = 0;
    switch (retention) {
    case ENVELOPE_30_DAYS:
        span_ms = 30 * DAY_MS;
        break;
    case ENVELOPE_1_YEAR:
        span_ms = 366 * DAY_MS;
        break;
    case ENVELOPE_10_YEARS:
        span_ms = 3653 * DAY_MS;
        break;
    case ENVELOPE_FOR_EVER:
    case ENVELOPE_RETENTIONS:
        return UINT64_MAX;
    }
    return block_time_ms <= UINT64_MAX - span_ms ? block_time_ms + span_ms : UINT64_MAX;
}

void envelope_id(struct hash *out, const struct envelope_place *place) {
    uint8_t preimage[32 + 32 + 8 + 32];
    memcpy(preimage, place->chain_id.bytes, 32);
    memcpy(preimage + 32, place->sender.bytes, 32);
    store_u64_le(preimage + 64, place->seq);
    memcpy(preimage + 72, place->previous.bytes, 32);
    hash_bytes(out, HASH_ENVELOPE_ID, BYTES_OF(preimage));
}

enum { ASSOCIATED_BYTES = 32 + 32 + 32 };

static void associated_data(uint8_t out[ASSOCIATED_BYTES], const struct envelope_place *place) {
    struct hash id;
    envelope_id(&id, place);
    memcpy(out, place->chain_id.bytes, 32);
    memcpy(out + 32, place->sender.bytes, 32);
    memcpy(out + 64, id.bytes, 32);
}

static enum status wrap_key(struct buf *out, const struct envelope_plain *plain,
                            const struct seal_key *key) {
    for (uint32_t i = 0; i < plain->recipient_count; i++) {
        const struct envelope_key *recipient = &plain->recipients[i];
        encode_fixed(out, &recipient->id, sizeof recipient->id);
        encode_u32(out, recipient->version);
        enum status status = seal_box_close(out, &recipient->key, BYTES_OF(key->bytes));
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

enum status envelope_seal(struct envelope *out, struct buf *storage,
                          const struct envelope_place *place, const struct envelope_plain *plain) {
    struct seal_key key;
    uint8_t associated[ASSOCIATED_BYTES];
    enum status status = STATUS_OK;
    if (plain->recipient_count > LIMIT_ENVELOPE_RECIPIENTS || plain->content.len > LIMIT_TX_BYTES)
        return STATUS_TOO_LARGE;
    *out = (struct envelope){.seq = place->seq,
                             .previous = place->previous,
                             .retention = plain->retention,
                             .recipient_count = plain->recipient_count};
    random_bytes(key.bytes, sizeof key.bytes);
    random_bytes(out->nonce.bytes, sizeof out->nonce.bytes);
    associated_data(associated, place);
    buf_reset(storage);
    TRY(wrap_key(storage, plain, &key));
    size_t wrapped = storage->len;
    TRY(seal_encrypt(storage, &key, &out->nonce, BYTES_OF(associated), plain->content));
    out->recipients = bytes_of(storage->data, wrapped);
    out->ciphertext = bytes_of(storage->data + wrapped, storage->len - wrapped);
    if (!are_recipients(out)) status = STATUS_INVALID;
out:
    secret_clear(&key, sizeof key);
    return status;
}

static enum status unwrap_key(struct seal_key *out, const struct envelope *envelope,
                              const struct envelope_reader *reader) {
    for (uint32_t i = 0; i < envelope->recipient_count; i++) {
        struct envelope_recipient recipient;
        envelope_recipient(&recipient, envelope, i);
        if (!account_id_equal(&recipient.id, &reader->id)) continue;
        uint8_t room[ENVELOPE_WRAPPED_BYTES];
        struct buf key = BUF_OVER(room);
        enum status status = seal_box_open(&key, &reader->key, recipient.wrapped);
        if (status == STATUS_OK) memcpy(out->bytes, room, sizeof out->bytes);
        secret_clear(room, sizeof room);
        return status;
    }
    return STATUS_NOT_FOUND;
}

enum status envelope_open(struct buf *out, const struct envelope *envelope,
                          const struct envelope_place *place,
                          const struct envelope_reader *reader) {
    struct seal_key key = {{0}};
    uint8_t associated[ASSOCIATED_BYTES];
    enum status status = unwrap_key(&key, envelope, reader);
    associated_data(associated, place);
    if (status == STATUS_OK)
        status =
            seal_decrypt(out, &key, &envelope->nonce, BYTES_OF(associated), envelope->ciphertext);
    secret_clear(&key, sizeof key);
    return status;
}
