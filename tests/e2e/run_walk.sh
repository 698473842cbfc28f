#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every page of every market by keyboard, at 320 px and under axe, on the stand-in (web/dev/walk.ts). Run
# in the build root by `make e2e`.
set -eu
: "${srcdir:=.}"
. "$srcdir/web/test/packages.sh"
fetch_test_packages || { echo "npm cannot fetch the packages of the tests" >&2 && exit 1; }
export NODE_PATH="$PWD/web/node_modules"
status=0
for market in supplychain sharing energy sample; do
    node "$srcdir/web/dev/run.mjs" walk "web/$market" "$@" || status=1
done
exit $status
