#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A devnet whose first start is cut off within its demo rows ends when it is asked to, and is
# not taken for whole by the next start. Run in the build root by `make check`.
set -euo pipefail
export no_proxy='*'
for need in curl jq; do
    command -v $need >/dev/null || { echo "SKIPPED demo rows: no $need" && exit 77; }
done
work=$(mktemp -d)
server=
cleanup() {
    [ -z "$server" ] || kill -9 "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
passed=0 failed=0
check() {
    local name=$1
    shift
    if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)) && echo "FAILED $name" && cat "$work/log"; fi
}
begin() { # its second block comes in a minute, and its demo needs two
    ./lmm-sample --devnet --demo --block-time 60000 --data "$work/data" --listen 127.0.0.1:0 \
        >"$work/log" 2>&1 &
    server=$!
}
ended() { # its status in `status`
    status=0
    wait "$server" || status=$?
    server=
}
port() { jq -rR 'fromjson? | select(.module == "http" and .message == "listening") | .port' "$work/log" 2>/dev/null; }
has_a_block() {
    [ -n "$(port)" ] && [ "$(curl -s "http://127.0.0.1:$(port)/v1/chain" | jq '.head.height // .height' 2>/dev/null)" -ge 1 ] 2>/dev/null
}

begin
until has_a_block; do
    kill -0 $server 2>/dev/null || { cat "$work/log" && exit 1; }
    read -rt 0.05 <> <(:) || true
done
check not_ready_before_its_rows_are_whole test ! -e "$work/data/ready.json"
kill "$server"
ended
check ends_well_when_it_is_asked_to test $status -eq 0
begin
ended
check is_not_taken_for_whole test $status -eq 5
check and_says_why grep -q 'cut off within its demo rows' "$work/log"
rm -rf "$work/data"

echo "COUNTED $passed passed, $failed failed"
[ $failed -eq 0 ]
