#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# MODULES random modules through vm_differential, in batches, two at a time; FIRST is the first
# seed. Its last line is one JSON object. Exit 2 without binaryen or wabt.
set -Eeuo pipefail

modules=${MODULES:-200} first=${FIRST:-1} batch=100
for tool in wasm-opt wasm-interp; do
    command -v $tool >/dev/null && continue
    echo "$tool is missing. Please run:" >&2
    echo "sudo apt-get install --yes --no-install-recommends binaryen wabt" >&2
    exit 2
done
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT
status=0
for ((start = 0; start < modules; start += batch)); do
    count=$((modules - start < batch ? modules - start : batch))
    printf '%d %d\n' $((first + start)) $count
done | xargs -P 2 -L 1 ./tests/vectors/vm_differential >"$lines" || status=1

total() { # of one field, over all batches
    local sum=0 value
    while read -r value; do sum=$((sum + value)); done \
        < <(sed -n "s/.*\"$1\": \([0-9]*\).*/\1/p" "$lines")
    echo $sum
}
printf '{"modules": %d, "executions": %d, "mismatches": %d}\n' \
    "$(total modules)" "$(total executions)" "$(total mismatches)"
exit $status
