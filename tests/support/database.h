// SPDX-License-Identifier: Apache-2.0
// An empty database of its own for a test case, on either engine. A case runs on both by
// tcase_add_loop_test(cases, it, 0, TEST_ENGINES), with `_i` as the engine.
#ifndef LMM_TESTS_DATABASE_H
#define LMM_TESTS_DATABASE_H

#include "apps/common/db/pool.h"

enum test_engine { TEST_SQLITE, TEST_POSTGRES, TEST_ENGINES };

struct test_database {
    char url[1024];
    char place[256]; // a directory, or a schema of PostgreSQL
    bool is_postgres;
};

// False (and the case counts as skipped) when the engine isn't there: PostgreSQL without
// LMM_TEST_POSTGRES. The caller closes it, after every connection to it.
bool test_database_open(struct test_database *database, int engine);
void test_database_close(struct test_database *database);

#endif
