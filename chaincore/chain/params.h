// SPDX-License-Identifier: Apache-2.0
// The chain's parameters: part of the state, committed to by each header's params_hash.
#ifndef LMM_CHAIN_PARAMS_H
#define LMM_CHAIN_PARAMS_H

#include "chaincore/base/codec.h"
#include "chaincore/crypto/hash.h"

// The rules by which this library makes and checks blocks. A node whose chain has agreed on newer
// ones stops before it signs.
enum { PROTOCOL_NEWEST = 1 };

enum { PARAMS_BYTES = 2 * 4 + 3 * 8 + 2 * 2 + 2 };

struct params {
    uint32_t block_interval_ms;
    uint32_t epoch_blocks;
    uint64_t min_gas_price; // base units per gas
    uint64_t block_gas_limit;
    uint64_t deposit_per_byte;   // base units that a byte of state locks
    uint16_t min_witnesses;      // with fewer candidates to elect, the old set goes on
    uint16_t protocol;           // at least 1
    bool leave_out_empty_blocks; // a devnet: no block without work, but for one a minute
    bool allow_floats;           // in deployed code
};

void params_encode(struct buf *out, const struct params *params);
void params_decode_from(struct decoder *in, struct params *out);
void params_hash(struct hash *out, const struct params *params);

#endif
