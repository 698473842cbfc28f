#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Our EPCIS schema gives the verdicts of GS1's own, run by ajv, on seeded mutations of GS1's
# examples. Run in the build root by `make check`; by hand: COUNT=100000 SEED=7 srcdir=.. $0
set -eu
: "${srcdir:=.}"
data=${LMM_SHARED_DATA:-$srcdir/../shared/data}/epcis
skip() {
    echo "SKIPPED EPCIS mutations: $1"
    exit 77
}
[ -f "$data/EPCIS-JSON-Schema.json" ] || skip "the public test data is not there"
command -v node >/dev/null || skip "node is not installed"

judge=tests/js
if [ ! -d "$judge/node_modules/ajv-formats" ]; then
    command -v npm >/dev/null || skip "npm is not installed"
    mkdir -p "$judge"
    for file in package.json package-lock.json .npmrc; do
        [ -f "$judge/$file" ] || cp "$srcdir/tests/js/$file" "$judge/$file"
    done
    (cd "$judge" && npm ci --silent --no-audit --no-fund >/dev/null 2>&1) ||
        skip "npm cannot fetch ajv"
fi

cases=tests/vectors/epcis_mutations.tsv
trap 'rm -f "$cases"' EXIT
node "$srcdir/tests/vectors/epcis_mutations.mjs" "$judge" "$data" \
    "${COUNT:-10000}" "${SEED:-1}" >"$cases"
tests/vectors/epcis_verdicts "$cases"
echo "COUNTED 1 passed, 0 failed"
