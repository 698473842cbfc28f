// SPDX-License-Identifier: Apache-2.0
// The rows that queries look up beside that of an event: its values, and master data.
#include "apps/supplychain/rows.h"

static void bind_text(struct db_statement *statement, int index, struct bytes text) {
    if (text.data)
        db_bind_text(statement, index, text);
    else
        db_bind_null(statement, index);
}

static void bind_number(struct db_statement *statement, int index, bool is_there, int64_t number) {
    if (is_there)
        db_bind_i64(statement, index, number);
    else
        db_bind_null(statement, index);
}

enum status rows_put_values(struct db *db, const struct event_values *values,
                            const struct place *place) {
    struct db_statement *statement;
    enum status status = db_prepare_rows(
        &statement, db,
        "event_value (field, text, number, time_ms, is_first, height, tx_index, position)");
    for (size_t i = 0; i < values->count && status == STATUS_OK; i++) {
        const struct event_value *value = &values->items[i];
        db_bind_i64(statement, 1, value->field);
        bind_text(statement, 2, value->text);
        bind_number(statement, 3, value->has_number, value->number);
        bind_number(statement, 4, value->has_time, value->time_ms);
        db_bind_i64(statement, 5, value->is_first);
        db_bind_u64(statement, 6, place->height);
        db_bind_u64(statement, 7, place->tx_index);
        db_bind_u64(statement, 8, place->position);
        status = db_run_later(statement);
    }
    db_release(statement);
    return status;
}

void rows_bind_columns(struct db_statement *statement, int first,
                       const struct event_values *values) {
    const struct bytes columns[] = {values->type,        values->action,     values->biz_step,
                                    values->disposition, values->read_point, values->biz_location};
    for (int i = 0; i < (int)(sizeof columns / sizeof *columns); i++)
        if (columns[i].len > 0)
            db_bind_text(statement, first + i, columns[i]);
        else
            db_bind_null(statement, first + i);
}

// ---- master data

static enum status forget(struct db *db, const char *sql, const struct account_id *sender,
                          struct bytes id) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, db, sql);
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, BYTES_OF(sender->bytes));
    db_bind_text(statement, 2, id);
    return db_finish_later(statement);
}

static enum status put_children(struct db *db, const struct account_id *sender,
                                const struct master_element *element) {
    struct db_statement *statement;
    enum status status = db_prepare(
        &statement, db, "INSERT INTO master_child (parent, child, sender) VALUES ($1, $2, $3)");
    for (size_t i = 0; i < element->child_count && status == STATUS_OK; i++) {
        db_bind_text(statement, 1, element->id);
        db_bind_text(statement, 2, element->children[i]);
        db_bind_bytes(statement, 3, BYTES_OF(sender->bytes));
        status = db_run_later(statement);
    }
    db_release(statement);
    return status;
}

static enum status put_attributes(struct db *db, const struct account_id *sender,
                                  const struct master_element *element) {
    struct db_statement *statement;
    enum status status = db_prepare(
        &statement, db,
        "INSERT INTO master_attribute (id, name, value, sender) VALUES ($1, $2, $3, $4)");
    for (size_t i = 0; i < element->attribute_count && status == STATUS_OK; i++) {
        db_bind_text(statement, 1, element->id);
        db_bind_text(statement, 2, element->attributes[i].name);
        db_bind_text(statement, 3, element->attributes[i].value);
        db_bind_bytes(statement, 4, BYTES_OF(sender->bytes));
        status = db_run_later(statement);
    }
    db_release(statement);
    return status;
}

enum status rows_put_master_data(struct db *db, const struct account_id *sender,
                                 const struct master_data *data) {
    enum status status = STATUS_OK;
    for (size_t i = 0; i < data->count; i++) {
        const struct master_element *element = &data->elements[i];
        TRY(forget(db, "DELETE FROM master_child WHERE sender = $1 AND parent = $2", sender,
                   element->id));
        TRY(forget(db, "DELETE FROM master_attribute WHERE sender = $1 AND id = $2", sender,
                   element->id));
        TRY(put_children(db, sender, element));
        TRY(put_attributes(db, sender, element));
    }
out:
    return status;
}
