// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/event_sql.h"

int event_sql_text(struct event_sql *sql, struct bytes text) {
    ENSURE(sql->count < LIMIT_DB_PARAMS);
    sql->values[sql->count].kind = SQL_TEXT;
    sql->values[sql->count].bytes = text;
    return ++sql->count;
}

int event_sql_number(struct event_sql *sql, int64_t number) {
    ENSURE(sql->count < LIMIT_DB_PARAMS);
    sql->values[sql->count].kind = SQL_NUMBER;
    sql->values[sql->count].number = number;
    return ++sql->count;
}

int event_sql_bytes(struct event_sql *sql, struct bytes bytes) {
    ENSURE(sql->count < LIMIT_DB_PARAMS);
    sql->values[sql->count].kind = SQL_BYTES;
    sql->values[sql->count].bytes = bytes;
    return ++sql->count;
}

enum status event_sql_prepare(struct db_statement **out, struct db *db,
                              const struct event_sql *sql) {
    struct buf text = {0};
    buf_append(&text, buf_bytes(&sql->sql));
    enum status status = db_prepare(out, db, buf_as_string(&text));
    buf_clear(&text);
    for (int i = 0; status == STATUS_OK && i < sql->count; i++) {
        if (sql->values[i].kind == SQL_TEXT)
            db_bind_text(*out, i + 1, sql->values[i].bytes);
        else if (sql->values[i].kind == SQL_BYTES)
            db_bind_bytes(*out, i + 1, sql->values[i].bytes);
        else
            db_bind_i64(*out, i + 1, sql->values[i].number);
    }
    return status;
}
