#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Each bench of the index runs to its end on very little, and prints the lines that it promises.
set -euo pipefail
source=$(cd "${srcdir:-.}" && pwd)
command -v jq >/dev/null || { echo "SKIPPED benches of the index: no jq" && exit 77; }
# shellcheck source=tests/scripts/cases.sh
. "$source/tests/scripts/cases.sh"
output=''
tell() { printf '%s\n' "$output"; }
runs() { output=$(srcdir=$source sh "$source/tests/bench/bench_index.sh" --quick); }
# names EXPECTED: of the lines, each of which has a figure and what it is held against.
names() {
    [ "$(jq -r 'select(.value > 0 and .baseline_value > 0 and .ratio > 0 and (.unit | length > 0)
        and (.baseline | length > 0)) | .name' <<<"$output" | tr '\n' ' ')" = "$1 " ]
}
expected='index_sqlite index_postgres index_delay_sqlite index_delay_postgres'
find /usr/lib/postgresql -name initdb 2>/dev/null | grep -q . || [ -n "${LMM_TEST_POSTGRES-}" ] ||
    command -v initdb >/dev/null || expected='index_sqlite index_delay_sqlite'
is benches_of_the_index_run runs
is and_tell_their_figures names "$expected"
close_cases
