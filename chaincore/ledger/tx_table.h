// SPDX-License-Identifier: Apache-2.0
// Where transactions stand. In memory for the open segment; for a closed one as a sorted table in
// its index file, which also keeps where each block begins. An index file is derived: it is made
// again from its segment when it is missing or damaged. Internal to ledger/.
#ifndef LMM_LEDGER_TX_TABLE_H
#define LMM_LEDGER_TX_TABLE_H

#include "chaincore/crypto/table_hash.h"
#include "chaincore/ledger/block_log.h"
#include "chaincore/ledger/segment.h"

struct tx_entry {
    struct hash id;
    uint64_t height;
    uint32_t index;
};

// Under a key of its own: an id can be tried until it suits.
struct tx_table {
    struct table_key key;     // once it has places
    struct tx_entry *entries; // an open-addressing hash table of `capacity` places
    uint8_t *is_used;
    size_t count;
    size_t capacity;
    uint64_t kept_until_ms; // the latest of the blocks'
};

void tx_table_add(struct tx_table *table, const struct tx_entry *entry);
void tx_table_keep(struct tx_table *table, uint64_t until_ms);
bool tx_table_find(const struct tx_table *table, const struct hash *id,
                   struct block_log_place *out);
void tx_table_clear(struct tx_table *table);
// The most used places in a row: what a look costs at worst. Walks all of them.
size_t tx_table_longest_run(const struct tx_table *table);

// What is kept in memory of a closed segment's index: one number for 256 transactions. The file is
// opened for each look, so that a long chain needs no more descriptors than a short one.
struct tx_index {
    struct segment_front front; // of the segment
    uint64_t first_height;
    uint64_t block_count;
    uint64_t entry_count;
    uint64_t kept_until_ms;
    uint64_t *fences; // the front of every 256th id, as a number; ascending
};
enum status tx_index_write(const char *path, const struct segment *segment,
                           const struct tx_table *table) MUST_CHECK;
// Any status but OK: make it again. `front` is of the segment that it must belong to.
enum status tx_index_open(struct tx_index *out, const char *path, const struct segment_front *front,
                          uint64_t first_height) MUST_CHECK;
void tx_index_clear(struct tx_index *index);
// Any thread.
enum status tx_index_find(const struct tx_index *index, const char *path, const struct hash *id,
                          struct block_log_place *out) MUST_CHECK;
// Where the block's record begins in the segment; first_height and block_count bound `height`.
enum status tx_index_offset(const struct tx_index *index, const char *path, uint64_t height,
                            uint64_t *out) MUST_CHECK;

#endif
