// SPDX-License-Identifier: Apache-2.0
// Do the rows say what the chain says? Makes them again beside those that are there, up to the same
// height, and compares both, table by table, each row with all its columns. Changes nothing. No
// other program may write to the database meanwhile.
#ifndef LMM_INDEX_VERIFY_H
#define LMM_INDEX_VERIFY_H

#include "apps/common/index/index.h"

struct index_verdict {
    uint64_t height;      // up to which block
    uint64_t tables;      // with the cursor's
    uint64_t rows;        // that are there
    uint64_t differences; // rows of only one side, where one that was changed counts on both
    struct buf text;      // a line for each of the first, up to LIMIT_INDEX_DIFFERENCES a table
};

// The node need not run. Of the config `rebuild` is not looked at. NOT_FOUND: there are no rows.
// UNSUPPORTED: they are another version's, which this program cannot make. CONFLICT: another
// chain's. BUSY: somebody wrote meanwhile, or makes rows of this database. The caller clears.
enum status index_verify(struct index_verdict *out, const struct index_config *config) MUST_CHECK;
void index_verdict_clear(struct index_verdict *verdict);

#endif
