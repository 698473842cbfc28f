// SPDX-License-Identifier: Apache-2.0
// What the two files of the SQLite driver share: sqlite.c, and sqlite_shadow.c for shadow.h.
#ifndef LMM_DB_SQLITE_DRIVER_H
#define LMM_DB_SQLITE_DRIVER_H

#include <sqlite3.h>

#include "apps/common/db/driver.h"

struct sqlite {
    sqlite3 *handle;
    uint64_t deadline_ms; // of what runs, by the monotonic clock
    char *shadow;         // a shadow's file; else NULL
};

enum status sqlite_failure(struct db *db, int code) MUST_CHECK;
enum status sqlite_exec(struct db *db, const char *sql) MUST_CHECK;

// The path of a new shadow of `path`, where no file is; borrowed until sqlite_shadow_end, which
// removes the file that was made there.
const char *sqlite_shadow_begin(struct sqlite *sqlite, const char *path);
void sqlite_shadow_end(struct sqlite *sqlite);
enum status sqlite_shadow_swap(struct db *db, struct db *shadow) MUST_CHECK;
enum status sqlite_shadow_clear(struct db *db) MUST_CHECK;
enum status sqlite_shadow_join(struct db *db, struct db *shadow, struct buf *own,
                               struct buf *other) MUST_CHECK;
extern const char sqlite_shadow_tables[];
extern const char sqlite_shadow_columns[];

#endif
