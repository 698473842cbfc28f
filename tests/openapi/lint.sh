#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a server answers under /openapi.json, judged by a public linter (Redocly's). Run in the build
# root by `make check`.
set -Eeuo pipefail

source_dir=$(cd "${srcdir:-.}" && pwd)/tests/openapi
work=$(mktemp -d)
server=
stop() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || :
    rm -rf "$work"
}
trap stop EXIT
for file in package.json package-lock.json .npmrc lint.mjs; do cp "$source_dir/$file" "$work"; done
if ! command -v node >/dev/null || ! command -v npm >/dev/null ||
    ! (cd "$work" && npm ci --silent --no-audit --no-fund >/dev/null 2>&1); then
    echo "SKIPPED npm or the linter are not here"
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
# What the linter lets pass is worth nothing unless it also refuses.
sed 's/"responses"/"answers"/' "$work/openapi.json" >"$work/bad.json"
if (cd "$work" && node lint.mjs bad.json >/dev/null); then
    echo "the linter takes operations without responses" >&2
    exit 1
fi
cd "$work" && node lint.mjs openapi.json
echo 'COUNTED 2 passed, 0 failed'
