// SPDX-License-Identifier: Apache-2.0
// The durable commit: every block of the chain, in segments of about 64 MiB, each record with its
// checksum. A segment that is full gets an index beside it (ledger/tx_index.h). The transactions of
// the open one are in memory; of closed ones a filter of ten bits for each, within
// LIMIT_LOG_FILTER_BYTES, so that a segment which does not hold an id costs no read. A start reads
// one page for each segment.
//
// One writer; reads and look-ups on any thread, which never wait for the writer's disk.
#ifndef LMM_LEDGER_BLOCK_LOG_H
#define LMM_LEDGER_BLOCK_LOG_H

#include "chaincore/base/buf.h"
#include "chaincore/crypto/hash.h"

struct block_log;

struct block_log_config {
    const char *directory;   // created when missing
    uint64_t durable_height; // blocks up to it are final: they must be whole. Others may be lost
    uint64_t segment_bytes;  // 0: the usual size
    // Where an empty log begins; 0: at height 1 (genesis has no body).
    uint64_t first_height;
    // Every block from here on must be there; 0: all from first_height on.
    uint64_t needed_from;
    uint64_t filter_bytes; // 0: LIMIT_LOG_FILTER_BYTES
};
enum status block_log_open(struct block_log **out,
                           const struct block_log_config *config) MUST_CHECK;
void block_log_close(struct block_log *log); // NULL is allowed

// The height below the first when it is empty.
uint64_t block_log_newest(struct block_log *log);
uint64_t block_log_oldest(struct block_log *log);
// The block above the newest. It is durable after block_log_sync, with all that were appended since
// the last one; a crash before it leaves any of them, from the lowest up. What fails leaves the log
// as it was, and may be tried again; but after a failed sync the log takes nothing more.
struct block_log_entry {
    uint64_t height;
    struct bytes block; // encoded
    const struct hash *tx_ids;
    uint32_t tx_count;
    uint64_t kept_until_ms; // block_kept_until_ms
};
enum status block_log_append(struct block_log *log, const struct block_log_entry *entry) MUST_CHECK;
enum status block_log_sync(struct block_log *log) MUST_CHECK;
// Blocks below the oldest, which end where it begins, as a segment of their own: for a node that
// has joined, and has them from others. Encoded, the lowest first; durable when it returns, and
// until then not there. The writer's thread. CONFLICT unless they do; CORRUPT for what is no block.
enum status block_log_prepend(struct block_log *log, uint64_t first_height,
                              const struct bytes *blocks, size_t count) MUST_CHECK;
// Replaces the content of `out`. NOT_FOUND above the newest and below the oldest; CORRUPT names the
// place in the log. An index that is damaged is made again from its segment, here and in look-ups.
enum status block_log_read(struct block_log *log, uint64_t height, struct buf *out) MUST_CHECK;
// The same of its first bytes alone, `most` at most. Below 64 MiB no checksum is held against them:
// the caller knows what they have to be.
enum status block_log_read_start(struct block_log *log, uint64_t height, size_t most,
                                 struct buf *out) MUST_CHECK;
// Removes the segments, oldest first, whose blocks are all below the height and need not be kept
// any more at this time. The writer's thread.
struct block_log_bound {
    uint64_t height;
    uint64_t now_ms;
};
// The newest block that would go; 0 when none would.
uint64_t block_log_prunable(const struct block_log *log, const struct block_log_bound *bound);
enum status block_log_prune(struct block_log *log, const struct block_log_bound *bound) MUST_CHECK;

struct block_log_place {
    uint64_t height;
    uint32_t index;
};
// Looks through the blocks from from_height on, and may look further back.
enum status block_log_find_tx(struct block_log *log, const struct hash *tx_id, uint64_t from_height,
                              struct block_log_place *out) MUST_CHECK;
// Of indexes since the log was opened: what starts and look-ups cost.
uint64_t block_log_pages_read(const struct block_log *log);

#endif
