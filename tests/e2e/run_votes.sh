#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Stake, votes and rewards in Chromium, on a chain whose epochs end every two seconds. It is a devnet's
# but for that and for the key of its witness: the keys of a devnet's witnesses stay theirs, and here two
# newcomers stand with keys of their own, which the server has and signs with once they are elected. Run
# in the build root by `make e2e`.
set -eu
: "${srcdir:=.}"
folder=$(mktemp -d)
server=
# shellcheck disable=SC2317 # the trap below calls it
finish() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server"; } || :
    rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT TERM

. "$srcdir/web/test/packages.sh"
fetch_test_packages || { echo "npm cannot fetch the packages of the tests" >&2 && exit 1; }
command -v jq >/dev/null || { echo "SKIPPED votes: no jq" && exit 77; }
./lmm-supplychain --data "$folder/unused" --devnet --write-genesis "$folder/devnet"
./lmm genesis keys 3 --out "$folder/keys" >"$folder/public.json"
./lmm genesis show "$folder/devnet" | jq --slurpfile made "$folder/public.json" '
    .params += {epoch_blocks: 4, block_interval_ms: 500, min_witnesses: 1, leave_out_empty_blocks: false} |
    .witnesses = [.witnesses[0] | .key = $made[0].witnesses[0].key] |
    .accounts += [{address: $made[0].server, balance: "1000000"}]' >"$folder/devnet/votes.json"
./lmm genesis make "$folder/devnet/votes.json" --out "$folder/genesis" >/dev/null
./lmm-supplychain --data "$folder/data" --listen 127.0.0.1:0 --web web/supplychain \
    --genesis "$folder/genesis" --keys "$folder/keys" --keys-in-clear 2>"$folder/log" &
server=$!
deadline=$(($(date +%s) + ${START_S:-120}))
until [ -f "$folder/data/ready.json" ]; do
    if ! kill -0 "$server" 2>/dev/null || [ "$(date +%s)" -ge "$deadline" ]; then
        cat "$folder/log" >&2
        echo "the server is not ready" >&2
        exit 1
    fi
    sleep 0.1
done
# By this `lmm` knows the devnet's people, who have their money here too.
jq '{chain_id, block_interval_ms, servers: {supplychain: {url, api_key, pid, data_dir}},
    mnemonic: "test test test test test test test test test test test junk",
    accounts: [["alice", 0, 0], ["carrier", 4, 1], ["grid", 4, 3] |
        {role: .[0], address: "", path: "m/44\u0027/5718\u0027/0\u0027/\(.[1])\u0027/\(.[2])\u0027"}]}' \
    "$folder/data/ready.json" >"$folder/devnet.json"
LMM_URL=$(jq -r .url "$folder/data/ready.json")
DEVNET=$folder/devnet.json
CONSENSUS_KEYS=$(jq -r '[.witnesses[1:][].key] | join(" ")' "$folder/public.json")
export LMM_URL DEVNET CONSENSUS_KEYS NODE_PATH="$PWD/web/node_modules"
node "$srcdir/tests/e2e/votes.mjs"
