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
# shellcheck source=tests/js/fetch.sh
. "$srcdir/tests/js/fetch.sh"
fetch_judge "$srcdir" || skip "npm or ajv cannot be had"
judge=tests/js

cases=tests/vectors/epcis_mutations.tsv
trap 'rm -f "$cases"' EXIT
node "$srcdir/tests/vectors/epcis_mutations.mjs" "$judge" "$data" \
    "${COUNT:-10000}" "${SEED:-1}" >"$cases"
tests/vectors/epcis_verdicts "$cases"
echo "COUNTED 1 passed, 0 failed"
