#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# docs/tutorial-contract.md: what it quotes stands in the contract, and its commands do what it says.
# Run in the build root by `make check`.
set -u
: "${srcdir:=.}"
tutorial=$srcdir/docs/tutorial-contract.md
folder=$(mktemp -d)
server=
stop() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; }
    rm -r "$folder"
}
trap stop EXIT

# shellcheck source=tests/scripts/cases.sh
. "$srcdir/tests/scripts/cases.sh"

quotes_the_contract() {
    local line
    awk '/^```c$/ {on = 1; next} /^```/ {on = 0} on' "$tutorial" | while IFS= read -r line; do
        grep -qxF -- "$line" "$srcdir/docs/examples/pot/pot.c" || {
            echo "not in pot.c: $line"
            return 1
        }
    done
}
is quotes_the_contract quotes_the_contract

same() { [ "$1" = "$2" ] || { echo "$1 is not $2" && false; }; }
start() {
    ./lmm-supplychain --data "$folder/data" --devnet --listen 127.0.0.1:0 2>"$folder/log" &
    server=$!
    for _ in $(seq 3000); do
        { [ ! -f "$folder/data/ready.json" ] && kill -0 $server 2>/dev/null; } || break
        sleep 0.1
    done
    jq '. + {servers: {supplychain: {url, api_key, pid, data_dir}}}' \
        "$folder/data/ready.json" >"$folder/devnet.json"
}
lmm() { ./lmm "$@" --devnet "$folder/devnet.json" 2>&1; }
# says TEXT COMMAND...: the text is part of what the command prints.
says() {
    local text=$1 said
    shift
    said=$("$@")
    [[ $said == *"$text"* ]] || {
        echo "said: $said"
        return 1
    }
}
state() { lmm contract view "$contract" pot | jq .state; }

command -v jq >/dev/null || {
    echo "SKIPPED commands of the tutorial: jq is not installed"
    echo "COUNTED $passed passed, $failed failed"
    exit $((failed > 0))
}
start
id=$(printf 'be%.0s' $(seq 32))
deadline=$((($(date +%s) + 3600) * 1000)) # the clock is moved on to it
arguments=[\"$id\",200000000,$deadline]
deployed=$(lmm contract deploy alice docs/examples/pot/pot.wasm --arguments "$arguments" --wait)
contract=$(awk '/^contract/ {print $2}' <<<"$deployed")
is deploys test -n "$contract"
is arms says " final " lmm contract call alice "$contract" arm --value 0.002 --wait
is gives says " final " lmm contract call alice "$contract" give --value 1 --wait
is gives_again says " final " lmm contract call bob "$contract" give --value 1.5 --wait
is settles_late_only says "the deadline has not passed yet (CONTRACT_REFUSED)" \
    lmm contract call bob "$contract" settle --wait
is takes_no_money_by_mistake says NOT_PAYABLE \
    lmm contract call bob "$contract" take_back --value 1 --wait
is is_open test "$(state)" = 0
is refuses_an_upgrade says NOT_UPGRADER \
    lmm contract upgrade alice "$contract" docs/examples/pot/pot.wasm --wait
is knows_its_methods says UNKNOWN_METHOD lmm contract view "$contract" nothing
is wants_json says "or bytes in hex" lmm contract call bob "$contract" give --arguments xyz
is with_each_argument says '/0: 64 hexadecimal digits or an address' \
    lmm contract view "$contract" share --arguments '["bob"]'
bob=$(lmm keys show bob --json | jq -r .address)
is tells_a_share same "$(lmm contract view "$contract" share --arguments "{\"account\": \"$bob\"}")" '"150000000"'
is in_bytes_too same "$(lmm contract view "$contract" share --arguments "[\"$bob\"]" --json)" \
    '{"result": "80d1f00800000000", "value": "150000000"}'
echo "[\"$bob\"]" >"$folder/arguments.json"
is arguments_may_stand_in_a_file same \
    "$(lmm contract view "$contract" share --arguments @"$folder/arguments.json")" '"150000000"'
is costs_nothing_spelt_wrongly says UNKNOWN_METHOD lmm contract call bob "$contract" giv
is tells_what_it_takes says 'view       share(account hash) -> u64' lmm contract show "$contract"
is and_that_it_takes_money says 'method     give(), takes LMM' lmm contract show "$contract"
is as_json_too same "$(lmm contract show "$contract" --json | jq -c '[.upgrader, .abi.name]')" '[null,"pot"]'
is moves_its_time_on ./lmm devnet warp 1h --devnet "$folder/devnet.json"
for _ in $(seq 300); do
    [ "$(state)" = 0 ] || break
    sleep 0.1
done
is settles_itself test "$(state)" = 1

close_cases
