#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A moment of `make sim LAYER=nodes`: no violation, a seed replays to the byte, every kind of fault
# has happened, and every bug of plants.txt can still be planted.
set -eu
top=${srcdir:-$(dirname "$0")/../../..}
simulator=./tests/sim/nodes/nodes
passed=0 failed=0
is() { # NAME COMMAND...
    name=$1
    shift
    if "$@"; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "not so: $name"
    fi
}
run() { # NAME=VALUE...
    env -u SEEDS -u SEED -u TRACE "$@" "$simulator"
}
digest() { run "$@" | sed -n 's/.*"digest": "\([0-9a-f]*\)".*/\1/p'; }

result=$(run SEEDS=12) || true
echo "$result"
says() { case $result in *"$1"*) ;; *) return 1 ;; esac; }
is no_violation_in_12_seeds says '"seeds": 12, "violations": 0,'
happened() {
    for kind in blocks epochs txs_final contracts timers stops kills power_cuts cuts_in_calls \
        cuts_in_starts kills_in_calls writes_lost writes_torn writes_kept names_undone names_kept clock_jumps \
        replays; do
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
is every_fault_has_happened happened
first=$(digest SEEDS=1 SEED=40)
again=$(digest SEEDS=1 SEED=40)
other=$(digest SEEDS=1 SEED=41)
is a_seed_replays_to_the_byte test -n "$first" -a "$first" = "$again"
is another_seed_is_another_run test "$first" != "$other"
is every_bug_can_be_planted env LAYER=nodes "$top/tests/sim/plant" "$top" --check
echo "COUNTED $passed passed, $failed failed"
[ "$failed" -eq 0 ]
