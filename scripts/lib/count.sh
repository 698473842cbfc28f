# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Adds up what tests counted in their logs: sourced by `check`, which also sources terminal.sh.

passed=0 failed=0 skipped=0
# The last line has nothing but the counts; what could not run is told before.
closing_line() {
    ((skipped == 0)) || say "$skipped skipped"
    say "$passed passed, $failed failed"
}

# has_time_for PERCENT LABEL: whether a step ends in time that takes so much of what the tests took,
# $tests_seconds. They tell how fast a machine is: a build may find all it needs in a cache, they never do.
# What is left out is told, and counts as skipped.
: "${all:=no}" "${begin:=$EPOCHSECONDS}" "${tests_seconds:=0}"
MOST_SECONDS=1320
has_time_for() {
    local percent=$1 label=$2 spent=$((EPOCHSECONDS - begin))
    [ "$all" = no ] || return 0
    ((100 * spent + percent * tests_seconds >= 100 * MOST_SECONDS)) || return 0
    leave_out "$label"
    return 1
}
leave_out() {
    skipped=$((skipped + 1))
    say "LEFT OUT, there is no time for it: $1 (./check --all)"
}

add_pass() { passed=$((passed + 1)); }
add_fail() {
    failed=$((failed + 1))
    say "FAILED $1"
}
# one LABEL COMMAND... : a step that counts as one test.
one() { if step "$@"; then add_pass; else add_fail "$1"; fi; }

# add_log NAME RESULT LOG: adds what a test program counted in its log. RESULT is automake's PASS,
# FAIL, SKIP ... A program that failed or died without saying how many cases failed is one failure.
add_log() {
    local name=$1 result=$2 log=$3 p=0 f=0 s=0 counted
    read -r counted p f s < <(awk '
        /^COUNTED [0-9]+ passed, [0-9]+ failed$/ { counted = 1; p += $2; f += $4 }
        /^SKIPPED / { s++ }
        END { print counted + 0, p + 0, f + 0, s + 0 }' "$log")
    case $result in
    PASS) ((counted)) || p=1 ;;
    SKIP) p=0 && ((s > 0)) || s=1 ;;
    *) ((f > 0)) || f=1 ;;
    esac
    # A case that skipped itself is among those passed.
    ((p >= s)) && [ "$result" != SKIP ] && p=$((p - s))
    if [ "$result" = PASS ] && ((f > 0)); then
        say "FAILED $name counted failures and then exited with success"
    elif ((f > 0)); then
        say "FAILED $name: $f (see $log)"
        grep -E '^FAILED |:[FE]:|[Aa]ssert|ERROR: (Address|Leak|Undefined)|runtime error' "$log" |
            head -n 10 | sed 's/^/    /' || true
    fi
    grep -h '^SKIPPED ' "$log" | sort | uniq -c | sed 's/^ *\([0-9]*\) SKIPPED/    skipped \1 ×/' || true
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

# tell_costs DIR FILE NAME...: the seconds of processors by which tests/support/bounded ends each test's
# log in DIR: their sum and the ten dearest are said; all go to FILE, dearest first.
tell_costs() {
    local dir=$1 file=$2
    shift 2
    { (cd "$dir" && grep -Hs '^COST ' "${@/%/.log}") || true; } |
        sed -nE 's/^(.*)\.log:COST ([0-9.]+) s of processors in ([0-9.]+) s$/\2 \3 \1/p' |
        sort -k 1,1nr >"$file"
    awk -v file="$file" 'NR <= 10 { told = told sprintf("%s %s %d", NR == 1 ? "" : ",", $3, $1 + 0.5) }
        { sum += $1 }
        END { if (NR) printf "    %d s of processors; the dearest:%s (%s)\n", sum + 0.5, told, file }' "$file"
}
