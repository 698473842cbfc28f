// SPDX-License-Identifier: Apache-2.0
// What the server's small SQLite files have in common: a file of before a column was needed gets
// it.
#ifndef LMM_SERVER_STORE_H
#define LMM_SERVER_STORE_H

#include "apps/common/db/db.h"

enum status store_has_column(struct db *db, const char *table, const char *column,
                             bool *out) MUST_CHECK;
// Adds a column where there is none, with what ADD COLUMN takes behind its name ("TEXT NOT NULL
// DEFAULT ''"). SQLite alone.
enum status store_add_column(struct db *db, const char *table, const char *column,
                             const char *definition) MUST_CHECK;

#endif
