#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `./run` with the real servers and the real node: one chain, whichever of the four processes is killed;
# and one clock. In a copy of what `run` needs, in the build root by `make check`.
set -euo pipefail
export LC_ALL=C.UTF-8 no_proxy='*'
source=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
for need in jq curl setsid; do
    command -v $need >/dev/null || { echo "SKIPPED ./run as one chain: no $need" && exit 77; }
done
for program in lmm lmm-supplychain lmm-sharing lmm-energy; do
    [ -x ./$program ] || { echo "SKIPPED ./run as one chain: no $program in this build" && exit 77; }
done

tree=$(mktemp -d)
# A test makes no system users: as root, everything below happens as nobody.
user=()
if [ "$(id -u)" -eq 0 ]; then
    user=(setpriv --reuid nobody --regid nogroup --clear-groups env HOME="$tree")
fi
mkdir -p "$tree"/{build,scripts,chaincore}
cp "$source/run" "$tree/"
cp -r "$source/scripts/lib" "$tree/scripts/"
cp ./lmm ./lmm-supplychain ./lmm-sharing ./lmm-energy "$tree/build/"
cp ./lmm "$tree/"
touch "$tree"/{configure.ac,Makefile.am,chaincore/a.c}
chmod 755 "$tree"
touch "$tree/build/.built"
# Other ports than the real ones, so that a devnet that runs meanwhile is left alone.
sed -i "s/PEER_PORT=8711/PEER_PORT=$((20000 + RANDOM % 10000))/
    s/^MARKETS=.*/MARKETS=(supplychain:0:lmm-supplychain:web sharing:0:lmm-sharing:web energy:0:lmm-energy:web)/" "$tree/run"
[ ${#user[@]} -eq 0 ] || chown -R nobody:nogroup "$tree"
exec 8<> <(:) # nothing ever comes from it: waiting takes no process
cleanup() {
    "${user[@]}" "$tree/run" --stop >/dev/null 2>&1 || true
    rm -rf "$tree"
}
trap cleanup EXIT

# shellcheck source=tests/scripts/cases.sh
. "$source/tests/scripts/cases.sh"
output=''
tell() {
    printf '%s\n' "$output"
    tail -n 5 "$tree"/data/*.log
}
run() {
    local expected=$1 status=0
    shift
    output=$("${user[@]}" "$tree/run" "$@" 2>&1 9>&-) || status=$?
    [ $status -eq "$expected" ]
}
json() { jq -r "$1" "$tree/devnet.json"; }
ask() { curl -sf "$(json ".servers.$1.url")$2"; }
# until_true COMMAND...: as soon as it is true; false after a minute.
until_true() {
    local deadline=$((EPOCHSECONDS + 60))
    until "$@"; do
        ((EPOCHSECONDS < deadline)) || return 1
        read -rt 0.05 -u 8 || true
    done
}
height() { ask "$1" /v1/chain | jq .height; }
id_at() { ask "$1" "/v1/blocks/$2" | jq -r .id; } # of a block
transfer() { output=$("$tree/lmm" transfer alice bob 1 --wait --devnet "$tree/devnet.json" --url "$1" 2>&1); }
balance() { ask "$1" "/v1/accounts/$bob" | jq -r .balance; }
has_come_to() { [ "$(height "$1")" -ge "$2" ]; }
# agree MARKET MARKET: the first has the other's newest block.
agree() {
    local at
    at=$(height "$2")
    until_true has_come_to "$1" "$at" && [ "$(id_at "$1" "$at")" = "$(id_at "$2" "$at")" ]
}
has_rows() { [ "$(ask "$1" "$2" | jq "$3")" -gt 0 ]; }
has_passed() { [ "$(ask "$1" /v1/chain | jq -r .time)" \> "$2" ]; }

is starts run 0 --detach --block-time 50
bob=$(json '.accounts[] | select(.role == "bob").address')
is says_that_it_is_one_chain grep -q '4 that agree on this one chain' <<<"$output"
is the_supply_chain_has_its_rows has_rows supplychain /v1/alarms '.items | length'
is sharing_has_its_rows has_rows sharing '/v1/assets?text=camera' '.items | length'
is energy_has_its_rows has_rows energy '/v1/slots?zone=1' '.items | length'
is they_have_the_same_blocks agree sharing supplychain
is all_of_them agree energy supplychain

for name in node supplychain sharing energy; do
    other=sharing
    [ $name != sharing ] || other=energy
    pid=$(json "(.servers.$name // .$name).pid")
    kill -9 "$pid"
    is "without_${name}_what_is_sent_becomes_final" transfer $other
    is "and_the_next_$name" transfer $other
    is "starts_${name}_again" run 0 --detach
    is "as_another_process_$name" test "$(json "(.servers.$name // .$name).pid")" != "$pid"
    [ $name != node ] || continue
    is "${name}_catches_up" agree $name $other
    is "with_the_same_balance_$name" test "$(balance $name)" = "$(balance $other)"
    is "and_${name}_takes_what_is_sent" transfer $name
done

# Of all four it is one clock, which outlives them.
later=$(date -u -d '+6 days' +%Y-%m-%dT%H:%M:%S)
is moves_the_time_on run 0 --detach --time-warp 7d
for name in supplychain sharing energy; do
    is "${name}_has_moved_on" until_true has_passed $name "$later"
done
is goes_on_from_there transfer energy
is stops run 0 --stop
is starts_once_more run 0 --detach
is still_goes_on_from_there transfer supplychain
is agrees_still agree sharing supplychain
is stops_in_the_end run 0 --stop
is said_nothing_of_errors test -z "$(cat "$tree"/data/*.log | jq -R 'fromjson? | select(.level == "error")')"

close_cases
