// SPDX-License-Identifier: Apache-2.0
#include "chaincore/crypto/sign.h"

#include <sodium.h>

#include "chaincore/base/log.h"
#include "chaincore/crypto/edge_cases.h"
#include "chaincore/crypto/sign_lanes.h"

enum { TAG_BYTES = 16, MESSAGE_BYTES = TAG_BYTES + 32 + 32 };

static const uint8_t tags[SIGN_TAGS][TAG_BYTES] = {
#define X(name, text) text,
    SIGN_TAG_LIST(X)
#undef X
};

enum status crypto_init(void) {
    if (sodium_init() < 0) {
        log_error("crypto", "libsodium does not start");
        return STATUS_UNSUPPORTED;
    }
    enum status status = edge_check(sign_verify_raw);
    return status == STATUS_OK ? sign_lanes_init() : status;
}

void key_from_seed(struct secret_key *secret, struct public_key *public, const uint8_t seed[32]) {
    ENSURE(crypto_sign_seed_keypair(public->bytes, secret->bytes, seed) == 0);
}

void key_public_of(struct public_key *out, const struct secret_key *secret) {
    memcpy(out->bytes, secret->bytes + 32, sizeof out->bytes);
}

static void make_message(uint8_t out[MESSAGE_BYTES], enum sign_tag tag, const struct hash *chain_id,
                         const struct hash *payload) {
    memcpy(out, tags[tag], TAG_BYTES);
    memcpy(out + TAG_BYTES, chain_id->bytes, 32);
    memcpy(out + TAG_BYTES + 32, payload->bytes, 32);
}

void sign_payload(struct signature *out, const struct secret_key *key, enum sign_tag tag,
                  const struct hash *chain_id, const struct hash *payload) {
    uint8_t message[MESSAGE_BYTES];
    make_message(message, tag, chain_id, payload);
    ENSURE(crypto_sign_detached(out->bytes, NULL, message, sizeof message, key->bytes) == 0);
}

bool sign_verify(const struct signature *signature, const struct public_key *key, enum sign_tag tag,
                 const struct hash *chain_id, const struct hash *payload) {
    uint8_t message[MESSAGE_BYTES];
    make_message(message, tag, chain_id, payload);
    return sign_verify_raw(signature, key, BYTES_OF(message));
}

// A bounded number at a time: each has its message on the stack.
static void verify_in_lanes(bool *valid, const struct sign_item *items, size_t count,
                            const struct hash *chain_id) {
    uint8_t messages[SIGN_LANES_AT_ONCE][MESSAGE_BYTES];
    struct sign_lane lanes[SIGN_LANES_AT_ONCE];
    for (size_t i = 0; i < count; i++) {
        make_message(messages[i], items[i].tag, chain_id, items[i].payload);
        lanes[i] = (struct sign_lane){items[i].signature, items[i].key, BYTES_OF(messages[i])};
    }
    sign_lanes_verify(valid, lanes, count);
}

void sign_verify_many(bool *valid, const struct sign_item *items, size_t count,
                      const struct hash *chain_id) {
    size_t done = 0;
    while (sign_lanes_are_on() && count - done > 1) {
        size_t now = count - done < SIGN_LANES_AT_ONCE ? count - done : SIGN_LANES_AT_ONCE;
        verify_in_lanes(valid + done, items + done, now, chain_id);
        done += now;
    }
    for (size_t i = done; i < count; i++)
        valid[i] =
            sign_verify(items[i].signature, items[i].key, items[i].tag, chain_id, items[i].payload);
}

bool sign_verify_raw(const struct signature *signature, const struct public_key *key,
                     struct bytes message) {
    return crypto_sign_verify_detached(signature->bytes, message.data, message.len, key->bytes) ==
           0;
}

void random_bytes(void *out, size_t len) { randombytes_buf(out, len); }

void secret_clear(void *secret, size_t len) { sodium_memzero(secret, len); }

bool secret_equal(const void *a, const void *b, size_t len) {
    return sodium_memcmp(a, b, len) == 0;
}
