#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Four nodes, and a fifth that joins by their snapshot: see join.mjs. Run in the build root by `make e2e`.
set -eu
: "${srcdir:=.}"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
unset http_proxy https_proxy all_proxy ALL_PROXY HTTP_PROXY HTTPS_PROXY
status=0
FOLDER=$folder SOURCE=$(cd "$srcdir" && pwd) \
    node --test --test-reporter=tap "$srcdir/tests/e2e/join.mjs" >"$folder/tap" 2>&1 || status=1
sed -nE 's/^# (joined in|[0-9]+ blocks|The index)/\1/p' "$folder/tap"
[ $status -eq 0 ] || { cat "$folder/tap" && tail -n 30 "$folder"/n?.log; }
echo "COUNTED $(grep -c '^ok ' "$folder/tap" || true) passed, $(grep -c '^not ok ' "$folder/tap" || true) failed"
exit $status
