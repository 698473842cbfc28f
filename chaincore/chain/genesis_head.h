// SPDX-License-Identifier: Apache-2.0
// What a chain is named by. The head of its genesis says all that a light client has to know, and
// carries what may be long, balances and contracts' arguments, as hashes. The chain's id is the
// head's hash, so whoever knows the id needs these few thousand bytes alone. No allocation.
#ifndef LMM_CHAIN_GENESIS_HEAD_H
#define LMM_CHAIN_GENESIS_HEAD_H

#include "chaincore/chain/certificate.h"
#include "chaincore/chain/params.h"

enum {
    GENESIS_VERSION = 1,
    GENESIS_MAX_CONTRACTS = 16,
    GENESIS_MAX_NAME = 32,
    GENESIS_HEAD_MAX_BYTES = 1 + (4 + GENESIS_MAX_NAME) + 8 + PARAMS_BYTES + 32 +
                             (4 + 64 * LIMIT_WITNESSES) +
                             (4 + GENESIS_MAX_CONTRACTS * (4 + GENESIS_MAX_NAME + 64)),
};

struct genesis_head_contract {
    struct bytes name;
    struct hash code_hash;
    struct hash arguments_hash;
};

struct genesis_head {
    struct bytes name; // slices borrow from what was decoded
    uint64_t time_ms;
    struct params params;
    struct hash balances_hash;
    struct witness_set set; // of the first epoch
    uint32_t contract_count;
    struct genesis_head_contract contracts[GENESIS_MAX_CONTRACTS];
};

// INVALID, as genesis_decode, for what no chain begins with.
enum status genesis_head_decode(struct genesis_head *out, struct bytes in) MUST_CHECK;
// The id of the chain that has this head.
void genesis_head_id(struct hash *out, struct bytes head);

// [a-z0-9-], not empty.
bool genesis_is_name(struct bytes name);
// Parameters that a chain can begin with: an epoch of one block would end with the block that
// begins it.
bool genesis_is_sane(const struct params *params);

#endif
