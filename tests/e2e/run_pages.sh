#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A market's pages in Chromium, against a server of the build on a chain of its own. Run in the build
# root by `make e2e`; with LMM_URL set, against that server.
#   run_pages.sh [MARKET PROGRAM...]   else the supply chain's
set -eu
: "${srcdir:=.}"
[ $# -gt 0 ] || set -- supplychain "$srcdir/tests/e2e/supplychain.mjs" \
    "$srcdir/tests/e2e/custody.mjs"
market=$1
shift
data=
server=
# shellcheck disable=SC2317 # the trap below calls it
finish() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server"; } || :
    [ -z "$data" ] || rm -rf "$data" "$data.log"
}
trap finish EXIT
trap 'exit 130' INT TERM

. "$srcdir/web/test/packages.sh"
fetch_test_packages || { echo "npm cannot fetch the packages of the tests" >&2 && exit 1; }
if [ -z "${LMM_URL:-}" ]; then
    data=$(mktemp -d)
    "./lmm-$market" --data "$data" --listen 127.0.0.1:0 --web "web/$market" --devnet 2>"$data.log" &
    server=$!
    # ready.json comes by rename once /readyz answers; a server that is gone never writes it.
    deadline=$(($(date +%s) + ${START_S:-120}))
    until [ -f "$data/ready.json" ]; do
        kill -0 "$server" 2>/dev/null || { cat "$data.log" >&2 && exit 1; }
        [ "$(date +%s)" -lt "$deadline" ] || {
            cat "$data.log" >&2
            echo "the server was not ready within ${START_S:-120} s" >&2
            exit 1
        }
        sleep 0.1
    done
    LMM_URL=$(sed -n 's/.*"url": *"\([^"]*\)".*/\1/p' "$data/ready.json")
fi
export LMM_URL NODE_PATH="$PWD/web/node_modules"
status=0
for program; do
    node "$program" || status=1
done
exit $status
