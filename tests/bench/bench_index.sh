#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# index_sqlite and index_delay_sqlite, and the same on PostgreSQL where it is installed. --quick: so
# little of each that it only shows that the programs work.
set -u
: "${srcdir:=.}"
run() {
    tests/bench/bench_index "$@" && tests/bench/bench_index_delay "$@"
}
if [ "${1-}" = inside ]; then
    shift
    run "$@"
    exit
fi
if [ -n "${LMM_TEST_POSTGRES:-}" ]; then
    run "$@"
    exit
fi
status=0
sh "$srcdir/tests/support/postgres.sh" run sh "$srcdir/tests/bench/bench_index.sh" inside "$@" ||
    status=$?
[ $status -ne 3 ] || { run "$@" && status=0; }
exit $status
