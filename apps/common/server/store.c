// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/store.h"

#include "chaincore/chaincore.h"

enum status store_has_column(struct db *db, const char *table, const char *column, bool *out) {
    struct db_statement *row;
    bool has_row;
    enum status status =
        db_prepare(&row, db, "SELECT count(*) AS n FROM pragma_table_info($1) WHERE name = $2");
    if (status != STATUS_OK) return status;
    db_bind_string(row, 1, table);
    db_bind_string(row, 2, column);
    status = db_step(row, &has_row);
    if (status == STATUS_OK) *out = db_column_u64(row, "n") > 0;
    db_release(row);
    return status;
}

enum status store_add_column(struct db *db, const char *table, const char *column,
                             const char *definition) {
    struct buf sql = {0};
    bool is_there;
    enum status status = store_has_column(db, table, column, &is_there);
    if (status != STATUS_OK || is_there) return status;
    buf_append_format(&sql, "ALTER TABLE %s ADD COLUMN %s %s;", table, column, definition);
    status = db_exec_script(db, buf_as_string(&sql));
    buf_clear(&sql);
    return status;
}
