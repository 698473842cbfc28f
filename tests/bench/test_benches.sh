#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Each bench runs to its end on very little, and prints the lines that it promises. Those of the index:
# test_bench_index.sh.
set -euo pipefail
source=$(cd "${srcdir:-.}" && pwd)
command -v jq >/dev/null || { echo "SKIPPED benches: no jq" && exit 77; }
# shellcheck source=tests/scripts/cases.sh
. "$source/tests/scripts/cases.sh"
output=''
tell() { printf '%s\n' "$output"; }
runs() { output=$("tests/bench/bench_$1" --quick 2>/dev/null); }
# tells NAMES: of its lines, each with a figure and a unit.
tells() {
    [ "$(jq -r 'select(.value > 0 and (.unit | length > 0)) | .name' <<<"$output" | tr '\n' ' ')" = "$1 " ]
}
# bench NAME FIGURES
bench() {
    is "bench_$1_runs" runs "$1"
    is "bench_$1_tells_its_figures" tells "$2"
}
bench catch_up 'catch_up catch_up_time catch_up_cpu'
bench crypto 'sign_verify_lanes hash_lanes'
bench election 'election election_block_within'
bench four_nodes 'transfers_four_nodes transfers_four_nodes_cpu transfers_four_nodes_sent finality_latency_median finality_latency'
bench hundred_nodes 'hundred_nodes_found hundred_nodes_interval hundred_nodes_cpu hundred_nodes_sent hundred_nodes_memory hundred_nodes_a_third_killed'
bench http 'http_object http_object_cpu memory_sse'
bench ledger 'memory_account_start state_transfers_20k state_execute_20k state_commit_20k memory_account memory_versions start_accounts'
bench join 'join_by_blocks join_by_blocks_time join_by_snapshot_time join_fill join_fill_bytes join_fill_time'
bench lock 'proof_bytes proof_bytes_known_header proof_bytes_new_set proof_verify proof_ram lock_ram'
bench mesh 'mesh_transactions_sent mesh_all_sent'
bench orders 'orders_execution_10 orders_execution_20 orders_execution_30'
bench transfers 'transfers_in_process transfers_in_process_cpu transfers_portable transfers_portable_cpu'
bench vm 'vm_fib vm_sort vm_sha256 vm_blake2b vm_sieve vm_vm vm_call vm_translate'
close_cases
