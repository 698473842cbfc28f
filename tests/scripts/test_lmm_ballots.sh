#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `lmm` with a devnet's real server: what witnesses decide together, and evidence against one. Run in
# the build root by `make check`.
set -euo pipefail
export LC_ALL=C.UTF-8
source=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
# shellcheck source=tests/scripts/lmm_cases.sh
. "$source/tests/scripts/lmm_cases.sh"

# shown FILTER: what jq makes of the JSON that was printed.
shown() { jq -c "$1" <<<"$out"; }
is_done() { prints_like "\{\"id\": \"$hex\", $done\}"; }
fails_as() { [ "$(shown .code)" = "\"$1\"" ]; }
pot=$build/docs/examples/pot/pot.wasm
for name in witness-1 witness-2; do
    lmm 0 keys show $name --json
    declare "${name/-/_}=$(jq -r .address <<<"$out")"
done

is nobody_asks_for_anything lmm 0 ballots
is and_it_says_so prints 'no witness asks for anything'
is a_witness_approves lmm 0 approve parameters witness-1 min_gas_price=2 deposit_per_byte=30000 --wait
is and_reads_of_what complains 'min_gas_price: 1 -> 2 (the least price of gas, in base units)'
is it_is_listed lmm 0 ballots --json
is with_old_and_new test "$(shown '.items[0].changes | map([.name, .then])')" = \
    '[["min_gas_price",2],["deposit_per_byte",30000]]'
is with_who_it_was test "$(shown '[.seats, .quorum, .items[0].approvals, (.items[0].witnesses | map(.account))]')" = \
    "$(jq -nc --arg a "${witness_1:?}" '[4, 3, 1, [$a]]')"
is people_read_it lmm 0 ballots
is how_many_it_takes prints_like '.*open: 1 of 4 witnesses approve, 3 decide.*'
is what_would_change prints_like '.*min_gas_price: 1 -> 2 .*deposit_per_byte: [0-9]+ -> 30000 .*'
is when prints_like '.*takes effect at height 120, epoch 1, if it is decided in this one.*'
is who prints_like ".*approved by witness 0, $witness_1.*"

is nobody_else_may lmm 1 approve parameters bob min_gas_price=2 --wait --json
is for_it_is_no_witness fails_as NOT_A_WITNESS
is an_older_protocol_is_none lmm 1 approve parameters witness-3 protocol=0 --wait
is and_nobody_makes_epochs_longer lmm 2 approve parameters witness-1 epoch_blocks=3
is which_never_changes complains 'epoch_blocks is no parameter that changes'
for bad in min_gas_price min_gas_price=x min_gas_price=-1 min_gas_price=18446744073709551616 \
    min_witnesses=65536 'min_gas_price=1 '; do
    is "no_number_is_${bad//[^a-z0-9]/_}" lmm 2 approve parameters witness-1 "$bad"
done

is another_approves_of_the_same lmm 0 approve same witness-2 witness-1 --wait --json
is that_is_done is_done
is of_just_that lmm 0 ballots --json
is they_are_two test "$(shown '[.items[].approvals]')" = '[2]'
is nobody_follows_who_asks_for_nothing lmm 1 approve same witness-3 witness-4
is and_is_told complains 'is no witness that approves of anything'
is takes_it_back lmm 0 approve nothing witness-2 --wait --json
is is_alone_again lmm 0 ballots --json
is as_before test "$(shown '[.items[].approvals]')" = '[1]'
is a_third lmm 0 approve same witness-3 "$witness_1" --wait
is and_a_fourth lmm 0 approve same witness-4 "$witness_1" --wait
is decide lmm 0 ballots --json
is and_nothing_is_open test "$(shown '[.items, (.decided | map([.approves, .takes_effect.epoch]))]')" = \
    '[[],[["parameters",1]]]'
is what_is_decided_stays lmm 0 approve parameters witness-1 min_witnesses=3 --wait
is unless_it_is_named lmm 0 ballots --json
is all_of_it test "$(shown '.items[0].changes | map([.name, .then])')" = \
    '[["min_gas_price",2],["deposit_per_byte",30000],["min_witnesses",3]]'

# Code, whose hashes everybody makes anew.
is code_is_approved lmm 0 approve code witness-1 supplychain "$pot" --wait --json
is by_two lmm 0 approve code witness-2 supplychain "$pot" --wait --json
is it_is_no_parameter lmm 0 ballots
is but_code prints_like '.*open: 2 of 4 .*other code for contract lmm1.*code hash [0-9a-f]{64}.*'
is nobody_brings_it_yet lmm 1 contract upgrade bob supplychain "$pot" --wait --json
is not_even_bob fails_as NOT_UPGRADER
is a_third_approves lmm 0 approve same witness-3 witness-2 --wait
is it_waits lmm 0 ballots
is for_whoever_brings_it prints_like '.*decided.*takes effect when somebody brings the code.*'
is no_such_contract lmm 2 approve code witness-1 nothing "$pot"

# Evidence: two votes for two things in a view, whose signatures are nobody's.
zeros() { head -c "$1" /dev/zero; }
{ zeros 18 && printf '\2' && zeros 96 && printf '\3\1' && zeros 95; } >false.evidence
is evidence_is_looked_at lmm 1 evidence bob false.evidence --wait --json
is by_the_chain fails_as BAD_EVIDENCE
{ zeros 18 && printf '\1' && zeros 96 && printf '\2\1' && zeros 95; } >none.evidence
is what_may_be_signed_is_none lmm 1 evidence bob none.evidence
is and_is_called_so complains 'is no evidence'
is a_file_must_be_there lmm 1 evidence bob nowhere
is or_it_is_said complains 'cannot be read'

close_cases
