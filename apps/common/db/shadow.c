// SPDX-License-Identifier: Apache-2.0
#include "apps/common/db/shadow.h"

#include "apps/common/db/driver.h"

enum status db_shadow_open(struct db **out, const char *url) {
    return db_open_as(out, url, DB_SHADOW);
}

enum status db_shadow_swap(struct db *db, struct db *shadow) {
    ENSURE(shadow->role == DB_SHADOW && db->role == DB_WRITER && db->driver == shadow->driver);
    ENSURE(db->transaction == DB_NO_TRANSACTION && shadow->transaction == DB_NO_TRANSACTION);
    return db->driver->shadow_swap(db, shadow);
}

enum status db_shadow_clear(struct db *db) { return db->driver->shadow_clear(db); }

enum status db_shadow_join(struct db *db, struct db *shadow, struct buf *own, struct buf *other) {
    ENSURE(shadow->role == DB_SHADOW && db->driver == shadow->driver);
    ENSURE(db->transaction == DB_NO_TRANSACTION);
    return db->driver->shadow_join(db, shadow, own, other);
}

enum status db_shadow_prepare_tables(struct db_statement **out, struct db *db) {
    return db_prepare(out, db, db->driver->shadow_tables);
}

enum status db_shadow_prepare_columns(struct db_statement **out, struct db *db) {
    return db_prepare(out, db, db->driver->shadow_columns);
}
