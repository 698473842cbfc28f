// SPDX-License-Identifier: Apache-2.0
// Follows the chain: a thread that gives every final block to a market's projection, one database
// transaction per block with the cursor in it; blocks share one while the rows are far behind. So
// the rows are always those of one height, whenever the process dies; and since all keys come from
// the chain, following again gives the same rows.
//
// A database that is away is waited for; anything else that a projection cannot do with a final
// block is a defect, and ends the process rather than leave a hole. Each transaction claims the
// step from the parent's rows to the block's: so commits that a database lost with its machine are
// made again, and two servers on one database take turns.
#ifndef LMM_INDEX_INDEX_H
#define LMM_INDEX_INDEX_H

#include "apps/common/db/db.h"
#include "chaincore/chaincore.h"

struct index;

// What a block is to a projection. Slices live until it returns.
struct index_block {
    const struct block *block;
    struct arena *arena; // for the projection's own use
    void *prepared;      // what prepare made of it; NULL when nobody has asked
    bool is_untold;      // `committed` will not be called for it
};

struct index_projection {
    // To be raised when the same tables are filled in another way. Rows of another version, of
    // other tables or by other rules cannot be read by this program: they are dropped and made
    // again at the next start.
    uint32_t version;
    const char *schema; // SQL that creates the tables
    const char *drop;   // SQL that drops what the schema creates
    struct bytes rules; // data that decides what the rows are; may be empty
    // Writes the block's rows. Runs inside the block's transaction; any failure rolls it back.
    enum status (*apply)(void *context, struct db *db, const struct index_block *block);
    // What a block's rows take that needs neither the database nor an earlier block: called on
    // another thread, ahead of apply, while many blocks are behind; so it touches nothing that
    // changes. Apply must do without it, too. `discard` ends what it made, on any thread. Both or
    // neither may be NULL.
    void *(*prepare)(void *context, const struct index_block *block);
    void (*discard)(void *context, void *prepared);
    // Once the block's rows are known to be there, by the last call of apply: for whoever waits.
    // May be NULL.
    void (*committed)(void *context, const struct index_block *block);
    // Rows have come that another server wrote, or that came while they were far behind: what apply
    // would have told of them is not known.
    // May be NULL.
    void (*skipped)(void *context);
    void *context;
};

struct index_config {
    struct node *node;
    const char *url; // of the database, see db.h
    const struct index_projection *projection;
    // Make all rows again, from the chain's start. Those that are there answer until the new ones
    // take their place, and go on being followed; but rows of another chain are dropped first.
    bool rebuild;
};

// CONFLICT: the database holds rows of another chain, or of blocks that are not on this one. One
// that is away is waited for, once the index is started.
enum status index_open(struct index **out, const struct index_config *config) MUST_CHECK;
enum status index_start(struct index *index) MUST_CHECK;
// Ends after the block at hand.
void index_stop(struct index *index);
void index_close(struct index *index); // NULL is allowed

// The newest height whose rows are there.
uint64_t index_height(struct index *index);
// False while the database is away.
bool index_is_healthy(struct index *index);
// Whether rows are being made beside those that are read, or are to be.
bool index_is_rebuilding(struct index *index);
// Why the index cannot go on with a database that came late, as index_open would have said; else
// OK.
enum status index_failure(struct index *index);

#endif
