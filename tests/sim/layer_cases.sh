# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# What the checks of the simulator's layers share: sourced, with `simulator` the program, `layer` its
# name in `make sim LAYER=`, and `top` the source tree's root. A check asks `is NAME COMMAND...` and ends with close_cases.
: "${simulator:?}" "${layer:?}" "${top:?}"
passed=0 failed=0
is() {
    name=$1
    shift
    if "$@"; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "not so: $name"
    fi
}
run() { # NAME=VALUE...
    env -u SEEDS -u SEED -u NODES -u GROUP -u HOSTILE -u CALM -u OVERRUN -u TRACE "$@" "$simulator"
}
try() { # NAME=VALUE...: the last line is in `result`, and printed
    result=$(run "$@") || true
    echo "$result"
}
says() { case $result in *"$1"*) ;; *) return 1 ;; esac; }
# Each kind of fault has happened, or the seeds say nothing about it.
happened() { # KIND...
    for kind in "$@"; do
        case $result in
        *"\"$kind\": 0"*)
            echo "nothing of the kind: $kind"
            return 1
            ;;
        *"\"$kind\": "*) ;;
        *) return 1 ;;
        esac
    done
}
digest() { run "$@" | sed -n 's/.*"digest": "\([0-9a-f]*\)".*/\1/p'; }
# replays SEEDS
replays() {
    first=$(digest SEEDS="$1" SEED=40)
    again=$(digest SEEDS="$1" SEED=40)
    other=$(digest SEEDS="$1" SEED=41)
    is a_seed_replays_to_the_byte test -n "$first" -a "$first" = "$again"
    is another_seed_is_another_run test "$first" != "$other"
}
close_cases() {
    is every_bug_can_be_planted env LAYER="$layer" "$top/tests/sim/plant" "$top" --check
    echo "COUNTED $passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
