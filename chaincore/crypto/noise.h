// SPDX-License-Identifier: Apache-2.0
// Noise_XX_25519_ChaChaPoly_SHA256 (noiseprotocol.org, revision 34): two strangers agree on keys
// that nobody else has, and each learns the other's static key, which is shown to nobody else.
//
//   -> e            <- e, ee, s, es            -> s, se
//
// Each of the three messages carries a payload: the first in the clear, the second to whoever sent
// the first, the third to the one whose static key the initiator has read. What is said in the
// third, and in answer to it, is from the holders of both static keys.
//
// A handshake that has failed is dead: begin another on a new connection.
#ifndef LMM_CRYPTO_NOISE_H
#define LMM_CRYPTO_NOISE_H

#include "chaincore/crypto/seal.h"

enum {
    NOISE_HASH_BYTES = 32,
    NOISE_TAG_BYTES = 16,
    NOISE_MESSAGE_MAX = 65535, // bytes of any message, its tags included
    NOISE_PLAIN_MAX = NOISE_MESSAGE_MAX - NOISE_TAG_BYTES,
    NOISE_HANDSHAKE_MESSAGES = 3,
};

enum noise_role { NOISE_INITIATOR, NOISE_RESPONDER };

// One direction: a key, and how many messages it has sealed.
struct noise_cipher {
    uint8_t key[32];
    uint64_t count;
    bool has_key;
};

struct noise_handshake {
    enum noise_role role;
    unsigned turn; // of the messages, 0 to 2; then it is done
    bool has_failed;
    uint8_t hash[NOISE_HASH_BYTES]; // of all that both have seen; the same at both ends when done
    uint8_t chaining_key[NOISE_HASH_BYTES];
    struct noise_cipher cipher;
    struct enc_secret_key own_static, own_ephemeral;
    struct enc_public_key own_static_public, own_ephemeral_public;
    struct enc_public_key other_static; // once the second (or third) message is read
    struct enc_public_key other_ephemeral;
};

// The prologue is what both must have said alike before; else the first sealed message fails.
void noise_begin(struct noise_handshake *out, enum noise_role role,
                 const struct enc_secret_key *own_static, struct bytes prologue);
static inline bool noise_is_done(const struct noise_handshake *handshake) {
    return handshake->turn == NOISE_HANDSHAKE_MESSAGES && !handshake->has_failed;
}
// Whether the next message is this side's.
static inline bool noise_is_to_write(const struct noise_handshake *handshake) {
    return handshake->turn < NOISE_HANDSHAKE_MESSAGES && handshake->turn % 2 == handshake->role;
}
// Appends the next message, which must be this side's. TOO_LARGE: above NOISE_MESSAGE_MAX, nothing
// is appended; INVALID: the other's key is of small order.
enum status noise_write(struct noise_handshake *handshake, struct buf *out,
                        struct bytes payload) MUST_CHECK;
// Takes the next message, which must be the other's, and appends its payload. TRUNCATED;
// TOO_LARGE; INVALID as above; UNAUTHORIZED: it is not what the other sent, or the prologue
// differs.
enum status noise_read(struct noise_handshake *handshake, struct buf *payload,
                       struct bytes message) MUST_CHECK;
// When done: the keys of both directions. Clears all secrets; the hash and the other's static key
// stay.
void noise_split(struct noise_handshake *handshake, struct noise_cipher *send,
                 struct noise_cipher *receive);
void noise_clear(struct noise_handshake *handshake);

// Appends the text sealed, tag included. TOO_LARGE: above NOISE_PLAIN_MAX; CLOSED: the key has
// sealed 2^64 - 1 messages.
enum status noise_seal(struct noise_cipher *cipher, struct buf *out, struct bytes associated,
                       struct bytes plain) MUST_CHECK;
// Takes them in the order in which they were sealed: one lost, repeated or changed is UNAUTHORIZED,
// and the connection is to be closed. TRUNCATED; TOO_LARGE; CLOSED as above.
enum status noise_open(struct noise_cipher *cipher, struct buf *out, struct bytes associated,
                       struct bytes sealed) MUST_CHECK;

#endif
