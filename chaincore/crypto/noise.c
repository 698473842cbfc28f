// SPDX-License-Identifier: Apache-2.0
#include "chaincore/crypto/noise.h"

#include <sodium.h>

#include "chaincore/crypto/sha256.h"
#include "chaincore/crypto/sign.h"

_Static_assert(NOISE_TAG_BYTES == crypto_aead_chacha20poly1305_ietf_ABYTES, "tag");
_Static_assert((int)NOISE_HASH_BYTES == (int)SHA256_SIZE, "hash");

static const char protocol[] = "Noise_XX_25519_ChaChaPoly_SHA256";
_Static_assert(sizeof protocol - 1 == NOISE_HASH_BYTES, "a name as long as a hash is not hashed");

enum token { TOKEN_END, TOKEN_E, TOKEN_S, TOKEN_EE, TOKEN_ES, TOKEN_SE };
static const enum token pattern[NOISE_HANDSHAKE_MESSAGES][5] = {
    {TOKEN_E},
    {TOKEN_E, TOKEN_EE, TOKEN_S, TOKEN_ES},
    {TOKEN_S, TOKEN_SE},
};

// --- one direction ---

static void take_nonce(uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES],
                       struct noise_cipher *cipher) {
    memset(nonce, 0, crypto_aead_chacha20poly1305_ietf_NPUBBYTES);
    store_u64_le(nonce + 4, cipher->count++);
}

enum status noise_seal(struct noise_cipher *cipher, struct buf *out, struct bytes associated,
                       struct bytes plain) {
    uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];
    if (plain.len > NOISE_PLAIN_MAX) return STATUS_TOO_LARGE;
    if (cipher->count == UINT64_MAX) return STATUS_CLOSED;
    take_nonce(nonce, cipher);
    uint8_t *room = buf_reserve(out, plain.len + NOISE_TAG_BYTES);
    ENSURE(crypto_aead_chacha20poly1305_ietf_encrypt(room, NULL, plain.data, plain.len,
                                                     associated.data, associated.len, NULL, nonce,
                                                     cipher->key) == 0);
    out->len += plain.len + NOISE_TAG_BYTES;
    return STATUS_OK;
}

enum status noise_open(struct noise_cipher *cipher, struct buf *out, struct bytes associated,
                       struct bytes sealed) {
    uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];
    if (sealed.len < NOISE_TAG_BYTES) return STATUS_TRUNCATED;
    if (sealed.len > NOISE_MESSAGE_MAX) return STATUS_TOO_LARGE;
    if (cipher->count == UINT64_MAX) return STATUS_CLOSED;
    take_nonce(nonce, cipher);
    size_t plain_len = sealed.len - NOISE_TAG_BYTES;
    uint8_t *room = buf_reserve(out, plain_len + 1); // something to point at when it is empty
    if (crypto_aead_chacha20poly1305_ietf_decrypt(room, NULL, NULL, sealed.data, sealed.len,
                                                  associated.data, associated.len, nonce,
                                                  cipher->key) != 0)
        return STATUS_UNAUTHORIZED;
    out->len += plain_len;
    return STATUS_OK;
}

// --- what both sides mix in alike ---

static void mix_hash(struct noise_handshake *handshake, struct bytes data) {
    struct sha256_stream stream;
    sha256_begin(&stream);
    sha256_add(&stream, BYTES_OF(handshake->hash));
    sha256_add(&stream, data);
    sha256_end(&stream, handshake->hash);
}

// HKDF of two outputs.
static void derive(uint8_t first[NOISE_HASH_BYTES], uint8_t second[NOISE_HASH_BYTES],
                   const uint8_t chaining_key[NOISE_HASH_BYTES], struct bytes material) {
    uint8_t key[NOISE_HASH_BYTES], more[NOISE_HASH_BYTES + 1];
    const uint8_t one = 1;
    sha256_hmac(key, bytes_of(chaining_key, NOISE_HASH_BYTES), material);
    sha256_hmac(first, BYTES_OF(key), BYTES_OF(one));
    memcpy(more, first, NOISE_HASH_BYTES);
    more[NOISE_HASH_BYTES] = 2;
    sha256_hmac(second, BYTES_OF(key), BYTES_OF(more));
    secret_clear(key, sizeof key);
    secret_clear(more, sizeof more);
}

static void mix_key(struct noise_handshake *handshake, struct bytes material) {
    uint8_t chaining_key[NOISE_HASH_BYTES];
    derive(chaining_key, handshake->cipher.key, handshake->chaining_key, material);
    memcpy(handshake->chaining_key, chaining_key, sizeof chaining_key);
    handshake->cipher.has_key = true;
    handshake->cipher.count = 0;
    secret_clear(chaining_key, sizeof chaining_key);
}

static enum status mix_secret(struct noise_handshake *handshake, enum token token) {
    bool is_initiator = handshake->role == NOISE_INITIATOR;
    bool is_own_static = token == (is_initiator ? TOKEN_SE : TOKEN_ES);
    bool is_other_static = token == (is_initiator ? TOKEN_ES : TOKEN_SE);
    uint8_t shared[32];
    enum status status = enc_shared_secret(
        shared, is_own_static ? &handshake->own_static : &handshake->own_ephemeral,
        is_other_static ? &handshake->other_static : &handshake->other_ephemeral);
    if (status != STATUS_OK) return status;
    mix_key(handshake, BYTES_OF(shared));
    secret_clear(shared, sizeof shared);
    return STATUS_OK;
}

static enum status seal_and_mix(struct noise_handshake *handshake, struct buf *out,
                                struct bytes plain) {
    size_t from = out->len;
    enum status status = STATUS_OK;
    if (handshake->cipher.has_key)
        status = noise_seal(&handshake->cipher, out, BYTES_OF(handshake->hash), plain);
    else
        buf_append(out, plain);
    if (status == STATUS_OK) mix_hash(handshake, bytes_of(out->data + from, out->len - from));
    return status;
}

static enum status open_and_mix(struct noise_handshake *handshake, struct buf *out,
                                struct bytes sealed) {
    enum status status = STATUS_OK;
    if (handshake->cipher.has_key)
        status = noise_open(&handshake->cipher, out, BYTES_OF(handshake->hash), sealed);
    else
        buf_append(out, sealed);
    if (status == STATUS_OK) mix_hash(handshake, sealed);
    return status;
}

// --- the messages ---

void noise_begin(struct noise_handshake *out, enum noise_role role,
                 const struct enc_secret_key *own_static, struct bytes prologue) {
    *out = (struct noise_handshake){.role = role, .own_static = *own_static};
    enc_key_public_of(&out->own_static_public, own_static);
    enc_key_generate(&out->own_ephemeral, &out->own_ephemeral_public);
    memcpy(out->hash, protocol, NOISE_HASH_BYTES);
    memcpy(out->chaining_key, protocol, NOISE_HASH_BYTES);
    mix_hash(out, prologue);
}

// What a message takes besides its payload.
static size_t overhead_of(unsigned turn) {
    static const size_t overhead[NOISE_HANDSHAKE_MESSAGES] = {
        sizeof(struct enc_public_key),
        2 * sizeof(struct enc_public_key) + 2 * (size_t)NOISE_TAG_BYTES,
        sizeof(struct enc_public_key) + 2 * (size_t)NOISE_TAG_BYTES,
    };
    return overhead[turn];
}

static enum status write_token(struct noise_handshake *handshake, struct buf *out,
                               enum token token) {
    switch (token) {
    case TOKEN_E:
        buf_append(out, BYTES_OF(handshake->own_ephemeral_public));
        mix_hash(handshake, BYTES_OF(handshake->own_ephemeral_public));
        return STATUS_OK;
    case TOKEN_S:
        return seal_and_mix(handshake, out, BYTES_OF(handshake->own_static_public));
    default:
        return mix_secret(handshake, token);
    }
}

enum status noise_write(struct noise_handshake *handshake, struct buf *out, struct bytes payload) {
    size_t from = out->len;
    enum status status = STATUS_OK;
    ENSURE(noise_is_to_write(handshake) && !handshake->has_failed);
    if (payload.len > NOISE_MESSAGE_MAX - overhead_of(handshake->turn)) return STATUS_TOO_LARGE;
    const enum token *tokens = pattern[handshake->turn++];
    for (size_t i = 0; status == STATUS_OK && tokens[i] != TOKEN_END; i++)
        status = write_token(handshake, out, tokens[i]);
    if (status == STATUS_OK) status = seal_and_mix(handshake, out, payload);
    handshake->has_failed = status != STATUS_OK;
    if (handshake->has_failed) out->len = from;
    return status;
}

static struct bytes take(struct bytes *left, size_t len) {
    struct bytes taken = bytes_of(left->data, len);
    *left = bytes_of(left->data + len, left->len - len);
    return taken;
}

static enum status read_static(struct noise_handshake *handshake, struct bytes sealed) {
    uint8_t room[sizeof(struct enc_public_key) + 1];
    struct buf key = BUF_OVER(room);
    enum status status = open_and_mix(handshake, &key, sealed);
    if (status == STATUS_OK) memcpy(handshake->other_static.bytes, key.data, key.len);
    return status;
}

static enum status read_token(struct noise_handshake *handshake, struct bytes *left,
                              enum token token) {
    struct enc_public_key *ephemeral = &handshake->other_ephemeral;
    switch (token) {
    case TOKEN_E:
        memcpy(ephemeral->bytes, take(left, sizeof *ephemeral).data, sizeof *ephemeral);
        mix_hash(handshake, BYTES_OF(*ephemeral));
        return STATUS_OK;
    case TOKEN_S:
        return read_static(handshake, take(left, sizeof *ephemeral + NOISE_TAG_BYTES));
    default:
        return mix_secret(handshake, token);
    }
}

enum status noise_read(struct noise_handshake *handshake, struct buf *payload,
                       struct bytes message) {
    ENSURE(handshake->turn < NOISE_HANDSHAKE_MESSAGES && !noise_is_to_write(handshake) &&
           !handshake->has_failed);
    enum status status = STATUS_OK;
    if (message.len < overhead_of(handshake->turn)) status = STATUS_TRUNCATED;
    if (message.len > NOISE_MESSAGE_MAX) status = STATUS_TOO_LARGE;
    const enum token *tokens = pattern[handshake->turn++];
    for (size_t i = 0; status == STATUS_OK && tokens[i] != TOKEN_END; i++)
        status = read_token(handshake, &message, tokens[i]);
    if (status == STATUS_OK) status = open_and_mix(handshake, payload, message);
    handshake->has_failed = status != STATUS_OK;
    return status;
}

static void clear_secrets(struct noise_handshake *handshake) {
    secret_clear(&handshake->own_static, sizeof handshake->own_static);
    secret_clear(&handshake->own_ephemeral, sizeof handshake->own_ephemeral);
    secret_clear(handshake->chaining_key, sizeof handshake->chaining_key);
    secret_clear(&handshake->cipher, sizeof handshake->cipher);
}

void noise_split(struct noise_handshake *handshake, struct noise_cipher *send,
                 struct noise_cipher *receive) {
    ENSURE(noise_is_done(handshake));
    bool is_initiator = handshake->role == NOISE_INITIATOR;
    struct noise_cipher *first = is_initiator ? send : receive;
    struct noise_cipher *second = is_initiator ? receive : send;
    *first = *second = (struct noise_cipher){.has_key = true};
    derive(first->key, second->key, handshake->chaining_key, bytes_of(NULL, 0));
    clear_secrets(handshake);
}

void noise_clear(struct noise_handshake *handshake) {
    clear_secrets(handshake);
    handshake->has_failed = true;
}
