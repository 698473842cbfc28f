// SPDX-License-Identifier: Apache-2.0
// Makes a projection's rows in whatever database it is given, and keeps the cursor there: where the
// rows stand, of which chain, written by what. index.c makes the rows that are read with it,
// rebuild.c those beside them, and verify.c those that are compared. Private to this folder.
#ifndef LMM_INDEX_MAKER_H
#define LMM_INDEX_MAKER_H

#include <stdatomic.h>

#include "apps/common/index/ahead.h"
#include "apps/common/index/index.h"

struct maker {
    struct node *node;
    struct index_projection projection;
    struct hash version; // the same: the same tables, filled alike
    atomic_bool must_stop;
    struct ahead ahead; // of maker_write_blocks
};

struct cursor {
    bool is_there;
    struct hash chain_id;
    uint64_t height;
    struct hash block_id; // zero at height 0
    struct hash version;
};

void maker_init(struct maker *maker, struct node *node, const struct index_projection *projection);
void maker_clear(struct maker *maker);

// The cursor's table, where it is not there yet; and what stands in it.
enum status maker_make_cursor(struct db *db) MUST_CHECK;
enum status maker_read_cursor(struct cursor *out, struct db *db) MUST_CHECK;
// CONFLICT: the rows are of another chain, or of blocks that are not on this one.
// UNAVAILABLE until the node has that block.
enum status maker_check_cursor(const struct maker *maker, const struct cursor *cursor) MUST_CHECK;
// The projection's tables, which are not there, and the cursor before the first block.
enum status maker_make_tables(const struct maker *maker, struct db *db) MUST_CHECK;

// Inside a transaction: from the parent's rows to the block's. CONFLICT when the rows are not the
// parent's: the database has lost commits with its machine, or another server writes there too.
enum status maker_advance_cursor(const struct maker *maker, struct db *db,
                                 const struct header *header) MUST_CHECK;
// As many blocks behind `height` as one transaction takes, up to `last`; `height` is then the last
// one's.
enum status maker_write_blocks(struct maker *maker, struct db *db, uint64_t *height,
                               uint64_t last) MUST_CHECK;

#endif
