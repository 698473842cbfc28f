#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# index_sqlite, and index_postgres where PostgreSQL is installed.
set -u
: "${srcdir:=.}"
[ -z "${LMM_TEST_POSTGRES:-}" ] || exec tests/bench/bench_index
status=0
sh "$srcdir/tests/support/postgres.sh" run tests/bench/bench_index || status=$?
[ $status -ne 3 ] || exec tests/bench/bench_index
exit $status
