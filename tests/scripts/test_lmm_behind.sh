#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A node that is hundreds of blocks late, on a slow line, says by HTTP how far behind it is, and that it is ready
# once it is not. Real processes, run in the build root by `make check`.
# shellcheck disable=SC2016 # what is Markdown is none of the shell
set -euo pipefail
export LC_ALL=C.UTF-8
source=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
build=$PWD
command -v node >/dev/null || { echo "SKIPPED a node that is late: no node" && exit 77; }
# shellcheck source=tests/scripts/lmm_cases.sh
. "$source/tests/scripts/lmm_cases.sh"
line='' late=''
end_both() {
    local one
    for one in $line $late; do { kill "$one" 2>/dev/null && wait "$one"; } || true; done
    cleanup
}
trap end_both EXIT

# A chain with a block every 20 ms, by a node that has all keys. No snapshot is kept before 999.
end_server
"$lmm" genesis keys 4 --out keys.txt >public.json
sed -n '/^```json$/,/^```$/p' "$source/docs/genesis.md" | sed '1d;$d' |
    jq --slurpfile public public.json '.accounts[0].address = $public[0].server
        | .witnesses = $public[0].witnesses | .params.block_interval_ms = 20
        | .params.leave_out_empty_blocks = false' >chain.json
cp "$build/apps/supplychain/contract/supplychain.wasm" .
"$lmm" genesis make chain.json --out genesis >/dev/null
rm -rf data
port=$((20000 + 2 * (RANDOM % 5000)))
is_old() { grep -q 'the newest block here is older than' log; }
network=(--genesis genesis --peer-listen "127.0.0.1:$port")
ask() { curl -s --noproxy '*' "$(jq -r .url "$1")$2"; } # READY PATH
height_of() { ask "$1" /v1/chain | jq -r .height; }
# wait_until COMMAND...: for as long as a slow machine may take.
wait_until() {
    for _ in $(seq 2400); do
        "$@" && return
        pause 0.05
    done
    return 1
}
is_there() { [ "$(height_of "$1")" -ge "$2" ]; }

begin_server "${network[@]}" --keys keys.txt --keys-in-clear --first-start
is a_chain_has_blocks wait_until is_there "$ready" 300
end_server
# Without keys of blocks it only hands out what there is.
(umask 077 && grep -v '^witness' keys.txt >follower.txt)
begin_server "${network[@]}" --keys follower.txt --keys-in-clear --votes "$folder/unused"
newest=$(height_of "$ready")

echo 10000 >narrow
node "$source/tests/scripts/slow_line.mjs" line "$port" narrow &
line=$!
wait_until test -s line
"$lmm" node late genesis --peers "$(<line)" --http "127.0.0.1:$((port + 1))" >late.ready 2>late.log &
late=$!
wait_until test -s late.ready
is it_says_that_it_cannot_know_whom_it_meets grep -q 'the newest block here is older than' late.log
# It said how many, between these two heights: it looks four times a second.
says_how_far() {
    before=$(height_of late.ready)
    pause 1
    out=$(ask late.ready /readyz?verbose)
    after=$(height_of late.ready)
    [[ $out =~ 'this node catches up: it is '([0-9]+)' blocks behind what its peers have' ]] || return 1
    behind=${BASH_REMATCH[1]}
}
# Those that it has executed count. They are shown with the next certificate, of 128 blocks at most.
is_so() { ((before <= newest - behind && newest - behind <= after + 128)); }
is_nearer() { says_how_far && [ "$behind" -lt "$first" ]; }
is a_late_node_says_how_far_behind_it_is wait_until says_how_far
is which_it_is is_so
is it_is_not_ready test "$(jq -r .status <<<"$out")" = "not ready"
is which_is_a_503 test "$(curl -s --noproxy '*' -o /dev/null -w '%{http_code}' "$(jq -r .url late.ready)/readyz")" = 503
first=$behind
is it_comes_nearer_and_says_so wait_until is_nearer
is which_it_is_again is_so
rm narrow
is it_has_all_once_the_line_is_wide wait_until is_there late.ready "$newest"
is_behind_no_more() { [[ $(ask late.ready /readyz?verbose) != *'blocks behind'* ]]; }
is and_is_behind_no_more wait_until is_behind_no_more

end_server
begin_server "${network[@]}" --keys keys.txt --keys-in-clear
is but_who_has_blocks_of_today_says_nothing eval '! is_old'
is it_goes_on_with_the_chain wait_until is_there late.ready $((newest + 10))
is_ready() { [ "$(ask late.ready /readyz?verbose)" = '{"status":"ready","problems":[]}' ]; }
is and_is_ready wait_until is_ready

close_cases
