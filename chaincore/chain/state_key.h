// SPDX-License-Identifier: Apache-2.0
// Where things stand in the one ordered key space of the state: a byte for the kind, then the id.
// Devices prove values under these keys, so they are protocol.
#ifndef LMM_CHAIN_STATE_KEY_H
#define LMM_CHAIN_STATE_KEY_H

#include "chaincore/base/limits.h"
#include "chaincore/chain/account_id.h"

enum state_space {
    STATE_ACCOUNT = 1,        // ‖ account id -> struct account
    STATE_CONTRACT = 2,       // ‖ contract id -> struct contract_record
    STATE_STORAGE = 3,        // ‖ contract id ‖ the contract's own key -> its value
    STATE_CODE = 4,           // ‖ code hash -> module
    STATE_CHAIN = 5,          // ‖ a name -> parameters and counters of the chain
    STATE_ENC_KEY = 6,        // ‖ account id ‖ version u32, big-endian -> an older X25519 key
    STATE_STAKE = 7,          // ‖ account id -> struct stake
    STATE_CANDIDATE = 8,      // ‖ account id -> struct candidate
    STATE_VOTES = 9,          // ‖ account id -> the candidates it votes for
    STATE_CONSENSUS_KEY = 10, // ‖ public key -> the candidate's account id
    STATE_LANE = 11,          // ‖ account id ‖ number u32, big-endian -> struct lane
    STATE_STREAM = 12,        // ‖ account id -> {seq, head} of its envelopes
    STATE_WITNESSES = 13,     // ‖ an epoch's complement u64, big-endian -> who serve from it on
    STATE_BALLOT = 14,        // ‖ account id -> what a witness approves of
    STATE_APPROVED = 15,      // ‖ contract id -> hashes of code and arguments that it may get
    STATE_EPOCH_END = 16,     // ‖ an epoch u64, big-endian -> its last block's time u64
    STATE_TIMER = 32,         // ‖ due u64 ‖ id u64, big-endian -> struct timer
    STATE_CODE_USERS = 33,    // ‖ code hash -> how many contracts have it, u32
};

enum { STATE_KEY_PREFIX = 1 + 32, STATE_KEY_MAX = STATE_KEY_PREFIX + LIMIT_STORAGE_KEY_BYTES };

struct state_key {
    uint16_t len;
    uint8_t bytes[STATE_KEY_MAX];
};

static inline struct bytes state_key_bytes(const struct state_key *key) {
    return bytes_of(key->bytes, key->len);
}

// `rest` is at most LIMIT_STORAGE_KEY_BYTES long.
static inline void state_key_make(struct state_key *out, enum state_space space, const void *id,
                                  struct bytes rest) {
    out->bytes[0] = (uint8_t)space;
    memcpy(out->bytes + 1, id, 32);
    if (rest.len > 0) memcpy(out->bytes + 33, rest.data, rest.len);
    out->len = (uint16_t)(33 + rest.len);
}

// Of STATE_CHAIN: "params", "params-next", "supply", "candidates", "turns", "leaders", "timers"
// (docs/protocol.md).
static inline void state_key_of_chain(struct state_key *out, const char *name) {
    size_t len = strlen(name);
    out->bytes[0] = STATE_CHAIN;
    memcpy(out->bytes + 1, name, len);
    out->len = (uint16_t)(1 + len);
}

#endif
