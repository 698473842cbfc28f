#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `make api-test`: a running server, asked and judged by programs that nobody here wrote. Portman
# makes a request for each operation of /openapi.json, Newman sends it, and Prism, between them,
# holds each answer against the document. Run in the build root; the programs come from npm.
set -Eeuo pipefail

source_dir=$(cd "${srcdir:-.}" && pwd)/tests/openapi/strangers
work=$(mktemp -d)
server='' proxy=''
stop() {
    for process in $proxy $server; do
        kill "$process" 2>/dev/null || :
        wait "$process" 2>/dev/null || :
    done
    rm -rf "$work"
}
trap stop EXIT
cp "$source_dir"/{package.json,package-lock.json,.npmrc,judge.mjs} "$work"
(cd "$work" && npm ci --silent --no-audit --no-fund)
./lmm-supplychain --devnet --data "$work/data" --listen 127.0.0.1:0 >"$work/log" 2>&1 &
server=$!
until [ -f "$work/data/ready.json" ]; do
    kill -0 $server 2>/dev/null || { cat "$work/log" >&2 && exit 1; }
    read -rt 0.05 <> <(:) || :
done
url=$(jq -r .url "$work/data/ready.json")
key=$(jq -r .api_key "$work/data/ready.json")
cd "$work"
curl -sSf "$url/openapi.json" >openapi.json
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => {
    console.log(s.address().port); s.close(); })')
node_modules/.bin/prism proxy openapi.json "$url" -p "$port" >prism.log 2>&1 &
proxy=$!
until grep -q 'is listening' prism.log; do
    kill -0 $proxy 2>/dev/null || { cat prism.log >&2 && exit 1; }
    read -rt 0.05 <> <(:) || :
done
echo '{"version": 1.0, "tests": {"contractTests": []}}' >portman.json
node_modules/.bin/portman -l openapi.json -b "http://127.0.0.1:$port" -c portman.json \
    -o collection.json -n false >portman.log 2>&1
# Newman fails for the one stream, which has no end.
node_modules/.bin/newman run collection.json --env-var "bearerToken=$key" --timeout-request 3000 \
    --timeout 240000 --reporters json --reporter-json-export report.json >newman.log 2>&1 || :
node judge.mjs openapi.json report.json
