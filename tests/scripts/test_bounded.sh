#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What runs each test: it tells what the test cost, ends one that hangs with all that it has started,
# and hands its status on. Run in the build root by `make check`.
# shellcheck disable=SC2016 # what the program under it is to expand
set -u
: "${srcdir:=.}"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# shellcheck source=tests/scripts/cases.sh
. "$srcdir/tests/scripts/cases.sh"
program=$PWD/tests/support/bounded
cd "$folder" || exit 1
tell() { printf '%s\n' "${said-}"; }
# bounded STATUS SECONDS COMMAND...: leaves in `said` all that it printed.
bounded() {
    local expected=$1 status=0
    shift
    said=$("$program" "$@" 2>&1) || status=$?
    [ $status -eq "$expected" ]
}
runs() { bounded "$1" "$2" bash -c "$3"; }
cost=$'(^|\n)COST ([0-9]+)\\.[0-9]{2} s of processors in [0-9]+\\.[0-9] s$'
has_cost_of() { [[ $said =~ $cost ]] && ((BASH_REMATCH[2] >= $1)); }
has_gone() { ! kill -0 "$1" 2>/dev/null; }

is a_success_is_one runs 0 100 'echo all is well'
is what_it_says_is_said test "${said%%$'\n'*}" = 'all is well'
is and_then_its_cost has_cost_of 0
is a_status_is_handed_on runs 77 100 'exit 77'
is so_is_the_signal_that_ended_it runs 137 100 'kill -9 $$'
is what_is_no_program_is_told bounded 126 100 "$folder/nothing"
is by_its_name test "${said%%:*}" = "$folder/nothing"
for bound in 0 -1 x 1x 100000 ''; do is "no_bound_is_'$bound'" bounded 2 "$bound" true; done

# All the work here is of one whose parent has gone; it has a second of a processor for it.
is a_server_that_outlives_its_parent runs 0 100 '
    ((ulimit -t 1; while :; do :; done) & echo $! >server)
    while kill -0 "$(<server)" 2>/dev/null; do sleep 0.05; done'
is is_of_its_cost has_cost_of 1

is one_that_hangs_is_ended runs 124 1 'setsid sleep 1000 >/dev/null 2>&1 & echo $! >server; exec sleep 1000'
is which_is_told test "${said%%$'\n'*}" = 'ended after 1 s'
is with_what_it_has_started has_gone "$(<"$folder/server")"
is a_signal_is_for_it runs 143 100 'kill -TERM $PPID; exec sleep 1000'
close_cases
