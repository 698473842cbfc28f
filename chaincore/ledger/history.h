// SPDX-License-Identifier: Apache-2.0
// The chain's history: a Merkle mountain range over the ids of all headers, whose root stands in
// every later header. Its nodes lie in a file, 64 bytes a block, so that a branch to any height
// costs a few reads. The file is derived: when a start finds it short or its peaks wrong it is made
// again from the log, and what a branch finds damaged is mended then and there.
//
// One writer; branches may be asked for on any thread, up to the count that was last appended.
#ifndef LMM_LEDGER_HISTORY_H
#define LMM_LEDGER_HISTORY_H

#include "chaincore/chain/merkle.h"

struct history;

// The mountains over the first `count` ids, largest first, one for each set bit of count: all that
// is needed to go on, and to check that nothing else came before.
struct history_peaks {
    uint64_t count;
    struct hash peaks[MERKLE_MAX_DEPTH];
};
// Those over one id more.
void history_peaks_append(struct history_peaks *peaks, const struct hash *header_id);
void history_peaks_root(struct hash *out, const struct history_peaks *peaks);
void history_peaks_encode(struct buf *out, const struct history_peaks *peaks);
void history_peaks_decode_from(struct decoder *in, struct history_peaks *out);

// The id of the header at a height, from where it cannot be wrong. NOT_FOUND for one that is gone.
// Any thread.
typedef enum status history_read_id(void *context, uint64_t height, struct hash *out);

// Keeps what the file holds of the first `count` ids, or starts empty when it cannot be trusted:
// root is what they must add up to. Of the ids below `first` the file may know the peaks alone.
struct history_config {
    const char *path;
    uint64_t count;
    struct hash root;
    uint64_t first;
    history_read_id *read_id; // what branches are mended from; may be NULL
    void *context;
};
enum status history_open(struct history **out, const struct history_config *config) MUST_CHECK;
void history_close(struct history *history); // NULL is allowed
uint64_t history_count(const struct history *history);
// The id of the header at height history_count().
enum status history_append(struct history *history, const struct hash *header_id) MUST_CHECK;
// Begins anew behind the peaks: what lies below them is not known.
enum status history_import(struct history *history, const struct history_peaks *peaks) MUST_CHECK;
// For a history that was imported, once the ids below are known: the id at height peaks->count,
// from 0 on, which the peaks are appended by, and behind the last of them the end; until then they
// stay unknown. The writer's thread. What they add up to is the caller's to compare.
enum status history_fill(struct history *history, struct history_peaks *peaks,
                         const struct hash *header_id) MUST_CHECK;
enum status history_end_fill(struct history *history) MUST_CHECK;
// Those over all ids so far.
void history_peaks(const struct history *history, struct history_peaks *out);
// Those over fewer, from the file. The writer's thread. CORRUPT unless they add up to the root.
enum status history_peaks_at(const struct history *history, struct history_peaks *out,
                             uint64_t count, const struct hash *root) MUST_CHECK;
// The list root over all ids so far.
void history_root(const struct history *history, struct hash *out);
// The branch of the id at `height` in the list of the first `count`, which adds up to `root`.
// NOT_FOUND beyond the end, and where only peaks are known. What the file holds instead of the
// nodes of the branch is named in the log and mended; CORRUPT when that cannot be: then
// history_close removes the file, so that the next start makes it again.
enum status history_branch(struct history *history, struct merkle_branch *out, uint64_t height,
                           uint64_t count, const struct hash *root) MUST_CHECK;

#endif
