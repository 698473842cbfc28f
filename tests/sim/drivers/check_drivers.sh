#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A moment of `make sim LAYER=drivers`: no violation, a seed replays to the byte, every kind of fault
# has happened, and every bug of plants.txt can still be planted.
set -eu
top=${srcdir:-$(dirname "$0")/../../..}
simulator=./tests/sim/drivers/drivers layer=drivers
. "$top/tests/sim/layer_cases.sh"

try SEED=6 SEEDS=25
is no_violation_in_25_seeds says '"seeds": 25, "violations": 0,'
is every_fault_has_happened happened grouped_seeds empty_seeds idle_seeds moved_keys absent blocks \
    epochs evidence syncs lost duplicated flipped forged spoiled replayed partitions kills power_cuts \
    cuts_of_all last_cuts large_seeds failed_disks torn unbuilt refused twins twins_met blamed lost_logs \
    signatures_remembered
replays 1
close_cases
