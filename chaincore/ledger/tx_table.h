// SPDX-License-Identifier: Apache-2.0
// Where transactions stand. In memory for the open segment; for a closed one as a sorted table in
// its index file, which also keeps where each block begins. An index file is derived: it is made
// again from its segment when it is missing or damaged. Internal to ledger/.
#ifndef LMM_LEDGER_TX_TABLE_H
#define LMM_LEDGER_TX_TABLE_H

#include "chaincore/ledger/block_log.h"
#include "chaincore/ledger/segment.h"

struct tx_entry {
    struct hash id;
    uint64_t height;
    uint32_t index;
};

struct tx_table {
    struct tx_entry *entries; // an open-addressing hash table of `capacity` places
    uint8_t *is_used;
    size_t count;
    size_t capacity;
};

void tx_table_add(struct tx_table *table, const struct tx_entry *entry);
bool tx_table_find(const struct tx_table *table, const struct hash *id,
                   struct block_log_place *out);
void tx_table_clear(struct tx_table *table);

// A closed segment's index on disk.
struct tx_index {
    int fd;
    uint64_t entry_count;
    uint64_t entries_at; // offset in the file
};
enum status tx_index_write(const char *path, const struct segment *segment,
                           const struct tx_table *table) MUST_CHECK;
// Also fills the segment's offsets and size. Any status but OK: make it again.
enum status tx_index_open(struct tx_index *out, const char *path,
                          struct segment *segment) MUST_CHECK;
void tx_index_close(struct tx_index *index);
enum status tx_index_find(const struct tx_index *index, const struct hash *id,
                          struct block_log_place *out) MUST_CHECK;

#endif
