// SPDX-License-Identifier: Apache-2.0
#include "apps/common/db/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/base/limits.h"

enum { ALL_PAGES = -1 };

static enum status status_of(int code) {
    switch (code) {
    case SQLITE_OK:
    case SQLITE_DONE:
        return STATUS_OK;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return STATUS_CORRUPT;
    case SQLITE_CANTOPEN:
        return STATUS_NOT_FOUND;
    default:
        return STATUS_IO;
    }
}

// In one step under one read transaction: what is written meanwhile goes to the log of the file and
// is not in the copy.
static enum status copy(sqlite3 *to, sqlite3 *from) {
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (!backup) return status_of(sqlite3_errcode(to));
    sqlite3_backup_step(backup, ALL_PAGES);
    return status_of(sqlite3_backup_finish(backup));
}

// Mode 0600 before anything is in it.
static enum status make_file(const char *path) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return errno == EEXIST ? STATUS_EXISTS : STATUS_IO;
    close(fd);
    return STATUS_OK;
}

enum status db_copy_file(const char *to, const char *from) {
    sqlite3 *source = NULL, *target = NULL;
    // Who reads a WAL writes to its shared memory.
    enum status status = status_of(sqlite3_open_v2(from, &source, SQLITE_OPEN_READWRITE, NULL));
    if (status == STATUS_OK) sqlite3_busy_timeout(source, LIMIT_DB_LOCK_WAIT_MS);
    if (status == STATUS_OK) status = make_file(to);
    if (status == STATUS_OK)
        status = status_of(sqlite3_open_v2(to, &target, SQLITE_OPEN_READWRITE, NULL));
    if (status == STATUS_OK) status = copy(target, source);
    sqlite3_close(target);
    sqlite3_close(source);
    return status;
}
