// SPDX-License-Identifier: Apache-2.0
// The rows that queries look up beside that of an event: its values, and master data. Written by
// the projection alone.
#ifndef LMM_SUPPLYCHAIN_ROWS_H
#define LMM_SUPPLYCHAIN_ROWS_H

#include "apps/supplychain/epcis/event_values.h"
#include "apps/supplychain/epcis/master_data.h"
#include "apps/supplychain/supplychain.h"

enum status rows_put_values(struct db *db, const struct event_values *values,
                            const struct place *place) MUST_CHECK;
// Binds type, action, biz_step, disposition, read_point and biz_location from $first on.
void rows_bind_columns(struct db_statement *statement, int first,
                       const struct event_values *values);
// In place of what the sender said before of the same elements.
enum status rows_put_master_data(struct db *db, const struct account_id *sender,
                                 const struct master_data *data) MUST_CHECK;

#endif
