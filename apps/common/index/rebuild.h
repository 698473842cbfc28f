// SPDX-License-Identifier: Apache-2.0
// Makes all rows anew beside those that are read (db/shadow.h), a few blocks at a time between the
// steps of the follower, whose thread this runs in; once they stand where the old ones do, they
// take their place. Whatever gets in the way leaves the old rows as they are. Private to this
// folder.
#ifndef LMM_INDEX_REBUILD_H
#define LMM_INDEX_REBUILD_H

#include "apps/common/index/maker.h"
#include "apps/common/index/progress.h"

struct rebuild {
    bool is_wanted;
    struct db *shadow;   // NULL: to be begun
    uint64_t height;     // of the rows in it
    uint64_t not_before; // a time of the monotonic clock: there was an obstacle
    uint32_t pause_ms;   // the next time
    struct progress progress;
};

struct rebuild_order {
    struct maker *maker;
    const char *url;
    struct db *db;   // where the old rows are; not inside a transaction
    uint64_t height; // and where they stand
};

// One step, when one is due. False: there was nothing to do, or something was in the way.
bool rebuild_step(struct rebuild *rebuild, const struct rebuild_order *order);
// Gives up what has not taken its place.
void rebuild_clear(struct rebuild *rebuild);

#endif
