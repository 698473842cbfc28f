#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Three servers of one chain, and a client of the pages' library that chooses among them. Run in the
# build root by `make e2e`.
set -euo pipefail
: "${srcdir:=.}"
source=$(cd "$srcdir" && pwd)
folder=$(mktemp -d)
servers=()
# shellcheck disable=SC2317 # the trap below calls it
finish() {
    for server in "${servers[@]}"; do
        kill "$server" 2>/dev/null || continue
        wait "$server" || true
    done
    rm -rf "$folder"
}
trap finish EXIT
# free_ports COUNT: that nobody listens on now.
free_ports() {
    node -e 'const net = require("net"), open = [];
        for (let i = 0; i < process.argv[1]; i++) open.push(net.createServer().listen(0, "127.0.0.1"));
        setImmediate(() => { console.log(open.map((one) => one.address().port).join(" ")); open.forEach((one) => one.close()); });' "$1"
}
read -r -a ports <<<"$(free_ports 4)"
prices=(0.05 0.25 0.01)
keys=("1,2,3,4" none none)
for i in 0 1 2; do
    network=(--peers "127.0.0.1:${ports[3]}")
    [ $i -gt 0 ] || network=(--peer-listen "127.0.0.1:${ports[3]}")
    ./lmm-supplychain --data "$folder/$i" --devnet --listen 127.0.0.1:0 --witness-keys "${keys[i]}" "${network[@]}" \
        --public-url "http://127.0.0.1:${ports[i]}" --price-per-mib "${prices[i]}" 2>>"$folder/log" &
    servers+=($!)
done
NODES=
for i in 0 1 2; do
    until [ -f "$folder/$i/ready.json" ]; do
        kill -0 "${servers[i]}" 2>/dev/null || { cat "$folder/log" >&2 && exit 1; }
        sleep 0.1
    done
    NODES+="${NODES:+ }$(sed -n 's/.*"url": *"\([^"]*\)".*/\1/p' "$folder/$i/ready.json")"
done
export NODES PORTS="${ports[*]:0:3}" NODE_PATH="$PWD/web/node_modules"
cp "$source/tests/e2e/nodes.mjs" "$folder/nodes.mjs"
node --input-type=module -e "
    import { FOR_NODE, bundle } from '$source/web/bundler.mjs';
    await bundle({ ...FOR_NODE, entryPoints: ['$source/web/lib/nodes.ts'], outfile: '$folder/nodes-lib.mjs' });"
status=0
node --test --test-reporter=tap "$folder/nodes.mjs" >"$folder/tap" || status=1
[ $status -eq 0 ] || cat "$folder/tap" "$folder/log"
echo "COUNTED $(grep -c '^ok ' "$folder/tap" || true) passed, $(grep -c '^not ok ' "$folder/tap" || true) failed"
exit $status
