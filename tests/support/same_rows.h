// SPDX-License-Identifier: Apache-2.0
// One chain gives the same rows, whenever and in whatever database an index is made of it: a test
// plays on the server of raw.h, then asks that here. A case runs by tcase_add_loop_test(cases, it,
// 0, TEST_ENGINES).
#ifndef LMM_TESTS_SAME_ROWS_H
#define LMM_TESTS_SAME_ROWS_H

#include "tests/support/database.h"

// Appends what a query selects, a line a row: the columns' names are parted by blanks.
void same_rows_select(struct buf *out, struct db *db, const char *query, const char *columns);

// False where the engine is not there: the case is skipped, and there is nothing to close.
bool same_rows_open(struct test_database *database, int engine);
// Appends a market's rows, from a connection of its own to the server's database.
typedef void same_rows_dump(struct buf *out, struct db *db);
// Makes the index again, in place or with the database given, and holds both dumps against each
// other. They have more than `least` bytes, so that they are of something. The server runs on.
void same_rows_expect(const struct test_database *database, same_rows_dump *dump, size_t least);
// Stops the server.
void same_rows_close(struct test_database *database);

#endif
