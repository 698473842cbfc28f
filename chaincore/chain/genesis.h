// SPDX-License-Identifier: Apache-2.0
// What a chain starts from. The hash of its head (genesis_head.h) is the chain's id, which every
// signature covers. Contracts stand in it by the hash of their code, which itself comes beside it.
#ifndef LMM_CHAIN_GENESIS_H
#define LMM_CHAIN_GENESIS_H

#include "chaincore/chain/account_id.h"
#include "chaincore/chain/amount.h"
#include "chaincore/chain/genesis_head.h"
#include "chaincore/chain/header.h"

enum { GENESIS_MAX_ACCOUNTS = 4096, GENESIS_MAX_BYTES = 256 * 1024 };
// Base units. Beyond, rewards might not fit some day.
static const uint64_t GENESIS_MAX_SUPPLY = UINT64_C(1) << 62;

struct genesis_account {
    struct account_id id;
    struct amount balance;
};

struct genesis_witness {
    struct account_id account; // earns the rewards
    struct public_key key;     // signs the blocks
};

struct genesis_contract {
    struct bytes name; // [a-z0-9-]; its id is account_id_of_system_contract(name)
    struct hash code_hash;
    struct bytes arguments; // for its `init`
};

// The arrays are borrowed: from the caller when encoded, from the arena when decoded.
struct genesis {
    struct bytes name; // "devnet": what people call the chain
    uint64_t time_ms;
    struct params params;
    uint32_t account_count;
    const struct genesis_account *accounts;
    uint16_t witness_count;
    const struct genesis_witness *witnesses;
    uint32_t contract_count;
    const struct genesis_contract *contracts;
};

struct arena;
void genesis_encode(struct buf *out, const struct genesis *genesis);
// INVALID for accounts or names out of order or twice, a name of other letters, no witness, a
// supply above GENESIS_MAX_SUPPLY, or parameters that no block could be made under.
enum status genesis_decode(struct genesis *out, struct arena *arena, struct bytes in) MUST_CHECK;
void genesis_head_encode(struct buf *out, const struct genesis *genesis);
void genesis_chain_id(struct hash *out, const struct genesis *genesis);
void genesis_witness_set(struct witness_set *out, const struct genesis *genesis);
// Of height 0, which has no body and no certificate: whoever knows genesis makes it.
void genesis_header(struct header *out, const struct genesis *genesis,
                    const struct hash *state_root);

#endif
