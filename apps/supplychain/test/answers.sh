#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What GET /events answers for each of GS1's examples, judged by others than ourselves: by GS1's own
# schema, run by ajv, and by a comparison of the events in JavaScript. Run in the build root by
# `make check`; by hand: srcdir=.. ../apps/supplychain/test/answers.sh
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
trap 'rm -rf "$work"' EXIT
LMM_ANSWERS=$work CK_RUN_CASE=examples ./apps/supplychain/test/test_server >"$work/log" 2>&1 ||
    { tail -n 5 "$work/log" >&2 && exit 1; }
node "$source_dir/apps/supplychain/test/answers.mjs" tests/js "$data" "$work"
