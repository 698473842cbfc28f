#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A real server under clients that mean no good: hostile.sh [MILLISECONDS [SHARE [KIND]]]. Its limits are a
# chain's usual ones, but for the number of connections.
set -eu
: "${srcdir:=.}"
folder=$(mktemp -d /tmp/lmm-hostile-XXXXXX)
server=
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ -z "$server" ] || wait "$server" 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' INT TERM
./lmm-supplychain --devnet --data "$folder/data" --listen 127.0.0.1:0 --connections 8192 \
    --subscribers 5000 --limit-address 6000/500 --limit-key 60000/2000 --log-level error \
    >"$folder/log" 2>&1 &
server=$!
tries=0
until [ -f "$folder/data/ready.json" ]; do
    tries=$((tries + 1))
    if [ $tries -gt 200 ] || ! kill -0 "$server" 2>/dev/null; then
        cat "$folder/log" >&2
        exit 1
    fi
    sleep 0.05
done
port=$(sed -n 's/.*"url":"[a-z]*:\/\/[^:]*:\([0-9]*\)".*/\1/p' "$folder/data/ready.json")
key=$(sed -n 's/.*"api_key":"\([0-9a-f]*\)".*/\1/p' "$folder/data/ready.json")
# Something to be asked for.
curl -sS -o "$folder/capture" -H "Authorization: Bearer $key" -H 'Content-Type: application/json' \
    --data-binary "@$srcdir/docs/examples/shipping.json" "http://127.0.0.1:$port/capture"
curl -sS -o "$folder/block" --retry 40 --retry-all-errors --retry-delay 1 -f \
    "http://127.0.0.1:$port/v1/blocks/1"
tests/hostile/hostile "$port" "$key" "$server" "${1:-10000}" "${2:-100}" ${3:+"$3"}
kill -0 "$server" || { echo "hostile: the server is gone" >&2; cat "$folder/log" >&2; exit 1; }
