// SPDX-License-Identifier: Apache-2.0
// What nodes say to one another about what lies behind a node that joins: a snapshot of the state
// (ledger/snapshot.h) and the blocks below it, as their logs hold them. A tag, then the fields in
// Borsh. One message, one encoding.
//
//   0 ASK      number u32, what u8, height u64, which u32, offset u32
//   1 PART     number u32, height u64, total u32, offset u32, bytes
//   2 NOTHING  number u32, oldest u64, snapshot u64
//
// An answer has the number of what it answers. Whatever is asked for is a row of bytes, which
// may be larger than one answer: so an ask says from where on, and its answer ends where the row
// does, or behind PAST_ANSWER_BYTES. Blocks come one after the other, each one lower than the last,
// until `which` of them have come or so many bytes; the last may be cut, and is asked on. NOTHING
// ends an answer, and tells what is there.
#ifndef LMM_SYNC_PAST_MESSAGE_H
#define LMM_SYNC_PAST_MESSAGE_H

#include "chaincore/base/codec.h"
#include "chaincore/base/limits.h"
#include "chaincore/ledger/snapshot.h"

enum past_kind { PAST_ASK, PAST_PART, PAST_NOTHING, PAST_KINDS };

enum past_what {
    PAST_MANIFEST, // of the snapshot at the height, or of the newest, for height 0
    PAST_PIECE,    // number `which` of the snapshot at the height
    PAST_BLOCKS,   // from the height downwards, `which` of them
    PAST_WHATS
};

enum {
    PAST_ANSWER_BYTES = 1024 * 1024,
    PAST_MAX_BYTES = 1 + 4 + 8 + 4 + 4 + 4 + PAST_ANSWER_BYTES,
    // A block as the log holds it: transactions, receipts and events, each with its length.
    PAST_MAX_BLOCK_BYTES = HEADER_MAX_BYTES + 4 + LIMIT_BLOCK_BYTES + LIMIT_BLOCK_RESULT_BYTES +
                           4 * LIMIT_BLOCK_TIMERS,
    PAST_MAX_BLOCKS = 256, // asked for at once
};

struct past_message {
    enum past_kind kind;
    uint32_t number;
    enum past_what what; // of ASK, as the next two
    uint64_t height;     // of PART too: of the snapshot or the block
    uint32_t which;
    uint32_t offset; // of ASK and PART
    uint32_t total;  // of PART: bytes of the row
    struct bytes bytes;
    uint64_t oldest;   // of NOTHING: the lowest block that is there
    uint64_t snapshot; // of NOTHING: the height of the newest; 0: none
};

void past_encode(struct buf *out, const struct past_message *message);
// Slices borrow from `in`.
enum status past_decode(struct past_message *out, struct bytes in) MUST_CHECK;
// How large what is asked for may be.
uint32_t past_most_bytes(enum past_what what);

#endif
