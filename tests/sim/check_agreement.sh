#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A moment of `make sim`: no violation, each seed replays to the byte, and every bug of plants.txt can
# still be planted. That they are found is `make sim-plants`, for it compiles each.
set -eu
top=${srcdir:-$(dirname "$0")/../..}
simulator=./tests/sim/agreement
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
    env -u SEEDS -u SEED -u NODES -u CALM -u OVERRUN -u TRACE "$@" "$simulator"
}
digest() { run "$@" | sed -n 's/.*"digest": "\([0-9a-f]*\)".*/\1/p'; }

result=$(run SEEDS=150) || true
echo "$result"
says() { case $result in *"$1"*) ;; *) return 1 ;; esac; }
is no_violation_in_150_seeds says '"seeds": 150, "violations": 0,'
# Each kind of fault has happened, or the seeds say nothing about it.
happened() {
    for kind in grouped_seeds repeats repeats_at_cap evidence fetches lost duplicated reordered held_back late crashes \
        crashes_of_all torn partitions clock_jumps hostile_nodes forged refused synced; do
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
first=$(digest SEEDS=3 SEED=40)
again=$(digest SEEDS=3 SEED=40)
other=$(digest SEEDS=3 SEED=41)
is a_seed_replays_to_the_byte test -n "$first" -a "$first" = "$again"
is another_seed_is_another_run test "$first" != "$other"
result=$(run CALM=1 SEEDS=1 NODES=4) || true
echo "$result"
is blocks_are_final_without_faults says '"violations": 0,'
# Were the hostile ones too weak to do harm, the rest would say little.
result=$(run OVERRUN=1 SEED=330 SEEDS=700) || true
is one_hostile_witness_too_many_breaks_it says '"violations": 1,'
is refuses_more_nodes_than_a_set_has test "$(run NODES=102 2>&1 || true)" = 'NODES is 4 to 101'
is every_bug_can_be_planted "$top/tests/sim/plant" "$top" --check
echo "COUNTED $passed passed, $failed failed"
[ "$failed" -eq 0 ]
