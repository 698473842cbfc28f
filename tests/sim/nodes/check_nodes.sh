#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A moment of `make sim LAYER=nodes`: no violation, a seed replays to the byte, every kind of fault
# has happened, and every bug of plants.txt can still be planted.
set -eu
top=${srcdir:-$(dirname "$0")/../../..}
simulator=./tests/sim/nodes/nodes layer=nodes
. "$top/tests/sim/layer_cases.sh"

try SEED=43 SEEDS=14
is no_violation_in_14_seeds says '"seeds": 14, "violations": 0,'
is every_fault_has_happened happened many_seeds blocks epochs txs_final txs_dropped contracts timers \
    stops kills power_cuts cuts_in_calls cuts_in_starts kills_in_calls writes_lost writes_torn \
    writes_kept names_undone names_kept clock_jumps frames_dropped breaks partitions cuts_of_all \
    lost_votes wiped hostile twins twins_met withheld replayed forged spoiled equivocated penalised punished charges_kept joined \
    cuts_in_joins replays large_seeds last_cuts
replays 1
close_cases
