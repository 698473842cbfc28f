// SPDX-License-Identifier: Apache-2.0
// A block's header. Its id is the hash of its encoding; everything else about the block hangs below
// it by a root, and every older header by history_root.
#ifndef LMM_CHAIN_HEADER_H
#define LMM_CHAIN_HEADER_H

#include "chaincore/base/codec.h"
#include "chaincore/base/limits.h"
#include "chaincore/crypto/hash.h"

enum {
    HEADER_VERSION = 1,
    VOTER_BITMAP_BYTES = (LIMIT_WITNESSES + 7) / 8,
    HEADER_MAX_BYTES = 337 + VOTER_BITMAP_BYTES
};

struct header {
    uint8_t version;
    struct hash chain_id;
    uint16_t shard; // 0 until there are shards
    uint64_t height;
    uint64_t epoch;
    uint64_t view;
    struct hash parent; // the id of the header below; zero at height 0
    uint64_t time_ms;
    uint16_t leader; // index in the witness set
    struct hash set_hash;
    struct hash next_set_hash; // at an epoch's last block, else zero
    struct hash tx_root;
    struct hash receipts_root;
    struct hash state_root;   // after this block
    struct hash history_root; // list root of the ids of headers 0 to height - 1
    struct hash params_hash;
    uint64_t gas_used;
    uint8_t parent_voters_len; // bytes used of the bitmap: one bit per witness of the parent's set
    uint8_t parent_voters[VOTER_BITMAP_BYTES];
};

void header_encode(struct buf *out, const struct header *header);
void header_decode_from(struct decoder *in, struct header *out);
enum status header_decode(struct header *out, struct bytes in) MUST_CHECK;
void header_id(struct hash *out, const struct header *header);

#endif
