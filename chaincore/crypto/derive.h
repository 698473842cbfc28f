// SPDX-License-Identifier: Apache-2.0
// SLIP-0010 for Ed25519: a tree of keys from one seed. The curve allows hardened steps alone, so a
// child says nothing about its parent, and there is no deriving of public keys.
//
// A path reads m/44'/5718'/0'/0': "m", then indices below 2^31 in decimal, each with its mark.
#ifndef LMM_CRYPTO_DERIVE_H
#define LMM_CRYPTO_DERIVE_H

#include "chaincore/base/bytes.h"

enum {
    DERIVE_DEPTH_MAX = 10,
    DERIVE_SEED_MIN = 16,
    DERIVE_SEED_MAX = 64,
};

struct derive_path {
    uint32_t indices[DERIVE_DEPTH_MAX]; // below 2^31; the mark is understood
    size_t depth;
};

// A place in the tree. Secret: clear it with secret_clear.
struct derived_key {
    uint8_t seed[32]; // for key_from_seed
    uint8_t chain_code[32];
};

// MALFORMED, OVERFLOW for an index of 2^31 or more, TOO_LARGE for too many, INVALID for a step
// without the mark.
enum status derive_path_parse(struct derive_path *out, struct bytes text) MUST_CHECK;
// The root. MALFORMED unless the seed is 16 to 64 bytes.
enum status derive_root(struct derived_key *out, struct bytes seed) MUST_CHECK;
// Replaces the key by its child. The index is below 2^31.
void derive_child(struct derived_key *key, uint32_t index);
// From the root down the whole path.
enum status derive_along(struct derived_key *out, struct bytes seed,
                         const struct derive_path *path) MUST_CHECK;

#endif
