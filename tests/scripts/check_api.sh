#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Does docs/api.md, and docs/api-MARKET.md for each other market that ./run starts, say what its server
# answers under /openapi.json, and does a test ask each operation? With --write it puts the documents in
# place. Run in the build root.
set -Eeuo pipefail

top=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
work=$(mktemp -d)
server=
stop() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || :
    rm -rf "$work"
}
trap stop EXIT
if ! command -v jq >/dev/null || ! command -v curl >/dev/null; then
    echo "SKIPPED jq or curl are not here"
    exit 77
fi
# openapi_of MARKET: what its server answers, in $work/MARKET.json.
openapi_of() {
    local market=$1
    "./lmm-$market" --devnet --data "$work/$market" --listen 127.0.0.1:0 >"$work/log" 2>&1 &
    server=$!
    until [ -f "$work/$market/ready.json" ]; do
        kill -0 $server 2>/dev/null || { cat "$work/log" >&2 && exit 1; }
        read -rt 0.05 <> <(:) || :
    done
    curl -sSf "$(jq -r .url "$work/$market/ready.json")/openapi.json" >"$work/$market.json"
    kill $server && wait $server
    server=
}
passed=1 failed=0
# compare MARKET DOCUMENT BASE...
compare() {
    local market=$1 document=$2
    shift 2
    openapi_of "$market"
    "$top/scripts/api-doc" "$work/$market.json" "$top/tests/openapi/asked.txt" "$@" >"$work/api.md"
    if [ $write = yes ]; then
        cp "$work/api.md" "$top/$document"
    elif diff -u "$top/$document" "$work/api.md"; then
        passed=$((passed + 1))
    else
        echo "$document is stale; if the change is meant: make api-doc"
        failed=$((failed + 1))
    fi
}
write=no
[ "${1:-}" != --write ] || write=yes
compare supplychain docs/api.md
read -ra markets < <(sed -n '/^MARKETS=/{s/^MARKETS=(//;s/)$//;s/:[^ ]*//g;p}' "$top/run")
for market in "${markets[@]}"; do
    [ "$market" = supplychain ] || compare "$market" "docs/api-$market.md" "$work/supplychain.json"
done
# What nobody asks has to be noticed.
grep -v '^get /v1/chain ' "$top/tests/openapi/asked.txt" >"$work/less.txt"
if "$top/scripts/api-doc" "$work/supplychain.json" "$work/less.txt" >/dev/null 2>&1; then
    echo "an operation that no test asks is not noticed" >&2
    exit 1
fi
# Each documented answer is got by a test, but for those that are named with the reason why not; and
# those are indeed not got.
# open_answers DOCUMENTS...: METHOD PATTERN CODE of what a document says that no test gets.
open_answers() {
    sed -n '/^## What tests get/,$s/^- `\([^`]*\)`: \(.*\)$/\1 \2/p' "$@" |
        while read -r method path codes; do
            for code in ${codes//,/}; do echo "$method $path $code"; done
        done | LC_ALL=C sort
}
# hold_open DOCUMENTS...
hold_open() {
    diff <(grep -v '^#' "$top/tests/openapi/untested.txt" | cut -d ' ' -f 1-3 | LC_ALL=C sort) \
        <(open_answers "$@")
}
if ! hold_open "$top"/docs/api*.md; then
    echo "> no test gets it: write one; < one does: take it out of tests/openapi/untested.txt"
    failed=$((failed + 1))
fi
# shellcheck disable=SC2016 # the backquotes are Markdown's
printf '## What tests get of it\n- `GET /v1/chain`: 200\n' >"$work/open.md"
if hold_open "$top"/docs/api*.md "$work/open.md" >/dev/null; then
    echo "a documented answer that no test gets is not noticed" >&2
    exit 1
fi
passed=$((passed + 1))
# And so has what is listed and asked no more.
cut -d ' ' -f 1-3 "$top/tests/openapi/asked.txt" >"$work/notes.txt"
"$top/scripts/api-asked" --holds "$top/tests/openapi/asked.txt" "$work/notes.txt"
if grep -v '^get /v1/chain 200$' "$work/notes.txt" >"$work/less.txt" &&
    "$top/scripts/api-asked" --holds "$top/tests/openapi/asked.txt" "$work/less.txt" >"$work/said"; then
    echo "an answer that no test gets any more is not noticed" >&2
    exit 1
fi
grep -q '^get /v1/chain 200$' "$work/said"
passed=$((passed + 1))
echo "COUNTED $passed passed, $failed failed"
[ $failed -eq 0 ]
