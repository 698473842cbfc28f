// SPDX-License-Identifier: Apache-2.0
#include "chaincore/crypto/table_hash.h"

#include <sodium.h>

#include "chaincore/base/codec.h"

_Static_assert(sizeof(struct table_key) == crypto_shorthash_KEYBYTES, "SipHash's key");

void table_key_draw(struct table_key *out) { crypto_shorthash_keygen(out->bytes); }

uint64_t table_hash(const struct table_key *key, struct bytes in) {
    uint8_t out[crypto_shorthash_BYTES];
    ENSURE(crypto_shorthash(out, in.data, in.len, key->bytes) == 0);
    return load_u64_le(out);
}
