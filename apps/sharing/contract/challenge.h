// SPDX-License-Identifier: Apache-2.0
// What renters and locks sign, and what the chain keeps for locks to read. Plain C, for the
// contract, a lock and a phone alike; integers are little-endian whatever the machine.
//
// A signature is Ed25519 over tag (16 bytes, NULs behind the text) ‖ chain_id ‖ lmm_hash of the
// bytes below, as crypto/sign.h has it: lmm_hash is hash_bytes with HASH_USER.
#ifndef LMM_SHARING_CONTRACT_CHALLENGE_H
#define LMM_SHARING_CONTRACT_CHALLENGE_H

#include <stdint.h>

// A renter signs a challenge by the booking's unlocking key under the tag `challenge`. A lock that
// takes something back signs the very same hash under the tag `lock-log`.
enum challenge_command { CHALLENGE_OPEN = 1, CHALLENGE_START = 2, CHALLENGE_RETURN = 3 };
#define CHALLENGE_TAG "lmm:challenge"
#define CHALLENGE_LOCK_TAG "lmm:lock-log"

struct challenge {
    uint8_t command;
    uint8_t lock[32];  // its public key
    uint8_t nonce[32]; // that the lock has drawn for this
    uint64_t counter;  // of the lock: each challenge has a greater one
    uint64_t booking;
    uint64_t height;  // of the header that the renter showed
    uint64_t time_ms; // by the lock's clock, which is never behind that header
};
enum { CHALLENGE_BYTES = 1 + 32 + 32 + 8 + 8 + 8 + 8 };

// A lock says under the tag `lock-log` that it belongs to an owner's asset.
struct lock_binding {
    uint64_t asset;
    uint8_t owner[32]; // account id
    uint8_t lock[32];
    uint64_t counter; // greater than in any binding before
};
enum { LOCK_BINDING_BYTES = 1 + 8 + 32 + 32 + 8 }; // a zero first, which is no command

// A grant stands in the contract's storage under 'g' ‖ booking (u64, big-endian) while its booking
// is open, and only when it has a lock.
enum { GRANT_VERSION = 1, GRANT_KEY_BYTES = 1 + 8 };
struct grant {
    uint8_t version;
    uint64_t booking;
    uint64_t asset;
    uint8_t lock[32];
    uint8_t renter_key[32];
    uint64_t from_ms;
    uint64_t until_ms;
    uint64_t policy_epoch; // of the lock when it was booked
};
enum { GRANT_BYTES = 1 + 8 + 8 + 32 + 32 + 8 + 8 + 8 };

// A policy stands under 'p' ‖ lock key while the lock is bound. Grants of an older epoch are void.
enum { POLICY_VERSION = 1, POLICY_KEY_BYTES = 1 + 32 };
struct policy {
    uint8_t version;
    uint64_t asset;
    uint8_t owner[32];
    uint64_t epoch;
};
enum { POLICY_BYTES = 1 + 8 + 32 + 8 };

// ---- their bytes

static inline uint8_t *challenge_put(uint8_t *out, const uint8_t *from, uint32_t len) {
    for (uint32_t i = 0; i < len; i++) out[i] = from[i];
    return out + len;
}

static inline uint8_t *challenge_put_u64(uint8_t *out, uint64_t value) {
    for (int i = 0; i < 8; i++) out[i] = (uint8_t)(value >> (8 * i));
    return out + 8;
}

static inline const uint8_t *challenge_take(uint8_t *out, const uint8_t *from, uint32_t len) {
    for (uint32_t i = 0; i < len; i++) out[i] = from[i];
    return from + len;
}

static inline const uint8_t *challenge_take_u64(uint64_t *out, const uint8_t *from) {
    *out = 0;
    for (int i = 0; i < 8; i++) *out |= (uint64_t)from[i] << (8 * i);
    return from + 8;
}

static inline void challenge_encode(uint8_t out[CHALLENGE_BYTES],
                                    const struct challenge *challenge) {
    *out++ = challenge->command;
    out = challenge_put(out, challenge->lock, 32);
    out = challenge_put(out, challenge->nonce, 32);
    out = challenge_put_u64(out, challenge->counter);
    out = challenge_put_u64(out, challenge->booking);
    out = challenge_put_u64(out, challenge->height);
    challenge_put_u64(out, challenge->time_ms);
}

static inline void challenge_decode(struct challenge *out, const uint8_t in[CHALLENGE_BYTES]) {
    out->command = *in++;
    in = challenge_take(out->lock, in, 32);
    in = challenge_take(out->nonce, in, 32);
    in = challenge_take_u64(&out->counter, in);
    in = challenge_take_u64(&out->booking, in);
    in = challenge_take_u64(&out->height, in);
    challenge_take_u64(&out->time_ms, in);
}

static inline void lock_binding_encode(uint8_t out[LOCK_BINDING_BYTES],
                                       const struct lock_binding *binding) {
    *out++ = 0;
    out = challenge_put_u64(out, binding->asset);
    out = challenge_put(out, binding->owner, 32);
    out = challenge_put(out, binding->lock, 32);
    challenge_put_u64(out, binding->counter);
}

static inline void grant_key(uint8_t out[GRANT_KEY_BYTES], uint64_t booking) {
    out[0] = 'g';
    for (int i = 0; i < 8; i++) out[1 + i] = (uint8_t)(booking >> (56 - 8 * i));
}

static inline void grant_encode(uint8_t out[GRANT_BYTES], const struct grant *grant) {
    *out++ = grant->version;
    out = challenge_put_u64(out, grant->booking);
    out = challenge_put_u64(out, grant->asset);
    out = challenge_put(out, grant->lock, 32);
    out = challenge_put(out, grant->renter_key, 32);
    out = challenge_put_u64(out, grant->from_ms);
    out = challenge_put_u64(out, grant->until_ms);
    challenge_put_u64(out, grant->policy_epoch);
}

// The caller has looked at the length and the version.
static inline void grant_decode(struct grant *out, const uint8_t in[GRANT_BYTES]) {
    out->version = *in++;
    in = challenge_take_u64(&out->booking, in);
    in = challenge_take_u64(&out->asset, in);
    in = challenge_take(out->lock, in, 32);
    in = challenge_take(out->renter_key, in, 32);
    in = challenge_take_u64(&out->from_ms, in);
    in = challenge_take_u64(&out->until_ms, in);
    challenge_take_u64(&out->policy_epoch, in);
}

static inline void policy_key(uint8_t out[POLICY_KEY_BYTES], const uint8_t lock[32]) {
    out[0] = 'p';
    challenge_put(out + 1, lock, 32);
}

static inline void policy_encode(uint8_t out[POLICY_BYTES], const struct policy *policy) {
    *out++ = policy->version;
    out = challenge_put_u64(out, policy->asset);
    out = challenge_put(out, policy->owner, 32);
    challenge_put_u64(out, policy->epoch);
}

static inline void policy_decode(struct policy *out, const uint8_t in[POLICY_BYTES]) {
    out->version = *in++;
    in = challenge_take_u64(&out->asset, in);
    in = challenge_take(out->owner, in, 32);
    challenge_take_u64(&out->epoch, in);
}

#endif
