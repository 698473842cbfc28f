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
new() { "$lmm" keys new "$1" --keystore keys --json 2>/dev/null | jq -r .address; }
address=$(new first)
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

close_cases
