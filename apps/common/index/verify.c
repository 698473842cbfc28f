// SPDX-License-Identifier: Apache-2.0
// The comparison is the database's own: rows of one side that the other has not, or not as often.
// So whatever tables a projection has are compared, and none has to fit into memory here.
#include "apps/common/index/verify.h"

#include <stdlib.h>

#include "apps/common/db/shadow.h"
#include "apps/common/index/maker.h"
#include "apps/common/index/progress.h"
#include "chaincore/chaincore.h"

struct verification {
    struct maker maker;
    struct db *db, *shadow;
    struct buf own, other; // what stands before a table's name
    struct index_verdict *out;
};

enum { MAX_TABLES = 64 };

static enum status open_rows(struct verification *work, const struct index_config *config) {
    struct cursor cursor;
    enum status status;
    TRY(db_open(&work->db, config->url));
    TRY(maker_make_cursor(work->db));
    TRY(maker_read_cursor(&cursor, work->db));
    if (!cursor.is_there) return STATUS_NOT_FOUND;
    TRY(maker_check_cursor(&work->maker, &cursor));
    if (!hash_equal(&cursor.version, &work->maker.version)) return STATUS_UNSUPPORTED;
    work->out->height = cursor.height;
    TRY(db_shadow_open(&work->shadow, config->url));
    TRY(maker_make_tables(&work->maker, work->shadow));
out:
    return status;
}

static enum status make_rows(struct verification *work) {
    struct progress progress = {0};
    uint64_t height = 0;
    enum status status = STATUS_OK;
    while (height < work->out->height) {
        TRY(db_begin(work->shadow));
        TRY(maker_write_blocks(&work->maker, work->shadow, &height, work->out->height));
        TRY(db_commit(work->shadow));
        progress_tell(&progress, "making the rows to compare", height, work->out->height);
    }
out:
    progress_end(&progress);
    ahead_stop(&work->maker.ahead);
    return status;
}

// --- one table ---

struct table {
    const char *name;
    struct arena *arena;
    const char *columns[LIMIT_DB_PARAMS];
    size_t column_count;
    const char *list; // the columns' names, as SQL
};

static enum status read_names(const char **out, size_t *count, size_t capacity,
                              struct db_statement *statement, struct arena *arena) {
    bool has_row = true;
    enum status status = STATUS_OK;
    *count = 0;
    while (true) {
        TRY(db_step(statement, &has_row));
        if (!has_row) break;
        if (*count == capacity) return STATUS_TOO_LARGE;
        struct bytes name = db_column_text(statement, "name");
        char *copy = arena_alloc(arena, name.len + 1);
        memcpy(copy, name.data, name.len);
        copy[name.len] = '\0';
        out[(*count)++] = copy;
    }
out:
    return status;
}

static enum status read_columns(struct verification *work, struct table *table) {
    struct db_statement *statement;
    struct buf list = {0};
    enum status status = db_shadow_prepare_columns(&statement, work->db);
    if (status != STATUS_OK) return status;
    db_bind_string(statement, 1, table->name);
    status =
        read_names(table->columns, &table->column_count, LIMIT_DB_PARAMS, statement, table->arena);
    db_release(statement);
    for (size_t i = 0; i < table->column_count; i++)
        buf_append_format(&list, "%s\"%s\"", i ? ", " : "", table->columns[i]);
    table->list = arena_format(table->arena, "%s", buf_as_string(&list));
    buf_clear(&list);
    return status;
}

// Rows that stand with `one` alone, or more often.
static const char *difference(const struct table *table, const char *one, const char *two) {
    return arena_format(table->arena,
                        "(SELECT %s, count(*) AS times_there FROM %s\"%s\" GROUP BY %s"
                        " EXCEPT SELECT %s, count(*) AS times_there FROM %s\"%s\" GROUP BY %s)",
                        table->list, one, table->name, table->list, table->list, two, table->name,
                        table->list);
}

static enum status count(uint64_t *out, struct db *db, const struct table *table,
                         const char *from) {
    struct db_statement *statement;
    bool has_row;
    enum status status = db_prepare(
        &statement, db, arena_format(table->arena, "SELECT count(*) AS n FROM %s AS found", from));
    if (status != STATUS_OK) return status;
    status = db_step(statement, &has_row);
    if (status == STATUS_OK) *out = db_column_u64(statement, "n");
    db_release(statement);
    return status;
}

static void append_row(struct buf *out, struct db_statement *statement, const struct table *table,
                       const char *side) {
    buf_append_format(out, "%s, only %s:", table->name, side);
    for (size_t i = 0; i < table->column_count; i++) {
        buf_append_format(out, " %s=", table->columns[i]);
        db_append_column(out, statement, table->columns[i]);
    }
    buf_append_byte(out, '\n');
}

static enum status compare(struct verification *work, const struct table *table, const char *found,
                           const char *side) {
    struct db_statement *statement;
    uint64_t differences = 0;
    bool has_row = true;
    enum status status = count(&differences, work->db, table, found);
    if (status != STATUS_OK || differences == 0) return status;
    work->out->differences += differences;
    status = db_prepare(&statement, work->db,
                        arena_format(table->arena, "SELECT * FROM %s AS found ORDER BY %s LIMIT %d",
                                     found, table->list, LIMIT_INDEX_DIFFERENCES));
    if (status != STATUS_OK) return status;
    while (true) {
        TRY(db_step(statement, &has_row));
        if (!has_row) break;
        append_row(&work->out->text, statement, table, side);
    }
out:
    db_release(statement);
    return status;
}

// A table that is gone, or has other columns, is an error of the database's own: its sentence says
// which.
static enum status compare_table(struct verification *work, struct table *table) {
    const char *own = buf_as_string(&work->own), *other = buf_as_string(&work->other);
    uint64_t rows = 0;
    enum status status;
    TRY(read_columns(work, table));
    TRY(count(&rows, work->db, table, arena_format(table->arena, "%s\"%s\"", own, table->name)));
    TRY(compare(work, table, difference(table, own, other), "in the index"));
    TRY(compare(work, table, difference(table, other, own), "by the chain"));
    work->out->tables++;
    work->out->rows += rows;
out:
    return status;
}

static enum status compare_all(struct verification *work) {
    struct db_statement *statement = NULL;
    struct arena arena = {0}, names = {0};
    const char *tables[MAX_TABLES];
    size_t table_count = 0;
    enum status status;
    TRY(db_shadow_join(work->db, work->shadow, &work->own, &work->other));
    TRY(db_shadow_prepare_tables(&statement, work->db));
    TRY(read_names(tables, &table_count, MAX_TABLES, statement, &names));
    for (size_t i = 0; i < table_count; i++) {
        arena_reset(&arena);
        struct table *table = arena_alloc(&arena, sizeof *table);
        *table = (struct table){.name = tables[i], .arena = &arena};
        TRY(compare_table(work, table));
    }
out:
    db_release(statement);
    arena_clear(&arena);
    arena_clear(&names);
    return status;
}

static enum status check_that_nobody_wrote(struct verification *work) {
    struct cursor cursor;
    enum status status = maker_read_cursor(&cursor, work->db);
    if (status != STATUS_OK) return status;
    return cursor.is_there && cursor.height == work->out->height ? STATUS_OK : STATUS_BUSY;
}

enum status index_verify(struct index_verdict *out, const struct index_config *config) {
    struct verification work = {.out = out};
    enum status status;
    *out = (struct index_verdict){0};
    maker_init(&work.maker, config->node, config->projection);
    TRY(open_rows(&work, config));
    TRY(make_rows(&work));
    TRY(check_that_nobody_wrote(&work));
    TRY(compare_all(&work));
    TRY(check_that_nobody_wrote(&work));
out:
    if (status != STATUS_OK && work.db)
        log_error("index", "the rows cannot be verified", log_text("status", status_name(status)),
                  log_text("reason", db_last_error(work.db)),
                  log_text("beside", work.shadow ? db_last_error(work.shadow) : ""));
    db_close(work.db); // lets go of the shadow
    db_close(work.shadow);
    buf_clear(&work.own);
    buf_clear(&work.other);
    maker_clear(&work.maker);
    return status;
}

void index_verdict_clear(struct index_verdict *verdict) { buf_clear(&verdict->text); }
