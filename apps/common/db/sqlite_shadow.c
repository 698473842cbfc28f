// SPDX-License-Identifier: Apache-2.0
// A shadow is a file beside the database's. Renaming it over that would leave readers with a file
// that has no name and a log that is another's; SQLite's own backup puts its pages into the
// database in one transaction of the log, which readers see as any other.
#include <stdio.h>
#include <unistd.h>

#include "apps/common/db/sqlite_driver.h"
#include "chaincore/base/memory.h"

enum { ALL_PAGES = -1 };

// A swap makes the log as long as the database; afterwards it shrinks to this.
#define LOG_SIZE_LIMIT "16777216"
#define SUFFIX "-shadow"

const char sqlite_shadow_tables[] = "SELECT name FROM shadow.sqlite_master WHERE type = 'table'"
                                    " ORDER BY name";
const char sqlite_shadow_columns[] = "SELECT name FROM pragma_table_info($1, 'shadow')"
                                     " ORDER BY cid";

static char *name_shadow(const char *path) {
    struct buf name = {0};
    buf_append_format(&name, "%s" SUFFIX, path);
    char *text = mem_copy_string(buf_as_string(&name));
    buf_clear(&name);
    return text;
}

static void remove_files(const char *path) {
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct buf name = {0};
        buf_append_format(&name, "%s%s", path, ends[i]);
        unlink(buf_as_string(&name)); // most often it is not there
        buf_clear(&name);
    }
}

const char *sqlite_shadow_begin(struct sqlite *sqlite, const char *path) {
    sqlite->shadow = name_shadow(path);
    remove_files(sqlite->shadow);
    return sqlite->shadow;
}

void sqlite_shadow_end(struct sqlite *sqlite) {
    if (!sqlite->shadow) return;
    remove_files(sqlite->shadow);
    mem_free(sqlite->shadow);
}

enum status sqlite_shadow_clear(struct db *db) {
    struct sqlite *sqlite = db->connection;
    char *path = name_shadow(sqlite3_db_filename(sqlite->handle, "main"));
    remove_files(path);
    mem_free(path);
    return STATUS_OK;
}

enum status sqlite_shadow_swap(struct db *db, struct db *shadow) {
    sqlite3 *to = ((struct sqlite *)db->connection)->handle;
    sqlite3 *from = ((struct sqlite *)shadow->connection)->handle;
    enum status status = sqlite_exec(db, "PRAGMA journal_size_limit = " LOG_SIZE_LIMIT);
    if (status != STATUS_OK) return status;
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (!backup) return sqlite_failure(db, sqlite3_extended_errcode(to));
    int step = sqlite3_backup_step(backup, ALL_PAGES);
    int code = sqlite3_backup_finish(backup);
    if (code == SQLITE_OK && step != SQLITE_DONE) code = step; // BUSY is no error of finish's
    if (code != SQLITE_OK) return sqlite_failure(db, code);
    // What readers are still in stays in the log until a later commit.
    sqlite3_wal_checkpoint_v2(to, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return STATUS_OK;
}

enum status sqlite_shadow_join(struct db *db, struct db *shadow, struct buf *own,
                               struct buf *other) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, db, "ATTACH DATABASE $1 AS shadow");
    if (status != STATUS_OK) return status;
    db_bind_string(statement, 1, ((struct sqlite *)shadow->connection)->shadow);
    status = db_run(statement);
    db_release(statement);
    buf_append_string(own, "main.");
    buf_append_string(other, "shadow.");
    return status;
}
