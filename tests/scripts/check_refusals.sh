#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Does each code with which a market's contract refuses come to a test both ways: by the market's API, and
# by a raw transaction to the server of another market? tests/refusals/asked.txt says which test gets it,
# tests/refusals/untested.txt what cannot come; ./check holds the first against what tests have noted. The
# codes are those of the contract's description, which are those of its source.
set -Eeuo pipefail

top=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v jq >/dev/null || { echo "SKIPPED jq is not here" && exit 77; }

# wanted ABI...: "refused CONTRACT/CODE WAY" for each way of each code.
wanted() {
    jq -r '.name as $name | .errors | keys[] | "refused \($name)/\(.) \("api", "raw")"' "$@" | LC_ALL=C sort
}
ways() { grep -hv '^#' "$@" | cut -d ' ' -f 1-3 | LC_ALL=C sort; }

failed=0
# hold ABI...
hold() { diff <(wanted "$@") <(ways "$top"/tests/refusals/{asked,untested}.txt); }
markets=()
read -ra names < <(sed -n '/^MARKETS=/{s/^MARKETS=(//;s/)$//;s/:[^ ]*//g;p}' "$top/run")
for name in "${names[@]}"; do markets+=("$top/apps/$name/contract/abi.json"); done
if ! hold "${markets[@]}"; then
    echo "< no test gets it that way: write one, and make api-asked; > one does, or there is no such code: take it out"
    failed=$((failed + 1))
fi
# told CONTRACT: the codes of its source's enumerations of refusals. 1 is the sdk's for all contracts.
told() {
    { echo 1 && sed -n '/^enum .*refusal/,/^}/s/.* = \([0-9]*\),.*/\1/p' "$top/apps/$1/contract/"*.[ch]; } | sort -nu
}
for name in "${names[@]}"; do
    if ! diff <(told "$name") <(jq -r '.errors | keys[]' "$top/apps/$name/contract/abi.json" | sort -n); then
        echo "< has no sentence in apps/$name/contract/abi.json; > is no code of its source"
        failed=$((failed + 1))
    fi
done
# What no test gets has to be noticed.
jq '.errors["999"] = "a rule of tomorrow"' "${markets[0]}" >"$work/abi.json"
if hold "$work/abi.json" "${markets[@]:1}" >/dev/null; then
    echo "a code that no test gets is not noticed" >&2
    failed=$((failed + 1))
fi
# A reason stands with each that cannot come.
if grep -v '^#' "$top/tests/refusals/untested.txt" | grep -Evn '^refused [a-z]+/[0-9]+ (api|raw) .'; then
    echo "these lines of tests/refusals/untested.txt do not say why" >&2
    failed=$((failed + 1))
fi
echo "COUNTED $((3 + ${#names[@]} - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
