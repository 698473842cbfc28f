// SPDX-License-Identifier: Apache-2.0
#include "apps/sharing/lock/flash.h"

enum { FLASH_VERSION = 5, HEAD_BYTES = 4 + 1 + 8, SUM_BYTES = 32, SEED_BYTES = 32 };

static const char MAGIC[4] = "lock";

static void encode_use(struct buf *out, const struct lock_use_now *use) {
    encode_u64(out, use->booking);
    encode_fixed(out, &use->renter_key, sizeof use->renter_key);
    encode_u64(out, use->until_ms);
    encode_u64(out, use->policy_epoch);
    encode_u64(out, use->height);
}

static void decode_use(struct decoder *in, struct lock_use_now *out) {
    out->booking = decode_u64(in);
    decode_fixed(in, &out->renter_key, sizeof out->renter_key);
    out->until_ms = decode_u64(in);
    out->policy_epoch = decode_u64(in);
    out->height = decode_u64(in);
}

static void encode_state(struct buf *out, const struct lock_state *state) {
    encode_fixed(out, state->secret.bytes, SEED_BYTES);
    encode_fixed(out, &state->owner_key, sizeof state->owner_key);
    encode_fixed(out, &state->contract, sizeof state->contract);
    encode_u64(out, state->counter);
    encode_u64(out, state->clock_ms);
    encode_bool(out, state->is_bound);
    encode_u64(out, state->asset);
    encode_u64(out, state->policy_epoch);
    encode_u64(out, state->policy_height);
    encode_bool(out, state->is_in_use);
    encode_use(out, &state->use);
    for (size_t i = 0; i < LIMIT_LOCK_STARTED; i++) {
        encode_u64(out, state->started[i].booking);
        encode_u64(out, state->started[i].from_ms);
    }
    encode_u64(out, state->forgotten_ms);
    encode_u8(out, state->receipt_count);
    for (size_t i = 0; i < LIMIT_LOCK_RECEIPTS; i++) lock_receipt_encode(out, &state->receipts[i]);
    // The trust's length goes in front of it once it is known.
    size_t at = out->len;
    encode_u32(out, 0);
    light_trust_encode(out, &state->trust);
    store_u32_le(out->data + at, (uint32_t)(out->len - at - 4));
    encode_fixed(out, &state->set_before, sizeof state->set_before);
    encode_u64(out, state->set_before_ms);
    lock_log_encode(out, &state->log);
}

void lock_flash_encode(struct buf *out, const struct lock_state *state, uint64_t generation) {
    size_t begin = out->len;
    struct hash sum;
    encode_fixed(out, MAGIC, sizeof MAGIC);
    encode_u8(out, FLASH_VERSION);
    encode_u64(out, generation);
    encode_state(out, state);
    hash_bytes(&sum, HASH_LOG, bytes_of(out->data + begin, out->len - begin));
    encode_fixed(out, &sum, sizeof sum);
}

static bool is_whole(struct bytes slot) {
    struct hash sum;
    if (slot.len < HEAD_BYTES + SUM_BYTES) return false;
    if (memcmp(slot.data, MAGIC, sizeof MAGIC) != 0) return false;
    hash_bytes(&sum, HASH_LOG, bytes_of(slot.data, slot.len - SUM_BYTES));
    return memcmp(sum.bytes, slot.data + slot.len - SUM_BYTES, SUM_BYTES) == 0;
}

static enum status decode_state(struct lock_state *out, struct decoder *in) {
    uint8_t seed[SEED_BYTES];
    struct public_key key;
    decode_fixed(in, seed, sizeof seed);
    decode_fixed(in, &out->owner_key, sizeof out->owner_key);
    decode_fixed(in, &out->contract, sizeof out->contract);
    out->counter = decode_u64(in);
    out->clock_ms = decode_u64(in);
    out->is_bound = decode_bool(in);
    out->asset = decode_u64(in);
    out->policy_epoch = decode_u64(in);
    out->policy_height = decode_u64(in);
    out->is_in_use = decode_bool(in);
    decode_use(in, &out->use);
    for (size_t i = 0; i < LIMIT_LOCK_STARTED; i++) {
        out->started[i].booking = decode_u64(in);
        out->started[i].from_ms = decode_u64(in);
    }
    out->forgotten_ms = decode_u64(in);
    out->receipt_count = decode_u8(in);
    if (out->receipt_count > LIMIT_LOCK_RECEIPTS) decoder_fail(in, STATUS_MALFORMED);
    for (size_t i = 0; i < LIMIT_LOCK_RECEIPTS; i++)
        lock_receipt_decode_from(in, &out->receipts[i]);
    struct bytes trust = decode_bytes(in, TRUST_MAX_BYTES);
    decode_fixed(in, &out->set_before, sizeof out->set_before);
    out->set_before_ms = decode_u64(in);
    lock_log_decode_from(in, &out->log);
    enum status status = decoder_finish(in);
    if (status == STATUS_OK) status = light_trust_decode(&out->trust, trust);
    if (status == STATUS_OK) key_from_seed(&out->secret, &key, seed);
    secret_clear(seed, sizeof seed);
    return status;
}

static uint64_t generation_of(struct bytes slot) { return load_u64_le(slot.data + 5); }

enum status lock_flash_read(struct lock_state *out, uint64_t *generation,
                            const struct bytes slots[LOCK_SLOTS]) {
    const struct bytes *newest = NULL;
    for (unsigned i = 0; i < LOCK_SLOTS; i++)
        if (is_whole(slots[i]) && (!newest || generation_of(slots[i]) > generation_of(*newest)))
            newest = &slots[i];
    if (!newest) return STATUS_NOT_FOUND;
    memset(out, 0, sizeof *out);
    *generation = generation_of(*newest);
    struct decoder in = decoder_of(bytes_of(newest->data + 4, newest->len - 4 - SUM_BYTES));
    if (decode_u8(&in) != FLASH_VERSION) return STATUS_UNSUPPORTED;
    (void)decode_u64(&in);
    return decode_state(out, &in);
}
