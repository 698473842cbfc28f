// SPDX-License-Identifier: Apache-2.0
#include "tests/support/database.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/unit.h"

static void run_on_server(const char *format, const char *schema) {
    char sql[512];
    struct db *db;
    snprintf(sql, sizeof sql, "%s %s", format, schema);
    assert_ok(db_open(&db, getenv("LMM_TEST_POSTGRES")));
    // The server's connections end when PostgreSQL comes to it, and hold their locks until then;
    // one that never does is ended by the case's time.
    enum status status;
    do status = db_exec_script(db, sql);
    while (status == STATUS_BUSY);
    assert_ok(status);
    db_close(db);
}

bool test_database_open(struct test_database *database, int engine) {
    static unsigned opened;
    *database = (struct test_database){.is_postgres = engine == TEST_POSTGRES};
    if (engine == TEST_SQLITE) {
        test_folder(database->place, "db");
        snprintf(database->url, sizeof database->url, "sqlite:%s/db", database->place);
        return true;
    }
    const char *server = getenv("LMM_TEST_POSTGRES");
    if (!server || !*server) {
        skip_case("no PostgreSQL: LMM_TEST_POSTGRES is not set");
        return false;
    }
    snprintf(database->place, sizeof database->place, "t%d_%u", (int)getpid(), ++opened);
    run_on_server("CREATE SCHEMA", database->place);
    snprintf(database->url, sizeof database->url, "%s%coptions=-csearch_path%%3D%s", server,
             strchr(server, '?') ? '&' : '?', database->place);
    return true;
}

void test_database_close(struct test_database *database) {
    if (database->is_postgres) {
        char tail[512];
        snprintf(tail, sizeof tail, "%s CASCADE", database->place);
        run_on_server("DROP SCHEMA", tail);
        return;
    }
    static const char *const files[] = {"db", "db-wal", "db-shm"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", database->place, files[i]);
        unlink(path);
    }
    rmdir(database->place);
}
