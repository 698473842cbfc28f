#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A contract in AssemblyScript: compiled where npm can fetch the compiler, then run on a node. Run in
# the build root by `make e2e`.
set -eu
: "${srcdir:=.}"
folder=tests/assemblyscript
program=tests/joint/test_assemblyscript
if ! command -v npm >/dev/null; then
    echo "SKIPPED AssemblyScript: npm is not installed"
    exit 77
fi
mkdir -p "$folder"
for file in package.json package-lock.json .npmrc poll.ts poll.json names.mjs; do
    [ "$folder/$file" -ef "$srcdir/$folder/$file" ] || cp "$srcdir/$folder/$file" "$folder/$file"
done
if ! (cd "$folder" && npm ci --silent --no-audit --no-fund >/dev/null 2>&1); then
    echo "SKIPPED AssemblyScript: npm cannot fetch the compiler"
    exit 77
fi
(cd "$folder" && node node_modules/assemblyscript/bin/asc.js poll.ts -o poll.wasm --runtime stub \
    --use abort= --optimizeLevel 3 --noAssert --memoryBase 1024 --transform ./names.mjs)
"./$program"
echo "{\"assemblyscript\": \"$(wc -c <"$folder/poll.wasm") bytes, runs\"}"
