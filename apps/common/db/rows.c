// SPDX-License-Identifier: Apache-2.0
// Rows on their way into one table, in the binary form of COPY (PostgreSQL's documentation, COPY,
// "Binary Format").
#include "apps/common/db/driver.h"

enum { COPY_HEADER_BYTES = 19 };
#define INSERT_INTO "INSERT INTO "

enum status db_prepare_rows(struct db_statement **out, struct db *db, const char *table) {
    struct buf sql = {0};
    int count = 1;
    for (const char *at = table; *at; at++) count += *at == ',';
    buf_append_format(&sql, INSERT_INTO "%s VALUES ($1", table);
    for (int i = 2; i <= count; i++) buf_append_format(&sql, ", $%d", i);
    buf_append_byte(&sql, ')');
    enum status status = db_prepare(out, db, buf_as_string(&sql));
    buf_clear(&sql);
    if (status != STATUS_OK || !db->driver->copy) return status;
    (*out)->keeps_rows = true;
    (*out)->table = bytes_of((*out)->sql + strlen(INSERT_INTO), strlen(table));
    return STATUS_OK;
}

static void append_u32(struct buf *out, uint32_t value) {
    uint8_t encoded[sizeof value];
    store_u32_be(encoded, value);
    buf_append(out, BYTES_OF(encoded));
}

static void append_i64(struct buf *out, int64_t value) {
    uint8_t encoded[sizeof value];
    append_u32(out, sizeof encoded);
    store_u64_be(encoded, (uint64_t)value);
    buf_append(out, BYTES_OF(encoded));
}

static void append_u16(struct buf *out, uint16_t value) {
    buf_append_byte(out, (uint8_t)(value >> 8));
    buf_append_byte(out, (uint8_t)value);
}

static void append_value(struct buf *out, const struct db_value *value) {
    switch (value->kind) {
    case DB_NULL:
        append_u32(out, UINT32_MAX);
        break;
    case DB_I64:
        append_i64(out, value->number);
        break;
    case DB_TEXT:
    case DB_BYTES:
        append_u32(out, (uint32_t)value->bytes.len);
        buf_append(out, value->bytes);
        break;
    }
}

static enum status send_rows(struct db_statement *statement) {
    struct db *db = statement->db;
    append_u16(&statement->rows, UINT16_MAX); // the end
    enum status status = db->driver->copy(statement);
    buf_reset(&statement->rows);
    return status;
}

enum status db_keep_row(struct db_statement *statement) {
    static const char header[COPY_HEADER_BYTES + 1] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";
    struct buf *rows = &statement->rows;
    size_t len = 0;
    for (int i = 0; i < statement->param_count; i++) len += statement->params[i].bytes.len;
    if (len > LIMIT_DB_ROW_BYTES) return STATUS_TOO_LARGE;
    if (rows->len == 0) buf_append(rows, bytes_of(header, COPY_HEADER_BYTES));
    append_u16(rows, (uint16_t)statement->param_count);
    for (int i = 0; i < statement->param_count; i++) append_value(rows, &statement->params[i]);
    return rows->len > LIMIT_DB_KEPT_BYTES ? send_rows(statement) : STATUS_OK;
}

enum status db_send_rows(struct db *db) {
    enum status status = STATUS_OK;
    for (int i = 0; i < db->statement_count && status == STATUS_OK; i++)
        if (db->statements[i]->rows.len > 0) status = send_rows(db->statements[i]);
    return status;
}

void db_drop_rows(struct db *db) {
    for (int i = 0; i < db->statement_count; i++) buf_reset(&db->statements[i]->rows);
}
