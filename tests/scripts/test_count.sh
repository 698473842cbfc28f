#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How ./check adds up what tests counted: above all, that nothing which failed, died or lied passes.
set -euo pipefail
scripts=$(cd "${srcdir:-$(dirname "$0")/../..}/scripts" && pwd)
# shellcheck source=scripts/lib/terminal.sh
. "$scripts/lib/terminal.sh"
# shellcheck source=scripts/lib/count.sh
. "$scripts/lib/count.sh"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
good=0 bad=0

# counts NAME RESULT EXPECTED: what a log of standard input adds.
counts() {
    local name=$1 result=$2 expected=$3 line
    cat >"$log"
    # shellcheck disable=SC2034 # add_log and closing_line use them
    passed=0 failed=0 skipped=0
    add_log a_test "$result" "$log" >/dev/null
    line=$(closing_line)
    line=${line//$'\n'/ | }
    if [ "$line" = "$expected" ]; then
        good=$((good + 1))
    else
        bad=$((bad + 1))
        printf 'FAILED %s: %s instead of %s\n' "$name" "$line" "$expected"
    fi
}

counts adds_what_a_program_counted PASS '12 passed, 0 failed' <<<'COUNTED 12 passed, 0 failed'
counts adds_several_counts PASS '5 passed, 0 failed' <<<'COUNTED 2 passed, 0 failed
COUNTED 3 passed, 0 failed'
counts takes_skipped_cases_out PASS '2 skipped | 10 passed, 0 failed' <<<'SKIPPED no data
SKIPPED no database
COUNTED 12 passed, 0 failed'
counts counts_a_script_as_one PASS '1 passed, 0 failed' <<<'all is well'
counts counts_failures FAIL '3 passed, 2 failed' <<<'COUNTED 3 passed, 2 failed'
counts counts_a_program_that_died FAIL '0 passed, 1 failed' <<<'Running suite(s): base'
counts counts_a_program_that_said_nothing FAIL '0 passed, 1 failed' </dev/null
counts counts_a_leak_after_the_last_case FAIL '12 passed, 1 failed' <<<'COUNTED 12 passed, 0 failed
ERROR: LeakSanitizer: detected memory leaks'
counts believes_failures_more_than_success PASS '1 passed, 1 failed' <<<'COUNTED 1 passed, 1 failed'
counts counts_a_skipped_program SKIP '1 skipped | 0 passed, 0 failed' <<<'SKIPPED no node'
counts counts_one_that_skipped_in_silence SKIP '1 skipped | 0 passed, 0 failed' </dev/null
counts counts_a_hard_error ERROR '1 skipped | 0 passed, 1 failed' <<<'SKIPPED nothing'

# times NAME EXPECTED ALL SPENT PERCENT: of a machine whose tests took 200 s.
times() {
    local name=$1 expected=$2 line
    # shellcheck disable=SC2034 # has_time_for and closing_line use them
    passed=0 failed=0 skipped=0 all=$3 begin=$((EPOCHSECONDS - $4)) tests_seconds=200
    line=$(if has_time_for "$5" "it" >/dev/null; then echo begun; else closing_line; fi)
    line=${line//$'\n'/ | }
    if [ "$line" = "$expected" ]; then
        good=$((good + 1))
    else
        bad=$((bad + 1))
        printf 'FAILED %s: %s instead of %s\n' "$name" "$line" "$expected"
    fi
}
times begins_what_ends_in_time begun no $((MOST_SECONDS - 160)) 75
times leaves_out_and_counts_what_does_not '1 skipped | 0 passed, 0 failed' no $((MOST_SECONDS - 140)) 75
times leaves_out_nothing_of_all begun yes $((2 * MOST_SECONDS)) 75

# What tests cost, by the last lines of their logs.
folder=$(mktemp -d)
trap 'rm -rf "$log" "$folder"' EXIT
for i in 1 2 3 4 5 6 7 8 9 10 11; do
    printf 'COST of living\nCOST %d.25 s of processors in 0.5 s\n' $i >"$folder/test_$i.log"
done
touch "$folder/test_none.log"
line=$(tell_costs "$folder" "$folder/costs" test_{1..11} test_none test_gone)
expected="    69 s of processors; the dearest: test_11 11, test_10 10, test_9 9, test_8 8, test_7 7, test_6 6, test_5 5, test_4 4, test_3 3, test_2 2 ($folder/costs)"
if [ "$line" = "$expected" ] && [ "$(tail -n 1 "$folder/costs")" = '1.25 0.5 test_1' ] &&
    [ -z "$(tell_costs "$folder" "$folder/costs" test_none)" ]; then
    good=$((good + 1))
else
    bad=$((bad + 1))
    printf 'FAILED tells_the_dearest: %s\n' "$line"
fi

echo "COUNTED $good passed, $bad failed"
[ "$bad" -eq 0 ]
