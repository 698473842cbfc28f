#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Does docs/api.md say what a server answers under /openapi.json, and does a test ask each operation?
# With --write it puts the document in place. Run in the build root.
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
./lmm-supplychain --devnet --data "$work/data" --listen 127.0.0.1:0 >"$work/log" 2>&1 &
server=$!
until [ -f "$work/data/ready.json" ]; do
    kill -0 $server 2>/dev/null || { cat "$work/log" >&2 && exit 1; }
    read -rt 0.05 <> <(:) || :
done
url=$(sed -n 's/.*"url":"\([^"]*\)".*/\1/p' "$work/data/ready.json")
curl -sSf "$url/openapi.json" >"$work/openapi.json"
"$top/scripts/api-doc" "$work/openapi.json" "$top/tests/openapi/asked.txt" >"$work/api.md"
# What nobody asks has to be noticed.
grep -v '^get /v1/chain ' "$top/tests/openapi/asked.txt" >"$work/less.txt"
if "$top/scripts/api-doc" "$work/openapi.json" "$work/less.txt" >/dev/null 2>&1; then
    echo "an operation that no test asks is not noticed" >&2
    exit 1
fi
if [ "${1:-}" = --write ]; then
    cp "$work/api.md" "$top/docs/api.md"
elif ! diff -u "$top/docs/api.md" "$work/api.md"; then
    echo "docs/api.md is stale; if the change is meant: make api-doc"
    echo 'COUNTED 1 passed, 1 failed'
    exit 1
fi
echo 'COUNTED 2 passed, 0 failed'
