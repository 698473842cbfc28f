#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A thing is listed, its lock bound, and an hour of it booked; then the server is killed, and the lock
# opens and shuts by `lmm lock` alone. What was signed settles the bill afterwards. Run in the build
# root by `make check`.
# shellcheck disable=SC2016,SC2034 # expanded by eval; for lmm_cases.sh
set -euo pipefail
export LC_ALL=C.UTF-8
source=$(cd "${srcdir:-$(dirname "$0")/../../../..}" && pwd)
market=sharing
# shellcheck source=tests/scripts/lmm_cases.sh
. "$source/tests/scripts/lmm_cases.sh"
lock=
trap '[ -z "$lock" ] || kill -9 "$lock" 2>/dev/null; cleanup' EXIT

# begin_lock FLAG...: at work, with its radio's place in `radio`.
begin_lock() {
    : >lock.out
    "$build/lockd" --flash flash "$@" >lock.out 2>lock.err &
    lock=$!
    until radio=$(sed -n 's/^lock .* at \(ws:.*\)/\1/p' lock.out) && [ -n "$radio" ]; do
        kill -0 $lock 2>/dev/null || { cat lock.err && exit 1; }
        read -rt 0.02 <> <(:) || true
    done
}
kill_lock() {
    kill "-$1" "$lock"
    { wait "$lock" || true; } 2>/dev/null
    lock=
}
at_lock() { lmm "$1" lock "${@:2}" --lock "$radio"; }
refuses() { complains "($1)"; }
status_is() { [ "$(jq -r "$1" <<<"$out")" = "$2" ]; }
contract=sharing
call() { lmm "$1" contract call "$2" "$contract" "$3" --arguments "$4" --wait "${@:5}"; }

# hold_radio: another phone is at the lock, until `exec 5>&-`.
hold_radio() {
    local at=${radio#ws://127.0.0.1:} first
    exec 5<>"/dev/tcp/127.0.0.1/${at%/lock}"
    printf '%s\r\n' 'GET /lock HTTP/1.1' "Host: 127.0.0.1:${at%/lock}" 'Connection: Upgrade' \
        'Upgrade: websocket' 'Sec-WebSocket-Version: 13' \
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' '' >&5
    read -r first <&5
    [ "$first" = $'HTTP/1.1 101 Switching Protocols\r' ]
}

# ---- online

# Another market's server stands first, where nobody listens.
jq '.servers = {energy: {url: "http://127.0.0.1:1", api_key: "", pid: 0, data_dir: ""}} + .servers' \
    devnet.json >devnet.more && mv devnet.more devnet.json
is contracts_are_listed lmm 0 contract list --url sharing
listed=$(awk '$2 == "sharing" {print $1}' <<<"$out")
is with_their_names eval '[[ $listed =~ ^$address$ ]]'
is as_json_too lmm 0 contract list --url sharing --json
is by_name eval 'status_is ".[] | select(.name == \"sharing\").address" "$listed"'
is one_of_the_genesis_goes_by_its_name lmm 0 contract show sharing --json
is at_its_markets_server eval 'status_is .address "$listed"'
is or_by_its_address lmm 0 contract show "$listed" --url sharing
is no_other_name_is_one lmm 2 contract show orchard --url sharing
is which_is_told complains 'orchard is not an address, and no contract of the genesis'
is another_market_is_asked_for_what_is_no_name lmm 1 contract show "$listed"

is a_key_is_shown lmm 0 keys show alice
owner_key=$(sed -n 's/^Its public key: //p' <<<"$out")
is as_a_lock_wants_it eval '[[ $owner_key =~ ^$hex$ ]]'
renter_key=$("$lmm" keys show bob --json | jq -r .public_key)
key=$("$build/lockd" --flash flash --set-up --genesis data/chain/genesis --owner "$owner_key")
is a_new_lock_says_its_key eval '[[ $key =~ ^$hex$ ]]'
is flash_is_its_owners_alone eval '[ "$(stat -c %a flash)" = 600 ]'
is a_flash_is_not_made_twice eval \
    '! "$build/lockd" --flash flash --set-up --genesis data/chain/genesis --owner "$owner_key" 2>error'
begin_lock --rtc --origin http://127.0.0.1:8080
is another_process_does_not_get_the_flash eval '! "$build/lockd" --flash flash 2>error'

# web STATUS PATH CURL_OPTION...: what the lock answers over HTTP is left in `out`.
page=${radio#ws:}
web() {
    out=$(curl -s --noproxy '*' -o web.out -w '%{http_code}' "http:${page%/lock}$2" "${@:3}")
    [ "$out" = "$1" ]
}
is it_says_what_it_is web 200 /
is as_a_thing_of_the_web eval \
    '[ "$(jq -r ".id, .actions.start.forms[0].href" web.out)" = "urn:lmm:lock:$key"$'"'\\n'"'"$radio" ]'
is_shut() { at_lock 0 status && [[ $out == 'shut, free'* ]]; }
thing=http:${page%lock} place=$radio
is and_is_found_by_that eval 'radio=$thing && is_shut'
is nothing_else_leads_to_it eval 'radio=$url/v1/chain && at_lock 1 status'
is which_is_said complains 'describes nothing'
is no_lock_is_asked_for_by_chance lmm 1 lock status
jq --arg thing "$thing" '.lock = $thing' devnet.json >devnet.more && mv devnet.more devnet.json
is but_for_that_of_the_devnet lmm 0 lock status
radio=$place
is a_page_of_its_own_origin_may_read_that web 200 / -H 'Origin: http://127.0.0.1:8080' -D web.head
is as_the_answer_says grep -q '^Access-Control-Allow-Origin: http://127.0.0.1:8080' web.head
is a_page_of_its_own_origin_may_talk_to_it web 426 /lock -H 'Origin: http://127.0.0.1:8080'
upgrade=(-H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13'
    -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' --max-time 1)
is a_strange_page_may_not web 403 /lock -H 'Origin: http://evil.example' "${upgrade[@]}"
is nor_one_that_has_no_origin web 403 / -H 'Origin: null'
is nor_by_another_name web 421 / -H 'Host: evil.example'
is nothing_else_is_there web 404 /flash
is nor_an_older_protocol web 426 /lock "${upgrade[@]/13/12}"
is another_phone_is_there hold_radio
is one_phone_at_a_time at_lock 1 status
is and_the_other_is_told complains 503
exec 5>&-
# ends_for FRAME: whoever sends that is cut off at once, and the radio is free again.
ends_for() {
    hold_radio && printf %b "$1" >&5 && timeout 10 cat <&5 >/dev/null
    local ended=$?
    exec 5>&-
    [ $ended -eq 0 ] && at_lock 0 status
}
is no_text_is_taken ends_for '\x81\x82\x00\x00\x00\x00hi'
is nor_what_is_not_masked ends_for '\x82\x02hi'
is nor_more_than_a_frame ends_for "\x82\xfe\x00\xf5\x00\x00\x00\x00$(printf %0245d 0)"
is nor_that_in_parts ends_for \
    "\x02\xfe\x00\xc8\x00\x00\x00\x00$(printf %0200d 0)\x80\xfe\x00\xc8\x00\x00\x00\x00$(printf %0200d 0)"
is nor_rubbish ends_for '\xff\xff\xff\xff'
is and_then_the_next at_lock 0 status

is a_thing_is_listed call 0 alice list '{"title": "Camera", "text": "A good one", "place": "Here",
    "category": "cameras", "latitude": 0, "longitude": 0,
    "photo": "0000000000000000000000000000000000000000000000000000000000000000",
    "price_per_minute": 1000, "unit": 0, "deposit": 5000, "late_cap_minutes": 60,
    "cancel_free_minutes": 0, "cancel_percent": 0}'
asset=1
is the_lock_binds_itself_to_its_owners_thing at_lock 0 bind $asset --key alice
binding=$out
is it_does_so_for_nobody_else at_lock 1 bind $asset --key bob
is since_the_signature_is_not_the_owners refuses SIGNATURE
is the_contract_takes_the_binding call 0 alice bind_lock "$binding"
is but_once call 1 alice bind_lock "$binding"

begun=$(curl -sf --noproxy '*' "$url/v1/chain" | jq -r .time)
from=$(($(date -d "$begun" +%s) * 1000))
until=$((from + 3600000))
booking_of() { printf '[%d, %d, %d, "%s"]' $asset "$1" "$2" "$renter_key"; }
quote=$("$lmm" contract view "$contract" quote --arguments "[$asset, $from, $until]")
total=$(jq -r .total <<<"$quote")
paid=$(printf '%d.%08d' $((total / 100000000)) $((total % 100000000)))
is an_hour_is_booked call 0 bob book "$(booking_of $from $until)" --value "$paid"
booking=1
is the_grant_is_fetched lmm 0 lock grant $booking --out grant.json
is of_no_other_booking lmm 1 lock grant 99

mine_radio=$radio

# ---- offline

kill -9 "$server"
{ wait "$server" || true; } 2>/dev/null
server=
is the_server_is_gone eval '! curl -s --noproxy "*" "$url/livez"'

by_bob=(--key bob --grant grant.json)
is nothing_opens_that_was_not_started at_lock 1 open "${by_bob[@]}"
is and_the_lock_says_so refuses NOT_STARTED
is nobody_else_starts_it at_lock 1 start --key carol --grant grant.json
is by_the_grant_of_another refuses GRANT_RENTER
is the_renter_starts_it at_lock 0 start "${by_bob[@]}" --out start.json
is and_opens_it_again at_lock 0 open "${by_bob[@]}"
is it_is_open eval 'at_lock 0 status --json && status_is .is_open true'
is in_use eval 'status_is .booking 1'
is the_bolt_has_moved eval 'grep -qx open lock.out'

# Another lock of the same owner.
"$build/lockd" --flash other --set-up --genesis data/chain/genesis --owner "$owner_key" >other.key
mine=$lock
begin_lock --rtc --flash other
is nothing_is_signed_for_another_lock at_lock 1 start --key bob --grant grant.json
is as_the_phone_says complains 'for another lock'
kill_lock TERM
lock=$mine radio=$mine_radio

# As when its battery is torn out.
kill_lock 9
begin_lock
is without_a_clock_it_opens_to_nobody at_lock 1 open "${by_bob[@]}"
is and_says_why refuses CLOCK_STOPPED
is only_the_owner_can_vouch at_lock 1 trust --key bob --grant grant.json --genesis data/chain/genesis
is since_that_is_signed_too refuses SIGNATURE
is the_owner_vouches at_lock 0 trust --key alice --grant grant.json --genesis data/chain/genesis
is and_it_opens_again at_lock 0 open "${by_bob[@]}"
kill_lock 9
begin_lock --rtc
is a_clock_of_its_own_goes_on at_lock 0 open "${by_bob[@]}"
is what_was_started_is_told_again at_lock 0 receipt start
is as_it_was eval '[ "$(jq -S . <<<"$out")" = "$(jq -S . start.json)" ]'
is it_is_returned at_lock 0 return "${by_bob[@]}" --out return.json
is once at_lock 1 return "${by_bob[@]}"
is the_start_is_still_told at_lock 0 receipt start 1
is as_it_was_before eval '[ "$(jq -S . <<<"$out")" = "$(jq -S . start.json)" ]'
is and_the_return at_lock 0 receipt
is as_that_was eval '[ "$(jq -S . <<<"$out")" = "$(jq -S . return.json)" ]'
is of_no_other_booking_it_knows at_lock 1 receipt return 2
is and_says_so_too refuses NO_RECEIPT
is only_the_owner_clears_a_use at_lock 1 clear 1 --key bob
is by_signature refuses SIGNATURE
is and_only_what_is_in_use at_lock 1 clear 1 --key alice
is as_the_lock_says refuses NOT_STARTED
is and_is_shut eval 'at_lock 0 status --json && status_is .is_open false && status_is .booking null'

is the_owner_reads_the_log at_lock 0 log --key alice
is with_all_that_was_done eval \
    '[ "$(jq -rc "[.entries[].event]" <<<"$out")" = "[\"power_on\",\"policy\",\"started\",\"opened\",\"power_on\",\"trusted\",\"opened\",\"power_on\",\"opened\",\"returned\"]" ]'
next=$(jq -r .next <<<"$out") link=$(jq -r .link <<<"$out")
is and_what_came_since at_lock 0 log "$next" "$link" --key alice
is which_is_nothing eval 'status_is ".entries | length" 0'
is a_log_that_does_not_go_on_is_seen at_lock 1 log "$next" "${link//[0-8]/9}" --key alice
is by_its_link complains 'was changed'
is nobody_else_reads_it at_lock 1 log --key bob
kill_lock TERM
is it_ends_when_told eval '[ ! -s lock.err ]'

# ---- online again

begin_server --devnet
write_devnet_json "$ready"
url=$(jq -r .url "$ready")
is the_start_is_brought_to_the_chain call 0 carol start "$(cat start.json)"
is and_the_return call 0 carol give_back "$(cat return.json)"
is the_booking_is_settled eval \
    '"$lmm" contract view "$contract" booking --arguments "[$booking]" | grep -qx null'
state() { curl -sf --noproxy '*' "$url/v1/bookings/$booking" | jq -r ".$1"; }
is with_a_bill_of_a_minute eval '[ "$(state minutes)" = 1 ]'

# A lock that was without power for long, and an owner with a network.
begin_lock
is its_clock_has_stopped eval 'at_lock 0 status --json && status_is .knows_time false'
is the_owner_vouches_for_the_newest_block at_lock 0 trust --key alice --genesis data/chain/genesis
is and_it_knows_the_time eval 'at_lock 0 status --json && status_is .knows_time true'
is and_that_block eval '[ "$(jq -r .height <<<"$out")" -gt 2 ]'
is again_does_no_harm at_lock 0 trust --key alice --genesis data/chain/genesis
is for_nobody_else at_lock 1 trust --key bob --genesis data/chain/genesis
is by_its_signature refuses SIGNATURE
kill_lock TERM

close_cases
