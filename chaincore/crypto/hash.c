// SPDX-License-Identifier: Apache-2.0
#include "chaincore/crypto/hash.h"

#include <sodium.h>

_Static_assert(sizeof(struct hasher) >= sizeof(crypto_generichash_blake2b_state),
               "a hasher holds libsodium's state");
_Static_assert(alignof(struct hasher) >= alignof(crypto_generichash_blake2b_state),
               "a hasher is aligned for libsodium's state");

const uint8_t hash_personalisations[HASH_DOMAINS][16] = {
#define X(name, text) text,
    HASH_DOMAIN_LIST(X)
#undef X
};

static crypto_generichash_blake2b_state *state_of(struct hasher *hasher) {
    return (crypto_generichash_blake2b_state *)(void *)hasher->opaque;
}

// libsodium's BLAKE2b fails on misuse alone.
void hasher_init(struct hasher *hasher, enum hash_domain domain) {
    ENSURE(crypto_generichash_blake2b_init_salt_personal(state_of(hasher), NULL, 0,
                                                         sizeof(struct hash), NULL,
                                                         hash_personalisations[domain]) == 0);
}

void hasher_add(struct hasher *hasher, struct bytes in) {
    ENSURE(crypto_generichash_blake2b_update(state_of(hasher), in.data, in.len) == 0);
}

void hasher_finish(struct hasher *hasher, struct hash *out) {
    ENSURE(crypto_generichash_blake2b_final(state_of(hasher), out->bytes, sizeof out->bytes) == 0);
}

void hash_bytes(struct hash *out, enum hash_domain domain, struct bytes in) {
    ENSURE(crypto_generichash_blake2b_salt_personal(out->bytes, sizeof out->bytes, in.data, in.len,
                                                    NULL, 0, NULL,
                                                    hash_personalisations[domain]) == 0);
}

void hash_node(struct hash *out, const struct hash *left, const struct hash *right) {
    uint8_t both[64];
    memcpy(both, left->bytes, 32);
    memcpy(both + 32, right->bytes, 32);
    hash_bytes(out, HASH_NODE, BYTES_OF(both));
}

bool hash_is_zero(const struct hash *hash) {
    static const struct hash zero;
    return hash_equal(hash, &zero);
}
