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
is every_fault_has_happened happened grouped_seeds overrun_seeds repeats repeats_at_cap evidence twins_met fetches lost \
    duplicated reordered held_back late crashes crashes_of_all torn partitions clock_jumps \
    hostile_nodes forged refused synced unbuilt useless stalls
replays 3
try CALM=1 SEEDS=1 NODES=4
is blocks_are_final_without_faults says '"violations": 0,'
# Were the hostile ones too weak to do harm, the rest would say little.
try OVERRUN=1 SEEDS=100
is halts_and_signatures_are_sound_where_agreement_is_overrun says '"seeds": 100, "violations": 0,'
is too_many_hostile_witnesses_break_it happened forks halts_two_certificates halts_two_branches \
    halts_invalid_final
is refuses_more_nodes_than_a_set_has test "$(run NODES=102 2>&1 || true)" = 'NODES is 4 to 101'
close_cases
