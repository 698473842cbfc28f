#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `lmm node` and a market's server, each with the key of one of two witnesses: neither makes a block
# without the other, and what one is told becomes final at both. Run in the build root by `make check`.
# shellcheck disable=SC2016 # expanded by eval
set -euo pipefail
export LC_ALL=C.UTF-8
source=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
# shellcheck source=tests/scripts/lmm_cases.sh
. "$source/tests/scripts/lmm_cases.sh"
node=
end_node() {
    [ -z "$node" ] || { kill "$node" 2>/dev/null && wait "$node"; } || true
    node=
}
trap 'end_node; cleanup' EXIT

end_server
mv devnet.json devnet.old
"$lmm" genesis keys 2 --out keys.txt >public.json
alice=$(jq -r '.accounts[] | select(.role == "alice").address' devnet.old)
sed -n '/^```json$/,/^```$/p' "$source/docs/genesis.md" | sed '1d;$d' |
    jq --slurpfile public public.json --arg alice "$alice" '.accounts[0].address = $public[0].server
        | .accounts += [{address: $alice, balance: "1000"}] | .witnesses = $public[0].witnesses
        | .params.block_interval_ms = 50' >chain.json
cp "$build/apps/supplychain/contract/supplychain.wasm" .
"$lmm" genesis make chain.json --out genesis >/dev/null

# The first witness is the node's, the second the server's.
grep '^witness' keys.txt | sed -n '1s/witness //p' >seed
grep '^witness' keys.txt | sed -n '2p' >server.txt
grep -v '^witness' keys.txt >>server.txt
echo correct-horse >passphrase
chmod 600 seed server.txt passphrase
"$lmm" keys import witness-1 --light --keystore store --passphrase-file passphrase --from seed >/dev/null
sealed=(--keystore store --passphrase-file passphrase)
port=$((20000 + RANDOM % 10000))
at=127.0.0.1:$port

is a_node_is_among_others lmm 2 node here genesis
is says_so complains '--listen or --peers is needed'
is a_peer_is_an_address lmm 2 node here genesis --peers nowhere
is says_which complains 'not nowhere'
is a_key_is_64_digits lmm 2 node here genesis --peers "12@$at"
is says_which_is_none complains "KEY@ADDRESS:PORT,…, not 12@$at"
zeros=0000000000000000000000000000000000000000000000000000000000000000
is a_place_is_of_one_node lmm 2 node here genesis --peers "$zeros@$at,${zeros%0}1@$at"
is says_that_two_are_named complains '--peers has two keys for one address'
is a_hidden_node_has_sentries lmm 2 node here genesis --hidden --listen "$at"
is says_what_it_goes_with complains '--hidden goes with --peers'
is what_is_announced_is_an_address lmm 2 node here genesis --listen "$at" --announce nowhere
is says_what_it_takes complains '--announce takes ADDRESS:PORT, not nowhere'
is what_is_announced_listens lmm 2 node here genesis --peers "$at" --announce "$at"
is says_what_that_goes_with complains '--announce says nothing without --listen'
is nobody_is_sent_inside lmm 2 node here genesis --listen "$at" --announce 10.0.0.5:7000
is says_why_not complains 'a private one only where --peers has one too; not 10.0.0.5:7000'
is any_is_nowhere lmm 2 node here genesis --listen "$at" --peers "$at" --announce 0.0.0.0:7000
is says_that_too complains 'not 0.0.0.0:7000'
is a_sentry_is_told_keys lmm 2 node here genesis --listen "$at" --sentry-for 1234
is says_what_they_are complains 'not 1234'
is a_genesis_is_a_folder lmm 1 node here keys.txt --listen "$at"
is http_is_an_address lmm 2 node here genesis --listen "$at" --http nowhere
is says_which_http complains '--http takes ADDRESS:PORT, not nowhere'
is a_skew_is_a_number lmm 2 node here genesis --listen "$at" --clock-skew much
is says_what_a_skew_is complains 'takes milliseconds'
is a_clock_is_right_off_devnets lmm 2 node here genesis --listen "$at" --clock-skew 1000
is says_where_it_may_be_wrong complains 'a chain that is called devnet alone'
is what_everybody_has_is_for_a_devnet lmm 2 node here genesis --listen "$at" --devnet-keys 1
is and_that_is_told complains "are a devnet's"
is so_is_a_clock_that_others_move lmm 2 node here genesis --listen "$at" --clock clock
"$build/lmm-supplychain" --devnet --data "$folder/data" --write-genesis "$folder/devnet"
is a_devnets_keys_have_numbers lmm 2 node here devnet --listen "$at" --devnet-keys 5
is which_are_told complains 'numbers from 1 to 4, as 1,3-4, not 5'
is they_are_no_keystores lmm 2 node here devnet --listen "$at" --devnet-keys 4 "${sealed[@]}"
is a_devnets_node_is_checked_too lmm 0 node here devnet --listen "$at" --devnet-keys 2-4 --clock clock --check
is a_check_starts_nothing lmm 0 node here genesis "${sealed[@]}" --listen "$at" --check
is makes_nothing test ! -e here

begin_node() {
    "$lmm" node here genesis --first-start "$@" >"$folder/node.out" 2>>"$folder/node.log" &
    node=$!
    until is_ready_of $node here/ready.json; do
        kill -0 $node 2>/dev/null || { cat "$folder/node.log" && exit 1; }
        pause 0.02
    done
}
begin_node "${sealed[@]}" --listen "$at" --http "127.0.0.1:$((port + 10000))"
node_url=$(jq -r .url here/ready.json)
ask() { curl -s --noproxy '*' "$node_url$1"; }
is a_node_tells_where_it_is test "$(jq -r .peer_port here/ready.json)" = "$port"
is tells_its_key grep -Eqx '[0-9a-f]{64}' <(jq -r .node_key here/ready.json)
is says_the_same_to_who_started_it cmp -s here/ready.json "$folder/node.out"
name=$(jq -r .peer_name here/ready.json)
is tells_how_others_name_it test "$name" = "$(jq -r .node_key here/ready.json)@$at"
is its_log_does_too grep -qF "\"name\":\"$name\"" "$folder/node.log"

# Whoever answers there with another key is nobody that was named.
"$lmm" node there genesis --peers "$zeros@$at" >/dev/null 2>"$folder/there.log" &
there=$!
until grep -q other_node "$folder/there.log" || ! kill -0 $there; do pause 0.05; done
is another_key_is_refused grep -qF "another node than the one that was named answers there" "$folder/there.log"
is says_who_was_named grep -qF "\"peer\":\"$at\",\"named\":\"$zeros\",\"node\":\"${name%@*}\"" "$folder/there.log"
is it_runs_on kill $there
wait $there || true

rm -rf data
begin_server --genesis genesis --keys server.txt --keys-in-clear --peers "$name" --first-start
jq --arg url "$(jq -r .url data/ready.json)" '.servers.supplychain.url = $url' devnet.old >devnet.json
bob=$(jq -r '.accounts[] | select(.role == "bob").address' devnet.old)
is both_make_blocks lmm 0 transfer alice "$bob" 1 --wait
is it_counts_its_peers grep -qx 'lmm_net_connections 1' \
    <(curl -sf --noproxy '*' "$(jq -r .url data/ready.json)/metrics")
is the_votes_are_apart test -s data/votes/0000000000000001
is the_server_is_ready curl -sf --noproxy '*' "$(jq -r .url data/ready.json)/readyz"

is a_node_lives test "$(ask /livez)" = '{"status":"ok"}'
is a_node_is_ready test "$(ask /readyz?verbose)" = '{"status":"ready","problems":[]}'
metric() { ask /metrics | sed -n "s/^$1 //p"; }
is it_counts_its_peers test "$(metric lmm_node_peers)" = 1
is it_tells_whether_it_signs test "$(metric lmm_consensus_keys)" -ge 1
is that_it_does test "$(metric 'lmm_consensus_votes_signed_total{kind="finalize"}')" -ge 1
is it_tells_whether_it_is_behind test "$(metric lmm_sync_running)" = 0
is and_what_it_has_for_who_joins test "$(metric lmm_sync_oldest_height) $(metric lmm_sync_snapshot_height)" = '1 0'
height=$(ask /v1/chain | jq .height)
is it_tells_where_its_chain_is test "$(metric lmm_node_height)" -ge "$height"
is it_tells_its_blocks test "$(ask "/v1/blocks/$height" | jq -r .id)" = \
    "$(curl -sf --noproxy '*' "$(jq -r .url data/ready.json)/v1/blocks/$height" | jq -r .id)"
is a_block_has_its_transactions test "$(
    for ((i = 1; i <= height; i++)); do ask "/v1/blocks/$i"; done | jq -r '.transactions[].code')" = OK
is nobody_has_blocks_to_come test "$(ask "/v1/blocks/$((height + 1000))" | jq .status)" = 404
is a_height_is_a_number test "$(ask /v1/blocks/1x | jq .status)" = 404
is there_is_no_more test "$(ask /v1/accounts | jq .status)" = 404

end_node
is a_stop_takes_its_word_back test ! -e here/ready.json
is one_is_not_enough lmm 0 transfer alice "$bob" 1 --json
id=$(jq -r .id <<<"$out")
is takes_it_all_the_same lmm 0 tx "$id" --json
is it_waits test "$(jq -r .status <<<"$out")" = pending
begin_node "${sealed[@]}" --listen "$at"
is it_is_final_when_both_are_there lmm 0 tx "$id" --wait
is it_said_nothing_of_errors test -z "$(grep -F '"level":"error"' node.log)"

# Other keys beside the log of these: nobody knows what they have signed elsewhere.
end_node
"$lmm" genesis keys 1 --out more.txt >/dev/null
sed -n 's/^witness //p' more.txt >seed && chmod 600 seed
"$lmm" keys import witness-9 --light --keystore others --passphrase-file passphrase --from seed >/dev/null
sealed=(--keystore others --passphrase-file passphrase)
ends() { # STATUS ARGUMENT...: a node that starts would never end
    status=0
    timeout 60 "$lmm" "${@:2}" 2>"$folder/complaint" >/dev/null || status=$?
    complaint=$(<"$folder/complaint")
    [ "$status" -eq "$1" ]
}
is other_keys_are_refused ends 1 node here genesis --listen "$at" "${sealed[@]}" --first-start
is which_says_what_to_do complains 'the log of votes is of other keys: these need an empty folder for theirs, or to be accepted'
begin_node "${sealed[@]}" --listen "$at" --accept-new-keys
is they_are_taken_where_that_is_wished test -s here/ready.json
end_node
begin_node "${sealed[@]}" --listen "$at"
is it_is_their_log_now test -s here/ready.json

close_cases
