// SPDX-License-Identifier: Apache-2.0
// A shadow is a schema that stands before the database's own in its writer's search_path: tables
// are made and written there, and what is shared, the type blob, is found behind it. A swap drops
// the old tables and moves the new ones over, in one transaction; statements that readers have
// prepared are planned anew by PostgreSQL itself. It waits for readers, and those that come later
// wait for it: so it gives up before PostgreSQL looks for deadlocks.
#include "apps/common/db/postgres_driver.h"

#define SWAP_LOCK_TIMEOUT "250ms"

// A name in PostgreSQL has 63 bytes.
#define SHADOW "left(current_schema(), 56) || '_shadow'"
// For as long as the session lives.
#define LOCK_OR_GIVE_UP                                                       \
    "IF NOT pg_try_advisory_lock(hashtextextended(current_schema(), 0)) THEN" \
    " RAISE EXCEPTION 'another server makes the rows of this schema'"         \
    " USING ERRCODE = 'lock_not_available'; END IF; "
#define DROP_SHADOW "EXECUTE format('DROP SCHEMA IF EXISTS %I CASCADE', " SHADOW "); "

const char postgres_shadow_tables[] =
    "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables WHERE schemaname = " SHADOW
    " ORDER BY tablename";
const char postgres_shadow_columns[] =
    "SELECT CAST(column_name AS TEXT) AS name FROM information_schema.columns"
    " WHERE table_schema = " SHADOW " AND table_name = $1 ORDER BY ordinal_position";

enum status postgres_shadow_begin(struct db *db) {
    enum status status;
    TRY(postgres_simple(db, "DO $$ BEGIN " LOCK_OR_GIVE_UP DROP_SHADOW
                            "EXECUTE format('CREATE SCHEMA %I', " SHADOW "); END $$"));
    TRY(postgres_simple(db, "SELECT set_config('search_path', format('%I, %I', " SHADOW
                            ", current_schema()), false)"));
out:
    return status;
}

void postgres_shadow_end(struct db *db) {
    if (PQstatus(postgres_of(db)->handle) != CONNECTION_OK) return;
    enum status status = postgres_simple(db, "RESET search_path");
    if (status == STATUS_OK) status = postgres_shadow_clear(db);
    (void)!status; // who opens the next one finds what is left
}

enum status postgres_shadow_clear(struct db *db) {
    return postgres_simple(
        db, "DO $$ BEGIN IF to_regnamespace(quote_ident(" SHADOW ")) IS NOT NULL AND"
            " pg_try_advisory_xact_lock(hashtextextended(current_schema(), 0)) THEN " DROP_SHADOW
            "END IF; END $$");
}

enum status postgres_shadow_swap(struct db *db, struct db *shadow) {
    enum status status = db_begin(db);
    if (status != STATUS_OK) return status;
    // Else another's may stand there.
    if (PQstatus(postgres_of(shadow)->handle) != CONNECTION_OK) status = STATUS_UNAVAILABLE;
    if (status == STATUS_OK)
        status = db_exec_script(db, "SET LOCAL lock_timeout = '" SWAP_LOCK_TIMEOUT "';"
                                    "DO $$ DECLARE names text[]; name text; BEGIN"
                                    " SELECT array_agg(tablename ORDER BY tablename) INTO names"
                                    " FROM pg_tables WHERE schemaname = " SHADOW ";"
                                    " EXECUTE (SELECT format('DROP TABLE IF EXISTS %s',"
                                    " string_agg(format('%I.%I', current_schema(), old), ', '))"
                                    " FROM unnest(names) AS old);"
                                    " FOREACH name IN ARRAY names LOOP"
                                    " EXECUTE format('ALTER TABLE %I.%I SET SCHEMA %I', " SHADOW
                                    ", name, current_schema());"
                                    " END LOOP; " DROP_SHADOW "END $$");
    if (status == STATUS_OK) return db_commit(db);
    db_rollback(db);
    return status;
}

enum status postgres_shadow_join(struct db *db, struct db *shadow, struct buf *own,
                                 struct buf *other) {
    struct db_statement *statement;
    bool has_row;
    (void)shadow;
    enum status status = db_prepare(&statement, db,
                                    "SELECT quote_ident(current_schema()) || '.' AS own,"
                                    " quote_ident(" SHADOW ") || '.' AS other");
    if (status != STATUS_OK) return status;
    status = db_step(statement, &has_row);
    if (status == STATUS_OK) {
        buf_append(own, db_column_text(statement, "own"));
        buf_append(other, db_column_text(statement, "other"));
    }
    db_release(statement);
    return status;
}
