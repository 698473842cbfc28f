#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What `lmm` does for whoever runs a server: API keys. Run in the build root by `make check`.
# shellcheck disable=SC2016 # expanded by eval
set -euo pipefail
export LC_ALL=C.UTF-8
source=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
# shellcheck source=tests/scripts/lmm_cases.sh
. "$source/tests/scripts/lmm_cases.sh"

# answers STATUS KEY: to whoever asks for the list of keys with this one.
answers() {
    [ "$(curl -s --noproxy '*' -o /dev/null -w '%{http_code}' "$url/v1/keys" \
        -H "Authorization: Bearer $2")" = "$1" ]
}
is a_key_is_made lmm 0 api-key create 'the till' admin --json
key=$(jq -r .key <<<"$out") id=$(jq -r .id <<<"$out")
is with_its_name_and_scopes test "$(jq -c '[.name, .scopes, .expires]' <<<"$out")" = '["the till",["admin"],null]'
is it_opens answers 200 "$key"
is another_ends_by_itself lmm 0 api-key create short admin --expires 3600 --json
is and_says_when test "$(jq -r '.expires > .created' <<<"$out")" = true
is no_scope_is_made_up lmm 1 api-key create x nothing
is and_the_server_says_so complains invalid_key
is a_key_s_life_is_a_number lmm 2 api-key create x admin --expires soon
is they_are_listed lmm 0 api-key list --json
is by_name test "$(jq -c '[.[].name] | sort' <<<"$out")" = '["short","the till"]'
is without_secrets test "$(jq '[.[] | has("key")] | any' <<<"$out")" = false
is people_see_them lmm 0 api-key list
is a_line_each prints_like "($hex|[^ ]+)  .*the till  admin.*"

is a_key_may_have_limits lmm 0 api-key create 'the mill' admin --limits transaction=0.5,day=20 --json
mill=$(jq -r .id <<<"$out")
is which_are_told test "$(jq -c .limits <<<"$out")" = '{"transaction":"0.5","day":"20","total":null}'
is with_what_is_spent test "$(jq -c .spent <<<"$out")" = '{"today":"0","total":"0"}'
is the_list_says_so eval 'lmm 0 api-key list && [[ $out = *"the mill  admin  limited"* ]]'
is they_are_changed lmm 0 api-key limit "$mill" --limits total=3
is and_shown eval '[[ $out = *"total  3 LMM"* && $out != *"day "[0-9]* ]]'
is and_taken_away lmm 0 api-key limit "$mill"
is which_is_said prints 'no limits'
is a_limit_has_a_name_that_there_is lmm 1 api-key limit "$mill" --limits week=3
is and_an_amount lmm 2 api-key limit "$mill" --limits day

# By which account the server signs: a devnet's has all roles.
fishery=$(jq -r '.accounts[] | select(.role == "fishery") | .address' devnet.json)
is the_server_s_accounts_are_listed lmm 0 signer list --json
is its_own_first test "$(jq -r '.[0].name' <<<"$out")" = server
is then_those_by_name test "$(jq -r '.[] | select(.name == "fishery") | .address' <<<"$out")" = "$fishery"
is people_see_them_too eval 'lmm 0 signer list && [[ $out = *"$fishery  fishery"* ]]'
is a_key_is_bound_to_one lmm 0 api-key create 'the fish' capture admin --signer fishery --out fish.txt
is which_is_said eval '[[ $out = *"signer  fishery"* ]]'
is and_listed eval 'lmm 0 api-key list && [[ $out = *"the fish  capture admin  as fishery"* ]]'
is what_it_makes_is_bound_as_it_is lmm 0 api-key create 'its hand' capture --api-key-file fish.txt --json
is to_the_same_account test "$(jq -r .signer <<<"$out")" = fishery
is it_gives_away_no_other lmm 1 api-key create x capture --signer server --api-key-file fish.txt
is and_is_told complains other_signer
# captures KEY: an event, by a server that signs for this key; who signed it.
captures() {
    local job tx
    job=$(curl -s --noproxy '*' -o /dev/null -D - "$url/capture" -H "Authorization: Bearer $1" \
        -H 'Content-Type: application/json' --data-binary @"$source/docs/examples/shipping.json" |
        tr -d '\r' | sed -n 's/^Location: //p')
    tx=$(curl -s --noproxy '*' "$url$job" | jq -r '.tx[0]')
    curl -s --noproxy '*' -o /dev/null "$url/v1/transactions/$tx?wait=final"
    curl -s --noproxy '*' "$url/v1/transactions/$tx/decoded" | jq -r '[.sender, .code] | join(" ")'
}
is what_it_captures_is_signed_by_that_company test "$(captures "$(cat fish.txt)")" = "$fishery OK"
own=$(jq -r '.accounts[] | select(.role == "server") | .address' devnet.json)
is others_are_the_server_s test "$(captures "$api_key")" = "$own OK"
is no_name_is_made_up lmm 1 api-key create x capture --signer bakery
is and_those_that_there_are_are_told complains 'server, witness-1'

# The firm's members.
boss=$(jq -r '.accounts[0].address' devnet.json)
is a_member_is_made lmm 0 member add "$boss" owner 'the boss' --json
is with_name_and_role test "$(jq -c '[.address, .role, .name, .limits]' <<<"$out")" = "[\"$boss\",\"owner\",\"the boss\",null]"
is once lmm 1 member add "$boss" owner 'the boss'
is which_is_said complains is_member
is the_last_owner_stays lmm 1 member remove "$boss"
is and_the_server_says_why complains last_owner
other=$(jq -r '.accounts[1].address' devnet.json)
is another_has_limits lmm 0 member add "$other" operator Ann --limits day=5
is and_is_shown prints_like "$other  operator  Ann  limited|day  5 LMM|spent.*"
is roles_change lmm 0 member change "$other" auditor --json
is and_limits_stay test "$(jq -c '[.role, .limits.day]' <<<"$out")" = '["auditor","5"]'
is members_are_listed eval 'lmm 0 member list && [[ $out = *"owner     the boss"* && $out = *"auditor   Ann  limited"* ]]'
is one_is_bound_to_an_account lmm 0 member change "$other" auditor --signer shop
is which_is_shown prints_like "$other  auditor   Ann  as shop  limited"
is and_stays eval 'lmm 0 member change "$other" operator && [[ $out = *"as shop"* ]]'
is no_account_is_made_up lmm 1 member change "$other" operator --signer bakery
is they_are_taken_away lmm 0 member remove "$other" --json
is and_it_says_so prints "{\"removed\": \"$other\"}"
is no_path_is_smuggled lmm 1 member remove '../keys'
is the_log_tells_of_it eval 'lmm 0 member log && [[ $out = *"member.removed  member:$other  operator"* ]]'
is what_no_role_is_is_refused lmm 1 member add "$other" king Ann

# Whoever has the key of a server may do as much as it may.
(umask 077 && echo "$key" >key.txt)
is asks_with_a_file lmm 0 api-key list --api-key-file key.txt --devnet nowhere.json --url "$url"
is not_without lmm 1 api-key list --devnet nowhere.json --url "$url"
is and_asks_for_one complains 'which API key to use?'
LMM_API_KEY=$key is or_with_the_environment lmm 0 api-key list --devnet nowhere.json --url "$url"
LMM_API_KEY=wrong is a_wrong_one_is_refused lmm 1 api-key list
is and_it_is_said complains 'HTTP 401'

is takes_another_secret lmm 0 api-key rotate "$id" --overlap 0 --out new.txt --json
is which_it_does_not_print test "$(jq 'has("key")' <<<"$out")" = false
is but_keeps_for_its_owner test "$(stat -c %a new.txt)" = 600
is which_opens answers 200 "$(cat new.txt)"
is the_old_one_does_not answers 401 "$key"
is nothing_is_written_over lmm 1 api-key create lost admin --out new.txt
is and_nothing_is_made eval 'lmm 0 api-key list && [[ $out != *lost* ]]'
is revokes lmm 0 api-key revoke "$id" --json
is and_says_it prints "{\"revoked\": \"$id\"}"
is it_opens_no_more answers 401 "$(cat new.txt)"
is an_unknown_one_is_told_of lmm 1 api-key revoke "${id//[0-9]/a}"

close_cases
