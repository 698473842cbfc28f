#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `lmm` with a devnet's real servers: witnesses, epochs, peers and nodes. Run in the build root by
# `make check`.
set -euo pipefail
export LC_ALL=C.UTF-8
source=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
# shellcheck source=tests/scripts/lmm_cases.sh
. "$source/tests/scripts/lmm_cases.sh"
second=
end_second() {
    [ -z "$second" ] || { kill "$second" 2>/dev/null && wait "$second"; } || true
    second=
}
trap 'end_second; cleanup' EXIT

shown() { jq -c "$1" <<<"$out"; }

# Alone.
is a_block_is_made lmm 0 transfer bob alice 1 --wait
is witnesses_are_listed lmm 0 witness list --json
is all_four test "$(shown '[.quorum, (.items | length), (.leads | sort)]')" = '[3,4,[0,1,2,3]]'
is people_read_them lmm 0 witness list
is with_how_many_sign prints_like 'epoch 0: 4 witnesses, 3 sign each block.*'
is with_their_turns prints_like '.*leads next.*'
is each_in_its_own prints_like '.*leads in 3 turns.*'
is with_what_they_did prints_like '.*blocks [0-9]+, of this epoch [0-9]+ and missed 0; signed [0-9]+ of [0-9]+; no candidate.*'
is epochs_are_listed lmm 0 epoch list
is the_first_one prints_like 'epoch 0  20[0-9T:.Z-]+  blocks 1 to [0-9]+ so far, [0-9]+ transactions, 4 witnesses, 0 views without a block, 4 joined and 0 left'
is an_epoch_is_shown lmm 0 epoch show 0
is with_who_served prints_like ".*  2  $address  keeps [0-9.]+ %, new.*"
is for_programs_too lmm 0 epoch show 0 --json
is all_of_it test "$(shown '[.epoch, .witnesses, (.members | length), .gone]')" = '[0,4,4,[]]'
is one_that_is_not_there_is_none lmm 1 epoch show 7
is a_number_is_one lmm 2 epoch show first
is and_is_told_so complains "first is no epoch's number"
is alone_there_are_no_peers lmm 0 peer list
is and_it_is_said prints 'this node makes blocks alone'
is nor_nodes lmm 0 server list
is whom_anybody_could_ask prints 'no server says where it is to be found'

# Two servers, one with all the keys.
end_server
rm -rf data
port=$((20000 + RANDOM % 10000))
begin_server --devnet --peer-listen "127.0.0.1:$port" --price-per-mib 0.25
"$build/lmm-$market" --data two --devnet --witness-keys none --listen 127.0.0.1:0 \
    --peers "127.0.0.1:$port" --public-url https://two.example.org 2>>"$folder/log" &
second=$!
until is_ready_of $second two/ready.json; do
    kill -0 $second 2>/dev/null || { cat "$folder/log" && exit 1; }
    pause 0.02
done
write_devnet_json "$ready"
url=$(jq -r .url "$ready")
# until_listed COMMAND COUNT: asks again until the list is so long.
until_listed() {
    for _ in $(seq 600); do
        lmm 0 "$1" list --json && [ "$(shown '.items | length')" = "$2" ] && return
        pause 0.05
    done
    return 1
}
is they_meet until_listed peer 1
is the_devnets_key_tells_who_it_is test "$(shown '.items[0] | [.direction, .is_trusted != null, (.address | startswith("127.0.0.1:"))]')" = '["in",true,true]'
is people_are_told lmm 0 peer list
is where_and_who prints_like "in   127\.0\.0\.1:[0-9]+  $hex(, trusted)?, height [0-9]+, for [0-9]+ s.*"
is others_are_told_less test "$(curl -sf --noproxy '*' "$url/v1/peers" | jq -c '.items[0] | [.node, .address, .is_trusted]')" = '[null,null,null]'
is each_says_where_it_is until_listed server 2
is at_its_price test "$(shown '.items | map([.is_self, .price_per_mib])')" = '[[true,"0.25"],[false,"0"]]'
is under_its_public_name test "$(shown '.items[1].url')" = '"https://two.example.org"'
is and_its_own test "$(shown '.items[0].url')" = "\"$url\""
is people_choose lmm 0 server list
is by_these prints_like "$url  0\.25 LMM a MiB, height [0-9]+, this one.*https://two\.example\.org  0 LMM a MiB, height [0-9]+"
is they_agree lmm 0 transfer bob alice 1 --wait
# What is told of agreement may be a moment old.
until_counted() {
    for _ in $(seq 600); do
        out=$(curl -sf --noproxy '*' "$url/metrics")
        grep -Eq "^lmm_consensus_votes_signed_total\{kind=\"$1\"\} [1-9]" <<<"$out" && return
        pause 0.05
    done
    return 1
}
is and_count_it until_counted finalize
is a_price_is_an_amount eval "! '$build/lmm-$market' --data three --devnet --price-per-mib free --check-config 2>complaint"
is or_it_is_said grep -q 'price-per-mib: takes an amount of LMM, not free' complaint

end_second
close_cases
