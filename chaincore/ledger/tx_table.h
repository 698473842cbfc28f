// SPDX-License-Identifier: Apache-2.0
// Where the transactions of the open segment stand, in memory; tx_index.h has those of closed ones.
// Internal to ledger/.
#ifndef LMM_LEDGER_TX_TABLE_H
#define LMM_LEDGER_TX_TABLE_H

#include "chaincore/crypto/table_hash.h"
#include "chaincore/ledger/block_log.h"

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
// By their ids, ascending. The caller frees with mem_free.
struct tx_entry *tx_table_sorted(const struct tx_table *table);
// The most used places in a row: what a look costs at worst. Walks all of them.
size_t tx_table_longest_run(const struct tx_table *table);

#endif
