#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Seeded mutations of GS1's examples, captured over HTTP: the server takes what GS1's own schema takes
# and refuses the rest with 400. Run in the build root by `make check`; by hand: COUNT=100000 SEED=7 srcdir=.. ../apps/supplychain/test/mutations.sh
set -Eeuo pipefail

source_dir=$(cd "${srcdir:-.}" && pwd)
data=${LMM_SHARED_DATA:-$source_dir/../shared/data}/epcis
# shellcheck source=tests/js/fetch.sh
. "$source_dir/tests/js/fetch.sh"
if [ ! -f "$data/EPCIS-JSON-Schema.json" ] || ! fetch_judge "$source_dir"; then
    echo "SKIPPED GS1's files, npm or ajv are not here"
    exit 77
fi
work=$(mktemp -d)
server_pid=
cleanup() {
    [ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
node "$source_dir/tests/vectors/epcis_mutations.mjs" tests/js "$data" "${COUNT:-10000}" "${SEED:-1}" \
    >"$work/cases"
./lmm-supplychain --data "$work/data" --listen 127.0.0.1:0 --devnet 2>"$work/log" &
server_pid=$!
while ! [ -f "$work/data/ready.json" ]; do
    kill -0 "$server_pid" || { tail -n 3 "$work/log" >&2 && exit 1; }
    read -rt 0.05 <> <(:) || true
done
node "$source_dir/apps/supplychain/test/mutations.mjs" "$work/data/ready.json" "$work/cases"
echo "COUNTED 1 passed, 0 failed"
