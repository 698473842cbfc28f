// SPDX-License-Identifier: Apache-2.0
// The id of an account or contract: 32 bytes, shown to people as a Bech32m address
// (chaincore/crypto/address.h). An account's is the hash of its first key, a contract's the hash of
// who deployed it and when.
#ifndef LMM_CHAIN_ACCOUNT_ID_H
#define LMM_CHAIN_ACCOUNT_ID_H

#include "chaincore/base/bytes.h"
#include "chaincore/crypto/hash.h"
#include "chaincore/crypto/sign.h"

struct account_id {
    uint8_t bytes[32];
};

static inline bool account_id_equal(const struct account_id *a, const struct account_id *b) {
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static inline void account_id_of_key(struct account_id *out, const struct public_key *key) {
    struct hash hash;
    hash_bytes(&hash, HASH_ACCOUNT, BYTES_OF(key->bytes));
    memcpy(out->bytes, hash.bytes, sizeof out->bytes);
}

// The contract that the action at `action_index` of a transaction deploys.
static inline void account_id_of_deployed(struct account_id *out, const struct hash *tx_id,
                                          uint32_t action_index) {
    uint8_t preimage[36];
    struct hash hash;
    memcpy(preimage, tx_id->bytes, 32);
    store_u32_le(preimage + 32, action_index);
    hash_bytes(&hash, HASH_CONTRACT, BYTES_OF(preimage));
    memcpy(out->bytes, hash.bytes, sizeof out->bytes);
}

// A contract that stands in genesis under a name, "supplychain" say: the same on every chain.
static inline void account_id_of_system_contract(struct account_id *out, const char *name) {
    struct hash hash;
    hash_bytes(&hash, HASH_CONTRACT, bytes_of_string(name));
    memcpy(out->bytes, hash.bytes, sizeof out->bytes);
}

#endif
