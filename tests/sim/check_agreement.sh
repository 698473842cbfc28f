#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A moment of `make sim`: no violation, each seed replays to the byte, and every bug of plants.txt can
# still be planted. That they are found is `make sim-plants`, for it compiles each.
set -eu
top=${srcdir:-$(dirname "$0")/../..}
simulator=./tests/sim/agreement layer=agreement
. "$top/tests/sim/layer_cases.sh"

try SEEDS=150
is no_violation_in_150_seeds says '"seeds": 150, "violations": 0,'
is every_fault_has_happened happened grouped_seeds repeats repeats_at_cap evidence twins_met fetches lost \
    duplicated reordered held_back late crashes crashes_of_all torn partitions clock_jumps \
    hostile_nodes forged refused synced unbuilt useless stalls
replays 3
try CALM=1 SEEDS=1 NODES=4
is blocks_are_final_without_faults says '"violations": 0,'
# Were the hostile ones too weak to do harm, the rest would say little.
result=$(run OVERRUN=1 SEED=330 SEEDS=700) || true
is one_hostile_witness_too_many_breaks_it says '"violations": 1,'
is refuses_more_nodes_than_a_set_has test "$(run NODES=102 2>&1 || true)" = 'NODES is 4 to 101'
close_cases
