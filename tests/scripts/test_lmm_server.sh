#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `lmm` with a devnet's real server: keys, transfers and what they print, proofs that outlive the
# server. Run in the build root by `make check`.
set -euo pipefail
export LC_ALL=C.UTF-8
source=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
# shellcheck source=tests/scripts/lmm_cases.sh
. "$source/tests/scripts/lmm_cases.sh"

is lists_the_devnet_s_keys lmm 0 keys list
is by_role_and_address prints_like $'witness-1 +lmm1[0-9a-z]{58}\n.*\nbob +lmm1[0-9a-z]{58}\n.*'
is lists_them_as_json lmm 0 keys list --json
is all_of_them test "$(jq -c '[length, (.[0] | keys_unsorted), .[7].name]' <<<"$out")" = \
    '[20,["name","address"],"bob"]'
is tells_a_balance lmm 0 balance bob
is in_lmm prints '10000000 LMM'

is transfers lmm 0 transfer alice bob 1.5 --wait
is and_says_so prints_like "$hex  final at height [0-9]+"
is transfers_as_json lmm 0 transfer alice bob 1.5 --wait --json
is in_its_exact_shape prints_like \
    "\{\"id\": \"$hex\", \"status\": \"final\", \"height\": [0-9]+, \"code\": \"OK\", \"message\": null\}"
final=$out
id=$(jq -r .id <<<"$out")
is looks_a_transaction_up lmm 0 tx "$id" --json
is and_prints_the_same prints "$final"
is moved_the_money lmm 0 balance bob --json
is to_the_unit prints_like '\{"address": "lmm1[0-9a-z]{58}", "balance": "10000003"\}'
is sends_without_waiting lmm 0 transfer alice bob 1 --json
is pending_or_further prints_like \
    "\{\"id\": \"$hex\", \"status\": \"(pending|included|final)\", \"height\": (null|[0-9]+), \"code\": (null|\"OK\"), \"message\": null\}"
is awaits_it lmm 0 tx "$(jq -r .id <<<"$out")" --wait --json
is sends_without_waiting_for_people lmm 0 transfer bob alice 20000000
is says_that_it_is_pending prints_like "$hex  pending"
is says_how_to_see_the_end complains "may still fail. How it ends: lmm tx ${out%% *} --wait"
is where_the_end_is_seen lmm 1 tx "${out%% *}" --wait
is a_transfer_of_too_much_fails lmm 1 transfer bob alice 20000000 --wait --json
is with_its_code prints_like \
    "\{\"id\": \"$hex\", \"status\": \"failed\", \"height\": [0-9]+, \"code\": \"INSUFFICIENT_FUNDS\", \"message\": \"[^\"]+\"\}"
is a_failed_one_is_found lmm 1 tx "$(jq -r .id <<<"$out")"
is with_a_sentence prints_like "$hex  failed at height [0-9]+: .* \(INSUFFICIENT_FUNDS\)"
is an_unknown_one_is_not lmm 1 tx "${id//[0-9]/a}" --json
is and_prints_nothing prints ''
is refuses_what_is_no_id lmm 2 tx 123
is refuses_what_is_no_amount lmm 2 transfer alice bob 1.123456789
is refuses_who_is_nobody lmm 2 transfer alice zoe 1

# A keystore of one's own.
export LMM_PASSPHRASE='a passphrase'
is makes_keys lmm 0 keys new --light
is prints_the_address prints_like "Your address: $address"$'\n'"Its public key: $hex"
address=$(sed -n 's/^Your address: //p' <<<"$out")
words=$(sed -n '2s/^ *//p' <<<"$complaint")
is shows_the_words_once test "$(wc -w <<<"$words")" -eq 12
is keeps_them_private test "$(stat -c %a .lmm/keystore)" = 600
is and_sealed test -z "$(grep -aF "${words%% *} " .lmm/keystore)"
is replaces_no_keys lmm 1 keys new
is and_says_that_they_are_there complains 'has words already, which are not replaced'
is lists_its_accounts lmm 0 keys list --keystore .lmm/keystore --json
is ten_of_them_and_the_same_first test "$(jq -c '[length, .[0].name, .[0].address]' <<<"$out")" = \
    "[10,\"0\",\"$address\"]"
LMM_PASSPHRASE=wrong is opens_with_no_other_passphrase lmm 1 keys list --keystore .lmm/keystore
is and_says_that_it_does_not_fit complains 'the passphrase does not fit'
import() { lmm "$1" keys import --keystore "$folder/other" --json <<<"$2"; }
is imports_no_other_words import 1 "lmm ${words#* }"
is imports_the_words import 0 "$words"
is to_the_same_account prints_like "\{\"name\": \"0\", \"address\": \"$address\", \"public_key\": \"$hex\"\}"
is pays_into_it lmm 0 transfer alice "$address" 5 --wait
is pays_out_of_it lmm 0 transfer 0 bob 2 --wait --json
is by_its_own_key prints_like "\{\"id\": \"$hex\", \"status\": \"final\", \"height\": [0-9]+, \"code\": \"OK\", \"message\": null\}"
is a_keystore_elsewhere_pays_too lmm 0 transfer 0 bob 1 --wait --keystore "$folder/other"
is and_less_is_left lmm 0 balance "$address"
is than_it_had prints_like '1\.99[0-9]* LMM'

# A proof, from the capture to the verdict.
location=$(curl -sf --noproxy '*' -o /dev/null -D - "$url/capture" -H "Authorization: Bearer $api_key" \
    -H 'Content-Type: application/json' --data-binary @"$source/docs/examples/shipping.json" |
    tr -d '\r' | sed -n 's/^Location: //p')
job=
deadline=$((EPOCHSECONDS + 60))
until [ "$(jq .running <<<"$job")" = false ] || ((EPOCHSECONDS > deadline)); do
    job=$(curl -sf --noproxy '*' "$url$location")
done
is captures test "$(jq .success <<<"$job")" = true
event=$(curl -sf --noproxy '*' "$url/v1/events" | jq -r '.items[0] | .id // .place')
is fetches_a_proof lmm 0 proof "$event" --out proof.json
is and_prints_nothing_of_it prints ''
is or_prints_it lmm 0 proof "$event"
is the_same_bytes cmp -s proof.json <(printf '%s\n' "$out")
is knows_no_other_event lmm 1 proof 9999-0-0
is and_says_that_there_is_none complains 'HTTP 404'
is verifies_it_under_devnet_json lmm 0 verify proof.json
is and_tells_who_signed prints_like 'Verified: final at .*, signed by 4 of 4 witnesses\..*'
is verifies_it_as_json lmm 0 verify proof.json --json
is with_the_contract_s_name test "$(jq -c '[.verified, .contract_name, .signers]' <<<"$out")" = \
    '[true,"supplychain",4]'

# Wherever one stands: the program and devnet.json are in one folder, as ./run leaves them.
cp "$lmm" "$folder/lmm"
lmm=$folder/lmm
mkdir "$folder/elsewhere"
cd "$folder/elsewhere"
is finds_the_devnet_beside_itself lmm 0 balance bob
is verifies_from_anywhere lmm 0 verify ../proof.json
echo '{"chain_id": "'"${id}"'"}' >devnet.json
is trusts_the_one_that_is_here_first lmm 1 verify ../proof.json
is which_is_another_chain_s complains 'not verified'
rm devnet.json
cd "$folder"

# A proxy is for others: for this machine's own it would be in the way.
export http_proxy=http://127.0.0.1:1
is passes_a_proxy_by lmm 0 balance bob
is by_name_too lmm 0 balance bob --url "${url/127.0.0.1/localhost}"
http_proxy=$url
is asks_it_for_others lmm 1 balance bob --url http://nowhere.invalid
is who_do_not_know_what_it_wants complains 'HTTP 4'
unset http_proxy

end_server
is verifies_without_the_server lmm 0 verify proof.json
is asks_nobody_then lmm 1 balance bob
sed 's/"proof": *"\(.\{400\}\)./"proof": "\1!/' proof.json >broken.json
is believes_no_broken_proof lmm 1 verify broken.json
rm devnet.json
is trusts_nobody_by_itself lmm 2 verify proof.json
is and_asks_whom_to_trust complains 'which chain to trust?'
is trusts_a_genesis lmm 0 verify proof.json --genesis data/chain/genesis

close_cases
