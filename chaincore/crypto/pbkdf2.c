// SPDX-License-Identifier: Apache-2.0
#include "chaincore/crypto/pbkdf2.h"

#include <sodium.h>

_Static_assert(PBKDF2_BYTES == crypto_auth_hmacsha512_BYTES, "one block is one HMAC");

void pbkdf2_sha512(uint8_t out[PBKDF2_BYTES], struct bytes password, struct bytes salt_head,
                   struct bytes salt_tail, uint32_t rounds) {
    static const uint8_t block_number[4] = {0, 0, 0, 1};
    crypto_auth_hmacsha512_state keyed, state;
    uint8_t round[PBKDF2_BYTES];
    ENSURE(rounds > 0);
    // Keying costs two compressions: done once, then copied for every round.
    crypto_auth_hmacsha512_init(&keyed, password.data, password.len);
    state = keyed;
    crypto_auth_hmacsha512_update(&state, salt_head.data, salt_head.len);
    crypto_auth_hmacsha512_update(&state, salt_tail.data, salt_tail.len);
    crypto_auth_hmacsha512_update(&state, block_number, sizeof block_number);
    crypto_auth_hmacsha512_final(&state, round);
    memcpy(out, round, sizeof round);
    for (uint32_t i = 1; i < rounds; i++) {
        state = keyed;
        crypto_auth_hmacsha512_update(&state, round, sizeof round);
        crypto_auth_hmacsha512_final(&state, round);
        for (size_t j = 0; j < sizeof round; j++) out[j] ^= round[j];
    }
    sodium_memzero(&keyed, sizeof keyed);
    sodium_memzero(&state, sizeof state);
    sodium_memzero(round, sizeof round);
}
