// SPDX-License-Identifier: Apache-2.0
// What nodes say to one another about final blocks, as bytes: a tag, then the fields in Borsh. One
// message, one encoding.
//
//   0 ASK_HEADERS  number u32, from u64, most u16
//   1 HEADERS      number u32, newest u64, headers (u32 count), certificate of the last, bytes
//   2 ASK_BLOCKS   number u32, from u64, count u16, most bytes u32
//   3 BLOCK        number u32, height u64, body, bytes
//   4 NOTHING      number u32, oldest u64, newest u64
//
// An answer has the number of what it answers. ASK_BLOCKS is answered by one BLOCK after another,
// each the next height, until `count` have come, or their bodies are `most bytes` or more. NOTHING
// ends an answer, and tells what is there.
#ifndef LMM_SYNC_SYNC_MESSAGE_H
#define LMM_SYNC_SYNC_MESSAGE_H

#include "chaincore/base/codec.h"
#include "chaincore/base/limits.h"
#include "chaincore/chain/certificate.h"
#include "chaincore/chain/header.h"

enum sync_kind {
    SYNC_ASK_HEADERS,
    SYNC_HEADERS,
    SYNC_ASK_BLOCKS,
    SYNC_BLOCK,
    SYNC_NOTHING,
    SYNC_KINDS
};

enum { SYNC_MAX_BYTES = 1 + 4 + 8 + 4 + LIMIT_BODY_BYTES };

struct sync_message {
    enum sync_kind kind;
    uint32_t number;
    uint64_t from;            // of asks and of BLOCK, whose height it is
    uint16_t count;           // of asks: headers or blocks, one at least
    uint32_t most_bytes;      // of ASK_BLOCKS: one at least
    uint64_t newest;          // final at the peer
    uint64_t oldest;          // of NOTHING: whose body is there
    struct bytes headers;     // encoded, `header_count` of them; borrowed
    uint16_t header_count;    // 1 to LIMIT_SYNC_HEADERS
    struct bytes certificate; // FINALIZE, as its set encodes it; borrowed
    struct bytes body;        // borrowed
};

void sync_encode(struct buf *out, const struct sync_message *message);
// Slices borrow from `in`.
enum status sync_decode(struct sync_message *out, struct bytes in) MUST_CHECK;

#endif
