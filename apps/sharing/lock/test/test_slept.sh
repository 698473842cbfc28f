#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A lock is set up and put away. Meanwhile others are elected to serve as witnesses, twice, none of whom
# it knows. Then a phone comes, and the server is gone. Run in the build root by `make check`.
# shellcheck disable=SC2016 # expanded by eval
set -euo pipefail
export LC_ALL=C.UTF-8
source=$(cd "${srcdir:-$(dirname "$0")/../../../..}" && pwd)
for need in jq curl; do
    command -v $need >/dev/null || { echo "SKIPPED a lock that slept: no $need" && exit 77; }
done
build=$PWD folder=$(mktemp -d) server='' lock=''
stop() {
    local pid=$1
    [ -z "$pid" ] || { kill "$pid" && wait "$pid"; } 2>/dev/null || true
}
trap 'stop "$lock"; stop "$server"; rm -rf "$folder"' EXIT
unset "${!LMM_@}" http_proxy all_proxy ALL_PROXY no_proxy NO_PROXY
cd "$folder"
export HOME=$folder

out='' complaint='' status=0
# shellcheck source=tests/scripts/cases.sh
. "$source/tests/scripts/cases.sh"
tell() { printf 'status %d\n%s\n%s\n' "$status" "$out" "$complaint"; }
# lmm STATUS ARGUMENT...: what it printed is left in `out`, its errors in `complaint`.
lmm() {
    local expected=$1
    shift
    status=0
    out=$("$build/lmm" "$@" 2>complaint) || status=$?
    complaint=$(cat complaint)
    [ "$status" -eq "$expected" ]
}
# await FILE PATTERN PID: until a line is there, of a process that lives.
await() {
    until grep -q "$2" "$1" 2>/dev/null; do
        kill -0 "$3" 2>/dev/null || { tail -n 5 log lock.out && exit 1; }
        read -rt 0.02 <> <(:) || true
    done
}

# ---- a chain with one witness, and people by their roles

jq -n '{mnemonic: ("test " * 11 + "junk"), servers: {}, accounts: ([["owner", 0], ["renter", 1], ["candidate", 2]]
    | map({role: .[0], address: "", path: "m/44'\''/5718'\''/0'\''/0'\''/\(.[1])'\''"}))}' >devnet.json
address_of() { "$build/lmm" keys show "$1" --json | jq -r .address; }
key_of() { "$build/lmm" keys show "$1" --json | jq -r .public_key; }
"$build/lmm" genesis keys 3 --out keys.txt >public.json
cp "$build/apps/sharing/contract/sharing.wasm" .
people=$(for role in owner renter candidate; do address_of $role; done | jq -R '{address: ., balance: "6000000"}' | jq -s .)
jq --argjson people "$people" --argjson now "$(date +%s)" '{name: "town", time_ms: (($now - 60) * 1000),
    params: {block_interval_ms: 50, epoch_blocks: 10, min_gas_price: 1, block_gas_limit: 1000000000,
        deposit_per_byte: 10, leave_out_empty_blocks: false},
    accounts: ($people + [{address: .server, balance: "1000"}]), witnesses: .witnesses[:1],
    contracts: [{name: "sharing", code: "sharing.wasm"}]}' public.json >town.json
is a_chain_begins_with_one_witness lmm 0 genesis make town.json --out town
"$build/lmm-sharing" --data data --listen 127.0.0.1:0 --genesis town --keys keys.txt --keys-in-clear 2>log &
server=$!
until [ -e data/ready.json ]; do
    kill -0 $server || { cat log && exit 1; }
    read -rt 0.02 <> <(:) || true
done
url=$(jq -r .url data/ready.json)
jq --arg url "$url" '.servers = {sharing: {url: $url}}' devnet.json >devnet.more && mv devnet.more devnet.json

# ---- the lock, as it is set up

begin_lock() {
    : >lock.out
    "$build/lockd" --flash flash --rtc >lock.out 2>&1 &
    lock=$!
    await lock.out ' at ws:' $lock
    radio=$(sed -n 's/^lock .* at \(ws:.*\)/\1/p' lock.out)
}
call() { lmm 0 contract call "$1" sharing "$2" --arguments "$3" --wait "${@:4}"; }
"$build/lockd" --flash flash --set-up --genesis data/chain/genesis --owner "$(key_of owner)" >/dev/null
begin_lock
is a_thing_is_listed call owner list '{"title": "Shed", "text": "", "place": "Here", "category": "rooms", "latitude": 0,
    "longitude": 0, "photo": "0000000000000000000000000000000000000000000000000000000000000000",
    "price_per_minute": 1000, "unit": 0, "deposit": 5000, "late_cap_minutes": 60, "cancel_free_minutes": 0,
    "cancel_percent": 0}'
is its_lock_signs_the_binding lmm 0 lock bind 1 --key owner --lock "$radio"
is which_the_contract_takes call owner bind_lock "$out"
stop "$lock"
lock=

# ---- while it sleeps

# elect KEY: the candidate signs by that key from some epoch on; waits for it, for so many epochs.
elect() {
    local epoch key last=
    lmm 0 candidate register candidate "$1" 0 --wait || return
    while read -r epoch key < <(curl -sf --noproxy '*' "$url/v1/witnesses" | jq -r '"\(.epoch) \(.items[0].key)"'); do
        [ "$key" != "$1" ] || return 0
        last=${last:-$((epoch + 10))}
        ((epoch < last)) || return 1
        read -rt 0.05 <> <(:) || true
    done
    return 1
}
mapfile -t keys < <(jq -r '.witnesses[].key' public.json)
is somebody_else_locks_money lmm 0 stake lock candidate 5000000 --wait
is and_is_elected elect "${keys[1]}"
is and_goes_on_with_another_key elect "${keys[2]}"

from=$(($(date -d "$(curl -sf --noproxy '*' "$url/v1/chain" | jq -r .time)" +%s) * 1000))
"$build/lmm" contract view sharing quote --arguments "[1, $from, $((from + 3600000))]" >quote.json
total=$(jq -r .total quote.json)
is an_hour_is_booked call renter book "[1, $from, $((from + 3600000)), \"$(key_of renter)\"]" \
    --value "$(printf '%d.%08d' $((total / 100000000)) $((total % 100000000)))"
is the_grant_is_fetched lmm 0 lock grant 1 --out grant.json
is with_both_changes_of_witnesses eval '[ "$(jq "[.changes[].next]" -c grant.json)" = "[\"${keys[1]}\",\"${keys[2]}\"]" ]'
is and_who_signed_it eval '[ "$(jq -r .witnesses grant.json)" = "${keys[2]}" ]'

# asks_since HEIGHT COUNT: who has that change already is told of so many.
asks_since() {
    local time
    time=$(curl -sf --noproxy '*' "$url/v1/blocks/$1" | jq -r .time)
    [ "$(curl -sf --noproxy '*' "$url/v1/bookings/1/grant?since=$time" | jq '.changes | length')" = "$2" ] &&
        [ "$(curl -sf --noproxy '*' "$url/v1/assets/1/lock?since=$time" | jq '.changes | length')" = "$2" ]
}
mapfile -t heights < <(jq '.changes[].height' grant.json)
is who_has_none_is_told_of_both asks_since "${heights[0]}" 2
is who_has_one_is_told_of_the_other asks_since $((heights[0] + 1)) 1
is who_has_both_is_told_of_none asks_since $((heights[1] + 1)) 0
is since_is_a_moment eval '[ "$(curl -s --noproxy "*" "$url/v1/bookings/1/grant?since=now" | jq -r .pointer)" = since ]'

# ---- offline

kill -9 $server
{ wait $server || true; } 2>/dev/null
server=
begin_lock
start() { lmm "$1" lock start --key renter --lock "$radio" --grant "$2"; }
jq '.changes = []' grant.json >none.json
jq '.changes |= .[1:]' grant.json >gap.json
jq '.changes |= (.[0].next = .[1].next)' grant.json >forged.json
for file in none gap forged; do
    is "by_${file}_of_them_it_opens_to_nobody" start 1 $file.json
    is and_says_why eval '[[ $complaint == *"(WITNESSES)"* ]]'
done
is by_all_it_opens start 0 grant.json
is and_is_open eval 'lmm 0 lock status --lock "$radio" --json && [ "$(jq .is_open <<<"$out")" = true ]'
close_cases
