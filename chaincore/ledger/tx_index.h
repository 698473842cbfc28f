// SPDX-License-Identifier: Apache-2.0
// A closed segment's index: a file beside it with where each block begins, and a table of its
// transactions sorted by id. In front of the table stand the first id of each of its pages, as a
// number, and a Bloom filter (Bloom, 1970) over all ids, hashed under the segment's salt, so that
// nobody outside can choose ids that it takes for known. Who keeps both in memory answers nearly
// every miss without the file.
//
// The file is a row of pages, each with its own checksum, which is held against it whenever the
// page is read: a start reads the first page alone. It is derived from the segment; what finds it
// damaged may have it made again. Internal to ledger/.
#ifndef LMM_LEDGER_TX_INDEX_H
#define LMM_LEDGER_TX_INDEX_H

#include "chaincore/ledger/segment.h"
#include "chaincore/ledger/tx_table.h"

// The first page. Constant.
struct tx_index {
    struct segment_front front; // of the segment
    uint64_t first_height;
    uint64_t block_count;
    uint64_t entry_count;
    uint64_t kept_until_ms;
};

// Where to read it: opened for each look, so that a long chain needs no more descriptors than a
// short one. Counts the pages it reads.
struct tx_index_file {
    const struct tx_index *index;
    const char *path;
    _Atomic uint64_t *pages_read;
};

enum status tx_index_write(const char *path, const struct segment *segment,
                           const struct tx_table *table) MUST_CHECK;
// Any status but OK: make it again. `front` is of the segment that it must belong to.
struct tx_index_place {
    const char *path;
    const struct segment_front *front;
    uint64_t first_height;
    _Atomic uint64_t *pages_read;
};
enum status tx_index_open(struct tx_index *out, const struct tx_index_place *place) MUST_CHECK;

// What is worth being kept of it in memory.
struct tx_filter;
size_t tx_filter_bytes(const struct tx_index *index);
enum status tx_filter_load(struct tx_filter **out, const struct tx_index_file *file) MUST_CHECK;
void tx_filter_free(struct tx_filter *filter); // NULL is allowed

// Any thread. IO when the file is gone too; CORRUPT, with the page named in the log, when it is
// damaged. NOT_FOUND comes without a look into the file, nearly always, when there is a filter;
// without one (NULL) it costs a page.
enum status tx_index_find(const struct tx_index_file *file, const struct tx_filter *filter,
                          const struct hash *id, struct block_log_place *out) MUST_CHECK;
// Where the block's record begins in the segment; first_height and block_count bound `height`.
enum status tx_index_offset(const struct tx_index_file *file, uint64_t height,
                            uint64_t *out) MUST_CHECK;

#endif
