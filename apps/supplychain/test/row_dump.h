// SPDX-License-Identifier: Apache-2.0
// Every row of every table of the supply chain's index as text, the same on both engines.
#ifndef LMM_SUPPLYCHAIN_TEST_ROW_DUMP_H
#define LMM_SUPPLYCHAIN_TEST_ROW_DUMP_H

#include "apps/common/db/db.h"
#include "chaincore/base/buf.h"

void rows_dump(struct buf *out, struct db *db);

#endif
