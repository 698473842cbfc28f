#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a devnet alone does, by `lmm` and by its routes. Run in the build root by `make check`.
# shellcheck disable=SC2016 # expanded by eval
set -euo pipefail
export LC_ALL=C.UTF-8
source=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
# shellcheck source=tests/scripts/lmm_cases.sh
. "$source/tests/scripts/lmm_cases.sh"

export LMM_PASSPHRASE='a passphrase'
# new NAME: an address that nobody has paid yet.
new() {
    local light=()
    [ -e keys ] || light=(--light)
    "$lmm" keys new "$1" --keystore keys "${light[@]}" --json 2>/dev/null | jq -r .address
}
address=$(new first)
is a_market_of_the_devnet_is_asked_by_its_name lmm 0 balance alice --url supplychain
is no_other_name_is_one lmm 1 balance alice --url orchard
is the_faucet_gives lmm 0 devnet faucet "$address" --wait --json
is and_says_so prints_like "\{\"id\": \"$hex\", $done\}"
is a_hundred lmm 0 balance "$address"
is to_the_unit prints '100 LMM'
is or_as_much_as_is_asked lmm 0 devnet faucet "$address" 1000 --wait
is up_to_a_thousand lmm 1 devnet faucet "$address" 1000.00000001
is and_the_field_is_named complains invalid_wish
is nothing_is_no_gift lmm 1 devnet faucet "$address" 0
is who_has_enough_gets_none lmm 1 devnet faucet alice
is and_is_told complains has_enough

# ask BODY: the answer's code, or the field of its first violation.
ask() {
    curl -s --noproxy '*' "$url/v1/faucet" -H 'Content-Type: application/json' --data "$1" |
        jq -r '.violations[0].pointer // .status'
}
for bad in '{' '[]' '"x"' '{}' '{"address": 1}' '{"address": "lmm1q"}' \
    "{\"address\": \"$address\", \"amount\": 5}" "{\"address\": \"$address\", \"amount\": \"-1\"}" \
    "{\"address\": \"$address\", \"more\": 1}" "{\"address\": \"$address\", \"amount\": \"1\", \"more\": 1}"; do
    is "asks_for_nothing_by_$bad" eval '[[ $(ask "$bad") =~ ^(|/address|/amount)$ ]]'
done

# Many at once: each gets its own.
others=() processes=()
for name in a b c d e; do others+=("$(new $name)"); done
for other in "${others[@]}"; do
    "$lmm" devnet faucet "$other" 7 --wait >/dev/null &
    processes+=($!)
done
for process in "${processes[@]}"; do
    is one_of_many_is_served wait "$process"
done
for other in "${others[@]}"; do
    is and_has_its_own eval 'lmm 0 balance "$other" && prints "7 LMM"'
done

# Time. A pot whose deadline is in a day, and whose timer then settles it.
begun=$(curl -sf --noproxy '*' "$url/v1/chain" | jq -r .time)
deadline=$((($(date +%s) + 86400) * 1000))
is a_contract_waits_for_its_time lmm 0 contract deploy alice "$build/docs/examples/pot/pot.wasm" \
    --arguments "[\"$address\", 1, $deadline]" --wait
pot=$(awk '/^contract/ {print $2}' <<<"$out")
is what_a_call_would_do_is_told lmm 0 contract call alice "$pot" give --value 1 --simulate
is with_what_it_costs prints_like '.*would be done, for [0-9]+ gas, 0\.[0-9]+ LMM.*'
is and_its_events prints_like '.*event  given of lmm1.*"total": "100000000".*'
is as_json_too lmm 0 contract call alice "$pot" give --value 1 --simulate --json
is for_programs test "$(jq -r '.code, .events[0].name, .actions[0].amount' <<<"$out" | xargs)" = "OK given 1"
is and_nothing_has_happened lmm 0 contract view "$pot" pot
is to_the_pot test "$(jq -r .total <<<"$out")" = 0
is what_would_fail_is_told_why lmm 1 contract call alice "$pot" settle --simulate
is in_the_contracts_words prints_like '.*would fail: the deadline has not passed yet \(CONTRACT_REFUSED\).*'
is a_deployment_is_tried lmm 0 contract deploy alice "$build/docs/examples/pot/pot.wasm" \
    --arguments "[\"$address\", 1, $deadline]" --simulate
is and_names_no_contract eval '! grep -q ^contract <<<"$out"'
is with_a_timer lmm 0 contract call alice "$pot" arm --value 0.002 --wait
is and_money lmm 0 contract call alice "$pot" give --value 1 --wait
is a_transaction_tells_all eval 'lmm 0 contract call alice "$pot" give --value 1 --wait --json &&
    lmm 0 tx "$(jq -r .id <<<"$out")" --decoded'
is in_its_contracts_words test "$(jq -r '.actions[0].method, .events[0].fields.total' <<<"$out" | xargs)" = \
    "give 200000000"
is it_is_too_early lmm 1 contract call alice "$pot" settle --wait
is for_such_a_time lmm 0 devnet warp 2d --json
is which_is_told test "$(jq -r '(.time[:19] + "Z" | fromdateiso8601) > now + 2 * 86400 - 60' <<<"$out")" = true
settled() {
    while lmm 0 contract view "$pot" pot; do
        [ "$(jq .state <<<"$out")" != 1 ] || return 0
    done
    return 1 # the server is gone
}
is what_is_due_comes_at_once settled
now=$(curl -sf --noproxy '*' "$url/v1/chain" | jq -r .time)
is and_the_chain_is_there test "$(jq -rn --arg a "$begun" --arg b "$now" \
    '($b[:19] + "Z" | fromdateiso8601) - ($a[:19] + "Z" | fromdateiso8601) > 86400')" = true
end_server
begin_server --devnet
write_devnet_json "$ready"
is after_a_start_it_does_not_go_back lmm 0 transfer alice bob 1 --wait
is not_by_a_second test "$(jq -rn --arg a "$now" --arg b "$(curl -sf --noproxy '*' \
    "$(jq -r .url "$ready")/v1/chain" | jq -r .time)" '$b > $a')" = true
url=$(jq -r .url "$ready")
for bad in 0 -1 1w x 1.5h; do
    is "no_time_is_$bad" lmm 2 devnet warp -- "$bad"
done
is nor_is_more_than_ten_years lmm 1 devnet warp 3661d
for bad in '{' '[]' '{}' '{"seconds": 0}' '{"seconds": -5}' '{"seconds": "5"}' '{"seconds": 1.5}' \
    '{"seconds": 1, "more": 1}' '{"seconds": 99999999999}'; do
    is "the_server_takes_no_$bad" test "$(curl -s --noproxy '*' "$url/v1/devnet/warp" \
        -H 'Content-Type: application/json' --data "$bad" | jq -r .code)" = invalid_time
done
is a_strangers_name_moves_no_time test "$(curl -s --noproxy '*' "$url/v1/devnet/warp" -H 'Host: example.org' \
    -H 'Content-Type: application/json' --data '{"seconds": 5}' | jq -r .code)" = wrong_host

# Among other nodes its time is theirs: a clock that they share, which outlives them.
end_server
rm -rf "$folder/data"
among=(--devnet --peer-listen "127.0.0.1:$((20000 + RANDOM % 10000))")
begin_server "${among[@]}"
write_devnet_json "$ready"
is no_clock_of_its_own_is_moved lmm 1 devnet warp 7d
is and_the_reason_is_told complains own_clock
end_server
begin_server "${among[@]}" --clock "$folder/clock"
write_devnet_json "$ready"
url=$(jq -r .url "$ready")
is a_shared_clock_is_moved lmm 0 devnet warp 7d
week=$(date -u -d '+6 days' +%Y-%m-%dT%H:%M:%S)
has_passed() { [ "$(curl -sf --noproxy '*' "$url/v1/chain" | jq -r .time)" \> "$week" ]; }
is a_block_goes_on_from_there lmm 0 transfer alice bob 1 --wait
is and_tells_the_time has_passed
end_server
begin_server "${among[@]}" --clock "$folder/clock"
write_devnet_json "$ready"
url=$(jq -r .url "$ready")
is it_is_found_again lmm 0 transfer alice bob 1 --wait
is and_stays_where_it_was has_passed

# A devnet of another pace. What is made stays with its own.
end_server
rm -rf "$folder/data"
begin_server --devnet --block-time 20
url=$(jq -r .url "$ready")
is blocks_are_as_far_apart_as_is_said test "$(curl -s --noproxy '*' "$url/v1/chain" | jq .block_interval_ms)" = 20
end_server
status=0
"$build/lmm-supplychain" --data "$folder/data" --listen 127.0.0.1:0 --devnet 2>>"$folder/log" || status=$?
is no_other_pace_fits_its_data test $status -eq 5

close_cases
