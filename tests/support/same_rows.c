// SPDX-License-Identifier: Apache-2.0
#include "tests/support/same_rows.h"
#include "tests/support/raw.h"
#include "tests/support/unit.h"
#include <stdio.h>
#include <string.h>

void same_rows_select(struct buf *out, struct db *db, const char *query, const char *columns) {
    struct db_statement *row;
    bool has_row;
    assert_ok(db_prepare(&row, db, query));
    for (;;) {
        char names[256], *rest = NULL;
        assert_ok(db_step(row, &has_row));
        if (!has_row) break;
        ck_assert_uint_lt(strlen(columns), sizeof names);
        snprintf(names, sizeof names, "%s", columns);
        for (char *name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
            db_append_column(out, row, name);
            buf_append_byte(out, ' ');
        }
        buf_append_byte(out, '\n');
    }
    db_release(row);
}

bool same_rows_open(struct test_database *database, int engine) {
    *database = (struct test_database){0};
    return engine != TEST_POSTGRES || test_database_open(database, TEST_POSTGRES);
}

static void dump_server(struct buf *out, same_rows_dump *dump) {
    struct db *db;
    char url[1024];
    snprintf(url, sizeof url, "sqlite:%s/data/index.db", raw.server.folder);
    assert_ok(db_open(&db, raw.server.index ? raw.server.index : url));
    dump(out, db);
    db_close(db);
}

void same_rows_expect(const struct test_database *database, same_rows_dump *dump, size_t least) {
    struct buf before = {0}, after = {0};
    dump_server(&before, dump);
    server_stop(&raw.server);
    if (database->is_postgres)
        raw.server.index = database->url;
    else
        raw.server.rebuild_index = true;
    server_start(&raw.server);
    dump_server(&after, dump);
    ck_assert(bytes_equal(buf_bytes(&before), buf_bytes(&after)));
    ck_assert_uint_gt(before.len, least);
    buf_clear(&before);
    buf_clear(&after);
}

void same_rows_close(struct test_database *database) {
    server_stop(&raw.server);
    if (database->is_postgres) test_database_close(database);
}
