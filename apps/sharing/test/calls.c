// SPDX-License-Identifier: Apache-2.0
#include "apps/sharing/test/calls.h"

const struct terms usual_terms = {.title = "A camera",
                                  .text = "With two lenses.",
                                  .place = "Brunnen 3",
                                  .category = "cameras",
                                  .latitude = 470000000,
                                  .longitude = 85000000,
                                  .price = 10,
                                  .deposit = 1000,
                                  .late_cap = 60,
                                  .cancel_free = 60,
                                  .cancel_part = 30};

struct key_pair key_pair_of(uint8_t seed) {
    struct key_pair pair;
    uint8_t bytes[32] = {seed};
    key_from_seed(&pair.secret, &pair.public, bytes);
    return pair;
}

void encode_terms(struct buf *out, const struct terms *terms) {
    static const uint8_t photo[32] = {1};
    encode_bytes(out, bytes_of_string(terms->title));
    encode_bytes(out, bytes_of_string(terms->text));
    encode_bytes(out, bytes_of_string(terms->place));
    encode_bytes(out, bytes_of_string(terms->category));
    encode_u64(out, (uint64_t)terms->latitude);
    encode_u64(out, (uint64_t)terms->longitude);
    encode_fixed(out, photo, sizeof photo);
    encode_u64(out, terms->price);
    encode_u8(out, terms->unit);
    encode_u64(out, terms->deposit);
    encode_u32(out, terms->late_cap);
    encode_u32(out, terms->cancel_free);
    encode_u8(out, terms->cancel_part);
}

void encode_book(struct buf *out, const struct rental_range *range, const struct key_pair *renter) {
    encode_u64(out, range->asset);
    encode_u64(out, range->from_ms);
    encode_u64(out, range->until_ms);
    encode_fixed(out, renter->public.bytes, sizeof renter->public.bytes);
}

static void encode_signature(struct buf *out, enum sign_tag tag, struct bytes payload,
                             const struct key_pair *key, const struct hash *chain_id) {
    struct hash hash;
    struct signature signature;
    hash_bytes(&hash, HASH_USER, payload);
    sign_payload(&signature, &key->secret, tag, chain_id, &hash);
    encode_bytes(out, BYTES_OF(signature.bytes));
}

void encode_bind(struct buf *out, const struct lock_binding *binding, const struct key_pair *lock,
                 const struct hash *chain_id) {
    uint8_t payload[LOCK_BINDING_BYTES];
    lock_binding_encode(payload, binding);
    encode_u64(out, binding->asset);
    encode_fixed(out, binding->lock, sizeof binding->lock);
    encode_u64(out, binding->counter);
    encode_signature(out, SIGN_LOCK_LOG, BYTES_OF(payload), lock, chain_id);
}

void encode_challenge(struct buf *out, const struct challenge *challenge,
                      const struct key_pair *renter, const struct key_pair *lock,
                      const struct hash *chain_id) {
    uint8_t payload[CHALLENGE_BYTES];
    challenge_encode(payload, challenge);
    encode_u64(out, challenge->booking);
    encode_fixed(out, payload, sizeof payload);
    encode_signature(out, SIGN_CHALLENGE, BYTES_OF(payload), renter, chain_id);
    if (lock)
        encode_signature(out, SIGN_LOCK_LOG, BYTES_OF(payload), lock, chain_id);
    else
        encode_bytes(out, bytes_of("", 0));
}
