#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Snapshots that a real node keeps, as its operator handles them. Run in the build root by `make check`.
# shellcheck disable=SC2016 # expanded by eval
set -euo pipefail
export LC_ALL=C.UTF-8
source=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
build=$PWD
# shellcheck source=tests/scripts/lmm_cases.sh
. "$source/tests/scripts/lmm_cases.sh"

# A chain that makes a block as soon as one is over, by a node that has all keys and is among others.
end_server
"$lmm" genesis keys 4 --out keys.txt >public.json
sed -n '/^```json$/,/^```$/p' "$source/docs/genesis.md" | sed '1d;$d' |
    jq --slurpfile public public.json '.accounts[0].address = $public[0].server
        | .witnesses = $public[0].witnesses | .params.block_interval_ms = 1
        | .params.epoch_blocks = 10 | .params.leave_out_empty_blocks = false' >chain.json
cp "$build/apps/supplychain/contract/supplychain.wasm" .
"$lmm" genesis make chain.json --out genesis >/dev/null
rm -rf data
port=$((20000 + 2 * (RANDOM % 5000)))
begin_server --genesis genesis --keys keys.txt --keys-in-clear --peer-listen "127.0.0.1:$port" --first-start
is at_first_none_is_kept lmm 0 snapshot list data
is and_it_is_said prints_like 'no snapshot is kept: .*'
is nothing_can_be_taken_away lmm 1 snapshot export data carried
is which_is_said complains 'no snapshot is kept in data/chain/snapshots'
until_kept() {
    for _ in $(seq 3000); do
        lmm 0 snapshot list data --json && [ "$(shown '.items | length')" -ge "$1" ] && return
        read -rt 0.05 <> <(:) || true
    done
    return 1
}
is a_snapshot_is_kept until_kept 1
height=$(shown '.items[0].height') id=$(shown '.items[0].id')
is at_the_end_of_an_epoch test "$height" = 999
is under_its_header test "$id" = "$(curl -sf --noproxy '*' "$(jq -r .url "$ready")/v1/blocks/999" | jq -r .id)"
is people_read_it lmm 0 snapshot list data
is in_a_line prints_like "999  20[0-9T:.Z-]+  [0-9]+ pieces, [0-9]+ bytes  $id.*"
is it_is_copied_while_the_node_runs lmm 0 snapshot export data carried 999 --json
is all_of_it test "$(shown .bytes)" = "$(cat carried/* | wc -c)"
is for_its_owner_alone test -z "$(find carried -perm /077)"
is not_over_another lmm 1 snapshot export data carried
is which_is_told complains 'carried is there already'
is nor_one_that_is_not_kept lmm 1 snapshot export data other 1009
is but_which_there_are complains 'no snapshot is kept at height 1009'
is nor_of_no_height lmm 2 snapshot export data other 999x
is and_nothing_is_left test -z "$(find . -maxdepth 1 -name 'other*')"
is it_is_shown lmm 0 snapshot show carried
is as_trust_takes_it prints_like ".*block +999:$id.*"
is it_is_proven lmm 0 snapshot verify carried genesis --json
is from_genesis_on test "$(shown '[.verified, .height, .hand_overs]')" = "$(jq -n '[true, 999, 0]')"
is or_by_a_header_that_is_believed lmm 0 snapshot verify carried genesis --trust "999:$id"
is but_by_no_other lmm 1 snapshot verify carried genesis --trust "999:${id//?/0}"
is of_which_it_says_so complains 'not verified: carried: '
is nor_by_what_is_no_header lmm 2 snapshot verify carried genesis --trust 999
is a_running_node_makes_none lmm 1 snapshot make data genesis made
is it_says_what_to_do complains 'a node has data/chain open: stop it, or `lmm snapshot export`'
end_server

is a_stopped_one_makes_one lmm 0 snapshot make data genesis made --json
is of_its_newest_checkpoint test "$(shown .height)" -ge 1000
is which_is_proven_too lmm 0 snapshot verify made genesis
is never_over_another lmm 1 snapshot make data genesis made
is nor_of_what_is_no_node lmm 1 snapshot make genesis genesis nothing

# Damage, wherever it is, is found, and nobody joins by it.
largest=$(find carried -name 'piece-*' -printf '%s %f\n' | sort -n | tail -1 | cut -d' ' -f2)
cp -r carried spoilt && flip "spoilt/$largest" 40
is a_spoilt_piece_is_found lmm 1 snapshot verify spoilt genesis
is and_named complains "$largest"
is nobody_joins_by_it lmm 1 snapshot join spoilt away genesis
is and_nothing_is_there test ! -e away
rm -rf spoilt && cp -r carried spoilt && flip spoilt/manifest 200
is so_is_a_spoilt_header lmm 1 snapshot verify spoilt genesis
rm "spoilt/$largest" && cp carried/manifest spoilt/
is and_a_piece_that_is_missing lmm 1 snapshot verify spoilt genesis
is it_is_not_whole complains 'it is not whole'
is nor_is_it_shown lmm 1 snapshot show spoilt
jq '.name = "another"' chain.json >another.json
"$lmm" genesis make another.json --out another >/dev/null
is nor_is_it_another_chain_s lmm 1 snapshot verify carried another
is a_folder_without_one_is_none lmm 1 snapshot show genesis

# A new node by it.
is not_on_a_genesis_that_is_old lmm 1 snapshot join carried far/data genesis
is which_says_how complains '--trust a newer header, or --allow-old-snapshot'
is and_nothing_is_made test ! -e far/data
is a_header_of_today_will_do lmm 0 snapshot join carried trusting genesis --trust "999:$id"
is it_is_joined_by_if_that_is_wished lmm 0 snapshot join carried far/data genesis --allow-old-snapshot --json
is into_a_new_folder test "$(shown .folder)" = far/data
is once lmm 1 snapshot join carried far/data genesis --allow-old-snapshot
is which_is_what_it_says complains 'far/data/chain is there already, and is not empty'
begin_server --genesis genesis --keys keys.txt --keys-in-clear --peer-listen "127.0.0.1:$port"
ends() { # STATUS ARGUMENT...: a node that starts would never end
    status=0
    timeout 60 "$lmm" "${@:2}" 2>"$folder/complaint" >/dev/null || status=$?
    complaint=$(<"$folder/complaint")
    [ "$status" -eq "$1" ]
}
is nor_by_what_peers_have ends 1 node new/data genesis --peers "127.0.0.1:$port"
is which_says_so_too complains '--trust a newer header, or --allow-old-snapshot'
newest=$(curl -sf --noproxy '*' "$(jq -r .url "$ready")/v1/chain" | jq -r .height)
"$lmm" node far/data genesis --peers "127.0.0.1:$port" --http "127.0.0.1:$((port + 1))" >far/ready 2>far/log &
far=$!
trap 'kill $far 2>/dev/null || true; cleanup' EXIT
until_it_has() {
    for _ in $(seq 3000); do
        kill -0 $far 2>/dev/null || { cat far/log && return 1; }
        out=$(curl -sf --noproxy '*' "$(jq -r .url far/ready 2>/dev/null)/metrics" || true)
        [ "$(sed -n 's/^lmm_sync_oldest_height //p' <<<"$out")" = 1 ] &&
            [ "$(curl -sf --noproxy '*' "$(jq -r .url far/ready)/v1/chain" | jq -r .height)" -ge "$newest" ] && return
        read -rt 0.05 <> <(:) || true
    done
    return 1
}
is the_node_has_what_came_after_and_before until_it_has
kill $far && wait $far
is and_all_of_it_verifies lmm 0 verify far/data --json
is from_the_first_block_on test "$(shown .first)" = 1

# A devnet's keys are everybody's: there is nothing that a newer header would tell of it.
end_server
rm -rf data
jq '.name = "devnet"' chain.json >devnet.json
"$lmm" genesis make devnet.json --out devnet >/dev/null
begin_server --genesis devnet --keys keys.txt --keys-in-clear
until_it_is() { # HEIGHT
    for _ in $(seq 3000); do
        [ "$(curl -sf --noproxy '*' "$(jq -r .url "$ready")/v1/chain" | jq -r .height)" -ge "$1" ] && return
        read -rt 0.05 <> <(:) || true
    done
    return 1
}
is a_devnet_comes_to_a_checkpoint until_it_is 120
end_server
is its_snapshot_is_made lmm 0 snapshot make data devnet of-devnet
is and_joined_by_however_old_genesis_is lmm 0 snapshot join of-devnet follower devnet

close_cases
