// SPDX-License-Identifier: Apache-2.0
// SQL in the making: its text and the values of $1, $2, … side by side, one text for both engines.
#ifndef LMM_SUPPLYCHAIN_EVENT_SQL_H
#define LMM_SUPPLYCHAIN_EVENT_SQL_H

#include "apps/common/db/db.h"
#include "chaincore/base/buf.h"
#include "chaincore/base/limits.h"

struct event_sql {
    struct buf sql;
    int count;
    struct {
        enum { SQL_NUMBER, SQL_TEXT, SQL_BYTES } kind;
        struct bytes bytes; // borrowed
        int64_t number;
    } values[LIMIT_DB_PARAMS];
    int own_account;                   // $n of it; 0: not there yet
    int first[LIMIT_QUERY_CONDITIONS]; // $n of each condition's first value; 0: not there yet
};

// Each returns n of the new $n.
int event_sql_text(struct event_sql *sql, struct bytes text);
int event_sql_number(struct event_sql *sql, int64_t number);
int event_sql_bytes(struct event_sql *sql, struct bytes bytes);

// Prepared, with its values; the caller steps and releases.
enum status event_sql_prepare(struct db_statement **out, struct db *db,
                              const struct event_sql *sql) MUST_CHECK;

#endif
