#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `lmm` with a devnet's real server: who signs and who pays, stake, candidates, votes. Run in the build
# root by `make check`.
set -euo pipefail
export LC_ALL=C.UTF-8
source=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
# shellcheck source=tests/scripts/lmm_cases.sh
. "$source/tests/scripts/lmm_cases.sh"

# shown FILTER: what jq makes of the JSON that was printed.
shown() { jq -c "$1" <<<"$out"; }
is_done() { prints_like "\{\"id\": \"$hex\", $done\}"; }
declare -A at key
for name in alice bob faucet server witness-1 witness-2; do
    is "shows_the_key_of_$name" lmm 0 keys show $name --json
    at[$name]=$(jq -r .address <<<"$out") key[$name]=$(jq -r .public_key <<<"$out")
done
is shows_an_account lmm 0 account show bob --json
is with_all_members test "$(shown keys_unsorted)" = \
    '["address","balance","units","next_seq","authority","stake","candidate","votes","earned","height","proof"]'
is and_nothing_but_money test "$(shown '[.balance,.authority,.stake,.candidate,.votes]')" = \
    '["10000000",null,null,null,[]]'

# Who pays.
is another_pays lmm 0 transfer bob alice 1 --payer faucet --wait --json
is and_it_is_done is_done
is to_the_unit lmm 0 balance bob
is the_sender_lost_what_it_sent prints '9999999 LMM'
is nobody_pays_for_free lmm 1 transfer bob alice 1 --payer nobody

# Two of three keys.
is sets_keys lmm 0 account set-keys bob 2 bob:1 alice:1 "${key[faucet]}:1" --wait --json
is and_so_it_stands lmm 0 account show bob --json
is all_three_of_them test "$(shown '[.authority.threshold, (.authority.keys | map(.key) | sort)]')" = \
    "$(jq -nc --arg a "${key[bob]}" --arg b "${key[alice]}" --arg c "${key[faucet]}" '[2, ([$a, $b, $c] | sort)]')"
is people_are_told lmm 0 account show bob
is each_key_with_its_weight prints_like ".*key        ${key[alice]}, weight 1 of 2.*"
is one_key_is_too_few lmm 1 transfer bob alice 1
is and_the_node_says_so complains NOT_AUTHORIZED
is two_are_enough lmm 0 transfer faucet,bob alice 1 --account bob --wait --json
is whoever_they_are is_done
is of_two_keys_no_account_follows lmm 1 transfer alice,bob alice 1
is and_it_asks complains 'which one is --account?'
is a_stranger_does_not_sign lmm 1 transfer alice,server alice 1 --account bob
is and_is_told complains 'none that signs for the account'
is keys_that_reach_nothing_are_refused lmm 2 account set-keys alice 3 alice bob
is and_nobody_could_sign complains 'nobody could sign'
is twice_the_same_too lmm 2 account set-keys alice 1 alice alice
for bad in alice:0 alice:65536 alice:x; do
    is "no_weight_is_${bad#*:}" lmm 2 account set-keys alice 1 $bad
done

# Stake and candidates.
is too_little_is_no_candidate lmm 1 candidate register witness-1 "${key[server]}" 5 --wait
is for_its_stake prints_like '.*\(STAKE_TOO_SMALL\)'
is locks lmm 0 stake lock witness-1 6000000 --wait --json
is locks_of_a_second lmm 0 stake lock witness-2 5000000 --wait --json
is registers lmm 0 candidate register witness-1 "${key[server]}" 5.25 --wait --json
is registers_a_second lmm 0 candidate register witness-2 "${key[faucet]}" 0 --wait --json
is no_commission_is_over_all lmm 2 candidate register witness-1 "${key[server]}" 100.01
is nor_has_it_three_digits lmm 2 candidate register witness-1 "${key[server]}" 1.234
is votes lmm 0 vote alice "${at[witness-1]}" witness-2 --wait --json
is for_each_once lmm 2 vote alice witness-1 witness-1
is lists_candidates lmm 0 candidate list --json
is both_of_them test "$(shown '[.[] | {a: .address, key, c: .commission, is_active}] | sort_by(.c)')" = \
    "$(jq -nc --arg a "${at[witness-1]}" --arg b "${at[witness-2]}" --arg k "${key[server]}" \
        --arg l "${key[faucet]}" '[{a: $b, key: $l, c: 0, is_active: true}, {a: $a, key: $k, c: 525, is_active: true}]')"
list=$out
is page_by_page test "$(curl -sf --noproxy '*' -D heads "$url/v1/candidates?perPage=1" | jq -c '.items')" = \
    "$(jq -c '.[:1]' <<<"$list")"
next=$(tr -d '\r' <heads | sed -n 's/^Link: <\(.*\)>; rel="next"$/\1/p')
is to_the_end test "$(curl -sf --noproxy '*' -D heads "$url$next" | jq -c '.items')" = "$(jq -c '.[1:]' <<<"$list")"
is which_has_no_next eval '! grep -qi ^link heads'
for query in perPage=0 perPage=1001 perPage=x nextPageToken=lmm1q; do
    is "no_page_is_${query//=/_}" test "$(curl -s --noproxy '*' "$url/v1/candidates?$query" | jq -r .code)" = invalid_query
done
is people_see_them_too lmm 0 candidate list
is with_their_commission prints_like ".*${at[witness-1]}  [0-9.]+ LMM of votes, 5.25 % commission, key ${key[server]}.*"
is the_account_says_it lmm 0 account show witness-1 --json
is as_the_list_does test "$(shown '[.stake.locked, .candidate.commission]')" = '["6000000",525]'
is the_voter_too lmm 0 account show alice --json
is for_whom test "$(shown '.votes | sort')" = \
    "$(jq -nc --arg a "${at[witness-1]}" --arg b "${at[witness-2]}" '[$a, $b] | sort')"
is resigns lmm 0 candidate resign witness-1 --wait --json
is begins_to_unlock lmm 0 stake unlock witness-1 1000000 --wait --json
is takes_nothing_before_its_time lmm 1 stake withdraw witness-1 --wait --json
is and_is_told_so prints_like ".*\"code\": \"NOTHING_READY\".*"
is votes_for_nobody lmm 0 vote alice --wait --json
is and_is_rid_of_them lmm 0 account show alice --json
is all_of_them test "$(shown .votes)" = '[]'
is it_is_seen lmm 0 account show witness-1
is with_what_is_unlocking prints_like '.*unlocking  1000000 LMM, ready 20[0-9T:.Z-]+.*, resigned.*'

close_cases
